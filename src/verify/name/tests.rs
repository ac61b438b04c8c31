use super::super::test_pki::{
    BMP, COMMON_NAME, CertificateSpec, IA5, NUMERIC, ORGANIZATION, PRINTABLE, SUBJECT_ALT_NAME,
    Scratch, T61, UNIVERSAL, UTF8, attribute, extension, name, openssl, seq, text, tlv,
};
use super::*;

/// Names in a certificate, and the name that they are compared with.
struct Case {
    /// The names in the SAN, as tag and contents; no SAN if there are none.
    alt_names: &'static [(u8, &'static [u8])],
    /// The common names, as tag and contents.
    common_names: &'static [(u8, &'static [u8])],
    reference: &'static str,
    /// The answer of `openssl x509 -checkhost` and `-checkip`, 3.0.19.
    is_match: bool,
}

const DNS: u8 = 0x82;
const MAIL: u8 = 0x81;
const URI: u8 = 0x86;
const IP: u8 = 0x87;
const REGISTERED: u8 = 0x88;

/// One DNS name in the SAN.
const fn dns(
    name: &'static [(u8, &'static [u8])],
    reference: &'static str,
    is_match: bool,
) -> Case {
    Case {
        alt_names: name,
        common_names: &[(UTF8, b"unrelated.example.net")],
        reference,
        is_match,
    }
}

/// Common names and no SAN.
const fn common(
    names: &'static [(u8, &'static [u8])],
    reference: &'static str,
    is_match: bool,
) -> Case {
    Case {
        alt_names: &[],
        common_names: names,
        reference,
        is_match,
    }
}

const fn both(
    alt_names: &'static [(u8, &'static [u8])],
    common_names: &'static [(u8, &'static [u8])],
    reference: &'static str,
    is_match: bool,
) -> Case {
    Case {
        alt_names,
        common_names,
        reference,
        is_match,
    }
}

