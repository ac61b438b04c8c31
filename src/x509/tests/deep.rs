//! Any element may be nested as deeply as a handshake message or a file is long: reading it overflows no stack, and
//! takes time in proportion to the length.

use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

use super::case::{indefinite, nest};
use super::clock;
use super::samples::{test_data, with_everything};
use crate::x509::crl::CertificateList;
use crate::x509::der::{self, Reader};
use crate::x509::{Certificate, describe};

/// Levels of nesting in the larger samples. Each takes four octets.
const LEVELS: usize = 12_000;

/// How many times as deep the larger samples are as the smaller ones, and how many times as long reading them may take.
/// Quadratic work takes 64 times as long.
const TIMES: usize = 8;
const MOST: f64 = 24.0;

/// What is read faster than this is fast enough, and too short to compare.
const SHORT: Duration = Duration::from_millis(1);

/// How long to measure again where a busy machine hides the proportion.
const PATIENCE: Duration = Duration::from_secs(10);

/// An element of a sample.
enum Node {
    Leaf(Vec<u8>),
    /// Identifier and parts. The first octets of a BIT STRING are no part.
    Branch(u8, Vec<u8>, Vec<Self>),
}

impl Node {
    fn read(der: &[u8]) -> Option<Vec<Self>> {
        let mut reader = Reader::new(der);
        let mut nodes = Vec::new();
        while !reader.is_empty() {
            let element = reader.next()?;
            let identifier = element.raw[0];
            let (start, parts) = match element.tag {
                _ if element.is_constructed => (&[][..], Self::read(element.content)),
                der::OCTET_STRING => (&[][..], Self::read(element.content)),
                der::BIT_STRING if element.content.len() > 2 => {
                    let (start, rest) = element.content.split_at(1);
                    (start, Self::read(rest))
                }
                _ => (&[][..], None),
            };
            nodes.push(match parts {
                Some(parts) if !parts.is_empty() => Self::Branch(identifier, start.to_vec(), parts),
                _ => Self::Leaf(element.raw.to_vec()),
            });
        }
        Some(nodes)
    }

    fn count(nodes: &[Self]) -> usize {
        let parts = |node: &Self| match node {
            Self::Leaf(_) => 0,
            Self::Branch(_, _, parts) => Self::count(parts),
        };
        nodes.iter().map(|node| 1 + parts(node)).sum()
    }

    /// Writes the nodes with this change. The first of them has the number `place`.
    fn write(nodes: &[Self], change: &Change<'_>, place: &mut usize) -> Vec<u8> {
        let mut out = Vec::new();
        for node in nodes {
            let is_meant = *place == change.place;
            *place += 1;
            match node {
                Self::Leaf(raw) if is_meant => out.extend(change.element(raw[0])),
                Self::Leaf(raw) => out.extend(raw),
                Self::Branch(identifier, ..) if is_meant => {
                    out.extend(change.element(*identifier));
                    *place += Self::count(std::slice::from_ref(node)) - 1;
                }
                Self::Branch(identifier, start, parts) => {
                    let parts = Self::write(parts, change, place);
                    out.extend(change.around(*identifier, &[start, &*parts].concat()));
                }
            }
        }
        out
    }
}

/// What is changed in a sample.
struct Change<'a> {
    /// The number of the element that is replaced.
    place: usize,
    /// What stands in the element.
    nested: &'a [u8],
    /// Elements around it have an indefinite length, where they can.
    is_indefinite: bool,
    /// The element keeps its identifier.
    keeps: bool,
}

impl Change<'_> {
    fn element(&self, identifier: u8) -> Vec<u8> {
        match self.keeps {
            true => self.around(identifier | 0x20, self.nested),
            false => self.nested.to_vec(),
        }
    }

    fn around(&self, identifier: u8, content: &[u8]) -> Vec<u8> {
        match self.is_indefinite && identifier & 0x20 != 0 {
            true => indefinite(identifier, content),
            false => der::encode(identifier, content),
        }
    }
}

/// Writes elements in elements, each of definite length.
fn definite_nest(identifier: u8, levels: u16) -> Vec<u8> {
    let header = |inner: u16| {
        let [high, low] = (4 * inner + 2).to_be_bytes();
        [identifier, 0x82, high, low]
    };
    let headers = (0..levels).rev().flat_map(header);
    headers.chain([5, 0]).collect()
}

/// Nests each element of a sample in turn, in each way, and compares the time that reading takes with the length.
pub(crate) fn check(name: &str, sample: &[u8], read: impl Fn(&[u8])) {
    let nodes = Node::read(sample).unwrap();
    let nests = [
        (nest(0x30, LEVELS / TIMES), nest(0x30, LEVELS)),
        (nest(0x24, LEVELS / TIMES), nest(0x24, LEVELS)),
        (nest(0xa0, LEVELS / TIMES), nest(0xa0, LEVELS)),
        [LEVELS / TIMES, LEVELS]
            .map(|levels| definite_nest(0x30, levels as u16))
            .into(),
    ];
    for place in 0..Node::count(&nodes) {
        for (number, (shallow, deep)) in nests.iter().enumerate() {
            for (is_indefinite, keeps) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let write = |nested| {
                    let change = Change {
                        place,
                        nested,
                        is_indefinite,
                        keeps,
                    };
                    Node::write(&nodes, &change, &mut 0)
                };
                let what =
                    format!("{name}, element {place}, nest {number}, {is_indefinite}, {keeps}");
                compare(&what, &write(shallow), &write(deep), &read);
            }
        }
    }
}

fn compare(what: &str, shallow: &[u8], deep: &[u8], read: impl Fn(&[u8])) {
    let time = |der| {
        let start = clock::now();
        read(der);
        clock::now() - start
    };
    let deadline = Instant::now() + PATIENCE;
    let (mut short, mut long) = (Duration::MAX, Duration::MAX);
    loop {
        long = long.min(time(deep));
        if long < SHORT {
            return;
        }
        short = short.min(time(shallow));
        let ratio = long.as_secs_f64() / short.as_secs_f64();
        if ratio < MOST {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: {ratio:.1}, {short:?} and {long:?}"
        );
    }
}

fn read_certificate(der: &[u8]) {
    if let Ok(certificate) = Certificate::parse(CertificateDer::from(der)) {
        drop(describe::certificate(&certificate));
        drop(describe::key(&certificate));
        drop(describe::key_purposes(&certificate));
        drop(describe::one_line(certificate.issuer_name()));
        certificate.alt_names().for_each(drop);
        certificate.common_names().for_each(drop);
        certificate.distribution_points().for_each(drop);
        certificate.authority_key_id();
        certificate.is_self_signed();
    }
}

fn read_list(der: &[u8]) {
    drop(CertificateList::parse(CertificateRevocationListDer::from(
        der.to_vec(),
    )));
}

#[test]
fn certificates_are_read_in_proportion_however_deep_they_are_nested() {
    check("every extension", &with_everything(), read_certificate);
    for (name, sample) in test_data().0 {
        if ["rsa2048.crt", "p256.crt"].contains(&&*name) {
            check(&name, &sample, read_certificate);
        }
    }
}

#[test]
fn lists_are_read_in_proportion_however_deep_they_are_nested() {
    for (name, sample) in test_data().1 {
        if ["extended.der", "pss.der", "scoped.der"].contains(&&*name) {
            check(&name, &sample, read_list);
        }
    }
}
