//! A name in a certificate, compared with the reference name.
//!
//! Input: flags, the reference name, a zero byte, the presented name. The flags choose the field and the type of the
//! presented name.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rustls::pki_types::CertificateDer;
use sip_tls::verify::{Purpose, ReferenceName, Verifier};
use sip_tls_fuzz::asn1::{extension, tlv};
use sip_tls_fuzz::{PROVIDER, now, trusted};

fuzz_target!(|data: &[u8]| {
    let Some((flags, rest)) = data.split_first() else {
        return;
    };
    let at = rest.iter().position(|b| *b == 0).unwrap_or(rest.len());
    let (asked, presented) = (&rest[..at], rest.get(at + 1..).unwrap_or_default());
    let Ok(asked) = std::str::from_utf8(asked) else {
        return;
    };
    let matched = matches(*flags, asked, presented);
    assert_eq!(
        matched,
        matches(*flags, &asked.to_ascii_uppercase(), presented),
        "case matters"
    );
    if asked.parse::<std::net::IpAddr>().is_err() {
        assert!(
            !(matched && presented.contains(&0) && in_alt_name(*flags)),
            "matched beyond a NUL"
        );
    }
});

fn matches(flags: u8, asked: &str, presented: &[u8]) -> bool {
    let der = certificate(flags, presented);
    let Some(certificate) = trusted(&der) else {
        return false;
    };
    let verifier = Verifier::builder(&PROVIDER).trusted(&[certificate]).build();
    let verifier = verifier.expect("one certificate is trusted");
    let der = CertificateDer::from(der);
    let name = ReferenceName::new(asked);
    let status = verifier.verify(&[der], Purpose::Server, Some(&name), now());
    status.matched_name().is_some()
}

fn in_alt_name(flags: u8) -> bool {
    flags & 1 == 0
}

/// A self-signed certificate with an empty signature.
fn certificate(flags: u8, presented: &[u8]) -> Vec<u8> {
    let algorithm = tlv(0x30, &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);
    let tag = [0x0c, 0x13, 0x14, 0x16, 0x1c, 0x1e][usize::from(flags >> 4) % 6];
    let (subject, names) = match in_alt_name(flags) {
        true => (
            tlv(0x0c, b"server"),
            tlv(0x82 | (flags >> 1 & 4), presented),
        ),
        false => (tlv(tag, presented), tlv(0x81, b"user@example.com")),
    };
    let name = tlv(
        0x30,
        &tlv(
            0x31,
            &tlv(0x30, &[&[6, 3, 0x55, 4, 3], &subject[..]].concat()),
        ),
    );
    let dates = tlv(
        0x30,
        &[tlv(0x17, b"260101000000Z"), tlv(0x17, b"270101000000Z")].concat(),
    );
    let key = tlv(
        0x30,
        &[tlv(0x30, P256), tlv(3, &[&[0, 4], &[1u8; 64][..]].concat())].concat(),
    );
    let alt_name = extension(&[0x55, 0x1d, 0x11], false, &tlv(0x30, &names));
    let extensions = tlv(0xa3, &tlv(0x30, &alt_name));
    let parts = [
        vec![0xa0, 3, 2, 1, 2, 2, 1, 1],
        algorithm.clone(),
        name.clone(),
        dates,
        name,
        key,
        extensions,
    ];
    tlv(
        0x30,
        &[tlv(0x30, &parts.concat()), algorithm, tlv(3, &[0, 1])].concat(),
    )
}

const P256: &[u8] = &[
    6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7,
];
