use super::der::*;
use super::maker::Maker;

pub(super) fn salts_and_hashes(maker: &Maker) {
    let issuer = maker.issuer("rsa2048", rsa_spki(&maker.rsa_key("rsa2048")));
    for (hash, _) in HASHES {
        // For SHA-1 one case is enough: it is refused.
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

/// All of these declare the parameters that `openssl` signs with: SHA-256 twice, and a salt of 32 or 20 octets.
pub(super) fn parameters(maker: &Maker) {
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

/// Keys that are restricted to some signatures, and signatures that they allow and do not allow.
pub(super) fn keys(maker: &Maker) {
    let bits = maker.rsa_key("rsa2048");
    let parameters = |hash: &str, mgf: &str, salt: usize| {
        // The fields that follow the object identifier.
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
