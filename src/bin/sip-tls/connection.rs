//! The result of a connection, as `connect` and `listen` print it.
//!
//! Both commands print the same words for the same thing: who refused whom, OpenSSL's code and depth, the alert. So
//! does `connect --register` for each of its connections.

use rustls::AlertDescription;
use rustls::pki_types::CertificateDer;
use serde::Serialize;
use sip_tls::verify::{Finding, VerifyCode, VerifyStatus};
use sip_tls::{ConnectError, Connection};

use crate::failure::{Exit, chain};

/// The result of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Connected,
    /// One of the two sides refused the other.
    Refused,
    /// There was no connection, or it broke.
    Failed,
}

/// The fields that `connect` and `listen` have in common.
///
/// The names of the fields are those of the JSON output, and so an interface.
#[derive(Debug, Serialize)]
pub(crate) struct ConnectionRecord {
    pub(crate) result: Verdict,
    pub(crate) protocol: Option<&'static str>,
    pub(crate) cipher: Option<&'static str>,
    pub(crate) group: Option<&'static str>,
    /// The subjects of the peer's path, end entity first.
    pub(crate) path: Vec<String>,
    pub(crate) matched_name: Option<String>,
    pub(crate) revocation_list: Option<String>,
    pub(crate) openssl: Option<OpensslCode>,
    pub(crate) depth: Option<usize>,
    pub(crate) findings: Vec<FindingRecord>,
    pub(crate) alert: Option<Alert>,
    pub(crate) error: Option<String>,
    /// The certificate, names and list that the error is about.
    pub(crate) about: Option<String>,
    /// The certificates that the peer sent.
    #[serde(skip)]
    pub(crate) certificates: Vec<CertificateDer<'static>>,
}

impl ConnectionRecord {
    /// The record of a connection that was made.
    pub(crate) fn connected<IO>(connection: &Connection<IO>) -> Self {
        let status = connection.verify_status();
        Self {
            protocol: Some(connection.protocol()),
            cipher: Some(connection.cipher()),
            group: connection.group(),
            certificates: connection.peer_certificates().to_vec(),
            ..Self::new(Verdict::Connected, status)
        }
    }

    /// The record of a connection that was not made.
    pub(crate) fn not_connected(error: &ConnectError) -> Self {
        let verdict = match has_refused(error) {
            true => Verdict::Refused,
            false => Verdict::Failed,
        };
        let refusal = error.verify_status().and_then(VerifyStatus::error);
        Self {
            error: Some(error.to_string()),
            about: refusal.and_then(Finding::about).map(str::to_owned),
            alert: error.alert().map(Alert::from),
            ..Self::new(verdict, error.verify_status())
        }
    }

    /// Notes that an established connection broke. In TLS 1.3 a server refuses its client only at this point.
    pub(crate) fn breaks(&mut self, error: &ConnectError) {
        self.alert = error.alert().map(Alert::from);
        (self.result, self.error) = match error {
            ConnectError::Handshake { .. } if self.alert.is_some() => {
                (Verdict::Refused, Some(error.to_string()))
            }
            ConnectError::Io {
                explanation: Some(_),
                ..
            } => (Verdict::Failed, Some(error.to_string())),
            ConnectError::Io { source, .. } => {
                let text = format!("the connection broke: {}", chain(source));
                (Verdict::Failed, Some(text))
            }
            other => (Verdict::Failed, Some(other.to_string())),
        };
    }

    /// Notes that something went wrong on an established connection.
    pub(crate) fn fails(&mut self, error: String) {
        self.result = Verdict::Failed;
        self.error = Some(error);
    }

    /// The record of a connection of which nothing else is known.
    pub(crate) fn failed(error: Option<String>) -> Self {
        Self {
            error,
            ..Self::new(Verdict::Failed, None)
        }
    }

    /// Returns the error, followed by the objects that it is about.
    pub(crate) fn whole_error(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        Some(match &self.about {
            Some(about) => format!("{error}; {about}"),
            None => error.clone(),
        })
    }

