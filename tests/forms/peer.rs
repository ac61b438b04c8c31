//! The program `openssl` as the peer.

use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sip_tls::Endpoint;
use sip_tls::verify::VerifyCode;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::runtime;

use super::form::Form;
use super::pki::Pki;
use crate::pki::tools::Running;

/// Has `openssl s_client` connect to our server, and returns the certificates that the server sent.
pub(super) fn chain_seen(
    pki: &Pki,
    server: &Endpoint,
    form: &Form,
) -> Result<Vec<Vec<u8>>, String> {
    let (client, accepted) = in_time(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let words = format!(
            "s_client -connect {at} {} -CAfile {} -verify_return_error -verify_hostname sip.example.com -showcerts",
            form.version, form.peer_cas
        );
        let words: Vec<_> = words.split_whitespace().collect();
        let client = Running::start(pki.folder(), "openssl", &words);
        let (stream, _) = listener.accept().await.unwrap();
        let accepted = match server.accept(stream).await {
            Ok(mut connection) => {
                let _ = connection.read(&mut [0]).await;
                Ok(())
            }
            Err(error) => Err(error),
        };
        (client, accepted)
    })?;
    let output = client.end();
    let text = String::from_utf8_lossy(&output.stdout);
    let is_good = output.status.success() && text.contains("Verify return code: 0 (ok)");
    match (accepted, is_good) {
        (Ok(()), true) => Ok(certificates(&text)),
        (accepted, _) => Err(format!(
            "no handshake with s_client: {accepted:?}\n{text}{}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

fn certificates(text: &str) -> Vec<Vec<u8>> {
    let blocks = pem::parse_many(text).unwrap();
    blocks.into_iter().map(pem::Pem::into_contents).collect()
}

/// Connects to `openssl s_server`, and returns the result of the verification.
pub(super) fn verdict(client: &Endpoint, server: &Server) -> Result<VerifyCode, String> {
    let connected = in_time(client.connect_to(&server.address.parse().unwrap(), None))?;
    match connected {
        Ok(connection) => Ok(connection.verify_status().ok_or("not verified")?.code()),
        Err(error) => match error.verify_status() {
            Some(status) => Ok(status.code()),
            None => Err(format!("no handshake with s_server: {error:?}")),
        },
    }
}

fn in_time<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let timed = async { tokio::time::timeout(PATIENCE, future).await };
    runtime
        .block_on(timed)
        .map_err(|_| "the handshake takes too long".to_owned())
}

/// A running `openssl s_server`, which serves one connection after the other.
pub(super) struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts the server with one of the certificates.
    pub(super) fn start(folder: &Path, name: &str) -> Self {
        let words = format!(
            "s_server -accept 127.0.0.1:0 -cert {name}.pem -key {name}.key -cert_chain inter.pem -www"
        );
        let mut child = Command::new("openssl")
            .args(words.split_whitespace())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("ACCEPT ")?.to_owned()));
        // Reads the output, so that the pipe stays open.
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.expect("a server that listens");
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The time after which a test that hangs is ended. No step takes as long as a second.
const PATIENCE: Duration = Duration::from_secs(30);
