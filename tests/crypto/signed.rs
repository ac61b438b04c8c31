//! Makes `tests/testdata/crypto/signed.txt`: certificates with signatures of every kind, and what
//! OpenSSL says to each. The tests that read it are in `src/crypto/signed/tests.rs`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

#[test]
#[ignore = "remakes tests/testdata/crypto/signed.txt"]
fn remake() {
    let maker = Maker::new();
    rsa_pkcs1(&maker);
    rsa_pss_salts_and_hashes(&maker);
    rsa_pss_parameters(&maker);
    rsa_pss_keys(&maker);
    rsa_encodings(&maker);
    rsa_keys(&maker);
    ecdsa(&maker);
    edwards(&maker);
    mismatches(&maker);
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "tests/testdata/crypto/signed.txt",
    ]
    .iter()
    .collect();
    fs::write(path, maker.table.take()).unwrap();
}

fn rsa_pkcs1(maker: &Maker) {
    let issuer = maker.issuer("rsa2048", rsa_spki(&maker.rsa_key("rsa2048")));
    for (hash, oid) in PKCS1 {
        let forms = [
            ("", NULL.to_vec()),
            ("-no-parameters", vec![]),
            ("-odd-parameters", tlv(0x0c, b"?")),
        ];
        for (form, parameters) in forms {
            let name = format!("pkcs1-{hash}{form}");
            let algorithm = sequence(&[oid, &parameters]);
            maker.case(&name, &issuer, &algorithm, |tbs| {
                maker.dgst("rsa2048", hash, &[], tbs)
            });
        }
    }
    let sha256 = sequence(&[PKCS1[1].1, &NULL]);
    let sha224 = sequence(&[PKCS1[0].1, &NULL]);
    for (form, algorithm, hash) in [("sha256", &sha256, "sha256"), ("sha224", &sha224, "sha224")] {
        let sign = |tbs: &[u8]| maker.dgst("rsa2048", hash, &[], tbs);
        maker.case(&format!("pkcs1-{form}-longer"), &issuer, algorithm, |tbs| {
            [&[0][..], &sign(tbs)].concat()
        });
        // The signature happens to start with a zero for one certificate in 256.
        maker.serial_until(
            &format!("pkcs1-{form}-shorter"),
            &issuer,
            algorithm,
            |tbs| {
                let signature = sign(tbs);
                (signature[0] == 0).then(|| signature[1..].to_vec())
            },
        );
        maker.case(
            &format!("pkcs1-{form}-other-hash"),
            &issuer,
            algorithm,
            |tbs| maker.dgst("rsa2048", "sha512", &[], tbs),
        );
    }
    // A DigestInfo of a SHA-256 without the NULL.
    maker.case(
        "pkcs1-sha256-digest-info-without-null",
        &issuer,
        &sha256,
        |tbs| {
            let hash = maker.openssl(&["dgst", "-sha256", "-binary", "MESSAGE"], tbs);
            let info = sequence(&[&sequence(&[HASHES[2].1]), &tlv(0x04, &hash)]);
            maker.openssl(
                &["pkeyutl", "-sign", "-inkey", "rsa2048", "-in", "MESSAGE"],
                &info,
            )
        },
    );
}

fn rsa_pss_salts_and_hashes(maker: &Maker) {
    let issuer = maker.issuer("rsa2048", rsa_spki(&maker.rsa_key("rsa2048")));
    for (hash, _) in HASHES {
        // For SHA-1 one will do: it is refused.
        let masks = if hash == "sha1" {
            &HASHES[..1]
        } else {
            &HASHES
        };
        for (mgf, _) in masks {
            let name = format!("pss-{hash}-{mgf}");
            let algorithm = pss(hash, mgf, 17);
            maker.case(&name, &issuer, &algorithm, |tbs| {
                maker.pss("rsa2048", hash, mgf, 17, tbs)
            });
        }
    }
    for salt in [0, 1, 20, 32, 64, 221, 222] {
        maker.case(
            &format!("pss-sha256-salt-{salt}"),
            &issuer,
            &pss("sha256", "sha256", salt),
            |tbs| maker.pss("rsa2048", "sha256", "sha256", salt, tbs),
        );
    }
    for (declared, used) in [
        (32, 20),
        (20, 32),
        (0, 20),
        (33, 32),
        (223, 222),
        (400, 222),
    ] {
        maker.case(
            &format!("pss-sha256-salt-{used}-declared-{declared}"),
            &issuer,
            &pss("sha256", "sha256", declared),
            |tbs| maker.pss("rsa2048", "sha256", "sha256", used, tbs),
        );
    }
    maker.case(
        "pss-other-hash",
        &issuer,
        &pss("sha384", "sha256", 20),
        |tbs| maker.pss("rsa2048", "sha256", "sha256", 20, tbs),
    );
    maker.case(
        "pss-other-mgf",
        &issuer,
        &pss("sha256", "sha1", 20),
        |tbs| maker.pss("rsa2048", "sha256", "sha256", 20, tbs),
    );
    for salt in [32, 20] {
        let algorithm = pss("sha256", "sha256", salt);
        let sign = |tbs: &[u8]| maker.pss("rsa2048", "sha256", "sha256", salt, tbs);
        maker.serial_until(
            &format!("pss-salt-{salt}-shorter"),
            &issuer,
            &algorithm,
            |tbs| {
                let signature = sign(tbs);
                (signature[0] == 0).then(|| signature[1..].to_vec())
            },
        );
        maker.case(
            &format!("pss-salt-{salt}-longer"),
            &issuer,
            &algorithm,
            |tbs| [&[0][..], &sign(tbs)].concat(),
        );
        maker.case(
            &format!("pss-salt-{salt}-empty"),
            &issuer,
            &algorithm,
            |_| Vec::new(),
        );
    }
}

