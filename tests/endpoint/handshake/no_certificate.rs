//! Clients that present no certificate.

use rustls::{AlertDescription, Error};

use crate::endpoint::in_memory::{VERSIONS, peer_client, shake};
use crate::endpoint::settings::observed;
use crate::endpoint::test_pki::HOST;

const OURS: [(&str, &str); 3] = [
    ("trusted-ca", "root.pem"),
    ("certificate", "good.pem"),
    ("certificate-key", "good.key"),
];

/// OpenSSL's alert in TLS 1.2 is handshake_failure. rustls sends the same alert in both versions.
#[test]
fn a_client_without_a_certificate_is_refused_where_one_is_required() {
    for version in VERSIONS {
        let settings = [&OURS[..], &[("tls-mutual", "1")]].concat();
        let (endpoint, observed) = observed(&settings);
        let server = endpoint.server_config().unwrap();
        let ends = shake(&peer_client(None, &[version]), &server, HOST);
        assert_eq!(
            ends.server.outcome,
            Err(Error::NoCertificatesPresented),
            "{version:?}"
        );
        assert_eq!(
            ends.client.alert(),
            Some(AlertDescription::CertificateRequired),
            "{version:?}"
        );
        assert_eq!(observed.count(), 0);
    }
}

#[test]
fn a_client_without_a_certificate_is_served_where_none_is_required() {
    for version in VERSIONS {
        let (endpoint, observed) = observed(&OURS);
        let server = endpoint.server_config().unwrap();
        let ends = shake(&peer_client(None, &[version]), &server, HOST);
        assert!(ends.succeeded(), "{version:?}");
        assert_eq!(observed.count(), 0);
    }
}
