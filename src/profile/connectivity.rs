//! Where to connect: the `Connectivity` elements of a configuration file.
//!
//! These types exist without the feature `profile`, too: an endpoint's methods take a [`Server`] or a [`Connectivity`],
//! wherever it comes from.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use super::position::Position;
use super::quoted::Quoted;

/// A connection that the endpoint makes: who registers, where, and over which transport.
///
/// # Examples
///
/// ```
/// use sip_tls::profile::{Connectivity, Transport};
///
/// let line = Connectivity::new("4021", "sip.example.com".parse()?, Transport::Tls);
/// assert_eq!(line.user(), "4021");
/// assert_eq!(line.server().to_string(), "sip.example.com:5061");
/// # Ok::<(), sip_tls::profile::ServerError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Connectivity {
    user: String,
    server: Server,
    transport: Transport,
}

impl Connectivity {
    /// Makes a connectivity as a line of a configuration file would.
    pub fn new(user: impl Into<String>, server: Server, transport: Transport) -> Self {
        Self {
            user: user.into(),
            server,
            transport,
        }
    }

    /// The user, a directory number as a rule; empty if the file names none.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The server to connect to.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The transport, which the file calls `protocol`.
    pub fn transport(&self) -> Transport {
        self.transport
    }
}

/// A line of a configuration file from which no connection can be made.
///
/// Sample files have placeholders in such lines. So it is no error of the file: the other lines are used, and the report
/// has a warning.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnusableConnectivity {
    user: String,
    position: Position,
    reason: ConnectivityError,
}

impl UnusableConnectivity {
    #[cfg(feature = "profile")]
    pub(super) fn new(
        user: impl Into<String>,
        position: Position,
        reason: ConnectivityError,
    ) -> Self {
        Self {
            user: user.into(),
            position,
            reason,
        }
    }

    /// The user; empty if the file names none.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The place of the `Connectivity` element in the file.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Why no connection can be made from it.
    pub fn reason(&self) -> &ConnectivityError {
        &self.reason
    }
}

impl fmt::Display for UnusableConnectivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            position, reason, ..
        } = self;
        write!(f, "{position}: unusable `Connectivity`: {reason}")
    }
}

impl Error for UnusableConnectivity {}

/// Why no connection can be made from a line of a configuration file.
///
/// The attributes are looked at in this order: `server`, `protocol`. The first that is wrong is named.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConnectivityError {
    /// An attribute is not there, or is empty.
    #[non_exhaustive]
    Missing {
        /// The attribute.
        attribute: &'static str,
    },
    /// `server` is not `host:port`.
    Server(ServerError),
    /// `protocol` is unknown.
    Transport(UnknownTransport),
}

impl fmt::Display for ConnectivityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { attribute } => write!(f, "it has no `{attribute}`"),
            Self::Server(error) => write!(f, "`server`: {error}"),
            Self::Transport(error) => write!(f, "`protocol`: {error}"),
        }
    }
}

impl Error for ConnectivityError {}

/// A SIP server: a host and a port.
///
/// It is read from `host:port`, where the host is a name, an IPv4 address, or an IPv6 address in
/// brackets, a link-local one with its zone (`[fe80::1%eth0]`). The port defaults to
/// [5061](Self::DEFAULT_PORT). Without a port an IPv6 address needs no
/// brackets: `2001:db8::1:5061` is an address, not an address and a port.
///
/// # Examples
///
/// ```
/// use sip_tls::profile::Server;
///
/// let server: Server = "[2001:db8::1]:5071".parse()?;
/// assert_eq!((server.host(), server.port()), ("2001:db8::1", 5071));
/// assert!(server.address().is_some());
///
/// let server: Server = "sip.example.com".parse()?;
/// assert_eq!(server.port(), Server::DEFAULT_PORT);
/// assert!("sip:sip.example.com".parse::<Server>().is_err());
/// # Ok::<(), sip_tls::profile::ServerError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Server {
    host: String,
    port: u16,
}

impl Server {
    /// The port of SIP over TLS ([RFC
    /// 3261](https://www.rfc-editor.org/rfc/rfc3261#section-18.1.1)).
    pub const DEFAULT_PORT: u16 = 5061;

