use super::der::{self, EXPLICIT_0, Element, OBJECT_IDENTIFIER, SEQUENCE};
use super::error::Damage;

/// What a certificate is trusted for by OpenSSL's own settings, which may stand behind the certificate in
/// a `TRUSTED CERTIFICATE` block (`X509_CERT_AUX`, written by `openssl x509 -addtrust`).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TrustSettings {
    trusted: Option<Vec<Vec<u8>>>,
    rejected: Vec<Vec<u8>>,
}

impl TrustSettings {
    /// Returns the purposes that the certificate is trusted for, as the content octets of object
    /// identifiers. An empty list trusts it for nothing; `None` restricts nothing.
    pub fn trusted(&self) -> Option<&[Vec<u8>]> {
        self.trusted.as_deref()
    }

    /// Returns the purposes that the certificate is rejected for, as the content octets of object
    /// identifiers.
    pub fn rejected(&self) -> &[Vec<u8>] {
        &self.rejected
    }

    /// Returns what the settings say of a purpose, given as the content octets of its object
    /// identifier (id-kp-serverAuth, say): OpenSSL's `X509_check_trust`.
    ///
    /// Rejection goes first, and a list of trusted purposes rejects what it does not name.
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

    /// `SEQUENCE { trust SEQUENCE OF OID OPTIONAL, reject [0] IMPLICIT SEQUENCE OF OID OPTIONAL,
    /// alias UTF8String OPTIONAL, keyid OCTET STRING OPTIONAL, other [1] .. OPTIONAL }`
    fn from_aux(aux: &[u8]) -> Option<Self> {
        let fields = all_children(der::sequence(aux)?)?;
        let mut fields = fields.iter().peekable();
        let mut next = |tag| fields.next_if(|field| field.tag == tag);
        let trusted = next(SEQUENCE);
        let rejected = next(EXPLICIT_0);
        let _alias = next(UTF8_STRING);
        let _key_id = next(OCTET_STRING);
        let _other = next(EXPLICIT_1);
        if fields.next().is_some() {
            return None;
        }
        Some(Self {
            trusted: match trusted {
                Some(list) => Some(identifiers(list)?),
                None => None,
            },
            rejected: match rejected {
                Some(list) => identifiers(list)?,
                None => Vec::new(),
            },
        })
    }
}

/// What the settings of a certificate say of one purpose.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// It must not be used: OpenSSL's error 28, `X509_V_ERR_CERT_REJECTED`.
    Rejected,
    /// It is named as trusted.
    Trusted,
    /// There is no setting: the certificate is trusted if it is self-signed.
    Unspecified,
}

fn identifiers(list: &Element<'_>) -> Option<Vec<Vec<u8>>> {
    let identifier = |e: &Element<'_>| {
        let is_identifier = e.tag == OBJECT_IDENTIFIER && !e.content.is_empty();
        is_identifier.then(|| e.content.to_vec())
    };
    all_children(list.content)?.iter().map(identifier).collect()
}

fn all_children(content: &[u8]) -> Option<Vec<Element<'_>>> {
    let children = der::children(content);
    let is_all = children.last().is_none_or(|last| last.rest.is_empty());
    (is_all && children.is_empty() == content.is_empty()).then_some(children)
}

const OCTET_STRING: u8 = 0x04;
const UTF8_STRING: u8 = 0x0c;
const EXPLICIT_1: u8 = 0xa1;
/// anyExtendedKeyUsage, 2.5.29.37.0.
const ANY: [u8; 4] = [0x55, 0x1d, 0x25, 0x00];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejection_wins_and_a_list_of_trusted_purposes_is_exhaustive() {
        // What `openssl verify -purpose` makes of the same settings, 28 being a rejection.
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

    fn aux(trusted: &[&[u8]], rejected: &[&[u8]]) -> Vec<u8> {
        let element = |tag: u8, content: &[u8]| {
            let length = u8::try_from(content.len()).unwrap();
            [&[tag, length], content].concat()
        };
        let list = |tag, purposes: &[&[u8]]| {
            let identifiers = purposes.iter().map(|oid| element(OBJECT_IDENTIFIER, oid));
            element(tag, &identifiers.collect::<Vec<_>>().concat())
        };
        let lists = [list(SEQUENCE, trusted), list(EXPLICIT_0, rejected)];
        element(SEQUENCE, &lists.concat())
    }

    const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
    const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
}