/// All of these declare what `openssl` signs with: SHA-256 twice, and a salt of 32 or 20 octets.
fn rsa_pss_parameters(maker: &Maker) {
    let issuer = maker.issuer("rsa2048", rsa_spki(&maker.rsa_key("rsa2048")));
    let sha256 = HASHES[2].1;
    let hash = field(0, &sequence(&[sha256, &NULL]));
    let bare_hash = field(0, &sequence(&[sha256]));
    let mgf = |hash: &[u8]| field(1, &sequence(&[&MGF1, hash]));
    let full_mgf = mgf(&sequence(&[sha256, &NULL]));
    let bare_mgf = mgf(&sequence(&[sha256]));
    let salt = |octets: &[u8]| field(2, &tlv(0x02, octets));
    let trailer = |octets: &[u8]| field(3, &tlv(0x02, octets));
    let salt32 = salt(&[32]);
    let cases: Vec<(&str, usize, Vec<u8>)> = vec![
        (
            "bare-hashes",
            32,
            sequence(&[&bare_hash, &bare_mgf, &salt32]),
        ),
        ("bare-hash", 32, sequence(&[&bare_hash, &full_mgf, &salt32])),
        ("bare-mgf", 32, sequence(&[&hash, &bare_mgf, &salt32])),
        ("odd-hash-parameters", 32, {
            let odd = field(0, &sequence(&[sha256, &tlv(0x0c, b"?")]));
            sequence(&[&odd, &full_mgf, &salt32])
        }),
        ("salt-omitted", 20, sequence(&[&hash, &full_mgf])),
        (
            "salt-default-explicit",
            20,
            sequence(&[&hash, &full_mgf, &salt(&[20])]),
        ),
        ("salt-omitted-wrong", 32, sequence(&[&hash, &full_mgf])),
        (
            "trailer-1",
            32,
            sequence(&[&hash, &full_mgf, &salt32, &trailer(&[1])]),
        ),
        (
            "trailer-2",
            32,
            sequence(&[&hash, &full_mgf, &salt32, &trailer(&[2])]),
        ),
        (
            "trailer-0",
            32,
            sequence(&[&hash, &full_mgf, &salt32, &trailer(&[0])]),
        ),
        (
            "trailer-257",
            32,
            sequence(&[&hash, &full_mgf, &salt32, &trailer(&[1, 1])]),
        ),
        ("trailer-2-to-the-32-and-1", 32, {
            sequence(&[&hash, &full_mgf, &salt32, &trailer(&[1, 0, 0, 0, 1])])
        }),
        (
            "salt-negative",
            32,
            sequence(&[&hash, &full_mgf, &salt(&[0xe0])]),
        ),
        (
            "salt-minus-1",
            32,
            sequence(&[&hash, &full_mgf, &salt(&[0xff])]),
        ),
        (
            "salt-minus-2",
            32,
            sequence(&[&hash, &full_mgf, &salt(&[0xfe])]),
        ),
        (
            "salt-padded",
            32,
            sequence(&[&hash, &full_mgf, &salt(&[0, 32])]),
        ),
        (
            "salt-no-octets",
            32,
            sequence(&[&hash, &full_mgf, &salt(&[])]),
        ),
        ("salt-2-to-the-32-and-32", 32, {
            sequence(&[&hash, &full_mgf, &salt(&[1, 0, 0, 0, 32])])
        }),
        (
            "salt-huge",
            32,
            sequence(&[&hash, &full_mgf, &salt(&[1; 20])]),
        ),
        ("salt-enumerated", 32, {
            sequence(&[&hash, &full_mgf, &field(2, &tlv(0x0a, &[32]))])
        }),
        ("salt-twice-in-its-field", 32, {
            let twice = [tlv(0x02, &[32]), tlv(0x02, &[32])].concat();
            sequence(&[&hash, &full_mgf, &field(2, &twice)])
        }),
        (
            "salt-field-empty",
            32,
            sequence(&[&hash, &full_mgf, &field(2, &[])]),
        ),
        ("out-of-order", 32, sequence(&[&full_mgf, &hash, &salt32])),
        ("unknown-field", 32, {
            sequence(&[&hash, &full_mgf, &salt32, &field(4, &NULL)])
        }),
        ("mgf-unknown", 32, {
            let odd = field(1, &sequence(&[&RSASSA_PSS, &sequence(&[sha256, &NULL])]));
            sequence(&[&hash, &odd, &salt32])
        }),
        ("mgf-without-hash", 32, {
            sequence(&[&hash, &field(1, &sequence(&[&MGF1])), &salt32])
        }),
        (
            "mgf-null-hash",
            32,
            sequence(&[&hash, &mgf(&NULL), &salt32]),
        ),
        ("hash-unknown", 32, {
            let odd = field(0, &sequence(&[&RSASSA_PSS, &NULL]));
            sequence(&[&odd, &full_mgf, &salt32])
        }),
        ("absent", 32, Vec::new()),
        ("null", 32, NULL.to_vec()),
        ("empty", 32, sequence(&[])),
        ("set", 32, {
            tlv(0x31, &[&hash[..], &full_mgf, &salt32].concat())
        }),
        ("long-length", 32, {
            let content = [&hash[..], &full_mgf, &salt32].concat();
            [&[0x30, 0x82, 0, content.len() as u8][..], &content].concat()
        }),
        ("long-length-within", 32, {
            let salt = [0xa2, 0x81, 6, 0x02, 0x83, 0, 0, 1, 32];
            sequence(&[&hash, &full_mgf, &salt])
        }),
        ("indefinite-length", 32, {
            let content = [&hash[..], &full_mgf, &salt32].concat();
            [&[0x30, 0x80][..], &content, &[0, 0]].concat()
        }),
    ];
    for (name, used, parameters) in cases {
        let algorithm = sequence(&[&RSASSA_PSS, &parameters]);
        maker.case(&format!("pss-{name}"), &issuer, &algorithm, |tbs| {
            maker.pss("rsa2048", "sha256", "sha256", used, tbs)
        });
    }
    let algorithm = {
        let hash = field(0, &sequence(&[sha256, &NULL]));
        sequence(&[
            &RSASSA_PSS,
            &sequence(&[&hash, &field(2, &tlv(0x02, &[32]))]),
        ])
    };
    maker.case("pss-mgf-omitted", &issuer, &algorithm, |tbs| {
        maker.pss("rsa2048", "sha256", "sha1", 32, tbs)
    });
    let algorithm = {
        let hash = field(0, &sequence(&[&SHA512_256, &NULL]));
        let mgf = field(1, &sequence(&[&MGF1, &sequence(&[&SHA512_256, &NULL])]));
        sequence(&[&RSASSA_PSS, &sequence(&[&hash, &mgf, &salt32])])
    };
    maker.case("pss-sha512-256", &issuer, &algorithm, |tbs| {
        maker.pss("rsa2048", "sha512-256", "sha512-256", 32, tbs)
    });
    let algorithm = {
        let mgf = field(1, &sequence(&[&MGF1, &sequence(&[&SHA512_256, &NULL])]));
        sequence(&[&RSASSA_PSS, &sequence(&[&hash, &mgf, &salt32])])
    };
    maker.case("pss-mgf-sha512-256", &issuer, &algorithm, |tbs| {
        maker.pss("rsa2048", "sha256", "sha512-256", 32, tbs)
    });
}

