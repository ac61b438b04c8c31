//! Names, dates, and the fields of a certificate.

use super::ask::Verdict::{Good, Invalid, Refused};
use super::case::{Case, Parts, check, ed25519, subject};
use crate::x509::Certificate;
use crate::x509::name::Name;
use crate::x509::test_pki::*;

#[test]
fn types_of_values_in_names() {
    let readable = |tag: u8| {
        matches!(
            tag,
            3 | 7..=9 | 0x0b..=0x0f | 0x12..=0x14 | 0x16 | 0x1c..=0x1e
        )
    };
    check((1..0x1f).map(|tag| {
        let value = match tag {
            0x10 | 0x11 => tlv(0x20 | tag, &[]),
            6 => oid(&[0x2a, 3]),
            0x17 => utc("200101000000Z"),
            // Valid in every type of string.
            _ => tlv(tag, &[0, 0, 0, 0x41]),
        };
        let verdict = match readable(tag) || tag == 0x10 {
            true => Good,
            false => Refused,
        };
        Case::new(format!("type {tag}"), subject(value), verdict)
    }));
    check([
        Case::new("VisibleString", subject(tlv(0x1a, b"x")), Refused),
        Case::new("BOOLEAN", subject(boolean(true)), Refused),
        Case::new("NULL", subject(tlv(5, &[])), Refused),
        Case::new("another class", subject(tlv(0x8c, b"x")), Refused),
        Case::new("a primitive SEQUENCE", subject(tlv(0x10, &[])), Refused),
        Case::new(
            "any octets in a SEQUENCE",
            subject(tlv(0x30, &[0xff])),
            Good,
        ),
        Case::new("bits without a count", subject(tlv(3, &[])), Refused),
    ]);
}

#[test]
fn texts_that_are_not_valid_in_their_own_type() {
    check([
        Case::new("half an UTF-16 unit", subject(tlv(BMP, &[0])), Refused),
        Case::new("half a surrogate", subject(tlv(BMP, &[0xd8, 0])), Refused),
        Case::new(
            "three octets of UTF-32",
            subject(tlv(UNIVERSAL, &[0, 0, 0])),
            Refused,
        ),
        Case::new(
            "a surrogate in UTF-32",
            subject(tlv(UNIVERSAL, &[0, 0, 0xd8, 0])),
            Refused,
        ),
        Case::new(
            "beyond Unicode",
            subject(tlv(UNIVERSAL, &[0, 0x11, 0, 0])),
            Refused,
        ),
        Case::new("no UTF-8", subject(tlv(UTF8, &[0xc3])), Refused),
        Case::new(
            "UTF-8, longer than need be",
            subject(tlv(UTF8, &[0xc1, 0x81])),
            Refused,
        ),
        Case::new(
            "a surrogate in UTF-8",
            subject(tlv(UTF8, &[0xed, 0xa0, 0x80])),
            Refused,
        ),
        Case::new(
            "UTF-8 beyond Unicode",
            subject(tlv(UTF8, &[0xf4, 0x90, 0x80, 0x80])),
            Refused,
        ),
        Case::new(
            "the last character of Unicode",
            subject(tlv(UTF8, &[0xf4, 0x8f, 0xbf, 0xbf])),
            Good,
        ),
        Case::new("Latin-1 in T61String", subject(tlv(T61, &[0xe4])), Good),
        Case::new(
            "Latin-1 in PrintableString",
            subject(tlv(PRINTABLE, &[0xe4])),
            Good,
        ),
        Case::new("Latin-1 in IA5String", subject(tlv(IA5, &[0xe4])), Good),
        Case::new(
            "letters in NumericString",
            subject(tlv(NUMERIC, b"abc")),
            Good,
        ),
        Case::new("NUL", subject(tlv(UTF8, b"a\0b")), Good),
        Case::new("nothing", subject(tlv(UTF8, &[])), Good),
    ]);
}

