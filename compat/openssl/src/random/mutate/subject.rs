//! Names of subjects and issuers: string types, parts, and alternative names of every form.

use super::{any, few, some_cert};
use crate::{
    der,
    dn::{self, Attribute, Name},
    ext::{self, Extension},
    plan::{HOST, Plan},
    rng::Rng,
};

/// String types, some of them useless.
const TAGS: [u8; 12] = [
    dn::UTF8,
    dn::PRINTABLE,
    dn::T61,
    dn::IA5,
    dn::UNIVERSAL,
    dn::BMP,
    dn::NUMERIC,
    dn::VISIBLE,
    0x17,
    0x15,
    4,
    3,
];

/// The subject and the issuer's name of one certificate in other string types.
pub(super) fn forms(p: &mut Plan, rng: &mut Rng) {
    let text = rng.pick(&[
        "Example CA 7",
        "EXAMPLE  ca 7",
        "Ex\u{e4}mple",
        "12 34",
        " padded ",
        "",
        "a\tb",
        "\u{1f511} CA",
        "\u{130}",
    ]);
    let n = any(p, rng);
    let subject = written(text, rng.pick(&TAGS), rng);
    let issuer = written(text, rng.pick(&TAGS), rng);
    p.certs[n].subject = Name::default().and(dn::CN, subject.0, &subject.1);
    for cert in &mut p.certs {
        if cert.signer == n && !rng.one_in(4) {
            cert.issuer = Some(Name::default().and(dn::CN, issuer.0, &issuer.1));
        }
    }
}

/// The text as a string of this type, or something that looks like one.
fn written(text: &str, tag: u8, rng: &mut Rng) -> (u8, Vec<u8>) {
    let latin = |text: &str| text.chars().map(|c| c as u32 as u8).collect::<Vec<_>>();
    let mut value = match tag {
        dn::BMP => dn::ucs2(text),
        dn::UNIVERSAL => dn::ucs4(text),
        dn::T61 | dn::IA5 | dn::VISIBLE => latin(text),
        3 => [&[0], text.as_bytes()].concat(),
        _ => text.as_bytes().to_vec(),
    };
    match rng.below(12) {
        0 => value.push(0),
        1 => value.extend([0xff, 0xfe]),
        2 => value.extend([0xd8, 0]),
        3 => value.extend([0, 0x11, 0, 0]),
        _ => {}
    }
    (tag, value)
}

/// Relative names that are empty, have several attributes, or stand in another order.
pub(super) fn parts(p: &mut Plan, rng: &mut Rng) {
    let attribute = |oid: &'static str, value: &str| Attribute {
        oid,
        tag: dn::UTF8,
        value: value.into(),
    };
    let n = any(p, rng);
    let all = [
        vec![],
        vec![attribute(dn::O, "Example")],
        vec![attribute(dn::CN, "CA"), attribute(dn::O, "Example")],
        vec![attribute(dn::O, "Example"), attribute(dn::CN, "CA")],
        vec![attribute(dn::CN, "CA")],
    ];
    let subject = Name(few(&all, 3, rng));
    let mut issuer = subject.clone();
    match rng.below(6) {
        0 => issuer.0.retain(|rdn| !rdn.is_empty()),
        1 => issuer.0.push(vec![]),
        2 => issuer.0.reverse(),
        3 => issuer.0.iter_mut().for_each(|rdn| rdn.reverse()),
        4 => issuer.0.extend(issuer.0.first().cloned()),
        _ => issuer = issuer.map(str::to_uppercase),
    }
    p.certs[n].subject = subject;
    for cert in p.certs.iter_mut().filter(|c| c.signer == n) {
        cert.issuer = Some(issuer.clone());
    }
}

/// An e-mail address in the subject, in any string type, and constraints on addresses.
pub(super) fn mail(p: &mut Plan, rng: &mut Rng) {
    let address = rng.pick(&[
        "user@example.com",
        "user@example.org",
        "nobody",
        "",
        "User@EXAMPLE.COM",
        "\u{fc}@example.com",
    ]);
    let (tag, value) = written(address, rng.pick(&TAGS), rng);
    let subject = p.leaf().subject.clone();
    p.leaf().subject = subject.and(dn::EMAIL, tag, &value);
    let base = rng.pick(&[
        ext::email("example.com"),
        ext::email("user@example.com"),
        ext::dns("example.com"),
    ]);
    let value = match rng.below(3) {
        0 => ext::name_constraints(&[], &[base]),
        1 => ext::name_constraints(&[base], &[]),
        _ => return,
    };
    some_cert(p, rng).put(value);
}

/// Alternative names of every form, of the subject or of the issuer, well-formed or not.
pub(super) fn alternative_names(p: &mut Plan, rng: &mut Rng) {
    let all = [
        ext::dns(HOST),
        ext::dns("sip.example.com\0"),
        ext::dns("\u{fc}.example.com"),
        ext::email("user@example.com"),
        ext::uri("sip:example.com"),
        ext::ip("192.0.2.7"),
        ext::ip("2001:db8::1"),
        ext::ip_bytes(&[192, 0, 2]),
        ext::ip_bytes(&[]),
        ext::registered("1.2.3"),
        ext::directory(&Name::cn(HOST)),
        ext::directory(&Name::default()),
        ext::other_name(),
        ext::smtp_utf8_mailbox("user@example.com"),
        der::context(3, &[5, 0]),
        der::context(3, &der::sequence(&[])),
        der::context(5, &der::context(1, &der::tlv(0x0c, b"party"))),
        der::context(4, &[]),
        der::implicit(9, b"none"),
        der::tlv(0x0c, b"none"),
    ];
    let mut names = few(&all, 3, rng);
    if rng.one_in(2) {
        names.insert(0, ext::dns(HOST));
    }
    let mut value = ext::subject_alt_name(&names);
    if rng.one_in(4) {
        value = Extension::new(ext::ISSUER_ALT_NAME, der::sequence(&names));
    }
    some_cert(p, rng).put(value);
}
