//! What verifiers with the same files share, and what they do not share.

use std::sync::{Arc, Weak};

use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};

use super::super::PathSignatures::Verified;
use super::super::{Basis, Crl, RevocationDepth, RevocationIndex};
use super::list::*;
use super::signatures::EverySignature;
use crate::options::{SecurityLevel, Source};
use crate::pki::{RevocationLists, Roots, crls, roots};
use crate::verify::code::VerifyCode;
use crate::verify::purpose::Purpose;
use crate::verify::test_pki::*;
use crate::verify::tests::case::{Algorithms, counting, ders, expired, now};
use crate::verify::trust_store::TrustStore;
use crate::verify::{Verifier, VerifyStatus};
use crate::x509::Certificate;

/// The parts of a verifier, by default the CA `Root` and its list.
#[derive(Clone)]
struct Made {
    /// The name under which the bytes are given.
    file: &'static str,
    ca: CertificateSpec,
    list: ListSpec,
    level: Option<SecurityLevel>,
}

impl Default for Made {
    fn default() -> Self {
        Self {
            file: "file",
            ca: CertificateSpec::root(),
            list: revoking(),
            level: None,
        }
    }
}

impl Made {
    fn roots(&self) -> Roots {
        roots::load(Source::bytes(self.file, self.ca.der())).unwrap()
    }

    fn lists(&self) -> RevocationLists {
        crls::load(Source::bytes(self.file, self.list.der())).unwrap()
    }

    fn verifier_with(&self, algorithms: Algorithms) -> Verifier {
        let provider = CryptoProvider {
            signature_verification_algorithms: WebPkiSupportedAlgorithms {
                all: algorithms,
                mapping: &[],
            },
            ..Arc::unwrap_or_clone(crate::crypto::default_base().unwrap())
        };
        let builder = Verifier::builder(&provider)
            .trusted(self.roots().certificates())
            .revocation_lists(self.lists().into_lists());
        let builder = match self.level {
            Some(level) => builder.security_level(level),
            None => builder,
        };
        builder.build().unwrap()
    }

    fn verifier(&self) -> Verifier {
        self.verifier_with(ALGORITHMS)
    }
}

/// Algorithms for which every signature is good.
const ALGORITHMS: Algorithms = &[&EverySignature { except: None }];

fn verify(verifier: &Verifier) -> VerifyStatus {
    verify_chain(verifier, &[CertificateSpec::default()])
}

fn verify_chain(verifier: &Verifier, sent: &[CertificateSpec]) -> VerifyStatus {
    verifier.verify(&ders(sent), Purpose::Server, None, now())
}

/// Whether both hold the same store, the same list and the same knowledge of its signature.
fn shared(a: &Verifier, b: &Verifier) -> (bool, bool, bool) {
    let (list, signature) = a.lists()[0].shares(&b.lists()[0]);
    let store = Arc::ptr_eq(a.shared_store(), b.shared_store());
    (store, list, signature)
}

#[test]
fn verifiers_of_the_same_files_share_everything_and_verify_the_list_once() {
    let (algorithm, all) = counting();
    let [a, b] = [(); 2].map(|()| Made::default().verifier_with(all));
    assert_eq!(shared(&a, &b), (true, true, true));
    assert!(std::ptr::eq(a.lists(), b.lists()));
    assert_eq!(algorithm.count(), 1);
    for verifier in [a, b] {
        assert_eq!(verify(&verifier).code(), VerifyCode::CertRevoked);
    }
}

#[test]
fn the_same_content_in_two_files_is_kept_once_and_each_verifier_names_its_own() {
    let in_file = |file| Made {
        file,
        ..Made::default()
    };
    let [a, b] = ["a.pem", "b.pem"].map(in_file);
    let [a_ca, b_ca] = [&a, &b].map(|made| made.roots().certificates()[0].clone());
    assert_eq!(a_ca.address(), b_ca.address());
    assert!(!a_ca.is_same(&b_ca));
    let [a, b] = [a, b].map(|made| made.verifier());
    assert_eq!(shared(&a, &b), (false, true, false));
    for (verifier, file) in [(a, "a.pem"), (b, "b.pem")] {
        let status = verify(&verifier);
        assert_eq!(status.code(), VerifyCode::CertRevoked);
        let origin = status.error().and_then(|found| found.origin()).unwrap();
        assert_eq!(origin.to_string(), file);
        let trusted = verifier.trusted().next().unwrap();
        assert_eq!(trusted.origin().to_string(), file);
    }
}

