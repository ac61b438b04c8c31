//! `sip-tls crl show`: what lists in files say of themselves. Nothing is verified here.

use serde::Serialize;
use sip_tls::options::FileList;
use sip_tls::pki::{self, Opener, RevocationList};

use crate::failure::{Exit, Failure};
use crate::output::{self, Table, bold, printable};
use crate::settings::tell_json;
use crate::{lists, passphrase};

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The files, in PEM or DER, or folders of them
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Print a JSON object for each list
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let lists = tell_json(args.json, args.lists())?;
    for list in &lists {
        match args.json {
            true => output::json(&Record::of(list))?,
            false => print(list)?,
        }
    }
    Ok(Exit::Done)
}

impl Args {
    fn lists(&self) -> Result<Vec<RevocationList>, Failure> {
        let opener = Opener::new(passphrase::passphrases(None)?);
        let mut lists = Vec::new();
        for file in &self.files {
            let file = FileList::new(file, None).named("");
            let found = pki::crls::load_with(&file, &opener).map_err(Failure::unusable)?;
            lists.extend(found.into_lists());
        }
        Ok(lists)
    }
}

/// Prints a list for people, under its place in the file.
fn print(list: &RevocationList) -> Result<(), Failure> {
    let (facts, origin) = (list.facts(), list.origin().to_string());
    output::line(bold(&printable(&origin)))?;
    let mut table = Table::default();
    let mut row = |name: &str, value: String| table.row([name.to_owned(), value]);
    row("issuer", printable(facts.issuer()));
    row("number", facts.number().unwrap_or("none").to_owned());
    row("issued", lists::made(facts.this_update()));
    row("next update", lists::next_update(facts.next_update()));
    row("entries", facts.entries().to_string());
    output::line(table)
}

/// A list as `--json` prints it. Times are seconds since 1970.
#[derive(Serialize)]
struct Record<'a> {
    file: String,
    issuer: &'a str,
    number: Option<&'a str>,
    this_update: Option<i64>,
    next_update: Option<i64>,
    entries: usize,
}

impl<'a> Record<'a> {
    fn of(list: &'a RevocationList) -> Self {
        let facts = list.facts();
        Self {
            file: list.origin().to_string(),
            issuer: facts.issuer(),
            number: facts.number(),
            this_update: facts.this_update(),
            next_update: facts.next_update(),
            entries: facts.entries(),
        }
    }
}

const AFTER_HELP: &str = "\
The signatures are not verified, because this needs the CA (`sip-tls verify --crl`).

JSON: `file` is the place of the list; `issuer` and `number` are as OpenSSL prints them;
`this_update` and `next_update` are seconds since 1970; `entries` is the number of revoked
certificates.";
