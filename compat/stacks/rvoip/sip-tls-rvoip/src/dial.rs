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

/// To whom a connection leads, and what the server was checked against: nothing else goes over it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Target {
    server: String,
    destination: SocketAddr,
    /// After a reload no new request takes a connection of before.
    generation: u64,
}

/// A connection that is made, or was: all who need it wait for the same one.
#[derive(Clone)]
pub(crate) struct Dial {
    pub(crate) id: TransportFlowId,
    pub(crate) flow: SharedFuture<BoxFuture<'static, Option<Flow>>>,
}

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

/// Returns the connection to a target, and makes it if need be.
pub(crate) async fn reach(shared: &Arc<Shared>, target: Target) -> Result<Flow> {
    let destination = target.destination;
    let server = target.server()?;
    let dial = shared.pool().dial(target, |id, _| Dial {
        id,
        flow: begin(shared.clone(), id, server, destination),
    });
    match dial.flow.await {
        Some(flow) if flow.is_open() => Ok(flow),
        Some(_) => Err(Error::ConnectionClosedByPeer(destination)),
        None if shared.is_closed() => Err(Error::TransportClosed),
        None => Err(match shared.last_failure(destination) {
            Some(failure) => failure.to_error(destination),
            None => Error::TransportClosed,
        }),
    }
}

/// Connects in a task of its own: whoever began it may give up, and others wait for it.
fn begin(
    shared: Arc<Shared>,
    id: TransportFlowId,
    server: Server,
    destination: SocketAddr,
) -> SharedFuture<BoxFuture<'static, Option<Flow>>> {
    let dialling = tokio::spawn(async move {
        let closing = shared.closing();
        let flow = tokio::select! {
            flow = connect(&shared, id, &server, destination) => flow,
            () = closing => None,
        };
        if flow.is_none() {
            shared.pool().remove(id);
        }
        flow
    });
    let flow = async move { dialling.await.ok().flatten() };
    flow.boxed().shared()
}

async fn connect(
    shared: &Arc<Shared>,
    id: TransportFlowId,
    server: &Server,
    destination: SocketAddr,
) -> Option<Flow> {
    match shared.endpoint.connect_to(server, Some(destination)).await {
        Ok(connection) => {
            shared.forget_failure(destination);
            let (drive, flow) = Drive::new(connection, id, destination, shared.clone());
            shared.pool().insert(flow.clone());
            tokio::spawn(drive.run(shared.closing()));
            Some(flow)
        }
        Err(error) => {
            shared.tell(Failure {
                direction: Direction::Outgoing,
                peer: Some(destination),
                flow_id: None,
                cause: Cause::Connect(error),
            });
            None
        }
    }
}
