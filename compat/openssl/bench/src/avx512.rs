//! OpenSSL without AVX-512. OpenSSL chooses its code for RSA and ChaCha20 by the CPU, once, when it is loaded.

use crate::child;
use crate::measure::{Effort, Spread};
use crate::row::Row;
use crate::topic::Topic;

/// Measures the rows that depend on AVX-512 again, in a process in which OpenSSL does not find it.
pub fn add(topic: &Topic, effort: &Effort, rows: &mut [Row]) {
    let mut words = vec!["rows", topic.name];
    words.extend(effort.smoke.then_some("--smoke"));
    let others: Vec<Row> = child::ask(&words, &[(VARIABLE, WITHOUT)]);
    for row in rows {
        row.without_avx512 = find(&others, row);
    }
}

fn find(others: &[Row], row: &Row) -> Option<Spread> {
    let who = |row: &Row| Some(row.other.as_ref()?.who.clone());
    let same = |other: &&Row| other.name == row.name && who(other) == who(row);
    let other = others.iter().find(same)?.other.as_ref()?;
    // Stock rustls ignores the variable.
    other.ratio.filter(|_| other.who != "stock rustls")
}

/// Measures the rows in that process.
pub fn child(topic: &Topic, smoke: bool) -> Vec<Row> {
    let effort = Effort {
        smoke,
        words: topic.avx512.to_vec(),
        ..Effort::full()
    };
    (topic.rows)(&effort)
}

const VARIABLE: &str = "OPENSSL_ia32cap";
/// The bits of AVX-512 F, DQ, IFMA, CD, BW and VL.
const WITHOUT: &str = ":~0xd0230000";
