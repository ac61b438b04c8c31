//! `sip-tls verify`: certificate chains against CAs and lists, without a connection.
//!
//! It answers the question of `openssl verify`, with OpenSSL's error and depth. Unlike there, the certificates that a
//! peer would send stand in the same file, after the end entity's. All files are read before the first result is
//! printed.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use rustls::pki_types::CertificateDer;
use serde::Serialize;
use sip_tls::crypto;
use sip_tls::options::{FileList, NameCheck, Source, Sources};
use sip_tls::pki::{self, Opener};
use sip_tls::verify::{
    CheckOutcome, Explanation, Finding, Purpose, ReferenceName, RevocationDepth, Verifier,
    VerifierError, VerifyStatus,
};

use crate::connection::{FindingRecord, OpensslCode};
use crate::date;
use crate::failure::{Context, Exit, Failure};
use crate::output::{self, Table, bold, green, printable, red, yellow};
use crate::passphrase;
use crate::settings::JsonError;

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Files with the end entity's certificate first, then the certificates that a peer would send
    /// with it; `-` for standard input
    #[arg(value_name = "CHAIN", required = true)]
    chains: Vec<String>,
    /// The trusted CAs; `webpki-roots` for Mozilla's public CAs; repeatable
    #[arg(long, value_name = "FILE")]
    trusted_ca: Vec<String>,
    /// More certificates that a peer would send, for all chains; repeatable
    #[arg(long, value_name = "FILE")]
    untrusted: Vec<String>,
    /// Revocation lists; this turns revocation checks on; repeatable
    #[arg(long, value_name = "FILE")]
    crl: Vec<String>,
    /// Which certificates are looked up in the lists: `end-entity` (OpenSSL's -crl_check), `chain`
    /// (-crl_check_all), or `covered`: a list must cover the end entity, and none may revoke
    /// another certificate
    #[arg(long, value_name = "WHICH", default_value = "covered")]
    crl_depth: Depth,
    /// The name or address that the certificate must be for
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// The SIP domain that the certificate must be for (RFC 5922)
    #[arg(long, value_name = "DOMAIN", conflicts_with = "host")]
    sip_domain: Option<String>,
    /// Whose certificate is verified
    #[arg(long, value_name = "WHICH", default_value = "server")]
    purpose: Whose,
    /// The time of the verification, in seconds since 1970 or as 2027-03-01T12:00:00Z; defaults to now
    #[arg(long, value_name = "TIME", value_parser = date::read, allow_hyphen_values = true)]
    at: Option<i64>,
    /// Decrypt PKCS#12 files with the passphrase in the first line of this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Print all findings and the path
    #[arg(short, long)]
    verbose: bool,
    /// Print every step of the path, and each check
    #[arg(long)]
    explain: bool,
    /// Print a JSON object for each chain
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Depth {
    EndEntity,
    Covered,
    Chain,
}

#[derive(Clone, Copy, ValueEnum)]
enum Whose {
    Server,
    Client,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let verified = args.verify().inspect_err(|failure| {
        if args.json {
            let error = failure.message();
            // If the object cannot be printed, the failure still tells the error.
            let _ = output::json(&JsonError { error });
        }
    })?;
    for (file, explanation) in args.chains.iter().zip(&verified) {
        match args.json {
            true => output::json(&Record::new(file, explanation, args.explain))?,
            false => args.print(file, explanation)?,
        }
    }
    let is_accepted = |explanation: &Explanation| explanation.status().is_accepted();
    Ok(match verified.iter().all(is_accepted) {
        true => Exit::Done,
        false => Exit::Refused,
    })
}