/// Keys that are restricted to some signatures, and signatures that are within and without.
fn rsa_pss_keys(maker: &Maker) {
    let bits = maker.rsa_key("rsa2048");
    let parameters = |hash: &str, mgf: &str, salt: usize| {
        // What follows the object identifier.
        let pss = pss(hash, mgf, salt);
        pss[2 + RSASSA_PSS.len()..].to_vec()
    };
    let sha256 = field(0, &sequence(&[HASHES[2].1]));
    let mgf_sha256 = field(1, &sequence(&[&MGF1, &sequence(&[HASHES[2].1])]));
    let keys = [
        ("free", vec![]),
        ("sha256-32", parameters("sha256", "sha256", 32)),
        ("sha256-20", parameters("sha256", "sha256", 20)),
        ("sha256-0", parameters("sha256", "sha256", 0)),
        ("sha256-222", parameters("sha256", "sha256", 222)),
        ("sha256-sha1", parameters("sha256", "sha1", 20)),
        ("sha384", parameters("sha384", "sha384", 20)),
        ("sha1", parameters("sha1", "sha1", 20)),
        ("bare", sequence(&[&sha256, &mgf_sha256])),
        ("mgf-omitted", sequence(&[&sha256])),
        ("empty", sequence(&[])),
        ("null", NULL.to_vec()),
        ("trailer-2", {
            sequence(&[&sha256, &mgf_sha256, &field(3, &tlv(0x02, &[2]))])
        }),
        ("salt-minus-1", {
            sequence(&[&sha256, &mgf_sha256, &field(2, &tlv(0x02, &[0xff]))])
        }),
        ("unknown-hash", {
            sequence(&[&field(0, &sequence(&[&RSASSA_PSS])), &mgf_sha256])
        }),
    ];
    for (name, parameters) in keys {
        let spki = sequence(&[&sequence(&[&RSASSA_PSS, &parameters]), &bit_string(&bits)]);
        let issuer = maker.issuer(&format!("pss-{name}"), spki);
        for (hash, mgf, salt) in [
            ("sha256", "sha256", 32),
            ("sha256", "sha256", 20),
            ("sha256", "sha256", 19),
            ("sha256", "sha1", 20),
            ("sha384", "sha384", 20),
        ] {
            let case = format!("key-pss-{name}-{hash}-{mgf}-{salt}");
            maker.case(&case, &issuer, &pss(hash, mgf, salt), |tbs| {
                maker.pss("rsa2048", hash, mgf, salt, tbs)
            });
        }
        if name == "free" || name == "sha256-20" {
            let algorithm = sequence(&[PKCS1[1].1, &NULL]);
            maker.case(
                &format!("key-pss-{name}-pkcs1"),
                &issuer,
                &algorithm,
                |tbs| maker.dgst("rsa2048", "sha256", &[], tbs),
            );
        }
    }
}

