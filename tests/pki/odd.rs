//! Certificates of `trusted-ca` that OpenSSL loads, even if it refuses them later.

use std::path::Path;

use sip_tls::Endpoint;
use sip_tls::options::TlsOptions;
use sip_tls::pki::{TrustedCertificate, roots};

use super::der::{indefinite, replaced};
use super::{Authority, Folder, block, list};
use crate::child;

/// A CA certificate that was changed after it was signed.
struct Case {
    name: &'static str,
    change: fn(&[u8]) -> Vec<u8>,
    /// Words of the flaw that is reported; `None` if the certificate can be used.
    flaw: Option<&'static str>,
}

#[test]
fn an_odd_certificate_does_not_harm_the_others_of_its_file() {
    let folder = Folder::new("odd");
    let Authority { ca, .. } = Authority::new();
    let first = block("CERTIFICATE", &ca);
    for case in CASES {
        let odd = block("CERTIFICATE", &(case.change)(&ca));
        let path = folder.write("ca.pem", format!("{first}{odd}"));
        let roots = roots::load(list(&path)).expect(case.name);
        assert_eq!(roots.certificates().len(), 2, "{}", case.name);
        let flaws: Vec<_> = roots.flaws().collect();
        assert_eq!(flaws.len(), usize::from(case.flaw.is_some()), "{flaws:?}");
        if let (Some(words), [flaw]) = (case.flaw, &flaws[..]) {
            let expected = format!(
                "block 2 (line {}) of {}: {words}; a path through this certificate is refused",
                first.lines().count() + 1,
                path.display()
            );
            assert_eq!(flaw.to_string(), expected);
            assert_eq!(flaw.origin().option(), "trusted-ca");
        }
    }
}

#[test]
fn openssl_loads_them_and_refuses_paths_through_those_with_a_flaw() {
    if !child::is_found("openssl") {
        return;
    }
    let folder = Folder::new("odd-openssl");
    let Authority { ca, end_entity, .. } = Authority::new();
    let leaf = folder.write("leaf.pem", block("CERTIFICATE", &end_entity));
    let good = block("CERTIFICATE", &ca);
    for case in CASES {
        let odd = (case.change)(&ca);
        let alone = folder.write("odd.pem", block("CERTIFICATE", &odd));
        let is_usable = case.flaw.is_none();
        assert_eq!(is_accepted(&alone, &leaf), is_usable, "{}", case.name);
        // With the same name and as the first of the two, it would be taken for the issuer.
        let renamed = block("CERTIFICATE", &replaced(&odd, b"rcgen self", b"other self"));
        let both = folder.write("ca.pem", format!("{renamed}{good}"));
        assert!(is_accepted(&both, &leaf), "{}", case.name);
    }
}

#[track_caller]
fn is_accepted(trusted: &Path, leaf: &Path) -> bool {
    let mut command = child::command("openssl");
    command.args(["verify", "-CAfile"]).args([trusted, leaf]);
    let output = child::output(&mut command);
    let says = String::from_utf8_lossy(&output.stderr);
    assert!(!says.contains("Error loading file"), "{says}");
    output.status.success()
}

#[test]
fn a_signature_matters_for_certificates_that_end_no_path() {
    let folder = Folder::new("odd-signature");
    let Authority { ca, end_entity, .. } = Authority::new();
    let odd = block("CERTIFICATE", &unused_signature_bits(&end_entity));
    let text = format!("{}{odd}", block("CERTIFICATE", &ca));
    let path = folder.write("ca.pem", text);
    let roots = roots::load(list(&path)).unwrap();
    let flaws: Vec<_> = roots.flaws().map(|flaw| flaw.to_string()).collect();
    assert_eq!(flaws.len(), 1, "{flaws:?}");
    assert!(flaws[0].contains(": its signature "), "{flaws:?}");
}

#[test]
fn a_certificate_in_ber_is_one_in_a_file_of_its_own_too() {
    let folder = Folder::new("odd-ber");
    let ber = indefinite(&Authority::new().ca);
    let path = folder.write("ca.der", &ber);
    let roots = roots::load(list(&path)).unwrap();
    assert_eq!(**roots.certificates()[0].der(), ber);
    let with_tail = folder.write("tail.der", [&ber[..], b"tail"].concat());
    let error = super::message(roots::load(list(&with_tail)));
    assert!(
        error.ends_with("other bytes follow after its end"),
        "{error}"
    );
}

