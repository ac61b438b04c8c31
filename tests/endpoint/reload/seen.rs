//! Configurations that were handed out use what a reload read.

use std::sync::{Arc, Mutex};

use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ServerConfig, SignatureScheme};
use sip_tls::verify::VerifyCode;
use sip_tls::{Endpoint, EndpointBuilder};

use super::{Folder, MUTUAL, builder, options};
use crate::endpoint::in_memory::{
    AFTER, BEFORE, Clock, Ends, Observed, VERSIONS, peer_client, peer_server, shake,
};
use crate::endpoint::test_pki::{HOST, Identity, TestPki};

/// An endpoint, its configurations from before any reload, and the results of its verifiers.
struct HandedOut {
    endpoint: Endpoint,
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    seen: Observed,
}

impl HandedOut {
    fn new(folder: &Folder) -> Self {
        Self::with(folder, |builder| builder)
    }

    fn with(folder: &Folder, set: impl FnOnce(EndpointBuilder) -> EndpointBuilder) -> Self {
        let seen = Observed::default();
        let builder = builder(&folder.settings(&[MUTUAL])).observer(seen.observer());
        let endpoint = set(builder).build().unwrap();
        Self {
            client: endpoint.client_config(),
            server: endpoint.server_config().unwrap(),
            endpoint,
            seen,
        }
    }

    /// Connects both configurations to a peer, in both versions, and returns the result of the verification.
    fn meet(&self, peer: &Identity) -> VerifyCode {
        let mut codes = Vec::new();
        for version in VERSIONS {
            let as_client = shake(&self.client, &peer_server(peer, &[version]), HOST);
            codes.push(self.judge(&as_client));
            let as_server = shake(&peer_client(Some(peer), &[version]), &self.server, HOST);
            codes.push(self.judge(&as_server));
        }
        assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
        codes[0]
    }

    fn judge(&self, ends: &Ends) -> VerifyCode {
        let code = self.seen.last().code();
        assert_eq!(ends.succeeded(), code == VerifyCode::Ok);
        code
    }
}

#[test]
fn a_list_that_runs_out_is_refused_from_that_moment_on_and_a_new_one_counts() {
    let pki = TestPki::get();
    let folder = Folder::of("runs-out", "good", "until-2031.crl");
    let clock = Clock::at(BEFORE);
    let ours = HandedOut::with(&folder, |builder| {
        builder.time_provider(Arc::new(clock.clone()))
    });
    assert_eq!(ours.meet(&pki.good), VerifyCode::Ok);
    clock.set(AFTER);
    assert_eq!(ours.meet(&pki.good), VerifyCode::CrlHasExpired);
    folder.put("ca.crl", "current.crl");
    ours.endpoint.reload().unwrap();
    assert_eq!(ours.meet(&pki.good), VerifyCode::Ok);
}

#[test]
fn new_lists_and_cas_count_in_what_was_handed_out() {
    let pki = TestPki::get();
    let folder = Folder::of("lists-and-cas", "good", "older.crl");
    let ours = HandedOut::new(&folder);
    assert_eq!(ours.meet(&pki.revoked), VerifyCode::Ok);

    folder.put("ca.crl", "current.crl");
    assert_eq!(ours.meet(&pki.revoked), VerifyCode::Ok, "not yet read");
    ours.endpoint.reload().unwrap();
    assert_eq!(ours.meet(&pki.revoked), VerifyCode::CertRevoked);
    assert_eq!(ours.meet(&pki.good), VerifyCode::Ok);

    folder.put("ca.pem", "stranger.pem");
    ours.endpoint.reload().unwrap();
    assert_eq!(
        ours.meet(&pki.good),
        VerifyCode::UnableToGetIssuerCertLocally
    );
    folder.put("ca.crl", "stranger.crl");
    ours.endpoint.reload().unwrap();
    assert_eq!(ours.meet(&pki.unknown), VerifyCode::Ok);
    assert_eq!(ours.endpoint.generation(), 4);
}

#[test]
fn a_new_certificate_is_shown_by_what_was_handed_out() {
    let pki = TestPki::get();
    let folder = Folder::of("certificate", "good", "older.crl");
    let ours = HandedOut::new(&folder);
    let rsa = &pki.rsa;
    for (identity, expected) in [("good", &pki.good), ("rsa", rsa), ("local", &pki.local)] {
        folder.identify(identity);
        ours.endpoint.reload().unwrap();
        for version in VERSIONS {
            let ends = shake(&peer_client(Some(rsa), &[version]), &ours.server, HOST);
            let shown = ends.client.connection.peer_certificates().unwrap();
            assert_eq!(shown, expected.chain, "server, {version:?}");

            let peer = HandedOut::new(&Folder::of("certificate-peer", "good", "older.crl"));
            let ends = shake(&ours.client, &peer.server, HOST);
            let shown = ends.server.connection.peer_certificates().unwrap();
            assert_eq!(shown, expected.chain, "client, {version:?}");
        }
    }
}

