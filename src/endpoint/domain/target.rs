//! The servers of a domain, and who finds them.

use std::fmt;
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use crate::endpoint::dial;
use crate::profile::Server;

/// One of the servers of a domain, as a [`Resolver`] names it.
///
/// # Examples
///
/// ```
/// use sip_tls::Target;
///
/// let target = Target::new("2001:db8::7", 5061).with_priority(10, 60);
/// assert_eq!(target.to_string(), "[2001:db8::7]:5061");
/// assert_eq!((target.priority(), target.weight()), (10, 60));
/// assert!(target.addresses().is_empty(), "they are looked up when it is tried");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    host: String,
    port: u16,
    addresses: Vec<SocketAddr>,
    priority: u16,
    weight: u16,
}

impl Target {
    /// Makes a target of a host, which is a name or an IP address without brackets, and a port. Priority and weight
    /// are 0, and the addresses are looked up when the target is tried.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            addresses: Vec::new(),
            priority: 0,
            weight: 0,
        }
    }

    /// Sets the addresses, so that none is looked up.
    pub fn with_addresses(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.addresses = addresses.into_iter().collect();
        self
    }

    /// Sets the priority and the weight of the SRV record. They are only displayed: the resolver decides on the order
    /// of targets.
    pub fn with_priority(mut self, priority: u16, weight: u16) -> Self {
        (self.priority, self.weight) = (priority, weight);
        self
    }

    /// Returns the host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the addresses. There are none if they are not looked up yet.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Returns the priority of the SRV record; 0 if there is none.
    pub fn priority(&self) -> u16 {
        self.priority
    }

    /// Returns the weight of the SRV record; 0 if there is none.
    pub fn weight(&self) -> u16 {
        self.weight
    }
}

impl From<&Server> for Target {
    fn from(server: &Server) -> Self {
        Self::new(server.host(), server.port())
    }
}

/// Prints host and port, an IPv6 address in brackets.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.host.split('%').next().unwrap_or_default();
        match address.parse::<Ipv6Addr>() {
            Ok(_) => write!(f, "[{}]:{}", self.host, self.port),
            Err(_) => write!(f, "{}:{}", self.host.escape_debug(), self.port),
        }
    }
}

/// Finds the servers of a domain, for [`Endpoint::connect_domain`](crate::Endpoint::connect_domain).
///
/// By default, an endpoint looks up the addresses of the domain with the system's resolver and connects to port 5061,
/// as the SIP Endpoint SDK does. `SrvResolver` (feature `srv`) looks up NAPTR and SRV records.
///
/// **The answer of a resolver is not trusted.** DNS can be forged. With `tls-target-name-check`, the certificate of a
/// server is compared with the domain, never with the host of a target ([RFC 5922, section
/// 7.3](https://www.rfc-editor.org/rfc/rfc5922#section-7.3)): an attacker who forges an SRV record can prevent a
/// connection, but not impersonate the domain.
///
/// ```
/// use std::io;
/// use std::pin::Pin;
///
/// use sip_tls::{Resolver, Target};
///
/// /// Two servers. The second one is used if the first one fails.
/// #[derive(Debug)]
/// struct Pair;
///
/// impl Resolver for Pair {
///     fn resolve<'a>(
///         &'a self,
///         domain: &'a str,
///     ) -> Pin<Box<dyn Future<Output = io::Result<Vec<Target>>> + Send + 'a>> {
///         let targets = vec![
///             Target::new("sbc1.example.net", 5061),
///             Target::new("sbc2.example.net", 5061),
///         ];
///         Box::pin(async move {
///             match domain {
///                 "example.com" => Ok(targets),
///                 _ => Err(io::Error::new(io::ErrorKind::NotFound, "it is not served")),
///             }
///         })
///     }
/// }
/// ```
pub trait Resolver: fmt::Debug + Send + Sync {
    /// Finds the servers of a domain, in the order in which they are to be tried. The domain is in lower case and in ASCII,
    /// has no dot at its end, and is no IP address.
    ///
    /// # Errors
    ///
    /// There are no servers, or they cannot be found. The text of the error becomes part of that of
    /// [`ConnectError::Resolve`](crate::ConnectError::Resolve).
    fn resolve<'a>(
        &'a self,
        domain: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<Target>>> + Send + 'a>>;

    /// Looks up the addresses of a target that has none, when the target is tried. Defaults to the system's resolver.
    ///
    /// # Errors
    ///
    /// The host has no address, or it cannot be looked up.
    fn addresses<'a>(
        &'a self,
        target: &'a Target,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        Box::pin(dial::look_up(target.host(), target.port()))
    }
}

impl<R: Resolver + ?Sized> Resolver for Arc<R> {
    fn resolve<'a>(
        &'a self,
        domain: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<Target>>> + Send + 'a>> {
        (**self).resolve(domain)
    }

    fn addresses<'a>(
        &'a self,
        target: &'a Target,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        (**self).addresses(target)
    }
}

/// Uses the domain as the name of the server, as the SIP Endpoint SDK does: only addresses are looked up.
#[derive(Clone, Copy, Debug)]
pub(in crate::endpoint) struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(
        &'a self,
        domain: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<Target>>> + Send + 'a>> {
        Box::pin(async move {
            let addresses = dial::look_up(domain, Server::DEFAULT_PORT).await?;
            let target = Target::new(domain, Server::DEFAULT_PORT);
            Ok(vec![target.with_addresses(addresses)])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_told_by_host_and_port() {
        for (host, text) in [
            ("sbc1.example.net", "sbc1.example.net:5071"),
            ("192.0.2.7", "192.0.2.7:5071"),
            ("2001:db8::1", "[2001:db8::1]:5071"),
            ("fe80::1%eth0", "[fe80::1%eth0]:5071"),
            ("a\nb", "a\\nb:5071"),
        ] {
            assert_eq!(Target::new(host, 5071).to_string(), text);
        }
        let server: Server = "[::1]:5071".parse().unwrap();
        assert_eq!(Target::from(&server).to_string(), server.to_string());
    }
}
