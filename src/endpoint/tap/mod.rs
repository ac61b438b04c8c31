//! A stream between rustls and TCP.
//!
//! rustls shows no hello message of a connection that failed, and nothing of some extensions. So the first bytes of both
//! directions are kept until the handshake is done, as they are on the wire: no secret is among them.
//!
//! The tap also refuses two hello messages, as OpenSSL does and rustls does not: of a TLS 1.2 server without secure
//! renegotiation (RFC 5746), and of a client that fell back from TLS 1.3 (RFC 7507).

pub(super) mod hello;
mod records;
mod watch;

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use rustls::{AlertDescription, OtherError};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

use hello::Renegotiation;
use watch::Watch;

/// A stream that keeps the first bytes of both directions until the TLS handshake is done.
///
/// These bytes show why a handshake failed: the peer does not speak TLS, or only TLS 1.1, or sent an alert. After the
/// handshake the bytes are freed, and the stream underneath is used directly. In TLS 1.2 the headers of received
/// records are still inspected.
///
/// A caller meets it only as the stream inside [`Connection::into_stream`](crate::Connection::into_stream).
pub struct Tap<IO> {
    io: IO,
    /// Bytes that were read from the stream before, and are not read from the tap yet.
    read_before: Vec<u8>,
    /// `None` once the handshake is done.
    start: Option<Recording>,
    /// `None` in TLS 1.3 once the handshake is done.
    watch: Option<Box<Watch>>,
    refusals: Refusals,
    /// Whether anything came in after the handshake.
    has_more: bool,
}

/// The hello messages that OpenSSL refuses and rustls accepts. Reading one of them is an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusals {
    /// A client that falls back to an older version than TLS 1.3.
    Fallback,
    /// A TLS 1.2 server without secure renegotiation.
    LegacyRenegotiation,
    None,
}

/// The first bytes, in plaintext. They are inspected if a handshake takes too long.
#[derive(Clone, Default)]
pub(super) struct Recording(Arc<Mutex<Start>>);

/// The first bytes of both directions.
#[derive(Clone, Debug, Default)]
pub(super) struct Start {
    pub(super) received: Vec<u8>,
    pub(super) sent: Vec<u8>,
}

impl Recording {
    /// Returns what was recorded so far.
    pub(super) fn start(&self) -> Start {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Start> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<IO> Tap<IO> {
    /// How many bytes are kept of each direction. A ServerHello needs a few hundred bytes; a ClientHello with a
    /// post-quantum key share needs up to 1.8 kB.
    const MOST: usize = 2048;

    /// Begins to record.
    pub(super) fn new(io: IO, refusals: Refusals) -> Self {
        Self {
            io,
            read_before: Vec::new(),
            start: Some(Recording::default()),
            watch: Some(Box::default()),
            refusals,
            has_more: false,
        }
    }

    /// Reads these bytes before those of the stream.
    pub(super) fn after(self, read_before: Vec<u8>) -> Self {
        Self {
            read_before,
            ..self
        }
    }

    /// Returns whether anything came in after the handshake.
    pub(super) fn has_more(&self) -> bool {
        self.has_more
    }

    /// Returns the recording. After the handshake it is empty.
    pub(super) fn recording(&self) -> Recording {
        self.start.clone().unwrap_or_default()
    }

    /// Returns the stream underneath.
    pub fn get_ref(&self) -> &IO {
        &self.io
    }

    /// Returns the stream underneath. Reading from it or writing to it breaks the TLS connection.
    pub fn get_mut(&mut self) -> &mut IO {
        &mut self.io
    }

    /// Returns the stream underneath.
    pub fn into_inner(self) -> IO {
        self.io
    }

    /// Returns the first bytes of both directions; nothing after the handshake.
    pub(super) fn start(&self) -> Start {
        self.start
            .as_ref()
            .map(Recording::start)
            .unwrap_or_default()
    }

    /// Returns whether the server of a TLS 1.2 handshake was seen to support RFC 5746.
    pub(super) fn is_secure(&self) -> bool {
        let watch = self.watch.as_ref();
        watch.and_then(|watch| watch.renegotiation()) == Some(Renegotiation::Secure)
    }

    /// Returns whether the peer of a TLS 1.2 connection asked to renegotiate, which rustls never does.
    pub(super) fn asked_to_renegotiate(&self) -> bool {
        let watch = self.watch.as_ref();
        watch.is_some_and(|watch| watch.asked_to_renegotiate())
    }

    /// Ends the recording after a handshake, which led to TLS 1.2 or not.
    pub(super) fn finish(&mut self, is_tls12: bool) {
        self.start = None;
        self.watch.take_if(|_| !is_tls12);
    }
}

impl<IO: AsyncWrite + Unpin> Tap<IO> {
    /// Sends the alert with which the peer's hello is refused. Nothing is encrypted yet.
    pub(super) async fn alert(&mut self, refused: RefusedHello) {
        let alert = [21, 3, 3, 0, 2, 2, refused.alert().into()];
        // If the alert does not arrive, the peer is refused anyway.
        if self.io.write_all(&alert).await.is_ok() {
            let _ = self.io.flush().await;
        }
    }
}

/// A hello that OpenSSL refuses and rustls accepts.
#[derive(Clone, Copy, Debug)]
pub(super) enum RefusedHello {
    /// What OpenSSL calls `inappropriate fallback`.
    Fallback,
    /// What OpenSSL 3 calls `unsafe legacy renegotiation disabled`.
    LegacyRenegotiation,
}

impl RefusedHello {
    /// Returns the refused hello inside an error.
    pub(super) fn of(error: &rustls::Error) -> Option<Self> {
        match error {
            rustls::Error::Other(OtherError(inner)) => inner.downcast_ref().copied(),
            _ => None,
        }
    }

    /// Returns the refused hello inside the error of a stream.
    pub(super) fn of_io(error: &io::Error) -> Option<Self> {
        Self::of(error.get_ref()?.downcast_ref()?)
    }

    fn alert(self) -> AlertDescription {
        match self {
            Self::Fallback => AlertDescription::InappropriateFallback,
            Self::LegacyRenegotiation => AlertDescription::HandshakeFailure,
        }
    }
}

impl From<RefusedHello> for io::Error {
    fn from(refused: RefusedHello) -> Self {
        let error = rustls::Error::Other(OtherError(Arc::new(refused)));
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

impl fmt::Display for RefusedHello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fallback => {
                "the client says that it fell back from a newer version (RFC 7507), and both sides speak TLS 1.3; \
                 OpenSSL refuses it, too: `inappropriate fallback`"
            }
            Self::LegacyRenegotiation => {
                "the TLS 1.2 server does not support secure renegotiation (RFC 5746); OpenSSL 3 refuses it, too: `unsafe \
                 legacy renegotiation disabled`"
            }
        })
    }
}

