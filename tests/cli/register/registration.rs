//! Registration, its renewal, and its removal.

use std::time::Duration;

use super::phone::Phone;
use super::registrar::{Heard, Registrar, Reply, header};

#[test]
fn the_connection_is_bound_to_the_user_and_taken_back_in_the_end() {
    let registrar = Registrar::start(|_, _| Reply::grant(300));
    let phone = Phone::start(registrar.address, &[]);
    assert_eq!(registrar.next(), (0, Heard::Connected));
    let first = registrar.message();
    assert!(
        first.starts_with("REGISTER sip:sip.example.com SIP/2.0\r\n"),
        "{first}"
    );
    let address = "<sip:4021@sip.example.com>";
    assert_eq!(header(&first, "To"), address);
    assert!(header(&first, "From").starts_with(&format!("{address};tag=")));
    let via = header(&first, "Via");
    assert!(
        via.starts_with("SIP/2.0/TLS 127.0.0.1:") && via.ends_with(";rport;alias"),
        "{via}"
    );
    let contact = header(&first, "Contact");
    assert!(contact.starts_with("<sip:4021@127.0.0.1:"), "{contact}");
    let (_, parameters) = contact
        .split_once(";transport=tls>;reg-id=1;")
        .expect(contact);
    let uuid = parameters
        .strip_prefix("+sip.instance=\"<urn:uuid:")
        .expect(contact);
    let groups: Vec<_> = uuid
        .trim_end_matches(">\"")
        .split('-')
        .map(str::len)
        .collect();
    assert_eq!(groups, [8, 4, 4, 4, 12]);
    assert_eq!(header(&first, "Expires"), "600");
    assert_eq!(header(&first, "Supported"), "path, outbound");
    assert_eq!(header(&first, "CSeq"), "1 REGISTER");
    assert_eq!(phone.change(), "registered, expires in 300 s");

    let end = phone.end();
    let last = registrar.message();
    assert_eq!(
        (header(&last, "Expires"), header(&last, "CSeq")),
        ("0", "2 REGISTER")
    );
    for name in ["Call-ID", "From", "Contact"] {
        assert_eq!(header(&last, name), header(&first, name));
    }
    assert_ne!(header(&last, "Via"), via, "another branch");
    assert_eq!(registrar.next(), (0, Heard::End));
    assert_eq!((end.exit, end.lines.len()), (Some(0), 1), "{end:?}");
    assert!(end.lines[0].ends_with(": unregistered"), "{end:?}");
    assert_eq!(end.errors, [""; 0]);
}

#[test]
fn a_registration_is_renewed_in_time_and_that_is_no_change() {
    let registrar = Registrar::start(|_, _| {
        // The `expires` of the contact counts, not the Expires header.
        let contact = "Contact: <sip:4021@192.0.2.1>;expires=4\r\nExpires: 3600\r\n";
        Reply::Answer("200 OK", contact.to_owned())
    });
    let phone = Phone::start(registrar.address, &["--expires", "7"]);
    let (first, mut before) = registrar.timed_message();
    assert_eq!(header(&first, "Expires"), "7");
    for number in 2..4 {
        let (again, when) = registrar.timed_message();
        assert_eq!(header(&again, "CSeq"), format!("{number} REGISTER"));
        assert_eq!(header(&again, "Call-ID"), header(&first, "Call-ID"));
        let after = (when - before).as_secs_f64();
        assert!((1.9..4.0).contains(&after), "{after} s");
        before = when;
    }
    assert_eq!(phone.change(), "registered, expires in 4 s");
    let end = phone.end();
    assert_eq!(end.lines, ["4021 at sip.example.com:5061: unregistered"]);
}

#[test]
fn a_time_that_is_too_brief_is_asked_for_again_as_the_registrar_wants_it() {
    let registrar = Registrar::start(|_, request| match header(request, "Expires") {
        "60" | "0" => Reply::grant(60),
        _ => Reply::Answer("423 Interval Too Brief", "Min-Expires: 60\r\n".to_owned()),
    });
    let phone = Phone::start(registrar.address, &["--expires", "5"]);
    assert_eq!(header(&registrar.message(), "Expires"), "5");
    let second = registrar.message();
    assert_eq!(
        (header(&second, "Expires"), header(&second, "CSeq")),
        ("60", "2 REGISTER")
    );
    assert_eq!(phone.change(), "registered, expires in 60 s");
}

