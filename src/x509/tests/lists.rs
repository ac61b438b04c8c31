//! Revocation lists, and where the reader refuses one that OpenSSL loads.

use rustls::pki_types::CertificateRevocationListDer;

use super::ask;
use crate::x509::crl::{CertificateList, CrlError};
use crate::x509::distribution_point::IssuingDistributionPoint;
use crate::x509::name::Name;
use crate::x509::test_pki::*;
use crate::x509::time::Time;

/// Who reads a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Readers {
    Both,
    Nobody,
    /// OpenSSL ignores a value that decisions depend on; this crate refuses the list.
    OpenSslOnly,
}
use Readers::{Both, Nobody, OpenSslOnly};

/// The fields of a revocation list, each in its encoded form.
#[derive(Clone)]
pub(super) struct List {
    pub(super) version: Vec<u8>,
    pub(super) signed_algorithm: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) dates: Vec<u8>,
    pub(super) entries: Vec<u8>,
    pub(super) extensions: Vec<u8>,
    pub(super) algorithm: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl Default for List {
    fn default() -> Self {
        Self {
            version: integer(&[1]),
            signed_algorithm: ecdsa_sha256(),
            issuer: root_name(),
            dates: [utc("200101000000Z"), utc("400101000000Z")].concat(),
            entries: seq(&[seq(&[integer(&[5]), utc("200101000000Z")])]),
            extensions: Vec::new(),
            algorithm: ecdsa_sha256(),
            signature: bit_string(&[9; 64]),
        }
    }
}

impl List {
    fn of_entries(entries: &[Vec<u8>]) -> Self {
        Self {
            entries: seq(entries),
            ..Self::default()
        }
    }

    pub(super) fn with(extensions: &[Vec<u8>]) -> Self {
        Self {
            extensions: tlv(0xa0, &seq(extensions)),
            ..Self::default()
        }
    }

    fn tbs(&self) -> Vec<u8> {
        seq(&[
            self.version.clone(),
            self.signed_algorithm.clone(),
            self.issuer.clone(),
            self.dates.clone(),
            self.entries.clone(),
            self.extensions.clone(),
        ])
    }

    fn der(&self) -> Vec<u8> {
        seq(&[self.tbs(), self.algorithm.clone(), self.signature.clone()])
    }

    pub(super) fn read(&self) -> Result<CertificateList, CrlError> {
        CertificateList::parse(CertificateRevocationListDer::from(self.der()))
    }
}

/// An entry with these extensions.
fn entry(serial: u8, extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = match extensions {
        [] => Vec::new(),
        extensions => seq(extensions),
    };
    seq(&[integer(&[serial]), utc("200101000000Z"), extensions])
}

#[test]
fn fields_of_lists() {
    let version = |version| List {
        version,
        ..List::default()
    };
    let dates = |dates: &[Vec<u8>]| List {
        dates: dates.concat(),
        ..List::default()
    };
    let never = || utc("never");
    let issuer = |issuer| List {
        issuer,
        ..List::default()
    };
    check([
        ("plain", List::default(), Both),
        ("no version", version(Vec::new()), Both),
        ("any version", version(integer(&[0x70, 1, 2])), Both),
        ("a padded version", version(integer(&[0, 1])), Nobody),
        ("no nextUpdate", dates(&[never()]), Both),
        ("dates of any text", dates(&[never(), never()]), Both),
        ("dates of another type", dates(&[octets(&[1])]), Nobody),
        ("three dates", dates(&[never(), never(), never()]), Nobody),
        ("an empty name", issuer(seq(&[])), Both),
        (
            "an empty set in a name",
            issuer(seq(&[tlv(0x31, &[])])),
            Both,
        ),
        (
            "a name of no UTF-8",
            issuer(name(&[attribute(COMMON_NAME, UTF8, &[0xff])])),
            Nobody,
        ),
    ]);
}

