//! Processes that write to the cache at the same time, and are killed while they write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use sip_tls::CrlFetch;

use super::cache::files;
use super::{Folder, PATIENCE, URL, itself, list};
use crate::child::{self, Running};

const FOLDER: &str = "SIP_TLS_CACHE_FOLDER";
const LETTERS: &str = "SIP_TLS_CACHE_LETTERS";
const COUNT: &str = "SIP_TLS_CACHE_COUNT";
const LARGE: &str = "SIP_TLS_CACHE_LARGE";

/// The length of a list: long enough that a killed process has often written only a part of it.
const LEN: usize = 2_000_000;

/// A command that runs this program again, to write to the cache.
pub(super) fn helper(folder: &Folder) -> Helper {
    let mut command = command();
    command.env(FOLDER, folder.path());
    Helper(command)
}

fn command() -> Command {
    let mut command = itself("fetch::killed::writes_to_the_cache");
    for name in [FOLDER, LETTERS, COUNT, LARGE] {
        command.env_remove(name);
    }
    command
}

pub(super) struct Helper(Command);

impl Helper {
    pub(super) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    fn start(mut self) -> Running {
        Running::start(self.0.stdout(Stdio::piped()))
    }

    /// Runs the command in a shell, after the command `before`.
    pub(super) fn output_of_shell(self, before: &str) -> Output {
        let mut shell = child::command("sh");
        shell
            .args(["-c", &format!(r#"{before}; trap "" XFSZ; exec "$@""#), "sh"])
            .arg(self.0.get_program())
            .args(self.0.get_args());
        for (name, value) in self.0.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        child::output(&mut shell)
    }
}

#[track_caller]
fn is_running(writer: &mut Running) -> bool {
    let status = writer.ended();
    assert!(status.is_none_or(|status| status.success()), "{status:?}");
    status.is_none()
}

#[test]
#[ignore = "what other tests run as a process of its own"]
fn writes_to_the_cache() {
    let mut cache = CrlFetch::new();
    if let Some(folder) = std::env::var_os(FOLDER) {
        cache = cache.cache(PathBuf::from(folder));
    } else if std::env::var_os(COUNT).is_none() {
        return;
    }
    // Ends the process if it hangs.
    std::thread::spawn(|| {
        std::thread::sleep(PATIENCE);
        std::process::exit(1);
    });
    if std::env::var_os(LARGE).is_some() {
        let error = cache.put_cached(URL, &list(b'x', LEN)).unwrap_err();
        println!("not kept: {error}");
        return;
    }
    let letters = std::env::var(LETTERS).unwrap_or_else(|_| "a".to_owned());
    let count = std::env::var(COUNT).map_or(usize::MAX, |count| count.parse().unwrap());
    let lists: Vec<_> = letters.bytes().map(|letter| list(letter, LEN)).collect();
    println!("\nwriting");
    for list in lists.iter().cycle().take(count) {
        if let Err(error) = cache.put_cached(URL, list) {
            println!("not kept: {error}");
            return;
        }
    }
    println!("written");
}

/// Whether this is a whole list, of one of these letters.
fn is_whole(der: &[u8], letters: &[u8]) -> bool {
    der.len() == LEN + 6 && letters.contains(&der[6]) && der[6..].iter().all(|byte| *byte == der[6])
}

#[test]
fn a_process_that_is_killed_in_the_middle_leaves_the_old_list_or_the_new_one() {
    let folder = Folder::new("killed");
    let cache = CrlFetch::new().cache(folder.path());
    cache.put_cached(URL, &list(b'0', LEN)).unwrap();
    let mut in_the_middle = 0;
    for round in 0..40_u64 {
        let mut writer = helper(&folder).env(LETTERS, "ab").start();
        writer.stdout.find("writing");
        // The process is killed at some moment of one of the first writes.
        std::thread::sleep(Duration::from_micros(round * 1357 % 40_000));
        writer.kill();
        let kept = cache.cached(URL).unwrap();
        assert!(is_whole(kept.der(), b"0ab"), "round {round}");
        let drafts: Vec<PathBuf> = files(&folder)
            .into_iter()
            .filter(|it| is_draft(it))
            .collect();
        in_the_middle += usize::from(!drafts.is_empty());
        for draft in drafts {
            fs::remove_file(draft).unwrap();
        }
        // The system released the lock of the killed process.
        let began = Instant::now();
        cache.put_cached(URL, &list(b'0', LEN)).unwrap();
        assert!(began.elapsed() < Duration::from_secs(4));
    }
    println!("{in_the_middle} of 40 were killed while they wrote");
    assert!(in_the_middle > 0, "none was killed while it wrote");
}

fn is_draft(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "tmp")
}

#[test]
fn of_processes_that_write_at_once_readers_see_whole_lists() {
    let folder = Folder::new("at-once");
    let cache = CrlFetch::new().cache(folder.path());
    let writers = ["ab", "cd"].map(|letters| {
        let helper = helper(&folder).env(LETTERS, letters).env(COUNT, "25");
        helper.start()
    });
    let began = Instant::now();
    let mut seen = std::collections::BTreeSet::new();
    let mut writers = writers.into_iter().collect::<Vec<_>>();
    while !writers.is_empty() {
        assert!(began.elapsed() < PATIENCE);
        if let Some(kept) = cache.cached(URL) {
            assert!(is_whole(kept.der(), b"abcd"));
            seen.insert(kept.der()[6]);
        } else {
            assert!(seen.is_empty(), "the list was away");
        }
        writers.retain_mut(is_running);
    }
    let letters: Vec<_> = seen.iter().map(|letter| char::from(*letter)).collect();
    println!("seen: {letters:?}");
    assert!(!files(&folder).iter().any(|it| is_draft(it)));
    assert!(is_whole(cache.cached(URL).unwrap().der(), b"abcd"));
}

#[cfg(all(unix, not(target_vendor = "apple")))]
#[test]
fn by_default_lists_are_kept_in_the_cache_folder_of_the_user() {
    let folder = Folder::new("default");
    for (name, below) in [
        ("XDG_CACHE_HOME", "sip-tls/crl"),
        ("HOME", ".cache/sip-tls/crl"),
    ] {
        let mut command = command();
        command
            .env_remove("XDG_CACHE_HOME")
            .env(name, folder.path());
        let writer = Helper(command).env(COUNT, "1").start();
        writer.stdout.find("written");
        let cache = CrlFetch::new().cache(folder.path().join(below));
        assert!(cache.cached(URL).is_some(), "{name}");
    }
}

#[cfg(all(unix, not(target_vendor = "apple")))]
#[test]
fn without_a_home_folder_the_default_is_an_error_that_says_so() {
    let mut command = command();
    command.env_remove("XDG_CACHE_HOME").env("HOME", "relative");
    let writer = Helper(command).env(COUNT, "1").start();
    writer.stdout.find(
        "not kept: there is no cache folder, because the home folder is unknown or not absolute",
    );
}
