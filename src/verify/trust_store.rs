use std::collections::HashMap;

use rustls::DistinguishedName;

use super::purpose::Purpose;
use crate::pki::{Trust, TrustedCertificate};
use crate::x509::Certificate;
use crate::x509::der::{self, Reader};

/// The certificates of `trusted-ca`, indexed by their subjects.
#[derive(Default)]
pub(crate) struct TrustStore {
    certificates: Vec<TrustedCertificate>,
    by_subject: HashMap<Box<[u8]>, Vec<usize>>,
}

impl TrustStore {
    /// Adds a certificate, unless it is there already: OpenSSL keeps the first copy, with its settings.
    pub(crate) fn add(&mut self, trusted: TrustedCertificate) {
        let subject = trusted.certificate().subject().into();
        let namesakes = self.by_subject.entry(subject).or_default();
        let is_known = |i: &usize| self.certificates[*i].der() == trusted.der();
        if !namesakes.iter().any(is_known) {
            namesakes.push(self.certificates.len());
            self.certificates.push(trusted);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &TrustedCertificate> {
        self.certificates.iter()
    }

    pub(crate) fn certificates(&self) -> impl Iterator<Item = &Certificate<'static>> {
        self.certificates
            .iter()
            .map(TrustedCertificate::certificate)
    }

    /// Returns the subjects of the certificates.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = DistinguishedName> {
        self.certificates().filter_map(|certificate| {
            let mut name = Reader::new(certificate.subject_name().der());
            let content = name.expect(der::SEQUENCE)?.content;
            Some(DistinguishedName::in_sequence(content))
        })
    }

    /// Returns the certificates whose subject is `name`, in the order of the files.
    pub(crate) fn named(&self, name: &[u8]) -> impl Iterator<Item = &TrustedCertificate> {
        let found = self.by_subject.get(name).map_or(&[][..], Vec::as_slice);
        found.iter().map(|i| &self.certificates[*i])
    }
}

/// Returns whether a path may end in this certificate of `trusted-ca` (`X509_check_trust` in OpenSSL).
pub(crate) fn trust(trusted: &TrustedCertificate, purpose: Purpose) -> Trust {
    match explicit_trust(trusted, purpose) {
        Trust::Unspecified if trusted.certificate().is_self_signed() => Trust::Trusted,
        trust => trust,
    }
}

/// Returns the same, from the trust settings alone.
pub(crate) fn explicit_trust(trusted: &TrustedCertificate, purpose: Purpose) -> Trust {
    trusted.trust().verdict(purpose.key_purpose())
}

/// Returns whether a path may end in this certificate of `trusted-ca` for some purpose.
pub(crate) fn is_anchor(trusted: &TrustedCertificate) -> bool {
    [Purpose::Client, Purpose::Server]
        .into_iter()
        .any(|purpose| trust(trusted, purpose) == Trust::Trusted)
}
