//! Key types, sizes, signature algorithms and security levels.

use super::Topic;
use crate::{
    der,
    edit::{Edit, Form, Place, edited},
    ext,
    keys::{Digest, Key, Kind, Padding},
    plan::{INTER, LEAF, Plan, ROOT},
    tree::Length,
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("key");
    leaves(&mut t);
    issuers(&mut t);
    expired_twins(&mut t);
    signatures(&mut t);
    salts(&mut t);
    curves(&mut t);
    levels(&mut t);
    odd(&mut t);
    t
}

fn kinds() -> Vec<(&'static str, Kind)> {
    vec![
        ("brainpool256", Kind::Brainpool256),
        ("dsa2048", Kind::Dsa2048),
        ("ed25519", Kind::Ed25519),
        ("ed448", Kind::Ed448),
        ("k256", Kind::K256),
        ("p224", Kind::P224),
        ("p384", Kind::P384),
        ("p521", Kind::P521),
        ("rsa1024", Kind::Rsa(1024)),
        ("rsa1900", Kind::Rsa(1900)),
        ("rsa2047", Kind::Rsa(2047)),
        ("rsa2048", Kind::Rsa(2048)),
        ("rsa3072", Kind::Rsa(3072)),
        ("rsa4096", Kind::Rsa(4096)),
        ("rsa-pss2048", Kind::RsaPss(2048)),
    ]
}

/// Kinds too weak for level 2: fewer than 112 bits.
fn weak(kind: Kind) -> bool {
    matches!(kind, Kind::Rsa(1024 | 1900))
}

fn leaves(t: &mut Topic) {
    for (name, kind) in kinds() {
        t.case(
            &format!("leaf-{name}"),
            if weak(kind) { "66@0" } else { "ok" },
            move |p| p.leaf().key = Key(kind, 0),
        );
    }
}

fn issuers(t: &mut Topic) {
    for (name, kind) in kinds() {
        let expect = if weak(kind) { "67@1" } else { "ok" };
        t.case(&format!("inter-{name}"), expect, move |p| {
            p.inter().key = Key(kind, 1)
        });
        let expect = if weak(kind) { "67@2" } else { "ok" };
        t.case(&format!("root-{name}"), expect, move |p| {
            p.root().key = Key(kind, 1)
        });
    }
}

/// OpenSSL uses the expired issuer in `trusted-ca`, and ignores the good one that the peer sends.
fn expired_twins(t: &mut Topic) {
    let kinds = [
        ("brainpool256", Kind::Brainpool256),
        ("p224", Kind::P224),
        ("p384", Kind::P384),
    ];
    for (name, kind) in kinds {
        t.case(&format!("trusted-expired-twin-{name}"), "10@1", move |p| {
            p.certs
                .iter_mut()
                .for_each(|c| c.drop(ext::AUTHORITY_KEY_ID));
            let mut twin = p.inter().clone();
            twin.key = Key(kind, 9);
            twin.serial = vec![9];
            twin.expired();
            let twin = p.add(twin);
            p.trust(&[ROOT, twin]);
        });
    }
}

fn signatures(t: &mut Topic) {
    let digests = [
        ("md5", Digest::Md5),
        ("sha1", Digest::Sha1),
        ("sha224", Digest::Sha224),
        ("sha256", Digest::Sha256),
        ("sha384", Digest::Sha384),
        ("sha512", Digest::Sha512),
    ];
    let kinds = [
        ("p256", Kind::P256),
        ("p384", Kind::P384),
        ("p521", Kind::P521),
        ("rsa2048", Kind::Rsa(2048)),
    ];
    for (digest_name, digest) in digests {
        let weak = matches!(digest, Digest::Md5 | Digest::Sha1);
        for (kind_name, kind) in kinds {
            if digest == Digest::Md5 && kind != Kind::Rsa(2048) {
                continue;
            }
            let expect = if weak { "68@0" } else { "ok" };
            t.case(
                &format!("signed-{kind_name}-{digest_name}"),
                expect,
                move |p| {
                    p.inter().key = Key(kind, 1);
                    p.leaf().digest = digest;
                },
            );
        }
        if !weak {
            t.case(
                &format!("signed-rsa2048-pss-{digest_name}"),
                "ok",
                move |p| {
                    p.inter().key = Key(Kind::Rsa(2048), 1);
                    p.leaf().digest = digest;
                    p.leaf().padding = Padding::Pss;
                },
            );
        }
        let expect = if weak { "68@1" } else { "ok" };
        t.case(&format!("inter-signed-{digest_name}"), expect, move |p| {
            p.root().key = Key(Kind::Rsa(2048), 1);
            p.inter().digest = digest;
        });
    }
    t.case("inter-sha1-from-trusted", "68@1", |p| {
        p.inter().digest = Digest::Sha1;
        p.sent = vec![LEAF];
        p.trust(&[INTER, ROOT]);
    });
    t.case("self-signed-leaf-sha1", "ok", |p| {
        p.self_signed();
        p.leaf().digest = Digest::Sha1;
    });
}

