//! Endpoints: options and files become configurations, and configurations become connections.
//!
//! The flow in this folder:
//!
//! 1. `build` takes options and what only code can say (`additions`, `danger`).
//! 2. `load` reads the files, `offer` chooses suites, groups and versions; `parts` has both, with all errors.
//! 3. `client` and `server` make configurations of rustls. What comes from files is not in them: `resolver` and the
//!    verifiers read it from `state`, in each handshake. So `reload` and `watch` replace it in one step, also for
//!    configurations that were handed out.
//! 4. `connect` and `accept` make connections with them (feature `tokio`), by way of `dial`, `reach` and `handshake`. A
//!    `tap` under rustls records the hello messages, from which `diagnosis` says why a handshake failed.
//!
//! What rustls does not tell its verifiers (which connection is being made, which session is resumed) goes through
//! task-locals in `attempt`.

#[cfg(feature = "tokio")]
mod accept;
mod additions;
#[cfg(feature = "tokio")]
mod alert;
#[cfg(feature = "tokio")]
mod aliases;
mod amendment;
#[cfg(feature = "tokio")]
mod attempt;
mod build;
#[cfg(feature = "tokio")]
mod by_name;
mod client;
#[cfg(feature = "tokio")]
mod connect;
#[cfg(feature = "tokio")]
mod connection;
mod counters;
mod danger;
#[cfg(feature = "tokio")]
mod diagnosis;
#[cfg(feature = "tokio")]
mod dial;
#[cfg(feature = "tokio")]
mod domain;
#[cfg(feature = "tokio")]
mod error;
mod expiry;
#[cfg(feature = "crl-fetch")]
mod fetching;
#[cfg(feature = "tokio")]
mod handshake;
mod load;
#[cfg(feature = "tokio")]
mod manner;
mod offer;
mod parts;
#[cfg(feature = "tokio")]
mod reach;
mod refusals;
mod reload;
mod resolver;
mod server;
mod sessions;
mod state;
#[cfg(feature = "tokio")]
mod steps;
#[cfg(feature = "tokio")]
mod tag;
#[cfg(feature = "tokio")]
mod tap;
#[cfg(test)]
mod tests;
#[cfg(feature = "tokio")]
mod verdict;
#[cfg(feature = "watch")]
mod watch;

use std::borrow::Cow;
use std::fmt;
#[cfg(feature = "profile")]
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};

#[cfg(feature = "tokio")]
pub(crate) use accept::Alerted;
#[cfg(feature = "tokio")]
pub use alert::alert_name;
#[cfg(feature = "tokio")]
pub use aliases::{Alias, Aliases};
pub use build::EndpointBuilder;
#[cfg(feature = "tokio")]
pub use by_name::Endpoints;
#[cfg(feature = "tokio")]
pub use connection::{Connection, Timing};
#[cfg(feature = "tokio")]
pub(crate) use counters::Tallies;
pub use counters::{Counters, DirectionCounters, ServingCounters};
pub use danger::Danger;
#[cfg(feature = "srv")]
pub use domain::SrvResolver;
#[cfg(feature = "tokio")]
pub use domain::{NextHop, Resolver, Target, TargetFailure};
#[cfg(feature = "tokio")]
pub use error::ConnectError;
pub use expiry::Expiry;
#[cfg(feature = "crl-fetch")]
pub use fetching::{ListError, ListFailure};
pub(crate) use parts::Inspection;
#[cfg(feature = "tokio")]
pub use tap::Tap;
#[cfg(feature = "watch")]
pub use watch::Watcher;

use self::client::Clients;
#[cfg(not(feature = "tokio"))]
use self::counters::Tallies;
#[cfg(feature = "tokio")]
use self::handshake::Connecting;
use self::parts::NoServer;
use self::refusals::Refusals;
use self::reload::Recipe;
use self::server::Servers;
use self::state::Shared;
use crate::error::Error;
use crate::options::TlsOptions;
#[cfg(feature = "profile")]
use crate::profile::Profile;
use crate::profile::without_zone;
use crate::report::Report;
use crate::verify::{ReferenceName, Verifier};

