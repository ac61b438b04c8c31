//! Asks the OpenSSL of this machine and sip-tls what cipher strings mean, and counts differences.
//!
//! ```text
//! compat-ciphers [--seed N] [--count N] [--write]
//! ```
//!
//! The strings are those of `tests/testdata/cipher_list` and random ones, 50,000 by default. The seed is printed, and
//! the same seed makes the same strings. With `--write` it prints the random strings as questions for `random.txt`,
//! which `cargo test` checks.
//!
//! A NUL ends a string of C, so OpenSSL cannot be asked about one; sip-tls refuses it. Other bytes
//! that are not UTF-8 are asked about.
//!
//! From OpenSSL 3.2 on the language differs: `_` may be part of words, IANA's names are read, CCM8 counts as 64 bits,
//! some words are gone or mean more, and 4.0 accepts words in upper and lower case. sip-tls implements the language of
//! 3.0. With a newer OpenSSL, only the strings that name none of this are compared, and CCM8 suites are left out of
//! the lists.

use std::env;
use std::ffi::OsStr;
use std::fmt::Debug;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use compat_ciphers::compare::{self, Answers};
use compat_ciphers::grammar::Grammar;
use compat_ciphers::{corpus, live};
use sip_tls::options::CipherList;

#[path = "../../../../tests/child.rs"]
#[allow(dead_code, reason = "the tests of sip-tls use the rest")]
mod child;

fn main() -> ExitCode {
    let options = Options::from_arguments();
    let mut grammar = Grammar::new(options.seed);
    let lists: Vec<_> = (0..options.count).map(|_| grammar.cipher_list()).collect();
    if options.write {
        lists
            .iter()
            .for_each(|text| println!("\"{}\"", text.escape_ascii()));
        return ExitCode::SUCCESS;
    }
    let names: Vec<_> = (0..options.count / 5)
        .map(|_| grammar.ciphersuites())
        .collect();
    println!("{}, seed {}", live::version(), options.seed);

    let recorded = ["tricky.txt", "real-world.txt", "random.txt"]
        .map(corpus::read)
        .concat();
    let recorded_names = corpus::read("ciphersuites.txt");
    let differences = [
        count("cipher lists of the tests", &recorded, compare::cipher_list),
        count(
            "TLS 1.3 lists of the tests",
            &recorded_names,
            compare::ciphersuites,
        ),
        count("random cipher lists", &lists, compare::cipher_list),
        count("random TLS 1.3 lists", &names, compare::ciphersuites),
        count_at_program(&lists),
    ];
    match differences.iter().sum() {
        0 => ExitCode::SUCCESS,
        1.. => ExitCode::FAILURE,
    }
}

struct Options {
    seed: u64,
    count: usize,
    write: bool,
}

impl Options {
    fn from_arguments() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock after 1970");
        let mut options = Self {
            seed: now.as_secs(),
            count: 50_000,
            write: false,
        };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let number = arguments.next().and_then(|number| number.parse().ok());
                number.unwrap_or_else(|| panic!("{argument} takes a number"))
            };
            match argument.as_str() {
                "--seed" => options.seed = number(),
                "--count" => options.count = number() as usize,
                "--write" => options.write = true,
                _ => panic!("usage: compat-ciphers [--seed N] [--count N] [--write]"),
            }
        }
        options
    }
}

/// Compares, prints the first differences, and returns how many there are.
fn count(what: &str, texts: &[Vec<u8>], ask: fn(&[u8]) -> Option<Answers>) -> usize {
    let asked = texts.iter().filter_map(|text| Some((text, ask(text)?)));
    let (differences, same): (Vec<_>, Vec<_>) = asked.partition(|(_, answers)| answers.differ());
    let asked = differences.len() + same.len();
    let refused = same
        .iter()
        .filter(|(_, answers)| answers.openssl.is_err())
        .count();
    println!(
        "{asked} {what}, {refused} of them refused by both: {} differences",
        differences.len()
    );
    for (text, answers) in differences.iter().take(5) {
        print_difference(text, &answers.openssl, &answers.ours);
    }
    differences.len()
}

/// Compares some strings with what the program prints, in case it asks libssl in another way.
fn count_at_program(texts: &[Vec<u8>]) -> usize {
    let some: Vec<_> = texts.iter().step_by((texts.len() / 200).max(1)).collect();
    let mut differences = 0;
    for text in &some {
        let ours = CipherList::from_bytes(text).map(|list| list.to_openssl_line());
        let (ours, openssl) = (ours.ok(), line_of_program(text));
        if live::speaks_3_0() && ours != openssl {
            print_difference(text, &openssl, &ours);
            differences += 1;
        }
    }
    println!(
        "{} lines of the program `openssl ciphers`: {differences} differences",
        some.len()
    );
    differences
}

fn line_of_program(text: &[u8]) -> Option<String> {
    let mut command = child::command("openssl");
    command
        .args(["ciphers", "-ciphersuites", "", "--"])
        .arg(OsStr::from_bytes(text));
    let output = child::output(&mut command);
    let line = String::from_utf8_lossy(&output.stdout)
        .trim_end_matches('\n')
        .to_owned();
    output.status.success().then_some(line)
}

fn print_difference(text: &[u8], openssl: &dyn Debug, ours: &dyn Debug) {
    println!(
        "  \"{}\"\n    OpenSSL {openssl:?}\n    ours    {ours:?}",
        text.escape_ascii()
    );
}
