//! Times.

use super::{any, some_cert};
use crate::{
    der,
    plan::{DAY, NOW, Plan},
    rng::Rng,
};

pub(super) fn dates(p: &mut Plan, rng: &mut Rng) {
    if rng.one_in(8) {
        // The first second of 2050 and the last of 2049, the second second of 1970, and 2051.
        p.question.time = rng.pick(&[2_524_608_000, 2_524_607_999, 1, 2_556_144_000]);
    }
    let cert = some_cert(p, rng);
    cert.not_before = NOW
        + rng.pick(&[
            -400 * DAY,
            -DAY,
            -1,
            0,
            1,
            DAY,
            -30_000 * DAY,
            -20_700 * DAY,
        ]);
    cert.not_after = NOW + rng.pick(&[-DAY, -1, 0, 1, DAY, 400 * DAY, 400 * DAY, 40_000 * DAY]);
}

const UTC: u8 = 0x17;
const GENERALIZED: u8 = 0x18;

/// Texts of the past: valid as a notBefore.
const PAST: &[(u8, &str)] = &[
    (UTC, "250101000000Z"),
    (GENERALIZED, "20250101000000Z"),
    (UTC, "500101000000Z"),
    (GENERALIZED, "19500101000000Z"),
    (GENERALIZED, "19491231235959Z"),
    (GENERALIZED, "18000101000000Z"),
    (GENERALIZED, "00000101000000Z"),
    (GENERALIZED, "00010101000000Z"),
    (UTC, "690101000000Z"),
    (UTC, "700101000000Z"),
    (UTC, "260601000000Z"),
    (UTC, "2506010000Z"),
    (GENERALIZED, "202506010000Z"),
    (GENERALIZED, "20250601000000.5Z"),
    (GENERALIZED, "20250601000000.Z"),
    (GENERALIZED, "20250601000000.000000Z"),
    (UTC, "250601000000+0100"),
    (UTC, "250601000000-1200"),
    (GENERALIZED, "20250601000000+0100"),
    (GENERALIZED, "20250601000000-0000"),
    (UTC, "250601000000"),
    (GENERALIZED, "20250601000000"),
    (UTC, "250601000060Z"),
    (GENERALIZED, "20250601235959Z"),
    (UTC, "250230000000Z"),
    (UTC, "250229000000Z"),
    (UTC, "240229000000Z"),
    (UTC, "251301000000Z"),
    (UTC, "250001000000Z"),
    (UTC, "250100000000Z"),
    (UTC, "250101240000Z"),
    (UTC, "250101006000Z"),
    (UTC, "2501010000aaZ"),
    (UTC, "250101000000z"),
    (UTC, "250101000000Z "),
    (UTC, "250101000000Z\0"),
    (UTC, ""),
    (UTC, "Z"),
    (UTC, "20250101000000Z"),
    (GENERALIZED, "250101000000Z"),
    (0x0c, "250101000000Z"),
    (0x16, "20250101000000Z"),
];

/// Texts of the future: valid as a notAfter.
const FUTURE: &[(u8, &str)] = &[
    (UTC, "491231235959Z"),
    (GENERALIZED, "20491231235959Z"),
    (GENERALIZED, "20500101000000Z"),
    (UTC, "260601000000Z"),
    (GENERALIZED, "20260601000000Z"),
    (UTC, "260601000001Z"),
    (UTC, "2606010001Z"),
    (GENERALIZED, "20260601000000.9Z"),
    (GENERALIZED, "20260601000001.0Z"),
    (UTC, "260601003000+0100"),
    (UTC, "260531233000-0100"),
    (GENERALIZED, "20270601000000+0100"),
    (GENERALIZED, "99991231235959Z"),
    (GENERALIZED, "99991231240000Z"),
    (UTC, "270230000000Z"),
    (UTC, "270601000000"),
    (GENERALIZED, "20270601000000"),
    (GENERALIZED, "202706010000Z"),
    (GENERALIZED, "20270229000000Z"),
    (GENERALIZED, "20280229000000Z"),
];

/// A time in another form, in a certificate or in a list.
pub(super) fn texts(p: &mut Plan, rng: &mut Rng) {
    let element = |(tag, text): (u8, &str)| der::tlv(tag, text.as_bytes());
    let all = [PAST, FUTURE].concat();
    let from = rng.one_in(2).then(|| element(rng.pick(PAST)));
    let to = match (rng.below(4), &from) {
        (0, _) => Some(element(rng.pick(&all))),
        (1, Some(_)) => None,
        _ => Some(element(rng.pick(FUTURE))),
    };
    let n = any(p, rng);
    let count = p.crls.len();
    match count {
        1.. if rng.one_in(2) => p.crls[rng.below(count)].times = [from, to],
        _ if rng.one_in(4) => p.list().times = [from, to],
        _ => p.certs[n].times = [from, to],
    }
}
