//! OpenSSL's own settings of trust for a certificate.

use super::error::Damage;
use crate::x509::algorithm::Algorithm;
use crate::x509::der::{OCTET_STRING, Reader, SEQUENCE, UTF8_STRING, context};

/// What a certificate is trusted for by OpenSSL's own settings, which may follow the certificate in
/// a `TRUSTED CERTIFICATE` block (`X509_CERT_AUX`, written by `openssl x509 -addtrust`).
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki::{Trust, roots};
///
/// /// id-kp-serverAuth and id-kp-clientAuth (RFC 5280, section 4.2.1.12).
/// const SERVER: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
/// const CLIENT: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let trusted = std::fs::read("tests/testdata/pki/trusted.pem")?;
/// // Made by `openssl x509 -addtrust clientAuth -addreject serverAuth`.
/// let roots = roots::load(Source::bytes("trusted.pem", trusted))?;
/// let trust = roots.certificates()[0].trust();
/// assert_eq!(trust.verdict(CLIENT), Trust::Trusted);
/// assert_eq!(trust.verdict(SERVER), Trust::Rejected);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TrustSettings {
    trusted: Option<Vec<Vec<u8>>>,
    rejected: Vec<Vec<u8>>,
}

impl TrustSettings {
    /// Returns the purposes that the certificate is trusted for, as the content octets of object
    /// identifiers. With an empty list it is trusted for nothing; `None` means that there is no restriction.
    pub fn trusted(&self) -> Option<&[Vec<u8>]> {
        self.trusted.as_deref()
    }

    /// Returns the purposes that the certificate is rejected for, as the content octets of object
    /// identifiers.
    pub fn rejected(&self) -> &[Vec<u8>] {
        &self.rejected
    }

    /// Returns what the settings say about a purpose, given as the content octets of its object
    /// identifier, such as id-kp-serverAuth: OpenSSL's `X509_check_trust`.
    ///
    /// Rejection takes precedence, and a list of trusted purposes rejects what it does not name.
    /// anyExtendedKeyUsage stands for every purpose in both lists.
    pub fn verdict(&self, purpose: &[u8]) -> Trust {
        let names = |list: &[Vec<u8>]| list.iter().any(|oid| *oid == purpose || *oid == ANY);
        match &self.trusted {
            _ if names(&self.rejected) => Trust::Rejected,
            Some(trusted) if names(trusted) => Trust::Trusted,
            Some(_) => Trust::Rejected,
            None => Trust::Unspecified,
        }
    }

    /// Reads what follows the certificate in a `TRUSTED CERTIFICATE` block.
    pub(super) fn from_der(aux: &[u8]) -> Result<Self, Damage> {
        if aux.is_empty() {
            return Ok(Self::default());
        }
        Self::from_aux(aux).ok_or(Damage::Structure)
    }

    /// Reads `SEQUENCE { trust SEQUENCE OF OID OPTIONAL, reject [0] IMPLICIT SEQUENCE OF OID OPTIONAL,
    /// alias UTF8String OPTIONAL, keyid OCTET STRING OPTIONAL,
    /// other [1] IMPLICIT SEQUENCE OF AlgorithmIdentifier OPTIONAL }`
    fn from_aux(aux: &[u8]) -> Option<Self> {
        let mut fields = Reader::new(aux).sequence()?;
        let trusted = match fields.optional(SEQUENCE)? {
            Some(list) => Some(identifiers(list.items())?),
            None => None,
        };
        let rejected = match fields.optional(context(0))? {
            Some(list) => identifiers(list.items())?,
            None => Vec::new(),
        };
        for string in [UTF8_STRING, OCTET_STRING] {
            if let Some(string) = fields.optional(string)? {
                string.string()?;
            }
        }
        if let Some(others) = fields.optional(context(1))? {
            let mut others = others.items();
            while !others.is_empty() {
                Algorithm::read(&mut others)?;
            }
        }
        fields.end()?;
        Some(Self { trusted, rejected })
    }
}

/// What the settings of a certificate say about one purpose.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// The certificate must not be used: OpenSSL's error 28, `X509_V_ERR_CERT_REJECTED`.
    Rejected,
    /// The purpose is named as trusted.
    Trusted,
    /// There is no setting: the certificate is trusted if it is self-signed.
    Unspecified,
}

/// Reads a SEQUENCE OF OBJECT IDENTIFIER.
fn identifiers(mut items: Reader<'_>) -> Option<Vec<Vec<u8>>> {
    let mut identifiers = Vec::new();
    while !items.is_empty() {
        identifiers.push(items.object_identifier()?.to_vec());
    }
    Some(identifiers)
}

