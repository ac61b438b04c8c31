//! Processes that are started, observed, and ended with all their children.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, thread};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::child;

/// A running process. It is ended when this value is dropped, with the processes that it started itself.
pub(crate) struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    output: Arc<Output>,
    /// The output without stderr.
    stdout: Arc<Output>,
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
        let (output, stdout) = (Arc::new(Output::default()), Arc::new(Output::default()));
        if let Some(from) = child.stdout.take() {
            collect(from, vec![Arc::clone(&output), Arc::clone(&stdout)]);
        }
        if let Some(from) = child.stderr.take() {
            collect(from, vec![Arc::clone(&output)]);
        }
        let stdin = child.stdin.take();
        Ok(Self {
            name,
            child,
            stdin,
            output,
            stdout,
        })
    }

    /// Runs a process to its end, and returns its output if it succeeds.
    pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<String, String> {
        let mut process = Self::start(command)?;
        process.close_stdin();
        let succeeded = process.wait(limit)?;
        match succeeded {
            true => Ok(process.output()),
            false => Err(format!("{} failed: {}", process.name, process.output())),
        }
    }

    /// Waits for the end. Returns whether the process succeeded.
    pub(crate) fn wait(&mut self, limit: Duration) -> Result<bool, String> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.status()? {
                self.output.wait_for_end(limit);
                return Ok(status);
            }
            if began.elapsed() > limit {
                return Err(format!(
                    "{} does not end: {}",
                    self.name,
                    self.output.text()
                ));
            }
            thread::sleep(PAUSE);
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.status(), Ok(None))
    }

    fn status(&mut self) -> Result<Option<bool>, String> {
        let status = self.child.try_wait();
        let status = status.map_err(|error| format!("{}: {error}", self.name))?;
        Ok(status.map(|status| status.success()))
    }

    pub(crate) fn write(&mut self, text: &str) -> Result<(), String> {
        let name = &self.name;
        let stdin = self.stdin.as_mut();
        let stdin = stdin.ok_or_else(|| format!("{name}: stdin is closed"))?;
        stdin
            .write_all(text.as_bytes())
            .and_then(|()| stdin.flush())
            .map_err(|error| format!("{name}: {error}"))
    }

    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Waits until the process listens on a port.
    pub(crate) fn wait_for_port(&mut self, port: u16) -> Result<(), String> {
        let began = Instant::now();
        while !is_listening(port) {
            let name = &self.name;
            if began.elapsed() > START {
                return Err(format!("{name} does not listen: {}", self.output.text()));
            }
            if self.has_ended() {
                return Err(format!(
                    "{} ended at once: {}",
                    self.name,
                    self.output.text()
                ));
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Waits until the process prints a text.
    pub(crate) fn wait_for_text(&self, text: &str, limit: Duration) -> Result<(), String> {
        let found = self.output.wait(limit, |output| output.contains(text));
        match found {
            Some(_) => Ok(()),
            None => Err(format!(
                "{} does not print `{text}`: {}",
                self.name,
                self.output.text()
            )),
        }
    }

    /// Waits for a complete line on stdout that starts with a text, and returns it.
    pub(crate) fn wait_for_line(&self, start: &str, limit: Duration) -> Option<String> {
        let line = |output: &str| {
            let whole = &output[..output.rfind('\n')?];
            let line = whole.lines().find(|line| line.starts_with(start))?;
            Some(line.to_owned())
        };
        self.stdout
            .wait(limit, |output| line(output).is_some())
            .and_then(|output| line(&output))
    }

    /// Waits until the complete lines on stdout are as wanted.
    pub(crate) fn wait_for_lines(
        &self,
        limit: Duration,
        are_wanted: impl Fn(&[&str]) -> bool,
    ) -> Result<(), String> {
        let wanted = |output: &str| {
            let whole = &output[..output.rfind('\n').unwrap_or(0)];
            are_wanted(&whole.lines().collect::<Vec<_>>())
        };
        match self.stdout.wait(limit, wanted) {
            Some(_) => Ok(()),
            None => Err(format!(
                "{} does not print what it should: {}",
                self.name,
                self.output.text()
            )),
        }
    }

    /// Sends SIGTERM, and waits for the end.
    pub(crate) fn terminate(&mut self, limit: Duration) -> Result<bool, String> {
        let pid = i32::try_from(self.child.id()).map_err(|error| error.to_string())?;
        kill(Pid::from_raw(pid), Signal::SIGTERM).map_err(|error| error.to_string())?;
        self.wait(limit)
    }

    /// What the process has printed so far.
    pub(crate) fn output(&self) -> String {
        self.output.text()
    }

    /// The output without stderr so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Ends the process as soon as it prints a text.
    pub(crate) fn ends_with(self, text: &'static str, limit: Duration) -> Ending {
        let output = Arc::clone(&self.output);
        let process = Arc::new(Mutex::new(Some(self)));
        let ending = Ending {
            process: Arc::clone(&process),
            output,
        };
        let output = Arc::clone(&ending.output);
        thread::spawn(move || {
            output.wait(limit, |output| output.contains(text));
            drop(lock(&process).take());
        });
        ending
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process group that no longer exists needs no signal.
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
        }
        let _ = self.child.wait();
        self.output.wait_for_end(Duration::from_secs(1));
    }
}

/// A process that ends by itself, or when this value is dropped.
pub(crate) struct Ending {
    process: Arc<Mutex<Option<Process>>>,
    output: Arc<Output>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        drop(lock(&self.process).take());
    }
}