/// What is encoded a little differently than it should be, and a signature that is too large.
fn rsa_encodings(maker: &Maker) {
    let bits = maker.rsa_key("rsa2048");
    let issuer = maker.issuer("rsa2048", rsa_spki(&bits));
    let pkcs1 = sequence(&[PKCS1[0].1, &NULL]);
    let sign_pkcs1 = |tbs: &[u8]| maker.dgst("rsa2048", "sha224", &[], tbs);
    let pss = pss("sha256", "sha256", 20);
    let sign_pss = |tbs: &[u8]| maker.pss("rsa2048", "sha256", "sha256", 20, tbs);
    // Without padding, decryption is what makes a signature.
    let raw = |operation, octets: &[u8]| {
        let padding = ["-pkeyopt", "rsa_padding_mode:none"];
        let arguments = ["pkeyutl", operation, "-inkey", "rsa2048", "-in", "MESSAGE"];
        maker.openssl(&[&arguments[..], &padding].concat(), octets)
    };
    let edits: [(&str, fn(&mut Vec<u8>)); 6] = [
        ("nothing", |_| {}),
        ("type", |encoded| encoded[1] = 2),
        ("padding", |encoded| encoded[100] = 0xfe),
        ("separator", |encoded| encoded[256 - 47 - 1] = 1),
        ("hash", |encoded| encoded[255] ^= 1),
        // As it is forged for keys with the exponent 3.
        ("octets-after", |encoded| {
            encoded.splice(20..30, []);
            encoded.extend([0; 10]);
        }),
    ];
    for (name, edit) in edits {
        maker.case(&format!("pkcs1-wrong-{name}"), &issuer, &pkcs1, |tbs| {
            let mut encoded = raw("-encrypt", &sign_pkcs1(tbs));
            edit(&mut encoded);
            raw("-decrypt", &encoded)
        });
    }
    let edits: [(&str, fn(&mut Vec<u8>)); 7] = [
        ("nothing", |_| {}),
        ("padding", |encoded| encoded[0] ^= 1),
        ("separator", |encoded| encoded[256 - 1 - 32 - 20 - 1] ^= 3),
        ("salt", |encoded| encoded[256 - 1 - 32 - 1] ^= 1),
        ("hash", |encoded| encoded[256 - 1 - 1] ^= 1),
        ("trailer", |encoded| encoded[255] = 0xcc),
        ("first-bit", |encoded| encoded[0] ^= 0x80),
    ];
    for (name, edit) in edits {
        maker.serial_until(&format!("pss-wrong-{name}"), &issuer, &pss, |tbs| {
            let mut encoded = raw("-encrypt", &sign_pss(tbs));
            edit(&mut encoded);
            (encoded < bits[9..265].to_vec()).then(|| raw("-decrypt", &encoded))
        });
    }
    let modulus = &bits[9..265];
    maker.serial_until("pkcs1-plus-modulus", &issuer, &pkcs1, |tbs| {
        sum(&sign_pkcs1(tbs), modulus)
    });
    maker.serial_until("pss-plus-modulus", &issuer, &pss, |tbs| {
        sum(&sign_pss(tbs), modulus)
    });
}

/// Adds two numbers of the same length, if the sum is no longer.
fn sum(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let mut carry = 0;
    let mut sum: Vec<u8> = Vec::new();
    for (a, b) in a.iter().zip(b).rev() {
        carry += u16::from(*a) + u16::from(*b);
        sum.insert(0, carry as u8);
        carry >>= 8;
    }
    (carry == 0).then_some(sum)
}

