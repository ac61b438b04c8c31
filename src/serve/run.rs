//! The loop that accepts connections, and the task of each connection.
//!
//! The loop does nothing that can take long. It holds at most one accepted connection without a place; while it does,
//! it accepts no other, so that further clients wait in the backlog of the system.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use super::places::{Place, Places, Room};
use super::stopping::Stop;
use super::{Serve, ServeError, Stopping, proxy};
use crate::endpoint::{Alerted, Connection, Endpoints};
use crate::verify::{ConnectionInfo, Direction};

/// The task that accepts connections.
pub(super) struct Server<H> {
    listener: TcpListener,
    attendant: Arc<Attendant<H>>,
    places: Places,
    /// How many more connections will be accepted.
    left: Option<usize>,
    /// An accepted connection that has no place yet.
    waiting: Option<(TcpStream, SocketAddr)>,
    pause: Pause,
    tasks: JoinSet<()>,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    stop: Stop,
    grace: Duration,
}

/// A connection that is not given to the handler.
struct NotServed {
    error: ServeError,
    /// The stream whose peer has not read the alert yet.
    alerted: Option<Alerted<TcpStream>>,
}

impl From<ServeError> for NotServed {
    fn from(error: ServeError) -> Self {
        Self {
            error,
            alerted: None,
        }
    }
}

/// What the tasks of connections share.
struct Attendant<H> {
    endpoints: Endpoints,
    handler: H,
    proxies: Vec<IpNet>,
    on_failure: Arc<dyn Fn(SocketAddr, ServeError) + Send + Sync>,
}

impl<H, F> Server<H>
where
    H: Fn(Connection<TcpStream>, Stopping) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    pub(super) fn new(serve: Serve<H>) -> Self {
        Self {
            places: Places::new(serve.limits, serve.endpoints.fallback().tallies()),
            listener: serve.listener,
            attendant: Arc::new(Attendant {
                endpoints: serve.endpoints,
                handler: serve.handler,
                proxies: serve.proxies,
                on_failure: serve.on_failure,
            }),
            left: serve.most,
            waiting: None,
            pause: Pause::default(),
            tasks: JoinSet::new(),
            end: serve.end,
            stop: Stop::new(),
            grace: serve.grace,
        }
    }

    /// Each turn waits for the first of these events: the end, a task that ended, a free place, an alarm, a new
    /// connection.
    pub(super) async fn run(mut self) {
        loop {
            self.admit();
            let takes = self.left != Some(0) && self.waiting.is_none() && !self.pause.is_on();
            if self.left == Some(0) && self.waiting.is_none() && self.tasks.is_empty() {
                return;
            }
            let alarm = self.alarm();
            tokio::select! {
                () = &mut self.end => break,
                Some(ended) = self.tasks.join_next() => note_panic(ended),
                () = self.places.changed(), if self.waiting.is_some() => {}
                () = sleep_until(alarm.unwrap_or_else(Instant::now)), if alarm.is_some() => self.wake(),
                accepted = self.listener.accept(), if takes => match accepted {
                    Ok(accepted) => self.take(accepted),
                    Err(error) => self.wait(&error),
                }
            }
        }
        self.finish().await;
    }

    /// Takes a new connection. SIP messages are small and wait for answers, so Nagle's algorithm is turned off.
    fn take(&mut self, accepted: (TcpStream, SocketAddr)) {
        self.pause.end();
        self.left = self.left.map(|left| left - 1);
        // If this fails, the connection is only slower.
        let _ = accepted.0.set_nodelay(true);
        self.waiting = Some(accepted);
    }

    /// Gives the waiting connection a place, if there is room.
    fn admit(&mut self) {
        if let Some((stream, peer)) = self.waiting.take_if(|_| self.places.room() == Room::Now) {
            let (place, yielding) = self.places.take(peer);
            let attendant = self.attendant.clone();
            let stopping = self.stop.listener();
            self.tasks
                .spawn(attendant.attend(stream, place, yielding, stopping));
        }
    }

    /// Pauses after an error of the listener. If the process ran out of descriptors, the oldest handshake is ended to
    /// free one.
    fn wait(&mut self, error: &io::Error) {
        if is_of_peer(error) {
            return;
        }
        self.pause.begin(error);
        if is_want(error) {
            self.places.displace();
        }
    }

    /// Returns when the loop has to continue although no event occurs.
    fn alarm(&self) -> Option<Instant> {
        match self.places.room() {
            Room::At(moment) if self.waiting.is_some() => Some(moment),
            _ => self.pause.until,
        }
    }

    /// The alarm rings: the oldest handshake has had its time, or the pause is over.
    fn wake(&mut self) {
        match self.waiting {
            Some(_) => drop(self.places.displace()),
            None => self.pause.until = None,
        }
    }

    /// Ends the server in order.
    ///
    /// The port is free first. Handshakes are ended, and handlers are told; those that take longer than the grace are
    /// cancelled.
    async fn finish(mut self) {
        drop(self.listener);
        if let Some((_, peer)) = self.waiting {
            (self.attendant.on_failure)(peer, ServeError::Stopped);
        }
        self.places.close();
        self.stop.request();
        let ending = async {
            while let Some(ended) = self.tasks.join_next().await {
                note_panic(ended);
            }
        };
        if timeout(self.grace, ending).await.is_err() {
            self.tasks.shutdown().await;
        }
    }
}