#[test]
fn entries_of_lists() {
    let entries = |entries| List {
        entries,
        ..List::default()
    };
    let one = |fields: &[Vec<u8>]| entries(seq(&[seq(fields)]));
    let date = || utc("never");
    let with = |id: &[u8], value: &[u8]| {
        one(&[integer(&[5]), date(), seq(&[extension(id, false, value)])])
    };
    let twice = seq(&[
        extension(REASON, false, &[10, 1, 1]),
        extension(REASON, false, &[10, 1, 1]),
    ]);
    check([
        ("none", entries(Vec::new()), Both),
        ("an empty list", entries(seq(&[])), Both),
        (
            "a primitive list",
            entries(tlv(0x10, &seq(&[integer(&[5]), date()]))),
            Both,
        ),
        ("no date", one(&[integer(&[5])]), Nobody),
        (
            "a date of another type",
            one(&[integer(&[5]), octets(&[1])]),
            Nobody,
        ),
        ("a padded number", one(&[integer(&[0, 5]), date()]), Nobody),
        ("a negative number", one(&[integer(&[0x85]), date()]), Both),
        (
            "no extension",
            one(&[integer(&[5]), date(), seq(&[])]),
            Both,
        ),
        (
            "a field behind them",
            one(&[integer(&[5]), date(), seq(&[]), tlv(5, &[])]),
            Nobody,
        ),
        ("an unknown extension", with(&[0x2a, 3], &[0xff]), Both),
        ("a malformed reason", with(REASON, &[0xff]), OpenSslOnly),
        (
            "two reasons",
            one(&[integer(&[5]), date(), twice]),
            OpenSslOnly,
        ),
        (
            "a malformed issuer",
            with(CERTIFICATE_ISSUER, &[0xff]),
            OpenSslOnly,
        ),
    ]);
}

#[test]
fn extensions_of_lists() {
    let with = |id: &[u8], value: &[u8]| List {
        extensions: tlv(0xa0, &seq(&[extension(id, false, value)])),
        ..List::default()
    };
    let raw = |extensions: Vec<u8>| List {
        extensions,
        ..List::default()
    };
    check([
        ("an empty list", raw(tlv(0xa0, &seq(&[]))), Both),
        ("a primitive list", raw(tlv(0xa0, &tlv(0x10, &[]))), Both),
        ("nothing in the tag", raw(tlv(0xa0, &[])), Nobody),
        (
            "a field behind them",
            raw([tlv(0xa0, &seq(&[])), tlv(5, &[])].concat()),
            Nobody,
        ),
        ("an unknown extension", with(&[0x2a, 3], &[0xff]), Both),
        ("a malformed number", with(NUMBER, &[0xff]), Both),
        (
            "a malformed key identifier",
            with(AUTHORITY_KEY_ID, &[0xff]),
            OpenSslOnly,
        ),
        ("a malformed scope", with(SCOPE, &[0xff]), OpenSslOnly),
        ("an empty scope", with(SCOPE, &seq(&[])), Both),
        ("a delta list", with(DELTA, &integer(&[1])), OpenSslOnly),
    ]);
}

#[test]
fn what_a_list_says_is_kept() {
    let scope = seq(&[tlv(0x82, &[0xff])]);
    let list = List {
        dates: [utc("200101000000Z"), utc("200201000000Z")].concat(),
        ..List::with(&[
            extension(AUTHORITY_KEY_ID, false, &seq(&[tlv(0x80, &[1, 2])])),
            extension(NUMBER, false, &integer(&[0x10, 0])),
            extension(SCOPE, true, &scope),
        ])
    };
    let found = list.read().unwrap();
    // `date -u -d 2020-01-01 +%s`, and a month later.
    let (this_update, next_update) = (1_577_836_800, 1_580_515_200);
    let facts = &found.facts;
    assert_eq!((facts.issuer(), facts.entries()), ("C = DE, CN = Root", 1));
    assert_eq!(facts.this_update(), Some(this_update));
    assert_eq!(facts.next_update(), Some(next_update));
    assert_eq!(facts.number(), Some("0x1000"));
    assert_eq!(found.this_update, Time::at(this_update));
    assert_eq!(found.next_update, Some(Time::at(next_update)));
    let issuer = Name::of_checked(&list.issuer).canonical();
    assert_eq!(Some(&found.issuer), issuer.as_ref());
    let key_id = found.authority_key_id.as_ref().unwrap();
    assert_eq!(key_id.key_id.as_deref(), Some(&[1, 2][..]));
    let expected = IssuingDistributionPoint {
        only_ca: true,
        ..IssuingDistributionPoint::default()
    };
    assert_eq!(found.scope, Some(expected));
    assert!(found.revoked.contains(&[5]) && !found.revoked.contains(&[6]));
    assert!(!found.has_unhandled_critical);
    let signed = &found.signed;
    assert_eq!(*signed.der, *list.der());
    assert_eq!(signed.der[signed.tbs.clone()], *list.tbs());
    assert_eq!(signed.algorithm, ecdsa_sha256()[2..]);
    assert_eq!(signed.signature.as_deref(), Some(&[9; 64][..]));
    let text = format!("{found:?}");
    assert!(
        text.starts_with("CertificateList") && text.contains("C = DE, CN = Root"),
        "{text}"
    );

    let plain = List {
        dates: utc("200101000000Z"),
        entries: Vec::new(),
        ..List::default()
    };
    let found = plain.read().unwrap();
    assert_eq!((found.facts.entries(), found.facts.number()), (0, None));
    assert_eq!((found.facts.next_update(), found.next_update), (None, None));
    assert!(found.authority_key_id.is_none() && found.scope.is_none());
    let never = List {
        dates: [utc("never"), utc("never")].concat(),
        ..List::default()
    };
    let facts = never.read().unwrap().facts;
    assert_eq!((facts.this_update(), facts.next_update()), (None, None));
}