fn rsa_keys(maker: &Maker) {
    let large = format!("0x1{}1", "0".repeat(499));
    let sizes = [
        ("rsa2040", "2040", "65537"),
        ("rsa2041", "2041", "65537"),
        ("rsa2047", "2047", "65537"),
        ("rsa2049", "2049", "65537"),
        ("rsa2050", "2050", "65537"),
        ("rsa2056", "2056", "65537"),
        ("rsa4096", "4096", "65537"),
        ("rsa8192", "8192", "65537"),
        ("rsa16384", "16384", "65537"),
        ("rsa16385", "16385", "65537"),
        ("rsa2048-e2", "2048", "3"),
        ("rsa2048-e33", "2048", "8589934591"),
        ("rsa2048-e65", "2048", "18446744073709551617"),
        ("rsa3072-e2001", "3072", &large),
        ("rsa3073-e64", "3073", "18446744073709551615"),
        ("rsa3073-e65", "3073", "18446744073709551617"),
    ];
    for (name, bits, exponent) in sizes {
        let issuer = maker.issuer(name, rsa_spki(&maker.sized_rsa_key(name, bits, exponent)));
        let algorithm = sequence(&[PKCS1[1].1, &NULL]);
        maker.case(&format!("key-{name}-pkcs1"), &issuer, &algorithm, |tbs| {
            maker.dgst(name, "sha256", &[], tbs)
        });
        let case = format!("key-{name}-pss");
        maker.case(&case, &issuer, &pss("sha256", "sha256", 20), |tbs| {
            maker.pss(name, "sha256", "sha256", 20, tbs)
        });
    }
    let bits = maker.rsa_key("rsa2048");
    let (modulus, exponent) = (&bits[9..9 + 256], &bits[265..]);
    let forms = [
        ("no-parameters", vec![], bits.clone()),
        ("odd-parameters", tlv(0x0c, b"?"), bits.clone()),
        (
            "negative-modulus",
            NULL.to_vec(),
            sequence(&[&tlv(0x02, modulus), exponent]),
        ),
        ("padded-modulus", NULL.to_vec(), {
            sequence(&[&tlv(0x02, &[&[0, 0], modulus].concat()), exponent])
        }),
        (
            "trailing-octets",
            NULL.to_vec(),
            [&bits[..], &NULL].concat(),
        ),
        ("trailing-element", NULL.to_vec(), {
            sequence(&[&tlv(0x02, &[&[0], modulus].concat()), exponent, &NULL])
        }),
        ("padded-exponent", NULL.to_vec(), {
            sequence(&[
                &tlv(0x02, &[&[0], modulus].concat()),
                &tlv(0x02, &[0, 1, 0, 1]),
            ])
        }),
        ("long-length", NULL.to_vec(), {
            let length = (bits.len() - 4) as u32;
            [&[0x30, 0x84][..], &length.to_be_bytes(), &bits[4..]].concat()
        }),
        ("even-modulus", NULL.to_vec(), {
            let mut even = bits.clone();
            even[264] ^= 1;
            even
        }),
        (
            "no-exponent",
            NULL.to_vec(),
            sequence(&[&tlv(0x02, modulus)]),
        ),
        (
            "zero-modulus",
            NULL.to_vec(),
            sequence(&[&tlv(0x02, &[0]), exponent]),
        ),
        ("empty", NULL.to_vec(), vec![]),
    ];
    for (name, parameters, bits) in forms {
        let algorithm = sequence(&[&RSA_ENCRYPTION, &parameters]);
        let spki = sequence(&[&algorithm, &bit_string(&bits)]);
        let issuer = maker.issuer(&format!("rsa-{name}"), spki);
        for (hash, oid) in &PKCS1[..2] {
            let algorithm = sequence(&[oid, &NULL]);
            let case = format!("key-rsa-{name}-pkcs1-{hash}");
            maker.case(&case, &issuer, &algorithm, |tbs| {
                maker.dgst("rsa2048", hash, &[], tbs)
            });
        }
    }
    // With the exponent 1 a signature is what it should come to.
    let modulus = tlv(0x02, &[&[0], modulus].concat());
    for exponent in [0, 1, 2] {
        let bits = sequence(&[&modulus, &tlv(0x02, &[exponent])]);
        let issuer = maker.issuer(&format!("rsa-e{exponent}"), rsa_spki(&bits));
        let algorithm = sequence(&[PKCS1[1].1, &NULL]);
        maker.case(
            &format!("key-rsa-e{exponent}"),
            &issuer,
            &algorithm,
            |tbs| {
                let hash = maker.openssl(&["dgst", "-sha256", "-binary", "MESSAGE"], tbs);
                let info = sequence(&[&sequence(&[HASHES[2].1, &NULL]), &tlv(0x04, &hash)]);
                let padding = vec![0xff; 256 - 3 - info.len()];
                [&[0, 1][..], &padding, &[0], &info].concat()
            },
        );
    }
}

