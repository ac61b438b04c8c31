//! Names: the host that we meant to reach, and the rules by which a certificate names it.
//!
//! The rules are those of `X509_check_host(3)` and `X509_check_ip(3)` without flags, as in OpenSSL's `v3_utl.c`. They
//! are older than RFC 9525, and laxer: the common name counts if there is no DNS name in the subjectAltName, and a
//! wildcard may cover a part of the first label (`s*.example.com`). Names in Unicode are not converted. With
//! `tls-target-name-check` = `sip`, host names are compared by RFC 5922 instead.
//!
//! The comparison is made even if the check is off: a mismatch is then recorded as a tolerated finding.

use std::fmt;
use std::net::IpAddr;

use rustls::pki_types::ServerName;

use super::sip_domain;
use crate::options::NameCheck;
use crate::x509::Certificate;
use crate::x509::general_name::GeneralName;

/// The name that we meant to reach, to compare with the names in a certificate.
///
/// [RFC 9525](https://www.rfc-editor.org/rfc/rfc9525#section-1.8) calls it a reference identifier.
///
/// # Examples
///
/// ```
/// use sip_tls::verify::ReferenceName;
///
/// assert_eq!(ReferenceName::new("sip.example.com"), ReferenceName::Dns("sip.example.com".into()));
/// assert_eq!(ReferenceName::new("192.0.2.7"), ReferenceName::Ip([192, 0, 2, 7].into()));
/// let v6 = ReferenceName::new("[2001:db8::1]");
/// assert_eq!(v6.to_string(), "2001:db8::1");
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ReferenceName {
    /// A host name, byte for byte as it was configured.
    Dns(String),
    /// An address. It is compared with the addresses in a certificate only, never with names.
    Ip(IpAddr),
}

impl ReferenceName {
    /// Reads a name: an IP address, also one in brackets, is an address, and everything else is a host name.
    ///
    /// Nothing is checked: a name with a port or a scheme is a host name that no certificate has.
    pub fn new(name: &str) -> Self {
        let in_brackets = name
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let address = match in_brackets {
            Some(inner) => inner.parse().map(IpAddr::V6).ok(),
            None => name.parse().ok(),
        };
        match address {
            Some(address) => Self::Ip(address),
            None => Self::Dns(name.to_owned()),
        }
    }
}

impl From<&ServerName<'_>> for ReferenceName {
    fn from(name: &ServerName<'_>) -> Self {
        match name {
            ServerName::IpAddress(address) => Self::Ip((*address).into()),
            _ => Self::Dns(name.to_str().into_owned()),
        }
    }
}

impl From<ServerName<'_>> for ReferenceName {
    fn from(name: ServerName<'_>) -> Self {
        Self::from(&name)
    }
}

impl From<IpAddr> for ReferenceName {
    fn from(address: IpAddr) -> Self {
        Self::Ip(address)
    }
}

impl fmt::Display for ReferenceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

/// Returns the name in the certificate that matches `reference`, if any does. SIP domains are compared by RFC 5922,
/// other host names by OpenSSL's rules (`X509_check_host(3)` and `X509_check_ip(3)`, without flags), and addresses by
/// OpenSSL's rules in both cases.
pub(crate) fn matching(
    certificate: &Certificate<'_>,
    reference: &ReferenceName,
    check: NameCheck,
) -> Option<String> {
    match (reference, check) {
        (ReferenceName::Dns(domain), NameCheck::Sip) => sip_domain::matching(certificate, domain),
        (ReferenceName::Dns(host), _) => matching_host(certificate, host.as_bytes()),
        (ReferenceName::Ip(address), _) => matching_address(certificate, *address),
    }
}

/// Compares a host name with the DNS names of the subjectAltName, and only without any of these with the common names
/// (`do_x509_check` in OpenSSL). A DNS name that does not match rules the common names out, too.
fn matching_host(certificate: &Certificate<'_>, host: &[u8]) -> Option<String> {
    let mut has_dns_names = false;
    for name in certificate.alt_names() {
        let GeneralName::Dns(name) = name else {
            continue;
        };
        if matches(&name, host) {
            return Some(String::from_utf8_lossy(&name).into_owned());
        }
        has_dns_names = true;
    }
    if has_dns_names {
        return None;
    }
    for name in certificate.common_names() {
        // OpenSSL gives up at a name that it cannot convert to UTF-8.
        let name = name?;
        if matches(name.as_bytes(), host) {
            return Some(name.into_owned());
        }
    }
    None
}

