//! What is told about names and the constraints above them.

use std::time::Duration;

use rustls::pki_types::{CertificateDer, UnixTime};

use super::case::verifier;
use crate::options::NameCheck;
use crate::verify::name::ReferenceName;
use crate::verify::policy::Policy;
use crate::verify::purpose::Purpose;
use crate::verify::test_pki::*;

#[test]
fn the_constraints_above_are_told_of_with_the_outcome() {
    let good = "ok: the constraints of `C = DE, CN = Root` were compared\n";
    assert!(told(&[named(), constrained("example.com")]).contains(good));
    let failed = "failed: permitted subtree violation (47); the constraints of `C = DE, CN = Root` were compared; \
                  its names and resources must satisfy the constraints of all CAs above it\n";
    assert!(told(&[named(), constrained("example.net")]).contains(failed));
    let expired = CertificateSpec {
        validity: seq(&[utc("200101000000Z"), utc("210101000000Z")]),
        ..named()
    };
    let not_made = "not checked: the constraints of `C = DE, CN = Root` were not compared, \
                    because other checks failed before\n";
    assert!(told(&[expired, constrained("example.com")]).contains(not_made));
    assert!(!told(&[named(), CertificateSpec::root()]).contains("constraints"));
}

#[test]
fn what_a_name_has_to_be_depends_on_the_name_check() {
    let host = "a DNS name of the subjectAltName must match, or the common name if there is none\n";
    let sip = "a `sip:` URI of the subjectAltName must name it, or a DNS name if there is no such URI, or the common \
               name if there is no subjectAltName\n";
    let address = "an address of the subjectAltName must be the same\n";
    for (check, name, needed) in [
        (NameCheck::Host, "other.example.com", host),
        (NameCheck::Off, "other.example.com", host),
        (NameCheck::Sip, "other.example.com", sip),
        (NameCheck::Host, "192.0.2.7", address),
        (NameCheck::Sip, "192.0.2.7", address),
    ] {
        let text = told_as(&[named(), CertificateSpec::root()], check, Some(name));
        assert!(
            text.contains(needed),
            "{check:?}: {needed:?} is not in\n{text}"
        );
    }
}

fn told(path: &[CertificateSpec]) -> String {
    told_as(path, NameCheck::Off, None)
}

/// All checks of this path, whose last certificate is trusted, one line each.
fn told_as(path: &[CertificateSpec], name_check: NameCheck, name: Option<&str>) -> String {
    let policy = Policy {
        name_check,
        ..Policy::default()
    };
    let (trusted, sent) = path.split_last().unwrap();
    let sent: Vec<CertificateDer<'_>> = sent.iter().map(|spec| spec.der().into()).collect();
    let reference = name.map(ReferenceName::new);
    let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW as u64));
    let verifier = verifier(std::slice::from_ref(trusted), policy);
    let explanation = verifier.explain(&sent, Purpose::Server, reference.as_ref(), now);
    let checks = explanation.steps().iter().flat_map(|step| step.checks());
    checks
        .map(|check| format!("{}: {}\n", check.outcome(), check.text()))
        .collect()
}

/// A certificate for `sip.example.com`.
fn named() -> CertificateSpec {
    let names = seq(&[tlv(0x82, b"sip.example.com")]);
    CertificateSpec::default().with(extension(SUBJECT_ALT_NAME, false, &names))
}

/// The root, which permits names of this domain.
fn constrained(domain: &str) -> CertificateSpec {
    const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
    let subtree = seq(&[tlv(0x82, domain.as_bytes())]);
    let value = seq(&[tlv(0xa0, &subtree)]);
    CertificateSpec::root().with(extension(NAME_CONSTRAINTS, true, &value))
}