    /// The exit code for this result.
    pub(crate) fn exit(&self) -> Exit {
        match self.result {
            Verdict::Connected => Exit::Done,
            Verdict::Refused => Exit::Refused,
            Verdict::Failed => Exit::Network,
        }
    }

    /// The subject of the peer's own certificate.
    pub(crate) fn peer_subject(&self) -> Option<&str> {
        self.path.first().map(String::as_str)
    }

    /// The name of the alert by which the peer refused us.
    pub(crate) fn alert_name(&self) -> Option<&str> {
        self.alert.as_ref().map(|alert| alert.name.as_str())
    }

    fn new(result: Verdict, status: Option<&VerifyStatus>) -> Self {
        let error = status.and_then(VerifyStatus::error);
        Self {
            result,
            protocol: None,
            cipher: None,
            group: None,
            path: status.map_or(&[][..], VerifyStatus::path).to_vec(),
            matched_name: status
                .and_then(VerifyStatus::matched_name)
                .map(str::to_owned),
            revocation_list: status
                .and_then(VerifyStatus::revocation_list)
                .map(str::to_owned),
            openssl: status.map(|status| OpensslCode::from(status.code())),
            depth: error.map(Finding::depth),
            findings: FindingRecord::all(status),
            alert: None,
            error: None,
            about: None,
            certificates: status.map_or(&[][..], VerifyStatus::presented).to_vec(),
        }
    }
}

/// A result code of OpenSSL's verification.
#[derive(Debug, Serialize)]
pub(crate) struct OpensslCode {
    pub(crate) code: u8,
    pub(crate) name: &'static str,
}

impl From<VerifyCode> for OpensslCode {
    fn from(code: VerifyCode) -> Self {
        let (code, name) = (code.number(), code.name());
        Self { code, name }
    }
}

/// One thing that is wrong with a peer's certificates.
///
/// A finding that is tolerated did not refuse the peer: a name that does not match, for example, while no name is
/// checked.
#[derive(Debug, Serialize)]
pub(crate) struct FindingRecord {
    openssl: OpensslCode,
    depth: usize,
    subject: String,
    tolerated: bool,
    text: String,
}

impl FindingRecord {
    pub(crate) fn all(status: Option<&VerifyStatus>) -> Vec<Self> {
        let findings = status.map_or(&[][..], VerifyStatus::findings);
        findings.iter().map(Self::from).collect()
    }
}

impl FindingRecord {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl From<&Finding> for FindingRecord {
    fn from(finding: &Finding) -> Self {
        Self {
            openssl: finding.code().into(),
            depth: finding.depth(),
            subject: finding.subject().to_owned(),
            tolerated: finding.is_tolerated(),
            text: finding.to_string(),
        }
    }
}

/// The alert by which the peer refuses us.
#[derive(Debug, Serialize)]
pub(crate) struct Alert {
    code: u8,
    name: String,
}

impl From<AlertDescription> for Alert {
    fn from(alert: AlertDescription) -> Self {
        Self {
            code: alert.into(),
            name: sip_tls::alert_name(alert),
        }
    }
}

/// Whether one of the two sides refused the other; with several servers, whether at least one connection was refused.
fn has_refused(error: &ConnectError) -> bool {
    match error {
        ConnectError::Domain { failures, .. } => {
            failures.iter().any(|failure| has_refused(failure.error()))
        }
        ConnectError::Refused { .. } => true,
        // A close_notify is no refusal.
        error if error.alert() == Some(AlertDescription::CloseNotify) => false,
        ConnectError::Handshake { source, .. } => is_refusal(source),
        _ => false,
    }
}

/// Whether a handshake failed because one side refused the other, and not because of the network.
fn is_refusal(error: &rustls::Error) -> bool {
    use rustls::Error as E;
    matches!(
        error,
        E::AlertReceived(_)
            | E::InvalidCertificate(_)
            | E::NoCertificatesPresented
            | E::PeerIncompatible(_)
    )
}
