//! The verifiers as rustls uses them, made without an endpoint.

use std::sync::{Arc, Mutex};

use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::danger::ClientCertVerifier;
use rustls::{CertificateError, Error, SignatureScheme};

use super::{ClientVerifier, ServerVerifier};
use crate::options::{NameCheck, SecurityLevel};
use crate::verify::observer::Observer;
use crate::verify::policy::Policy;
use crate::verify::purpose::Purpose;
use crate::verify::test_pki::*;
use crate::verify::tests::case::{now, verifier};

/// What an observer was told: whose certificate it was, and the number of the code.
type Told = Arc<Mutex<Vec<(Purpose, u8)>>>;

fn observer() -> (Observer, Told) {
    let told = Told::default();
    let kept = told.clone();
    let observer = Observer::new(move |observation| {
        let status = observation.status;
        let seen = (status.purpose(), status.code().number());
        kept.lock().unwrap().push(seen);
    });
    (observer, told)
}

/// An end entity below an intermediate, good for this purpose.
fn chain(key_purpose: &[u8]) -> [CertificateDer<'static>; 2] {
    let intermediate = CertificateSpec::intermediate();
    let end_entity = CertificateSpec::default()
        .below(&intermediate)
        .with(key_purposes(&[key_purpose]));
    [end_entity, intermediate].map(|spec| spec.der().into())
}

#[test]
fn clients_are_verified_as_clients_and_are_told_the_names_of_the_cas() {
    let (observer, told) = observer();
    let cas = [CertificateSpec::root(), CertificateSpec::ca(cn("Other"), 5)];
    let client = ClientVerifier::new(verifier(&cas, Policy::default()), observer);
    let hints: Vec<_> = client
        .root_hint_subjects()
        .iter()
        .map(|name| name.as_ref().to_vec())
        .collect();
    assert_eq!(hints, [root_name(), cn("Other")]);
    assert!(client.offer_client_auth() && client.client_auth_mandatory());
    let verify = |[end_entity, intermediate]: [CertificateDer<'static>; 2]| {
        let outcome = client.verify_client_cert(&end_entity, &[intermediate], now());
        outcome.map(drop)
    };
    assert_eq!(verify(chain(CLIENT_AUTH)), Ok(()));
    let wrong = Error::InvalidCertificate(CertificateError::InvalidPurpose);
    assert_eq!(verify(chain(SERVER_AUTH)), Err(wrong));
    let [end_entity, _] = chain(CLIENT_AUTH);
    let alone = client.verify_client_cert(&end_entity, &[], now()).map(drop);
    let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
    assert_eq!(alone, Err(unknown));
    let client = Purpose::Client;
    assert_eq!(
        *told.lock().unwrap(),
        [(client, 0), (client, 26), (client, 20)]
    );
}

#[test]
fn servers_are_verified_as_servers_with_the_name_that_rustls_was_given() {
    let (observer, told) = observer();
    let policy = Policy {
        name_check: NameCheck::Host,
        ..Policy::default()
    };
    let server = ServerVerifier::new(verifier(&[CertificateSpec::root()], policy), observer);
    let verify = |key_purpose, name: &'static str| {
        let [end_entity, intermediate] = chain(key_purpose);
        let name = ServerName::try_from(name).unwrap();
        let outcome = server.verify_server_cert(&end_entity, &[intermediate], &name, &[], now());
        outcome.map(drop)
    };
    let refused = |error| Err(Error::InvalidCertificate(error));
    assert_eq!(verify(SERVER_AUTH, "sip.example.com"), Ok(()));
    assert_eq!(
        verify(SERVER_AUTH, "other.example.com"),
        refused(CertificateError::NotValidForName)
    );
    assert_eq!(
        verify(CLIENT_AUTH, "sip.example.com"),
        refused(CertificateError::InvalidPurpose)
    );
    let server = Purpose::Server;
    assert_eq!(
        *told.lock().unwrap(),
        [(server, 0), (server, 62), (server, 26)]
    );
}

#[test]
fn peers_may_sign_with_the_schemes_of_the_provider_that_reach_the_level() {
    use SignatureScheme as S;

    let provider = crate::crypto::default_base().unwrap();
    let all = provider
        .signature_verification_algorithms
        .supported_schemes();
    // Levels 2 and 3 accept all schemes. Level 4 needs 192 bits, and level 5 needs 256.
    let sha384 = [
        S::ECDSA_NISTP384_SHA384,
        S::RSA_PKCS1_SHA384,
        S::RSA_PSS_SHA384,
    ];
    let sha512 = [
        S::ECDSA_NISTP521_SHA512,
        S::RSA_PKCS1_SHA512,
        S::RSA_PSS_SHA512,
    ];
    let strong = [&sha384[..], &sha512].concat();
    assert!(all.contains(&S::ECDSA_NISTP256_SHA256) && all.contains(&S::RSA_PSS_SHA384));
    for number in 2..=5 {
        let policy = Policy {
            security_level: SecurityLevel::new(number).unwrap(),
            ..Policy::default()
        };
        let verifier = verifier(&[CertificateSpec::root()], policy);
        let client = ClientVerifier::new(verifier.clone(), Observer::default());
        let server = ServerVerifier::new(verifier, Observer::default());
        let expected: Vec<_> = all
            .iter()
            .copied()
            .filter(|scheme| match number {
                2 | 3 => true,
                4 => strong.contains(scheme),
                _ => sha512.contains(scheme),
            })
            .collect();
        assert_eq!(
            client.supported_verify_schemes(),
            expected,
            "level {number}"
        );
        assert_eq!(
            server.supported_verify_schemes(),
            expected,
            "level {number}"
        );
    }
}
