//! The steps of a handshake as events for the log, with target `sip_tls::handshake`. Level debug has what a person
//! wants to follow, and level trace has the lists. Nothing is formatted unless the level is enabled.
//!
//! Nobody has to decrypt a capture to learn what was offered: the lists come from the hello messages that the `tap`
//! recorded, and the outcome from rustls. `sip-tls connect -v` prints these events.

use std::fmt;
use std::time::Duration;

use rustls::{CommonState, NamedGroup, ProtocolVersion, SignatureScheme};

use super::Timing;
use super::attempt::{Answer, Asked};
use super::tap::Start;
use super::tap::hello::{self, Offered};
use crate::crypto;
use crate::options::CipherSuite;
use crate::report::counted;
use crate::verify::{ConnectionInfo, Direction, VerifyStatus};
use crate::x509::describe;

/// Returns whether the events are enabled.
pub(super) fn are_told() -> bool {
    tracing::enabled!(target: "sip_tls::handshake", tracing::Level::DEBUG)
}

macro_rules! step {
    ($info:expr, $($words:tt)+) => {
        tracing::debug!(target: "sip_tls::handshake", "#{}: {}", $info.id(), format_args!($($words)+))
    };
}

macro_rules! detail {
    ($info:expr, $($words:tt)+) => {
        tracing::trace!(target: "sip_tls::handshake", "#{}: {}", $info.id(), format_args!($($words)+))
    };
}

/// What was seen of a handshake.
pub(super) struct Seen<'a> {
    pub(super) info: &'a ConnectionInfo,
    pub(super) start: &'a Start,
    pub(super) status: Option<&'a VerifyStatus>,
    pub(super) asked: Option<&'a Asked>,
    /// The signature scheme of the peer in the handshake.
    pub(super) scheme: Option<SignatureScheme>,
    /// Our signature scheme in the handshake.
    pub(super) own_scheme: Option<SignatureScheme>,
    pub(super) took: Duration,
}

/// Logs a look-up of a name and a TCP connection.
pub(super) fn tell_dial(server: &str, peer: &str, timing: Timing) {
    let look_up = timing
        .look_up
        .map(|took| format!("name looked up in {}, ", milliseconds(took)));
    tracing::debug!(
        target: "sip_tls::handshake",
        "{server}: {}TCP connected to {peer} in {}",
        look_up.unwrap_or_default(),
        milliseconds(timing.tcp.unwrap_or_default())
    );
}

