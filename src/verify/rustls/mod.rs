//! The traits by which rustls asks a [`Verifier`](super::Verifier).

mod client;
mod hints;
mod server;
mod signature;

use ::rustls::pki_types::CertificateDer;

pub use client::ClientVerifier;
pub use server::ServerVerifier;

/// Returns the chain as one slice, as the peer sent it.
fn chain<'a>(
    end_entity: &'a CertificateDer<'_>,
    intermediates: &'a [CertificateDer<'_>],
) -> Vec<CertificateDer<'a>> {
    std::iter::once(end_entity)
        .chain(intermediates)
        .map(|der| CertificateDer::from(der.as_ref()))
        .collect()
}
