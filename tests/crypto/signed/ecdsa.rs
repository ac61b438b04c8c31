use super::der::*;
use super::maker::Maker;

pub(super) fn signatures_and_keys(maker: &Maker) {
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
    // Both of the two values of `s` that verify.
    for (name, is_high) in [("k256-low", false), ("k256-high", true)] {
        let issuer = maker.issuer("k256", maker.ec_key("k256", "secp256k1"));
        maker.serial_until(name, &issuer, &sequence(&[ECDSA[1].1]), |tbs| {
            let signature = maker.dgst("k256", "sha256", &[], tbs);
            let r = usize::from(signature[3]);
            // An INTEGER whose first octet is 0x80 or more gets a zero octet in front.
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
