//! Explains why a handshake failed, from what was offered and what came back.
//!
//! rustls has one error for many causes, and an alert of the peer has one number for more. What is known here is more:
//! what both hello messages offered, which suites of the cipher list are not offered, what the server asked us for. The
//! explanation names the likely cause in one sentence, and the option or method that changes it. If nothing is known,
//! there is no explanation: a wrong guess costs more than none.

mod certificate;
mod circumstances;
mod no_tls;
mod objections;

use std::io;

use rustls::crypto::CryptoProvider;
use rustls::{
    AlertDescription, Error, InvalidMessage, NamedGroup, PeerIncompatible, PeerMisbehaved,
    SupportedCipherSuite,
};

pub(super) use self::circumstances::Circumstances;
use super::tap::RefusedHello;
use super::tap::hello::Offered;
use crate::crypto;
use crate::options::{
    Authentication, CipherSuite, Encryption, Role, SecProtocol, TlsOptions, Unusable,
};
use crate::x509::algorithm::KeyKind;

/// What an endpoint offers in one role and what it leaves out, to explain failed handshakes with.
#[derive(Clone, Debug)]
pub(super) struct Diagnosis {
    suites: Vec<SupportedCipherSuite>,
    groups: Vec<NamedGroup>,
    protocol: SecProtocol,
    requires_client_certificate: bool,
    has_certificate: bool,
    /// Suites of the cipher list that are not offered, each with the reason.
    left_out: Vec<(&'static CipherSuite, Unusable)>,
}

impl Diagnosis {
    pub(super) fn new(options: &TlsOptions, provider: &CryptoProvider, role: Role) -> Self {
        let suites = provider.cipher_suites.clone();
        let offered: Vec<u16> = suites.iter().map(|suite| suite.suite().into()).collect();
        let list = options.cipher_list();
        let selection = list.select(role, options.security_level(), &offered);
        Self {
            suites,
            groups: provider
                .kx_groups
                .iter()
                .map(|group| group.name())
                .collect(),
            protocol: options.sec_protocol(),
            requires_client_certificate: options.requires_client_certificate(),
            has_certificate: options.certificate().is_some(),
            left_out: selection.left_out().collect(),
        }
    }

    /// Explains an error of rustls to an administrator. Returns `None` if there is nothing to add to it.
    pub(super) fn of(&self, error: &Error, circumstances: &Circumstances) -> Option<String> {
        match error {
            Error::AlertReceived(alert) => self.of_alert(*alert, circumstances),
            Error::NoCertificatesPresented => Some(self.no_client_certificate()),
            Error::PeerIncompatible(why) => self.incompatible(why, circumstances),
            Error::PeerMisbehaved(PeerMisbehaved::ServerNameMustContainOneHostName)
            | Error::InvalidMessage(InvalidMessage::InvalidServerName) => {
                let offered = circumstances.offered();
                Some(unusable_name(offered.and_then(|offered| offered.server_name).as_deref()))
            }
            Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge) => Some(
                "a message of the peer, probably Certificate, is longer than 64 KiB, the limit of rustls".to_owned(),
            ),
            Error::InvalidMessage(_) => {
                no_tls::named(circumstances).or_else(|| no_tls::old_version(circumstances))
            }
            Error::General(reason) if reason == "incompatible signing key" => {
                Some(self.no_scheme(circumstances))
            }
            Error::Other(_) => RefusedHello::of(error).map(|refused| refused.to_string()),
            _ => crypto::explain_unknown_group(error, &self.suites).map(str::to_owned),
        }
    }

    /// Explains why a connection ended without an alert.
    pub(super) fn of_end(&self, error: &io::Error, circumstances: &Circumstances) -> String {
        let how = match error.kind() {
            io::ErrorKind::UnexpectedEof => "the peer closed the connection without an alert",
            // `ConnectionAborted` is how Windows reports it.
            io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset => {
                "the peer reset the connection without an alert"
            }
            _ => return circumstances.with_step(&format!("the connection broke ({error})")),
        };
        if circumstances.is_incoming() && circumstances.start.received.is_empty() {
            return format!(
                "{how}: {}; probably a port scan, or a check whether the port is open",
                circumstances.step()
            );
        }
        let text = circumstances.with_step(how);
        match certificate::ours(circumstances, None) {
            Some(cause) => format!("{text}; {cause}"),
            None => text,
        }
    }

