//! The search through the servers of a domain: how long each is tried, and the outcome of each.
//!
//! The servers come in an order, and each may have several addresses. Servers are tried one after the other; the
//! addresses of a server race for the TCP connection, and the winner makes the handshake. If that fails, the others
//! race again. Time is divided so that each server and each handshake has a share.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::name::literal;
use super::{Target, TargetFailure};
use crate::endpoint::dial::sort_by_address;
use crate::endpoint::reach::Way;
use crate::endpoint::{ConnectError, Connection, Endpoint};

/// The search through the servers of a domain.
pub(super) struct Search<'a> {
    endpoint: &'a Endpoint,
    domain: &'a str,
    deadline: Instant,
    /// How long look-ups took. `None` if there was none.
    look_up: Option<Duration>,
    addresses_left: usize,
    failures: Vec<TargetFailure>,
}

/// The addresses of a server that were not tried, and those that did not answer.
struct Addresses {
    untried: Vec<SocketAddr>,
    unreachable: Vec<(SocketAddr, io::Error)>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        endpoint: &'a Endpoint,
        domain: &'a str,
        deadline: Instant,
        look_up: Option<Duration>,
    ) -> Self {
        Self {
            endpoint,
            domain,
            deadline,
            look_up,
            addresses_left: MOST_ADDRESSES,
            failures: Vec::new(),
        }
    }

    /// Tries one server after the other. If there is no connection, returns how many were not tried.
    pub(super) async fn try_all(
        &mut self,
        targets: &[Target],
    ) -> Result<Result<Connection<TcpStream>, usize>, ConnectError> {
        for (tried, target) in targets.iter().enumerate() {
            let left = targets.len() - tried;
            if self.addresses_left == 0 || Instant::now() >= self.deadline {
                return Ok(Err(left));
            }
            let deadline = share(self.deadline, left);
            if let Some(connection) = self.try_target(target, deadline).await? {
                return Ok(Ok(connection));
            }
        }
        Ok(Err(0))
    }

    /// Tries the addresses of a server, until there is a connection or something is wrong with our configuration.
    async fn try_target(
        &mut self,
        target: &Target,
        deadline: Instant,
    ) -> Result<Option<Connection<TcpStream>>, ConnectError> {
        let Some(all) = self.look_up(target, deadline).await else {
            return Ok(None);
        };
        let mut addresses = Addresses {
            untried: all.clone(),
            unreachable: Vec::new(),
        };
        let mut connection = None;
        while connection.is_none() && !addresses.untried.is_empty() {
            connection = self.try_once(target, &mut addresses, deadline).await?;
        }
        let mut failures = addresses.unreachable;
        if !failures.is_empty() {
            sort_by_address(&mut failures, &all);
            let server = target.to_string();
            self.note(target, None, ConnectError::Unreachable { server, failures });
        }
        Ok(connection)
    }

    /// Does the handshake with the address that answers first, and removes the addresses whose outcome is known then.
    async fn try_once(
        &mut self,
        target: &Target,
        addresses: &mut Addresses,
        deadline: Instant,
    ) -> Result<Option<Connection<TcpStream>>, ConnectError> {
        let began = Instant::now();
        if began >= deadline {
            addresses.give_up();
            return Ok(None);
        }
        let way = Way {
            host: self.domain,
            server: &target.to_string(),
        };
        let untried = &addresses.untried;
        let shake_by = || share(deadline, untried.len());
        let trying = self
            .endpoint
            .try_addresses(way, untried, deadline, self.look_up, shake_by);
        let tried = match trying.await {
            Ok(tried) => tried,
            Err(ConnectError::Unreachable { failures, .. }) => {
                addresses.fail(failures);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        addresses.untried.retain(|at| *at != tried.address);
        addresses.fail(tried.unreachable);
        match tried.result {
            Ok(connection) => Ok(Some(connection)),
            Err(error @ ConnectError::Configuration(_)) => Err(error),
            Err(error) => {
                let error = error.timed_out_after(began.elapsed());
                self.note(target, Some(tried.address), error);
                Ok(None)
            }
        }
    }

    /// Looks up the addresses of a server, unless they are known.
    async fn look_up(&mut self, target: &Target, deadline: Instant) -> Option<Vec<SocketAddr>> {
        let began = Instant::now();
        let found = timeout_at(deadline, self.endpoint.addresses_of(target)).await;
        if self.look_up.is_some() || literal(target.host()).is_none() {
            *self.look_up.get_or_insert_default() += began.elapsed();
        }
        match found.unwrap_or_else(|_| Err(unanswered())) {
            Ok(mut addresses) => {
                addresses.truncate(self.addresses_left);
                self.addresses_left -= addresses.len();
                Some(addresses)
            }
            Err(source) => {
                let host = target.host().escape_debug().to_string();
                self.note(target, None, ConnectError::Resolve { host, source });
                None
            }
        }
    }

    /// Notes a failure, in the order of tries.
    fn note(&mut self, target: &Target, address: Option<SocketAddr>, error: ConnectError) {
        let failure = TargetFailure::new(target, address, error);
        tracing::debug!(
            domain = self.domain,
            "a server of the domain failed: {failure}"
        );
        self.failures.push(failure);
    }

    pub(super) fn into_failures(self) -> Vec<TargetFailure> {
        self.failures
    }

    /// Returns the error of the search. If the only failure is that of a server that was given, the domain is not
    /// mentioned.
    pub(super) fn into_error(mut self, untried: usize, is_given: bool) -> ConnectError {
        if is_given
            && self.failures.len() == 1
            && let Some(failure) = self.failures.pop()
        {
            return failure.into_error();
        }
        ConnectError::Domain {
            domain: self.domain.to_owned(),
            failures: self.failures,
            untried,
        }
    }
}

impl Addresses {
    /// Notes that addresses did not answer.
    fn fail(&mut self, failures: Vec<(SocketAddr, io::Error)>) {
        let has_failed = |at: &SocketAddr| failures.iter().any(|(failed, _)| failed == at);
        self.untried.retain(|at| !has_failed(at));
        self.unreachable.extend(failures);
    }

    /// Notes that there was no time for the addresses that are left.
    fn give_up(&mut self) {
        let untried = self.untried.drain(..);
        self.unreachable
            .extend(untried.map(|address| (address, no_time_left())));
    }
}

/// Returns when the next share ends, if the time until `deadline` is divided into this many parts.
fn share(deadline: Instant, parts: usize) -> Instant {
    let now = Instant::now();
    let parts = u32::try_from(parts).unwrap_or(u32::MAX).max(1);
    let left = deadline.saturating_duration_since(now);
    now + left.min((left / parts).max(LEAST_SHARE))
}

fn no_time_left() -> io::Error {
    io::Error::new(
        io::ErrorKind::TimedOut,
        "not tried, because no time was left",
    )
}

fn unanswered() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
}

const MOST_ADDRESSES: usize = 64;

/// The minimum share: enough for the three round trips of TCP and TLS 1.2 to the other side of the world.
const LEAST_SHARE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_equal_but_no_shorter_than_a_second() {
        let share = |milliseconds, parts| {
            let left = Duration::from_millis(milliseconds);
            let now = Instant::now();
            let share = share(now + left, parts).duration_since(now);
            (share.as_millis() + 50) / 100
        };
        assert_eq!(share(10_000, 1), 100);
        assert_eq!(share(10_000, 4), 25);
        assert_eq!(share(10_000, 32), 10);
        assert_eq!(share(500, 4), 5);
        assert_eq!(share(0, 4), 0);
    }
}
