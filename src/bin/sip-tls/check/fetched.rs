//! Revocation lists that are fetched: what is in the cache, and what would be fetched.
//!
//! The check itself fetches nothing. It shows what `crl fetch` has put into the cache, and which lists of our own CAs
//! are not there.

use rustls::pki_types::CertificateDer;
use serde::Serialize;
use sip_tls::CrlFetch;
use sip_tls::check::Checked;
use sip_tls::pki::{self, Opener};
use sip_tls::verify::Purpose;

use crate::crl::Kept;
use crate::output::{Table, bold, printable};
use crate::{date, lists};

/// A list, in the cache or still to be fetched.
#[derive(Serialize)]
pub(super) struct FetchedList {
    issuer: String,
    url: String,
    cached: bool,
    entries: Option<usize>,
    next_update: Option<i64>,
}

/// Finds the lists. Returns `None` if the configuration fetches none. Which lists a peer's CAs have is known only
/// after a connection to that peer.
pub(super) fn lists(checked: &Checked, fetch: &CrlFetch) -> Option<Vec<FetchedList>> {
    if !checked.options().fetches_lists() {
        return None;
    }
    let kept = fetch.list_cache().into_iter().flatten();
    let mut found: Vec<_> = kept
        .filter_map(Kept::read)
        .map(FetchedList::cached)
        .collect();
    found.sort_by(|a, b| (&a.issuer, &a.url).cmp(&(&b.issuer, &b.url)));
    found.extend(missing(checked, &found));
    Some(found)
}

/// Finds the lists of the CAs of our own certificate that are not in the cache: peers often have the same CAs.
fn missing(checked: &Checked, cached: &[FetchedList]) -> Vec<FetchedList> {
    let own = checked.options().certificate().map(|sources| {
        // An unreadable file is reported elsewhere.
        let found = pki::roots::load_with(sources.clone(), &Opener::default()).ok();
        let found = found.iter().flat_map(|found| found.certificates());
        found
            .map(|found| found.der().clone())
            .collect::<Vec<CertificateDer<'static>>>()
    });
    let Some((endpoint, own)) = checked.endpoint().zip(own) else {
        return Vec::new();
    };
    let now = date::unix(date::now());
    let status = endpoint.verifier().verify(&own, Purpose::Client, None, now);
    let is_cached = |url: &String| cached.iter().any(|list| list.url == *url);
    let wanted = status.wanted_lists().iter();
    wanted
        .filter(|wanted| !wanted.urls().iter().any(is_cached))
        .filter_map(|wanted| {
            Some(FetchedList {
                issuer: wanted.issuer().to_owned(),
                url: wanted.urls().first()?.clone(),
                cached: false,
                entries: None,
                next_update: None,
            })
        })
        .collect()
}

impl FetchedList {
    /// A list in the cache, with what it says of itself.
    fn cached(kept: Kept) -> Self {
        let facts = kept.facts();
        Self {
            issuer: facts.issuer().to_owned(),
            entries: Some(facts.entries()),
            next_update: facts.next_update(),
            url: kept.url().to_owned(),
            cached: true,
        }
    }
}

/// Formats the lists as a section of the text report.
pub(super) fn section(found: &[FetchedList]) -> String {
    let title = bold("Fetched revocation lists");
    if found.is_empty() {
        return format!(
            "{title}\n  none in the cache; the lists of a peer's CAs are fetched when a connection is made"
        );
    }
    let mut table = Table::new(["issuer", "entries", "next update", "from"]);
    for list in found {
        let entries = list
            .entries
            .map_or_else(String::new, |entries| entries.to_string());
        let next = match list.cached {
            true => lists::next_update(list.next_update),
            false => "would be fetched".to_owned(),
        };
        table.row([printable(&list.issuer), entries, next, printable(&list.url)]);
    }
    format!("{title}\n{table}")
}
