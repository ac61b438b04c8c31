//! E-mail addresses under name constraints (RFC 5280, section 4.2.1.10; RFC 8398, section 6).
//!
//! OpenSSL compares addresses in a way of its own: the host in any case, the mailbox byte for byte. It also compares
//! internationalised addresses (RFC 8398), which stand in an otherName, with constraints in ASCII. What it reports
//! for malformed values is reported here too.

use super::code::VerifyCode;
use crate::x509::der::{self, Reader};

/// Whether the base of a subtree covers an address: a mailbox covers itself, a host all mailboxes on it, and a host
/// that begins with a dot all mailboxes on hosts below it (`nc_email` in OpenSSL).
///
/// Errors are 53 for an address without `@`, or with a NUL in its mailbox.
pub(super) fn covers(base: &[u8], address: &[u8]) -> Result<bool, VerifyCode> {
    let (local, host) = split(address).ok_or(VerifyCode::UnsupportedNameSyntax)?;
    let Some((base_local, base_host)) = split(base) else {
        return Ok(match base.first() {
            Some(b'.') => ends_with(address, base),
            _ => host.eq_ignore_ascii_case(base),
        });
    };
    // Without a local part the host alone counts.
    if !base_local.is_empty() {
        if base_local.len() != local.len() {
            return Ok(false);
        }
        if base_local.contains(&0) || local.contains(&0) {
            return Err(VerifyCode::UnsupportedNameSyntax);
        }
        if base_local != local {
            return Ok(false);
        }
    }
    Ok(host.eq_ignore_ascii_case(base_host))
}

/// Whether the base of a subtree covers an internationalised address, given as the value of its otherName
/// (`nc_email_eai` in OpenSSL).
///
/// Only the host counts. A base that begins with a dot gets a second dot in OpenSSL, and so covers almost nothing.
///
/// `value` is the value of the otherName, with its header. An address that is not in UTF8String or has no `@` is an
/// error with 53.
pub(super) fn covers_international(base: &[u8], value: &[u8]) -> Result<bool, VerifyCode> {
    if base.contains(&0) {
        return Err(VerifyCode::UnsupportedNameSyntax);
    }
    let address = Reader::new(value)
        .expect(der::UTF8_STRING)
        .and_then(|element| element.string())
        .ok_or(VerifyCode::UnsupportedNameSyntax)?;
    let (_, host) = split(&address).ok_or(VerifyCode::UnsupportedNameSyntax)?;
    let is_suffix = base.starts_with(b".");
    let room = if is_suffix { LONGEST - 1 } else { LONGEST };
    let base = unicode_host(base).filter(|host| host.len() < room);
    let base = base.ok_or(VerifyCode::Unspecified)?;
    Ok(match is_suffix {
        true => ends_with(&address, &[b".", &*base].concat()),
        false => host.eq_ignore_ascii_case(&base),
    })
}

/// Splits an address at its last `@`.
fn split(address: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = address.iter().rposition(|octet| *octet == b'@')?;
    Some((&address[..at], &address[at + 1..]))
}

/// Whether an address ends in `end`, in any case, and is longer than it.
fn ends_with(address: &[u8], end: &[u8]) -> bool {
    let start = address.len().saturating_sub(end.len());
    start > 0 && address[start..].eq_ignore_ascii_case(end)
}

/// Turns the labels of a host that are in Punycode (RFC 3492) into Unicode.
fn unicode_host(host: &[u8]) -> Option<Vec<u8>> {
    let labels = host.split(|octet| *octet == b'.').map(unicode_label);
    let labels: Option<Vec<_>> = labels.collect();
    Some(labels?.join(&b'.'))
}

/// Decodes one label. Labels without the prefix `xn--`, which has to be in lower case, are taken as they are.
fn unicode_label(label: &[u8]) -> Option<Vec<u8>> {
    let Some(encoded) = label.strip_prefix(b"xn--") else {
        return Some(label.to_vec());
    };
    let encoded = str::from_utf8(encoded).ok()?;
    // OpenSSL treats a delimiter at the start as a wrong digit.
    if encoded.rfind('-') == Some(0) {
        return None;
    }
    punycode::decode(encoded).ok().map(String::into_bytes)
}

/// The maximum length of a host in Unicode, with an octet that ends it.
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_covers_a_mailbox_a_host_or_hosts_below() {
        let covers = |base: &str, name: &str| covers(base.as_bytes(), name.as_bytes());
        assert_eq!(covers("a@example.com", "a@EXAMPLE.com"), Ok(true));
        assert_eq!(covers("a@example.com", "A@example.com"), Ok(false));
        assert_eq!(covers("example.com", "a@example.com"), Ok(true));
        assert_eq!(covers("example.com", "a@sip.example.com"), Ok(false));
        assert_eq!(covers("@example.com", "a@example.com"), Ok(true));
        assert_eq!(covers(".example.com", "a@sip.example.com"), Ok(true));
        assert_eq!(covers(".example.com", "a@example.com"), Ok(false));
        let syntax = Err(VerifyCode::UnsupportedNameSyntax);
        assert_eq!(covers("example.com", "example.com"), syntax);
        assert_eq!(covers("\0@example.com", "a@example.com"), syntax);
    }

    #[test]
    fn a_base_in_punycode_covers_a_host_in_unicode() {
        let covers = |base: &str, name: &str| {
            let value = der::encode(der::UTF8_STRING, name.as_bytes());
            covers_international(base.as_bytes(), &value)
        };
        assert_eq!(
            covers("xn--bcher-kva.example", "a@bücher.EXAMPLE"),
            Ok(true)
        );
        assert_eq!(
            covers("xn--bcher-kva.example", "a@bucher.example"),
            Ok(false)
        );
        assert_eq!(covers("example.com", "é@example.com"), Ok(true));
        assert_eq!(covers(".example.com", "é@sip.example.com"), Ok(false));
        let unspecified = Err(VerifyCode::Unspecified);
        assert_eq!(covers("xn--\u{7f}", "é@example.com"), unspecified);
        assert_eq!(covers(&"a".repeat(255), "é@example.com"), unspecified);
        let syntax = Err(VerifyCode::UnsupportedNameSyntax);
        assert_eq!(covers("example.com", "no address"), syntax);
        assert_eq!(covers_international(b"example.com", &[5, 0]), syntax);
    }
}
