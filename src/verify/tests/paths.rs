//! Which path is built, and what counts along it.

use super::case::{Case, GOOD, chain, expired};
use crate::verify::test_pki::*;

pub(super) fn cases() -> Vec<Case> {
    [
        lengths(),
        limits(),
        choices(),
        namesakes(),
        dates(),
        signatures(),
        extensions(),
        explicit_curves(),
    ]
    .concat()
}

fn lengths() -> Vec<Case> {
    let mut untrusted = Case::new(
        "an issuer that is missing above 100 CAs is told as such",
        chain(101),
        (20, 100),
    );
    untrusted.trusted = vec![CertificateSpec::root()];
    vec![
        untrusted,
        Case::new("a chain may be long", chain(15), GOOD),
        Case::new("a chain may have 101 CAs", chain(101), GOOD),
        Case::new("a chain may not have 102 CAs", chain(102), (22, 101)),
    ]
}

/// Keys with the parameters of their curve. A certificate alone may have one.
fn explicit_curves() -> Vec<Case> {
    let at = |depth: usize| {
        let mut path = chain(2);
        path[depth].has_explicit_curve = true;
        let rule = format!("the key at depth {depth} has an explicit curve");
        Case::new(rule, path, (94, depth))
    };
    let alone = CertificateSpec {
        has_explicit_curve: true,
        ..CertificateSpec::root()
    };
    let mut is_trusted = Case::new(
        "a trusted certificate alone has an explicit curve",
        vec![alone.clone()],
        GOOD,
    );
    is_trusted.sent = vec![alone];
    vec![at(0), at(1), at(2), is_trusted]
}

/// The limits of basicConstraints.
fn limits() -> Vec<Case> {
    let case = |depth: usize, limit: u8, answer| {
        let mut path = chain(3);
        let value = seq(&[boolean(true), integer(&[limit])]);
        path[depth].extensions[0] = extension(BASIC_CONSTRAINTS, true, &value);
        let rule = format!("the CA at depth {depth} allows {limit} CAs below");
        Case::new(rule, path, answer)
    };
    vec![
        case(1, 0, GOOD),
        case(2, 0, (25, 2)),
        case(2, 1, GOOD),
        case(3, 0, (25, 3)),
        case(3, 1, (25, 3)),
        case(3, 2, GOOD),
    ]
}

/// An end entity and its issuer.
fn below(issuer: CertificateSpec) -> Vec<CertificateSpec> {
    vec![CertificateSpec::default().below(&issuer), issuer]
}

fn choices() -> Vec<Case> {
    let shouting = CertificateSpec::ca(cn("ROOT  Of\tAll "), 3);
    let mut in_other_case = below(shouting);
    in_other_case[0].issuer = name(&[attribute(COMMON_NAME, PRINTABLE, b"root of all")]);
    let mut in_one_word = in_other_case.clone();
    in_one_word[0].issuer = name(&[attribute(COMMON_NAME, PRINTABLE, b"rootof all")]);
    let mut empty_sets = below(CertificateSpec::ca(cn("Root"), 3));
    let set = |content: &[u8]| tlv(0x31, content);
    empty_sets[0].issuer = seq(&[
        set(&[]),
        set(&attribute(COMMON_NAME, UTF8, b"Root")),
        set(&[]),
    ]);
    let impostor = CertificateSpec {
        serial: vec![77],
        ..CertificateSpec::ca(root_name(), 7)
    };
    let mut wrong_first = Case::new(
        "the first CA of a name is taken, and no other one is tried",
        vec![CertificateSpec::default(), CertificateSpec::root()],
        (7, 0),
    );
    wrong_first.trusted.insert(0, impostor.clone());
    let mut self_signed = Case::new(
        "a self-signed CA that was sent is no trusted one, though it has its name",
        vec![impostor, CertificateSpec::root()],
        (18, 0),
    );
    self_signed.sent[0].extensions.clear();
    let only_inter = Case::new(
        "a CA that is not self-signed ends no path",
        below(CertificateSpec::intermediate()),
        (2, 1),
    );
    let mut root_is_sent = only_inter.clone();
    root_is_sent.rule = "no issuer of a trusted CA is looked for among those sent".to_owned();
    root_is_sent.sent.push(CertificateSpec::root());
    vec![
        root_is_sent,
        Case::new(
            "case, spaces and string type do not matter",
            in_other_case,
            GOOD,
        ),
        Case::new("that there is a space matters", in_one_word, (20, 0)),
        Case::new("empty sets in a name do not matter", empty_sets, GOOD),
        wrong_first,
        self_signed,
        only_inter,
    ]
}

/// Two trusted CAs of one name: the second one issued the end entity, the first one is valid from `from` until `until`.
fn namesakes() -> Vec<Case> {
    let case = |from: &str, until: &str, is_taken: bool| {
        let other = CertificateSpec {
            validity: seq(&[utc(from), utc(until)]),
            ..CertificateSpec::ca(root_name(), 7)
        };
        let mut case = Case::new(
            format!("a CA from {from} until {until} is taken: {is_taken}"),
            vec![CertificateSpec::default(), CertificateSpec::root()],
            if is_taken { (7, 0) } else { GOOD },
        );
        case.trusted.insert(0, other);
        case
    };
    vec![
        case("200101000000Z", "250615150641Z", true),
        case("200101000000Z", "250615150640Z", false),
        case("250615150640Z", "400101000000Z", true),
        case("250615150641Z", "400101000000Z", false),
        case("200101000000Z", "250101000000Z", false),
    ]
}

fn valid(from: Vec<u8>, until: Vec<u8>) -> CertificateSpec {
    CertificateSpec {
        validity: seq(&[from, until]),
        ..CertificateSpec::default()
    }
}

