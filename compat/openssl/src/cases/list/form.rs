//! What a list looks like, when it is valid, and who made it.

use super::{revoked, v1};
use crate::{
    cases::Topic,
    dn::{Name, PRINTABLE},
    ext::{self, Extension},
    plan::{DAY, INTER, NOW, ROOT, Revocation},
};

pub(super) fn forms(t: &mut Topic) {
    t.case("v1", "ok", |p| v1(p.list()));
    t.case("v1-revoked", "23@0", |p| {
        revoked(p);
        v1(p.first_list());
    });
    t.case("v1-with-extensions", "ok", |p| p.list().version = None);
    t.case("v1-with-extensions-revoked", "23@0", |p| {
        revoked(p);
        p.first_list().version = None;
    });
    t.case("v3", "ok", |p| p.list().version = Some(2));
    t.case("v2-no-extensions", "ok", |p| p.list().extensions.clear());
    t.case("v2-no-extensions-revoked", "23@0", |p| {
        revoked(p);
        p.first_list().extensions.clear();
    });
    t.case("no-number", "ok", |p| p.list().drop(ext::CRL_NUMBER));
    t.case("no-authority", "ok", |p| {
        p.list().drop(ext::AUTHORITY_KEY_ID)
    });
    t.case("huge-number", "ok", |p| {
        p.list().put(ext::crl_number(&[0x7f; 40]))
    });
    t.case("negative-number", "ok", |p| {
        p.list().put(ext::crl_number(&[0xff]))
    });
    t.case("no-entries", "ok", |p| p.list().revoked.clear());
    t.case("empty-entries", "ok", |p| {
        let list = p.list();
        list.revoked.clear();
        list.empty_entries = true;
    });
    t.case("critical-unknown", "36@0", |p| {
        p.list()
            .put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical())
    });
    t.case("critical-unknown-and-revoked", "36@0", |p| {
        revoked(p);
        p.first_list()
            .put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical());
    });
    t.case("unknown", "ok", |p| {
        p.list().put(Extension::new(ext::UNKNOWN, vec![5, 0]))
    });
    t.case("critical-number", "36@0", |p| {
        p.list().put(ext::crl_number(&[5]).critical())
    });
    t.case("critical-authority", "ok", |p| {
        p.list().put(ext::authority_key_id().critical())
    });
    t.case("freshest", "ok", |p| {
        let mut points = ext::distribution_points(&["http://example.com/delta.crl"]);
        points.oid = ext::FRESHEST_CRL;
        p.list().put(points);
    });
    t.case("broken-authority", "ok", |p| {
        p.list()
            .put(Extension::new(ext::AUTHORITY_KEY_ID, vec![0x30, 9]))
    });
    t.case("broken-issuing-point", "ok", |p| {
        p.list()
            .put(Extension::new(ext::ISSUING_POINT, vec![0x30, 9]).critical())
    });
}

pub(super) fn dates(t: &mut Topic) {
    t.case("expired", "12@0", |p| {
        p.list().next_update = Some(NOW - DAY / 2)
    });
    t.case("expired-and-revoked", "12@0", |p| {
        revoked(p);
        p.first_list().next_update = Some(NOW - DAY / 2);
    });
    t.case("no-next-update", "ok", |p| p.list().next_update = None);
    t.case("no-next-update-ten-years-old", "ok", |p| {
        let list = p.list();
        (list.this_update, list.next_update) = (NOW - 3650 * DAY, None);
    });
    t.case("no-next-update-revoked", "23@0", |p| {
        revoked(p);
        p.first_list().next_update = None;
    });
    t.case("not-yet-valid", "11@0", |p| {
        p.list().this_update = NOW + DAY
    });
    t.case("not-yet-valid-and-revoked", "11@0", |p| {
        revoked(p);
        p.first_list().this_update = NOW + DAY;
    });
    t.case("last-second", "12@0", |p| p.list().next_update = Some(NOW));
    t.case("one-second-late", "12@0", |p| {
        p.list().next_update = Some(NOW - 1)
    });
    t.case("first-second", "ok", |p| p.list().this_update = NOW);
    t.case("one-second-early", "11@0", |p| {
        p.list().this_update = NOW + 1
    });
}

pub(super) fn issuers(t: &mut Topic) {
    t.case("issuer-printable", "ok", |p| {
        let issuer = p.certs[INTER].subject.clone().retagged(PRINTABLE);
        p.list().issuer = Some(issuer);
    });
    t.case("issuer-upper-case", "ok", |p| {
        let issuer = p.certs[INTER].subject.clone().map(str::to_uppercase);
        p.list().issuer = Some(issuer);
    });
    t.case("issuer-upper-case-revoked", "23@0", |p| {
        revoked(p);
        let issuer = p.certs[INTER].subject.clone().map(str::to_uppercase);
        p.first_list().issuer = Some(issuer);
    });
    t.case("issuer-more-spaces", "ok", |p| {
        let issuer = p.certs[INTER]
            .subject
            .clone()
            .map(|s| format!(" {} ", s.replace(' ', "   ")));
        p.list().issuer = Some(issuer);
    });
    t.case("issuer-other", "3@0", |p| {
        p.list().issuer = Some(Name::cn("Somebody"))
    });
    t.case("authority-wrong-key", "3@0", |p| {
        p.list().put(ext::authority(Some(&[1; 20]), None))
    });
    t.case("authority-wrong-key-and-revoked", "3@0", |p| {
        revoked(p);
        p.first_list().put(ext::authority(Some(&[1; 20]), None));
    });
    t.case("authority-serial", "ok", |p| {
        p.list().put(ext::authority_serial())
    });
    t.case("authority-wrong-serial", "3@0", |p| {
        let issuer = p.certs[ROOT].subject.clone();
        p.list().put(ext::authority(None, Some((&issuer, &[9, 9]))));
    });
    t.case("issuer-without-crl-sign", "35@0", |p| {
        p.list();
        p.inter().put(ext::key_usage(&[ext::CERT_SIGN]));
    });
    t.case("issuer-without-crl-sign-revoked", "35@0", |p| {
        revoked(p);
        p.inter().put(ext::key_usage(&[ext::CERT_SIGN]));
    });
    t.case("issuer-without-key-usage", "ok", |p| {
        p.list();
        p.inter().drop(ext::KEY_USAGE);
    });
    t.case("root-without-crl-sign-direct", "35@0", |p| {
        p.direct();
        p.list();
        p.root().put(ext::key_usage(&[ext::CERT_SIGN]));
    });
    t.case("v1-issuer", "ok", |p| {
        p.direct();
        p.root().v1();
        p.list();
    });
    t.case("v1-leaf-revoked", "23@0", |p| {
        p.leaf().v1();
        p.leaf().subject = Name::cn(crate::plan::HOST);
        revoked(p);
    });
    t.case("self-signed-leaf", "ok", |p| {
        p.self_signed();
        p.leaf().drop(ext::KEY_USAGE);
        p.list();
    });
    t.case("self-signed-leaf-no-list", "3@0", |p| {
        p.self_signed();
        p.question.revocation = Revocation::EndEntity;
    });
    t.case("self-signed-leaf-without-crl-sign", "35@0", |p| {
        p.self_signed();
        p.list();
    });
    t.case("self-signed-leaf-revokes-itself", "23@0", |p| {
        p.self_signed();
        p.leaf().drop(ext::KEY_USAGE);
        revoked(p);
    });
}
