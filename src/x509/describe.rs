//! Text that is only shown: descriptions of names and keys.
//!
//! Outside of tests, no other module uses x509-parser.
//!
//! Findings, reports and the program print it. The forms are those of the `openssl` commands, so that a user can
//! compare. No decision depends on anything here: if x509-parser cannot read a certificate, less is shown.
//!
//! All text of a certificate is hostile: control characters are escaped, so that a name cannot change a terminal or
//! forge a line in a log.

use std::borrow::Cow;
use std::fmt::Write;
use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::objects::{oid_registry, oid2abbrev, oid2sn};
use x509_parser::oid_registry::{OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS as OID_CA_ISSUERS, Oid};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use super::algorithm::{Algorithm, KeyKind};
use super::certificate::Certificate;
use super::crl::CrlFacts;
use super::der::Reader;
use super::key::PublicKey;
use super::name::{Attribute, Name};
use crate::report::counted;

/// Prints a name as `openssl x509 -subject` does, such as `C = DE, CN = sip.example.com`.
///
/// Attributes without a short name are printed by their object identifier. Text that is not valid in its own type is
/// printed in hexadecimal.
pub(crate) fn one_line(name: Name<'_>) -> String {
    let mut out = String::new();
    for attribute in name.attributes() {
        if attribute.joins {
            out.push_str(" + ");
        } else if !out.is_empty() {
            out.push_str(", ");
        }
        let oid = Oid::new(Cow::Borrowed(attribute.kind));
        match oid2abbrev(&oid, oid_registry()) {
            Ok(short) => out.push_str(short),
            Err(_) => out.push_str(&oid.to_id_string()),
        }
        out.push_str(" = ");
        push_printable(&mut out, attribute);
    }
    out
}

/// Returns the first organizationName of a name.
///
/// A guess about which CAs belong together is based on it.
pub(crate) fn organisation(name: Name<'_>) -> Option<String> {
    let mut attributes = name.attributes();
    let found = attributes.find(|attribute| attribute.kind == ORGANIZATION)?;
    found.text().map(Cow::into_owned)
}

/// Names the key of a certificate by its kind and size, such as `RSA 2048` or `EC P-256`.
///
/// Empty if the key cannot be read.
pub(crate) fn key(certificate: &Certificate<'_>) -> String {
    let Some(key) = PublicKey::read(&mut Reader::new(certificate.spki())) else {
        return String::new();
    };
    let key = &key;
    let rsa = |name: &str| match key.modulus_bits() {
        Some(bits) => format!("{name} {bits}"),
        None => name.to_owned(),
    };
    match key.kind() {
        KeyKind::Rsa => rsa("RSA"),
        KeyKind::RsaPss => rsa("RSA-PSS"),
        KeyKind::Ec => match curve(key) {
            Some(curve) => format!("EC {curve}"),
            None => "EC".to_owned(),
        },
        KeyKind::Ed25519 => "Ed25519".to_owned(),
        KeyKind::Ed448 => "Ed448".to_owned(),
        KeyKind::Other => Oid::new(Cow::Borrowed(key.algorithm.oid)).to_id_string(),
    }
}

/// Prints the day, such as `2027-03-01`, of a moment in seconds since the epoch, in UTC.
///
/// Dates are those of the Gregorian calendar, without a time zone.
pub(crate) fn day(seconds: i64) -> String {
    match ASN1Time::from_timestamp(seconds) {
        Ok(time) => time.to_datetime().date().to_string(),
        Err(_) => "an unknown time".to_owned(),
    }
}

/// Prints a moment in seconds since the epoch to the second, in UTC.
pub(crate) fn moment(seconds: i64) -> String {
    match ASN1Time::from_timestamp(seconds) {
        Ok(time) => {
            let time = time.to_datetime();
            let (hour, minute, second) = time.to_hms();
            format!("{} {hour:02}:{minute:02}:{second:02} UTC", time.date())
        }
        Err(_) => "an unknown time".to_owned(),
    }
}

/// Names a certificate by subject, issuer, serial number and dates.
///
/// Two certificates with one name are told apart by the rest.
pub(crate) fn certificate(certificate: &Certificate<'_>) -> String {
    let date = |time: Option<i64>| time.map_or_else(|| "?".to_owned(), moment);
    format!(
        "`{}`, issued by `{}`, serial {}, valid from {} to {}",
        one_line(certificate.subject_name()),
        one_line(certificate.issuer_name()),
        serial(certificate),
        date(certificate.not_before.valid),
        date(certificate.not_after.valid)
    )
}

/// Names a list by number, place and dates.
///
/// `origin` names the file and the block in it.
pub(crate) fn list(list: &CrlFacts, origin: &str) -> String {
    let number = list.number().map(|number| format!(" number {number}"));
    let until = list
        .next_update()
        .map(|until| format!("until {}", moment(until)));
    format!(
        "the list{} of `{}` in {origin}, issued {}, in force {}, {}",
        number.unwrap_or_default(),
        list.issuer(),
        list.this_update().map_or_else(|| "?".to_owned(), moment),
        until.unwrap_or_else(|| "until it is replaced".to_owned()),
        counted(list.entries(), "entry", "entries")
    )
}

/// Prints the serial number as `openssl x509 -serial` does.
pub(crate) fn serial(certificate: &Certificate<'_>) -> String {
    number(certificate.serial(), "")
}

