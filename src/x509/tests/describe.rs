//! The texts for people, in the forms of the `openssl` commands.

use super::ask;
use super::case::{ED25519, Parts};
use super::lists::{List, NUMBER};
use crate::x509::describe;
use crate::x509::name::Name;
use crate::x509::test_pki::*;

#[test]
fn a_name_is_written_in_one_line() {
    let one_line = |sets: &[&[Vec<u8>]]| {
        let sets: Vec<_> = sets.iter().map(|set| tlv(0x31, &set.concat())).collect();
        describe::one_line(Name::of_checked(&seq(&sets)))
    };
    let country = || attribute(COUNTRY, PRINTABLE, b"DE");
    let organisation = || attribute(ORGANIZATION, UTF8, "B\u{fc}ro".as_bytes());
    let text = |value: &[u8]| attribute(COMMON_NAME, UTF8, value);
    assert_eq!(one_line(&[]), "");
    assert_eq!(one_line(&[&[], &[text(b"x")]]), "CN = x");
    assert_eq!(
        one_line(&[&[country()], &[organisation()], &[text(b"a, b")]]),
        "C = DE, O = B\u{fc}ro, CN = a, b"
    );
    assert_eq!(
        one_line(&[&[country(), organisation()], &[text(b"x"), text(b"y")]]),
        "C = DE + O = B\u{fc}ro, CN = x + CN = y"
    );
    let unknown = attribute(&[0x2a, 3, 4], UTF8, b"x");
    assert_eq!(one_line(&[&[unknown]]), "1.2.3.4 = x");
    let control = text(b"a\n\x1b[2J\x7f\xc2\x85z");
    assert_eq!(
        one_line(&[&[control]]),
        "CN = a\\u{a}\\u{1b}[2J\\u{7f}\\u{85}z"
    );
    let no_text = attribute(COMMON_NAME, 3, &[0, 0x0a, 0xff]);
    assert_eq!(one_line(&[&[no_text]]), "CN = \\00\\0A\\FF");
    assert_eq!(one_line(&[&[text(&[0xc3])]]), "CN = \\C3");
}

#[test]
fn the_first_organisation_of_a_name_is_used() {
    let organisation = |attributes: &[Vec<u8>]| {
        let name = name(attributes);
        describe::organisation(Name::of_checked(&name))
    };
    let of = |text: &[u8]| attribute(ORGANIZATION, UTF8, text);
    let common = attribute(COMMON_NAME, UTF8, b"x");
    let both = organisation(&[common.clone(), of(b"First"), of(b"Second")]);
    assert_eq!(both.as_deref(), Some("First"));
    assert_eq!(organisation(&[common]), None);
    assert_eq!(organisation(&[]), None);
    assert_eq!(organisation(&[of(&[0xff]), of(b"Second")]), None);
}

#[test]
fn a_key_is_named_by_kind_and_size() {
    let key = |algorithm: &[Vec<u8>], key: &[u8]| {
        let key = seq(&[seq(algorithm), bit_string(key)]);
        describe::key(
            &Parts {
                key,
                ..Parts::default()
            }
            .read(),
        )
    };
    let rsa = seq(&[
        integer(&[&[0, 0x80][..], &[1; 255]].concat()),
        integer(&[3]),
    ]);
    let curve = |id: &[u8]| key(&[oid(EC_PUBLIC_KEY), oid(id)], &[0]);
    assert_eq!(key(&[oid(RSA)], &rsa), "RSA 2048");
    assert_eq!(key(&[oid(RSA_PSS)], &rsa), "RSA-PSS 2048");
    assert_eq!(key(&[oid(RSA)], &[7]), "RSA");
    assert_eq!(key(&[oid(ED25519)], &[7; 32]), "Ed25519");
    assert_eq!(key(&[oid(&[0x2b, 0x65, 113])], &[7; 57]), "Ed448");
    assert_eq!(key(&[oid(&[0x2a, 3])], &[7]), "1.2.3");
    assert_eq!(curve(P256), "EC P-256");
    assert_eq!(curve(&[0x2b, 0x81, 4, 0, 34]), "EC P-384");
    assert_eq!(curve(&[0x2b, 0x81, 4, 0, 35]), "EC P-521");
    assert_eq!(curve(&[0x2b, 0x81, 4, 0, 10]), "EC secp256k1");
    assert_eq!(curve(&[0x2b, 0x81, 4, 0, 33]), "EC P-224");
    let brainpool = |last| curve(&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, last]);
    assert_eq!(brainpool(7), "EC brainpoolP256r1");
    assert_eq!(brainpool(11), "EC brainpoolP384r1");
    assert_eq!(brainpool(13), "EC brainpoolP512r1");
    // sect163k1 has no name here.
    assert_eq!(curve(&[0x2b, 0x81, 4, 0, 1]), "EC 1.3.132.0.1");
    assert_eq!(key(&[oid(EC_PUBLIC_KEY), seq(&[])], &[0]), "EC");
}

