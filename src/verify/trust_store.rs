use std::collections::HashMap;
use std::sync::Arc;

use rustls::DistinguishedName;

use super::purpose::Purpose;
use crate::pki::{Trust, TrustSettings};
use crate::x509::Certificate;
use crate::x509::der::{self, Reader};

/// The certificates of `trusted-ca`, indexed by their subjects.
#[derive(Default)]
pub(crate) struct TrustStore {
    certificates: Vec<Trusted>,
    by_subject: HashMap<Box<[u8]>, Vec<usize>>,
}

/// A certificate of `trusted-ca` and what OpenSSL's own settings trust it for.
pub(crate) struct Trusted {
    pub(crate) certificate: Arc<Certificate<'static>>,
    settings: TrustSettings,
}

impl TrustStore {
    /// Adds a certificate, unless it is there already: OpenSSL keeps the first copy, with its settings.
    pub(crate) fn add(&mut self, certificate: Arc<Certificate<'static>>, settings: TrustSettings) {
        let namesakes = self.by_subject.entry(certificate.subject.clone());
        let namesakes = namesakes.or_default();
        let is_known = |i: &usize| self.certificates[*i].certificate.der() == certificate.der();
        if !namesakes.iter().any(is_known) {
            namesakes.push(self.certificates.len());
            self.certificates.push(Trusted {
                certificate,
                settings,
            });
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    pub(crate) fn certificates(&self) -> impl Iterator<Item = &Certificate<'static>> {
        self.certificates
            .iter()
            .map(|trusted| &*trusted.certificate)
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
    pub(crate) fn named(&self, name: &[u8]) -> impl Iterator<Item = &Trusted> {
        let found = self.by_subject.get(name).map_or(&[][..], Vec::as_slice);
        found.iter().map(|i| &self.certificates[*i])
    }
}

impl Trusted {
    /// Returns whether a path may end here (`X509_check_trust` in OpenSSL).
    pub(crate) fn trust(&self, purpose: Purpose) -> Trust {
        match self.explicit_trust(purpose) {
            Trust::Unspecified if self.certificate.is_self_signed() => Trust::Trusted,
            trust => trust,
        }
    }

    /// Returns the same, from the trust settings alone.
    pub(crate) fn explicit_trust(&self, purpose: Purpose) -> Trust {
        self.settings.verdict(purpose.key_purpose())
    }
}

/// Returns whether a path may end in this certificate of `trusted-ca`, for some purpose.
pub(crate) fn is_anchor(certificate: &Certificate<'_>, settings: &TrustSettings) -> bool {
    [Purpose::Client, Purpose::Server]
        .into_iter()
        .any(|purpose| match settings.verdict(purpose.key_purpose()) {
            Trust::Unspecified => certificate.is_self_signed(),
            trust => trust == Trust::Trusted,
        })
}