impl Args {
    /// Verifies each chain. A file that cannot be read is a failure before anything is printed.
    fn verify(&self) -> Result<Vec<Explanation>, Failure> {
        let passphrases = passphrase::passphrases(self.passphrase_file.as_deref())?;
        let opener = Opener::new(passphrases);
        let verifier = self.verifier(&opener)?;
        let mut untrusted = Vec::new();
        for file in &self.untrusted {
            untrusted.extend(certificates(file, "--untrusted", &opener)?);
        }
        let reference = self.host.as_deref().or(self.sip_domain.as_deref());
        let reference = reference.map(ReferenceName::new);
        let now = date::unix(self.at.unwrap_or_else(date::now));
        let purpose = match self.purpose {
            Whose::Client => Purpose::Client,
            Whose::Server => Purpose::Server,
        };
        let explain = |file: &String| {
            let mut chain = certificates(file, "", &opener)?;
            chain.extend(untrusted.iter().cloned());
            Ok(verifier.explain(&chain, purpose, reference.as_ref(), now))
        };
        self.chains.iter().map(explain).collect()
    }

    /// Makes the verifier. Its security level is the library's default, and not the 0 of `openssl verify`.
    fn verifier(&self, opener: &Opener) -> Result<Verifier, Failure> {
        let base = crypto::default_base()?;
        let mut builder = Verifier::builder(&crypto::client_provider(&base))
            .name_check(match (&self.host, &self.sip_domain) {
                (Some(_), _) => NameCheck::Host,
                (None, Some(_)) => NameCheck::Sip,
                (None, None) => NameCheck::Off,
            })
            .revocation_depth(match self.crl_depth {
                Depth::Chain => RevocationDepth::Chain,
                Depth::Covered => RevocationDepth::Covered,
                Depth::EndEntity => RevocationDepth::EndEntity,
            });
        let mut among_roots = Vec::new();
        for files in &self.trusted_ca {
            if files == "webpki-roots" {
                builder = builder.webpki_roots();
                continue;
            }
            let files = FileList::new(files, None).named("--trusted-ca");
            let roots = pki::roots::load_with(&files, opener).map_err(Failure::unusable)?;
            builder = builder.trusted(roots.certificates());
            among_roots.push(roots);
        }
        if !self.crl.is_empty() {
            for files in &self.crl {
                let files = FileList::new(files, None).named("--crl");
                let lists = pki::crls::load_with(&files, opener).map_err(Failure::unusable)?;
                builder = builder.revocation_lists(lists.into_lists());
            }
            // Lists in the files of the trust anchors count only if revocation is checked, as with OpenSSL.
            for roots in among_roots {
                let lists = roots.into_revocation_lists().map_err(Failure::unusable)?;
                builder = builder.revocation_lists(lists);
            }
        }
        builder.build().map_err(|error| match error {
            VerifierError::NoTrustedCertificate => {
                Failure::unusable(format!("{error}; name CAs with `--trusted-ca`"))
            }
            error => Failure::unusable(error),
        })
    }

    /// Prints the result as text for people, in the words of `openssl verify`.
    fn print(&self, file: &str, explanation: &Explanation) -> Result<(), Failure> {
        let status = explanation.status();
        let prefix = match self.chains.len() {
            1 => String::new(),
            _ => format!("{file}: "),
        };
        match status.error() {
            Some(finding) => output::line(format!("{prefix}{finding}"))?,
            None => output::line(format!("{file}: OK"))?,
        }
        if self.verbose {
            output::line(details(status))?;
        }
        match self.explain {
            true => output::line(steps(explanation)),
            false => Ok(()),
        }
    }
}

/// Reads the certificates of a file, in its order. A folder is refused, because its files have no order. `option` is
/// empty if the file is an argument.
fn certificates(
    file: &str,
    option: &'static str,
    opener: &Opener,
) -> Result<Vec<CertificateDer<'static>>, Failure> {
    if Path::new(file).is_dir() {
        let option = match option {
            "" => String::new(),
            option => format!("`{option}`: "),
        };
        let text = format!("{option}{file} is a directory");
        return Err(Failure::unusable(text));
    }
    let source: Source = match file {
        "-" => Source::bytes("standard input", standard_input()?),
        _ => FileList::new(file, None).into(),
    };
    let sources = Sources::from(source).named(option);
    let chain = pki::roots::load_with(sources, opener).map_err(Failure::unusable)?;
    let certificates = chain.certificates().iter();
    Ok(certificates
        .map(|certificate| certificate.der().clone())
        .collect())
}

