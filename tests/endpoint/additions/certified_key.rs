//! A certificate and a key of the caller, for example on a token.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{SignatureAlgorithm, SignatureScheme};
use sip_tls::{EndpointBuilder, Error};

use crate::endpoint::in_memory::{VERSIONS, curious_server, peer_client, shake};
use crate::endpoint::reload::options;
use crate::endpoint::settings::{builder, placed};
use crate::endpoint::test_pki::{HOST, Identity, TestPki};

/// A key that counts its signatures. It returns its public key only if `tells` is set.
#[derive(Debug)]
struct Token {
    key: Arc<dyn SigningKey>,
    tells: bool,
    signatures: AtomicUsize,
}

impl Token {
    fn of(identity: &Identity, tells: bool) -> Arc<Self> {
        Arc::new(Self {
            key: identity.certified_key().key.clone(),
            tells,
            signatures: AtomicUsize::new(0),
        })
    }

    /// The number of signatures since the last call.
    fn signatures(&self) -> usize {
        self.signatures.swap(0, Ordering::SeqCst)
    }
}

impl SigningKey for Token {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        self.signatures.fetch_add(1, Ordering::SeqCst);
        self.key.choose_scheme(offered)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        self.tells.then(|| self.key.public_key())?
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }
}

/// An endpoint with this chain and this key, which may belong to different identities.
fn with(chain: &[CertificateDer<'static>], token: Arc<Token>) -> EndpointBuilder {
    let key = CertifiedKey::new(chain.to_vec(), token);
    builder(&[CA]).certified_key(Arc::new(key))
}

const CA: (&str, &str) = ("trusted-ca", "root.pem");

/// The text of the error, which has to be about a file or a setting.
#[track_caller]
fn refusal(builder: EndpointBuilder) -> String {
    match builder.build().unwrap_err() {
        error @ (Error::File(_) | Error::Setting { .. }) => error.to_string(),
        error => panic!("{error:?}"),
    }
}

#[test]
fn the_key_signs_for_its_chain_in_both_directions_also_after_a_reload() {
    let good = &TestPki::get().good;
    for tells in [true, false] {
        let token = Token::of(good, tells);
        let endpoint = with(&good.chain, token.clone()).build().unwrap();
        for _ in 0..2 {
            for version in VERSIONS {
                let server = curious_server(good, &[version]);
                let ends = shake(&endpoint.client_config(), &server, HOST);
                assert!(ends.succeeded());
                let shown = ends.server.connection.peer_certificates();
                assert_eq!(shown, Some(&good.chain[..]), "client, {version:?}");
                assert_eq!(token.signatures(), 1, "client, {version:?}");

                let server = endpoint.server_config().unwrap();
                let ends = shake(&peer_client(None, &[version]), &server, HOST);
                assert!(ends.succeeded());
                let shown = ends.client.connection.peer_certificates();
                assert_eq!(shown, Some(&good.chain[..]), "server, {version:?}");
                assert_eq!(token.signatures(), 1, "server, {version:?}");
            }
            endpoint.reload().unwrap();
        }
    }
}

#[test]
fn a_key_that_tells_another_public_key_is_refused_and_one_that_tells_none_is_warned_of() {
    let pki = TestPki::get();
    let stranger = |tells| with(&pki.good.chain, Token::of(&pki.local, tells));
    assert_eq!(
        refusal(stranger(true)),
        "`certificate-key`: the private key in EndpointBuilder::certified_key does not match the certificate in \
         EndpointBuilder::certified_key"
    );
    let warning = "`certificate`: the private key in EndpointBuilder::certified_key was not compared with the \
                   certificate, because it does not reveal its public key";
    assert_eq!(
        stranger(false).build().unwrap().report().warnings(),
        [warning]
    );
    let good = with(&pki.good.chain, Token::of(&pki.good, true));
    assert!(good.build().unwrap().report().warnings().is_empty());
}

#[test]
fn certificates_that_cannot_be_read_and_chains_without_any_are_refused() {
    let good = &TestPki::get().good;
    let token = || Token::of(good, true);
    let tail = CertificateDer::from([&good.chain[0][..], &[0]].concat());
    for (chain, expected) in [
        (
            vec![],
            "`certificate`: EndpointBuilder::certified_key holds no certificate",
        ),
        (
            vec![CertificateDer::from(vec![0x30, 0])],
            "`certificate`: EndpointBuilder::certified_key is damaged: its content does not have the expected structure",
        ),
        (
            vec![tail],
            "`certificate`: EndpointBuilder::certified_key is damaged: other bytes follow after its end",
        ),
    ] {
        assert_eq!(refusal(with(&chain, token())), expected);
    }
}

#[test]
fn the_options_of_files_beside_it_are_refused_by_name_also_in_a_reload() {
    let good = &TestPki::get().good;
    let certificate = ("certificate", "good.pem");
    let key = ("certificate-key", "good.key");
    for (settings, named) in [
        (&[CA, certificate][..], "certificate"),
        (&[CA, key], "certificate-key"),
        (&[CA, certificate, key], "certificate"),
    ] {
        let expected = format!(
            "unusable value for `EndpointBuilder::certified_key`: the option `{named}` is also given, and only one of \
             the two can be used"
        );
        let both = builder(settings).certified_key(good.certified_key());
        assert_eq!(refusal(both), expected);
        let endpoint = builder(&[CA]).certified_key(good.certified_key());
        let endpoint = endpoint.build().unwrap();
        let place = |(name, value): &(&'static str, &str)| (*name, placed(name, value));
        let settings: Vec<_> = settings.iter().map(place).collect();
        let error = endpoint.reload_with(options(&settings)).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(endpoint.generation(), 1);
    }
}

#[test]
fn its_certificates_are_reported_and_run_out_as_those_of_files() {
    let identity = &TestPki::get().good_in_2030;
    for tells in [true, false] {
        let endpoint = with(&identity.chain, Token::of(identity, tells))
            .build()
            .unwrap();
        for _ in 0..2 {
            let report = endpoint.report();
            let mut own = report.certificates().iter();
            let own = own.by_ref().filter(|facts| facts.option == "certificate");
            let subjects: Vec<_> = own.map(|facts| facts.subject.as_str()).collect();
            assert_eq!(subjects, ["CN = good-in-2030", "CN = Test Intermediate"]);
            let next = endpoint.next_expiry().unwrap();
            assert_eq!(
                next.to_string(),
                "the certificate CN = good-in-2030 in EndpointBuilder::certified_key (`certificate`)"
            );
            endpoint.reload().unwrap();
        }
    }
}

#[test]
fn a_chain_of_one_is_completed_from_the_trusted_cas_as_that_of_a_file() {
    let lone = &TestPki::get().lone;
    let completing = builder(&[("trusted-ca", "root-and-intermediate.pem")]);
    let endpoint = completing
        .certified_key(lone.certified_key())
        .build()
        .unwrap();
    for version in VERSIONS {
        let server = endpoint.server_config().unwrap();
        let ends = shake(&peer_client(None, &[version]), &server, HOST);
        let shown = ends.client.connection.peer_certificates().unwrap();
        assert_eq!(shown, TestPki::get().good.chain, "{version:?}");
    }
}

#[test]
fn a_key_is_not_printed() {
    #[derive(Debug)]
    struct Talkative(#[expect(dead_code, reason = "printed")] &'static str);
    impl SigningKey for Talkative {
        fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
            None
        }

        fn algorithm(&self) -> SignatureAlgorithm {
            SignatureAlgorithm::ECDSA
        }
    }
    let chain = TestPki::get().good.chain.clone();
    let key = Arc::new(CertifiedKey::new(chain, Arc::new(Talkative("the secret"))));
    assert!(format!("{key:?}").contains("the secret"));
    let builder = builder(&[CA]).certified_key(key);
    assert!(!format!("{builder:?}").contains("the secret"));
    let endpoint = builder.build().unwrap();
    let printed = format!("{endpoint:?} {:?}", endpoint.clone());
    assert!(!printed.contains("the secret"));
}
