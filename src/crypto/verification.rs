//! The signatures that can be verified in handshakes: those of the base provider, P-521, every digest with every
//! curve, and RSA-PSS. The module `signed` verifies more of them on certificates.
//!
//! rustls looks algorithms up in two ways. For a certificate it takes those of `all` that name the algorithm and the
//! key exactly. For a handshake it takes the `mapping` from a scheme to algorithms; a scheme of TLS 1.3 is verified
//! with the first one alone. So the order within a scheme counts, and a new algorithm must not come before the one
//! for TLS 1.3.

use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::SignatureVerificationAlgorithm;

use super::ecdsa::{self, Ecdsa};
use super::kept::{Kept, Part};
use super::rsa_pss;
use crate::x509::algorithm::Digest;
use crate::x509::key::Curve;

/// Adds what `base` lacks. The lists stay in memory for good.
pub(super) fn complete(base: WebPkiSupportedAlgorithms) -> WebPkiSupportedAlgorithms {
    static KEPT: Kept<Parts, WebPkiSupportedAlgorithms> = Kept::new();
    let parts = (Part(base.all), Part(base.mapping));
    KEPT.get_or_make(parts, || extend(base))
}

/// Adds an algorithm for every digest with each curve that the base supports, and for P-521 in any case.
fn extend(base: WebPkiSupportedAlgorithms) -> WebPkiSupportedAlgorithms {
    let mut all = base.all.to_vec();
    let mut mapping = base.mapping.to_vec();
    for algorithm in &ecdsa::ALGORITHMS {
        let is_known = (base.all.iter()).any(|known| is_of_key(*known, algorithm));
        // If the base lacks another curve, this is intended.
        if is_known || algorithm.curve == Curve::P521 {
            all.push(algorithm);
            add(&mut mapping, algorithm);
        }
    }
    for (scheme, algorithm) in rsa_pss::algorithms(base.all) {
        all.push(algorithm);
        match mapping.iter_mut().find(|(known, _)| *known == scheme) {
            Some((_, known)) => *known = [*known, &[algorithm]].concat().leak(),
            None => mapping.push((scheme, vec![algorithm].leak())),
        }
    }
    WebPkiSupportedAlgorithms {
        all: all.leak(),
        mapping: mapping.leak(),
    }
}

/// Adds an algorithm to its scheme. In TLS 1.2 a scheme names the digest only, and every algorithm with that digest is
/// tried. TLS 1.3 uses the first one.
fn add(mapping: &mut Vec<(SignatureScheme, Algorithms)>, algorithm: &'static Ecdsa) {
    let (scheme, curve) = match algorithm.digest {
        Digest::Sha384 => (SignatureScheme::ECDSA_NISTP384_SHA384, Curve::P384),
        Digest::Sha512 => (SignatureScheme::ECDSA_NISTP521_SHA512, Curve::P521),
        _ => (SignatureScheme::ECDSA_NISTP256_SHA256, Curve::P256),
    };
    let added: Algorithms = vec![algorithm as &dyn SignatureVerificationAlgorithm].leak();
    match mapping.iter_mut().find(|(known, _)| *known == scheme) {
        Some((_, known)) if known.iter().any(|known| is_of_key(*known, algorithm)) => (),
        Some((_, known)) if algorithm.curve == curve => *known = [added, known].concat().leak(),
        Some((_, known)) => *known = [known, added].concat().leak(),
        None => mapping.insert(after_ecdsa(mapping), (scheme, added)),
    }
}

type Algorithm = &'static dyn SignatureVerificationAlgorithm;
type Algorithms = &'static [Algorithm];
/// What the completed lists are made from.
type Parts = (Part<[Algorithm]>, Part<[(SignatureScheme, Algorithms)]>);

/// Whether two algorithms are for the same kind of key.
fn is_of_key(known: &dyn SignatureVerificationAlgorithm, algorithm: &Ecdsa) -> bool {
    known.public_key_alg_id() == algorithm.public_key_alg_id()
}

/// Returns the place of a new scheme. It is the same as in OpenSSL: after the other schemes of ECDSA.
fn after_ecdsa(mapping: &[(SignatureScheme, Algorithms)]) -> usize {
    let ecdsa = [
        SignatureScheme::ECDSA_NISTP256_SHA256,
        SignatureScheme::ECDSA_NISTP384_SHA384,
    ];
    let last = mapping.iter().rposition(|(known, _)| ecdsa.contains(known));
    last.map_or(0, |last| last + 1)
}

#[cfg(test)]
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod tests {
    use rustls::pki_types::{AlgorithmIdentifier, alg_id};

    use super::super::default_base;
    use super::*;

    /// OpenSSL offers the schemes of ECDSA one after the other.
    #[test]
    fn the_scheme_of_p521_follows_those_of_the_other_curves() {
        const P256: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;
        const P384: SignatureScheme = SignatureScheme::ECDSA_NISTP384_SHA384;
        const OTHER: SignatureScheme = SignatureScheme::RSA_PSS_SHA256;
        for (schemes, place) in [
            (&[][..], 0),
            (&[OTHER], 0),
            (&[P256], 1),
            (&[OTHER, P256], 2),
            (&[P384, P256, OTHER], 2),
            (&[P256, OTHER, P384, OTHER], 3),
        ] {
            let none: Algorithms = &[];
            let mapping: Vec<_> = schemes.iter().map(|scheme| (*scheme, none)).collect();
            assert_eq!(after_ecdsa(&mapping), place, "{schemes:?}");
        }
    }

    #[test]
    fn a_scheme_of_ecdsa_has_its_digest_with_every_curve_and_its_own_curve_first() {
        const CURVES: [AlgorithmIdentifier; 3] =
            [alg_id::ECDSA_P256, alg_id::ECDSA_P384, alg_id::ECDSA_P521];
        let base = default_base().unwrap().signature_verification_algorithms;
        let mapping = complete(base).mapping;
        for (scheme, digest, own) in [
            (
                SignatureScheme::ECDSA_NISTP256_SHA256,
                alg_id::ECDSA_SHA256,
                alg_id::ECDSA_P256,
            ),
            (
                SignatureScheme::ECDSA_NISTP384_SHA384,
                alg_id::ECDSA_SHA384,
                alg_id::ECDSA_P384,
            ),
            (
                SignatureScheme::ECDSA_NISTP521_SHA512,
                alg_id::ECDSA_SHA512,
                alg_id::ECDSA_P521,
            ),
        ] {
            let of_scheme: Vec<_> = mapping.iter().filter(|(s, _)| *s == scheme).collect();
            let [(_, algorithms)] = of_scheme[..] else {
                panic!("{scheme:?} stands there {} times", of_scheme.len());
            };
            let digests = algorithms.iter().map(|known| known.signature_alg_id());
            assert!(digests.into_iter().all(|d| d == digest), "{scheme:?}");
            let keys = || algorithms.iter().map(|known| known.public_key_alg_id());
            assert_eq!(keys().next(), Some(own), "{scheme:?}");
            for curve in CURVES {
                assert_eq!(keys().filter(|k| *k == curve).count(), 1, "{scheme:?}");
            }
        }
    }
}
