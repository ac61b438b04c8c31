//! What runs out, and when: certificates and lists that were read from files.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use super::Endpoint;
use super::parts::Files;
use crate::pki::{Credentials, Origin};
use crate::verify::{Crl, Verifier};
use crate::x509::{Certificate, describe};

impl Endpoint {
    /// Says what runs out next of the certificates and lists in use, by the clock of the endpoint. `None` if nothing does.
    ///
    /// Counted are the certificates of our own chain, those of `trusted-ca` (the public CAs of `webpki-roots` say no
    /// dates, and those of `system` are for the system to renew), and the lists if revocation is checked. Of lists with the same issuer and scope the last one to
    /// expire counts, and fetched lists are among them. What has expired already is not next: an old CA among many is no news.
    ///
    /// Nobody has to ask: the endpoint logs a warning when it is made or reloaded, if one of our certificates expires
    /// within 30 days or a list within 7 days, and in the first handshake after something has expired.
    pub fn next_expiry(&self) -> Option<Expiry> {
        let now = self.0.shared.seconds().unwrap_or(i64::MIN);
        self.0.shared.load().expiries.after(now).first().cloned()
    }
}

/// A certificate or a list that runs out.
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
    /// Returns the option whose file it is in.
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

    /// Whether it is a revocation list, and no certificate.
    pub fn is_list(&self) -> bool {
        self.kind == Kind::List
    }

    /// Returns the first second in which it is no longer good, since the epoch.
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Returns the same as a time of the system's clock. `None` if that cannot tell it.
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

    fn of_certificate(kind: Kind, certificate: &Certificate<'_>, origin: &Origin) -> Option<Self> {
        let seconds = certificate.not_after.valid?;
        // A public CA that is compiled in says no date.
        let has_date = seconds != i64::MAX;
        let subject = || describe::one_line(certificate.subject_name());
        has_date.then(|| Self::new(kind, subject(), origin, seconds))
    }

    /// How long before it is worth a warning.
    fn notice(&self) -> i64 {
        match self.kind {
            Kind::Own => 30 * DAY,
            // It is renewed in time, or the log says why not.
            #[cfg(feature = "crl-fetch")]
            Kind::List if self.origin.url().is_some() => 0,
            Kind::List => 7 * DAY,
            Kind::Trusted => 0,
        }
    }
}

/// Says what it is and where it stands, without the time.
impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::List => write!(f, "the revocation list of {}", self.subject)?,
            _ => write!(f, "the certificate {}", self.subject)?,
        }
        write!(f, " in {} (`{}`)", self.origin.name(), self.option())
    }
}

/// What runs out, in that order, and how much of it the log was told of.
pub(super) struct Expiries {
    all: Vec<Expiry>,
    told: AtomicUsize,
}

impl Expiries {
    pub(super) fn of(files: &Files) -> Self {
        let mut all: Vec<_> = files.credentials.iter().flat_map(own).collect();
        all.extend(trusted(&files.verifier));
        all.extend(lists(&files.verifier));
        all.sort_by_key(|expiry| expiry.seconds);
        Self {
            all,
            told: AtomicUsize::new(0),
        }
    }

    /// The same certificates, and the lists of this verifier. The log was told of all that has expired.
    #[cfg(feature = "crl-fetch")]
    pub(super) fn with_lists_of(&self, verifier: &Verifier) -> Self {
        let certificates = self.all.iter().filter(|expiry| !expiry.is_list());
        let mut all: Vec<_> = certificates.cloned().chain(lists(verifier)).collect();
        all.sort_by_key(|expiry| expiry.seconds);
        let told = self.told.load(Ordering::Relaxed);
        let last = told.checked_sub(1).and_then(|last| self.all.get(last));
        let told = last.map_or(0, |last| {
            all.partition_point(|expiry| expiry.seconds <= last.seconds)
        });
        Self {
            all,
            told: AtomicUsize::new(told),
        }
    }

    /// What is still good, the next to expire first.
    fn after(&self, now: i64) -> &[Expiry] {
        let expired = self.all.partition_point(|expiry| expiry.seconds <= now);
        &self.all[expired..]
    }

    /// Warns of what has expired, or will soon. An old CA is no news.
    pub(super) fn warn_at_first(&self, now: i64) {
        let pending = self.after(now);
        let expired = self.all.len() - pending.len();
        self.told.store(expired, Ordering::Relaxed);
        let old = self.all[..expired].iter();
        for expiry in old.filter(|expiry| expiry.kind != Kind::Trusted) {
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

    /// Warns once of each that has expired since the last call.
    pub(super) fn warn_in_use(&self, now: i64) {
        loop {
            let told = self.told.load(Ordering::Relaxed);
            let Some(expiry) = self.all.get(told).filter(|next| next.seconds <= now) else {
                return;
            };
            let next = told + 1;
            let claim =
                self.told
                    .compare_exchange(told, next, Ordering::Relaxed, Ordering::Relaxed);
            if claim.is_ok() {
                tracing::warn!(
                    option = expiry.option(),
                    "{expiry} has expired while in use"
                );
            }
        }
    }
}

fn own(credentials: &Credentials) -> impl Iterator<Item = Expiry> {
    let certificates = credentials.certificates().iter();
    certificates
        .zip(credentials.origins())
        .filter_map(|(certificate, origin)| Expiry::of_certificate(Kind::Own, certificate, origin))
}

fn trusted(verifier: &Verifier) -> impl Iterator<Item = Expiry> {
    let own = verifier
        .trusted()
        .filter(|trusted| !trusted.origin().is_of_system());
    own.filter_map(|trusted| {
        Expiry::of_certificate(Kind::Trusted, trusted.certificate(), trusted.origin())
    })
}

/// The last list of each issuer and scope.
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
