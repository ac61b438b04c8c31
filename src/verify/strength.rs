use x509_parser::asn1_rs::{Any, FromDer, Oid, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::oid;
use x509_parser::public_key::PublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// How strong the key and the signature of a certificate are, in OpenSSL's security bits
/// (`EVP_PKEY_get_security_bits(3)`, `X509_get_signature_info(3)`).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Strength {
    pub(crate) key: KeyKind,
    pub(crate) key_bits: u32,
    pub(crate) has_explicit_curve: bool,
    /// `None` for an algorithm that is not known here.
    pub(crate) signature: Option<SignatureKind>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum KeyKind {
    Ec,
    Ed25519,
    Ed448,
    #[default]
    Other,
    Rsa,
    RsaPss,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SignatureKind {
    pub(crate) key: KeyKind,
    pub(crate) bits: u32,
}

/// Nobody looks at the signature of a trust anchor: it counts as made by its own key.
pub(crate) fn of_anchor(spki: &SubjectPublicKeyInfo<'_>) -> Strength {
    let key = key_kind(&spki.algorithm.algorithm);
    Strength {
        signature: Some(SignatureKind {
            key,
            bits: u32::MAX,
        }),
        ..of_key(spki)
    }
}

pub(crate) fn of(cert: &X509Certificate<'_>) -> Strength {
    Strength {
        signature: signature_of(cert),
        ..of_key(cert.public_key())
    }
}

/// OpenSSL takes the kind of key from the algorithm within the signed part, and the digest from the one beside it.
fn signature_of(cert: &X509Certificate<'_>) -> Option<SignatureKind> {
    let within = signature(&cert.tbs_certificate.signature)?;
    let beside = signature(&cert.signature_algorithm);
    Some(SignatureKind {
        key: within.key,
        bits: beside.map_or(0, |beside| beside.bits),
    })
}

fn of_key(spki: &SubjectPublicKeyInfo<'_>) -> Strength {
    if !is_readable(spki) {
        return Strength::default();
    }
    let key = key_kind(&spki.algorithm.algorithm);
    Strength {
        key,
        key_bits: key_bits(key, spki),
        has_explicit_curve: key == KeyKind::Ec && named_curve(spki).is_none(),
        signature: None,
    }
}

impl SignatureKind {
    /// Whether a key of this kind can have made the signature.
    pub(crate) fn fits(self, key: KeyKind) -> bool {
        self.key == key || (self.key == KeyKind::RsaPss && key == KeyKind::Rsa)
    }
}

/// Returns the security bits of an RSA modulus, as OpenSSL estimates them (SP 800-56B rev 2, appendix D).
pub(crate) fn rsa_security_bits(modulus_bits: u32) -> u32 {
    const EXACT: &[(u32, u32)] = &[
        (2048, 112),
        (3072, 128),
        (4096, 152),
        (6144, 176),
        (7680, 192),
        (8192, 200),
        (15360, 256),
    ];
    if let Some((_, bits)) = EXACT.iter().find(|(size, _)| *size == modulus_bits) {
        return *bits;
    }
    if modulus_bits < 8 {
        return 0;
    }
    let x = f64::from(modulus_bits) * std::f64::consts::LN_2;
    // OpenSSL computes in fixed point and falls short by up to this much.
    let y = (1.923 * (x * x.ln().powi(2)).cbrt() - 4.69) / std::f64::consts::LN_2 - SHORTFALL;
    let rounded = (y as u32 + 4) & !7;
    let cap = match modulus_bits {
        ..=7680 => 192,
        7681..=15360 => 256,
        _ => 1200,
    };
    rounded.min(cap)
}

/// Names a key by its kind and size, such as `RSA 2048` or `EC P-256`.
pub(super) fn key_name(spki: &SubjectPublicKeyInfo<'_>) -> String {
    let oid = &spki.algorithm.algorithm;
    let rsa = |name: &str| match modulus_bits(spki) {
        Some(bits) => format!("{name} {bits}"),
        None => name.to_owned(),
    };
    match key_kind(oid) {
        KeyKind::Rsa => rsa("RSA"),
        KeyKind::RsaPss => rsa("RSA-PSS"),
        KeyKind::Ec => match named_curve(spki) {
            Some(curve) => format!("EC {}", curve_name(&curve)),
            None => "EC".to_owned(),
        },
        KeyKind::Ed25519 => "Ed25519".to_owned(),
        KeyKind::Ed448 => "Ed448".to_owned(),
        KeyKind::Other => oid.to_id_string(),
    }
}

fn curve_name(curve: &Oid<'_>) -> String {
    let known = [
        (oid!(1.2.840.10045.3.1.7), "P-256"),
        (oid!(1.3.132.0.34), "P-384"),
        (oid!(1.3.132.0.35), "P-521"),
        (oid!(1.3.132.0.10), "secp256k1"),
        (oid!(1.3.132.0.33), "P-224"),
    ];
    let name = known.iter().find(|(oid, _)| oid == curve);
    name.map_or_else(|| curve.to_id_string(), |(_, name)| (*name).to_owned())
}

fn key_kind(oid: &Oid<'_>) -> KeyKind {
    if *oid == oid!(1.2.840.113549.1.1.1) {
        KeyKind::Rsa
    } else if *oid == oid!(1.2.840.113549.1.1.10) {
        KeyKind::RsaPss
    } else if *oid == oid!(1.2.840.10045.2.1) {
        KeyKind::Ec
    } else if *oid == oid!(1.3.101.112) {
        KeyKind::Ed25519
    } else if *oid == oid!(1.3.101.113) {
        KeyKind::Ed448
    } else {
        KeyKind::Other
    }
}

/// Whether OpenSSL can decode the key: a point must lie on its curve.
fn is_readable(spki: &SubjectPublicKeyInfo<'_>) -> bool {
    let point = &spki.subject_public_key.data;
    if let KeyKind::Rsa | KeyKind::RsaPss = key_kind(&spki.algorithm.algorithm) {
        return modulus_bits(spki).is_some();
    }
    match named_curve(spki) {
        Some(curve) if curve == P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
        Some(curve) if curve == P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
        Some(curve) if curve == P521 => p521::PublicKey::from_sec1_bytes(point).is_ok(),
        _ => true,
    }
}

fn key_bits(kind: KeyKind, spki: &SubjectPublicKeyInfo<'_>) -> u32 {
    match kind {
        KeyKind::Rsa | KeyKind::RsaPss => modulus_bits(spki).map_or(0, rsa_security_bits),
        KeyKind::Ec => named_curve(spki).map_or(0, |curve| curve_bits(&curve)),
        KeyKind::Ed25519 => 128,
        KeyKind::Ed448 => 224,
        KeyKind::Other => 0,
    }
}

fn modulus_bits(spki: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    let key = match spki.parsed() {
        Ok(PublicKey::RSA(key)) => key,
        _ => {
            let bits = &spki.subject_public_key.data;
            x509_parser::public_key::RSAPublicKey::from_der(bits)
                .ok()?
                .1
        }
    };
    let start = key.modulus.iter().position(|octet| *octet != 0)?;
    let octets = &key.modulus[start..];
    let bits = octets.len().checked_mul(8)? - octets[0].leading_zeros() as usize;
    u32::try_from(bits).ok()
}

fn named_curve<'a>(spki: &'a SubjectPublicKeyInfo<'_>) -> Option<Oid<'a>> {
    let parameters = spki.algorithm.parameters.as_ref()?;
    match parameters.tag() {
        Tag::Oid => parameters.as_oid().ok(),
        _ => None,
    }
}

fn curve_bits(curve: &Oid<'_>) -> u32 {
    let known = [
        (P256, 128),                        // P-256
        (P384, 192),                        // P-384
        (P521, 256),                        // P-521
        (oid!(1.3.132.0.10), 128),          // secp256k1
        (oid!(1.3.132.0.33), 112),          // P-224
        (oid!(1.3.36.3.3.2.8.1.1.7), 128),  // brainpoolP256r1
        (oid!(1.3.36.3.3.2.8.1.1.11), 192), // brainpoolP384r1
        (oid!(1.3.36.3.3.2.8.1.1.13), 256), // brainpoolP512r1
    ];
    known
        .iter()
        .find(|(oid, _)| oid == curve)
        .map_or(0, |(_, bits)| *bits)
}

pub(crate) fn signature(algorithm: &AlgorithmIdentifier<'_>) -> Option<SignatureKind> {
    let oid = &algorithm.algorithm;
    if *oid == oid!(1.2.840.113549.1.1.10) {
        let bits = pss_hash_bits(algorithm.parameters.as_ref()?)?;
        return Some(SignatureKind {
            key: KeyKind::RsaPss,
            bits,
        });
    }
    let known = [
        (oid!(1.2.840.113549.1.1.4), KeyKind::Rsa, MD5),
        (oid!(1.2.840.113549.1.1.5), KeyKind::Rsa, SHA1),
        (oid!(1.2.840.113549.1.1.14), KeyKind::Rsa, 112),
        (oid!(1.2.840.113549.1.1.11), KeyKind::Rsa, 128),
        (oid!(1.2.840.113549.1.1.12), KeyKind::Rsa, 192),
        (oid!(1.2.840.113549.1.1.13), KeyKind::Rsa, 256),
        (oid!(1.2.840.10045.4.1), KeyKind::Ec, SHA1),
        (oid!(1.2.840.10045.4.3.1), KeyKind::Ec, 112),
        (oid!(1.2.840.10045.4.3.2), KeyKind::Ec, 128),
        (oid!(1.2.840.10045.4.3.3), KeyKind::Ec, 192),
        (oid!(1.2.840.10045.4.3.4), KeyKind::Ec, 256),
        (oid!(1.3.101.112), KeyKind::Ed25519, 128),
        (oid!(1.3.101.113), KeyKind::Ed448, 224),
    ];
    known
        .iter()
        .find(|(known, ..)| known == oid)
        .map(|(_, key, bits)| SignatureKind {
            key: *key,
            bits: *bits,
        })
}

fn pss_hash_bits(parameters: &Any<'_>) -> Option<u32> {
    let parameters = RsaSsaPssParams::try_from(parameters).ok()?;
    let hash = parameters.hash_algorithm_oid();
    let known = [
        (oid!(1.3.14.3.2.26), SHA1),
        (oid!(2.16.840.1.101.3.4.2.4), 112),
        (oid!(2.16.840.1.101.3.4.2.1), 128),
        (oid!(2.16.840.1.101.3.4.2.2), 192),
        (oid!(2.16.840.1.101.3.4.2.3), 256),
    ];
    known
        .iter()
        .find(|(known, _)| known == hash)
        .map(|(_, bits)| *bits)
}

const P256: Oid<'static> = oid!(1.2.840.10045.3.1.7);
const P384: Oid<'static> = oid!(1.3.132.0.34);
const P521: Oid<'static> = oid!(1.3.132.0.35);

/// With this much less no size from 512 to 16384 bits is rated above what 3.0.19 says.
const SHORTFALL: f64 = 0.04;

/// OpenSSL rates both below half their length, because collisions are known to be cheaper.
const SHA1: u32 = 63;
const MD5: u32 = 39;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rsa_bits_are_those_of_openssl() {
        // `openssl genpkey` and EVP_PKEY_get_security_bits, 3.0.19.
        let measured = [
            (1024, 80),
            (2048, 112),
            (3072, 128),
            (4096, 152),
            (15360, 256),
        ];
        for (modulus, bits) in measured {
            assert_eq!(rsa_security_bits(modulus), bits, "{modulus}");
        }
    }
}
