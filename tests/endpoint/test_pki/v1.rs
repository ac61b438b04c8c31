//! Certificates of X.509 version 1, which `openssl x509 -req` writes and rcgen does not.

use super::keys::Key;

/// Strips a self-signed certificate of its version and extensions, and signs it again.
pub(super) fn downgraded(certificate: &[u8], key: &Key) -> Vec<u8> {
    let parts = children(content(certificate));
    let [tbs, algorithm, _signature] = parts[..] else {
        panic!("not a certificate");
    };
    let kept: Vec<u8> = children(content(tbs))
        .into_iter()
        .filter(|field| !matches!(field[0], VERSION | EXTENSIONS))
        .flatten()
        .copied()
        .collect();
    let tbs = element(SEQUENCE, &kept);
    let mut signature = vec![0];
    signature.extend(key.sign_with_p256(&tbs));
    let parts = [&tbs, algorithm, &element(BIT_STRING, &signature)].concat();
    element(SEQUENCE, &parts)
}

/// The elements in `der`, each with its header.
fn children(mut der: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !der.is_empty() {
        let (header, length) = header(der);
        let (first, rest) = der.split_at(header + length);
        found.push(first);
        der = rest;
    }
    found
}

fn content(element: &[u8]) -> &[u8] {
    &element[header(element).0..]
}

/// The lengths of the header and of the content.
fn header(der: &[u8]) -> (usize, usize) {
    match der[1] {
        short @ 0..=0x7f => (2, short.into()),
        0x81 => (3, der[2].into()),
        0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        _ => panic!("no certificate is as long as that"),
    }
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let mut der = match content.len() {
        0..=0x7f => vec![tag, length[1]],
        0x80..=0xff => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    der.extend(content);
    der
}

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
