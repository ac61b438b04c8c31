//! How many connections were made, for the metrics of a SIP stack.
//!
//! The counters are atomic numbers without an order among them: they are for graphs, and no decision depends on them. A
//! connection is counted by a value that lives as long as it is being made, so that a task which is cancelled counts as
//! a failure.

use std::array;
use std::collections::BTreeMap;
#[cfg(feature = "tokio")]
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Endpoint;
#[cfg(feature = "tokio")]
use super::{ConnectError, Connection};
#[cfg(feature = "tokio")]
use crate::verify::Direction;
use crate::verify::{Purpose, VerifyCode, VerifyStatus};

impl Endpoint {
    /// Returns the counters since the endpoint was made. A reload resets nothing, and clones share the counters.
    ///
    /// Counting is atomic, but the counters are read one after the other: a connection that is being made meanwhile
    /// may be in one counter and not yet in another.
    pub fn counters(&self) -> Counters {
        self.0.tallies.snapshot()
    }
}

/// The counters of an endpoint, by the direction of connections.
///
/// If a stack makes connections with a configuration, a connector or an acceptor, only the verifications of their
/// peers are counted, in `verified` and `refused`.
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
/// let counters = endpoint.counters();
/// assert_eq!((counters.outgoing.succeeded, counters.outgoing.failed), (0, 0));
/// for (code, count) in &counters.incoming.refused {
///     println!("sip_tls_refused_clients{{code=\"{}\"}} {count}", code.number());
/// }
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counters {
    /// Connections by `connect`, `connect_to`, `connect_domain` and `connect_stream`, and servers that were verified.
    pub outgoing: DirectionCounters,
    /// Connections by `accept`, and clients that were verified.
    pub incoming: DirectionCounters,
    /// Connections of [`Endpoint::serve`].
    pub serving: ServingCounters,
}

/// The additional counters of an endpoint's servers: [`Endpoint::serve`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ServingCounters {
    /// Connections that the handler has now.
    pub open: u64,
    /// Connections whose handshake was ended to make room for others.
    pub displaced: u64,
    /// Connections that were closed at once, because their address had too many.
    pub turned_away: u64,
}

/// The counters of an endpoint in one direction.
///
/// The sum of `in_progress`, `succeeded` and `failed` is the number of connections that were begun.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DirectionCounters {
    /// Connections that are being made now.
    pub in_progress: u64,
    /// Connections that were made.
    pub succeeded: u64,
    /// Connections that resumed a session of an earlier one. They are included in `succeeded`.
    pub resumed: u64,
    /// Connections that were not made, for any reason, including that the task gave up. A handshake is not counted if
    /// it is tried again, or if another server of the domain is tried.
    pub failed: u64,
    /// Verifications that accepted a peer. There is one for each handshake, full or resumed.
    pub verified: u64,
    /// Verifications that refused a peer, by the first error. Codes with a count of zero are left out.
    pub refused: BTreeMap<VerifyCode, u64>,
    /// Alerts with which peers ended connections that were being made, by their numbers (RFC 8446, appendix B.2). If
    /// a TLS 1.3 server refuses our certificate, its alert arrives later, and is counted only if
    /// [`EndpointBuilder::confirm`](crate::EndpointBuilder::confirm) waits for it.
    pub alerts: BTreeMap<u8, u64>,
}

/// The counters of an endpoint, as they are updated.
pub(crate) struct Tallies {
    outgoing: Tally,
    incoming: Tally,
    open: AtomicU64,
    displaced: AtomicU64,
    turned_away: AtomicU64,
}

struct Tally {
    in_progress: AtomicU64,
    succeeded: AtomicU64,
    resumed: AtomicU64,
    failed: AtomicU64,
    verified: AtomicU64,
    refused: Numbered,
    alerts: Numbered,
}

/// A counter for each value of an octet. Most endpoints need none of them.
#[derive(Default)]
struct Numbered(OnceLock<Box<[AtomicU64; 256]>>);

impl Tallies {
    pub(super) fn new() -> Self {
        Self {
            outgoing: Tally::new(),
            incoming: Tally::new(),
            open: AtomicU64::new(0),
            displaced: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
        }
    }

    /// Counts a verification.
    pub(super) fn count(&self, status: &VerifyStatus) {
        let tally = match status.purpose() {
            Purpose::Client => &self.incoming,
            Purpose::Server => &self.outgoing,
        };
        match status.code() {
            VerifyCode::Ok => add_one(&tally.verified),
            code => tally.refused.add_one(code.number()),
        }
    }

