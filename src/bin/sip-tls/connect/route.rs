use std::net::{IpAddr, SocketAddr};

use sip_tls::profile::Server;
use sip_tls::{ConnectError, Connection, Endpoint, EndpointBuilder, NextHop, SrvResolver};
use tokio::net::TcpStream;

use crate::failure::{Context, Failure};

/// Where connections go.
#[derive(clap::Args)]
pub(crate) struct RouteArgs {
    /// Open the connection to this address, as if it were the server's
    #[arg(long, value_name = "ADDR:PORT", conflicts_with = "srv")]
    connect_to: Option<SocketAddr>,
    #[command(flatten)]
    srv: SrvArgs,
}

/// How the servers of hosts are found.
#[derive(clap::Args)]
pub(crate) struct SrvArgs {
    /// Treat hosts as SIP domains, and find their servers by NAPTR and SRV records
    #[arg(long)]
    srv: bool,
    /// Ask this DNS server instead of those of the system; repeatable
    #[arg(long, value_name = "ADDR[:PORT]", requires = "srv", value_parser = dns_server)]
    dns: Vec<SocketAddr>,
}

impl RouteArgs {
    /// Sets the endpoint's resolver, if hosts are SIP domains.
    pub(crate) fn configure(&self, builder: EndpointBuilder) -> Result<EndpointBuilder, Failure> {
        Ok(match self.srv.resolver()? {
            Some(resolver) => builder.resolver(resolver),
            None => builder,
        })
    }

    pub(crate) fn route(&self) -> Route {
        self.connect_to
            .map_or_else(|| self.srv.route(), Route::Address)
    }
}

impl SrvArgs {
    pub(crate) fn is_given(&self) -> bool {
        self.srv
    }

    /// Makes the resolver that finds the servers of SIP domains. Returns `None` if hosts are not SIP domains.
    pub(crate) fn resolver(&self) -> Result<Option<SrvResolver>, Failure> {
        if !self.srv {
            return Ok(None);
        }
        let resolver = match &self.dns[..] {
            [] => SrvResolver::from_system(),
            servers => SrvResolver::with_servers(servers.iter().copied()),
        };
        let unusable = |error| Failure::unusable(Context::new("cannot ask DNS".to_owned(), error));
        resolver.map(Some).map_err(unusable)
    }

    pub(crate) fn route(&self) -> Route {
        match self.srv {
            true => Route::Srv,
            false => Route::Name,
        }
    }
}

/// Where the connections to a server go.
#[derive(Clone, Copy)]
pub(crate) enum Route {
    /// To this address.
    Address(SocketAddr),
    /// To the addresses of the server's name.
    Name,
    /// To the servers of a SIP domain.
    Srv,
}

impl Route {
    pub(crate) async fn connect(
        self,
        endpoint: &Endpoint,
        server: &Server,
    ) -> Result<Connection<TcpStream>, ConnectError> {
        match self {
            Self::Address(address) => endpoint.connect_to(server, Some(address)).await,
            Self::Name => endpoint.connect_to(server, None).await,
            Self::Srv => {
                // If a port is given, only addresses are looked up (RFC 3263, section 4.2).
                let next_hop = match server.port() {
                    Server::DEFAULT_PORT => NextHop::Resolve,
                    _ => NextHop::from(server),
                };
                endpoint.connect_domain(server.host(), next_hop).await
            }
        }
    }
}

/// Lists the attempts that failed before a connection was established.
pub(crate) fn failed_before(connection: &Connection<TcpStream>) -> Option<String> {
    let failures = connection.failed_before().iter();
    let failures: Vec<_> = failures.map(ToString::to_string).collect();
    (!failures.is_empty()).then(|| format!("failed before: {}", failures.join("; ")))
}

/// Parses the address of a DNS server. The port defaults to 53.
fn dns_server(text: &str) -> Result<SocketAddr, String> {
    let address = || text.parse::<IpAddr>().map(|address| (address, 53).into());
    let server = text.parse().or_else(|_| address());
    server.map_err(|_| "neither an address nor an address and a port".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dns_server_is_an_address_with_or_without_a_port() {
        for (text, server) in [
            ("192.0.2.7", "192.0.2.7:53"),
            ("192.0.2.7:5353", "192.0.2.7:5353"),
            ("2001:db8::7", "[2001:db8::7]:53"),
            ("[2001:db8::7]:5353", "[2001:db8::7]:5353"),
        ] {
            assert_eq!(dns_server(text), Ok(server.parse().unwrap()));
        }
        for text in ["dns.example.com", "", "192.0.2.7:x"] {
            assert!(dns_server(text).is_err(), "{text}");
        }
    }
}
