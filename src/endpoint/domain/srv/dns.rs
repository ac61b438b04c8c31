//! The queries to DNS servers, and the meaning of their answers and errors.
//!
//! The difference between "there are no records" and "nobody knows" is kept, because RFC 3263 goes on only after the
//! first. Two habits of the library are corrected: it appends search domains unless a name ends with a dot, and it
//! follows the target of an SRV record behind an alias as if it were another alias.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::NAPTR;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::time::timeout;

use super::order::Service;

/// The DNS servers to ask, and how to ask them.
#[derive(Clone)]
pub(super) struct Dns {
    config: ResolverConfig,
    options: ResolverOpts,
    resolver: TokioResolver,
}

/// Why there are no records.
#[derive(Debug)]
pub(super) enum Missing {
    /// The name is an alias of one without records of this type.
    Alias,
    /// The name does not exist.
    Name,
    /// The name exists, without records of this type.
    Records,
    /// It is not known whether there are records.
    Unknown(io::Error),
}

impl Missing {
    /// Returns whether there may be SRV records behind an alias. If hickory finds an SRV record there, it mistakes
    /// the target of the record for another alias, and fails with what it finds at the target.
    fn may_be_alias(&self) -> bool {
        match self {
            Self::Alias => true,
            Self::Name | Self::Records => false,
            Self::Unknown(error) => error.kind() != io::ErrorKind::TimedOut,
        }
    }
}

impl Dns {
    pub(super) fn from_system() -> io::Result<Self> {
        let (config, options) = hickory_resolver::system_conf::read_system_conf()
            .map_err(|error| io::Error::other(Told::new(error)))?;
        Self::new(config, options)
    }

    pub(super) fn with_servers(servers: impl IntoIterator<Item = SocketAddr>) -> io::Result<Self> {
        let servers = servers.into_iter().map(|address| {
            let at_port = |mut connection: ConnectionConfig| {
                connection.port = address.port();
                connection
            };
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
            let connections = connections.map(at_port).to_vec();
            NameServerConfig::new(address.ip(), true, connections)
        });
        let mut options = ResolverOpts::default();
        options.use_hosts_file = ResolveHosts::Never;
        let config = ResolverConfig::from_name_servers(servers.collect());
        Self::new(config, options)
    }

    fn new(config: ResolverConfig, mut options: ResolverOpts) -> io::Result<Self> {
        if config.name_servers().is_empty() {
            let reason = "there is no DNS server";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        options.timeout = TIMEOUT;
        options.attempts = 1;
        options.cache_size = CACHED;
        Self::built(config, options)
    }

    /// Sets how long to wait for an answer.
    pub(super) fn with_timeout(self, timeout: Duration) -> io::Result<Self> {
        let Self {
            config,
            mut options,
            ..
        } = self;
        options.timeout = timeout;
        Self::built(config, options)
    }

    fn built(config: ResolverConfig, options: ResolverOpts) -> io::Result<Self> {
        let runtime = TokioRuntimeProvider::default();
        let mut builder = TokioResolver::builder_with_config(config.clone(), runtime);
        *builder.options_mut() = options.clone();
        let resolver = builder
            .build()
            .map_err(|error| io::Error::other(Told(error)))?;
        Ok(Self {
            config,
            options,
            resolver,
        })
    }

    /// Returns the NAPTR records of a name.
    pub(super) async fn naptr(&self, name: &Name) -> Result<Vec<NAPTR>, Missing> {
        self.records(name, RecordType::NAPTR, |data| match data {
            RData::NAPTR(naptr) => Some(naptr.clone()),
            _ => None,
        })
        .await
    }

    /// Returns the SRV records of a name, or of the name that it is an alias of.
    pub(super) async fn services(&self, name: &Name) -> Result<Vec<Service>, Missing> {
        let mut name = name.clone();
        for _ in 0..MOST_ALIASES {
            let found = self.records(&name, RecordType::SRV, service).await;
            if !found.as_ref().is_err_and(Missing::may_be_alias) {
                return found;
            }
            let canonical = self.records(&name, RecordType::CNAME, |data| match data {
                RData::CNAME(alias) => Some(alias.0.clone()),
                _ => None,
            });
            match canonical.await {
                Ok(mut names) if !names.is_empty() => name = names.swap_remove(0),
                _ => return found,
            }
        }
        Err(Missing::Records)
    }

    /// Returns the addresses of a name. Once there is an IPv4 address, the wait for IPv6 addresses is short (RFC
    /// 8305, section 3).
    pub(super) async fn addresses(&self, name: &Name) -> Result<Vec<IpAddr>, Missing> {
        let address = |data: &RData| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        };
        let sixes = self.records(name, RecordType::AAAA, address);
        let fours = self.records(name, RecordType::A, address);
        tokio::pin!(sixes, fours);
        let (sixes, fours) = tokio::select! {
            sixes = &mut sixes => (sixes, fours.await),
            fours = &mut fours => match &fours {
                Ok(_) => {
                    let late = Err(Missing::Records);
                    (timeout(RESOLUTION_DELAY, sixes).await.unwrap_or(late), fours)
                }
                Err(_) => (sixes.await, fours),
            },
        };
        match (sixes, fours) {
            (Ok(sixes), Ok(fours)) => Ok([sixes, fours].concat()),
            (Ok(some), Err(_)) | (Err(_), Ok(some)) => Ok(some),
            (_, Err(Missing::Unknown(error))) => Err(Missing::Unknown(error)),
            (Err(missing), Err(_)) => Err(missing),
        }
    }

