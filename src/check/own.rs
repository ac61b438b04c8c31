//! Our own certificates, one by one.
//!
//! They are looked at as a peer with OpenSSL will look at them: dates, names, usages, and the lists that our own side
//! has. An endpoint loads a certificate even if it has expired or is not for TLS, as OpenSSL does, so none of this
//! shows before a peer refuses it.

use super::finding::Severity::{Advice, Error, Warning};
use super::inspector::{Inspector, Validity, subject};
use crate::error;
use crate::options::OptionInfo;
use crate::pki::{FileProblem, Origin, RemarkKind};
use crate::verify::{Purpose, fits_purpose};
use crate::x509::extension::KeyUsage;
use crate::x509::{Certificate, describe};

/// The option that the findings are about.
pub(super) const OPTION: &str = "certificate";

/// The first certificate is the end entity; names and usages matter for it alone.
pub(super) fn inspect(inspector: &mut Inspector<'_>) {
    let sent = sent(inspector);
    for (depth, (certificate, origin)) in sent.iter().enumerate() {
        validity(inspector, depth, certificate, origin);
    }
    if let Some((end_entity, origin)) = sent.first() {
        names(inspector, end_entity, origin);
        usage(inspector, end_entity, origin);
        revocation(inspector, &sent);
    }
    remarks(inspector);
}

/// Returns the certificates that are sent, or would be sent with the right key, and their places.
pub(super) fn sent<'a>(inspector: &Inspector<'a>) -> Vec<(&'a Certificate<'static>, &'a Origin)> {
    let own = &inspector.inspection.own;
    if let Some(credentials) = &own.found.credentials {
        let certificates = credentials.certificates().iter();
        let sent = certificates.zip(credentials.origins());
        // The certificates that complete the chain are reported as CAs.
        return sent.take_while(|own| is_own(own.1)).collect();
    }
    let certificates = own.found.certificates.iter();
    let mut sent: Vec<_> = certificates.zip(&own.found.origins).collect();
    let fitting = own.errors.iter().find_map(|error| match error {
        error::Error::File(error) => match error.problem() {
            FileProblem::KeyMismatch { fits, .. } => fits.as_deref(),
            _ => None,
        },
        _ => None,
    });
    // The certificate that fits the key was meant to be the first.
    if let Some(place) = sent.iter().position(|own| Some(own.1) == fitting) {
        sent[..=place].rotate_right(1);
    }
    sent
}

/// Whether a certificate comes from the files of `certificate`, and not from `trusted-ca`, from where a chain is
/// completed.
fn is_own(origin: &Origin) -> bool {
    OptionInfo::named(origin.option()).is_none_or(|info| info.name == OPTION)
}

/// An expired end entity is an error, an expired CA of our chain a warning: peers may have a newer certificate of
/// that CA.
fn validity(inspector: &mut Inspector<'_>, depth: usize, own: &Certificate<'_>, origin: &Origin) {
    let name = subject(own);
    let (what, severity) = match depth {
        0 => ("our certificate", Error),
        _ => ("the certificate in our chain", Warning),
    };
    let renew = match depth {
        0 => "get a new certificate from the CA, and replace this one and its key with it",
        _ => "replace it with the new certificate of this CA",
    };
    let (kind, text, cure) = match inspector.validity(own) {
        Validity::Good => return,
        Validity::Expired(until) => (
            (severity, "own-expired"),
            format!("{what} {name} expired on {}", describe::day(until)),
            renew,
        ),
        Validity::NotYet(from) => (
            (severity, "own-not-yet-valid"),
            format!("{what} {name} is not valid before {}", describe::day(from)),
            "wait until then, or set the clock if it is wrong",
        ),
        Validity::EndsSoon(until) => (
            (Warning, "own-expires-soon"),
            format!("{what} {name} expires on {}", inspector.end(until)),
            renew,
        ),
    };
    inspector.note(kind, (OPTION, Some(origin)), text, cure);
}

