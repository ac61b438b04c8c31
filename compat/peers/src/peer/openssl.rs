//! OpenSSL's own programs, for what only a TLS library's test program can be asked to do.

use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Peer, Special};
use crate::cell::{Cell, Role, Scenario, Setup, Version};
use crate::ours::{Ours, Record};
use crate::pki::{Identity, Pki};
use crate::process::{Process, Running, free_port};
use crate::sip;

pub(crate) const KIND: Kind = Kind {
    name: "openssl",
    packages: &[],
    open: |pki| Ok(Box::new(Openssl { pki })),
};

struct Openssl {
    pki: Arc<Pki>,
}

impl Peer for Openssl {
    fn version(&self) -> String {
        super::first_line("openssl", &["version"])
    }

    /// The differential tests hold us against OpenSSL.
    fn is_tried(&self, _cell: Cell) -> bool {
        false
    }

    fn serve(&mut self, _setup: Setup, _port: u16) -> Result<Box<dyn Running>, String> {
        Err("not tried".to_owned())
    }

    fn call(&mut self, _setup: Setup, _port: u16) -> Result<Box<dyn Running>, String> {
        Err("not tried".to_owned())
    }

    fn special(&mut self, ours: &Ours) -> Vec<Special> {
        let special = |name, result| Special { name, result };
        vec![
            special(
                "`listen` is asked to renegotiate in TLS 1.2",
                self.client(ours, Version::Tls12, &[], "R\n", "no renegotiation")
                    .and_then(
                        |(record, output)| match output.contains("no renegotiation") {
                            true => Ok("alert 100".to_owned()),
                            false => Err(unexpected(&record, &output)),
                        },
                    ),
            ),
            special(
                "`connect` is asked to renegotiate in TLS 1.2",
                self.server(ours, Version::Tls12, "r\n")
                    .and_then(|(record, _)| {
                        let error = record.error.clone().unwrap_or_default();
                        told(&record, error.contains("renegotiat"), &error)
                    }),
            ),
            special(
                "KeyUpdate by the client, and wanted back",
                self.update_keys(ours),
            ),
            special(
                "a server wants our certificate after the handshake",
                self.server(ours, Version::Tls13, "c\n")
                    .and_then(
                        |(record, output)| match output.contains("extension not received") {
                            true => Ok("not offered, so the server cannot ask".to_owned()),
                            false => Err(unexpected(&record, &output)),
                        },
                    ),
            ),
            special(
                "a client sends the address 127.0.0.1 as server name",
                self.answered(ours, &["-servername", "127.0.0.1"], sip::OPTIONS, "200 OK"),
            ),
            special(
                "compact and folded header fields",
                self.answered(ours, &[], COMPACT, "200 OK"),
            ),
            special(
                "HTTP over TLS",
                self.answered(
                    ours,
                    &[],
                    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    "400 Bad Request",
                ),
            ),
            special("HTTP without TLS", plain(ours, "GET / HTTP/1.1\r\n\r\n")),
            special("SIP without TLS", plain(ours, sip::OPTIONS)),
            special("a client is gone without close_notify", self.is_gone(ours)),
        ]
    }
}

impl Openssl {
    /// Starts `s_client`, which sends a text, and returns what `listen` says and what `s_client` prints.
    fn client(
        &self,
        ours: &Ours,
        version: Version,
        args: &[&str],
        text: &str,
        wanted: &'static str,
    ) -> Result<(Record, String), String> {
        let listener = ours.listen(cell(Role::Client, version))?;
        let mut process = self.s_client(listener.port, version, args)?;
        process.wait_for_text(HANDSHAKE_DONE, LIMIT)?;
        process.write(text)?;
        let mut ending = process.ends_with(wanted, Duration::from_secs(3));
        let record = listener.first(|| Running::has_ended(&mut ending))?;
        Ok((record, ending.output()))
    }

    fn s_client(&self, port: u16, version: Version, args: &[&str]) -> Result<Process, String> {
        let mut command = Command::new("openssl");
        command
            .args(["s_client", "-connect", &format!("127.0.0.1:{port}")])
            .arg(flag(version))
            .arg("-CAfile")
            .arg(self.pki.root())
            .arg("-cert")
            .arg(self.pki.certificate(Identity::Good))
            .arg("-cert_chain")
            .arg(self.pki.chain(Identity::Good))
            .arg("-key")
            .arg(self.pki.key(Identity::Good))
            .args(args);
        if args.is_empty() {
            command.arg("-noservername");
        }
        Process::start(&mut command)
    }

