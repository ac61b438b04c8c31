//! Processes that are started, watched with a time limit, and ended with all their children.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// A running process. It is ended when this value is dropped.
pub(crate) struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    output: Arc<Output>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot start {name}: {error}"))?;
        let output = Arc::new(Output::default());
        if let Some(from) = child.stdout.take() {
            collect(from, output.clone());
        }
        if let Some(from) = child.stderr.take() {
            collect(from, output.clone());
        }
        let stdin = child.stdin.take();
        Ok(Self {
            name,
            child,
            stdin,
            output,
        })
    }

    /// Waits for the end, and tells whether it was a success.
    pub(crate) fn wait(&mut self, limit: Duration) -> Result<bool, String> {
        let began = Instant::now();
        while began.elapsed() < limit {
            let status = self.child.try_wait();
            if let Some(status) = status.map_err(|error| format!("{}: {error}", self.name))? {
                self.output.wait(Duration::from_secs(1), |_| false);
                return Ok(status.success());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err(format!(
            "{} does not end: {}",
            self.name,
            self.output.text()
        ))
    }

    /// Waits until the process has printed a text so many times. A bar in it parts other wordings.
    pub(crate) fn wait_for(&self, text: &str, times: usize) -> Result<String, String> {
        let found = self
            .output
            .wait(LIMIT, |output| says(output, text) >= times);
        found.ok_or_else(|| {
            format!(
                "{} does not print `{text}`: {}",
                self.name,
                self.output.text()
            )
        })
    }

    pub(crate) fn write(&mut self, line: &str) -> Result<(), String> {
        let name = &self.name;
        let stdin = self.stdin.as_mut();
        let stdin = stdin.ok_or_else(|| format!("{name}: stdin is closed"))?;
        let written = writeln!(stdin, "{line}").and_then(|()| stdin.flush());
        written.map_err(|error| format!("{name}: {error}"))
    }

    /// Has a server read its files again.
    pub(crate) fn hang_up(&self) -> Result<(), String> {
        let signalled = kill(self.pid(), Signal::SIGHUP);
        signalled.map_err(|error| format!("{}: {error}", self.name))
    }

    pub(crate) fn output(&self) -> String {
        self.output.text()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A group that is gone needs no signal.
        let _ = killpg(self.pid(), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

/// How often a text is there in one of its wordings.
pub(crate) fn says(output: &str, text: &str) -> usize {
    let wordings = text.split('|');
    let counts = wordings.map(|wording| output.matches(wording).count());
    counts.max().unwrap_or_default()
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
    /// Waits until the text is as wanted. `None` if time is up, or if no more text comes.
    fn wait(&self, limit: Duration, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let state = lock(&self.state);
        let goes_on = |state: &mut State| state.readers > 0 && !wanted(&state.text);
        let waited = self.changed.wait_timeout_while(state, limit, goes_on);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        wanted(&state.text).then(|| state.text.clone())
    }

    fn text(&self) -> String {
        lock(&self.state).text.clone()
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

/// How long anything may take. A transaction of rvoip that nobody ends takes 32 seconds.
pub(crate) const LIMIT: Duration = Duration::from_secs(15);
