//! Revocation lists.

use super::Topic;
use crate::{
    der,
    dn::{Name, PRINTABLE},
    ext::{self, Extension, Issuing},
    keys::{Digest, Key, Kind},
    plan::{Crl, DAY, Entry, INTER, LEAF, NOW, Plan, ROOT, Revocation},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("list");
    plain(&mut t);
    forms(&mut t);
    dates(&mut t);
    issuers(&mut t);
    scopes(&mut t);
    entries(&mut t);
    several(&mut t);
    depths(&mut t);
    roll_over(&mut t);
    t
}

fn plain(t: &mut Topic) {
    t.case("good", "ok", |p| _ = p.list());
    t.case("revoked", "23@0", revoked);
    t.case("none", "3@0", |p| {
        p.question.revocation = Revocation::EndEntity
    });
    t.case("none-and-check-off", "ok", |_| {});
    t.case("revoked-but-check-off", "ok", |p| {
        revoked(p);
        p.question.revocation = Revocation::Off;
    });
    t.case("other-issuer", "3@0", |p| {
        p.list();
        p.crls = vec![Crl::by(ROOT)];
    });
    t.case("direct-good", "ok", |p| {
        p.direct();
        p.list();
    });
    t.case("direct-revoked", "23@0", |p| {
        p.direct();
        revoked(p);
    });
    t.case("bad-signature", "8@0", |p| p.list().broken_signature = true);
    t.case("bad-signature-and-revoked", "8@0", |p| {
        revoked(p);
        p.first_list().broken_signature = true;
    });
    t.case("signed-by-other-key", "8@0", |p| {
        p.list().signing_key = Some(Key(Kind::P256, 9))
    });
    t.case("algorithms-differ", "ok", |p| {
        let key = p.certs[INTER].key;
        p.list().inner_algorithm = Some(key.algorithm(Digest::Sha384, false));
    });
    for (name, digest) in [
        ("md5", Digest::Md5),
        ("sha1", Digest::Sha1),
        ("sha512", Digest::Sha512),
    ] {
        t.case(&format!("signed-{name}"), "ok", move |p| {
            p.inter().key = Key(Kind::Rsa(2048), 1);
            p.list().digest = digest;
        });
        t.case(&format!("signed-{name}-and-revoked"), "23@0", move |p| {
            p.inter().key = Key(Kind::Rsa(2048), 1);
            revoked(p);
            p.first_list().digest = digest;
        });
    }
    t.case("signed-ecdsa-sha1", "ok", |p| {
        p.list().digest = Digest::Sha1
    });
    for (name, kind) in [
        ("ed25519", Kind::Ed25519),
        ("p384", Kind::P384),
        ("p521", Kind::P521),
        ("rsa3072", Kind::Rsa(3072)),
    ] {
        t.case(&format!("by-{name}"), "ok", move |p| {
            p.inter().key = Key(kind, 1);
            p.list();
        });
    }
}

