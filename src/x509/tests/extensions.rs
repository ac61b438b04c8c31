//! The contents of extensions. A malformed extension makes the certificate invalid, but the certificate is still
//! loaded.

use std::slice;

use super::ask::Verdict::{Good, Invalid, Refused};
use super::case::{Case, Parts, check, indefinite};
use crate::x509::test_pki::*;

#[test]
fn shapes_of_extensions() {
    let with = |extension| Parts::default().with(extension).der();
    let id = || oid(BASIC_CONSTRAINTS);
    let value = || octets(&seq(&[]));
    check([
        Case::new("no value", with(seq(&[id()])), Refused),
        Case::new(
            "a value of another type",
            with(seq(&[id(), bit_string(&[])])),
            Refused,
        ),
        Case::new(
            "a field behind the value",
            with(seq(&[id(), value(), tlv(5, &[])])),
            Refused,
        ),
        Case::new(
            "critical behind the value",
            with(seq(&[id(), value(), boolean(true)])),
            Refused,
        ),
        Case::new("no identifier", with(seq(&[value()])), Refused),
        Case::new("a SET", with(tlv(0x31, &[id(), value()].concat())), Refused),
        Case::extension("an empty value", BASIC_CONSTRAINTS, &[], Invalid),
        Case::extension(
            "octets behind the value",
            BASIC_CONSTRAINTS,
            &[0x30, 0, 1, 2, 3],
            Good,
        ),
        Case::extension(
            "octets behind a field",
            BASIC_CONSTRAINTS,
            &[0x30, 2, 5, 0],
            Invalid,
        ),
        Case::extension(
            "an unknown extension with any value",
            &[0x2a, 3],
            &[0xff],
            Good,
        ),
        Case::extension(
            "policies with any value",
            CERTIFICATE_POLICIES,
            &[0xff],
            Good,
        ),
        Case::extension(
            "issuerAltName with any value",
            ISSUER_ALT_NAME,
            &[0xff],
            Good,
        ),
    ]);
}

#[test]
fn constraints_usages_and_key_identifiers() {
    let constraints = |rule, fields: &[Vec<u8>], verdict| {
        Case::extension(rule, BASIC_CONSTRAINTS, &seq(fields), verdict)
    };
    let key_id = |rule, fields: &[Vec<u8>], verdict| {
        Case::extension(rule, AUTHORITY_KEY_ID, &seq(fields), verdict)
    };
    let serial = tlv(0x82, &[1]);
    let names = tlv(0xa1, &tlv(0x82, b"x"));
    check([
        constraints("a path length without cA", &[integer(&[1])], Good),
        constraints(
            "a negative path length",
            &[boolean(true), integer(&[0x80])],
            Invalid,
        ),
        constraints(
            "a huge path length",
            &[boolean(true), integer(&[0x7f; 20])],
            Good,
        ),
        constraints(
            "a padded path length",
            &[boolean(true), integer(&[0, 1])],
            Invalid,
        ),
        constraints("cA behind it", &[integer(&[1]), boolean(true)], Invalid),
        Case::extension("no usage", KEY_USAGE, &[3, 2, 0, 0], Invalid),
        Case::extension("usage of no bits", KEY_USAGE, &[3, 1, 0], Invalid),
        Case::extension(
            "usage in the third octet only",
            KEY_USAGE,
            &[3, 4, 0, 0, 0, 1],
            Invalid,
        ),
        Case::extension("usage of another type", KEY_USAGE, &[4, 1, 1], Invalid),
        Case::extension(
            "usage in pieces",
            KEY_USAGE,
            &[0x23, 4, 3, 2, 0, 0x80],
            Good,
        ),
        Case::extension("no purpose", EXTENDED_KEY_USAGE, &seq(&[]), Good),
        Case::extension(
            "a purpose of another type",
            EXTENDED_KEY_USAGE,
            &seq(&[integer(&[1])]),
            Invalid,
        ),
        Case::extension(
            "Netscape types of no bits",
            NETSCAPE_CERT_TYPE,
            &[3, 1, 0],
            Good,
        ),
        Case::extension(
            "Netscape types of another type",
            NETSCAPE_CERT_TYPE,
            &[4, 1, 0],
            Invalid,
        ),
        Case::extension("a key identifier of nothing", SUBJECT_KEY_ID, &[4, 0], Good),
        Case::extension(
            "a key identifier in pieces",
            SUBJECT_KEY_ID,
            &[0x24, 3, 4, 1, 1],
            Good,
        ),
        Case::extension(
            "a key identifier of another type",
            SUBJECT_KEY_ID,
            &[3, 1, 0],
            Invalid,
        ),
        key_id("nothing", &[], Good),
        key_id("a serial number alone", slice::from_ref(&serial), Good),
        key_id("names alone", slice::from_ref(&names), Good),
        key_id("fields out of order", &[serial, names], Invalid),
        key_id("a padded serial number", &[tlv(0x82, &[0, 1])], Invalid),
        key_id("an identifier in pieces", &[tlv(0xa0, &octets(&[1]))], Good),
        key_id(
            "a name of a form that does not exist",
            &[tlv(0xa1, &tlv(0x89, b"x"))],
            Invalid,
        ),
    ]);
}

