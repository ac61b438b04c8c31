//! Public keys: of which kind they are, whether OpenSSL can decode them, and how strong they are.
//!
//! A key is not used here: providers and the crate's own algorithms verify with it. But whether OpenSSL can decode a
//! key decides which certificate it takes for an issuer, and so which path it builds. So the same keys have to be
//! decodable here, also those on curves for which there is no arithmetic.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use p521::elliptic_curve::sec1::ToSec1Point as _;

use super::algorithm::{Algorithm, KeyKind};
use super::der::{self, BitString, Element, Reader};

/// A SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
#[derive(Clone, Debug)]
pub(crate) struct PublicKey<'a> {
    /// With its header.
    pub(crate) der: &'a [u8],
    /// For EC keys, its parameters name the curve.
    pub(crate) algorithm: Algorithm<'a>,
    /// The key itself: a point, or an RSAPublicKey in DER.
    pub(crate) bits: BitString<'a>,
    /// Whether a header has more than 8 octets, at which OpenSSL's decoder of keys gives up.
    has_long_header: bool,
}

/// How strong a key is, in OpenSSL's security bits (`EVP_PKEY_get_security_bits(3)`).
///
/// The default is that of a key which OpenSSL cannot decode.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyStrength {
    pub(crate) kind: KeyKind,
    /// The number that a security level is compared with.
    pub(crate) bits: u32,
    /// The curve is given by its parameters, not by its name.
    pub(crate) has_explicit_curve: bool,
}