    /// The host name, or the address without brackets, with its zone if it has one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host as an address, without its zone, if it is an address.
    pub fn address(&self) -> Option<IpAddr> {
        without_zone(&self.host).parse().ok()
    }

    /// The port, which is never 0.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Server {
    type Err = ServerError;

    /// Reads `host`, `host:port`, `[address]` or `[address]:port`. White space at both ends does not count.
    ///
    /// # Errors
    ///
    /// There is no host, the host is neither a name nor an address, or the port is not a number from 1 to 65535.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (host, port) = split(text);
        if host.is_empty() {
            return Err(ServerError::NoHost);
        }
        if !is_host(host, text.starts_with('[')) {
            return Err(ServerError::Host(text.to_owned()));
        }
        let port = match port {
            None => Self::DEFAULT_PORT,
            Some(port) => parse_port(port).ok_or_else(|| ServerError::Port(port.to_owned()))?,
        };
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

/// Prints `host:port`, which reads back as the same server. An IPv6 address stands in brackets.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// The transport of SIP messages.
///
/// Only [`Tls`](Self::Tls) is of use to this crate. The others are read because files have them for other lines.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Transport {
    /// TCP without TLS.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// UDP.
    Udp,
}

impl Transport {
    const ALL: [Self; 3] = [Self::Tcp, Self::Tls, Self::Udp];

    fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Udp => "udp",
        }
    }
}

impl FromStr for Transport {
    type Err = UnknownTransport;

    /// Reads `udp`, `tcp` or `tls` in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|transport| text.trim().eq_ignore_ascii_case(transport.name()))
            .ok_or_else(|| UnknownTransport(text.to_owned()))
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a text is not a [`Server`].
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerError {
    /// The text, given here as a whole, is neither a host name nor an address.
    Host(String),
    /// There is no host.
    NoHost,
    /// The port is not a number from 1 to 65535.
    Port(String),
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(found) => write!(
                f,
                "{} is not `host:port` or `[IPv6 address]:port`",
                Quoted(found)
            ),
            Self::NoHost => f.write_str("there is no host"),
            Self::Port(found) => {
                write!(f, "port {} is not a number from 1 to 65535", Quoted(found))
            }
        }
    }
}

impl Error for ServerError {}

/// A transport that is neither `udp`, `tcp` nor `tls`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownTransport(String);

impl fmt::Display for UnknownTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not `udp`, `tcp` or `tls`", Quoted(&self.0))
    }
}

impl Error for UnknownTransport {}

/// The host without its brackets, and the port if there is one.
///
/// A text with more than one colon is an address if it reads as one, and else is cut at the last colon.
fn split(text: &str) -> (&str, Option<&str>) {
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match bracketed {
        Some((host, "")) => (host, None),
        Some((host, rest)) if rest.starts_with(':') => (host, Some(&rest[1..])),
        Some(_) => (text, None),
        None if is_ipv6(text) => (text, None),
        None => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    }
}

/// Whether a text is a host. Names are ASCII, as in DNS; an underscore is common inside companies.
fn is_host(host: &str, bracketed: bool) -> bool {
    let is_name = || {
        host.contains(|c: char| c.is_ascii_alphanumeric())
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
    };
    is_ipv6(host) || !bracketed && is_name()
}

/// Removes the zone of an IPv6 address, which has a meaning on this machine only.
pub(crate) fn without_zone(host: &str) -> &str {
    match host.split_once('%') {
        Some((address, _)) if is_ipv6(host) => address,
        _ => host,
    }
}

/// Whether a host is an IPv6 address, perhaps with a zone (RFC 4007, section 11): the name or number of an interface.
fn is_ipv6(host: &str) -> bool {
    let (address, zone) = host.split_once('%').unwrap_or((host, "0"));
    let is_zone = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty() && zone.chars().all(is_zone)
}

/// A decimal number from 1 to 65535, of digits alone.
fn parse_port(text: &str) -> Option<u16> {
    // `parse` alone would accept a plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&port| digits && port != 0)
}

#[cfg(test)]
mod tests {
    use super::{Server, ServerError, Transport};

    #[track_caller]
    fn server(text: &str) -> (String, u16) {
        let server: Server = text.parse().unwrap();
        assert_eq!(
            server.to_string().parse(),
            Ok(server.clone()),
            "printed and read back"
        );
        (server.host().to_owned(), server.port())
    }

