//! AlgorithmIdentifiers: which key, which digest, and how strong (RFC 4055, RFC 5480, RFC 8410).
//!
//! OpenSSL goes by object identifiers here. Of signature algorithms, it looks at the parameters of RSA-PSS alone. An
//! algorithm that is not known here verifies nothing and has no strength; whether a certificate with it can be part
//! of a path is decided elsewhere.

use super::der::{self, Element, Reader, context};

/// An AlgorithmIdentifier (RFC 5280, section 4.1.1.2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Algorithm<'a> {
    /// Without the outer header, which is the form that rustls compares.
    pub(crate) content: &'a [u8],
    /// The content octets of the object identifier.
    pub(crate) oid: &'a [u8],
    /// Absent, or any one value.
    pub(crate) parameters: Option<Element<'a>>,
}

/// A kind of public key, as OpenSSL tells them apart.
///
/// The kinds of keys that make the signatures in certificates: OpenSSL's `EVP_PKEY_RSA`, `EVP_PKEY_RSA_PSS`,
/// `EVP_PKEY_EC` and so on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum KeyKind {
    Ec,
    Ed25519,
    Ed448,
    /// One that is not known here.
    #[default]
    Other,
    Rsa,
    RsaPss,
}

/// A digest that signatures are made with.
///
/// MD5 and SHA-1 are known, so that what is signed with them can be refused by name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Digest {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// The kind of key and the strength of the digest of a signature algorithm.
///
/// OpenSSL finds it with `OBJ_find_sigid_algs`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignatureKind {
    pub(crate) key: KeyKind,
    /// The strength of the digest in OpenSSL's security bits (`X509_get_signature_info(3)`); 0 if it is unknown.
    pub(crate) bits: u32,
}

/// RSASSA-PSS-params (RFC 4055, section 3.1): what a signature was made with, or what a key is restricted to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PssParameters {
    pub(crate) digest: Digest,
    /// The digest of the mask generation function.
    pub(crate) mask_digest: Digest,
    /// In octets; in a key, the shortest salt that its signatures may have.
    pub(crate) salt_len: usize,
    /// Whether the trailer field has the required value. OpenSSL does not check it in a key.
    pub(crate) has_good_trailer: bool,
}

