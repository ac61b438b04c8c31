use super::der::{self, Element, Reader, context};

/// An AlgorithmIdentifier (RFC 5280, section 4.1.1.2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Algorithm<'a> {
    /// Without the outer header, which is the form that rustls compares.
    pub(crate) content: &'a [u8],
    /// The content octets of the object identifier.
    pub(crate) oid: &'a [u8],
    pub(crate) parameters: Option<Element<'a>>,
}

/// A kind of public key, as OpenSSL tells them apart.
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

/// What a signature algorithm is made with, and how strong its digest is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignatureKind {
    pub(crate) key: KeyKind,
    /// In OpenSSL's security bits (`X509_get_signature_info(3)`); 0 if OpenSSL cannot tell.
    pub(crate) bits: u32,
}

impl<'a> Algorithm<'a> {
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
    pub(crate) fn of_checked(content: &'a [u8]) -> Self {
        let mut fields = Reader::new(content);
        Self {
            content,
            oid: fields.object_identifier().unwrap_or_default(),
            parameters: fields.next(),
        }
    }

    /// Whether both are the same, however they are written (`X509_ALGOR_cmp(3)`).
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.oid == other.oid
            && match (self.parameters, other.parameters) {
                (None, None) => true,
                (Some(one), Some(other)) => is_same_value(one, other),
                _ => false,
            }
    }

    /// Returns the kind of key that makes such signatures, and the strength of the digest; `None` if the algorithm is
    /// not known here.
    pub(crate) fn signature(&self) -> Option<SignatureKind> {
        let known = SIGNATURES.iter().find(|known| known.0 == self.oid);
        if let Some((_, key, bits)) = known {
            return Some(SignatureKind {
                key: *key,
                bits: *bits,
            });
        }
        (self.oid == RSASSA_PSS).then(|| SignatureKind {
            key: KeyKind::RsaPss,
            bits: self.parameters.and_then(pss_bits).unwrap_or(0),
        })
    }
}

fn is_same_value(one: Element<'_>, other: Element<'_>) -> bool {
    if one.tag != other.tag {
        return false;
    }
    match one.tag {
        der::NULL => true,
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
    pub(crate) fn fits(self, key: KeyKind) -> bool {
        self.key == key || (self.key == KeyKind::RsaPss && key == KeyKind::Rsa)
    }
}

/// Returns the strength of a signature with these RSASSA-PSS-params (RFC 4055, section 3.1), if OpenSSL can use them.
pub(super) fn pss_bits(parameters: Element<'_>) -> Option<u32> {
    let mut fields = (parameters.tag == der::SEQUENCE).then(|| parameters.fields())??;
    let hash = match fields.optional(context(0))? {
        Some(explicit) => digest_bits(Algorithm::read(&mut explicit.explicit()?)?)?,
        None => SHA1,
    };
    if let Some(explicit) = fields.optional(context(1))? {
        mask_digest_bits(Algorithm::read(&mut explicit.explicit()?)?)?;
    }
    if let Some(explicit) = fields.optional(context(2))? {
        let salt_len = explicit.explicit()?.integer()?;
        (salt_len[0] & 0x80 == 0).then_some(())?;
    }
    if let Some(explicit) = fields.optional(context(3))? {
        (explicit.explicit()?.integer()? == [1]).then_some(())?;
    }
    fields.end()?;
    Some(hash)
}

fn digest_bits(algorithm: Algorithm<'_>) -> Option<u32> {
    let known = DIGESTS.iter().find(|known| known.0 == algorithm.oid);
    known.map(|(_, bits)| *bits)
}

fn mask_digest_bits(algorithm: Algorithm<'_>) -> Option<u32> {
    if algorithm.oid != MGF1 {
        return None;
    }
    let mut parameters = Reader::new(algorithm.parameters?.raw);
    digest_bits(Algorithm::read(&mut parameters)?)
}

/// OpenSSL rates both below half their length, because collisions are known to be cheaper.
const SHA1: u32 = 63;
const MD5: u32 = 39;

const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];

/// SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
const DIGESTS: &[(&[u8], u32)] = &[
    (&[0x2b, 14, 3, 2, 26], SHA1),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4], 112),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], 128),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], 192),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], 256),
];

/// RSA with MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512; ECDSA with SHA-1, SHA-224, SHA-256, SHA-384, SHA-512;
/// Ed25519; Ed448.
const SIGNATURES: &[(&[u8], KeyKind, u32)] = &[
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4],
        KeyKind::Rsa,
        MD5,
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5],
        KeyKind::Rsa,
        SHA1,
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14],
        KeyKind::Rsa,
        112,
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
        KeyKind::Rsa,
        128,
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12],
        KeyKind::Rsa,
        192,
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13],
        KeyKind::Rsa,
        256,
    ),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], KeyKind::Ec, SHA1),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1], KeyKind::Ec, 112),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], KeyKind::Ec, 128),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], KeyKind::Ec, 192),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], KeyKind::Ec, 256),
    (&[0x2b, 0x65, 112], KeyKind::Ed25519, 128),
    (&[0x2b, 0x65, 113], KeyKind::Ed448, 224),
];