    /// Explains what the server asked us for, and what we answered.
    pub(super) fn of_own(&self, circumstances: &Circumstances) -> Option<String> {
        certificate::ours(circumstances, None)
    }

    /// Explains how far a handshake came that was not finished in time.
    pub(super) fn of_silence(circumstances: &Circumstances) -> String {
        format!(
            "TCP connected, but the TLS handshake was not finished: {}",
            circumstances.step()
        )
    }

    /// Explains an alert of the peer. What an alert means depends on who sends it: a server that refuses a client
    /// certificate often sends handshake_failure.
    fn of_alert(&self, alert: AlertDescription, circumstances: &Circumstances) -> Option<String> {
        use AlertDescription as A;
        if circumstances.is_incoming() {
            return certificate::refused_by_client(circumstances, alert);
        }
        if certificate::may_be_about_ours(alert)
            && let Some(cause) = certificate::ours(circumstances, Some(alert))
        {
            return Some(cause);
        }
        match alert {
            A::HandshakeFailure | A::InsufficientSecurity => {
                let mut text = self.no_common(&self.refused());
                if circumstances.dhe_is_withheld {
                    text.push_str(WITHHELD);
                }
                Some(text)
            }
            A::ProtocolVersion => Some(
                no_tls::old_version(circumstances).unwrap_or_else(|| self.no_version()),
            ),
            A::NoApplicationProtocol => {
                Some("the server accepts none of the protocols that we offer (ALPN)".to_owned())
            }
            A::UnrecognisedName => Some(
                "the server does not know the name that we send as SNI; set another one with `tls-target-name`".to_owned(),
            ),
            A::CloseNotify => Some(circumstances.with_step("the handshake was not finished")),
            _ => None,
        }
    }

    /// Explains that rustls found nothing in common with the peer.
    fn incompatible(
        &self,
        why: &PeerIncompatible,
        circumstances: &Circumstances,
    ) -> Option<String> {
        use PeerIncompatible as P;
        if let Some(old) = no_tls::old_version(circumstances) {
            return Some(old);
        }
        Some(match why {
            P::NoCipherSuitesInCommon => self.no_common_suite(circumstances),
            P::NoKxGroupsInCommon | P::NamedGroupsExtensionRequired => {
                self.no_common_group(circumstances)
            }
            P::NoSignatureSchemesInCommon => self.no_scheme(circumstances),
            P::NoCertificateRequestSignatureSchemesInCommon => {
                "the server accepts client certificates only with signature algorithms that are unknown here".to_owned()
            }
            P::ServerDoesNotSupportTls12Or13
            | P::ServerTlsVersionIsDisabledByOurConfig
            | P::SupportedVersionsExtensionRequired
            | P::Tls12NotOffered
            | P::Tls12NotOfferedOrEnabled
            | P::Tls13RequiredForQuic => self.no_version(),
            P::SignatureAlgorithmsExtensionRequired => {
                "the client offers no signature algorithms: it supports only TLS 1.1 or older, or only SHA-1 signatures"
                    .to_owned()
            }
            P::EcPointsExtensionRequired
            | P::NoEcPointFormatsInCommon
            | P::UncompressedEcPointsRequired => {
                "the peer does not accept uncompressed points of elliptic curves, the only ones in TLS 1.2"
                    .to_owned()
            }
            P::KeyShareExtensionRequired => {
                "the client offers TLS 1.3 without a key share, which RFC 8446 requires".to_owned()
            }
            P::NullCompressionRequired => "the peer requires compression".to_owned(),
            P::ExtendedMasterSecretExtensionRequired => {
                "the peer does not support the extended master secret (RFC 7627)".to_owned()
            }
            _ => return None,
        })
    }

