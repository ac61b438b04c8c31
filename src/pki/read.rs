//! Reads files, and explains why one cannot be read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::FileProblem;
use super::hint::PathHint;

/// Reads a file of at most `limit` octets. `name` is its path as it was written. A named pipe has ten seconds to bring its content.
pub(super) fn read(name: &str, path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileProblem> {
    let metadata = fs::metadata(path).map_err(|error| cannot_read(name, path, error))?;
    if metadata.is_dir() {
        return Err(FileProblem::IsDirectory);
    }
    let bytes = match metadata.is_file() {
        true => read_now(path, metadata.len(), limit),
        false => read_in_time(path, limit)?,
    };
    let bytes = bytes.map_err(|error| cannot_read(name, path, error))?;
    match bytes.len() as u64 > limit {
        true => Err(FileProblem::TooLarge { limit }),
        false => Ok(bytes),
    }
}

/// Reads one octet more than `limit`, if the file has it.
fn read_now(path: &Path, size: u64, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    // With room for all of it, no copy of a key is left behind by a growing buffer.
    let room = usize::try_from(size.min(limit) + 1).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads what is no regular file. Opening a named pipe waits for a writer, who may never come.
fn read_in_time(path: &Path, limit: u64) -> Result<io::Result<Zeroizing<Vec<u8>>>, FileProblem> {
    let (sender, receiver) = mpsc::channel();
    let path = path.to_owned();
    std::thread::spawn(move || sender.send(read_now(&path, PIPE, limit)));
    receiver
        .recv_timeout(PATIENCE)
        .map_err(|_| FileProblem::NoWriter { after: PATIENCE })
}

fn cannot_read(name: &str, path: &Path, source: io::Error) -> FileProblem {
    match source.kind() {
        io::ErrorKind::NotFound => FileProblem::NotFound {
            hint: PathHint::of(name, path),
            source,
        },
        _ => FileProblem::CannotRead(source),
    }
}

/// What a key, a chain and a passphrase fit in.
const PIPE: u64 = 1 << 16;
const PATIENCE: Duration = Duration::from_secs(10);
