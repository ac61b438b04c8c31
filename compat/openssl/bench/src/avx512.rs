//! OpenSSL without AVX-512: its code for RSA and ChaCha20 is chosen by the CPU, once, when it is loaded.

use std::env;
use std::process::Command;

use crate::measure::{Effort, Spread};
use crate::row::Row;
use crate::topic::Topic;

/// Measures the rows that depend on it again, in a process in which OpenSSL does not find it.
///
/// # Panics
///
/// The process fails.
pub fn add(topic: &Topic, effort: &Effort, rows: &mut [Row]) {
    let mut command = Command::new(env::current_exe().expect("running"));
    command.args(["rows", topic.name]).env(VARIABLE, WITHOUT);
    if effort.smoke {
        command.arg("--smoke");
    }
    let output = command.output().expect("this program runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let others: Vec<Row> = serde_json::from_slice(&output.stdout).expect("rows");
    for row in rows {
        row.without_avx512 = find(&others, row);
    }
}

fn find(others: &[Row], row: &Row) -> Option<Spread> {
    let who = |row: &Row| Some(row.other.as_ref()?.who.clone());
    let same = |other: &&Row| other.name == row.name && who(other) == who(row);
    let other = others.iter().find(same)?.other.as_ref()?;
    // The others have no code that heeds the variable.
    other.ratio.filter(|_| other.who == "OpenSSL")
}

/// What the process prints.
pub fn child(topic: &Topic, smoke: bool) {
    let effort = Effort {
        smoke,
        words: topic.avx512.to_vec(),
    };
    let rows = (topic.rows)(&effort);
    println!("{}", serde_json::to_string(&rows).expect("rows"));
}

const VARIABLE: &str = "OPENSSL_ia32cap";
/// The bits of AVX-512 F, DQ, IFMA, CD, BW and VL.
const WITHOUT: &str = ":~0xd0230000";
