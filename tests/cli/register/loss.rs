//! Connections that are lost, and how that is detected.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::phone::Phone;
use super::registrar::{Heard, Registrar, Reply, header};

#[test]
fn pings_go_out_at_random_times_below_the_limit() {
    let registrar = Registrar::start(|_, _| Reply::grant(600));
    let phone = Phone::start(registrar.address, &["--keep-alive", "0.5"]);
    let (_, mut before) = registrar.timed_message();
    for _ in 0..5 {
        let (_, when) = registrar.wait_for(&Heard::Ping);
        let pause = (when - before).as_secs_f64();
        assert!((0.39..3.0).contains(&pause), "{pause} s");
        before = when;
    }
    assert_eq!(phone.change(), "registered, expires in 600 s");
    let end = phone.end();
    assert_eq!((end.exit, end.lines.len()), (Some(0), 1), "{end:?}");
}

#[test]
fn the_registrar_may_want_pings_more_often() {
    let registrar = Registrar::start(|_, _| {
        Reply::Answer("200 OK", "Flow-Timer: 1\r\nExpires: 600\r\n".to_owned())
    });
    let _phone = Phone::start(registrar.address, &[]);
    let (_, before) = registrar.timed_message();
    let (_, when) = registrar.wait_for(&Heard::Ping);
    assert!((0.79..3.0).contains(&(when - before).as_secs_f64()));
}

/// On the first connection the registrar promises to answer pings, and does not.
#[test]
fn a_pong_that_is_missing_means_that_the_connection_is_dead() {
    for promise in ["Flow-Timer: 20\r\n", "Require: outbound\r\n"] {
        let registrar = Registrar::with_pongs(false, move |_, _| {
            Reply::Answer("200 OK", format!("{promise}Expires: 600\r\n"))
        });
        let words = ["--keep-alive", "0.3", "--timeout", "0.5", "--retry", "0.3"];
        let phone = Phone::start(registrar.address, &words);
        let (first, _) = registrar.wait_for(&Heard::Ping);
        assert_eq!(phone.change(), "registered, expires in 600 s");
        let change = phone.change();
        let error = "no answer to a ping after 0.5 seconds; next attempt in ";
        assert!(change.starts_with(error), "{change}");
        registrar.wait_for(&Heard::End);
        let (second, _) = registrar.wait_for(&Heard::Connected);
        assert_eq!((first, second), (0, 1));
        assert_eq!(phone.change(), "registered, expires in 600 s");
    }
}

#[test]
fn a_pong_that_came_once_is_expected_from_then_on() {
    let registrar = Registrar::with_pongs(false, |_, _| Reply::grant(600));
    let words = ["--keep-alive", "0.3", "--timeout", "0.5", "--retry", "0.3"];
    let phone = Phone::start(registrar.address, &words);
    registrar.wait_for(&Heard::Ping);
    registrar.say("\r\n");
    registrar.wait_for(&Heard::Ping);
    assert_eq!(phone.change(), "registered, expires in 600 s");
    let change = phone.change();
    assert!(
        change.starts_with("no answer to a ping after 0.5 seconds; "),
        "{change}"
    );
}

#[test]
fn a_server_without_pongs_is_asked_by_options_and_that_is_said_once() {
    let registrar = Registrar::with_pongs(false, |number, request| {
        match request.starts_with("OPTIONS ") {
            true if number >= 3 => Reply::Nothing,
            true => Reply::Answer("405 Method Not Allowed", String::new()),
            false => Reply::grant(600),
        }
    });
    let words = ["--keep-alive", "0.3", "--timeout", "0.4", "--retry", "60"];
    let phone = Phone::start(registrar.address, &words);
    registrar.message();
    registrar.wait_for(&Heard::Ping);
    // Any answer shows that the connection is alive.
    for _ in 0..2 {
        let options = registrar.next();
        let Heard::Message(text) = options.1 else {
            panic!("{options:?}");
        };
        assert!(
            text.starts_with("OPTIONS sip:sip.example.com:5061 "),
            "{text}"
        );
    }
    assert_eq!(phone.change(), "registered, expires in 600 s");
    let note = "the server does not answer pings: OPTIONS are sent instead";
    assert_eq!(phone.change(), note);
    let change = phone.change();
    assert!(
        change.starts_with("no answer to OPTIONS after 0.4 seconds; "),
        "{change}"
    );
}

#[test]
fn a_server_that_closes_is_connected_to_again_with_the_same_call_id_and_a_higher_number() {
    let registrar = Registrar::start(|_, _| Reply::grant(600));
    let phone = Phone::start(registrar.address, &["--retry", "0.2"]);
    let mut before = registrar.message();
    for number in 2..5 {
        assert_eq!(phone.change(), "registered, expires in 600 s");
        // Long enough for the connection to count as one that worked.
        std::thread::sleep(Duration::from_millis(250));
        let began = Instant::now();
        registrar.close();
        let again = registrar.message();
        assert!(began.elapsed() < Duration::from_secs(5));
        let change = phone.change();
        let error = "the server closed the connection; next attempt in 0";
        assert!(change.starts_with(error), "{change}");
        assert_eq!(header(&again, "CSeq"), format!("{number} REGISTER"));
        assert_eq!(header(&again, "Call-ID"), header(&before, "Call-ID"));
        let instance = |text: &str| {
            header(text, "Contact")
                .split_once("+sip.instance")
                .unwrap()
                .1
                .to_owned()
        };
        assert_eq!(instance(&again), instance(&before));
        assert_ne!(
            header(&again, "Contact"),
            header(&before, "Contact"),
            "another port"
        );
        before = again;
    }
    assert_eq!(phone.change(), "registered, expires in 600 s");
    assert_eq!(phone.end().exit, Some(0));
}

#[test]
fn pauses_grow_while_nobody_answers_and_start_anew_afterwards() {
    // No program listens on a port that was just released.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let phone = Phone::start(free, &["--json", "--retry", "0.1"]);
    for limits in [0.1..=0.2, 0.2..=0.4, 0.4..=0.8, 0.8..=1.6] {
        let change = phone.wait_for("failed");
        let pause = change["retry"].as_f64().unwrap();
        assert!(limits.contains(&pause), "{pause} is not in {limits:?}");
        let error = change["error"].as_str().unwrap();
        assert!(
            error.starts_with("cannot reach sip.example.com:5061; "),
            "{error}"
        );
    }
    let end = phone.end();
    assert_eq!(end.exit, Some(3));
    let error = &end.errors[0];
    assert!(
        error.starts_with("sip-tls: 4021 at sip.example.com:5061: cannot reach "),
        "{error}"
    );
}

#[test]
fn a_registrar_that_closes_at_once_is_not_hammered() {
    let registrar = Registrar::start(|_, _| Reply::Close);
    let phone = Phone::start(registrar.address, &["--json", "--retry", "0.2"]);
    let pauses = [(); 3].map(|()| phone.wait_for("failed")["retry"].as_f64().unwrap());
    for (pause, least) in pauses.iter().zip([0.2, 0.4, 0.8]) {
        assert!(*pause >= least, "{pauses:?}");
    }
}

#[test]
fn a_registrar_that_says_nothing_is_given_up_after_the_timeout() {
    let registrar = Registrar::start(|_, _| Reply::Nothing);
    let phone = Phone::start(registrar.address, &["--timeout", "0.4", "--retry", "60"]);
    let change = phone.change();
    assert!(
        change.starts_with("no answer to REGISTER after 0.4 seconds; "),
        "{change}"
    );
}