impl<'a> PublicKey<'a> {
    /// Reads the structure. Whether the key in it can be decoded is asked for with [`strength`](Self::strength).
    pub(crate) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let element = reader.expect(der::SEQUENCE)?;
        let mut fields = element.fields()?;
        let this = Self {
            der: element.raw,
            algorithm: Algorithm::read(&mut fields)?,
            bits: fields.bit_string()?,
            // One octet must follow a length in the long form.
            has_long_header: element.has_header_over(7),
        };
        fields.end()?;
        Some(this)
    }

    /// The kind goes by the algorithm alone.
    pub(crate) fn kind(&self) -> KeyKind {
        self.algorithm.key_kind()
    }

    /// Writes the same key with an algorithm that has no parameters.
    ///
    /// TLS 1.3 looks algorithms up by a key without parameters, see `crypto::rsa_pss`.
    pub(crate) fn without_parameters(&self) -> Vec<u8> {
        let algorithm = der::encode(der::OBJECT_IDENTIFIER, self.algorithm.oid);
        let bits = [&[self.bits.unused], &*self.bits.octets].concat();
        let fields = [
            der::encode(der::CONSTRUCTED_SEQUENCE, &algorithm),
            der::encode(der::BIT_STRING, &bits),
        ];
        der::encode(der::CONSTRUCTED_SEQUENCE, &fields.concat())
    }

    /// Decodes the key, and rates it.
    ///
    /// The size counts for RSA, the curve for EC (half the bits of its order), and 128 and 224 bits are fixed for
    /// Ed25519 and Ed448. A key on a curve that is not known here has 0 bits, but keeps its kind.
    pub(crate) fn strength(&self) -> KeyStrength {
        let kind = self.kind();
        let bits = match kind {
            _ if self.has_long_header => None,
            KeyKind::RsaPss if !self.has_readable_limits() => None,
            KeyKind::Rsa | KeyKind::RsaPss => self.modulus_bits().map(rsa_security_bits),
            KeyKind::Ec => match self.curve().or_else(|| self.explicit_curve()) {
                Some(curve) => self.is_on(&curve).then_some(curve.bits()),
                None => self.is_on_foreign_curve().then_some(0),
            },
            KeyKind::Ed25519 => self.has_only_octets(32).then_some(128),
            KeyKind::Ed448 => self.has_only_octets(57).then_some(224),
            KeyKind::Other => None,
        };
        bits.map_or_else(KeyStrength::default, |bits| KeyStrength {
            kind,
            bits,
            has_explicit_curve: kind == KeyKind::Ec && self.curve_name().is_none(),
        })
    }

    /// Returns the curve, if it is given by a name that is known here.
    pub(crate) fn curve(&self) -> Option<Curve> {
        Curve::named(self.algorithm)
    }

    /// Returns the curve, if it is given by its parameters (RFC 3279, section 2.3.5) and known here.
    fn explicit_curve(&self) -> Option<Curve> {
        let mut fields = self.algorithm.parameters?.fields()?;
        fields.integer()?;
        let (field, _coefficients) = (fields.sequence()?, fields.sequence()?);
        (field.clone().object_identifier()? == PRIME_FIELD).then_some(())?;
        let base = fields.expect(der::OCTET_STRING)?.string()?;
        // OpenSSL decodes no key whose other parameters are not those of the curve with this base point.
        let mut curves = CURVES.iter().map(|(_, curve)| *curve);
        curves.find(|curve| curve.has_base(&base))
    }

    /// Whether OpenSSL may decode the key, on a curve that is not known here.
    ///
    /// OpenSSL accepts such a certificate as an issuer. So it is accepted here too, but its key has no strength: with
    /// another issuer, a path could be found that OpenSSL does not find.
    ///
    /// Without arithmetic, only the length of the point is compared.
    fn is_on_foreign_curve(&self) -> bool {
        let octets = self
            .algorithm
            .parameters
            .and_then(|parameters| match parameters.tag {
                der::OBJECT_IDENTIFIER => foreign_coordinate(parameters.content),
                der::SEQUENCE => foreign_field(parameters),
                _ => None,
            });
        octets.is_some_and(|octets| match &*self.bits.octets {
            [0] => true,
            [2 | 3, x @ ..] => x.len() == octets,
            [4 | 6 | 7, xy @ ..] => xy.len() == 2 * octets,
            _ => false,
        })
    }

    /// Returns the content octets of the object identifier of the curve.
    pub(crate) fn curve_name(&self) -> Option<&'a [u8]> {
        let parameters = self.algorithm.parameters?;
        (parameters.tag == der::OBJECT_IDENTIFIER).then_some(parameters.content)
    }

    /// Returns the size of an RSA key.
    ///
    /// In bits. `None` if the key is no RSAPublicKey.
    pub(crate) fn modulus_bits(&self) -> Option<u32> {
        // Trailing octets, and numbers that are padded or negative, do not matter to OpenSSL.
        let mut fields = Reader::new(&self.bits.octets).sequence()?;
        let modulus = fields.expect(der::INTEGER).filter(|n| !n.is_constructed)?;
        fields.expect(der::INTEGER).filter(|n| !n.is_constructed)?;
        fields.end()?;
        let start = modulus.content.iter().take_while(|octet| **octet == 0);
        let octets = &modulus.content[start.count()..];
        let unused = octets.first().map_or(0, |first| first.leading_zeros());
        let bits = octets.len().checked_mul(8)? - unused as usize;
        u32::try_from(bits).ok()
    }

    /// Whether OpenSSL can decode the point.
    ///
    /// The point has to be a compressed, uncompressed or hybrid one on the curve. The point at infinity can be
    /// decoded, too.
    fn is_on(&self, curve: &Curve) -> bool {
        let point = &self.bits.octets;
        // The point at infinity verifies nothing, but it can be decoded.
        if **point == [0] {
            return true;
        }
        let point = &sec1(point);
        match curve {
            Curve::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
            Curve::P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
            Curve::P521 => p521::PublicKey::from_sec1_bytes(point).is_ok(),
            Curve::Secp256k1 => k256::PublicKey::from_sec1_bytes(point).is_ok(),
        }
    }

    /// Whether an RSA-PSS key does not restrict its signatures, or OpenSSL can read the restrictions.
    ///
    /// Restrictions that cannot be read leave no key, in OpenSSL as well.
    fn has_readable_limits(&self) -> bool {
        self.algorithm.parameters.is_none() || self.algorithm.pss().is_some()
    }

    /// The keys of Edwards curves have a fixed length, and their algorithms no parameters (RFC 8410, section 3).
    fn has_only_octets(&self, count: usize) -> bool {
        self.algorithm.parameters.is_none() && self.bits.octets.len() == count
    }
}

