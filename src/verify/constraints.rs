//! Name constraints of every form that OpenSSL knows (`check_name_constraints` in OpenSSL).
//!
//! A CA with nameConstraints (RFC 5280, section 4.2.1.10) limits the names below it: those in the subjects, in the
//! subjectAltNames, and, for an end entity without DNS names, in the common names. The check comes last in a
//! verification, and is made of a path with good signatures only. So the constraints and names are those that trusted
//! CAs have signed.
//!
//! Two differences from RFC 5280 are OpenSSL's: a constraint for DNS names that begins with a dot is accepted, and
//! covers the names below it; and a mask of an address may have holes.

use std::borrow::Cow;

use super::code::VerifyCode;
use super::email;
use super::path::Path;
use super::status::Finding;
use crate::x509::Certificate;
use crate::x509::der;
use crate::x509::extension::{NameConstraints, Subtree};
use crate::x509::general_name::GeneralName;
use crate::x509::name;

/// Checks the names of each certificate of a path against the name constraints above it.
///
/// Each certificate is compared with the constraints of every CA above it, from the top of the path downwards. The
/// first violation ends the check.
pub(crate) fn check(path: &Path<'_>) -> Option<Finding> {
    let certificates = &path.certificates;
    for (depth, certificate) in certificates.iter().copied().enumerate().rev() {
        // RFC 5280, section 6.1.3: self-issued certificates are exempt, unless last in the path.
        if depth > 0 && certificate.is_self_issued {
            continue;
        }
        let above = certificates[depth + 1..].iter().rev();
        let constraints = above.filter_map(|issuer| issuer.extensions.name_constraints.as_ref());
        for constraints in constraints {
            if let Err(code) = check_one(certificate, constraints, depth == 0) {
                return Some(Finding::new(code, depth, certificate));
            }
        }
    }
    None
}

/// An error is the code of the finding.
type Checked = Result<(), VerifyCode>;

/// Checks one certificate (`NAME_CONSTRAINTS_check` in OpenSSL, and for an end entity `NAME_CONSTRAINTS_check_CN`).
///
/// The number of comparisons is limited before the first one is made. The order is OpenSSL's: the subject, its e-mail
/// addresses, the subjectAltName, the common names.
fn check_one(
    certificate: &Certificate<'_>,
    constraints: &NameConstraints,
    is_end_entity: bool,
) -> Checked {
    let subject = certificate.subject_name();
    let attributes = subject.attributes().count();
    let names = attributes + certificate.alt_names().count();
    if names > 0 && constraints.count() > MAX_COMPARISONS / names {
        return Err(VerifyCode::Unspecified);
    }
    if attributes > 0 {
        let name = GeneralName::Directory(Cow::Borrowed(certificate.subject()));
        check_name(&name, constraints)?;
        for email in subject
            .attributes()
            .filter(|a| a.kind == name::EMAIL_ADDRESS)
        {
            if email.value.tag != der::IA5_STRING {
                return Err(VerifyCode::UnsupportedNameSyntax);
            }
            let email = email.value.string().unwrap_or_default();
            check_name(&GeneralName::Email(email), constraints)?;
        }
    }
    let mut has_dns_name = false;
    for name in certificate.alt_names() {
        has_dns_name |= matches!(name, GeneralName::Dns(_));
        check_name(&name, constraints)?;
    }
    match is_end_entity && !has_dns_name {
        true => check_common_names(certificate, constraints),
        false => Ok(()),
    }
}

/// A common name that looks like a host counts as a DNS name if the subjectAltName has none.
///
/// Without this, a CA could get around its constraints: `X509_check_host(3)` takes a common name as a host if there
/// is no DNS name.
fn check_common_names(certificate: &Certificate<'_>, constraints: &NameConstraints) -> Checked {
    for text in certificate.common_names() {
        // OpenSSL reports a text that cannot be converted to UTF-8 as a lack of memory.
        let text = text.ok_or(VerifyCode::Unspecified)?;
        let text = text.trim_end_matches('\0');
        if text.contains('\0') {
            return Err(VerifyCode::UnsupportedNameSyntax);
        }
        if looks_like_host(text.as_bytes()) {
            let name = GeneralName::Dns(Cow::Borrowed(text.as_bytes()));
            check_name(&name, constraints)?;
        }
    }
    Ok(())
}

