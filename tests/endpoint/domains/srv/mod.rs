//! `SrvResolver` with a real DNS server.

mod records;
mod trouble;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use sip_tls::{ConnectError, Connection, NextHop, Resolver, SrvResolver, Target};
use tokio::net::TcpStream;

use super::nsd::Nsd;
use super::{PATIENCE, client, connect};

/// A resolver that asks this server. A query takes a millisecond, but the machine may be slow.
fn resolver(nsd: &Nsd) -> SrvResolver {
    let resolver = SrvResolver::with_servers([nsd.address()]).unwrap();
    resolver.with_timeout(Duration::from_secs(10)).unwrap()
}

async fn resolve(resolver: &SrvResolver, domain: &str) -> io::Result<Vec<Target>> {
    let resolving = resolver.resolve(domain);
    let found = tokio::time::timeout(PATIENCE, resolving).await;
    found.expect("queries end")
}

async fn addresses(resolver: &SrvResolver, target: &Target) -> io::Result<Vec<SocketAddr>> {
    let looking_up = resolver.addresses(target);
    let found = tokio::time::timeout(PATIENCE, looking_up).await;
    found.expect("queries end")
}

/// Host and port of each target.
async fn hosts(resolver: &SrvResolver, domain: &str) -> Vec<String> {
    let targets = resolve(resolver, domain).await;
    let targets = targets.unwrap_or_else(|error| panic!("{domain}: {error}"));
    targets.iter().map(Target::to_string).collect()
}

async fn connected(nsd: &Nsd, domain: &str) -> Result<Connection<TcpStream>, ConnectError> {
    let client = client(resolver(nsd)).build().unwrap();
    connect(&client, domain, NextHop::Resolve).await
}
