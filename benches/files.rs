//! Measures loading the files of `trusted-ca` and `tls-crl` for a verifier.

mod pki;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sip_tls::options::Source;
use sip_tls::pki::{RevocationList, roots};

use self::pki::Pki;

fn cas(criterion: &mut Criterion) {
    let pki = Pki::new();
    let mut group = criterion.benchmark_group("files/trusted_ca");
    for count in [1, 150] {
        let path = pki.write_cas("cas.pem", count);
        group.bench_function(format!("{count}"), |bencher| {
            bencher.iter(|| roots::load(black_box(Source::path(&path))).unwrap());
        });
    }
}

fn lists(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("files/tls_crl");
    group.sample_size(10);
    for entries in [1_000, 100_000] {
        let list = Pki::list(entries);
        group.bench_function(format!("{entries}"), |bencher| {
            bencher.iter(|| RevocationList::from_der(list.clone().into()).unwrap());
        });
    }
}

criterion_group!(files, cas, lists);
criterion_main!(files);
