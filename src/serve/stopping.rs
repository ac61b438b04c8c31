use tokio::sync::watch;

/// Tells the handler of a connection that its server ends.
#[derive(Clone, Debug)]
pub struct Stopping(watch::Receiver<bool>);

/// The other end of [`Stopping`].
#[derive(Debug)]
pub(super) struct Stop(watch::Sender<bool>);

impl Stopping {
    /// Waits until the server ends. It is safe to cancel.
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
