//! The extensions of certificates that OpenSSL interprets, one type each (RFC 5280, section 4.2).
//!
//! An extension has an object identifier, a flag and an OCTET STRING. Here the contents of those strings are read. A
//! reader returns `None` for a malformed value; who calls it decides what that means. In a certificate it makes the
//! certificate invalid, in a list it refuses the list.

use std::borrow::Cow;

use super::der::{self, Element, Reader, context};
use super::general_name::{GeneralName, GeneralNames};

/// An Extension of a certificate, of a revocation list or of an entry in one.
///
/// Its value is read only when it is known which extension it is.
#[derive(Clone, Debug)]
pub(crate) struct Extension<'a> {
    /// The content octets of the object identifier.
    pub(crate) oid: &'a [u8],
    pub(crate) is_critical: bool,
    /// The contents of the OCTET STRING.
    pub(crate) value: Cow<'a, [u8]>,
}

impl<'a> Extension<'a> {
    /// Reads one Extension. An explicit FALSE for critical is accepted, which DER does not allow.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut fields = reader.sequence()?;
        let oid = fields.object_identifier()?;
        let is_critical = match fields.optional(der::BOOLEAN)? {
            Some(critical) => critical.boolean()?,
            None => false,
        };
        let value = fields.expect(der::OCTET_STRING)?.string()?;
        fields.end()?;
        Some(Self {
            oid,
            is_critical,
            value,
        })
    }
}

/// Returns the one element that the value of an extension holds. OpenSSL ignores what follows it.
pub(crate) fn value(value: &[u8], tag: u8) -> Option<Element<'_>> {
    Reader::new(value).expect(tag)
}

/// basicConstraints (RFC 5280, section 4.2.1.9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct BasicConstraints {
    /// cA; false if absent.
    pub(crate) is_ca: bool,
    /// `None` also for a limit of 2^63 or more, which OpenSSL treats as no limit.
    pub(crate) path_len: Option<u64>,
}

impl BasicConstraints {
    /// Returns `None` also for a negative path length, which makes the certificate invalid.
    pub(crate) fn read(extension: &[u8]) -> Option<Self> {
        let mut fields = value(extension, der::SEQUENCE)?.fields()?;
        let is_ca = match fields.optional(der::BOOLEAN)? {
            Some(ca) => ca.boolean()?,
            None => false,
        };
        let path_len = match fields.is_empty() {
            true => None,
            false => Some(fields.integer()?),
        };
        fields.end()?;
        if path_len.is_some_and(|octets| octets[0] & 0x80 != 0) {
            return None;
        }
        let path_len = path_len.and_then(der::unsigned);
        Some(Self {
            is_ca,
            path_len: path_len.filter(|limit| i64::try_from(*limit).is_ok()),
        })
    }
}

/// keyUsage (RFC 5280, section 4.2.1.3): bit 0 of the BIT STRING is 0x80, bit 8 is 0x8000, as in OpenSSL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct KeyUsage(u16);

impl KeyUsage {
    pub(crate) const DIGITAL_SIGNATURE: Self = Self(0x80);
    pub(crate) const KEY_ENCIPHERMENT: Self = Self(0x20);
    pub(crate) const KEY_AGREEMENT: Self = Self(0x08);
    pub(crate) const KEY_CERT_SIGN: Self = Self(0x04);
    pub(crate) const CRL_SIGN: Self = Self(0x02);

    /// Returns `None` also if no bit is set, which makes the certificate invalid.
    pub(crate) fn read(extension: &[u8]) -> Option<Self> {
        let usage = value(extension, der::BIT_STRING)?.bit_string()?.flags();
        (usage != 0).then_some(Self(usage))
    }

    /// Whether one of the bits of `any_of` is set.
    pub(crate) fn has(self, any_of: Self) -> bool {
        self.0 & any_of.0 != 0
    }
}

impl std::ops::BitOr for KeyUsage {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// extKeyUsage (RFC 5280, section 4.2.1.12), as far as TLS uses it.
///
/// Other purposes are ignored, also anyExtendedKeyUsage: OpenSSL does not accept it in place of the purposes of TLS.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct KeyPurposes {
    pub(crate) client_auth: bool,
    pub(crate) server_auth: bool,
    /// id-kp-sipDomain (RFC 5924).
    pub(crate) sip_domain: bool,
    /// Microsoft's or Netscape's Server Gated Crypto, which OpenSSL accepts as a server's purpose.
    pub(crate) server_gated_crypto: bool,
}

