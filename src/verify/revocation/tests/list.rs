use std::sync::Arc;

use super::super::{Basis, Crl};
use crate::options::SecurityLevel;
use crate::pki::{FileProblem, RevocationList};
use crate::verify::test_pki::{
    AUTHORITY_KEY_ID, CertificateSpec, Key, ecdsa_sha256, extension, integer, octets, root_name,
    seq, tlv, utc,
};
use crate::verify::trust_store::TrustStore;
use crate::x509::CrlError;

/// The description of a revocation list, by default of version 2 by the CA `Root`, valid from 2025-06-01 to
/// 2025-07-01.
#[derive(Clone)]
pub(super) struct ListSpec {
    pub(super) version: Option<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) signer: u8,
    pub(super) this_update: Vec<u8>,
    pub(super) next_update: Option<Vec<u8>>,
    pub(super) entries: Vec<Vec<u8>>,
    pub(super) extensions: Vec<Vec<u8>>,
    pub(super) inner_algorithm: Vec<u8>,
    pub(super) has_bad_signature: bool,
}

impl Default for ListSpec {
    fn default() -> Self {
        Self {
            version: Some(1),
            issuer: root_name(),
            signer: 1,
            this_update: utc("250601000000Z"),
            next_update: Some(utc("250701000000Z")),
            entries: vec![entry(&[5])],
            extensions: Vec::new(),
            inner_algorithm: ecdsa_sha256(),
            has_bad_signature: false,
        }
    }
}

impl ListSpec {
    /// The same list, issued by this CA.
    pub(super) fn of(self, issuer: &CertificateSpec) -> Self {
        Self {
            issuer: issuer.subject.clone(),
            signer: issuer.key,
            ..self
        }
    }

    pub(super) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    pub(super) fn revoking(mut self, serial: &[u8]) -> Self {
        self.entries.push(entry(serial));
        self
    }

    pub(super) fn with_entry(mut self, entry: Vec<u8>) -> Self {
        self.entries.push(entry);
        self
    }

    pub(super) fn from(mut self, this_update: &str) -> Self {
        self.this_update = utc(this_update);
        self
    }

    pub(super) fn until(mut self, next_update: &str) -> Self {
        self.next_update = Some(utc(next_update));
        self
    }

    /// Names the signing key by its identifier.
    pub(super) fn with_key_id(self) -> Self {
        let id = signer_id(self.signer);
        self.with(id)
    }

    pub(super) fn der(&self) -> Vec<u8> {
        let optional = |is_there: bool, part: Vec<u8>| match is_there {
            true => part,
            false => Vec::new(),
        };
        let tbs = seq(&[
            self.version.map(|v| integer(&[v])).unwrap_or_default(),
            self.inner_algorithm.clone(),
            self.issuer.clone(),
            self.this_update.clone(),
            self.next_update.clone().unwrap_or_default(),
            optional(!self.entries.is_empty(), seq(&self.entries)),
            optional(
                !self.extensions.is_empty(),
                tlv(0xa0, &seq(&self.extensions)),
            ),
        ]);
        let mut der = Key::new(self.signer).sign(tbs, ecdsa_sha256());
        if self.has_bad_signature {
            *der.last_mut().unwrap() ^= 1;
        }
        der
    }

    /// Reads the list, or returns what is wrong with it.
    pub(super) fn parse(&self) -> Result<Crl, CrlError> {
        crl(self.der())
    }
}

/// Makes a list from its DER, or returns what is wrong with it.
pub(super) fn crl(der: Vec<u8>) -> Result<Crl, CrlError> {
    let list = RevocationList::from_der(der.into());
    list.map(|list| Crl::new(list, &basis()))
        .map_err(|error| match error.problem() {
            FileProblem::UnusableList(error) => *error,
            other => panic!("{other:?}"),
        })
}

/// Makes a basis that shares no results with others.
pub(super) fn basis() -> Basis {
    let store = Arc::new(TrustStore::default());
    Basis::new(&store, &[], SecurityLevel::default())
}

pub(super) fn list() -> ListSpec {
    ListSpec::default()
}

pub(super) fn revoking() -> ListSpec {
    list().revoking(&[100])
}

pub(super) fn entry(serial: &[u8]) -> Vec<u8> {
    seq(&[integer(serial), utc("250501000000Z")])
}

pub(super) fn entry_with(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    seq(&[integer(serial), utc("250501000000Z"), seq(extensions)])
}

pub(super) fn reason(code: u8) -> Vec<u8> {
    extension(CRL_REASON, false, &tlv(0x0a, &[code]))
}

/// An authorityKeyIdentifier of the key `seed`.
pub(super) fn signer_id(seed: u8) -> Vec<u8> {
    let id = Key::new(seed).id;
    extension(AUTHORITY_KEY_ID, false, &seq(&[tlv(0x80, &id)]))
}

/// A CRL number.
pub(super) fn number(content: &[u8]) -> Vec<u8> {
    extension(CRL_NUMBER, false, &integer(content))
}

/// An issuingDistributionPoint of these fields.
pub(super) fn idp(fields: &[Vec<u8>]) -> Vec<u8> {
    extension(ISSUING_DISTRIBUTION_POINT, true, &seq(fields))
}

/// A distribution point's fullName field.
pub(super) fn full_name(names: &[Vec<u8>]) -> Vec<u8> {
    tlv(0xa0, &tlv(0xa0, &names.concat()))
}

/// A distribution point's nameRelativeToCRLIssuer field.
pub(super) fn relative_name(attributes: &[Vec<u8>]) -> Vec<u8> {
    tlv(0xa0, &tlv(0xa1, &attributes.concat()))
}

pub(super) fn uri(text: &str) -> Vec<u8> {
    tlv(0x86, text.as_bytes())
}

pub(super) fn directory(name: &[u8]) -> Vec<u8> {
    tlv(0xa4, name)
}

pub(super) fn unknown_extension(is_critical: bool) -> Vec<u8> {
    extension(&[0x2a, 3, 4], is_critical, &octets(b"?"))
}

pub(super) const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 20];
pub(super) const CRL_REASON: &[u8] = &[0x55, 0x1d, 21];
pub(super) const DELTA_CRL_INDICATOR: &[u8] = &[0x55, 0x1d, 27];
pub(super) const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
pub(super) const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];
