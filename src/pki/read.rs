//! Reading of files, with an explanation if one cannot be read.
//!
//! A file is bounded before it is in memory, because an option may name anything, such as a device. A named pipe is
//! read, too: secrets are given in that way. But nobody waits for a writer that never comes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;
#[cfg(unix)]
use std::{fs::OpenOptions, time::Instant};

use zeroize::Zeroizing;

use super::error::FileProblem;
use super::hint::PathHint;

/// Reads a file of at most `limit` octets. `name` is its path as it was written. A named pipe has to deliver within
/// ten seconds.
pub(super) fn read(name: &str, path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileProblem> {
    let metadata = fs::metadata(path).map_err(|error| cannot_read(name, path, error))?;
    if metadata.is_dir() {
        return Err(FileProblem::IsDirectory);
    }
    let bytes = match metadata.is_file() {
        true => read_now(path, metadata.len(), limit),
        false => read_in_time(path, limit),
    };
    let bytes = bytes.map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => FileProblem::NoWriter { after: PATIENCE },
        _ => cannot_read(name, path, error),
    })?;
    match bytes.len() as u64 > limit {
        true => Err(FileProblem::TooLarge { limit }),
        false => Ok(bytes),
    }
}

/// Reads at most one octet more than `limit`.
fn read_now(path: &Path, size: u64, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    // The buffer has room for the whole file: a buffer that grows would leave copies of a key in memory.
    let room = usize::try_from(size.min(limit) + 1).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads from what is no regular file. Opening a named pipe would wait for a writer, which may never come.
#[cfg(unix)]
fn read_in_time(path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = OpenOptions::new();
    let file = options
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)?;
    let mut file = file.take(limit + 1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(PIPE));
    let deadline = Instant::now() + PATIENCE;
    let mut buffer = Zeroizing::new([0; PIPE]);
    loop {
        match file.read(&mut buffer[..]) {
            // Before the first octet, this only means that nobody has opened the other end.
            Ok(0) if !bytes.is_empty() => return Ok(bytes),
            Ok(0) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(len) => {
                bytes.extend_from_slice(&buffer[..len]);
                continue;
            }
            Err(error) => return Err(error),
        }
        if Instant::now() > deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(PAUSE);
    }
}

#[cfg(not(unix))]
fn read_in_time(path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    read_now(path, 0, limit)
}

/// The error of the system, with a hint if there is no such file.
fn cannot_read(name: &str, path: &Path, source: io::Error) -> FileProblem {
    match source.kind() {
        io::ErrorKind::NotFound => FileProblem::NotFound {
            hint: PathHint::of(name, path),
            source,
        },
        _ => FileProblem::CannotRead(source),
    }
}

/// Enough for a key and its chain.
#[cfg(unix)]
const PIPE: usize = 1 << 16;
#[cfg(unix)]
const PAUSE: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::test_pki::Scratch;

    #[test]
    fn a_file_may_have_as_many_octets_as_the_limit_allows() {
        let scratch = Scratch::new();
        for content in [&b""[..], b"four", b"12345"] {
            let path = scratch.write("file", content);
            let len = content.len() as u64;
            for limit in [len, len + 1, len + 100] {
                let found = read("file", &path, limit).unwrap();
                assert_eq!(**found, *content, "{limit}");
            }
            for limit in 0..len {
                let found = read("file", &path, limit).unwrap_err();
                let is_it = matches!(found, FileProblem::TooLarge { limit: told } if told == limit);
                assert!(is_it, "{found:?}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_to_its_end_however_slowly_it_is_written() {
        use std::io::Write as _;

        use crate::child;

        let scratch = Scratch::new();
        let path = scratch.write("file", b"").with_file_name("pipe");
        let made = child::output(child::command("mkfifo").arg(&path));
        assert!(made.status.success(), "{made:?}");
        for (limit, is_read) in [(4, true), (5, true), (3, false)] {
            let writer = std::thread::spawn({
                let path = path.clone();
                move || -> io::Result<()> {
                    let mut pipe = OpenOptions::new().write(true).open(path)?;
                    for part in [b"ab", b"cd"] {
                        std::thread::sleep(4 * PAUSE);
                        pipe.write_all(part)?;
                    }
                    Ok(())
                }
            });
            match read("pipe", &path, limit) {
                Ok(content) => assert!(is_read && **content == *b"abcd", "{limit} {content:?}"),
                Err(FileProblem::TooLarge { .. }) => assert!(!is_read, "{limit}"),
                Err(other) => panic!("{limit} {other:?}"),
            }
            writer.join().unwrap().unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_error_of_the_system_is_told_at_once() {
        let scratch = Scratch::new();
        let path = scratch.write("file", b"");
        let error = read_in_time(path.parent().unwrap(), 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
    }
}
