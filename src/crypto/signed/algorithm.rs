//! What an AlgorithmIdentifier says of a signature or a key.

use super::SignatureProblem;
use super::der::{OBJECT_IDENTIFIER, Reader, SEQUENCE};
use super::ecdsa::Curve;
use super::hash::Hash;
use super::pss::Parameters;

/// How a signature was made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scheme {
    Ecdsa(Hash),
    Ed25519,
    /// RSASSA-PKCS1-v1_5.
    Pkcs1(Hash),
    Pss(Parameters),
}

impl Scheme {
    /// Reads the contents of an AlgorithmIdentifier. OpenSSL looks at the parameters of RSA-PSS only.
    pub(super) fn read(algorithm: &[u8]) -> Result<Self, SignatureProblem> {
        let (oid, parameters) = split(algorithm).ok_or(SignatureProblem::Bad)?;
        let scheme = match oid {
            RSASSA_PSS => {
                let parameters = Parameters::read(sequence(parameters)?)?;
                // SHA-1 is weaker than the least security level.
                if parameters.hash == Hash::Sha1 {
                    return Err(SignatureProblem::Unsupported);
                }
                Some(Self::Pss(parameters))
            }
            ED25519 => Some(Self::Ed25519),
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last] => match last {
                11 => Some(Self::Pkcs1(Hash::Sha256)),
                12 => Some(Self::Pkcs1(Hash::Sha384)),
                13 => Some(Self::Pkcs1(Hash::Sha512)),
                14 => Some(Self::Pkcs1(Hash::Sha224)),
                _ => None,
            },
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, last] => match last {
                1 => Some(Self::Ecdsa(Hash::Sha224)),
                2 => Some(Self::Ecdsa(Hash::Sha256)),
                3 => Some(Self::Ecdsa(Hash::Sha384)),
                4 => Some(Self::Ecdsa(Hash::Sha512)),
                _ => None,
            },
            _ => None,
        };
        scheme.ok_or(SignatureProblem::Unsupported)
    }
}

/// What a key is, but for the key itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum KeyKind {
    Ec(Curve),
    Ed25519,
    Rsa,
    /// A key for RSA-PSS only, and the limits of the signatures that it makes.
    RsaPss(Option<Parameters>),
}

impl KeyKind {
    /// Reads the contents of an AlgorithmIdentifier. OpenSSL ignores the parameters of RSA.
    pub(super) fn read(algorithm: &[u8]) -> Result<Self, SignatureProblem> {
        let (oid, parameters) = split(algorithm).ok_or(SignatureProblem::Bad)?;
        match (oid, parameters) {
            (RSA_ENCRYPTION, _) => Ok(Self::Rsa),
            (RSASSA_PSS, None) => Ok(Self::RsaPss(None)),
            (RSASSA_PSS, _) => {
                let limits = Parameters::read_limits(sequence(parameters)?)?;
                Ok(Self::RsaPss(Some(limits)))
            }
            (EC_PUBLIC_KEY, Some((OBJECT_IDENTIFIER, curve))) => Curve::of_oid(curve)
                .map(Self::Ec)
                .ok_or(SignatureProblem::Unsupported),
            (ED25519, None) => Ok(Self::Ed25519),
            _ => Err(SignatureProblem::Unsupported),
        }
    }
}

type Element<'a> = (u8, &'a [u8]);

/// Splits the contents of an AlgorithmIdentifier into the OBJECT IDENTIFIER and the parameters.
pub(super) fn split(algorithm: &[u8]) -> Option<(&[u8], Option<Element<'_>>)> {
    let mut reader = Reader::new(algorithm);
    let oid = reader.expect(OBJECT_IDENTIFIER)?;
    let parameters = match reader.end() {
        Some(()) => None,
        None => Some(reader.next()?),
    };
    reader.end()?;
    Some((oid, parameters))
}

/// Returns the contents of parameters that must be a SEQUENCE.
fn sequence(parameters: Option<Element<'_>>) -> Result<&[u8], SignatureProblem> {
    match parameters {
        Some((SEQUENCE, content)) => Ok(content),
        _ => Err(SignatureProblem::Bad),
    }
}

const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