impl KeyPurposes {
    pub(crate) fn read(extension: &[u8]) -> Option<Self> {
        let mut purposes = value(extension, der::SEQUENCE)?.items();
        let mut this = Self::default();
        while !purposes.is_empty() {
            match purposes.object_identifier()? {
                SERVER_AUTH => this.server_auth = true,
                CLIENT_AUTH => this.client_auth = true,
                SIP_DOMAIN => this.sip_domain = true,
                MICROSOFT_SGC | NETSCAPE_SGC => this.server_gated_crypto = true,
                _ => {}
            }
        }
        Some(this)
    }
}

/// Reads a Netscape certificate type. OpenSSL uses only its first octet.
///
/// The bits are those of `verify::extensions`.
pub(crate) fn netscape_cert_type(extension: &[u8]) -> Option<u8> {
    let bits = value(extension, der::BIT_STRING)?.bit_string()?;
    Some(bits.octets.first().copied().unwrap_or(0))
}

/// Checks a proxyCertInfo (RFC 3820, section 3.8).
///
/// A proxy certificate is refused in any case; whether its extension is well-formed decides with which number.
pub(crate) fn proxy_cert_info(extension: &[u8]) -> Option<()> {
    let mut fields = value(extension, der::SEQUENCE)?.fields()?;
    if let Some(path_len) = fields.optional(der::INTEGER)? {
        path_len.integer()?;
    }
    let mut policy = fields.sequence()?;
    policy.object_identifier()?;
    if !policy.is_empty() {
        policy.expect(der::OCTET_STRING)?.string()?;
    }
    policy.end()?;
    fields.end()
}

/// The key that signed, according to the signed object (RFC 5280, section 4.2.1.1).
///
/// It helps to tell issuers apart that have the same name, such as a CA before and after a new key.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct AuthorityKeyId<'a> {
    /// The subjectKeyIdentifier of the issuer.
    pub(crate) key_id: Option<Cow<'a, [u8]>>,
    /// The first directoryName of authorityCertIssuer, canonical.
    pub(crate) issuer: Option<Vec<u8>>,
    /// The serial number of the issuer's certificate, as content octets.
    pub(crate) serial: Option<Cow<'a, [u8]>>,
}

impl<'a> AuthorityKeyId<'a> {
    pub(crate) fn read(extension: &'a [u8]) -> Option<Self> {
        let mut fields = value(extension, der::SEQUENCE)?.fields()?;
        let key_id = match fields.optional(context(0))? {
            Some(key_id) => Some(key_id.string()?),
            None => None,
        };
        let names = match fields.optional(context(1))? {
            Some(names) => Some(GeneralNames::read(names.items())?),
            None => None,
        };
        let serial = match fields.optional(context(2))? {
            Some(serial) => Some(serial.integer()?),
            None => None,
        };
        fields.end()?;
        Some(Self {
            key_id,
            issuer: names.and_then(|names| names.directory()),
            serial: serial.map(Cow::Borrowed),
        })
    }

    /// Copies what is borrowed from the extension.
    pub(crate) fn into_owned(self) -> AuthorityKeyId<'static> {
        let owned = |octets: Cow<'_, [u8]>| Cow::Owned(octets.into_owned());
        AuthorityKeyId {
            key_id: self.key_id.map(owned),
            issuer: self.issuer,
            serial: self.serial.map(owned),
        }
    }
}

/// nameConstraints (RFC 5280, section 4.2.1.10).
///
/// Names are compared with them in `verify::constraints`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NameConstraints {
    /// If there are any of a name's form, one must cover the name.
    pub(crate) permitted: Vec<Subtree>,
    /// None of them may cover a name.
    pub(crate) excluded: Vec<Subtree>,
}

/// A GeneralSubtree: all names below a base.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Subtree {
    pub(crate) base: GeneralName<'static>,
    /// A minimum other than 0, or a maximum: OpenSSL supports neither.
    pub(crate) has_bounds: bool,
}

