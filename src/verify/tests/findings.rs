//! Everything that a verification finds, and what it leaves out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::pki_types::CertificateDer;

use super::case::{ders, expired, now, verifier};
use super::constraints::{constrained, dns};
use crate::verify::identities::Authorisation;
use crate::verify::policy::Policy;
use crate::verify::purpose::Purpose;
use crate::verify::test_pki::*;
use crate::verify::{Verifier, VerifyStatus};

fn for_clients(spec: CertificateSpec) -> CertificateSpec {
    spec.with(key_purposes(&[CLIENT_AUTH]))
}

fn forged(spec: CertificateSpec) -> CertificateSpec {
    CertificateSpec { signer: 7, ..spec }
}

/// A root that permits no DNS name but those of `example.org`.
fn constrained_root() -> CertificateSpec {
    constrained(0xa0, &dns("example.org"))
}

fn verify(verifier: &Verifier, chain: &[CertificateSpec]) -> VerifyStatus {
    verifier.verify(&ders(chain), Purpose::Server, None, now())
}

fn codes(status: &VerifyStatus) -> Vec<u8> {
    let findings = status.findings().iter();
    findings.map(|found| found.code().number()).collect()
}

#[test]
fn signatures_are_verified_only_if_nothing_is_wrong_yet_and_constraints_last() {
    let good = CertificateSpec::default;
    let (plain, constrained) = (CertificateSpec::root, constrained_root);
    for (faults, end_entity, root, expected) in [
        ("none", good(), plain(), &[][..]),
        ("forged", forged(good()), plain(), &[7]),
        ("for clients", for_clients(good()), plain(), &[26]),
        (
            "for clients, forged",
            for_clients(forged(good())),
            plain(),
            &[26],
        ),
        (
            "expired, forged",
            expired(forged(good())),
            plain(),
            &[7, 10],
        ),
        ("constrained", good(), constrained(), &[47]),
        (
            "constrained, expired",
            expired(good()),
            constrained(),
            &[10],
        ),
        ("constrained, forged", forged(good()), constrained(), &[7]),
        (
            "constrained, for clients",
            for_clients(good()),
            constrained(),
            &[26],
        ),
    ] {
        let status = verify(&verifier(&[root], Policy::default()), &[end_entity]);
        assert_eq!(codes(&status), expected, "{faults}");
    }
}

#[test]
fn a_peer_without_a_certificate_or_with_an_unreadable_one_has_no_path_to_explain() {
    let verifier = verifier(&[CertificateSpec::root()], Policy::default());
    let good = CertificateSpec::default().der();
    for (sent, detail, depth) in [
        (vec![], "the peer sent no certificate", 0),
        (vec![b"?".to_vec()], "the certificate cannot be read", 0),
        (
            vec![good.clone(), b"?".to_vec()],
            "the certificate cannot be read",
            1,
        ),
    ] {
        let sent: Vec<_> = sent.into_iter().map(CertificateDer::from).collect();
        let case = format!("{detail}, depth {depth}");
        let explanation = verifier.explain(&sent, Purpose::Server, None, now());
        assert!(explanation.steps().is_empty(), "{case}");
        let status = explanation.status();
        assert_eq!(codes(status), [1], "{case}");
        let finding = &status.findings()[0];
        let found = (finding.detail(), finding.depth());
        assert_eq!(found, (Some(detail), depth), "{case}");
        assert_eq!((finding.subject(), finding.about()), ("", None), "{case}");
        assert_eq!(status.presented(), sent, "{case}");
    }
    let good = [CertificateDer::from(good)];
    let explanation = verifier.explain(&good, Purpose::Server, None, now());
    assert_eq!(explanation.steps().len(), 2);
}

#[test]
fn only_a_peer_that_is_otherwise_accepted_has_to_be_authorised() {
    for (is_expired, is_authorised, calls, expected) in [
        (false, true, 1, &[][..]),
        (false, false, 1, &[50]),
        (true, true, 0, &[10]),
        (true, false, 0, &[10]),
    ] {
        let case = format!("expired: {is_expired}, authorised: {is_authorised}");
        let end_entity = match is_expired {
            true => expired(CertificateSpec::default()),
            false => CertificateSpec::default(),
        };
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let policy = Policy {
            authorisation: Authorisation::new(move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
                is_authorised
            }),
            ..Policy::default()
        };
        let verifier = verifier(&[CertificateSpec::root()], policy);
        let status = verify(&verifier, &[end_entity]);
        assert_eq!(codes(&status), expected, "{case}");
        assert_eq!(count.load(Ordering::Relaxed), calls, "{case}");
        if expected == [50] {
            let finding = status.error().unwrap();
            let detail =
                "the peer is not authorised; its SIP domain is `sip.example.com` (RFC 5922)";
            assert_eq!(finding.detail(), Some(detail));
            assert!(finding.about().is_some());
        }
    }
}

#[test]
fn a_finding_names_the_trusted_certificate_that_it_is_about() {
    let (good, root) = (CertificateSpec::default(), CertificateSpec::root());
    for (end_entity, root, depth, option) in [
        (good.clone(), expired(root.clone()), 1, Some("trusted-ca")),
        (expired(good), root, 0, None),
    ] {
        let status = verify(&verifier(&[root], Policy::default()), &[end_entity]);
        let finding = status.error().unwrap();
        assert_eq!((finding.code().number(), finding.depth()), (10, depth));
        let origin = finding.origin().map(|origin| origin.option());
        assert_eq!(origin, option, "depth {depth}");
        assert_eq!(finding.revocation_list(), None, "depth {depth}");
        let words = format!("certificate has expired (10) at depth {depth}");
        assert_eq!(finding.statement(), words);
    }
}

#[test]
fn our_chain_is_completed_up_to_the_root_which_is_left_out() {
    let root = CertificateSpec::root();
    let upper = CertificateSpec::ca(cn("Upper"), 4).below(&root);
    let lower = CertificateSpec::ca(cn("Lower"), 5).below(&upper);
    let own = CertificateSpec::default().below(&lower);
    let above = |own: &CertificateSpec, trusted: &[CertificateSpec]| -> Vec<_> {
        let verifier = verifier(trusted, Policy::default());
        let found = verifier.intermediates_above(&own.certificate(), NOW);
        found.iter().map(|found| found.der().to_vec()).collect()
    };
    let all = [root.clone(), upper.clone(), lower.clone(), own.clone()];
    assert_eq!(above(&own, &all), [lower.der(), upper.der()]);
    assert_eq!(above(&own, &all[1..]), [lower.der(), upper.der()]);
    assert_eq!(above(&lower, &all), [upper.der()]);
    assert!(above(&upper, &all).is_empty());
    assert!(above(&root, &all).is_empty());
    // CAs that issued each other.
    let other = CertificateSpec::ca(cn("Other"), 7);
    let one = CertificateSpec::ca(cn("One"), 6).below(&other);
    let other = other.below(&one);
    assert_eq!(above(&one, &[one.clone(), other.clone()]), [other.der()]);
}
