//! Makes a TCP connection to a server, given its name.
//!
//! It is the algorithm of RFC 8305 ("Happy Eyeballs"), as far as the addresses are known at the beginning. Without it,
//! a phone would wait for a dead IPv6 address before it tries IPv4. OpenSSL leaves this to its callers.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// Looks up the addresses of a name with the system's resolver.
pub(super) async fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let addresses: Vec<_> = tokio::net::lookup_host((host, port)).await?.collect();
    match addresses.is_empty() {
        true => Err(io::Error::new(
            io::ErrorKind::NotFound,
            "the name has no address",
        )),
        false => Ok(addresses),
    }
}

/// An established TCP connection, and the failures of the addresses that were tried before.
#[derive(Debug)]
pub(super) struct Dialled {
    pub(super) stream: TcpStream,
    /// The address that answered first.
    pub(super) address: SocketAddr,
    pub(super) took: Duration,
    /// The addresses that failed.
    pub(super) failures: Vec<(SocketAddr, io::Error)>,
}

/// Connects to the address that answers first (RFC 8305, section 5). The tries begin one after the other, with the
/// address families in turn: the next one begins as soon as one has failed, or after a delay. Each may take until the
/// deadline.
///
/// If no address answers, returns the error of each, in the order of the addresses.
pub(super) async fn connect_any(
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<Dialled, Vec<(SocketAddr, io::Error)>> {
    let began = Instant::now();
    let mut race = Race::default();
    let mut waiting = in_turn(addresses);
    loop {
        if let Some(address) = waiting.pop_front() {
            race.enter(address);
        }
        if race.running.is_empty() {
            return Err(race.into_failures(addresses));
        }
        let turn = next_turn(deadline, waiting.len());
        match timeout_at(turn, std::future::poll_fn(|cx| race.poll(cx))).await {
            Ok(Some((address, stream))) => {
                // A request goes out right after the handshake's last message, and must not wait for the
                // acknowledgement of that message. If this fails, the connection is only slower.
                let _ = stream.set_nodelay(true);
                return Ok(Dialled {
                    stream,
                    address,
                    took: began.elapsed(),
                    failures: race.failures,
                });
            }
            // A try has failed, so the next one begins.
            Ok(None) => {}
            Err(_) if waiting.is_empty() => {
                race.give_up();
                return Err(race.into_failures(addresses));
            }
            Err(_) => {}
        }
    }
}

/// Returns the addresses in the order of tries: IPv6 first, then the families in turn, each family in the given order
/// (RFC 8305, section 4).
fn in_turn(addresses: &[SocketAddr]) -> VecDeque<SocketAddr> {
    let mut sixes = addresses.iter().filter(|address| address.is_ipv6());
    let mut fours = addresses.iter().filter(|address| address.is_ipv4());
    let mut order = VecDeque::with_capacity(addresses.len());
    loop {
        let (six, four) = (sixes.next(), fours.next());
        if six.is_none() && four.is_none() {
            return order;
        }
        order.extend(six.into_iter().chain(four));
    }
}

/// Returns when the next try begins, or the deadline if none is left. If time is short, tries follow each other
/// faster, so that no address is left out.
fn next_turn(deadline: Instant, waiting: usize) -> Instant {
    if waiting == 0 {
        return deadline;
    }
    let now = Instant::now();
    let tries = u32::try_from(waiting + 1).unwrap_or(u32::MAX);
    let share = deadline.saturating_duration_since(now) / tries;
    now + share.min(ATTEMPT_DELAY)
}

/// The "Connection Attempt Delay" that RFC 8305, section 5 recommends.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// TCP connections that are being made at the same time. All but the winner are dropped.
#[derive(Default)]
struct Race {
    running: Vec<Try>,
    failures: Vec<(SocketAddr, io::Error)>,
}

/// A connection that is being made.
struct Try {
    address: SocketAddr,
    connecting: Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>,
}

impl Race {
    /// Begins another try.
    fn enter(&mut self, address: SocketAddr) {
        let connecting = Box::pin(TcpStream::connect(address));
        self.running.push(Try {
            address,
            connecting,
        });
    }

    /// Returns the winner, or `None` once a try has failed.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<(SocketAddr, TcpStream)>> {
        let before = self.running.len();
        let mut winner = None;
        let failures = &mut self.failures;
        self.running.retain_mut(|running| {
            if winner.is_some() {
                return true;
            }
            match running.connecting.as_mut().poll(cx) {
                Poll::Pending => true,
                Poll::Ready(Ok(stream)) => {
                    winner = Some((running.address, stream));
                    false
                }
                Poll::Ready(Err(error)) => {
                    failures.push((running.address, error));
                    false
                }
            }
        });
        match (winner, self.running.len() < before) {
            (None, false) => Poll::Pending,
            (winner, _) => Poll::Ready(winner),
        }
    }

    /// Lets all running tries time out.
    fn give_up(&mut self) {
        let late = |running: Try| (running.address, io::ErrorKind::TimedOut.into());
        self.failures.extend(self.running.drain(..).map(late));
    }

    /// In the order in which the addresses were given, so that a message reads like the answer of DNS.
    fn into_failures(mut self, order: &[SocketAddr]) -> Vec<(SocketAddr, io::Error)> {
        sort_by_address(&mut self.failures, order);
        self.failures
    }
}

