//! What certificates are good for, by their extensions.

use crate::options::NameCheck;
use crate::verify::extensions::fits_purpose;
use crate::verify::purpose::Purpose;
use crate::verify::test_pki::*;

/// The lines `SSL client`, `SSL client CA`, `SSL server` and `SSL server CA` of `openssl x509 -purpose`, 3.0.19.
type Purposes = [bool; 4];

const NOTHING: Purposes = [false; 4];
const CLIENT: Purposes = [true, false, false, false];
const SERVER: Purposes = [false, false, true, false];
const BOTH: Purposes = [true, false, true, false];
const CA: Purposes = [false, true, false, true];
const ANYTHING: Purposes = [true; 4];

/// Extensions, and what a certificate with them is good for.
fn cases() -> Vec<(Vec<Vec<u8>>, Purposes)> {
    let ca = |is_ca| {
        let fields = if is_ca { vec![boolean(true)] } else { vec![] };
        extension(BASIC_CONSTRAINTS, true, &seq(&fields))
    };
    let usage = |bits: &[u8]| extension(KEY_USAGE, true, &tlv(0x03, &[&[0], bits].concat()));
    let netscape = |bits: u8| extension(NETSCAPE_CERT_TYPE, false, &tlv(0x03, &[0, bits]));
    let purposes = key_purposes;
    vec![
        (vec![], BOTH),
        // digitalSignature to decipherOnly.
        (vec![usage(&[0x80])], BOTH),
        (vec![usage(&[0x40])], NOTHING),
        (vec![usage(&[0x20])], SERVER),
        (vec![usage(&[0x10])], NOTHING),
        (vec![usage(&[0x08])], BOTH),
        (vec![usage(&[0x04])], CA),
        (vec![usage(&[0x02])], NOTHING),
        (vec![usage(&[0x01])], NOTHING),
        (vec![usage(&[0, 0x80])], NOTHING),
        (vec![usage(&[0x84])], ANYTHING),
        (vec![ca(true)], ANYTHING),
        (vec![ca(false)], BOTH),
        (vec![ca(true), usage(&[0x80])], BOTH),
        (vec![ca(true), usage(&[0x06])], CA),
        (vec![ca(false), usage(&[0x04])], NOTHING),
        (vec![purposes(&[CLIENT_AUTH])], CLIENT),
        (vec![purposes(&[SERVER_AUTH])], SERVER),
        (vec![purposes(&[MICROSOFT_SGC])], SERVER),
        (vec![purposes(&[NETSCAPE_SGC])], SERVER),
        (
            vec![purposes(&[CODE_SIGNING, CLIENT_AUTH, SERVER_AUTH])],
            BOTH,
        ),
        (vec![purposes(&[CODE_SIGNING])], NOTHING),
        (vec![purposes(&[ANY_PURPOSE])], NOTHING),
        (vec![purposes(&[SIP_DOMAIN])], NOTHING),
        (
            vec![ca(true), purposes(&[CLIENT_AUTH])],
            [true, true, false, false],
        ),
        (
            vec![ca(true), purposes(&[SERVER_AUTH])],
            [false, false, true, true],
        ),
        (vec![purposes(&[SERVER_AUTH]), usage(&[0x40])], NOTHING),
        // From a client's certificate to a CA for objects.
        (vec![netscape(0x80)], CLIENT),
        (vec![netscape(0x40)], SERVER),
        (vec![netscape(0x20)], NOTHING),
        (vec![netscape(0x10)], NOTHING),
        (vec![netscape(0x08)], NOTHING),
        (vec![netscape(0x04)], CA),
        (vec![netscape(0x02)], NOTHING),
        (vec![netscape(0x01)], NOTHING),
        (vec![netscape(0xc6)], ANYTHING),
        (vec![netscape(0x06), ca(false)], NOTHING),
        (vec![netscape(0x02), ca(true)], CA),
        (vec![netscape(0x02), usage(&[0x04])], CA),
        (vec![netscape(0x04), usage(&[0x80])], NOTHING),
        (vec![netscape(0x40), usage(&[0x20])], SERVER),
        (vec![netscape(0x80), usage(&[0x20])], NOTHING),
    ]
}

fn spec(extensions: &[Vec<u8>]) -> CertificateSpec {
    CertificateSpec {
        extensions: extensions.to_vec(),
        ..CertificateSpec::default()
    }
}

fn purposes_of(spec: &CertificateSpec, name_check: NameCheck) -> Purposes {
    let certificate = spec.certificate();
    let fits = |purpose, as_ca| fits_purpose(&certificate, purpose, name_check, as_ca);
    let (client, server) = (Purpose::Client, Purpose::Server);
    [
        fits(client, false),
        fits(client, true),
        fits(server, false),
        fits(server, true),
    ]
}

#[test]
fn certificates_are_good_for_the_purposes_that_openssl_prints() {
    for (extensions, expected) in cases() {
        for name_check in [NameCheck::Host, NameCheck::Off] {
            let found = purposes_of(&spec(&extensions), name_check);
            assert_eq!(found, expected, "{extensions:x?} {name_check:?}");
        }
    }
}

#[test]
#[ignore = "asks the program openssl"]
fn the_recorded_purposes_are_those_of_openssl() {
    let scratch = Scratch::new();
    for (extensions, expected) in cases() {
        let file = scratch.write("certificate", &spec(&extensions).der());
        let file = file.to_str().unwrap();
        let printed = text(&openssl(&[
            "x509", "-inform", "DER", "-in", file, "-noout", "-purpose",
        ]));
        let lines = ["SSL client", "SSL client CA", "SSL server", "SSL server CA"];
        let found = lines.map(|line| {
            let yes = format!("{line} : Yes");
            printed.lines().any(|printed| printed.starts_with(&yes))
        });
        assert_eq!(found, expected, "{extensions:x?}\n{printed}");
    }
}

/// RFC 5924, section 4.
#[test]
fn the_purpose_of_sip_domains_counts_only_if_names_are_compared_by_the_rules_of_sip() {
    let spec = spec(&[key_purposes(&[SIP_DOMAIN])]);
    for (name_check, expected) in [
        (NameCheck::Sip, BOTH),
        (NameCheck::Host, NOTHING),
        (NameCheck::Off, NOTHING),
    ] {
        assert_eq!(purposes_of(&spec, name_check), expected, "{name_check:?}");
    }
}

#[test]
fn a_certificate_with_a_damaged_extension_is_not_a_ca() {
    let damaged = extension(SUBJECT_KEY_ID, false, b"?");
    let spec = CertificateSpec::root().with(damaged);
    assert_eq!(purposes_of(&spec, NameCheck::Host), BOTH);
}

const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
const SIP_DOMAIN: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 20];
const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 37, 0];
const MICROSOFT_SGC: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 3];
const NETSCAPE_SGC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 4, 1];
