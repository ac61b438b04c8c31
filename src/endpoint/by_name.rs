//! The choice of an endpoint by the server name of a client (SNI).
//!
//! OpenSSL has a callback for it (`SSL_CTX_set_tlsext_servername_callback`), in which a program may replace the
//! `SSL_CTX`. Here the ClientHello is read before rustls sees it, and the endpoint that it chooses makes the whole
//! handshake, with its own versions, suites and CAs.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use super::accept::Failed;
use super::handshake;
use super::{ConnectError, Connection, Endpoint};
use crate::error::Error;
use crate::verify::{ConnectionInfo, Direction};

/// Endpoints of several domains on one port. The server name that a client asks for ([RFC
/// 6066](https://www.rfc-editor.org/rfc/rfc6066#section-3)) decides which endpoint accepts the connection.
///
/// Each endpoint has its own certificate, CAs, revocation lists, versions and suites, and is reloaded separately.
///
/// ```no_run
/// use sip_tls::{Endpoint, Endpoints};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let endpoints = Endpoints::by_name(
///     [
///         ("sip.example.com", Endpoint::from_file("example.config")?),
///         ("*.example.net", Endpoint::from_file("net.config")?),
///     ],
///     Endpoint::from_file("SipEndpoint.config")?,
/// );
/// let listener = tokio::net::TcpListener::bind("[::]:5061").await?;
/// let server = endpoints.serve(listener, |connection, _stopping| async move {
///     println!("{:?}", connection.info().peer_address());
/// })?;
/// server.await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Endpoints(Arc<Choice>);

struct Choice {
    named: HashMap<String, Endpoint>,
    fallback: Endpoint,
}

impl Endpoints {
    /// Creates the choice from names and their endpoints. `fallback` accepts clients that ask for none of these
    /// names, or for no name at all, as many SIP clients do.
    ///
    /// Names are compared without regard to case and to a dot at the end. A name `*.example.com` stands for all names
    /// with one more label, except those that are given themselves. If a name is given twice, the last one is used.
    pub fn by_name<N: AsRef<str>>(
        named: impl IntoIterator<Item = (N, Endpoint)>,
        fallback: Endpoint,
    ) -> Self {
        let named = named
            .into_iter()
            .map(|(name, endpoint)| (plain(name.as_ref()), endpoint));
        Self(Arc::new(Choice {
            named: named.collect(),
            fallback,
        }))
    }

    /// Returns the endpoint for a client that asks for this name.
    ///
    /// An exact name comes before a wildcard.
    pub fn choose(&self, server_name: Option<&str>) -> &Endpoint {
        let chosen = server_name.and_then(|name| {
            let (name, named) = (plain(name), &self.0.named);
            named.get(&name).or_else(|| {
                let (_, domain) = name.split_once('.')?;
                named.get(&format!("*.{domain}"))
            })
        });
        chosen.unwrap_or(&self.0.fallback)
    }

    /// Accepts a TLS connection over a stream, as [`Endpoint::accept`] does.
    ///
    /// The time-out of the chosen endpoint counts from the first poll of the future. A client that never sends a server
    /// name has the time-out of the fallback endpoint.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::accept`].
    pub fn accept<IO>(
        &self,
        stream: IO,
    ) -> impl Future<Output = Result<Connection<IO>, ConnectError>> + use<IO>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let endpoints = self.clone();
        async move {
            let info = handshake::info(Direction::Incoming, &stream);
            match endpoints.accept_as(stream, info).await {
                Ok(connection) => Ok(connection),
                Err(Failed { error, stream }) => {
                    stream.say_farewell().await;
                    Err(error)
                }
            }
        }
    }

    /// Accepts a connection that the caller describes.
    pub(crate) async fn accept_as<IO>(
        &self,
        mut stream: IO,
        info: ConnectionInfo,
    ) -> Result<Connection<IO>, Failed<IO>>
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let began = Instant::now();
        let mut hello = Vec::new();
        let mut endpoint = self.fallback();
        if !self.0.named.is_empty() {
            let name = timeout_at(endpoint.deadline(), name_in(&mut stream, &mut hello)).await;
            // If this is not a ClientHello, the handshake reports it.
            endpoint = self.choose(name.ok().flatten().as_deref());
        }
        let deadline = began + endpoint.timeout();
        endpoint.accept_from(stream, hello, info, deadline).await
    }

    /// Returns the endpoint for clients that no other one serves.
    pub(crate) fn fallback(&self) -> &Endpoint {
        &self.0.fallback
    }

    /// Checks that each endpoint has a certificate.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let all = self.0.named.values().chain([&self.0.fallback]);
        all.into_iter()
            .try_for_each(|endpoint| endpoint.server_config().map(drop))
    }
}

/// Reads until the server name of the ClientHello is known, and keeps what was read. Returns `None` if there is no
/// name.
///
/// rustls' `Acceptor` parses the ClientHello and bounds its size. What was read is handed to the handshake again.
async fn name_in(stream: &mut (impl AsyncRead + Unpin), hello: &mut Vec<u8>) -> Option<String> {
    let mut acceptor = Acceptor::default();
    loop {
        let before = hello.len();
        hello.reserve(CHUNK);
        if stream.read_buf(hello).await.ok()? == 0 {
            return None;
        }
        acceptor.read_tls(&mut hello.get(before..)?).ok()?;
        if let Some(accepted) = acceptor.accept().ok()? {
            return accepted.client_hello().server_name().map(str::to_owned);
        }
    }
}

/// Returns a name in the form in which names are compared.
fn plain(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.to_ascii_lowercase()
}

impl From<Endpoint> for Endpoints {
    /// Makes one endpoint accept all clients.
    fn from(endpoint: Endpoint) -> Self {
        let none: [(&str, Endpoint); 0] = [];
        Self::by_name(none, endpoint)
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints")
            .field("named", &self.0.named)
            .field("fallback", &self.0.fallback)
            .finish()
    }
}

/// How much is read at once. A ClientHello with a post-quantum key share is shorter.
const CHUNK: usize = 2048;