/// Returns a point in a form of SEC 1. OpenSSL also accepts the hybrid form of X9.62, if the parity of y is right.
///
/// OpenSSL does not decode the compact form, which begins with 5 and has no y. For such a point, no octets are returned.
pub(crate) fn sec1(point: &[u8]) -> Cow<'_, [u8]> {
    match point {
        [5, ..] => Cow::default(),
        [6 | 7, coordinates @ ..] if is_parity_right(point) => [&[4], coordinates].concat().into(),
        _ => point.into(),
    }
}

/// The hybrid form repeats the parity of y in its first octet.
fn is_parity_right(point: &[u8]) -> bool {
    (point.first().zip(point.last())).is_some_and(|(form, y)| form & 1 == y & 1)
}

/// Returns the length of a coordinate on the curve with this name, in octets.
///
/// `None` for a name that is not in [`FOREIGN`].
fn foreign_coordinate(name: &[u8]) -> Option<usize> {
    let (last, start) = name.split_last()?;
    let (_, curves) = FOREIGN.iter().find(|family| family.0 == start)?;
    let (_, octets) = curves.iter().find(|curve| curve.0.contains(last))?;
    Some(*octets)
}

/// Returns the length of a field element, in octets, for curve parameters with a field that no curve here has.
///
/// A prime of the length of a curve that is known here is foreign only if it is one of brainpool's. The others were
/// found by their base points, or are not decoded by OpenSSL.
fn foreign_field(parameters: Element<'_>) -> Option<usize> {
    let mut fields = parameters.fields()?;
    fields.integer()?;
    let mut field = fields.sequence()?;
    if field.object_identifier()? != PRIME_FIELD {
        // Characteristic two: the degree comes first.
        let degree = der::unsigned(field.sequence()?.integer()?)?;
        return usize::try_from(degree.div_ceil(8)).ok();
    }
    let prime = field.integer()?;
    let prime = prime.strip_prefix(&[0]).unwrap_or(prime);
    // P-256, secp256k1, P-384 and P-521 are recognised by their base points.
    let is_foreign = match prime.len() {
        32 | 48 => BRAINPOOL.iter().any(|start| prime.starts_with(start)),
        octets => octets != 66,
    };
    is_foreign.then_some(prime.len())
}

/// A curve on which points can be checked here. Keys on other curves have no strength.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
}

impl Curve {
    /// Returns the curve that the algorithm of a key names.
    pub(crate) fn named(algorithm: Algorithm<'_>) -> Option<Self> {
        let name = algorithm.parameters?;
        let known = CURVES.iter().find(|known| known.0 == name.content);
        known
            .filter(|_| name.tag == der::OBJECT_IDENTIFIER)
            .map(|(_, curve)| *curve)
    }

    /// The security bits of keys on the curve.
    fn bits(self) -> u32 {
        match self {
            Self::P256 | Self::Secp256k1 => 128,
            Self::P384 => 192,
            Self::P521 => 256,
        }
    }

    /// Whether `point` is the base point of the curve, uncompressed.
    fn has_base(self, point: &[u8]) -> bool {
        match self {
            Self::P256 => p256::AffinePoint::GENERATOR.to_sec1_point(false).as_bytes() == point,
            Self::P384 => p384::AffinePoint::GENERATOR.to_sec1_point(false).as_bytes() == point,
            Self::P521 => p521::AffinePoint::GENERATOR.to_sec1_point(false).as_bytes() == point,
            Self::Secp256k1 => {
                k256::AffinePoint::GENERATOR.to_sec1_point(false).as_bytes() == point
            }
        }
    }

    /// The name for people: NIST's, where there is one.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }
}

