//! The result of a verification: findings, and what was compared.
//!
//! A status is made for every peer, also for one that is accepted, because SIP stacks swallow handshake errors and
//! the program has to find out afterwards what happened. It travels with the connection, to observers, and into the
//! error of a refused connection.
//!
//! Findings are collected in OpenSSL's order of checks. OpenSSL stops at the first one unless a verify callback tells
//! it to go on; the first one here is therefore what OpenSSL reports, and the others are what it would report next.

use std::fmt;
use std::sync::OnceLock;

use rustls::pki_types::CertificateDer;

use super::code::VerifyCode;
use super::name::ReferenceName;
use super::purpose::Purpose;
#[cfg(feature = "crl-fetch")]
use super::wanted::WantedList;
use crate::pki::Origin;
use crate::x509::der::Reader;
use crate::x509::name::Name;
use crate::x509::{Certificate, CrlFacts, describe};

/// The result of the verification of a peer's certificate.
///
/// There is one whether the peer was refused, accepted, or accepted despite a name mismatch because the name check is
/// off.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use rustls::pki_types::UnixTime;
/// use sip_tls::options::Source;
/// use sip_tls::verify::{Purpose, ReferenceName, Verifier, VerifyCode};
/// use sip_tls::{crypto, pki};
///
/// # const CA: &str = "tests/testdata/crypto/p256.crt";
/// let roots = pki::roots::load(Source::path(CA))?;
/// let builder = Verifier::builder(&*crypto::default_base()?);
/// let verifier = builder.trusted(roots.certificates()).build()?;
/// let chain = [roots.certificates()[0].der().clone()];
/// let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
///
/// // The name check is off, so the mismatch is recorded, but does no harm.
/// let host = ReferenceName::new("sip.example.com");
/// let status = verifier.verify(&chain, Purpose::Server, Some(&host), now);
/// assert!(status.is_accepted());
/// assert_eq!(status.code(), VerifyCode::Ok);
/// assert_eq!(status.path(), ["CN = p256"]);
/// assert_eq!(status.matched_name(), None);
/// let finding = &status.findings()[0];
/// assert_eq!(finding.code(), VerifyCode::HostnameMismatch);
/// assert!(finding.is_tolerated());
///
/// // A century later the certificate has expired.
/// let now = UnixTime::since_unix_epoch(Duration::from_secs(5_000_000_000));
/// let status = verifier.verify(&chain, Purpose::Server, None, now);
/// assert_eq!(status.code(), VerifyCode::CertHasExpired);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct VerifyStatus {
    pub(crate) purpose: Purpose,
    pub(crate) findings: Vec<Finding>,
    pub(crate) path: Subjects,
    pub(crate) reference: Option<ReferenceName>,
    pub(crate) matched_name: Option<String>,
    pub(crate) revocation_list: Option<String>,
    pub(crate) validity: Validity,
    pub(crate) presented: Vec<CertificateDer<'static>>,
    /// Never taken from a certificate whose signature was not verified.
    #[cfg(feature = "crl-fetch")]
    pub(crate) wanted: Vec<WantedList>,
}

/// The subjects of a path. They are turned into text on first use.
///
/// Most statuses are never printed. So the verification of a path copies its names as they stand, in one allocation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subjects {
    /// Names in DER, one after another.
    names: Box<[u8]>,
    lines: OnceLock<Vec<String>>,
}

impl Subjects {
    pub(crate) fn of(path: &[&Certificate<'_>]) -> Self {
        let name = |certificate: &&Certificate<'_>| certificate.subject_der().len();
        let mut names = Vec::with_capacity(path.iter().map(name).sum());
        for certificate in path {
            names.extend_from_slice(certificate.subject_der());
        }
        Self {
            names: names.into(),
            lines: OnceLock::new(),
        }
    }

    fn lines(&self) -> &[String] {
        self.lines.get_or_init(|| {
            let mut names = Reader::of_checked(&self.names);
            std::iter::from_fn(|| names.next())
                .map(|name| describe::one_line(Name::of_checked(name.raw)))
                .collect()
        })
    }
}

/// How long the result of a verification counts for sessions that are resumed.
///
/// rustls resumes a session without asking a verifier. An endpoint keeps this with the session, and does not resume
/// it once the time has come or another verifier is in force.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Validity {
    /// The number of the verifier among the successive verifiers of an endpoint.
    pub(crate) generation: u64,
    /// The first second, since the epoch, in which the same verifier may give another result.
    pub(crate) until: i64,
}

