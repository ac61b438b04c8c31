//! A verification explained step by step, for people.
//!
//! The explanation comes from the verification itself: its findings decide what failed, and the path is built once
//! more to say what was compared. It is made only on request.

mod teller;

use std::fmt;

use rustls::pki_types::{CertificateDer, UnixTime};

use self::teller::Teller;
pub(super) use self::teller::about;
#[cfg(feature = "tokio")]
pub(crate) use self::teller::names;
use super::name::ReferenceName;
use super::path::Path;
use super::purpose::Purpose;
use super::status::VerifyStatus;
use super::verifier::{Verifier, seconds};
use crate::x509::Certificate;

/// A verification, with every step of the path and what was checked.
///
/// `sip-tls verify --explain` prints one.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use rustls::pki_types::UnixTime;
/// use sip_tls::options::Source;
/// use sip_tls::verify::{CheckOutcome, Purpose, Verifier};
/// use sip_tls::{crypto, pki};
///
/// # const CA: &str = "tests/testdata/crypto/p256.crt";
/// let roots = pki::roots::load(Source::path(CA))?;
/// let builder = Verifier::builder(&*crypto::default_base()?);
/// let verifier = builder.trusted(roots.certificates()).build()?;
/// let chain = [roots.certificates()[0].der().clone()];
/// let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
///
/// let explanation = verifier.explain(&chain, Purpose::Server, None, now);
/// for step in explanation.steps() {
///     println!("{}: {}", step.depth(), step.subject());
///     for check in step.checks() {
///         println!("  {}: {}", check.outcome(), check.text());
///     }
/// }
/// assert!(explanation.status().is_accepted());
/// let checks = explanation.steps()[0].checks();
/// assert!(checks.iter().all(|check| check.outcome() != CheckOutcome::Failed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Explanation {
    status: VerifyStatus,
    steps: Vec<PathStep>,
}

/// One certificate of the path, and what was checked of it.
///
/// The checks stand in the order in which OpenSSL makes them. Which there are depends on the certificate: only the
/// end entity has a check of names, only certificates below a CA with name constraints have one of those, and number
/// resources (RFC 3779) have one check for the whole path, at the end entity or where it failed.
#[derive(Clone, Debug)]
pub struct PathStep {
    depth: usize,
    subject: String,
    checks: Vec<PathCheck>,
}

/// One check of a certificate.
///
/// One check stands for several of OpenSSL's numbers. If more than one of them was found, it reports the first.
#[derive(Clone, Debug)]
pub struct PathCheck {
    outcome: CheckOutcome,
    text: String,
}

/// The outcome of a check.
///
/// [`Display`](fmt::Display) prints one or two words, for the beginning of a line.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CheckOutcome {
    /// The check failed, and the certificate is refused.
    Failed,
    /// The check was not made: the options do not ask for it, or another check failed before.
    NotMade,
    /// The check passed.
    Passed,
    /// The check failed, but the certificate is accepted all the same.
    Tolerated,
}

impl Explanation {
    /// The result of the verification, as [`Verifier::verify`] returns it.
    pub fn status(&self) -> &VerifyStatus {
        &self.status
    }

    /// The certificates of the path, the end entity's first, as far as a path could be built.
    ///
    /// There are none if a certificate of the peer cannot be read.
    pub fn steps(&self) -> &[PathStep] {
        &self.steps
    }
}

impl PathStep {
    /// The place in the path: 0 is the end entity.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The subject, as `openssl x509 -subject` prints it.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What was checked.
    pub fn checks(&self) -> &[PathCheck] {
        &self.checks
    }
}

impl PathCheck {
    /// The outcome of the check.
    pub fn outcome(&self) -> CheckOutcome {
        self.outcome
    }

    /// What was compared, in one sentence without a full stop. For a failed check, also what would have been needed.
    ///
    /// The wording may change with each release. Programs should look at the [outcome](Self::outcome), and at the
    /// findings of the [status](Explanation::status).
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for CheckOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed => "failed",
            Self::NotMade => "not checked",
            Self::Passed => "ok",
            Self::Tolerated => "tolerated",
        })
    }
}

impl Verifier {
    /// Verifies as [`verify`](Self::verify) does, and explains every step of the path for people. This costs more than
    /// a verification.
    ///
    /// The certificates are verified first; then the path is built once more, and the lists are asked once more, only
    /// to say what was compared. A function of [`authorise`](crate::EndpointBuilder::authorise) is called as by a
    /// verification.
    ///
    /// # Examples
    ///
    /// ```
    /// # use rustls::pki_types::UnixTime;
    /// # use sip_tls::verify::{CheckOutcome, Verifier, VerifyStatus};
    /// # fn example(verifier: &Verifier, refused: &VerifyStatus) {
    /// let (chain, name) = (refused.presented(), refused.reference());
    /// let explanation = verifier.explain(chain, refused.purpose(), name, UnixTime::now());
    /// let mut checks = explanation.steps().iter().flat_map(|step| step.checks());
    /// if let Some(failed) = checks.find(|check| check.outcome() == CheckOutcome::Failed) {
    ///     println!("{}", failed.text());
    /// }
    /// # }
    /// ```
    pub fn explain(
        &self,
        chain: &[CertificateDer<'_>],
        purpose: Purpose,
        reference: Option<&ReferenceName>,
        now: UnixTime,
    ) -> Explanation {
        let status = self.verify(chain, purpose, reference, now);
        let peer = chain
            .iter()
            .map(|der| Certificate::parse(CertificateDer::from(der.as_ref())));
        let peer: Vec<_> = peer.filter_map(Result::ok).collect();
        let steps = match peer.len() == chain.len() && !peer.is_empty() {
            true => {
                let now = seconds(now);
                let (path, broken) = Path::build(&peer, self.store(), purpose, now);
                let consulted = match broken {
                    Some(_) => Vec::new(),
                    None => self.consult(&path, now),
                };
                let teller = Teller {
                    verifier: self,
                    path: &path,
                    status: &status,
                    now,
                    consulted,
                };
                (0..path.certificates.len())
                    .map(|i| teller.step(i))
                    .collect()
            }
            false => Vec::new(),
        };
        Explanation { status, steps }
    }
}
