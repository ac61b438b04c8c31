//! A server: accepts connections, does the TLS handshakes, and hands the connections to a function of the caller.
//!
//! One task accepts connections. Each connection has a task of its own, for the handshake and what the caller does
//! afterwards. If there are too many connections, the places decide which ones remain.
//!
//! What happens to a connection, in this order:
//!
//! 1. `run` accepts it, and it waits for a place (`places`). Meanwhile no other connection is accepted.
//! 2. If it comes from a proxy, the header of the PROXY protocol is read (`proxy`). The client's address is known from
//!    now on.
//! 3. The number of connections of that address is checked.
//! 4. The TLS handshake is done, with the endpoint that the name in the ClientHello chooses.
//! 5. The handler gets the connection, and keeps its place until it returns.
//!
//! What ends before step 5 is reported to [`Serve::on_failure`].

mod error;
mod places;
mod proxy;
mod run;
mod stopping;

use std::fmt;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};

pub use error::ServeError;
pub use stopping::Stopping;

use self::places::Limits;
use self::run::Server;
use crate::endpoint::{Connection, Endpoint, Endpoints};
use crate::error::Error;

/// A server that is not started yet. [`Endpoint::serve`] and [`Endpoints::serve`] create it. It runs as long as it is
/// awaited.
///
/// Dropping the server, or the future that is made of it, closes all its connections at once. [`until`](Self::until)
/// shuts the server down gracefully.
///
/// The limits are there for a server on the open Internet: a peer that connects and sends nothing
/// holds one place for a handshake for a limited time, and cannot block other clients.
///
/// ```no_run
/// use std::time::Duration;
///
/// use sip_tls::Endpoint;
/// use tokio::net::TcpListener;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let endpoint = Endpoint::from_file("SipEndpoint.config")?;
/// let server = endpoint.serve(
///     TcpListener::bind("[::]:5061").await?,
///     |connection, mut stopping| async move {
///         println!("{} connected", connection.info().id());
///         stopping.requested().await;
///     },
/// )?;
/// server
///     .max_handshakes(200)
///     .max_per_address(20)
///     .proxies(["192.0.2.10/32".parse()?])
///     .on_failure(|peer, error| eprintln!("{peer}: {error}"))
///     .grace(Duration::from_secs(30))
///     .await;
/// # Ok(())
/// # }
/// ```
#[must_use = "a server does nothing unless it is awaited"]
pub struct Serve<H> {
    endpoints: Endpoints,
    listener: TcpListener,
    handler: H,
    limits: Limits,
    most: Option<usize>,
    proxies: Vec<IpNet>,
    on_failure: Arc<dyn Fn(SocketAddr, ServeError) + Send + Sync>,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    grace: Duration,
}

impl Endpoint {
    /// Serves the clients that connect to `listener`. Each connection is given to the handler when its handshake is done.
    ///
    /// Peers that never finish a handshake do not block other clients. A handshake takes no longer than
    /// [`EndpointBuilder::timeout`](crate::EndpointBuilder::timeout). If there is no room, the oldest handshake is
    /// ended to make room for the next connection, but not in its first half second. If the process runs out of
    /// descriptors, handshakes are ended in the same way, and the server tries again after a pause. A handler that
    /// panics ends its own connection only.
    ///
    /// The handler's second argument tells it when the server ends.
    ///
    /// ```no_run
    /// use sip_tls::Endpoint;
    /// use tokio::io::AsyncReadExt;
    /// use tokio::net::TcpListener;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let endpoint = Endpoint::from_file("SipEndpoint.config")?;
    /// let listener = TcpListener::bind("0.0.0.0:5061").await?;
    /// let server = endpoint.serve(listener, |mut connection, _stopping| async move {
    ///     let mut message = Vec::new();
    ///     let _ = connection.read_buf(&mut message).await;
    /// })?;
    /// server
    ///     .max_connections(5_000)
    ///     .until(async { drop(tokio::signal::ctrl_c().await) })
    ///     .await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`server_config`](Self::server_config).
    pub fn serve<H, F>(&self, listener: TcpListener, handler: H) -> Result<Serve<H>, Error>
    where
        H: Fn(Connection<TcpStream>, Stopping) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        Endpoints::from(self.clone()).serve(listener, handler)
    }
}