fn ecdsa(maker: &Maker) {
    for (curve, group) in [
        ("p224", "P-224"),
        ("p256", "P-256"),
        ("p384", "P-384"),
        ("p521", "P-521"),
        ("k256", "secp256k1"),
    ] {
        let spki = maker.ec_key(curve, group);
        let issuer = maker.issuer(curve, spki);
        for (hash, oid) in ECDSA {
            maker.case(
                &format!("{curve}-{hash}"),
                &issuer,
                &sequence(&[oid]),
                |tbs| maker.dgst(curve, hash, &[], tbs),
            );
        }
        let sha256 = sequence(&[ECDSA[1].1]);
        maker.case(
            &format!("{curve}-sha256-null"),
            &issuer,
            &sequence(&[ECDSA[1].1, &NULL]),
            |tbs| maker.dgst(curve, "sha256", &[], tbs),
        );
        maker.case(&format!("{curve}-other-hash"), &issuer, &sha256, |tbs| {
            maker.dgst(curve, "sha384", &[], tbs)
        });
        let sha224 = sequence(&[ECDSA[0].1]);
        maker.case(
            &format!("{curve}-sha224-trailing-octet"),
            &issuer,
            &sha224,
            |tbs| [&maker.dgst(curve, "sha224", &[], tbs)[..], &[0]].concat(),
        );
        maker.case(
            &format!("{curve}-sha224-long-length"),
            &issuer,
            &sha224,
            |tbs| {
                let signature = maker.dgst(curve, "sha224", &[], tbs);
                let content = &signature[if signature[1] == 0x81 { 3 } else { 2 }..];
                [&[0x30, 0x82, 0, content.len() as u8][..], content].concat()
            },
        );
        maker.case(&format!("{curve}-sha224-zeros"), &issuer, &sha224, |_| {
            sequence(&[&tlv(0x02, &[0]), &tlv(0x02, &[0])])
        });
    }
    let issuer = maker.issuer("brainpool", maker.ec_key("brainpool", "brainpoolP256r1"));
    maker.case("brainpool", &issuer, &sequence(&[ECDSA[1].1]), |tbs| {
        maker.dgst("brainpool", "sha256", &[], tbs)
    });
    // Both of the two values that verify.
    for (name, is_high) in [("k256-low", false), ("k256-high", true)] {
        let issuer = maker.issuer("k256", maker.ec_key("k256", "secp256k1"));
        maker.serial_until(name, &issuer, &sequence(&[ECDSA[1].1]), |tbs| {
            let signature = maker.dgst("k256", "sha256", &[], tbs);
            let r = usize::from(signature[3]);
            // A zero stands before a first octet of 80 and more.
            let has_zero = signature[4 + r + 1] == 33;
            (has_zero == is_high).then_some(signature)
        });
    }
    let spki = maker.ec_key("p256", "P-256");
    let point = &spki[spki.len() - 65..];
    let parity = point[64] & 1;
    let algorithm = sequence(&[&EC_PUBLIC_KEY, &P256]);
    let points = [
        ("compressed", [&[2 | parity], &point[1..33]].concat()),
        ("compressed-other", [&[3 - parity], &point[1..33]].concat()),
        ("hybrid", [&[6 | parity], &point[1..]].concat()),
        ("hybrid-wrong", [&[7 - parity], &point[1..]].concat()),
        ("infinity", vec![0]),
        ("truncated", point[..64].to_vec()),
        ("off-curve", {
            let mut off = point.to_vec();
            off[64] ^= 1;
            off
        }),
        ("empty", vec![]),
    ];
    for (name, point) in points {
        let spki = sequence(&[&algorithm, &bit_string(&point)]);
        let issuer = maker.issuer(&format!("p256-{name}"), spki);
        for (hash, oid) in &ECDSA[..2] {
            maker.case(
                &format!("key-p256-{name}-{hash}"),
                &issuer,
                &sequence(&[oid]),
                |tbs| maker.dgst("p256", hash, &[], tbs),
            );
        }
    }
    for (name, parameters) in [("absent", vec![]), ("null", NULL.to_vec())] {
        let algorithm = sequence(&[&EC_PUBLIC_KEY, &parameters]);
        let spki = sequence(&[&algorithm, &bit_string(point)]);
        let issuer = maker.issuer(&format!("p256-curve-{name}"), spki);
        maker.case(
            &format!("key-p256-curve-{name}"),
            &issuer,
            &sequence(&[ECDSA[1].1]),
            |tbs| maker.dgst("p256", "sha256", &[], tbs),
        );
    }
}

fn edwards(maker: &Maker) {
    for (name, algorithm, oid) in [("ed25519", "ED25519", &ED25519), ("ed448", "ED448", &ED448)] {
        let spki = maker.edwards_key(name, algorithm);
        let issuer = maker.issuer(name, spki);
        let sign = |tbs: &[u8]| {
            let arguments = [
                "pkeyutl", "-sign", "-rawin", "-inkey", name, "-in", "MESSAGE",
            ];
            maker.openssl(&arguments, tbs)
        };
        maker.case(name, &issuer, &sequence(&[oid]), sign);
        maker.case(
            &format!("{name}-null"),
            &issuer,
            &sequence(&[oid, &NULL]),
            sign,
        );
    }
}

fn mismatches(maker: &Maker) {
    let rsa = maker.issuer("rsa2048", rsa_spki(&maker.rsa_key("rsa2048")));
    let p256 = maker.issuer("p256", maker.ec_key("p256", "P-256"));
    let pkcs1 = sequence(&[PKCS1[1].1, &NULL]);
    let ecdsa = sequence(&[ECDSA[1].1]);
    maker.case("rsa-key-ecdsa-signature", &rsa, &ecdsa, |tbs| {
        maker.dgst("p256", "sha256", &[], tbs)
    });
    maker.case("p256-key-pkcs1-signature", &p256, &pkcs1, |tbs| {
        maker.dgst("rsa2048", "sha256", &[], tbs)
    });
    maker.case(
        "p256-key-pss-signature",
        &p256,
        &pss("sha256", "sha256", 20),
        |tbs| maker.pss("rsa2048", "sha256", "sha256", 20, tbs),
    );
    maker.case(
        "unknown-algorithm",
        &rsa,
        &sequence(&[&MGF1, &NULL]),
        |tbs| maker.dgst("rsa2048", "sha256", &[], tbs),
    );
}

/// Makes keys, and certificates signed with them, in a directory of its own.
struct Maker {
    directory: PathBuf,
    keys: RefCell<HashMap<String, Vec<u8>>>,
    issuers: RefCell<Vec<String>>,
    table: RefCell<String>,
}

