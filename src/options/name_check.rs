use std::fmt;
use std::str::FromStr;

use super::ValueError;

/// Whether the names in a server's certificate must fit the host that we meant to reach: the option
/// `tls-target-name-check`.
///
/// The rules are OpenSSL's (`X509_check_host(3)`, `X509_check_ip(3)`): DNS names in the subjectAltName, the common name
/// only if there is none, IP addresses only against IP addresses in the subjectAltName.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum NameCheck {
    /// `host`: a certificate for another host is refused.
    Host,
    /// `no`: any name is accepted; all other checks are made. A mismatch is still recorded.
    #[default]
    Off,
}

impl FromStr for NameCheck {
    type Err = ValueError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        match value.to_ascii_lowercase().as_str() {
            "host" => Ok(Self::Host),
            "" | "no" => Ok(Self::Off),
            _ => Err(ValueError::unknown_word(value, &["no", "host"])),
        }
    }
}

impl fmt::Display for NameCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Off => "no",
        })
    }
}
