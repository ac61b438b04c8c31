//! Name constraints.

use super::case::{Answer, Case, GOOD};
use crate::verify::test_pki::*;

const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

const VIOLATES: Answer = (47, 0);
const EXCLUDED: Answer = (48, 0);
const BOUNDS: Answer = (49, 0);
const TYPE: Answer = (51, 0);
const SYNTAX: Answer = (53, 0);
const EXCESS: Answer = (1, 0);

fn email(text: &str) -> Vec<u8> {
    tlv(0x81, text.as_bytes())
}

pub(super) fn dns(text: &str) -> Vec<u8> {
    tlv(0x82, text.as_bytes())
}

fn directory(name: &[u8]) -> Vec<u8> {
    tlv(0xa4, name)
}

fn uri(text: &str) -> Vec<u8> {
    tlv(0x86, text.as_bytes())
}

fn ip(octets: &[u8]) -> Vec<u8> {
    tlv(0x87, octets)
}

fn mailbox(text: &str) -> Vec<u8> {
    let value = tlv(0xa0, &tlv(UTF8, text.as_bytes()));
    tlv(0xa0, &[oid(&[0x2b, 6, 1, 5, 5, 7, 8, 9]), value].concat())
}

fn registered() -> Vec<u8> {
    tlv(0x88, &[0x2a, 3])
}

/// An otherName whose type-id ends in this octet.
fn other(id: u8) -> Vec<u8> {
    let value = tlv(0xa0, &tlv(UTF8, b"a@example.com"));
    tlv(0xa0, &[oid(&[0x2a, 3, id]), value].concat())
}

/// Constraints of the root: one subtree, permitted or excluded.
pub(super) fn constrained(tag: u8, subtree: &[u8]) -> CertificateSpec {
    let value = seq(&[tlv(tag, &tlv(0x30, subtree))]);
    CertificateSpec::root().with(extension(NAME_CONSTRAINTS, true, &value))
}

fn named(names: &[Vec<u8>]) -> CertificateSpec {
    let spec = CertificateSpec {
        subject: seq(&[]),
        ..CertificateSpec::default()
    };
    spec.with(extension(SUBJECT_ALT_NAME, true, &seq(names)))
}

