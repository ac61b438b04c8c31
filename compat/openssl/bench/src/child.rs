//! Work that needs a process of its own: this program, started again by a topic.

use std::env;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::topic::{endpoints, idle, lists};
use crate::{avx512, bounded, load, topic};

/// Starts such a process, and returns what it prints.
///
/// # Panics
///
/// The process fails.
pub fn ask<T: DeserializeOwned>(words: &[&str], variables: &[(&str, &str)]) -> T {
    let mut command = bounded::command(env::current_exe().expect("running"));
    command.args(words).envs(variables.iter().copied());
    let output = command.output().expect("this program runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {errors}");
    serde_json::from_slice(&output.stdout).expect("an answer")
}

/// Does the work of such a process. Returns whether this is one.
pub fn run(words: &[&str]) -> bool {
    match *words {
        ["rows", name, ref rest @ ..] => {
            let topic = topic::by_name(name).expect("a topic");
            answer(&avx512::child(topic, rest.contains(&"--smoke")));
        }
        ["idle", side, version, count] => answer(&idle::child(side, version, number(count))),
        ["endpoints", side, folder, most] => {
            answer(&endpoints::child(side, folder, number(most)));
        }
        ["serve", side, folder] => load::server::run(side, folder),
        ["list", side, folder, small] => answer(&lists::child(side, folder, small)),
        _ => return false,
    }
    true
}

fn answer<T: Serialize>(value: &T) {
    println!("{}", serde_json::to_string(value).expect("plain data"));
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}
