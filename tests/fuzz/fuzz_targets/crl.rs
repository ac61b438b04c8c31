//! Revocation lists, as DER: an end entity, its trusted issuer, and then lists.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rustls::pki_types::CertificateDer;
use sip_tls::verify::{Purpose, Verifier};
use sip_tls_fuzz::{PROVIDER, elements, list, now, trusted};

fuzz_target!(|data: &[u8]| {
    let [end_entity, issuer, lists @ ..] = &elements(data)[..] else {
        return;
    };
    let Some(issuer) = trusted(issuer) else {
        return;
    };
    let lists = lists.iter().filter_map(|der| list(der));
    let builder = Verifier::builder(&PROVIDER).trusted(&[issuer]);
    let Ok(verifier) = builder.revocation_lists(lists).build() else {
        return;
    };
    let chain = [CertificateDer::from(*end_entity)];
    let status = verifier.verify(&chain, Purpose::Server, None, now());
    assert!(
        !status.is_accepted() || status.revocation_list().is_some(),
        "accepted by no list"
    );
});
