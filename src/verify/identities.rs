//! The names in an end entity's certificate, for the program that has to decide who may do what.
//!
//! The names are read by the rules of RFC 5922 for SIP domains, and as they stand for everything else. Nothing is
//! compared here. The function of [`EndpointBuilder::authorise`](crate::EndpointBuilder::authorise) receives them
//! after every other check has passed, as the step that OpenSSL leaves to the application's verify callback
//! (`SSL_CTX_set_verify(3)`).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};

use super::purpose::Purpose;
use super::sip_domain;
use crate::x509::Certificate;
use crate::x509::general_name::GeneralName;
use crate::x509::name::EMAIL_ADDRESS;

/// Who a peer is, according to its certificate: for dial plans, and to decide who may do what.
///
/// A certificate proves nothing until it is verified.
/// [`Connection::peer_identities`](crate::Connection::peer_identities) and
/// [`EndpointBuilder::authorise`](crate::EndpointBuilder::authorise) give the identities of a verified peer. The name
/// check decides whether a server is the intended one.
///
/// A name is left out if it holds characters that names of its kind cannot have: a NUL in a name is an attack.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki;
/// use sip_tls::verify::{PeerIdentities, Purpose};
///
/// # const FILE: &str = "tests/testdata/crypto/p256.crt";
/// let file = pki::roots::load(Source::path(FILE))?;
/// let certificate = file.certificates()[0].der();
/// let peer = PeerIdentities::of(certificate, Purpose::Server).ok_or("unreadable")?;
/// assert_eq!(peer.dns_names(), ["localhost"]);
/// assert_eq!(peer.common_names(), ["p256"]);
/// // No `sip:` URI is there, so the DNS names of the subjectAltName count.
/// assert!(peer.has_sip_domain("LocalHost."));
/// assert!(!peer.has_sip_domain("p256"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PeerIdentities {
    purpose: Purpose,
    sip_domains: Vec<String>,
    dns_names: Vec<String>,
    addresses: Vec<IpAddr>,
    common_names: Vec<String>,
    email_addresses: Vec<String>,
    fingerprint: Fingerprint,
}

/// The SHA-256 digest of a certificate. It is printed as `openssl x509 -fingerprint -sha256` prints it.
///
/// It identifies one certificate, not its key: a renewed certificate has another fingerprint.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki;
/// use sip_tls::verify::Fingerprint;
///
/// # const FILE: &str = "tests/testdata/crypto/p256.crt";
/// let file = pki::roots::load(Source::path(FILE))?;
/// let fingerprint = Fingerprint::of(file.certificates()[0].der());
/// let text = fingerprint.to_string();
/// assert_eq!(text.split(':').count(), 32);
/// assert_eq!(text.split(':').next(), Some(&*format!("{:02X}", fingerprint.as_ref()[0])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Fingerprint([u8; 32]);

impl PeerIdentities {
    /// Reads the identities in an end entity's certificate; `purpose` says whose it is. The caller has to make sure
    /// that the certificate is verified: a SIP stack that was given a configuration finds it in rustls'
    /// `peer_certificates`.
    ///
    /// Returns `None` if the certificate cannot be read.
    pub fn of(end_entity: &CertificateDer<'_>, purpose: Purpose) -> Option<Self> {
        let end_entity = CertificateDer::from(end_entity.as_ref());
        let certificate = Certificate::parse(end_entity).ok()?;
        Some(Self::read(&certificate, purpose))
    }

    /// Reads the identities in a certificate that was read before. Each name is kept once, in the order of the
    /// certificate.
    pub(super) fn read(certificate: &Certificate<'_>, purpose: Purpose) -> Self {
        let mut this = Self {
            purpose,
            sip_domains: Vec::new(),
            dns_names: Vec::new(),
            addresses: Vec::new(),
            common_names: Vec::new(),
            email_addresses: Vec::new(),
            fingerprint: Fingerprint::of(certificate.der()),
        };
        for found in sip_domain::domains(certificate) {
            add(&mut this.sip_domains, sip_domain::canonical(&found.domain));
        }
        for name in certificate.alt_names() {
            this.take(&name);
        }
        for name in certificate.common_names().flatten() {
            if !name.chars().any(char::is_control) {
                add(&mut this.common_names, name.into_owned());
            }
        }
        let subject = certificate.subject_name().attributes();
        let emails = subject.filter(|attribute| attribute.kind == EMAIL_ADDRESS);
        for email in emails.filter_map(|attribute| attribute.text()) {
            this.take_email(email.as_bytes());
        }
        this
    }