    /// Asks for the records of one type.
    async fn records<T>(
        &self,
        name: &Name,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, Missing> {
        let found = self.resolver.lookup(name.clone(), kind).await;
        let found = found.map_err(|error| missing(error, name, kind))?;
        let records: Vec<_> = found
            .answers()
            .iter()
            .filter_map(|record| read(&record.data))
            .collect();
        match records.is_empty() {
            true => Err(Missing::Records),
            false => Ok(records),
        }
    }
}

/// Leaves out the resolver, which prints nothing of interest.
impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers = self.config.name_servers().iter().map(|server| server.ip);
        f.debug_struct("Dns")
            .field("servers", &servers.collect::<Vec<_>>())
            .field("timeout", &self.options.timeout)
            .finish_non_exhaustive()
    }
}

/// Converts a DNS name to text: in lower case, without a dot at its end.
pub(super) fn host(name: &Name) -> String {
    let text = name.to_lowercase().to_ascii();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

/// Converts a text to a DNS name that no search list is applied to.
pub(super) fn name(host: &str) -> io::Result<Name> {
    let mut name = Name::from_ascii(host).map_err(|_| {
        let reason = "it is not a DNS name: a label or the whole name is too long or empty";
        io::Error::new(io::ErrorKind::InvalidInput, reason)
    })?;
    name.set_fqdn(true);
    Ok(name)
}

/// Returns the service of an SRV record. Its host is empty if the record says that there is no service.
fn service(data: &RData) -> Option<Service> {
    match data {
        RData::SRV(srv) => Some(Service {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            host: host(&srv.target),
        }),
        _ => None,
    }
}

/// Says what an error of the library means.
fn missing(error: NetError, name: &Name, kind: RecordType) -> Missing {
    if let NetError::Dns(DnsError::NoRecordsFound(none)) = &error {
        return match none.response_code {
            _ if none.query.name() != name => Missing::Alias,
            ResponseCode::NXDomain => Missing::Name,
            _ => Missing::Records,
        };
    }
    let error_kind = match &error {
        NetError::Timeout => io::ErrorKind::TimedOut,
        NetError::Io(error) => error.kind(),
        _ => io::ErrorKind::Other,
    };
    let told = format!("{kind} records of `{}`: {}", host(name), Told(error));
    Missing::Unknown(io::Error::new(error_kind, told))
}

/// An error of hickory, with a message for users.
#[derive(Debug)]
struct Told(NetError);

impl Told {
    /// Takes an error of either of hickory's crates: which one it is depends on the system.
    fn new(error: impl Into<NetError>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            NetError::Dns(DnsError::ResponseCode(code)) => {
                f.write_str("the DNS server answered ")?;
                match code {
                    ResponseCode::FormErr => f.write_str("FORMERR"),
                    ResponseCode::NotImp => f.write_str("NOTIMP"),
                    ResponseCode::Refused => f.write_str("REFUSED"),
                    ResponseCode::ServFail => f.write_str("SERVFAIL"),
                    other => other.fmt(f),
                }
            }
            NetError::Timeout => f.write_str("no DNS server answered in time"),
            NetError::NoConnections => f.write_str("no DNS server can be reached"),
            NetError::Io(error) => write!(f, "no DNS server can be reached: {error}"),
            other => other.fmt(f),
        }
    }
}

impl std::error::Error for Told {}

/// How long to wait for an answer before the query is sent again, once.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The "Resolution Delay" that RFC 8305, section 3 recommends.
const RESOLUTION_DELAY: Duration = Duration::from_millis(50);

/// How many answers are kept.
const CACHED: u64 = 256;

const MOST_ALIASES: usize = 8;