#[test]
fn shapes_of_names() {
    let with = |subject| {
        Parts {
            subject,
            ..Parts::default()
        }
        .der()
    };
    let attribute = attribute(COMMON_NAME, UTF8, b"x");
    let of_len = |len: usize| {
        let name = |text: usize| cn(&"x".repeat(text));
        let spare = name(len).len() - len;
        name(len - spare)
    };
    assert_eq!(of_len(1 << 20).len(), 1 << 20);
    check([
        Case::new("no set", with(seq(&[])), Good),
        Case::new("an empty set", with(seq(&[tlv(0x31, &[])])), Good),
        Case::new(
            "two in a set",
            with(seq(&[tlv(
                0x31,
                &[attribute.clone(), attribute.clone()].concat(),
            )])),
            Good,
        ),
        Case::new(
            "a SEQUENCE for the set",
            with(seq(&[tlv(0x30, &attribute)])),
            Refused,
        ),
        Case::new(
            "a SET for the name",
            with(tlv(0x31, &tlv(0x31, &attribute))),
            Refused,
        ),
        Case::new(
            "a third field",
            with(name(&[seq(&[
                oid(COMMON_NAME),
                tlv(UTF8, b"x"),
                tlv(5, &[]),
            ])])),
            Refused,
        ),
        Case::new("no value", with(name(&[seq(&[oid(COMMON_NAME)])])), Refused),
        Case::new(
            "an octet behind a set",
            with(seq(&[tlv(0x31, &attribute), vec![0]])),
            Refused,
        ),
        Case::new("1 MiB", with(of_len(1 << 20)), Good),
        Case::new("1 MiB and an octet", with(of_len((1 << 20) + 1)), Refused),
    ]);
}

#[test]
fn a_certificate_says_the_same_above_any_other() {
    let with = |subject, issuer| CertificateSpec {
        subject,
        issuer,
        ..CertificateSpec::root()
    };
    let folded = name(&[
        attribute(COUNTRY, PRINTABLE, b"de"),
        attribute(COMMON_NAME, PRINTABLE, b" ROOT "),
    ]);
    let above = [
        CertificateSpec::root(),
        with(root_name(), cn("Another")),
        with(folded.clone(), root_name()),
        with(folded, cn("Another")),
        with(cn("Another"), root_name()),
        with(seq(&[]), seq(&[])),
    ];
    let below = [root_name(), cn("Another"), seq(&[])].map(|issuer| CertificateSpec {
        issuer,
        ..CertificateSpec::default()
    });
    let names = |certificate: &Certificate<'_>| {
        let names = [certificate.issuer(), certificate.subject()].map(<[u8]>::to_vec);
        let is_self_issued = names[0] == names[1];
        assert_eq!(certificate.is_self_issued, is_self_issued);
        (names, certificate.is_self_signed())
    };
    let canonical = |der: &[u8]| Name::of_checked(der).canonical().unwrap();
    for spec in &above {
        let alone = spec.certificate();
        assert_eq!(alone.issuer(), canonical(&spec.issuer));
        assert_eq!(alone.subject(), canonical(&spec.subject));
        for below in &below {
            let below = below.certificate();
            let found = Certificate::parse_above(Some(&below), spec.der().into()).unwrap();
            assert_eq!(names(&found), names(&alone));
        }
    }
}

#[test]
fn dates_are_loaded_whatever_they_say() {
    let from = |date: Vec<u8>| {
        let validity = seq(&[date, utc("400101000000Z")]);
        Parts {
            validity,
            ..Parts::default()
        }
        .der()
    };
    check([
        Case::new("nothing", from(utc("")), Good),
        Case::new("a fraction", from(tlv(0x18, b"20200101000000.5Z")), Good),
        Case::new("an offset", from(utc("200101000000+0100")), Good),
        Case::new("a text", from(tlv(0x18, b"never")), Good),
        Case::new("another type", from(tlv(UTF8, b"200101000000Z")), Refused),
        Case::new("another class", from(tlv(0x97, b"200101000000Z")), Refused),
        Case::new(
            "a third date",
            Parts {
                validity: seq(&[utc(""), utc(""), utc("")]),
                ..Parts::default()
            }
            .der(),
            Refused,
        ),
        Case::new(
            "one date",
            Parts {
                validity: seq(&[utc("")]),
                ..Parts::default()
            }
            .der(),
            Refused,
        ),
    ]);
}

