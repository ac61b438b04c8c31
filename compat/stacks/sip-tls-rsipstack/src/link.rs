//! One connection, between the stack and the network.

use std::future::Future;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::{Mutex, Once};
use std::time::Duration;

use futures_util::StreamExt;
use rsipstack::platform::mpsc;
use rsipstack::sip::{
    Header, HeadersExt, Method, Request, Response, SipMessage, StatusCode, ToTypedHeader, Transport,
};
use rsipstack::transaction::endpoint::EndpointInner;
use rsipstack::transport::channel::ChannelConnection;
use rsipstack::transport::connection::KEEPALIVE_RESPONSE;
use rsipstack::transport::stream::{SipCodec, SipCodecType};
use rsipstack::transport::{SipAddr, SipConnection, TransportEvent};
use sip_tls::Connection;
use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::codec::FramedRead;

use super::end::End;
use super::pending::Pending;
use super::{By, CancellationToken, TlsTransport, channel, lock, tls_address};

/// A connection that the stack knows.
pub(crate) struct Link {
    connection: Connection<TcpStream>,
    idle: Duration,
    line: Line,
}

/// The channels to and from the stack.
struct Line {
    entry: Entry,
    remote: SipAddr,
    to_stack: mpsc::UnboundedSender<TransportEvent>,
    from_stack: mpsc::Receiver<TransportEvent>,
    retired: CancellationToken,
}

type Reader = FramedRead<ReadHalf<Connection<TcpStream>>, SipCodec>;
type Writer = WriteHalf<Connection<TcpStream>>;

impl Link {
    /// Adds a connection to the stack. `None` if the stack no longer exists, or if a client would take the place of a
    /// server.
    pub(crate) fn new(
        transport: &TlsTransport,
        connection: Connection<TcpStream>,
        peer: SocketAddr,
        by: By,
    ) -> Option<Self> {
        let sip = transport.sip()?;
        let remote = tls_address(peer);
        let (to_stack, incoming) = mpsc::unbounded_channel();
        let (outgoing, from_stack) = mpsc::channel(MOST_UNSENT);
        let retired = CancellationToken::new();
        let channel = channel(ChannelConnection::create_connection_bounded(
            incoming,
            outgoing,
            remote.clone(),
            Some(retired.clone()),
        ))?;
        Some(Self {
            connection,
            idle: sip.transport_layer.stream_idle_timeout(),
            line: Line {
                entry: Entry::new(transport, &sip, peer, by, channel)?,
                remote,
                to_stack,
                from_stack,
                retired,
            },
        })
    }

    /// Carries messages until the connection ends, the stack gives the connection up, or `end` is ready.
    pub(crate) async fn run(self, end: impl Future<Output = ()>) {
        let mut line = self.line;
        let (read, mut writer) = tokio::io::split(self.connection);
        let mut reader = FramedRead::new(read, SipCodec::new());
        let pending = Mutex::new(Pending::default());
        let (pong, pongs) = mpsc::channel(1);
        let inbound = Inbound {
            entry: &line.entry,
            remote: &line.remote,
            idle: self.idle,
            to_stack: &line.to_stack,
            pending: &pending,
            pong,
        };
        let outbound = Outbound {
            transport: &line.entry.transport,
            remote: &line.remote,
            pending: &pending,
            pongs,
        };
        let ended = tokio::select! {
            biased;
            ended = inbound.carry(&mut reader) => ended,
            ended = outbound.carry(&mut writer, &mut line.from_stack) => match ended {
                // Data that can still be read may contain the reason.
                End::Broken(error) => inbound.last_word(&mut reader).await.unwrap_or(End::Broken(error)),
                ended => ended,
            },
            () = line.retired.cancelled() => End::Asked,
            () = end => End::Asked,
        };
        let mut connection = reader.into_inner().unsplit(writer);
        let end = match ended {
            End::Broken(error) => End::of(error, &connection),
            end => end,
        };
        line.entry.transport.tell(line.entry.peer, &end);
        let farewell = async {
            // A peer that does not read is not waited for.
            let _ = timeout(FAREWELL, connection.shutdown()).await;
        };
        tokio::join!(line.finish(&end, &pending), farewell);
    }
}

