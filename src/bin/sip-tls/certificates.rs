//! Prints the certificates that a peer sent, or saves them to a file.

use std::fs;
use std::path::Path;

use pem::{EncodeConfig, LineEnding, Pem};
use rustls::pki_types::CertificateDer;
use sip_tls::options::FileList;
use sip_tls::pki::{self, Opener};
use sip_tls::verify::Fingerprint;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use crate::date;
use crate::failure::{Context, Failure};
use crate::output::{self, Table, bold, printable};
use crate::settings::Settings;

/// Prints a table of the main fields of each certificate.
pub(crate) fn show(chain: &[CertificateDer<'_>]) -> Result<(), Failure> {
    if chain.is_empty() {
        output::note("the peer sent no certificate");
    }
    for (number, der) in chain.iter().enumerate() {
        output::line(bold(&format!("certificate {number}")))?;
        output::line(table(der))?;
    }
    Ok(())
}

/// Writes the certificates as PEM, in the order in which they were sent.
///
/// An existing file is overwritten.
pub(crate) fn save(chain: &[CertificateDer<'_>], path: &Path) -> Result<(), Failure> {
    let unix = EncodeConfig::new().set_line_ending(LineEnding::LF);
    let blocks: String = chain
        .iter()
        .map(|der| pem::encode_config(&Pem::new("CERTIFICATE", der.as_ref()), unix))
        .collect();
    fs::write(path, blocks).map_err(|error| {
        let text = format!("cannot write {}", path.display());
        Failure::unusable(Context::new(text, error))
    })
}

/// Reads the certificates if the user gave a file of certificates instead of a configuration. Returns `None` if the
/// file is a configuration, or if no file is given.
pub(crate) fn in_place_of_config(
    settings: &Settings,
) -> Result<Option<Vec<CertificateDer<'static>>>, Failure> {
    let Some(file) = settings.config() else {
        return Ok(None);
    };
    // A file that cannot be read is treated as a configuration.
    let Ok(content) = fs::read(&file) else {
        return Ok(None);
    };
    let text = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
    let is_xml = text.trim_ascii_start().starts_with(b"<")
        || text.contains(&0) && text.starts_with(&[0xff, 0xfe]);
    if is_xml {
        return Ok(None);
    }
    let sources = FileList::new(&file, None).named("");
    let found = pki::roots::load_with(&sources, &Opener::default()).map_err(Failure::unusable)?;
    let certificates = found.certificates().iter();
    Ok(Some(
        certificates.map(|found| found.der().clone()).collect(),
    ))
}

/// Describes a certificate. x509-parser reads it here: it is only shown, and not judged.
fn table(der: &CertificateDer<'_>) -> Table {
    let mut table = Table::default();
    let mut row = |name: &str, value: String| table.row([name.to_owned(), printable(&value)]);
    match X509Certificate::from_der(der) {
        Ok((_, certificate)) => {
            row("subject", certificate.subject().to_string());
            row("issuer", certificate.issuer().to_string());
            row("serial", certificate.raw_serial_as_string());
            let validity = certificate.validity();
            let (from, until) = (
                validity.not_before.timestamp(),
                validity.not_after.timestamp(),
            );
            row(
                "valid",
                format!("{} to {}", date::day(from), date::day(until)),
            );
            row("names", names(&certificate));
            row("key", key(&certificate));
        }
        Err(error) => row("unreadable", error.to_string()),
    }
    row("SHA-256", Fingerprint::of(der).to_string());
    table
}

/// The names of the subjectAltName, by the words of `openssl x509`.
fn names(certificate: &X509Certificate<'_>) -> String {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return "none".to_owned();
    };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => format!("DNS:{name}"),
        GeneralName::IPAddress(octets) => format!("IP:{}", address(octets)),
        GeneralName::URI(uri) => format!("URI:{uri}"),
        GeneralName::RFC822Name(name) => format!("email:{name}"),
        other => other.to_string(),
    };
    let names: Vec<_> = extension.value.general_names.iter().map(name).collect();
    names.join(", ")
}

/// An address of four or sixteen octets.
fn address(octets: &[u8]) -> String {
    let v4 = <[u8; 4]>::try_from(octets).map(std::net::IpAddr::from);
    match v4.or_else(|_| <[u8; 16]>::try_from(octets).map(std::net::IpAddr::from)) {
        Ok(address) => address.to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// The kind and size of the key; an unknown kind as its object identifier.
fn key(certificate: &X509Certificate<'_>) -> String {
    use x509_parser::public_key::PublicKey;
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA, {} bits", key.key_size()),
        Ok(PublicKey::EC(point)) => format!("EC, {} bits", point.key_size()),
        _ => certificate.public_key().algorithm.algorithm.to_id_string(),
    }
}