/// Returns the security bits of an RSA modulus, as OpenSSL estimates them (SP 800-56B rev 2, appendix D).
///
/// The formula estimates the cost of the number field sieve. OpenSSL computes it with integers
/// (`ossl_ifc_ffc_compute_security_bits`), and has a table for the usual sizes. A rating that is too low would refuse
/// a key that OpenSSL accepts, one that is too high the opposite; so the estimate is kept below OpenSSL's.
fn rsa_security_bits(modulus_bits: u32) -> u32 {
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
    let x = f64::from(modulus_bits) * std::f64::consts::LN_2;
    // OpenSSL computes in fixed point and falls short by up to this much.
    let y = (1.923 * (x * x.ln().powi(2)).cbrt() - 4.69) / std::f64::consts::LN_2 - SHORTFALL;
    // For fewer than 8 bits, y is negative or NaN, and the cast gives 0.
    let rounded = (y as u32 + 4) & !7;
    let cap = match modulus_bits {
        ..=7680 => 192,
        7681..=15360 => 256,
        _ => 1200,
    };
    rounded.min(cap)
}

/// With this correction no size from 512 to 16384 bits is rated higher than by OpenSSL 3.0.19.
const SHORTFALL: f64 = 0.04;

/// prime-field (RFC 3279, section 2.3.5).
const PRIME_FIELD: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 1, 1];

/// secp256r1, secp384r1, secp521r1 and secp256k1, by the object identifiers of SEC 2.
const CURVES: &[(&[u8], Curve)] = &[
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], Curve::P256),
    (&[0x2b, 0x81, 4, 0, 34], Curve::P384),
    (&[0x2b, 0x81, 4, 0, 35], Curve::P521),
    (&[0x2b, 0x81, 4, 0, 10], Curve::Secp256k1),
];

/// The first octets of brainpool's primes of 256 and 384 bits.
const BRAINPOOL: [&[u8]; 2] = [
    &[0xa9, 0xfb, 0x57, 0xdb, 0xa1, 0xee, 0xa9, 0xbc],
    &[0x8c, 0xb9, 0x1e, 0x82, 0xa3, 0x38, 0x6d, 0x28],
];

/// Object identifiers that differ in the last octet: their start, and the length of a coordinate for ranges of last
/// octets.
type Family = (&'static [u8], &'static [(RangeInclusive<u8>, usize)]);