/// Reads standard input. It may be as long as a file.
fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin()
        .lock()
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes);
    read.map_err(|error| Failure::unusable(Context::new("cannot read standard input", error)))?;
    match bytes.len() as u64 > MOST_BYTES {
        true => Err(Failure::unusable(format!(
            "standard input is larger than {} MiB",
            MOST_BYTES >> 20
        ))),
        false => Ok(bytes),
    }
}

/// Formats every step for people.
fn steps(explanation: &Explanation) -> String {
    let mut sections = Vec::new();
    for step in explanation.steps() {
        let mut table = Table::default();
        for check in step.checks() {
            let outcome = check.outcome().to_string();
            let outcome = match check.outcome() {
                CheckOutcome::Passed => green(&outcome),
                CheckOutcome::Failed => red(&outcome),
                CheckOutcome::Tolerated => yellow(&outcome),
                _ => outcome,
            };
            table.row([outcome, printable(check.text())]);
        }
        let title = format!("depth {}: {}", step.depth(), printable(step.subject()));
        sections.push(format!("{}\n{table}", bold(&title)));
    }
    sections.join("\n")
}

/// Describes the path and all findings, for `--verbose`.
fn details(status: &VerifyStatus) -> Table {
    let mut table = Table::default();
    let mut row = |name: &str, value: &str| table.row([name.to_owned(), value.to_owned()]);
    for (depth, subject) in status.path().iter().enumerate() {
        row(&format!("depth {depth}"), subject);
    }
    for finding in status.findings() {
        let tolerated = match finding.is_tolerated() {
            true => ", tolerated",
            false => "",
        };
        let list = finding
            .revocation_list()
            .map(|list| format!(", according to the list of {list}"));
        row(
            "found",
            &format!("{finding}{tolerated}{}", list.unwrap_or_default()),
        );
    }
    if let Some(name) = status.matched_name() {
        row("name", &format!("matches {name}"));
    }
    if let Some(list) = status.revocation_list().filter(|_| status.is_accepted()) {
        row(
            "revocation",
            &format!("not revoked according to the list of {list}"),
        );
    }
    table
}

/// A result as `--json` prints it.
#[derive(Serialize)]
struct Record<'a> {
    file: &'a str,
    openssl: OpensslCode,
    depth: Option<usize>,
    error: Option<String>,
    findings: Vec<FindingRecord>,
    path: &'a [String],
    matched_name: Option<&'a str>,
    revocation_list: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepRecord<'a>>>,
}

/// A certificate of the path with `--explain`.
#[derive(Serialize)]
struct StepRecord<'a> {
    depth: usize,
    subject: &'a str,
    checks: Vec<CheckRecord<'a>>,
}

/// A check that was made of it, and how it went.
#[derive(Serialize)]
struct CheckRecord<'a> {
    outcome: String,
    text: &'a str,
}

impl<'a> Record<'a> {
    fn new(file: &'a str, explanation: &'a Explanation, with_steps: bool) -> Self {
        let status = explanation.status();
        let step = |step: &'a sip_tls::verify::PathStep| StepRecord {
            depth: step.depth(),
            subject: step.subject(),
            checks: (step.checks().iter())
                .map(|check| CheckRecord {
                    outcome: check.outcome().to_string(),
                    text: check.text(),
                })
                .collect(),
        };
        Self {
            file,
            openssl: status.code().into(),
            depth: status.error().map(Finding::depth),
            error: status.error().map(Finding::to_string),
            findings: FindingRecord::all(Some(status)),
            path: status.path(),
            matched_name: status.matched_name(),
            revocation_list: status.revocation_list(),
            steps: with_steps.then(|| explanation.steps().iter().map(step).collect()),
        }
    }
}

/// The largest size of a file of certificates, in bytes.
const MOST_BYTES: u64 = 16 << 20;

const AFTER_HELP: &str = "\
Prints `CHAIN: OK`, or the error that OpenSSL would report first, such as `error 23 at depth 0:
certificate revoked (X509_V_ERR_CERT_REVOKED)`. If there are several files, the file's name stands
before the error. The exit code is 1 if a chain is refused.";
