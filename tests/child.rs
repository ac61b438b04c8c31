//! The programs that tests run. Each has a time limit, and ends with its test, however the test ends.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use std::{env, mem, thread};

/// Whether a program is installed. In CI it has to be.
#[track_caller]
pub(crate) fn is_found(program: &str) -> bool {
    let is_found = find(program).is_some();
    assert!(
        is_found || env::var_os("CI").is_none(),
        "CI needs {program}"
    );
    is_found
}

/// The path of a program. Debian installs servers in a folder that is not in every user's PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    folders
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}

/// A command without input. Where the system can do that, it kills the program when the process of the tests ends.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    static SETPRIV: LazyLock<bool> = LazyLock::new(|| {
        let tried = setpriv().arg("true").stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    });
    let mut command = match *SETPRIV {
        true => {
            let mut command = setpriv();
            command.arg(program);
            command
        }
        false => Command::new(program),
    };
    command.stdin(Stdio::null());
    command
}

/// The same command, tied to the process of the tests. What was said of its pipes is not copied.
pub(crate) fn tied(command: &Command) -> Command {
    let mut tied = self::command(command.get_program());
    tied.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => tied.env(name, value),
            None => tied.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        tied.current_dir(folder);
    }
    tied
}

fn setpriv() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]);
    command
}

/// Runs a command to its end, and returns what it printed.
#[track_caller]
pub(crate) fn output(command: &mut Command) -> Output {
    output_within(PATIENCE, command)
}

/// Runs a command that may take this long.
#[track_caller]
pub(crate) fn output_within(limit: Duration, command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Running::start(command).output_within(limit)
}

/// How the pipes of a program are read.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Reading {
    /// Each as its lines come.
    Ahead,
    /// No further than the test does, so that a full pipe stays full.
    OnDemand,
    /// As their lines come, and all are read from `stdout`.
    Together,
}

/// A running program. It is killed when the value is dropped.
pub(crate) struct Running {
    child: Child,
    /// The command, for messages.
    line: String,
    pub(crate) stdout: Lines,
    pub(crate) stderr: Lines,
}