/// Compares an address with the iPAddress names alone. Text in a common name or DNS name that looks like an address
/// does not count (`X509_check_ip(3)`).
fn matching_address(certificate: &Certificate<'_>, address: IpAddr) -> Option<String> {
    let is_same = |octets: &[u8]| match address {
        IpAddr::V4(address) => octets == address.octets(),
        IpAddr::V6(address) => octets == address.octets(),
    };
    let mut names = certificate.alt_names();
    names
        .any(|name| matches!(name, GeneralName::Ip(octets) if is_same(&octets)))
        .then(|| address.to_string())
}

/// Whether one name of a certificate names the host. Nothing matches an empty name.
fn matches(pattern: &[u8], host: &[u8]) -> bool {
    if pattern.is_empty() || host.is_empty() {
        return false;
    }
    // A host that begins with a dot stands for every name below it.
    if host.len() > 1 && host[0] == b'.' {
        return is_below(pattern, host);
    }
    match star(pattern) {
        Some(star) => matches_wildcard(&pattern[..star], &pattern[star + 1..], host),
        None => is_same(pattern, host),
    }
}

/// Whether `pattern` ends in `host`, which begins with a dot. A wildcard in the pattern is an ordinary character here
/// (`skip_prefix` in OpenSSL).
fn is_below(pattern: &[u8], host: &[u8]) -> bool {
    let Some(skipped) = pattern.len().checked_sub(host.len()) else {
        return false;
    };
    !pattern[..skipped].contains(&0) && is_same(&pattern[skipped..], host)
}

/// A NUL in a certificate's name is an attack on software that reads the name as a C string.
fn is_same(pattern: &[u8], host: &[u8]) -> bool {
    !pattern.contains(&0) && pattern.eq_ignore_ascii_case(host)
}

/// Whether `host` begins and ends as the pattern around the wildcard does, and the wildcard may stand for the rest
/// (`wildcard_match` in OpenSSL).
///
/// It stands for letters, digits and hyphens of one label. As a whole label it has to stand for one character at
/// least, and may stand for an A-label (`xn--...`). As a part of a label it may stand for nothing, but never within
/// an A-label. It also stands for a literal `*`.
fn matches_wildcard(before: &[u8], after: &[u8], host: &[u8]) -> bool {
    let Some(len) = host.len().checked_sub(before.len() + after.len()) else {
        return false;
    };
    let (start, rest) = host.split_at(before.len());
    let (covered, end) = rest.split_at(len);
    if !start.eq_ignore_ascii_case(before) || !end.eq_ignore_ascii_case(after) {
        return false;
    }
    let is_whole_label = before.is_empty() && after[0] == b'.';
    let is_allowed = match is_whole_label {
        true => !covered.is_empty(),
        false => !starts_with_ace_prefix(host),
    };
    is_allowed && (covered == b"*" || covered.iter().all(|octet| is_ldh(*octet)))
}

/// Returns where the wildcard is, if `pattern` is one: a single `*` at the start or the end of the first of three
/// labels or more, all of which are made of letters, digits and inner hyphens (`valid_star` in OpenSSL).
fn star(pattern: &[u8]) -> Option<usize> {
    let (first, others) = pattern.split_at(pattern.iter().position(|octet| *octet == b'.')?);
    let others = &others[1..];
    if !others.contains(&b'.') || !others.split(|octet| *octet == b'.').all(is_label) {
        return None;
    }
    match first {
        [b'*', stem @ ..] => {
            let is_good = stem.iter().all(|octet| is_ldh(*octet)) && stem.last() != Some(&b'-');
            is_good.then_some(0)
        }
        [stem @ .., b'*'] => {
            (is_label(stem) && !starts_with_ace_prefix(stem)).then_some(stem.len())
        }
        _ => None,
    }
}

/// Whether a label has letters, digits and inner hyphens only, and at least one of them.
fn is_label(label: &[u8]) -> bool {
    label.iter().all(|octet| is_ldh(*octet))
        && label.first().is_some_and(|octet| *octet != b'-')
        && label.last() != Some(&b'-')
}

fn is_ldh(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'-'
}

/// Whether a name begins with `xn--`. Part of a name in Punycode has no meaning on its own.
fn starts_with_ace_prefix(name: &[u8]) -> bool {
    name.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"))
}

#[cfg(test)]
mod tests;
