//! What became of our certificate, or of the client's.

use rustls::{AlertDescription as A, SignatureAlgorithm, SignatureScheme};

use super::circumstances::Circumstances;
use crate::endpoint::attempt::{Answer, Asked};
use crate::x509::{Certificate, describe};

/// Whether servers send this alert to a client without a certificate, or with one that they do not take: RFC 5246 says
/// 40, RFC 8446 116; JSSE and NSS send 42, GnuTLS 50.
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

/// Says what the server asked for, and what it got.
pub(super) fn ours(circumstances: &Circumstances, alert: Option<A>) -> Option<String> {
    let asked = circumstances.asked.as_ref()?;
    Some(match asked.answer {
        Answer::Nothing => format!(
            "the server asked for a client certificate{}; `certificate` is not given",
            cas(asked).map_or_else(String::new, |cas| format!(" of {cas}"))
        ),
        Answer::WrongKey => format!(
            "the server asked for a client certificate with a key for {}; the key of ours is {}, so that none was sent",
            schemes(&asked.schemes),
            key_kind(circumstances)
        ),
        Answer::Certificate => format!(
            "the server refused our certificate {}{}{}",
            described(circumstances),
            meaning(alert),
            cas(asked).map_or_else(String::new, |cas| format!("; it takes those of {cas}"))
        ),
    })
}

/// Says that a client refused our certificate.
pub(super) fn refused_by_client(circumstances: &Circumstances, alert: A) -> Option<String> {
    let is_about_it = may_be_about_ours(alert) && alert != A::HandshakeFailure;
    (is_about_it && circumstances.own.is_some()).then(|| {
        format!(
            "the client refused our certificate {}{}",
            described(circumstances),
            meaning(Some(alert))
        )
    })
}

fn meaning(alert: Option<A>) -> &'static str {
    match alert {
        Some(A::UnknownCA) => ": it does not trust its CA",
        Some(A::CertificateExpired) => ": it says that it has expired, or a list of its CA",
        Some(A::CertificateRevoked) => ": it says that it is revoked",
        Some(A::UnsupportedCertificate) => {
            ": it is not for this purpose, or of a kind that it does not take"
        }
        Some(A::AccessDenied) => ": it does not let it in",
        Some(A::DecryptError) => ": it says that a signature is wrong",
        _ => "",
    }
}

/// Names our certificate and its issuer.
fn described(circumstances: &Circumstances) -> String {
    let own = circumstances.own.as_ref();
    let read = own.and_then(|key| Certificate::parse(key.cert.first()?.clone()).ok());
    read.map_or_else(String::new, |own| {
        format!(
            "`{}`, issued by `{}`",
            describe::one_line(own.subject_name()),
            describe::one_line(own.issuer_name())
        )
    })
}

/// Names the CAs that the server takes, some of many.
fn cas(asked: &Asked) -> Option<String> {
    let names: Vec<_> = asked.names().take(MANY).collect();
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
        0 => "schemes that are unknown here".to_owned(),
        1..=MANY => names.join(", "),
        _ => format!("{} and so on", names[..MANY].join(", ")),
    }
}

const MANY: usize = 4;
