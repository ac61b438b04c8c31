//! Special cases of a connection: renegotiation, key updates, post-handshake authentication, abrupt ends, odd
//! names and headers.

use std::thread;
use std::time::{Duration, Instant};

use super::{answer, call_ids};
use crate::cell::Role;
use crate::ours::{Listener, Ours, Record};
use crate::peer::Special;
use crate::pki::Identity;
use crate::process::{Process, free_port};
use crate::sip;

pub(super) type Outcome = Result<String, String>;

pub(super) fn all(ours: &Ours) -> Vec<Special> {
    let cases = Cases { ours };
    let mut results = Vec::new();
    for (name, case) in list() {
        results.push(Special {
            name,
            result: case(&cases),
        });
    }
    results
}

type Case<'a> = (&'static str, fn(&Cases<'a>) -> Outcome);

fn list<'a>() -> Vec<Case<'a>> {
    vec![
        ("the server asks to renegotiate", Cases::server_renegotiates),
        ("the client asks to renegotiate", Cases::client_renegotiates),
        ("the server updates its keys", Cases::server_updates_keys),
        ("the client updates its keys", Cases::client_updates_keys),
        (
            "the server wants a certificate after the handshake",
            Cases::server_authenticates_later,
        ),
        (
            "the client offers its certificate after the handshake",
            Cases::client_authenticates_later,
        ),
        (
            "the server ends without close_notify",
            Cases::server_ends_abruptly,
        ),
        (
            "the server ends in the middle of its answer",
            Cases::server_ends_halfway,
        ),
        (
            "the client ends without close_notify",
            Cases::client_ends_abruptly,
        ),
        (
            "the client ends in the middle of a request",
            Cases::client_ends_halfway,
        ),
        ("IP literals as SNI", Cases::addresses_as_names),
        ("SNI that is no DNS name", Cases::unreadable_names),
        (
            "folded and compact headers in a request",
            Cases::folded_request,
        ),
        (
            "folded and compact headers in an answer",
            Cases::folded_answer,
        ),
        ("HTTP over TLS", Cases::http_over_tls),
        ("a client of HTTP without TLS", Cases::http_client),
        ("a client of SIP without TLS", Cases::sip_client),
        ("a client of SSH", Cases::ssh_client),
        ("a client that sends nothing", Cases::silent_client),
        ("a server of HTTP without TLS", Cases::http_server),
        ("a server of SIP without TLS", Cases::sip_server),
        ("a server of SSH", Cases::ssh_server),
        ("a server that sends nothing", Cases::silent_server),
    ]
}

/// The cases, with the program under test.
pub(super) struct Cases<'a> {
    pub(super) ours: &'a Ours,
}