fn forms(t: &mut Topic) {
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

fn dates(t: &mut Topic) {
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

fn issuers(t: &mut Topic) {
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

fn scopes(t: &mut Topic) {
    const URI: &str = "http://example.com/ca.crl";
    let point =
        |p: &mut Plan, issuing: Issuing<'_>| p.first_list().put(ext::issuing_point(issuing));
    t.case("uri-and-no-distribution-point", "44@0", move |p| {
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        )
    });
    t.case("uri-and-same-distribution-point", "ok", move |p| {
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::distribution_points(&[URI]));
    });
    t.case("uri-and-second-distribution-point", "ok", move |p| {
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::distribution_points(&[
            "http://example.com/other.crl",
            URI,
        ]));
    });
    t.case("uri-and-other-distribution-point", "44@0", move |p| {
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        );
        p.leaf()
            .put(ext::distribution_points(&["http://example.com/other.crl"]));
    });
    t.case("uri-same-and-revoked", "23@0", move |p| {
        revoked(p);
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::distribution_points(&[URI]));
    });
    t.case("uri-not-critical", "44@0", move |p| {
        let mut issuing = ext::issuing_point(Issuing {
            uri: Some(URI),
            ..Issuing::default()
        });
        issuing.critical = false;
        p.first_list().put(issuing);
    });
    t.case("no-issuing-point-and-distribution-point", "ok", |p| {
        p.list();
        p.leaf().put(ext::distribution_points(&[URI]));
    });
    t.case("empty-issuing-point", "ok", move |p| {
        point(p, Issuing::default())
    });
    t.case("only-user", "ok", move |p| {
        point(
            p,
            Issuing {
                only_user: true,
                ..Issuing::default()
            },
        )
    });
    t.case("only-user-revoked", "23@0", move |p| {
        revoked(p);
        point(
            p,
            Issuing {
                only_user: true,
                ..Issuing::default()
            },
        );
    });
    t.case("only-ca", "44@0", move |p| {
        point(
            p,
            Issuing {
                only_ca: true,
                ..Issuing::default()
            },
        )
    });
    t.case("only-ca-for-ca-leaf", "ok", move |p| {
        point(
            p,
            Issuing {
                only_ca: true,
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::basic_constraints(true, None));
    });
    t.case("only-user-for-ca-leaf", "44@0", move |p| {
        point(
            p,
            Issuing {
                only_user: true,
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::basic_constraints(true, None));
    });
    t.case("only-attribute", "44@0", move |p| {
        point(
            p,
            Issuing {
                only_attribute: true,
                ..Issuing::default()
            },
        )
    });
    t.case("only-user-and-only-ca", "3@0", move |p| {
        point(
            p,
            Issuing {
                only_user: true,
                only_ca: true,
                ..Issuing::default()
            },
        );
    });
    t.case("some-reasons", "3@0", move |p| {
        point(
            p,
            Issuing {
                reasons: Some(&[1, 2]),
                ..Issuing::default()
            },
        )
    });
    t.case("indirect", "3@0", move |p| {
        point(
            p,
            Issuing {
                indirect: true,
                ..Issuing::default()
            },
        )
    });
    t.case("some-reasons-and-revoked", "3@0", move |p| {
        revoked(p);
        point(
            p,
            Issuing {
                reasons: Some(&[1, 2]),
                ..Issuing::default()
            },
        );
    });
    // OpenSSL takes a delta for a complete list.
    t.case("delta-alone", "ok", |p| p.list().put(ext::delta(1)));
    t.case("delta-alone-revoked", "23@0", |p| {
        revoked(p);
        p.first_list().put(ext::delta(1));
    });
    t.case("delta-newer-than-base-that-revokes", "ok", |p| {
        revoked(p);
        let mut delta = Crl::by(INTER);
        delta.put(ext::delta(1));
        delta.this_update += 60;
        p.crls.push(delta);
    });
    t.case("delta-that-revokes-beside-base", "23@0", |p| {
        let leaf = p.leaf().clone();
        p.list();
        let mut delta = Crl::by(INTER);
        delta.put(ext::delta(1));
        delta.this_update += 60;
        delta.revoke(&leaf);
        p.crls.push(delta);
    });
    t.case("delta-of-another-issuer", "ok", |p| {
        p.list();
        let mut delta = Crl::by(ROOT);
        delta.put(ext::delta(1));
        p.crls.push(delta);
    });
}

fn entries(t: &mut Topic) {
    for code in [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 77] {
        t.case(&format!("reason-{code}"), "23@0", move |p| {
            revoked(p);
            last_entry(p).extensions = vec![ext::reason(code)];
        });
    }
    t.case("reason-8-remove", "ok", |p| {
        revoked(p);
        last_entry(p).extensions = vec![ext::reason(8)];
    });
    t.case("reason-broken", "23@0", |p| {
        revoked(p);
        last_entry(p).extensions = vec![Extension::new(ext::REASON, vec![0x0a, 9])];
    });
    t.case("reason-twice", "23@0", |p| {
        revoked(p);
        last_entry(p).extensions = vec![ext::reason(1), ext::reason(1)];
    });
    t.case("invalidity-date", "23@0", |p| {
        revoked(p);
        let value = der::tlv(0x18, b"20200101000000Z");
        last_entry(p).extensions = vec![Extension::new(ext::INVALIDITY_DATE, value)];
    });
    t.case("entry-critical-unknown", "36@0", |p| {
        revoked(p);
        last_entry(p).extensions = vec![Extension::new(ext::UNKNOWN, vec![5, 0]).critical()];
    });
    t.case("other-entry-critical-unknown", "36@0", |p| {
        p.list();
        last_entry(p).extensions = vec![Extension::new(ext::UNKNOWN, vec![5, 0]).critical()];
    });
    t.case("entry-critical-reason", "36@0", |p| {
        revoked(p);
        last_entry(p).extensions = vec![ext::reason(1).critical()];
    });
    t.case("entry-certificate-issuer", "23@0", |p| {
        revoked(p);
        let issuer = ext::directory(&p.certs[INTER].subject.clone());
        last_entry(p).extensions =
            vec![Extension::new(ext::CERTIFICATE_ISSUER, der::sequence(&[issuer])).critical()];
    });
    t.case("entry-twice-removed-then-revoked", "ok", |p| {
        revoked(p);
        last_entry(p).extensions = vec![ext::reason(8)];
        let leaf = p.leaf().clone();
        p.first_list().revoke(&leaf);
    });
    t.case("entry-twice-revoked-then-removed", "23@0", |p| {
        let leaf = p.leaf().clone();
        revoked(p);
        p.first_list().revoke(&leaf);
        last_entry(p).extensions = vec![ext::reason(8)];
    });
    let serials: [(&str, &[u8]); 4] = [
        ("negative", &[0xff, 1]),
        ("zero", &[0]),
        ("25-bytes", &[0x7f; 25]),
        ("minus-one", &[0xff]),
    ];
    for (name, serial) in serials {
        t.case(&format!("serial-{name}-revoked"), "23@0", move |p| {
            p.leaf().serial = serial.to_vec();
            revoked(p);
        });
    }
    t.case("serial-negative-of-the-same-magnitude", "ok", |p| {
        p.leaf().serial = vec![5];
        p.list().revoked.push(Entry::of(&[0xfb]));
    });
    t.case("many-entries", "ok", |p| {
        p.list().revoked = (0..500u16)
            .map(|n| Entry::of(&[&[0x40], n.to_be_bytes().as_slice()].concat()))
            .collect();
    });
    t.case("many-entries-and-revoked", "23@0", |p| {
        let leaf = p.leaf().clone();
        let list = p.list();
        list.revoked = (0..500u16)
            .map(|n| Entry::of(&[&[0x40], n.to_be_bytes().as_slice()].concat()))
            .collect();
        list.revoke(&leaf);
    });
}

/// Several lists of one issuer.
fn several(t: &mut Topic) {
    let revoking = |p: &mut Plan, shift: i64| {
        let mut list = Crl::by(INTER);
        list.this_update += shift;
        let leaf = p.leaf().clone();
        list.revoke(&leaf);
        p.question.revocation = Revocation::EndEntity;
        p.crls.push(list);
    };
    let clean = |p: &mut Plan, shift: i64| {
        p.question.revocation = Revocation::EndEntity;
        let mut list = Crl::by(INTER);
        list.this_update += shift;
        p.crls.push(list);
    };
    t.case("older-clean-then-newer-revoking", "23@0", move |p| {
        clean(p, -60);
        revoking(p, 0);
    });
    t.case("newer-revoking-then-older-clean", "23@0", move |p| {
        revoking(p, 0);
        clean(p, -60);
    });
    t.case("older-revoking-then-newer-clean", "ok", move |p| {
        revoking(p, -60);
        clean(p, 0);
    });
    t.case("newer-clean-then-older-revoking", "ok", move |p| {
        clean(p, 0);
        revoking(p, -60);
    });
    t.case("same-age-clean-first", "ok", move |p| {
        clean(p, 0);
        revoking(p, 0);
    });
    t.case("same-age-revoking-first", "23@0", move |p| {
        revoking(p, 0);
        clean(p, 0);
    });
    t.case("expired-then-good", "ok", move |p| {
        clean(p, -60);
        p.crls[0].next_update = Some(NOW - 1);
        clean(p, 0);
    });
    t.case("expired-newer-revoking-and-good-older", "ok", move |p| {
        revoking(p, 60);
        p.crls[0].next_update = Some(NOW - 1);
        clean(p, 0);
    });
    t.case("not-yet-valid-and-good", "ok", move |p| {
        clean(p, 3 * DAY);
        clean(p, 0);
    });
    t.case("newer-bad-signature-hides-older-good", "8@0", move |p| {
        clean(p, 0);
        clean(p, 60);
        p.crls[1].broken_signature = true;
    });
    t.case("older-bad-signature-is-not-looked-at", "ok", move |p| {
        clean(p, 0);
        clean(p, -60);
        p.crls[1].broken_signature = true;
    });
    t.case("newer-critical-unknown-and-older-good", "ok", move |p| {
        clean(p, 60);
        p.crls[0].put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical());
        clean(p, 0);
    });
    t.case("newer-other-scope-and-older-good", "ok", move |p| {
        clean(p, 60);
        p.crls[0].put(ext::issuing_point(Issuing {
            only_ca: true,
            ..Issuing::default()
        }));
        clean(p, 0);
    });
    t.case("newer-wrong-authority-and-older-good", "ok", move |p| {
        clean(p, 60);
        p.crls[0].put(ext::authority(Some(&[1; 20]), None));
        clean(p, 0);
    });
    t.case("newer-indirect-and-older-good", "ok", move |p| {
        clean(p, 60);
        p.crls[0].put(ext::issuing_point(Issuing {
            indirect: true,
            ..Issuing::default()
        }));
        clean(p, 0);
    });
    t.case("higher-number-older", "ok", move |p| {
        revoking(p, -60);
        p.crls[0].put(ext::crl_number(&[99]));
        clean(p, 0);
    });
    t.case("expired-and-not-yet-valid", "11@0", move |p| {
        clean(p, -60);
        p.crls[0].next_update = Some(NOW - 1);
        clean(p, 3 * DAY);
    });
    t.case("expired-critical-unknown-only", "12@0", move |p| {
        clean(p, 0);
        p.crls[0].next_update = Some(NOW - 1);
        p.crls[0].put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical());
    });
    t.case("expired-and-other-scope", "44@0", move |p| {
        clean(p, 0);
        p.crls[0].next_update = Some(NOW - 1);
        p.crls[0].put(ext::issuing_point(Issuing {
            only_ca: true,
            ..Issuing::default()
        }));
    });
    t.case("same-list-twice", "23@0", move |p| {
        revoking(p, 0);
        let copy = p.crls[0].clone();
        p.crls.push(copy);
    });
    t.case("no-next-update-newer-revoking", "23@0", move |p| {
        clean(p, 0);
        revoking(p, 60);
        p.crls[1].next_update = None;
    });
}

