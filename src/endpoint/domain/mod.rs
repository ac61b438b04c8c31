//! Connections to a domain: which servers it has, when each is tried, and the outcome of each.

mod failure;
mod name;
mod next_hop;
mod search;
#[cfg(feature = "srv")]
mod srv;
mod target;

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

pub use self::failure::TargetFailure;
use self::name::Domain;
pub use self::next_hop::NextHop;
use self::search::Search;
#[cfg(feature = "srv")]
pub use self::srv::SrvResolver;
pub(super) use self::target::SystemResolver;
pub use self::target::{Resolver, Target};
use super::{ConnectError, Connection, Endpoint, dial};
use crate::profile::Server;
use crate::verify::Direction;

/// Connections to a domain.
impl Endpoint {
    /// Connects to a server of a domain, and verifies that the certificate is one of the domain.
    ///
    /// The name that is sent as SNI and checked (`tls-target-name-check`) is the domain, whatever the next hop is. It
    /// is never a name from DNS, which can be forged: [RFC 5922, section
    /// 7.3](https://www.rfc-editor.org/rfc/rfc5922#section-7.3). **Without `tls-target-name-check` no name is
    /// checked**, and an attacker who forges DNS can impersonate the domain with any certificate of a trusted CA. As
    /// everywhere, `tls-target-name` overrides the name. A domain that is an IP address is compared with the
    /// addresses in the certificate.
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
    /// If the handshake fails, the other addresses of the server are tried, and then the next server ([RFC 3263,
    /// section 4.3](https://www.rfc-editor.org/rfc/rfc3263#section-4.3)). That includes servers whose certificate is
    /// refused and servers that refuse ours: another one may be configured correctly. Only
    /// [`ConnectError::Configuration`] ends the search at once. Up to 32 servers and 64 addresses are tried.
    ///
    /// [`Connection::failed_before`] returns what failed before the connection was made. If no connection was made,
    /// [`ConnectError::Domain`] says what failed.
    ///
    /// # Time
    ///
    /// [`EndpointBuilder::timeout`](crate::EndpointBuilder::timeout) limits the whole time, look-ups included. When a
    /// server is tried, it gets an equal share of the time that is left. Each handshake gets an equal share of the
    /// time of its server, by the number of addresses that are left. Each share is at least a second, as long as a
    /// second is left. So a server that sends nothing does not use up the time of the others.
    ///
    /// # Errors
    ///
    /// - The domain is not a host name or IP address, or has other parts: [`ConnectError::NotADomain`].
    /// - Its servers cannot be found: [`ConnectError::Resolve`].
    /// - All of the servers failed: [`ConnectError::Domain`]. If the next hop is given, and there was only one try,
    ///   it is the error that [`connect_to`](Self::connect_to) returns.
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
            let domain = domain?;
            let making = endpoint.reach_domain(&domain, next_hop);
            endpoint.counted(Direction::Outgoing, making).await
        }
    }

    async fn reach_domain(
        &self,
        domain: &Domain,
        next_hop: NextHop,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        let deadline = self.deadline();
        let began = Instant::now();
        let is_given = next_hop != NextHop::Resolve || domain.is_address();
        let targets = self.targets(domain, next_hop, deadline).await?;
        let look_up = (!is_given).then(|| began.elapsed());
        let mut search = Search::new(self, domain.host(), deadline, look_up);
        match search.try_all(&targets).await? {
            Ok(mut connection) => {
                connection.note_failures(search.into_failures());
                Ok(connection)
            }
            Err(untried) => Err(search.into_error(untried, is_given)),
        }
    }

    /// Returns the servers of a domain, in their order.
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
        let late = |_| ConnectError::late_look_up(domain.host(), self.timeout());
        let targets = timeout_at(deadline, resolving).await.map_err(late)?;
        let mut targets = targets.map_err(failed)?;
        targets.truncate(MOST_TARGETS);
        match targets.is_empty() {
            true => Err(failed(io::Error::new(
                io::ErrorKind::NotFound,
                "the domain has no servers",
            ))),
            false => Ok(targets),
        }
    }

    /// Returns the addresses of a server.
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

const MOST_TARGETS: usize = 32;
