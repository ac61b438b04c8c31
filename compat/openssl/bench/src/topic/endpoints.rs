//! Many endpoints from the same files.

use std::path::Path;

use compat_openssl::keys::Kind;
use serde::{Deserialize, Serialize};

use super::Topic;
use super::handshakes::base;
use crate::measure::Effort;
use crate::pki::{End, Files, Pki};
use crate::row::{Figure, Row, Target};
use crate::side::{Settings, Version, openssl, ours};
use crate::{allocations, child, clock, heap};

pub static TOPIC: Topic = Topic {
    name: "endpoints",
    title: "Many endpoints from the same files",
    choices: "150 CAs, a list of 10,000 entries, a chain of two and its key; mutual TLS. Each is made from the files and kept: \
              the bytes that one more holds on the heap, and the CPU time that it takes to make, of the last ten. \
              OpenSSL: an `SSL_CTX` each. Each side runs in a process of its own, which stops at 3 GB: an empty cell \
              was not reached.",
    avx512: &[],
    rows,
};

/// The cost of each of the last endpoints before a number.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub struct Mark {
    number: usize,
    bytes: f64,
    seconds: f64,
}

fn rows(effort: &Effort) -> Vec<Row> {
    let (cas, list, most) = effort.pick((150, 10_000, 10_000), (3, 10, 10));
    let pki = Pki {
        cas,
        list: Some(list),
        ..Pki::new(Kind::P256)
    };
    let files = pki.files();
    let folder = files.folder().to_str().expect("made of ASCII");
    let of =
        |side| -> Vec<Mark> { child::ask(&["endpoints", side, folder, &most.to_string()], &[]) };
    let (ours, others) = (of("ours"), of("openssl"));
    let rows = ours.iter().map(|mark| {
        let other = others.iter().find(|other| other.number == mark.number);
        of_mark(mark, other)
    });
    rows.flatten().collect()
}

fn of_mark(mark: &Mark, other: Option<&Mark>) -> [Row; 2] {
    let number = mark.number;
    let row = |what: &str, ours, other: Option<Figure>| {
        let name = format!("number {number}: {what}");
        match other {
            Some(other) => Row::exact(name, ours, "OpenSSL", other),
            None => Row::alone(name, ours),
        }
    };
    let bytes = other.map(|other| Figure::Bytes(other.bytes));
    let mut memory = row("memory", Figure::Bytes(mark.bytes), bytes);
    if number == 1_000 {
        memory.target = Some(Target::AtMost(20_000.0));
    }
    let seconds = other.map(|other| Figure::Seconds(other.seconds));
    [memory, row("time", Figure::Seconds(mark.seconds), seconds)]
}

/// Makes endpoints from the files in this folder, and keeps them.
pub fn child(side: &str, folder: &str, most: usize) -> Vec<Mark> {
    let settings = Settings {
        mutual: true,
        list: true,
        ..Settings::new(Version::Tls13, Kind::P256)
    };
    let files = Files::open(Path::new(folder));
    match side {
        "ours" => {
            let base = base();
            let make = || ours::endpoint(&base, &settings, &files, End::Server);
            marks(most, make, || allocations::tally().live)
        }
        _ => {
            heap::count_openssl();
            let make = || openssl::context(&settings, &files, End::Server);
            marks(most, make, heap::openssl)
        }
    }
}

fn marks<T>(most: usize, make: impl Fn() -> T, bytes: impl Fn() -> i64) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut kept = Vec::with_capacity(most);
    let numbers = [1, 10, 100, 1_000, 10_000];
    for number in numbers.into_iter().filter(|number| *number <= most) {
        let last = (number - kept.len()).min(10);
        while kept.len() + last < number {
            kept.push(make());
            if bytes() > MOST_BYTES {
                return marks;
            }
        }
        let (before, start) = (bytes(), clock::now());
        for _ in 0..last {
            kept.push(make());
        }
        let taken = clock::now() - start;
        marks.push(Mark {
            number,
            bytes: (bytes() - before) as f64 / last as f64,
            seconds: taken.as_secs_f64() / last as f64,
        });
    }
    marks
}

const MOST_BYTES: i64 = 3_000_000_000;
