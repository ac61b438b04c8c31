//! Signatures on certificates and revocation lists: those that the provider verifies, and the others that OpenSSL
//! verifies.
//!
//! A rustls provider identifies an algorithm by the exact octets of its AlgorithmIdentifier. RSA-PSS has endless forms
//! of it, and RSA and ECDSA have more hashes, curves and key sizes than any provider supports. This module verifies
//! those. It adds nothing to what a handshake offers, and it handles no private keys.

mod rsa;

use rustls::pki_types::{SignatureVerificationAlgorithm, alg_id};

use super::ecdsa;
use crate::x509::algorithm::{Algorithm, Digest, KeyKind};
use crate::x509::key::Curve;

/// Data that an issuer signed, with the signature.
///
/// It is a TBSCertificate or a TBSCertList.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    /// The octets that the signature covers.
    pub(crate) message: &'a [u8],
    /// The contents of the signature's AlgorithmIdentifier, without tag and length.
    pub(crate) algorithm: &'a [u8],
    /// The octets of the BIT STRING. The caller refuses one with unused bits, as OpenSSL does.
    pub(crate) signature: &'a [u8],
}

/// The key of an issuer, from its SubjectPublicKeyInfo.
#[derive(Clone, Copy)]
pub(crate) struct IssuerKey<'a> {
    /// The contents of the key's AlgorithmIdentifier, without tag and length.
    pub(crate) algorithm: &'a [u8],
    /// The octets of the subjectPublicKey, with its unused bits cleared.
    pub(crate) bits: &'a [u8],
}

/// Why a signature does not count.
///
/// A certificate gets the number 7 for the first, and 76 for the second.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SignatureProblem {
    /// OpenSSL refuses it too: it is wrong or malformed, or the key cannot have made it.
    Bad,
    /// An algorithm, a hash or a curve that is not known here, or is too weak.
    Unsupported,
}

/// Verifies the signature on a certificate or a list.
///
/// The provider's algorithms that fit the signature and the key are tried first. If there are none, or if the key or
/// the signature has a form that providers do not accept, the signature is verified here. So a wrong signature costs
/// at most two verifications, if the provider has no algorithm twice.
///
/// The provider comes first, because it is faster, and because its code is the one that the user chose.
pub(crate) fn verify_signed(
    algorithms: &[&dyn SignatureVerificationAlgorithm],
    key: IssuerKey<'_>,
    signed: Signed<'_>,
) -> Result<(), SignatureProblem> {
    match verify_by_provider(algorithms, key, signed) {
        Some(Ok(())) => Ok(()),
        Some(Err(problem)) if is_for_providers(key, signed.signature) => Err(problem),
        Some(Err(_)) | None => verify_here(algorithms, key, signed),
    }
}

/// Verifies a signature with the provider. Returns `None` if the provider has no algorithm that fits.
///
/// A provider may have several algorithms under one identifier. One good answer is enough.
fn verify_by_provider(
    algorithms: &[&dyn SignatureVerificationAlgorithm],
    key: IssuerKey<'_>,
    signed: Signed<'_>,
) -> Option<Result<(), SignatureProblem>> {
    let mut fitting = algorithms
        .iter()
        .filter(|algorithm| {
            algorithm.signature_alg_id().as_ref() == signed.algorithm
                && algorithm.public_key_alg_id().as_ref() == key.algorithm
        })
        .peekable();
    fitting.peek()?;
    let is_good = fitting.any(|algorithm| {
        algorithm
            .verify_signature(key.bits, signed.message, signed.signature)
            .is_ok()
    });
    Some(verdict(is_good))
}

/// Whether every provider accepts a key and a signature of this form, so that its verdict is final.
///
/// Some providers refuse points that are compressed, RSA keys of unusual sizes, and RSA signatures without their
/// leading zeros. OpenSSL accepts them.
fn is_for_providers(key: IssuerKey<'_>, signature: &[u8]) -> bool {
    match Algorithm::of_checked(key.algorithm).key_kind() {
        KeyKind::Ec => ecdsa::is_uncompressed(key.bits),
        KeyKind::Rsa | KeyKind::RsaPss => rsa::PublicKey::read(key.bits)
            .is_ok_and(|rsa| rsa.is_for_providers(key.bits) && rsa.len() == signature.len()),
        KeyKind::Ed25519 | KeyKind::Ed448 | KeyKind::Other => true,
    }
}

