//! Revocation lists.

use crate::{
    der,
    dn::Name,
    ext::{self, Extension},
    keys::{Digest, Key, Kind, Padding},
    plan::{Crl, DAY, Entry, INTER, LEAF, NOW, Plan, ROOT, Revocation},
    rng::Rng,
};

pub(super) fn list(p: &mut Plan, rng: &mut Rng) {
    let signer = rng.pick(&[INTER, INTER, ROOT, p.certs[LEAF].signer]);
    let mut list = Crl::by(signer);
    for n in 0..p.certs.len() {
        if rng.one_in(4) {
            let serial = p.certs[n].serial.clone();
            list.revoked.push(Entry::of(&serial));
        }
    }
    list.this_update += rng.pick(&[-60, 0, 0, 60, 3 * DAY]);
    if rng.one_in(3) {
        list.next_update = rng.pick(&[None, Some(NOW - 1), Some(NOW), Some(NOW + 1)]);
    }
    ask(p, rng);
    p.crls.push(list);
    for _ in 0..rng.below(3) {
        list_change(p, rng);
    }
}

/// Makes the case check revocation.
fn ask(p: &mut Plan, rng: &mut Rng) {
    if p.question.revocation == Revocation::Off || rng.one_in(3) {
        p.question.revocation = rng.pick(&[Revocation::EndEntity, Revocation::Chain]);
    }
}

pub(super) fn list_change(p: &mut Plan, rng: &mut Rng) {
    let uri = rng.pick(&["http://example.com/a.crl", "http://example.com/b.crl"]);
    let issuing = ext::Issuing {
        uri: rng.one_in(3).then_some(uri),
        only_user: rng.one_in(3),
        only_ca: rng.one_in(4),
        only_attribute: rng.one_in(6),
        reasons: rng.one_in(6).then_some(&[1]),
        indirect: rng.one_in(6),
    };
    let name = p.certs[INTER].subject.clone();
    if rng.one_in(4) {
        p.leaf().put(ext::distribution_points(&[uri]));
    }
    let count = p.crls.len();
    let list = match count {
        0 => p.first_list(),
        _ => &mut p.crls[rng.below(count)],
    };
    match rng.below(17) {
        0 => list.version = None,
        1 => list.extensions.clear(),
        2 => list.broken_signature = true,
        3 => list.issuer = Some(name.map(str::to_uppercase)),
        4 => list.put(ext::authority(Some(&[1; 20]), None)),
        5 => list.put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical()),
        6 => list.put(ext::delta(1)),
        7 => list.signing_key = Some(Key(Kind::P256, 9)),
        8 => list.digest = rng.pick(&[Digest::Sha1, Digest::Sha224, Digest::Sha512]),
        9 => list.put(ext::authority_serial()),
        10 => {
            for entry in &mut list.revoked {
                entry.extensions = vec![ext::reason(rng.pick(&[0, 1, 6, 8, 10]))];
            }
        }
        11 => list.drop(ext::AUTHORITY_KEY_ID),
        12 => list.padding = rng.pick(&[Padding::Pss, Padding::PssSalt(20)]),
        13 => entries(list, &name, rng),
        14 => list.version = Some(rng.below(3) as u8),
        _ => list.put(ext::issuing_point(issuing)),
    }
}

/// Entries of certificate issuers, with odd extensions, or twice.
fn entries(list: &mut Crl, issuer: &Name, rng: &mut Rng) {
    let of = |name: &Name| {
        let names = der::sequence(&[ext::directory(name)]);
        Extension::new(ext::CERTIFICATE_ISSUER, names)
    };
    let invalid = der::tlv(0x18, b"20250101000000Z");
    let all = [
        of(issuer),
        of(&issuer.clone().map(str::to_uppercase)).critical(),
        of(&Name::cn("Nobody")),
        Extension::new(ext::CERTIFICATE_ISSUER, der::sequence(&[ext::dns("a.b")])),
        Extension::new(ext::CERTIFICATE_ISSUER, vec![5, 0]),
        Extension::new(ext::INVALIDITY_DATE, invalid),
        ext::reason(8),
        ext::reason(1).critical(),
        Extension::new(ext::REASON, der::tlv(2, &[1])),
        Extension::new(ext::REASON, der::tlv(0x0a, &[0, 1])),
        Extension::new(ext::REASON, der::tlv(0x0a, &[0xff])),
        Extension::new(ext::UNKNOWN, vec![5, 0]),
    ];
    for entry in &mut list.revoked {
        entry.extensions = super::few(&all, 2, rng);
    }
    if rng.one_in(4) {
        let again = list.revoked.clone();
        list.revoked.extend(again);
    }
}

/// Several lists of one issuer, each for a part: by distribution point, by reasons, by kind of certificate.
pub(super) fn parts(p: &mut Plan, rng: &mut Rng) {
    const URIS: [&str; 2] = ["http://example.com/a.crl", "http://example.com/b.crl"];
    ask(p, rng);
    let target = rng.pick(&[LEAF, LEAF, INTER]);
    let leaf_serial = p.certs[target].serial.clone();
    let signer = p.certs[target].signer;
    for _ in 0..2 + rng.below(2) {
        let mut list = Crl::by(signer);
        list.this_update += rng.pick(&[-60, 0, 0, 60]);
        if rng.one_in(3) {
            list.revoked.push(Entry::of(&leaf_serial));
        }
        let reasons: &[&[u8]] = &[&[1], &[2, 3], &[1, 2, 3, 4, 5, 6, 7, 8]];
        list.put(ext::issuing_point(ext::Issuing {
            uri: (!rng.one_in(3)).then(|| rng.pick(&URIS)),
            only_user: rng.one_in(3),
            only_ca: rng.one_in(6),
            reasons: rng.one_in(3).then(|| rng.pick(reasons)),
            ..ext::Issuing::default()
        }));
        p.crls.push(list);
    }
    if !rng.one_in(4) {
        let uris = rng.some(&URIS);
        p.certs[target].put(ext::distribution_points(&uris));
    }
}
