//! Messages that arrive on the connection of a registration.

use std::time::Duration;

use super::phone::Phone;
use super::registrar::{Heard, Registrar, Reply, header, request, response};

fn registered() -> (Registrar, Phone) {
    let registrar = Registrar::start(|_, _| Reply::grant(600));
    let phone = Phone::start(registrar.address, &[]);
    registrar.message();
    assert_eq!(phone.change(), "registered, expires in 600 s");
    (registrar, phone)
}

#[test]
fn options_notify_and_pings_are_answered_and_other_requests_refused() {
    let (registrar, phone) = registered();
    for (method, status) in [
        ("OPTIONS", "200 OK"),
        ("NOTIFY", "200 OK"),
        ("INVITE", "405 Method Not Allowed"),
        ("MESSAGE", "405 Method Not Allowed"),
    ] {
        registrar.say(&request(method, 1));
        let answer = registrar.message();
        assert!(
            answer.starts_with(&format!("SIP/2.0 {status}\r\n")),
            "{answer}"
        );
        assert_eq!(header(&answer, "Allow"), "OPTIONS, NOTIFY");
        assert_eq!(header(&answer, "CSeq"), format!("1 {method}"));
        assert!(header(&answer, "To").contains(";tag="), "{answer}");
    }
    registrar.say("\r\n\r\n");
    registrar.wait_for(&Heard::Pong);
    // A request without mandatory headers is refused, and the connection goes on.
    registrar.say("OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\n\r\n");
    assert!(
        registrar
            .message()
            .starts_with("SIP/2.0 400 Bad Request\r\n")
    );
    registrar.say(&request("OPTIONS", 2));
    assert_eq!(header(&registrar.message(), "CSeq"), "2 OPTIONS");
    assert_eq!(phone.end().exit, Some(0));
}

#[test]
fn messages_are_read_wherever_records_are_cut() {
    let (registrar, _phone) = registered();
    // Each piece is a separate TLS record.
    let split = request("OPTIONS", 1);
    for piece in [
        &split[..7],
        &split[7..100],
        &split[100..split.len() - 1],
        "\n",
    ] {
        registrar.say(piece);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(header(&registrar.message(), "CSeq"), "1 OPTIONS");
    let body = request("NOTIFY", 3).replace("Length: 0\r\n\r\n", "Length: 9\r\n\r\n\r\nOPTIONS");
    let several = [
        &request("OPTIONS", 2),
        "\r\n\r\n",
        &body,
        &request("OPTIONS", 4),
    ];
    registrar.say(&several.concat());
    assert_eq!(header(&registrar.message(), "CSeq"), "2 OPTIONS");
    registrar.wait_for(&Heard::Pong);
    assert_eq!(header(&registrar.message(), "CSeq"), "3 NOTIFY");
    assert_eq!(header(&registrar.message(), "CSeq"), "4 OPTIONS");
}

#[test]
fn requests_before_the_registration_is_granted_are_answered() {
    let registrar = Registrar::start(|_, register| {
        let answer = response("200 OK", register, "Expires: 99\r\n");
        let trying = response("100 Trying", register, "");
        Reply::Say([trying, request("OPTIONS", 1), "\r\n\r\n".to_owned(), answer].concat())
    });
    let phone = Phone::start(registrar.address, &[]);
    registrar.message();
    assert!(registrar.message().starts_with("SIP/2.0 200 OK\r\n"));
    registrar.wait_for(&Heard::Pong);
    assert_eq!(phone.change(), "registered, expires in 99 s");
}

#[test]
fn answers_to_what_was_not_asked_are_ignored() {
    let registrar = Registrar::start(|_, register| {
        let ours = response("200 OK", register, "Expires: 77\r\n");
        let refused = ours.replace("200 OK", "403 Forbidden");
        let other = refused.replace("Call-ID: ", "Call-ID: x");
        let later = refused.replace("CSeq: 1 ", "CSeq: 9 ");
        let method = refused.replace(" REGISTER", " OPTIONS");
        Reply::Say([other, later, method, ours].concat())
    });
    let phone = Phone::start(registrar.address, &[]);
    assert_eq!(phone.change(), "registered, expires in 77 s");
    registrar.say("SIP/2.0 481 Gone\r\nCall-ID: x\r\nCSeq: 1 BYE\r\n\r\n");
    registrar.say(&request("OPTIONS", 1));
    registrar.wait_for(&Heard::Connected);
    registrar.message();
    assert_eq!(header(&registrar.message(), "CSeq"), "1 OPTIONS");
    assert_eq!(phone.end().exit, Some(0));
}

#[test]
fn a_registrar_that_sends_garbage_is_left_with_the_reason() {
    let too_large = format!("OPTIONS sip:a@b SIP/2.0\r\nl: {}\r\n\r\n", 1 << 20);
    for (garbage, error) in [
        (
            "220 mail.example.com ESMTP\r\n\r\n",
            "what the server sends is not SIP",
        ),
        (
            "\u{0}\u{1}\u{2}\u{ff}\n\n",
            "what the server sends is not SIP",
        ),
        (
            "SIP/2.0 twohundred OK\r\n\r\n",
            "what the server sends is not SIP",
        ),
        (
            "SIP/2.0 200 OK\r\nl: x\r\n\r\n",
            "a SIP message has an unusable Content-Length",
        ),
        (&too_large, "a SIP message is larger than 262144 bytes"),
    ] {
        let garbage = garbage.to_owned();
        let registrar = Registrar::start(move |number, _| match number {
            0 | 1 => Reply::Say(garbage.clone()),
            _ => Reply::Nothing,
        });
        let phone = Phone::start(registrar.address, &["--retry", "0.1"]);
        for _ in 0..2 {
            let change = phone.change();
            assert!(
                change.starts_with(&format!("{error}; next attempt in ")),
                "{change}"
            );
        }
        assert_eq!(phone.end().exit, Some(3));
    }
}

#[test]
fn garbage_after_the_registration_ends_the_connection() {
    let (registrar, phone) = registered();
    registrar.say("HTTP/1.1 200 OK\r\n\r\n");
    let change = phone.change();
    assert!(
        change.starts_with("what the server sends is not SIP; "),
        "{change}"
    );
    registrar.wait_for(&Heard::End);
    assert_eq!(phone.end().exit, Some(3));
}