const CASES: &[Case] = &[
    // Letters, dots and odd characters.
    dns(&[(DNS, b"sip.example.com")], "sip.example.com", true),
    dns(&[(DNS, b"SIP.Example.COM")], "sip.eXample.com", true),
    dns(&[(DNS, b"sip.example.com")], "example.com", false),
    dns(&[(DNS, b"sip.example.com")], "a.sip.example.com", false),
    dns(&[(DNS, b"sip.example.com")], "sip.example.com.", false),
    dns(&[(DNS, b"sip.example.com.")], "sip.example.com.", true),
    dns(&[(DNS, b"sip.example.com.")], "sip.example.com", false),
    dns(&[(DNS, b"sip_1.example.com")], "sip_1.example.com", true),
    dns(&[(DNS, b"-sip.example.com")], "-sip.example.com", true),
    dns(&[(DNS, b"sip")], "sip", true),
    dns(&[(DNS, b"sip example")], "sip example", true),
    dns(&[(DNS, b" sip.example.com")], "sip.example.com", false),
    dns(
        &[(DNS, b"sip.example.com\0.evil.net")],
        "sip.example.com",
        false,
    ),
    dns(&[(DNS, b"sip.example.com\0")], "sip.example.com", false),
    dns(&[(DNS, b"\xfc.example.com")], "sip.example.com", false),
    dns(&[(DNS, "ü.example.com".as_bytes())], "ü.example.com", true),
    dns(&[(DNS, "Ü.example.com".as_bytes())], "ü.example.com", false),
    dns(
        &[(DNS, b"xn--tda.example.com")],
        "xn--tda.example.com",
        true,
    ),
    dns(&[(DNS, b"xn--tda.example.com")], "ü.example.com", false),
    dns(
        &[(DNS, b"a.example"), (DNS, b"b.example")],
        "b.example",
        true,
    ),
    dns(&[(DNS, b""), (DNS, b"b.example")], "b.example", true),
    // Hosts that begin with a dot.
    dns(&[(DNS, b"sip.example.com")], ".example.com", true),
    dns(&[(DNS, b"a.b.example.com")], ".example.com", true),
    dns(&[(DNS, b"example.com")], ".example.com", false),
    dns(&[(DNS, b".example.com")], ".example.com", true),
    dns(&[(DNS, b"*.example.com")], ".example.com", true),
    dns(&[(DNS, b"*.example.com")], ".sip.example.com", false),
    dns(&[(DNS, b"a\0b.example.com")], ".example.com", false),
    dns(&[(DNS, b"a.b.\0xample.com")], ".example.com", false),
    dns(&[(DNS, b"a.")], ".", false),
    dns(&[(DNS, b".")], ".", true),
    dns(&[(DNS, b".example.com")], "sip.example.com", false),
    // Wildcards that are a whole label.
    dns(&[(DNS, b"*.example.com")], "sip.example.com", true),
    dns(&[(DNS, b"*.EXAMPLE.com")], "SIP.example.COM", true),
    dns(&[(DNS, b"*.example.com")], "a.b.example.com", false),
    dns(&[(DNS, b"*.example.com")], "example.com", false),
    dns(&[(DNS, b"*.example.com")], "sip.example.com.", false),
    dns(&[(DNS, b"*.example.com.")], "sip.example.com.", false),
    dns(&[(DNS, b"*.example.com")], "s_p.example.com", false),
    dns(&[(DNS, b"*.example.com")], "-sip-.example.com", true),
    dns(&[(DNS, b"*.example.com")], "xn--tda.example.com", true),
    dns(&[(DNS, b"*.example.com")], "*.example.com", true),
    dns(&[(DNS, b"*.example.com")], "**.example.com", false),
    dns(&[(DNS, b"*.example.com")], "1.example.com", true),
    dns(&[(DNS, b"*.com")], "example.com", false),
    dns(&[(DNS, b"*.com")], "*.com", true),
    dns(&[(DNS, b"*")], "sip", false),
    dns(&[(DNS, b"*")], "*", true),
    dns(&[(DNS, b"*.*.com")], "a.b.com", false),
    dns(&[(DNS, b"*.*.com")], "*.*.com", true),
    dns(&[(DNS, b"**.example.com")], "sip.example.com", false),
    dns(&[(DNS, b"sip.*.com")], "sip.example.com", false),
    dns(&[(DNS, b"*.b_b.com")], "a.b_b.com", false),
    dns(&[(DNS, b"*.-b.com")], "a.-b.com", false),
    dns(&[(DNS, b"*.b-.com")], "a.b-.com", false),
    dns(&[(DNS, b"*..com")], "a..com", false),
    dns(&[(DNS, b"*.example.com-")], "a.example.com-", false),
    dns(&[(DNS, b"*.xn--tda.com")], "a.xn--tda.com", true),
    // Wildcards that are part of a label.
    dns(&[(DNS, b"s*.example.com")], "sip.example.com", true),
    dns(&[(DNS, b"s*.example.com")], "s.example.com", true),
    dns(&[(DNS, b"*p.example.com")], "sip.example.com", true),
    dns(&[(DNS, b"*p.example.com")], "p.example.com", true),
    dns(&[(DNS, b"s*p.example.com")], "sip.example.com", false),
    dns(&[(DNS, b"s*.example.com")], "tip.example.com", false),
    dns(&[(DNS, b"s*.example.com")], "s.a.example.com", false),
    dns(&[(DNS, b"s*.example.com")], "s_a.example.com", false),
    dns(&[(DNS, b"s*.com")], "sip.com", false),
    dns(&[(DNS, b"s-*.example.com")], "s-p.example.com", false),
    dns(&[(DNS, b"-s*.example.com")], "-sip.example.com", false),
    dns(&[(DNS, b"*-p.example.com")], "si-p.example.com", true),
    dns(&[(DNS, b"*p-.example.com")], "sip-.example.com", false),
    dns(&[(DNS, b"x*.example.com")], "xn--tda.example.com", false),
    dns(&[(DNS, b"x*.example.com")], "XN--tda.example.com", false),
    dns(&[(DNS, b"*a.example.com")], "xn--tda.example.com", false),
    dns(&[(DNS, b"xn--*.example.com")], "xn--tda.example.com", false),
    dns(
        &[(DNS, b"xn--t*.example.com")],
        "xn--tda.example.com",
        false,
    ),
    dns(&[(DNS, b"xn-t*.example.com")], "xn-tda.example.com", true),
    dns(&[(DNS, b"*xn--a.example.com")], "bxn--a.example.com", true),
    dns(&[(DNS, b"s*.example.com")], "s*.example.com", true),
    // The common name counts if the SAN has no DNS name, whatever else it has.
    common(&[(UTF8, b"sip.example.com")], "sip.example.com", true),
    common(&[(UTF8, b"*.example.com")], "sip.example.com", true),
    common(&[(UTF8, b"SIP.example.com")], "sip.EXAMPLE.com", true),
    common(&[(UTF8, b"sip.example.com")], ".example.com", true),
    both(
        &[(DNS, b"a.example")],
        &[(UTF8, b"sip.example.com")],
        "sip.example.com",
        false,
    ),
    both(
        &[(DNS, b"")],
        &[(UTF8, b"sip.example.com")],
        "sip.example.com",
        false,
    ),
    both(
        &[(IP, &[192, 0, 2, 7])],
        &[(UTF8, b"sip.example.com")],
        "sip.example.com",
        true,
    ),
    both(
        &[(MAIL, b"a@b.example")],
        &[(UTF8, b"sip.example.com")],
        "sip.example.com",
        true,
    ),
    both(
        &[(URI, b"sip:example.com")],
        &[(UTF8, b"sip.example.com")],
        "sip.example.com",
        true,
    ),
    both(
        &[(URI, b"sip:example.com")],
        &[(UTF8, b"sip.example.com")],
        "example.com",
        false,
    ),
    both(
        &[(REGISTERED, &[0x2a, 3])],
        &[(UTF8, b"sip.example.com")],
        "sip.example.com",
        true,
    ),
    // All common names, in every type of string.
    common(
        &[(UTF8, b"Sip Server"), (UTF8, b"sip.example.com")],
        "sip.example.com",
        true,
    ),
    common(
        &[(UTF8, b"sip.example.com"), (UTF8, b"Sip Server")],
        "sip.example.com",
        true,
    ),
    common(
        &[(UTF8, b""), (UTF8, b"sip.example.com")],
        "sip.example.com",
        true,
    ),
    common(&[(PRINTABLE, b"sip.example.com")], "sip.example.com", true),
    common(&[(PRINTABLE, b"*.example.com")], "sip.example.com", true),
    common(&[(IA5, b"sip.example.com")], "sip.example.com", true),
    common(&[(T61, b"sip.example.com")], "sip.example.com", true),
    common(&[(NUMERIC, b"1234567")], "1234567", true),
    common(&[(BMP, b"\0s\0i\0p\0.\0e")], "sip.e", true),
    common(&[(UNIVERSAL, b"\0\0\0s\0\0\0i\0\0\0p")], "sip", true),
    common(&[(T61, b"\xfc.example.com")], "ü.example.com", true),
    common(&[(BMP, b"\0\xfc\0.\0e")], "ü.e", true),
    common(
        &[(UTF8, b"sip.example.com\0.evil.net")],
        "sip.example.com",
        false,
    ),
    common(&[(BMP, b"\0s\0i\0p\0\0")], "sip", false),
    common(&[(UTF8, b"192.0.2.7")], "[192.0.2.7]", false),
    // Addresses are compared with addresses only.
    dns(&[(IP, &[192, 0, 2, 7])], "192.0.2.7", true),
    dns(&[(IP, &[192, 0, 2, 8])], "192.0.2.7", false),
    dns(
        &[(IP, &[192, 0, 2, 8]), (IP, &[192, 0, 2, 7])],
        "192.0.2.7",
        true,
    ),
    dns(
        &[(IP, &[192, 0, 2, 0, 255, 255, 255, 0])],
        "192.0.2.7",
        false,
    ),
    dns(&[(IP, &[])], "192.0.2.7", false),
    dns(
        &[(
            IP,
            &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        )],
        "2001:db8::1",
        true,
    ),
    dns(
        &[(
            IP,
            &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        )],
        "2001:DB8:0::1",
        true,
    ),
    dns(
        &[(
            IP,
            &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
        )],
        "2001:db8::1",
        false,
    ),
    dns(
        &[(IP, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 7])],
        "::ffff:192.0.2.7",
        true,
    ),
    dns(&[(IP, &[192, 0, 2, 7])], "::ffff:192.0.2.7", false),
    dns(
        &[(IP, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 7])],
        "192.0.2.7",
        false,
    ),
];

