//! Processes that are started, observed, and ended with all their children.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::child;

/// A running process. It is ended when this value is dropped, with the processes that it started itself.
pub(crate) struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    output: Arc<Output>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut command = child::tied(command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let child = child::spawn(&mut command);
        let mut child = child.map_err(|error| format!("cannot start {name}: {error}"))?;
        let output = Arc::new(Output::default());
        if let Some(from) = child.stdout.take() {
            collect(from, Arc::clone(&output));
        }
        if let Some(from) = child.stderr.take() {
            collect(from, Arc::clone(&output));
        }
        let stdin = child.stdin.take();
        Ok(Self {
            name,
            child,
            stdin,
            output,
        })
    }

    /// Waits for the end. Returns whether the process succeeded.
    pub(crate) fn wait(&mut self, limit: Duration) -> Result<bool, String> {
        let began = Instant::now();
        while began.elapsed() < limit {
            let status = self.child.try_wait();
            if let Some(status) = status.map_err(|error| format!("{}: {error}", self.name))? {
                self.output.wait(limit, |_| false);
                return Ok(status.success());
            }
            thread::sleep(PAUSE);
        }
        Err(format!("{} does not end: {}", self.name, self.output()))
    }

    /// Writes a line to the standard input.
    pub(crate) fn write_line(&mut self) -> Result<(), String> {
        let name = &self.name;
        let stdin = self.stdin.as_mut();
        let stdin = stdin.ok_or_else(|| format!("{name}: stdin is closed"))?;
        let written = stdin.write_all(b"\n").and_then(|()| stdin.flush());
        written.map_err(|error| format!("{name}: {error}"))
    }

    /// Waits until the process listens on a port.
    pub(crate) fn wait_for_port(&mut self, port: u16) -> Result<(), String> {
        let began = Instant::now();
        while !has_socket(port, |state| state == LISTEN) {
            let has_ended = !matches!(self.child.try_wait(), Ok(None));
            if has_ended || began.elapsed() > START {
                return Err(format!("{} does not listen: {}", self.name, self.output()));
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Waits until the process has printed a text this number of times.
    pub(crate) fn wait_for(&self, text: &str, count: usize, limit: Duration) -> Result<(), String> {
        let seen = self
            .output
            .wait(limit, |output| output.matches(text).count() >= count);
        match seen {
            true => Ok(()),
            false => {
                let output = self.output();
                Err(format!("{} does not print `{text}`: {output}", self.name))
            }
        }
    }

    /// What the process has printed so far.
    pub(crate) fn output(&self) -> String {
        lock(&self.output.state).text.clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process group that no longer exists needs no signal.
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct Output {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    text: String,
    readers: usize,
}

impl Output {
    /// Waits until the text is as wanted, the time is up, or no more text comes. Returns whether the text is as
    /// wanted.
    fn wait(&self, limit: Duration, wanted: impl Fn(&str) -> bool) -> bool {
        let state = lock(&self.state);
        let goes_on = |state: &mut State| state.readers > 0 && !wanted(&state.text);
        let waited = self.changed.wait_timeout_while(state, limit, goes_on);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        wanted(&state.text)
    }
}

fn collect(mut from: impl Read + Send + 'static, output: Arc<Output>) {
    lock(&output.state).readers += 1;
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..count]);
            lock(&output.state).text.push_str(&text);
            output.changed.notify_all();
        }
        lock(&output.state).readers -= 1;
        output.changed.notify_all();
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A port that is not in use. It is below the range for outgoing connections.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Runs that start together have similar process ids. Their ports must differ.
        let start = (std::process::id().wrapping_mul(0x9e37_79b1) >> 21) as u16 % 2000;
        let port = 11001 + (start + number) % 4000;
        if !has_socket(port, |_| true) {
            return port;
        }
    }
}

/// Whether a port has a socket in such a state. The kernel is asked, because a connection would count as a call to the
/// peer.
fn has_socket(port: u16, is_state: impl Fn(&str) -> bool) -> bool {
    let wanted = format!(":{port:04X}");
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().any(|table| {
        let table = fs::read_to_string(table).unwrap_or_default();
        table.lines().any(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let local = fields.next().unwrap_or_default();
            let state = fields.nth(1).unwrap_or_default();
            local.ends_with(&wanted) && is_state(state)
        })
    })
}

const LISTEN: &str = "0A";
const PAUSE: Duration = Duration::from_millis(5);
/// The time in which a program must listen.
const START: Duration = Duration::from_secs(20);