#[test]
fn fields_of_the_signed_part() {
    let version = |version| {
        Parts {
            version,
            ..Parts::default()
        }
        .der()
    };
    let ids = |unique_ids| {
        Parts {
            unique_ids,
            ..Parts::default()
        }
        .der()
    };
    let parts = Parts::default().with(extension(BASIC_CONSTRAINTS, false, &seq(&[])));
    let v1 = Parts {
        version: Vec::new(),
        ..parts.clone()
    };
    let behind = [parts.fields(), tlv(5, &[])].concat();
    check([
        Case::new("no version, with extensions", v1.der(), Good),
        Case::new(
            "version 0, written out",
            version(tlv(0xa0, &integer(&[0]))),
            Good,
        ),
        Case::new("version 100", version(tlv(0xa0, &integer(&[100]))), Good),
        Case::new(
            "a negative version",
            version(tlv(0xa0, &integer(&[0xff]))),
            Good,
        ),
        Case::new(
            "a version of ten octets",
            version(tlv(0xa0, &integer(&[1; 10]))),
            Good,
        ),
        Case::new(
            "a padded version",
            version(tlv(0xa0, &integer(&[0, 2]))),
            Refused,
        ),
        Case::new(
            "two numbers in the version",
            version(tlv(0xa0, &[integer(&[2]), integer(&[2])].concat())),
            Refused,
        ),
        Case::new(
            "unique ids",
            ids([tlv(0x81, &[0, 1]), tlv(0x82, &[0, 1])].concat()),
            Good,
        ),
        Case::new("the second one only", ids(tlv(0x82, &[0, 1])), Good),
        Case::new("in pieces", ids(tlv(0xa1, &bit_string(&[1]))), Good),
        Case::new(
            "the other way round",
            ids([tlv(0x82, &[0, 1]), tlv(0x81, &[0, 1])].concat()),
            Refused,
        ),
        Case::new("without a count of bits", ids(tlv(0x81, &[])), Refused),
        Case::new("no extension in the list", ids(tlv(0xa3, &seq(&[]))), Good),
        Case::new(
            "nothing in the tag of the list",
            ids(tlv(0xa3, &[])),
            Refused,
        ),
        Case::new(
            "a field behind the extensions",
            parts.around(seq(&[behind])),
            Refused,
        ),
        Case::new(
            "a field behind the signature",
            {
                let signature = [parts.signature.clone(), tlv(5, &[])].concat();
                Parts {
                    signature,
                    ..parts.clone()
                }
                .der()
            },
            Refused,
        ),
        Case::new(
            "two algorithms",
            Parts {
                algorithm: ecdsa_sha256(),
                ..parts.clone()
            }
            .der(),
            Good,
        ),
        Case::new(
            "a key that nobody can read",
            Parts {
                key: seq(&[ed25519(), bit_string(&[1])]),
                ..parts.clone()
            }
            .der(),
            Good,
        ),
        Case::new(
            "a field behind the key",
            Parts {
                key: seq(&[ed25519(), bit_string(&[1]), tlv(5, &[])]),
                ..parts.clone()
            }
            .der(),
            Refused,
        ),
    ]);
}

