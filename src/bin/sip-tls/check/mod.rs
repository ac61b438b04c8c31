mod record;
mod text;

use lexopt::Parser;
use lexopt::prelude::*;
use sip_tls::Endpoint;
use sip_tls::options::TlsOptions;
use sip_tls::pki::Passphrases;
use sip_tls::profile::Connectivity;
use sip_tls::report::Report;

use crate::failure::{Exit, Failure};
use crate::help;
use crate::output;
use crate::settings::{JsonError, Settings};

pub(crate) fn run(parser: Parser) -> Result<Exit, Failure> {
    let Some(args) = Args::parse(parser)? else {
        return help(HELP);
    };
    let findings = match args.findings() {
        Ok(findings) => findings,
        Err(failure) => {
            if args.json {
                let error = failure.message();
                output::json(&JsonError { error })?;
            }
            return Err(failure);
        }
    };
    match args.json {
        true => output::json(&record::Record::from(&findings))?,
        false => text::print(&findings)?,
    }
    findings.failure.map_or(Ok(Exit::Done), Err)
}

struct Args {
    settings: Settings,
    json: bool,
}

/// What there is to say of a configuration.
struct Findings {
    config: Option<String>,
    connectivities: Vec<Connectivity>,
    options: Option<TlsOptions>,
    report: Report,
    has_server_side: bool,
    failure: Option<Failure>,
}

impl Args {
    /// `None` if help was asked for.
    fn parse(mut parser: Parser) -> Result<Option<Self>, Failure> {
        let mut args = Self {
            settings: Settings::default(),
            json: false,
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Short('o') => args.settings.add_pair(&mut parser)?,
                Long("json") => args.json = true,
                Long("passphrase-file") => args.settings.set_passphrase_file(&mut parser)?,
                Value(config) => args.settings.set_config(config)?,
                _ => return Err(arg.unexpected().into()),
            }
        }
        match args.settings.is_empty() {
            true => Err(Failure::unusable(
                "neither a configuration nor `-o NAME=VALUE` is given",
            )),
            false => Ok(Some(args)),
        }
    }

    fn findings(&self) -> Result<Findings, Failure> {
        let loaded = self.settings.load()?;
        let lines = loaded
            .profile
            .as_ref()
            .map(|profile| profile.connectivities());
        let mut findings = Findings {
            config: self.settings.config(),
            connectivities: lines.unwrap_or_default().to_vec(),
            options: None,
            report: loaded.report,
            has_server_side: false,
            failure: None,
        };
        match loaded.options {
            Ok(options) => findings.build(options, loaded.passphrases),
            Err(failure) => findings.failure = Some(failure),
        }
        Ok(findings)
    }
}

impl Findings {
    fn build(&mut self, options: TlsOptions, passphrases: Passphrases) {
        let builder = Endpoint::builder(options.clone()).passphrases(passphrases);
        let (report, endpoint) = builder.build_with_report();
        self.report = report;
        match endpoint {
            Ok(endpoint) => self.has_server_side = endpoint.server_config().is_ok(),
            Err(error) => self.failure = Some(error.into()),
        }
        self.options = Some(options);
    }
}

const HELP: &str = "\
Loads a configuration and its files, and says what becomes of every option. No network.

Usage: sip-tls check [CONFIG] [-o NAME=VALUE]... [--passphrase-file FILE] [--json]

  CONFIG                  a SipEndpoint.config
  -o NAME=VALUE           set an option, before what CONFIG says; see `sip-tls options`
  --passphrase-file FILE  open encrypted keys and PKCS#12 with the first line of this file;
                          see `sip-tls --help`
  --json                  print one JSON object

Exit code 2 says that an option cannot be honoured; the report is printed all the same.
";
