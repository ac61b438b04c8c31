//! Connections to a domain: which servers it has, which of them is tried when, and what became of each.

mod failure;
mod name;
mod next_hop;
#[cfg(feature = "srv")]
mod srv;
mod target;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

pub use self::failure::TargetFailure;
use self::name::Domain;
pub use self::next_hop::NextHop;
#[cfg(feature = "srv")]
pub use self::srv::SrvResolver;
pub(super) use self::target::SystemResolver;
pub use self::target::{Resolver, Target};
use super::dial::{self, sort_by_address};
use super::reach::Way;
use super::{ConnectError, Connection, Endpoint};
use crate::profile::Server;
use crate::verify::Direction;

/// Connections to a domain.
impl Endpoint {
    /// Connects to a server of a domain, and verifies that the certificate is one of the domain.
    ///
    /// Whatever the next hop is, the name that is sent as SNI and checked (`tls-target-name-check`) is the domain, and
    /// never a name that came out of DNS, which can be forged: [RFC 5922, section
    /// 7.3](https://www.rfc-editor.org/rfc/rfc5922#section-7.3). As everywhere, `tls-target-name` overrides it. A domain
    /// that is an IP address is compared with the addresses in the certificate.
    ///
    /// The domain is a host name or an IP address, an IPv6 address with or without brackets. Its case and a dot at its end
    /// do not matter. A name in Unicode is converted to A-labels with the feature `srv`, and is an error without it. A URI
    /// and a domain with a port are errors.
    ///
    /// # Servers and addresses
    ///
    /// The servers of [`NextHop::Resolve`] are those of [`EndpointBuilder::resolver`](crate::EndpointBuilder::resolver), in
    /// its order. A next hop that is an address or a host is the only server. The addresses of a server are tried as in
    /// [`connect`](Self::connect): the first that answers is taken.
    ///
    /// If the handshake fails, the other addresses of the server are tried, and then the next server ([RFC 3263, section
    /// 4.3](https://www.rfc-editor.org/rfc/rfc3263#section-4.3)). That includes servers whose certificate is refused and
    /// servers that refuse ours: another one may be configured correctly. Only
    /// [`ConnectError::Configuration`] ends it at once. Up to 32 servers and 64 addresses are tried.
    ///
    /// [`Connection::failed_before`] says what failed before the connection came about, and [`ConnectError::Domain`] what
    /// failed if none did.
    ///
    /// # Time
    ///
    /// [`EndpointBuilder::timeout`](crate::EndpointBuilder::timeout) limits everything together, look-ups included. Each
    /// server gets an equal share of the time that is left when it is its turn, and each handshake an equal share of that
    /// of its server, counted by the addresses that are left; but either gets at least a second, as long as there is one.
    /// So a server that says nothing does not use up the time of the others.
    ///
    /// # Errors
    ///
    /// - The domain is no host name or IP address, or has more to it: [`ConnectError::NotADomain`].
    /// - Its servers cannot be found out: [`ConnectError::Resolve`].
    /// - All of them failed: [`ConnectError::Domain`]. If the next hop is given, and there was only one try, it is the error
    ///   that [`connect_to`](Self::connect_to) returns.
    /// - The look-up of servers took longer than the time-out: [`ConnectError::TimedOut`].
    ///
    /// ```no_run
    /// use sip_tls::{Endpoint, NextHop};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let endpoint = Endpoint::from_file("SipEndpoint.config")?;
    /// let connection = endpoint.connect_domain("example.com", NextHop::Resolve).await?;
    /// for failure in connection.failed_before() {
    ///     println!("{failure}");
    /// }
    /// // Through an outbound proxy, which has a certificate of the domain.
    /// let proxy: sip_tls::profile::Server = "[2001:db8::7]:5061".parse()?;
    /// let connection = endpoint.connect_domain("example.com", proxy).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect_domain<N: Into<NextHop>>(
        &self,
        domain: &str,
        next_hop: N,
    ) -> impl Future<Output = Result<Connection<TcpStream>, ConnectError>> + Send + 'static + use<N>
    {
        self.connect_domain_by(domain, next_hop.into())
    }

    fn connect_domain_by(
        &self,
        domain: &str,
        next_hop: NextHop,
    ) -> impl Future<Output = Result<Connection<TcpStream>, ConnectError>> + Send + 'static + use<>
    {
        let endpoint = self.clone();
        let domain = Domain::read(domain).map_err(|reason| ConnectError::NotADomain {
            given: domain.to_owned(),
            reason,
        });
        async move {
            let making = endpoint.reach_domain(domain?, next_hop);
            endpoint.counted(Direction::Outgoing, making).await
        }
    }

    async fn reach_domain(
        &self,
        domain: Domain,
        next_hop: NextHop,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let deadline = self.deadline();
        let began = Instant::now();
        let is_given = next_hop != NextHop::Resolve || domain.is_address();
        let targets = self.targets(&domain, next_hop, deadline).await?;
        let mut search = Search {
            endpoint: self,
            domain,
            deadline,
            look_up: (!is_given).then(|| began.elapsed()),
            addresses_left: MOST_ADDRESSES,
            failures: Vec::new(),
        };
        match search.try_all(&targets).await? {
            Ok(mut connection) => {
                connection.note_failures(search.failures);
                Ok(connection)
            }
            Err(untried) => Err(search.into_error(untried, is_given)),
        }
    }

    /// The servers of a domain, in their order.
    async fn targets(
        &self,
        domain: &Domain,
        next_hop: NextHop,
        deadline: Instant,
    ) -> Result<Vec<Target>, ConnectError> {
        let failed = |source| ConnectError::Resolve {
            host: domain.host().to_owned(),
            source,
        };
        let resolving = match next_hop {
            NextHop::Address(address) => {
                let target = Target::new(address.ip().to_string(), address.port());
                return Ok(vec![target.with_addresses([address])]);
            }
            NextHop::Server(server) => return Ok(vec![Target::from(&server)]),
            NextHop::Resolve if domain.is_address() => {
                return Ok(vec![Target::new(domain.host(), Server::DEFAULT_PORT)]);
            }
            NextHop::Resolve => self.0.connecting.resolver.resolve(domain.host()),
        };
        let late = |_| ConnectError::TimedOut {
            after: self.timeout(),
            explanation: Some(format!(
                "the look-up of `{}` was not answered",
                domain.host()
            )),
            peer: None,
        };
        let targets = timeout_at(deadline, resolving).await.map_err(late)?;
        let mut targets = targets.map_err(failed)?;
        targets.truncate(MOST_TARGETS);
        match targets.is_empty() {
            true => Err(failed(io::Error::new(
                io::ErrorKind::NotFound,
                "it has no servers",
            ))),
            false => Ok(targets),
        }
    }

    /// The addresses of a server.
    async fn addresses_of(&self, target: &Target) -> io::Result<Vec<SocketAddr>> {
        if !target.addresses().is_empty() {
            return Ok(target.addresses().to_vec());
        }
        if let Some(address) = name::literal(target.host()) {
            return Ok(vec![SocketAddr::new(address, target.port())]);
        }
        if name::has_zone(target.host()) {
            return dial::look_up(target.host(), target.port()).await;
        }
        let addresses = self.0.connecting.resolver.addresses(target).await?;
        match addresses.is_empty() {
            true => Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the name has no address",
            )),
            false => Ok(addresses),
        }
    }
}

