//! A server of GnuTLS, which can be told to leave out what OpenSSL always has.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{openssl_peer::PATIENCE, pki::Pki};

/// A running `gnutls-serv` that sends back what it receives.
pub(super) struct Server {
    process: Child,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Starts the server, and waits until it listens.
    pub(super) fn start(priority: &str) -> Result<Self, String> {
        let pki = Pki::get();
        let port = free_port();
        let process = Command::new("gnutls-serv")
            .args(["--quiet", "--echo", "--priority", priority])
            .arg(format!("--port={port}"))
            .arg("--x509certfile")
            .arg(pki.certificate())
            .arg("--x509keyfile")
            .arg(pki.key())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("gnutls-serv: {error}"))?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let server = Self { process, address };
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if Instant::now() > end {
                return Err("gnutls-serv does not listen".to_owned());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
    listener.local_addr().expect("it is bound").port()
}
