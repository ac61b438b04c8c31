//! The handshakes.

use rustls::{
    SignatureScheme as S, SupportedProtocolVersion,
    version::{TLS12, TLS13},
};

use super::Case;
use crate::{
    ext,
    keys::{Digest, Key, Kind},
    plan::{LEAF, Plan},
};

/// All handshakes.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    usages(&mut all);
    schemes(&mut all);
    levels(&mut all);
    all
}

const BOTH: [(&str, &SupportedProtocolVersion); 2] = [("tls12", &TLS12), ("tls13", &TLS13)];

fn case(
    all: &mut Vec<Case>,
    name: &str,
    connects: [bool; 2],
    scheme: S,
    change: impl Fn(&mut Plan),
) {
    for ((version_name, version), connects) in BOTH.into_iter().zip(connects) {
        let mut plan = Plan::new();
        change(&mut plan);
        all.push(Case {
            name: format!("{name}-{version_name}"),
            connects,
            version,
            scheme,
            broken_signature: false,
            plan,
        });
    }
}

/// Key usages that verification accepts, and an ECDHE-ECDSA suite does not.
fn usages(all: &mut Vec<Case>) {
    let usages: [(&str, &[u8], bool); 3] = [
        ("signature", &[ext::DIGITAL_SIGNATURE], true),
        ("agreement", &[ext::KEY_AGREEMENT], false),
        ("encipherment", &[ext::KEY_ENCIPHERMENT], false),
    ];
    let keys = [
        ("ecdsa", Kind::P256, S::ECDSA_NISTP256_SHA256),
        ("ed25519", Kind::Ed25519, S::ED25519),
        ("rsa", Kind::Rsa(2048), S::RSA_PSS_SHA256),
    ];
    for (key_name, kind, scheme) in keys {
        for (name, bits, signs) in usages {
            // Only TLS 1.2 checks the usage, and only for keys of ECDSA suites.
            let connects = [signs || key_name == "rsa", true];
            case(
                all,
                &format!("{key_name}-usage-{name}"),
                connects,
                scheme,
                |p| {
                    p.leaf().key = Key(kind, 0);
                    p.leaf().put(ext::key_usage(bits));
                },
            );
        }
        case(
            all,
            &format!("{key_name}-no-usage"),
            [true; 2],
            scheme,
            |p| {
                p.leaf().key = Key(kind, 0);
                p.leaf().drop(ext::KEY_USAGE);
            },
        );
    }
}

/// Schemes that go with the key, and others. TLS 1.2 does not tie the curve to the digest.
fn schemes(all: &mut Vec<Case>) {
    let ecdsa = [
        ("sha1", S::ECDSA_SHA1_Legacy),
        ("sha256", S::ECDSA_NISTP256_SHA256),
        ("sha384", S::ECDSA_NISTP384_SHA384),
        ("sha512", S::ECDSA_NISTP521_SHA512),
    ];
    let curves = [
        ("p256", Kind::P256, "sha256"),
        ("p384", Kind::P384, "sha384"),
        ("p521", Kind::P521, "sha512"),
    ];
    for (curve, kind, own) in curves {
        for (digest, scheme) in ecdsa {
            let connects = [digest != "sha1", digest == own];
            case(all, &format!("{curve}-{digest}"), connects, scheme, |p| {
                p.leaf().key = Key(kind, 0)
            });
        }
    }
    let rsa = [
        ("pkcs1-sha1", S::RSA_PKCS1_SHA1, [false, false]),
        ("pkcs1-sha256", S::RSA_PKCS1_SHA256, [true, false]),
        ("pkcs1-sha512", S::RSA_PKCS1_SHA512, [true, false]),
        ("pss-sha256", S::RSA_PSS_SHA256, [true, true]),
        ("pss-sha384", S::RSA_PSS_SHA384, [true, true]),
        ("pss-sha512", S::RSA_PSS_SHA512, [true, true]),
    ];
    for (name, scheme, connects) in rsa {
        case(all, &format!("rsa-{name}"), connects, scheme, |p| {
            p.leaf().key = Key(Kind::Rsa(2048), 0)
        });
    }
    case(all, "broken", [false; 2], S::ECDSA_NISTP256_SHA256, |_| {});
    let count = all.len();
    all[count - 2..]
        .iter_mut()
        .for_each(|c| c.broken_signature = true);
}

/// Certificates that the level accepts, and signatures that it accepts or refuses.
fn levels(all: &mut Vec<Case>) {
    let strong = |p: &mut Plan, level, kind, digest| {
        p.question.level = level;
        p.certs
            .iter_mut()
            .for_each(|c| (c.key.0, c.digest) = (kind, digest));
    };
    let of_p384: [(u8, S, [bool; 2]); 6] = [
        (3, S::ECDSA_NISTP256_SHA256, [true, false]),
        (3, S::ECDSA_NISTP384_SHA384, [true, true]),
        (3, S::ECDSA_NISTP521_SHA512, [true, false]),
        (4, S::ECDSA_NISTP256_SHA256, [false, false]),
        (4, S::ECDSA_NISTP384_SHA384, [true, true]),
        (4, S::ECDSA_NISTP521_SHA512, [true, false]),
    ];
    for (level, scheme, connects) in of_p384 {
        let name = format!("level-{level}-p384-{}", scheme.as_str().unwrap_or_default());
        case(all, &name, connects, scheme, |p| {
            strong(p, level, Kind::P384, Digest::Sha384)
        });
    }
    let of_p521 = [
        (S::ECDSA_NISTP384_SHA384, [false, false]),
        (S::ECDSA_NISTP521_SHA512, [true, true]),
    ];
    for (scheme, connects) in of_p521 {
        let name = format!("level-5-p521-{}", scheme.as_str().unwrap_or_default());
        case(all, &name, connects, scheme, |p| {
            strong(p, 5, Kind::P521, Digest::Sha512)
        });
    }
    for (name, scheme, connects) in [
        ("pkcs1-sha256", S::RSA_PKCS1_SHA256, [true, false]),
        ("pss-sha256", S::RSA_PSS_SHA256, [true, true]),
    ] {
        case(
            all,
            &format!("level-3-rsa3072-{name}"),
            connects,
            scheme,
            |p| {
                p.question.level = 3;
                p.certs[LEAF].key = Key(Kind::Rsa(3072), 0);
            },
        );
    }
}
