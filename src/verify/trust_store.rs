use std::collections::HashMap;

use rustls::DistinguishedName;
use rustls::pki_types::{CertificateDer, TrustAnchor};

use super::builder::VerifierError;
use super::certificate::Certificate;
use super::purpose::Purpose;
use crate::pki::{Trust, TrustSettings};

/// The certificates of `trusted-ca`, read and indexed once.
pub(crate) struct TrustStore {
    certificates: Vec<Trusted>,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    /// For webpki: what is trusted as an end of the path, for clients' and for servers' certificates.
    client_anchors: Vec<TrustAnchor<'static>>,
    server_anchors: Vec<TrustAnchor<'static>>,
    /// For webpki: what may complete a path.
    intermediates: Vec<CertificateDer<'static>>,
}

pub(crate) struct Trusted {
    pub(crate) certificate: Certificate<'static>,
    settings: TrustSettings,
    /// The name and key as webpki sees them, to find its anchor here again.
    anchor: Option<TrustAnchor<'static>>,
}

impl TrustStore {
    pub(crate) fn new(
        certificates: impl IntoIterator<Item = (CertificateDer<'static>, TrustSettings)>,
        public_roots: &[TrustAnchor<'static>],
    ) -> Result<Self, VerifierError> {
        let mut store = Self {
            certificates: Vec::new(),
            by_subject: HashMap::new(),
            client_anchors: Vec::new(),
            server_anchors: Vec::new(),
            intermediates: Vec::new(),
        };
        for (der, settings) in certificates {
            // Loading the same certificate twice must not make paths ambiguous.
            if store
                .certificates
                .iter()
                .any(|known| *known.certificate.der() == der)
            {
                continue;
            }
            let anchor = webpki::anchor_from_trusted_cert(&der)
                .map(|a| a.to_owned())
                .ok();
            // A path through it is refused as if it were not there.
            let Ok(certificate) = Certificate::parse(der) else {
                continue;
            };
            store.add(Trusted {
                certificate,
                settings,
                anchor,
            });
        }
        for (number, anchor) in public_roots.iter().enumerate() {
            let certificate = Certificate::of_anchor(anchor)
                .map_err(|_| VerifierError::UnreadableCertificate { number })?;
            let anchor = Some(anchor.clone());
            store.add(Trusted {
                certificate,
                settings: TrustSettings::default(),
                anchor,
            });
        }
        Ok(store)
    }

    pub(crate) fn certificates<'s>(&'s self) -> impl Iterator<Item = &'s Certificate<'s>> {
        let certificate = |trusted: &'s Trusted| -> &'s Certificate<'s> { &trusted.certificate };
        self.certificates.iter().map(certificate)
    }

    /// The subjects of the certificates, as far as webpki can read them.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = DistinguishedName> {
        let anchors = self
            .certificates
            .iter()
            .filter_map(|trusted| trusted.anchor.as_ref());
        anchors.map(|anchor| DistinguishedName::in_sequence(&anchor.subject))
    }

    pub(crate) fn anchors(&self, purpose: Purpose) -> &[TrustAnchor<'static>] {
        match purpose {
            Purpose::Client => &self.client_anchors,
            Purpose::Server => &self.server_anchors,
        }
    }

    pub(crate) fn intermediates(&self) -> &[CertificateDer<'static>] {
        &self.intermediates
    }

    /// The certificates whose subject is `name`, in the order of the files.
    pub(crate) fn named(&self, name: &[u8]) -> impl Iterator<Item = &Trusted> {
        let found = self.by_subject.get(name).map_or(&[][..], Vec::as_slice);
        found.iter().map(|i| &self.certificates[*i])
    }

    /// Whether the trust settings forbid the use of this certificate.
    pub(crate) fn rejects(&self, certificate: &Certificate<'_>, purpose: Purpose) -> bool {
        self.named(&certificate.subject).any(|trusted| {
            trusted.certificate.der() == certificate.der()
                && trusted.explicit_trust(purpose) == Trust::Rejected
        })
    }

    /// The certificates that webpki took as `anchor`: several may share a name and a key.
    pub(crate) fn behind(&self, anchor: &TrustAnchor<'_>) -> Vec<&Trusted> {
        let is_it = |own: &TrustAnchor<'_>| {
            own.subject == anchor.subject
                && own.subject_public_key_info == anchor.subject_public_key_info
        };
        self.certificates
            .iter()
            .filter(|trusted| trusted.anchor.as_ref().is_some_and(is_it))
            .collect()
    }

    fn add(&mut self, trusted: Trusted) {
        let certificate = &trusted.certificate;
        if let Some(anchor) = &trusted.anchor {
            for (purpose, anchors) in [
                (Purpose::Client, &mut self.client_anchors),
                (Purpose::Server, &mut self.server_anchors),
            ] {
                if trusted.trust(purpose) == Trust::Trusted {
                    anchors.push(anchor.clone());
                }
            }
        }
        if !certificate.is_self_signed() {
            self.intermediates.push(certificate.der().clone());
        }
        self.by_subject
            .entry(certificate.subject.clone())
            .or_default()
            .push(self.certificates.len());
        self.certificates.push(trusted);
    }
}

impl Trusted {
    /// Whether a path may end here (`X509_check_trust` in OpenSSL).
    pub(crate) fn trust(&self, purpose: Purpose) -> Trust {
        trust(&self.certificate, &self.settings, purpose)
    }

    /// The same, from the trust settings alone.
    pub(crate) fn explicit_trust(&self, purpose: Purpose) -> Trust {
        self.settings.verdict(purpose.key_purpose())
    }
}

/// Whether a path may end in this certificate of `trusted-ca`.
pub(super) fn ends_paths(
    certificate: &Certificate<'_>,
    settings: &TrustSettings,
    purpose: Purpose,
) -> bool {
    trust(certificate, settings, purpose) == Trust::Trusted
}

fn trust(certificate: &Certificate<'_>, settings: &TrustSettings, purpose: Purpose) -> Trust {
    match settings.verdict(purpose.key_purpose()) {
        Trust::Unspecified if certificate.is_self_signed() => Trust::Trusted,
        trust => trust,
    }
}
