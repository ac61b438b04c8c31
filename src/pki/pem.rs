//! PEM blocks as OpenSSL finds them.
//!
//! rustls-pemfile decodes the blocks, but does not find them: it silently skips the block after a byte order mark
//! and every block whose label it does not know.
//!
//! So the blocks are found here, by the rules of `PEM_read_bio` in OpenSSL: a BEGIN line stands at the start of a line,
//! a header ends with a blank line, and the END line has the same label. Each block is then given to rustls-pemfile
//! under a label that it knows. This file is the only one that uses it.
//!
//! Where OpenSSL would pass over a block without a word, there is an error: a BEGIN line that is malformed, for
//! example.

use rustls::pki_types::PrivateKeyDer;
use rustls_pemfile::Item;
use zeroize::Zeroizing;

use super::error::Damage;
use super::format::{Format, KeyFormat};
use super::object::{Content, SealedKey};
use super::origin::BlockPlace;
use crate::x509::der::Reader;

/// The blocks of a text. A damaged block is the last one that is returned.
pub(super) struct Blocks<'a> {
    lines: Lines<'a>,
    number: usize,
    /// The text from the BEGIN line of the current block on.
    from_begin: &'a [u8],
}

/// A block and its content.
pub(super) struct Block {
    pub(super) place: BlockPlace,
    pub(super) label: String,
    pub(super) content: Content,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        let lines = Lines {
            rest: text,
            number: 0,
        };
        Self {
            lines,
            number: 0,
            from_begin: &[],
        }
    }

    /// Whether there is a BEGIN line in `text`.
    pub(super) fn are_in(text: &'a [u8]) -> bool {
        Self::new(text).begin().is_some()
    }

    /// Skips text up to the next BEGIN line and returns the label in it.
    fn begin(&mut self) -> Option<Result<&'a [u8], Damage>> {
        let mut is_first = true;
        loop {
            self.from_begin = self.lines.rest;
            let mut line = self.lines.next()?;
            // OpenSSL also skips a byte order mark before a block, as in files that were joined.
            if std::mem::take(&mut is_first) {
                line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
            }
            if let Some(rest) = line.strip_prefix(BEGIN) {
                let label = rest.strip_suffix(DASHES);
                // With old line ends, which are carriage returns alone, a whole file is one line.
                let label = label.filter(|label| !label.contains(&b'\r'));
                return Some(label.ok_or(Damage::Begin));
            }
        }
    }

    /// Reads up to the END line.
    fn body(&mut self, label: &[u8]) -> Result<Body<'a>, Damage> {
        let mut body = Body {
            header: &[],
            base64: self.lines.rest,
            block: self.from_begin,
        };
        let mut is_separated = false;
        let mut is_complete = false;
        loop {
            let before = self.lines.rest.len();
            let line = self.lines.next().ok_or(Damage::End)?;
            if line.starts_with(BEGIN) {
                return Err(Damage::End);
            }
            let read = &body.base64[..body.base64.len() - before];
            if let Some(rest) = line.strip_prefix(END) {
                let is_fitting = rest.strip_suffix(DASHES) == Some(label);
                body.base64 = read;
                body.block = &body.block[..body.block.len() - self.lines.rest.len()];
                return is_fitting.then_some(body).ok_or(Damage::End);
            }
            // After the blank line, as after a header, OpenSSL limits the length of lines.
            if is_complete || (is_separated && (line.is_empty() || line.len() > COLUMNS)) {
                return Err(Damage::Header);
            }
            if line.is_empty() {
                is_separated = true;
                body.header = read;
                body.base64 = self.lines.rest;
            } else {
                is_complete = is_separated && line.len() < COLUMNS;
            }
        }
    }

    /// Reads the block behind a BEGIN line.
    fn block(&mut self, label: Result<&'a [u8], Damage>) -> Result<(String, Content), Damage> {
        let label = label?;
        let body = self.body(label)?;
        let label = printable(label);
        Ok((label.clone(), body.decode(&label)?))
    }
}