/// Checks one name (`nc_match` in OpenSSL). If there are permitted subtrees of its form, one must cover it; no
/// excluded one may.
///
/// A constraint with a minimum or maximum is an error as soon as it would be compared; OpenSSL supports neither.
fn check_name(name: &GeneralName<'_>, constraints: &NameConstraints) -> Checked {
    let mut is_permitted = None;
    for subtree in of_form(&constraints.permitted, name) {
        if subtree.has_bounds {
            return Err(VerifyCode::SubtreeMinmax);
        }
        if is_permitted != Some(true) {
            is_permitted = Some(covers(&subtree.base, name)?);
        }
    }
    if is_permitted == Some(false) {
        return Err(VerifyCode::PermittedViolation);
    }
    for subtree in of_form(&constraints.excluded, name) {
        if subtree.has_bounds {
            return Err(VerifyCode::SubtreeMinmax);
        }
        if covers(&subtree.base, name)? {
            return Err(VerifyCode::ExcludedViolation);
        }
    }
    Ok(())
}

/// The subtrees whose form is that of the name. An internationalised e-mail address (RFC 8398) is an e-mail address.
fn of_form<'s>(
    subtrees: &'s [Subtree],
    name: &GeneralName<'_>,
) -> impl Iterator<Item = &'s Subtree> {
    subtrees
        .iter()
        .filter(move |subtree| match (&subtree.base, name) {
            (GeneralName::Email(_), GeneralName::Other { id, .. }) => **id == *SMTP_UTF8_MAILBOX,
            (GeneralName::Other { .. }, GeneralName::Other { id, .. })
                if **id == *SMTP_UTF8_MAILBOX =>
            {
                false
            }
            (GeneralName::Other { id: base, .. }, GeneralName::Other { id, .. }) => base == id,
            (GeneralName::Unused { tag: base, .. }, GeneralName::Unused { tag, .. }) => base == tag,
            (base, name) => std::mem::discriminant(base) == std::mem::discriminant(name),
        })
}

/// Whether the base of a subtree covers a name of the same form (`nc_match_single` in OpenSSL).
///
/// Forms that OpenSSL cannot compare, such as x400Address, end in [`VerifyCode::UnsupportedConstraintType`].
fn covers(base: &GeneralName<'_>, name: &GeneralName<'_>) -> Result<bool, VerifyCode> {
    match (base, name) {
        (GeneralName::Directory(base), GeneralName::Directory(name)) => Ok(name.starts_with(base)),
        (GeneralName::Dns(base), GeneralName::Dns(name)) => Ok(dns(base, name)),
        (GeneralName::Email(base), GeneralName::Email(name)) => email::covers(base, name),
        (GeneralName::Email(base), GeneralName::Other { value, .. }) => {
            email::covers_international(base, value)
        }
        (GeneralName::Ip(base), GeneralName::Ip(name)) => ip(base, name),
        (GeneralName::Uri(base), GeneralName::Uri(name)) => uri(base, name),
        _ => Err(VerifyCode::UnsupportedConstraintType),
    }
}

/// Whether a base covers a DNS name: one made by adding labels to the left (RFC 5280, section 4.2.1.10). An empty base
/// covers every name.
fn dns(base: &[u8], name: &[u8]) -> bool {
    let Some(start) = name.len().checked_sub(base.len()) else {
        return false;
    };
    base.is_empty()
        || (name[start..].eq_ignore_ascii_case(base)
            && (start == 0 || base[0] == b'.' || name[start - 1] == b'.'))
}

