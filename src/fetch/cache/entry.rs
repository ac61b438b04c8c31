//! The content of a file of the cache: a list in DER, and after it the URL, the time of the fetch and a digest.
//!
//! Readers of DER stop where the list ends. The digest at the end shows that a file is complete.
//!
//! ```text
//! <the list in DER>
//! sip-tls crl 1
//! <seconds since 1970>
//! <URL>
//! <SHA-256 of the list and of the lines above, in hexadecimal digits>
//! ```
//!
//! The digest is no protection against somebody who can write to the folder. It needs none: a list counts only if the
//! CA has signed it.

use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::hex;
use crate::x509::der;

/// The text that follows a list.
#[derive(Debug)]
pub(super) struct Trailer {
    pub(super) url: String,
    pub(super) fetched: SystemTime,
    text: String,
}

impl Trailer {
    /// Refuses what could not be read back: a list that is not one DER SEQUENCE, and a URL with control characters.
    pub(super) fn new(url: &str, list: &[u8], fetched: SystemTime) -> io::Result<Self> {
        let refuse = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        if !der::first(list)
            .is_some_and(|(list, rest)| list.starts_with(b"\x30") && rest.is_empty())
        {
            return refuse("a cached list must be in DER");
        }
        if url.contains(char::is_control) || url.len() > LONGEST_URL {
            return refuse("the URL is too long or has control characters");
        }
        // A time before 1970 means that the clock is wrong.
        let seconds = fetched.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut text = format!("{BEGIN}{}\n{url}\n", seconds.as_secs());
        let digest = digest(list, text.as_bytes());
        text.push_str(&digest);
        text.push('\n');
        Ok(Self {
            url: url.to_owned(),
            fetched,
            text,
        })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Parses a whole file. Returns the length of the list and its trailer, or `None` if the file is not as it was
    /// written.
    pub(super) fn parse(content: &[u8]) -> Option<(usize, Self)> {
        let (list, behind) = der::first(content)?;
        let text = std::str::from_utf8(behind).ok()?;
        let mut lines = text.strip_prefix(BEGIN)?.split_inclusive('\n');
        let seconds: u64 = lines.next()?.strip_suffix('\n')?.parse().ok()?;
        let url = lines.next()?.strip_suffix('\n')?;
        let told = lines.next()?;
        let said = &behind[..behind.len() - told.len()];
        if lines.next().is_some() || told.strip_suffix('\n')? != digest(list, said) {
            return None;
        }
        let trailer = Self {
            url: url.to_owned(),
            fetched: UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?,
            text: text.to_owned(),
        };
        Some((list.len(), trailer))
    }
}

/// The digest of a list and of the text after it up to the digest.
fn digest(list: &[u8], said: &[u8]) -> String {
    let digest = Sha256::new().chain_update(list).chain_update(said);
    hex(&digest.finalize())
}

/// The first line names the format and its version.
const BEGIN: &str = "\nsip-tls crl 1\n";

const LONGEST_URL: usize = 64 << 10;

/// The longest trailer, with room to spare.
pub(super) const LONGEST_TRAILER: u64 = LONGEST_URL as u64 + 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://crl.example.com/root.crl";
    const LIST: &[u8] = b"\x30\x03abc";

    fn file() -> Vec<u8> {
        let fetched = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let trailer = Trailer::new(URL, LIST, fetched).unwrap();
        [LIST, trailer.as_bytes()].concat()
    }

    #[test]
    fn what_is_written_is_read() {
        let (len, trailer) = Trailer::parse(&file()).unwrap();
        assert_eq!(len, LIST.len());
        assert_eq!(trailer.url, URL);
        let seconds = trailer.fetched.duration_since(UNIX_EPOCH).unwrap();
        assert_eq!(seconds.as_secs(), 1_700_000_000);
    }

    #[test]
    fn a_file_that_is_cut_short_prolonged_or_changed_anywhere_is_damaged() {
        let whole = file();
        for len in 0..whole.len() {
            assert!(Trailer::parse(&whole[..len]).is_none(), "{len}");
        }
        assert!(Trailer::parse(&[&whole[..], b"\n"].concat()).is_none());
        for at in 0..whole.len() {
            for change in [0x01, 0x20, 0x80] {
                let mut changed = whole.clone();
                changed[at] ^= change;
                assert!(Trailer::parse(&changed).is_none(), "{at}");
            }
        }
    }

    #[test]
    fn only_der_and_urls_of_one_line_are_kept() {
        for (url, list) in [
            (URL, &b""[..]),
            (URL, b"-----BEGIN X509 CRL-----"),
            (URL, b"\x30\x03ab"),
            (URL, b"\x30\x03abcd"),
            ("http://a\n", LIST),
        ] {
            let error = Trailer::new(url, list, UNIX_EPOCH).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }
}
