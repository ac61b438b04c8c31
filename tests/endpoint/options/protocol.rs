//! `sec-protocol`.

use rustls::version::{TLS12, TLS13};
use rustls::{AlertDescription, ProtocolVersion, SupportedProtocolVersion};
use sip_tls::report::Outcome;

use super::{Attempt, CA, CERTIFICATE, KEY, assert_applied, assert_optional, assert_refused};
use crate::endpoint::in_memory::{peer_client, peer_server, shake};
use crate::endpoint::settings::endpoint;
use crate::endpoint::test_pki::{HOST, TestPki};

type Versions = &'static [&'static SupportedProtocolVersion];

const ONLY_12: Versions = &[&TLS12];
const ONLY_13: Versions = &[&TLS13];
const BOTH: Versions = &[&TLS13, &TLS12];

/// A value, and the version that is negotiated with a peer that has TLS 1.2 only, 1.3 only, and both.
struct Case {
    value: &'static str,
    with_12: Option<ProtocolVersion>,
    with_13: Option<ProtocolVersion>,
    with_both: ProtocolVersion,
}

const V12: ProtocolVersion = ProtocolVersion::TLSv1_2;
const V13: ProtocolVersion = ProtocolVersion::TLSv1_3;

const CASES: [Case; 4] = [
    Case {
        value: "",
        with_12: Some(V12),
        with_13: Some(V13),
        with_both: V13,
    },
    Case {
        value: "SSLv23",
        with_12: Some(V12),
        with_13: Some(V13),
        with_both: V13,
    },
    Case {
        value: "TLSv12",
        with_12: Some(V12),
        with_13: None,
        with_both: V12,
    },
    Case {
        value: "TLSv13",
        with_12: None,
        with_13: Some(V13),
        with_both: V13,
    },
];

impl Case {
    fn peers(&self) -> [(Versions, Option<ProtocolVersion>); 3] {
        [
            (ONLY_12, self.with_12),
            (ONLY_13, self.with_13),
            (BOTH, Some(self.with_both)),
        ]
    }
}

#[test]
fn sec_protocol_decides_the_versions_of_outgoing_connections() {
    for case in CASES {
        let client = endpoint(&[CA, ("sec-protocol", case.value)]).client_config();
        for (versions, expected) in case.peers() {
            let server = peer_server(&TestPki::get().good, versions);
            let ends = shake(&client, &server, HOST);
            assert_eq!(ends.succeeded(), expected.is_some(), "{}", case.value);
            match expected {
                Some(_) => assert_eq!(ends.client.connection.protocol_version(), expected),
                None => assert_eq!(ends.client.alert(), Some(AlertDescription::ProtocolVersion)),
            }
        }
    }
}

#[test]
fn sec_protocol_decides_the_versions_of_incoming_connections() {
    for case in CASES {
        let settings = [CA, CERTIFICATE, KEY, ("sec-protocol", case.value)];
        let server = endpoint(&settings).server_config().unwrap();
        for (versions, expected) in case.peers() {
            let ends = shake(&peer_client(None, versions), &server, HOST);
            assert_eq!(ends.succeeded(), expected.is_some(), "{}", case.value);
            match expected {
                Some(_) => assert_eq!(ends.server.connection.protocol_version(), expected),
                None => assert_eq!(ends.client.alert(), Some(AlertDescription::ProtocolVersion)),
            }
        }
    }
}

#[test]
fn sslv23_is_narrowed_to_the_versions_there_are() {
    let attempt = Attempt::of(&[CA, ("sec-protocol", "SSLv23")]);
    assert_eq!(attempt.error, None);
    let outcome = attempt.outcome("sec-protocol");
    assert!(
        matches!(&outcome, Outcome::Narrowed(how) if how.contains("TLS 1.1")),
        "{outcome}"
    );
}

#[test]
fn the_other_words_of_sec_protocol_are_applied_and_so_is_none() {
    assert_applied(&[CA, ("sec-protocol", "TLSv12")], "sec-protocol");
    assert_applied(&[CA, ("sec-protocol", "TLSv13")], "sec-protocol");
    assert_optional(&[CA], "sec-protocol");
    assert_optional(&[CA, ("sec-protocol", "")], "sec-protocol");
}

#[test]
fn old_protocols_are_refused_with_the_reason_and_unknown_ones_with_the_choice() {
    for old in ["SSLv3", "TLSv1", "TLSv11"] {
        assert_refused(
            &[CA, ("sec-protocol", old)],
            "sec-protocol",
            "older than TLS 1.2",
        );
    }
    let why = "`TLSv1.2` is not one of `SSLv23`, `TLSv12`, `TLSv13`";
    assert_refused(&[CA, ("sec-protocol", "TLSv1.2")], "sec-protocol", why);
}