struct Issuer {
    name: String,
    spki: Vec<u8>,
}

impl Maker {
    fn new() -> Self {
        let directory = std::env::temp_dir().join(format!("sip-tls-signed-{}", std::process::id()));
        fs::create_dir(&directory).unwrap();
        Self {
            directory,
            keys: RefCell::default(),
            issuers: RefCell::default(),
            table: RefCell::default(),
        }
    }

    /// Runs `openssl` with a file `MESSAGE`, and returns what it prints.
    fn openssl(&self, arguments: &[&str], message: &[u8]) -> Vec<u8> {
        fs::write(self.directory.join("MESSAGE"), message).unwrap();
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        output.stdout
    }

    fn dgst(&self, key: &str, hash: &str, options: &[&str], message: &[u8]) -> Vec<u8> {
        let hash = format!("-{hash}");
        let arguments = [&["dgst", &hash, "-sign", key], options, &["MESSAGE"]].concat();
        self.openssl(&arguments, message)
    }

    fn pss(&self, key: &str, hash: &str, mgf: &str, salt: usize, message: &[u8]) -> Vec<u8> {
        let options = [
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            &format!("rsa_mgf1_md:{mgf}"),
            "-sigopt",
            &format!("rsa_pss_saltlen:{salt}"),
        ];
        self.dgst(key, hash, &options, message)
    }

    /// Makes a key if there is none of this name, and returns its SubjectPublicKeyInfo.
    fn spki(&self, name: &str, arguments: &[&str]) -> Vec<u8> {
        let mut keys = self.keys.borrow_mut();
        let made = keys.entry(name.to_owned()).or_insert_with(|| {
            self.openssl(&[&["genpkey", "-out", name], arguments].concat(), &[]);
            self.openssl(&["pkey", "-in", name, "-pubout", "-outform", "DER"], &[])
        });
        made.clone()
    }

    /// Returns the RSAPublicKey of 2048 bits.
    fn rsa_key(&self, name: &str) -> Vec<u8> {
        self.sized_rsa_key(name, "2048", "65537")
    }

    fn sized_rsa_key(&self, name: &str, bits: &str, exponent: &str) -> Vec<u8> {
        let mut options = vec![
            format!("rsa_keygen_bits:{bits}"),
            format!("rsa_keygen_pubexp:{exponent}"),
        ];
        // Two primes are as long as each other, and long ones take minutes to find.
        match bits.parse::<u16>().unwrap() {
            10_000.. => options.push("rsa_keygen_primes:5".to_owned()),
            odd if odd % 2 == 1 => options.push("rsa_keygen_primes:3".to_owned()),
            _ => {}
        }
        let mut arguments = vec!["-algorithm", "RSA"];
        arguments.extend(options.iter().flat_map(|option| ["-pkeyopt", option]));
        let spki = self.spki(name, &arguments);
        // After the header, the algorithm, and the header of the BIT STRING.
        spki[4 + 15 + 5..].to_vec()
    }

    fn ec_key(&self, name: &str, group: &str) -> Vec<u8> {
        let group = format!("group:{group}");
        self.spki(name, &["-algorithm", "EC", "-pkeyopt", &group])
    }

    fn edwards_key(&self, name: &str, algorithm: &str) -> Vec<u8> {
        self.spki(name, &["-algorithm", algorithm])
    }

    /// Enters the certificate of an issuer into the table, unless it is there. Its own signature is
    /// none: nobody verifies it.
    fn issuer(&self, name: &str, spki: Vec<u8>) -> Issuer {
        if !self.issuers.borrow().contains(&name.to_owned()) {
            self.issuers.borrow_mut().push(name.to_owned());
            let spki = self.base64(&spki);
            writeln!(self.table.borrow_mut(), "issuer {name} {spki}").unwrap();
        }
        let name = name.to_owned();
        Issuer { name, spki }
    }

    fn case(&self, name: &str, issuer: &Issuer, algorithm: &[u8], sign: impl Fn(&[u8]) -> Vec<u8>) {
        self.serial_until(name, issuer, algorithm, |tbs| Some(sign(tbs)));
    }

    /// Counts serial numbers until `sign` returns a signature; then enters the certificate into the
    /// table, and what OpenSSL says to it.
    fn serial_until(
        &self,
        name: &str,
        issuer: &Issuer,
        algorithm: &[u8],
        sign: impl Fn(&[u8]) -> Option<Vec<u8>>,
    ) {
        let spki = sequence(&[&sequence(&[&ED25519]), &bit_string(&[9; 32])]);
        let mut made = (0..=u16::MAX).filter_map(|serial| {
            let serial = tlv(0x02, &[&[1][..], &serial.to_be_bytes()].concat());
            let tbs = tbs(&serial, algorithm, &sequence(&[]), &spki, &[]);
            let signature = sign(&tbs)?;
            Some(sequence(&[&tbs, algorithm, &bit_string(&signature)]))
        });
        let certificate = made.next().unwrap();
        let verdict = self.verdict(issuer, &certificate);
        let line = format!(
            "case {name} {} {verdict} {}",
            issuer.name,
            self.base64(&certificate)
        );
        writeln!(self.table.borrow_mut(), "{line}").unwrap();
    }

