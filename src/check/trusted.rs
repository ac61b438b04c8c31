//! The trusted CAs.
//!
//! A file of `trusted-ca` often holds more and other things than it should: intermediates without their root, CAs
//! that have expired, leaf certificates, private keys. Only what comes from files and from code is looked at here.
//! The CAs of the system and Mozilla's are taken care of by others.

use super::finding::Severity::{Advice, Error, Warning};
use super::inspector::{Inspector, Validity, issuer, subject};
use crate::options::TrustedCa;
use crate::pki::{self, Remark, RemarkKind, Trust, TrustedCertificate};
use crate::verify::{self, Purpose, fits_purpose};
use crate::x509::describe;
use crate::x509::extension::KeyUsage;

/// The option that the findings are about.
const OPTION: &str = "trusted-ca";

/// A certificate that is there twice is looked at once.
pub(super) fn inspect(inspector: &mut Inspector<'_>) {
    let roots = &inspector.inspection.trusted.found.roots;
    let own: Vec<_> = roots.own().collect();
    if !own.is_empty() {
        anchors(inspector, &own);
    }
    for (place, trusted) in own.iter().enumerate() {
        let before = &own[..place];
        match before.iter().find(|other| other.der() == trusted.der()) {
            Some(first) => twice(inspector, trusted, first),
            None => {
                signing(inspector, trusted);
                strength(inspector, trusted);
            }
        }
    }
    for flaw in own.iter().flat_map(|trusted| trusted.flaws()) {
        let kind = (Warning, "trusted-flaw");
        let cure = "get a correct certificate from this CA, or remove this one";
        inspector.note(kind, (OPTION, Some(flaw.origin())), flaw.to_string(), cure);
    }
    for remark in roots.remarks() {
        self::remark(inspector, OPTION, remark);
    }
}

/// Checks whether paths can end in these certificates, and for how long.
fn anchors(inspector: &mut Inspector<'_>, certificates: &[&TrustedCertificate]) {
    let has_no_other = match inspector.options.trusted_ca() {
        Some(TrustedCa::System | TrustedCa::WebpkiRoots) => false,
        _ => inspector
            .inspection
            .trusted
            .found
            .roots
            .anchors()
            .is_empty(),
    };
    let (anchors, others): (Vec<&TrustedCertificate>, Vec<_>) = certificates
        .iter()
        .partition(|trusted| verify::is_anchor(trusted));
    if anchors.is_empty() && has_no_other && inspector.inspection.trusted.errors.is_empty() {
        return no_root(inspector, &others);
    }
    let is_over = |trusted: &&TrustedCertificate| {
        let validity = inspector.validity(trusted.certificate());
        matches!(validity, Validity::Expired(_) | Validity::NotYet(_))
    };
    if has_no_other && !anchors.is_empty() && anchors.iter().all(is_over) {
        let names: Vec<_> = anchors.iter().map(|ca| dated(inspector, ca)).collect();
        let text = format!("no CA is valid now: {}", some(&names));
        let cure = "add the new certificates of the CAs to the file";
        let kind = (Error, "trusted-all-expired");
        return inspector.note(kind, (OPTION, Some(anchors[0].origin())), text, cure);
    }
    for trusted in certificates {
        validity(inspector, trusted);
    }
}

/// Notes that no path can end: peers are refused with 2 or 20 then.
fn no_root(inspector: &mut Inspector<'_>, others: &[&TrustedCertificate]) {
    let first = others[0];
    let text = format!(
        "it holds no self-signed certificate, so no peer can be trusted: {} is issued by {}",
        subject(first.certificate()),
        issuer(first.certificate())
    );
    let cure = "add the root certificate of the CA, which is self-signed";
    let kind = (Error, "trusted-no-root");
    inspector.note(kind, (OPTION, Some(first.origin())), text, cure);
}

/// Names a CA that is not valid now, and why.
fn dated(inspector: &Inspector<'_>, trusted: &TrustedCertificate) -> String {
    let name = subject(trusted.certificate());
    match inspector.validity(trusted.certificate()) {
        Validity::NotYet(from) => format!("{name} is not valid before {}", describe::day(from)),
        Validity::Expired(until) => format!("{name} expired on {}", describe::day(until)),
        _ => name,
    }
}

/// An expired CA is a warning, because others may be there that are valid.
fn validity(inspector: &mut Inspector<'_>, trusted: &TrustedCertificate) {
    let (code, text) = match inspector.validity(trusted.certificate()) {
        Validity::Good => return,
        Validity::Expired(_) => (
            "trusted-expired",
            format!("the CA {}", dated(inspector, trusted)),
        ),
        Validity::NotYet(_) => (
            "trusted-not-yet-valid",
            format!("the CA {}", dated(inspector, trusted)),
        ),
        Validity::EndsSoon(until) => (
            "trusted-expires-soon",
            format!(
                "the CA {} expires on {}",
                subject(trusted.certificate()),
                inspector.end(until)
            ),
        ),
    };
    let cure = "add the new certificate of this CA, or replace this one with it";
    inspector.note(
        (Warning, code),
        (OPTION, Some(trusted.origin())),
        text,
        cure,
    );
}

