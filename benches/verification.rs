//! Measures the verification of a peer's certificates, beside the verifier of rustls.

mod pki;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{ServerName, UnixTime};
use sip_tls::crypto;
use sip_tls::options::NameCheck;
use sip_tls::pki::{RevocationList, TrustedCertificate};
use sip_tls::verify::{Observer, ServerVerifier, Verifier};

use self::pki::{HOST, Pki};

fn verification(criterion: &mut Criterion) {
    let pki = Pki::new();
    let mut group = criterion.benchmark_group("verification");
    let mut bench = |name: &str, verifier: &dyn ServerCertVerifier| {
        let [end_entity, intermediate] = &pki.chain;
        let intermediates = std::slice::from_ref(intermediate);
        let (host, now) = (ServerName::try_from(HOST).unwrap(), UnixTime::now());
        let verify =
            || verifier.verify_server_cert(end_entity, black_box(intermediates), &host, &[], now);
        group.bench_function(name, |bencher| bencher.iter(|| verify().unwrap()));
    };
    bench("rustls", &*stock(&pki));
    for entries in [None, Some(1_000), Some(100_000)] {
        let name = entries.map_or_else(|| "no_list".to_owned(), |count| format!("list_of_{count}"));
        let ours = ServerVerifier::new(ours(&pki, entries), Observer::default());
        bench(&name, &*ours);
    }
}

fn ours(pki: &Pki, entries: Option<u64>) -> Verifier {
    let root = TrustedCertificate::from_der(pki.root.clone()).unwrap();
    let builder = Verifier::builder(&crypto::default_base().unwrap()).trusted(&[root]);
    let builder = match entries {
        Some(entries) => {
            let list = RevocationList::from_der(Pki::list(entries).into());
            builder.revocation_lists([list.unwrap()])
        }
        None => builder,
    };
    builder.name_check(NameCheck::Host).build().unwrap()
}

fn stock(pki: &Pki) -> Arc<WebPkiServerVerifier> {
    let mut roots = RootCertStore::empty();
    roots.add(pki.root.clone()).unwrap();
    let provider = crypto::default_base().unwrap();
    WebPkiServerVerifier::builder_with_provider(roots.into(), provider)
        .build()
        .unwrap()
}

criterion_group!(verifiers, verification);
criterion_main!(verifiers);
