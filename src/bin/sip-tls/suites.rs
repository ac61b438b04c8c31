//! Groups the suites that are not offered, by reason.
//!
//! A cipher list of OpenSSL selects a hundred suites that rustls does not have. One line for each
//! reason is enough.

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Groups suites by the reason that keeps them out, the most frequent reason first.
pub(crate) fn by_cause(
    suites: impl Iterator<Item = (&'static str, String)>,
) -> Vec<(String, Vec<&'static str>)> {
    let mut groups: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (suite, cause) in suites {
        groups.entry(cause).or_default().push(suite);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, suites)| Reverse(suites.len()));
    groups
}
