//! The text of `trusted-ca`: trust settings.

use super::few;
use crate::{
    der, ext,
    plan::{INTER, LEAF, Plan, ROOT, Trusted},
    rng::Rng,
};

/// A `TRUSTED CERTIFICATE` of any settings, beside the plain one or in its place.
pub(super) fn settings(p: &mut Plan, rng: &mut Rng) {
    if rng.one_in(4) {
        let texts: &[&[u8]] = &[
            b"Our root\n",
            b"M\xfcller\n",
            b"\0",
            b"-----\n",
            b"\r\n",
            b" ",
        ];
        p.trusted_text = rng.pick(texts).to_vec();
    }
    let cert = rng.pick(&[ROOT, ROOT, INTER, LEAF]);
    let settings = match rng.below(12) {
        0 => vec![],
        1 => vec![0x30, 0x80, 0, 0],
        2 => vec![5, 0],
        3 => [value(rng), vec![5, 0]].concat(),
        _ => value(rng),
    };
    let trusted = Trusted {
        cert,
        settings: Some(settings),
    };
    let own = p.trusted.iter().position(|t| t.cert == cert);
    match own {
        Some(n) if !rng.one_in(4) => p.trusted[n] = trusted,
        _ if rng.one_in(2) => p.trusted.insert(0, trusted),
        _ => p.trusted.push(trusted),
    }
}

fn value(rng: &mut Rng) -> Vec<u8> {
    let purposes = [
        ext::SERVER_AUTH,
        ext::CLIENT_AUTH,
        ext::ANY_EKU,
        ext::EMAIL_PROTECTION,
        ext::UNKNOWN,
    ];
    let some = |rng: &mut Rng| {
        let list = few(&purposes, 2, rng);
        list.into_iter().map(der::oid).collect::<Vec<_>>().concat()
    };
    let mut parts = Vec::new();
    parts.extend((!rng.one_in(3)).then(|| der::tlv(0x30, &some(rng))));
    parts.extend(rng.one_in(3).then(|| der::context(0, &some(rng))));
    parts.extend(rng.one_in(4).then(|| der::tlv(0x0c, b"our root")));
    parts.extend(rng.one_in(4).then(|| der::octets(&[1, 2, 3])));
    parts.extend(rng.one_in(6).then(|| {
        let algorithm = der::sequence(&[der::oid("1.2.840.113549.1.1.11"), der::tlv(5, &[])]);
        der::context(1, &algorithm)
    }));
    der::sequence(&parts)
}
