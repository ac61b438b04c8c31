//! Changes that are random themselves.

use crate::{
    dn::{self, Name},
    ext::{self, Extension},
    keys::{Digest, Key, Kind},
    plan::{Cert, Crl, DAY, Entry, INTER, LEAF, NOW, Plan, Purpose, ROOT, Revocation, Trusted},
    rng::Rng,
};

pub(super) type Mutation = fn(&mut Plan, &mut Rng);

pub(super) const ALL: &[(&str, Mutation)] = &[
    ("authority", authority),
    ("basic-constraints", basic_constraints),
    ("constraints", constraints),
    ("critical", critical),
    ("dates", dates),
    ("drop-extension", drop_extension),
    ("eku", eku),
    ("extra-certificate", extra_certificate),
    ("issuer", issuer),
    ("key", key),
    ("key-usage", key_usage),
    ("list", list),
    ("list", list),
    ("list-change", list_change),
    ("names", names),
    ("names", names),
    ("names", names),
    ("question", question),
    ("repeat-extension", repeat_extension),
    ("sent", sent),
    ("signature", signature),
    ("trusted", trusted),
    ("version", version),
];

/// Any certificate, but mostly the three that matter.
fn any(p: &mut Plan, rng: &mut Rng) -> usize {
    match rng.below(6) {
        0 | 1 => LEAF,
        2 | 3 => INTER,
        4 => ROOT,
        _ => rng.below(p.certs.len()),
    }
}

fn some_cert<'a>(p: &'a mut Plan, rng: &mut Rng) -> &'a mut Cert {
    let n = any(p, rng);
    &mut p.certs[n]
}

fn authority(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    let signer = p.certs[n].signer;
    let ids = [
        p.certs[signer].key.identifier(),
        vec![1; 20],
        vec![],
        p.certs[n].key.identifier(),
    ];
    let issuers = [
        p.certs[p.certs[signer].signer].subject.clone(),
        p.certs[signer].subject.clone(),
        Name::cn("Nobody"),
    ];
    let serials = [p.certs[signer].serial.clone(), vec![9]];
    let id = rng.one_in(2).then(|| rng.pick(&ids));
    let issuer = rng
        .one_in(2)
        .then(|| (rng.pick(&issuers), rng.pick(&serials)));
    let value = ext::authority(
        id.as_deref(),
        issuer.as_ref().map(|(n, s)| (n, s.as_slice())),
    );
    p.certs[n].put(value);
}

fn basic_constraints(p: &mut Plan, rng: &mut Rng) {
    let (ca, length) = (rng.below(3) > 0, rng.one_in(2).then(|| rng.below(3) as u8));
    some_cert(p, rng).put(ext::basic_constraints(ca, length));
}

fn constraints(p: &mut Plan, rng: &mut Rng) {
    let bases = [
        ext::dns("example.com"),
        ext::dns("example.org"),
        ext::dns(".example.com"),
        ext::dns("sip.example.com"),
        ext::dns(""),
        ext::ip_bytes(&[192, 0, 2, 0, 255, 255, 255, 0]),
        ext::email("example.com"),
        ext::directory(&Name::cn("Example Server")),
        ext::uri(".example.com"),
        ext::registered("1.2.3"),
    ];
    let few = |rng: &mut Rng| {
        (0..rng.below(3))
            .map(|_| rng.pick(&bases))
            .collect::<Vec<_>>()
    };
    let (permitted, excluded) = (few(rng), few(rng));
    some_cert(p, rng).put(ext::name_constraints(&permitted, &excluded));
}

fn critical(p: &mut Plan, rng: &mut Rng) {
    let cert = some_cert(p, rng);
    if !cert.extensions.is_empty() {
        let n = rng.below(cert.extensions.len());
        cert.extensions[n].critical ^= true;
    }
}

fn dates(p: &mut Plan, rng: &mut Rng) {
    let cert = some_cert(p, rng);
    cert.not_before = NOW + rng.pick(&[-400 * DAY, -DAY, -1, 0, 1, DAY, 400 * DAY]);
    cert.not_after = NOW + rng.pick(&[-DAY, -1, 0, 1, DAY, 400 * DAY, 400 * DAY, 40_000 * DAY]);
}

