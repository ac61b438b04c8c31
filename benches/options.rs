//! Measures parsing the text of an option.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sip_tls::options::CipherList;

fn cipher_list(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("options/cipher_list");
    for (name, text) in LISTS {
        group.bench_function(*name, |bencher| {
            bencher.iter(|| black_box(text).parse::<CipherList>());
        });
    }
}

criterion_group!(options, cipher_list);
criterion_main!(options);

const LISTS: &[(&str, &str)] = &[
    ("default", "DEFAULT"),
    (
        "mozilla_intermediate",
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
         ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:\
         DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305",
    ),
    ("postfix", "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH"),
];