impl NameConstraints {
    pub(crate) fn read(extension: &[u8]) -> Option<Self> {
        let mut fields = value(extension, der::SEQUENCE)?.fields()?;
        let mut subtrees = |tag| match fields.optional(tag)? {
            Some(subtrees) => Subtree::read_all(subtrees.items()),
            None => Some(Vec::new()),
        };
        let this = Self {
            permitted: subtrees(context(0))?,
            excluded: subtrees(context(1))?,
        };
        fields.end()?;
        Some(this)
    }

    /// The number of comparisons is limited by it.
    pub(crate) fn count(&self) -> usize {
        self.permitted.len() + self.excluded.len()
    }
}

impl Subtree {
    fn read_all(mut items: Reader<'_>) -> Option<Vec<Self>> {
        let mut all = Vec::new();
        while !items.is_empty() {
            all.push(Self::read(items.sequence()?)?);
        }
        Some(all)
    }

    fn read(mut fields: Reader<'_>) -> Option<Self> {
        let base = GeneralName::read(&mut fields)?.into_owned();
        let minimum = match fields.optional(context(0))? {
            Some(minimum) => Some(minimum.integer()?),
            None => None,
        };
        let maximum = match fields.optional(context(1))? {
            Some(maximum) => Some(maximum.integer()?),
            None => None,
        };
        fields.end()?;
        Some(Self {
            base,
            has_bounds: maximum.is_some() || minimum.is_some_and(|minimum| minimum != [0]),
        })
    }
}

/// The purposes of TLS, as content octets of their object identifiers: id-kp-serverAuth, id-kp-clientAuth,
/// id-kp-sipDomain and Server Gated Crypto.
const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
const SIP_DOMAIN: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 20];
const MICROSOFT_SGC: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 3];
const NETSCAPE_SGC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 4, 1];

