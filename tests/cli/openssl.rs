//! Tests with the program `openssl`, if it is installed. In CI (`CI` is set) it is a failure if it is missing.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use serde_json::json;

use super::program::{Listener, PHONE, config, run};
use crate::child::{self, Running};
use crate::endpoint::test_pki::TestPki;

/// A running `openssl`, which is ended when the value is dropped.
struct Openssl {
    program: Running,
}

impl Openssl {
    /// Starts a server that requires a client certificate. Returns it with its address.
    fn server(identity: &str, words: &[&str]) -> (Self, SocketAddr) {
        let mut command = child::command("openssl");
        command.args([
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-Verify",
            "4",
            "-verify_return_error",
        ]);
        let server = Self::start(command, identity, words);
        let line = server.line_with("ACCEPT ");
        let address = line.trim_end().strip_prefix("ACCEPT ").unwrap();
        (server, address.parse().unwrap())
    }

    fn client(address: SocketAddr, identity: &str, words: &[&str]) -> Self {
        let mut command = child::command("openssl");
        command.args([
            "s_client",
            "-quiet",
            "-verify_return_error",
            "-connect",
            &address.to_string(),
        ]);
        Self::start(command, identity, words)
    }

    fn start(mut command: Command, identity: &str, words: &[&str]) -> Self {
        let pki = TestPki::get();
        let file = |suffix| pki.path(&format!("{identity}.{suffix}"));
        command.args(words).arg("-CAfile").arg(pki.path("root.pem"));
        command
            .arg("-cert")
            .arg(file("pem"))
            .arg("-key")
            .arg(file("key"));
        command.arg("-cert_chain").arg(file("pem"));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        Self {
            program: Running::start(&mut command),
        }
    }

    /// Reads lines until one contains this text.
    #[track_caller]
    fn line_with(&self, part: &str) -> String {
        self.program.stdout.find(part)
    }

    fn say(&mut self, text: &str) {
        self.program.say(text);
    }
}

const PROTOCOLS: [(&str, &str); 2] = [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")];

#[test]
fn connect_exchanges_options_with_a_sip_server_behind_s_server() {
    if !child::is_found("openssl") {
        return;
    }
    let line = "user=\"4021\" server=\"sip.example.com:5061\" protocol=\"TLS\"";
    let config = config("openssl.config", &[line], &PHONE);
    for identity in ["good", "rsa"] {
        for (option, protocol) in PROTOCOLS {
            let (mut server, address) = Openssl::server(identity, &[option]);
            let address = address.to_string();
            let words = ["connect", &config, "--connect-to", &address, "--json"];
            let client = std::thread::spawn({
                let words = words.map(str::to_owned);
                move || run(words)
            });
            answer(&mut server);
            let run = client.join().unwrap();
            let found = run.json();
            assert_eq!(run.exit, 0, "{found}");
            assert_eq!(found["sip"], json!({"status": 200, "reason": "Fine"}));
            assert_eq!(
                (&found["result"], &found["protocol"]),
                (&json!("connected"), &json!(protocol))
            );
            assert_eq!(found["user"], "4021");
        }
    }
}

/// Acts as a SIP server behind `s_server`.
#[track_caller]
fn answer(server: &mut Openssl) {
    let request_line = server.line_with("OPTIONS sip:");
    assert_eq!(request_line, "OPTIONS sip:sip.example.com:5061 SIP/2.0\r\n");
    let mut copied = String::new();
    loop {
        let line = server.line_with("\r\n");
        if line == "\r\n" {
            break;
        }
        if ["Via", "From", "To", "Call-ID", "CSeq"].contains(&line.split(':').next().unwrap()) {
            copied.push_str(&line);
        }
    }
    server.say("SIP/2.0 100 Trying\r\nl: 0\r\n\r\n");
    server.say(&format!(
        "SIP/2.0 200 Fine\r\n{copied}Content-Length: 2\r\n\r\nok"
    ));
}

#[test]
fn s_server_refuses_a_client_and_connect_says_so() {
    if !child::is_found("openssl") {
        return;
    }
    for (option, _) in PROTOCOLS {
        for sip in ["--sip", "--no-sip"] {
            let (_server, address) = Openssl::server("good", &[option]);
            let address = address.to_string();
            let pki = TestPki::get();
            let trusted = format!("trusted-ca={}", pki.path("root.pem").display());
            let words = [
                "connect",
                "--server",
                "sip.example.com",
                "--connect-to",
                &address,
                "-o",
                &trusted,
                sip,
                "--json",
            ];
            let run = run(words);
            assert_eq!(
                (run.exit, &run.json()["result"]),
                (1, &json!("refused")),
                "{run:?}"
            );
            assert!(run.json()["alert"]["code"].is_number(), "{run:?}");
        }
    }
}

#[test]
fn s_client_sends_options_to_listen_and_gets_200() {
    if !child::is_found("openssl") {
        return;
    }
    let mut listener = Listener::mutual(&["--json"]);
    for (option, protocol) in PROTOCOLS {
        let mut client = Openssl::client(listener.address, "good", &[option]);
        client.say(
            "OPTIONS sip:b@example.com SIP/2.0\n\
             Via: SIP/2.0/TLS client.example.com;branch=z9hG4bKabc\n\
             From: <sip:a@example.com>;tag=1\n\
             To: <sip:b@example.com>\n\
             Call-ID: abc\n\
             CSeq: 1 OPTIONS\n\n",
        );
        let status = client.line_with("SIP/2.0");
        assert_eq!(status, "SIP/2.0 200 OK\r\n");
        client.line_with("Content-Length: 0");
        drop(client);
        let session = listener.json();
        assert_eq!(
            (&session["protocol"], &session["client"]),
            (&json!(protocol), &json!("CN = good"))
        );
        assert_eq!(session["sip"][0]["status"], 200);
    }
}

#[test]
fn listen_refuses_s_client_with_a_revoked_certificate() {
    if !child::is_found("openssl") {
        return;
    }
    let mut listener = Listener::mutual(&["--json"]);
    for (option, _) in PROTOCOLS {
        let client = Openssl::client(listener.address, "revoked", &[option]);
        client.program.stdout.rest();
        let session = listener.json();
        assert_eq!(session["result"], "refused");
        assert_eq!(
            session["openssl"],
            json!({"code": 23, "name": "X509_V_ERR_CERT_REVOKED"})
        );
    }
}
