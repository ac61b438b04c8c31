//! A web server that runs the script of a test, on any loopback address.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::PATIENCE;

/// A web server, which stops when the value is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Seen>,
    listening: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    /// Connections that the client ended.
    ended: AtomicUsize,
    requests: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

/// A connection on which a request was received.
pub(crate) struct Client<'a> {
    stream: TcpStream,
    /// The path of the request.
    pub(crate) path: String,
    seen: &'a Seen,
}

impl Client<'_> {
    /// Sends these bytes. Returns `false` if the client has closed the connection.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// Sends an answer with this head, whose lines end with `\n`, and this body.
    pub(crate) fn answer(&mut self, head: &str, body: &[u8]) {
        self.send(format!("HTTP/1.1 {head}\n\n").replace('\n', "\r\n"));
        self.send(body);
    }

    /// Sends a letter after each pause, until the client closes the connection or the test ends.
    pub(crate) fn drip(&mut self, pause: Duration) {
        while !self.seen.is_over.load(Ordering::Relaxed) && self.send("x") {
            thread::sleep(pause);
        }
    }

    /// Waits until the client ends the connection, and counts that.
    fn wait(mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        let _ = self.stream.set_read_timeout(Some(PATIENCE));
        let mut byte = [0];
        let is_ended = match self.stream.read(&mut byte) {
            Ok(read) => read == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        };
        if is_ended {
            self.seen.ended.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Server {
    /// Starts a server at 127.0.0.1.
    #[track_caller]
    pub(crate) fn start(script: impl Fn(&mut Client<'_>) + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", script)
    }

    #[track_caller]
    pub(crate) fn at(
        address: &str,
        script: impl Fn(&mut Client<'_>) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let seen = Arc::new(Seen::default());
        Self {
            address: listener.local_addr().unwrap(),
            seen: seen.clone(),
            listening: Some(thread::spawn(move || {
                listen(&listener, &seen, &Arc::new(script))
            })),
        }
    }

    /// Starts a server that answers every request with this list.
    #[track_caller]
    pub(crate) fn of(list: &'static [u8]) -> Self {
        Self::start(move |client| {
            client.answer(&format!("200 OK\nContent-Length: {}", list.len()), list);
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }

    /// The requests, each as it was received.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Waits until the client has ended this number of connections, and returns how long that took.
    #[track_caller]
    pub(crate) fn wait_for_end(&self, count: usize) -> Duration {
        let began = Instant::now();
        while self.seen.ended.load(Ordering::Relaxed) < count {
            assert!(began.elapsed() < PATIENCE, "the connection stays");
            thread::sleep(Duration::from_millis(5));
        }
        began.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.seen.is_over.store(true, Ordering::Relaxed);
        let _ = self.listening.take().map(JoinHandle::join);
    }
}

fn listen<F>(listener: &TcpListener, seen: &Arc<Seen>, script: &Arc<F>)
where
    F: Fn(&mut Client<'_>) + Send + Sync + 'static,
{
    while !seen.is_over.load(Ordering::Relaxed) {
        match listener.accept() {
            Ok((stream, _)) => {
                seen.connections.fetch_add(1, Ordering::Relaxed);
                let (seen, script) = (seen.clone(), script.clone());
                thread::spawn(move || serve(stream, &seen, &*script));
            }
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn serve(mut stream: TcpStream, seen: &Seen, script: &dyn Fn(&mut Client<'_>)) {
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let Some(request) = request(&mut stream) else {
        return;
    };
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.requests.lock().unwrap().push(request);
    let mut client = Client { stream, path, seen };
    script(&mut client);
    client.wait();
}

fn request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        request.push(byte[0]);
    }
    String::from_utf8(request).ok()
}
