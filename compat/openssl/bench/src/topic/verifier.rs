//! Our verifier beside the stock one of rustls: the price of our checks.

use std::sync::{Arc, Mutex};

use compat_openssl::keys::Kind;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sip_tls::verify::{Observer, ServerVerifier};

use super::Topic;
use super::handshakes::{base, connect, name};
use crate::allocations;
use crate::measure::{Effort, Lane, race};
use crate::pki::{End, Files};
use crate::row::{Figure, Row, Target};
use crate::side::{Settings, Version, ours, stock};

pub static TOPIC: Topic = Topic {
    name: "verifier",
    title: "Our verifier beside the stock one of rustls",
    choices: "The calls by which rustls asks a client's verifier, on the same provider: the certificates of the server, an \
              end entity and an intermediate, and the signature of the TLS 1.3 handshake. The stock verifier checks \
              chain, dates, purpose and name. Ours checks what OpenSSL checks, and keeps what it found.",
    avx512: &[],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let cases = [
        ("P-256", Kind::P256, None),
        ("RSA-2048", Kind::Rsa(2048), None),
        (
            "P-256, list of 100,000",
            Kind::P256,
            Some(effort.pick(100_000, 1_000)),
        ),
    ];
    let rows = cases
        .into_iter()
        .map(|(name, kind, list)| of_case(effort, name, kind, list));
    rows.flatten().collect()
}

fn of_case(effort: &Effort, case: &str, kind: Kind, list: Option<usize>) -> Vec<Row> {
    let settings = Settings {
        list: list.is_some(),
        ..Settings::new(Version::Tls13, kind)
    };
    let mut pki = settings.pki();
    pki.list = list;
    let files = pki.files();
    let verifiers = verifiers(&settings, &files);
    let seen = seen(&settings, &files);
    let chain = stock::chain(&files, End::Server);
    let certificates = |verifier: &dyn ServerCertVerifier| {
        let [end_entity, intermediates @ ..] = &chain[..] else {
            unreachable!("there are two");
        };
        let verdict =
            verifier.verify_server_cert(end_entity, intermediates, &name(), &[], UnixTime::now());
        assert!(verdict.is_ok());
    };
    let signature = |verifier: &dyn ServerCertVerifier| {
        let Seen(message, certificate, signed) = &seen;
        let verdict = verifier.verify_tls13_signature(message, certificate, signed);
        assert!(verdict.is_ok());
    };
    let mut rows = pair(
        effort,
        &format!("{case}: certificates"),
        &verifiers,
        &certificates,
    );
    rows[0].target = Some(Target::Share(1.05));
    rows[1].target = Some(Target::AtMost(12.0));
    rows.extend(pair(
        effort,
        &format!("{case}: signature"),
        &verifiers,
        &signature,
    ));
    rows
}

/// The time of a call, and its allocations.
fn pair(
    effort: &Effort,
    name: &str,
    [ours, stock]: &[Arc<dyn ServerCertVerifier>; 2],
    call: &dyn Fn(&dyn ServerCertVerifier),
) -> Vec<Row> {
    let lanes = vec![Lane::new(|| call(&**ours)), Lane::new(|| call(&**stock))];
    let time = Row::of_race(name, &race(effort, lanes), 0, (STOCK, 1));
    let count = |verifier: &dyn ServerCertVerifier| {
        Figure::Count(allocations::count(|| call(verifier)) as f64)
    };
    let name = format!("{name}, allocations");
    vec![
        time,
        Row::exact(name, count(&**ours), STOCK, count(&**stock)),
    ]
}

const STOCK: &str = "stock rustls";

fn verifiers(settings: &Settings, files: &Files) -> [Arc<dyn ServerCertVerifier>; 2] {
    let base = base();
    let endpoint = ours::endpoint(&base, settings, files, End::Client);
    let ours = ServerVerifier::new(endpoint.verifier(), Observer::default());
    [ours, stock::server_verifier(&base, settings, files)]
}

/// A handshake signature: the message, the certificate of the signer, the signature.
struct Seen(Vec<u8>, CertificateDer<'static>, DigitallySignedStruct);

/// Returns the signature of a real handshake.
fn seen(settings: &Settings, files: &Files) -> Seen {
    let base = base();
    let (_, server) = ours::configs(&base, settings, files);
    let listener = Arc::new(Listener {
        verifier: stock::server_verifier(&base, settings, files),
        seen: Mutex::default(),
    });
    let client = ClientConfig::builder_with_provider(base)
        .with_safe_default_protocol_versions()
        .expect("suites of both versions")
        .dangerous()
        .with_custom_certificate_verifier(listener.clone())
        .with_no_client_auth();
    drop(connect(&Arc::new(client), &server));
    let seen = listener.seen.lock().expect("one thread").take();
    seen.expect("the server has signed")
}

/// Records what the stock verifier is asked.
struct Listener {
    verifier: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<Seen>>,
}

impl ServerCertVerifier for Listener {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verifier
            .verify_server_cert(end_entity, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let seen = Seen(
            message.to_vec(),
            certificate.clone().into_owned(),
            signed.clone(),
        );
        *self.seen.lock().expect("one thread") = Some(seen);
        self.verifier
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}