/// anyExtendedKeyUsage, 2.5.29.37.0.
const ANY: [u8; 4] = [0x55, 0x1d, 0x25, 0x00];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::der::{OBJECT_IDENTIFIER, encode};
    use crate::x509::test_pki::{CLIENT_AUTH, SERVER_AUTH};

    #[test]
    fn rejection_wins_and_a_list_of_trusted_purposes_is_exhaustive() {
        // The results of `openssl verify -purpose` with the same settings, where 28 is a rejection.
        let verdict = |aux: &[u8]| TrustSettings::from_der(aux).unwrap().verdict(SERVER_AUTH);
        assert_eq!(verdict(&[]), Trust::Unspecified);
        assert_eq!(verdict(&[0x30, 0]), Trust::Unspecified);
        assert_eq!(verdict(b"\x30\x04\x0c\x02hi"), Trust::Unspecified);
        assert_eq!(verdict(&aux(&[SERVER_AUTH], &[])), Trust::Trusted);
        assert_eq!(verdict(&aux(&[CLIENT_AUTH], &[])), Trust::Rejected);
        assert_eq!(verdict(&aux(&[CLIENT_AUTH, &ANY], &[])), Trust::Trusted);
        assert_eq!(verdict(&aux(&[], &[])), Trust::Rejected);
        assert_eq!(
            verdict(&aux(&[SERVER_AUTH], &[SERVER_AUTH])),
            Trust::Rejected
        );
        assert_eq!(verdict(&aux(&[SERVER_AUTH], &[&ANY])), Trust::Rejected);
        assert_eq!(
            verdict(&aux(&[SERVER_AUTH], &[CLIENT_AUTH])),
            Trust::Trusted
        );
    }

    #[test]
    fn settings_that_cannot_be_read_are_damage() {
        for aux in [
            &b"tail"[..],
            &[0x30, 2, 0x30, 1],
            &[0x30, 2, 5, 0],
            &[0x30, 4, 0x30, 2, 5, 0],
            // An object identifier that ends in the middle of a number.
            &[0x30, 5, 0x30, 3, 6, 1, 0x80],
        ] {
            assert_eq!(TrustSettings::from_der(aux), Err(Damage::Structure));
        }
    }

    /// `X509_CERT_AUX` in OpenSSL.
    #[test]
    fn what_no_purpose_depends_on_has_to_be_in_its_place_and_readable() {
        let algorithm = encode(0x30, &encode(OBJECT_IDENTIFIER, SERVER_AUTH));
        let (alias, key_id) = (encode(0x0c, b"alias"), encode(4, b"id"));
        let others = |content: &[u8]| encode(0xa1, content);
        for (fields, is_good) in [
            (vec![&alias], true),
            (vec![&key_id], true),
            (vec![&alias, &key_id], true),
            (vec![&key_id, &alias], false),
            (vec![&others(&[])], true),
            (vec![&others(&algorithm)], true),
            (vec![&others(&algorithm.repeat(2))], true),
            (vec![&alias, &key_id, &others(&algorithm)], true),
            (vec![&others(&algorithm), &alias], false),
            (vec![&others(&[5, 0])], false),
            (vec![&others(&[&algorithm[..], &[5, 0]].concat())], false),
        ] {
            let fields: Vec<u8> = fields.into_iter().flatten().copied().collect();
            let read = TrustSettings::from_der(&encode(0x30, &fields));
            assert_eq!(read.is_ok(), is_good, "{fields:02x?}");
        }
    }

    #[test]
    fn the_purposes_are_listed() {
        let settings = TrustSettings::from_der(&aux(&[CLIENT_AUTH], &[SERVER_AUTH, &ANY])).unwrap();
        assert_eq!(settings.trusted(), Some(&[CLIENT_AUTH.to_vec()][..]));
        assert_eq!(settings.rejected(), [SERVER_AUTH.to_vec(), ANY.to_vec()]);
        let none = TrustSettings::from_der(&[]).unwrap();
        assert_eq!((none.trusted(), none.rejected()), (None, &[][..]));
    }

    #[test]
    fn settings_are_read_in_ber_too() {
        // `openssl x509 -text` prints them for a certificate that such settings follow.
        let aux = [
            &[0x30, 0x80, 0x30, 0x80, 6, 8][..],
            CLIENT_AUTH,
            &[0, 0, 0, 0],
        ];
        let settings = TrustSettings::from_der(&aux.concat()).unwrap();
        assert_eq!(settings.trusted(), Some(&[CLIENT_AUTH.to_vec()][..]));
    }

    fn aux(trusted: &[&[u8]], rejected: &[&[u8]]) -> Vec<u8> {
        let list = |identifier, purposes: &[&[u8]]| {
            let identifiers = purposes.iter().map(|oid| encode(OBJECT_IDENTIFIER, oid));
            encode(identifier, &identifiers.collect::<Vec<_>>().concat())
        };
        encode(0x30, &[list(0x30, trusted), list(0xa0, rejected)].concat())
    }
}