    /// Takes a name of the subjectAltName, if it is of a kind that is kept and in a good form.
    fn take(&mut self, name: &GeneralName<'_>) {
        match name {
            GeneralName::Dns(name) => {
                let name = std::str::from_utf8(name).ok();
                if let Some(name) = name.filter(|name| sip_domain::is_host(name)) {
                    add(&mut self.dns_names, sip_domain::canonical(name));
                }
            }
            GeneralName::Email(name) => self.take_email(name),
            GeneralName::Ip(octets) => {
                let v4 = <[u8; 4]>::try_from(&**octets).map(IpAddr::from);
                let v6 = <[u8; 16]>::try_from(&**octets).map(IpAddr::from);
                if let Ok(address) = v4.or(v6) {
                    add(&mut self.addresses, address);
                }
            }
            _ => {}
        }
    }

    /// Takes an e-mail address. It must hold an `@` and no control characters; its two parts are not checked any
    /// further.
    fn take_email(&mut self, name: &[u8]) {
        let name = std::str::from_utf8(name).ok();
        let is_good = |name: &&str| name.contains('@') && !name.chars().any(char::is_control);
        if let Some(name) = name.filter(is_good) {
            add(&mut self.email_addresses, name.to_owned());
        }
    }

    /// Whose certificate it is: a client's, which connected to us, or a server's.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The SIP domains ([RFC 5922, section 7.1](https://www.rfc-editor.org/rfc/rfc5922#section-7.1)): the hosts of
    /// `sip:` and `sips:` URIs in the subjectAltName; its DNS names only if there is no such URI; the common names
    /// only if there is no subjectAltName. In lower case, without a dot at the end.
    pub fn sip_domains(&self) -> &[String] {
        &self.sip_domains
    }

    /// Whether one of the SIP domains is this one, compared as
    /// [RFC 5922, section 7.2](https://www.rfc-editor.org/rfc/rfc5922#section-7.2) requires: whole, in any case, and
    /// without wildcards.
    ///
    /// A domain in Unicode is compared in its ASCII form (RFC 5890), which is what certificates hold.
    pub fn has_sip_domain(&self, domain: &str) -> bool {
        let domain = sip_domain::ascii(domain);
        let mut domains = self.sip_domains.iter();
        domains.any(|found| sip_domain::is_same(found, &domain))
    }

    /// The DNS names of the subjectAltName, with wildcards unchanged. In lower case, without a dot at the end.
    pub fn dns_names(&self) -> &[String] {
        &self.dns_names
    }

    /// The IP addresses of the subjectAltName.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// The common names of the subject; most certificates have one at most.
    pub fn common_names(&self) -> &[String] {
        &self.common_names
    }

    /// The e-mail addresses of the subjectAltName, and those of the subject.
    pub fn email_addresses(&self) -> &[String] {
        &self.email_addresses
    }

    /// The digest of the whole certificate.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

/// Adds a name unless it is there already.
fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}

impl Fingerprint {
    /// Digests a certificate.
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl AsRef<[u8; 32]> for Fingerprint {
    fn as_ref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets: Vec<_> = self.0.iter().map(|octet| format!("{octet:02X}")).collect();
        f.write_str(&octets.join(":"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The caller's function that decides who may connect.
#[derive(Clone, Default)]
pub(crate) struct Authorisation(Option<Arc<dyn Authorise>>);

/// The name for the type of the function, so that it can be kept behind one pointer.
trait Authorise: Fn(&PeerIdentities) -> bool + Send + Sync {}

impl<F: Fn(&PeerIdentities) -> bool + Send + Sync> Authorise for F {}

impl Authorisation {
    pub(crate) fn new(function: impl Fn(&PeerIdentities) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(function)))
    }

    /// Whether there is a function. If there is none, every peer that is otherwise accepted may connect.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.is_some()
    }

    /// Asks whether a peer may connect. Returns who it is if it may not.
    pub(super) fn refuses(
        &self,
        end_entity: &Certificate<'_>,
        purpose: Purpose,
    ) -> Option<PeerIdentities> {
        let function = self.0.as_ref()?;
        let identities = PeerIdentities::read(end_entity, purpose);
        (!function(&identities)).then_some(identities)
    }
}

impl fmt::Debug for Authorisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authorisation").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
