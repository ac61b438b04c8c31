//! The lines of the standard input.

use std::io::stdin;
use std::thread;

use tokio::sync::mpsc;

/// Returns a receiver that gets an item for each line. A thread reads the lines, because a pending read must not keep
/// the program from ending.
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