fn dates() -> Vec<Case> {
    let generalized = |text: &str| tlv(0x18, text.as_bytes());
    let case = |rule, end_entity, answer| {
        Case::new(rule, vec![end_entity, CertificateSpec::root()], answer)
    };
    let mut expired_above_forged = chain(2);
    expired_above_forged[0].signer = 7;
    expired_above_forged[1] = expired(expired_above_forged[1].clone());
    let odd_root = CertificateSpec {
        validity: seq(&[utc("200101000000Z"), utc("400230000000Z")]),
        ..CertificateSpec::root()
    };
    vec![
        Case::new(
            "the dates of a CA come before the signature below it",
            expired_above_forged,
            (10, 1),
        ),
        case(
            "the second of notBefore is the first in which a certificate is valid",
            valid(utc("250615150640Z"), utc("400101000000Z")),
            GOOD,
        ),
        case(
            "the second before notBefore is too early",
            valid(utc("250615150641Z"), utc("400101000000Z")),
            (9, 0),
        ),
        case(
            "the second of notAfter is too late",
            valid(utc("200101000000Z"), utc("250615150640Z")),
            (10, 0),
        ),
        case(
            "the second before notAfter is the last in which a certificate is valid",
            valid(utc("200101000000Z"), utc("250615150641Z")),
            GOOD,
        ),
        case(
            "a date before 1970 is one",
            valid(utc("500101000000Z"), utc("490101000000Z")),
            GOOD,
        ),
        case(
            "a notBefore without seconds is none",
            valid(utc("2001010000Z"), utc("400101000000Z")),
            (13, 0),
        ),
        case(
            "a notAfter with a fraction is none",
            valid(utc("200101000000Z"), generalized("20400101000000.5Z")),
            (14, 0),
        ),
        Case::new(
            "a notAfter on a day that does not exist is none",
            vec![CertificateSpec::default(), odd_root],
            (14, 1),
        ),
    ]
}

fn signatures() -> Vec<Case> {
    let case = |depth: usize| {
        let mut path = chain(3);
        path[depth].unused_bits = 4;
        let answer = if depth == 3 { GOOD } else { (7, depth) };
        let rule = format!("a signature at depth {depth} has whole octets, but for the root's");
        Case::new(rule, path, answer)
    };
    (0..4).map(case).collect()
}

fn extensions() -> Vec<Case> {
    let with = |id: &[u8], value: &[u8]| {
        let end_entity = CertificateSpec::default().with(extension(id, false, value));
        vec![end_entity, CertificateSpec::root()]
    };
    let trailing = [seq(&[]), vec![0xff; 3]].concat();
    // A root without basicConstraints, with a Netscape certificate type.
    let netscape = |bits: u8| {
        let value = tlv(0x03, &[bits.trailing_zeros() as u8, bits]);
        let root = CertificateSpec {
            extensions: vec![extension(NETSCAPE_CERT_TYPE, false, &value)],
            ..CertificateSpec::root()
        };
        vec![CertificateSpec::default(), root]
    };
    // A root, and an intermediate, without basicConstraints.
    let plain_root = |is_v1, extensions: &[Vec<u8>]| {
        let root = CertificateSpec {
            is_v1,
            extensions: extensions.to_vec(),
            ..CertificateSpec::root()
        };
        vec![CertificateSpec::default(), root]
    };
    let plain_intermediate = |is_v1, extensions: &[Vec<u8>]| {
        let mut path = chain(2);
        path[1].is_v1 = is_v1;
        path[1].extensions = extensions.to_vec();
        path
    };
    let may_sign = [extension(KEY_USAGE, true, &tlv(0x03, &[2, 0x04]))];
    vec![
        Case::new("a root of version 1 is a CA", plain_root(true, &[]), GOOD),
        Case::new(
            "a root of version 3 without basicConstraints is not a CA",
            plain_root(false, &[]),
            (79, 1),
        ),
        Case::new(
            "an intermediate of version 1 is not a CA",
            plain_intermediate(true, &[]),
            (79, 1),
        ),
        Case::new(
            "a root may be a CA by its key usage alone",
            plain_root(false, &may_sign),
            GOOD,
        ),
        Case::new(
            "an intermediate is not a CA by its key usage alone",
            plain_intermediate(false, &may_sign),
            (79, 1),
        ),
        Case::new(
            "a root may be a CA by its Netscape type alone",
            netscape(0x04),
            GOOD,
        ),
        Case::new(
            "the Netscape type of a CA for e-mail is not one for TLS",
            netscape(0x02),
            (26, 1),
        ),
        Case::new(
            "the Netscape type of a client is not a CA's",
            netscape(0x80),
            (79, 1),
        ),
        Case::new(
            "unused bits of a key usage do not count",
            with(KEY_USAGE, &tlv(0x03, &[7, 0xff])),
            GOOD,
        ),
        Case::new(
            "a key usage without a bit makes a certificate invalid",
            with(KEY_USAGE, &tlv(0x03, &[7, 0x7f])),
            (20, 0),
        ),
        Case::new(
            "octets after the value of an extension are ignored",
            with(BASIC_CONSTRAINTS, &trailing),
            GOOD,
        ),
        Case::new(
            "a repeated extension that OpenSSL reads makes a certificate invalid",
            {
                let mut path = with(KEY_USAGE, &tlv(0x03, &[7, 0x80]));
                path[0] = path[0].clone().with(path[0].extensions[0].clone());
                path
            },
            (20, 0),
        ),
        Case::new(
            "a repeated extension that OpenSSL does not read is none of its business",
            {
                let mut path = with(&[0x2a, 3], b"?");
                path[0] = path[0].clone().with(path[0].extensions[0].clone());
                path
            },
            GOOD,
        ),
    ]
}
