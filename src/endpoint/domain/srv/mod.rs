//! The servers of a domain by NAPTR, SRV and address records (RFC 3263).
//!
//! `dns` asks, and `order` puts the answers in order. What the records mean is decided here.

mod dns;
mod order;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use hickory_resolver::proto::rr::Name;
use hickory_resolver::proto::rr::rdata::NAPTR;

use self::dns::{Dns, Missing};
use self::order::{Service, arranged};
use super::{MOST_TARGETS, Resolver, Target};
use crate::profile::Server;

/// Finds the servers of a domain in DNS, as [RFC 3263, section 4](https://www.rfc-editor.org/rfc/rfc3263#section-4) says for
/// SIP over TLS.
///
/// 1. NAPTR records of the domain with the service `SIPS+D2T`, the flag `s` and no regular expression name SRV records.
///    Those of the lowest order are used, in the order of their preferences. Other services are ignored.
/// 2. If there is none, or none leads to SRV records, the SRV records are those of `_sips._tcp.` and the domain.
///    They are ordered by priority, and at random by weight ([RFC 2782](https://www.rfc-editor.org/rfc/rfc2782)). A target `.`
///    and the port 0 are no server. It is an error if there are only such records, because there may be other services
///    at the domain.
/// 3. If there are no SRV records either, the server is the domain itself, at port 5061.
///
/// Addresses are those of A and AAAA records ([RFC 7984](https://www.rfc-editor.org/rfc/rfc7984)), which are looked
/// up for a server when it is tried. Aliases (CNAME) are followed. If an answer is truncated, the query is sent again
/// over TCP. Answers are kept until their TTL ends, up to 256 of them.
///
/// **An error is not the absence of records.** If a DNS server answers with an error or not at all, the look-up ends
/// with that error. Otherwise the connection might go to a server which the SRV records do not name. RFC 3263
/// continues only if there are no records.
///
/// Search domains are not used. DNSSEC is not verified: with `tls-target-name-check` the certificate decides who a server is,
/// see [`Resolver`].
///
/// ```no_run
/// use sip_tls::options::TlsOptions;
/// use sip_tls::{Endpoint, NextHop, SrvResolver};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let options = TlsOptions::builder()
///     .set("trusted-ca", "ca.pem")
///     .set("tls-target-name-check", "host")
///     .build()?;
/// let resolver = SrvResolver::from_system()?;
/// let endpoint = Endpoint::builder(options).resolver(resolver).build()?;
/// let connection = endpoint.connect_domain("example.com", NextHop::Resolve).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SrvResolver {
    dns: Dns,
    asks_naptr: bool,
}

impl SrvResolver {
    /// Asks the DNS servers of the system, from `/etc/resolv.conf` or the registry of Windows. Names in the hosts
    /// file (`/etc/hosts`) have the addresses that it lists. Both are read once. The time-outs are those of
    /// [`with_servers`](Self::with_servers), whatever the system's configuration says.
    ///
    /// # Errors
    ///
    /// The system's configuration cannot be read, or names no server.
    pub fn from_system() -> io::Result<Self> {
        Dns::from_system().map(Self::new)
    }

    /// Asks these DNS servers, and reads no file. A query that is not answered within 2 seconds is sent once more;
    /// two servers are asked at a time.
    ///
    /// # Errors
    ///
    /// There is no server.
    pub fn with_servers(servers: impl IntoIterator<Item = SocketAddr>) -> io::Result<Self> {
        Dns::with_servers(servers).map(Self::new)
    }

    fn new(dns: Dns) -> Self {
        Self {
            dns,
            asks_naptr: true,
        }
    }

    /// Begins with the SRV records, as RFC 3263 specifies for a URI with `transport=tls`. This saves one query. It
    /// also helps if a DNS server, that of a home router for example, does not answer queries for NAPTR records.
    pub fn without_naptr(mut self) -> Self {
        self.asks_naptr = false;
        self
    }

    /// Sets how long to wait for the answer to a query before the query is sent once more. Defaults to 2 seconds.
    ///
    /// # Errors
    ///
    /// The resolver cannot be built with this time.
    pub fn with_timeout(self, timeout: Duration) -> io::Result<Self> {
        let dns = self.dns.with_timeout(timeout)?;
        Ok(Self { dns, ..self })
    }

    async fn targets(&self, domain: &str) -> io::Result<Vec<Target>> {
        let at = dns::name(domain)?;
        for name in self.service_names(&at).await? {
            match self.dns.services(&name).await {
                Ok(services) => return targets(services, &name),
                Err(Missing::Unknown(error)) => return Err(error),
                Err(_) => {}
            }
        }
        let target = Target::new(domain, Server::DEFAULT_PORT);
        let addresses = self.addresses_of(&target).await?;
        Ok(vec![target.with_addresses(addresses)])
    }

    /// Returns the names at which there may be SRV records.
    async fn service_names(&self, domain: &Name) -> io::Result<Vec<Name>> {
        let records = match self.asks_naptr {
            true => self.dns.naptr(domain).await,
            false => Ok(Vec::new()),
        };
        let mut names = match records {
            Ok(records) => replacements(records),
            Err(Missing::Unknown(error)) => return Err(error),
            Err(_) => Vec::new(),
        };
        // The name may become too long for a long domain.
        let usual = dns::name("_sips._tcp").and_then(|prefix| {
            let name = prefix.append_name(domain);
            name.map_err(|_| io::ErrorKind::InvalidInput.into())
        });
        names.extend(usual);
        Ok(names)
    }

