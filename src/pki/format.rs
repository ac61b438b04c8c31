//! Recognition of the format of a file without PEM blocks.
//!
//! A file in DER has no label. OpenSSL tries one type after the other (`d2i_X509`, `d2i_X509_CRL`, ...). Here the tags
//! of the first fields tell, which is enough to keep these types apart. Whether the object is a good one of its type is
//! found out by its reader.

use rustls::pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use super::ec_key;
use crate::x509::der::{
    BIT_STRING, CONSTRUCTED_SEQUENCE, Element, GENERALIZED_TIME, INTEGER, OBJECT_IDENTIFIER,
    OCTET_STRING, Reader, SEQUENCE, SET, UTC_TIME, context, encode,
};

/// The format of an object without a label.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    Certificate,
    CertificateRequest,
    EncryptedKey,
    PrivateKey(KeyFormat),
    Pkcs12,
    Pkcs7,
    PublicKey,
    RevocationList,
}

/// The encoding of a private key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum KeyFormat {
    Pkcs1,
    Pkcs8,
    Sec1,
}

impl Format {
    /// Tells the format from the first fields of the SEQUENCE at the start of `der`, whatever follows it.
    pub(super) fn of(der: &[u8]) -> Option<Self> {
        let mut fields = Reader::new(der).sequence()?;
        let first = fields.next()?;
        let second = fields.peek()?;
        match first.tag {
            INTEGER => Self::of_versioned(first.content, fields),
            SEQUENCE if second == BIT_STRING => Some(Self::PublicKey),
            OBJECT_IDENTIFIER if second == EXPLICIT_0 => Some(Self::Pkcs7),
            SEQUENCE if second == OCTET_STRING => Some(Self::EncryptedKey),
            SEQUENCE if second == SEQUENCE => Self::of_signed(first.fields()?),
            _ => None,
        }
    }

    /// The types that begin with a version: private keys and PKCS#12.
    fn of_versioned(version: &[u8], mut fields: Reader<'_>) -> Option<Self> {
        match (version, fields.next()?.tag, fields.peek()) {
            ([0 | 1], SEQUENCE, Some(OCTET_STRING)) => {
                fields.next()?;
                check_attributes(fields.optional(EXPLICIT_0)?)?;
                Some(Self::PrivateKey(KeyFormat::Pkcs8))
            }
            ([0 | 1], INTEGER, _) => Some(Self::PrivateKey(KeyFormat::Pkcs1)),
            // OpenSSL does not read a SEC1 key without its curve.
            ([1], OCTET_STRING, Some(EXPLICIT_0)) => Some(Self::PrivateKey(KeyFormat::Sec1)),
            ([3], SEQUENCE, _) => Some(Self::Pkcs12),
            _ => None,
        }
    }

    /// The types that are signed: certificates, lists and requests. `fields` are those of the part that is signed.
    fn of_signed(mut fields: Reader<'_>) -> Option<Self> {
        let tags = [(); 4].map(|()| fields.next().map_or(0, |field| field.tag));
        match tags {
            [SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, _]
            | [INTEGER, SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME] => {
                Some(Self::RevocationList)
            }
            [INTEGER, SEQUENCE, SEQUENCE, EXPLICIT_0] => Some(Self::CertificateRequest),
            [EXPLICIT_0, INTEGER, ..] | [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE] => {
                Some(Self::Certificate)
            }
            _ => None,
        }
    }
}

impl KeyFormat {
    /// Returns the key in a form that every crypto provider reads.
    pub(super) fn key(self, der: &[u8]) -> Zeroizing<PrivateKeyDer<'static>> {
        let whole = || der.to_vec();
        Zeroizing::new(match self {
            Self::Pkcs1 => PrivateKeyDer::Pkcs1(whole().into()),
            Self::Pkcs8 => {
                let key = Zeroizing::new(without_attributes(der).unwrap_or_else(whole));
                let key = ec_key::pkcs8(&key).unwrap_or_else(|| key.to_vec());
                PrivateKeyDer::Pkcs8(key.into())
            }
            Self::Sec1 => PrivateKeyDer::Sec1(ec_key::sec1(der).unwrap_or_else(whole).into()),
        })
    }
}

/// Removes the attributes that Windows writes after a key (RFC 5958, section 2). They have no meaning here, and not
/// every crypto provider reads a key with attributes. `None` if there are none.
fn without_attributes(info: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Reader::new(info).sequence()?;
    let mut kept = Zeroizing::new(Vec::with_capacity(info.len()));
    for _ in 0..3 {
        kept.extend_from_slice(fields.next()?.raw);
    }
    check_attributes(Some(fields.expect(EXPLICIT_0)?))?;
    kept.extend_from_slice(fields.rest());
    Some(encode(CONSTRUCTED_SEQUENCE, &kept))
}

/// Checks a SET OF Attribute (RFC 2986, section 4.1). Most attributes are names, which have no meaning here.
pub(super) fn check_attributes(attributes: Option<Element<'_>>) -> Option<()> {
    let mut attributes = attributes.map(|set| set.items()).unwrap_or_default();
    while !attributes.is_empty() {
        let mut attribute = attributes.sequence()?;
        attribute.object_identifier()?;
        let mut values = attribute.list(SET)?;
        while !values.is_empty() {
            values.next()?.any()?;
        }
        attribute.end()?;
    }
    Some(())
}

