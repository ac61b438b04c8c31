//! Certificates of `trusted-ca`.

use super::Topic;
use crate::{
    der,
    dn::Name,
    ext::{self, Extension},
    keys::{Digest, Key, Kind, Padding},
    plan::{INTER, LEAF, ROOT, Trusted},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("anchor");
    kinds(&mut t);
    several(&mut t);
    settings(&mut t);
    t
}

fn kinds(t: &mut Topic) {
    t.case("expired", "10@2", |p| p.root().expired());
    t.case("expired-direct", "10@1", |p| {
        p.direct();
        p.root().expired();
    });
    t.case("not-yet-valid", "9@2", |p| p.root().not_yet_valid());
    t.case("ca-false", "79@2", |p| {
        p.root().put(ext::basic_constraints(false, None))
    });
    t.case("ca-false-direct", "79@1", |p| {
        p.direct();
        p.root().put(ext::basic_constraints(false, None));
    });
    // keyCertSign alone makes a root a CA.
    t.case("no-basic-constraints", "ok", |p| {
        p.root().drop(ext::BASIC_CONSTRAINTS)
    });
    t.case("no-basic-constraints-no-key-usage", "79@2", |p| {
        p.root().drop(ext::BASIC_CONSTRAINTS);
        p.root().drop(ext::KEY_USAGE);
    });
    t.case("no-extensions-v3", "79@2", |p| p.root().extensions.clear());
    t.case("no-basic-constraints-cert-sign", "ok", |p| {
        p.root().drop(ext::BASIC_CONSTRAINTS);
        p.root().put(ext::key_usage(&[ext::CERT_SIGN]));
    });
    t.case("v1", "ok", |p| p.root().v1());
    t.case("v1-direct", "ok", |p| {
        p.direct();
        p.root().v1();
    });
    t.case("v1-with-extensions", "ok", |p| p.root().version = None);
    t.case("v1-with-usage-no-constraints", "ok", |p| {
        p.root().version = None;
        p.root().extensions = vec![ext::key_usage(&[ext::CERT_SIGN])];
    });
    t.case("v2-without-extensions", "79@2", |p| {
        p.root().extensions.clear();
        p.root().version = Some(1);
    });
    t.case("no-cert-sign", "79@2", |p| {
        p.root().put(ext::key_usage(&[ext::CRL_SIGN]))
    });
    t.case("no-key-usage", "ok", |p| p.root().drop(ext::KEY_USAGE));
    t.case("bad-signature", "ok", |p| p.root().broken_signature = true);
    t.case("sha1-signature", "ok", |p| p.root().digest = Digest::Sha1);
    t.case("md5-signature", "ok", |p| {
        p.root().key = Key(Kind::Rsa(2048), 2);
        p.root().digest = Digest::Md5;
    });
    t.case("unique-ids", "ok", |p| p.root().unique_ids = true);
    t.case("negative-serial", "ok", |p| p.root().serial = vec![0xff, 1]);
    t.case("zero-serial", "ok", |p| p.root().serial = vec![0]);
    t.case("critical-unknown", "34@2", |p| {
        p.root()
            .put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical())
    });
    t.case("critical-netscape-type-ssl-ca", "ok", |p| {
        p.root()
            .put(Extension::new(ext::NETSCAPE_TYPE, der::named_bits(&[5])).critical());
    });
    t.case("broken-basic-constraints", "20@1", |p| {
        p.root()
            .put(Extension::new(ext::BASIC_CONSTRAINTS, vec![0x30, 5]));
    });
    t.case("duplicate-extension", "20@1", |p| {
        let usage = ext::key_usage(&[ext::CERT_SIGN]);
        p.root().extensions.push(usage);
    });
    t.case("algorithms-differ", "ok", |p| {
        let key = p.certs[ROOT].key;
        p.root().inner_algorithm = Some(key.algorithm(Digest::Sha384, Padding::Pkcs1));
    });
    t.case("empty-name", "ok", |p| p.root().subject = Name::default());
    t.case("expired-and-leaf-expired", "10@2", |p| {
        p.root().expired();
        p.leaf().expired();
    });
}