#[test]
fn a_registrar_that_always_wants_more_is_not_asked_for_ever() {
    let registrar = Registrar::start(|number, _| {
        let more = format!("Min-Expires: {}\r\n", 1000 + number);
        Reply::Answer("423 Interval Too Brief", more)
    });
    let phone = Phone::start(registrar.address, &["--retry", "60"]);
    let change = phone.change();
    let error = "the registrar answered REGISTER with 423 Interval Too Brief; next attempt in ";
    assert!(change.starts_with(error), "{change}");
    let end = phone.end();
    assert_eq!(end.exit, Some(1), "{end:?}");
}

#[test]
fn what_the_registrar_answers_else_is_told_and_tried_again() {
    let cases = [
        ("404 Not Found", "", 1),
        ("503 Service Unavailable", "Retry-After: 77\r\n", 3),
        ("302 Moved Temporarily", "", 3),
        ("600 Busy\u{7} Everywhere", "", 1),
    ];
    for (status, headers, exit) in cases {
        let registrar = Registrar::start(move |_, _| Reply::Answer(status, headers.to_owned()));
        let phone = Phone::start(registrar.address, &["--retry", "20"]);
        let status = status.replace('\u{7}', "\\u{7}");
        let change = phone.change();
        let error = format!("the registrar answered REGISTER with {status}; next attempt in ");
        let pause = change.strip_prefix(&error).expect(&change);
        let pause: u32 = pause.strip_suffix(" s").unwrap().parse().unwrap();
        match headers.is_empty() {
            true => assert!((20..=40).contains(&pause), "{pause}"),
            false => assert_eq!(pause, 77),
        }
        let end = phone.end();
        assert_eq!(end.exit, Some(exit), "{end:?}");
        let start = "sip-tls: 4021 at sip.example.com:5061: the registrar answered";
        assert!(end.errors[0].starts_with(start), "{end:?}");
    }
}

#[test]
fn a_registration_for_no_time_is_none() {
    let registrar = Registrar::start(|_, _| Reply::grant(0));
    let phone = Phone::start(registrar.address, &[]);
    let change = phone.change();
    assert!(
        change.starts_with("the registrar granted a registration of 0 seconds; "),
        "{change}"
    );
    assert_eq!(phone.end().exit, Some(3));
}

#[test]
fn it_ends_by_itself_if_that_is_asked_for() {
    let registrar = Registrar::start(|_, _| Reply::grant(600));
    let end = Phone::start(registrar.address, &["--for", "0.5"]).wait();
    assert_eq!(end.exit, Some(0), "{end:?}");
    assert!(end.took >= Duration::from_millis(400), "{end:?}");
    assert_eq!(header(&registrar.message(), "Expires"), "600");
    assert_eq!(header(&registrar.message(), "Expires"), "0");
}

#[test]
fn it_ends_in_time_whatever_the_registrar_does() {
    // The registrar does not answer the last request, or it answers no request.
    for silent_from in [1, 0] {
        let registrar = Registrar::start(move |number, _| match number < silent_from {
            true => Reply::grant(600),
            false => Reply::Nothing,
        });
        let phone = Phone::start(registrar.address, &[]);
        registrar.message();
        if silent_from == 1 {
            phone.change();
        }
        let end = phone.end();
        assert!(end.took < Duration::from_secs(3), "{end:?}");
        let exit = if silent_from == 1 { 0 } else { 3 };
        assert_eq!((end.exit, end.lines.len()), (Some(exit), 0), "{end:?}");
        registrar.wait_for(&Heard::End);
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let registrar = Registrar::start(|number, _| match number {
        0 => Reply::grant(600),
        _ => Reply::Nothing,
    });
    let phone = Phone::start(registrar.address, &[]);
    phone.change();
    phone.signal("-INT");
    registrar.message();
    // The program waits for an answer.
    registrar.message();
    let end = phone.end();
    assert_eq!(end.exit, Some(0), "{end:?}");
    assert!(end.took < Duration::from_millis(1200), "{end:?}");
}

#[test]
fn times_may_be_longer_than_anybody_waits() {
    let registrar = Registrar::start(|_, _| {
        Reply::Answer(
            "200 OK",
            format!("Flow-Timer: {0}\r\nExpires: {0}\r\n", u32::MAX),
        )
    });
    let times = ["--timeout", "--keep-alive", "--retry", "--for"];
    let words: Vec<_> = times.iter().flat_map(|time| [*time, "1e19"]).collect();
    let phone = Phone::start(registrar.address, &words);
    assert_eq!(phone.change(), "registered, expires in 4294967295 s");
    registrar.close();
    let change = phone.change();
    assert!(
        change.starts_with("the server closed the connection; "),
        "{change}"
    );
}
