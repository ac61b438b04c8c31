//! Certificates, keys and lists that are given in code.

use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer,
};
use sip_tls::Endpoint;
use sip_tls::options::{Source, Sources, TlsOptions};
use sip_tls::pki::{crls, roots};

use super::{Authority, block, message};

#[test]
fn bytes_are_read_as_a_file_with_the_same_content() {
    let Authority { ca, crl, .. } = Authority::new();
    for bytes in [block("CERTIFICATE", &ca).into_bytes(), ca.clone()] {
        let roots = roots::load(Source::bytes("office CA", bytes)).unwrap();
        let [root] = roots.certificates() else {
            panic!("{roots:?}");
        };
        assert_eq!(&**root.der(), ca);
        assert_eq!(root.origin().name().to_string(), "office CA");
        assert_eq!(root.origin().path(), None);
    }
    let lists = crls::load(Source::bytes("list", crl)).unwrap();
    assert_eq!(lists.lists()[0].origin().to_string(), "list");
}

#[test]
fn errors_use_the_name_that_was_given() {
    let refused = |bytes: &[u8]| message(roots::load(Source::bytes("office CA", bytes)));
    assert_eq!(refused(b" "), "`trusted-ca`: office CA is empty");
    assert_eq!(
        refused(b"x"),
        "`trusted-ca`: office CA holds no certificate"
    );
    let error = refused(b"-----BEGIN CERTIFICATE-----\n");
    assert!(
        error.contains("block 1 (line 1) of office CA is damaged"),
        "{error}"
    );
    let none: [Source; 0] = [];
    assert_eq!(
        message(crls::load(none)),
        "`tls-crl`: the value names no file"
    );
}

#[test]
fn an_endpoint_needs_no_file() {
    let Authority {
        ca,
        end_entity,
        end_entity_key,
        crl,
    } = Authority::new();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(end_entity_key.clone()));
    let chain: Sources = [&end_entity, &ca]
        .map(|der| CertificateDer::from(der.as_slice()))
        .into();
    let parsed = TlsOptions::builder()
        .certificate(chain)
        .certificate_key(key)
        .trusted_ca(CertificateDer::from(ca.as_slice()))
        .tls_crl(CertificateRevocationListDer::from(crl.as_slice()));
    let identity = block("CERTIFICATE", &end_entity) + &block("PRIVATE KEY", &end_entity_key);
    let bytes = TlsOptions::builder()
        .certificate(Source::bytes("identity", identity))
        .trusted_ca(Source::bytes("office CA", ca))
        .tls_crl(Source::bytes("office list", crl));
    for (options, value) in [(parsed, "a certificate in memory"), (bytes, "office CA")] {
        let endpoint = Endpoint::builder(options.build().unwrap()).build().unwrap();
        assert!(endpoint.server_config().is_ok());
        let report = endpoint.report();
        let row = report
            .rows()
            .iter()
            .find(|row| row.option() == "trusted-ca");
        assert_eq!(row.unwrap().value(), Some(value));
        assert_eq!(report.lists().len(), 1);
    }
}

#[test]
fn trust_anchors_are_taken_by_trusted_ca_and_by_nothing_else() {
    let anchors = webpki_roots::TLS_SERVER_ROOTS.to_vec();
    let roots = roots::load(anchors.clone()).unwrap();
    assert_eq!(roots.anchors().len(), anchors.len());
    assert_eq!(
        message(crls::load(anchors)),
        "`tls-crl`: a value given in code holds a set of trust anchors instead of a certificate revocation list"
    );
}

/// In a configuration file, this value has a special meaning. In code, bytes are always content.
#[test]
fn bytes_with_the_name_of_a_special_value_are_bytes() {
    let options = TlsOptions::builder()
        .trusted_ca(Source::bytes("webpki-roots", Authority::new().ca))
        .build()
        .unwrap();
    let endpoint = Endpoint::builder(options).build().unwrap();
    assert_eq!(endpoint.report().certificates().len(), 1);
}
