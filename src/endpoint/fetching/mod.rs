//! Revocation lists that are fetched: which are wanted, when, and how they are used (`tls-crl` = `fetch`).
//!
//! The verification says which lists it lacks, with their URLs (`WantedList`). The verification of the certificates
//! above is done by then, so that no URL comes from a certificate which nobody has signed. Each wanted list has a
//! record:
//!
//! 1. A kept list is used, if it is good. Otherwise the URLs are tried, in their order (`flight`).
//! 2. The list is judged like one from a file: issuer, signature, dates, scope. Only then it is put in force and kept.
//! 3. Before it expires, a task fetches it again (`renewal`).
//! 4. After a failure nothing is tried for a while, so that a handshake does not wait for a dead server each time
//!    (`records`).
//!
//! An outgoing connection waits for its lists. An incoming one is refused until they are there: a client can come
//! again.

mod error;
mod flight;
mod records;
mod renewal;
#[cfg(test)]
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use self::flight::Errand;
use self::records::{Flight, MOST_RECORDS, Record, Records};
use super::connect::Failure;
use super::state::{Shared, State};
use super::{ConnectError, Endpoint};
use crate::fetch::Source;
use crate::verify::{Crl, ListFault, VerifyStatus, WantedList, is_lack};

pub use self::error::{ListError, ListFailure};

/// Lists from the URLs that certificates name (RFC 5280, sections 4.2.1.13 and 6.3.3), with `tls-crl` = `fetch`.
///
/// A list is wanted if the only reason to refuse a peer is that the list is missing (3) or has expired (12), or if
/// the list expires soon. The peer's certificates choose the URL only after the signatures of the whole path were
/// verified. A list is fetched once, however many connections want it. From then on the list is used, also by
/// configurations that were handed out, as after a [`reload`](Self::reload). A reload keeps the list.
///
/// - [`connect`](Self::connect), [`connect_to`](Self::connect_to) and [`connect_domain`](Self::connect_domain) wait
///   for the list, and try once more within the same time-out. Observers and counters see both verifications.
/// - Incoming connections, and those that are made with a configuration that was handed out, are refused. The next
///   connection finds the list. [`connect_stream`](Self::connect_stream) has only one stream, so its connection is
///   refused, too.
///
/// Fetches run on the tokio runtime in which the connection was made. A handshake outside of any runtime starts no
/// fetch, and its error says so.
///
/// After a failure the same list is not tried again for 10 seconds. This time doubles up to an hour. A list is renewed
/// at a random moment when 20 to 10 % of its lifetime is left, but some minutes before its end if its lifetime allows
/// that. A list that has expired nevertheless is not renewed: it is fetched when the next connection needs it.
///
/// The lists that were used last are remembered, 256 at most.
impl Endpoint {
    /// Fetches the lists that were missing in a verification ([`VerifyStatus::wanted_lists`]), or waits for fetches
    /// that have begun. The next verification uses the lists. It is no error if there is nothing to fetch. If lists
    /// in use expire soon, this function waits for the new ones, too, but it is no error if they do not arrive.
    ///
    /// The fetch goes on if the future is dropped.
    ///
    /// # Errors
    ///
    /// - A list could not be fetched or was refused, now or a short time ago.
    /// - There is no tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(endpoint: sip_tls::Endpoint) -> Result<(), sip_tls::ListFailure> {
    /// // A connection of the SIP stack failed.
    /// if let Some(status) = endpoint.last_refusal("sip.example.com") {
    ///     endpoint.fetch_lists(&status).await?;
    ///     // If a list was missing, it is there now, and the stack can try again.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn fetch_lists(
        &self,
        status: &VerifyStatus,
    ) -> impl Future<Output = Result<(), ListFailure>> + Send + 'static + use<> {
        let (shared, wanted) = (self.0.shared.clone(), status.wanted.clone());
        async move {
            for (list, progress) in shared.want_all(&wanted) {
                match progress {
                    Progress::Renewing(flight) => ended(flight, list).await.unwrap_or_default(),
                    progress => progress.end(list).await?,
                }
            }
            Ok(())
        }
    }
}

impl Endpoint {
    /// Waits, once, for the lists whose absence made us refuse a server. Returns the failure if there are no such
    /// lists, or if they do not arrive. In that case the failure says why.
    pub(super) async fn with_lists(
        &self,
        mut failure: Failure,
        may_fetch: &mut bool,
        deadline: Instant,
    ) -> Result<(), Failure> {
        let ConnectError::Refused { status, .. } = &mut failure.error else {
            return Err(failure);
        };
        if status.wanted.is_empty() || !std::mem::take(may_fetch) {
            return Err(failure);
        }
        let fetching = async {
            for (list, progress) in self.0.shared.want_all(&status.wanted) {
                progress.end(list).await?;
            }
            Ok(())
        };
        let fetched: Result<Result<(), ListFailure>, _> = timeout_at(deadline, fetching).await;
        match fetched {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(why)) => note(status, &why.to_string()),
            Err(_) => {
                let first = &status.wanted[0].urls()[0];
                let late = format!("fetching {first} took too long");
                note(status, &late);
            }
        }
        Err(failure)
    }
}

/// The fetches of an endpoint.
pub(super) struct Fetching {
    source: Arc<dyn Source>,
    /// The endpoint. Tasks end with it.
    shared: Weak<Shared>,
    records: Mutex<Records>,
}

impl Fetching {
    pub(super) fn new(source: Arc<dyn Source>, shared: Weak<Shared>) -> Self {
        Self {
            source,
            shared,
            records: Mutex::default(),
        }
    }

