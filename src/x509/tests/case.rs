use rustls::pki_types::CertificateDer;

use super::ask::{self, Verdict};
use crate::x509::Certificate;
use crate::x509::test_pki::*;

/// One odd certificate.
pub(super) struct Case {
    /// What is odd.
    rule: String,
    der: Vec<u8>,
    /// OpenSSL's verdict, which is also ours unless `ours` says otherwise.
    openssl: Verdict,
    ours: Verdict,
}

impl Case {
    pub(super) fn new(rule: impl Into<String>, der: Vec<u8>, verdict: Verdict) -> Self {
        Self {
            rule: rule.into(),
            der,
            openssl: verdict,
            ours: verdict,
        }
    }

    /// Makes a case with an extension of this value.
    pub(super) fn extension(
        rule: impl Into<String>,
        id: &[u8],
        value: &[u8],
        verdict: Verdict,
    ) -> Self {
        let der = Parts::default().with(extension(id, false, value)).der();
        Self::new(rule, der, verdict)
    }

    /// Makes a case with a subjectAltName that holds `names`.
    pub(super) fn general_name(
        rule: impl Into<String>,
        names: &[Vec<u8>],
        verdict: Verdict,
    ) -> Self {
        Self::extension(rule, SUBJECT_ALT_NAME, &seq(names), verdict)
    }

    /// Sets another verdict for the reader, which is stricter.
    pub(super) fn but_ours(mut self, verdict: Verdict) -> Self {
        self.ours = verdict;
        self
    }
}

/// Asks the reader and the installed `openssl` about each case.
#[track_caller]
pub(super) fn check(cases: impl IntoIterator<Item = Case>) {
    let mut wrong = Vec::new();
    for case in cases {
        let (ours, openssl) = (read(&case.der), ask::certificate(&case.der));
        if (ours, openssl) != (case.ours, case.openssl) {
            let rule = &case.rule;
            wrong.push(format!("{rule}: {ours:?} here, {openssl:?} in OpenSSL"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn read(der: &[u8]) -> Verdict {
    match Certificate::parse(CertificateDer::from(der)) {
        Err(_) => Verdict::Refused,
        Ok(certificate) if certificate.extensions.is_invalid => Verdict::Invalid,
        Ok(_) => Verdict::Good,
    }
}

/// The fields of a certificate, each in its encoded form.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) version: Vec<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) signed_algorithm: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) validity: Vec<u8>,
    pub(super) subject: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) unique_ids: Vec<u8>,
    pub(super) extensions: Vec<Vec<u8>>,
    pub(super) algorithm: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            version: tlv(0xa0, &integer(&[2])),
            serial: integer(&[100]),
            signed_algorithm: ed25519(),
            issuer: cn("issuer"),
            validity: seq(&[utc("200101000000Z"), utc("400101000000Z")]),
            subject: cn("subject"),
            key: seq(&[ed25519(), bit_string(&[7; 32])]),
            unique_ids: Vec::new(),
            extensions: Vec::new(),
            algorithm: ed25519(),
            signature: bit_string(&[9; 64]),
        }
    }
}

impl Parts {
    pub(super) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Returns the fields of the signed part.
    pub(super) fn fields(&self) -> Vec<u8> {
        let extensions = extensions(&self.extensions);
        let fields = [
            &self.version,
            &self.serial,
            &self.signed_algorithm,
            &self.issuer,
            &self.validity,
            &self.subject,
            &self.key,
            &self.unique_ids,
            &extensions,
        ];
        fields.map(Vec::as_slice).concat()
    }

    pub(super) fn der(&self) -> Vec<u8> {
        self.around(seq(&[self.fields()]))
    }

    #[track_caller]
    pub(super) fn read(&self) -> Certificate<'static> {
        Certificate::parse(CertificateDer::from(self.der())).unwrap()
    }

    /// Returns a certificate with another signed part.
    pub(super) fn around(&self, tbs: Vec<u8>) -> Vec<u8> {
        seq(&[tbs, self.algorithm.clone(), self.signature.clone()])
    }
}

pub(super) fn ed25519() -> Vec<u8> {
    seq(&[oid(ED25519)])
}

/// Writes an element with an indefinite length.
pub(super) fn indefinite(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, 0x80], content, &[0, 0]].concat()
}

/// Writes elements in elements, each of indefinite length.
pub(super) fn nest(tag: u8, levels: usize) -> Vec<u8> {
    [[tag, 0x80].repeat(levels), vec![0; 2 * levels]].concat()
}

/// Writes an element whose length takes `octets` octets after the first one.
pub(super) fn long(tag: u8, octets: u8, content: &[u8]) -> Vec<u8> {
    let mut length = vec![0; usize::from(octets)];
    let len = content.len().to_be_bytes();
    for (place, octet) in length.iter_mut().rev().zip(len.iter().rev()) {
        *place = *octet;
    }
    [&[tag, 0x80 | octets], &*length, content].concat()
}

/// Returns a certificate with this signature.
pub(super) fn signature(signature: Vec<u8>) -> Vec<u8> {
    Parts {
        signature,
        ..Parts::default()
    }
    .der()
}

/// Returns the subject of one attribute with this value.
pub(super) fn subject(value: Vec<u8>) -> Vec<u8> {
    let der = name(&[seq(&[oid(COMMON_NAME), value])]);
    Parts {
        subject: der,
        ..Parts::default()
    }
    .der()
}

pub(super) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
