//! The expected result of a cell, and the check of the actual one.

use crate::cell::{Cell, Role, Scenario, Version};
use crate::ours::Record;

/// The expected result of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Expected {
    /// As [`Self::Connected`], with a client that has no certificate. We do not ask for one.
    Anonymous(&'static str),
    /// A connection on which a request is answered. The name of its cipher starts with this text.
    Connected(&'static str),
    /// We refuse the peer's certificate, with OpenSSL's number.
    Refused(u8),
    /// The peer refuses us with an alert.
    Alert(u8),
    /// The peer refuses us without an alert.
    Closed,
    /// A client without a certificate leaves after the handshake, and sends no alert or request.
    Left,
    /// We refuse the connection for a reason that has no number in OpenSSL.
    Incompatible,
}

/// A cell whose result differs from that of most peers.
pub(crate) enum Exception {
    /// The peer does not support the scenario.
    Cannot(&'static str),
    /// Another result is right, for this reason.
    Otherwise(Expected, &'static str),
}

/// The protocol in which a server answers OPTIONS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Speech {
    Sip,
    /// HTTP. `connect` reports that this is not SIP.
    Http,
}

impl Expected {
    /// The expected result with a peer that has no peculiarity, such as OpenSSL.
    pub(crate) fn plain(cell: Cell) -> Self {
        use Scenario as S;
        match (cell.scenario, cell.role) {
            (S::Good, _) => Self::Connected(""),
            (S::TheirsRevoked, _) => Self::Refused(23),
            (S::TheirsExpired, _) => Self::Refused(10),
            (S::TheirsElsewhere, _) => Self::Refused(62),
            (S::TheirsUnknown, _) => Self::Refused(20),
            (S::OursRevoked, _) => Self::Alert(alert::CERTIFICATE_REVOKED),
            (S::OursExpired, _) => Self::Alert(alert::CERTIFICATE_EXPIRED),
            (S::OursElsewhere, _) => Self::Alert(alert::BAD_CERTIFICATE),
            (S::OursUnknown, _) => Self::Alert(alert::UNKNOWN_CA),
            (S::NoCertificate, Role::Server) => Self::Alert(match cell.version {
                Version::Tls12 => alert::HANDSHAKE_FAILURE,
                Version::Tls13 => alert::CERTIFICATE_REQUIRED,
            }),
            (S::NoCertificate, Role::Client) => Self::Incompatible,
            (S::OtherVersion, Role::Server) => Self::Alert(alert::PROTOCOL_VERSION),
            (S::OtherVersion, Role::Client) => Self::Incompatible,
            (S::Dhe, Role::Server) => Self::Connected("DHE-RSA-"),
            (S::Dhe, Role::Client) => Self::Incompatible,
            (S::Ccm8, _) => Self::Connected(match cell.version {
                Version::Tls12 => "ECDHE-ECDSA-AES128-CCM8",
                Version::Tls13 => "TLS_AES_128_CCM_8_SHA256",
            }),
            (S::Cbc, _) => Self::Connected("ECDHE-RSA-AES128-SHA"),
            (S::CbcNotNamed | S::StaticRsa, Role::Server) => Self::Alert(alert::HANDSHAKE_FAILURE),
            (S::CbcNotNamed | S::StaticRsa, Role::Client) => Self::Incompatible,
        }
    }

    /// Whether there is a cause for our side to report.
    pub(crate) fn is_failure(self) -> bool {
        !matches!(self, Self::Anonymous(_) | Self::Connected(_))
    }

    /// Returns the result of a cell in a few letters, or an error if it is not as expected.
    pub(crate) fn check(
        self,
        cell: Cell,
        speech: Speech,
        record: &Record,
    ) -> Result<String, String> {
        let holds = match self {
            Self::Anonymous(cipher) => {
                record.path.is_empty() && is_good(cell, speech, record, cipher)
            }
            Self::Connected(cipher) => {
                is_whole(cell, record) && is_good(cell, speech, record, cipher)
            }
            Self::Refused(code) => {
                record.result == "refused" && record.alert.is_none() && record.code() == code
            }
            Self::Alert(code) => {
                let alert = record.alert.as_ref().map(|alert| alert.code);
                record.result == "refused" && alert == Some(code)
            }
            Self::Closed => {
                let error = record.error.as_deref().unwrap_or_default();
                record.result == "failed"
                    && record.alert.is_none()
                    && CLOSED.iter().any(|words| error.contains(words))
            }
            Self::Left => {
                record.result == "connected"
                    && record.path.is_empty()
                    && is_of_version(cell, record)
                    && !record.is_answered(cell.role)
            }
            Self::Incompatible => {
                record.result == "refused"
                    && record.protocol.is_none()
                    && record.alert.is_none()
                    && record.code() == 0
            }
        };
        match holds {
            true => Ok(self.short()),
            false => Err(format!("expected {self:?}, got {record:?}")),
        }
    }

    fn short(self) -> String {
        match self {
            Self::Anonymous(_) | Self::Connected(_) => "ok".to_owned(),
            Self::Refused(code) => code.to_string(),
            Self::Alert(code) => format!("alert {code}"),
            Self::Closed => "closed".to_owned(),
            Self::Left => "left".to_owned(),
            Self::Incompatible => "refused".to_owned(),
        }
    }
}

/// Whether the connection has the right version and cipher, and a request was answered on it.
fn is_good(cell: Cell, speech: Speech, record: &Record, cipher: &str) -> bool {
    let is_answered = match (speech, cell.role) {
        (Speech::Http, Role::Server) => {
            let error = record.error.as_deref().unwrap_or_default();
            error.contains("what the server sends is not SIP")
        }
        _ => record.result == "connected" && record.is_answered(cell.role),
    };
    let has_cipher = record
        .cipher
        .as_deref()
        .is_some_and(|name| name.starts_with(cipher));
    is_answered && has_cipher && record.code() == 0 && is_of_version(cell, record)
}

fn is_of_version(cell: Cell, record: &Record) -> bool {
    record.protocol.as_deref() == Some(cell.version.name())
}

/// Whether our path has the peer's whole chain up to the root.
fn is_whole(cell: Cell, record: &Record) -> bool {
    match cell.theirs().identity {
        Some(identity) => {
            let names = [identity.name(), "issuing", "root"].map(|name| format!("CN = {name}"));
            record.path == names
        }
        None => record.path.is_empty(),
    }
}

impl Record {
    fn code(&self) -> u8 {
        self.openssl.as_ref().map_or(0, |openssl| openssl.code)
    }
}

/// The alerts of [RFC 8446](https://www.rfc-editor.org/rfc/rfc8446#section-6).
pub(crate) mod alert {
    pub(crate) const HANDSHAKE_FAILURE: u8 = 40;
    pub(crate) const BAD_CERTIFICATE: u8 = 42;
    pub(crate) const CERTIFICATE_REVOKED: u8 = 44;
    pub(crate) const CERTIFICATE_EXPIRED: u8 = 45;
    pub(crate) const CERTIFICATE_UNKNOWN: u8 = 46;
    pub(crate) const UNKNOWN_CA: u8 = 48;
    pub(crate) const ACCESS_DENIED: u8 = 49;
    pub(crate) const DECODE_ERROR: u8 = 50;
    pub(crate) const PROTOCOL_VERSION: u8 = 70;
    pub(crate) const INTERNAL_ERROR: u8 = 80;
    pub(crate) const CERTIFICATE_REQUIRED: u8 = 116;
}

/// The words in errors for a peer that closed the connection without an alert.
const CLOSED: [&str; 7] = [
    "closed the connection",
    "reset the connection",
    "without sending TLS close_notify",
    "unexpected end of file",
    "handshake eof",
    "reset by peer",
    "Broken pipe",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_number_another_alert_and_a_missing_answer_are_surprises() {
        let cell = |scenario| Cell {
            scenario,
            role: Role::Server,
            version: Version::Tls13,
        };
        let record = |fields: &str| {
            let text =
                format!(r#"{{"path": ["CN = good", "CN = issuing", "CN = root"], {fields}}}"#);
            serde_json::from_str::<Record>(&text).unwrap()
        };
        let revoked = record(r#""result": "refused", "openssl": {"code": 23}"#);
        let refused = cell(Scenario::TheirsRevoked);
        assert_eq!(
            Expected::Refused(23)
                .check(refused, Speech::Sip, &revoked)
                .unwrap(),
            "23"
        );
        Expected::Refused(10)
            .check(refused, Speech::Sip, &revoked)
            .unwrap_err();
        Expected::Alert(44)
            .check(refused, Speech::Sip, &revoked)
            .unwrap_err();
        let connected =
            r#""result": "connected", "protocol": "TLSv1.3", "cipher": "TLS_AES_128_GCM_SHA256""#;
        let good = cell(Scenario::Good);
        let silent = record(connected);
        Expected::Connected("")
            .check(good, Speech::Sip, &silent)
            .unwrap_err();
        let answered = record(&format!(r#"{connected}, "sip": {{"status": 200}}"#));
        assert_eq!(
            Expected::Connected("TLS_AES")
                .check(good, Speech::Sip, &answered)
                .unwrap(),
            "ok"
        );
        Expected::Connected("TLS_CHACHA")
            .check(good, Speech::Sip, &answered)
            .unwrap_err();
    }

    #[test]
    fn a_client_without_a_certificate_brings_none_and_leaves_without_a_request() {
        let cell = Cell {
            scenario: Scenario::Good,
            role: Role::Client,
            version: Version::Tls12,
        };
        let record = |fields: &str| {
            let connected =
                r#""result": "connected", "protocol": "TLSv1.2", "cipher": "ECDHE-RSA-AES128-SHA""#;
            serde_json::from_str::<Record>(&format!("{{{connected}, {fields}}}")).unwrap()
        };
        let check = |expected: Expected, record: &Record| expected.check(cell, Speech::Sip, record);
        let answered = record(r#""path": [], "sip": [{"method": "OPTIONS", "status": 200}]"#);
        check(Expected::Anonymous("ECDHE"), &answered).unwrap();
        check(Expected::Left, &answered).unwrap_err();
        let silent = record(r#""path": [], "sip": []"#);
        check(Expected::Left, &silent).unwrap();
        check(Expected::Anonymous("ECDHE"), &silent).unwrap_err();
        let named =
            record(r#""path": ["CN = good"], "sip": [{"method": "OPTIONS", "status": 200}]"#);
        check(Expected::Anonymous("ECDHE"), &named).unwrap_err();
    }
}
