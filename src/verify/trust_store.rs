//! What `trusted-ca` holds, and what a certificate in it is good for.
//!
//! A self-signed certificate is a trust anchor. Any other one completes paths, unless the trust settings of a
//! `TRUSTED CERTIFICATE` block make it an anchor (`X509_check_trust`; `openssl x509 -addtrust` writes them). Settings
//! can also reject a certificate for a purpose, and so refuse every path that reaches it.
//!
//! The index by subject makes a step of a path as cheap with a thousand CAs as with one.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use rustls::DistinguishedName;

use super::purpose::Purpose;
use crate::pki::{Trust, TrustedCertificate};
use crate::shared::Pool;
use crate::x509::Certificate;
use crate::x509::der::{self, Reader};

/// The certificates of `trusted-ca`, indexed by their subjects. Verifiers with the same certificates, from the same
/// files, share one store.
#[derive(Default)]
pub(crate) struct TrustStore {
    certificates: Vec<TrustedCertificate>,
    /// The canonical subject of each certificate, with the places in `certificates` of those that have it.
    by_subject: HashMap<Box<[u8]>, Vec<usize>>,
    /// Made on first use.
    subjects: OnceLock<Box<[DistinguishedName]>>,
    /// When certificates expire, with their places in `certificates`; the earliest first. Made on first use.
    expiries: OnceLock<Box<[(i64, usize)]>>,
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

    /// Returns the store of another verifier if it holds the same certificates, or else this one.
    pub(crate) fn shared(mut self) -> Arc<Self> {
        static STORES: LazyLock<Pool<TrustStore>> = LazyLock::new(Pool::new);
        self.certificates.shrink_to_fit();
        let key: Vec<_> = self.iter().map(TrustedCertificate::address).collect();
        STORES.share_by(key, self, |known, new| {
            let mut pairs = known.iter().zip(&new.certificates);
            known.certificates.len() == new.certificates.len()
                && pairs.all(|(known, new)| known.is_same(new))
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &TrustedCertificate> {
        self.certificates.iter()
    }

    /// They stand in the order of the files.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &Certificate<'static>> {
        self.certificates
            .iter()
            .map(TrustedCertificate::certificate)
    }

    /// Returns the subjects of the certificates.
    ///
    /// They are the subjects as they stand in the certificates, for a CertificateRequest (RFC 5246, section 7.4.4).
    pub(crate) fn subjects(&self) -> &[DistinguishedName] {
        self.subjects.get_or_init(|| {
            let subject = |certificate: &Certificate<'_>| {
                let mut name = Reader::new(certificate.subject_der());
                let content = name.expect(der::SEQUENCE)?.content;
                Some(DistinguishedName::in_sequence(content))
            };
            self.certificates().filter_map(subject).collect()
        })
    }

    /// Returns the certificate that expires after `number` others, and when it does. CAs of the system are not
    /// counted, because the system renews them.
    pub(crate) fn expiring(&self, number: usize) -> Option<(&TrustedCertificate, i64)> {
        let (seconds, place) = self.expiries().get(number)?;
        Some((&self.certificates[*place], *seconds))
    }

    /// Returns how many certificates have expired.
    pub(crate) fn expired(&self, now: i64) -> usize {
        self.expiries()
            .partition_point(|(seconds, _)| *seconds <= now)
    }

    /// Counters ask for the expiries often, so they are sorted once.
    fn expiries(&self) -> &[(i64, usize)] {
        self.expiries.get_or_init(|| {
            let certificates = self.certificates.iter().enumerate();
            let expiry =
                |(place, trusted): (_, &TrustedCertificate)| Some((trusted.expires()?, place));
            let mut expiries: Vec<_> = certificates.filter_map(expiry).collect();
            expiries.sort_unstable();
            expiries.into()
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

/// Returns whether a path may end in the certificate, by its trust settings alone.
///
/// Settings name purposes by object identifiers. If there is a list of trusted purposes, a purpose that is not in it
/// is rejected.
pub(crate) fn explicit_trust(trusted: &TrustedCertificate, purpose: Purpose) -> Trust {
    trusted.trust().verdict(purpose.key_purpose())
}

/// Returns whether a path may end in this certificate of `trusted-ca` for some purpose.
pub(crate) fn is_anchor(trusted: &TrustedCertificate) -> bool {
    [Purpose::Client, Purpose::Server]
        .into_iter()
        .any(|purpose| trust(trusted, purpose) == Trust::Trusted)
}