impl std::error::Error for RefusedHello {}

impl<IO> fmt::Debug for Tap<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap")
            .field("is_recording", &self.start.is_some())
            .finish_non_exhaustive()
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Tap<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self {
            io,
            read_before,
            start,
            watch,
            refusals,
            has_more,
        } = self.get_mut();
        let before = buf.filled().len();
        let polled = match read_before.is_empty() {
            true => Pin::new(io).poll_read(cx, buf),
            false => {
                let count = read_before.len().min(buf.remaining());
                buf.put_slice(&read_before[..count]);
                read_before.drain(..count);
                Poll::Ready(Ok(()))
            }
        };
        let received = buf.filled().get(before..);
        *has_more |= start.is_none() && received.is_some_and(|bytes| !bytes.is_empty());
        if let Some(start) = start {
            keep(&mut start.lock().received, received, Self::MOST);
        }
        if let Some(watch) = watch {
            watch.see(received.unwrap_or_default());
            let refused = match refusals {
                Refusals::Fallback if watch.falls_back() => Some(RefusedHello::Fallback),
                Refusals::LegacyRenegotiation
                    if watch.renegotiation() == Some(Renegotiation::Legacy) =>
                {
                    Some(RefusedHello::LegacyRenegotiation)
                }
                _ => None,
            };
            if let Some(refused) = refused.filter(|_| start.is_some()) {
                buf.set_filled(before);
                return Poll::Ready(Err(refused.into()));
            }
        }
        polled
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Tap<IO> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self { io, start, .. } = self.get_mut();
        let polled = Pin::new(io).poll_write(cx, buf);
        if let (Some(start), Poll::Ready(Ok(written))) = (start, &polled) {
            keep(&mut start.lock().sent, buf.get(..*written), Self::MOST);
        }
        polled
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { io, start, .. } = self.get_mut();
        let polled = Pin::new(io).poll_write_vectored(cx, bufs);
        if let (Some(start), Poll::Ready(Ok(written))) = (start, &polled) {
            let mut start = start.lock();
            let mut left = *written;
            for buf in bufs {
                let length = buf.len().min(left);
                keep(&mut start.sent, buf.get(..length), Self::MOST);
                left -= length;
            }
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

/// Adds bytes as far as there is room. If a stream reports a wrong count, the bytes are lost.
fn keep(kept: &mut Vec<u8>, bytes: Option<&[u8]>, most: usize) {
    let bytes = bytes.unwrap_or_default();
    let room = most.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test(crate = "crate::in_time")]
    async fn the_start_of_both_directions_is_kept_and_no_more() {
        let (near, mut far) = tokio::io::duplex(1 << 16);
        let mut tap = Tap::new(near, Refusals::None);
        far.write_all(&[1; 3000]).await.unwrap();
        tap.read_exact(&mut [0; 10]).await.unwrap();
        assert_eq!(tap.start().received, [1; 10]);
        tap.read_exact(&mut [0; 2990]).await.unwrap();
        assert_eq!(tap.start().received, [1; 2048]);
        let bufs = [IoSlice::new(&[2; 3]), IoSlice::new(&[3; 4000])];
        let written = tap.write_vectored(&bufs).await.unwrap();
        tap.write_all(&[4]).await.unwrap();
        let mut sent = vec![0; written + 1];
        far.read_exact(&mut sent).await.unwrap();
        let start = sent.len().min(2048);
        assert_eq!(tap.start().sent, &sent[..start]);
    }

    #[tokio::test(crate = "crate::in_time")]
    async fn nothing_is_kept_after_the_handshake() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut tap = Tap::new(near, Refusals::None);
        tap.write_all(b"hello").await.unwrap();
        tap.finish(true);
        tap.write_all(b"secret").await.unwrap();
        far.write_all(b"secret").await.unwrap();
        tap.read_exact(&mut [0; 6]).await.unwrap();
        let start = tap.start();
        assert!(start.received.is_empty() && start.sent.is_empty());
        assert!(tap.start.is_none());
        drop(tap.into_inner());
        let mut all = Vec::new();
        far.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"hellosecret");
    }
}
