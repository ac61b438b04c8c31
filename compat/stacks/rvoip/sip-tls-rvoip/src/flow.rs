//! An established connection. A single task owns it, reads and writes.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use rvoip_sip_core::Message;
use rvoip_sip_transport::transport::TransportType;
use rvoip_sip_transport::{
    Error, Result, TlsPeerIdentity, TransportConnectionMetadata, TransportEvent, TransportFlowId,
};
use sha2::{Digest, Sha256};
use sip_tls::Connection;
use sip_tls::verify::Direction;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Sleep, sleep, timeout};
use tokio_util::sync::PollSender;

use crate::builder::Bounds;
use crate::failure::{Cause, Failure};
use crate::frame::Frame;
use crate::shared::Shared;

/// The sending end of an established connection.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) id: TransportFlowId,
    pub(crate) peer: SocketAddr,
    queue: mpsc::Sender<Bytes>,
}

impl Flow {
    /// Queues bytes, and never waits: a peer that does not read must not block rvoip.
    pub(crate) fn send(&self, bytes: Bytes) -> Result<()> {
        self.queue.try_send(bytes).map_err(|error| match error {
            mpsc::error::TrySendError::Closed(_) => Error::ConnectionClosedByPeer(self.peer),
            mpsc::error::TrySendError::Full(_) => Error::BufferCapacityExceeded,
        })
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.queue.is_closed()
    }
}

/// The task of a connection.
pub(crate) struct Drive {
    connection: Connection<TcpStream>,
    flow: TransportFlowId,
    peer: SocketAddr,
    /// The host that the peer was checked for.
    server: Option<String>,
    local: SocketAddr,
    shared: Arc<Shared>,
    metadata: Option<TransportConnectionMetadata>,
    received: BytesMut,
    has_received: bool,
    /// Whether we have sent something since the last message of the peer.
    awaits: bool,
    /// An event for which rvoip has no room yet. Until it is sent, nothing is read.
    event: Option<TransportEvent>,
    events: PollSender<TransportEvent>,
    queue: mpsc::Receiver<Bytes>,
    writing: Writing,
}

/// The bytes that are being written.
#[derive(Default)]
struct Writing {
    bytes: BytesMut,
    is_dirty: bool,
    limit: Option<Pin<Box<Sleep>>>,
}

/// Why a connection ended.
enum End {
    /// The peer closed the connection.
    Closed,
    Failed(Cause),
    /// The receiver of the events was dropped.
    Unheard,
}

impl Drive {
    pub(crate) fn new(
        connection: Connection<TcpStream>,
        flow: TransportFlowId,
        peer: SocketAddr,
        server: Option<String>,
        shared: Arc<Shared>,
    ) -> (Self, Flow) {
        (shared.tellers.connection)(&connection, flow);
        let (sender, queue) = mpsc::channel(QUEUE);
        let local = connection.transport().local_addr();
        let drive = Self {
            flow,
            peer,
            server,
            local: local.unwrap_or(shared.local),
            metadata: metadata(&connection),
            received: BytesMut::new(),
            has_received: false,
            awaits: false,
            event: None,
            events: PollSender::new(shared.events.clone()),
            queue,
            writing: Writing::default(),
            connection,
            shared,
        };
        let queue = sender;
        let id = flow;
        (drive, Flow { id, peer, queue })
    }

    /// Runs until the connection ends or `closing` is ready.
    pub(crate) async fn run(mut self, closing: impl Future<Output = ()>) {
        let end = tokio::select! {
            end = poll_fn(|cx| self.poll(cx)) => Some(end),
            () = closing => None,
        };
        // A flow that has ended must not be found any more when others learn of its end.
        self.shared.pool().remove(self.flow);
        self.queue.close();
        match end {
            Some(End::Failed(cause)) => self.tell(cause),
            Some(End::Closed) if self.awaits && self.is_outgoing() => self.tell(Cause::Closed),
            // A peer that has gone already is ignored.
            _ => drop(timeout(FAREWELL, self.finish()).await),
        }
        let closed = TransportEvent::ConnectionClosed {
            remote_addr: self.peer,
            transport_type: TransportType::Tls,
            flow_id: Some(self.flow),
        };
        let _ = self.shared.events.send(closed).await;
    }

    /// Sends what is left in the queue, and closes the connection.
    async fn finish(&mut self) -> io::Result<()> {
        poll_fn(|cx| {
            while ready!(self.poll_write(cx)).is_ok() {}
            Poll::Ready(())
        })
        .await;
        self.connection.shutdown().await
    }

    fn is_outgoing(&self) -> bool {
        self.connection.info().direction() == Direction::Outgoing
    }

    fn tell(&self, cause: Cause) {
        self.shared.tell(Failure {
            direction: self.connection.info().direction(),
            peer: Some(self.peer),
            server: self.server.clone(),
            flow_id: Some(self.flow),
            cause,
        });
    }

