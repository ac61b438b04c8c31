//! GnuTLS, a second stack that knows most of the suites. These tests run wherever it is found; in
//! CI (`CI` is set) its absence is a failure.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use compat_suites::ours::{self, file};
use compat_suites::suites::{SUITES, Suite};
use rustls::{ClientConnection, ServerConnection, StreamOwned};

use child::Running;

#[path = "../../../../tests/blocking.rs"]
#[allow(dead_code, reason = "the tests of sip-tls use the rest")]
mod blocking;
#[path = "../../../../tests/child.rs"]
#[allow(dead_code, reason = "the tests of sip-tls use the rest")]
mod child;

#[test]
fn our_client_talks_to_gnutls_serv_in_every_suite() {
    if !child::is_found("gnutls-cli") {
        return;
    }
    for suite in &SUITES {
        let server = Server::start(suite);
        let socket = server.connect();
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(ours::client(suite), name).unwrap();
        let mut stream = StreamOwned::new(connection, socket);
        for size in SIZES {
            let line = line(size);
            stream
                .write_all(&line)
                .unwrap_or_else(|error| panic!("{}: {error}", suite.name));
            let mut echoed = vec![0; line.len()];
            stream
                .read_exact(&mut echoed)
                .unwrap_or_else(|error| panic!("{}: {error}", suite.name));
            assert!(echoed == line, "{} {size}", suite.name);
            if suite.is_tls13() {
                stream.conn.refresh_traffic_keys().unwrap();
            }
        }
        let negotiated = stream.conn.negotiated_cipher_suite().unwrap().suite();
        assert_eq!(u16::from(negotiated), suite.number, "{}", suite.name);
    }
}

#[test]
fn gnutls_cli_talks_to_our_server_in_every_suite() {
    if !child::is_found("gnutls-cli") {
        return;
    }
    for suite in &SUITES {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let config = ours::server(suite);
        let size: usize = SIZES.iter().map(|size| size + 1).sum();
        let server = thread::spawn(move || echo(config, &listener, size));
        let mut command = child::command("gnutls-cli");
        command
            .args(["--insecure", "--logfile=/dev/null", "--port", &port])
            .args(["--priority", &priority(suite), "127.0.0.1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut client = Running::start(&mut command);
        let message: Vec<u8> = SIZES.iter().flat_map(|size| line(*size)).collect();
        let mut input = client.stdin();
        let sent = message.clone();
        let writer = thread::spawn(move || input.write_all(&sent).map(|()| input));
        let lines = SIZES.iter().map_while(|_| client.stdout.next_line());
        let echoed: String = lines.collect();
        drop(client);
        let _ = writer.join();
        let negotiated = server.join().unwrap();
        assert_eq!(negotiated, Some(suite.number), "{}", suite.name);
        assert!(echoed.as_bytes() == message, "{}", suite.name);
    }
}

/// The priority string with which GnuTLS offers or accepts nothing but this suite.
fn priority(suite: &Suite) -> String {
    let version = if suite.is_tls13() { "1.3" } else { "1.2" };
    format!(
        "NONE:+VERS-TLS{version}:+COMP-NULL:+SIGN-ALL:+GROUP-ALL:+CTYPE-X509:+{}",
        suite.gnutls
    )
}

fn line(size: usize) -> Vec<u8> {
    (0..size)
        .map(|at| b'a' + (at % 23) as u8)
        .chain([b'\n'])
        .collect()
}

/// A `gnutls-serv` that sends back what it gets.
struct Server {
    _program: Running,
    port: u16,
}

impl Server {
    fn start(suite: &Suite) -> Self {
        // `gnutls-serv` cannot choose a port by itself.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut command = child::command("gnutls-serv");
        command
            .args([
                "--echo",
                "--quiet",
                "--disable-client-cert",
                "--port",
                &port.to_string(),
            ])
            .arg("--x509certfile")
            .arg(file(&format!("{}.crt", suite.key)))
            .arg("--x509keyfile")
            .arg(file(&format!("{}.key", suite.key)))
            .args(["--priority", &priority(suite)])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self {
            _program: Running::start(&mut command),
            port,
        }
    }

    fn connect(&self) -> TcpStream {
        let start = Instant::now();
        loop {
            match TcpStream::connect(("127.0.0.1", self.port)) {
                Ok(socket) => {
                    socket.set_nodelay(true).unwrap();
                    return blocking::limited(socket);
                }
                Err(error) => assert!(start.elapsed() < Duration::from_secs(10), "{error}"),
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn echo(config: Arc<rustls::ServerConfig>, listener: &TcpListener, size: usize) -> Option<u16> {
    let socket = blocking::accept(listener);
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), socket);
    let (mut done, mut buffer) = (0, [0; 5000]);
    while done < size {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        stream.write_all(&buffer[..read]).ok()?;
        stream.flush().ok()?;
        done += read;
    }
    let negotiated = stream.conn.negotiated_cipher_suite()?.suite();
    // The other side ends once it has the answer.
    let _ = stream.read(&mut buffer);
    Some(negotiated.into())
}

/// Both programs read lines, of four thousand bytes at most.
const SIZES: [usize; 7] = [1, 15, 16, 17, 500, 1000, 4000];
