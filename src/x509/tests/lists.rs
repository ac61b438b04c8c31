//! Revocation lists, and where the reader refuses one that OpenSSL loads.

use rustls::pki_types::CertificateRevocationListDer;

use super::ask;
use crate::x509::crl::{CertificateList, CrlError};
use crate::x509::test_pki::*;

/// Who reads a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Readers {
    Both,
    Nobody,
    /// OpenSSL ignores a value that decisions depend on; this crate refuses the list.
    OpenSslOnly,
}
use Readers::{Both, Nobody, OpenSslOnly};

#[derive(Clone)]
struct List {
    version: Vec<u8>,
    issuer: Vec<u8>,
    dates: Vec<u8>,
    entries: Vec<u8>,
    extensions: Vec<u8>,
}

impl Default for List {
    fn default() -> Self {
        Self {
            version: integer(&[1]),
            issuer: root_name(),
            dates: [utc("200101000000Z"), utc("400101000000Z")].concat(),
            entries: seq(&[seq(&[integer(&[5]), utc("200101000000Z")])]),
            extensions: Vec::new(),
        }
    }
}

impl List {
    fn der(&self) -> Vec<u8> {
        let tbs = seq(&[
            self.version.clone(),
            ecdsa_sha256(),
            self.issuer.clone(),
            self.dates.clone(),
            self.entries.clone(),
            self.extensions.clone(),
        ]);
        seq(&[tbs, ecdsa_sha256(), bit_string(&[9; 64])])
    }
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

#[track_caller]
fn check<const N: usize>(cases: [(&str, List, Readers); N]) {
    let mut wrong = Vec::new();
    for (rule, list, readers) in cases {
        let der = list.der();
        let ours = CertificateList::parse(CertificateRevocationListDer::from(der.clone()));
        let found = match (&ours, ask::reads_list(&der)) {
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
const NUMBER: &[u8] = &[0x55, 0x1d, 20];
const DELTA: &[u8] = &[0x55, 0x1d, 27];
const SCOPE: &[u8] = &[0x55, 0x1d, 28];
