//! Cipher strings.

use std::ffi::CString;
use std::hint::black_box;

use compat_ciphers::live::Context;
use sip_tls::options::CipherList;

use super::Topic;
use crate::measure::{Effort, Lane, race};
use crate::row::Row;

pub static TOPIC: Topic = Topic {
    name: "ciphers",
    title: "Reading a cipher string",
    choices: "`SSL_CTX_set_cipher_list` on a context that exists, beside a `CipherList` from the same text.",
    avx512: &[],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let row = |(name, text): &(&str, &str)| {
        let context = Context::new();
        let for_openssl = CString::new(*text).expect("no NUL in it");
        let lanes = vec![
            Lane::new(|| {
                let list = black_box(*text).parse::<CipherList>();
                list.expect("a good string")
            }),
            Lane::new(|| assert!(context.set_cipher_list(black_box(&for_openssl)))),
        ];
        Row::of_race(*name, &race(effort, lanes), 0, ("OpenSSL", 1))
    };
    STRINGS.iter().map(row).collect()
}

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