fn drop_extension(p: &mut Plan, rng: &mut Rng) {
    let cert = some_cert(p, rng);
    if !cert.extensions.is_empty() {
        cert.extensions.remove(rng.below(cert.extensions.len()));
    }
}

fn eku(p: &mut Plan, rng: &mut Rng) {
    let all = [
        ext::SERVER_AUTH,
        ext::CLIENT_AUTH,
        ext::ANY_EKU,
        ext::EMAIL_PROTECTION,
        ext::MS_SGC,
        ext::NS_SGC,
        ext::OCSP_SIGNING,
        ext::UNKNOWN,
    ];
    let list = rng.some(&all);
    some_cert(p, rng).put(ext::extended_key_usage(&list));
}

/// A certificate that resembles another one, sent or trusted too.
fn extra_certificate(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    let mut twin = p.certs[n].clone();
    twin.serial = vec![0x33, rng.below(100) as u8];
    match rng.below(6) {
        0 => twin.expired(),
        1 => twin.key.1 = 0x20 + rng.below(4) as u8,
        2 => twin.signer = any(p, rng),
        3 => twin.drop(ext::SUBJECT_KEY_ID),
        4 => twin.put(ext::basic_constraints(false, None)),
        _ => {}
    }
    let twin = p.add(twin);
    if rng.one_in(3) {
        p.certs[twin].signer = twin;
    }
    match rng.below(3) {
        0 => p.sent.push(twin),
        1 => p.sent.insert(1, twin),
        _ => {
            let at = rng.below(p.trusted.len() + 1);
            p.trusted.insert(at, Trusted::plain(twin));
        }
    }
}

fn issuer(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    let name = p.certs[p.certs[n].signer].subject.clone();
    p.certs[n].issuer = Some(match rng.below(5) {
        0 => name.map(str::to_uppercase),
        1 => name.retagged(dn::PRINTABLE),
        2 => name.map(|s| format!(" {}  ", s.replace(' ', "  "))),
        3 => Name::cn("Nobody"),
        _ => name.and(dn::O, dn::UTF8, b"Example"),
    });
}

fn key(p: &mut Plan, rng: &mut Rng) {
    let kinds = [
        Kind::P256,
        Kind::P384,
        Kind::P521,
        Kind::Ed25519,
        Kind::Rsa(2048),
        Kind::Rsa(3072),
        Kind::Rsa(1024),
    ];
    let kind = rng.pick(&kinds);
    let cert = some_cert(p, rng);
    // Few slots for the kinds that take long to make.
    let slot = if matches!(kind, Kind::Rsa(_)) {
        cert.key.1 % 3
    } else {
        cert.key.1
    };
    cert.key = Key(kind, slot);
}

fn key_usage(p: &mut Plan, rng: &mut Rng) {
    let bits = rng.some(&[0, 1, 2, 3, 4, 5, 6, 7, 8]);
    some_cert(p, rng).put(ext::key_usage(&bits));
}

fn list(p: &mut Plan, rng: &mut Rng) {
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
    if p.question.revocation == Revocation::Off || rng.one_in(3) {
        p.question.revocation = rng.pick(&[Revocation::EndEntity, Revocation::Chain]);
    }
    p.crls.push(list);
    for _ in 0..rng.below(3) {
        list_change(p, rng);
    }
}

fn list_change(p: &mut Plan, rng: &mut Rng) {
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
    match rng.below(14) {
        0 => list.version = None,
        1 => list.extensions.clear(),
        2 => list.broken_signature = true,
        3 => list.issuer = Some(name.map(str::to_uppercase)),
        4 => list.put(ext::authority(Some(&[1; 20]), None)),
        5 => list.put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical()),
        6 => list.put(ext::delta(1)),
        7 => list.signing_key = Some(Key(Kind::P256, 9)),
        8 => list.digest = Digest::Sha1,
        9 => list.put(ext::authority_serial()),
        10 => {
            for entry in &mut list.revoked {
                entry.extensions = vec![ext::reason(rng.pick(&[0, 1, 6, 8, 10]))];
            }
        }
        11 => list.drop(ext::AUTHORITY_KEY_ID),
        _ => list.put(ext::issuing_point(issuing)),
    }
}

