//! `sip-tls options`: the table of options, from the rows that the library reads them with.

use serde::Serialize;
use sip_tls::options::{OPTIONS, OptionInfo};

use crate::failure::{Exit, Failure};
use crate::output::{self, Table};

#[derive(clap::Args)]
#[command(
    after_help = "The options are in domain `system`, section `security`; `-o NAME=VALUE` also sets them."
)]
pub(crate) struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    match args.json {
        true => output::json(&Record {
            options: OPTIONS.iter().map(Row::from).collect(),
        })?,
        false => print()?,
    }
    Ok(Exit::Done)
}

/// Prints the options as text for people.
fn print() -> Result<(), Failure> {
    for (number, option) in OPTIONS.iter().enumerate() {
        if number > 0 {
            output::line("")?;
        }
        let name = output::bold(option.name);
        let older = option.older_name.map(|older| format!(" (older: {older})"));
        output::line(format!("{name}{}", older.unwrap_or_default()))?;
        let mut table = Table::default();
        let rows = [
            ("meaning", option.meaning),
            ("values", option.values),
            ("default", option.default),
        ];
        for (heading, text) in rows {
            table.row([heading.to_owned(), text.to_owned()]);
        }
        output::line(table)?;
    }
    Ok(())
}

/// The options as `--json` prints them.
#[derive(Serialize)]
struct Record {
    options: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    older_name: Option<&'static str>,
    meaning: &'static str,
    values: &'static str,
    default: &'static str,
}

impl From<&OptionInfo> for Row {
    fn from(option: &OptionInfo) -> Self {
        Self {
            name: option.name,
            older_name: option.older_name,
            meaning: option.meaning,
            values: option.values,
            default: option.default,
        }
    }
}