#[test]
fn moments_are_in_utc() {
    // `date -u -d @SECONDS`
    let cases = [
        (0, "1970-01-01", "00:00:00"),
        (-1, "1969-12-31", "23:59:59"),
        (951_786_061, "2000-02-29", "01:01:01"),
        (253_402_300_799, "9999-12-31", "23:59:59"),
    ];
    for (seconds, day, time) in cases {
        assert_eq!(describe::day(seconds), day);
        assert_eq!(describe::moment(seconds), format!("{day} {time} UTC"));
    }
    for seconds in [i64::MIN, i64::MAX] {
        assert_eq!(describe::day(seconds), "an unknown time");
        assert_eq!(describe::moment(seconds), "an unknown time");
    }
}

#[test]
fn certificates_are_told_apart_by_number_and_dates() {
    let parts = Parts {
        serial: integer(&[0, 0x80, 5]),
        validity: seq(&[utc("200101000000Z"), utc("never")]),
        ..Parts::default()
    };
    assert_eq!(
        describe::certificate(&parts.read()),
        "`CN = subject`, issued by `CN = issuer`, serial 8005, valid from 2020-01-01 00:00:00 UTC to ?"
    );
    let numbers: [(&[u8], &str); 10] = [
        (&[0], "00"),
        (&[1], "01"),
        (&[0x7f], "7F"),
        (&[0, 0x80], "80"),
        (&[0x10, 0], "1000"),
        (&[0, 0xff, 0], "FF00"),
        (&[0xff], "-01"),
        (&[0x80], "-80"),
        (&[0xff, 0], "-0100"),
        (&[0xff, 0x7f], "-81"),
    ];
    for (octets, text) in numbers {
        let parts = Parts {
            serial: integer(octets),
            ..Parts::default()
        };
        assert_eq!(describe::serial(&parts.read()), text);
        assert_eq!(ask::serial(&parts.der()), format!("serial={text}"));
    }
}

#[test]
fn a_list_is_told_by_number_issuer_and_dates() {
    let list = |dates: &[Vec<u8>], extensions: &[Vec<u8>]| {
        let list = List {
            dates: dates.concat(),
            ..List::with(extensions)
        };
        describe::list(&list.read().unwrap().facts, "a.pem")
    };
    let dates = [utc("200101000000Z"), utc("200201000000Z")];
    let number = extension(NUMBER, false, &integer(&[7]));
    assert_eq!(
        list(&dates, &[number]),
        "the list number 0x07 of `C = DE, CN = Root` in a.pem, issued 2020-01-01 00:00:00 UTC, \
         in force until 2020-02-01 00:00:00 UTC, 1 entry"
    );
    assert_eq!(
        list(&[utc("never")], &[]),
        "the list of `C = DE, CN = Root` in a.pem, issued ?, in force until it is replaced, 1 entry"
    );
}

