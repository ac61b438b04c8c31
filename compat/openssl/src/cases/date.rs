//! Dates, and which of two faults is told first.

use super::Topic;
use crate::plan::{DAY, NOW, Purpose, Revocation};

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
    order(&mut t);
    t
}

/// Two faults at once: the first is told.
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
