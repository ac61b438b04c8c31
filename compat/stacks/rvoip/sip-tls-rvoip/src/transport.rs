//! The transport for rvoip.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use rvoip_sip_core::Message;
use rvoip_sip_core::validation::validate_typed_outbound_message;
use rvoip_sip_transport::transport::TransportType;
use rvoip_sip_transport::{
    Error, Result, Transport, TransportEvent, TransportFlowId, TransportRoute,
    transport_authority_for_request,
};
use sip_tls::Endpoint;
use tokio::sync::broadcast;

use crate::builder::Builder;
use crate::dial::{Target, reach};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::shared::Shared;

/// A [`Transport`] of rvoip over an [`Endpoint`].
///
/// A request uses a connection whose server was checked for the host of the request: the host of a loose first
/// `Route`, or else the host of the Request-URI. If there is no such connection, one is made and kept for later
/// requests. A response uses the connection of its request, and no other.
///
/// After [`Endpoint::reload`], requests that have no connection of their own use connections that were made since
/// then.
///
/// Clones are the same transport. It is closed when the last clone is dropped, or by [`close`](Transport::close).
#[derive(Clone, Debug)]
pub struct EndpointTransport(Arc<Owner>);

/// Closes the transport when its last user drops it.
struct Owner(Arc<Shared>);

impl EndpointTransport {
    /// Returns a builder for a transport.
    pub fn builder(endpoint: Endpoint) -> Builder {
        Builder::new(endpoint)
    }

    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(Arc::new(Owner(shared)))
    }

    /// Returns a receiver of all later connections that fail or break. A receiver that is too slow misses some of
    /// them.
    ///
    /// rvoip's own errors and events do not give the reason. If a connection ends, a client transaction of rvoip goes
    /// on until its timer ends it after 32 seconds, but the failure is reported here at once. It is also reported here
    /// if a server refuses our certificate after the handshake, as in TLS 1.3.
    pub fn failures(&self) -> broadcast::Receiver<Arc<Failure>> {
        self.shared().failures.subscribe()
    }

    /// Returns why the last connection to this address failed or broke. `None` if a connection was made since then.
    /// The last 64 servers are remembered.
    pub fn last_failure(&self, destination: SocketAddr) -> Option<Arc<Failure>> {
        self.shared().last_failure(destination)
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.0.0
    }

    fn target(&self, route: &TransportRoute) -> Option<Target> {
        let authority = route.authority.as_ref()?;
        Some(Target::new(self.shared(), authority, route.destination))
    }

    fn existing(&self, route: &TransportRoute) -> Option<Flow> {
        let target = self.target(route);
        self.shared().pool().of_route(route, target.as_ref())
    }

    /// Returns the connection for a route. If the route names no flow, a connection may be made.
    async fn flow(&self, route: &TransportRoute) -> Result<Flow> {
        if self.shared().is_closed() {
            return Err(Error::TransportClosed);
        }
        if route.flow_id.is_some() {
            let gone = Error::ConnectionClosedByPeer(route.destination);
            return self.existing(route).ok_or(gone);
        }
        let nameless =
            || Error::InvalidState("the route has neither a flow nor an authority".to_owned());
        let target = self.target(route).ok_or_else(nameless)?;
        reach(self.shared(), target).await
    }

    async fn send(&self, bytes: Bytes, mut route: TransportRoute) -> Result<TransportRoute> {
        let flow = self.flow(&route).await?;
        flow.send(bytes)?;
        route.transport_type = Some(TransportType::Tls);
        route.flow_id = Some(flow.id);
        Ok(route)
    }
}

#[async_trait]
impl Transport for EndpointTransport {
    fn local_addr(&self) -> Result<SocketAddr> {
        Ok(self.shared().local)
    }

    async fn send_message(&self, message: Message, destination: SocketAddr) -> Result<()> {
        let route = TransportRoute::new(destination);
        let route = match &message {
            Message::Request(request) => {
                route.with_authority(transport_authority_for_request(request)?)
            }
            Message::Response(_) => route,
        };
        self.send_message_via(message, route).await
    }

    async fn send_message_via(&self, message: Message, route: TransportRoute) -> Result<()> {
        let sent = self.send_message_on_route(message, route).await;
        sent.map(|_| ())
    }

    async fn prepare_message_route(
        &self,
        message: &Message,
        mut route: TransportRoute,
    ) -> Result<TransportRoute> {
        validate(message)?;
        require_flow(message, &route)?;
        route.flow_id = Some(self.flow(&route).await?.id);
        route.transport_type = Some(TransportType::Tls);
        Ok(route)
    }

    async fn send_message_on_route(
        &self,
        message: Message,
        route: TransportRoute,
    ) -> Result<TransportRoute> {
        validate(&message)?;
        require_flow(&message, &route)?;
        self.send(message.to_bytes().into(), route).await
    }

    fn flow_id_for_route(&self, route: &TransportRoute) -> Option<TransportFlowId> {
        self.existing(route).map(|flow| flow.id)
    }

    async fn close(&self) -> Result<()> {
        if self.shared().close() {
            let closed = self.shared().events.send(TransportEvent::Closed);
            // It may be that the events are no longer read.
            let _ = tokio::time::timeout(std::time::Duration::from_secs(1), closed).await;
        }
        Ok(())
    }

    fn is_closed(&self) -> bool {
        self.shared().is_closed()
    }

    fn supports_udp(&self) -> bool {
        false
    }

    fn supports_tls(&self) -> bool {
        true
    }

    fn default_transport_type(&self) -> TransportType {
        TransportType::Tls
    }

    fn get_connection_count(&self, _transport_type: TransportType) -> usize {
        self.shared().pool().len()
    }

    fn has_connection_to(&self, remote_addr: SocketAddr) -> bool {
        self.shared().pool().to(remote_addr).next().is_some()
    }

    async fn send_raw(&self, destination: SocketAddr, data: Bytes) -> Result<()> {
        self.send_raw_via(TransportRoute::new(destination), data)
            .await
    }

    async fn send_raw_via(&self, route: TransportRoute, data: Bytes) -> Result<()> {
        match route.flow_id {
            Some(_) => self.send(data, route).await.map(|_| ()),
            None => Err(Error::InvalidState("the route has no flow".to_owned())),
        }
    }

    async fn send_message_raw(&self, bytes: Bytes, destination: SocketAddr) -> Result<()> {
        self.send_message_raw_via(bytes, TransportRoute::new(destination))
            .await
    }

    async fn send_message_raw_via(&self, bytes: Bytes, route: TransportRoute) -> Result<()> {
        self.send(bytes, route).await.map(|_| ())
    }
}

fn validate(message: &Message) -> Result<()> {
    let unsafe_message = |_| Error::ProtocolError("the message is not safe to send".to_owned());
    validate_typed_outbound_message(message).map_err(unsafe_message)
}

/// Checks that a response has a flow: it must not go to another peer at the same address.
fn require_flow(message: &Message, route: &TransportRoute) -> Result<()> {
    match message {
        Message::Response(_) if route.flow_id.is_none() => Err(Error::InvalidState(
            "a response needs the flow of its request".to_owned(),
        )),
        _ => Ok(()),
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointTransport")
            .field("endpoint", &self.0.endpoint)
            .field("local", &self.0.local)
            .finish_non_exhaustive()
    }
}