    /// Reads all counters, one after the other.
    fn snapshot(&self) -> Counters {
        Counters {
            outgoing: self.outgoing.snapshot(),
            incoming: self.incoming.snapshot(),
            serving: ServingCounters {
                open: read(&self.open),
                displaced: read(&self.displaced),
                turned_away: read(&self.turned_away),
            },
        }
    }

    /// The counters of one direction.
    #[cfg(feature = "tokio")]
    fn of(&self, direction: Direction) -> &Tally {
        match direction {
            Direction::Incoming => &self.incoming,
            Direction::Outgoing => &self.outgoing,
        }
    }
}

impl Tally {
    fn new() -> Self {
        Self {
            in_progress: AtomicU64::new(0),
            succeeded: AtomicU64::new(0),
            resumed: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            verified: AtomicU64::new(0),
            refused: Numbered::default(),
            alerts: Numbered::default(),
        }
    }

    fn snapshot(&self) -> DirectionCounters {
        let codes = VerifyCode::all().map(|code| (code, code.number()));
        DirectionCounters {
            in_progress: read(&self.in_progress),
            succeeded: read(&self.succeeded),
            resumed: read(&self.resumed),
            failed: read(&self.failed),
            verified: read(&self.verified),
            refused: self.refused.without_zeros(codes),
            alerts: (self.alerts).without_zeros((0..=u8::MAX).map(|alert| (alert, alert))),
        }
    }
}

impl Numbered {
    fn add_one(&self, number: u8) {
        let zeros = || Box::new(array::from_fn(|_| AtomicU64::new(0)));
        add_one(&self.0.get_or_init(zeros)[usize::from(number)]);
    }

    /// Returns the counts of these keys. Each key comes with its number.
    fn without_zeros<K: Ord>(&self, keys: impl Iterator<Item = (K, u8)>) -> BTreeMap<K, u64> {
        let Some(counters) = self.0.get() else {
            return BTreeMap::new();
        };
        let counts = keys.map(|(key, number)| (key, read(&counters[usize::from(number)])));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}

fn add_one(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(feature = "tokio")]
impl Tallies {
    /// A handler got a connection.
    pub(crate) fn opened(&self) {
        add_one(&self.open);
    }

    /// A handler has ended.
    pub(crate) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// A handshake was ended to make room.
    pub(crate) fn displaced(&self) {
        add_one(&self.displaced);
    }

    /// An address had too many connections.
    pub(crate) fn turned_away(&self) {
        add_one(&self.turned_away);
    }
}

#[cfg(feature = "tokio")]
impl Endpoint {
    pub(crate) fn tallies(&self) -> Arc<Tallies> {
        self.0.tallies.clone()
    }

    /// Counts a connection while it is made, and its outcome.
    pub(super) async fn counted<IO>(
        &self,
        direction: Direction,
        making: impl Future<Output = Result<Connection<IO>, ConnectError>>,
    ) -> Result<Connection<IO>, ConnectError> {
        let underway = Underway::new(self.0.tallies.clone(), direction);
        let result = making.await;
        underway.end(&result);
        result
    }
}

/// A connection that is being made. It counts as failed when it is dropped without success.
#[cfg(feature = "tokio")]
struct Underway {
    tallies: Arc<Tallies>,
    direction: Direction,
    succeeded: bool,
}

#[cfg(feature = "tokio")]
impl Underway {
    fn new(tallies: Arc<Tallies>, direction: Direction) -> Self {
        add_one(&tallies.of(direction).in_progress);
        Self {
            tallies,
            direction,
            succeeded: false,
        }
    }

    fn end<IO>(mut self, result: &Result<Connection<IO>, ConnectError>) {
        let tally = self.tallies.of(self.direction);
        match result {
            Ok(connection) => {
                if connection.is_resumed() {
                    add_one(&tally.resumed);
                }
                self.succeeded = true;
            }
            Err(error) => {
                if let Some(alert) = error.alert() {
                    tally.alerts.add_one(alert.into());
                }
            }
        }
    }
}

#[cfg(feature = "tokio")]
impl Drop for Underway {
    fn drop(&mut self) {
        let tally = self.tallies.of(self.direction);
        match self.succeeded {
            true => add_one(&tally.succeeded),
            false => add_one(&tally.failed),
        }
        tally.in_progress.fetch_sub(1, Ordering::Relaxed);
    }
}
