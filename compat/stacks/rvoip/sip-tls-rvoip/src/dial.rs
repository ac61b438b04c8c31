//! Outgoing connections.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared as SharedFuture};
use rvoip_sip_transport::{Error, Result, TransportAuthority, TransportFlowId};
use sip_tls::profile::Server;
use sip_tls::verify::Direction;

use crate::failure::{Cause, Failure};
use crate::flow::{Drive, Flow};
use crate::shared::Shared;

/// The destination of a connection, and the host that the server was checked for. Other messages do not use the
/// connection.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Target {
    server: String,
    destination: SocketAddr,
    /// The generation of the endpoint. After a reload, new requests do not use connections from before.
    generation: u64,
}

/// A connection that is made or was made. All requests that need it wait for the same one.
#[derive(Clone)]
pub(crate) struct Dial {
    pub(crate) id: TransportFlowId,
    pub(crate) flow: SharedFuture<BoxFuture<'static, Dialled>>,
}

/// A connection, or the reason why there is none. The reason is `None` if the transport was closed.
type Dialled = std::result::Result<Flow, Option<Arc<Failure>>>;

impl Target {
    pub(crate) fn new(
        shared: &Shared,
        authority: &TransportAuthority,
        destination: SocketAddr,
    ) -> Self {
        let server = match authority {
            TransportAuthority::Dns(name) => name.clone(),
            TransportAuthority::Ip(address) => address.to_string(),
        };
        Self {
            server,
            destination,
            generation: shared.endpoint.generation(),
        }
    }

    fn server(&self) -> Result<Server> {
        let port = self.destination.port();
        let text = match self.server.contains(':') {
            true => format!("[{}]:{port}", self.server),
            false => format!("{}:{port}", self.server),
        };
        let server = text.parse::<Server>();
        server.map_err(|error| Error::InvalidAddress(format!("{text}: {error}")))
    }
}

/// Returns the connection to a target, and makes the connection if there is none.
pub(crate) async fn reach(shared: &Arc<Shared>, target: Target) -> Result<Flow> {
    let destination = target.destination;
    let server = target.server()?;
    let dial = shared.pool().dial(target, |id| Dial {
        id,
        flow: begin(shared.clone(), id, server, destination),
    });
    match dial.flow.await {
        Ok(flow) if flow.is_open() => Ok(flow),
        Ok(_) => Err(Error::ConnectionClosedByPeer(destination)),
        Err(Some(failure)) => Err(failure.to_error(destination)),
        Err(None) => Err(Error::TransportClosed),
    }
}

/// Connects in a separate task. The request that started it may give up while others wait for it.
fn begin(
    shared: Arc<Shared>,
    id: TransportFlowId,
    server: Server,
    destination: SocketAddr,
) -> SharedFuture<BoxFuture<'static, Dialled>> {
    let dialling = tokio::spawn(async move {
        let closing = shared.closing();
        let dialled = tokio::select! {
            dialled = connect(&shared, id, &server, destination) => dialled,
            () = closing => Err(None),
        };
        if dialled.is_err() {
            shared.pool().remove(id);
        }
        dialled
    });
    let dialled = async move { dialling.await.unwrap_or(Err(None)) };
    dialled.boxed().shared()
}

async fn connect(
    shared: &Arc<Shared>,
    id: TransportFlowId,
    server: &Server,
    destination: SocketAddr,
) -> Dialled {
    let host = Some(server.host().to_owned());
    match shared.endpoint.connect_to(server, Some(destination)).await {
        Ok(connection) => {
            shared.forget_failure(destination);
            let (drive, flow) = Drive::new(connection, id, destination, host, shared.clone());
            shared.pool().insert(flow.clone());
            tokio::spawn(drive.run(shared.closing()));
            Ok(flow)
        }
        Err(error) => Err(Some(shared.tell(Failure {
            direction: Direction::Outgoing,
            peer: Some(destination),
            server: host,
            flow_id: None,
            cause: Cause::Connect(error),
        }))),
    }
}
