use super::super::test_pki::{
    COMMON_NAME, CertificateSpec, IA5, SUBJECT_ALT_NAME, UTF8, attribute, extension, name, seq, tlv,
};
use super::*;

fn identities(alt_names: &[(u8, &[u8])]) -> PeerIdentities {
    let names: Vec<_> = alt_names
        .iter()
        .map(|(tag, name)| tlv(*tag, name))
        .collect();
    let spec = CertificateSpec {
        subject: name(&[
            attribute(COMMON_NAME, UTF8, b"Edge 7"),
            attribute(EMAIL_ADDRESS, IA5, b"ops@example.com"),
        ]),
        ..CertificateSpec::default()
    };
    let spec = spec.with(extension(SUBJECT_ALT_NAME, false, &seq(&names)));
    PeerIdentities::of(&spec.der().into(), Purpose::Client).unwrap()
}

#[test]
fn each_name_is_found_under_its_kind_once() {
    let found = identities(&[
        (0x86, b"sip:Example.com;transport=tls"),
        (0x86, b"sip:example.com."),
        (0x86, b"sips:example.net"),
        (0x86, b"sip:alice@example.org"),
        (0x82, b"Edge7.Provider.net"),
        (0x82, b"edge7.provider.net"),
        (0x82, b"*.provider.net"),
        (0x87, &[192, 0, 2, 7]),
        (
            0x87,
            &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
        ),
        (0x81, b"Alice@example.com"),
        (0x81, b"ops@example.com"),
    ]);
    assert_eq!(found.purpose(), Purpose::Client);
    assert_eq!(found.sip_domains(), ["example.com", "example.net"]);
    assert_eq!(found.dns_names(), ["edge7.provider.net", "*.provider.net"]);
    let addresses: [IpAddr; 2] = ["192.0.2.7", "2001:db8::7"].map(|text| text.parse().unwrap());
    assert_eq!(found.addresses(), addresses);
    assert_eq!(found.common_names(), ["Edge 7"]);
    assert_eq!(
        found.email_addresses(),
        ["Alice@example.com", "ops@example.com"]
    );
}

#[test]
fn a_domain_is_compared_as_rfc_5922_has_it() {
    let found = identities(&[(0x86, b"sip:Example.com"), (0x82, b"example.net")]);
    assert!(found.has_sip_domain("EXAMPLE.com."));
    for domain in ["example.net", "foo.example.com", "sip:example.com", ""] {
        assert!(!found.has_sip_domain(domain), "{domain}");
    }
}

#[test]
fn names_with_characters_that_are_none_of_theirs_are_left_out() {
    let found = identities(&[
        (0x82, b"example.com\0.evil.example"),
        (0x82, b"exa mple.com"),
        (0x82, b""),
        (0x81, b"alice@example.com\0"),
        (0x81, b"alice"),
        (0x87, &[192, 0, 2]),
    ]);
    assert!(found.dns_names().is_empty() && found.sip_domains().is_empty());
    assert_eq!(found.email_addresses(), ["ops@example.com"]);
    assert!(found.addresses().is_empty());
}

#[test]
fn what_is_no_certificate_has_no_identities() {
    assert_eq!(
        PeerIdentities::of(&[0x30, 0].as_slice().into(), Purpose::Server),
        None
    );
}

#[test]
fn a_fingerprint_is_printed_as_by_openssl() {
    let octets: [u8; 32] = std::array::from_fn(|i| 7 * i as u8);
    let printed = Fingerprint(octets).to_string();
    assert_eq!(printed.len(), 32 * 3 - 1);
    assert!(
        printed.starts_with("00:07:0E:15:") && printed.ends_with(":D2:D9"),
        "{printed}"
    );
    assert_eq!(format!("{:?}", Fingerprint(octets)), printed);
    assert_eq!(Fingerprint(octets).as_ref(), &octets);
}