/// RFC 9525 no longer lets clients look at the common name. OpenSSL still does if there is no DNS name.
fn names(inspector: &mut Inspector<'_>, own: &Certificate<'_>, origin: &Origin) {
    if own.alt_names().next().is_none() {
        let text = format!(
            "our certificate {} has no subjectAltName; modern peers ignore the common name",
            subject(own)
        );
        let cure = "get one from the CA with our host names in the subjectAltName";
        inspector.note((Warning, "own-no-san"), (OPTION, Some(origin)), text, cure);
    }
}

/// Checks what extended key usage, key usage and the Netscape type allow.
///
/// A certificate that is for one role only works in that role, so this is a warning.
fn usage(inspector: &mut Inspector<'_>, own: &Certificate<'_>, origin: &Origin) {
    let name = subject(own);
    let name_check = inspector.options.name_check();
    for (purpose, code, role, connections, eku) in ROLES {
        if !fits_purpose(own, purpose, name_check, false) {
            let text = format!(
                "our certificate {name} is not usable for {role} because of its key usage or extended key usage: OpenSSL \
                 refuses it on {connections} connections (26)"
            );
            let cure = format!("get one from the CA that also has the extended key usage {eku}");
            inspector.note((Warning, code), (OPTION, Some(origin)), text, cure);
        }
    }
    let mut roles = ROLES.iter();
    let fits_one = roles.any(|role| fits_purpose(own, role.0, name_check, false));
    if fits_one && own.key_usage_forbids(KeyUsage::DIGITAL_SIGNATURE) {
        let text = format!(
            "the key usage of our certificate {name} lacks digitalSignature, but its key signs in TLS 1.3 and in every \
             suite that is offered; some peers refuse that"
        );
        let cure = "get one from the CA with the key usage digitalSignature";
        let kind = (Warning, "own-key-usage");
        inspector.note(kind, (OPTION, Some(origin)), text, cure);
    }
}

/// The roles that an endpoint can have: what the peer verifies, the code of the finding, and the words for it.
const ROLES: [(Purpose, &str, &str, &str, &str); 2] = [
    (
        Purpose::Client,
        "own-not-for-clients",
        "clients",
        "outgoing",
        "clientAuth",
    ),
    (
        Purpose::Server,
        "own-not-for-servers",
        "servers",
        "incoming",
        "serverAuth",
    ),
];

/// Checks our own certificate against our own lists.
///
/// The lists are those of `tls-crl`. Peers may have others.
fn revocation(inspector: &mut Inspector<'_>, sent: &[(&Certificate<'static>, &Origin)]) {
    let verifier = &inspector.inspection.trusted.found.verifier;
    let chain: Vec<_> = sent.iter().map(|(own, _)| own.der().clone()).collect();
    let revoked = verifier.revocation_of_own(&chain, inspector.now);
    let Some(revoked) = revoked else { return };
    let list = match revoked.origin() {
        Some(list) => format!("the list in {list}"),
        None => "a list".to_owned(),
    };
    let text = match revoked.depth() {
        0 => format!(
            "our certificate `{}` is revoked by {list}",
            revoked.subject()
        ),
        _ => format!(
            "`{}`, a CA of our certificate, is revoked by {list}",
            revoked.subject()
        ),
    };
    let origin = sent.get(revoked.depth()).map(|(_, origin)| *origin);
    let cure = "get a new certificate with a new key from the CA";
    inspector.note((Error, "own-revoked"), (OPTION, origin), text, cure);
}

/// Notes the remarks on our files.
fn remarks(inspector: &mut Inspector<'_>) {
    let Some(credentials) = &inspector.inspection.own.found.credentials else {
        return;
    };
    for remark in credentials.remarks() {
        let (kind, cure) = match remark.kind() {
            RemarkKind::NotInChain { .. } => (
                (Warning, "own-unrelated"),
                "make a file with only our certificate and its intermediates",
            ),
            RemarkKind::NoMac => (
                (Warning, "no-mac"),
                "make the file with `openssl pkcs12 -export`, without `-nomac`",
            ),
            RemarkKind::NotCompared => (
                (Advice, "key-not-compared"),
                "make sure that the certificate was issued for this key",
            ),
            _ => ((Warning, "unused-object"), "remove it from the file"),
        };
        inspector.note(
            kind,
            (OPTION, Some(remark.origin())),
            remark.to_string(),
            cure,
        );
    }
}
