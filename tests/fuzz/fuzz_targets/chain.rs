//! A chain as a peer sends it: certificates end to end, the last of which is the trusted one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rustls::pki_types::CertificateDer;
use sip_tls::verify::{Purpose, ReferenceName, Verifier};
use sip_tls_fuzz::{PROVIDER, elements, now};

fuzz_target!(|data: &[u8]| {
    let chain: Vec<_> = elements(data)
        .into_iter()
        .map(CertificateDer::from)
        .collect();
    let Some((trusted, chain)) = chain.split_last() else {
        return;
    };
    let builder = Verifier::builder(&PROVIDER).trusted_certificates([trusted.clone().into_owned()]);
    let Ok(verifier) = builder.build() else {
        return;
    };
    let name = ReferenceName::Dns("sip.example.com".into());
    for purpose in [Purpose::Client, Purpose::Server] {
        let status = verifier.verify(chain, purpose, Some(&name), now());
        assert_eq!(status.is_accepted(), status.error().is_none());
        assert!(!status.is_accepted() || !status.path().is_empty());
    }
});
