//! Lines of a terminal that are redrawn in place.
//!
//! The codes are those of ECMA-48, which all terminals know. Nothing is assumed about the rest of the screen: lines are
//! drawn over those that were drawn before, and what is above them scrolls away as usual.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use terminal_size::{Height, Width, terminal_size_of};

use super::wrap::cut;

/// Draws text in place, in a thread of its own. A blocked terminal blocks nothing else, and misses texts that were
/// replaced in the meantime.
pub(crate) struct Screen(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The lines to draw next.
    lines: Option<Vec<String>>,
    is_drawing: bool,
}

impl Screen {
    pub(crate) fn start() -> Self {
        let shared = Arc::<Shared>::default();
        let of_thread = shared.clone();
        thread::spawn(move || of_thread.draw_all());
        Self(shared)
    }

    /// Draws lines, in the place of the last ones.
    pub(crate) fn show(&self, lines: Vec<String>) {
        self.0.state().lines = Some(lines);
        self.0.changed.notify_all();
    }

    /// Waits a while until all is drawn.
    pub(crate) fn end(self) {
        let end = Instant::now() + FAREWELL;
        let mut state = self.0.state();
        while state.lines.is_some() || state.is_drawing {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.0.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Shared {
    /// The thread: draws the newest lines, as often as there are new ones.
    fn draw_all(&self) {
        let mut drawn = Drawn::default();
        loop {
            let text = drawn.over(self.next(), size());
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(text.as_bytes());
            // Errors are ignored: the terminal may be gone.
            let _ = written.and_then(|()| stdout.flush());
            self.state().is_drawing = false;
            self.changed.notify_all();
        }
    }

    /// Waits for lines to draw.
    fn next(&self) -> Vec<String> {
        let mut state = self.state();
        loop {
            if let Some(lines) = state.lines.take() {
                state.is_drawing = true;
                return lines;
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is on the terminal. The cursor is at the start of the line below it.
#[derive(Default)]
struct Drawn {
    count: usize,
    size: Option<(usize, usize)>,
}

impl Drawn {
    /// Returns the text that replaces what was drawn by these lines, as far as they fit.
    fn over(&mut self, lines: Vec<String>, size: (usize, usize)) -> String {
        let lines = fitting(lines, size);
        let mut text = match self.size {
            // A change of the terminal's size has moved the lines.
            Some(old) if old != size => CLEAR.to_owned(),
            Some(_) if self.count > 0 => format!("\x1b[{}A\r", self.count),
            _ => "\r".to_owned(),
        };
        text.push_str(NO_WRAP);
        for line in &lines {
            text.push_str(line);
            text.push_str("\x1b[K\r\n");
        }
        text.push_str(END);
        (self.count, self.size) = (lines.len(), Some(size));
        text
    }
}

/// Returns as many lines as fit above the cursor, each cut to the width. The last one says how many are missing.
fn fitting(mut lines: Vec<String>, (columns, rows): (usize, usize)) -> Vec<String> {
    let room = rows.saturating_sub(1).max(1);
    if lines.len() > room {
        let missing = lines.len() - room + 1;
        lines.truncate(room - 1);
        lines.push(format!("  and {missing} more"));
    }
    lines.iter().map(|line| cut(line, columns)).collect()
}

/// Columns and rows of the terminal at this moment.
fn size() -> (usize, usize) {
    match terminal_size_of(io::stdout()) {
        Some((Width(columns), Height(rows))) if columns > 0 && rows > 0 => {
            (columns.into(), rows.into())
        }
        _ => USUAL,
    }
}

/// Clears the screen.
const CLEAR: &str = "\x1b[2J\x1b[H";
/// Characters of two columns may make a line longer than it seems: the terminal cuts it.
const NO_WRAP: &str = "\x1b[?7l";
const END: &str = "\x1b[J\x1b[?7h";
const USUAL: (usize, usize) = (80, 24);
const FAREWELL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> Vec<String> {
        (1..=count).map(|number| format!("line {number}")).collect()
    }

    #[test]
    fn lines_are_drawn_over_the_last_ones() {
        let mut drawn = Drawn::default();
        let first = drawn.over(lines(2), (80, 24));
        assert_eq!(
            first,
            "\r\x1b[?7lline 1\x1b[K\r\nline 2\x1b[K\r\n\x1b[J\x1b[?7h"
        );
        let second = drawn.over(lines(1), (80, 24));
        assert_eq!(second, "\x1b[2A\r\x1b[?7lline 1\x1b[K\r\n\x1b[J\x1b[?7h");
        assert!(drawn.over(lines(1), (80, 24)).starts_with("\x1b[1A\r"));
        let resized = drawn.over(lines(1), (40, 24));
        assert!(resized.starts_with("\x1b[2J\x1b[H"), "{resized:?}");
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_counted() {
        assert_eq!(fitting(lines(3), (80, 4)), lines(3));
        let cut = fitting(lines(9), (80, 4));
        assert_eq!(cut, ["line 1", "line 2", "  and 7 more"]);
        assert_eq!(fitting(lines(9), (80, 1)), ["  and 9 more"]);
        assert_eq!(fitting(lines(2), (3, 24)), ["lin", "lin"]);
        assert_eq!(fitting(Vec::new(), (3, 24)), [""; 0]);
    }
}