/// The way through the servers of a domain.
struct Search<'a> {
    endpoint: &'a Endpoint,
    domain: Domain,
    deadline: Instant,
    /// How long look-ups took. `None` if there was none.
    look_up: Option<Duration>,
    addresses_left: usize,
    failures: Vec<TargetFailure>,
}

impl Search<'_> {
    /// Tries one server after the other. If there is no connection, says how many were not tried.
    async fn try_all(
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
        let Some(addresses) = self.look_up(target, deadline).await else {
            return Ok(None);
        };
        let server = target.to_string();
        let mut untried = addresses.clone();
        let mut unreachable = Vec::new();
        let mut connection = None;
        while !untried.is_empty() && connection.is_none() {
            if Instant::now() >= deadline {
                let unused = untried.drain(..).map(|address| (address, no_time_left()));
                unreachable.extend(unused);
                break;
            }
            let began = Instant::now();
            let way = Way {
                host: self.domain.host(),
                server: &server,
            };
            let shake_by = || share(deadline, untried.len());
            let trying =
                self.endpoint
                    .try_addresses(way, &untried, deadline, self.look_up, shake_by);
            let tried = match trying.await {
                Ok(tried) => tried,
                Err(ConnectError::Unreachable { failures, .. }) => {
                    unreachable.extend(failures);
                    break;
                }
                Err(error) => return Err(error),
            };
            untried.retain(|address| {
                *address != tried.address && tried.unreachable.iter().all(|(at, _)| at != address)
            });
            unreachable.extend(tried.unreachable);
            match tried.result {
                Ok(made) => connection = Some(made),
                Err(error @ ConnectError::Configuration(_)) => return Err(error),
                Err(error) => {
                    let error = error.timed_out_after(began.elapsed());
                    self.note(target, Some(tried.address), error);
                }
            }
        }
        if !unreachable.is_empty() {
            sort_by_address(&mut unreachable, &addresses);
            let failures = unreachable;
            self.note(target, None, ConnectError::Unreachable { server, failures });
        }
        Ok(connection)
    }

    /// Looks up the addresses of a server, unless they are known.
    async fn look_up(&mut self, target: &Target, deadline: Instant) -> Option<Vec<SocketAddr>> {
        let began = Instant::now();
        let found = timeout_at(deadline, self.endpoint.addresses_of(target)).await;
        if self.look_up.is_some() || name::literal(target.host()).is_none() {
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

    fn note(&mut self, target: &Target, address: Option<SocketAddr>, error: ConnectError) {
        let failure = TargetFailure::new(target, address, error);
        tracing::debug!(
            domain = self.domain.host(),
            "a server of the domain failed: {failure}"
        );
        self.failures.push(failure);
    }

    /// A failure of the only server that there is, and that was given, needs no words about the domain.
    fn into_error(mut self, untried: usize, is_given: bool) -> ConnectError {
        if is_given
            && self.failures.len() == 1
            && let Some(failure) = self.failures.pop()
        {
            return failure.into_error();
        }
        ConnectError::Domain {
            domain: self.domain.host().to_owned(),
            failures: self.failures,
            untried,
        }
    }
}

/// When a part of the time until `deadline` is over, if it has to do for so many.
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

const MOST_TARGETS: usize = 32;
const MOST_ADDRESSES: usize = 64;

/// A round trip to the other side of the world takes a third of it; TLS 1.2 over TCP takes three.
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
