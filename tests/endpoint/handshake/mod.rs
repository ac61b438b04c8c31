//! Our verification of a peer's certificate, and the alert that the peer receives: TLS 1.2 and 1.3, in memory.

mod chains;
mod names;
mod no_certificate;
mod revocation;

use rustls::{AlertDescription, Error};
use sip_tls::verify::VerifyCode;

use crate::endpoint::in_memory::{Ends, Observed, VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::settings::observed;
use crate::endpoint::test_pki::{HOST, Identity, TestPki};

/// A peer's certificate, our options, and the expected result.
struct Case<'a> {
    /// What is special about it.
    what: &'a str,
    /// The identity that the peer presents.
    peer: &'a Identity,
    /// Our options, in addition to those that every case has.
    settings: &'a [(&'a str, &'a str)],
    /// Why the peer is refused, if it is.
    refusal: Option<Refusal>,
}

/// OpenSSL's error, its depth in the path, and the alert that OpenSSL sends (`ssl_x509err2alert`).
#[derive(Clone, Copy)]
struct Refusal {
    code: VerifyCode,
    depth: usize,
    alert: AlertDescription,
}

const fn refused(code: VerifyCode, depth: usize, alert: AlertDescription) -> Option<Refusal> {
    Some(Refusal { code, depth, alert })
}

impl Case<'_> {
    /// Has our client connect to a server with the certificate.
    fn run_as_server(&self, host: &str) {
        for version in VERSIONS {
            let (endpoint, observed) = observed(&self.all_settings(&[]));
            let server = peer_server(self.peer, &[version]);
            let ends = shake(&endpoint.client_config(), &server, host);
            let what = format!("server: {}, {version:?}", self.what);
            self.judge(&what, &ends, &observed);
            let refusal = self.refusal.map(|refusal| refusal.alert);
            assert_eq!(ends.server.alert(), refusal, "{what}: alert");
            if refusal.is_some() {
                assert_certificate_error(&ends.client.outcome, self.refusal, &what);
            }
        }
    }

    /// Has a client with the certificate connect to our server, which requires one.
    fn run_as_client(&self) {
        let ours = [
            ("certificate", "good.pem"),
            ("certificate-key", "good.key"),
            ("tls-mutual", "1"),
        ];
        for version in VERSIONS {
            let (endpoint, observed) = observed(&self.all_settings(&ours));
            let client = peer_client(Some(self.peer), &[version]);
            let ends = shake(&client, &endpoint.server_config().unwrap(), HOST);
            let what = format!("client: {}, {version:?}", self.what);
            self.judge(&what, &ends, &observed);
            let refusal = self.refusal.map(|refusal| refusal.alert);
            assert_eq!(ends.client.alert(), refusal, "{what}: alert");
            if refusal.is_some() {
                assert_certificate_error(&ends.server.outcome, self.refusal, &what);
            }
        }
    }

    fn run(&self) {
        self.run_as_server(HOST);
        self.run_as_client();
    }

    fn all_settings<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut all = vec![("trusted-ca", "root.pem")];
        all.extend(more);
        // A later setting replaces an earlier one.
        all.extend(self.settings);
        all
    }

    fn judge(&self, what: &str, ends: &Ends, observed: &Observed) {
        let status = observed.status();
        match &self.refusal {
            Some(refusal) => {
                assert!(!ends.succeeded(), "{what}: accepted");
                let error = status.error();
                let found = error.map(|finding| (finding.code(), finding.depth()));
                assert_eq!(
                    found,
                    Some((refusal.code, refusal.depth)),
                    "{what}: {status}"
                );
            }
            None => {
                assert!(ends.succeeded(), "{what}: refused: {status}");
                assert_eq!(status.code(), VerifyCode::Ok, "{what}");
            }
        }
    }
}

/// Checks that our side reports an error about the certificate, and not an error from the peer.
fn assert_certificate_error(outcome: &Result<(), Error>, refusal: Option<Refusal>, what: &str) {
    let is_ours = match outcome {
        Err(Error::InvalidCertificate(_)) => true,
        Err(Error::Other(_)) => {
            refusal.is_some_and(|refusal| refusal.alert == AlertDescription::HandshakeFailure)
        }
        _ => false,
    };
    assert!(is_ours, "{what}: {outcome:?}");
}