impl Cases<'_> {
    fn server_renegotiates(&self) -> Outcome {
        let mut text = String::new();
        // With R, the server also requests a certificate.
        for command in ["r\n", "R\n"] {
            let record = self.meet(&["-tls1_2"], |server| running(server)?.write(command))?;
            text = fails_with(&record, "the peer asked to renegotiate")?;
        }
        Ok(text)
    }

    fn client_renegotiates(&self) -> Outcome {
        let listener = self.listen()?;
        let mut client = self.client(&listener, &["-tls1_2"])?;
        ask(&mut client, 1)?;
        client.write("R\n")?;
        wait_for(&client, "RENEGOTIATING", 1)?;
        let record = listener.record(0)?;
        wait_for(&client, "no renegotiation", 1)?;
        fails_with(&record, "the peer asked to renegotiate")?;
        self.next_is_answered(&listener, 1)?;
        Ok("told `no_renegotiation`, and OpenSSL's client ends the connection".to_owned())
    }

    fn server_updates_keys(&self) -> Outcome {
        let record = self.meet(&["-tls1_3", "-msg"], |server| {
            let server = running(server)?;
            // With K, the client is asked to update its keys, too.
            for (number, command) in ["K\n", "k\n"].iter().enumerate() {
                server.write(command)?;
                wait_for(server, KEY_UPDATE_SENT, number + 1)?;
            }
            server.write(sip::OPTIONS)?;
            wait_for(server, sip::ANSWER, 1)?;
            wait_for(server, KEY_UPDATE, 1)?;
            reply(server, answer)
        })?;
        is_answered(&record, Role::Server)?;
        Ok("goes on, with our keys updated as well".to_owned())
    }

    fn client_updates_keys(&self) -> Outcome {
        let listener = self.listen()?;
        let mut client = self.client(&listener, &["-tls1_3", "-msg"])?;
        ask(&mut client, 1)?;
        for (number, command) in ["K\n", "k\n"].iter().enumerate() {
            client.write(command)?;
            wait_for(&client, "KEYUPDATE\n", number + 1)?;
            ask(&mut client, number + 2)?;
        }
        wait_for(&client, KEY_UPDATE, 1)?;
        drop(client);
        is_answered(&listener.record(0)?, Role::Client)?;
        Ok("goes on, with our keys updated as well".to_owned())
    }

    fn server_authenticates_later(&self) -> Outcome {
        let record = self.meet(&["-tls1_3", "-verify", "5"], |server| {
            let server = running(server)?;
            server.write("c\n")?;
            wait_for(server, "extension not received", 1)?;
            reply(server, answer)
        })?;
        is_answered(&record, Role::Server)?;
        Ok("OpenSSL's server cannot ask, as rustls does not offer it; goes on".to_owned())
    }

    fn client_authenticates_later(&self) -> Outcome {
        let pki = self.ours.pki();
        let certificate = pki.certificate(Identity::Good).display().to_string();
        let key = pki.key(Identity::Good).display().to_string();
        let more = [
            "-tls1_3",
            "-enable_pha",
            "-cert",
            &certificate,
            "-key",
            &key,
        ];
        self.one_client(&more)?;
        Ok("goes on; rustls does not ask".to_owned())
    }

    fn server_ends_abruptly(&self) -> Outcome {
        let mut text = String::new();
        for version in VERSIONS {
            let record = self.meet(&[version], |server| {
                drop(server.take());
                Ok(())
            })?;
            text = fails_with(&record, "the server closed the connection")?;
        }
        Ok(text)
    }

    fn server_ends_halfway(&self) -> Outcome {
        let mut text = String::new();
        for version in VERSIONS {
            let record = self.meet(&[version, "-msg"], |server| {
                let process = running(server)?;
                let sent = process.output().matches(SENT).count();
                reply(process, |id| answer(id).trim_end().to_owned())?;
                wait_for(process, SENT, sent + 1)?;
                // OpenSSL prints the line before it sends. The line of a second message shows that the first has left.
                process.write("\r\nAllow: ")?;
                wait_for(process, SENT, sent + 2)?;
                drop(server.take());
                Ok(())
            })?;
            text = fails_with(&record, "the connection ended within a SIP message")?;
        }
        Ok(text)
    }

    fn client_ends_abruptly(&self) -> Outcome {
        for version in VERSIONS {
            self.one_client(&[version])?;
        }
        Ok("an end like any other".to_owned())
    }

    fn client_ends_halfway(&self) -> Outcome {
        let mut text = String::new();
        for version in VERSIONS {
            let listener = self.listen()?;
            let mut client = self.client(&listener, &[version])?;
            // One write is one record: if the first request has arrived, so has the half request after it.
            let half = &sip::OPTIONS[..sip::OPTIONS.len() / 2];
            client.write(&format!("{}{half}", sip::OPTIONS))?;
            wait_for(&client, sip::ANSWER, 1)?;
            drop(client);
            text = fails_with(
                &listener.record(0)?,
                "the connection ended within a SIP message",
            )?;
            self.next_is_answered(&listener, 1)?;
        }
        Ok(text)
    }

    fn addresses_as_names(&self) -> Outcome {
        for name in ["127.0.0.1", "::1"] {
            for version in VERSIONS {
                self.one_client(&[version, "-servername", name])?;
            }
        }
        Ok("connected".to_owned())
    }

    fn unreadable_names(&self) -> Outcome {
        let listener = self.listen()?;
        let mut text = String::new();
        for (number, name) in UNREADABLE.iter().enumerate() {
            let _client = self.client(&listener, &["-servername", name])?;
            let words = format!(
                "sends `{name}` as server name (SNI), which is neither a DNS name nor an IP address"
            );
            text = fails_with(&listener.record(number)?, &words)?;
        }
        self.next_is_answered(&listener, UNREADABLE.len())?;
        Ok(text)
    }

    fn folded_request(&self) -> Outcome {
        let listener = self.listen()?;
        let mut client = self.client(&listener, &["-quiet"])?;
        // The second request is only found if the length of the first is read correctly.
        client.write(&format!("{FOLDED_OPTIONS}{}", sip::OPTIONS))?;
        wait_for(&client, sip::ANSWER, 2)?;
        // The values are copied into the answer as they came, folded.
        for text in ["branch=z9hG4bKfolded", "CSeq: 7\r\n OPTIONS\r\n"] {
            wait_for(&client, text, 1)?;
        }
        drop(client);
        is_answered(&listener.record(0)?, Role::Client)?;
        Ok("answered".to_owned())
    }

    fn folded_answer(&self) -> Outcome {
        let record = self.meet(&["-quiet"], |server| {
            reply(running(server)?, |id| {
                format!(
                    "SIP/2.0 200 OK\r\ni :\r\n {id}\r\nCSEQ: 1\r\n\tOPTIONS\r\ns: a subject\r\n \
                     that goes on\r\nl:\r\n 0\r\n\r\n"
                )
            })
        })?;
        is_answered(&record, Role::Server)?;
        Ok("read".to_owned())
    }

    fn http_over_tls(&self) -> Outcome {
        let listener = self.listen()?;
        let mut client = self.client(&listener, &["-quiet"])?;
        client.write(HTTP)?;
        wait_for(&client, "SIP/2.0 400 Bad Request", 1)?;
        drop(client);
        let record = listener.record(0)?;
        if record.result != "connected" || record.error.is_some() {
            return Err(format!("{record:?}"));
        }
        self.next_is_answered(&listener, 1)?;
        Ok("answered with 400".to_owned())
    }
}