/// A running peer, which ends when the value is dropped.
pub(crate) trait Running: Send {
    /// Returns what the peer has printed.
    fn output(&self) -> String;

    /// Whether the peer has ended.
    fn has_ended(&mut self) -> bool {
        false
    }
}

impl Running for Process {
    fn has_ended(&mut self) -> bool {
        self.has_ended()
    }

    fn output(&self) -> String {
        self.output.text()
    }
}

impl Running for Ending {
    fn has_ended(&mut self) -> bool {
        let mut process = lock(&self.process);
        process.as_mut().is_none_or(Process::has_ended)
    }

    fn output(&self) -> String {
        self.output.text()
    }
}

/// A peer that has ended, with its output.
impl Running for String {
    fn output(&self) -> String {
        self.clone()
    }

    fn has_ended(&mut self) -> bool {
        true
    }
}

/// Several processes that are one peer.
impl Running for Vec<Process> {
    fn output(&self) -> String {
        self.iter().map(Process::output).collect()
    }

    fn has_ended(&mut self) -> bool {
        self.iter_mut().any(Process::has_ended)
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
    /// Waits until the text is as wanted, and returns it. `None` if the time is up, or if no more text comes.
    fn wait(&self, limit: Duration, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let state = lock(&self.state);
        let goes_on = |state: &mut State| state.readers > 0 && !wanted(&state.text);
        let waited = self.changed.wait_timeout_while(state, limit, goes_on);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        wanted(&state.text).then(|| state.text.clone())
    }

    fn wait_for_end(&self, limit: Duration) {
        self.wait(limit, |_| false);
    }

    fn text(&self) -> String {
        lock(&self.state).text.clone()
    }
}

fn collect(mut from: impl Read + Send + 'static, outputs: Vec<Arc<Output>>) {
    for output in &outputs {
        lock(&output.state).readers += 1;
    }
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..count]);
            for output in &outputs {
                lock(&output.state).text.push_str(&text);
                output.changed.notify_all();
            }
        }
        for output in &outputs {
            lock(&output.state).readers -= 1;
            output.changed.notify_all();
        }
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A port that is not in use, and was not in use shortly before: Botan could not listen on such a port. It is below
/// the range for outgoing connections. The port before it is never returned, because baresip listens on both.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Runs that start together have similar process ids. Their ports must differ.
        let start = (std::process::id().wrapping_mul(0x9e37_79b1) >> 21) as u16 % 2000;
        let port = 6001 + (start + number) % 2000 * 2;
        if !has_socket(port, |_| true) && !has_socket(port - 1, |_| true) {
            return port;
        }
    }
}

/// Whether a process listens on a port.
fn is_listening(port: u16) -> bool {
    has_socket(port, |state| state == LISTEN)
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

/// Writes a file that a peer reads.
pub(crate) fn write_file(path: &std::path::Path, text: &str) -> Result<(), String> {
    let written: io::Result<()> = fs::write(path, text);
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

const LISTEN: &str = "0A";
const PAUSE: Duration = Duration::from_millis(5);
/// The time in which a peer must listen.
const START: Duration = Duration::from_secs(30);
