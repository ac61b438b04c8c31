//! Name constraints, and names to which they apply.

use super::{few, some_cert};
use crate::{
    der,
    dn::{self, Name},
    ext::{self, Extension},
    plan::{HOST, INTER, Plan, ROOT},
    rng::Rng,
};

pub(super) fn constraints(p: &mut Plan, rng: &mut Rng) {
    let bases = match rng.below(7) {
        0 => hosts(),
        1 => mails(),
        2 => uris(),
        3 => addresses(),
        4 => directories(),
        5 => others(),
        _ => [
            hosts(),
            mails(),
            uris(),
            addresses(),
            directories(),
            others(),
        ]
        .concat(),
    };
    let (permitted, excluded) = match rng.below(3) {
        0 => (few(&bases, 2, rng), Vec::new()),
        1 => (Vec::new(), few(&bases, 2, rng)),
        _ => (few(&bases, 2, rng), few(&bases, 2, rng)),
    };
    let value = match rng.below(6) {
        0 => bounded(&permitted, &excluded, rng),
        _ => ext::name_constraints(&permitted, &excluded),
    };
    match rng.below(4) {
        0 => some_cert(p, rng).put(value),
        1 => p.certs[ROOT].put(value),
        _ => p.certs[INTER].put(value),
    }
    match rng.below(4) {
        0 => common_name(p, rng),
        1 | 2 => subjects(p, rng),
        _ => {}
    }
}

/// A common name that may be a host's, in any string type, and no DNS name beside it.
fn common_name(p: &mut Plan, rng: &mut Rng) {
    let text = rng.pick(&[
        "sip.example.com",
        "sip.example.org",
        "a_b.example.org",
        "sip.example.com.",
        "-a.example.org",
        "localhost",
        "*.example.org",
        "Example Server",
    ]);
    let tag = rng.pick(&[
        dn::UTF8,
        dn::PRINTABLE,
        dn::T61,
        dn::IA5,
        dn::BMP,
        dn::UNIVERSAL,
        dn::VISIBLE,
    ]);
    let value = match tag {
        dn::BMP => dn::ucs2(text),
        dn::UNIVERSAL => dn::ucs4(text),
        _ => text.into(),
    };
    p.leaf().subject = Name::default().and(dn::CN, tag, &value);
    p.leaf().names(&few(
        &[ext::ip("192.0.2.7"), ext::email("a@example.com")],
        1,
        rng,
    ));
    p.question.host = None;
}

/// Subtrees with a minimum and a maximum.
fn bounded(permitted: &[Vec<u8>], excluded: &[Vec<u8>], rng: &mut Rng) -> Extension {
    let mut trees = |bases: &[Vec<u8>]| {
        let tree = |base: &Vec<u8>| {
            let minimum: &[&[u8]] = &[&[], &[0], &[0], &[1], &[0, 0], &[0xff]];
            let mut parts = vec![base.clone()];
            let minimum = rng.pick(minimum);
            parts.extend((!minimum.is_empty()).then(|| der::implicit(0, minimum)));
            parts.extend(rng.one_in(4).then(|| der::implicit(1, &[9])));
            der::sequence(&parts)
        };
        bases.iter().map(tree).collect::<Vec<_>>().concat()
    };
    let (permitted, excluded) = (trees(permitted), trees(excluded));
    let parts = [der::context(0, &permitted), der::context(1, &excluded)];
    Extension::new(ext::NAME_CONSTRAINTS, der::sequence(&parts))
}

fn hosts() -> Vec<Vec<u8>> {
    let all = [
        "example.com",
        "example.org",
        ".example.com",
        "sip.example.com",
        "",
        "EXAMPLE.com",
        "com",
        "*.example.com",
        "xample.com",
        ".",
        "..example.com",
    ];
    all.map(ext::dns).to_vec()
}

fn mails() -> Vec<Vec<u8>> {
    let all = [
        "example.com",
        ".example.com",
        "user@example.com",
        "USER@example.com",
        "user@EXAMPLE.com",
        "example.org",
        "",
        "@example.com",
        "user@",
        "a@b@example.com",
    ];
    let mut all = all.map(ext::email).to_vec();
    all.extend(["example.com", ".example.com", "user@example.com"].map(ext::smtp_utf8_mailbox));
    all
}

fn uris() -> Vec<Vec<u8>> {
    let all = [
        ".example.com",
        "sip.example.com",
        "example.com",
        "example.org",
        "",
        "[::1]",
        "EXAMPLE.COM",
    ];
    all.map(ext::uri).to_vec()
}

fn addresses() -> Vec<Vec<u8>> {
    let all: [&[u8]; 8] = [
        &[192, 0, 2, 0, 255, 255, 255, 0],
        &[192, 0, 2, 7, 255, 255, 255, 255],
        &[198, 51, 100, 0, 255, 255, 255, 0],
        &[0; 8],
        &[0; 32],
        &[192, 0, 2, 7],
        &[],
        &[0; 16],
    ];
    all.map(ext::ip_bytes).to_vec()
}

fn directories() -> Vec<Vec<u8>> {
    let o = |value: &[u8], tag| Name::default().and(dn::O, tag, value);
    [
        Name::default(),
        Name::cn("Example Server"),
        o(b"Example", dn::UTF8),
        o(b"EXAMPLE", dn::PRINTABLE),
        o(b" example ", dn::T61),
        o(b"Another", dn::UTF8),
        o(b"Example", dn::UTF8).and(dn::CN, dn::UTF8, b"Example Server"),
        Name(vec![vec![]]),
    ]
    .iter()
    .map(ext::directory)
    .collect()
}

fn others() -> Vec<Vec<u8>> {
    vec![
        ext::registered("1.2.3"),
        ext::other_name(),
        ext::smtp_utf8_mailbox("example.com"),
        der::context(3, &[5, 0]),
        der::context(5, &der::context(1, &der::tlv(0x0c, b"party"))),
    ]
}

/// Names of the end entity to which the constraints apply.
fn subjects(p: &mut Plan, rng: &mut Rng) {
    let names = [
        ext::dns("sip.example.com"),
        ext::dns("*.example.com"),
        ext::dns("sip.example.org"),
        ext::dns(""),
        ext::email("user@example.com"),
        ext::email("User@Sub.Example.com"),
        ext::email("nobody"),
        ext::email("\"a@b\"@example.com"),
        ext::uri("sip://sip.example.com/a"),
        ext::uri("http://user@sip.example.com:80/"),
        ext::uri("sip:user@example.com"),
        ext::uri("http://[::1]/"),
        ext::uri("//example.com"),
        ext::ip("192.0.2.7"),
        ext::ip("2001:db8::1"),
        ext::ip_bytes(&[192, 0, 2]),
        ext::directory(&Name::cn("Example Server")),
        ext::directory(&Name::default().and(dn::O, dn::UTF8, b"Example")),
        ext::registered("1.2.3"),
        ext::other_name(),
        ext::smtp_utf8_mailbox("user@example.com"),
        ext::smtp_utf8_mailbox("üser@EXAMPLE.com"),
        ext::smtp_utf8_mailbox("no mailbox"),
    ];
    let mut chosen = few(&names, 3, rng);
    if rng.one_in(2) {
        chosen.push(ext::dns(HOST));
    }
    p.leaf().names(&chosen);
    if !chosen.contains(&ext::dns(HOST)) {
        p.question.host = None;
    }
    if rng.one_in(3) {
        p.leaf().subject = Name::default().and(dn::O, dn::UTF8, b"Example").and(
            dn::CN,
            dn::UTF8,
            b"Example Server",
        );
    }
}
