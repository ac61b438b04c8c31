//! Alerts by the names of RFC 8446, section 6.
//!
//! rustls names alerts in its own spelling; a log that is read beside one of OpenSSL or Wireshark
//! needs the names of the RFC.

use rustls::AlertDescription;

/// Returns the name of an alert in RFC 8446, section 6: `UnknownCA` of rustls is `unknown_ca`.
///
/// An alert without a name is `unknown`.
///
/// # Examples
///
/// ```
/// use rustls::AlertDescription;
/// use sip_tls::alert_name;
///
/// assert_eq!(alert_name(AlertDescription::UnknownCA), "unknown_ca");
/// assert_eq!(alert_name(AlertDescription::HandshakeFailure), "handshake_failure");
/// assert_eq!(alert_name(AlertDescription::Unknown(222)), "unknown");
/// ```
pub fn alert_name(alert: AlertDescription) -> String {
    let camel = match alert {
        // RFC 8446 spells these names differently from rustls.
        AlertDescription::UnrecognisedName => "UnrecognizedName",
        AlertDescription::EncryptedClientHelloRequired => "EchRequired",
        alert => alert.as_str().unwrap_or("unknown"),
    };
    let mut name = String::new();
    let mut before = None;
    let mut rest = camel.chars().peekable();
    while let Some(letter) = rest.next() {
        let begins_word = letter.is_uppercase()
            && before.is_some_and(|before: char| {
                before.is_lowercase() || rest.peek().is_some_and(|next| next.is_lowercase())
            });
        if begins_word {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
        before = Some(letter);
    }
    name
}

/// Returns a message for an alert that the peer sent. `close_notify` is no refusal.
pub(super) fn sentence(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CloseNotify => {
            "the peer closed the connection normally: TLS alert close_notify (0)".to_owned()
        }
        alert => format!(
            "the peer refused the connection: TLS alert {} ({})",
            alert_name(alert),
            u8::from(alert)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_names_of_the_standard() {
        assert_eq!(
            alert_name(AlertDescription::HandshakeFailure),
            "handshake_failure"
        );
        assert_eq!(alert_name(AlertDescription::UnknownCA), "unknown_ca");
        assert_eq!(
            alert_name(AlertDescription::UnknownPSKIdentity),
            "unknown_psk_identity"
        );
        assert_eq!(
            alert_name(AlertDescription::UnrecognisedName),
            "unrecognized_name"
        );
        assert_eq!(alert_name(AlertDescription::Unknown(200)), "unknown");
    }
}
