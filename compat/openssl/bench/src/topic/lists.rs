//! The memory of a loaded list.

use std::path::Path;

use compat_openssl::keys::Kind;

use super::Topic;
use super::handshakes::{base, connect};
use crate::measure::Effort;
use crate::pki::{Files, Pki};
use crate::row::{Figure, Row};
use crate::side::openssl::Contexts;
use crate::side::{Settings, Version, ours};
use crate::{child, limits};

pub static TOPIC: Topic = Topic {
    name: "lists",
    title: "Memory of a list",
    choices: "By how much the resident memory of a process grows with the context of a client that has a list, and its first \
              connection; what loading needed is given back. Each figure is of a process of its own.",
    avx512: &[],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let sizes = effort.pick(&[10_000, 100_000, 1_000_000][..], &[100]);
    let small = Pki::new(Kind::P256).files();
    let row = |size: &usize| {
        let pki = Pki {
            list: Some(*size),
            ..Pki::new(Kind::P256)
        };
        let files = pki.files();
        let folders = [files.folder(), small.folder()];
        let [folder, small] = folders.map(|folder| folder.to_str().expect("made of ASCII"));
        let of = |side| Figure::Bytes(child::ask(&["list", side, folder, small], &[]));
        Row::exact(
            format!("{size} entries"),
            of("ours"),
            "OpenSSL",
            of("openssl"),
        )
    };
    sizes.iter().map(row).collect()
}

/// Returns by how many bytes the process grows. Files without a list are loaded first: code is loaded with them.
pub fn child(side: &str, folder: &str, small: &str) -> f64 {
    drop(keep(side, small, false));
    let before = resident();
    let kept = keep(side, folder, true);
    let after = resident();
    drop(kept);
    after.saturating_sub(before).max(1) as f64
}

fn keep(side: &str, folder: &str, list: bool) -> Box<dyn std::any::Any> {
    let settings = Settings {
        list,
        ..Settings::new(Version::Tls13, Kind::P256)
    };
    let files = Files::open(Path::new(folder));
    match side {
        "ours" => {
            let configs = ours::configs(&base(), &settings, &files);
            drop(connect(&configs.0, &configs.1));
            Box::new(configs)
        }
        _ => {
            let contexts = Contexts::new(&settings, &files);
            drop(contexts.connect().expect("nothing is in the way"));
            Box::new(contexts)
        }
    }
}

fn resident() -> u64 {
    limits::trim();
    limits::resident("self")
}