    /// A request over TLS 1.2, and how the answer begins.
    fn answered(
        &self,
        ours: &Ours,
        args: &[&str],
        request: &str,
        answer: &'static str,
    ) -> Result<String, String> {
        let (record, output) = self.client(ours, Version::Tls13, args, request, answer)?;
        match output.contains(answer) {
            true => Ok(answer.to_owned()),
            false => Err(unexpected(&record, &output)),
        }
    }

    /// Starts `s_server`, has `connect` call it, and gives it a command as soon as the request has come.
    fn server(
        &self,
        ours: &Ours,
        version: Version,
        command: &str,
    ) -> Result<(Record, String), String> {
        let port = free_port();
        let mut process = Process::start(
            Command::new("openssl")
                .args(["s_server", "-accept", &format!("127.0.0.1:{port}")])
                .arg(flag(version))
                .arg("-CAfile")
                .arg(self.pki.authorities())
                .arg("-cert")
                .arg(self.pki.certificate(Identity::Good))
                .arg("-cert_chain")
                .arg(self.pki.chain(Identity::Good))
                .arg("-key")
                .arg(self.pki.key(Identity::Good)),
        )?;
        process.wait_for_port(port)?;
        std::thread::scope(|scope| {
            let call = scope.spawn(|| ours.connect(cell(Role::Server, version), port));
            process.wait_for_text("CSeq: ", LIMIT)?;
            process.write(command)?;
            let record = call.join().map_err(|_| "connect panicked".to_owned())?;
            Ok((record?, process.output()))
        })
    }

    fn update_keys(&self, ours: &Ours) -> Result<String, String> {
        let listener = ours.listen(cell(Role::Client, Version::Tls13))?;
        let mut process = self.s_client(listener.port, Version::Tls13, &[])?;
        process.wait_for_text(HANDSHAKE_DONE, LIMIT)?;
        process.write("K\n")?;
        process.wait_for_text("KEYUPDATE", LIMIT)?;
        process.write(sip::OPTIONS)?;
        process.wait_for_text(sip::ANSWER, LIMIT)?;
        Ok("200 OK".to_owned())
    }

    fn is_gone(&self, ours: &Ours) -> Result<String, String> {
        // The client is ended by force, so that it can say nothing.
        let (record, output) = self.client(ours, Version::Tls13, &[], sip::OPTIONS, sip::ANSWER)?;
        match record.result == "connected" && record.error.is_none() {
            true => Ok("no error".to_owned()),
            false => Err(unexpected(&record, &output)),
        }
    }
}

/// Sends a text without TLS; the error must say so.
fn plain(ours: &Ours, text: &str) -> Result<String, String> {
    let listener = ours.listen(cell(Role::Client, Version::Tls13))?;
    let mut stream =
        TcpStream::connect(("127.0.0.1", listener.port)).map_err(|error| error.to_string())?;
    stream
        .set_read_timeout(Some(LIMIT))
        .and_then(|()| stream.write_all(text.as_bytes()))
        .map_err(|error| error.to_string())?;
    let _ = stream.read_to_end(&mut Vec::new());
    drop(stream);
    let record = listener.first(|| true)?;
    let error = record.error.clone().unwrap_or_default();
    told(&record, error.contains("not TLS"), &error)
}

fn told(record: &Record, is_told: bool, error: &str) -> Result<String, String> {
    match record.result != "connected" && is_told {
        true => Ok(error.to_owned()),
        false => Err(unexpected(record, &"")),
    }
}

fn unexpected(record: &Record, output: &dyn Debug) -> String {
    format!("got {record:?} {output:?}")
}

fn cell(role: Role, version: Version) -> Cell {
    Cell {
        scenario: Scenario::Good,
        role,
        version,
    }
}

fn flag(version: Version) -> &'static str {
    match version {
        Version::Tls12 => "-tls1_2",
        Version::Tls13 => "-tls1_3",
    }
}

const HANDSHAKE_DONE: &str = "Verify return code";
const LIMIT: Duration = Duration::from_secs(5);
/// The short forms of RFC 3261, and values over two lines.
const COMPACT: &str = "\
OPTIONS sip:localhost SIP/2.0\r
v: SIP/2.0/TLS 127.0.0.1:5061\r
 ;branch=z9hG4bKpeers\r
Max-Forwards: 70\r
f: <sip:peer@localhost>\r
\t;tag=peer\r
t: <sip:localhost>\r
i: peers@127.0.0.1\r
CSeq: 1\r
 OPTIONS\r
l: 0\r
\r
";
