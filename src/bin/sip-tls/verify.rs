use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lexopt::Parser;
use lexopt::prelude::*;
use rustls::pki_types::{CertificateDer, UnixTime};
use serde::Serialize;
use sip_tls::crypto;
use sip_tls::options::{FileList, NameCheck};
use sip_tls::pki::{self, Opener};
use sip_tls::verify::{Finding, Purpose, ReferenceName, RevocationDepth, Verifier, VerifyStatus};

use crate::connection::{FindingRecord, OpensslCode};
use crate::date;
use crate::failure::{Exit, Failure};
use crate::help;
use crate::output::{self, Table};
use crate::passphrase;
use crate::settings::JsonError;

pub(crate) fn run(parser: Parser) -> Result<Exit, Failure> {
    let Some(args) = Args::parse(parser)? else {
        return help(HELP);
    };
    let status = match args.status() {
        Ok(status) => status,
        Err(failure) => {
            if args.json {
                let error = failure.message();
                output::json(&JsonError { error })?;
            }
            return Err(failure);
        }
    };
    match args.json {
        true => output::json(&Record::new(&args.chain, &status))?,
        false => args.print(&status)?,
    }
    Ok(match status.is_accepted() {
        true => Exit::Done,
        false => Exit::Refused,
    })
}

struct Args {
    json: bool,
    verbose: bool,
    trusted_ca: Vec<String>,
    crl: Vec<String>,
    depth: RevocationDepth,
    host: Option<String>,
    purpose: Purpose,
    at: i64,
    chain: String,
    passphrase_file: Option<PathBuf>,
}

impl Args {
    /// `None` if help was asked for.
    fn parse(mut parser: Parser) -> Result<Option<Self>, Failure> {
        let mut chain: Option<OsString> = None;
        let mut args = Self {
            json: false,
            verbose: false,
            trusted_ca: Vec::new(),
            crl: Vec::new(),
            depth: RevocationDepth::default(),
            host: None,
            purpose: Purpose::Server,
            at: date::now(),
            chain: String::new(),
            passphrase_file: None,
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Short('v') | Long("verbose") => args.verbose = true,
                Long("json") => args.json = true,
                Long("trusted-ca") => args.trusted_ca.push(parser.value()?.string()?),
                Long("crl") => args.crl.push(parser.value()?.string()?),
                Long("crl-depth") => args.depth = parser.value()?.parse_with(revocation_depth)?,
                Long("host") => args.host = Some(parser.value()?.string()?),
                Long("purpose") => args.purpose = parser.value()?.parse_with(purpose)?,
                Long("at") => args.at = parser.value()?.parse()?,
                Long("passphrase-file") => args.passphrase_file = Some(parser.value()?.into()),
                Value(file) if chain.is_none() => chain = Some(file),
                _ => return Err(arg.unexpected().into()),
            }
        }
        let Some(chain) = chain else {
            return Err(Failure::unusable(
                "no file with a certificate chain is given",
            ));
        };
        args.chain = chain.string()?;
        Ok(Some(args))
    }

    fn status(&self) -> Result<VerifyStatus, Failure> {
        let passphrases = passphrase::passphrases(self.passphrase_file.as_deref())?;
        let opener = Opener::new(passphrases);
        let verifier = self.verifier(&opener)?;
        let chain = self.chain(&opener)?;
        let reference = self.host.as_deref().map(ReferenceName::new);
        let seconds = u64::try_from(self.at).unwrap_or(0);
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        Ok(verifier.verify(&chain, self.purpose, reference.as_ref(), now))
    }

    fn verifier(&self, opener: &Opener) -> Result<Verifier, Failure> {
        let base = crypto::default_base()?;
        let mut builder = Verifier::builder(&crypto::client_provider(&base))
            .name_check(match self.host {
                Some(_) => NameCheck::Host,
                None => NameCheck::Off,
            })
            .revocation_depth(self.depth);
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
            // They count once revocation is checked, as with OpenSSL.
            for roots in among_roots {
                let lists = roots.into_revocation_lists().map_err(Failure::unusable)?;
                builder = builder.revocation_lists(lists);
            }
        }
        builder.build().map_err(Failure::unusable)
    }

    /// The certificates that a peer would send. A folder has no first one.
    fn chain(&self, opener: &Opener) -> Result<Vec<CertificateDer<'static>>, Failure> {
        if Path::new(&self.chain).is_dir() {
            let text = format!("`CHAIN`: {} is a directory", self.chain);
            return Err(Failure::unusable(text));
        }
        let file = FileList::new(&self.chain, None).named("CHAIN");
        let chain = pki::roots::load_with(&file, opener).map_err(Failure::unusable)?;
        let certificates = chain.certificates().iter();
        Ok(certificates
            .map(|certificate| certificate.der().clone())
            .collect())
    }

    fn print(&self, status: &VerifyStatus) -> Result<(), Failure> {
        if let Some(finding) = status.error() {
            output::line(finding)?;
        } else {
            output::line(format!("{}: OK", self.chain))?;
        }
        match self.verbose {
            true => output::line(details(status)),
            false => Ok(()),
        }
    }
}

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
            .map(|list| format!(", says the list of {list}"));
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
            &format!("not revoked, says the list of {list}"),
        );
    }
    table
}

fn revocation_depth(word: &str) -> Result<RevocationDepth, &'static str> {
    match word {
        "chain" => Ok(RevocationDepth::Chain),
        "covered" => Ok(RevocationDepth::Covered),
        "end-entity" => Ok(RevocationDepth::EndEntity),
        _ => Err("it is `end-entity`, `covered` or `chain`"),
    }
}

fn purpose(word: &str) -> Result<Purpose, &'static str> {
    match word {
        "client" => Ok(Purpose::Client),
        "server" => Ok(Purpose::Server),
        _ => Err("it is `server` or `client`"),
    }
}

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
}

impl<'a> Record<'a> {
    fn new(file: &'a str, status: &'a VerifyStatus) -> Self {
        Self {
            file,
            openssl: status.code().into(),
            depth: status.error().map(Finding::depth),
            error: status.error().map(Finding::to_string),
            findings: FindingRecord::all(Some(status)),
            path: status.path(),
            matched_name: status.matched_name(),
            revocation_list: status.revocation_list(),
        }
    }
}

const HELP: &str = "\
Verifies a certificate chain with OpenSSL's rules, as `openssl verify` does, without a network.

Usage: sip-tls verify --trusted-ca FILE [OPTIONS] CHAIN

  CHAIN               PEM or DER file, the end entity's certificate first, then what a peer
                      would send with it
  --trusted-ca FILE   the trusted CAs; `webpki-roots` for Mozilla's public ones; repeatable
  --crl FILE          revocation lists: turns revocation checks on; repeatable
  --crl-depth WHICH   which certificates the lists must cover: `end-entity` (OpenSSL's
                      -crl_check), `chain` (-crl_check_all), or `covered`, the default: the end
                      entity, and no other certificate may be revoked
  --host NAME         the name or address the certificate must be for
  --purpose WHICH     whose certificate it is: `server`, the default, or `client`
  --at UNIX_SECONDS   the time of the verification; now if not said
  --passphrase-file FILE
                      open PKCS#12 with the first line of this file
  -v, --verbose       print all findings and the path
  --json              print one JSON object

Prints `CHAIN: OK`, or the error that OpenSSL would report first, such as
`error 23 at depth 0: certificate revoked (X509_V_ERR_CERT_REVOKED)`.
";
