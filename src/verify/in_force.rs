use std::fmt;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DistinguishedName, SignatureScheme};

use super::name::ReferenceName;
use super::purpose::Purpose;
use super::status::{Validity, VerifyStatus};
use super::verifier::Verifier;

/// One of the successive verifiers of an endpoint.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) verifier: Verifier,
    /// Which one it is.
    pub(crate) generation: u64,
}

impl InForce {
    pub(crate) fn new(verifier: Verifier, generation: u64) -> Self {
        Self {
            verifier,
            generation,
        }
    }

    /// The names of `trusted-ca`, for a server to tell its clients.
    pub(crate) fn subjects(&self) -> &[DistinguishedName] {
        self.verifier.subjects()
    }

    /// Verifies as [`Verifier::verify`] does, and notes by which of the verifiers.
    pub(crate) fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        purpose: Purpose,
        reference: Option<&ReferenceName>,
        now: UnixTime,
    ) -> VerifyStatus {
        let mut status = self.verifier.verify(chain, purpose, reference, now);
        status.validity.generation = self.generation;
        status
    }
}

/// Where the verifiers of rustls look the verifier up, once for each question. An endpoint replaces it when it is
/// reloaded.
pub(crate) trait Verifiers: fmt::Debug + Send + Sync {
    /// Returns the verifier that is in force.
    fn in_force(&self) -> Arc<InForce>;

    /// Hears what a verification came to before others do, and may add what is done about it.
    fn verified(&self, _status: &mut VerifyStatus) {}

    /// Hears that a server was accepted, by the name that rustls knows it by.
    fn accepted(&self, _server: &ServerName<'_>, _validity: Validity) {}

    /// Hears what the peer signs the handshake with.
    fn signed(&self, _scheme: SignatureScheme) {}
}

/// A verifier that stays.
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