/// Cases of host names that look like addresses: SIP stacks may ask for them as names.
const ADDRESSES_AS_NAMES: &[(Case, bool)] = &[
    (dns(&[(DNS, b"*.0.2.7")], "192.0.2.7", false), true),
    (dns(&[(DNS, b"192.0.2.7")], "192.0.2.7", false), true),
    (common(&[(UTF8, b"192.0.2.7")], "192.0.2.7", false), true),
    (dns(&[(IP, &[192, 0, 2, 7])], "192.0.2.7", true), false),
];

impl Case {
    fn der(&self) -> Vec<u8> {
        let common_names: Vec<_> = self
            .common_names
            .iter()
            .map(|(tag, value)| attribute(COMMON_NAME, *tag, value))
            .collect();
        let spec = CertificateSpec {
            subject: name(&[vec![attribute(ORGANIZATION, UTF8, b"Test")], common_names].concat()),
            ..CertificateSpec::default()
        };
        let names: Vec<_> = self
            .alt_names
            .iter()
            .map(|(tag, content)| tlv(*tag, content))
            .collect();
        match names.is_empty() {
            true => spec,
            false => spec.with(extension(SUBJECT_ALT_NAME, false, &seq(&names))),
        }
        .der()
    }

    fn matching(&self, reference: &ReferenceName) -> Option<String> {
        let der = self.der();
        let certificate = Certificate::parse(der.into()).unwrap();
        assert!(!certificate.extensions.is_invalid, "{}", self.describe());
        matching(&certificate, reference, NameCheck::Host)
    }

