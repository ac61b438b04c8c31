//! Lines that are printed by a thread of their own, so that a slow reader blocks nothing else.
//!
//! A pipe that nobody reads fills up, and the next write waits. That must not stop a server. So lines are dropped
//! rather than waited for, and their number is printed when there is room again.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel,
};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The sending end of the queue. If the queue is full, lines are left out and counted.
#[derive(Clone)]
pub(crate) struct Queue {
    lines: SyncSender<Vec<u8>>,
    left_out: Arc<AtomicU64>,
}

/// The thread that prints.
pub(crate) struct Printing(Mutex<Receiver<io::Result<()>>>);

impl Queue {
    /// Starts the thread that prints. `told` makes the line that says how many lines were left out.
    pub(crate) fn start(
        output: impl Write + Send + 'static,
        told: fn(u64) -> String,
    ) -> (Self, Printing) {
        let (lines, waiting) = sync_channel(MOST);
        let (done, printing) = channel();
        let left_out = Arc::new(AtomicU64::new(0));
        let counter = left_out.clone();
        thread::spawn(move || {
            // Nobody may be waiting for the result.
            let _ = done.send(print(output, &waiting, &counter, told));
        });
        (Self { lines, left_out }, Printing(Mutex::new(printing)))
    }

    /// Queues a line, or leaves it out if the queue is full.
    pub(crate) fn line(&self, mut line: String) {
        line.push('\n');
        self.put(line.into_bytes());
    }

    /// Never waits.
    fn put(&self, line: Vec<u8>) {
        // If the thread has ended, nothing can be printed. The thread's result tells why.
        if let Err(TrySendError::Full(_)) = self.lines.try_send(line) {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Each event of a log arrives in one piece.
impl Write for Queue {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.put(event.to_vec());
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Says how many lines were left out. `what` is the noun for one of them.
pub(crate) fn left_out(count: u64, what: &str) -> String {
    let lines = match count {
        1 => format!("1 {what} was"),
        _ => format!("{count} {what}s were"),
    };
    format!("{lines} left out, because the reader was too slow")
}

impl Printing {
    /// Waits a while until everything is printed, once all senders of the queue are dropped.
    pub(crate) fn end(self) -> io::Result<()> {
        let printing = self.0.into_inner();
        match printing.map(|printing| printing.recv_timeout(FAREWELL)) {
            Ok(Ok(result)) => result,
            // A reader that does not read now may never read.
            Ok(Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)) | Err(_) => Ok(()),
        }
    }
}

/// The thread: prints until all senders are gone.
fn print(
    mut output: impl Write,
    lines: &Receiver<Vec<u8>>,
    left_out: &AtomicU64,
    told: fn(u64) -> String,
) -> io::Result<()> {
    let mut result = Ok(());
    while let Ok(line) = lines.recv() {
        write(&mut output, &line, &mut result);
        let count = left_out.swap(0, Ordering::Relaxed);
        if count > 0 {
            let told = format!("{}\n", told(count));
            write(&mut output, told.as_bytes(), &mut result);
        }
    }
    result
}

/// Prints a line. Only the first error is kept. A reader that closes the pipe early, such as `head`, causes no error.
///
/// The thread goes on after an error, so that no sender ever meets a full queue because of it.
fn write(output: &mut impl Write, line: &[u8], result: &mut io::Result<()>) {
    let written = output.write_all(line).and_then(|()| output.flush());
    let is_told = |error: &io::Error| error.kind() != io::ErrorKind::BrokenPipe;
    if let Err(error) = written
        && is_told(&error)
        && result.is_ok()
    {
        *result = Err(error);
    }
}

/// The most lines in the queue. A line has a few hundred bytes.
const MOST: usize = 4096;
const FAREWELL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::Sender;
    use std::time::Instant;

    /// An output that accepts nothing while the test holds it.
    struct Held {
        holder: Receiver<()>,
        written: Sender<String>,
    }

    impl Write for Held {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let _ = self.holder.recv_timeout(HELD);
            let text = String::from_utf8(line.to_vec()).unwrap();
            self.written.send(text).unwrap();
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The longest time that it is held, so that no test hangs.
    const HELD: Duration = Duration::from_secs(30);

    fn told(count: u64) -> String {
        format!("left out: {count}")
    }

    #[test]
    fn one_line_that_was_left_out_is_in_the_singular() {
        for (count, text) in [
            (1, "1 event was left out, because the reader was too slow"),
            (2, "2 events were left out, because the reader was too slow"),
        ] {
            assert_eq!(left_out(count, "event"), text);
        }
    }

    #[test]
    fn what_the_queue_has_no_room_for_is_left_out_and_counted() {
        let (hold, holder) = channel();
        let (written, lines) = channel();
        let (queue, printing) = Queue::start(Held { holder, written }, told);
        let count = MOST + 100;
        for number in 0..count {
            queue.line(number.to_string());
        }
        drop((hold, queue));
        printing.end().unwrap();
        let lines: Vec<_> = lines.iter().collect();
        let (told, printed): (Vec<_>, Vec<_>) = lines
            .iter()
            .map(|line| line.trim_end())
            .partition(|line| line.starts_with("left out: "));
        let left_out = told.iter().map(|line| line[10..].parse::<usize>().unwrap());
        assert_eq!(left_out.sum::<usize>() + printed.len(), count);
        // The thread may have taken one line before it was held.
        assert!((MOST..=MOST + 1).contains(&printed.len()), "{told:?}");
        assert_eq!(printed[..3], ["0", "1", "2"]);
    }

    #[test]
    fn nobody_waits_for_a_reader_who_never_reads() {
        let (_hold, holder) = channel();
        let (written, _lines) = channel();
        let (queue, printing) = Queue::start(Held { holder, written }, told);
        queue.line("never read".to_owned());
        drop(queue);
        let began = Instant::now();
        printing.end().unwrap();
        assert!(began.elapsed() < HELD);
    }

    #[test]
    fn the_first_error_of_the_output_is_told_in_the_end() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (queue, printing) = Queue::start(Full, told);
        queue.line("one".to_owned());
        drop(queue);
        let error = printing.end().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