/// Checks whether the CA may issue certificates for TLS.
///
/// Which purposes are needed depends on `tls-mutual`. A certificate that is no CA may still be good for the one peer
/// that sends exactly it, if it is self-signed.
fn signing(inspector: &mut Inspector<'_>, trusted: &TrustedCertificate) {
    let certificate = trusted.certificate();
    let needed = match inspector.options.requires_client_certificate() {
        true => &[Purpose::Server, Purpose::Client][..],
        false => &[Purpose::Server],
    };
    let fits =
        |purpose: Purpose| fits_purpose(certificate, purpose, inspector.options.name_check(), true);
    let refuses = |purpose: &&Purpose| {
        let is_explicit = verify::explicit_trust(trusted, **purpose) == Trust::Trusted;
        !is_explicit && !fits(**purpose)
    };
    let Some(purpose) = needed.iter().find(refuses) else {
        return;
    };
    let name = subject(certificate);
    let reason = match certificate.extensions.basic_constraints {
        Some(constraints) if !constraints.is_ca => "its basicConstraints say that it is not a CA",
        _ if certificate.key_usage_forbids(KeyUsage::KEY_CERT_SIGN) => {
            "its key usage lacks keyCertSign"
        }
        _ if fits(*purpose) => return,
        None if certificate.extensions.key_purposes.is_none() => "it has no basicConstraints",
        _ => "its extended key usage does not allow it",
    };
    let whose = match purpose {
        Purpose::Client => "clients",
        Purpose::Server => "servers",
    };
    let text = format!("{name} may not issue certificates for TLS {whose}: {reason}");
    let cure = match certificate.is_self_signed() {
        true => {
            "put the certificate of a CA here; this one works only for a peer that sends exactly this certificate"
        }
        false => "put the certificate of the CA that issued it here",
    };
    let kind = (Warning, "trusted-may-not-sign");
    inspector.note(kind, (OPTION, Some(trusted.origin())), text, cure);
}

/// Notes a CA whose key is too weak for the security level.
fn strength(inspector: &mut Inspector<'_>, trusted: &TrustedCertificate) {
    let (certificate, level) = (trusted.certificate(), inspector.options.security_level());
    // An unreadable key is reported as a flaw.
    if certificate.key_strength.bits == 0 || !verify::is_weak_ca(certificate, level) {
        return;
    }
    let text = format!(
        "the key of the CA {} ({}) is below security level {level}: every peer below it is refused (67)",
        subject(certificate),
        describe::key(certificate)
    );
    let cure = "get a certificate of the CA with a stronger key";
    let kind = (Warning, "trusted-weak");
    inspector.note(kind, (OPTION, Some(trusted.origin())), text, cure);
}

/// Notes a certificate that is there twice, which does no harm.
fn twice(inspector: &mut Inspector<'_>, trusted: &TrustedCertificate, first: &TrustedCertificate) {
    let text = format!(
        "the CA {} is listed twice, first in {}",
        subject(trusted.certificate()),
        first.origin()
    );
    let kind = (Advice, "trusted-twice");
    let origin = Some(trusted.origin());
    inspector.note(kind, (OPTION, origin), text, "remove one of them");
}

/// Notes a remark on a file of an option.
pub(super) fn remark(inspector: &mut Inspector<'_>, option: &'static str, remark: &Remark) {
    let is_root_store =
        matches!(inspector.options.trusted_ca(), Some(TrustedCa::Sources(_))) && option == OPTION;
    let (kind, cure) = match remark.kind() {
        RemarkKind::Unused { what } if is_root_store && is_private_key(what) => (
            (Advice, "trusted-private-key"),
            "remove the private key from the file, because others may read it",
        ),
        RemarkKind::Unused { .. } => ((Advice, "unused-object"), "remove it from the file"),
        RemarkKind::Unhashed => (
            (Advice, "folder-not-hashed"),
            "run `openssl rehash` on the folder if OpenSSL uses it too",
        ),
        // `openssl rehash` skips such a file as well: `ca-certificates.crt` in /etc/ssl/certs is one.
        RemarkKind::NotHashed if remark.origin().path().is_some_and(pki::is_bundle) => return,
        RemarkKind::NotHashed | RemarkKind::OtherHash => (
            (Warning, "folder-file-ignored"),
            "run `openssl rehash` on the folder",
        ),
        RemarkKind::Unreadable { .. } => ((Warning, "file-ignored"), "replace or remove the file"),
        RemarkKind::NoMac => (
            (Warning, "no-mac"),
            "make the file with `openssl pkcs12 -export`, without `-nomac`",
        ),
        _ => ((Warning, "unused-object"), "remove it from the file"),
    };
    let text = remark.to_string();
    inspector.note(kind, (option, Some(remark.origin())), text, cure);
}

/// Whether the name of an unused object is that of a private key.
fn is_private_key(what: &str) -> bool {
    what.to_lowercase().contains("private key")
}

/// Joins the names. Of many names only the first are given, with the number of the others.
pub(super) fn some(names: &[String]) -> String {
    match names.len() {
        ..=MANY => names.join(", "),
        count => format!("{} and {} more", names[..MANY].join(", "), count - MANY),
    }
}

/// How many names are given before the others are only counted.
const MANY: usize = 3;
