//! Several lists, several certificates to check, several keys.

use crate::{
    cases::Topic,
    ext::{self, Extension, Issuing},
    keys::{Key, Kind},
    plan::{Crl, DAY, INTER, LEAF, NOW, Plan, ROOT, Revocation},
};

/// Several lists of one issuer.
pub(super) fn several(t: &mut Topic) {
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

pub(super) fn depths(t: &mut Topic) {
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
pub(super) fn roll_over(t: &mut Topic) {
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
