//! `sip-tls crl fetch`: fills the cache before connections need its lists, from cron for example.
//!
//! Which lists are needed is known only from certificates. So the servers of the configuration are connected to, or a
//! chain is read from a file. A verification names what it lacks; that is fetched, until nothing is missing.

use std::collections::BTreeMap;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use serde::Serialize;
use sip_tls::profile::{Profile, Transport};
use sip_tls::verify::{Purpose, VerifyCode, VerifyStatus};
use sip_tls::{Endpoint, ListFailure};

use crate::connect::{Route, Target, seconds};
use crate::failure::{Exit, Failure};
use crate::output::{self, printable};
use crate::settings::{Settings, tell_json};
use crate::{certificates, date};

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
    /// Time limit in seconds for each server, and for the lists of a certificate
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    timeout: Duration,
    /// Print a JSON object for each server or certificate
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let outcomes = tell_json(args.json, args.fetch())?;
    for outcome in &outcomes {
        match args.json {
            true => output::json(outcome)?,
            false => outcome.print()?,
        }
    }
    let has_failed = outcomes.iter().any(|outcome| outcome.error.is_some());
    Ok(match has_failed {
        true => Exit::Network,
        false => Exit::Done,
    })
}

impl Args {
    fn fetch(&self) -> Result<Vec<Outcome>, Failure> {
        let chain = certificates::in_place_of_config(&self.settings)?;
        let loaded = match chain {
            Some(_) => self.settings.without_config().load()?,
            None => self.settings.load()?,
        };
        let fetches = |options: &sip_tls::options::TlsOptions| options.fetches_lists();
        if loaded
            .options
            .as_ref()
            .is_ok_and(|options| !fetches(options))
        {
            let text = "`tls-crl` does not contain `fetch`, so no list is fetched; give `-o tls-crl=fetch`";
            return Err(Failure::unusable(text));
        }
        let (endpoint, profile) = loaded.endpoint(|builder| Ok(builder.timeout(self.timeout)))?;
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().map_err(Failure::unusable)?;
        let outcomes = runtime.block_on(async {
            match (chain, profile) {
                (Some(chain), _) => vec![self.of_chain(&endpoint, &chain).await],
                (None, Some(profile)) => of_servers(&endpoint, &profile).await,
                (None, None) => Vec::new(),
            }
        });
        runtime.shutdown_background();
        match outcomes.is_empty() {
            true => Err(Failure::unusable(
                "there is neither a certificate nor a configuration with a line that uses TLS",
            )),
            false => Ok(outcomes),
        }
    }

    /// Fetches the lists of a chain, one after the other: a verification shows a missing list only once the lists
    /// before it are there.
    async fn of_chain(&self, endpoint: &Endpoint, chain: &[CertificateDer<'_>]) -> Outcome {
        let name = self.settings.config().unwrap_or_default();
        let fetching = fetch_all(endpoint, || verify(endpoint, chain));
        match tokio::time::timeout(self.timeout, fetching).await {
            Ok(found) => Outcome::new(name, found),
            Err(_) => {
                let error = format!(
                    "the lists did not arrive within {} s",
                    self.timeout.as_secs_f32()
                );
                Outcome::failed(name, error)
            }
        }
    }
}

/// Connects to the server of each line that uses TLS. This fetches the lists that the servers' certificates need.
///
/// A server that refuses us, or that we refuse, is a failure: its lists are not known.
async fn of_servers(endpoint: &Endpoint, profile: &Profile) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let lines = profile.connectivities().iter();
    for line in lines.filter(|line| line.transport() == Transport::Tls) {
        let server = Target::from(line).server;
        let name = server.to_string();
        outcomes.push(match Route::Name.connect(endpoint, &server).await {
            Ok(connection) => {
                let chain = connection.peer_certificates().to_vec();
                let found = fetch_all(endpoint, || verify(endpoint, &chain)).await;
                Outcome::new(name, found)
            }
            Err(error) => Outcome::failed(name, error.to_string()),
        });
    }
    outcomes
}

/// Verifies a chain as that of a server, and if it is none, as that of a client.
fn verify(endpoint: &Endpoint, chain: &[CertificateDer<'_>]) -> VerifyStatus {
    let now = date::unix(date::now());
    let verify = |purpose| endpoint.verifier().verify(chain, purpose, None, now);
    let status = verify(Purpose::Server);
    match status.code() {
        VerifyCode::InvalidPurpose => verify(Purpose::Client),
        _ => status,
    }
}

/// Fetches the lists that a verification lacks, until none is missing. Returns the issuers and URLs of the lists.
///
/// The number of rounds is bounded, because each list that arrives may show that another one is missing.
async fn fetch_all(
    endpoint: &Endpoint,
    verify: impl Fn() -> VerifyStatus,
) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut fetched = BTreeMap::new();
    for _ in 0..MOST_ROUNDS {
        let status = verify();
        let wanted = status.wanted_lists();
        if wanted.is_empty() {
            return match status.error() {
                Some(finding) => Err(finding.statement()),
                None => Ok(fetched),
            };
        }
        let failed = |failure: ListFailure| format!("{}: {failure}", failure.issuer());
        endpoint.fetch_lists(&status).await.map_err(failed)?;
        let lists = wanted.iter();
        fetched.extend(lists.map(|list| (list.issuer().to_owned(), list.urls().to_vec())));
    }
    Ok(fetched)
}

/// The result of fetching the lists of one server or certificate.
#[derive(Serialize)]
struct Outcome {
    name: String,
    /// The URLs of the lists, by issuer.
    lists: BTreeMap<String, Vec<String>>,
    error: Option<String>,
}

impl Outcome {
    fn new(name: String, found: Result<BTreeMap<String, Vec<String>>, String>) -> Self {
        match found {
            Ok(lists) => Self {
                name,
                lists,
                error: None,
            },
            Err(error) => Self::failed(name, error),
        }
    }

    fn failed(name: String, error: String) -> Self {
        Self {
            name,
            lists: BTreeMap::new(),
            error: Some(error),
        }
    }

    fn print(&self) -> Result<(), Failure> {
        let name = printable(&self.name);
        if let Some(error) = &self.error {
            return output::line(format!("{name}: {}", printable(error)));
        }
        if self.lists.is_empty() {
            return output::line(format!("{name}: no list is missing"));
        }
        self.lists.iter().try_for_each(|(issuer, urls)| {
            let from = printable(&urls.join(" or "));
            output::line(format!(
                "{name}: the list of {}, from {from}",
                printable(issuer)
            ))
        })
    }
}

/// The most CAs that a path can have. Each list is fetched once.
const MOST_ROUNDS: usize = 102;

const AFTER_HELP: &str = "\
CONFIG is a SipEndpoint.config whose `tls-crl` contains `fetch`. The program connects to its servers
and fetches the lists of the CAs in their paths, if these are missing or expire soon. CONFIG may
also be a file of a certificate and its chain; the lists of its CAs are fetched then, and `-o
trusted-ca=FILE` is needed.

The exit code is 3 if a server cannot be connected to or is refused, or if a list cannot be fetched
or is refused.

JSON: `name` is the server or certificate, `lists` has the URLs by the issuers of lists, and `error`
is the reason of a failure.";
