//! The lines of the standard input.

use std::io::stdin;
use std::thread;

use tokio::sync::mpsc;

/// Receives something for each line. A thread reads them: a pending read must not keep the program from ending.
pub(crate) fn lines() -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel(1);
    thread::spawn(move || {
        for line in stdin().lines() {
            if line.is_err() || sender.blocking_send(()).is_err() {
                return;
            }
        }
    });
    receiver
}