impl<'a> Algorithm<'a> {
    /// Reads an AlgorithmIdentifier: an object identifier, and one value of any type at most.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let element = reader.expect(der::SEQUENCE)?;
        let mut fields = element.fields()?;
        let oid = fields.object_identifier()?;
        let parameters = match fields.is_empty() {
            true => None,
            false => Some(fields.next()?),
        };
        fields.end()?;
        if let Some(parameters) = parameters {
            parameters.any()?;
        }
        Some(Self {
            content: element.content,
            oid,
            parameters,
        })
    }

    /// Takes the content of an AlgorithmIdentifier that was read before.
    ///
    /// If the content is not one, the object identifier is empty, and no algorithm is known by it.
    pub(crate) fn of_checked(content: &'a [u8]) -> Self {
        let mut fields = Reader::of_checked(content);
        Self {
            content,
            oid: fields.object_identifier().unwrap_or_default(),
            parameters: fields.next(),
        }
    }

    /// Whether both are the same, even if they are encoded differently (`X509_ALGOR_cmp(3)`).
    ///
    /// The signed part of a certificate and its signature each name the algorithm, and both must name the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.oid == other.oid
            && match (self.parameters, other.parameters) {
                (None, None) => true,
                (Some(one), Some(other)) => is_same_value(one, other),
                _ => false,
            }
    }

    /// Returns the kind of a key with this algorithm.
    ///
    /// Parameters do not matter for the kind.
    pub(crate) fn key_kind(&self) -> KeyKind {
        let known = KEYS.iter().find(|known| known.0 == self.oid);
        known.map_or(KeyKind::Other, |(_, kind)| *kind)
    }

    /// Returns the kind of key that makes such signatures, and how strong the digest is; `None` if the algorithm is
    /// not known here.
    ///
    /// A signature with RSA-PSS whose parameters OpenSSL cannot use has no strength. The digests of Ed25519 and Ed448
    /// count as 128 and 224 bits.
    pub(crate) fn signature(&self) -> Option<SignatureKind> {
        if self.oid == RSASSA_PSS {
            let parameters = self.pss().filter(|found| found.has_good_trailer);
            return Some(SignatureKind {
                key: KeyKind::RsaPss,
                bits: parameters.map_or(0, |found| found.digest.bits()),
            });
        }
        let (_, key, digest) = SIGNATURES.iter().find(|known| known.0 == self.oid)?;
        Some(SignatureKind {
            key: *key,
            bits: digest.map_or(if *key == KeyKind::Ed448 { 224 } else { 128 }, Digest::bits),
        })
    }

    /// Returns the digest of a signature with RSA or ECDSA. OpenSSL looks at the parameters of RSA-PSS only.
    ///
    /// `None` for Edwards curves, whose digest is a part of the algorithm, and for algorithms that are not known.
    pub(crate) fn digest(&self) -> Option<Digest> {
        if self.oid == RSASSA_PSS {
            return self.pss().map(|found| found.digest);
        }
        let known = SIGNATURES.iter().find(|known| known.0 == self.oid)?;
        known.2
    }

    /// Returns the parameters of RSA-PSS, if OpenSSL can use them.
    ///
    /// `None` if a digest is not known, or something other than MGF1 makes the mask.
    pub(crate) fn pss(&self) -> Option<PssParameters> {
        PssParameters::read(self.parameters?)
    }
}

/// Compares values as `ASN1_TYPE_cmp(3)` does: strings by their octets, whatever their encoding.
fn is_same_value(one: Element<'_>, other: Element<'_>) -> bool {
    if one.tag != other.tag {
        return false;
    }
    match one.tag {
        der::SEQUENCE | der::SET => one.raw == other.raw,
        der::BIT_STRING => {
            let octets = |value: Element<'_>| value.bit_string().map(|bits| bits.octets.to_vec());
            octets(one) == octets(other)
        }
        tag if tag & 0xc0 != 0 => one.raw == other.raw,
        _ => one.string() == other.string(),
    }
}

impl SignatureKind {
    /// Whether a key of this kind can have made the signature.
    ///
    /// A common RSA key can make both kinds of RSA signatures. A key of the type RSA-PSS makes PSS signatures only.
    pub(crate) fn fits(self, key: KeyKind) -> bool {
        self.key == key || (self.key == KeyKind::RsaPss && key == KeyKind::Rsa)
    }
}

impl Digest {
    /// Whether an attacker can make other messages for which a signature with this digest is good.
    ///
    /// Collisions are known for MD5 and SHA-1.
    pub(crate) fn is_forgeable(self) -> bool {
        matches!(self, Self::Md5 | Self::Sha1)
    }

    /// Returns the length of its output in octets.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Half of the digest's length, as collisions cost that much.
    fn bits(self) -> u32 {
        match self {
            // OpenSSL rates both below half their length, because collisions are known to be cheaper.
            Self::Md5 => 39,
            Self::Sha1 => 63,
            Self::Sha224 => 112,
            Self::Sha256 => 128,
            Self::Sha384 => 192,
            Self::Sha512 => 256,
        }
    }

    /// Returns the digest that an AlgorithmIdentifier names.
    pub(crate) fn of(algorithm: Algorithm<'_>) -> Option<Self> {
        let known = DIGESTS.iter().find(|known| known.0 == algorithm.oid);
        known.map(|(_, digest)| *digest)
    }