impl Endpoints {
    /// Serves the clients that connect to `listener`, as [`Endpoint::serve`] does. The fallback endpoint counts
    /// the outcomes of connections ([`Counters::serving`](crate::Counters::serving)). Each endpoint counts its own
    /// handshakes.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::server_config`], for each endpoint.
    pub fn serve<H, F>(&self, listener: TcpListener, handler: H) -> Result<Serve<H>, Error>
    where
        H: Fn(Connection<TcpStream>, Stopping) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        self.check()?;
        Ok(Serve {
            endpoints: self.clone(),
            listener,
            handler,
            limits: Limits::default(),
            most: None,
            proxies: Vec::new(),
            on_failure: Arc::new(|_, _| {}),
            end: Box::pin(std::future::pending()),
            grace: Duration::from_secs(5),
        })
    }
}

impl<H> Serve<H> {
    /// Sets how many connections there may be at once, including those whose handshake is not done. Further clients
    /// wait in the backlog of the system. By default only the number of file descriptors limits them. The minimum is one.
    pub fn max_connections(mut self, most: usize) -> Self {
        self.limits.connections = most.max(1);
        self
    }

    /// Sets how many handshakes there may be at once. Defaults to 1,000. The minimum is one.
    ///
    /// A further client is accepted when a handshake ends, or in place of the oldest one.
    pub fn max_handshakes(mut self, most: usize) -> Self {
        self.limits.handshakes = most.max(1);
        self
    }

    /// Sets how many connections one address may have at once. A further connection is closed at once. The IPv6
    /// addresses of a /64 count as one. Defaults to any number, because many phones may be behind one address. The
    /// minimum is one.
    pub fn max_per_address(mut self, most: usize) -> Self {
        self.limits.per_address = NonZeroUsize::new(most.max(1));
        self
    }

    /// Accepts only this many connections. The server ends when the last of them has ended. Defaults to any number.
    ///
    /// Connections that fail count, too.
    pub fn at_most(mut self, most: usize) -> Self {
        self.most = Some(most);
        self
    }

    /// Sets the addresses of proxies, such as load balancers, that begin each connection with a header of the PROXY
    /// protocol, version 1 or 2. A connection from a proxy without the header is closed. The address in the header
    /// becomes the address of the client in [`Connection::info`], in errors, and for
    /// [`max_per_address`](Self::max_per_address).
    ///
    /// The protocol is defined by the [specification of
    /// HAProxy](https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). If such a header comes from any other
    /// address, it is not TLS, and ends the handshake. Defaults to no proxies.
    pub fn proxies(mut self, addresses: impl IntoIterator<Item = IpNet>) -> Self {
        self.proxies = addresses.into_iter().collect();
        self
    }

    /// Sets a function that is called for connections that are not given to the handler, with the reason. The
    /// function must not block. Defaults to a function that does nothing.
    pub fn on_failure(
        mut self,
        function: impl Fn(SocketAddr, ServeError) + Send + Sync + 'static,
    ) -> Self {
        self.on_failure = Arc::new(function);
        self
    }

    /// Ends the server when this future ends. From then on no connection is accepted, the port is free and handshakes
    /// are ended. Handlers are informed by [`Stopping`], and the server waits for them for [`grace`](Self::grace).
    ///
    /// Without it, the server runs until it is dropped, or until [`at_most`](Self::at_most) ends it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::error::Error;
    /// # use tokio::{net::TcpListener, sync::oneshot};
    /// # async fn example(endpoint: sip_tls::Endpoint, listener: TcpListener) -> Result<(), Box<dyn Error>> {
    /// let (stop, stopped) = oneshot::channel::<()>();
    /// let server = endpoint.serve(listener, |_connection, _stopping| async {})?;
    /// let running = tokio::spawn(server.until(async { drop(stopped.await) }).into_future());
    /// drop(stop); // later, to shut the server down
    /// running.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn until(mut self, end: impl Future<Output = ()> + Send + 'static) -> Self {
        self.end = Box::pin(end);
        self
    }

    /// Sets how long handlers may take to end after the end of the server was requested. Afterwards their connections
    /// are closed. Defaults to 5 seconds.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
}

impl<H, F> IntoFuture for Serve<H>
where
    H: Fn(Connection<TcpStream>, Stopping) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    type Output = ();
    type IntoFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Runs the server. The future ends when the server has ended.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(Server::new(self).run())
    }
}

impl<H> fmt::Debug for Serve<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("listener", &self.listener)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