/// A name and the base of a subtree, with the answers if the subtree is permitted, and if it is excluded.
fn both(name: Vec<u8>, base: Vec<u8>, permitted: Answer, excluded: Answer) -> [Case; 2] {
    let case = |tag, how, answer| {
        let rule = format!("{name:x?} under {base:x?}, {how}");
        let path = vec![named(std::slice::from_ref(&name)), constrained(tag, &base)];
        Case::new(rule, path, answer)
    };
    [
        case(0xa0, "permitted", permitted),
        case(0xa1, "excluded", excluded),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [alt_names(), subjects(), bounds(), places(), limits()].concat()
}

fn alt_names() -> Vec<Case> {
    let covered = |name, base| both(name, base, GOOD, EXCLUDED);
    let apart = |name, base| both(name, base, VIOLATES, GOOD);
    let neither = |name, base, answer| both(name, base, answer, answer);
    let company = name(&[attribute(ORGANIZATION, UTF8, b"Example")]);
    // The host of a base may have 254 octets, and one less if it begins with a dot.
    let [longest, too_long] = [254, 255].map(|len| "a".repeat(len));
    let [longest_end, too_long_end] = [252, 253].map(|len| format!(".{}", "a".repeat(len)));
    let employee = name(&[
        attribute(ORGANIZATION, PRINTABLE, b"EXAMPLE"),
        attribute(COMMON_NAME, UTF8, b"Jo"),
    ]);
    [
        covered(dns("sip.example.com"), dns("example.com")),
        covered(dns("sip.example.com"), dns("")),
        apart(dns("example.com"), dns(".example.com")),
        covered(email("a@example.com"), email("a@EXAMPLE.com")),
        covered(email("a@sip.example.com"), email(".example.com")),
        apart(email("a@example.com"), email("b@example.com")),
        neither(email("example.com"), email("example.com"), SYNTAX),
        covered(uri("sip://sip.example.com:5061/"), uri("sip.example.com")),
        covered(uri("https://sip.example.com/a"), uri(".example.com")),
        apart(uri("https://example.com"), uri(".example.com")),
        apart(uri("https://.example.com/"), uri(".example.com")),
        apart(uri("https://sip.example.org"), uri(".example.com")),
        neither(uri("sip:sip.example.com"), uri("example.com"), SYNTAX),
        covered(ip(&[10, 1, 2, 3]), ip(&[10, 0, 9, 0, 255, 0, 0, 0])),
        apart(ip(&[10, 1, 2, 3]), ip(&[10, 0, 0, 0, 255, 255, 0, 0])),
        apart(ip(&[10, 1, 2, 3]), ip(&[0; 32])),
        neither(ip(&[10, 1, 2]), ip(&[0; 8]), SYNTAX),
        neither(ip(&[10, 1, 2, 3]), ip(&[0; 7]), SYNTAX),
        covered(directory(&employee), directory(&company)),
        apart(directory(&company), directory(&employee)),
        covered(directory(&employee), directory(&seq(&[]))),
        covered(mailbox("\u{e9}@example.com"), email("example.com")),
        covered(
            mailbox("a@b\u{fc}cher.example"),
            email("xn--bcher-kva.example"),
        ),
        apart(mailbox("\u{e9}@sip.example.com"), email("example.com")),
        neither(mailbox("example.com"), email("example.com"), SYNTAX),
        covered(mailbox("x..b@c"), email(".b@c")),
        apart(mailbox("..b@c"), email(".b@c")),
        covered(mailbox(&format!("a@{longest}")), email(&longest)),
        neither(mailbox(&format!("a@{too_long}")), email(&too_long), EXCESS),
        covered(mailbox(&format!("a@.{longest_end}")), email(&longest_end)),
        neither(
            mailbox(&format!("a@.{longest}")),
            email(&too_long_end),
            EXCESS,
        ),
        neither(registered(), registered(), TYPE),
        both(registered(), tlv(0xa3, b""), GOOD, GOOD),
        neither(other(1), other(1), TYPE),
        both(other(1), other(2), GOOD, GOOD),
        both(other(1), email("example.com"), GOOD, GOOD),
        both(dns("sip.example.com"), email("example.com"), GOOD, GOOD),
        both(
            mailbox("a@example.com"),
            mailbox("a@example.com"),
            GOOD,
            GOOD,
        ),
    ]
    .concat()
}

/// Names in the subject of an end entity; most have no subjectAltName.
fn subjects() -> Vec<Case> {
    let case = |rule: &str, attribute: Vec<u8>, base: Vec<u8>, answer| {
        let end_entity = CertificateSpec {
            subject: name(&[attribute]),
            ..CertificateSpec::default()
        };
        Case::new(rule, vec![end_entity, constrained(0xa0, &base)], answer)
    };
    let common = |tag, text: &[u8]| attribute(COMMON_NAME, tag, text);
    let address = |tag, text: &[u8]| attribute(EMAIL_ADDRESS, tag, text);
    let wide: Vec<u8> = "a.example".bytes().flat_map(|c| [0, c]).collect();
    let with_dns_name = CertificateSpec {
        subject: name(&[common(UTF8, b"a.example")]),
        ..named(&[
            uri("https://a.example"),
            dns("a.example.com"),
            ip(&[10, 1, 2, 3]),
        ])
    };
    let with_another_name = CertificateSpec {
        subject: name(&[common(UTF8, b"a.example")]),
        ..named(&[uri("https://a.example.com")])
    };
    let nameless = CertificateSpec {
        subject: seq(&[]),
        ..CertificateSpec::default()
    };
    let under_dns = |rule, end_entity, answer| {
        let root = constrained(0xa0, &dns("example.com"));
        Case::new(rule, vec![end_entity, root], answer)
    };
    vec![
        under_dns(
            "a DNS name hides a common name that looks like a host",
            with_dns_name,
            GOOD,
        ),
        under_dns(
            "another kind of name does not hide a common name",
            with_another_name,
            VIOLATES,
        ),
        under_dns("a certificate without a name is good", nameless, GOOD),
        case(
            "a common name that looks like a host is one",
            common(UTF8, b"a.example"),
            dns("example.com"),
            VIOLATES,
        ),
        case(
            "a common name in 16 bits that looks like a host is one",
            common(BMP, &wide),
            dns("example.com"),
            VIOLATES,
        ),
        case(
            "a common name of one label is no host",
            common(UTF8, b"sip"),
            dns("example.com"),
            GOOD,
        ),
        case(
            "a common name with a zero in it is no name",
            common(UTF8, b"a.example\0.com"),
            dns("example.com"),
            SYNTAX,
        ),
        case(
            "an e-mail address in the subject counts",
            address(IA5, b"a@example.com"),
            email("example.org"),
            VIOLATES,
        ),
        case(
            "an e-mail address in the subject that fits is good",
            address(IA5, b"a@example.com"),
            email("example.com"),
            GOOD,
        ),
        case(
            "an e-mail address in the subject is an IA5String, whatever the constraint is about",
            address(UTF8, b"a@example.com"),
            dns("example.com"),
            SYNTAX,
        ),
    ]
}

fn bounds() -> Vec<Case> {
    let case = |rule, bound: Vec<u8>, answer| {
        let subtree = [dns("example.com"), bound].concat();
        let path = vec![named(&[dns("a.example.com")]), constrained(0xa0, &subtree)];
        Case::new(rule, path, answer)
    };
    vec![
        case("a minimum of 0 is none", tlv(0x80, &[0]), GOOD),
        case("a minimum is not supported", tlv(0x80, &[1]), BOUNDS),
        case("a maximum is not supported", tlv(0x81, &[0]), BOUNDS),
    ]
}

fn places() -> Vec<Case> {
    let other = name(&[attribute(ORGANIZATION, UTF8, b"Other")]);
    let inter = CertificateSpec::ca(other, 4).below(&CertificateSpec::root());
    let leaf = named(&[dns("a.example.com")]).below(&inter);
    let company = name(&[attribute(ORGANIZATION, UTF8, b"Example")]);
    let permitted = |name| seq(&[tlv(0xa0, &seq(&[name]))]);
    let of_company = extension(NAME_CONSTRAINTS, true, &permitted(directory(&company)));
    let dns_of_company = extension(NAME_CONSTRAINTS, true, &permitted(dns("example.net")));
    let root = constrained(0xa0, &directory(&company));
    let below_host = {
        let inter = CertificateSpec::ca(cn("a.example"), 4).below(&CertificateSpec::root());
        let leaf = leaf.clone().below(&inter);
        vec![leaf, inter, constrained(0xa0, &dns("example.com"))]
    };
    let rollover = CertificateSpec::ca(root_name(), 5).below(&CertificateSpec::root());
    let below_rollover = named(&[dns("a.example.com")])
        .below(&rollover)
        .with(key_id(5));
    let rollover = rollover.with(key_id(1));
    let self_issued_end = vec![rollover.clone(), root.clone()];
    let inter_of_company = inter.clone().with(of_company);
    let leaf_of_company = leaf.clone().with(dns_of_company);
    vec![
        Case::new(
            "an intermediate's constraints do not bind itself",
            vec![leaf.clone(), inter_of_company, CertificateSpec::root()],
            GOOD,
        ),
        Case::new(
            "an end entity's constraints do not bind itself",
            vec![leaf_of_company, inter.clone(), CertificateSpec::root()],
            GOOD,
        ),
        Case::new(
            "an intermediate's names count too",
            vec![leaf, inter, root.clone()],
            (47, 1),
        ),
        Case::new(
            "the constraints do not apply to a self-issued intermediate",
            vec![below_rollover, rollover, root],
            GOOD,
        ),
        Case::new(
            "the constraints apply to a self-issued end entity",
            self_issued_end,
            VIOLATES,
        ),
        Case::new(
            "a common name of an intermediate is no host",
            below_host,
            GOOD,
        ),
    ]
}

/// OpenSSL makes 2^20 comparisons at most for one certificate and the constraints of one CA.
fn limits() -> Vec<Case> {
    let case = |names: usize, constraints: usize, answer| {
        let subtree = seq(&[ip(&[10, 0, 0, 0, 255, 0, 0, 0])]);
        let value = seq(&[tlv(0xa1, &subtree.repeat(constraints))]);
        let root = CertificateSpec::root().with(extension(NAME_CONSTRAINTS, true, &value));
        let end_entity = CertificateSpec {
            subject: cn("A"),
            ..named(&vec![dns("a.b"); names - 1])
        };
        let rule = format!("{names} names, one in the subject, and {constraints} constraints");
        Case::new(rule, vec![end_entity, root], answer)
    };
    vec![
        case(1024, 1024, GOOD),
        case(1024, 1025, EXCESS),
        case(1025, 1024, EXCESS),
    ]
}

pub(super) fn key_id(seed: u8) -> Vec<u8> {
    let id = seq(&[tlv(0x80, &Key::new(seed).id)]);
    extension(AUTHORITY_KEY_ID, false, &id)
}
