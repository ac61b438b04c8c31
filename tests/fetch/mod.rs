//! Revocation lists: how they are fetched and cached.

mod addresses;
mod cache;
mod client;
mod connections;
mod killed;
mod limits;
mod nginx;
mod redirects;
pub(crate) mod server;
mod web;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sip_tls::{CrlFetch, FetchError};

use crate::child;

/// A folder that is deleted after the test.
struct Folder(PathBuf);

impl Folder {
    /// Returns the name of a folder that does not exist yet.
    fn new(test: &str) -> Self {
        let name = format!("fetch-{}-{test}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Settings that allow servers at 127.0.0.1, and at no other address of this host.
fn local() -> CrlFetch {
    CrlFetch::new()
        .allow("127.0.0.1/32".parse().unwrap())
        .timeout(PATIENCE)
}

/// A command that runs this program again, with one test that is ignored otherwise.
fn itself(test: &str) -> Command {
    let mut command = child::command(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--ignored", "--nocapture"])
        .args(["--test-threads", "1"]);
    command
}

async fn error(fetch: &CrlFetch, url: &str) -> FetchError {
    fetch.fetch(url).await.unwrap_err()
}

/// What the cache takes for a list: a SEQUENCE whose content has this length.
fn list(letter: u8, len: usize) -> Vec<u8> {
    let len = u32::try_from(len).unwrap();
    let header = [&[0x30, 0x84], &len.to_be_bytes()[..]].concat();
    [header, vec![letter; len as usize]].concat()
}

/// A time that no step takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const URL: &str = "http://crl.example.com/root.crl";