    fn describe(&self) -> String {
        let show = |names: &[(u8, &[u8])]| {
            let shown = names
                .iter()
                .map(|(_, name)| String::from_utf8_lossy(name).into_owned());
            shown.collect::<Vec<_>>().join(" ")
        };
        let (alt, common) = (show(self.alt_names), show(self.common_names));
        format!("SAN [{alt}] CN [{common}] asked for [{}]", self.reference)
    }
}

/// Every case as a host name, an address, or both, with what is expected.
fn questions() -> impl Iterator<Item = (&'static Case, ReferenceName, bool)> {
    let plain = CASES
        .iter()
        .map(|case| (case, ReferenceName::new(case.reference), case.is_match));
    let as_address = ADDRESSES_AS_NAMES
        .iter()
        .map(|(case, _)| (case, ReferenceName::new(case.reference), case.is_match));
    let as_name = ADDRESSES_AS_NAMES.iter().map(|(case, is_match)| {
        let name = ReferenceName::Dns(case.reference.to_owned());
        (case, name, *is_match)
    });
    plain.chain(as_address).chain(as_name)
}

#[test]
fn names_match_as_in_openssl() {
    let wrong: Vec<_> = questions()
        .filter(|(case, reference, is_match)| case.matching(reference).is_some() != *is_match)
        .map(|(case, ..)| case.describe())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[ignore = "asks the program openssl"]
fn the_recorded_matches_are_those_of_openssl() {
    let scratch = Scratch::new();
    let ask = |case: &Case, reference: &ReferenceName| {
        let option = match reference {
            ReferenceName::Dns(_) => "-checkhost",
            ReferenceName::Ip(_) => "-checkip",
        };
        let file = scratch.write("certificate", &case.der());
        let file = file.to_str().unwrap();
        let output = openssl(&[
            "x509",
            "-inform",
            "DER",
            "-in",
            file,
            "-noout",
            option,
            case.reference,
        ]);
        match text(&output) {
            said if said.contains("does match") => true,
            said if said.contains("does NOT match") => false,
            said => panic!("{} {said}", case.describe()),
        }
    };
    let wrong: Vec<_> = questions()
        .filter(|(case, reference, is_match)| ask(case, reference) != *is_match)
        .map(|(case, ..)| case.describe())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_name_that_matched_is_the_one_in_the_certificate() {
    let wildcard = dns(&[(DNS, b"a.example"), (DNS, b"*.Example.com")], "", true);
    let found = wildcard.matching(&ReferenceName::new("sip.example.com"));
    assert_eq!(found.as_deref(), Some("*.Example.com"));
    let common_name = common(&[(BMP, b"\0S\0i\0p")], "", true);
    let found = common_name.matching(&ReferenceName::new("sip"));
    assert_eq!(found.as_deref(), Some("Sip"));
    let address = dns(&[(IP, &[192, 0, 2, 7])], "", true);
    let found = address.matching(&ReferenceName::new("192.0.2.7"));
    assert_eq!(found.as_deref(), Some("192.0.2.7"));
}

#[test]
fn a_name_with_nul_and_an_empty_name_match_nothing() {
    for name in ["", "sip.example.com\0", "\0"] {
        let reference = ReferenceName::Dns(name.to_owned());
        for presented in [&b""[..], b"sip.example.com", b"\0", b"sip.example.com\0"] {
            let alt_name = extension(SUBJECT_ALT_NAME, false, &seq(&[tlv(DNS, presented)]));
            let certificate = CertificateSpec::default().with(alt_name).certificate();
            assert_eq!(
                matching(&certificate, &reference, NameCheck::Host),
                None,
                "{name:?} {presented:?}"
            );
        }
    }
}

#[test]
fn a_common_name_that_is_no_text_hides_those_after_it() {
    // A BMPString of half a surrogate pair. `openssl x509 -checkhost` gives the same answer for both orders.
    let damaged = attribute(COMMON_NAME, BMP, b"\xd8\x00");
    let good = attribute(COMMON_NAME, UTF8, b"sip.example.com");
    let reference = ReferenceName::new("sip.example.com");
    let ask = |attributes: &[Vec<u8>]| {
        let spec = CertificateSpec {
            subject: name(attributes),
            ..CertificateSpec::default()
        };
        match Certificate::parse(spec.der().into()) {
            Ok(certificate) => matching(&certificate, &reference, NameCheck::Host).is_some(),
            Err(_) => false,
        }
    };
    assert!(!ask(&[damaged, good]));
}

#[test]
fn an_address_in_any_notation_is_an_address() {
    let address = |text: &str| ReferenceName::Ip(text.parse().unwrap());
    assert_eq!(ReferenceName::new("192.0.2.7"), address("192.0.2.7"));
    assert_eq!(ReferenceName::new("2001:db8::1"), address("2001:db8::1"));
    assert_eq!(ReferenceName::new("[2001:db8::1]"), address("2001:db8::1"));
    for name in [
        "sip.example.com",
        "192.0.2",
        "[192.0.2.7]",
        "[sip]",
        "192.0.2.7.",
        "",
        "_sip",
    ] {
        assert_eq!(
            ReferenceName::new(name),
            ReferenceName::Dns(name.to_owned())
        );
    }
}

#[test]
fn names_of_rustls_are_taken_as_they_are() {
    let name = ServerName::try_from("SIP.example.com").unwrap();
    assert_eq!(
        ReferenceName::from(&name),
        ReferenceName::Dns("SIP.example.com".to_owned())
    );
    let address = ServerName::try_from("2001:db8::1").unwrap();
    assert_eq!(
        ReferenceName::from(address),
        ReferenceName::new("[2001:db8::1]")
    );
}