/// The extensions of certificates that OpenSSL interprets, as content octets of their object identifiers.
pub(crate) mod id {
    pub(crate) const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
    pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
    pub(crate) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
    pub(crate) const ISSUER_ALT_NAME: &[u8] = &[0x55, 0x1d, 18];
    pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
    pub(crate) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
    pub(crate) const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 31];
    pub(crate) const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 32];
    pub(crate) const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 33];
    pub(crate) const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
    pub(crate) const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 36];
    pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
    pub(crate) const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1d, 54];
    pub(crate) const NETSCAPE_CERT_TYPE: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 1, 1];
    pub(crate) const OCSP_NO_CHECK: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 5];
    pub(crate) const ADDRESS_BLOCKS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 7];
    pub(crate) const AS_NUMBERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 8];
    pub(crate) const PROXY_CERT_INFO: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 14];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::test_pki::{UTF8, boolean, cn, integer, octets, oid, seq, tlv};

    #[test]
    fn a_path_length_is_a_limit_below_two_to_the_63rd() {
        let ca = |is_ca, path_len| Some(BasicConstraints { is_ca, path_len });
        let cases: [(&[u8], _); 13] = [
            (&[0], ca(true, Some(0))),
            (&[1], ca(true, Some(1))),
            (&[0x7f], ca(true, Some(127))),
            (&[0, 0x80], ca(true, Some(128))),
            (&[1, 2], ca(true, Some(0x102))),
            (&[0, 0xff, 0xff], ca(true, Some(0xffff))),
            (&[1, 2, 3, 4, 5, 6, 7], ca(true, Some(0x01_0203_0405_0607))),
            (&[0x7f; 8], ca(true, Some(0x7f7f_7f7f_7f7f_7f7f))),
            (&[0, 0x80, 0, 0, 0, 0, 0, 0, 0], ca(true, None)),
            (&[1; 9], ca(true, None)),
            (&[0xff], None),
            (&[0x80], None),
            (&[0x80, 0, 0, 0, 0, 0, 0, 0, 0], None),
        ];
        for (path_len, expected) in cases {
            let value = seq(&[boolean(true), integer(path_len)]);
            assert_eq!(BasicConstraints::read(&value), expected, "{path_len:02x?}");
        }
        let others = [
            (seq(&[]), ca(false, None)),
            (seq(&[boolean(true)]), ca(true, None)),
            (seq(&[boolean(false)]), ca(false, None)),
            (seq(&[integer(&[3])]), ca(false, Some(3))),
            (seq(&[boolean(true), integer(&[3]), tlv(5, &[])]), None),
            (tlv(0x31, &[]), None),
        ];
        for (value, expected) in others {
            assert_eq!(BasicConstraints::read(&value), expected, "{value:02x?}");
        }
    }

    #[test]
    fn each_bit_of_a_key_usage_has_its_name() {
        // RFC 5280, section 4.2.1.3.
        let named = [
            (KeyUsage::DIGITAL_SIGNATURE, 0),
            (KeyUsage::KEY_ENCIPHERMENT, 2),
            (KeyUsage::KEY_AGREEMENT, 4),
            (KeyUsage::KEY_CERT_SIGN, 5),
            (KeyUsage::CRL_SIGN, 6),
        ];
        for bit in 0..16 {
            let octets = (0x8000_u16 >> bit).to_be_bytes();
            let found = KeyUsage::read(&tlv(3, &[0, octets[0], octets[1]])).unwrap();
            for (usage, number) in named {
                assert_eq!(found.has(usage), number == bit, "{bit} {number}");
            }
        }
        let all = KeyUsage::read(&[3, 3, 0, 0xff, 0xff]).unwrap();
        for (one, _) in named {
            assert!(all.has(one) && one.has(all));
            for (other, _) in named {
                let both = one | other;
                assert!(both.has(one) && both.has(other));
                assert_eq!(both, other | one);
                assert_eq!(both | other, both);
                assert_eq!(both == one, one == other);
                for (third, _) in named {
                    assert_eq!(both.has(third), third == one || third == other);
                }
            }
        }
        for none in [
            &[3, 1, 0][..],
            &[3, 2, 0, 0],
            &[3, 3, 7, 0, 0x7f],
            &[3, 0],
            &[4, 1, 1],
        ] {
            assert_eq!(KeyUsage::read(none), None, "{none:02x?}");
        }
    }

    #[test]
    fn each_purpose_of_tls_is_known_and_no_other() {
        let id_kp = |last| oid(&[0x2b, 6, 1, 5, 5, 7, 3, last]);
        // msSGC (1.3.6.1.4.1.311.10.3.3) and nsSGC (2.16.840.1.113730.4.1).
        let microsoft = oid(&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 3]);
        let netscape = oid(&[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 4, 1]);
        let none = KeyPurposes::default();
        let server_auth = KeyPurposes {
            server_auth: true,
            ..none
        };
        let client_auth = KeyPurposes {
            client_auth: true,
            ..none
        };
        let sip_domain = KeyPurposes {
            sip_domain: true,
            ..none
        };
        let server_gated_crypto = KeyPurposes {
            server_gated_crypto: true,
            ..none
        };
        let all = KeyPurposes {
            client_auth: true,
            server_auth: true,
            sip_domain: true,
            server_gated_crypto: true,
        };
        let cases = [
            (vec![], none),
            (vec![id_kp(1)], server_auth),
            (vec![id_kp(2)], client_auth),
            (vec![id_kp(20)], sip_domain),
            (vec![microsoft.clone()], server_gated_crypto),
            (vec![netscape], server_gated_crypto),
            // Time stamping, and any.
            (vec![id_kp(8), oid(&[0x55, 0x1d, 37, 0])], none),
            (vec![id_kp(8), id_kp(1)], server_auth),
            (vec![id_kp(1), id_kp(2), id_kp(20), microsoft], all),
        ];
        for (purposes, expected) in cases {
            let found = KeyPurposes::read(&seq(&purposes));
            assert_eq!(found, Some(expected), "{purposes:02x?}");
        }
        assert_eq!(KeyPurposes::read(&seq(&[id_kp(1), integer(&[1])])), None);
    }

    #[test]
    fn a_netscape_certificate_type_is_one_octet() {
        let cases: [(&[u8], _); 6] = [
            (&[3, 2, 0, 0xf7], Some(0xf7)),
            (&[3, 2, 5, 0x5f], Some(0x40)),
            (&[3, 3, 0, 0x20, 0xff], Some(0x20)),
            (&[3, 1, 0], Some(0)),
            (&[3, 0], None),
            (&[4, 1, 0], None),
        ];
        for (value, expected) in cases {
            assert_eq!(netscape_cert_type(value), expected, "{value:02x?}");
        }
    }

    #[test]
    fn an_authority_key_identifier_names_a_key_an_issuer_and_a_number() {
        let names = [tlv(0x82, b"x"), tlv(0xa4, &cn("A")), tlv(0xa4, &cn("B"))].concat();
        let value = seq(&[tlv(0x80, &[1, 2]), tlv(0xa1, &names), tlv(0x82, &[5])]);
        let found = AuthorityKeyId::read(&value).unwrap();
        let canonical = tlv(0x31, &seq(&[oid(&[0x55, 4, 3]), tlv(UTF8, b"a")]));
        assert_eq!(found.key_id.as_deref(), Some(&[1, 2][..]));
        assert_eq!(found.issuer, Some(canonical));
        assert_eq!(found.serial.as_deref(), Some(&[5][..]));
        assert_eq!(found.clone().into_owned(), found);
        let empty = seq(&[]);
        assert_eq!(
            AuthorityKeyId::read(&empty),
            Some(AuthorityKeyId::default())
        );
        let no_directory = seq(&[tlv(0xa1, &tlv(0x82, b"x"))]);
        assert_eq!(AuthorityKeyId::read(&no_directory).unwrap().issuer, None);
        let fourth = seq(&[tlv(0x82, &[5]), tlv(0x83, &[5])]);
        assert_eq!(AuthorityKeyId::read(&fourth), None);
    }

    #[test]
    fn subtrees_are_counted_and_have_bounds() {
        let subtree = |bounds: &[Vec<u8>]| seq(&[tlv(0x82, b"x"), bounds.concat()]);
        let minimum = |octets: &[u8]| tlv(0x80, octets);
        let maximum = |octets: &[u8]| tlv(0x81, octets);
        let cases = [
            (vec![], false),
            (vec![minimum(&[0])], false),
            (vec![minimum(&[1])], true),
            (vec![minimum(&[0xff])], true),
            (vec![minimum(&[1, 0])], true),
            (vec![maximum(&[0])], true),
            (vec![maximum(&[1])], true),
            (vec![minimum(&[0]), maximum(&[1])], true),
            (vec![minimum(&[1]), maximum(&[1])], true),
        ];
        for (bounds, has_bounds) in cases {
            for tag in [0xa0, 0xa1] {
                let value = seq(&[tlv(tag, &[subtree(&[]), subtree(&bounds)].concat())]);
                let found = NameConstraints::read(&value).unwrap();
                let [list, none] = match tag {
                    0xa0 => [&found.permitted, &found.excluded],
                    _ => [&found.excluded, &found.permitted],
                };
                assert!(none.is_empty() && list.len() == 2 && !list[0].has_bounds);
                assert_eq!(list[1].has_bounds, has_bounds, "{bounds:02x?}");
                assert_eq!(list[1].base, GeneralName::Dns(Cow::Borrowed(b"x")));
            }
        }
        for (permitted, excluded) in [(0, 0), (1, 0), (0, 1), (2, 1), (2, 3), (3, 2)] {
            let list = |tag, count| tlv(tag, &subtree(&[]).repeat(count));
            let value = seq(&[list(0xa0, permitted), list(0xa1, excluded)]);
            let found = NameConstraints::read(&value).unwrap();
            assert_eq!(
                (found.permitted.len(), found.excluded.len()),
                (permitted, excluded)
            );
            assert_eq!(found.count(), permitted + excluded);
        }
        let malformed = [
            seq(&[tlv(0xa0, &octets(&[]))]),
            seq(&[tlv(0xa2, &subtree(&[]))]),
            seq(&[tlv(0xa0, &subtree(&[maximum(&[])]))]),
            seq(&[tlv(0xa0, &subtree(&[maximum(&[1]), tlv(5, &[])]))]),
        ];
        for value in malformed {
            assert_eq!(NameConstraints::read(&value), None, "{value:02x?}");
        }
    }
}
