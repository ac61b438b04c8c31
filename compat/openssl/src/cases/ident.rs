//! Key identifiers: an authority key identifier that contradicts the issuer.

use super::Topic;
use crate::{
    dn::Name,
    ext::{self},
    plan::{INTER, LEAF, Plan, ROOT},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("ident");
    t.case("leaf-authority-absent", "ok", |p| {
        p.leaf().drop(ext::AUTHORITY_KEY_ID)
    });
    t.case("leaf-authority-wrong-key", "20@0", |p| {
        p.leaf().put(ext::authority(Some(&[1; 20]), None))
    });
    t.case("leaf-authority-wrong-key-direct", "20@0", |p| {
        p.direct();
        p.leaf().put(ext::authority(Some(&[1; 20]), None));
    });
    t.case("leaf-authority-empty", "ok", |p| {
        p.leaf().put(ext::authority(None, None))
    });
    t.case("leaf-authority-empty-key", "20@0", |p| {
        p.leaf().put(ext::authority(Some(&[]), None))
    });
    t.case("leaf-authority-serial", "ok", |p| {
        p.leaf().put(ext::authority_serial())
    });
    t.case("leaf-authority-wrong-serial", "20@0", |p| {
        let issuer = p.certs[ROOT].subject.clone();
        p.leaf().put(ext::authority(None, Some((&issuer, &[9, 9]))));
    });
    t.case("leaf-authority-wrong-issuer", "20@0", |p| {
        let serial = p.certs[INTER].serial.clone();
        p.leaf().put(ext::authority(
            None,
            Some((&Name::cn("Another Root"), &serial)),
        ));
    });
    t.case("leaf-authority-issuer-of-other-case", "ok", |p| {
        let issuer = p.certs[ROOT].subject.clone().map(str::to_uppercase);
        let serial = p.certs[INTER].serial.clone();
        p.leaf().put(ext::authority(None, Some((&issuer, &serial))));
    });
    t.case("leaf-authority-key-and-wrong-serial", "20@0", |p| {
        let issuer = p.certs[ROOT].subject.clone();
        let key = p.certs[INTER].key.identifier();
        p.leaf()
            .put(ext::authority(Some(&key), Some((&issuer, &[9, 9]))));
    });
    t.case("leaf-authority-key-and-serial", "ok", |p| {
        let issuer = p.certs[ROOT].subject.clone();
        let (key, serial) = (
            p.certs[INTER].key.identifier(),
            p.certs[INTER].serial.clone(),
        );
        p.leaf()
            .put(ext::authority(Some(&key), Some((&issuer, &serial))));
    });
    t.case("leaf-authority-wrong-key-issuer-without-id", "ok", |p| {
        p.inter().drop(ext::SUBJECT_KEY_ID);
        p.leaf().put(ext::authority(Some(&[1; 20]), None));
    });
    t.case("inter-authority-wrong-key", "20@1", |p| {
        p.inter().put(ext::authority(Some(&[1; 20]), None))
    });
    t.case("inter-authority-wrong-serial", "20@1", |p| {
        let issuer = p.certs[ROOT].subject.clone();
        p.inter()
            .put(ext::authority(None, Some((&issuer, &[9, 9]))));
    });
    t.case("root-authority-wrong-key", "2@2", |p| {
        p.root().put(ext::authority(Some(&[1; 20]), None))
    });
    t.case("root-authority-absent", "ok", |p| {
        p.root().drop(ext::AUTHORITY_KEY_ID)
    });
    t.case("root-authority-wrong-serial", "2@2", |p| {
        let issuer = p.certs[ROOT].subject.clone();
        p.root().put(ext::authority(None, Some((&issuer, &[9, 9]))));
    });
    t.case("root-without-any-id", "ok", |p| {
        p.root().drop(ext::AUTHORITY_KEY_ID);
        p.root().drop(ext::SUBJECT_KEY_ID);
    });
    t.case("self-signed-authority-wrong-key", "20@0", |p| {
        p.self_signed();
        p.leaf().put(ext::authority(Some(&[1; 20]), None));
    });
    t.case("self-signed-authority-wrong-serial", "20@0", |p| {
        p.self_signed();
        let issuer = p.certs[LEAF].subject.clone();
        p.leaf().put(ext::authority(None, Some((&issuer, &[9, 9]))));
    });
    two_roots(&mut t);
    t
}

/// Two roots of one name. The key identifier tells which is meant; without one, the first is taken.
fn two_roots(t: &mut Topic) {
    for (name, expect, identifiers, right_first) in [
        ("with-ids-right-first", "ok", true, true),
        ("with-ids-wrong-first", "ok", true, false),
        ("without-ids-right-first", "ok", false, true),
        // OpenSSL uses the first root of the name and never tries the second.
        ("without-ids-wrong-first", "7@1", false, false),
    ] {
        t.case(&format!("two-roots-of-one-name-{name}"), expect, move |p| {
            let second = second_root(p);
            if !identifiers {
                p.certs
                    .iter_mut()
                    .for_each(|c| c.drop(ext::AUTHORITY_KEY_ID));
                p.certs.iter_mut().for_each(|c| c.drop(ext::SUBJECT_KEY_ID));
            }
            p.trust(&if right_first {
                [ROOT, second]
            } else {
                [second, ROOT]
            });
        });
    }
    t.case("two-roots-of-one-name-wrong-expired", "ok", |p| {
        let second = second_root(p);
        p.certs
            .iter_mut()
            .for_each(|c| c.drop(ext::AUTHORITY_KEY_ID));
        p.certs[second].expired();
        p.trust(&[second, ROOT]);
    });
    t.case("renewed-root-old-expired-first", "ok", |p| {
        let mut old = p.certs[ROOT].clone();
        old.expired();
        old.serial = vec![9];
        let old = p.add(old);
        p.trust(&[old, ROOT]);
    });
    t.case("renewed-root-old-expired-last", "ok", |p| {
        let mut old = p.certs[ROOT].clone();
        old.expired();
        old.serial = vec![9];
        let old = p.add(old);
        p.trust(&[ROOT, old]);
    });
}

fn second_root(p: &mut Plan) -> usize {
    let mut other = p.certs[ROOT].clone();
    other.key.1 = 9;
    other.serial = vec![9];
    let other = p.add(other);
    p.certs[other].signer = other;
    other
}
