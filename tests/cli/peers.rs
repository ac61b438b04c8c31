//! Peers of the program that are made with the library and follow a script.

use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sip_tls::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::program::{PHONE, SERVER, with};
use crate::blocking;
use crate::endpoint::settings::endpoint;
use crate::endpoint::test_pki::HOST;
use crate::in_time::runtime::Runtime;

/// What a server does after it has accepted a connection and received data.
#[derive(Clone, Copy)]
pub(super) enum Script {
    /// It answers with this status, like a SIP server.
    Answer(&'static str),
    /// It sends this text, expects messages with these beginnings, and then answers with 200.
    Ask(&'static str, &'static [&'static str]),
    /// It closes the connection.
    Close,
    /// It closes the connection before it has received any data.
    Leave,
    /// It sends this text, and closes the connection.
    Say(&'static str),
    /// It sends nothing until the client closes the connection.
    Silence,
}

/// A TLS server for one connection.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    thread: JoinHandle<()>,
}

impl Server {
    pub(super) fn start(script: Script, changes: &[(&'static str, &'static str)]) -> Self {
        let endpoint = endpoint(&with(&SERVER, changes));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = thread::spawn(move || {
            let stream = blocking::accept(&listener);
            stream.set_nonblocking(true).unwrap();
            Runtime::new().unwrap().block_on(async {
                let stream = TcpStream::from_std(stream).unwrap();
                let mut connection = endpoint.accept(stream).await.unwrap();
                if matches!(script, Script::Leave) {
                    return connection.shutdown().await.unwrap();
                }
                let mut read = [0; 4096];
                let count = connection.read(&mut read).await.unwrap_or(0);
                match script {
                    Script::Close | Script::Leave => {}
                    Script::Answer(status) => {
                        let answer = answer(status, &read[..count]);
                        connection.write_all(answer.as_bytes()).await.unwrap();
                        connection.flush().await.unwrap();
                    }
                    Script::Ask(text, expected) => {
                        connection.write_all(text.as_bytes()).await.unwrap();
                        connection.flush().await.unwrap();
                        let mut heard = String::new();
                        while heard.matches("\r\n\r\n").count() < expected.len() {
                            let mut more = [0; 4096];
                            let reading = connection.read(&mut more);
                            let more_count = tokio::time::timeout(PATIENCE, reading).await;
                            let more_count = more_count.expect("answers").unwrap();
                            assert_ne!(more_count, 0, "{heard}");
                            heard.push_str(std::str::from_utf8(&more[..more_count]).unwrap());
                        }
                        for (message, start) in heard.split("\r\n\r\n").zip(expected) {
                            assert!(message.starts_with(start), "{heard}");
                        }
                        let answer = answer("200 OK", &read[..count]);
                        connection.write_all(answer.as_bytes()).await.unwrap();
                        connection.flush().await.unwrap();
                    }
                    Script::Say(text) => {
                        connection.write_all(text.as_bytes()).await.unwrap();
                        connection.shutdown().await.unwrap();
                    }
                    Script::Silence => while matches!(connection.read(&mut read).await, Ok(1..)) {},
                }
            });
        });
        Self { address, thread }
    }

    pub(super) fn wait(self) {
        self.thread.join().unwrap();
    }
}

/// The answer to a request, with the headers that identify the request.
fn answer(status: &str, request: &[u8]) -> String {
    let request = std::str::from_utf8(request).unwrap();
    let is_copied = |line: &&str| {
        let name = line.split(':').next().unwrap();
        ["Via", "From", "To", "Call-ID", "CSeq"].contains(&name)
    };
    let copied: Vec<_> = request.lines().filter(is_copied).collect();
    format!("SIP/2.0 {status}\r\n{}\r\n\r\n", copied.join("\r\n"))
}

/// A TLS client that sends bytes in pieces.
pub(super) struct Client {
    runtime: Runtime,
    connection: Connection<TcpStream>,
}

impl Client {
    #[track_caller]
    pub(super) fn connect(address: SocketAddr) -> Self {
        let runtime = Runtime::new().unwrap();
        let endpoint = endpoint(&PHONE);
        let server = HOST.parse().unwrap();
        let connecting = endpoint.connect_to(&server, Some(address));
        let connection = runtime.block_on(connecting).unwrap();
        Self {
            connection,
            runtime,
        }
    }

    /// Sends bytes as one TLS record.
    pub(super) fn send(&mut self, bytes: &[u8]) {
        self.runtime.block_on(async {
            self.connection.write_all(bytes).await.unwrap();
            self.connection.flush().await.unwrap();
        });
    }

    /// Sends bytes. An error is ignored, because the server may have closed the connection.
    pub(super) fn try_send(&mut self, bytes: &[u8]) {
        let _ = self.runtime.block_on(async {
            self.connection.write_all(bytes).await?;
            self.connection.flush().await
        });
    }

    /// Reads this number of bytes.
    #[track_caller]
    pub(super) fn receive(&mut self, count: usize) -> String {
        let mut bytes = vec![0; count];
        let reading = self.connection.read_exact(&mut bytes);
        let reading = async { tokio::time::timeout(PATIENCE, reading).await };
        self.runtime.block_on(reading).unwrap().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// Reads messages without a body.
    #[track_caller]
    pub(super) fn receive_messages(&mut self, count: usize) -> Vec<String> {
        let mut messages = Vec::new();
        let mut message = String::new();
        while messages.len() < count {
            message.push_str(&self.receive(1));
            if message.ends_with("\r\n\r\n") {
                messages.push(std::mem::take(&mut message));
            }
        }
        messages
    }

    /// Reads until the server ends the connection.
    #[track_caller]
    pub(super) fn receive_rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let reading = self.connection.read_to_end(&mut bytes);
        let reading = async { tokio::time::timeout(PATIENCE, reading).await };
        // It does not matter how the connection ends.
        let _ = self.runtime.block_on(reading).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.connection.transport().local_addr().unwrap()
    }
}

/// The time after which a test fails. No step takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(60);