impl Seen<'_> {
    /// Logs the steps of a handshake that succeeded or failed.
    pub(super) fn tell(&self, outcome: Result<&CommonState, &dyn fmt::Display>) {
        self.tell_hellos();
        self.tell_certificates();
        match outcome {
            Ok(state) => self.tell_success(state),
            Err(error) => {
                step!(
                    self.info,
                    "handshake failed after {}: {error}",
                    milliseconds(self.took)
                );
            }
        }
    }

    /// Logs what was negotiated.
    fn tell_success(&self, state: &CommonState) {
        let suite = state
            .negotiated_cipher_suite()
            .and_then(|suite| CipherSuite::by_number(suite.suite().into()))
            .map_or("unknown", CipherSuite::openssl_name);
        let group = state.negotiated_key_exchange_group();
        let group = group.map_or("none", |group| crypto::group_name(group.name()));
        let resumed = match state.handshake_kind() {
            Some(rustls::HandshakeKind::Resumed) => ", resumed",
            _ => "",
        };
        let alpn = state
            .alpn_protocol()
            .map(|name| format!(", ALPN {}", name.escape_ascii()));
        step!(
            self.info,
            "handshake finished in {}: {}, {suite}, group {group}{resumed}{}",
            milliseconds(self.took),
            version(state.protocol_version().map_or(0, u16::from)),
            alpn.unwrap_or_default()
        );
    }

    /// Logs what the client offered and which version the server chose. A hello that cannot be read is left out.
    fn tell_hellos(&self) {
        let is_outgoing = self.info.direction() == Direction::Outgoing;
        let (client, server) = match is_outgoing {
            true => (&self.start.sent, &self.start.received),
            false => (&self.start.received, &self.start.sent),
        };
        if let Some(offered) = Offered::read(client) {
            let name = offered.server_name.as_ref();
            let name = name.map(|name| format!(", SNI {}", name.escape_ascii()));
            step!(
                self.info,
                "ClientHello: {} at most, {}, {}{}",
                version(offered.version),
                counted(offered.suites.len(), "suite", "suites"),
                counted(offered.groups.len(), "group", "groups"),
                name.unwrap_or_default()
            );
            detail!(self.info, "suites: {}", suites(&offered.suites));
            detail!(self.info, "groups: {}", groups(&offered.groups));
            detail!(
                self.info,
                "signature schemes: {}",
                schemes(&offered.schemes)
            );
        }
        if let Some(chosen) = hello::chosen_version(server) {
            step!(self.info, "ServerHello: {}", version(chosen));
        }
    }

    /// Logs the verification of the peer, the signatures, and what came of the server's request for our certificate.
    fn tell_certificates(&self) {
        if let Some(status) = self.status {
            let result = match status.error() {
                None => "accepted".to_owned(),
                Some(finding) => format!("refused: {}", finding.statement()),
            };
            step!(
                self.info,
                "certificate of the peer: {}: {result}",
                status.path().join(" < ")
            );
        }
        if let Some(scheme) = self.scheme {
            step!(
                self.info,
                "the peer signed the handshake with {}",
                scheme_name(scheme)
            );
        }
        if let Some(scheme) = self.own_scheme {
            step!(
                self.info,
                "we sign the handshake with {}",
                scheme_name(scheme)
            );
        }
        if let Some(asked) = self.asked {
            let answer = match asked.answer {
                Answer::Certificate => "ours was sent",
                Answer::Nothing => "there is none to send",
                Answer::WrongKey => "our key has no signature scheme that the server accepts",
            };
            let cas: Vec<_> = asked.names().map(describe::one_line).collect();
            step!(
                self.info,
                "the server asks for a certificate, and names {} CAs: {answer}",
                cas.len()
            );
            detail!(self.info, "CAs: {}", cas.join(" | "));
        }
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

/// The name of a version on the wire.
fn version(number: u16) -> &'static str {
    match ProtocolVersion::from(number) {
        ProtocolVersion::TLSv1_3 => "TLS 1.3",
        ProtocolVersion::TLSv1_2 => "TLS 1.2",
        ProtocolVersion::TLSv1_1 => "TLS 1.1",
        ProtocolVersion::TLSv1_0 => "TLS 1.0",
        ProtocolVersion::SSLv3 => "SSL 3.0",
        _ => "an unknown version",
    }
}

fn suites(numbers: &[u16]) -> String {
    named(numbers, |number| {
        CipherSuite::by_number(number).map(|suite| suite.openssl_name().to_owned())
    })
}

fn groups(numbers: &[u16]) -> String {
    named(numbers, |number| {
        let name = crypto::group_name(NamedGroup::from(number));
        (name != "unknown").then(|| name.to_owned())
    })
}

fn schemes(numbers: &[u16]) -> String {
    named(numbers, |number| {
        Some(SignatureScheme::from(number).as_str()?.to_owned())
    })
}

fn scheme_name(scheme: SignatureScheme) -> String {
    match scheme.as_str() {
        Some(name) => name.to_owned(),
        None => format!("0x{:04X}", u16::from(scheme)),
    }
}

/// The names of numbers, in their order; a number without a name as it is on the wire.
fn named(numbers: &[u16], name: impl Fn(u16) -> Option<String>) -> String {
    let names = numbers
        .iter()
        .map(|number| name(*number).unwrap_or_else(|| format!("0x{number:04X}")));
    names.collect::<Vec<_>>().join(" ")
}