impl Line {
    /// Answers the requests that wait, and removes the connection from the stack.
    async fn finish(&mut self, end: &End, pending: &Mutex<Pending>) {
        let waiting = lock(pending).take();
        waiting.for_each(|request| self.answer(&request, end));
        if matches!(end, End::Refused(_)) {
            // The requests for which the connection was made may still come. They must not open another connection.
            let retired = self.retired.clone();
            let lingering = async {
                while let Some(event) = self.from_stack.recv().await {
                    self.answer_event(event, end);
                }
            };
            tokio::select! {
                _ = timeout(LINGER, lingering) => {}
                () = retired.cancelled() => {}
            }
        }
        self.entry.withdraw();
        self.from_stack.close();
        while let Ok(event) = self.from_stack.try_recv() {
            self.answer_event(event, end);
        }
    }

    fn answer_event(&self, event: TransportEvent, end: &End) {
        if let TransportEvent::Incoming(SipMessage::Request(request), ..) = event {
            self.answer(&request, end);
        }
    }

    fn answer(&self, request: &Request, end: &End) {
        if let Some(sip) = self.entry.transport.sip()
            && request.method != Method::Ack
        {
            let response = answer(&sip, request, end).into();
            let (channel, remote) = (self.entry.channel.clone(), self.remote.clone());
            let event = TransportEvent::Incoming(response, channel, remote);
            // The receiver may have been dropped.
            let _ = self.to_stack.send(event);
        }
    }
}

/// From the network to the stack.
struct Inbound<'a> {
    entry: &'a Entry,
    remote: &'a SipAddr,
    idle: Duration,
    to_stack: &'a mpsc::UnboundedSender<TransportEvent>,
    pending: &'a Mutex<Pending>,
    pong: mpsc::Sender<()>,
}

impl Inbound<'_> {
    async fn carry(&self, reader: &mut Reader) -> End {
        loop {
            let message = match self.next(reader).await {
                ControlFlow::Continue(SipCodecType::Message(message)) => message,
                ControlFlow::Continue(SipCodecType::KeepaliveRequest) => {
                    // One pong in the queue is enough.
                    let _ = self.pong.try_send(());
                    continue;
                }
                ControlFlow::Continue(SipCodecType::KeepaliveResponse) => continue,
                ControlFlow::Break(end) => return end,
            };
            if let SipMessage::Response(response) = &message {
                lock(self.pending).received(response);
            }
            match SipConnection::update_msg_received(message, self.entry.peer, Transport::Tls) {
                Ok(message) => self.pass(message),
                Err(error) => return End::NoSip(error),
            }
        }
    }

    async fn next(&self, reader: &mut Reader) -> ControlFlow<End, SipCodecType> {
        let next = match self.idle.is_zero() {
            true => reader.next().await,
            false => match timeout(self.idle, reader.next()).await {
                Ok(next) => next,
                Err(_) => return ControlFlow::Break(End::Idle(self.idle)),
            },
        };
        match next {
            Some(Ok(item)) => ControlFlow::Continue(item),
            Some(Err(rsipstack::Error::IoError(error))) => ControlFlow::Break(End::Broken(error)),
            Some(Err(error)) => ControlFlow::Break(End::NoSip(error)),
            None => ControlFlow::Break(End::Closed),
        }
    }

    fn pass(&self, message: SipMessage) {
        let (channel, remote) = (self.entry.channel.clone(), self.remote.clone());
        let event = TransportEvent::Incoming(message, channel, remote);
        // Without a stack, the connection ends anyway.
        let _ = self.to_stack.send(event);
    }

    /// Reads the data that was received before a connection broke.
    async fn last_word(&self, reader: &mut Reader) -> Option<End> {
        match timeout(LAST_WORD, self.carry(reader)).await {
            Ok(ended @ End::Broken(_)) => Some(ended),
            _ => None,
        }
    }
}