/// Verifies with the RustCrypto crates. A signature of a kind that the key cannot make is a bad one.
fn verify_here(
    algorithms: &[&dyn SignatureVerificationAlgorithm],
    key: IssuerKey<'_>,
    signed: Signed<'_>,
) -> Result<(), SignatureProblem> {
    let algorithm = Algorithm::of_checked(signed.algorithm);
    let made_by = algorithm.signature().ok_or(SignatureProblem::Unsupported)?;
    let key_algorithm = Algorithm::of_checked(key.algorithm);
    let key_kind = key_algorithm.key_kind();
    if !made_by.fits(key_kind) {
        return Err(SignatureProblem::Bad);
    }
    match made_by.key {
        KeyKind::RsaPss => verify_pss(algorithm, key_algorithm, key.bits, signed),
        KeyKind::Rsa => {
            let digest = strong(algorithm.digest())?;
            let rsa = rsa::PublicKey::read(key.bits)?;
            verdict(rsa.verify_pkcs1(digest, signed.message, signed.signature))
        }
        KeyKind::Ec => {
            let digest = strong(algorithm.digest())?;
            let curve = Curve::named(key_algorithm).ok_or(SignatureProblem::Unsupported)?;
            let (message, signature) = (signed.message, signed.signature);
            verdict(ecdsa::verify(curve, key.bits, digest, message, signature))
        }
        KeyKind::Ed25519 => verify_ed25519(algorithms, key, signed),
        KeyKind::Ed448 | KeyKind::Other => Err(SignatureProblem::Unsupported),
    }
}

/// The restrictions of an RSA-PSS key count (RFC 4055, section 3.3). A mask with another hash than the message is not
/// supported.
fn verify_pss(
    algorithm: Algorithm<'_>,
    key_algorithm: Algorithm<'_>,
    key: &[u8],
    signed: Signed<'_>,
) -> Result<(), SignatureProblem> {
    let parameters = algorithm.pss().filter(|found| found.has_good_trailer);
    let parameters = parameters.ok_or(SignatureProblem::Bad)?;
    if key_algorithm.key_kind() == KeyKind::RsaPss && key_algorithm.parameters.is_some() {
        let limits = key_algorithm.pss().ok_or(SignatureProblem::Bad)?;
        if !parameters.is_within(&limits) {
            return Err(SignatureProblem::Bad);
        }
    }
    strong(Some(parameters.digest))?;
    if parameters.mask_digest != parameters.digest {
        return Err(SignatureProblem::Unsupported);
    }
    let rsa = rsa::PublicKey::read(key)?;
    verdict(rsa.verify_pss(&parameters, signed.message, signed.signature))
}

/// Returns the digest unless it is MD5 or SHA-1, which are refused at any security level.
fn strong(digest: Option<Digest>) -> Result<Digest, SignatureProblem> {
    digest
        .filter(|digest| !digest.is_forgeable())
        .ok_or(SignatureProblem::Unsupported)
}

/// Asks the provider again, with the standard identifier. OpenSSL ignores parameters, though the algorithm has none,
/// and accepts its identifier in any form.
fn verify_ed25519(
    algorithms: &[&dyn SignatureVerificationAlgorithm],
    key: IssuerKey<'_>,
    signed: Signed<'_>,
) -> Result<(), SignatureProblem> {
    let algorithm = &alg_id::ED25519;
    verify_by_provider(
        algorithms,
        IssuerKey { algorithm, ..key },
        Signed {
            algorithm,
            ..signed
        },
    )
    .unwrap_or(Err(SignatureProblem::Unsupported))
}

/// A signature that is not good is a bad one.
fn verdict(is_good: bool) -> Result<(), SignatureProblem> {
    is_good.then_some(()).ok_or(SignatureProblem::Bad)
}

#[cfg(test)]
mod tests;