fn depths(t: &mut Topic) {
    t.case("chain-good", "ok", Plan::lists_of_all);
    t.case("chain-inter-revoked", "23@1", |p| {
        p.lists_of_all();
        let inter = p.inter().clone();
        p.crls[1].revoke(&inter);
    });
    t.case("chain-root-revoked-by-itself", "23@2", |p| {
        p.lists_of_all();
        let root = p.root().clone();
        p.crls[1].revoke(&root);
    });
    t.case("chain-leaf-and-inter-revoked", "23@0", |p| {
        p.lists_of_all();
        let (leaf, inter) = (p.leaf().clone(), p.inter().clone());
        p.crls[0].revoke(&leaf);
        p.crls[1].revoke(&inter);
    });
    t.case("chain-root-list-missing", "3@1", |p| {
        p.lists_of_all();
        p.crls.pop();
    });
    t.case("chain-leaf-list-missing", "3@0", |p| {
        p.lists_of_all();
        p.crls.remove(0);
    });
    t.case("chain-root-list-expired", "12@1", |p| {
        p.lists_of_all();
        p.crls[1].next_update = Some(NOW - 1);
    });
    t.case("chain-root-without-crl-sign", "35@1", |p| {
        p.lists_of_all();
        p.root().put(ext::key_usage(&[ext::CERT_SIGN]));
    });
    t.case("chain-root-list-only-user", "44@1", |p| {
        p.lists_of_all();
        p.crls[1].put(ext::issuing_point(Issuing {
            only_user: true,
            ..Issuing::default()
        }));
    });
    t.case("chain-root-list-only-ca", "ok", |p| {
        p.lists_of_all();
        p.crls[1].put(ext::issuing_point(Issuing {
            only_ca: true,
            ..Issuing::default()
        }));
    });
    t.case("end-entity-inter-revoked", "ok", |p| {
        p.lists_of_all();
        p.question.revocation = Revocation::EndEntity;
        let inter = p.inter().clone();
        p.crls[1].revoke(&inter);
    });
    t.case("end-entity-root-list-expired", "ok", |p| {
        p.lists_of_all();
        p.question.revocation = Revocation::EndEntity;
        p.crls[1].next_update = Some(NOW - 1);
    });
    t.case("chain-direct", "ok", |p| {
        p.direct();
        p.lists_of_all();
    });
    t.case("chain-self-signed", "ok", |p| {
        p.self_signed();
        p.leaf().drop(ext::KEY_USAGE);
        p.list();
        p.question.revocation = Revocation::Chain;
    });
    t.case("chain-revoked-inter-and-leaf-expired", "23@1", |p| {
        p.lists_of_all();
        let inter = p.inter().clone();
        p.crls[1].revoke(&inter);
        p.leaf().expired();
    });
}