#[test]
fn a_signature_counts_if_both_algorithms_are_the_same_and_its_octets_whole() {
    let other = || seq(&[oid(&[0x2a, 3])]);
    let list = |signed_algorithm, algorithm, signature| {
        let list = List {
            signed_algorithm,
            algorithm,
            signature,
            ..List::default()
        };
        list.read().unwrap().signed.signature
    };
    let whole = || bit_string(&[9; 4]);
    assert_eq!(list(other(), other(), whole()), Some(vec![9; 4]));
    assert_eq!(list(other(), other(), bit_string(&[])), Some(vec![]));
    assert_eq!(list(ecdsa_sha256(), other(), whole()), None);
    assert_eq!(list(other(), ecdsa_sha256(), whole()), None);
    assert_eq!(list(other(), other(), tlv(3, &[1, 2])), None);
    assert_eq!(list(other(), ecdsa_sha256(), tlv(3, &[1, 2])), None);
    let null = seq(&[oid(&[0x2a, 3]), tlv(5, &[])]);
    assert_eq!(list(other(), null, whole()), None);
}

#[test]
fn entries_revoke_certificates_of_the_issuer_of_the_list() {
    let reason = |reason| extension(REASON, false, &[10, 1, reason]);
    let uri = || tlv(0x86, b"x");
    let issuer = |names: &[Vec<u8>]| extension(CERTIFICATE_ISSUER, true, &seq(names));
    let other = || issuer(&[tlv(0xa4, &cn("Other"))]);
    let own = || tlv(0xa4, &root_name());
    let list = List::of_entries(&[
        entry(1, &[]),
        entry(2, &[reason(1)]),
        // removeFromCRL
        entry(3, &[reason(8)]),
        entry(4, &[reason(8)]),
        entry(5, &[]),
        entry(6, &[reason(8)]),
        entry(7, &[reason(7)]),
        entry(8, &[reason(9)]),
        entry(9, &[other()]),
        entry(10, &[]),
        entry(11, &[reason(1)]),
        entry(12, &[issuer(&[own()])]),
        entry(13, &[]),
        entry(14, &[reason(1), issuer(&[uri()])]),
        entry(15, &[issuer(&[uri(), own()])]),
        entry(16, &[other()]),
        entry(17, &[issuer(&[own()]), reason(8)]),
        entry(18, &[]),
    ]);
    let found = list.read().unwrap();
    assert_eq!(found.facts.entries(), 18);
    let revoked: Vec<u8> = (0..30).filter(|n| found.revoked.contains(&[*n])).collect();
    assert_eq!(revoked, [1, 2, 5, 7, 8, 12, 13, 15, 18]);
    assert!(!found.has_unhandled_critical);
}

#[test]
fn a_critical_extension_that_openssl_does_not_handle_is_noted() {
    let key_id = seq(&[]);
    let scope = seq(&[]);
    let issuer = seq(&[tlv(0xa4, &root_name())]);
    let of_list: [(&[u8], &[u8], bool); 5] = [
        (&[0x2a, 3], &[0xff], true),
        (NUMBER, &[2, 1, 1], true),
        (REASON, &[10, 1, 1], true),
        (AUTHORITY_KEY_ID, &key_id, false),
        (SCOPE, &scope, false),
    ];
    for (id, value, is_noted) in of_list {
        let noted = |is_critical| {
            let one = extension(id, is_critical, value);
            let plain = extension(&[0x2a, 4], false, &[]);
            let alone = List::with(std::slice::from_ref(&one)).read().unwrap();
            let first = List::with(&[one, plain]).read().unwrap();
            assert_eq!(first.has_unhandled_critical, alone.has_unhandled_critical);
            alone.has_unhandled_critical
        };
        assert_eq!((noted(false), noted(true)), (false, is_noted), "{id:02x?}");
    }
    let of_entry: [(&[u8], &[u8], bool); 3] = [
        (&[0x2a, 3], &[0xff], true),
        (REASON, &[10, 1, 1], true),
        (CERTIFICATE_ISSUER, &issuer, false),
    ];
    for (id, value, is_noted) in of_entry {
        let noted = |is_critical| {
            let one = entry(1, &[extension(id, is_critical, value)]);
            let list = List::of_entries(&[entry(0, &[]), one, entry(2, &[])]);
            list.read().unwrap().has_unhandled_critical
        };
        assert_eq!((noted(false), noted(true)), (false, is_noted), "{id:02x?}");
    }
}

