//! `connect --srv`: the servers of a SIP domain, with NSD as the DNS server.

use std::net::TcpListener;

use super::program::{Listener, PHONE, Run, arguments, config, run, with};
use crate::endpoint::domains::nsd::{self, Nsd};
use crate::endpoint::test_pki::HOST;

/// Connects to the domain of the test PKI, with the name check of SIP.
fn connect(dns: &Nsd, server: &str, changes: &[(&str, &str)]) -> Run {
    let dns = dns.address().to_string();
    let words = [
        "connect", "--server", server, "--srv", "--dns", &dns, "--json",
    ];
    let options = with(&PHONE, &[("tls-target-name-check", "sip")]);
    run(arguments(&words, &with(&options, changes)))
}

/// A port on which no program listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn the_domain_is_checked_and_not_the_name_of_its_server() {
    if !nsd::is_found() {
        return;
    }
    let listener = Listener::mutual(&[]);
    let (port, closed) = (listener.address.port(), closed_port());
    let dns = Nsd::start(&format!(
        "_sips._tcp SRV 10 0 {closed} edge7\n_sips._tcp SRV 20 0 {port} edge7\nedge7 A 127.0.0.1\n"
    ));
    let run = connect(&dns, HOST, &[]);
    let found = run.json();
    assert_eq!(run.exit, 0, "{run:?}");
    assert_eq!(found["result"], "connected");
    assert_eq!(found["matched_name"], HOST);
    assert_eq!(found["peer"], listener.address.to_string());
    assert_eq!(found["sip"]["status"], 200);
    assert!(found["timing"]["look_up"].is_number(), "{found}");
    let note = found["note"].as_str().unwrap();
    assert!(
        note.starts_with("failed before: ") && note.contains(&format!("127.0.0.1:{closed}")),
        "{note}"
    );
}

#[test]
fn a_server_of_the_domain_that_has_no_certificate_of_it_is_refused() {
    if !nsd::is_found() {
        return;
    }
    let identity = [
        ("certificate", "sip-domain.pem"),
        ("certificate-key", "sip-domain.key"),
    ];
    let listener = Listener::start(&[], &with(&super::program::SERVER, &identity));
    let port = listener.address.port();
    let dns = Nsd::start(&format!(
        "_sips._tcp SRV 10 0 {port} edge7\nedge7 A 127.0.0.1\n"
    ));
    let run = connect(&dns, HOST, &[]);
    let found = run.json();
    assert_eq!(run.exit, 1, "{run:?}");
    assert_eq!(found["openssl"]["code"], 62);
    let error = found["error"].as_str().unwrap();
    assert!(
        error.contains("its SIP domain is `sip:example.com` (RFC 5922)") && error.contains("edge7"),
        "{error}"
    );
}

#[test]
fn a_port_leads_to_the_addresses_of_the_host() {
    if !nsd::is_found() {
        return;
    }
    let listener = Listener::mutual(&[]);
    let server = format!("{HOST}:{}", listener.address.port());
    let dns = Nsd::start(&format!(
        "@ A 127.0.0.1\n_sips._tcp SRV 10 0 {} ns\n",
        closed_port()
    ));
    let run = connect(&dns, &server, &[]);
    assert_eq!(run.exit, 0, "{run:?}");
    assert_eq!(run.json()["note"], serde_json::Value::Null);
}

#[test]
fn a_domain_without_servers_is_an_error_that_says_so() {
    if !nsd::is_found() {
        return;
    }
    let dns = Nsd::start("_sips._tcp SRV 0 0 0 .\n");
    let run = connect(&dns, HOST, &[]);
    let found = run.json();
    assert_eq!(found["result"], "failed");
    let error = found["error"].as_str().unwrap();
    assert!(error.contains("name no usable server"), "{error}");
}

#[test]
fn check_connects_to_the_servers_of_domains() {
    if !nsd::is_found() {
        return;
    }
    let listener = Listener::mutual(&[]);
    let port = listener.address.port();
    let dns = Nsd::start(&format!(
        "_sips._tcp SRV 10 0 {port} edge7\nedge7 A 127.0.0.1\n"
    ));
    let line = format!("user=\"4021\" server=\"{HOST}\" protocol=\"tls\"");
    let options = with(&PHONE, &[("tls-target-name-check", "sip")]);
    let config = config("check-srv.config", &[&line], &options);
    let dns = dns.address().to_string();
    let run = run([
        "check",
        &config,
        "--connect",
        "--srv",
        "--dns",
        &dns,
        "--json",
    ]);
    let found = run.json();
    assert_eq!(run.exit, 0, "{run:?}");
    assert_eq!(found["connections"][0]["result"]["result"], "connected");
}

#[test]
fn what_makes_no_sense_beside_it_is_refused() {
    for words in [
        &["connect", "--server", HOST, "--dns", "127.0.0.1"][..],
        &["check", "SipEndpoint.config", "--srv"],
        &[
            "connect",
            "--server",
            HOST,
            "--srv",
            "--dns",
            "dns.example.com",
        ],
        &[
            "connect",
            "--server",
            HOST,
            "--srv",
            "--connect-to",
            "127.0.0.1:5061",
        ],
    ] {
        assert_eq!(run(words).exit, 2, "{words:?}");
    }
}
