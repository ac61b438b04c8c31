//! Peers that do not speak TLS on a TLS port: HTTP, plain SIP, SSH, and silence.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::special::{Cases, HTTP, Outcome, fails_with};
use crate::sip;

impl Cases<'_> {
    pub(super) fn http_client(&self) -> Outcome {
        self.strange_client(HTTP, "is not TLS (it is an HTTP request")
    }

    pub(super) fn sip_client(&self) -> Outcome {
        self.strange_client(sip::OPTIONS, "is not TLS (it is a SIP request")
    }

    pub(super) fn ssh_client(&self) -> Outcome {
        self.strange_client(SSH, SPEAKS_SSH)
    }

    pub(super) fn silent_client(&self) -> Outcome {
        self.strange_client("", "handshake was not finished: the client sent nothing")
    }

    pub(super) fn http_server(&self) -> Outcome {
        let answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
        self.strange_server(answer, "is not TLS (it is an HTTP server")
    }

    pub(super) fn sip_server(&self) -> Outcome {
        let answer = "SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
        self.strange_server(answer, "is not TLS (it speaks SIP")
    }

    pub(super) fn ssh_server(&self) -> Outcome {
        self.strange_server(SSH, SPEAKS_SSH)
    }

    pub(super) fn silent_server(&self) -> Outcome {
        self.strange_server("", "handshake was not finished: the server sent nothing")
    }

    /// Sends a text that is not TLS to `listen`.
    fn strange_client(&self, text: &str, words: &str) -> Outcome {
        let listener = self.listen()?;
        let address = SocketAddr::from(([127, 0, 0, 1], listener.port));
        let stream = TcpStream::connect_timeout(&address, LIMIT);
        let mut stream = stream.map_err(|error| format!("cannot connect: {error}"))?;
        send(&mut stream, text)?;
        let record = listener.record(0)?;
        drop(stream);
        self.next_is_answered(&listener, 1)?;
        fails_with(&record, words)
    }

    /// Runs `connect` against a server that sends a text that is not TLS.
    fn strange_server(&self, text: &str, words: &str) -> Outcome {
        let failed = |error| format!("cannot listen: {error}");
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let is_over = AtomicBool::new(false);
        let (record, served) = thread::scope(|scope| {
            let serving = scope.spawn(|| serve(&listener, text, &is_over));
            let record = self.connect(port);
            is_over.store(true, Ordering::Relaxed);
            let served = serving.join();
            (
                record,
                served.unwrap_or_else(|_| Err("it panicked".to_owned())),
            )
        });
        served?;
        fails_with(&record?, words)
    }
}

/// Accepts one connection, and keeps it open until the case is over.
fn serve(listener: &TcpListener, text: &str, is_over: &AtomicBool) -> Result<(), String> {
    let began = Instant::now();
    let goes_on = || !is_over.load(Ordering::Relaxed) && began.elapsed() < LIMIT;
    let mut taken = None;
    while goes_on() {
        if taken.is_none()
            && let Ok((mut stream, _)) = listener.accept()
        {
            stream
                .set_nonblocking(false)
                .map_err(|error| format!("cannot take the connection: {error}"))?;
            send(&mut stream, text)?;
            taken = Some(stream);
        }
        thread::sleep(PAUSE);
    }
    match taken {
        Some(_) => Ok(()),
        None => Err("nobody connected".to_owned()),
    }
}

fn send(stream: &mut TcpStream, text: &str) -> Result<(), String> {
    stream
        .set_write_timeout(Some(LIMIT))
        .and_then(|()| stream.write_all(text.as_bytes()))
        .map_err(|error| format!("cannot send: {error}"))
}

const SPEAKS_SSH: &str = "is not TLS (it speaks SSH";
const SSH: &str = "SSH-2.0-OpenSSH_9.2\r\n";
const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);