#[test]
fn what_a_list_is_verified_with_is_each_verifiers_own() {
    let made = Made::default();
    let strict = Made {
        level: SecurityLevel::new(3),
        ..made.clone()
    };
    let other_ca = Made {
        ca: CertificateSpec::root().with(extension(NETSCAPE_CERT_TYPE, false, &[3, 2, 1, 6])),
        ..made.clone()
    };
    let first = made.verifier();
    let other_algorithms = made.verifier_with(counting().1);
    assert_eq!(shared(&first, &other_algorithms), (true, true, false));
    assert_eq!(shared(&first, &strict.verifier()), (true, true, false));
    assert_eq!(shared(&first, &other_ca.verifier()), (false, true, false));
    let other_list = Made {
        list: list(),
        ..made
    };
    assert_eq!(shared(&first, &other_list.verifier()), (true, false, false));
}

/// A CA may make a key that seems to have signed another CA's list, and so claim that list as its own.
#[test]
fn a_ca_that_another_verifier_trusts_does_not_settle_whose_a_list_is() {
    let index = |seed| {
        let mut store = TrustStore::default();
        let ca = Made {
            ca: CertificateSpec::ca(root_name(), seed),
            ..Made::default()
        };
        store.add(ca.roots().certificates()[0].clone());
        let basis = Basis::new(&store.shared(), ALGORITHMS, SecurityLevel::default());
        let lists = Made::default().lists().into_lists().into_iter();
        RevocationIndex::new(lists.map(|list| Crl::new(list, &basis)).collect())
    };
    let end_entity = CertificateSpec {
        serial: vec![7],
        ..CertificateSpec::default()
    };
    let end_entity = end_entity.certificate();
    let ask = |index: &RevocationIndex, seed| {
        let issuer = CertificateSpec::ca(root_name(), seed).certificate();
        let path: [&Certificate<'_>; 2] = [&end_entity, &issuer];
        let depth = RevocationDepth::EndEntity;
        let found = index.check_path(&path, depth, NOW, ALGORITHMS, Verified);
        found.refusals.first().map(|refusal| refusal.code())
    };
    let (a, b) = (index(2), index(1));
    assert_eq!(ask(&a, 2), None);
    assert_eq!(ask(&b, 1), None, "it was settled for `a` only");
    let settled = Some(VerifyCode::CrlSignatureFailure);
    assert_eq!((ask(&a, 1), ask(&b, 2)), (settled, settled));
}

/// The subject of a certificate with a bad signature.
const FORGED: &str = "forged";
const MOST_ALGORITHMS: Algorithms = &[&EverySignature {
    except: Some(FORGED),
}];

#[test]
fn a_path_with_a_bad_signature_does_not_settle_whose_a_list_is() {
    let made = Made {
        list: ListSpec {
            issuer: cn("Intermediate"),
            ..list()
        },
        ..Made::default()
    };
    let verifier = made.verifier_with(MOST_ALGORITHMS);
    let ask = |end_entity, seed| {
        let intermediate =
            CertificateSpec::ca(cn("Intermediate"), seed).below(&CertificateSpec::root());
        let end_entity = CertificateSpec {
            subject: cn(end_entity),
            ..CertificateSpec::default().below(&intermediate)
        };
        verify_chain(&verifier, &[end_entity, intermediate]).code()
    };
    assert_eq!(ask(FORGED, 5), VerifyCode::CertSignatureFailure);
    assert_eq!(ask("good", 4), VerifyCode::Ok);
    assert_eq!(ask("good", 5), VerifyCode::CrlSignatureFailure);
}

#[test]
fn of_our_own_chain_only_revocation_is_checked() {
    let verifier = Made::default().verifier_with(counting().1);
    let find = |spec: &CertificateSpec| {
        let chain = ders(std::slice::from_ref(spec));
        let found = verifier.revocation_of_own(&chain, NOW);
        found.map(|finding| (finding.code(), finding.depth()))
    };
    let revoked = CertificateSpec::default();
    let good = CertificateSpec {
        serial: vec![7],
        ..revoked.clone()
    };
    assert_eq!(find(&good), None);
    assert_eq!(find(&expired(good)), None);
    let expected = Some((VerifyCode::CertRevoked, 0));
    assert_eq!(find(&revoked), expected);
    assert_eq!(find(&expired(revoked)), expected);
}

#[test]
fn what_no_verifier_uses_any_more_is_gone() {
    // Tests that run at the same time use none of these parts.
    let made = Made {
        file: "this test",
        list: revoking().revoking(&[77]),
        ..Made::default()
    };
    let verifier = made.verifier();
    let store: Weak<dyn Send + Sync> = Arc::<TrustStore>::downgrade(verifier.shared_store());
    let [list, signature] = verifier.lists()[0].shared();
    let kept = [store, list, signature];
    let is_kept = |weak: &Weak<_>| weak.strong_count() > 0;
    let copy = verifier.clone();
    drop(verifier);
    assert!(kept.iter().all(is_kept));
    drop(copy);
    assert!(!kept.iter().any(is_kept));
}