/// The other curves of OpenSSL (`openssl ecparam -list_curves`), except SM2, whose keys it does not use for ECDSA.
const FOREIGN: &[Family] = &[
    // X9.62, characteristic two.
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0],
        &[
            (1..=3, 21),
            (4..=4, 22),
            (5..=7, 24),
            (10..=10, 26),
            (11..=13, 30),
            (16..=16, 34),
            (17..=17, 38),
            (18..=18, 45),
            (19..=19, 46),
            (20..=20, 54),
        ],
    ),
    // X9.62, prime.
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1],
        &[(1..=3, 24), (4..=6, 30)],
    ),
    // SEC 2.
    (
        &[0x2b, 0x81, 4, 0],
        &[
            (1..=2, 21),
            (3..=3, 30),
            (4..=5, 15),
            (6..=7, 14),
            (8..=9, 20),
            (15..=15, 21),
            (16..=17, 36),
            (22..=23, 17),
            (24..=25, 25),
            (26..=27, 30),
            (28..=29, 16),
            (30..=30, 20),
            (31..=31, 24),
            (32..=33, 28),
            (36..=37, 52),
            (38..=39, 72),
        ],
    ),
    // WAP.
    (
        &[0x67, 43, 1, 4],
        &[
            (1..=1, 15),
            (3..=3, 21),
            (4..=4, 15),
            (5..=5, 21),
            (6..=6, 14),
            (7..=7, 20),
            (8..=8, 14),
            (9..=9, 20),
            (10..=11, 30),
            (12..=12, 28),
        ],
    ),
    // Brainpool.
    (
        &[0x2b, 0x24, 3, 3, 2, 8, 1, 1],
        &[
            (1..=2, 20),
            (3..=4, 24),
            (5..=6, 28),
            (7..=8, 32),
            (9..=10, 40),
            (11..=12, 48),
            (13..=14, 64),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::env;

    use x509_parser::oid_registry::Oid;

    use super::*;
    use crate::x509::test_pki::{
        EC_PUBLIC_KEY as EC, RSA, RSA_PSS, bit_string, integer, octets, oid, openssl, seq, text,
        tlv,
    };

    const ED25519: &[u8] = &[0x2b, 0x65, 112];
    const ED448: &[u8] = &[0x2b, 0x65, 113];

    #[test]
    fn rsa_bits_are_those_of_openssl() {
        // EVP_PKEY_get_security_bits, 3.0.19.
        let measured = [
            (0, 0),
            (7, 0),
            (8, 0),
            (16, 8),
            (512, 56),
            (1024, 80),
            (1025, 80),
            (1136, 80),
            (1138, 88),
            (1536, 96),
            (2047, 112),
            (2048, 112),
            (2049, 112),
            (2560, 120),
            (3071, 128),
            (3072, 128),
            (4095, 152),
            (4096, 152),
            (4097, 152),
            (5120, 168),
            (6144, 176),
            (7168, 192),
            (7679, 192),
            (7680, 192),
            (7681, 200),
            (8192, 200),
            (9215, 208),
            (9219, 216),
            (10240, 224),
            (12288, 240),
            (15359, 256),
            (15360, 256),
            (15361, 264),
            (16384, 272),
            (600_000, 1136),
            (1_000_000, 1200),
        ];
        for (modulus, bits) in measured {
            assert_eq!(rsa_security_bits(modulus), bits, "{modulus}");
        }
    }

    #[test]
    fn the_bits_of_a_modulus_are_counted_from_its_first_bit() {
        let read = |key: &[u8]| {
            let der = spki(&[oid(RSA)], key);
            PublicKey::read(&mut Reader::new(&der))
                .unwrap()
                .modulus_bits()
        };
        let bits = |modulus: &[u8]| read(&seq(&[integer(modulus), integer(&[3])]));
        assert_eq!(bits(&[0xff, 1]), Some(16));
        assert_eq!(bits(&[0x7f, 1]), Some(15));
        assert_eq!(bits(&[1, 0, 1]), Some(17));
        assert_eq!(bits(&[0, 0, 0x80, 1]), Some(16));
        assert_eq!(bits(&[0]), Some(0));
        let number = || integer(&[0x55]);
        let malformed = [
            number(),
            seq(&[]),
            seq(&[number()]),
            seq(&[number(), octets(&[3])]),
            seq(&[octets(&[0x55]), number()]),
            seq(&[number(), number(), number()]),
            seq(&[tlv(0x22, &number()), number()]),
            seq(&[number(), tlv(0x22, &number())]),
        ];
        for key in malformed {
            assert_eq!(read(&key), None, "{key:02x?}");
        }
    }

    #[test]
    fn a_key_that_openssl_cannot_decode_is_none() {
        let key = seq(&[
            integer(&[&[0, 0x80][..], &[1; 255]].concat()),
            integer(&[3]),
        ]);
        let unknown_digest = seq(&[tlv(0xa0, &seq(&[oid(&[0x2a])]))]);
        let null = || tlv(5, &[]);
        let cases = [
            (spki(&[oid(RSA)], &key), KeyKind::Rsa, 112),
            (spki(&[oid(RSA), null()], &key), KeyKind::Rsa, 112),
            (spki(&[oid(RSA)], &key[1..]), KeyKind::Other, 0),
            (spki(&[oid(RSA_PSS)], &key), KeyKind::RsaPss, 112),
            (spki(&[oid(RSA_PSS), seq(&[])], &key), KeyKind::RsaPss, 112),
            (spki(&[oid(RSA_PSS), null()], &key), KeyKind::Other, 0),
            (
                spki(&[oid(RSA_PSS), unknown_digest], &key),
                KeyKind::Other,
                0,
            ),
            (spki(&[oid(ED25519)], &[7; 32]), KeyKind::Ed25519, 128),
            (spki(&[oid(ED25519)], &[7; 31]), KeyKind::Other, 0),
            (spki(&[oid(ED25519)], &[7; 33]), KeyKind::Other, 0),
            (spki(&[oid(ED25519), null()], &[7; 32]), KeyKind::Other, 0),
            (spki(&[oid(ED448)], &[7; 57]), KeyKind::Ed448, 224),
            (spki(&[oid(ED448)], &[7; 56]), KeyKind::Other, 0),
            (spki(&[oid(ED448)], &[7; 58]), KeyKind::Other, 0),
            (spki(&[oid(ED448), null()], &[7; 57]), KeyKind::Other, 0),
            (spki(&[oid(EC)], &[0]), KeyKind::Other, 0),
            (spki(&[oid(EC), null()], &[0]), KeyKind::Other, 0),
            (spki(&[oid(&[0x2a])], &[7; 32]), KeyKind::Other, 0),
        ];
        for (der, kind, bits) in cases {
            let found = PublicKey::read(&mut Reader::new(&der)).unwrap().strength();
            assert_eq!((found.kind, found.bits), (kind, bits), "{der:02x?}");
            assert!(!found.has_explicit_curve, "{der:02x?}");
        }
    }

    #[test]
    fn a_key_in_a_header_of_more_than_seven_octets_is_none() {
        let content = [seq(&[oid(ED25519)]), bit_string(&[7; 32])].concat();
        for (octets, kind) in [(5, KeyKind::Ed25519), (6, KeyKind::Other)] {
            let mut der = vec![0x30, 0x80 | octets];
            der.resize(usize::from(octets) + 1, 0);
            der.push(content.len() as u8);
            der.extend(&content);
            let found = PublicKey::read(&mut Reader::new(&der)).unwrap().strength();
            assert_eq!(found.kind, kind, "{octets}");
        }
    }

    #[test]
    fn a_key_without_parameters_is_otherwise_the_same() {
        let der = seq(&[seq(&[oid(RSA_PSS), seq(&[])]), tlv(3, &[4, 0x50])]);
        let key = PublicKey::read(&mut Reader::new(&der)).unwrap();
        let expected = seq(&[seq(&[oid(RSA_PSS)]), tlv(3, &[4, 0x50])]);
        assert_eq!(key.without_parameters(), expected);
    }

    #[test]
    fn a_point_is_on_its_curve_in_each_form() {
        for (id, (curve, base, bits, name)) in CURVES.iter().map(|known| known.0).zip(bases()) {
            assert_eq!((curve.bits(), curve.name()), (bits, name));
            let strength = |point: &[u8]| {
                let der = spki(&[oid(EC), oid(id)], point);
                let key = PublicKey::read(&mut Reader::new(&der)).unwrap();
                assert_eq!((key.curve(), key.curve_name()), (Some(curve), Some(id)));
                let found = key.strength();
                assert!(!found.has_explicit_curve);
                (found.kind == KeyKind::Ec).then_some(found.bits)
            };
            let parity = base.last().unwrap() & 1;
            let form = |form: u8| [&[form], &base[1..]].concat();
            let compressed = |form: u8| [&[form], &base[1..=base.len() / 2]].concat();
            let good = [
                base.clone(),
                form(6 | parity),
                compressed(2),
                compressed(3),
                vec![0],
            ];
            for point in good {
                assert_eq!(strength(&point), Some(bits), "{name} {point:02x?}");
            }
            let mut off_curve = base.clone();
            off_curve[1] ^= 1;
            let malformed = [
                vec![],
                vec![4],
                vec![6],
                vec![7],
                vec![0, 0],
                form(7 - parity),
                form(5),
                compressed(4),
                compressed(5),
                off_curve,
                base[..base.len() - 1].to_vec(),
                [&*base, &[0]].concat(),
            ];
            for point in malformed {
                assert_eq!(strength(&point), None, "{name} {point:02x?}");
            }
        }
    }

    #[test]
    fn a_hybrid_point_repeats_the_parity_of_its_second_coordinate() {
        let point = |form, last| [&[form][..], &[9; 63], &[last]].concat();
        for (form, last, becomes) in [
            (6, 8, 4),
            (7, 9, 4),
            (6, 0xfe, 4),
            (7, 0xff, 4),
            (6, 9, 6),
            (7, 8, 7),
            (4, 9, 4),
            (2, 8, 2),
            (3, 9, 3),
        ] {
            assert_eq!(
                *sec1(&point(form, last)),
                point(becomes, last),
                "{form} {last}"
            );
        }
    }

    /// The curves and fields are those of the installed `openssl`.
    #[test]
    fn all_other_curves_of_openssl_are_known_by_name() {
        let objects = text(&openssl(&["list", "-objects"]));
        let objects: HashMap<_, _> = objects
            .lines()
            .filter_map(|line| line.split_once(" = "))
            .map(|(name, rest)| (name, rest.rsplit(", ").next().unwrap()))
            .collect();
        let listed = text(&openssl(&["ecparam", "-list_curves"]));
        let mut foreign = HashMap::new();
        for line in listed.lines() {
            // Those of Oakley have no object identifiers.
            let Some((name, about)) = line.split_once(':') else {
                continue;
            };
            let Some((_, size)) = about.split_once(" curve over a ") else {
                continue;
            };
            let bits: usize = size.split(' ').next().unwrap().parse().unwrap();
            let id: Oid<'_> = objects[name.trim()].parse().unwrap();
            let known = match name.trim() {
                "prime256v1" => Some(Curve::P256),
                "secp384r1" => Some(Curve::P384),
                "secp521r1" => Some(Curve::P521),
                "secp256k1" => Some(Curve::Secp256k1),
                _ => None,
            };
            let der = seq(&[oid(EC), oid(id.as_bytes())]);
            let algorithm = Algorithm::read(&mut Reader::new(&der)).unwrap();
            assert_eq!(Curve::named(algorithm), known, "{name}");
            if known.is_none() && name.trim() != "SM2" {
                foreign.insert(id.as_bytes().to_vec(), bits.div_ceil(8));
            }
        }
        // Debian's openssl, which CI has, knows all curves. Others know fewer.
        let least = if env::var_os("CI").is_some() { 61 } else { 1 };
        assert!(foreign.len() >= least, "{}", foreign.len());
        for (id, octets) in &foreign {
            assert_eq!(foreign_coordinate(id), Some(*octets), "{id:02x?}");
            for last in 0..=0xff {
                let id = [&id[..id.len() - 1], &[last]].concat();
                let expected = foreign.get(&id).copied();
                assert_eq!(foreign_coordinate(&id), expected, "{id:02x?}");
            }
        }
        assert_eq!(foreign_coordinate(&[]), None);
        assert_eq!(foreign_coordinate(&[7]), None);
    }

    #[test]
    fn a_curve_given_by_its_parameters_is_known_by_its_base_point() {
        for (_, base, bits, _) in bases() {
            let prime = field(PRIME_FIELD, &integer(&[7]));
            // The base point is a point like any other.
            assert_eq!(strength(&prime, &base, &base), Some(bits));
            let mut off_curve = base.clone();
            *off_curve.last_mut().unwrap() ^= 1;
            assert_eq!(strength(&prime, &base, &off_curve), None, "{bits}");
            let binary = field(BINARY_FIELD, &seq(&[integer(&[1, 0])]));
            assert_ne!(strength(&binary, &base, &base), Some(bits));
        }
    }

    #[test]
    fn a_point_on_a_named_foreign_curve_has_the_length_of_its_field_and_no_strength() {
        // brainpoolP256r1, secp224r1 and sect163k1.
        let curves: [(&[u8], usize); 3] = [
            (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7], 32),
            (&[0x2b, 0x81, 4, 0, 33], 28),
            (&[0x2b, 0x81, 4, 0, 1], 21),
        ];
        for (id, octets) in curves {
            let strength = |form: u8, len| {
                let point = [&[form][..], &vec![1; len]].concat();
                let der = spki(&[oid(EC), oid(id)], &point);
                let key = PublicKey::read(&mut Reader::new(&der)).unwrap();
                assert_eq!((key.curve(), key.curve_name()), (None, Some(id)));
                let found = key.strength();
                (found.kind, found.bits, found.has_explicit_curve)
            };
            assert_eq!(strength(4, 2 * octets), (KeyKind::Ec, 0, false));
            assert_eq!(strength(3, octets), (KeyKind::Ec, 0, false));
            assert_eq!(strength(4, octets), (KeyKind::Other, 0, false));
            assert_eq!(strength(3, 2 * octets), (KeyKind::Other, 0, false));
        }
    }

    #[test]
    fn a_point_on_a_foreign_curve_has_the_length_of_its_field_and_no_strength() {
        let prime = |number: &[u8]| field(PRIME_FIELD, &integer(number));
        let fields = [
            (field(BINARY_FIELD, &seq(&[integer(&[0, 163])])), 21),
            (field(BINARY_FIELD, &seq(&[integer(&[1, 0x9b])])), 52),
            (prime(&[&[0, 0xff][..], &[7; 23]].concat()), 24),
            (prime(&[7; 20]), 20),
            (prime(&[&[0][..], BRAINPOOL[0], &[7; 24]].concat()), 32),
            (prime(&[&[0][..], BRAINPOOL[1], &[7; 40]].concat()), 48),
        ];
        for (field, octets) in fields {
            let key = |form: u8, len| {
                strength(&field, &[4, 1, 1], &[&[form][..], &vec![1; len]].concat())
            };
            for compressed in [2, 3] {
                assert_eq!(key(compressed, octets), Some(0), "{octets}");
                assert_eq!(key(compressed, octets - 1), None, "{octets}");
                assert_eq!(key(compressed, octets + 1), None, "{octets}");
            }
            for whole in [4, 6, 7] {
                assert_eq!(key(whole, 2 * octets), Some(0), "{octets}");
                assert_eq!(key(whole, 2 * octets - 1), None, "{octets}");
                assert_eq!(key(whole, 2 * octets + 1), None, "{octets}");
            }
            assert_eq!(key(0, 0), Some(0), "{octets}");
            assert_eq!(key(0, octets), None, "{octets}");
            assert_eq!(key(5, 2 * octets), None, "{octets}");
        }
        // As long as those of the curves that are known here.
        let primes = [
            [&[0, 0xff][..], &[7; 31]],
            [&[0, 0xff][..], &[7; 47]],
            [&[1][..], &[7; 65]],
        ];
        for parts in primes {
            let point = [&[4][..], &vec![1; 2 * (1 + parts[1].len())]].concat();
            assert_eq!(strength(&prime(&parts.concat()), &[4, 1, 1], &point), None);
        }
    }

    /// The strength of a key whose curve has this field and base point, if OpenSSL may decode it.
    fn strength(field: &[u8], base: &[u8], point: &[u8]) -> Option<u32> {
        let coefficients = seq(&[octets(&[1]), octets(&[1])]);
        let curve = [
            integer(&[1]),
            field.to_vec(),
            coefficients,
            octets(base),
            integer(&[7]),
        ];
        let der = spki(&[oid(EC), seq(&curve)], point);
        let found = PublicKey::read(&mut Reader::new(&der)).unwrap().strength();
        let is_decoded = found.kind == KeyKind::Ec;
        assert_eq!(found.has_explicit_curve, is_decoded);
        is_decoded.then_some(found.bits)
    }

    /// A SubjectPublicKeyInfo with these fields of the algorithm.
    fn spki(algorithm: &[Vec<u8>], key: &[u8]) -> Vec<u8> {
        seq(&[seq(algorithm), bit_string(key)])
    }

    /// The base points of the curves that are known here, with the security bits and the names.
    fn bases() -> [(Curve, Vec<u8>, u32, &'static str); 4] {
        let p256 = p256::AffinePoint::GENERATOR.to_sec1_point(false);
        let p384 = p384::AffinePoint::GENERATOR.to_sec1_point(false);
        let p521 = p521::AffinePoint::GENERATOR.to_sec1_point(false);
        let secp256k1 = k256::AffinePoint::GENERATOR.to_sec1_point(false);
        [
            (Curve::P256, p256.as_bytes().to_vec(), 128, "P-256"),
            (Curve::P384, p384.as_bytes().to_vec(), 192, "P-384"),
            (Curve::P521, p521.as_bytes().to_vec(), 256, "P-521"),
            (
                Curve::Secp256k1,
                secp256k1.as_bytes().to_vec(),
                128,
                "secp256k1",
            ),
        ]
    }

    fn field(kind: &[u8], parameters: &[u8]) -> Vec<u8> {
        seq(&[oid(kind), parameters.to_vec()])
    }

    const BINARY_FIELD: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 1, 2];
}
