//! Where a connection to a domain goes.

use std::net::{IpAddr, SocketAddr};

use crate::profile::Server;

/// The destination of a connection to a domain. It does not change the name that is checked, which is the domain.
///
/// # Examples
///
/// ```
/// use sip_tls::NextHop;
/// use sip_tls::profile::Server;
///
/// let proxy: Server = "edge7.provider.net:5061".parse()?;
/// assert!(matches!(NextHop::from(proxy), NextHop::Server(_)));
/// assert_eq!(NextHop::default(), NextHop::Resolve);
/// assert_eq!(NextHop::from(None), NextHop::Resolve);
/// # Ok::<(), sip_tls::profile::ServerError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum NextHop {
    /// Connects to this address.
    Address(SocketAddr),
    /// Asks the endpoint's [`Resolver`](crate::Resolver) for the servers of the domain. A domain that is an IP address is
    /// itself the next hop, at port 5061 ([RFC 3263, section
    /// 4.2](https://www.rfc-editor.org/rfc/rfc3263#section-4.2)).
    #[default]
    Resolve,
    /// Connects to this host and port, an outbound proxy for example. Its addresses are looked up, but no NAPTR or
    /// SRV records.
    Server(Server),
}

impl From<SocketAddr> for NextHop {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

impl From<(IpAddr, u16)> for NextHop {
    fn from(address: (IpAddr, u16)) -> Self {
        Self::Address(address.into())
    }
}

/// `None` asks the resolver.
impl From<Option<SocketAddr>> for NextHop {
    fn from(address: Option<SocketAddr>) -> Self {
        address.map_or(Self::Resolve, Self::Address)
    }
}

impl From<Server> for NextHop {
    fn from(server: Server) -> Self {
        Self::Server(server)
    }
}

impl From<&Server> for NextHop {
    fn from(server: &Server) -> Self {
        Self::Server(server.clone())
    }
}
