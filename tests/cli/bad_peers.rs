//! Whatever one client does, the next client is served.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};

use serde_json::Value;

use super::peers::Client;
use super::program::{Listener, connect};
use crate::blocking;

/// What a client does to a listener, and how the connection is reported.
struct Case {
    does: fn(SocketAddr),
    result: &'static str,
    error: &'static str,
}

#[test]
fn a_listener_survives_every_bad_peer() {
    let words = ["--json", "--timeout", "2", "--idle", "2"];
    let mut listener = Listener::mutual(&words);
    for case in CASES {
        (case.does)(listener.address);
        let session = listener.json();
        assert_eq!(session["result"], case.result, "{session}");
        let error = session["error"].as_str().unwrap_or_default();
        assert!(error.contains(case.error), "{error:?} for {:?}", case.error);
        assert_served(&mut listener);
    }
}

const CASES: &[Case] = &[
    Case {
        does: |address| {
            plain(address, b"OPTIONS sip:a@b SIP/2.0\r\n\r\n");
        },
        result: "failed",
        error: "the TLS handshake failed: what the peer sends is not TLS (it is a SIP request without TLS on the port for TLS): `OPTIONS sip:a@b SIP/2.0\\r\\n\\r\\n`",
    },
    Case {
        does: |address| {
            plain(address, &[0x16, 3, 1, 0xff, 0xff]);
        },
        result: "failed",
        error: "",
    },
    Case {
        does: |address| drop(blocking::connect(address)),
        result: "failed",
        error: "the TLS handshake failed: the peer closed the connection without an alert: the client sent nothing; probably a port scan",
    },
    // An incomplete ClientHello, on a connection that stays open.
    Case {
        does: |address| {
            let mut stream = blocking::connect(address);
            stream.write_all(&[0x16, 3, 1, 0, 200, 1]).unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap_or_default();
        },
        result: "failed",
        error: "no connection after 2 seconds: TCP connected, but the TLS handshake was not finished: after 6 bytes from the client",
    },
    Case {
        does: |address| {
            Client::connect(address).receive_rest();
        },
        result: "connected",
        error: "",
    },
    Case {
        does: |address| {
            let mut client = Client::connect(address);
            client.send(b"OPTIONS sip:a@b SIP/2.0\r\nVia:");
            client.receive_rest();
        },
        result: "failed",
        error: "a SIP message was not completed in time",
    },
    Case {
        does: |address| {
            let mut client = Client::connect(address);
            client.send(b"OPTIONS sip:a@b SIP/2.0\r\n");
        },
        result: "failed",
        error: "the connection ended within a SIP message",
    },
    Case {
        does: |address| {
            let mut client = Client::connect(address);
            client.send(&vec![b'x'; 256 * 1024 + 1]);
            client.receive_rest();
        },
        result: "failed",
        error: "a SIP message is larger than 262144 bytes",
    },
    Case {
        does: |address| {
            let mut client = Client::connect(address);
            client.send(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 1000000000\r\n\r\n");
            client.receive_rest();
        },
        result: "failed",
        error: "a SIP message is larger than 262144 bytes",
    },
    Case {
        does: |address| {
            let mut client = Client::connect(address);
            client.send(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: many\r\n\r\n");
            assert!(
                client
                    .receive_rest()
                    .starts_with("SIP/2.0 400 Bad Request\r\n")
            );
        },
        result: "failed",
        error: "a SIP message has an unusable Content-Length",
    },
];

/// Sends bytes without TLS, and waits for the end of the connection.
fn plain(address: SocketAddr, bytes: &[u8]) {
    let mut stream = blocking::connect(address);
    stream.write_all(bytes).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap_or_default();
}

#[track_caller]
fn assert_served(listener: &mut Listener) {
    let run = connect(listener.address, &[], &[]);
    assert_eq!(run.exit, 0, "{run:?}");
    let session: Value = listener.json();
    assert_eq!(session["sip"][0]["status"], 200);
}