/// Everything that one SIP endpoint needs to speak TLS: configurations for both directions, made once.
///
/// [`reload`](Self::reload) reads the files again in place: configurations that were handed out before use them, too.
///
/// Clones share everything, so cloning is as cheap as cloning an [`Arc`]. Without the feature `tokio` an endpoint
/// hands out configurations of rustls, but makes no connections.
///
/// ```no_run
/// use sip_tls::Endpoint;
/// use sip_tls::profile::Profile;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let profile = Profile::from_file("SipEndpoint.config")?;
/// let endpoint = Endpoint::from_profile(&profile)?;
/// for connectivity in profile.connectivities() {
///     let connection = endpoint.connect(connectivity).await?;
///     println!("{} {}", connection.protocol(), connection.cipher());
/// }
/// # Ok(())
/// # }
/// ```
///
/// Without a network, an endpoint shows what it would do:
///
/// ```
/// use sip_tls::Endpoint;
/// use sip_tls::options::{Source, TlsOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let ca = std::fs::read("tests/testdata/crl/root.pem")?;
/// let options = TlsOptions::builder()
///     .trusted_ca(Source::bytes("ca.pem", ca))
///     .set("sec-protocol", "TLSv13")
///     .build()?;
/// let endpoint = Endpoint::builder(options).build()?;
///
/// let config = endpoint.client_config();
/// assert_eq!(config.crypto_provider().cipher_suites.len(), 3);
/// assert!(endpoint.server_config().is_err(), "a server needs a certificate");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Endpoint(Arc<Inner>);

struct Inner {
    clients: Arc<Clients>,
    /// Incoming connections, or why there are none.
    server: Result<Servers, NoServer>,
    /// The state that comes from files.
    shared: Arc<Shared>,
    /// The counters, which verifiers and connections increment.
    tallies: Arc<Tallies>,
    /// The last refusals, for [`Endpoint::last_refusal`].
    refusals: Arc<Refusals>,
    #[cfg(feature = "tokio")]
    connecting: Connecting,
    /// What the endpoint was made of, for the next reload.
    recipe: Recipe,
}

impl Endpoint {
    /// Creates a builder of an endpoint with these options.
    pub fn builder(options: TlsOptions) -> EndpointBuilder {
        EndpointBuilder::new(options)
    }

    /// Makes the endpoint of a profile.
    ///
    /// # Errors
    ///
    /// As [`TlsOptionsBuilder::build`](crate::options::TlsOptionsBuilder::build) and [`EndpointBuilder::build`].
    #[cfg(feature = "profile")]
    pub fn from_profile(profile: &Profile) -> Result<Self, Error> {
        Self::builder(TlsOptions::from_profile(profile)?).build()
    }

