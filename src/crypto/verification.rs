//! The signatures that can be verified: those of the base provider, and P-521.

use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{SignatureVerificationAlgorithm, alg_id};

use super::p521;

/// Adds what `base` lacks. The lists stay in memory for good.
pub(super) fn complete(base: WebPkiSupportedAlgorithms) -> WebPkiSupportedAlgorithms {
    if (base.all.iter()).any(|algorithm| algorithm.public_key_alg_id() == alg_id::ECDSA_P521) {
        return base;
    }
    let mut all = base.all.to_vec();
    all.extend([p521::SHA512, p521::SHA384, p521::SHA256]);
    let mut mapping = base.mapping.to_vec();
    // In TLS 1.2 a scheme names the hash only, and every algorithm with that hash is tried.
    // TLS 1.3 takes the first.
    append(
        &mut mapping,
        SignatureScheme::ECDSA_NISTP256_SHA256,
        p521::SHA256,
    );
    append(
        &mut mapping,
        SignatureScheme::ECDSA_NISTP384_SHA384,
        p521::SHA384,
    );
    prepend(
        &mut mapping,
        SignatureScheme::ECDSA_NISTP521_SHA512,
        p521::SHA512,
    );
    WebPkiSupportedAlgorithms {
        all: all.leak(),
        mapping: mapping.leak(),
    }
}

type Algorithms = &'static [&'static dyn SignatureVerificationAlgorithm];

fn append(
    mapping: &mut [(SignatureScheme, Algorithms)],
    scheme: SignatureScheme,
    algorithm: &'static dyn SignatureVerificationAlgorithm,
) {
    if let Some((_, known)) = mapping.iter_mut().find(|(known, _)| *known == scheme) {
        *known = [*known, &[algorithm]].concat().leak();
    }
}

/// A scheme that is new stands where OpenSSL has it: after the other ones of ECDSA.
fn prepend(
    mapping: &mut Vec<(SignatureScheme, Algorithms)>,
    scheme: SignatureScheme,
    algorithm: &'static dyn SignatureVerificationAlgorithm,
) {
    if let Some((_, known)) = mapping.iter_mut().find(|(known, _)| *known == scheme) {
        *known = [&[algorithm], *known].concat().leak();
        return;
    }
    let ecdsa = [
        SignatureScheme::ECDSA_NISTP256_SHA256,
        SignatureScheme::ECDSA_NISTP384_SHA384,
    ];
    let last = mapping.iter().rposition(|(known, _)| ecdsa.contains(known));
    let at = last.map_or(0, |last| last + 1);
    mapping.insert(at, (scheme, vec![algorithm].leak()));
}
