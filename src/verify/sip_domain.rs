//! The SIP domains that a certificate names (RFC 5922, section 7).
//!
//! A certificate names SIP domains in `sip:` URIs of its subjectAltName. Once there is such a URI, DNS names do not
//! count. A certificate without such URIs is read by its DNS names, and one without subjectAltName by its common
//! names. There are no wildcards.
//!
//! The option `tls-target-name-check` = `sip` compares by these rules; [`PeerIdentities`](super::PeerIdentities)
//! lists the domains. OpenSSL has no such check.

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv6Addr;

use crate::x509::Certificate;
use crate::x509::general_name::GeneralName;

/// A SIP domain in a certificate, and the name that it comes from.
pub(crate) struct SipDomain<'a> {
    /// The domain without scheme, port and parameters.
    pub(crate) domain: Cow<'a, str>,
    /// The name as it stands in the certificate.
    pub(crate) name: Cow<'a, str>,
}

/// Finds the SIP domains of a certificate (RFC 5922, section 7.1): those of `sip:` URIs; the DNS names only if there
/// is no such URI; the common names only if there is no subjectAltName at all.
///
/// `sips:` URIs count as `sip:` ones, which goes beyond the RFC.
///
/// Names that hold characters that no host name has are left out. A URI with such a host counts as absent.
pub(crate) fn domains<'a>(certificate: &'a Certificate<'_>) -> Vec<SipDomain<'a>> {
    let uris: Vec<_> = certificate
        .alt_names()
        .filter_map(|name| match name {
            GeneralName::Uri(uri) => of_uri(uri),
            _ => None,
        })
        .collect();
    if !uris.is_empty() {
        return uris;
    }
    if certificate.has_alt_names() {
        let names = certificate.alt_names();
        return names.filter_map(of_dns_name).collect();
    }
    certificate
        .common_names()
        .flatten()
        .filter_map(|name| SipDomain::of_host(name.clone(), name))
        .collect()
}

/// Returns the name in the certificate that matches the domain, if any does (RFC 5922, section 7.2).
///
/// Domains in Unicode are compared as A-labels.
pub(crate) fn matching(certificate: &Certificate<'_>, domain: &str) -> Option<String> {
    let domain = ascii(domain);
    let mut domains = domains(certificate).into_iter();
    let found = domains.find(|found| is_same(&found.domain, &domain))?;
    Some(found.name.into_owned())
}

/// Says which SIP domains a certificate names.
pub(super) fn described(certificate: &Certificate<'_>) -> String {
    let domains = domains(certificate);
    let names: Vec<_> = domains.iter().map(|found| &*found.name).collect();
    listed(&names)
}

/// Says which SIP domains there are, and names at most `MANY` of them.
pub(super) fn listed(names: &[impl fmt::Display]) -> String {
    let shown = names.iter().take(MANY).map(|name| format!("`{name}`"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "it names no SIP domain (RFC 5922, section 7.1)".to_owned(),
        1 => format!("its SIP domain is {shown} (RFC 5922)"),
        2..=MANY => format!("its SIP domains are {shown} (RFC 5922)"),
        count => format!(
            "its SIP domains are {shown} and {} more (RFC 5922)",
            count - MANY
        ),
    }
}

const MANY: usize = 10;

impl<'a> SipDomain<'a> {
    /// Returns the domain if the host can be a host name.
    fn of_host(host: Cow<'a, str>, name: Cow<'a, str>) -> Option<Self> {
        is_host(&host).then_some(Self { domain: host, name })
    }
}

/// The domain of a dNSName; `None` for names of other kinds.
fn of_dns_name(name: GeneralName<'_>) -> Option<SipDomain<'_>> {
    let GeneralName::Dns(name) = name else {
        return None;
    };
    let name = text(name)?;
    SipDomain::of_host(name.clone(), name)
}

/// The domain of a URI (RFC 3261, section 19.1.1). A URI with a user identifies the user, and not the domain.
///
/// Scheme and host are read in any case; a port, parameters and headers are left out. `None` also for URIs of other
/// schemes.
fn of_uri(uri: Cow<'_, [u8]>) -> Option<SipDomain<'_>> {
    let name = text(uri)?;
    let (scheme, rest) = name.split_once(':')?;
    if !["sip", "sips"]
        .iter()
        .any(|sip| scheme.eq_ignore_ascii_case(sip))
        || rest.contains('@')
    {
        return None;
    }
    let host_and_port = rest.split([';', '?']).next()?;
    if let Some(v6) = host_and_port.strip_prefix('[') {
        let address: Ipv6Addr = v6.split_once(']')?.0.parse().ok()?;
        let domain = address.to_string().into();
        return Some(SipDomain { domain, name });
    }
    let host = host_and_port.split(':').next()?;
    SipDomain::of_host(host.to_owned().into(), name)
}

fn text(octets: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match octets {
        Cow::Borrowed(octets) => std::str::from_utf8(octets).ok().map(Cow::Borrowed),
        Cow::Owned(octets) => String::from_utf8(octets).ok().map(Cow::Owned),
    }
}

/// Whether a text can be a host name. Characters that no host name has are a sign of an attack, or of a mistake.
///
/// Dots, hyphens, underscores and the `*` of wildcards are accepted besides letters and digits. The order of the
/// characters is not checked.
pub(super) fn is_host(text: &str) -> bool {
    let is_good = |octet: u8| octet.is_ascii_alphanumeric() || b"-._*".contains(&octet);
    !text.is_empty() && text.bytes().all(is_good)
}

/// Compares two domains as DNS names (RFC 4343), whole and without wildcards. A dot at the end, for the root, is
/// ignored.
pub(super) fn is_same(found: &str, domain: &str) -> bool {
    let [found, domain] = [found, domain].map(without_root);
    !domain.is_empty() && found.eq_ignore_ascii_case(domain)
}

/// Writes a domain in its canonical form: in lower case, without a dot at the end.
pub(super) fn canonical(domain: &str) -> String {
    without_root(domain).to_ascii_lowercase()
}

/// Writes a domain in its canonical form, with A-labels in place of labels that are not ASCII.
#[cfg(feature = "tokio")]
pub(crate) fn normalised(domain: &str) -> String {
    canonical(&ascii(domain))
}

/// Removes one dot at the end.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Writes labels that are not ASCII as A-labels, as certificates do (RFC 5280, section 7.2; RFC 5890, section
/// 2.3.2.1).
pub(super) fn ascii(domain: &str) -> Cow<'_, str> {
    if domain.is_ascii() {
        return domain.into();
    }
    let label = |label: &str| match label.is_ascii() {
        true => label.to_owned(),
        // A label that cannot be encoded matches nothing.
        false => punycode::encode(&label.to_lowercase())
            .map_or_else(|()| label.to_owned(), |encoded| format!("xn--{encoded}")),
    };
    domain
        .split('.')
        .map(label)
        .collect::<Vec<_>>()
        .join(".")
        .into()
}

#[cfg(test)]
mod tests;
