use super::super::test_pki::{
    COMMON_NAME, CertificateSpec, SUBJECT_ALT_NAME, UTF8, attribute, cn, extension, name, seq, tlv,
};
use super::*;

/// A name of the subjectAltName: its tag, and its content.
type AltName<'a> = (u8, &'a [u8]);

const DNS: u8 = 0x82;
const MAIL: u8 = 0x81;
const URI: u8 = 0x86;
const IP: u8 = 0x87;

/// A certificate with these names, and the common name `cn.example`.
fn certificate(alt_names: &[AltName<'_>]) -> Certificate<'static> {
    let names: Vec<_> = alt_names
        .iter()
        .map(|(tag, name)| tlv(*tag, name))
        .collect();
    let spec = CertificateSpec {
        subject: cn("cn.example"),
        ..CertificateSpec::default()
    };
    spec.with(extension(SUBJECT_ALT_NAME, false, &seq(&names)))
        .certificate()
}

/// The domains of a certificate with these names.
fn found(alt_names: &[AltName<'_>]) -> Vec<String> {
    let certificate = certificate(alt_names);
    let domains = domains(&certificate).into_iter();
    domains.map(|found| found.domain.into_owned()).collect()
}

/// Whether a certificate with this name matches the domain.
fn is_of(alt_name: AltName<'_>, domain: &str) -> bool {
    matching(&certificate(&[alt_name]), domain).is_some()
}

#[test]
fn section_7_1_a_uri_of_another_scheme_is_no_sip_domain() {
    for uri in [
        "https://example.com",
        "http://example.com",
        "im:example.com",
        "tel:+4930123",
        "sipx:example.com",
        "urn:sip:example.com",
        " sip:example.com",
        "example.com",
        "",
    ] {
        assert!(found(&[(URI, uri.as_bytes())]).is_empty(), "{uri}");
    }
}

#[test]
fn section_7_1_the_scheme_is_sip_in_any_case() {
    for uri in ["sip:example.com", "SIP:example.com", "sIp:example.com"] {
        assert_eq!(found(&[(URI, uri.as_bytes())]), ["example.com"], "{uri}");
    }
}

#[test]
fn section_7_1_a_uri_with_a_user_is_no_domain() {
    for uri in [
        "sip:alice@example.com",
        "sip:@example.com",
        "sip:alice:secret@example.com",
        "sips:alice@example.com",
        "sip:example.com;user@other.example",
        "sip:example.com?subject=a@b",
    ] {
        assert!(found(&[(URI, uri.as_bytes())]).is_empty(), "{uri}");
    }
}

#[test]
fn section_7_1_the_host_of_a_uri_without_user_is_a_domain() {
    for (uri, domain) in [
        ("sip:example.com", "example.com"),
        ("sip:example.com:5061", "example.com"),
        ("sip:example.com;transport=tls", "example.com"),
        (
            "sip:example.com:5061;transport=tls?priority=urgent",
            "example.com",
        ),
        ("sip:example.com.", "example.com."),
        ("sip:192.0.2.7", "192.0.2.7"),
        ("sip:[2001:db8::7]:5061", "2001:db8::7"),
    ] {
        assert_eq!(found(&[(URI, uri.as_bytes())]), [domain], "{uri}");
    }
}

#[test]
fn section_7_1_each_uri_is_a_domain() {
    let uris: [AltName<'_>; 3] = [
        (URI, b"sip:example.com"),
        (URI, b"https://example.org"),
        (URI, b"sip:example.net"),
    ];
    assert_eq!(found(&uris), ["example.com", "example.net"]);
}

#[test]
fn section_7_1_dns_names_count_only_without_a_uri() {
    let uri = (URI, &b"sip:example.com"[..]);
    let dns = (DNS, &b"example.net"[..]);
    assert_eq!(found(&[dns, uri]), ["example.com"]);
    assert_eq!(found(&[uri, dns]), ["example.com"]);
    assert_eq!(
        found(&[dns, (DNS, b"example.org")]),
        ["example.net", "example.org"]
    );
    // A URI that names no domain does not replace the DNS names.
    assert_eq!(
        found(&[(URI, b"sip:alice@example.com"), dns]),
        ["example.net"]
    );
    assert_eq!(
        found(&[(URI, b"https://example.com"), dns]),
        ["example.net"]
    );
}

#[test]
fn section_7_1_no_other_kind_of_name_is_a_domain() {
    let others: [AltName<'_>; 2] = [(MAIL, b"alice@example.com"), (IP, &[192, 0, 2, 7])];
    assert!(found(&others).is_empty());
}

#[test]
fn section_7_1_the_common_name_counts_only_without_a_subject_alt_name() {
    let spec = || CertificateSpec {
        subject: cn("example.com"),
        ..CertificateSpec::default()
    };
    let domains_of = |spec: CertificateSpec| {
        let certificate = spec.certificate();
        let found = domains(&certificate).into_iter();
        found
            .map(|found| found.domain.into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(domains_of(spec()), ["example.com"]);
    for names in [
        vec![tlv(URI, b"sip:example.net")],
        vec![tlv(DNS, b"example.net")],
        vec![tlv(URI, b"sip:alice@example.com")],
        vec![tlv(MAIL, b"alice@example.com")],
        vec![tlv(IP, &[192, 0, 2, 7])],
        vec![],
    ] {
        let with_names = spec().with(extension(SUBJECT_ALT_NAME, false, &seq(&names)));
        let found = domains_of(with_names);
        assert!(!found.contains(&"example.com".to_owned()), "{names:?}");
    }
}

#[test]
fn section_7_1_what_is_no_dns_name_in_the_common_name_is_no_domain() {
    for text in [
        "Example Ltd",
        "sip:example.com",
        "example.com\0",
        "",
        "ü.example",
    ] {
        let spec = CertificateSpec {
            subject: name(&[attribute(COMMON_NAME, UTF8, text.as_bytes())]),
            ..CertificateSpec::default()
        };
        if let Ok(certificate) = Certificate::parse(spec.der().into()) {
            let found = domains(&certificate);
            assert!(found.is_empty(), "{text}");
            assert_eq!(matching(&certificate, "example.com"), None, "{text}");
        }
    }
}

#[test]
fn section_7_2_scheme_port_and_parameters_are_not_compared() {
    for uri in [
        "sip:example.com",
        "sip:example.com:5061",
        "sip:example.com:9",
        "sip:example.com;transport=udp",
    ] {
        assert!(is_of((URI, uri.as_bytes()), "example.com"), "{uri}");
    }
}

#[test]
fn section_7_2_case_does_not_matter() {
    assert!(is_of((URI, b"sip:Example.COM"), "eXample.com"));
    assert!(is_of((DNS, b"Example.COM"), "eXample.com"));
}

#[test]
fn section_7_2_domains_match_whole_and_by_no_suffix() {
    for domain in [
        "foo.example.com",
        "ample.com",
        "com",
        ".example.com",
        "example.com.evil",
        "",
    ] {
        assert!(!is_of((URI, b"sip:example.com"), domain), "{domain}");
        assert!(!is_of((DNS, b"example.com"), domain), "{domain}");
    }
    assert!(!is_of((URI, b"sip:foo.example.com"), "example.com"));
}

#[test]
fn section_7_2_there_are_no_wildcards() {
    for wildcard in ["*.example.com", "f*.example.com", ".example.com"] {
        let uri = format!("sip:{wildcard}");
        for domain in ["foo.example.com", "example.com"] {
            assert!(
                !is_of((DNS, wildcard.as_bytes()), domain),
                "{wildcard} {domain}"
            );
            assert!(!is_of((URI, uri.as_bytes()), domain), "{wildcard} {domain}");
        }
        // A wildcard matches itself, and nothing else.
        assert!(is_of((DNS, wildcard.as_bytes()), wildcard), "{wildcard}");
        assert!(is_of((URI, uri.as_bytes()), wildcard), "{wildcard}");
    }
}

#[test]
fn section_7_2_a_domain_in_unicode_is_compared_as_its_a_labels() {
    assert!(is_of((URI, b"sip:xn--bcher-kva.example"), "bücher.example"));
    assert!(is_of((URI, b"sip:XN--BCHER-KVA.example"), "Bücher.Example"));
    assert!(is_of(
        (DNS, b"xn--bcher-kva.example"),
        "xn--bcher-kva.example"
    ));
    assert!(!is_of((DNS, b"bucher.example"), "bücher.example"));
    assert!(!is_of(
        (URI, "sip:bücher.example".as_bytes()),
        "bücher.example"
    ));
}

#[cfg(feature = "tokio")]
#[test]
fn the_spellings_of_a_domain_have_one_normal_form() {
    for spelling in ["bücher.example", "BÜCHER.Example.", "XN--bcher-KVA.example"] {
        assert_eq!(normalised(spelling), "xn--bcher-kva.example", "{spelling}");
    }
    assert_eq!(normalised("Example.COM"), "example.com");
    assert_eq!(normalised("example.com.."), "example.com.");
}

#[test]
fn a_dot_at_the_end_is_that_of_the_root() {
    assert!(is_of((URI, b"sip:example.com."), "example.com"));
    assert!(is_of((URI, b"sip:example.com"), "example.com."));
    assert!(!is_of((URI, b"sip:example.com.."), "example.com"));
    assert!(!is_of((URI, b"sip:."), "."));
}

#[test]
fn a_sips_uri_counts_as_a_sip_one() {
    let sips = (URI, &b"sips:example.com"[..]);
    assert_eq!(found(&[(DNS, b"example.net"), sips]), ["example.com"]);
    let certificate = certificate(&[sips]);
    assert_eq!(
        matching(&certificate, "EXAMPLE.com").as_deref(),
        Some("sips:example.com")
    );
}

#[test]
fn what_is_no_host_is_no_domain() {
    for uri in [
        "sip:",
        "sip::5061",
        "sip:;transport=tls",
        "sip://example.com",
        "sip:example.com/path",
        "sip:exa%6dple.com",
        "sip:example.com\0.evil.example",
        "sip:example .com",
        "sip:[2001:db8::7",
        "sip:exämple.com",
    ] {
        assert!(found(&[(URI, uri.as_bytes())]).is_empty(), "{uri:?}");
    }
    assert!(found(&[(URI, b"sip:\xff.example")]).is_empty());
    assert!(found(&[(DNS, b"example.com\0")]).is_empty());
}

#[test]
fn a_refusal_lists_the_domains_and_how_many_more() {
    let listed = |count: usize| {
        let names: Vec<_> = (0..count).map(|i| format!("sip:{i}.example")).collect();
        listed(&names)
    };
    assert_eq!(listed(0), "it names no SIP domain (RFC 5922, section 7.1)");
    assert_eq!(listed(1), "its SIP domain is `sip:0.example` (RFC 5922)");
    assert_eq!(
        listed(2),
        "its SIP domains are `sip:0.example`, `sip:1.example` (RFC 5922)"
    );
    assert!(listed(12).ends_with("`sip:9.example` and 2 more (RFC 5922)"));
}