/// PSS with a salt of any length, below an RSA key of 2048 bits.
fn salts(t: &mut Topic) {
    for salt in [0, 1, 20, 32, 64, 222] {
        t.case(&format!("pss-salt-{salt}"), "ok", move |p| {
            p.inter().key = Key(Kind::Rsa(2048), 1);
            p.leaf().padding = Padding::PssSalt(salt);
        });
        t.case(&format!("pss-salt-{salt}-intermediate"), "ok", move |p| {
            p.root().key = Key(Kind::Rsa(2048), 2);
            p.inter().padding = Padding::PssSalt(salt);
        });
        t.case(&format!("pss-salt-{salt}-list"), "ok", move |p| {
            p.inter().key = Key(Kind::Rsa(2048), 1);
            p.list().padding = Padding::PssSalt(salt);
        });
    }
    t.case("pss-salt-20-sha512", "ok", |p| {
        p.inter().key = Key(Kind::Rsa(2048), 1);
        p.leaf().padding = Padding::PssSalt(20);
        p.leaf().digest = Digest::Sha512;
    });
    t.case("signed-rsa2048-sha3", "ok", |p| {
        p.inter().key = Key(Kind::Rsa(2048), 1);
        p.leaf().digest = Digest::Sha3;
    });
    // OpenSSL 3.0 does not know that ECDSA goes with SHA-3.
    t.case("signed-p256-sha3", "20@0", |p| {
        p.inter().key = Key(Kind::P256, 1);
        p.leaf().digest = Digest::Sha3;
    });
    t.case("pss-mask-of-another-digest", "ok", |p| {
        p.inter().key = Key(Kind::Rsa(2048), 1);
        p.leaf().padding = Padding::PssMask;
    });
    t.case("pss-salt-20-broken", "7@0", |p| {
        p.inter().key = Key(Kind::Rsa(2048), 1);
        p.leaf().padding = Padding::PssSalt(20);
        p.leaf().broken_signature = true;
    });
}

/// Every curve with every digest, below the root and on a list; `signatures` has them below an intermediate.
fn curves(t: &mut Topic) {
    let digests = [
        ("sha224", Digest::Sha224),
        ("sha256", Digest::Sha256),
        ("sha384", Digest::Sha384),
        ("sha512", Digest::Sha512),
    ];
    let kinds = [
        ("k256", Kind::K256),
        ("p256", Kind::P256),
        ("p384", Kind::P384),
        ("p521", Kind::P521),
        ("rsa2048", Kind::Rsa(2048)),
    ];
    for (kind_name, kind) in kinds {
        for (digest_name, digest) in digests {
            t.case(&format!("root-{kind_name}-{digest_name}"), "ok", move |p| {
                p.root().key = Key(kind, 2);
                p.inter().digest = digest;
            });
            t.case(&format!("list-{kind_name}-{digest_name}"), "ok", move |p| {
                p.inter().key = Key(kind, 1);
                p.list().digest = digest;
            });
        }
    }
}

/// Level 2 demands 112 bits, 3 demands 128, 4 demands 192, 5 demands 256.
fn levels(t: &mut Topic) {
    let kinds: [(&str, Kind, [&str; 3]); 7] = [
        ("p256", Kind::P256, ["ok", "ok", "66@0"]),
        ("p384", Kind::P384, ["ok", "ok", "ok"]),
        ("p521", Kind::P521, ["ok", "ok", "ok"]),
        ("rsa2048", Kind::Rsa(2048), ["ok", "66@0", "66@0"]),
        ("rsa3072", Kind::Rsa(3072), ["ok", "ok", "66@0"]),
        ("ed25519", Kind::Ed25519, ["ok", "ok", "66@0"]),
        ("ed448", Kind::Ed448, ["ok", "ok", "ok"]),
    ];
    for (name, kind, answers) in kinds {
        for (level, expect) in (2..).zip(answers) {
            t.case(&format!("leaf-{name}-at-level-{level}"), expect, move |p| {
                strong(p, level);
                p.leaf().key.0 = kind;
            });
            // Signatures of this key count as weak too, and the end entity's signature is checked first.
            let expect = match (name, level) {
                ("ed25519", 4) => "68@0".into(),
                _ => expect.replace("66@0", "67@1"),
            };
            t.case(
                &format!("inter-{name}-at-level-{level}"),
                &expect,
                move |p| {
                    strong(p, level);
                    p.inter().key.0 = kind;
                },
            );
        }
    }
    let digests: [(&str, Digest, [&str; 3]); 4] = [
        ("sha224", Digest::Sha224, ["ok", "68@0", "68@0"]),
        ("sha256", Digest::Sha256, ["ok", "ok", "68@0"]),
        ("sha384", Digest::Sha384, ["ok", "ok", "ok"]),
        ("sha512", Digest::Sha512, ["ok", "ok", "ok"]),
    ];
    for (name, digest, answers) in digests {
        for (level, expect) in (2..).zip(answers) {
            t.case(&format!("{name}-at-level-{level}"), expect, move |p| {
                strong(p, level);
                p.leaf().digest = digest;
            });
        }
    }
    t.case("p384-at-level-5", "66@0", |p| strong(p, 5));
    t.case("p521-at-level-5", "ok", |p| {
        strong(p, 5);
        p.certs
            .iter_mut()
            .for_each(|c| (c.key.0, c.digest) = (Kind::P521, Digest::Sha512));
    });
    t.case("root-rsa2048-at-level-3", "67@2", |p| {
        p.root().key = Key(Kind::Rsa(2048), 1);
        p.question.level = 3;
    });
}

