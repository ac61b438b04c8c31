//! Certificates of X.509 version 1, which `openssl x509 -req` writes and rcgen does not.

use super::der::{BIT_STRING, SEQUENCE, children, content, element};
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

const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