    /// Returns the digest of MGF1, the one mask generation function (RFC 8017, appendix B.2.1).
    fn of_mask(algorithm: Algorithm<'_>) -> Option<Self> {
        if algorithm.oid != MGF1 {
            return None;
        }
        let mut parameters = Reader::new(algorithm.parameters?.raw);
        Self::of(Algorithm::read(&mut parameters)?)
    }
}

impl PssParameters {
    /// Reads RSASSA-PSS-params. What is left out has the default of RFC 4055: SHA-1, MGF1 with SHA-1, and a salt of
    /// 20 octets.
    fn read(parameters: Element<'_>) -> Option<Self> {
        let mut fields = (parameters.tag == der::SEQUENCE).then(|| parameters.fields())??;
        let digest = match fields.optional(context(0))? {
            Some(explicit) => Digest::of(Algorithm::read(&mut explicit.explicit()?)?)?,
            None => Digest::Sha1,
        };
        let mask_digest = match fields.optional(context(1))? {
            Some(explicit) => Digest::of_mask(Algorithm::read(&mut explicit.explicit()?)?)?,
            None => Digest::Sha1,
        };
        let salt_len = match fields.optional(context(2))? {
            Some(explicit) => small(explicit.explicit()?.integer()?)?,
            None => 20,
        };
        let has_good_trailer = match fields.optional(context(3))? {
            Some(explicit) => explicit.explicit()?.integer()? == [1],
            None => true,
        };
        fields.end()?;
        Some(Self {
            digest,
            mask_digest,
            salt_len,
            has_good_trailer,
        })
    }

    /// Whether a key that is restricted to `limits` may make such signatures.
    ///
    /// The salt may be longer than the key asks for, and the digests must be the same (RFC 4055, section 3.3).
    pub(crate) fn is_within(&self, limits: &Self) -> bool {
        self.digest == limits.digest
            && self.mask_digest == limits.mask_digest
            && self.salt_len >= limits.salt_len
    }
}

/// Returns a number that is not negative and has 31 bits at most.
fn small(octets: &[u8]) -> Option<usize> {
    let is_negative = octets.first().is_some_and(|octet| octet & 0x80 != 0);
    let value = der::unsigned(octets).filter(|_| !is_negative)?;
    usize::try_from(i32::try_from(value).ok()?).ok()
}

const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];

/// rsaEncryption, id-RSASSA-PSS, id-ecPublicKey, id-Ed25519 and id-Ed448.
const KEYS: &[(&[u8], KeyKind)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], KeyKind::Rsa),
    (RSASSA_PSS, KeyKind::RsaPss),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], KeyKind::Ec),
    (&[0x2b, 0x65, 112], KeyKind::Ed25519),
    (&[0x2b, 0x65, 113], KeyKind::Ed448),
];

/// md5, id-sha1, id-sha224, id-sha256, id-sha384 and id-sha512.
const DIGESTS: &[(&[u8], Digest)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5], Digest::Md5),
    (&[0x2b, 14, 3, 2, 26], Digest::Sha1),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4], Digest::Sha224),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], Digest::Sha256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], Digest::Sha384),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], Digest::Sha512),
];

