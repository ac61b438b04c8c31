//! A server of GnuTLS, which can be told to leave out what OpenSSL always has.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use super::{openssl_peer::PATIENCE, pki::Pki};
use crate::child::{self, Running};

/// A running `gnutls-serv` that sends back what it receives.
pub(super) struct Server {
    _program: Running,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Starts the server, and waits until it listens.
    pub(super) fn start(priority: &str) -> Result<Self, String> {
        let pki = Pki::get();
        let port = free_port();
        let program = child::find("gnutls-serv").ok_or("there is no gnutls-serv")?;
        let mut command = child::command(program);
        command
            .args(["--quiet", "--echo", "--priority", priority])
            .arg(format!("--port={port}"))
            .arg("--x509certfile")
            .arg(pki.certificate())
            .arg("--x509keyfile")
            .arg(pki.key())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let server = Self {
            _program: Running::start(&mut command),
            address,
        };
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

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
    listener.local_addr().expect("it is bound").port()
}
