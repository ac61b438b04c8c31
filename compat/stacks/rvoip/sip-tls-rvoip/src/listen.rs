//! Incoming connections.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;

use sip_tls::verify::Direction;
use sip_tls::{Connection, Endpoints, Error, ServeError, Stopping};
use tokio::net::{TcpListener, TcpStream};

use crate::builder::Serving;
use crate::failure::{Cause, Failure};
use crate::flow::Drive;
use crate::pool::next_id;
use crate::shared::Shared;

/// Serves clients until the transport is closed.
pub(crate) fn listen(
    shared: &Arc<Shared>,
    listener: TcpListener,
    serving: Serving,
) -> Result<(), Error> {
    let handlers = shared.clone();
    let tellers = shared.clone();
    let own = || Endpoints::from(shared.endpoint.clone());
    let mut serve = serving
        .domains
        .unwrap_or_else(own)
        .serve(listener, move |connection, stopping| {
            handle(handlers.clone(), connection, stopping)
        })?
        .on_failure(move |peer, error| drop(tellers.tell(of_client(peer, error))))
        .proxies(serving.proxies)
        .until(shared.closing());
    if let Some(most) = serving.connections {
        serve = serve.max_connections(most);
    }
    if let Some(most) = serving.handshakes {
        serve = serve.max_handshakes(most);
    }
    if let Some(most) = serving.per_address {
        serve = serve.max_per_address(most);
    }
    tokio::spawn(serve.into_future());
    Ok(())
}

async fn handle(shared: Arc<Shared>, connection: Connection<TcpStream>, mut stopping: Stopping) {
    // An accepted TCP stream has an address, unless the peer has gone already.
    let Some(peer) = connection.info().peer_address() else {
        return;
    };
    let (drive, flow) = Drive::new(connection, next_id(), peer, None, shared.clone());
    shared.pool().insert(flow);
    drive.run(async move { stopping.requested().await }).await;
}

fn of_client(peer: SocketAddr, error: ServeError) -> Failure {
    Failure {
        direction: Direction::Incoming,
        peer: Some(peer),
        server: None,
        flow_id: None,
        cause: Cause::Serve(error),
    }
}
