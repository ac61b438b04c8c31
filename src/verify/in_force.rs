//! The verifier that counts now, and the place where rustls' verifiers look for it.
//!
//! A configuration of rustls that was handed out to a SIP stack lives on when an endpoint reloads its files. So it
//! holds no verifier, but a [`Verifiers`], which gives it the present one at each handshake. A [`Fixed`] is the
//! simple form, for programs that use a verifier without an endpoint.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DistinguishedName, SignatureScheme};

use super::name::ReferenceName;
use super::purpose::Purpose;
use super::status::{Validity, VerifyStatus};
use super::verdicts::{Question, Verdicts};
use super::verifier::{Verifier, seconds};

/// One of the successive verifiers of an endpoint.
///
/// Its number tells sessions apart: a session that was checked by an earlier verifier is not resumed.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) verifier: Verifier,
    /// The number of this verifier among them.
    pub(crate) generation: u64,
    pub(super) verdicts: Verdicts,
}

impl InForce {
    /// A new verifier begins without verdicts.
    pub(crate) fn new(verifier: Verifier, generation: u64) -> Self {
        Self {
            verdicts: verifier.verdicts(),
            verifier,
            generation,
        }
    }

    /// The names of `trusted-ca`, for a server to send to its clients.
    pub(crate) fn subjects(&self) -> &[DistinguishedName] {
        self.verifier.subjects()
    }

    /// Verifies as [`Verifier::verify`] does, unless a verdict is kept, and notes the generation of the verifier.
    pub(crate) fn verify<'p>(
        &self,
        chain: impl Iterator<Item = &'p CertificateDer<'p>> + Clone,
        purpose: Purpose,
        reference: Option<ReferenceName>,
        now: UnixTime,
    ) -> VerifyStatus {
        let verify = |reference| {
            let verifier = &self.verifier;
            let mut status = verifier.verify_presented(chain.clone(), purpose, reference, now);
            status.validity.generation = self.generation;
            status
        };
        if !self.verdicts.are_kept() {
            return verify(reference);
        }
        let seconds = seconds(now);
        let question = Question::new(chain.clone().next(), purpose, reference);
        if let Some(status) = self.verdicts.find(&question, chain.clone(), seconds) {
            return status;
        }
        let status = verify(question.reference());
        self.verdicts.keep(question, chain, seconds, &status);
        status
    }
}

/// The place where the verifiers of rustls look up the verifier in force, once for each question. An endpoint replaces
/// the verifier when it is reloaded.
pub(crate) trait Verifiers: fmt::Debug + Send + Sync {
    /// Returns the verifier that is in force.
    fn in_force(&self) -> Arc<InForce>;

    /// Receives the result of a verification before others do, and may add what is done about it.
    ///
    /// The observer and the caller come after it. An endpoint fetches missing lists here.
    fn verified(&self, _status: &mut VerifyStatus) {}

    /// Is told that a server was accepted, with the name by which rustls knows it.
    ///
    /// An endpoint notes here until when sessions with the server may be resumed.
    fn accepted(&self, _server: &ServerName<'_>, _validity: Validity) {}

    /// Is told the scheme with which the peer signs the handshake.
    ///
    /// It is called before the signature is verified.
    fn signed(&self, _scheme: SignatureScheme) {}
}

/// A verifier that is never replaced.
///
/// Its generation is always 0.
#[derive(Debug)]
pub(super) struct Fixed(Arc<InForce>);

impl Fixed {
    pub(super) fn new(verifier: Verifier) -> Arc<Self> {
        Arc::new(Self(Arc::new(InForce::new(verifier, 0))))
    }
}

impl Verifiers for Fixed {
    fn in_force(&self) -> Arc<InForce> {
        self.0.clone()
    }
}
