use std::time::Duration;

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};

use super::{constraints, paths, resources};
use crate::options::NameCheck;
use crate::pki::TrustedCertificate;
use crate::verify::policy::Policy;
use crate::verify::purpose::Purpose;
use crate::verify::test_pki::{
    CertificateSpec, CountingP256, NOW, Scratch, cn, openssl, seq, text, utc,
};
use crate::verify::trust_store::TrustStore;
use crate::verify::verifier::{Rules, Verifier};
use crate::x509::Certificate;

/// A chain, what is trusted, and the answer.
#[derive(Clone)]
pub(super) struct Case {
    /// A sentence about what the case shows.
    pub(super) rule: String,
    /// End entity first.
    pub(super) sent: Vec<CertificateSpec>,
    pub(super) trusted: Vec<CertificateSpec>,
    /// OpenSSL 3.0.19's number and depth; 0 is good.
    answer: Answer,
}

pub(super) type Answer = (u8, usize);

/// A verifier that trusts these certificates, and checks no list.
pub(in crate::verify) fn verifier(trusted: &[CertificateSpec], policy: Policy) -> Verifier {
    let provider = crate::crypto::default_base().unwrap();
    verifier_with(provider.signature_verification_algorithms, trusted, policy)
}

/// A verifier as [`verifier`] makes it, with other algorithms.
pub(super) fn verifier_with(
    algorithms: WebPkiSupportedAlgorithms,
    trusted: &[CertificateSpec],
    policy: Policy,
) -> Verifier {
    let rules = Rules {
        store: store(trusted).shared(),
        revocation: None,
        algorithms,
    };
    Verifier::new(rules, policy)
}

pub(super) fn store(trusted: &[CertificateSpec]) -> TrustStore {
    let mut store = TrustStore::default();
    for spec in trusted {
        store.add(TrustedCertificate::from_der(spec.der().into()).unwrap());
    }
    store
}

pub(in crate::verify) type Algorithms = &'static [&'static dyn SignatureVerificationAlgorithm];

/// Algorithms that count how often they are used. No others have the same address.
pub(in crate::verify) fn counting() -> (&'static CountingP256, Algorithms) {
    let algorithm: &CountingP256 = Box::leak(Box::default());
    let all: Algorithms = Vec::leak(vec![algorithm as _]);
    (algorithm, all)
}

/// [`NOW`] as rustls has it.
pub(in crate::verify) fn now() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(NOW.unsigned_abs()))
}

pub(in crate::verify) fn ders(chain: &[CertificateSpec]) -> Vec<CertificateDer<'static>> {
    chain.iter().map(|spec| spec.der().into()).collect()
}

/// The same certificate, valid until 2021.
pub(in crate::verify) fn expired(spec: CertificateSpec) -> CertificateSpec {
    CertificateSpec {
        validity: seq(&[utc("200101000000Z"), utc("210101000000Z")]),
        ..spec
    }
}

/// An end entity below `count` CAs: `CA 1` issued it, and the last one is the root.
pub(super) fn chain(count: usize) -> Vec<CertificateSpec> {
    let ca = |number: usize| {
        let seed = u8::try_from(number + 1).unwrap();
        CertificateSpec::ca(cn(&format!("CA {number}")), seed)
    };
    let mut path: Vec<_> = (1..=count).map(ca).collect();
    path.insert(0, CertificateSpec::default());
    for depth in 0..count {
        path[depth] = path[depth].clone().below(&path[depth + 1]);
    }
    path
}

/// Reads a certificate of a PEM file.
pub(in crate::verify) fn certificate_of_pem(pem: &[u8]) -> Certificate<'static> {
    Certificate::parse(CertificateDer::from_pem_slice(pem).unwrap()).unwrap()
}

pub(super) const GOOD: Answer = (0, 0);

impl Case {
    /// The last certificate is trusted.
    pub(super) fn new(
        rule: impl Into<String>,
        mut path: Vec<CertificateSpec>,
        answer: Answer,
    ) -> Self {
        Self {
            rule: rule.into(),
            trusted: path.split_off(path.len() - 1),
            sent: path,
            answer,
        }
    }

    fn ask(&self) -> Answer {
        let policy = Policy {
            name_check: NameCheck::Off,
            ..Policy::default()
        };
        let verifier = verifier(&self.trusted, policy);
        let status = verifier.verify(&ders(&self.sent), Purpose::Server, None, now());
        status
            .error()
            .map_or(GOOD, |found| (found.code().number(), found.depth()))
    }

    fn ask_openssl(&self, scratch: &Scratch) -> Answer {
        let ders =
            |specs: &[CertificateSpec]| specs.iter().map(CertificateSpec::der).collect::<Vec<_>>();
        let trusted = scratch.write_pem("trusted", "x509", &ders(&self.trusted));
        let untrusted = scratch.write_pem("untrusted", "x509", &ders(&self.sent));
        let end_entity = scratch.write_pem("leaf", "x509", &ders(&self.sent[..1]));
        let now = NOW.to_string();
        let files = [&trusted, &untrusted, &end_entity].map(|path| path.to_str().unwrap());
        let mut arguments = vec!["verify", "-attime", &now, "-no-CApath", "-no-CAstore"];
        arguments.extend(["-purpose", "sslserver", "-auth_level", "2"]);
        arguments.extend(["-CAfile", files[0], "-untrusted", files[1], files[2]]);
        let said = text(&openssl(&arguments));
        parse_answer(&said).unwrap_or_else(|| panic!("{}: {said}", self.rule))
    }
}

fn cases() -> Vec<Case> {
    [paths::cases(), constraints::cases(), resources::cases()].concat()
}

#[test]
fn chains_are_judged_as_by_openssl() {
    let wrong: Vec<_> = cases()
        .iter()
        .filter_map(|case| difference(case, case.ask()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[ignore = "asks the program openssl"]
fn the_recorded_answers_are_those_of_openssl() {
    let scratch = Scratch::new();
    let wrong: Vec<_> = cases()
        .iter()
        .filter_map(|case| difference(case, case.ask_openssl(&scratch)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Reads `error 23 at 0 depth lookup: certificate revoked`, or `OK`.
fn parse_answer(said: &str) -> Option<Answer> {
    let is_finding = |line: &&str| line.starts_with("error ") && line.contains(" depth ");
    let Some(line) = said.lines().find(is_finding) else {
        if said.contains("verification failed") {
            // `X509_V_ERR_UNSPECIFIED`, which the program does not print.
            return Some((1, 0));
        }
        return said.trim_end().ends_with(": OK").then_some(GOOD);
    };
    let mut words = line.split(' ');
    let code = words.nth(1)?.parse().ok()?;
    Some((code, words.nth(1)?.parse().ok()?))
}

fn difference(case: &Case, answer: Answer) -> Option<String> {
    let Case {
        rule,
        answer: expected,
        ..
    } = case;
    (answer != *expected).then(|| format!("{rule}: {answer:?} instead of {expected:?}"))
}