/// An issuer that has changed its key.
fn roll_over(t: &mut Topic) {
    let renewed = |p: &mut Plan| {
        let mut new = p.certs[INTER].clone();
        new.key = Key(Kind::P256, 9);
        new.serial = vec![0x77];
        p.question.revocation = Revocation::EndEntity;
        p.add(new)
    };
    t.case("new-key-list-only", "3@0", move |p| {
        let new = renewed(p);
        p.crls = vec![Crl::by(new)];
        p.sent.push(new);
    });
    t.case("new-key-list-only-without-authority", "8@0", move |p| {
        let new = renewed(p);
        p.crls = vec![Crl::by(new)];
        p.crls[0].drop(ext::AUTHORITY_KEY_ID);
        p.sent.push(new);
    });
    t.case("both-keys-lists", "ok", move |p| {
        let new = renewed(p);
        p.crls = vec![Crl::by(new), Crl::by(INTER)];
    });
    t.case("both-keys-lists-old-revokes", "23@0", move |p| {
        let new = renewed(p);
        p.crls = vec![Crl::by(new), Crl::by(INTER)];
        let leaf = p.leaf().clone();
        p.crls[1].revoke(&leaf);
    });
    t.case("both-keys-lists-new-revokes", "ok", move |p| {
        let new = renewed(p);
        p.crls = vec![Crl::by(new), Crl::by(INTER)];
        let leaf = p.leaf().clone();
        p.crls[0].revoke(&leaf);
    });
    t.case("same-name-other-ca-list", "3@0", |p| {
        let mut other = p.certs[INTER].clone();
        other.key = Key(Kind::P256, 9);
        let other = p.add(other);
        p.certs[other].signer = other;
        p.question.revocation = Revocation::EndEntity;
        p.crls = vec![Crl::by(other)];
        p.trust(&[ROOT, other]);
    });
    t.case("list-of-leaf-key", "8@0", |p| {
        let issuer = p.certs[INTER].subject.clone();
        p.question.revocation = Revocation::EndEntity;
        let mut list = Crl::by(LEAF);
        list.issuer = Some(issuer);
        list.drop(ext::AUTHORITY_KEY_ID);
        p.crls.push(list);
    });
}

fn revoked(p: &mut Plan) {
    let leaf = p.leaf().clone();
    p.list().revoke(&leaf);
}

fn last_entry(p: &mut Plan) -> &mut Entry {
    p.first_list()
        .revoked
        .last_mut()
        .expect("the list has an entry")
}

fn v1(list: &mut Crl) {
    list.version = None;
    list.extensions.clear();
}
