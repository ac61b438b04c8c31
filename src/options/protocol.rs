//! The option `sec-protocol`.

use std::fmt;
use std::str::FromStr;

use super::ValueError;

/// The protocol versions that may be negotiated: the option `sec-protocol`.
///
/// rustls supports TLS 1.2 and 1.3. To OpenSSL `SSLv23` also means TLS 1.1; but OpenSSL 3 at its default security
/// level does not negotiate that version either.
///
/// The names are those of OpenSSL's methods: `SSLv23_method` was the older name of `TLS_method`, which negotiates.
/// `TLSv12` and `TLSv13` each stand for one version, as `SSL_CTX_set_min_proto_version` and
/// `SSL_CTX_set_max_proto_version` with the same version do. A value that asks for an older version only is an error:
/// there is nothing left that could be negotiated.
///
/// # Examples
///
/// ```
/// use sip_tls::options::SecProtocol;
///
/// let both: SecProtocol = "SSLv23".parse()?;
/// assert!(both.allows_tls12() && both.allows_tls13());
/// let new: SecProtocol = "TLSv13".parse()?;
/// assert!(new.allows_tls13() && !new.allows_tls12());
/// assert!("TLSv11".parse::<SecProtocol>().is_err());
/// # Ok::<(), sip_tls::options::ValueError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SecProtocol {
    /// `SSLv23`: the highest that both sides have, 1.1 and up with OpenSSL, 1.2 and up here.
    Sslv23,
    /// Empty: TLS 1.2 and up.
    #[default]
    Tls12Up,
    /// `TLSv12`: TLS 1.2 and nothing else.
    Tlsv12,
    /// `TLSv13`: TLS 1.3 and nothing else.
    Tlsv13,
}

impl SecProtocol {
    /// Whether TLS 1.2 may be negotiated.
    pub fn allows_tls12(self) -> bool {
        self != Self::Tlsv13
    }

    /// Whether TLS 1.3 may be negotiated.
    pub fn allows_tls13(self) -> bool {
        self != Self::Tlsv12
    }
}

impl FromStr for SecProtocol {
    type Err = ValueError;

    /// Reads the value of the option, without regard to case.
    ///
    /// # Errors
    ///
    /// The value is none of the option's words, or asks for a protocol that rustls does not support.
    fn from_str(value: &str) -> Result<Self, Self::Err> {
        match value.to_ascii_lowercase().as_str() {
            "" => Ok(Self::Tls12Up),
            "sslv23" => Ok(Self::Sslv23),
            "tlsv12" => Ok(Self::Tlsv12),
            "tlsv13" => Ok(Self::Tlsv13),
            "sslv2" | "sslv3" | "tlsv1" | "tlsv11" => Err(ValueError::new(format!(
                "`{value}` asks for a protocol older than TLS 1.2, which rustls does not support"
            ))),
            _ => Err(ValueError::unknown_word(
                value,
                &["SSLv23", "TLSv12", "TLSv13"],
            )),
        }
    }
}

impl fmt::Display for SecProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sslv23 => "SSLv23",
            Self::Tls12Up => "",
            Self::Tlsv12 => "TLSv12",
            Self::Tlsv13 => "TLSv13",
        })
    }
}
