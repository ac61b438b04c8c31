//! The option `tls-target-name-check`.

use std::fmt;
use std::str::FromStr;

use super::ValueError;

/// Whether the names in a server's certificate must fit the host that we meant to reach: the option
/// `tls-target-name-check`.
///
/// The rules of `host` are OpenSSL's (`X509_check_host(3)`, `X509_check_ip(3)`): DNS names in the subjectAltName, the
/// common name only if there is none, IP addresses only against IP addresses in the subjectAltName.
///
/// The default is [`NameCheck::Off`], because it is the default of this option in software on OpenSSL: a configuration that
/// connects there must connect here. Use [`NameCheck::Host`] or [`NameCheck::Sip`] wherever it is possible:
/// without a check, whoever has any certificate of a trusted CA can impersonate the server.
///
/// # Examples
///
/// ```
/// use sip_tls::options::NameCheck;
///
/// assert_eq!("Host".parse::<NameCheck>()?, NameCheck::Host);
/// assert_eq!("".parse::<NameCheck>()?, NameCheck::Off);
/// assert!("yes".parse::<NameCheck>().is_err());
/// assert_eq!(NameCheck::default().to_string(), "no");
/// # Ok::<(), sip_tls::options::ValueError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum NameCheck {
    /// `host`: a certificate for another host is refused.
    Host,
    /// `no`: any name is accepted; all other checks are made. A mismatch is still recorded.
    #[default]
    Off,
    /// `sip`: a certificate for another SIP domain is refused. OpenSSL has no such check: it is an extension of ours.
    ///
    /// The rules are those of [RFC 5922, section 7](https://www.rfc-editor.org/rfc/rfc5922#section-7). The host of a
    /// `sip:` URI in the subjectAltName names the domain; a URI with a user does not. DNS names of the subjectAltName
    /// count only if there is no such URI, and the common name only if there is no subjectAltName. There are no
    /// wildcards. Two rules are additions of this crate: a `sips:` URI counts as a `sip:` one, and an IP address is
    /// compared with IP addresses in the subjectAltName, as by `host`.
    ///
    /// The extended key usage id-kp-sipDomain
    /// ([RFC 5924](https://www.rfc-editor.org/rfc/rfc5924)) is accepted like serverAuth and clientAuth, for peers in
    /// both directions and for the CAs above them.
    Sip,
}

impl FromStr for NameCheck {
    type Err = ValueError;

    /// Reads the value of the option, without regard to case. The empty value is `no`.
    ///
    /// # Errors
    ///
    /// The value is none of `no`, `host` and `sip`.
    fn from_str(value: &str) -> Result<Self, Self::Err> {
        match value.to_ascii_lowercase().as_str() {
            "host" => Ok(Self::Host),
            "" | "no" => Ok(Self::Off),
            "sip" => Ok(Self::Sip),
            _ => Err(ValueError::unknown_word(value, &["no", "host", "sip"])),
        }
    }
}

impl fmt::Display for NameCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Off => "no",
            Self::Sip => "sip",
        })
    }
}
