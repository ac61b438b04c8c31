//! Replaces a file in one step, under a lock that keeps other processes from writing.
//!
//! The lock is on a file of its own, which is never removed: a lock on a file that is replaced would lock nothing. The
//! system releases it when the process ends, in whatever way.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::cannot;

/// The right to write to a folder. It ends when the value is dropped or the process ends.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    folder: &'a Path,
    /// The lock is released when this file is closed.
    _lock: File,
}

impl<'a> Writing<'a> {
    /// Creates the folder if it does not exist, waits for its lock, and removes files that killed processes left
    /// behind.
    pub(super) fn begin(folder: &'a Path) -> io::Result<Self> {
        let in_folder = |error| cannot_write(folder, &error);
        private_folder().create(folder).map_err(in_folder)?;
        let path = folder.join(LOCK);
        let lock = private_file()
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(in_folder)?;
        wait_for(&lock, &path)?;
        sweep(folder, SystemTime::now());
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// Replaces a file as a whole or not at all.
    ///
    /// The content is written to a draft, which is then renamed. The draft is in the same folder, because renaming
    /// works only within a file system.
    pub(super) fn replace(&self, name: &str, content: &[&[u8]]) -> io::Result<()> {
        let draft = Draft::new(self.folder.join(draft_name(name)))?;
        let mut file = &draft.file;
        for part in content {
            file.write_all(part)?;
        }
        // Otherwise a crash of the system may leave the new name with incomplete content.
        file.sync_all()?;
        fs::rename(&draft.path, self.folder.join(name))?;
        sync_folder(self.folder)
    }
}

/// A file that is being written. It is removed when dropped, unless it was renamed.
struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    /// `create_new` does not follow a link that somebody has put there.
    fn new(path: PathBuf) -> io::Result<Self> {
        // A killed process with the same ID may have left this file behind.
        let _ = fs::remove_file(&path);
        let file = private_file().create_new(true).open(&path)?;
        Ok(Self { path, file })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Adds the folder to an error.
pub(super) fn cannot_write(folder: &Path, error: &io::Error) -> io::Error {
    cannot("write to the cache", folder, error)
}

/// Asks again and again, because a lock of the standard library cannot be waited for with a time limit.
fn wait_for(lock: &File, path: &Path) -> io::Result<()> {
    let began = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => {
                return Err(cannot("lock", path, &error));
            }
            Err(TryLockError::WouldBlock) if began.elapsed() > PATIENCE => {
                let why = format!(
                    "the lock `{}` was not free within {} seconds",
                    path.display(),
                    PATIENCE.as_secs()
                );
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
        }
    }
}

/// Removes old drafts. The lock is held, so no draft is being written. A draft that cannot be removed does no harm.
fn sweep(folder: &Path, now: SystemTime) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let is_draft = entry.file_name().to_str().is_some_and(is_draft_name);
        let age = entry.metadata().and_then(|metadata| metadata.modified());
        let is_old = age.is_ok_and(|it| now.duration_since(it).is_ok_and(|age| age > OLD));
        if is_draft && is_old {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns `.<name>.<process>.tmp`.
fn draft_name(name: &str) -> String {
    format!(".{name}.{}{DRAFT}", std::process::id())
}

/// Only what [`draft_name`] can have made is removed: the folder may hold files of others.
fn is_draft_name(name: &str) -> bool {
    let name = name.strip_prefix('.').and_then(|it| it.strip_suffix(DRAFT));
    let Some((list, process)) = name.and_then(|it| it.rsplit_once('.')) else {
        return false;
    };
    let is_hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    let digest = list.strip_suffix(".crl").unwrap_or_default();
    digest.len() == 64
        && digest.chars().all(is_hex)
        && !process.is_empty()
        && process.chars().all(|c| c.is_ascii_digit())
}

/// Which servers a host talks to is nobody else's business: only the owner has access. On Windows the folder's own
/// rights count.
fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a folder to disk. Otherwise a crash of the system may undo the renaming.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Does nothing: outside of Unix, folders cannot be opened.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

const LOCK: &str = "lock";

const DRAFT: &str = ".tmp";

/// How long to wait for other writers.
const PATIENCE: Duration = Duration::from_secs(5);

const PAUSE: Duration = Duration::from_millis(10);

/// The age from which drafts are removed. Writing a list never takes so long.
const OLD: Duration = Duration::from_secs(60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_drafts_of_our_own_are_taken_for_drafts() {
        let digest = "0123456789abcdef".repeat(4);
        assert!(is_draft_name(&draft_name(&format!("{digest}.crl"))));
        for name in [
            "",
            ".tmp",
            "..tmp",
            ".crl.1.tmp",
            LOCK,
            &format!("{digest}.crl"),
            &format!("{digest}.crl.1.tmp"),
            &format!(".{digest}.crl.tmp"),
            &format!(".{digest}.crl.a.tmp"),
            &format!(".{digest}0.crl.1.tmp"),
            &format!(".{}.crl.1.tmp", digest.to_uppercase()),
            &format!(".{digest}.pem.1.tmp"),
        ] {
            assert!(!is_draft_name(name), "{name}");
        }
    }
}