/// One thing that is wrong with a peer's certificates.
///
/// [`Display`](fmt::Display) prints it as `openssl verify` words its errors, with the name of the constant: `error 62
/// at depth 0: hostname mismatch (X509_V_ERR_HOSTNAME_MISMATCH)`. [`VerifyStatus`] has an example.
#[derive(Clone, Debug)]
pub struct Finding {
    code: VerifyCode,
    depth: usize,
    subject: Box<str>,
    detail: Option<Box<str>>,
    revocation_list: Option<Box<str>>,
    origin: Option<Box<Origin>>,
    about: Option<Box<str>>,
    /// A description of the revocation list.
    list: Option<Box<str>>,
    is_tolerated: bool,
}

impl VerifyStatus {
    /// An empty status is one of an accepted peer: checks add findings to it.
    pub(crate) fn new(purpose: Purpose, reference: Option<ReferenceName>) -> Self {
        Self {
            purpose,
            findings: Vec::new(),
            path: Subjects::default(),
            reference,
            matched_name: None,
            revocation_list: None,
            validity: Validity {
                generation: 0,
                until: i64::MAX,
            },
            presented: Vec::new(),
            #[cfg(feature = "crl-fetch")]
            wanted: Vec::new(),
        }
    }

    /// Whether the peer was accepted.
    pub fn is_accepted(&self) -> bool {
        self.error().is_none()
    }

    /// The reason for a refusal: the error that OpenSSL would report first.
    pub fn error(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| !finding.is_tolerated)
    }

    /// OpenSSL's code for the result: [`VerifyCode::Ok`] if the peer was accepted.
    ///
    /// `SSL_get_verify_result(3)` returns this number, `X509_V_OK` for an accepted peer.
    pub fn code(&self) -> VerifyCode {
        self.error().map_or(VerifyCode::Ok, Finding::code)
    }

    /// Everything that was found, tolerated findings included, in OpenSSL's order of checks.
    ///
    /// Empty if nothing is wrong. The order is that of the checks, not of the depths.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The subjects of the path, end entity first, as far as one could be built.
    ///
    /// Each is printed as `openssl x509 -subject` prints it. The path can have fewer certificates than the peer sent,
    /// and more: it may leave certificates of the peer out, and its end comes from `trusted-ca`.
    pub fn path(&self) -> &[String] {
        self.path.lines()
    }

    /// The certificates that a refused peer sent. The connection has those of an accepted peer.
    ///
    /// They are kept to find out later what was wrong with them, such as with `sip-tls verify`. Empty for an accepted
    /// peer.
    pub fn presented(&self) -> &[CertificateDer<'static>] {
        &self.presented
    }

    /// The lists to fetch, with `tls-crl` = `fetch`: for a refused peer the lists that are missing or have expired,
    /// if nothing else is wrong with it; for an accepted peer the lists that expire soon.
    ///
    /// A list for which no certificate gives an `http:` URL is not among them.
    #[cfg(feature = "crl-fetch")]
    pub fn wanted_lists(&self) -> &[WantedList] {
        &self.wanted
    }

    /// Whose certificate it is.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The name or address that the certificate was compared with.
    ///
    /// It is the [target name](super::VerifierBuilder::target_name) if there is one, or else the name that the
    /// connection was made to. `None` if there is neither, as for clients.
    pub fn reference(&self) -> Option<&ReferenceName> {
        self.reference.as_ref()
    }

    /// The name in the certificate that matched, if any did.
    ///
    /// A wildcard stands here as it does in the certificate.
    pub fn matched_name(&self) -> Option<&str> {
        self.matched_name.as_deref()
    }

    /// The issuer of the revocation list that answered for the end entity.
    ///
    /// `None` if revocation is not checked, or if the end entity has no list at all.
    pub fn revocation_list(&self) -> Option<&str> {
        self.revocation_list.as_deref()
    }
}