    /// Makes the endpoint of a configuration file.
    ///
    /// Relative paths in the file are relative to its folder.
    ///
    /// # Errors
    ///
    /// As [`Profile::from_file`] and [`from_profile`](Self::from_profile).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// let endpoint = sip_tls::Endpoint::from_file("SipEndpoint.config")?;
    /// for warning in endpoint.report().warnings() {
    ///     eprintln!("{warning}");
    /// }
    /// # Ok::<(), sip_tls::Error>(())
    /// ```
    #[cfg(feature = "profile")]
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_profile(&Profile::from_file(path)?)
    }

    /// Returns the configuration of outgoing connections.
    ///
    /// A caller that connects with it has only one handshake, and rustls does not show the hello messages. So the
    /// configuration offers DHE only if [`EndpointBuilder::offer_dhe`] is set or no other suite is left. It accepts a
    /// TLS 1.2 server without secure renegotiation (RFC 5746), which `connect` refuses as OpenSSL 3 does.
    ///
    /// With [`EndpointBuilder::resumption`] it resumes fewer sessions than `connect`. rustls does not tell on which
    /// connection a session arrives. A connection that was made before a [`reload`](Self::reload) may bring a session
    /// of a server that is refused after the reload. So after a reload, the sessions of servers that were connected to
    /// before it are not resumed. A fetched list counts as a reload. Nor are sessions resumed once the first
    /// certificate or list has expired that their server was checked against.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{error::Error, io::Write, net::TcpStream};
    /// # fn example(endpoint: &sip_tls::Endpoint, stream: TcpStream) -> Result<(), Box<dyn Error>> {
    /// let name = endpoint.server_name("sip.example.com").ok_or("no name")?;
    /// let connection = rustls::ClientConnection::new(endpoint.client_config(), name)?;
    /// let mut stream = rustls::StreamOwned::new(connection, stream);
    /// stream.write_all(b"OPTIONS sip:sip.example.com SIP/2.0\r\n")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn client_config(&self) -> Arc<ClientConfig> {
        self.0.clients.to_hand_out()
    }

    /// Returns the configuration of incoming connections.
    ///
    /// With `tls-mutual` it resumes no sessions, because rustls does not tell what the client was checked against.
    /// The sessions of [`accept`](Self::accept) are resumed.
    ///
    /// # Errors
    ///
    /// - There is no `certificate`, which a server needs.
    /// - The suites that the options name are for clients only.
    /// - [`EndpointBuilder::authorise`] is set and `tls-mutual` is not `1`.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, Error> {
        match &self.0.server {
            Ok(server) => Ok(server.to_hand_out()),
            Err(reason) => Err(reason.clone().into()),
        }
    }

    /// Returns the report on every option and on what connections offer. After a reload, it is about the new options
    /// and files.
    ///
    /// What came of each option also stands in the report that [`EndpointBuilder::build_with_report`] returns if there
    /// is no endpoint.
    pub fn report(&self) -> Arc<Report> {
        self.0.shared.load().report.clone()
    }

    /// Returns the verifier of peers' certificates. It is cheap to clone. Later reloads do not change it.
    ///
    /// It verifies chains without a connection, with the CAs, the lists and the level of the endpoint.
    pub fn verifier(&self) -> Verifier {
        self.0.shared.load().in_force.verifier.clone()
    }

    /// Returns the name to pass to rustls for a connection to `host`: `tls-target-name` if that is given. A dot at
    /// its end is neither sent as SNI nor checked. rustls does not send an address as SNI.
    ///
    /// `None` if the name cannot be sent as SNI, because it begins with a dot for example.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::Endpoint;
    /// use sip_tls::options::{Source, TlsOptions};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let ca = std::fs::read("tests/testdata/crl/root.pem")?;
    /// let options = TlsOptions::builder()
    ///     .trusted_ca(Source::bytes("ca.pem", ca))
    ///     .set("tls-target-name", "sip.example.com")
    ///     .build()?;
    /// let endpoint = Endpoint::builder(options).build()?;
    /// let name = endpoint.server_name("edge7.provider.net").ok_or("no name")?;
    /// assert_eq!(name.to_str(), "sip.example.com");
    /// # Ok(())
    /// # }
    /// ```
    pub fn server_name(&self, host: &str) -> Option<ServerName<'static>> {
        server_name(&self.name_of(host))
    }

    /// Returns the name to send and to check for a connection to `host`.
    ///
    /// The zone of a link-local address has a meaning on this machine only, so it is neither sent nor checked.
    fn name_of<'a>(&self, host: &'a str) -> Cow<'a, str> {
        match &self.0.shared.load().target_name {
            Some(name) => Cow::Owned(without_root(name).to_owned()),
            None => Cow::Borrowed(without_root(without_zone(host))),
        }
    }
}

/// Removes the dot that stands for the root from a host: SNI must not have it (RFC 6066, section 3), certificates do
/// not have it, and rustls removes it before it calls a verifier.
fn without_root(host: &str) -> &str {
    match host.strip_suffix('.') {
        Some(name) if !name.is_empty() => name,
        _ => host,
    }
}

/// Returns a host in the form that rustls accepts, if there is one.
fn server_name(host: &str) -> Option<ServerName<'static>> {
    match ReferenceName::new(host) {
        ReferenceName::Ip(address) => Some(ServerName::from(address)),
        // rustls would remove another dot.
        ReferenceName::Dns(name) if name.ends_with('.') => None,
        ReferenceName::Dns(name) => ServerName::try_from(name).ok(),
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("shared", &self.0.shared)
            .finish_non_exhaustive()
    }
}
