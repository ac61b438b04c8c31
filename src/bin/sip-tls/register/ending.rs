//! How the lines learn that the program ends: each takes its registration back.

use tokio::sync::watch;

/// Asks all lines to end.
pub(super) struct Ending(watch::Sender<bool>);

/// Receives the request of [`Ending`].
#[derive(Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Ending {
    pub(super) fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    pub(super) fn request(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits until the program is to end.
    pub(super) async fn requested(&mut self) {
        // If the sender is gone, the program ends, too.
        let _ = self.0.wait_for(|is_requested| *is_requested).await;
    }
}
