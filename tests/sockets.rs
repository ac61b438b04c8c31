//! Sockets on which no test waits for ever.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
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

/// A time that no step takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