/// The algorithms except RSA-PSS, whose digest is in its parameters. The algorithms of Edwards curves name no digest.
const SIGNATURES: &[(&[u8], KeyKind, Option<Digest>)] = &[
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4],
        KeyKind::Rsa,
        Some(Digest::Md5),
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5],
        KeyKind::Rsa,
        Some(Digest::Sha1),
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14],
        KeyKind::Rsa,
        Some(Digest::Sha224),
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
        KeyKind::Rsa,
        Some(Digest::Sha256),
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12],
        KeyKind::Rsa,
        Some(Digest::Sha384),
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13],
        KeyKind::Rsa,
        Some(Digest::Sha512),
    ),
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1],
        KeyKind::Ec,
        Some(Digest::Sha1),
    ),
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1],
        KeyKind::Ec,
        Some(Digest::Sha224),
    ),
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2],
        KeyKind::Ec,
        Some(Digest::Sha256),
    ),
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3],
        KeyKind::Ec,
        Some(Digest::Sha384),
    ),
    (
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4],
        KeyKind::Ec,
        Some(Digest::Sha512),
    ),
    (&[0x2b, 0x65, 112], KeyKind::Ed25519, None),
    (&[0x2b, 0x65, 113], KeyKind::Ed448, None),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::test_pki::{bit_string, integer, octets, oid, seq, tlv};

    #[test]
    fn parameters_are_the_same_whatever_the_pieces_of_strings() {
        // As `X509_ALGOR_cmp` and ASN1_TYPE_cmp have it: strings by content, all else by octets.
        let pieces = |tag, one: Vec<u8>, other: Vec<u8>| tlv(tag, &[one, other].concat());
        let same = [
            (vec![], vec![]),
            (tlv(5, &[]), tlv(5, &[])),
            (seq(&[integer(&[1])]), seq(&[integer(&[1])])),
            (octets(&[1, 2]), pieces(0x24, octets(&[1]), octets(&[2]))),
            (
                bit_string(&[1, 2]),
                // The unused bits are counted once.
                pieces(0x23, bit_string(&[1]), tlv(3, &[2])),
            ),
            (tlv(0x80, &[1]), tlv(0x80, &[1])),
            // Unused bits count for nothing, nor does their number.
            (tlv(3, &[4, 0xaf]), tlv(3, &[4, 0xa0])),
            (tlv(3, &[4, 0xa0]), bit_string(&[0xa0])),
            (tlv(0x31, &[1]), tlv(0x31, &[1])),
        ];
        for (one, other) in same {
            assert!(is_same(&one, &other), "{one:02x?} {other:02x?}");
        }
        let different = [
            (vec![], tlv(5, &[])),
            (tlv(5, &[]), seq(&[])),
            (seq(&[integer(&[1])]), seq(&[integer(&[2])])),
            (
                seq(&[octets(&[1, 2])]),
                seq(&[pieces(0x24, octets(&[1]), octets(&[2]))]),
            ),
            (octets(&[1]), octets(&[2])),
            (octets(&[1]), tlv(0x0c, &[1])),
            (bit_string(&[1]), bit_string(&[2])),
            (tlv(0x80, &[1]), tlv(0x80, &[2])),
            (tlv(0x80, &[1, 2]), tlv(0xa0, &octets(&[1, 2]))),
            (tlv(0x31, &[1]), tlv(0x31, &[2])),
            (seq(&[]), tlv(0x31, &[])),
        ];
        for (one, other) in different {
            assert!(!is_same(&one, &other), "{one:02x?} {other:02x?}");
        }
    }

    #[test]
    fn algorithms_are_the_same_only_with_the_same_identifier() {
        let [one, other] = [[0x2a, 3], [0x2a, 4]].map(|id| seq(&[oid(&id), tlv(5, &[])]));
        assert!(read(&one).is_same(&read(&one)));
        assert!(!read(&one).is_same(&read(&other)));
    }

    /// The strengths are those of `X509_get_signature_info(3)`.
    #[test]
    fn a_signature_has_the_key_the_digest_and_the_strength_of_its_algorithm() {
        use KeyKind::{Ec, Ed448, Ed25519, Rsa};
        let rsa = |last| [&RSASSA_PSS[..8], &[last]].concat();
        let ecdsa = |last: &[u8]| [&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4], last].concat();
        let cases = [
            (rsa(4), Rsa, Some(Digest::Md5), 39),
            (rsa(5), Rsa, Some(Digest::Sha1), 63),
            (rsa(14), Rsa, Some(Digest::Sha224), 112),
            (rsa(11), Rsa, Some(Digest::Sha256), 128),
            (rsa(12), Rsa, Some(Digest::Sha384), 192),
            (rsa(13), Rsa, Some(Digest::Sha512), 256),
            (ecdsa(&[1]), Ec, Some(Digest::Sha1), 63),
            (ecdsa(&[3, 1]), Ec, Some(Digest::Sha224), 112),
            (ecdsa(&[3, 2]), Ec, Some(Digest::Sha256), 128),
            (ecdsa(&[3, 3]), Ec, Some(Digest::Sha384), 192),
            (ecdsa(&[3, 4]), Ec, Some(Digest::Sha512), 256),
            (vec![0x2b, 0x65, 112], Ed25519, None, 128),
            (vec![0x2b, 0x65, 113], Ed448, None, 224),
        ];
        for (id, key, digest, bits) in cases {
            let der = seq(&[oid(&id)]);
            let algorithm = read(&der);
            let found = algorithm.signature().unwrap();
            assert_eq!((found.key, found.bits), (key, bits), "{id:02x?}");
            assert_eq!(algorithm.digest(), digest, "{id:02x?}");
        }
        let unknown = [
            rsa(1),
            rsa(6),
            ecdsa(&[3, 5]),
            vec![0x2b, 0x65, 111],
            vec![0x2a],
        ];
        for id in unknown {
            let der = seq(&[oid(&id)]);
            assert!(read(&der).signature().is_none(), "{id:02x?}");
            assert_eq!(read(&der).digest(), None, "{id:02x?}");
        }
        let content = Algorithm::of_checked(&[0xff]);
        assert!(content.oid.is_empty() && content.signature().is_none());
        assert_eq!(content.key_kind(), KeyKind::Other);
    }

    #[test]
    fn a_key_makes_the_signatures_of_its_kind() {
        use KeyKind::{Ec, Ed448, Ed25519, Other, Rsa, RsaPss};
        let kinds = [Ec, Ed25519, Ed448, Rsa, RsaPss];
        for signature in kinds {
            for key in kinds.into_iter().chain([Other]) {
                let kind = SignatureKind {
                    key: signature,
                    bits: 0,
                };
                let expected = signature == key || (signature, key) == (RsaPss, Rsa);
                assert_eq!(kind.fits(key), expected, "{signature:?} {key:?}");
            }
        }
    }

    #[test]
    fn digests_have_their_length_and_the_broken_ones_are_forgeable() {
        let cases = [
            (Digest::Md5, 16, true),
            (Digest::Sha1, 20, true),
            (Digest::Sha224, 28, false),
            (Digest::Sha256, 32, false),
            (Digest::Sha384, 48, false),
            (Digest::Sha512, 64, false),
        ];
        for (digest, len, is_forgeable) in cases {
            assert_eq!(digest.len(), len, "{digest:?}");
            assert_eq!(digest.is_forgeable(), is_forgeable, "{digest:?}");
        }
    }

    #[test]
    fn parameters_of_rsa_pss_have_the_defaults_of_rfc_4055() {
        let digest = |last| seq(&[oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last])]);
        let hash = |last| tlv(0xa0, &digest(last));
        let mask = |id: &[u8], last| tlv(0xa1, &seq(&[oid(id), digest(last)]));
        let salt = |octets: &[u8]| tlv(0xa2, &integer(octets));
        let trailer = |octets: &[u8]| tlv(0xa3, &integer(octets));
        let defaults = PssParameters {
            digest: Digest::Sha1,
            mask_digest: Digest::Sha1,
            salt_len: 20,
            has_good_trailer: true,
        };
        let with_salt = |salt_len| PssParameters {
            salt_len,
            ..defaults
        };
        let whole = PssParameters {
            digest: Digest::Sha384,
            mask_digest: Digest::Sha512,
            salt_len: 48,
            has_good_trailer: true,
        };
        let good = [
            (vec![], defaults),
            (
                vec![hash(2), mask(MGF1, 3), salt(&[48]), trailer(&[1])],
                whole,
            ),
            (
                vec![hash(1)],
                PssParameters {
                    digest: Digest::Sha256,
                    ..defaults
                },
            ),
            (
                vec![mask(MGF1, 4)],
                PssParameters {
                    mask_digest: Digest::Sha224,
                    ..defaults
                },
            ),
            (vec![salt(&[0])], with_salt(0)),
            (vec![salt(&[0x7f])], with_salt(127)),
            (vec![salt(&[0, 0x80])], with_salt(128)),
            (vec![salt(&[1, 2])], with_salt(0x102)),
            (
                vec![salt(&[0x7f, 0xff, 0xff, 0xff])],
                with_salt(0x7fff_ffff),
            ),
            (
                vec![trailer(&[2])],
                PssParameters {
                    has_good_trailer: false,
                    ..defaults
                },
            ),
        ];
        for (fields, expected) in good {
            let der = seq(&[oid(RSASSA_PSS), seq(&fields)]);
            let algorithm = read(&der);
            assert_eq!(algorithm.pss(), Some(expected), "{fields:02x?}");
            assert_eq!(algorithm.digest(), Some(expected.digest), "{fields:02x?}");
            let signature = algorithm.signature().unwrap();
            let bits = match expected.has_good_trailer {
                true => expected.digest.bits(),
                false => 0,
            };
            assert_eq!((signature.key, signature.bits), (KeyKind::RsaPss, bits));
        }
        let unusable = [
            vec![hash(9)],
            vec![mask(MGF1, 9)],
            vec![mask(RSASSA_PSS, 1)],
            vec![tlv(0xa1, &seq(&[oid(MGF1)]))],
            vec![salt(&[0xff])],
            vec![salt(&[0, 0x80, 0, 0, 0])],
            vec![salt(&[1; 5])],
            vec![salt(&[48]), hash(2)],
            vec![tlv(0xa4, &integer(&[1]))],
        ];
        let unusable = unusable.iter().map(|fields| seq(fields));
        for parameters in unusable.chain([tlv(5, &[]), tlv(0x31, &[]), Vec::new()]) {
            let der = seq(&[oid(RSASSA_PSS), parameters.clone()]);
            assert_eq!(read(&der).pss(), None, "{parameters:02x?}");
            assert_eq!(read(&der).digest(), None, "{parameters:02x?}");
            let signature = read(&der).signature().unwrap();
            assert_eq!((signature.key, signature.bits), (KeyKind::RsaPss, 0));
        }
    }

    #[test]
    fn a_signature_is_within_the_limits_of_a_key_with_the_same_digests_and_enough_salt() {
        let parameters = |digest, mask_digest, salt_len| PssParameters {
            digest,
            mask_digest,
            salt_len,
            has_good_trailer: true,
        };
        let limits = parameters(Digest::Sha256, Digest::Sha384, 32);
        let cases = [
            (Digest::Sha256, Digest::Sha384, 31, false),
            (Digest::Sha256, Digest::Sha384, 32, true),
            (Digest::Sha256, Digest::Sha384, 33, true),
            (Digest::Sha256, Digest::Sha256, 32, false),
            (Digest::Sha384, Digest::Sha384, 32, false),
            (Digest::Sha384, Digest::Sha256, 33, false),
        ];
        for (digest, mask, salt, is_within) in cases {
            let found = parameters(digest, mask, salt).is_within(&limits);
            assert_eq!(found, is_within, "{digest:?} {mask:?} {salt}");
        }
    }

    #[track_caller]
    fn read(der: &[u8]) -> Algorithm<'_> {
        Algorithm::read(&mut Reader::new(der)).unwrap()
    }

    #[track_caller]
    fn is_same(one: &[u8], other: &[u8]) -> bool {
        let [one, other] = [one, other].map(|value| seq(&[oid(&[0x2a, 3]), value.to_vec()]));
        read(&one).is_same(&read(&other))
    }
}
