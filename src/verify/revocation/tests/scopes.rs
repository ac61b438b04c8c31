//! The certificates that a list is for.

use super::case::*;
use super::list::*;
use crate::verify::test_pki::*;

pub(super) fn cases() -> Vec<Case> {
    [scopes(), point_names(), divided_reasons()].concat()
}

#[test]
fn a_list_can_answer_unless_it_is_unusable_for_every_certificate() {
    let flag = |tag| tlv(tag, &[0xff]);
    let scoped = |fields: &[Vec<u8>]| revoking().with(idp(fields));
    let unknown = extension(&[0x2a, 3, 4], true, &[5, 0]);
    let lists = [
        (revoking(), true),
        (scoped(&[full_name(&[uri("http://ca/1.crl")])]), true),
        (scoped(&[flag(0x81)]), true),
        (scoped(&[flag(0x82)]), true),
        (scoped(&[flag(0x81), flag(0x82)]), false),
        (scoped(&[tlv(0x83, &[1, 0x06])]), false),
        (scoped(&[flag(0x84)]), false),
        (scoped(&[flag(0x85)]), false),
        (revoking().with(unknown), false),
    ];
    for (at, (list, can_answer)) in lists.into_iter().enumerate() {
        assert_eq!(list.parse().unwrap().can_answer(), can_answer, "list {at}");
    }
}

fn scopes() -> Vec<Case> {
    let flag = |tag| tlv(tag, &[0xff]);
    let scoped = |fields: &[Vec<u8>]| vec![revoking().with(idp(fields))];
    let ca = || {
        CertificateSpec::default().with(extension(BASIC_CONSTRAINTS, true, &seq(&[boolean(true)])))
    };
    let some_reasons = tlv(0x83, &[1, 0x06]);
    vec![
        Case::new(
            "a list for user certificates is for the end entity",
            scoped(&[flag(0x81)]),
            REVOKED,
        ),
        Case::new(
            "a list for CAs is not for the end entity",
            scoped(&[flag(0x82)]),
            OTHER_SCOPE,
        ),
        Case::with_end_entity(
            "a list for CAs is for an end entity that is a CA",
            ca(),
            scoped(&[flag(0x82)]),
            REVOKED,
        ),
        Case::with_end_entity(
            "a list for users is not for a CA",
            ca(),
            scoped(&[flag(0x81)]),
            OTHER_SCOPE,
        ),
        Case::new(
            "a list for attribute certificates is for none",
            scoped(&[flag(0x85)]),
            OTHER_SCOPE,
        ),
        Case::new(
            "a list for users only and CAs only is unusable",
            scoped(&[flag(0x81), flag(0x82)]),
            NO_LIST,
        ),
        Case::new(
            "an indirect list is unusable",
            scoped(&[flag(0x84)]),
            NO_LIST,
        ),
        Case::new(
            "a list for some reasons is unusable",
            scoped(&[some_reasons]),
            NO_LIST,
        ),
        Case::new(
            "a scope that says nothing is no limit",
            scoped(&[]),
            REVOKED,
        ),
        Case::new(
            "a flag that is false is no limit",
            scoped(&[tlv(0x82, &[0])]),
            REVOKED,
        ),
        Case::new(
            "a list in another scope is not expired",
            vec![list().with(idp(&[flag(0x82)])).until("250615000000Z")],
            OTHER_SCOPE,
        ),
    ]
}