/// A pattern and a host made of few parts, so that they meet often.
fn names(p: &mut Plan, rng: &mut Rng) {
    let count = rng.below(3);
    let presented: Vec<String> = (0..=count).map(|_| pattern(rng)).collect();
    let host = pattern(rng).replace(['*', '\0'], "");
    p.question.host = Some(if host.is_empty() { "a".into() } else { host });
    p.question.ip = None;
    match rng.below(4) {
        0 => {
            p.leaf().names(&[]);
            let tags = [dn::UTF8, dn::PRINTABLE, dn::IA5, dn::T61, dn::BMP];
            let subject = presented.iter().fold(Name::default(), |name, text| {
                let tag = rng.pick(&tags);
                let value = if tag == dn::BMP {
                    dn::ucs2(text)
                } else {
                    text.clone().into_bytes()
                };
                name.and(dn::CN, tag, &value)
            });
            p.leaf().subject = subject;
        }
        1 => {
            p.leaf().subject = Name::cn(&presented[0]);
            let others = [
                ext::email("a@example.com"),
                ext::ip("192.0.2.7"),
                ext::uri("sip:a.b"),
                ext::dns("a.b.c"),
            ];
            let names = rng.some(&others);
            p.leaf().names(&names);
        }
        _ => {
            let names: Vec<_> = presented.iter().map(|n| ext::dns(n)).collect();
            p.leaf().names(&names);
        }
    }
}

fn pattern(rng: &mut Rng) -> String {
    let labels = 1 + rng.below(4);
    let mut text = String::new();
    for n in 0..labels {
        if n > 0 {
            text.push('.');
        }
        for _ in 0..1 + rng.below(2) {
            text.push_str(rng.pick(&[
                "a", "b", "a", "b", "A", "*", "*", "-", "xn--a", "_", "1", "",
            ]));
        }
    }
    match rng.below(16) {
        0 => text.push('.'),
        1 => text.insert(0, '.'),
        2 => text.push('\0'),
        3 => text.push('ü'),
        _ => {}
    }
    text.replace('\0', if rng.one_in(2) { "\0" } else { "" })
}

fn question(p: &mut Plan, rng: &mut Rng) {
    match rng.below(5) {
        0 => p.question.purpose = rng.pick(&[Purpose::Client, Purpose::Server]),
        1 => p.question.level = rng.pick(&[2, 3, 4]),
        2 => {
            p.question.revocation =
                rng.pick(&[Revocation::Off, Revocation::EndEntity, Revocation::Chain])
        }
        3 => p.question.host = None,
        _ => {
            p.question.host = None;
            p.question.ip = Some([192, 0, 2, 7].into());
        }
    }
}

fn repeat_extension(p: &mut Plan, rng: &mut Rng) {
    let cert = some_cert(p, rng);
    if !cert.extensions.is_empty() {
        let again = rng.pick(&cert.extensions);
        cert.extensions.push(again);
    }
}

fn sent(p: &mut Plan, rng: &mut Rng) {
    match rng.below(4) {
        0 => rng.shuffle(&mut p.sent[1..]),
        1 if p.sent.len() > 1 => _ = p.sent.remove(1 + rng.below(p.sent.len() - 1)),
        2 => p.sent.push(ROOT),
        _ => {
            let again = rng.pick(&p.sent);
            p.sent.push(again);
        }
    }
}

fn signature(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    match rng.below(3) {
        0 => p.certs[n].broken_signature = true,
        1 => p.certs[n].signing_key = Some(Key(Kind::P256, 9)),
        _ => {
            p.certs[n].digest =
                rng.pick(&[Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512])
        }
    }
}

fn trusted(p: &mut Plan, rng: &mut Rng) {
    let added = Trusted::plain(any(p, rng));
    match rng.below(3) {
        0 => rng.shuffle(&mut p.trusted),
        1 => p.trusted.push(added),
        _ => p.trusted.insert(0, added),
    }
}

fn version(p: &mut Plan, rng: &mut Rng) {
    let cert = some_cert(p, rng);
    match rng.below(3) {
        0 => cert.v1(),
        1 => cert.version = None,
        _ => cert.version = Some(rng.below(4) as u8),
    }
}