/// Compares an address with an address and a mask. The mask may have holes.
fn ip(base: &[u8], name: &[u8]) -> Result<bool, VerifyCode> {
    if !matches!(name.len(), 4 | 16) || !matches!(base.len(), 8 | 32) {
        return Err(VerifyCode::UnsupportedNameSyntax);
    }
    if 2 * name.len() != base.len() {
        return Ok(false);
    }
    let (address, mask) = base.split_at(name.len());
    let mut octets = name.iter().zip(address).zip(mask);
    Ok(octets.all(|((name, address), mask)| name & mask == address & mask))
}

/// Compares the host of a URI with an authority. A base that begins with a dot covers all hosts below it, but not
/// itself.
///
/// Unlike for DNS names, a base without a dot covers that host alone (RFC 5280, section 4.2.1.10).
fn uri(base: &[u8], name: &[u8]) -> Result<bool, VerifyCode> {
    let host = host_of(name).ok_or(VerifyCode::UnsupportedNameSyntax)?;
    Ok(match base.first() {
        Some(b'.') => {
            let start = host.len().saturating_sub(base.len());
            start > 0 && host[start..].eq_ignore_ascii_case(base)
        }
        _ => host.eq_ignore_ascii_case(base),
    })
}

/// Returns the host of a URI, without the port (`nc_uri` in OpenSSL). It needs `://`, which `sip:` URIs do not have:
/// a certificate with one is refused below a CA with a constraint for URIs.
fn host_of(uri: &[u8]) -> Option<&[u8]> {
    let colon = uri.iter().position(|octet| *octet == b':')?;
    let rest = uri[colon..].strip_prefix(b"://")?;
    let end_at = |octet| rest.iter().position(|found| *found == octet);
    let end = end_at(b':').or_else(|| end_at(b'/')).unwrap_or(rest.len());
    (end > 0).then_some(&rest[..end])
}

/// Whether a name has two labels or more, of letters, digits, `_` and inner `-`.
fn looks_like_host(name: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        let is_inner = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-');
        !label.is_empty()
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-')
            && label.iter().all(is_inner)
    };
    name.contains(&b'.') && name.split(|octet| *octet == b'.').all(is_label)
}

/// The most comparisons that OpenSSL makes for one certificate and one set of constraints (`NAME_CHECK_MAX`).
const MAX_COMPARISONS: usize = 1 << 20;

/// id-on-SmtpUTF8Mailbox (RFC 8398).
const SMTP_UTF8_MAILBOX: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 8, 9];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_covers_itself_and_what_lies_below() {
        let cases = [
            ("sip.example.com", "example.com", true),
            ("SIP.Example.com", "example.COM", true),
            ("example.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("sip.example.com", ".example.com", true),
            ("example.com", ".example.com", false),
            ("com", "example.com", false),
            ("anything.at.all", "", true),
        ];
        for (name, base, expected) in cases {
            assert_eq!(
                dns(base.as_bytes(), name.as_bytes()),
                expected,
                "{name} {base}"
            );
        }
    }

    #[test]
    fn a_common_name_is_a_host_from_two_labels_up() {
        for host in ["sip.example.com", "a_b.c", "x-1.y"] {
            assert!(looks_like_host(host.as_bytes()), "{host}");
        }
        for other in [
            "sometld", "Jo Doe", "a..b", ".a.b", "a.b.", "-a.b", "a-.b", "a@b.c",
        ] {
            assert!(!looks_like_host(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn the_host_of_a_uri_ends_before_port_or_path() {
        let host = |uri: &'static str| host_of(uri.as_bytes()).map(|h| str::from_utf8(h).unwrap());
        assert_eq!(host("https://a.example/x:y"), Some("a.example/x"));
        assert_eq!(host("sips://a.example:5061/x"), Some("a.example"));
        assert_eq!(host("https://a.example"), Some("a.example"));
        assert_eq!(host("sip:a.example"), None);
        assert_eq!(host("https:///x"), None);
    }
}
