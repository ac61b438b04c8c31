//! The expiry of certificates and lists that were read from files.
//!
//! What is in force is known, so that its end is known, too. A warning in advance is worth more than an error at night:
//! it comes when the endpoint is made or reloaded, and once more when something has expired in use. Old CAs are passed
//! over, because every file of public CAs has some.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use super::Endpoint;
use super::parts::Files;
use crate::pki::{Credentials, Origin};
use crate::verify::{Crl, TrustStore, Verifier};
use crate::x509::{Certificate, describe};

impl Endpoint {
    /// Returns which of the certificates and lists in use expires next, by the clock of the endpoint. `None` if none
    /// does.
    ///
    /// The certificates of our own chain and of `trusted-ca` count, and the lists if revocation is checked. The
    /// public CAs of `webpki-roots` do not count because they have no dates, nor do those of `system`, which the
    /// system renews. Of lists with the same issuer and scope, only the last one to expire counts. Fetched lists
    /// count, too. What has expired already is not returned: an old CA among many is nothing unusual.
    ///
    /// The endpoint also logs a warning by itself when it is made or reloaded, if one of our certificates expires
    /// within 30 days or a list within 7 days, and in the first handshake after something has expired.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::Endpoint;
    /// use sip_tls::options::{Source, TlsOptions};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let ca = std::fs::read("tests/testdata/crl/root.pem")?;
    /// let options = TlsOptions::builder().trusted_ca(Source::bytes("ca.pem", ca)).build()?;
    /// let endpoint = Endpoint::builder(options).build()?;
    /// if let Some(expiry) = endpoint.next_expiry() {
    ///     assert_eq!(expiry.option(), "trusted-ca");
    ///     assert!(!expiry.is_list());
    ///     println!("{expiry} ends at {:?}", expiry.time());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn next_expiry(&self) -> Option<Expiry> {
        let now = self.0.shared.seconds().unwrap_or(i64::MIN);
        self.0.shared.load().expiries.next(now)
    }
}

/// A certificate or a list that expires. [`Endpoint::next_expiry`] returns it, and has an example.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expiry {
    subject: String,
    origin: Origin,
    kind: Kind,
    seconds: i64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Own,
    Trusted,
    List,
}

impl Expiry {
    /// Returns the option whose file contains the certificate or list.
    pub fn option(&self) -> &'static str {
        self.origin.option()
    }

    /// Returns the subject of the certificate or the issuer of the list, as `openssl` prints it.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the file, or the name that was given with bytes in memory, and the place in it.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns whether this is a revocation list, and not a certificate.
    pub fn is_list(&self) -> bool {
        self.kind == Kind::List
    }

    /// Returns the first second in which the certificate or list is no longer valid, since the epoch.
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Returns [`seconds`](Self::seconds) as a time of the system's clock. `None` if the clock cannot represent it.
    pub fn time(&self) -> Option<SystemTime> {
        let distance = Duration::from_secs(self.seconds.unsigned_abs());
        match self.seconds < 0 {
            true => SystemTime::UNIX_EPOCH.checked_sub(distance),
            false => SystemTime::UNIX_EPOCH.checked_add(distance),
        }
    }

    fn new(kind: Kind, subject: String, origin: &Origin, seconds: i64) -> Self {
        Self {
            subject,
            origin: origin.clone(),
            kind,
            seconds,
        }
    }

    /// `None` for a certificate that never expires, or whose date cannot be read.
    fn of_certificate(certificate: &Certificate<'_>, origin: &Origin) -> Option<Self> {
        let seconds = certificate.not_after.valid?;
        let subject = || describe::one_line(certificate.subject_name());
        (seconds != i64::MAX).then(|| Self::new(Kind::Own, subject(), origin, seconds))
    }

    fn warn_in_use(&self) {
        let option = self.option();
        tracing::warn!(option, "{self} has expired while in use");
    }

    /// Returns how many seconds before the expiry a warning is due.
    fn notice(&self) -> i64 {
        match self.kind {
            Kind::Own => 30 * DAY,
            // The list is fetched again in time, or the log says why not.
            #[cfg(feature = "crl-fetch")]
            Kind::List if self.origin.url().is_some() => 0,
            Kind::List => 7 * DAY,
            // An old CA is nothing unusual.
            Kind::Trusted => 0,
        }
    }
}

/// Prints what expires and where it is, without the time.
impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::List => write!(f, "the revocation list of {}", self.subject)?,
            _ => write!(f, "the certificate {}", self.subject)?,
        }
        write!(f, " in {} (`{}`)", self.origin.name(), self.option())
    }
}

/// What expires, and how much of it was logged.
///
/// Both lists are in the order of expiry, so that the number of those that have expired says which they are.
pub(super) struct Expiries {
    /// Our own certificates and the lists, the first to expire first.
    own: Vec<Expiry>,
    told: AtomicUsize,
    trusted: Arc<TrustStore>,
    told_of_trusted: AtomicUsize,
}

