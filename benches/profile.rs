//! Measures reading the text of a `SipEndpoint.config` into its options.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sip_tls::profile::Profile;

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("profile");
    for (name, text) in FILES {
        group.bench_function(*name, |bencher| {
            bencher.iter(|| black_box(text).parse::<Profile>().unwrap());
        });
    }
}

const FILES: &[(&str, &str)] = &[
    (
        "modern",
        include_str!("../tests/testdata/profile/modern.config"),
    ),
    (
        "legacy",
        include_str!("../tests/testdata/profile/legacy.config"),
    ),
];

criterion_group!(profile, reading);
criterion_main!(profile);
