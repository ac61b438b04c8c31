//! The places of a server: which connections remain, and which are ended to make room.
//!
//! A connection holds a [`Place`] from its acceptance to its end, first as a handshake and then as an open connection.
//! If all places are taken, only handshakes are ended for a new connection, never open ones: the oldest goes first, and
//! each has at least half a second ([`LEAST`]). So an attacker has to make new connections all the time, and a client
//! with a usual round trip gets through.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::ServeError;
use crate::endpoint::Tallies;

/// How many connections and handshakes there may be at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) connections: usize,
    pub(super) handshakes: usize,
    pub(super) per_address: Option<NonZeroUsize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: usize::MAX,
            handshakes: 1000,
            per_address: None,
        }
    }
}

/// The places of a server.
pub(super) struct Places(Arc<Shared>);

struct Shared {
    limits: Limits,
    tallies: Arc<Tallies>,
    taken: Mutex<Taken>,
    /// Notified when a place is given back or a handshake is done.
    changed: Notify,
}

/// Who holds the places at this moment. `handshakes.len() + open` is the number of connections.
#[derive(Default)]
struct Taken {
    /// The connections whose handshake is not done, by their arrival.
    handshakes: BTreeMap<u64, Handshake>,
    arrivals: u64,
    /// The connections whose handshake is done.
    open: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A handshake that may be ended, by a message to its task.
struct Handshake {
    began: Instant,
    yields: oneshot::Sender<ServeError>,
    /// Whether the handshake failed, and the peer has not read the alert yet.
    has_failed: bool,
}

/// When there is room for one more connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Room {
    Now,
    /// Once the oldest handshake has had its minimum time.
    At(Instant),
    /// Once a connection ends.
    Later,
}

impl Places {
    pub(super) fn new(limits: Limits, tallies: Arc<Tallies>) -> Self {
        Self(Arc::new(Shared {
            limits,
            tallies,
            taken: Mutex::default(),
            changed: Notify::new(),
        }))
    }

    /// Returns when the next connection can have a place. If handshakes fill all places, that is when the oldest may be
    /// ended.
    pub(super) fn room(&self) -> Room {
        let taken = self.0.taken();
        let handshakes = taken.handshakes.len();
        let Limits {
            connections,
            handshakes: most,
            ..
        } = self.0.limits;
        if handshakes < most && handshakes + taken.open < connections {
            return Room::Now;
        }
        match taken.handshakes.first_key_value() {
            Some((_, oldest)) => Room::At(oldest.began + LEAST),
            None => Room::Later,
        }
    }

    /// Ends the oldest handshake if it has had its minimum time. Returns whether it was ended.
    pub(super) fn displace(&self) -> bool {
        let mut taken = self.0.taken();
        let Some(oldest) = taken.handshakes.first_entry() else {
            return false;
        };
        let after = oldest.get().began.elapsed();
        if after < LEAST {
            return false;
        }
        // The receiver is gone if the handshake ends at this moment.
        let oldest = oldest.remove();
        let _ = oldest.yields.send(ServeError::Displaced { after });
        if !oldest.has_failed {
            self.0.tallies.displaced();
        }
        true
    }

    /// Ends all handshakes.
    pub(super) fn close(&self) {
        let handshakes = std::mem::take(&mut self.0.taken().handshakes);
        for handshake in handshakes.into_values() {
            let _ = handshake.yields.send(ServeError::Stopped);
        }
    }

    /// Waits until a place was given back, or a handshake is done.
    ///
    /// A change that occurred since the last call counts, too, so none is missed.
    pub(super) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// Gives a place to a connection whose handshake begins.
    ///
    /// The receiver gets the reason if the handshake is ended from outside. The caller has asked for
    /// [`room`](Self::room) before.
    pub(super) fn take(&self, peer: SocketAddr) -> (Place, oneshot::Receiver<ServeError>) {
        let (yields, yielding) = oneshot::channel();
        let began = Instant::now();
        let mut taken = self.0.taken();
        taken.arrivals += 1;
        let arrival = taken.arrivals;
        let handshake = Handshake {
            began,
            yields,
            has_failed: false,
        };
        taken.handshakes.insert(arrival, handshake);
        let place = Place {
            shared: self.0.clone(),
            arrival,
            is_open: false,
            peer,
            address: None,
        };
        (place, yielding)
    }
}

impl Shared {
    /// The lock is never held across an `await`, and the value is consistent after each change.
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection. Dropping it gives the place back.
pub(super) struct Place {
    shared: Arc<Shared>,
    arrival: u64,
    is_open: bool,
    peer: SocketAddr,
    /// The address that the connection counts for.
    address: Option<IpAddr>,
}

impl Place {
    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Sets the peer of the place. It is an error if the address has too many connections.
    pub(super) fn belongs_to(&mut self, peer: SocketAddr) -> Result<(), ServeError> {
        self.peer = peer;
        let Some(limit) = self.shared.limits.per_address else {
            return Ok(());
        };
        let limit = limit.get();
        let address = network(peer.ip());
        let mut taken = self.shared.taken();
        let count = taken.by_address.entry(address).or_default();
        if *count >= limit {
            self.shared.tallies.turned_away();
            return Err(ServeError::TooMany { limit });
        }
        *count += 1;
        self.address = Some(address);
        Ok(())
    }

    /// Notes that the handshake failed. The place may be given back at any time.
    pub(super) fn fails(&self) {
        let mut taken = self.shared.taken();
        if let Some(handshake) = taken.handshakes.get_mut(&self.arrival) {
            handshake.has_failed = true;
        }
    }

    /// Notes that the handshake is done. Returns `false` if the place was taken away before.
    pub(super) fn open(&mut self) -> bool {
        let mut taken = self.shared.taken();
        if taken.handshakes.remove(&self.arrival).is_none() {
            return false;
        }
        taken.open += 1;
        self.is_open = true;
        self.shared.tallies.opened();
        self.shared.changed.notify_one();
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.shared.taken();
        match self.is_open {
            true => {
                taken.open -= 1;
                self.shared.tallies.closed();
            }
            false => drop(taken.handshakes.remove(&self.arrival)),
        }
        if let Some(address) = self.address
            && let Some(count) = taken.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&address);
            }
        }
        self.shared.changed.notify_one();
    }
}

/// Returns what counts as one address. With IPv6 a subscriber has at least a /64 (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

/// How long a handshake has before it is ended for another one: enough for three round trips to the other side of the
/// world.
const LEAST: Duration = Duration::from_millis(500);
