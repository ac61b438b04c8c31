//! The program `openssl` as the peer.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use sip_tls::Endpoint;
use sip_tls::verify::VerifyCode;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::runtime;

use super::form::Form;
use super::pki::Pki;
use crate::child::Running;
use crate::pki::tools;

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
        let mut client = tools::command(pki.folder(), "openssl", &words);
        client.stdout(Stdio::piped()).stderr(Stdio::piped());
        let client = Running::start(&mut client);
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
    let output = client.output();
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
    /// Threads share the server.
    _program: Mutex<Running>,
    address: String,
}

impl Server {
    /// Starts the server with one of the certificates.
    pub(super) fn start(folder: &Path, name: &str) -> Self {
        let words = format!(
            "s_server -accept 127.0.0.1:0 -cert {name}.pem -key {name}.key -cert_chain inter.pem -www"
        );
        let words: Vec<_> = words.split_whitespace().collect();
        let mut command = tools::command(folder, "openssl", &words);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let program = Running::start(&mut command);
        let line = program.stdout.find("ACCEPT ");
        Self {
            address: line.trim_start_matches("ACCEPT ").trim_end().to_owned(),
            _program: Mutex::new(program),
        }
    }
}

/// The time after which a test that hangs is ended. No step takes as long as a second.
const PATIENCE: Duration = Duration::from_secs(30);