fn several(t: &mut Topic) {
    t.case("none", "load", |p| p.trusted.clear());
    t.case("twice", "ok", |p| p.trust(&[ROOT, ROOT]));
    t.case("intermediate-only", "2@1", |p| p.trust(&[INTER]));
    t.case("intermediate-and-leaf", "2@1", |p| p.trust(&[INTER, LEAF]));
    t.case("intermediate-and-root", "ok", |p| p.trust(&[INTER, ROOT]));
    t.case("intermediate-expired-and-root", "10@1", |p| {
        p.sent = vec![LEAF];
        p.inter().expired();
        p.trust(&[INTER, ROOT]);
    });
    t.case("intermediate-self-signed-too", "ok", |p| {
        let mut own = p.certs[INTER].clone();
        own.serial = vec![0x44];
        let own = p.add(own);
        p.certs[own].signer = own;
        p.trust(&[own]);
    });
    t.case("leaf-and-root", "ok", |p| p.trust(&[LEAF, ROOT]));
    t.case("unrelated-expired-beside", "ok", |p| {
        let mut other = crate::plan::Cert::ca("Unrelated CA", 20, p.certs.len());
        other.expired();
        let other = p.add(other);
        p.trust(&[other, ROOT]);
    });
    t.case("unreadable-beside", "load", |p| {
        let mut other = crate::plan::Cert::ca("Unrelated CA", 20, p.certs.len());
        other.spki = Some(vec![5, 0]);
        let other = p.add(other);
        p.trust(&[ROOT, other]);
    });
}

/// `BEGIN TRUSTED CERTIFICATE`: what the certificate may and may not be used for.
fn settings(t: &mut Topic) {
    let trust = |purposes: &[&str]| {
        der::sequence(&purposes.iter().map(|p| der::oid(p)).collect::<Vec<_>>())
    };
    let reject = |purposes: &[&str]| {
        der::context(
            0,
            &purposes
                .iter()
                .flat_map(|p| der::oid(p))
                .collect::<Vec<_>>(),
        )
    };
    let settings: [(&str, &str, Vec<u8>); 8] = [
        ("empty", "ok", der::sequence(&[])),
        (
            "trust-server",
            "ok",
            der::sequence(&[trust(&[ext::SERVER_AUTH])]),
        ),
        (
            "trust-client",
            "28@2",
            der::sequence(&[trust(&[ext::CLIENT_AUTH])]),
        ),
        (
            "trust-email",
            "28@2",
            der::sequence(&[trust(&[ext::EMAIL_PROTECTION])]),
        ),
        ("trust-any", "ok", der::sequence(&[trust(&[ext::ANY_EKU])])),
        (
            "reject-server",
            "28@2",
            der::sequence(&[reject(&[ext::SERVER_AUTH])]),
        ),
        (
            "reject-client",
            "ok",
            der::sequence(&[reject(&[ext::CLIENT_AUTH])]),
        ),
        (
            "reject-any",
            "28@2",
            der::sequence(&[reject(&[ext::ANY_EKU])]),
        ),
    ];
    for (name, expect, value) in settings {
        t.case(&format!("settings-{name}"), expect, move |p| {
            p.trusted = vec![Trusted {
                cert: ROOT,
                settings: Some(value.clone()),
            }];
        });
    }
    t.case("settings-trust-intermediate", "ok", move |p| {
        let settings = der::sequence(&[trust(&[ext::SERVER_AUTH])]);
        p.trusted = vec![Trusted {
            cert: INTER,
            settings: Some(settings),
        }];
    });
    t.case("settings-reject-intermediate", "28@1", move |p| {
        let settings = der::sequence(&[reject(&[ext::SERVER_AUTH])]);
        p.trusted = vec![
            Trusted {
                cert: INTER,
                settings: Some(settings),
            },
            Trusted::plain(ROOT),
        ];
    });
    t.case("settings-alias", "ok", |p| {
        let settings = der::sequence(&[der::tlv(0x0c, b"our root")]);
        p.trusted = vec![Trusted {
            cert: ROOT,
            settings: Some(settings),
        }];
    });
}
