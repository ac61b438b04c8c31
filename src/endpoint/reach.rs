//! Connects to addresses: dialling, the handshake, and another handshake if another manner may help.
//!
//! The loop in `shake_hands` ends because each turn takes something away: a feature of the manner, or the one fetch of
//! missing lists. All turns share the deadline of the connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use super::dial::{self, Dialled};
use super::handshake::Connecting;
use super::manner::Obstacle;
use super::{ConnectError, Connection, Endpoint, Timing, steps};
use crate::profile::Server;

/// The destination of a connection.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    /// The host that is sent as SNI and checked.
    pub(super) host: &'a str,
    /// The name of the server in messages. Its manner is remembered under this name.
    pub(super) server: &'a str,
}

/// The outcome of an address that answered.
pub(super) struct Tried {
    pub(super) result: Result<Connection<TcpStream>, ConnectError>,
    pub(super) address: SocketAddr,
    /// The addresses that failed before this one answered.
    pub(super) unreachable: Vec<(SocketAddr, io::Error)>,
}

impl Endpoint {
    /// Looks a server up, and connects to it.
    pub(super) async fn reach(
        &self,
        server: &Server,
        address: Option<SocketAddr>,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let deadline = self.deadline();
        let (addresses, look_up) = self.addresses(server, address, deadline).await?;
        let way = Way {
            host: server.host(),
            server: &server.to_string(),
        };
        let tried = self.try_addresses(way, &addresses, deadline, look_up, || deadline);
        tried.await?.result
    }

    /// Returns the addresses of a server, and how long the look-up took. If an address is given, nothing is looked
    /// up.
    pub(super) async fn addresses(
        &self,
        server: &Server,
        address: Option<SocketAddr>,
        deadline: Instant,
    ) -> Result<(Vec<SocketAddr>, Option<Duration>), ConnectError> {
        if let Some(address) = address {
            return Ok((vec![address], None));
        }
        let began = std::time::Instant::now();
        let looking_up = dial::look_up(server.host(), server.port());
        let found = tokio::time::timeout_at(deadline, looking_up).await;
        let found = found.map_err(|_| ConnectError::late_look_up(server.host(), self.timeout()))?;
        let addresses = found.map_err(|source| ConnectError::Resolve {
            host: server.host().to_owned(),
            source,
        })?;
        Ok((addresses, Some(began.elapsed())))
    }

    /// Dials the addresses, and does the handshake with the one that answers first. `shake_by` is called when there
    /// is a TCP connection, and returns the deadline of the handshake.
    pub(super) async fn try_addresses(
        &self,
        way: Way<'_>,
        addresses: &[SocketAddr],
        dial_by: Instant,
        look_up: Option<Duration>,
        shake_by: impl FnOnce() -> Instant,
    ) -> Result<Tried, ConnectError> {
        let mut dialled = self.dial(way.server, addresses, dial_by, look_up).await?;
        let (address, unreachable) = (dialled.address, std::mem::take(&mut dialled.failures));
        let mut result = self.shake_hands(way, dialled, shake_by()).await;
        if let Ok(connection) = &mut result {
            connection.timing_mut().look_up = look_up;
        }
        Ok(Tried {
            result,
            address,
            unreachable,
        })
    }

    /// Does the handshake. If another manner may help, does another one over a new TCP connection to the same
    /// address.
    async fn shake_hands(
        &self,
        way: Way<'_>,
        mut dialled: Dialled,
        deadline: Instant,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let Connecting {
            clients, servers, ..
        } = &self.0.connecting;
        let mut manner = servers
            .manner(way.server)
            .unwrap_or_else(|| clients.first());
        let mut own_group = None;
        #[cfg(feature = "crl-fetch")]
        let mut may_fetch = true;
        loop {
            // A name may have several addresses.
            let address = dialled.address;
            let shaking = self.handshake(way.host, dialled.stream, manner, deadline);
            let failure = match shaking.await {
                Ok(mut connection) => {
                    connection.timing_mut().tcp = Some(dialled.took);
                    if manner != clients.first() {
                        servers.note(way.server, manner);
                    }
                    return self.confirmed(connection).await;
                }
                Err(failure) => failure,
            };
            let Some((obstacle, next)) = failure.next(manner) else {
                servers.forget(way.server);
                #[cfg(feature = "crl-fetch")]
                let failure = match self.with_lists(failure, &mut may_fetch, deadline).await {
                    Ok(()) => {
                        dialled = self.dial(way.server, &[address], deadline, None).await?;
                        continue;
                    }
                    Err(failure) => failure,
                };
                // If a server has only DHE, its refusal of the other suites explains nothing.
                return Err(match failure.error {
                    error @ ConnectError::Handshake { .. } => own_group.unwrap_or(error),
                    error => error,
                });
            };
            if obstacle == Obstacle::OwnGroup {
                own_group = Some(failure.error);
            }
            tracing::debug!(
                server = way.server,
                "the handshake failed: {obstacle}; trying again"
            );
            manner = next;
            dialled = self.dial(way.server, &[address], deadline, None).await?;
        }
    }

    /// Makes the TCP connection. If no address answers, the error has the reason of each.
    pub(super) async fn dial(
        &self,
        server: &str,
        addresses: &[SocketAddr],
        deadline: Instant,
        look_up: Option<Duration>,
    ) -> Result<Dialled, ConnectError> {
        let dialled = dial::connect_any(addresses, deadline).await;
        let dialled = dialled.map_err(|failures| ConnectError::Unreachable {
            server: server.to_owned(),
            failures,
        })?;
        if steps::are_told() {
            let timing = Timing {
                look_up,
                tcp: Some(dialled.took),
                ..Timing::default()
            };
            steps::tell_dial(server, &dialled.address.to_string(), timing);
        }
        Ok(dialled)
    }
}
