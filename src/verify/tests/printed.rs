//! What verifiers tell about themselves: the policy, and no certificates.

use super::case::verifier;
use crate::options::{NameCheck, SecurityLevel};
use crate::verify::identities::Authorisation;
use crate::verify::in_force::InForce;
use crate::verify::observer::Observer;
use crate::verify::policy::Policy;
use crate::verify::test_pki::CertificateSpec;
use crate::verify::{ClientVerifier, ReferenceName, RevocationDepth, ServerVerifier, Verifier};

#[test]
fn debug_of_a_verifier_shows_its_policy() {
    let policy = || Policy {
        name_check: NameCheck::Sip,
        target_name: Some(ReferenceName::new("sip.example.com")),
        ..Policy::default()
    };
    let verifier = || verifier(&[CertificateSpec::root()], policy());
    let shown = format!("{:?}", policy());
    for part in ["name_check: Sip", "sip.example.com", "Authorisation(..)"] {
        assert!(shown.contains(part), "{shown}");
    }
    let builder = Verifier::builder(&crate::crypto::default_base().unwrap());
    let defaults = format!("{:?}", Policy::default());
    let base = format!("VerifierBuilder {{ policy: {defaults}, .. }}");
    assert_eq!(format!("{builder:?}"), base);
    let verifier_shown = format!("Verifier {{ policy: {shown}, .. }}");
    assert_eq!(format!("{:?}", verifier()), verifier_shown);
    let in_force = |generation| {
        format!(
            "InForce {{ verifier: {verifier_shown}, generation: {generation}, verdicts: Verdicts {{ .. }} }}"
        )
    };
    assert_eq!(format!("{:?}", InForce::new(verifier(), 7)), in_force(7));
    let observer = || Observer::new(|_| {});
    for (name, shown) in [
        (
            "ClientVerifier",
            format!("{:?}", ClientVerifier::new(verifier(), observer())),
        ),
        (
            "ServerVerifier",
            format!("{:?}", ServerVerifier::new(verifier(), observer())),
        ),
    ] {
        let expected = format!("{name} {{ verifiers: Fixed({}), .. }}", in_force(0));
        assert_eq!(shown, expected);
    }
}

#[test]
fn a_verifier_tells_its_policy() {
    let policy = Policy {
        name_check: NameCheck::Sip,
        revocation_depth: RevocationDepth::Chain,
        security_level: SecurityLevel::new(4).unwrap(),
        ..Policy::default()
    };
    let verifier = verifier(&[CertificateSpec::root()], policy);
    assert_eq!(verifier.name_check(), NameCheck::Sip);
    assert_eq!(verifier.revocation_depth(), RevocationDepth::Chain);
    assert_eq!(verifier.security_level().number(), 4);
    assert!(!verifier.checks_revocation());
}

#[test]
fn functions_are_not_printed() {
    assert_eq!(format!("{:?}", Observer::new(|_| {})), "Observer(..)");
    let authorisation = Authorisation::new(|_| true);
    assert_eq!(format!("{authorisation:?}"), "Authorisation(..)");
}