impl<H, F> Attendant<H>
where
    H: Fn(Connection<TcpStream>, Stopping) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    /// The task of a connection.
    async fn attend(
        self: Arc<Self>,
        stream: TcpStream,
        mut place: Place,
        yielding: oneshot::Receiver<ServeError>,
        stopping: Stopping,
    ) {
        // The memory of the handshake is freed when it is done, because most connections are idle most of the time.
        let beginning = Box::pin(self.begin(stream, &mut place, yielding, stopping));
        if let Some(handling) = beginning.await {
            handling.await;
        }
    }

    /// Does the handshake, and calls the handler.
    async fn begin(
        &self,
        stream: TcpStream,
        place: &mut Place,
        mut yielding: oneshot::Receiver<ServeError>,
        stopping: Stopping,
    ) -> Option<Pin<Box<F>>> {
        let made = tokio::select! {
            biased;
            Ok(why) = &mut yielding => Err(why.into()),
            made = self.make(stream, place) => made,
        };
        let NotServed { error, alerted } = match made {
            Ok(connection) if place.open() => {
                return Some(Box::pin((self.handler)(connection, stopping)));
            }
            // The place was taken away at the moment when the handshake was done.
            Ok(_) => yielding.try_recv().unwrap_or(ServeError::Stopped).into(),
            Err(not_served) => not_served,
        };
        tracing::debug!(peer = %place.peer(), "not served: {error}");
        (self.on_failure)(place.peer(), error);
        if let Some(alerted) = alerted {
            place.fails();
            tokio::select! {
                _ = yielding => {}
                () = alerted.say_farewell() => {}
            }
        }
        None
    }

    /// Everything between the acceptance and the handler. If the handshake fails, the stream is kept until the peer has
    /// read the alert: to close it at once could destroy the alert on its way.
    async fn make(
        &self,
        mut stream: TcpStream,
        place: &mut Place,
    ) -> Result<Connection<TcpStream>, NotServed> {
        let proxied = self.proxied(&mut stream, place.peer()).await?;
        place.belongs_to(proxied.map_or_else(|| place.peer(), |proxied| proxied.client))?;
        let (client, server) = match proxied {
            Some(ends) => (Some(ends.client), Some(ends.server)),
            None => (Some(place.peer()), stream.local_addr().ok()),
        };
        let info = ConnectionInfo::new(Direction::Incoming, client, server);
        let accepted = self.endpoints.accept_as(stream, info).await;
        accepted.map_err(|failed| NotServed {
            error: ServeError::Connect(failed.error),
            alerted: Some(failed.stream),
        })
    }

    /// Reads the header of a proxy, if the connection comes from one.
    ///
    /// The header has as much time as a handshake.
    async fn proxied(
        &self,
        stream: &mut TcpStream,
        peer: SocketAddr,
    ) -> Result<Option<proxy::Proxied>, ServeError> {
        let address = peer.ip().to_canonical();
        if !self.proxies.iter().any(|proxy| proxy.contains(&address)) {
            return Ok(None);
        }
        let header = timeout(self.endpoints.fallback().timeout(), proxy::read(stream)).await;
        let late = || io::Error::new(io::ErrorKind::TimedOut, "it did not come in time");
        header
            .unwrap_or_else(|_| Err(late()))
            .map_err(ServeError::Proxy)
    }
}

/// The pause after an error of the listener, longer each time.
#[derive(Default)]
struct Pause {
    until: Option<Instant>,
    length: Duration,
}

impl Pause {
    fn is_on(&self) -> bool {
        self.until.is_some()
    }

    /// Only the first error of a series is logged.
    fn begin(&mut self, error: &io::Error) {
        if self.length.is_zero() {
            tracing::warn!("no connection can be accepted: {error}; trying again");
        }
        self.length = (self.length * 2).clamp(SHORTEST, LONGEST);
        self.until = Some(Instant::now() + self.length);
    }

    fn end(&mut self) {
        *self = Self::default();
    }
}

/// Returns whether the error only means that the peer is gone.
fn is_of_peer(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(
        error.kind(),
        K::ConnectionAborted | K::ConnectionRefused | K::ConnectionReset | K::Interrupted
    )
}

/// Returns whether there are no more descriptors, or no more memory.
fn is_want(error: &io::Error) -> bool {
    #[cfg(unix)]
    let wants = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
    // WSAEMFILE, WSAENOBUFS.
    #[cfg(not(unix))]
    let wants = [10024, 10055];
    error
        .raw_os_error()
        .is_some_and(|code| wants.contains(&code))
}

/// Logs the panic of a handler or of an observer. It has ended one connection, and the server goes on.
fn note_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!("a connection was dropped, because its task failed: {error}");
    }
}

const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(250);
