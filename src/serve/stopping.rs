//! How handlers learn that the server ends.

use tokio::sync::watch;

/// Tells the handler of a connection that its server ends.
///
/// A handler that waits for messages waits for [`requested`](Self::requested) as well, and then
/// says goodbye to its peer.
///
/// ```
/// use sip_tls::{Connection, Stopping};
/// use tokio::io::AsyncReadExt;
/// use tokio::net::TcpStream;
///
/// async fn handle(mut connection: Connection<TcpStream>, mut stopping: Stopping) {
///     let mut messages = Vec::new();
///     loop {
///         tokio::select! {
///             () = stopping.requested() => break,
///             read = connection.read_buf(&mut messages) => match read {
///                 Ok(1..) => println!("{} bytes", messages.len()),
///                 _ => break,
///             },
///         }
///     }
/// }
/// # let _ = handle;
/// ```
#[derive(Clone, Debug)]
pub struct Stopping(watch::Receiver<bool>);

/// The other end of [`Stopping`].
#[derive(Debug)]
pub(super) struct Stop(watch::Sender<bool>);

impl Stopping {
    /// Waits until the server ends. It is safe to cancel.
    ///
    /// If the end was requested before, it returns at once.
    pub async fn requested(&mut self) {
        // Without a sender there is no server any more, so an error is ignored.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }

    /// Returns whether the server ends.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }
}

impl Stop {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(super) fn listener(&self) -> Stopping {
        Stopping(self.0.subscribe())
    }

    pub(super) fn request(&self) {
        self.0.send_replace(true);
    }
}
