use super::der::*;
use super::maker::Maker;

pub(super) fn signatures(maker: &Maker) {
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
        // The first octet of a signature is zero for about one certificate in 256.
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
    // A DigestInfo with SHA-256 whose AlgorithmIdentifier has no NULL.
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

/// Signatures with small errors in their encoding, and a signature that is too large.
pub(super) fn encodings(maker: &Maker) {
    let bits = maker.rsa_key("rsa2048");
    let issuer = maker.issuer("rsa2048", rsa_spki(&bits));
    let pkcs1 = sequence(&[PKCS1[0].1, &NULL]);
    let sign_pkcs1 = |tbs: &[u8]| maker.dgst("rsa2048", "sha224", &[], tbs);
    let pss = pss("sha256", "sha256", 20);
    let sign_pss = |tbs: &[u8]| maker.pss("rsa2048", "sha256", "sha256", 20, tbs);
    // Without padding, the private operation ("decrypt") makes a signature.
    let raw = |operation, octets: &[u8]| {
        let padding = ["-pkeyopt", "rsa_padding_mode:none"];
        let arguments = ["pkeyutl", operation, "-inkey", "rsa2048", "-in", "MESSAGE"];
        maker.openssl(&[&arguments[..], &padding].concat(), octets)
    };
    let edits: [(&str, Edit); 6] = [
        ("nothing", |_| {}),
        ("type", |encoded| encoded[1] = 2),
        ("padding", |encoded| encoded[100] = 0xfe),
        ("separator", |encoded| encoded[256 - 47 - 1] = 1),
        ("hash", |encoded| encoded[255] ^= 1),
        // A forgery for keys with the exponent 3 looks like this.
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
    let edits: [(&str, Edit); 7] = [
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

/// Adds two numbers of the same length; `None` if the sum is longer.
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

pub(super) fn keys(maker: &Maker) {
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
    // With the exponent 1, a signature is the encoded message itself.
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

type Edit = fn(&mut Vec<u8>);
