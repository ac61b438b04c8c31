//! The text of the `tls-crl` file.

use super::Topic;
use crate::{
    der,
    keys::{Key, Kind},
    plan::{Crl, Plan, ROOT},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("list-file");
    let texts: [(&str, &str, Edit); 19] = [
        ("empty", "load", |_| String::new()),
        ("text-only", "load", |_| "no list here\n".into()),
        ("text-around", "ok", |text| {
            format!("issued by us\n{text}\nthe end\n")
        }),
        ("crlf", "ok", |text| text.replace('\n', "\r\n")),
        ("no-final-newline", "ok", |text| text.trim_end().into()),
        ("byte-order-mark", "ok", |text| format!("\u{feff}{text}")),
        ("one-line-of-base64", "ok", one_line),
        ("indented", "load", |text| {
            text.replace("-----BEGIN", "  -----BEGIN")
        }),
        ("label-crl", "load", |text| text.replace("X509 CRL", "CRL")),
        ("certificate-label", "load", |text| {
            text.replace("X509 CRL", "CERTIFICATE")
        }),
        ("der-not-pem", "load", |_| "0\u{1}".into()),
        ("broken-base64", "load", |text| text.replacen("MI", "M!", 1)),
        ("end-missing", "load", |text| {
            text.replace("-----END X509 CRL-----\n", "")
        }),
        ("end-label-differs", "load", |text| {
            text.replace("-----END X509 CRL", "-----END CRL")
        }),
        ("good-then-broken", "load", |text| {
            format!("{text}{}", text.replacen("MI", "M!", 1))
        }),
        ("broken-then-good", "load", |text| {
            format!("{}{text}", text.replacen("MI", "M!", 1))
        }),
        ("good-then-garbage-der", "load", |text| {
            format!("{text}{}", der::pem("X509 CRL", &[0x30, 0x03, 1, 1, 0]))
        }),
        ("trailing-spaces", "ok", |text| {
            text.replace("=\n", "=  \n").replace("-----\n", "-----  \n")
        }),
        ("twice", "ok", |text| format!("{text}{text}")),
    ];
    for (name, expect, change) in texts {
        t.case(name, expect, move |p| {
            p.list();
            p.crl_text = Some(change);
        });
    }
    t.case("empty-and-check-off", "load", |p| {
        p.crl_text = Some(|_| String::new())
    });
    t.case("bytes-after-the-list-in-its-block", "ok", |p| {
        p.list();
        p.crl_text = Some(|text| with_trailing_bytes(&text));
    });
    t.case("certificates-are-skipped", "ok", |p| {
        p.list();
        p.crl_text = Some(|text| format!("{}{text}", der::pem("CERTIFICATE", &[0x30, 0])));
    });
    t.case("keys-are-skipped", "ok", |p| {
        p.list();
        p.crl_text = Some(|text| format!("{}{text}", private_key()));
    });
    t.case("two-issuers", "ok", |p| {
        p.list();
        p.crls.insert(0, Crl::by(ROOT));
    });
    t.case("beside-the-trusted-certificates", "ok", |p| {
        p.list();
        p.trusted_crls = p.crls.clone();
        p.crls = vec![Crl::by(ROOT)];
    });
    t.case("beside-the-trusted-certificates-revoked", "23@0", |p| {
        let leaf = p.leaf().clone();
        p.list().revoke(&leaf);
        p.trusted_crls = p.crls.clone();
        p.crls = vec![Crl::by(ROOT)];
    });
    // Of two lists of the same age the one loaded first is used, and applications load `trusted-ca` first.
    t.case(
        "revoking-beside-the-trusted-certificates-good-in-the-file",
        "23@0",
        |p| {
            let leaf = p.leaf().clone();
            p.list().revoke(&leaf);
            p.trusted_crls = std::mem::take(&mut p.crls);
            p.list();
        },
    );
    t.case(
        "certificate-in-list-file-is-no-anchor",
        "20@1",
        |p: &mut Plan| {
            p.list();
            let other = p.certs.len();
            p.add(crate::plan::Cert::ca("Another Root", 20, other));
            p.trust(&[other]);
        },
    );
    t
}

/// A change to the text of the file.
type Edit = fn(String) -> String;

fn one_line(text: String) -> String {
    let body: String = text.lines().filter(|l| !l.starts_with('-')).collect();
    format!("-----BEGIN X509 CRL-----\n{body}\n-----END X509 CRL-----\n")
}

fn with_trailing_bytes(text: &str) -> String {
    let body: String = text.lines().filter(|l| !l.starts_with('-')).collect();
    let mut bytes = openssl::base64::decode_block(&body).expect("our own base64");
    bytes.extend([5, 0]);
    der::pem("X509 CRL", &bytes)
}

fn private_key() -> String {
    let pair = Key(Kind::P256, 0).pair();
    der::pem(
        "PRIVATE KEY",
        &pair
            .private_key_to_pkcs8()
            .expect("a key has a PKCS#8 form"),
    )
}