impl Cases<'_> {
    /// Runs `listen` without a request for certificates.
    pub(super) fn listen(&self) -> Result<Listener, String> {
        let command = self.ours.command("listen", Some(Identity::Good), &[]);
        self.ours.listen_with(command)
    }

    /// Starts an OpenSSL client. It reads commands unless `-quiet` is among the arguments.
    fn client(&self, listener: &Listener, more: &[&str]) -> Result<Process, String> {
        let mut command = std::process::Command::new("openssl");
        command
            .args(["s_client", "-verify_return_error", "-CAfile"])
            .arg(self.ours.pki().root())
            .args(["-connect", &format!("127.0.0.1:{}", listener.port)])
            .args(more);
        Process::start(&mut command)
    }

    /// Runs a client whose request is answered, and which ends without close_notify.
    fn one_client(&self, more: &[&str]) -> Result<(), String> {
        let listener = self.listen()?;
        ask(&mut self.client(&listener, more)?, 1)?;
        is_answered(&listener.record(0)?, Role::Client)?;
        self.next_is_answered(&listener, 1)
    }

    /// Checks that the server still answers, after this number of connections.
    pub(super) fn next_is_answered(
        &self,
        listener: &Listener,
        number: usize,
    ) -> Result<(), String> {
        let next = |error| format!("the next connection: {error}");
        ask(&mut self.client(listener, &["-quiet"])?, 1).map_err(next)?;
        is_answered(&listener.record(number)?, Role::Client).map_err(next)
    }

    /// Runs `connect` against an OpenSSL server. When the request has arrived, `talk` runs for the server.
    fn meet(
        &self,
        more: &[&str],
        talk: impl FnOnce(&mut Option<Process>) -> Result<(), String>,
    ) -> Result<Record, String> {
        let (port, pki) = (free_port(), self.ours.pki());
        let mut command = std::process::Command::new("openssl");
        command
            .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-cert"])
            .arg(pki.certificate(Identity::Good))
            .arg("-key")
            .arg(pki.key(Identity::Good))
            .arg("-cert_chain")
            .arg(pki.file("issuing.pem"))
            .arg("-CAfile")
            .arg(pki.root())
            .args(more);
        let mut server = Process::start(&mut command)?;
        server.wait_for_port(port)?;
        let mut server = Some(server);
        let (record, talked) = thread::scope(|scope| {
            let connect = scope.spawn(|| self.connect(port));
            let whole = "Content-Length: 0\r\n\r\n";
            let come = running(&mut server).and_then(|server| wait_for(server, whole, 1));
            let talked = come.and_then(|()| talk(&mut server));
            let record = connect.join();
            (
                record.unwrap_or_else(|_| Err("it panicked".to_owned())),
                talked,
            )
        });
        talked?;
        record
    }

    /// Runs `connect` against a server on this port.
    pub(super) fn connect(&self, port: u16) -> Result<Record, String> {
        let options = ["tls-target-name-check=host"];
        let identity = Some(Identity::Good);
        let mut command = self.ours.command("connect", identity, &options);
        command.args(["--server", &format!("localhost:{port}")]);
        self.ours.connect_with(command, port)
    }
}