impl Iterator for Blocks<'_> {
    type Item = Result<Block, (BlockPlace, Damage)>;

    fn next(&mut self) -> Option<Self::Item> {
        let label = self.begin()?;
        self.number += 1;
        let place = BlockPlace {
            number: self.number,
            line: self.lines.number,
        };
        Some(match self.block(label) {
            Ok((label, content)) => Ok(Block {
                place,
                label,
                content,
            }),
            Err(damage) => {
                self.lines.rest = &[];
                Err((place, damage))
            }
        })
    }
}

/// The text between BEGIN and END.
struct Body<'a> {
    header: &'a [u8],
    base64: &'a [u8],
    /// The text with the BEGIN and the END line.
    block: &'a [u8],
}

impl Body<'_> {
    /// Decodes by the label. Content of an unknown label is decoded as well, because a damaged block makes the file
    /// unusable whatever it holds.
    fn decode(&self, label: &str) -> Result<Content, Damage> {
        let is_key = label.ends_with("PRIVATE KEY");
        if !self.header.is_empty() {
            return match is_key {
                true => self.traditional(label),
                false => Err(Damage::Header),
            };
        }
        let known = match label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => "CERTIFICATE",
            "X509 CRL" | "EC PRIVATE KEY" | "RSA PRIVATE KEY" => label,
            // Any other content is decoded as carefully as a key.
            _ => "PRIVATE KEY",
        };
        Ok(match (self.item(known)?, label) {
            (Item::X509Certificate(der), _) if Format::of(&der) == Some(Format::Pkcs7) => {
                Content::Pkcs7(der.to_vec())
            }
            (Item::X509Certificate(der), "TRUSTED CERTIFICATE") => {
                Content::TrustedCertificate(checked(der)?)
            }
            (Item::X509Certificate(der), _) => Content::Certificate(checked(der)?),
            (Item::Crl(der), _) => Content::RevocationList(checked(der)?),
            (Item::Pkcs1Key(key), _) => private_key(key.into())?,
            (Item::Sec1Key(key), _) => private_key(key.into())?,
            (Item::Pkcs8Key(key), "PRIVATE KEY") => private_key(key.into())?,
            (Item::Pkcs8Key(key), "ENCRYPTED PRIVATE KEY") => {
                Content::EncryptedKey(SealedKey::Pkcs8(key.secret_pkcs8_der().to_vec()))
            }
            (Item::Pkcs8Key(content), "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS") => {
                Content::Pkcs7(content.secret_pkcs8_der().to_vec())
            }
            _ if is_key => Content::UnsupportedKey,
            _ => Content::Other,
        })
    }

    /// Reads a key in the older encryption of PEM (RFC 1421).
    fn traditional(&self, label: &str) -> Result<Content, Damage> {
        let dek_info = dek_info(self.header).ok_or(Damage::Header)?;
        match (self.item("PRIVATE KEY")?, label) {
            (Item::Pkcs8Key(text), "EC PRIVATE KEY" | "PRIVATE KEY" | "RSA PRIVATE KEY") => {
                Ok(Content::EncryptedKey(SealedKey::Traditional {
                    dek_info,
                    text: text.secret_pkcs8_der().to_vec(),
                }))
            }
            _ => Ok(Content::UnsupportedKey),
        }
    }

    /// Decodes the text under a label that rustls-pemfile knows.
    fn item(&self, label: &str) -> Result<Item, Damage> {
        // rustls-pemfile accepts unpadded text, OpenSSL does not.
        let characters = self.base64.len() - spaces(self.base64);
        if characters == 0 || !characters.is_multiple_of(4) {
            return Err(Damage::Base64);
        }
        if self.base64.len() > MOST_BASE64 {
            return Err(Damage::Size);
        }
        let begin = format!("-----BEGIN {label}-----\n");
        let end = format!("\n-----END {label}-----\n");
        // A list may have many megabytes, so it is not copied if its lines already are what rustls-pemfile reads.
        if self.block.starts_with(begin.as_bytes()) && self.block.ends_with(end.as_bytes()) {
            return decoded(self.block);
        }
        let pem = Zeroizing::new([begin.as_bytes(), self.base64, end.as_bytes()].concat());
        decoded(&pem)
    }
}

