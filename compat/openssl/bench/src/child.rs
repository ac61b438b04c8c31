//! Work that needs a process of its own: this program, started again by a topic.

use crate::{avx512, topic};

/// Does the work of such a process. Whether this is one.
pub fn run(words: &[&str]) -> bool {
    match words {
        ["rows", name, rest @ ..] => {
            let topic = topic::by_name(name).expect("a topic");
            avx512::child(topic, rest.contains(&"--smoke"));
        }
        _ => return false,
    }
    true
}
