//! What blocks a thread, with a time limit: sockets, and work that may wait.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Waits for a client.
#[track_caller]
pub(crate) fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let began = Instant::now();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).unwrap();
                return limited(stream);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
        let is_late = began.elapsed() > PATIENCE;
        assert!(!is_late, "no client in {} seconds", PATIENCE.as_secs());
        thread::sleep(Duration::from_millis(2));
    }
}

#[track_caller]
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    limited(TcpStream::connect_timeout(&address, PATIENCE).unwrap())
}

#[track_caller]
pub(crate) fn limited(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Does some work on a thread of its own, which is left behind if it does not end.
#[track_caller]
pub(crate) fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, outcome) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    match outcome.recv_timeout(PATIENCE) {
        Ok(outcome) => outcome,
        Err(error) => panic!("no end in {} seconds: {error}", PATIENCE.as_secs()),
    }
}

/// A time that no step takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