/// Prints the content octets of an INTEGER in hexadecimal, with its sign before `prefix`.
pub(crate) fn number(octets: &[u8], prefix: &str) -> String {
    let is_negative = octets.first().is_some_and(|octet| octet & 0x80 != 0);
    let mut text = format!("{}{prefix}", if is_negative { "-" } else { "" });
    for octet in magnitude(octets, is_negative) {
        let _ = write!(text, "{octet:02X}");
    }
    text
}

/// Returns the absolute value of a two's complement number.
fn magnitude(octets: &[u8], is_negative: bool) -> Vec<u8> {
    let mut value = octets.to_vec();
    if is_negative {
        let mut carry = true;
        for octet in value.iter_mut().rev() {
            (*octet, carry) = (!*octet).overflowing_add(u8::from(carry));
        }
    }
    if let [0, _, ..] = value[..] {
        value.remove(0);
    }
    value
}

/// Names the algorithm that a certificate is signed with.
///
/// By OpenSSL's short name where there is one, or else by its object identifier.
pub(crate) fn signature_algorithm(certificate: &Certificate<'_>) -> String {
    let algorithm = Algorithm::of_checked(certificate.signature_algorithm());
    let oid = Oid::new(Cow::Borrowed(algorithm.oid));
    match oid2sn(&oid, oid_registry()) {
        Ok(name) => name.to_owned(),
        Err(_) => oid.to_id_string(),
    }
}

/// Prints the key usage; `None` if there is none.
pub(crate) fn key_usage(certificate: &Certificate<'_>) -> Option<String> {
    let found = extension(certificate, |extension| match extension {
        ParsedExtension::KeyUsage(usage) => Some(usage.to_string()),
        _ => None,
    })?;
    Some(format!("key usage {found}"))
}

/// Prints the extended key usage; `None` if there is none.
///
/// Purposes for TLS and SIP have names, others are printed by their object identifiers.
pub(crate) fn key_purposes(certificate: &Certificate<'_>) -> Option<String> {
    let names = extension(certificate, |extension| match extension {
        ParsedExtension::ExtendedKeyUsage(usage) => {
            let known = [
                (usage.any, "any"),
                (usage.server_auth, "serverAuth"),
                (usage.client_auth, "clientAuth"),
                (usage.code_signing, "codeSigning"),
                (usage.email_protection, "emailProtection"),
                (usage.time_stamping, "timeStamping"),
                (usage.ocsp_signing, "OCSPSigning"),
            ];
            let known = known.iter().filter(|(is_set, _)| *is_set);
            let mut names: Vec<_> = known.map(|(_, name)| (*name).to_owned()).collect();
            names.extend(usage.other.iter().map(|oid| match oid.to_id_string() {
                oid if oid == SIP_DOMAIN => "sipDomain".to_owned(),
                oid => oid,
            }));
            Some(names.join(", "))
        }
        _ => None,
    })?;
    Some(format!("extended key usage {names}"))
}

/// Prints the address in an iPAddress name.
pub(crate) fn address(octets: &[u8]) -> String {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let v6 = <[u8; 16]>::try_from(octets).map(IpAddr::from);
    match v4.or(v6) {
        Ok(address) => address.to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// Returns the answer of `say` for the first extension that it has an answer for.
fn extension<T>(
    certificate: &Certificate<'_>,
    say: impl Fn(&ParsedExtension<'_>) -> Option<T>,
) -> Option<T> {
    let (_, parsed) = X509Certificate::from_der(certificate.der()).ok()?;
    let mut extensions = parsed.extensions().iter();
    extensions.find_map(|extension| say(extension.parsed_extension()))
}

/// Whether a certificate says where the certificate of its issuer can be fetched (id-ad-caIssuers, RFC 5280, section
/// 4.2.2.1).
pub(crate) fn names_issuer_certificate(certificate: &Certificate<'_>) -> bool {
    let found = extension(certificate, |extension| match extension {
        ParsedExtension::AuthorityInfoAccess(access) => {
            let mut points = access.accessdescs.iter();
            points.find(|point| point.access_method == OID_CA_ISSUERS)?;
            Some(())
        }
        _ => None,
    });
    found.is_some()
}

/// Names the curve of a key; `None` if its parameters name none.
fn curve(key: &PublicKey<'_>) -> Option<String> {
    if let Some(curve) = key.curve() {
        return Some(curve.name().to_owned());
    }
    let name = key.curve_name()?;
    let known = CURVES.iter().find(|known| known.0 == name);
    Some(match known {
        Some((_, name)) => (*name).to_owned(),
        None => Oid::new(Cow::Borrowed(name)).to_id_string(),
    })
}

/// Appends a value. Control characters are escaped, because the text ends up in terminals and logs.
fn push_printable(out: &mut String, attribute: Attribute<'_>) {
    match attribute.text() {
        Some(text) => {
            for c in text.chars() {
                match c.is_control() {
                    true => out.extend(c.escape_unicode()),
                    false => out.push(c),
                }
            }
        }
        None => {
            for octet in attribute.value.content {
                let _ = write!(out, "\\{octet:02X}");
            }
        }
    }
}

/// id-kp-sipDomain, which x509-parser has no name for.
const SIP_DOMAIN: &str = "1.3.6.1.5.5.7.3.20";

/// id-at-organizationName.
const ORGANIZATION: &[u8] = &[0x55, 4, 10];

/// Curves that are named, but not supported.
const CURVES: &[(&[u8], &str)] = &[
    (&[0x2b, 0x81, 4, 0, 33], "P-224"),
    (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7], "brainpoolP256r1"),
    (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11], "brainpoolP384r1"),
    (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13], "brainpoolP512r1"),
];