/// Sorts results into the order of their addresses.
pub(super) fn sort_by_address<T>(of_addresses: &mut [(SocketAddr, T)], order: &[SocketAddr]) {
    of_addresses.sort_by_key(|(address, _)| order.iter().position(|at| at == address));
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    async fn connect(
        addresses: &[SocketAddr],
        time: Duration,
    ) -> Result<Dialled, Vec<(SocketAddr, io::Error)>> {
        connect_any(addresses, Instant::now() + time).await
    }

    async fn listening() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// An address where nobody listens: the port is bound by a socket that does not listen.
    fn refusing() -> (TcpSocket, SocketAddr) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn an_address_that_refuses_is_followed_by_the_next_at_once() {
        let (_busy, refusing) = refusing();
        let (_listener, good) = listening().await;
        // The refusing addresses would take ten seconds if each delayed the next.
        let addresses = [vec![refusing; 40], vec![good]].concat();
        let dialled = connect(&addresses, Duration::from_secs(60)).await;
        let dialled = dialled.unwrap();
        assert_eq!(dialled.stream.peer_addr().unwrap(), good);
        assert_eq!(dialled.address, good);
        assert_eq!(dialled.failures.len(), 40);
        assert_eq!(dialled.failures[0].0, refusing);
        assert!(dialled.took < Duration::from_secs(5), "{:?}", dialled.took);
    }

    /// Linux drops connection attempts that do not fit into the queue of a listener.
    #[cfg(target_os = "linux")]
    #[tokio::test(crate = "crate::in_time")]
    async fn an_address_that_is_silent_holds_the_next_up_for_a_quarter_of_a_second() {
        let (socket, silent) = refusing();
        let listener = socket.listen(0).unwrap();
        let _queued = TcpStream::connect(silent).await.unwrap();
        let (_listener, good) = listening().await;
        let dialled = connect(&[silent, good], Duration::from_secs(60)).await;
        let dialled = dialled.unwrap();
        assert_eq!(dialled.address, good);
        assert!(dialled.failures.is_empty(), "it was not yet given up");
        let allowed = ATTEMPT_DELAY..Duration::from_secs(20);
        assert!(allowed.contains(&dialled.took), "{:?}", dialled.took);
        // If there is less time, the silent address delays the next one only for its share.
        let dialled = connect(&[silent, good], Duration::from_millis(300)).await;
        assert_eq!(dialled.unwrap().address, good);
        let failures = connect(&[silent], Duration::from_millis(50)).await;
        let failures = failures.unwrap_err();
        assert_eq!(failures[0].0, silent);
        assert_eq!(failures[0].1.kind(), io::ErrorKind::TimedOut);
        drop(listener);
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn every_address_that_failed_is_named_in_the_order_of_addresses() {
        let (_first, first) = refusing();
        let (_second, second) = refusing();
        // The IPv6 address is tried first.
        let third: SocketAddr = "[::1]:1".parse().unwrap();
        let failures = connect(&[first, second, third], Duration::from_secs(10)).await;
        let failed: Vec<_> = failures.unwrap_err().into_iter().map(|(a, _)| a).collect();
        assert_eq!(failed, [first, second, third]);
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn nothing_comes_of_no_address() {
        assert!(connect(&[], Duration::from_secs(10)).await.is_err());
    }

    #[test]
    fn families_take_turns_and_ipv6_begins() {
        let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let given = addresses(&["1.1.1.1:1", "2.2.2.2:1", "3.3.3.3:1", "[::1]:1", "[::2]:1"]);
        let order = addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "3.3.3.3:1"]);
        assert_eq!(in_turn(&given), order);
        assert_eq!(in_turn(&given[..3]), &given[..3]);
        assert_eq!(in_turn(&given[3..]), &given[3..]);
        assert!(in_turn(&[]).is_empty());
    }

    #[test]
    fn where_time_is_short_tries_follow_faster() {
        let from_now = |time, waiting| {
            let now = Instant::now();
            next_turn(now + time, waiting).duration_since(now)
        };
        let long = from_now(Duration::from_secs(60), 3);
        let short = from_now(Duration::from_millis(400), 3);
        assert!((250..260).contains(&long.as_millis()), "{long:?}");
        assert!((90..=110).contains(&short.as_millis()), "{short:?}");
        let last = from_now(Duration::from_secs(60), 0);
        assert!(last >= Duration::from_secs(59), "{last:?}");
    }
}
