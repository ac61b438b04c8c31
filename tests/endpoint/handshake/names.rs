//! The names in a server's certificate, compared with the host that we connect to.

use rustls::AlertDescription as Alert;
use sip_tls::verify::VerifyCode;

use super::{Case, Refusal, TestPki, refused};
use crate::endpoint::test_pki::{HOST, Identity};

#[test]
fn with_the_name_check_a_server_must_carry_the_host_as_openssl_reads_names() {
    let pki = TestPki::get();
    let other = refused(VerifyCode::HostnameMismatch, 0, Alert::BadCertificate);
    let other_ip = refused(VerifyCode::IpAddressMismatch, 0, Alert::BadCertificate);
    let cases: [(&str, &Identity, &str, Option<Refusal>); 17] = [
        ("the name itself", &pki.good, HOST, None),
        ("capitals", &pki.good, "SIP.Example.COM", None),
        ("another name", &pki.good, "other.example.com", other),
        ("a name below", &pki.good, "a.sip.example.com", other),
        ("common name alone", &pki.cn_only, HOST, None),
        (
            "common name beside a DNS name",
            &pki.cn_overruled,
            HOST,
            other,
        ),
        (
            "the DNS name beside",
            &pki.cn_overruled,
            "other.example.org",
            None,
        ),
        ("wildcard", &pki.wildcard, HOST, None),
        ("wildcard, no label", &pki.wildcard, "example.com", other),
        (
            "wildcard, two labels",
            &pki.wildcard,
            "a.sip.example.com",
            other,
        ),
        ("partial wildcard", &pki.partial_wildcard, HOST, None),
        (
            "partial wildcard, misfit",
            &pki.partial_wildcard,
            "tip.example.com",
            other,
        ),
        ("address", &pki.address, "192.0.2.7", None),
        ("another address", &pki.address, "192.0.2.8", other_ip),
        (
            "address in the common name",
            &pki.cn_address,
            "192.0.2.7",
            other_ip,
        ),
        ("address without any", &pki.good, "192.0.2.7", other_ip),
        ("IPv6 address", &pki.local, "::1", None),
    ];
    for (what, peer, host, refusal) in cases {
        let case = Case {
            what,
            peer,
            settings: &[("tls-target-name-check", "host")],
            refusal,
        };
        case.run_as_server(host);
    }
}

#[test]
fn without_the_name_check_any_host_is_accepted_and_all_other_checks_are_made() {
    let pki = TestPki::get();
    let cases = [
        (None, &pki.good),
        (
            refused(VerifyCode::CertHasExpired, 0, Alert::CertificateExpired),
            &pki.expired,
        ),
    ];
    for (refusal, peer) in cases {
        for settings in [&[][..], &[("tls-target-name-check", "no")]] {
            let case = Case {
                what: "no name check",
                peer,
                settings,
                refusal,
            };
            case.run_as_server("elsewhere.example.net");
            case.run_as_server("198.51.100.9");
        }
    }
}

#[test]
fn a_clients_name_is_not_checked() {
    let case = Case {
        what: "a name that is nobody's",
        peer: &TestPki::get().cn_overruled,
        settings: &[("tls-target-name-check", "host"), ("tls-target-name", HOST)],
        refusal: None,
    };
    case.run_as_client();
}
