use std::net::TcpListener;

use serde_json::json;

use super::peers::Client;
use super::program::{Listener, SERVER, connect, connect_with, run_with, with};
use crate::endpoint::reload::Folder;

fn request(method: &str, call: &str) -> String {
    format!(
        "{method} sip:127.0.0.1 SIP/2.0\r\n\
         Via: SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bK{call};rport\r\n\
         Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKfirst\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:a@example.com>;tag=theirs\r\n\
         To: <sip:b@example.com>\r\n\
         Call-ID: {call}\r\n\
         CSeq: 7 {method}\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

/// The value of a header in an answer.
#[track_caller]
fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let start = format!("{name}: ");
    answer
        .lines()
        .find_map(|line| line.strip_prefix(&start))
        .unwrap()
}

#[test]
fn the_answer_leads_back_to_the_request() {
    let listener = Listener::mutual(&[]);
    let mut client = Client::connect(listener.address);
    client.send(request("OPTIONS", "one").as_bytes());
    let answers = client.receive_messages(1);
    let answer = &answers[0];
    assert!(answer.starts_with("SIP/2.0 200 OK\r\n"), "{answer}");
    let vias: Vec<_> = answer
        .lines()
        .filter(|line| line.starts_with("Via: "))
        .collect();
    let port = client.address().port();
    let first =
        format!("Via: SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKone;rport={port};received=127.0.0.1");
    assert_eq!(
        vias,
        [&first, "Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKfirst"]
    );
    assert_eq!(header(answer, "From"), "<sip:a@example.com>;tag=theirs");
    let tag = header(answer, "To")
        .strip_prefix("<sip:b@example.com>;tag=")
        .unwrap();
    assert!(tag.len() >= 16, "{tag}");
    assert_eq!(header(answer, "Call-ID"), "one");
    assert_eq!(header(answer, "CSeq"), "7 OPTIONS");
    assert_eq!(header(answer, "Allow"), "OPTIONS");
    assert_eq!(header(answer, "Content-Length"), "0");
}

#[test]
fn requests_are_found_wherever_the_records_are_cut() {
    let with_body =
        request("OPTIONS", "two").replace("Content-Length: 0\r\n\r\n", "l: 4\r\n\r\n\r\n\r\n");
    let stream = [
        &request("OPTIONS", "one"),
        "\r\n",
        &with_body,
        &request("OPTIONS", "three").replace("\r\n", "\n"),
    ]
    .concat();
    let mut listener = Listener::mutual(&["--json"]);
    for size in [1, 2, 3, 7, 100, stream.len()] {
        let mut client = Client::connect(listener.address);
        for piece in stream.as_bytes().chunks(size) {
            client.send(piece);
        }
        let answers = client.receive_messages(3);
        let calls: Vec<_> = answers
            .iter()
            .map(|answer| header(answer, "Call-ID"))
            .collect();
        assert_eq!(calls, ["one", "two", "three"], "pieces of {size}");
        drop(client);
        let sip = json!([{"method": "OPTIONS", "status": 200, "count": 3}]);
        assert_eq!(listener.json()["sip"], sip);
    }
}

#[test]
fn a_ping_is_answered_with_a_pong() {
    let listener = Listener::mutual(&[]);
    let mut client = Client::connect(listener.address);
    client.send(b"\r\n\r");
    client.send(b"\n");
    assert_eq!(client.receive(2), "\r\n");
    client.send(request("OPTIONS", "one").as_bytes());
    assert!(client.receive_messages(1)[0].starts_with("SIP/2.0 200 OK\r\n"));
}

/// The answer has to arrive although the client still sends the rest of the message.
#[test]
fn what_is_too_large_is_answered_before_the_connection_is_closed() {
    let mut listener = Listener::mutual(&["--json"]);
    let body = request("MESSAGE", "body").replace("Length: 0", "Length: 400000");
    let endless = request("MESSAGE", "head").replace("\r\n\r\n", "\r\nX: ");
    let rest = "x".repeat(16 * 1024);
    for (start, status) in [
        (body, "413 Request Entity Too Large"),
        (endless, "513 Message Too Large"),
    ] {
        let mut client = Client::connect(listener.address);
        client.send(start.as_bytes());
        for _ in 0..25 {
            client.try_send(rest.as_bytes());
        }
        let answer = client.receive_rest();
        assert!(
            answer.starts_with(&format!("SIP/2.0 {status}\r\n")),
            "{answer}"
        );
        assert_eq!(header(&answer, "CSeq"), "7 MESSAGE");
        drop(client);
        let found = listener.json();
        let error = "a SIP message is larger than 262144 bytes";
        assert_eq!(found["error"], error);
        let status: u16 = status[..3].parse().unwrap();
        let sip = json!([{"method": "MESSAGE", "status": status, "count": 1}]);
        assert_eq!(found["sip"], sip);
    }
}

#[test]
fn other_requests_are_not_allowed_and_acknowledgements_not_answered() {
    let mut listener = Listener::mutual(&["--json"]);
    let mut client = Client::connect(listener.address);
    for method in ["INVITE", "ACK", "REGISTER", "OPTIONS"] {
        client.send(request(method, method).as_bytes());
    }
    let answers = client.receive_messages(3);
    for (answer, (status, call)) in answers.iter().zip([
        ("405 Method Not Allowed", "INVITE"),
        ("405 Method Not Allowed", "REGISTER"),
        ("200 OK", "OPTIONS"),
    ]) {
        assert!(
            answer.starts_with(&format!("SIP/2.0 {status}\r\n")),
            "{answer}"
        );
        assert_eq!(header(answer, "Call-ID"), call);
        assert_eq!(header(answer, "Allow"), "OPTIONS");
    }
    drop(client);
    let sip = json!([
        {"method": "INVITE", "status": 405, "count": 1},
        {"method": "OPTIONS", "status": 200, "count": 1},
        {"method": "REGISTER", "status": 405, "count": 1},
    ]);
    assert_eq!(listener.json()["sip"], sip);
}

#[test]
fn malformed_requests_are_bad_requests() {
    let listener = Listener::mutual(&[]);
    let mut client = Client::connect(listener.address);
    let broken = [
        "hello\r\n\r\n".to_owned(),
        request("OPTIONS", "one").replace("Call-ID", "X-Call-ID"),
        request("OPTIONS", "one").replace("Max-Forwards: 70", "Max-Forwards"),
        request("OPTIONS", "one").replace("7 OPTIONS", "7 INVITE"),
    ];
    for request in &broken {
        client.send(request.as_bytes());
        let answer = client.receive_messages(1).remove(0);
        assert!(
            answer.starts_with("SIP/2.0 400 Bad Request\r\n"),
            "{request}{answer}"
        );
    }
    // The connection still works.
    client.send(request("OPTIONS", "one").as_bytes());
    assert!(client.receive_messages(1)[0].starts_with("SIP/2.0 200 OK\r\n"));
}

#[test]
fn it_ends_after_so_many_connections() {
    let listener = Listener::mutual(&["--count", "2"]);
    for _ in 0..2 {
        assert_eq!(connect(listener.address, &[], &[]).exit, 0);
    }
    let (exit, rest) = listener.wait();
    assert_eq!((exit, rest.lines().count()), (0, 2));
}

#[test]
fn clients_do_not_wait_for_each_other() {
    let listener = Listener::mutual(&[]);
    let mut first = Client::connect(listener.address);
    let mut second = Client::connect(listener.address);
    second.send(request("OPTIONS", "two").as_bytes());
    assert_eq!(header(&second.receive_messages(1)[0], "Call-ID"), "two");
    first.send(request("OPTIONS", "one").as_bytes());
    assert_eq!(header(&first.receive_messages(1)[0], "Call-ID"), "one");
}

#[cfg(unix)]
#[test]
fn an_interrupt_and_a_request_to_end_end_it_in_order() {
    for signal in ["-INT", "-TERM"] {
        ends_in_order(signal);
    }
}

#[test]
fn it_listens_at_a_name() {
    let listener = Listener::start(&["--bind", "localhost:0"], &SERVER);
    assert!(listener.address.ip().is_loopback());
    let run = connect(listener.address, &["--no-sip"], &[]);
    assert_eq!(run.exit, 0, "{run:?}");
    let refused = run_with(&["listen", "--bind", "no-such-name.invalid:0"], &SERVER);
    assert_eq!(refused.exit, 3, "{refused:?}");
    let words = "cannot listen on no-such-name.invalid:0: ";
    assert!(refused.error().starts_with(words), "{refused:?}");
}

#[cfg(unix)]
fn ends_in_order(signal: &str) {
    let listener = Listener::mutual(&["--json"]);
    let mut client = Client::connect(listener.address);
    client.send(request("OPTIONS", "one").as_bytes());
    client.receive_messages(1);
    listener.signal(signal);
    assert_eq!(client.receive_rest(), "");
    let (exit, rest) = listener.wait();
    let session: serde_json::Value = serde_json::from_str(&rest).unwrap();
    assert_eq!((exit, &session["result"]), (0, &json!("connected")));
    assert_eq!(session["sip"][0]["status"], 200);
}

#[test]
fn without_a_certificate_or_a_place_to_listen_it_does_not_start() {
    let words = ["listen", "--bind", "127.0.0.1:0"];
    let run = run_with(&words, &[("trusted-ca", "root.pem")]);
    assert_eq!((run.exit, run.stdout.as_str()), (2, ""));
    assert_eq!(
        run.error(),
        "`certificate` is not given: incoming connections need one"
    );

    let run = run_with(&["listen"], &SERVER);
    assert_eq!(
        (run.exit, run.error()),
        (
            2,
            "the following required arguments were not provided: --bind <HOST:PORT>"
        )
    );

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = run_with(&["listen", "--bind", &address], &SERVER);
    assert_eq!((run.exit, run.stdout.as_str()), (3, ""));
    assert!(
        run.error()
            .starts_with(&format!("cannot listen on {address}: ")),
        "{run:?}"
    );
}

#[test]
fn without_tls_mutual_nobody_is_asked_for_a_certificate() {
    let mut listener = Listener::start(&["--json"], &with(&SERVER, &[("tls-mutual", "0")]));
    assert_eq!(connect(listener.address, &[], &[]).exit, 0);
    let session = listener.json();
    assert_eq!(
        (&session["client"], &session["openssl"]),
        (&json!(null), &json!(null))
    );
}

/// By default, a hangup ends a program.
#[cfg(unix)]
#[test]
fn a_hangup_reads_the_files_again() {
    let folder = Folder::of("cli-hangup", "good", "older.crl");
    let mut listener = Listener::start(&["--json"], &strs(&folder.settings(&[MUTUAL])));
    assert_eq!(connect_as("revoked", &listener), 0);
    assert_eq!(listener.json()["openssl"]["code"], 0);
    folder.put("ca.crl", "current.crl");
    listener.signal("-HUP");
    assert_eq!(listener.note(), "reloaded: generation 2");
    assert_eq!(connect_as("revoked", &listener), 1);
    assert_eq!(listener.json()["openssl"]["code"], 23);

    folder.write("ca.crl", b"");
    listener.signal("-HUP");
    let note = listener.note();
    let path = folder.path("ca.crl").display().to_string();
    assert!(
        note.starts_with("not reloaded: `tls-crl`: ") && note.contains(&path),
        "{note}"
    );
    assert!(note.ends_with("; the old files stay in use"), "{note}");
    assert_eq!(connect_as("revoked", &listener), 1);
    assert_eq!(connect_as("good", &listener), 0);
}

#[test]
fn with_watch_new_files_are_read_by_themselves() {
    let folder = Folder::of("cli-watch", "good", "older.crl");
    let settings = folder.settings(&[MUTUAL]);
    let mut listener = Listener::start(&["--json", "--watch"], &strs(&settings));
    folder.put("own.key", "local.key");
    let note = listener.note();
    assert!(
        note.starts_with("not reloaded: `certificate-key`: "),
        "{note}"
    );
    folder.put("own.pem", "local.pem");
    assert_eq!(listener.note(), "reloaded: generation 2");
    assert_eq!(connect_as("good", &listener), 0);
}

/// The exit code of `connect` for a phone with this certificate, which sends a request.
fn connect_as(identity: &str, listener: &Listener) -> i32 {
    let files = [format!("{identity}.pem"), format!("{identity}.key")];
    let options = [
        ("certificate", &*files[0]),
        ("certificate-key", &files[1]),
        ("trusted-ca", "root.pem"),
    ];
    connect_with(listener.address, &[], &options).exit
}

fn strs<'a>(settings: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    let pairs = settings.iter();
    pairs.map(|(name, value)| (*name, value.as_str())).collect()
}

const MUTUAL: (&str, &str) = ("tls-mutual", "1");