    fn no_client_certificate(&self) -> String {
        match self.requires_client_certificate {
            true => {
                "the client sent no certificate, and `tls-mutual` = `1` requires one".to_owned()
            }
            false => "the peer sent no certificate".to_owned(),
        }
    }

    /// Says how much was offered.
    fn refused(&self) -> String {
        match self.suites.len() {
            1 => "the peer refused our only suite".to_owned(),
            count => format!("the peer refused all of our {count} suites"),
        }
    }

    /// Names what the peer may have wanted.
    fn no_common(&self, what: &str) -> String {
        let mut text = what.to_owned();
        for (suite, why) in self.worth_naming() {
            text.push_str(&not_offered(suite, *why));
        }
        if let Some(list) = self.list_with_ccm() {
            text.push_str(&format!("; or it wants AES-CCM, which {list} would offer"));
        }
        match self.protocol {
            SecProtocol::Tlsv12 => {
                text.push_str("; or it wants TLS 1.3, which `sec-protocol` excludes")
            }
            SecProtocol::Tlsv13 => {
                text.push_str("; or it has TLS 1.2 at most, which `sec-protocol` excludes")
            }
            _ => {}
        }
        // In TLS 1.2, this is OpenSSL's answer to a client without a certificate.
        if !self.has_certificate {
            text.push_str("; or it wants a client certificate, and `certificate` is not given");
        }
        text
    }

    /// Returns the suites that a real server may have wanted: for each cause, the first suite that is left out for
    /// it.
    fn worth_naming(&self) -> impl Iterator<Item = &(&'static CipherSuite, Unusable)> {
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

    /// Returns the value of an option that would offer AES-CCM, if it is not offered.
    fn list_with_ccm(&self) -> Option<&'static str> {
        let is_ccm = |suite: &CipherSuite| {
            matches!(
                suite.encryption(),
                Encryption::Aes128Ccm
                    | Encryption::Aes256Ccm
                    | Encryption::Aes128Ccm8
                    | Encryption::Aes256Ccm8
            )
        };
        let has = |is_tls13: bool| {
            let of_version = self
                .suites
                .iter()
                .filter(|s| s.tls13().is_some() == is_tls13);
            let mut known = of_version.filter_map(|s| CipherSuite::by_number(s.suite().into()));
            known.any(is_ccm)
        };
        match self.protocol {
            SecProtocol::Tlsv13 => (!has(true)).then_some(CCM_13),
            _ => (!has(false)).then_some(CCM_12),
        }
    }

    /// Names what a client offers, in one line.
    fn no_common_suite(&self, circumstances: &Circumstances) -> String {
        let what = "the peer offers none of our suites";
        let Some(offered) = circumstances.offered() else {
            return self.no_common(what);
        };
        let tls12: Vec<_> = offered
            .suites
            .iter()
            .filter_map(|number| CipherSuite::by_number(*number))
            .collect();
        let mut text = format!("{what}; it offers {}", suites(&offered));
        let mut told = Vec::new();
        for (suite, why) in &self.left_out {
            if offered.suites.contains(&suite.number()) && !told.contains(why) {
                text.push_str(&not_offered(suite, *why));
                told.push(*why);
            }
        }
        let needs = |authentication: Authentication| {
            let mut with_keys = tls12.iter().filter(|s| {
                matches!(
                    s.authentication(),
                    Authentication::Rsa | Authentication::Ecdsa
                )
            });
            !tls12.is_empty() && with_keys.all(|suite| suite.authentication() == authentication)
        };
        match certificate::key_kind(circumstances) {
            "RSA" if needs(Authentication::Ecdsa) => {
                format!("{text}; it accepts only ECDSA certificates, and ours is RSA")
            }
            "ECDSA" if needs(Authentication::Rsa) => {
                format!("{text}; it accepts only RSA certificates, and ours is ECDSA")
            }
            _ => text,
        }
    }