    /// The lock also keeps states in order: whoever puts lists in force holds it.
    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a fetch, unless one is under way, or failed a short time ago.
    fn begin(&self, wanted: &WantedList, record: &mut Record) -> Progress {
        if let Some(flight) = record.flight() {
            return Progress::Flying(flight);
        }
        if let Some(failure) = record.recent_failure() {
            return Progress::Failed(failure.clone());
        }
        let Ok(runtime) = Handle::try_current() else {
            return Progress::Failed(ListFailure::not_tried(wanted, NO_RUNTIME));
        };
        let errand = Errand {
            shared: self.shared.clone(),
            source: self.source.clone(),
            wanted: wanted.clone(),
        };
        let (flight, task) = errand.start(&runtime);
        record.take_off(flight.clone(), task);
        Progress::Flying(flight)
    }
}

impl fmt::Debug for Fetching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetching")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// The progress of a list that is wanted.
enum Progress {
    /// The list could not be fetched, just now or a short time ago.
    Failed(ListFailure),
    Flying(Flight),
    InUse,
    /// The list is in use, and expires soon.
    Renewing(Flight),
}

impl Progress {
    /// Waits until the list is in use, or cannot be. A list that is being renewed is in use.
    async fn end(self, wanted: &WantedList) -> Result<(), ListFailure> {
        match self {
            Self::Failed(failure) => Err(failure),
            Self::Flying(flight) => ended(flight, wanted).await,
            Self::InUse | Self::Renewing(_) => Ok(()),
        }
    }
}

/// Waits for the end of a fetch.
async fn ended(mut flight: Flight, wanted: &WantedList) -> Result<(), ListFailure> {
    match flight.wait_for(Option::is_some).await {
        Ok(outcome) => outcome.clone().unwrap_or(Ok(())),
        Err(_) => Err(ListFailure::not_tried(wanted, RUNTIME_ENDED)),
    }
}

impl Shared {
    /// Starts to fetch a list, unless it is in use. If a list in use expires soon, it is renewed.
    fn want(&self, wanted: &WantedList) -> Progress {
        let now = self.seconds().unwrap_or(i64::MAX);
        let mut records = self.fetching.records();
        let Some(record) = records.of(wanted) else {
            return Progress::Failed(ListFailure::not_tried(wanted, TOO_MANY));
        };
        if !record.is_good(now) {
            return self.fetching.begin(wanted, record);
        }
        if !record.is_due(now) {
            return Progress::InUse;
        }
        match self.fetching.begin(wanted, record) {
            Progress::Flying(flight) => Progress::Renewing(flight),
            _ => Progress::InUse,
        }
    }

    /// Starts to fetch lists at the same time.
    fn want_all<'a>(&self, wanted: &'a [WantedList]) -> Vec<(&'a WantedList, Progress)> {
        let all = wanted.iter();
        all.map(|list| (list, self.want(list))).collect()
    }

    /// Starts to fetch a list again. Returns `None` if the list is not known.
    fn renew(&self, wanted: &WantedList) -> Option<Progress> {
        let mut records = self.fetching.records();
        let record = records.known(wanted)?;
        Some(self.fetching.begin(wanted, record))
    }

    /// Starts to fetch the lists that were missing in a verification, and notes the progress in its finding.
    pub(super) fn see_to_lists(&self, status: &mut VerifyStatus) {
        let mut notes = Vec::new();
        for list in &status.wanted {
            let first = &list.urls()[0];
            notes.extend(match self.want(list) {
                Progress::Failed(failure) => Some(failure.to_string()),
                Progress::Flying(_) => Some(format!("it is being fetched from {first}")),
                Progress::InUse | Progress::Renewing(_) => None,
            });
        }
        note(status, &notes.join("; "));
    }

    /// Puts a list that passed the checks in use, from the next verification on.
    fn adopt(&self, wanted: &WantedList, list: Arc<Crl>) -> Result<(), ListFault> {
        let mut records = self.fetching.records();
        let list = records.same(&list).unwrap_or(list);
        let Some(record) = records.known(wanted) else {
            return Ok(());
        };
        record.succeed(list)?;
        let is_renewed = (record.renewal.as_ref()).is_some_and(|task| !task.is_finished());
        if !is_renewed && let Ok(runtime) = Handle::try_current() {
            let renewing = renewal::run(self.fetching.shared.clone(), wanted.clone());
            record.renewal = Some(runtime.spawn(renewing).abort_handle());
        }
        let state = self.load().with_fetched(records.lists());
        self.put(state);
        Ok(())
    }

    /// Notes that a fetch has ended.
    fn landed(&self, wanted: &WantedList, failure: Option<&ListFailure>) {
        let mut records = self.fetching.records();
        if let Some(record) = records.known(wanted) {
            record.land();
            if let Some(failure) = failure {
                record.fail(failure.clone());
            }
        }
    }

    /// Replaces the state with one from files that were read again. Fetched lists stay in use.
    pub(super) fn put_with_fetched(&self, state: &State) {
        let records = self.fetching.records();
        self.put(state.with_fetched(records.lists()));
    }
}

/// Adds a text to the finding that a list is missing or has expired.
pub(super) fn note(status: &mut VerifyStatus, text: &str) {
    let mut findings = status.findings.iter_mut();
    if let Some(finding) = findings.find(|finding| is_lack(finding.code()))
        && !text.is_empty()
    {
        finding.set_detail(text.to_owned());
    }
}

const NO_RUNTIME: &str = "there is no tokio runtime to fetch it";
const RUNTIME_ENDED: &str = "the fetch ended because its runtime ended";
const TOO_MANY: &str = "256 lists are being fetched already";
const _: () = assert!(MOST_RECORDS == 256, "`TOO_MANY` names the number");