#[test]
fn the_options_that_name_no_files_can_be_reloaded_too() {
    let folder = Folder::of("options", "good", "current.crl");
    let ours = HandedOut::new(&folder);
    assert_eq!(ours.meet(&TestPki::get().cn_overruled), VerifyCode::Ok);
    let more = [MUTUAL, ("tls-target-name", "sip.example.com")];
    let more = [&more[..], &[("tls-target-name-check", "host")]].concat();
    let report = ours.endpoint.reload_with(options(&folder.settings(&more)));
    let rows = report.unwrap();
    let row = |name| rows.rows().iter().find(|row| row.option() == name).unwrap();
    assert_eq!(row("tls-target-name").value(), Some("sip.example.com"));
    let name = ours.endpoint.server_name("elsewhere.example.com");
    assert_eq!(name.unwrap().to_str(), "sip.example.com");

    let server = peer_server(&TestPki::get().cn_overruled, &VERSIONS);
    let ends = shake(&ours.client, &server, "other.example.org");
    assert_eq!(ours.judge(&ends), VerifyCode::HostnameMismatch);

    // Without lists no certificate is revoked. The endpoint keeps these options from here on.
    let mut without_lists = folder.settings(&[MUTUAL]);
    without_lists.retain(|(name, _)| *name != "tls-crl");
    let report = ours.endpoint.reload_with(options(&without_lists)).unwrap();
    assert!(report.lists().is_empty());
    ours.endpoint.reload().unwrap();
    assert_eq!(ours.meet(&TestPki::get().revoked), VerifyCode::Ok);
}

#[test]
fn the_report_and_the_verifier_are_those_of_the_last_reload() {
    let folder = Folder::of("report", "good", "older.crl");
    let ours = HandedOut::new(&folder);
    assert_eq!(ours.endpoint.report().lists()[0].entries, 0);
    let before = ours.endpoint.verifier();
    folder.put("ca.crl", "current.crl");
    let returned = ours.endpoint.reload().unwrap();
    assert!(Arc::ptr_eq(&returned, &ours.endpoint.report()));
    assert_eq!(returned.lists()[0].entries, 2);
    let entries =
        |lists: &sip_tls::verify::Verifier| lists.revocation_lists().next().unwrap().entries();
    assert_eq!(entries(&before), 0);
    assert_eq!(entries(&ours.endpoint.verifier()), 2);
}

#[test]
fn clients_are_told_the_names_of_the_cas_in_force() {
    let folder = Folder::of("hints", "good", "older.crl");
    let ours = HandedOut::new(&folder);
    let told = Arc::new(Told::default());
    let hints = || {
        for version in VERSIONS {
            let mut client = (*peer_client(None, &[version])).clone();
            client.client_auth_cert_resolver = told.clone();
            shake(&Arc::new(client), &ours.server, HOST);
        }
        std::mem::take(&mut *told.0.lock().unwrap())
    };
    let first = hints();
    assert_eq!((first.len(), &first[0]), (2, &first[1]));
    folder.put("ca.pem", "root-and-intermediate.pem");
    ours.endpoint.reload().unwrap();
    assert_eq!(hints()[0].len(), 2);
    folder.put("ca.pem", "root.pem");
    ours.endpoint.reload().unwrap();
    assert_eq!(hints(), first);
}

#[test]
fn reloads_at_the_same_time_follow_each_other() {
    let folder = Folder::of("at-once", "good", "current.crl");
    let ours = HandedOut::new(&folder);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5).for_each(|_| drop(ours.endpoint.reload().unwrap())));
        }
    });
    assert_eq!(ours.endpoint.generation(), 41);
    assert_eq!(ours.meet(&TestPki::get().good), VerifyCode::Ok);
}

/// A client without a certificate that records the CAs in the server's requests.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<Vec<Vec<u8>>>>);

impl ResolvesClientCert for Told {
    fn resolve(&self, names: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let names = names.iter().map(|name| name.to_vec()).collect();
        self.0.lock().unwrap().push(names);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}