    fn no_common_group(&self, circumstances: &Circumstances) -> String {
        // rustls looks at groups first, and suites without ECDHE need no group.
        let is_ours = |number: &u16| self.suites.iter().any(|s| u16::from(s.suite()) == *number);
        let offered = circumstances.offered();
        if offered.is_some_and(|offered| !offered.suites.iter().any(is_ours)) {
            return self.no_common_suite(circumstances);
        }
        let ours: Vec<_> = self
            .groups
            .iter()
            .map(|group| crypto::group_name(*group))
            .collect();
        match circumstances.offered() {
            Some(offered) if !offered.groups.is_empty() => format!(
                "the client offers none of our groups; it offers {}; ours are {}",
                groups(&offered),
                ours.join(", ")
            ),
            Some(_) => format!(
                "the client offers no groups for ECDHE; ours are {}",
                ours.join(", ")
            ),
            None => self.no_common("the peer offers none of our groups"),
        }
    }

    fn no_scheme(&self, circumstances: &Circumstances) -> String {
        let kind = certificate::key_kind(circumstances);
        let text = format!("the client accepts no signature that our key ({kind}) can make");
        let own = circumstances.own_chain();
        let is_pss = own.first().map(|own| own.key_strength.kind) == Some(KeyKind::RsaPss);
        let is_tls12 =
            self.protocol == SecProtocol::Tlsv12 || circumstances.peer_version() == Some(0x0303);
        match is_pss && is_tls12 {
            true => format!("{text}; an RSA-PSS key can sign only in TLS 1.3"),
            false => text,
        }
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

fn not_offered(suite: &CipherSuite, why: Unusable) -> String {
    let name = suite.openssl_name();
    format!("; the cipher list also names {name}, which is not offered: {why}")
}

/// Returns the names of suites. If there are many, it returns some of them.
fn suites(offered: &Offered) -> String {
    let real = offered.suites.iter().filter(|number| !is_signal(**number));
    let names: Vec<_> = real
        .map(|number| match CipherSuite::by_number(*number) {
            Some(suite) => suite.openssl_name().to_owned(),
            None => format!("0x{number:04X}"),
        })
        .collect();
    some(&names)
}

fn groups(offered: &Offered) -> String {
    let real = offered.groups.iter().filter(|number| !is_signal(**number));
    let names: Vec<_> = real
        .map(
            |number| match crypto::group_name(NamedGroup::from(*number)) {
                "unknown" => format!("0x{number:04X}"),
                name => name.to_owned(),
            },
        )
        .collect();
    some(&names)
}

/// Returns whether a number is a GREASE value (RFC 8701), or a signal among the suites (RFC 5746, RFC 7507).
fn is_signal(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    matches!(number, 0x00ff | 0x5600) || high == low && low & 0x0f == 0x0a
}

fn some(names: &[String]) -> String {
    match names.len() {
        0 => "nothing".to_owned(),
        1..=MANY => names.join(", "),
        count => format!("{} and {} more", names[..MANY].join(", "), count - MANY),
    }
}

/// Explains that rustls refuses a server name. OpenSSL accepts any text.
fn unusable_name(name: Option<&[u8]>) -> String {
    match name {
        Some(name) => format!(
            "the client sends `{}` as server name (SNI), which is neither a DNS name nor an IP address",
            name.escape_ascii()
        ),
        None => "the client's server name (SNI) is neither a DNS name nor an IP address".to_owned(),
    }
}

const MANY: usize = 6;
const CCM_12: &str = "`cipher-list` = `DEFAULT:ECDHE+AESCCM`";
const CCM_13: &str =
    "`ciphersuites` = `TLS_AES_256_GCM_SHA384:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256`";

/// What to add if the suites with DHE were not offered.
const WITHHELD: &str =
    "; or it wants DHE, which only `Endpoint::connect` and `EndpointBuilder::offer_dhe` offer here";