impl Running {
    /// Starts a command, which is used up.
    #[track_caller]
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::read(command, Reading::Ahead)
    }

    #[track_caller]
    pub(crate) fn read(command: &mut Command, reading: Reading) -> Self {
        let line = format!("{command:?}");
        let mut child = match spawn(command) {
            Ok(child) => child,
            Err(error) => panic!("{line}: {error}"),
        };
        let (stdout, stderr) = match (child.stdout.take(), child.stderr.take()) {
            (Some(stdout), Some(stderr)) if reading == Reading::Together => {
                (together(stdout, stderr), nothing())
            }
            (stdout, stderr) => (
                stdout.map_or_else(nothing, |pipe| lines(pipe, reading)),
                stderr.map_or_else(nothing, |pipe| lines(pipe, reading)),
            ),
        };
        Self {
            child,
            stdout: Lines::new(stdout, &line),
            stderr: Lines::new(stderr, &line),
            line,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Takes the piped input of the program.
    pub(crate) fn stdin(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("a pipe")
    }

    /// Writes to the program in one piece, because `s_server` takes each piece for a command.
    pub(crate) fn say(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("a pipe");
        stdin.write_all(text.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// The exit status, if the program has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits until the program ends by itself.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        match self.wait_until(Instant::now() + PATIENCE) {
            Some(status) => status,
            None => self.panic_late(PATIENCE),
        }
    }

    /// Waits until the program ends by itself, and returns what is still to be read.
    #[track_caller]
    pub(crate) fn output(self) -> Output {
        self.output_within(PATIENCE)
    }

    #[track_caller]
    fn output_within(mut self, limit: Duration) -> Output {
        let end = Instant::now() + limit;
        let status = self.wait_until(end);
        let outputs = (self.stdout.all(end), self.stderr.all(end));
        let (Some(status), (Some(stdout), Some(stderr))) = (status, outputs) else {
            self.panic_late(limit);
        };
        Output {
            status,
            stdout,
            stderr,
        }
    }

    fn wait_until(&mut self, end: Instant) -> Option<ExitStatus> {
        loop {
            let ended = self.ended();
            if ended.is_some() || Instant::now() > end {
                return ended;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    #[track_caller]
    fn panic_late(&self, limit: Duration) -> ! {
        panic!(
            "{} does not end in {} seconds. It printed:\n{}{}",
            self.line,
            limit.as_secs(),
            self.stdout.seen(),
            self.stderr.seen()
        )
    }

    /// Sends a signal, such as `-TERM`.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn signal(&self, signal: &str) {
        let sent = output(command("kill").args([signal, &self.id().to_string()]));
        assert!(sent.status.success(), "{sent:?}");
    }

    pub(crate) fn kill(&mut self) {
        // The program may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The lines that a program prints.
pub(crate) struct Lines {
    lines: Receiver<Vec<u8>>,
    /// What was read.
    seen: RefCell<Vec<u8>>,
    /// The command, for messages.
    program: String,
}

impl Lines {
    fn new(lines: Receiver<Vec<u8>>, program: &str) -> Self {
        Self {
            lines,
            seen: RefCell::default(),
            program: program.to_owned(),
        }
    }

    /// The next line with its end, or `None` at the end of the output.
    #[track_caller]
    pub(crate) fn next_line(&self) -> Option<String> {
        self.line_until(Instant::now() + PATIENCE)
    }

    /// The next line with its end.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        match self.next_line() {
            Some(line) => line,
            None => panic!("{} ended; it printed:\n{}", self.program, self.seen()),
        }
    }

    /// Reads on until a line has this text.
    #[track_caller]
    pub(crate) fn find(&self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        while let Some(line) = self.line_until(end) {
            if line.contains(text) {
                return line;
            }
        }
        let seen = self.seen();
        panic!(
            "{} ended without `{text}`; it printed:\n{seen}",
            self.program
        )
    }

    /// Reads to the end of the output.
    #[track_caller]
    pub(crate) fn rest(&self) -> String {
        let end = Instant::now() + PATIENCE;
        let mut rest = String::new();
        while let Some(line) = self.line_until(end) {
            rest.push_str(&line);
        }
        rest
    }

    /// What was printed up to now.
    pub(crate) fn seen(&self) -> String {
        let mut seen = self.seen.borrow_mut();
        seen.extend(self.lines.try_iter().flatten());
        String::from_utf8_lossy(&seen).into_owned()
    }

    /// Reads all further lines, and forgets them.
    pub(crate) fn discard(&mut self) {
        let lines = mem::replace(&mut self.lines, nothing());
        thread::spawn(move || lines.into_iter().for_each(drop));
    }

    #[track_caller]
    fn line_until(&self, end: Instant) -> Option<String> {
        match self.lines.recv_timeout(end - Instant::now()) {
            Ok(line) => {
                self.seen.borrow_mut().extend(&line);
                Some(String::from_utf8_lossy(&line).into_owned())
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!(
                "{} prints no more in {} seconds; before it printed:\n{}",
                self.program,
                PATIENCE.as_secs(),
                self.seen()
            ),
        }
    }

    /// The rest of the output, if it ends in time.
    fn all(&self, end: Instant) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            match self.lines.recv_timeout(end - Instant::now()) {
                Ok(line) => all.extend(line),
                Err(RecvTimeoutError::Disconnected) => return Some(all),
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        self.seen.borrow_mut().extend(all);
        None
    }
}

/// The lines of what is no pipe.
fn nothing() -> Receiver<Vec<u8>> {
    mpsc::channel().1
}

fn lines(pipe: impl Read + Send + 'static, reading: Reading) -> Receiver<Vec<u8>> {
    if reading == Reading::OnDemand {
        let (sender, lines) = mpsc::sync_channel(0);
        forward(pipe, move |line| sender.send(line).is_ok());
        return lines;
    }
    let (sender, lines) = mpsc::channel();
    forward(pipe, move |line| sender.send(line).is_ok());
    lines
}

fn together(
    stdout: impl Read + Send + 'static,
    stderr: impl Read + Send + 'static,
) -> Receiver<Vec<u8>> {
    let (sender, lines) = mpsc::channel();
    let other = sender.clone();
    forward(stdout, move |line| sender.send(line).is_ok());
    forward(stderr, move |line| other.send(line).is_ok());
    lines
}

/// Hands on each line with its end, as long as somebody takes them.
fn forward(pipe: impl Read + Send + 'static, to: impl Fn(Vec<u8>) -> bool + Send + 'static) {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        loop {
            let mut line = Vec::new();
            let read = pipe.read_until(b'\n', &mut line);
            if !read.is_ok_and(|read| read > 0) || !to(line) {
                return;
            }
        }
    });
}

/// Spawns a process from a thread that never ends: Linux takes the end of that thread for the end of the parent.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    type Order = (Command, Sender<io::Result<Child>>);
    static ORDERS: LazyLock<Sender<Order>> = LazyLock::new(|| {
        let (sender, orders) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, spawned) in orders {
                let _ = spawned.send(command.spawn());
            }
        });
        sender
    });
    let (sender, spawned) = mpsc::channel();
    let command = mem::replace(command, Command::new("used-up"));
    ORDERS.send((command, sender)).unwrap();
    spawned.recv().unwrap()
}

/// A time that no step takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The limit of what takes long: cargo, tests that run in a process of their own, and Diffie-Hellman parameters.
pub(crate) const LONG: Duration = Duration::from_secs(600);
