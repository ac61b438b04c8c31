//! How the work grows with the files.

use std::time::Duration;

use compat_openssl::keys::Kind;
use compat_openssl::oracle::Store;
use compat_openssl::ours as verification;

use super::Topic;
use super::handshakes::base;
use crate::limits;
use crate::measure::{self, Effort, Lane, Race, race};
use crate::pki::{End, Pki};
use crate::row::{Row, Target};
use crate::side::{Settings, Version, openssl, ours};

pub static TOPIC: Topic = Topic {
    name: "growth",
    title: "How the work grows with the files",
    choices: "P-256, and one intermediate where nothing else is said; the chain is counted without the root. *Load*: from PEM \
              files to the context of a client. *Verification*: the certificates of a server, from DER, with host name, \
              and the list looked up by `CRL_CHECK`. The CA that counts stands in the middle of the others. In the rows \
              *a tenth ten times*, each of the ten loads begins with no memory to use again, as the first of a process does.",
    avx512: &[],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for cas in effort.pick(&[1, 10, 100, 1_000, 10_000][..], &[1, 10]) {
        let pki = Pki {
            cas: *cas,
            ..Pki::new(Kind::P256)
        };
        rows.extend(of_files(effort, "trusted CAs", *cas, &pki));
    }
    for chain in effort.pick(&[1, 2, 3, 4, 5, 6][..], &[1, 3]) {
        let pki = Pki {
            chain: *chain,
            ..Pki::new(Kind::P256)
        };
        rows.push(verify(effort, "certificates in the chain", *chain, &pki));
    }
    for list in effort.pick(&[0, 1_000, 10_000, 100_000, 1_000_000][..], &[0, 100]) {
        let pki = Pki {
            // Without a list nothing is looked up.
            list: (*list > 0).then_some(*list),
            ..Pki::new(Kind::P256)
        };
        rows.extend(of_files(effort, "entries in the list", *list, &pki));
    }
    rows.extend(linear(effort));
    rows
}

/// Compares us with ourselves, with more in the files: verification must not take longer, and loading at most in
/// proportion.
fn linear(effort: &Effort) -> [Row; 4] {
    let (few_cas, few_entries) = effort.pick((1_000, 100_000), (2, 10));
    let cas = |cas| Pki {
        cas,
        ..Pki::new(Kind::P256)
    };
    let entries = |entries| Pki {
        list: Some(entries),
        ..Pki::new(Kind::P256)
    };
    let (many_cas, many_entries) = (10 * few_cas, 10 * few_entries);
    [
        verify_beside(effort, "CAs", (many_cas, &cas(many_cas)), (1, &cas(1))),
        verify_beside(
            effort,
            "entries",
            (many_entries, &entries(many_entries)),
            (1, &entries(1)),
        ),
        load_beside(effort, "CAs", (many_cas, &cas(many_cas)), &cas(few_cas)),
        load_beside(
            effort,
            "entries",
            (many_entries, &entries(many_entries)),
            &entries(few_entries),
        ),
    ]
}

fn verify_beside(
    effort: &Effort,
    what: &str,
    (many, large): (usize, &Pki),
    (few, small): (usize, &Pki),
) -> Row {
    let cases = [large, small].map(|pki| pki.plan().0.build());
    let work = cases.iter().map(|case| {
        let verifier = verification::verifier(case).expect("nothing is wrong with the files");
        Lane::new(move || assert!(verification::verify(&verifier, case).is_accepted()))
    });
    let race = race(effort, work.collect());
    let who = format!("ours with {few}");
    Row::of_race(format!("verification, {many} {what}"), &race, 0, (&who, 1))
        .target(Target::Share(1.05))
}

/// Compares loading large files with loading a tenth of them, ten times.
fn load_beside(effort: &Effort, what: &str, (many, large): (usize, &Pki), small: &Pki) -> Row {
    let settings = Settings {
        list: large.list.is_some(),
        ..Settings::new(Version::Tls13, large.kind)
    };
    let (large, small, base) = (large.files(), small.files(), base());
    let load = |files| ours::endpoint(&base, &settings, files, End::Client);
    let lanes = vec![
        Lane::timed(|times| (0..times).map(|_| cold(|| load(&large))).sum()),
        Lane::timed(|times| (0..10 * times).map(|_| cold(|| load(&small))).sum()),
    ];
    let race = race(effort, lanes);
    let name = format!("load, {many} {what}");
    Row::of_race(name, &race, 0, ("ours, a tenth ten times", 1)).target(Target::Share(1.1))
}

/// The time of work whose memory comes from the system.
fn cold<T>(work: impl FnOnce() -> T) -> Duration {
    limits::trim();
    measure::time(work)
}

fn of_files(effort: &Effort, what: &str, count: usize, pki: &Pki) -> [Row; 2] {
    [
        load(effort, what, count, pki),
        verify(effort, what, count, pki),
    ]
}

fn load(effort: &Effort, what: &str, count: usize, pki: &Pki) -> Row {
    let settings = Settings {
        list: pki.list.is_some(),
        ..Settings::new(Version::Tls13, pki.kind)
    };
    let (files, base) = (pki.files(), base());
    let lanes = vec![
        Lane::keeping(|| ours::endpoint(&base, &settings, &files, End::Client)),
        Lane::keeping(|| openssl::context(&settings, &files, End::Client)),
    ];
    row("load", what, count, &race(effort, lanes))
}

fn verify(effort: &Effort, what: &str, count: usize, pki: &Pki) -> Row {
    let case = pki.plan().0.build();
    let verifier = verification::verifier(&case).expect("nothing is wrong with the files");
    let store = Store::load(&case).expect("nothing is wrong with the files");
    assert!(store.ask(&case).accepts());
    let lanes = vec![
        Lane::new(|| assert!(verification::verify(&verifier, &case).is_accepted())),
        Lane::new(|| assert!(store.ask(&case).accepts())),
    ];
    row("verification", what, count, &race(effort, lanes))
}

fn row(work: &str, what: &str, count: usize, race: &Race) -> Row {
    let name = format!("{work}, {count} {what}");
    let row = Row::of_race(name, race, 0, ("OpenSSL", 1));
    row.point(&format!("{work}, {what}"), count as f64)
}
