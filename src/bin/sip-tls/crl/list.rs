//! `sip-tls crl list`: what the cache holds, with the age of each list.

use std::time::{Duration, SystemTime};

use rustls::pki_types::CertificateRevocationListDer;
use serde::Serialize;
use sip_tls::CachedList;
use sip_tls::pki::{CrlFacts, RevocationList};

use crate::failure::{Exit, Failure};
use crate::fetch::FetchArgs;
use crate::output::{self, Table, printable};
use crate::{date, lists};

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    fetch: FetchArgs,
    /// Print a JSON object for each list
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let lists = args.fetch.fetch().list_cache();
    let lists = lists.map_err(Failure::unusable)?;
    let mut kept: Vec<_> = lists.filter_map(Kept::read).collect();
    kept.sort_by(|a, b| (a.facts.issuer(), &a.url).cmp(&(b.facts.issuer(), &b.url)));
    if args.json {
        return kept
            .iter()
            .try_for_each(|list| output::json(&Record::of(list)))
            .map(|()| Exit::Done);
    }
    if kept.is_empty() {
        output::line("there is no list in the cache")?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new([
        "issuer",
        "number",
        "entries",
        "next update",
        "fetched",
        "from",
    ]);
    for list in &kept {
        table.row([
            printable(list.facts.issuer()),
            list.facts.number().unwrap_or("none").to_owned(),
            list.facts.entries().to_string(),
            lists::next_update(list.facts.next_update()),
            ago(list.age()),
            printable(&list.url),
        ]);
    }
    output::line(table)?;
    Ok(Exit::Done)
}

/// A list in the cache.
pub(crate) struct Kept {
    url: String,
    fetched: SystemTime,
    facts: CrlFacts,
}

impl Kept {
    /// Reads a list of the cache. Returns `None` if it is not a revocation list.
    pub(crate) fn read(list: CachedList) -> Option<Self> {
        let (url, fetched) = (list.url().to_owned(), list.fetched());
        let der = CertificateRevocationListDer::from(list.into_der());
        let list = RevocationList::from_der(der).ok()?;
        Some(Self {
            url,
            fetched,
            facts: list.facts().clone(),
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn facts(&self) -> &CrlFacts {
        &self.facts
    }

    /// How long ago the list was fetched. A time in the future, after the clock was set, counts as
    /// now.
    fn age(&self) -> Duration {
        let age = SystemTime::now().duration_since(self.fetched);
        age.unwrap_or_default()
    }
}

/// Says how long something was ago, in the largest unit that fits.
fn ago(age: Duration) -> String {
    let seconds = age.as_secs();
    let (count, unit) = match seconds {
        ..120 => (seconds, "s"),
        120..7_200 => (seconds / 60, "min"),
        7_200..172_800 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit} ago")
}

/// A list as `--json` prints it. Times are seconds since 1970.
#[derive(Serialize)]
struct Record<'a> {
    url: &'a str,
    issuer: &'a str,
    number: Option<&'a str>,
    entries: usize,
    this_update: Option<i64>,
    next_update: Option<i64>,
    fetched: i64,
}

impl<'a> Record<'a> {
    /// Takes the numbers and dates from the list itself.
    fn of(list: &'a Kept) -> Self {
        let facts = &list.facts;
        let age = i64::try_from(list.age().as_secs()).unwrap_or(i64::MAX);
        Self {
            url: &list.url,
            issuer: facts.issuer(),
            number: facts.number(),
            entries: facts.entries(),
            this_update: facts.this_update(),
            next_update: facts.next_update(),
            fetched: date::now().saturating_sub(age),
        }
    }
}

const AFTER_HELP: &str = "\
JSON: `url` is the address of the list; `issuer` and `number` are as OpenSSL prints them;
`this_update`, `next_update` and `fetched` are seconds since 1970; `entries` is the number of
revoked certificates.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_the_largest_unit_that_fits() {
        for (seconds, text) in [
            (0, "0 s ago"),
            (119, "119 s ago"),
            (120, "2 min ago"),
            (7_200, "2 h ago"),
            (172_800, "2 days ago"),
        ] {
            assert_eq!(ago(Duration::from_secs(seconds)), text);
        }
    }
}