#[test]
fn parameters_of_algorithms() {
    let with = |parameters: Vec<u8>| {
        let algorithm = seq(&[oid(&[0x2a, 3]), parameters]);
        Parts {
            algorithm,
            ..Parts::default()
        }
        .der()
    };
    check([
        Case::new("none", with(Vec::new()), Good),
        Case::new("NULL", with(tlv(5, &[])), Good),
        Case::new("NULL with content", with(tlv(5, &[0])), Refused),
        Case::new("a constructed NULL", with(tlv(0x25, &[])), Refused),
        Case::new("two", with([tlv(5, &[]), tlv(5, &[])].concat()), Refused),
        Case::new("BOOLEAN", with(boolean(true)), Good),
        Case::new("BOOLEAN of two octets", with(tlv(1, &[1, 1])), Refused),
        Case::new("INTEGER", with(integer(&[1])), Good),
        Case::new("padded INTEGER", with(integer(&[0, 1])), Refused),
        Case::new("ENUMERATED", with(tlv(10, &[1])), Good),
        Case::new("padded ENUMERATED", with(tlv(10, &[0, 1])), Refused),
        Case::new("BIT STRING", with(bit_string(&[1])), Good),
        Case::new("BIT STRING without a count", with(tlv(3, &[])), Refused),
        Case::new(
            "OCTET STRING in pieces",
            with(tlv(0x24, &octets(&[1]))),
            Good,
        ),
        Case::new("OCTET STRING in bad pieces", with(tlv(0x24, &[4])), Refused),
        Case::new("OBJECT IDENTIFIER", with(oid(&[0x2a])), Good),
        Case::new("truncated OBJECT IDENTIFIER", with(oid(&[0xaa])), Refused),
        Case::new("SEQUENCE of any octets", with(tlv(0x30, &[0xff])), Good),
        Case::new("primitive SEQUENCE", with(tlv(0x10, &[])), Refused),
        Case::new("SET of any octets", with(tlv(0x31, &[0xff])), Good),
        Case::new("BMPString of one octet", with(tlv(BMP, &[0])), Refused),
        Case::new(
            "UniversalString of two octets",
            with(tlv(UNIVERSAL, &[0, 0])),
            Refused,
        ),
        Case::new("UTF8String of any octets", with(tlv(UTF8, &[0xff])), Good),
        Case::new("UTCTime of any octets", with(utc("never")), Good),
        Case::new("an unknown type", with(tlv(9, &[0xff])), Good),
        Case::new("another class", with(tlv(0x81, &[0xff])), Good),
        Case::new(
            "another class, of any octets",
            with(tlv(0xe1, &[0xff])),
            Good,
        ),
        Case::new("type 0", with(vec![0, 1, 1]), Good),
        Case::new("type 0 with a long length", with(vec![0, 0x81, 0]), Refused),
        Case::new(
            "the octets of an end of contents",
            with(vec![0, 0]),
            Refused,
        ),
    ]);
}

#[test]
fn extensions_that_stand_there_twice() {
    let twice = |id: &[u8], value: &[u8]| {
        let one = extension(id, false, value);
        Parts::default().with(one.clone()).with(one).der()
    };
    check([
        Case::new(
            "basicConstraints",
            twice(BASIC_CONSTRAINTS, &seq(&[])),
            Invalid,
        ),
        Case::new("keyUsage", twice(KEY_USAGE, &[3, 2, 0, 0x80]), Invalid),
        Case::new(
            "extKeyUsage",
            twice(EXTENDED_KEY_USAGE, &seq(&[oid(&[0x2a])])),
            Invalid,
        ),
        Case::new(
            "nsCertType",
            twice(NETSCAPE_CERT_TYPE, &[3, 2, 0, 0xf7]),
            Invalid,
        ),
        Case::new(
            "subjectKeyIdentifier",
            twice(SUBJECT_KEY_ID, &octets(&[1])),
            Invalid,
        ),
        Case::new(
            "authorityKeyIdentifier",
            twice(AUTHORITY_KEY_ID, &seq(&[])),
            Invalid,
        ),
        Case::new(
            "subjectAltName",
            twice(SUBJECT_ALT_NAME, &seq(&[])),
            Invalid,
        ),
        Case::new(
            "nameConstraints",
            twice(NAME_CONSTRAINTS, &seq(&[])),
            Invalid,
        ),
        Case::new(
            "cRLDistributionPoints",
            twice(CRL_DISTRIBUTION_POINTS, &seq(&[])),
            Invalid,
        ),
        Case::new("address blocks", twice(ADDRESS_BLOCKS, &seq(&[])), Invalid),
        Case::new("AS numbers", twice(AS_NUMBERS, &seq(&[])), Invalid),
        Case::new("issuerAltName", twice(ISSUER_ALT_NAME, &seq(&[])), Good),
        Case::new(
            "certificatePolicies",
            twice(CERTIFICATE_POLICIES, &[0xff]),
            Good,
        ),
        Case::new("one that nobody knows", twice(&[0x2a, 3], &[]), Good),
    ]);
}