/// Sends a request, and waits until this number of answers has come in all.
fn ask(client: &mut Process, answers: usize) -> Result<(), String> {
    client.write(sip::OPTIONS)?;
    wait_for(client, sip::ANSWER, answers)
}

/// Sends the answer to the request that has arrived.
fn reply(server: &mut Process, answer: impl FnOnce(&str) -> String) -> Result<(), String> {
    let output = server.output();
    let id = call_ids(&output).next().ok_or("there is no Call-ID")?;
    server.write(&answer(id))
}

fn running(server: &mut Option<Process>) -> Result<&mut Process, String> {
    server
        .as_mut()
        .ok_or_else(|| "the server is gone".to_owned())
}

/// Waits until a process has printed a text this number of times.
fn wait_for(process: &Process, text: &str, count: usize) -> Result<(), String> {
    let began = Instant::now();
    while process.output().matches(text).count() < count {
        if began.elapsed() > LIMIT {
            return Err(format!(
                "there is no `{text}` number {count}: {}",
                end_of(&process.output())
            ));
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// The last lines of an output.
fn end_of(output: &str) -> String {
    let lines: Vec<_> = output.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n    | ")
}

fn is_answered(record: &Record, role: Role) -> Result<(), String> {
    match record.result == "connected" && record.error.is_none() && record.is_answered(role) {
        true => Ok(()),
        false => Err(format!("expected an answered request, got {record:?}")),
    }
}

/// Checks that a connection failed for this reason. Returns the error.
pub(super) fn fails_with(record: &Record, words: &str) -> Outcome {
    let error = record.error.clone().unwrap_or_default();
    match record.result == "failed" && error.contains(words) {
        true => Ok(error),
        false => Err(format!("expected the error `{words}`, got {record:?}")),
    }
}

const LINES: usize = 25;
const VERSIONS: [&str; 2] = ["-tls1_2", "-tls1_3"];
const UNREADABLE: [&str; 4] = ["bad name", "a..b", "-x", "sip:localhost"];
/// The lines of `-msg` for a KeyUpdate that was received, and for one that was sent.
const KEY_UPDATE: &str = "<<< TLS 1.3, Handshake [length 0005], KeyUpdate";
const KEY_UPDATE_SENT: &str = ">>> TLS 1.3, Handshake [length 0005], KeyUpdate";
/// The beginning of the lines of `-msg` for messages that are sent.
const SENT: &str = ">>> ";
/// A request with the spellings of headers that [RFC 3261](https://www.rfc-editor.org/rfc/rfc3261#section-7.3) allows.
const FOLDED_OPTIONS: &str = "\
OPTIONS sip:localhost SIP/2.0\r
v: SIP/2.0/TLS 127.0.0.1:5061\r
 ;branch=z9hG4bKfolded\r
Max-Forwards:\r
\t70\r
f:\r
 <sip:peer@localhost>\r
  ;tag=peer\r
t : <sip:localhost>\r
i:folded@127.0.0.1\r
CSEQ: 7\r
 OPTIONS\r
s: a subject\r
 that goes on\r
l:\r
 6\r
\r
folded";
pub(super) const HTTP: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LIMIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);
