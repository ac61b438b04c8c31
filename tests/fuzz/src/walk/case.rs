use sip_tls::verify::{Purpose, RevocationDepth};

use super::certificate::{self, Place};
use super::input::Input;
use super::list::{self, MadeList};

/// What is sent, what is trusted, and how it is verified.
pub(super) struct Case {
    /// A path, unless the input says otherwise: each certificate is issued by the next.
    certificates: Vec<Vec<u8>>,
    /// The number of the first trusted certificate. All later ones are trusted as well.
    first_trusted: usize,
    /// Whether the trusted certificates are sent, too.
    sends_all: bool,
    pub(super) lists: Vec<MadeList>,
    pub(super) purpose: Purpose,
    pub(super) reference: &'static str,
    pub(super) checks_name: bool,
    pub(super) level: u8,
    pub(super) depth: RevocationDepth,
    pub(super) now: u64,
}

impl Case {
    /// Reads a case. An empty input means a trusted CA and an end entity that it issued, without lists.
    pub(super) fn read(input: &mut Input<'_>) -> Self {
        let flags = input.octet();
        let now = input.pick(&[NOW, NOW, NOW, 0, NOW - YEAR, NOW + YEAR]);
        let count = input.pick(&[2, 3, 4, 1, 5, 6, 8, certificate::MOST]);
        let trusted = 1 + input.below(3);
        let lists = input.pick(&[0, 1, 2, 3]);
        let mut certificates: Vec<Vec<u8>> = Vec::new();
        for number in 0..count {
            let place = Place { number, count };
            let made = certificate::read(input, place, &certificates);
            certificates.push(made);
        }
        if flags & 0x20 != 0 {
            let (one, other) = (input.below(count), input.below(count));
            certificates.swap(one, other);
        }
        let mut lists: Vec<_> = (0..lists).map(|_| list::read(input)).collect();
        // If the same list were there twice, both would be verified.
        lists.sort_by(|one, other| one.der.cmp(&other.der));
        lists.dedup_by(|one, other| one.der == other.der);
        Self {
            first_trusted: count.saturating_sub(trusted),
            certificates,
            sends_all: flags & 0x10 != 0,
            lists,
            purpose: match flags & 1 {
                0 => Purpose::Server,
                _ => Purpose::Client,
            },
            reference: ["sip.example.com", "192.0.2.1"][usize::from(flags >> 1 & 1)],
            checks_name: flags & 4 != 0,
            level: [2, 2, 3, 5][usize::from(flags >> 6)],
            depth: match flags & 8 {
                0 => RevocationDepth::Covered,
                _ => RevocationDepth::Chain,
            },
            now,
        }
    }

    /// The certificates that are sent, end entity first. There is at least one.
    pub(super) fn sent(&self) -> impl Iterator<Item = &Vec<u8>> {
        let sent = match self.sends_all {
            true => self.certificates.len(),
            false => self.first_trusted.max(1),
        };
        self.certificates[..sent].iter()
    }

    pub(super) fn trusted(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.certificates[self.first_trusted..].iter()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.certificates.iter()
    }
}

/// 2026-06-01.
const NOW: u64 = 1_780_272_000;
const YEAR: u64 = 366 * 24 * 3600;