    /// Makes all possible progress, in both directions.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            let wrote = self.poll_write(cx);
            if let Poll::Ready(Err(end)) = wrote {
                return Poll::Ready(end);
            }
            let read = self.poll_read(cx);
            if let Poll::Ready(Err(end)) = read {
                return Poll::Ready(end);
            }
            if wrote.is_pending() && read.is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Reads, and sends one event to rvoip.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), End>> {
        if self.event.is_some() {
            return self.poll_event(cx);
        }
        match Frame::take(&mut self.received, self.shared.bounds.message) {
            Err(cause) => return Poll::Ready(Err(End::Failed(cause))),
            Ok(Some(frame)) => {
                self.take(frame);
                return Poll::Ready(Ok(()));
            }
            Ok(None) => {}
        }
        let mut bytes = [0; 4096];
        let mut buffer = ReadBuf::new(&mut bytes);
        let read = ready!(Pin::new(&mut self.connection).poll_read(cx, &mut buffer));
        Poll::Ready(match read {
            Ok(()) if buffer.filled().is_empty() => Err(End::Closed),
            Ok(()) => {
                self.has_received = true;
                self.received.extend_from_slice(buffer.filled());
                Ok(())
            }
            // Many peers end a connection like this. If nothing was received before, it may be a refusal.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && self.has_received => {
                Err(End::Closed)
            }
            Err(error) => Err(self.broken(error)),
        })
    }

    /// Sends the event to rvoip when there is room.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), End>> {
        let mut is_heard = ready!(self.events.poll_reserve(cx)).is_ok();
        if let Some(event) = self.event.take().filter(|_| is_heard) {
            is_heard = self.events.send_item(event).is_ok();
        }
        Poll::Ready(match is_heard {
            true => Ok(()),
            false => Err(End::Unheard),
        })
    }

    fn take(&mut self, frame: Frame) {
        match frame {
            Frame::Message(message, bytes) => {
                self.awaits = false;
                self.event = Some(self.message(*message, bytes));
            }
            Frame::Ping => self.writing.add(b"\r\n", self.shared.bounds),
            Frame::Pong => {
                self.event = Some(TransportEvent::KeepAlivePongReceived {
                    source: self.peer,
                    destination: self.local,
                    flow_id: Some(self.flow),
                });
            }
        }
    }

    fn message(&self, message: Message, bytes: Bytes) -> TransportEvent {
        TransportEvent::MessageReceived {
            message,
            source: self.peer,
            destination: self.local,
            transport_type: TransportType::Tls,
            flow_id: Some(self.flow),
            raw_bytes: Some(bytes),
            timing: None,
            connection_metadata: self.metadata.clone(),
        }
    }

    /// Takes bytes from the queue, and writes them.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), End>> {
        if self.writing.is_idle() {
            return Poll::Ready(match ready!(self.queue.poll_recv(cx)) {
                Some(bytes) => {
                    self.awaits = true;
                    self.writing.add(&bytes, self.shared.bounds);
                    Ok(())
                }
                // Nothing more can be queued.
                None => Err(End::Closed),
            });
        }
        match self.writing.poll(&mut self.connection, cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.broken(error))),
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Pending => match self.writing.poll_limit(cx) {
                Poll::Ready(()) => Poll::Ready(Err(End::Failed(Cause::Stalled))),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    /// Returns the reason of an error. If a write fails, the alert of a server that refuses us may still have to be
    /// read.
    fn broken(&mut self, error: io::Error) -> End {
        let failure = self.connection.failure(error);
        if failure.alert().is_none() && !self.has_received {
            let mut bytes = [0; 4096];
            let mut buffer = ReadBuf::new(&mut bytes);
            let mut cx = Context::from_waker(std::task::Waker::noop());
            if let Poll::Ready(Err(error)) =
                Pin::new(&mut self.connection).poll_read(&mut cx, &mut buffer)
            {
                let later = self.connection.failure(error);
                if later.alert().is_some() {
                    return End::Failed(Cause::Connect(later));
                }
            }
        }
        End::Failed(Cause::Connect(failure))
    }
}

impl Writing {
    fn is_idle(&self) -> bool {
        self.bytes.is_empty() && !self.is_dirty
    }

    fn add(&mut self, bytes: &[u8], bounds: Bounds) {
        self.bytes.extend_from_slice(bytes);
        let limit = || Box::pin(sleep(bounds.write));
        self.limit.get_or_insert_with(limit);
    }

    fn poll(
        &mut self,
        connection: &mut Connection<TcpStream>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(connection);
        while !self.bytes.is_empty() {
            let count = ready!(stream.as_mut().poll_write(cx, &self.bytes))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.bytes.advance(count);
            self.is_dirty = true;
        }
        ready!(stream.poll_flush(cx))?;
        self.is_dirty = false;
        self.limit = None;
        Poll::Ready(Ok(()))
    }

    fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.limit {
            Some(limit) => limit.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

/// The identity of a client whose certificate was accepted, in rvoip's form.
fn metadata(connection: &Connection<TcpStream>) -> Option<TransportConnectionMetadata> {
    let is_client = connection.info().direction() == Direction::Incoming;
    let is_accepted = connection.verify_status()?.is_accepted();
    let certificates = connection.peer_certificates();
    let leaf = certificates.first().filter(|_| is_client && is_accepted)?;
    let digest = Sha256::digest(leaf);
    let hexadecimal = digest.iter().map(|byte| format!("{byte:02x}"));
    Some(TransportConnectionMetadata {
        tls_peer_identity: TlsPeerIdentity {
            leaf_certificate_sha256: hexadecimal.collect(),
            presented_chain_len: certificates.len(),
        },
    })
}

/// The number of messages that may wait for a connection.
const QUEUE: usize = 64;
const FAREWELL: Duration = Duration::from_secs(1);
