//! Dates, and which of two faults is reported first.

use super::Topic;
use crate::{
    der,
    plan::{DAY, NOW, Purpose, Revocation},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("date");
    t.case("leaf-expired", "10@0", |p| p.leaf().expired());
    t.case("leaf-not-yet-valid", "9@0", |p| p.leaf().not_yet_valid());
    t.case("last-second", "10@0", |p| p.leaf().not_after = NOW);
    t.case("second-before-last", "ok", |p| p.leaf().not_after = NOW + 1);
    t.case("one-second-late", "10@0", |p| p.leaf().not_after = NOW - 1);
    t.case("first-second", "ok", |p| p.leaf().not_before = NOW);
    t.case("one-second-early", "9@0", |p| p.leaf().not_before = NOW + 1);
    t.case("never-valid", "10@0", |p| {
        (p.leaf().not_before, p.leaf().not_after) = (NOW - DAY, NOW - 2 * DAY)
    });
    t.case("far-future", "ok", |p| p.leaf().not_after = 253_402_300_799);
    t.case("from-1950", "ok", |p| p.leaf().not_before = -631_152_000);
    t.case("from-1970", "ok", |p| p.leaf().not_before = 0);
    t.case("everything-expired", "10@2", |p| {
        p.certs.iter_mut().for_each(|c| c.expired())
    });
    t.case("verified-in-2051", "ok", |p| {
        p.question.time = 2_556_144_000;
        p.certs
            .iter_mut()
            .for_each(|c| c.not_after = 253_402_300_799);
    });
    before_1970(&mut t);
    forms(&mut t);
    order(&mut t);
    t
}

fn before_1970(t: &mut Topic) {
    for (name, seconds) in [
        ("1969", -1),
        ("1960", -315_619_200),
        ("1949", -662_688_000),
        ("1900", -2_208_988_800),
        ("1800", -5_364_662_400),
    ] {
        t.case(&format!("leaf-from-{name}"), "ok", move |p| {
            p.leaf().not_before = seconds
        });
        t.case(&format!("inter-from-{name}"), "ok", move |p| {
            p.inter().not_before = seconds
        });
        t.case(&format!("root-from-{name}"), "ok", move |p| {
            p.root().not_before = seconds
        });
        t.case(&format!("leaf-until-{name}"), "10@0", move |p| {
            (p.leaf().not_before, p.leaf().not_after) = (-7_000_000_000, seconds);
        });
    }
    t.case("list-from-1960", "ok", |p| {
        p.list().this_update = -315_619_200
    });
    t.case("list-until-1960", "12@0", |p| {
        let list = p.list();
        (list.this_update, list.next_update) = (-400_000_000, Some(-315_619_200));
    });
}

/// Texts that are no time of RFC 5280.
fn forms(t: &mut Topic) {
    let texts: [(&str, &str, u8, &'static str); 14] = [
        ("without-z", "13@0", 0x17, "250101000000"),
        ("without-seconds", "13@0", 0x17, "2501010000Z"),
        ("of-fractional-seconds", "13@0", 0x18, "20250101000000.5Z"),
        ("with-an-offset", "13@0", 0x17, "250101000000+0100"),
        ("of-february-30", "13@0", 0x17, "250230000000Z"),
        ("of-second-60", "13@0", 0x17, "250101000060Z"),
        ("of-hour-24", "13@0", 0x17, "250101240000Z"),
        ("generalized-of-2025", "ok", 0x18, "20250101000000Z"),
        ("of-the-year-0", "ok", 0x18, "00000101000000Z"),
        ("of-utc-1950", "ok", 0x17, "500101000000Z"),
        ("of-utc-2049", "9@0", 0x17, "490101000000Z"),
        ("empty", "13@0", 0x17, ""),
        (
            "of-another-string-type",
            "unreadable",
            0x16,
            "250101000000Z",
        ),
        ("of-lower-case", "13@0", 0x17, "250101000000z"),
    ];
    for (name, expect, tag, text) in texts {
        t.case(&format!("start-{name}"), expect, move |p| {
            p.leaf().times[0] = Some(der::tlv(tag, text.as_bytes()))
        });
    }
    let ends: [(&str, &str, u8, &'static str); 6] = [
        ("without-z", "14@0", 0x17, "300101000000"),
        ("of-february-30", "14@0", 0x17, "300230000000Z"),
        ("generalized-of-2030", "ok", 0x18, "20300101000000Z"),
        ("of-the-year-9999", "ok", 0x18, "99991231235959Z"),
        ("of-utc-2049", "ok", 0x17, "491231235959Z"),
        ("of-utc-1950", "10@0", 0x17, "500101000000Z"),
    ];
    for (name, expect, tag, text) in ends {
        t.case(&format!("end-{name}"), expect, move |p| {
            p.leaf().times[1] = Some(der::tlv(tag, text.as_bytes()))
        });
    }
    t.case("list-start-without-z", "15@0", |p| {
        p.list().times[0] = Some(der::tlv(0x17, b"250101000000"))
    });
    t.case("list-end-without-z", "16@0", |p| {
        p.list().times[1] = Some(der::tlv(0x17, b"300101000000"))
    });
}

/// Two faults at once: the first is reported.
fn order(t: &mut Topic) {
    let other = || Some("other.example.com".to_string());
    t.case("mismatch-beats-expired", "62@0", move |p| {
        p.question.host = other();
        p.leaf().expired();
    });
    t.case("mismatch-beats-revoked", "62@0", move |p| {
        p.question.host = other();
        let leaf = p.leaf().clone();
        p.list().revoke(&leaf);
    });
    t.case("revoked-beats-expired", "23@0", |p| {
        let leaf = p.leaf().clone();
        p.list().revoke(&leaf);
        p.leaf().expired();
    });
    t.case("revoked-beats-bad-signature", "23@0", |p| {
        let leaf = p.leaf().clone();
        p.list().revoke(&leaf);
        p.leaf().broken_signature = true;
    });
    t.case("purpose-beats-mismatch", "26@0", move |p| {
        p.question.host = other();
        p.question.purpose = Purpose::Client;
    });
    t.case("unknown-issuer-beats-mismatch", "20@0", move |p| {
        p.question.host = other();
        p.sent.truncate(1);
    });
    t.case("root-ca-false-beats-leaf-purpose", "26@0", |p| {
        p.root().put(crate::ext::basic_constraints(false, None));
        p.question.purpose = Purpose::Client;
    });
    t.case("inter-expired-beats-leaf-expired", "10@1", |p| {
        p.inter().expired();
        p.leaf().expired();
    });
    t.case("leaf-bad-signature-and-root-expired", "10@2", |p| {
        p.leaf().broken_signature = true;
        p.root().expired();
    });
    t.case("leaf-bad-signature-and-expired", "7@0", |p| {
        p.leaf().broken_signature = true;
        p.leaf().expired();
    });
    t.case("list-missing-beats-expired", "3@0", |p| {
        p.question.revocation = Revocation::EndEntity;
        p.leaf().expired();
    });
    t.case("weak-key-beats-mismatch", "66@0", move |p| {
        p.question.host = other();
        p.leaf().key = crate::keys::Key(crate::keys::Kind::Rsa(1024), 0);
    });
}