fn point_names() -> Vec<Case> {
    let a = || uri("http://a.example/crl");
    let b = || uri("http://b.example/crl");
    let at = |field: Vec<u8>| vec![revoking().with(idp(&[field]))];
    let part = |value: &[u8]| attribute(COMMON_NAME, UTF8, value);
    let below_root = |value: &[u8]| {
        let country = attribute(COUNTRY, PRINTABLE, b"DE");
        name(&[country, part(b"Root"), part(value)])
    };
    let case = |rule, fields: &[Vec<Vec<u8>>], lists, answer| {
        Case::with_end_entity(rule, end_entity_at(fields), lists, answer)
    };
    let full = |names: &[Vec<u8>]| vec![full_name(names)];
    let relative = |value: &[u8]| vec![relative_name(&[part(value)])];
    let foreign = |fields: &[Vec<u8>]| [fields, &[crl_issuer(&cn("Other"))]].concat();
    vec![
        Case::new(
            "a list at a point is not for a certificate without one",
            at(full_name(&[a()])),
            OTHER_SCOPE,
        ),
        case(
            "a list at the certificate's point is for it",
            &[full(&[a()])],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "a list at another point is not",
            &[full(&[a()])],
            at(full_name(&[b()])),
            OTHER_SCOPE,
        ),
        case(
            "any of the list's names will do",
            &[full(&[a()])],
            at(full_name(&[b(), a()])),
            REVOKED,
        ),
        case(
            "any of the certificate's names will do",
            &[full(&[b(), a()])],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "any of the certificate's points will do",
            &[full(&[b()]), full(&[a()])],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "a list without a point is for all",
            &[full(&[a()])],
            vec![revoking()],
            REVOKED,
        ),
        case(
            "a list with a scope and no point is for all",
            &[full(&[a()])],
            vec![revoking().with(idp(&[]))],
            REVOKED,
        ),
        case(
            "addresses are compared octet for octet",
            &[full(&[a()])],
            at(full_name(&[uri("http://A.example/crl")])),
            OTHER_SCOPE,
        ),
        case(
            "the kind of name matters",
            &[full(&[a()])],
            at(full_name(&[tlv(0x82, b"http://a.example/crl")])),
            OTHER_SCOPE,
        ),
        case(
            "directory names are compared canonically",
            &[full(&[directory(&cn("Point  One"))])],
            at(full_name(&[directory(&cn("point one"))])),
            REVOKED,
        ),
        case(
            "no name is the same as no other",
            &[full(&[])],
            at(full_name(&[])),
            OTHER_SCOPE,
        ),
        case(
            "relative names are compared",
            &[relative(b"1")],
            at(relative_name(&[part(b"1")])),
            REVOKED,
        ),
        case(
            "relative names can differ",
            &[relative(b"1")],
            at(relative_name(&[part(b"2")])),
            OTHER_SCOPE,
        ),
        case(
            "a relative name is one below the issuer",
            &[relative(b"1")],
            at(full_name(&[a(), directory(&below_root(b"1"))])),
            REVOKED,
        ),
        case(
            "a list's relative name is one below its issuer",
            &[full(&[directory(&below_root(b"1"))])],
            at(relative_name(&[part(b"1")])),
            REVOKED,
        ),
        case(
            "a relative name is no other kind of name",
            &[relative(b"1")],
            at(full_name(&[a()])),
            OTHER_SCOPE,
        ),
        case(
            "attributes of a relative name are one below the other",
            &[vec![relative_name(&[part(b"1"), part(b"2")])]],
            at(full_name(&[directory(&name(&[
                attribute(COUNTRY, PRINTABLE, b"DE"),
                part(b"Root"),
                part(b"1"),
                part(b"2"),
            ]))])),
            REVOKED,
        ),
        case(
            "a point that names the issuer is the issuer's",
            &[[full(&[a()]), vec![crl_issuer(&root_name())]].concat()],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "a point of another issuer is not",
            &[foreign(&full(&[a()]))],
            at(full_name(&[a()])),
            OTHER_SCOPE,
        ),
        case(
            "a point of another issuer does not limit a list for all",
            &[foreign(&full(&[a()]))],
            vec![revoking()],
            REVOKED,
        ),
        case(
            "a point may name no more than the issuer",
            &[vec![crl_issuer(&root_name())]],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "a relative name is below the issuer that the point names",
            &[[
                relative(b"1"),
                vec![tlv(
                    0xa2,
                    &[directory(&cn("Other")), directory(&root_name())].concat(),
                )],
            ]
            .concat()],
            at(full_name(&[directory(&name(&[
                part(b"Other"),
                part(b"1"),
            ]))])),
            REVOKED,
        ),
    ]
}

fn divided_reasons() -> Vec<Case> {
    let key_compromise = || reasons(&[0x40]);
    let the_rest = || reasons(&[0x3f, 0x80]);
    let a = || full_name(&[uri("http://a.example/crl")]);
    let b = || full_name(&[uri("http://b.example/crl")]);
    let at = |list: ListSpec, field| list.with(idp(&[field]));
    let divided = || end_entity_at(&[vec![a(), key_compromise()], vec![b(), the_rest()]]);
    let case =
        |rule, end_entity, lists, answer| Case::with_end_entity(rule, end_entity, lists, answer);
    // The CA's own certificate has no points, so only a list without a point could cover it.
    let case_of_two = |rule, lists, answer| {
        case(rule, divided(), lists, answer).for_chain(match answer {
            GOOD => (44, 1),
            other => other,
        })
    };
    vec![
        case(
            "a list for one reason is not enough",
            end_entity_at(&[vec![a(), key_compromise()]]),
            vec![list()],
            NO_LIST,
        ),
        case(
            "a list for one reason revokes",
            end_entity_at(&[vec![a(), key_compromise()]]),
            vec![revoking()],
            REVOKED,
        ),
        case(
            "a list for no reason is none",
            end_entity_at(&[vec![a(), reasons(&[])]]),
            vec![list()],
            NO_LIST,
        ),
        case(
            "unused bits are no reasons",
            end_entity_at(&[vec![a(), reasons(&[0x80])]]),
            vec![list()],
            NO_LIST,
        ),
        case(
            "all reasons are enough",
            end_entity_at(&[vec![a(), reasons(&[0x7f, 0x80])]]),
            vec![list()],
            GOOD,
        ),
        case_of_two(
            "two lists for all reasons are enough",
            vec![at(list(), a()), at(list(), b())],
            GOOD,
        ),
        case_of_two("one of two lists is not", vec![at(list(), a())], NO_LIST),
        case_of_two(
            "the first of two lists revokes",
            vec![at(revoking(), a()), at(list(), b())],
            REVOKED,
        ),
        case_of_two(
            "the second of two lists revokes",
            vec![at(list(), a()), at(revoking(), b())],
            REVOKED,
        ),
        Case::with_path(
            "the second of two lists revokes an intermediate",
            vec![
                CertificateSpec::default().below(&CertificateSpec::intermediate()),
                CertificateSpec::intermediate().with(points(&[
                    vec![a(), key_compromise()],
                    vec![b(), the_rest()],
                ])),
                CertificateSpec::root(),
            ],
            vec![
                list().of(&CertificateSpec::intermediate()),
                at(list(), a()),
                at(list().revoking(&[50]), b()),
            ],
            GOOD,
        )
        .for_chain((23, 1))
        .covered((23, 1)),
    ]
}

fn points(points: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let points: Vec<_> = points.iter().map(|fields| seq(fields)).collect();
    extension(CRL_DISTRIBUTION_POINTS, false, &seq(&points))
}

fn end_entity_at(fields: &[Vec<Vec<u8>>]) -> CertificateSpec {
    CertificateSpec::default().with(points(fields))
}

fn reasons(octets: &[u8]) -> Vec<u8> {
    tlv(0x81, &[&[0], octets].concat())
}

fn crl_issuer(name: &[u8]) -> Vec<u8> {
    tlv(0xa2, &directory(name))
}
