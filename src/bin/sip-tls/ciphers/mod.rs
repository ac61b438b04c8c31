//! `sip-tls ciphers`: what an OpenSSL cipher string selects, and what an endpoint offers of it.
//!
//! Without options it prints what `openssl ciphers` prints, so that the two can be compared by a script.

mod record;

use std::ffi::OsString;

use sip_tls::crypto;
use sip_tls::options::{
    CipherList, CipherListError, CipherSuite, Role, Rule, SecurityLevel, Selection, Unusable,
};

use crate::failure::{Exit, Failure};
use crate::output::{self, Table, bold, green, printable, yellow};
use crate::suites;

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let list = match CipherList::from_bytes(args.string.as_encoded_bytes()) {
        Ok(list) => list,
        Err(error) => return args.refuse(error),
    };
    let found = Found::new(list, args.role())?;
    match args.form() {
        Form::Json => output::json(&record::Record::from(&found))?,
        Form::Explain => found.explain()?,
        Form::Table => found.table(args.usable)?,
        Form::Line if args.usable => found.print_usable()?,
        Form::Line => output::line(found.list.to_openssl_line())?,
    }
    match args.usable {
        true => found.exit(),
        false => Ok(Exit::Done),
    }
}

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Such as 'HIGH:!aNULL:@STRENGTH'; write `--` before a string that begins with `-`
    #[arg(value_name = "STRING")]
    string: OsString,
    /// Print only the suites that sip-tls offers at the security level in force
    #[arg(long)]
    usable: bool,
    /// Take the role of a server, not of a client
    #[arg(long)]
    server: bool,
    /// Print a table: every suite, and whether it is offered or why not
    #[arg(short, long)]
    verbose: bool,
    /// Explain each word of the string
    #[arg(long)]
    explain: bool,
    /// Print one JSON object with all information
    #[arg(long)]
    json: bool,
}

/// The form of the output.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Form {
    Explain,
    Json,
    Line,
    Table,
}

impl Args {
    fn form(&self) -> Form {
        match self {
            Self { json: true, .. } => Form::Json,
            Self { explain: true, .. } => Form::Explain,
            Self { verbose: true, .. } => Form::Table,
            _ => Form::Line,
        }
    }

    fn role(&self) -> Role {
        match self.server {
            true => Role::Server,
            false => Role::Client,
        }
    }

    /// Refuses the string as `openssl ciphers` does, with the reason. The error tells what each word did.
    fn refuse(&self, error: CipherListError) -> Result<Exit, Failure> {
        match (&error, self.form()) {
            (_, Form::Json) => output::json(&record::Refusal::from(&error))?,
            (CipherListError::NoCipherMatch { rules, .. }, Form::Explain) => explain(rules)?,
            _ => {}
        }
        Err(Failure::new(Exit::Refused, error))
    }
}

/// The result of evaluating a cipher string.
struct Found {
    list: CipherList,
    level: SecurityLevel,
    selection: Selection,
    role: Role,
    supported: Vec<u16>,
}

impl Found {
    /// Selects with the provider that endpoints have by default.
    fn new(list: CipherList, role: Role) -> Result<Self, Failure> {
        let level = SecurityLevel::effective(list.security_level());
        let supported = crypto::supported_suites(&list, &*crypto::default_base()?, role);
        Ok(Self {
            selection: list.select(role, level, &supported),
            list,
            level,
            role,
            supported,
        })
    }

    /// Prints the names of the suites that are offered, in one line. Nothing is printed if there are none.
    fn print_usable(&self) -> Result<(), Failure> {
        let names: Vec<_> = (self.selection.offered())
            .map(CipherSuite::openssl_name)
            .collect();
        match names.first() {
            Some(_) => output::line(names.join(":")),
            None => Ok(()),
        }
    }