#[test]
fn forms_of_general_names() {
    let one = |rule: &str, name: Vec<u8>, verdict| Case::general_name(rule, &[name], verdict);
    let text = |number: u8| tlv(0xa0 | number, &tlv(UTF8, b"x"));
    let other = |value: Vec<u8>| tlv(0xa0, &[oid(&[0x2a]), value].concat());
    let party = |fields: Vec<u8>| tlv(0xa5, &fields);
    check([
        Case::general_name("none", &[], Good),
        one("otherName", other(tlv(0xa0, &tlv(UTF8, b"x"))), Good),
        one(
            "otherName of a bad value",
            other(tlv(0xa0, &tlv(5, &[1]))),
            Invalid,
        ),
        one("otherName of type 0", other(tlv(0xa0, &[0, 1, 1])), Good),
        one(
            "otherName of two values",
            other(tlv(0xa0, &[5, 0, 5, 0])),
            Invalid,
        ),
        one("otherName without a value", other(Vec::new()), Invalid),
        one("otherName, implicit", other(tlv(UTF8, b"x")), Invalid),
        one(
            "primitive otherName",
            tlv(0x80, &[oid(&[0x2a]), text(0)].concat()),
            Invalid,
        ),
        one("any octets as an e-mail address", tlv(0x81, &[0xff]), Good),
        one("any octets as a DNS name", tlv(0x82, &[0xff, 0]), Good),
        one("a DNS name in pieces", tlv(0xa2, &tlv(IA5, b"x")), Good),
        one("a DNS name in bad pieces", tlv(0xa2, &[0x16, 2]), Invalid),
        one("x400Address of any octets", tlv(0xa3, &[0xff]), Good),
        one("primitive x400Address", tlv(0x83, &[]), Invalid),
        one("directoryName", tlv(0xa4, &cn("x")), Good),
        one(
            "directoryName, implicit",
            tlv(0xa4, &tlv(0x31, &attribute(COMMON_NAME, UTF8, b"x"))),
            Invalid,
        ),
        one(
            "directoryName of no UTF-8",
            tlv(0xa4, &name(&[attribute(COMMON_NAME, UTF8, &[0xff])])),
            Invalid,
        ),
        one(
            "directoryName of VisibleString",
            tlv(0xa4, &name(&[attribute(COMMON_NAME, 0x1a, b"x")])),
            Invalid,
        ),
        one(
            "two names in a directoryName",
            tlv(0xa4, &[cn("x"), cn("y")].concat()),
            Invalid,
        ),
        one("ediPartyName", party([text(0), text(1)].concat()), Good),
        one("ediPartyName without an assigner", party(text(1)), Good),
        one("ediPartyName without a party", party(text(0)), Invalid),
        one(
            "ediPartyName of IA5String",
            party(tlv(0xa1, &tlv(IA5, b"x"))),
            Invalid,
        ),
        one(
            "ediPartyName of half a BMPString",
            party(tlv(0xa1, &tlv(BMP, &[0]))),
            Invalid,
        ),
        one(
            "ediPartyName of no UTF-8",
            party(tlv(0xa1, &tlv(UTF8, &[0xff]))),
            Good,
        ),
        one("ediPartyName, implicit", party(tlv(0x81, b"x")), Invalid),
        one("any octets as a URI", tlv(0x86, &[0xff]), Good),
        one("an address of three octets", tlv(0x87, &[1, 2, 3]), Good),
        one("registeredID", tlv(0x88, &[0x2a, 3]), Good),
        one("registeredID of nothing", tlv(0x88, &[]), Invalid),
        one("padded registeredID", tlv(0x88, &[0x80, 1]), Invalid),
        one(
            "constructed registeredID",
            tlv(0xa8, &oid(&[0x2a])),
            Invalid,
        ),
        one("a form that does not exist", tlv(0x89, &[]), Invalid),
        one("another class", tlv(0xc2, b"x"), Invalid),
        one("an end of contents", vec![0, 0], Invalid),
        Case::extension(
            "indefinite",
            SUBJECT_ALT_NAME,
            &indefinite(0x30, &tlv(0x82, b"x")),
            Good,
        ),
        Case::extension(
            "indefinite, not ended",
            SUBJECT_ALT_NAME,
            &[0x30, 0x80, 0x82, 0],
            Invalid,
        ),
    ]);
}