/// Makes a chain that level 4 accepts.
fn strong(p: &mut Plan, level: u8) {
    p.certs
        .iter_mut()
        .for_each(|c| (c.key.0, c.digest) = (Kind::P384, Digest::Sha384));
    p.question.level = level;
}

/// The point in a form that also gives the parity of y (X9.62 has this form; SEC 1, section 2.3.3, does not).
fn hybrid(mut spki: Vec<u8>) -> Vec<u8> {
    let at = spki.len() - 65;
    spki[at] = 6 + (spki[at + 64] & 1);
    spki
}

fn odd(t: &mut Topic) {
    t.case("unknown-key-type", "66@0", |p| {
        let algorithm = der::sequence(&[der::oid("1.3.6.1.4.1.55555.9")]);
        p.leaf().spki = Some(der::sequence(&[algorithm, der::bits(&[1, 2, 3, 4])]));
    });
    t.case("ec-point-not-on-curve", "66@0", |p| {
        let mut spki = p.certs[LEAF].key.spki();
        *spki.last_mut().expect("not empty") ^= 1;
        p.leaf().spki = Some(spki);
    });
    t.case("inter-unknown-key-type", "20@0", |p| {
        let algorithm = der::sequence(&[der::oid("1.3.6.1.4.1.55555.9")]);
        p.inter().spki = Some(der::sequence(&[algorithm, der::bits(&[1, 2, 3, 4])]));
    });
    t.case("ec-compressed-point", "ok", |p| {
        p.leaf().key.0 = Kind::P256;
        let spki = p.certs[LEAF].key.spki();
        let point = &spki[spki.len() - 65..];
        let compressed = [&[2 + (point[64] & 1)], &point[1..33]].concat();
        let algorithm = der::sequence(&[
            der::oid("1.2.840.10045.2.1"),
            der::oid("1.2.840.10045.3.1.7"),
        ]);
        p.leaf().spki = Some(der::sequence(&[algorithm, der::bits(&compressed)]));
    });
    t.case("inter-rsa-exponent-of-65-bits", "ok", |p| {
        p.inter().key = Key(Kind::RsaLongExponent, 0);
    });
    t.case("inter-ed25519-long-length", "ok", |p| {
        p.inter().key.0 = Kind::Ed25519;
        let edit = Edit::new(Place::Path(&[0, 0]), Form::Length(Length::Long(0)));
        p.inter().spki = Some(edited(p.certs[INTER].key.spki(), &[edit]));
    });
    t.case("inter-hybrid-point", "ok", |p| {
        p.inter().key.0 = Kind::P256;
        p.inter().spki = Some(hybrid(p.certs[INTER].key.spki()));
    });
    t.case("inter-hybrid-point-of-other-parity", "20@0", |p| {
        p.inter().key.0 = Kind::P256;
        let mut spki = hybrid(p.certs[INTER].key.spki());
        let at = spki.len() - 65;
        spki[at] ^= 1;
        p.inter().spki = Some(spki);
    });
    t.case("unknown-signature-algorithm", "20@0", |p| {
        p.leaf().inner_algorithm = Some(der::sequence(&[der::oid("1.3.6.1.4.1.55555.9")]));
    });
    t.case("rsa-algorithm-without-parameters", "ok", |p| {
        p.inter().key = Key(Kind::Rsa(2048), 1);
        p.leaf().algorithm = Some(der::sequence(&[der::oid("1.2.840.113549.1.1.11")]));
    });
}
