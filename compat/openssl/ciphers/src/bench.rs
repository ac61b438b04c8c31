//! How long a cipher string takes: parsed by us, and set in a context of OpenSSL.

use std::ffi::CString;
use std::hint::black_box;
use std::time::{Duration, Instant};

use sip_tls::options::CipherList;

use crate::live::Context;

/// The medians of many rounds in which both take turns.
pub struct Row {
    /// What was measured.
    pub name: &'static str,
    /// One call of `SSL_CTX_set_cipher_list`, on a context that exists.
    pub openssl: Duration,
    /// One [`CipherList`] from the same string.
    pub ours: Duration,
}

impl Row {
    /// How many times as fast ours is.
    pub fn ratio(&self) -> f64 {
        self.openssl.as_secs_f64() / self.ours.as_secs_f64()
    }
}

/// Measures a few strings.
pub fn rows() -> Vec<Row> {
    STRINGS.iter().map(|(name, text)| row(name, text)).collect()
}

fn row(name: &'static str, text: &str) -> Row {
    let context = Context::new();
    let c_text = CString::new(text).expect("no NUL in it");
    let openssl = || assert!(context.set_cipher_list(black_box(&c_text)));
    let ours = || {
        drop(black_box(
            black_box(text)
                .parse::<CipherList>()
                .expect("a good string"),
        ))
    };
    let rounds: Vec<_> = (0..ROUNDS).map(|_| (time(openssl), time(ours))).collect();
    Row {
        name,
        openssl: median(rounds.iter().map(|(openssl, _)| *openssl)),
        ours: median(rounds.iter().map(|(_, ours)| *ours)),
    }
}

fn time(call: impl Fn()) -> Duration {
    let start = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    start.elapsed() / CALLS
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

const ROUNDS: usize = 200;
const CALLS: u32 = 20;

const STRINGS: &[(&str, &str)] = &[
    ("DEFAULT", "DEFAULT"),
    (
        "Mozilla intermediate",
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
         ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:\
         DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305",
    ),
    ("Postfix", "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH"),
    ("FreeSWITCH", "!eNULL:!aNULL:!EXP:!LOW:!MD5:ALL:@STRENGTH"),
];
