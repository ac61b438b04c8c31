//! Explains why a handshake failed, from what was offered and what came back.

use rustls::crypto::CryptoProvider;
use rustls::{
    AlertDescription, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved, SupportedCipherSuite,
};

use super::tap::RefusedHello;
use crate::crypto;
use crate::options::{Role, SecProtocol, TlsOptions, Unusable};

/// What an endpoint offers in one role and what it leaves out, to explain failed handshakes with.
#[derive(Clone, Debug)]
pub(super) struct Diagnosis {
    suites: Vec<SupportedCipherSuite>,
    protocol: SecProtocol,
    has_certificate: bool,
    /// Suites of the cipher list that are not offered, each with the reason.
    left_out: Vec<(&'static str, Unusable)>,
}

/// What is known of the connection that failed.
#[derive(Debug)]
pub(super) struct Circumstances {
    /// The client could have offered DHE, and did not.
    pub(super) dhe_is_withheld: bool,
    /// What the client sent as SNI.
    pub(super) server_name: Option<Vec<u8>>,
    /// What the peer began with, if that is no record of TLS.
    pub(super) not_tls: Option<Vec<u8>>,
}

impl Diagnosis {
    pub(super) fn new(options: &TlsOptions, provider: &CryptoProvider, role: Role) -> Self {
        let suites = provider.cipher_suites.clone();
        let offered: Vec<u16> = suites.iter().map(|suite| suite.suite().into()).collect();
        let list = options.cipher_list();
        let selection = list.select(role, options.security_level(), &offered);
        Self {
            suites,
            protocol: options.sec_protocol(),
            has_certificate: options.certificate().is_some(),
            left_out: selection
                .left_out()
                .map(|(suite, why)| (suite.openssl_name(), why))
                .collect(),
        }
    }

    /// Explains an error of rustls to an administrator. `None` if there is nothing to add to it.
    pub(super) fn of(&self, error: &Error, circumstances: &Circumstances) -> Option<String> {
        use PeerIncompatible as P;
        match error {
            Error::AlertReceived(
                alert @ (AlertDescription::HandshakeFailure
                | AlertDescription::InsufficientSecurity),
            ) => {
                let mut text = self.no_common(&self.refused(*alert));
                if circumstances.dhe_is_withheld {
                    text.push_str(WITHHELD);
                }
                Some(text)
            }
            Error::AlertReceived(AlertDescription::ProtocolVersion) => Some(self.no_version()),
            Error::PeerIncompatible(
                P::NoCipherSuitesInCommon | P::NoKxGroupsInCommon | P::NamedGroupsExtensionRequired,
            ) => Some(self.no_common("the peer offers none of our suites")),
            Error::PeerIncompatible(
                P::ServerDoesNotSupportTls12Or13
                | P::ServerTlsVersionIsDisabledByOurConfig
                | P::SupportedVersionsExtensionRequired
                | P::Tls12NotOffered
                | P::Tls12NotOfferedOrEnabled
                | P::Tls13RequiredForQuic,
            ) => Some(self.no_version()),
            Error::PeerIncompatible(P::SignatureAlgorithmsExtensionRequired) => Some(
                "the client names no signature algorithms: it speaks TLS 1.1 or older, or signs with SHA-1 only"
                    .to_owned(),
            ),
            Error::PeerMisbehaved(PeerMisbehaved::ServerNameMustContainOneHostName)
            | Error::InvalidMessage(InvalidMessage::InvalidServerName) => {
                Some(unusable_name(circumstances.server_name.as_deref()))
            }
            Error::InvalidMessage(_) if circumstances.not_tls.is_some() => {
                let start = circumstances.not_tls.as_ref()?.escape_ascii();
                Some(format!("what the peer sends is not TLS: `{start}`"))
            }
            Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge) => Some(
                "a message of the peer, Certificate probably, is longer than the 64 KiB that rustls takes".to_owned(),
            ),
            Error::Other(_) => RefusedHello::of(error).map(|refused| refused.to_string()),
            _ => crypto::explain_unknown_group(error, &self.suites).map(str::to_owned),
        }
    }

    fn refused(&self, alert: AlertDescription) -> String {
        let alert = match alert {
            AlertDescription::InsufficientSecurity => "insufficient_security",
            _ => "handshake_failure",
        };
        match self.suites.len() {
            1 => format!("the peer refused our only suite (alert {alert})"),
            count => format!("the peer refused all of our {count} suites (alert {alert})"),
        }
    }

    fn no_common(&self, what: &str) -> String {
        let mut text = what.to_owned();
        for (suite, why) in self.worth_naming() {
            text.push_str(&format!(
                "; the cipher list also names {suite}, which is not offered: {why}"
            ));
        }
        // OpenSSL's answer in TLS 1.2 to a client that brings none.
        if !self.has_certificate {
            text.push_str("; or it wants a client certificate, and `certificate` is not given");
        }
        text
    }

    /// The suites that a real server may have wanted: the first one that each cause keeps out.
    fn worth_naming(&self) -> impl Iterator<Item = &(&'static str, Unusable)> {
        let first_by = |is_cause: fn(&Unusable) -> bool| {
            self.left_out.iter().find(move |(_, why)| is_cause(why))
        };
        [
            first_by(|why| matches!(why, Unusable::Cbc)),
            first_by(|why| matches!(why, Unusable::StaticRsa)),
            first_by(|why| matches!(why, Unusable::SecurityLevel(_))),
            first_by(|why| matches!(why, Unusable::DheServer)),
        ]
        .into_iter()
        .flatten()
    }

    fn no_version(&self) -> String {
        let ours = match self.protocol {
            SecProtocol::Tlsv12 => "TLS 1.2 only",
            SecProtocol::Tlsv13 => "TLS 1.3 only",
            _ => "TLS 1.2 and 1.3",
        };
        format!("there is no common protocol version; `sec-protocol` allows {ours}")
    }
}

/// OpenSSL takes any text.
fn unusable_name(name: Option<&[u8]>) -> String {
    match name {
        Some(name) => format!(
            "the client sends `{}` as server name (SNI), which is no DNS name, and rustls takes no other",
            name.escape_ascii()
        ),
        None => {
            "the client's server name (SNI) is no DNS name, and rustls takes no other".to_owned()
        }
    }
}

const WITHHELD: &str =
    "; or it wants DHE, which only `Endpoint::connect` and `EndpointBuilder::offer_dhe` offer here";
