mod choice;
mod handshakes;
mod judged;
mod pki;
mod renewal;
mod source;
mod speed;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::time_provider::TimeProvider;
use tokio::time::Instant;

use self::pki::{Authority, START, URL};
use self::source::Shelf;
use crate::endpoint::{Endpoint, EndpointBuilder};
use crate::options::{Source, TlsOptions, TlsOptionsBuilder};
use crate::verify::{Purpose, VerifyStatus};

/// A clock that follows the clock of tokio, which tests may stop.
#[derive(Debug)]
struct Clock(Instant);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let start = Duration::from_secs(START.unsigned_abs());
        Some(UnixTime::since_unix_epoch(start + self.0.elapsed()))
    }
}

/// Makes options with these trusted CAs and `tls-crl`.
fn options(trusted: &[&Authority], tls_crl: &str) -> TlsOptionsBuilder {
    let certificate = |ca: &&Authority| Source::from(ca.certificate.clone());
    let trusted: Vec<_> = trusted.iter().map(certificate).collect();
    let trusted = trusted.into_iter().collect::<crate::options::Sources>();
    TlsOptions::builder()
        .trusted_ca(trusted)
        .set("tls-crl", tls_crl)
}

fn builder(trusted: &[&Authority], shelf: &Arc<Shelf>) -> EndpointBuilder {
    builder_of(options(trusted, "fetch").build().unwrap(), shelf)
}

fn builder_of(options: TlsOptions, shelf: &Arc<Shelf>) -> EndpointBuilder {
    Endpoint::builder(options)
        .crl_source(shelf.clone())
        .time_provider(Arc::new(Clock(Instant::now())))
}

fn endpoint(trusted: &[&Authority], shelf: &Arc<Shelf>) -> Endpoint {
    builder(trusted, shelf).build().unwrap()
}

/// Verifies a client, without notifying anybody.
fn verify(endpoint: &Endpoint, chain: &[CertificateDer<'_>]) -> VerifyStatus {
    let now = endpoint.0.shared.now().unwrap();
    endpoint
        .verifier()
        .verify(chain, Purpose::Client, None, now)
}

fn code(endpoint: &Endpoint, chain: &[CertificateDer<'_>]) -> u8 {
    verify(endpoint, chain).code().number()
}

/// Verifies, fetches the wanted lists, and verifies again. Returns both codes, and why nothing was fetched.
async fn fetch_for(endpoint: &Endpoint, chain: &[CertificateDer<'_>]) -> (u8, u8, Option<String>) {
    let before = verify(endpoint, chain);
    let failure = endpoint.fetch_lists(&before).await.err();
    let failure = failure.map(|failure| failure.to_string());
    (before.code().number(), code(endpoint, chain), failure)
}

/// Makes an endpoint that has fetched the list at `URL`.
async fn fetched(ca: &Authority, shelf: &Arc<Shelf>) -> Endpoint {
    let endpoint = endpoint(&[ca], shelf);
    let outcome = fetch_for(&endpoint, &[ca.issue(10, &[URL])]).await;
    assert_eq!(outcome, (3, 0, None));
    endpoint
}
