//! What an endpoint makes of the suites it is to offer.

use std::collections::BTreeMap;

use sip_tls::crypto;
use sip_tls::options::{CipherList, CipherSuite, Role, Selection, TlsOptions, Unusable};
use sip_tls::supported_suites;

use crate::failure::Failure;

/// The suites of both protocol versions, offered or not.
pub(crate) struct Suites {
    pub(crate) tls13: Option<Selection>,
    pub(crate) tls12: Option<Selection>,
}

impl Suites {
    /// Selects as an endpoint does that opens connections.
    pub(crate) fn of(options: &TlsOptions) -> Result<Self, Failure> {
        let supported = supported(options.cipher_list(), Role::Client)?;
        let (role, level) = (Role::Client, options.security_level());
        let protocol = options.sec_protocol();
        let tls13 = protocol.allows_tls13();
        let tls12 = protocol.allows_tls12();
        Ok(Self {
            tls13: tls13.then(|| options.ciphersuites().select(role, level, &supported)),
            tls12: tls12.then(|| options.cipher_list().select(role, level, &supported)),
        })
    }

    /// The suites that are not offered, by cause.
    pub(crate) fn left_out(&self) -> Vec<(Unusable, Vec<&'static CipherSuite>)> {
        let selections = self.tls13.iter().chain(&self.tls12);
        by_cause(selections.flat_map(Selection::left_out))
    }
}

/// Groups suites by what keeps them out, the most frequent cause first.
pub(crate) fn by_cause(
    suites: impl Iterator<Item = (&'static CipherSuite, Unusable)>,
) -> Vec<(Unusable, Vec<&'static CipherSuite>)> {
    let mut groups = BTreeMap::new();
    for (suite, cause) in suites {
        let (_, group) = groups
            .entry(cause.to_string())
            .or_insert_with(|| (cause, Vec::new()));
        group.push(suite);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|(_, suites)| std::cmp::Reverse(suites.len()));
    groups
}

/// The numbers of the suites that can be had on one side.
pub(crate) fn supported(list: &CipherList, role: Role) -> Result<Vec<u16>, Failure> {
    let base = crypto::default_base()?;
    Ok(supported_suites(list, &base, role))
}

/// The names of suites, separated by `separator`.
pub(crate) fn names(
    suites: impl IntoIterator<Item = &'static CipherSuite>,
    separator: &str,
) -> String {
    let names: Vec<_> = suites.into_iter().map(CipherSuite::openssl_name).collect();
    names.join(separator)
}
