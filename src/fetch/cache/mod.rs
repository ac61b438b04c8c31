//! Revocation lists in files, one file for each URL.
//!
//! The name of a file is the SHA-256 of its URL, so that no URL can name a place outside of the
//! folder. Reading takes no lock: files are replaced by renaming, and a reader sees the old content
//! or the new one. Writing takes a lock (`writing`).

mod entry;
mod writing;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::vec;

use sha2::{Digest, Sha256};

use self::entry::Trailer;
use self::writing::Writing;

/// A folder of lists, which may not exist yet.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    /// The maximum size of a list, in bytes.
    max_size: u64,
}

impl Cache {
    pub(super) fn new(folder: PathBuf, max_size: u64) -> Self {
        Self { folder, max_size }
    }

    /// The list that is kept for this URL. The file has to say that it is of this URL: its name
    /// alone proves nothing.
    pub(super) fn read(&self, url: &str) -> Option<CachedList> {
        let list = read(&self.folder.join(name(url)), self.max_size)?;
        (list.url == url).then_some(list)
    }

    /// All lists. Only the names of files are collected here; each is read when its turn comes.
    pub(super) fn list(&self) -> io::Result<CachedLists> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(CachedLists {
                    paths: Vec::new().into_iter(),
                    max_size: self.max_size,
                });
            }
            Err(error) => return Err(self.cannot_read(&error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| self.cannot_read(&error))?.path();
            if path.extension().is_some_and(|extension| extension == "crl") {
                paths.push(path);
            }
        }
        Ok(CachedLists {
            paths: paths.into_iter(),
            max_size: self.max_size,
        })
    }

    /// Adds the folder to an error.
    fn cannot_read(&self, error: &io::Error) -> io::Error {
        cannot("read the cache", &self.folder, error)
    }

    /// Keeps a list, in place of the one that is kept for the same URL.
    ///
    /// A list that is too long is refused, because it would not be read back.
    pub(super) fn write(&self, url: &str, der: &[u8], now: SystemTime) -> io::Result<()> {
        if der.len() as u64 > self.max_size {
            let why = format!("the list has more than {} bytes", self.max_size);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let trailer = Trailer::new(url, der, now)?;
        let writing = Writing::begin(&self.folder)?;
        let written = writing.replace(&name(url), &[der, trailer.as_bytes()]);
        written.map_err(|error| writing::cannot_write(&self.folder, &error))
    }
}

/// Returns the error with what could not be done, and where.
fn cannot(what: &str, path: &Path, error: &io::Error) -> io::Error {
    let why = format!("cannot {what} `{}`: {error}", path.display());
    io::Error::new(error.kind(), why)
}

/// A revocation list in the cache of [`CrlFetch`](crate::CrlFetch).
#[derive(Clone)]
pub struct CachedList {
    url: String,
    fetched: SystemTime,
    der: Vec<u8>,
}

impl CachedList {
    /// Returns the URL that the list was fetched from.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns when the list was fetched, to the second.
    pub fn fetched(&self) -> SystemTime {
        self.fetched
    }

    /// Returns the list in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Converts this value into the list in DER.
    pub fn into_der(self) -> Vec<u8> {
        self.der
    }
}

/// Prints only the length of the list, because the list may be long.
impl fmt::Debug for CachedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedList")
            .field("url", &self.url)
            .field("fetched", &self.fetched)
            .field("len", &self.der.len())
            .finish_non_exhaustive()
    }
}

/// The lists in the cache of [`CrlFetch`](crate::CrlFetch), read one by one.
#[derive(Clone, Debug)]
pub struct CachedLists {
    paths: vec::IntoIter<PathBuf>,
    max_size: u64,
}

impl Iterator for CachedLists {
    type Item = CachedList;

    fn next(&mut self) -> Option<CachedList> {
        self.paths.find_map(|path| {
            let list = read(&path, self.max_size)?;
            // A copy of a file under another name is ignored.
            let is_own = path.file_name().is_some_and(|it| *it == *name(&list.url));
            is_own.then_some(list)
        })
    }
}

/// Reads a file. Returns `None` if the file does not exist, cannot be read or is damaged.
///
/// No more is read than a list of the maximum size and its trailer can have.
fn read(path: &Path, max_size: u64) -> Option<CachedList> {
    // Opening a named pipe would block.
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let limit = max_size.saturating_add(entry::LONGEST_TRAILER);
    let mut content = Vec::new();
    let file = File::open(path).ok()?;
    file.take(limit).read_to_end(&mut content).ok()?;
    let (len, trailer) = Trailer::parse(&content)?;
    content.truncate(len);
    (len as u64 <= max_size).then_some(CachedList {
        url: trailer.url,
        fetched: trailer.fetched,
        der: content,
    })
}

/// Returns the file name for a URL.
fn name(url: &str) -> String {
    format!("{}.crl", hex(&Sha256::digest(url)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
