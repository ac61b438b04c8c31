//! The parts of a list that are read, and the lists that are refused at once.

use rustls::pki_types::CertificateRevocationListDer;

use super::super::RevocationIndex;
use super::list::*;
use crate::verify::test_pki::*;
use crate::x509::CertificateList;
use crate::x509::CrlError;

/// Damage to a list, and the part that the error names.
struct Damaged {
    what: &'static str,
    list: ListSpec,
    part: &'static str,
}

fn part_of(error: Option<CrlError>) -> Option<&'static str> {
    match error? {
        CrlError::Malformed { part } | CrlError::Unreadable { part } => Some(part),
        _ => None,
    }
}

fn error_of(list: &ListSpec) -> Option<CrlError> {
    list.parse().err()
}

#[test]
fn a_list_says_whose_it_is_and_how_long_it_lasts() {
    let spec = revoking()
        .with(number(&[0x10, 0]))
        .with_entry(entry_with(&[6], &[reason(8)]));
    let index = RevocationIndex::new(vec![spec.parse().unwrap()]);
    let facts: Vec<_> = index.facts().collect();
    let [facts] = facts[..] else {
        panic!("{facts:?}")
    };
    assert_eq!(facts.issuer(), "C = DE, CN = Root");
    assert_eq!(facts.entries(), 3);
    assert_eq!(facts.this_update(), Some(1_748_736_000));
    assert_eq!(facts.next_update(), Some(1_751_328_000));
    assert_eq!(facts.number(), Some("0x1000"));
}

#[test]
fn a_list_need_not_say_when_the_next_one_comes_nor_its_number() {
    let spec = ListSpec {
        next_update: None,
        ..list()
    };
    let list = spec.parse().unwrap();
    assert_eq!(list.facts.next_update(), None);
    assert_eq!(list.facts.number(), None);
}

#[test]
fn a_delta_list_is_refused() {
    // OpenSSL 3.0.19 treats it as a complete list, 3.0.22 ignores it.
    for is_critical in [true, false] {
        let delta = extension(DELTA_CRL_INDICATOR, is_critical, &integer(&[1]));
        assert_eq!(error_of(&list().with(delta)), Some(CrlError::Delta));
    }
    let damaged = extension(DELTA_CRL_INDICATOR, true, b"?");
    assert_eq!(error_of(&list().with(damaged)), Some(CrlError::Delta));
}

#[test]
fn a_damaged_list_is_refused() {
    let with_entry = |entry| list().with_entry(entry);
    let with_entry_extension = |extension| with_entry(entry_with(&[6], &[extension]));
    let generalized_dates = seq(&[integer(&[6]), tlv(0x18, b"20250501000000Z")]);
    assert_eq!(error_of(&with_entry(generalized_dates)), None);
    let cases = [
        Damaged {
            what: "an issuer that is no text",
            list: ListSpec {
                issuer: name(&[attribute(COMMON_NAME, UTF8, b"\xff")]),
                ..list()
            },
            part: "issuer",
        },
        Damaged {
            what: "an empty serial number",
            list: list().revoking(&[]),
            part: "revokedCertificates",
        },
        Damaged {
            what: "a padded serial number",
            list: list().revoking(&[0, 1]),
            part: "revokedCertificates",
        },
        Damaged {
            what: "an entry without a date",
            list: with_entry(seq(&[integer(&[6])])),
            part: "revokedCertificates",
        },
        Damaged {
            what: "an entry with something after it",
            list: with_entry(seq(&[entry(&[6])[2..].to_vec(), integer(&[1])])),
            part: "revokedCertificates",
        },
        Damaged {
            what: "a damaged reason",
            list: with_entry_extension(extension(CRL_REASON, false, &integer(&[1]))),
            part: "reasonCode",
        },
        Damaged {
            what: "two reasons",
            list: with_entry(entry_with(&[6], &[reason(8), reason(1)])),
            part: "reasonCode",
        },
        Damaged {
            what: "a damaged issuer of an entry",
            list: with_entry_extension(extension(CERTIFICATE_ISSUER, true, b"?")),
            part: "certificateIssuer",
        },
        Damaged {
            what: "a damaged scope",
            list: list().with(extension(ISSUING_DISTRIBUTION_POINT, true, b"?")),
            part: "issuingDistributionPoint",
        },
        Damaged {
            what: "two scopes",
            list: list().with(idp(&[])).with(idp(&[])),
            part: "issuingDistributionPoint",
        },
        Damaged {
            what: "a damaged key identifier",
            list: list().with(extension(AUTHORITY_KEY_ID, false, b"?")),
            part: "authorityKeyIdentifier",
        },
        Damaged {
            what: "an extension that is none",
            list: list().with(integer(&[1])),
            part: "crlExtensions",
        },
    ];
    for Damaged { what, list, part } in cases {
        assert_eq!(part_of(error_of(&list)), Some(part), "{what}");
    }
}

#[test]
fn no_list_that_is_cut_short_or_altered_makes_the_reader_panic() {
    let scope = idp(&[
        full_name(&[uri("http://a.example/"), directory(&cn("A"))]),
        tlv(0x81, &[1]),
    ]);
    let issuer = extension(CERTIFICATE_ISSUER, true, &seq(&[directory(&root_name())]));
    let der = revoking()
        .with_entry(entry_with(&[6], &[reason(1), issuer]))
        .with(scope)
        .with(number(&[1]))
        .with_key_id()
        .der();
    let parse =
        |der: &[u8]| CertificateList::parse(CertificateRevocationListDer::from(der.to_vec()));
    assert!(parse(&der).is_ok());
    for len in 0..der.len() {
        assert!(parse(&der[..len]).is_err(), "{len}");
    }
    for i in 0..der.len() {
        for value in [0, 1, 0x1f, 0x30, 0x7f, 0x80, 0x84, 0xff] {
            let mut altered = der.clone();
            altered[i] = value;
            let _ = parse(&altered);
        }
    }
}

#[test]
fn the_errors_say_what_to_do() {
    let texts = [
        CrlError::Delta,
        CrlError::Malformed { part: "issuer" },
        CrlError::WeakSignature,
    ]
    .map(|error| error.to_string());
    assert_eq!(
        texts,
        [
            "it is a delta revocation list, which is unusable without the complete list: \
             give the complete list instead",
            "malformed revocation list: issuer",
            "the revocation list is signed with MD5 or SHA-1, which can be forged: ask the CA to sign it with SHA-256 \
             or better",
        ]
    );
}

#[cfg(feature = "crl-fetch")]
#[test]
fn a_list_is_renewed_a_tenth_of_its_life_before_its_end_or_some_minutes() {
    const START: i64 = 1_748_736_000;
    for (next_update, life, margin) in [
        ("250611000000Z", 864_000, 86_400),
        ("250601010000Z", 3600, 360),
        ("250601003000Z", 1800, 300),
        ("250601000400Z", 240, 120),
        ("250601000000Z", 0, 0),
    ] {
        let crl = list().until(next_update).parse().unwrap();
        let last = START + life - margin;
        assert_eq!(crl.renewal(), Some((last - margin, last)), "{next_update}");
        assert!(!crl.is_running_out(last - 1), "{next_update}");
        assert!(crl.is_running_out(last), "{next_update}");
    }
    let endless = ListSpec {
        next_update: None,
        ..list()
    };
    assert_eq!(endless.parse().unwrap().renewal(), None);
}