/// Decodes one block. Whatever is wrong with it is in its base64 text: the lines around it are ours.
fn decoded(pem: &[u8]) -> Result<Item, Damage> {
    match rustls_pemfile::read_one_from_slice(pem) {
        Ok(Some((item, _))) => Ok(item),
        _ => Err(Damage::Base64),
    }
}

/// The lines of a text, without what OpenSSL trims at their ends.
struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    /// The next line; `None` at the end of the text.
    fn next(&mut self) -> Option<&'a [u8]> {
        // To OpenSSL a zero octet ends a line, and at the start of a line it ends the file.
        let stop = memchr::memchr2(b'\n', 0, self.rest);
        let line = match stop {
            Some(at) if self.rest[at] == 0 => &self.rest[..at],
            Some(at) => &self.rest[..=at],
            None => self.rest,
        };
        if line.is_empty() {
            return None;
        }
        let behind = &self.rest[line.len()..];
        self.rest = match line.ends_with(b"\n") {
            true => behind,
            // OpenSSL ignores the rest of a line after a zero octet.
            false => {
                let end = memchr::memchr(b'\n', behind);
                end.map_or(&[], |end| &behind[end + 1..])
            }
        };
        self.number += 1;
        // OpenSSL compares the characters as signed values with the space.
        let kept = line.iter().rposition(|b| (0x21..0x80).contains(b));
        Some(&line[..kept.map_or(0, |last| last + 1)])
    }
}

/// Counts white space. A list has megabytes of base64, so octets are counted in chunks: as many at a time as a counter
/// of eight bits can count.
fn spaces(text: &[u8]) -> usize {
    let is_space = |b: &u8| u8::from(matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
    let count = |text: &[u8]| text.iter().map(is_space).sum::<u8>();
    text.chunks(u8::MAX.into())
        .map(|text| usize::from(count(text)))
        .sum()
}

/// Reads the two lines that must stand in the header of an encrypted block (`PEM_get_EVP_CIPHER_INFO` in OpenSSL).
fn dek_info(header: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(header).ok()?;
    let (first, rest) = text.split_once('\n')?;
    let first = first.strip_prefix("Proc-Type:")?;
    let first = first.trim_start_matches(BLANKS).strip_prefix("4,")?;
    let first = first.trim_start_matches(BLANKS);
    (first.trim_end_matches(['\r', ' ', '\t']) == "ENCRYPTED").then_some(())?;
    let second = rest.lines().next()?.strip_prefix("DEK-Info:")?;
    Some(second.trim_matches(BLANKS).to_owned())
}

/// Checks that `der` starts with a SEQUENCE.
fn checked<T: AsRef<[u8]>>(der: T) -> Result<T, Damage> {
    match Reader::new(der.as_ref()).sequence() {
        Some(_) => Ok(der),
        None => Err(Damage::Structure),
    }
}

/// The label says which types a key may have; its content says which one it has.
fn private_key(key: PrivateKeyDer<'static>) -> Result<Content, Damage> {
    let key = Zeroizing::new(key);
    let found = Format::of(key.secret_der());
    // OpenSSL also accepts PKCS#8 under the older labels, but only PKCS#8 under its own label.
    Ok(Content::PrivateKey(match (found, &*key) {
        (Some(Format::PrivateKey(KeyFormat::Pkcs8)), _) => KeyFormat::Pkcs8.key(key.secret_der()),
        (Some(Format::PrivateKey(KeyFormat::Sec1)), PrivateKeyDer::Sec1(_)) => {
            KeyFormat::Sec1.key(key.secret_der())
        }
        (Some(Format::PrivateKey(_)), PrivateKeyDer::Pkcs1(_) | PrivateKeyDer::Sec1(_)) => key,
        _ => return Err(Damage::Structure),
    }))
}

/// The label for messages: without control characters, and short.
fn printable(label: &[u8]) -> String {
    let label = String::from_utf8_lossy(label);
    label
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(MOST_LABEL)
        .collect()
}

const BLANKS: [char; 2] = [' ', '\t'];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
/// Base64 characters in a line that another line may follow.
const COLUMNS: usize = 64;
/// The limit of rustls-pki-types.
const MOST_BASE64: usize = 256 << 20;
const MOST_LABEL: usize = 64;
