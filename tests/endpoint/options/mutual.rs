//! `tls-mutual`.

use rustls::AlertDescription;

use super::{CA, CERTIFICATE, KEY, assert_applied, assert_optional, assert_refused};
use crate::endpoint::in_memory::{VERSIONS, peer_client, shake};
use crate::endpoint::settings::{endpoint, observed};
use crate::endpoint::test_pki::{HOST, TestPki};

const OURS: [(&str, &str); 3] = [CA, CERTIFICATE, KEY];

fn with(value: &str) -> Vec<(&str, &str)> {
    [&OURS[..], &[("tls-mutual", value)]].concat()
}

#[test]
fn tls_mutual_decides_whether_a_stranger_is_served() {
    assert_applied(&with("1"), "tls-mutual");
    assert_applied(&with("0"), "tls-mutual");
    assert_optional(&OURS, "tls-mutual");
    for (settings, is_served) in [(with("1"), false), (with("0"), true), (OURS.to_vec(), true)] {
        let server = endpoint(&settings).server_config().unwrap();
        for version in VERSIONS {
            let stranger = peer_client(Some(&TestPki::get().unknown), &[version]);
            let ends = shake(&stranger, &server, HOST);
            assert_eq!(ends.succeeded(), is_served, "{settings:?}");
            let alert = (!is_served).then_some(AlertDescription::UnknownCA);
            assert_eq!(ends.client.alert(), alert);
        }
    }
}

#[test]
fn without_tls_mutual_a_clients_certificate_is_not_even_asked_for() {
    let (endpoint, observed) = observed(&OURS);
    for version in VERSIONS {
        let client = peer_client(Some(&TestPki::get().good), &[version]);
        let ends = shake(&client, &endpoint.server_config().unwrap(), HOST);
        assert_eq!(ends.server.connection.peer_certificates(), None);
    }
    assert_eq!(observed.count(), 0);
}

#[test]
fn tls_mutual_takes_no_other_words() {
    for value in ["2", "yes", "true", "on"] {
        assert_refused(&with(value), "tls-mutual", "is not one of `0`, `1`");
    }
}
