//! The reasons why a peer may refuse our certificate, as far as they can be known here.
//!
//! A peer that refuses a certificate seldom says why. Our own chain is looked at with the peer's eyes: its dates, our
//! lists, and the name that the client asked for. These are guesses, and the text says so.

use rustls::AlertDescription as A;
use rustls::pki_types::CertificateDer;

use super::circumstances::Circumstances;
use crate::options::NameCheck;
use crate::verify::{self, ReferenceName};
use crate::x509::{Certificate, describe};

/// Returns possible reasons for the end of the connection, or for an alert that does not state its reason.
pub(super) fn of_peer(circumstances: &Circumstances, alert: Option<A>) -> Vec<String> {
    let chain = circumstances.own_chain();
    let (Some(own), Some(end_entity)) = (&circumstances.own, chain.first()) else {
        return Vec::new();
    };
    let mut objections = Vec::new();
    if alert.is_none_or(|alert| UNSPECIFIC.contains(&alert)) {
        let date = |of_chain| date(circumstances, of_chain);
        objections.extend(chain.iter().find_map(date));
        objections.extend(revocation(circumstances, &own.cert));
        objections.extend(name(circumstances, end_entity));
    } else if alert == Some(A::InternalError) {
        // stunnel sends this alert for a wrong name.
        objections.extend(name(circumstances, end_entity));
    }
    objections
}

/// Whether a certificate of ours is not valid yet, or no longer, by our clock.
fn date(circumstances: &Circumstances, own: &Certificate<'_>) -> Option<String> {
    let now = circumstances.now?;
    let name = describe::one_line(own.subject_name());
    match (own.not_before.valid?, own.not_after.valid?) {
        (from, _) if from > now => Some(format!(
            "`{name}` is not valid before {}",
            describe::moment(from)
        )),
        (_, until) if until <= now => {
            Some(format!("`{name}` expired on {}", describe::moment(until)))
        }
        _ => None,
    }
}

/// Checks our chain with our own lists: the peer may have the same lists.
fn revocation(circumstances: &Circumstances, chain: &[CertificateDer<'_>]) -> Option<String> {
    let verifier = &circumstances.in_force.as_ref()?.verifier;
    let revoked = verifier.revocation_of_own(chain, circumstances.now?)?;
    let list = revoked.origin().map_or_else(
        || "one of our lists".to_owned(),
        |origin| format!("the list in {origin}"),
    );
    Some(format!("`{}` is revoked by {list}", revoked.subject()))
}

/// Compares our certificate with the name that a client sends, if it sends one.
fn name(circumstances: &Circumstances, own: &Certificate<'_>) -> Option<String> {
    let meant = circumstances.offered()?.server_name?;
    let meant = ReferenceName::new(std::str::from_utf8(&meant).ok()?);
    match verify::matching_name(own, &meant, NameCheck::Host) {
        Some(_) => None,
        None => Some(format!(
            "the client expects `{meant}` (SNI), and our certificate has {}",
            verify::names(own)
        )),
    }
}

/// The alerts that refuse a certificate and do not say why.
const UNSPECIFIC: &[A] = &[A::AccessDenied, A::BadCertificate, A::CertificateUnknown];