    async fn addresses_of(&self, target: &Target) -> io::Result<Vec<SocketAddr>> {
        let not_found = |why| io::Error::new(io::ErrorKind::NotFound, why);
        match self.dns.addresses(&dns::name(target.host())?).await {
            Ok(addresses) => Ok(addresses
                .into_iter()
                .map(|address| SocketAddr::new(address, target.port()))
                .collect()),
            Err(Missing::Alias) => Err(not_found("the name is an alias that leads to no address")),
            Err(Missing::Name) => Err(not_found("the name does not exist (NXDOMAIN)")),
            Err(Missing::Records) => Err(not_found("the name has neither A nor AAAA records")),
            Err(Missing::Unknown(error)) => Err(error),
        }
    }
}

impl Resolver for SrvResolver {
    fn resolve<'a>(
        &'a self,
        domain: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<Target>>> + Send + 'a>> {
        Box::pin(self.targets(domain))
    }

    fn addresses<'a>(
        &'a self,
        target: &'a Target,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        Box::pin(self.addresses_of(target))
    }
}

/// Returns the names of SRV records for SIP over TLS, in order.
fn replacements(mut records: Vec<NAPTR>) -> Vec<Name> {
    records.retain(|naptr| {
        naptr.services.eq_ignore_ascii_case(b"SIPS+D2T")
            && naptr.flags.eq_ignore_ascii_case(b"s")
            && naptr.regexp.is_empty()
            && !naptr.replacement.is_root()
    });
    records.sort_by_key(|naptr| (naptr.order, naptr.preference));
    let lowest = records.first().map(|naptr| naptr.order);
    records.retain(|naptr| Some(naptr.order) == lowest);
    let names = records.into_iter().map(|naptr| naptr.replacement);
    names.take(MOST_NAPTR).collect()
}

/// Returns the servers that SRV records name.
///
/// At most 32 of them, after they were put in order.
fn targets(mut services: Vec<Service>, name: &Name) -> io::Result<Vec<Target>> {
    services.retain(|service| !service.host.is_empty() && service.port != 0);
    if services.is_empty() {
        let why = format!(
            "the SRV records of `{}` name no usable server: their target is `.` or their port is 0 (RFC 2782)",
            dns::host(name)
        );
        return Err(io::Error::new(io::ErrorKind::NotFound, why));
    }
    let target = |service: Service| {
        Target::new(service.host, service.port).with_priority(service.priority, service.weight)
    };
    let services = arranged(services, draw).into_iter().map(target);
    Ok(services.take(MOST_TARGETS).collect())
}

/// Returns a random number from 0 to `most`. The number spreads load, and need not be secret.
fn draw(most: u32) -> u32 {
    let number = RandomState::new().build_hasher().finish() % (u64::from(most) + 1);
    u32::try_from(number).unwrap_or(most)
}

/// The maximum number of NAPTR records. A domain has one or two.
const MOST_NAPTR: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn naptr(order: u16, preference: u16, fields: [&str; 3], replacement: &str) -> NAPTR {
        let [flags, services, regexp] = fields.map(|field| field.as_bytes().into());
        let replacement = dns::name(replacement).unwrap();
        NAPTR::new(order, preference, flags, services, regexp, replacement)
    }

    #[test]
    fn only_naptr_records_for_sip_over_tls_count_in_their_order() {
        const GOOD: [&str; 3] = ["S", "sips+d2t", ""];
        let found = replacements(vec![
            naptr(20, 1, GOOD, "too.high.an.order"),
            naptr(10, 60, GOOD, "second"),
            naptr(10, 50, GOOD, "first"),
            naptr(1, 1, ["s", "SIP+D2T", ""], "tcp"),
            naptr(1, 1, ["s", "SIP+D2U", ""], "udp"),
            naptr(1, 1, ["a", "SIPS+D2T", ""], "an.address"),
            naptr(1, 1, ["s", "SIPS+D2T", "!.*!x!"], "a.rule"),
            naptr(1, 1, ["s", "SIPS+D2W", ""], "websocket"),
            naptr(1, 1, GOOD, "."),
        ]);
        let found: Vec<_> = found.iter().map(dns::host).collect();
        assert_eq!(found, ["first", "second"]);
    }

    #[test]
    fn a_target_that_is_the_root_and_port_0_are_no_server() {
        for (host, port) in [("", 5061), ("sbc", 0)] {
            let service = Service {
                priority: 0,
                weight: 0,
                port,
                host: host.to_owned(),
            };
            let name = dns::name("_sips._tcp.sip.example.com").unwrap();
            let error = targets(vec![service], &name).unwrap_err();
            assert_eq!(
                error.to_string(),
                "the SRV records of `_sips._tcp.sip.example.com` name no usable server: their target is `.` or their \
                 port is 0 (RFC 2782)"
            );
        }
    }

    #[test]
    fn every_number_is_drawn_about_as_often_as_every_other() {
        let mut counts = [0; 4];
        for _ in 0..4000 {
            counts[draw(3) as usize] += 1;
        }
        assert!(
            counts.iter().all(|count| (800..1200).contains(count)),
            "{counts:?}"
        );
        assert_eq!(draw(0), 0);
    }
}
