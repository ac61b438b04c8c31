//! The signatures that can be verified in handshakes: those of the base provider, P-521 and RSA-PSS.
//! On certificates there are more, see `signed`.

use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{SignatureVerificationAlgorithm, alg_id};

use super::{p521, rsa_pss};

/// Adds what `base` lacks. The lists stay in memory for good.
pub(super) fn complete(base: WebPkiSupportedAlgorithms) -> WebPkiSupportedAlgorithms {
    let mut all = base.all.to_vec();
    let mut mapping = base.mapping.to_vec();
    if (all.iter()).all(|algorithm| algorithm.public_key_alg_id() != alg_id::ECDSA_P521) {
        all.extend([p521::SHA512, p521::SHA384, p521::SHA256]);
        add_p521(&mut mapping);
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

/// In TLS 1.2 a scheme names the hash only, and every algorithm with that hash is tried. TLS 1.3
/// takes the first.
fn add_p521(mapping: &mut Vec<(SignatureScheme, Algorithms)>) {
    use SignatureScheme::{ECDSA_NISTP256_SHA256, ECDSA_NISTP384_SHA384, ECDSA_NISTP521_SHA512};

    append(mapping, ECDSA_NISTP256_SHA256, p521::SHA256);
    append(mapping, ECDSA_NISTP384_SHA384, p521::SHA384);
    prepend(mapping, ECDSA_NISTP521_SHA512, p521::SHA512);
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