    /// Returns `ok`, or the number of the error; `unreadable` for what is no certificate at all.
    fn verdict(&self, issuer: &Issuer, certificate: &[u8]) -> String {
        self.write_pem("root.pem", &root(issuer));
        self.write_pem("leaf.pem", certificate);
        let output = Command::new("openssl")
            .args(["verify", "-auth_level", "2", "-partial_chain"])
            .args(["-trusted", "root.pem", "leaf.pem"])
            .current_dir(&self.directory)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        let number = text.lines().find_map(|line| line.strip_prefix("error "));
        let number = number.map(|line| line.split(' ').next().unwrap().to_owned());
        match output.status.success() {
            true => "ok".to_owned(),
            false => number.unwrap_or_else(|| "unreadable".to_owned()),
        }
    }

    fn write_pem(&self, file: &str, der: &[u8]) {
        let text = self.base64(der);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        fs::write(self.directory.join(file), pem).unwrap();
    }

    fn base64(&self, octets: &[u8]) -> String {
        let text = self.openssl(&["base64", "-A", "-in", "MESSAGE"], octets);
        String::from_utf8(text).unwrap()
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The certificate of an issuer. Nobody verifies its own signature, which is none.
fn root(issuer: &Issuer) -> Vec<u8> {
    let algorithm = sequence(&[PKCS1[1].1, &NULL]);
    let is_ca = tlv(0x04, &sequence(&[&[1, 1, 0xff]]));
    let extensions = sequence(&[&sequence(&[&BASIC_CONSTRAINTS, &is_ca])]);
    let extensions = tlv(0xa3, &extensions);
    let tbs = tbs(
        &tlv(0x02, &[1]),
        &algorithm,
        &issuer_name(),
        &issuer.spki,
        &extensions,
    );
    sequence(&[&tbs, &algorithm, &bit_string(&[0; 256])])
}

fn tbs(serial: &[u8], algorithm: &[u8], subject: &[u8], spki: &[u8], extensions: &[u8]) -> Vec<u8> {
    let version = tlv(0xa0, &tlv(0x02, &[2]));
    let version = if extensions.is_empty() {
        &[]
    } else {
        &version[..]
    };
    let validity = sequence(&[&tlv(0x17, b"200101000000Z"), &tlv(0x17, b"491231235959Z")]);
    sequence(&[
        version,
        serial,
        algorithm,
        &issuer_name(),
        &validity,
        subject,
        spki,
        extensions,
    ])
}

/// The same for all.
fn issuer_name() -> Vec<u8> {
    let attribute = sequence(&[&COMMON_NAME, &tlv(0x0c, b"issuer")]);
    sequence(&[&tlv(0x31, &attribute)])
}

fn rsa_spki(bits: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(&[&RSA_ENCRYPTION, &NULL]), &bit_string(bits)])
}

/// The AlgorithmIdentifier of RSA-PSS with all fields in full.
fn pss(hash: &str, mgf: &str, salt: usize) -> Vec<u8> {
    let oid = |name: &str| HASHES.iter().find(|(known, _)| *known == name).unwrap().1;
    let hash = sequence(&[oid(hash), &NULL]);
    let mgf = sequence(&[&MGF1, &sequence(&[oid(mgf), &NULL])]);
    let salt = match salt {
        0..0x80 => vec![salt as u8],
        0x80..0x100 => vec![0, salt as u8],
        _ => vec![(salt >> 8) as u8, salt as u8],
    };
    let fields = [field(0, &hash), field(1, &mgf), field(2, &tlv(0x02, &salt))];
    sequence(&[
        &RSASSA_PSS,
        &sequence(&fields.each_ref().map(|field| &field[..])),
    ])
}

fn field(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, content)
}

fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], octets].concat())
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let header = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [&header[..], content].concat()
}

const NULL: [u8; 2] = [5, 0];
const COMMON_NAME: [u8; 5] = [6, 3, 0x55, 4, 3];
const BASIC_CONSTRAINTS: [u8; 5] = [6, 3, 0x55, 0x1d, 19];
const RSA_ENCRYPTION: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const MGF1: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
const RSASSA_PSS: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const EC_PUBLIC_KEY: [u8; 9] = [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: [u8; 10] = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const ED25519: [u8; 5] = [6, 3, 0x2b, 0x65, 0x70];
const ED448: [u8; 5] = [6, 3, 0x2b, 0x65, 0x71];
const SHA512_256: [u8; 11] = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 6];

const HASHES: [(&str, &[u8]); 5] = [
    ("sha1", &[6, 5, 0x2b, 14, 3, 2, 26]),
    ("sha224", &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4]),
    ("sha256", &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1]),
    ("sha384", &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2]),
    ("sha512", &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3]),
];

const PKCS1: [(&str, &[u8]); 4] = [
    (
        "sha224",
        &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14],
    ),
    (
        "sha256",
        &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
    ),
    (
        "sha384",
        &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12],
    ),
    (
        "sha512",
        &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13],
    ),
];

const ECDSA: [(&str, &[u8]); 4] = [
    ("sha224", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1]),
    ("sha256", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]),
    ("sha384", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3]),
    ("sha512", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4]),
];