const EXPLICIT_0: u8 = context(0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_a_key_are_left_out_and_nothing_else() {
        let fields = [2, 1, 1, 0x30, 0, 4, 1, 7];
        let with = |more: &[u8]| encode(0x30, &[&fields, more].concat());
        for (der, expected) in [
            (
                with(&[0xa0, 9, 0x30, 7, 6, 1, 0x55, 0x31, 2, 5, 0]),
                with(&[]),
            ),
            (with(&[0xa0, 2, 0x30, 0]), with(&[0xa0, 2, 0x30, 0])),
            (with(&[0xa0, 0, 0x81, 1, 9]), with(&[0x81, 1, 9])),
            (with(&[0x81, 1, 9]), with(&[0x81, 1, 9])),
            (with(&[]), with(&[])),
            (vec![0x30, 3], vec![0x30, 3]),
        ] {
            assert_eq!(KeyFormat::Pkcs8.key(&der).secret_der(), expected);
        }
    }

    /// `openssl pkey` says the same of these attributes behind a key.
    #[test]
    fn every_value_of_an_attribute_is_checked() {
        let with = |values: &[u8]| {
            let attribute = [&[6, 1, 0x55][..], &encode(0x31, values)].concat();
            let attributes = encode(0xa0, &encode(0x30, &attribute));
            encode(0x30, &[&[2, 1, 0, 0x30, 0, 4, 0][..], &attributes].concat())
        };
        for (values, is_key) in [
            (&[][..], true),
            (&[5, 0], true),
            (&[5, 0, 5, 0], true),
            (&[5, 1], false),
            (&[5, 0, 5, 1], false),
            (&[5, 1, 0], false),
        ] {
            let found = Format::of(&with(values)).is_some();
            assert_eq!(found, is_key, "{values:02x?}");
        }
    }

    #[test]
    fn formats_are_told_from_their_first_fields() {
        let integer = |value: u8| vec![2, 1, value];
        let (sequence, octets, oid) = (vec![0x30, 0], vec![4, 0], vec![6, 1, 0x55]);
        let (explicit, time) = (vec![0xa0, 0], vec![0x17, 0]);
        let seq = |fields: &[&Vec<u8>]| {
            encode(
                0x30,
                &fields
                    .iter()
                    .copied()
                    .flatten()
                    .copied()
                    .collect::<Vec<_>>(),
            )
        };
        let key = |format| Some(Format::PrivateKey(format));
        let signed = |fields: &[&Vec<u8>]| seq(&[&seq(fields), &sequence, &vec![3, 1, 0]]);
        for (der, expected) in [
            (
                seq(&[&integer(0), &sequence, &octets]),
                key(KeyFormat::Pkcs8),
            ),
            (
                seq(&[&integer(1), &sequence, &octets]),
                key(KeyFormat::Pkcs8),
            ),
            (seq(&[&integer(0), &integer(9)]), key(KeyFormat::Pkcs1)),
            (
                seq(&[&integer(1), &octets, &explicit]),
                key(KeyFormat::Sec1),
            ),
            (seq(&[&integer(3), &sequence]), Some(Format::Pkcs12)),
            (seq(&[&oid, &explicit]), Some(Format::Pkcs7)),
            (seq(&[&sequence, &octets]), Some(Format::EncryptedKey)),
            (
                signed(&[&sequence, &sequence, &time]),
                Some(Format::RevocationList),
            ),
            (
                signed(&[&integer(1), &sequence, &sequence, &time]),
                Some(Format::RevocationList),
            ),
            (
                signed(&[&integer(1), &sequence, &sequence, &sequence]),
                Some(Format::Certificate),
            ),
            (
                signed(&[&explicit, &integer(1), &sequence]),
                Some(Format::Certificate),
            ),
            (
                signed(&[&integer(0), &sequence, &sequence, &explicit]),
                Some(Format::CertificateRequest),
            ),
            (seq(&[&sequence, &vec![3, 1, 0]]), Some(Format::PublicKey)),
            (
                signed(&[&integer(1), &sequence, &sequence, &integer(1)]),
                None,
            ),
            // An object identifier with something else behind it.
            (seq(&[&oid, &sequence]), None),
            (seq(&[&sequence, &integer(1)]), None),
            // What begins like a certificate, but is not signed.
            (
                seq(&[&seq(&[&explicit, &integer(1), &sequence]), &integer(1)]),
                None,
            ),
            // Parameters of Diffie-Hellman, a time stamp.
            (seq(&[&integer(23), &integer(5)]), None),
            // A key with an attribute that is no attribute.
            (
                seq(&[&integer(0), &sequence, &octets, &vec![0xa0, 2, 5, 0]]),
                None,
            ),
            // A key of SEC1 without its curve.
            (seq(&[&integer(1), &octets]), None),
            (seq(&[&seq(&[&integer(0)]), &sequence]), None),
            (Vec::new(), None),
            (vec![0x30, 5, 2, 1, 0], None),
        ] {
            assert_eq!(Format::of(&der), expected, "{der:02x?}");
        }
    }
}