/// From the stack to the network.
struct Outbound<'a> {
    transport: &'a TlsTransport,
    remote: &'a SipAddr,
    pending: &'a Mutex<Pending>,
    pongs: mpsc::Receiver<()>,
}

impl Outbound<'_> {
    async fn carry(
        mut self,
        writer: &mut Writer,
        from_stack: &mut mpsc::Receiver<TransportEvent>,
    ) -> End {
        loop {
            let bytes = tokio::select! {
                event = from_stack.recv() => match event {
                    Some(TransportEvent::Incoming(message, ..)) => self.bytes_of(message),
                    Some(_) => continue,
                    None => return End::Asked,
                },
                Some(()) = self.pongs.recv() => KEEPALIVE_RESPONSE.to_vec(),
            };
            let written = async {
                writer.write_all(&bytes).await?;
                writer.flush().await
            };
            if let Err(error) = written.await {
                return End::Broken(error);
            }
        }
    }

    fn bytes_of(&self, mut message: SipMessage) -> Vec<u8> {
        if let SipMessage::Request(request) = &mut message {
            self.correct_via(request);
            lock(self.pending).sent(request, self.transport);
        }
        message.to_bytes()
    }

    /// Replaces the peer's address in a Via by our own.
    fn correct_via(&self, request: &mut Request) {
        let via = request.via_header().ok().and_then(|via| via.typed().ok());
        if let Some(mut via) = via.filter(|via| via.uri.host_with_port == self.remote.addr) {
            via.uri.host_with_port = self.transport.0.own.addr.clone();
            if let Ok(header) = request.via_header_mut() {
                *header = via.into();
            }
        }
    }
}

/// The answer to a request that gets no other answer (RFC 3261, section 8.1.3.1; for the header, RFC 3326).
fn answer(sip: &EndpointInner, request: &Request, end: &End) -> Response {
    let mut response = sip.make_response(request, StatusCode::ServiceUnavailable, None);
    let text = end.to_string();
    let cause = end.alert().map(|alert| format!(";cause={alert}"));
    let cause = cause.unwrap_or_default();
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    let reason = format!("TLS{cause};text=\"{quoted}\"");
    response.headers.push(Header::Reason(reason.into()));
    response.wire_reason = Some(text);
    response
}

/// A connection in the stack. It is removed when this value is dropped.
struct Entry {
    transport: TlsTransport,
    peer: SocketAddr,
    by: By,
    /// The connection in the stack's form.
    channel: SipConnection,
    withdrawn: Once,
}

impl Entry {
    fn new(
        transport: &TlsTransport,
        sip: &EndpointInner,
        peer: SocketAddr,
        by: By,
        channel: SipConnection,
    ) -> Option<Self> {
        let mut live = lock(&transport.0.live);
        let known = live.entry(peer).or_default();
        if matches!(by, By::Peer) && known.by_us > 0 {
            return None;
        }
        *known.count_mut(by) += 1;
        // This is done under the lock, because the stack uses the connection that was added last.
        sip.transport_layer.add_connection(channel.clone());
        drop(live);
        Some(Self {
            transport: transport.clone(),
            peer,
            by,
            channel,
            withdrawn: Once::new(),
        })
    }

    fn withdraw(&self) {
        self.withdrawn.call_once(|| {
            if let Some(sip) = self.transport.sip() {
                sip.transport_layer.remove_connection(&self.channel);
            }
            let mut live = lock(&self.transport.0.live);
            if let Some(known) = live.get_mut(&self.peer) {
                *known.count_mut(self.by) -= 1;
                if known.by_us + known.by_peer == 0 {
                    live.remove(&self.peer);
                }
            }
        });
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// The number of messages that may wait to be sent.
const MOST_UNSENT: usize = 64;
/// The time to read an alert that was sent before the connection broke.
const LAST_WORD: Duration = Duration::from_millis(500);
/// The time in which no new connection is made to a server that refused us.
const LINGER: Duration = Duration::from_secs(1);
const FAREWELL: Duration = Duration::from_secs(1);
