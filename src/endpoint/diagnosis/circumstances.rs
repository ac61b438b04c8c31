//! What a connection has seen before it failed.

use std::sync::Arc;

use rustls::sign::CertifiedKey;

use crate::endpoint::attempt::Asked;
use crate::endpoint::tap::Start;
use crate::endpoint::tap::hello::{self, Offered};
use crate::report::counted;
use crate::verify::{Direction, InForce};
use crate::x509::Certificate;

/// What is known of the connection that failed.
#[derive(Debug)]
pub(in crate::endpoint) struct Circumstances {
    pub(in crate::endpoint) direction: Direction,
    /// The client could have offered DHE, and did not.
    pub(in crate::endpoint) dhe_is_withheld: bool,
    /// The first bytes of both directions.
    pub(in crate::endpoint) start: Start,
    /// The server's request for our certificate.
    pub(in crate::endpoint) asked: Option<Asked>,
    /// Our certificate and key.
    pub(in crate::endpoint) own: Option<Arc<CertifiedKey>>,
    pub(in crate::endpoint) in_force: Option<Arc<InForce>>,
    /// Seconds since the epoch.
    pub(in crate::endpoint) now: Option<i64>,
}

impl Circumstances {
    pub(super) fn is_incoming(&self) -> bool {
        self.direction == Direction::Incoming
    }

    /// Returns the certificates that we send.
    pub(super) fn own_chain(&self) -> Vec<Certificate<'static>> {
        let own = self.own.as_ref();
        let chain = own.map_or(&[][..], |own| &own.cert).iter();
        chain
            .map_while(|der| Certificate::parse(der.clone()).ok())
            .collect()
    }

    /// Returns what a client offers.
    pub(super) fn offered(&self) -> Option<Offered> {
        self.is_incoming()
            .then(|| Offered::read(&self.start.received))
            .flatten()
    }

    /// Returns the newest version of the peer, or the one that it chose.
    pub(super) fn peer_version(&self) -> Option<u16> {
        match self.is_incoming() {
            true => self.offered().map(|offered| offered.version),
            false => hello::chosen_version(&self.start.received),
        }
    }

    /// Returns how far the handshake came.
    pub(super) fn step(&self) -> String {
        let peer = match self.is_incoming() {
            true => "the client",
            false => "the server",
        };
        if self.start.received.is_empty() {
            return match self.is_incoming() {
                true => format!("{peer} sent nothing"),
                false => format!("{peer} sent nothing after our ClientHello"),
            };
        }
        match hello::last_message(&self.start.received) {
            Some((message, true)) => {
                format!("after the {message} of {peer} and encrypted messages")
            }
            Some((message, false)) => format!("after the {message} of {peer}"),
            None => {
                let bytes = counted(self.start.received.len(), "byte", "bytes");
                format!("after {bytes} from {peer}")
            }
        }
    }

    /// Adds the [`step`](Self::step) to a sentence. If the peer sent nothing, the step is a sentence of its own.
    pub(super) fn with_step(&self, sentence: &str) -> String {
        let mark = match self.start.received.is_empty() {
            true => ';',
            false => ',',
        };
        format!("{sentence}{mark} {}", self.step())
    }
}
