//! GnuTLS, a second stack that knows most of the suites. These tests run wherever it is found; in
//! CI (`CI` is set) its absence is a failure.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use compat_suites::ours::{self, file};
use compat_suites::suites::{SUITES, Suite};
use rustls::{ClientConnection, ServerConnection, StreamOwned};

#[test]
fn our_client_talks_to_gnutls_serv_in_every_suite() {
    if !found() {
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
    if !found() {
        return;
    }
    for suite in &SUITES {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let config = ours::server(suite);
        let size: usize = SIZES.iter().map(|size| size + 1).sum();
        let server = thread::spawn(move || echo(config, &listener, size));
        let mut process = Command::new("gnutls-cli")
            .args(["--insecure", "--logfile=/dev/null", "--port", &port])
            .args(["--priority", &priority(suite), "127.0.0.1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let message: Vec<u8> = SIZES.iter().flat_map(|size| line(*size)).collect();
        let mut input = process.stdin.take().unwrap();
        let sent = message.clone();
        let writer = thread::spawn(move || input.write_all(&sent).map(|()| input));
        let mut echoed = vec![0; message.len()];
        let answer = process.stdout.take().unwrap().read_exact(&mut echoed);
        let _ = process.kill();
        let _ = process.wait();
        let _ = writer.join();
        let negotiated = server.join().unwrap();
        assert_eq!(negotiated, Some(suite.number), "{}", suite.name);
        assert!(answer.is_ok() && echoed == message, "{}", suite.name);
    }
}

fn found() -> bool {
    let found = Command::new("gnutls-cli")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok();
    assert!(
        found || std::env::var_os("CI").is_none(),
        "there is no `gnutls-cli`"
    );
    found
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
    process: Child,
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
        let process = Command::new("gnutls-serv")
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
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, port }
    }

    fn connect(&self) -> TcpStream {
        let start = Instant::now();
        loop {
            match TcpStream::connect(("127.0.0.1", self.port)) {
                Ok(socket) => {
                    socket.set_nodelay(true).unwrap();
                    socket
                        .set_read_timeout(Some(Duration::from_secs(20)))
                        .unwrap();
                    return socket;
                }
                Err(error) => assert!(start.elapsed() < Duration::from_secs(10), "{error}"),
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn echo(config: Arc<rustls::ServerConfig>, listener: &TcpListener, size: usize) -> Option<u16> {
    let (socket, _) = listener.accept().ok()?;
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
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