    #[test]
    fn host_and_port_are_read() {
        assert_eq!(server("sip.example:5071"), ("sip.example".into(), 5071));
        assert_eq!(server("10.20.30.40:1"), ("10.20.30.40".into(), 1));
        assert_eq!(server("pbx_2:65535"), ("pbx_2".into(), 65535));
        assert_eq!(
            server(" sip.example. : 5071".replace(' ', "").as_str()).0,
            "sip.example."
        );
        assert_eq!(
            server("\tsip.example:05071\n"),
            ("sip.example".into(), 5071)
        );
        assert_eq!(server("[2001:db8::1]:5071"), ("2001:db8::1".into(), 5071));
    }

    #[test]
    fn a_link_local_address_may_have_a_zone() {
        assert_eq!(server("[fe80::1%eth0]:5071"), ("fe80::1%eth0".into(), 5071));
        assert_eq!(server("[fe80::1%25]"), ("fe80::1%25".into(), 5061));
        assert_eq!(server("fe80::1%br-0.7"), ("fe80::1%br-0.7".into(), 5061));
    }

    #[test]
    fn port_is_5061_without_one() {
        assert_eq!(server("sip.example"), ("sip.example".into(), 5061));
        assert_eq!(server("[::1]"), ("::1".into(), 5061));
        assert_eq!(server("2001:db8::1"), ("2001:db8::1".into(), 5061));
        assert_eq!(server("::1:5062"), ("::1:5062".into(), 5061));
    }

    #[test]
    fn address_is_printed_in_brackets() {
        assert_eq!("::1".parse::<Server>().unwrap().to_string(), "[::1]:5061");
        assert_eq!("a:1".parse::<Server>().unwrap().to_string(), "a:1");
    }

    #[test]
    fn bad_ports_are_refused() {
        for port in [
            "",
            "0",
            "65536",
            "-1",
            "+5061",
            "5061x",
            "Port0",
            " 5061",
            "99999999999999",
        ] {
            let text = format!("sip.example:{port}");
            let found = text.parse::<Server>();
            assert_eq!(found, Err(ServerError::Port(port.into())), "{text}");
        }
        assert_eq!(
            "[::1]:".parse::<Server>(),
            Err(ServerError::Port(String::new()))
        );
    }

    #[test]
    fn missing_and_bad_hosts_are_refused() {
        for text in ["", "  ", ":5061", "[]", "[]:5061"] {
            assert_eq!(text.parse::<Server>(), Err(ServerError::NoHost), "{text}");
        }
        for text in [
            "tls://sip.example:5061",
            "user@sip.example",
            "sip.example/x",
            "a b",
            "bücher.example",
            "...",
            "[sip.example]:5061",
            "[192.0.2.1]",
            "[::1",
            "[::1]5061",
            "[[::1]]",
            "::1]",
            "[fe80::1%]",
            "[fe80::1%eth 0]",
            "[sip.example%eth0]",
            "sip.example%eth0",
            "2001:db8::1:2:3:4:5:6:7",
            "a:b:5061",
            "a\nb",
            "sip.example:5061:",
        ] {
            let found = text.parse::<Server>();
            assert_eq!(found, Err(ServerError::Host(text.into())), "{text}");
        }
    }

    #[test]
    fn messages_say_what_was_found_and_what_is_expected() {
        let message = |text: &str| text.parse::<Server>().unwrap_err().to_string();
        assert_eq!(message(":1"), "there is no host");
        assert_eq!(
            message("a:Port0"),
            "port `Port0` is not a number from 1 to 65535"
        );
        assert_eq!(
            message("a b\x1b"),
            "`a b\\u{1b}` is not `host:port` or `[IPv6 address]:port`"
        );
        assert!(message(&"/".repeat(1 << 20)).len() < 200);
    }

    #[test]
    fn transport_is_read_in_any_case() {
        assert_eq!("tls".parse(), Ok(Transport::Tls));
        assert_eq!("TcP".parse(), Ok(Transport::Tcp));
        assert_eq!(" UDP ".parse(), Ok(Transport::Udp));
        assert_eq!(Transport::Tls.to_string(), "tls");
        let error = "sctp".parse::<Transport>().unwrap_err();
        assert_eq!(error.to_string(), "`sctp` is not `udp`, `tcp` or `tls`");
    }
}
