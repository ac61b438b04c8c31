//! From a server's name to a TCP stream.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::ConnectError;
use crate::profile::Server;

/// Looks up the server's name.
pub(super) async fn resolve(server: &Server) -> Result<Vec<SocketAddr>, ConnectError> {
    let failed = |source| ConnectError::Resolve {
        host: server.host().to_owned(),
        source,
    };
    let addresses: Vec<_> = tokio::net::lookup_host((server.host(), server.port()))
        .await
        .map_err(failed)?
        .collect();
    match addresses.is_empty() {
        true => Err(failed(io::Error::new(
            io::ErrorKind::NotFound,
            "the name has no address",
        ))),
        false => Ok(addresses),
    }
}

/// Connects to the first address that answers. Each address gets an equal share of the time that is left.
pub(super) async fn connect_any(
    server: &Server,
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<TcpStream, ConnectError> {
    let mut failures = Vec::new();
    for (address, untried) in addresses.iter().zip((1..=addresses.len() as u32).rev()) {
        let now = Instant::now();
        let share = now + deadline.saturating_duration_since(now) / untried;
        let silent = |_| Err(io::ErrorKind::TimedOut.into());
        let attempt = timeout_at(share, TcpStream::connect(address)).await;
        match attempt.unwrap_or_else(silent) {
            Ok(stream) => {
                // A request goes out right after the handshake's last message, and must not wait for its acknowledgement. A
                // socket that cannot do so is only slower.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => failures.push((*address, error)),
        }
    }
    Err(ConnectError::Unreachable {
        server: server.to_string(),
        failures,
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    async fn connect(addresses: &[SocketAddr], time: Duration) -> Result<TcpStream, ConnectError> {
        let server = "sip.example.com:5061".parse().unwrap();
        connect_any(&server, addresses, Instant::now() + time).await
    }

    async fn listening() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// An address where nobody listens: the port is taken, but by a socket that does not.
    fn refusing() -> (TcpSocket, SocketAddr) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    #[tokio::test]
    async fn an_address_that_refuses_is_followed_by_the_next() {
        let (_busy, refusing) = refusing();
        let (_listener, good) = listening().await;
        let stream = connect(&[refusing, good], Duration::from_secs(10)).await;
        assert_eq!(stream.unwrap().peer_addr().unwrap(), good);
    }

    /// Linux drops what does not fit into the queue of a listener.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn an_address_that_is_silent_takes_its_share_of_the_time_only() {
        let (socket, silent) = refusing();
        let listener = socket.listen(0).unwrap();
        let _queued = TcpStream::connect(silent).await.unwrap();
        let (_listener, good) = listening().await;
        let stream = connect(&[silent, good], Duration::from_millis(300)).await;
        assert_eq!(stream.unwrap().peer_addr().unwrap(), good);
        let error = connect(&[silent], Duration::from_millis(50))
            .await
            .unwrap_err();
        let text = format!("cannot reach sip.example.com:5061; {silent}: timed out");
        assert_eq!(error.to_string(), text);
        drop(listener);
    }

    #[tokio::test]
    async fn every_address_that_failed_is_named() {
        let (_first, first) = refusing();
        let (_second, second) = refusing();
        let error = connect(&[first, second], Duration::from_secs(10)).await;
        match error.unwrap_err() {
            ConnectError::Unreachable { failures, .. } => {
                let failed: Vec<_> = failures.into_iter().map(|(address, _)| address).collect();
                assert_eq!(failed, [first, second]);
            }
            other => panic!("{other}"),
        }
    }
}
