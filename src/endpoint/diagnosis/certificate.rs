//! Explains what happened to our certificate, or to that of the client.
//!
//! The answer depends on the request: a server that asked for no certificate cannot have refused ours; one that named
//! its CAs may have wanted another. OpenSSL shows these names in `s_client` ("Acceptable client certificate CA names");
//! here the error names them.

use rustls::{AlertDescription as A, SignatureAlgorithm, SignatureScheme};

use super::circumstances::Circumstances;
use super::objections;
use crate::endpoint::attempt::{Answer, Asked};
use crate::x509::describe;

/// Returns whether servers send this alert to a client without a certificate, or with one that they do not accept.
/// RFC 5246 specifies alert 40, and RFC 8446 specifies 116; JSSE and NSS send 42, GnuTLS sends 50.
pub(super) fn may_be_about_ours(alert: A) -> bool {
    matches!(
        alert,
        A::AccessDenied
            | A::BadCertificate
            | A::CertificateExpired
            | A::CertificateRequired
            | A::CertificateRevoked
            | A::CertificateUnknown
            | A::DecodeError
            | A::DecryptError
            | A::HandshakeFailure
            | A::NoCertificate
            | A::UnknownCA
            | A::UnsupportedCertificate
    )
}

/// Explains what the server asked for, and what we answered.
pub(super) fn ours(circumstances: &Circumstances, alert: Option<A>) -> Option<String> {
    let asked = circumstances.asked.as_ref()?;
    Some(match asked.answer {
        Answer::Nothing => format!(
            "the server asked for a client certificate{}; `certificate` is not given",
            cas(asked).map_or_else(String::new, |cas| format!(" issued by {cas}"))
        ),
        Answer::WrongKey => format!(
            "the server asked for a client certificate with a key for {}; our key is {}, so no certificate was sent",
            schemes(&asked.schemes),
            key_kind(circumstances)
        ),
        Answer::Certificate => {
            let cas = cas(asked).map_or_else(String::new, |cas| {
                format!("; it accepts certificates issued by {cas}")
            });
            let others = match is_issued_by_others(circumstances, asked) {
                true => ", and none of these CAs issued ours",
                false => "",
            };
            format!(
                "the server refused {}{cas}{others}",
                refused(circumstances, alert)
            )
        }
    })
}

/// Explains that a client refused our certificate, or may have refused it.
pub(super) fn refused_by_client(circumstances: &Circumstances, alert: A) -> Option<String> {
    circumstances.own.as_ref()?;
    if may_be_about_ours(alert) && alert != A::HandshakeFailure {
        let refused = refused(circumstances, Some(alert));
        return Some(format!("the client refused {refused}"));
    }
    let objections = objections::of_peer(circumstances, Some(alert));
    (!objections.is_empty()).then(|| {
        format!(
            "it may have refused our certificate: {}",
            objections.join("; ")
        )
    })
}

/// Names our certificate, and why the peer may have refused it.
fn refused(circumstances: &Circumstances, alert: Option<A>) -> String {
    let own = circumstances.own_chain();
    let mut text = "our certificate".to_owned();
    if let Some(own) = own.first() {
        text.push_str(&format!(" {}", describe::certificate(own)));
    }
    let meaning = meaning(alert).map(str::to_owned);
    let objections = objections::of_peer(circumstances, alert);
    let reasons: Vec<_> = meaning.into_iter().chain(objections).collect();
    if !reasons.is_empty() {
        text.push_str(&format!(": {}", reasons.join("; ")));
    }
    text
}

/// What an alert says of a certificate (RFC 8446, section 6.2).
fn meaning(alert: Option<A>) -> Option<&'static str> {
    Some(match alert? {
        A::UnknownCA => "the peer does not trust its CA",
        A::CertificateExpired => {
            "the peer says that the certificate or a list of its CA has expired"
        }
        A::CertificateRevoked => "the peer says that the certificate is revoked",
        A::UnsupportedCertificate => {
            "the certificate is not for this purpose, or the peer does not accept its kind"
        }
        A::AccessDenied => "the peer does not authorise it",
        A::DecryptError => "the peer says that a signature is wrong",
        _ => return None,
    })
}

/// Returns whether the server names CAs, and none of them issued a certificate of our chain.
fn is_issued_by_others(circumstances: &Circumstances, asked: &Asked) -> bool {
    let cas: Vec<_> = asked.names().filter_map(|ca| ca.canonical()).collect();
    let own = circumstances.own_chain();
    let mut issuers = own.iter().filter_map(|own| own.issuer_name().canonical());
    !cas.is_empty() && !issuers.any(|issuer| cas.contains(&issuer))
}

/// Names the CAs that the server accepts. If there are many, it names some of them.
fn cas(asked: &Asked) -> Option<String> {
    let names = asked.names().take(MANY);
    let names: Vec<_> = names.map(describe::one_line).collect();
    match (names.len(), asked.cas.len()) {
        (0, _) => None,
        (shown, count) if shown < count => Some(format!(
            "one of {count} CAs, `{}` and others",
            names.join("`, `")
        )),
        _ => Some(format!("`{}`", names.join("` or `"))),
    }
}

pub(super) fn key_kind(circumstances: &Circumstances) -> &'static str {
    match circumstances.own.as_ref().map(|own| own.key.algorithm()) {
        Some(SignatureAlgorithm::RSA) => "RSA",
        Some(SignatureAlgorithm::ECDSA) => "ECDSA",
        Some(SignatureAlgorithm::ED25519) => "Ed25519",
        Some(SignatureAlgorithm::ED448) => "Ed448",
        _ => "of another kind",
    }
}

fn schemes(schemes: &[SignatureScheme]) -> String {
    let names: Vec<_> = schemes.iter().filter_map(SignatureScheme::as_str).collect();
    match names.len() {
        0 => "unknown signature schemes".to_owned(),
        1..=MANY => names.join(", "),
        _ => format!("{} and others", names[..MANY].join(", ")),
    }
}

/// How many names stand in a message.
const MANY: usize = 4;
