//! A chain as a peer sends it: certificates one after the other. The last one is the trusted certificate.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rustls::pki_types::CertificateDer;
use sip_tls::verify::{Purpose, ReferenceName, Verifier};
use sip_tls_fuzz::{PROVIDER, elements, now, trusted};

fuzz_target!(|data: &[u8]| {
    let certificates = elements(data);
    let Some((anchor, sent)) = certificates.split_last() else {
        return;
    };
    let Some(anchor) = trusted(anchor) else {
        return;
    };
    let verifier = Verifier::builder(&PROVIDER).trusted(&[anchor]).build();
    let verifier = verifier.expect("one certificate is trusted");
    let chain: Vec<_> = sent.iter().map(|der| CertificateDer::from(*der)).collect();
    let name = ReferenceName::Dns("sip.example.com".into());
    for purpose in [Purpose::Client, Purpose::Server] {
        let status = verifier.verify(&chain, purpose, Some(&name), now());
        assert_eq!(status.is_accepted(), status.error().is_none());
        assert!(!status.is_accepted() || !status.path().is_empty());
    }
});