#[test]
fn name_constraints_and_distribution_points() {
    let subtrees = |rule: &str, fields: &[Vec<u8>], verdict| {
        let value = seq(&[tlv(0xa0, &seq(fields))]);
        Case::extension(rule, NAME_CONSTRAINTS, &value, verdict)
    };
    let point = |rule: &str, fields: &[Vec<u8>], verdict| {
        let value = seq(&[seq(fields)]);
        Case::extension(rule, CRL_DISTRIBUTION_POINTS, &value, verdict)
    };
    let base = || tlv(0x82, b"x");
    let full = || tlv(0xa0, &tlv(0xa0, &base()));
    let relative = |attributes: &[u8]| tlv(0xa0, &tlv(0xa1, attributes));
    check([
        Case::extension(
            "neither permitted nor excluded",
            NAME_CONSTRAINTS,
            &seq(&[]),
            Good,
        ),
        subtrees("a base", &[base()], Good),
        subtrees("bounds", &[base(), tlv(0x80, &[1]), tlv(0x81, &[2])], Good),
        subtrees("a maximum alone", &[base(), tlv(0x81, &[2])], Good),
        subtrees("a padded minimum", &[base(), tlv(0x80, &[0, 0])], Invalid),
        subtrees(
            "bounds out of order",
            &[base(), tlv(0x81, &[2]), tlv(0x80, &[1])],
            Invalid,
        ),
        subtrees("no base", &[], Invalid),
        point("a full name", &[full()], Good),
        point(
            "reasons in pieces",
            &[full(), tlv(0xa1, &bit_string(&[0x60]))],
            Good,
        ),
        point(
            "reasons without a count of bits",
            &[full(), tlv(0x81, &[])],
            Invalid,
        ),
        point("an issuer alone", &[tlv(0xa2, &tlv(0xa4, &cn("x")))], Good),
        point("no issuer alone", &[tlv(0xa2, &[])], Invalid),
        point("nothing", &[], Invalid),
        point("reasons alone", &[tlv(0x81, &[1, 0x60])], Invalid),
        point(
            "a relative name",
            &[relative(&attribute(COMMON_NAME, UTF8, b"x"))],
            Good,
        ),
        point("a relative name of nothing", &[relative(&[])], Good),
        point(
            "a relative name of no UTF-8",
            &[relative(&attribute(COMMON_NAME, UTF8, &[0xff]))],
            Invalid,
        ),
        point(
            "two names",
            &[tlv(
                0xa0,
                &[tlv(0xa0, &base()), tlv(0xa0, &base())].concat(),
            )],
            Invalid,
        ),
        point("an implicit name", &[tlv(0xa0, &base())], Invalid),
    ]);
}