    /// With `--usable` an empty result is an error, as it is for an endpoint.
    fn exit(&self) -> Result<Exit, Failure> {
        if self.list.suite_b().is_some() {
            return Err(Failure::new(Exit::Refused, SUITE_B));
        }
        match self
            .list
            .select_some(self.role, self.level, &self.supported)
        {
            Ok(_) => Ok(Exit::Done),
            Err(nothing) => Err(Failure::new(Exit::Refused, nothing)),
        }
    }

    /// Prints the columns of `openssl ciphers -v`, and one column more.
    fn table(&self, only_usable: bool) -> Result<(), Failure> {
        let mut table =
            Table::new(["suite", "protocol", "Kx", "Au", "Enc", "Mac", "sip-tls"]).wide();
        let verdicts = self.selection.verdicts().iter();
        for (suite, obstacle) in verdicts.filter(|(_, o)| o.is_none() || !only_usable) {
            table.row([
                suite.openssl_name().to_owned(),
                suite.min_version().to_string(),
                suite.key_exchange().to_string(),
                suite.authentication().to_string(),
                suite.encryption().to_string(),
                suite.mac().to_string(),
                verdict(*obstacle),
            ]);
        }
        output::line(table)?;
        output::line(format!("\n{}", self.summary()))?;
        for rule in self.list.rules().iter().filter(|rule| rule.is_doubtful()) {
            output::line(output::wrapped(&yellow("warning: "), &rule.to_string()))?;
        }
        Ok(())
    }

    /// Counts the suites, and names the reasons why some are not offered.
    fn summary(&self) -> String {
        let count = self.selection.verdicts().len();
        let offered = self.selection.offered().count();
        let plural = if count == 1 { "" } else { "s" };
        let mut text = format!("{count} suite{plural}, {offered} offered");
        text.push_str(&match self.list.security_level() {
            Some(asked) if asked < self.level => {
                let level = self.level;
                format!(
                    " at security level {level}, the lowest that is supported (`@SECLEVEL={asked}`)"
                )
            }
            _ => format!(" at security level {}", self.level),
        });
        if self.list.suite_b().is_some() {
            text.push_str(&format!("; {SUITE_B}"));
        }
        let mut table = Table::default();
        let left_out = (self.selection.left_out())
            .map(|(suite, cause)| (suite.openssl_name(), cause.to_string()));
        for (cause, group) in suites::by_cause(left_out) {
            table.row([format!("{:>3}", group.len()), cause]);
        }
        format!("{}\n{table}", output::wrapped("", &text))
    }

    fn explain(&self) -> Result<(), Failure> {
        explain(self.list.rules())?;
        output::line(format!("\n{}", self.summary()))
    }
}

/// Prints the effect of each rule. What probably does not do what was meant is yellow.
fn explain(rules: &[Rule]) -> Result<(), Failure> {
    let mut table = Table::new(["word", "what it does"]);
    for rule in rules {
        let what = what(rule);
        let what = match rule.is_doubtful() {
            true => yellow(&what),
            false => what,
        };
        table.row([bold(&printable(rule.text())), what]);
    }
    output::line(table)
}

/// Tells what a rule does, without the text of the rule in front.
fn what(rule: &Rule) -> String {
    let whole = rule.to_string();
    let name = format!("`{}`: ", rule.text().escape_debug());
    whole.strip_prefix(&name).unwrap_or(&whole).to_owned()
}

fn verdict(obstacle: Option<Unusable>) -> String {
    match obstacle {
        None => green("offered"),
        Some(obstacle) => format!("no: {obstacle}"),
    }
}

/// Formats a suite's number in the usual way, such as `0xC02F`.
fn number(suite: &CipherSuite) -> String {
    format!("0x{:04X}", suite.number())
}

const SUITE_B: &str = "Suite B also restricts certificates, so no endpoint accepts this string";

const AFTER_HELP: &str = "\
Selects the suites of TLS 1.2 and older, in order.

Without options it prints the line that `openssl ciphers -ciphersuites '' -- STRING` of OpenSSL 3.0
prints. If that command fails, it exits with 1 and prints OpenSSL's reason. With --usable it also
exits with 1 if no suite is left. The TLS 1.3 suites have their own option, `ciphersuites`.";