#[test]
fn a_certificate_given_in_code_says_so() {
    let Authority { ca, .. } = Authority::new();
    let given = TrustedCertificate::from_der(no_z(&ca).into()).unwrap();
    let origin = given.origin();
    assert_eq!(
        (origin.option(), origin.path(), origin.block()),
        ("trusted-ca", None, None)
    );
    let flaws: Vec<_> = given.flaws().map(|flaw| flaw.to_string()).collect();
    let expected = "a value given in code: its notAfter cannot be read; \
                    a path through this certificate is refused";
    assert_eq!(flaws, [expected]);
    let damaged = TrustedCertificate::from_der(ca[..ca.len() - 1].to_vec().into());
    assert_eq!(
        super::message(damaged),
        "`trusted-ca`: a value given in code is damaged: its content does not have the expected structure"
    );
    let followed = TrustedCertificate::from_der([&ca[..], b"tail"].concat().into());
    assert!(super::message(followed).ends_with("other bytes follow after its end"));
}

#[test]
fn an_endpoint_warns_of_flaws() {
    let folder = Folder::new("odd-endpoint");
    let Authority { ca, .. } = Authority::new();
    let text = [ca.clone(), no_z(&ca)].map(|der| block("CERTIFICATE", &der));
    let path = folder.write("ca.pem", text.concat());
    let options = TlsOptions::builder().set("trusted-ca", path.to_str().unwrap());
    let (report, endpoint) = Endpoint::builder(options.build().unwrap()).build_with_report();
    assert!(endpoint.is_ok());
    let is_it = |warning: &String| {
        warning.starts_with("`trusted-ca`: block 2 (line ") && warning.contains("notAfter")
    };
    assert!(report.warnings().iter().any(is_it), "{report:?}");
}

const CASES: &[Case] = &[
    Case {
        name: "month 13",
        change: month_13,
        flaw: Some("its notBefore cannot be read"),
    },
    Case {
        name: "no Z",
        change: no_z,
        flaw: Some("its notAfter cannot be read"),
    },
    Case {
        name: "fractional seconds",
        change: |der| replaced(der, NOT_AFTER, b"409601010000.5Z"),
        flaw: Some("its notAfter cannot be read"),
    },
    Case {
        name: "unknown critical extension",
        change: |der| {
            let [named, unknown] = [19, 99].map(|last| [0x55, 0x1d, last, 1, 1, 0xff]);
            replaced(der, &named, &unknown)
        },
        flaw: Some("it has a critical extension that is not supported"),
    },
    Case {
        name: "malformed basicConstraints",
        change: |der| {
            replaced(
                der,
                &[4, 5, 0x30, 3, 1, 1, 0xff],
                &[4, 5, 0x30, 3, 5, 1, 0xff],
            )
        },
        flaw: Some("one of its extensions is malformed or occurs twice"),
    },
    Case {
        name: "unknown kind of key",
        change: |der| replaced(der, &[0xce, 0x3d, 2, 1, 6], &[0xce, 0x3d, 2, 99, 6]),
        flaw: Some("its public key cannot be read or is of a kind that is not supported"),
    },
    Case {
        name: "no point of the curve",
        change: |der| replaced(der, &[3, 0x42, 0, 4], &[3, 0x42, 0, 5]),
        flaw: Some("its public key cannot be read or is of a kind that is not supported"),
    },
    Case {
        name: "indefinite length",
        change: indefinite,
        flaw: None,
    },
    Case {
        name: "unused signature bits in a trust anchor",
        change: unused_signature_bits,
        flaw: None,
    },
    Case {
        name: "negative serial number",
        change: |der| {
            replaced(
                der,
                &[0xa0, 3, 2, 1, 2, 2, 1, 1],
                &[0xa0, 3, 2, 1, 2, 2, 1, 0x81],
            )
        },
        flaw: None,
    },
];

fn month_13(der: &[u8]) -> Vec<u8> {
    replaced(der, b"750101000000Z", b"751301000000Z")
}

fn no_z(der: &[u8]) -> Vec<u8> {
    replaced(der, NOT_AFTER, b"409601010000000")
}

/// Claims an unused bit in the signature. It is the last field: BIT STRING, its length, no unused bits, a SEQUENCE.
fn unused_signature_bits(der: &[u8]) -> Vec<u8> {
    let mut der = der.to_vec();
    let is_it = |octets: &[u8]| matches!(octets, [3, _, 0, 0x30]);
    let at = der.windows(4).rposition(is_it).unwrap();
    der[at + 2] = 1;
    der
}

const NOT_AFTER: &[u8] = b"40960101000000Z";