/// Prints `OK` or the error, as `openssl verify` words it.
impl fmt::Display for VerifyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error() {
            Some(finding) => finding.fmt(f),
            None => f.write_str("OK"),
        }
    }
}

impl Finding {
    /// Makes a finding about a certificate.
    pub(crate) fn new(code: VerifyCode, depth: usize, certificate: &Certificate<'_>) -> Self {
        Self {
            subject: describe::one_line(certificate.subject_name()).into(),
            ..Self::of_nobody(code, depth)
        }
    }

    /// Makes a finding about a certificate whose subject is not known.
    pub(crate) fn of_nobody(code: VerifyCode, depth: usize) -> Self {
        Self {
            code,
            depth,
            subject: Box::default(),
            detail: None,
            revocation_list: None,
            origin: None,
            about: None,
            list: None,
            is_tolerated: false,
        }
    }

    /// Adds what OpenSSL has no number for.
    pub(crate) fn with_detail(mut self, detail: impl Into<Box<str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Sets the detail.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn set_detail(&mut self, detail: String) {
        self.detail = Some(detail.into());
    }

    /// Notes the list that the finding is based on: its issuer, its origin and its description.
    pub(crate) fn by_list(mut self, list: &CrlFacts, origin: &Origin) -> Self {
        self.revocation_list = Some(list.issuer().into());
        self.origin = Some(Box::new(origin.clone()));
        self.list = Some(describe::list(list, &origin.to_string()).into());
        self
    }

    /// Notes where the certificate comes from, unless the finding is about a list.
    pub(crate) fn come_from(&mut self, origin: Option<&Origin>) {
        if self.origin.is_none() {
            self.origin = origin.cloned().map(Box::new);
        }
    }

    /// Marks a finding that does not refuse the peer, if `is_tolerated` says so.
    pub(crate) fn tolerated(mut self, is_tolerated: bool) -> Self {
        self.is_tolerated = is_tolerated;
        self
    }

    /// OpenSSL's code.
    pub fn code(&self) -> VerifyCode {
        self.code
    }

    /// Returns the finding in OpenSSL's words, such as `certificate revoked (23) at depth 0`.
    pub fn statement(&self) -> String {
        let (number, depth) = (self.code.number(), self.depth);
        match &self.detail {
            Some(detail) => format!("{} ({number}) at depth {depth}: {detail}", self.code),
            None => format!("{} ({number}) at depth {depth}", self.code),
        }
    }

    /// The place in the path: 0 is the end entity.
    ///
    /// OpenSSL counts in the same way (`X509_STORE_CTX_get_error_depth(3)`).
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The subject of the certificate concerned, as `openssl x509 -subject` prints it.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// A detail for which OpenSSL has no number, such as the SIP domains of a certificate, or that a certificate could
    /// not be read.
    ///
    /// Its wording may change with
    /// each release.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The issuer of the revocation list that the finding is based on.
    pub fn revocation_list(&self) -> Option<&str> {
        self.revocation_list.as_deref()
    }

    /// Where the revocation list, or else the certificate of `trusted-ca`, that the finding is about was read. `None`
    /// if the finding is about a certificate that the peer sent.
    ///
    /// It names the file and, in a PEM file, the block.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    /// Names the certificate (subject, issuer, serial number and dates), the names that were compared, and the list
    /// that was asked. `None` if the certificate cannot be read, or the peer is accepted.
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// Describes what the finding is about, for people.
    pub(super) fn describe(&mut self, about: String) {
        let list = self.list.take();
        let list = list.map_or_else(String::new, |list| format!("; {list}"));
        self.about = Some(format!("{about}{list}").into());
    }

    /// Whether the peer may be accepted all the same: a name mismatch with the name check off.
    pub fn is_tolerated(&self) -> bool {
        self.is_tolerated
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, name) = (self.code.number(), self.code.name());
        write!(f, "error {number} at depth {}: {}", self.depth, self.code)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        write!(f, " ({name})")
    }
}

impl std::error::Error for Finding {}
