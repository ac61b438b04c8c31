//! Revocation lists.

mod choice;
mod entry;
mod form;

use super::Topic;
use crate::{
    keys::{Digest, Key, Kind, Padding},
    plan::{Crl, Entry, INTER, Plan, ROOT, Revocation},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("list");
    plain(&mut t);
    form::forms(&mut t);
    form::dates(&mut t);
    form::issuers(&mut t);
    entry::scopes(&mut t);
    entry::entries(&mut t);
    choice::several(&mut t);
    choice::depths(&mut t);
    choice::roll_over(&mut t);
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
        p.list().inner_algorithm = Some(key.algorithm(Digest::Sha384, Padding::Pkcs1));
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

fn revoked(p: &mut Plan) {
    let leaf = p.leaf().clone();
    p.list().revoke(&leaf);
}

/// The last entry of the first list, which is made if there is none.
fn last_entry(p: &mut Plan) -> &mut Entry {
    let entries = &mut p.first_list().revoked;
    if entries.is_empty() {
        entries.push(Entry::of(&[0x7f, 0x01]));
    }
    entries.last_mut().expect("just pushed")
}

fn v1(list: &mut Crl) {
    list.version = None;
    list.extensions.clear();
}