#[test]
fn a_signature_is_named_by_its_algorithm() {
    let signature = |id: &[u8]| {
        describe::signature_algorithm(
            &Parts {
                algorithm: seq(&[oid(id)]),
                ..Parts::default()
            }
            .read(),
        )
    };
    let rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
    assert_eq!(signature(&rsa), "sha256WithRSAEncryption");
    assert_eq!(signature(ECDSA_SHA256), "ecdsa-with-SHA256");
    assert_eq!(signature(&[0x2a, 3]), "1.2.3");
}

#[test]
fn usages_and_purposes_have_names() {
    let with = |id, value: &[u8]| Parts::default().with(extension(id, false, value)).read();
    let usage = |octets: &[u8]| describe::key_usage(&with(KEY_USAGE, octets));
    assert_eq!(
        usage(&[3, 2, 1, 0x86]).as_deref(),
        Some("key usage Digital Signature, Key Cert Sign, CRL Sign")
    );
    assert_eq!(
        usage(&[3, 2, 5, 0x20]).as_deref(),
        Some("key usage Key Encipherment")
    );
    let purposes =
        |purposes: &[Vec<u8>]| describe::key_purposes(&with(EXTENDED_KEY_USAGE, &seq(purposes)));
    let any = oid(&[0x55, 0x1d, 37, 0]);
    let id_kp = |last| oid(&[0x2b, 6, 1, 5, 5, 7, 3, last]);
    let known = [
        (any, "any"),
        (id_kp(1), "serverAuth"),
        (id_kp(2), "clientAuth"),
        (id_kp(3), "codeSigning"),
        (id_kp(4), "emailProtection"),
        (id_kp(8), "timeStamping"),
        (id_kp(9), "OCSPSigning"),
        (id_kp(20), "sipDomain"),
        (id_kp(17), "1.3.6.1.5.5.7.3.17"),
    ];
    for (purpose, name) in &known {
        let found = purposes(std::slice::from_ref(purpose));
        assert_eq!(found, Some(format!("extended key usage {name}")));
    }
    let (all, names): (Vec<_>, Vec<_>) = known.into_iter().unzip();
    let names = names.join(", ");
    assert_eq!(purposes(&all), Some(format!("extended key usage {names}")));
    let plain = Parts::default().read();
    assert_eq!(
        (describe::key_usage(&plain), describe::key_purposes(&plain)),
        (None, None)
    );
}

#[test]
fn addresses_have_four_or_sixteen_octets() {
    assert_eq!(describe::address(&[192, 0, 2, 1]), "192.0.2.1");
    let mut long = [0; 16];
    (long[0], long[1], long[15]) = (0x20, 0x01, 0x01);
    assert_eq!(describe::address(&long), "2001::1");
    for other in [&[][..], &[1, 2, 3], &[0; 5], &[0; 8], &[0; 15], &[0; 17]] {
        assert_eq!(describe::address(other), "?");
    }
}

#[test]
fn a_url_of_the_issuers_certificate_is_found() {
    const AUTHORITY_INFO_ACCESS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
    let with = |extensions: &[Vec<u8>]| {
        let parts = Parts {
            extensions: extensions.to_vec(),
            ..Parts::default()
        };
        describe::names_issuer_certificate(&parts.read())
    };
    let access = |methods: &[u8]| {
        let method = |last: &u8| {
            seq(&[
                oid(&[0x2b, 6, 1, 5, 5, 7, 48, *last]),
                tlv(0x86, b"http://example.com"),
            ])
        };
        let all: Vec<_> = methods.iter().map(method).collect();
        extension(AUTHORITY_INFO_ACCESS, false, &seq(&all))
    };
    let usage = || extension(KEY_USAGE, false, &[3, 2, 0, 0x80]);
    // OCSP has the number 1, caIssuers 2.
    assert!(with(&[access(&[2])]) && with(&[access(&[1, 2])]));
    assert!(with(&[usage(), access(&[2, 1])]));
    assert!(!with(&[access(&[1])]) && !with(&[usage()]) && !with(&[]));
}