impl Expiries {
    pub(super) fn of(files: &Files) -> Self {
        let mut own: Vec<_> = files.credentials.iter().flat_map(ours).collect();
        own.extend(lists(&files.verifier));
        own.sort_by_key(|expiry| expiry.seconds);
        Self {
            own,
            told: AtomicUsize::new(0),
            trusted: files.verifier.shared_store().clone(),
            told_of_trusted: AtomicUsize::new(0),
        }
    }

    /// Returns the same certificates, with the lists of this verifier. Everything that has expired counts as logged.
    #[cfg(feature = "crl-fetch")]
    pub(super) fn with_lists_of(&self, verifier: &Verifier) -> Self {
        let certificates = self.own.iter().filter(|expiry| !expiry.is_list());
        let mut own: Vec<_> = certificates.cloned().chain(lists(verifier)).collect();
        own.sort_by_key(|expiry| expiry.seconds);
        let told = self.told.load(Ordering::Relaxed);
        let last = told.checked_sub(1).and_then(|last| self.own.get(last));
        let told = last.map_or(0, |last| {
            own.partition_point(|expiry| expiry.seconds <= last.seconds)
        });
        Self {
            own,
            told: AtomicUsize::new(told),
            trusted: self.trusted.clone(),
            told_of_trusted: AtomicUsize::new(self.told_of_trusted.load(Ordering::Relaxed)),
        }
    }

    /// Returns what expires next.
    fn next(&self, now: i64) -> Option<Expiry> {
        let own = self.own.get(self.expired(now)).cloned();
        let trusted = self.trusted(self.trusted.expired(now));
        let both = own.into_iter().chain(trusted);
        both.min_by_key(|expiry| expiry.seconds)
    }

    /// Returns how many of our own certificates and lists have expired.
    fn expired(&self, now: i64) -> usize {
        self.own.partition_point(|expiry| expiry.seconds <= now)
    }

    /// Returns the certificate of `trusted-ca` that expires after `number` others.
    fn trusted(&self, number: usize) -> Option<Expiry> {
        let (trusted, seconds) = self.trusted.expiring(number)?;
        let subject = describe::one_line(trusted.certificate().subject_name());
        let kind = Kind::Trusted;
        Some(Expiry::new(kind, subject, trusted.origin(), seconds))
    }

    /// Warns of what has expired, or will soon. There is no warning for an old CA, which is nothing unusual.
    pub(super) fn warn_at_first(&self, now: i64) {
        let (expired, pending) = self.own.split_at(self.expired(now));
        self.told.store(expired.len(), Ordering::Relaxed);
        let old_ones = self.trusted.expired(now);
        self.told_of_trusted.store(old_ones, Ordering::Relaxed);
        for expiry in expired {
            tracing::warn!(option = expiry.option(), "{expiry} has expired");
        }
        for expiry in pending {
            let left = expiry.seconds.saturating_sub(now);
            if left <= expiry.notice() {
                let days = left / DAY;
                tracing::warn!(option = expiry.option(), days, "{expiry} expires soon");
            }
        }
    }

    /// Warns once of each certificate or list that has expired since the last call.
    pub(super) fn warn_in_use(&self, now: i64) {
        while let Some(number) = claim(&self.told, self.expired(now)) {
            self.own
                .get(number)
                .iter()
                .for_each(|own| own.warn_in_use());
        }
        while let Some(number) = claim(&self.told_of_trusted, self.trusted.expired(now)) {
            self.trusted(number).iter().for_each(Expiry::warn_in_use);
        }
    }
}

/// Returns the number of a certificate or list that is still to be logged. No other thread gets the same number.
fn claim(told: &AtomicUsize, expired: usize) -> Option<usize> {
    let next = |told: usize| (told < expired).then_some(told + 1);
    told.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
        .ok()
}

fn ours(credentials: &Credentials) -> impl Iterator<Item = Expiry> {
    let certificates = credentials.certificates().iter();
    certificates
        .zip(credentials.origins())
        .filter_map(|(certificate, origin)| Expiry::of_certificate(certificate, origin))
}

/// Returns the last list to expire of each issuer and scope.
fn lists(verifier: &Verifier) -> impl Iterator<Item = Expiry> {
    let mut last: Vec<&Crl> = Vec::new();
    for list in verifier.all_lists() {
        match last.iter_mut().find(|kept| kept.is_alike(list)) {
            Some(kept) if list.expires() > kept.expires() => *kept = list,
            Some(_) => {}
            None => last.push(list),
        }
    }
    let expiring = last.into_iter().filter(|list| list.expires() != i64::MAX);
    expiring.map(|list| {
        let issuer = list.facts.issuer().to_owned();
        Expiry::new(Kind::List, issuer, &list.origin, list.expires())
    })
}

const DAY: i64 = 24 * 3600;