#[test]
fn number_resources() {
    let blocks = |rule: &str, families: &[Vec<u8>], verdict| {
        Case::extension(rule, ADDRESS_BLOCKS, &seq(families), verdict)
    };
    let family = |choice: Vec<u8>| seq(&[octets(&[0, 1]), choice]);
    let numbers = |rule: &str, fields: &[Vec<u8>], verdict| {
        Case::extension(rule, AS_NUMBERS, &seq(fields), verdict)
    };
    check([
        blocks("inherited", &[family(tlv(5, &[]))], Good),
        blocks("inherited, with content", &[family(tlv(5, &[0]))], Invalid),
        blocks("a prefix", &[family(seq(&[bit_string(&[10])]))], Good),
        blocks(
            "a prefix list without the constructed bit",
            &[family(tlv(0x10, &bit_string(&[10])))],
            Good,
        ),
        blocks(
            "a prefix that is too long",
            &[family(seq(&[bit_string(&[1; 9])]))],
            Good,
        ),
        blocks(
            "a range",
            &[family(seq(&[seq(&[bit_string(&[1]), bit_string(&[2])])]))],
            Good,
        ),
        blocks(
            "half a range",
            &[family(seq(&[seq(&[bit_string(&[1])])]))],
            Invalid,
        ),
        blocks("no choice", &[seq(&[octets(&[0, 1])])], Invalid),
        blocks(
            "a family of five octets",
            &[seq(&[octets(&[0; 5]), tlv(5, &[])])],
            Good,
        ),
        blocks(
            "a family in pieces",
            &[seq(&[tlv(0x24, &octets(&[0, 1])), tlv(5, &[])])],
            Good,
        ),
        numbers("nothing", &[], Good),
        numbers("inherited", &[tlv(0xa0, &tlv(5, &[]))], Good),
        numbers(
            "a number and a range",
            &[tlv(
                0xa0,
                &seq(&[integer(&[1]), seq(&[integer(&[3]), integer(&[9])])]),
            )],
            Good,
        ),
        numbers(
            "a number below 0",
            &[tlv(0xa0, &seq(&[integer(&[0xff])]))],
            Good,
        ),
        numbers(
            "a padded number",
            &[tlv(0xa0, &seq(&[integer(&[0, 1])]))],
            Invalid,
        ),
        numbers("domains alone", &[tlv(0xa1, &tlv(5, &[]))], Good),
        numbers(
            "out of order",
            &[tlv(0xa1, &tlv(5, &[])), tlv(0xa0, &tlv(5, &[]))],
            Invalid,
        ),
        numbers("neither", &[tlv(0xa0, &octets(&[1]))], Invalid),
    ]);
}

#[test]
fn proxy_certificates() {
    let policy = || seq(&[oid(&[0x2a])]);
    let proxy = |rule: &str, fields: &[Vec<u8>], verdict| {
        Case::extension(rule, PROXY_CERT_INFO, &seq(fields), verdict)
    };
    let info = extension(PROXY_CERT_INFO, true, &seq(&[policy()]));
    let with = |other| Parts::default().with(info.clone()).with(other).der();
    check([
        proxy("a policy", &[policy()], Good),
        proxy("a path length", &[integer(&[1]), policy()], Good),
        proxy(
            "a padded path length",
            &[integer(&[0, 1]), policy()],
            Invalid,
        ),
        proxy(
            "a policy with a text",
            &[seq(&[oid(&[0x2a]), octets(&[1])])],
            Good,
        ),
        proxy("no policy", &[], Invalid),
        Case::new(
            "of a CA",
            with(extension(BASIC_CONSTRAINTS, false, &seq(&[boolean(true)]))),
            Invalid,
        ),
        Case::new(
            "with other names",
            with(extension(SUBJECT_ALT_NAME, false, &seq(&[]))),
            Invalid,
        ),
        Case::new(
            "with other names of the issuer",
            with(extension(ISSUER_ALT_NAME, false, &[])),
            Invalid,
        ),
    ]);
}