#[test]
fn the_first_reason_to_refuse_a_list_is_told() {
    let key_id = |value: &[u8]| extension(AUTHORITY_KEY_ID, false, value);
    let scope = |value: &[u8]| extension(SCOPE, false, value);
    let delta = || extension(DELTA, true, &integer(&[1]));
    let empty = seq(&[]);
    let unreadable = |part| CrlError::Unreadable { part };
    let (reason, issuer) = (unreadable("reasonCode"), unreadable("certificateIssuer"));
    let no_key_id = unreadable("authorityKeyIdentifier");
    let no_scope = unreadable("issuingDistributionPoint");
    let bad_reason = || extension(REASON, false, &[0xff]);
    let bad_issuer = || extension(CERTIFICATE_ISSUER, false, &[0xff]);
    let twice = |extension: Vec<u8>| [extension.clone(), extension];
    let weak = |last: u8| List {
        algorithm: seq(&[oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last])]),
        ..List::with(&[delta()])
    };
    let entries = |extensions: &[Vec<u8>]| List::of_entries(&[entry(1, extensions)]);
    let good_issuer = extension(CERTIFICATE_ISSUER, false, &empty);
    let cases = [
        (List::with(&[delta()]), CrlError::Delta),
        (List::with(&[key_id(&[0xff])]), no_key_id),
        (List::with(&twice(key_id(&empty))), no_key_id),
        (List::with(&[scope(&[0xff])]), no_scope),
        (List::with(&twice(scope(&empty))), no_scope),
        (List::with(&[scope(&[0xff]), key_id(&[0xff])]), no_scope),
        (List::with(&[key_id(&[0xff]), scope(&[0xff])]), no_key_id),
        (List::with(&[delta(), scope(&[0xff])]), CrlError::Delta),
        (entries(&[bad_reason()]), reason),
        (
            entries(&twice(extension(REASON, false, &[10, 1, 1]))),
            reason,
        ),
        (entries(&[bad_issuer()]), issuer),
        (entries(&twice(good_issuer)), issuer),
        (entries(&[bad_issuer(), bad_reason()]), issuer),
        (
            List {
                entries: entries(&[bad_reason()]).entries,
                ..List::with(&[delta()])
            },
            CrlError::Delta,
        ),
        (weak(4), CrlError::WeakSignature),
        (weak(5), CrlError::WeakSignature),
        (weak(11), CrlError::Delta),
        (weak(99), CrlError::Delta),
        (
            List {
                entries: seq(&[tlv(5, &[])]),
                ..weak(5)
            },
            CrlError::Malformed {
                part: "revokedCertificates",
            },
        ),
    ];
    for (list, expected) in cases {
        assert_eq!(list.read().unwrap_err(), expected, "{:02x?}", list.der());
    }
}

#[track_caller]
fn check<const N: usize>(cases: [(&str, List, Readers); N]) {
    let mut wrong = Vec::new();
    for (rule, list, readers) in cases {
        let ours = list.read();
        let found = match (&ours, ask::reads_list(&list.der())) {
            (Ok(_), true) => Some(Both),
            (Err(CrlError::Malformed { .. }), false) => Some(Nobody),
            (Err(CrlError::Malformed { .. }), true) => None,
            (Err(_), true) => Some(OpenSslOnly),
            _ => None,
        };
        if found != Some(readers) {
            wrong.push(format!("{rule}: {found:?}, {:?} here", ours.err()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const REASON: &[u8] = &[0x55, 0x1d, 21];
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];
pub(super) const NUMBER: &[u8] = &[0x55, 0x1d, 20];
const DELTA: &[u8] = &[0x55, 0x1d, 27];
const SCOPE: &[u8] = &[0x55, 0x1d, 28];
