//! What weakens security stands in one type, so that a search for `danger` finds every use of it.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::EndpointBuilder;
#[cfg(feature = "cbc")]
use crate::crypto::Cbc;

/// Settings that weaken security, for peers that need them.
///
/// [`EndpointBuilder::danger`] returns it, and has an example. Each method returns the builder.
#[derive(Debug)]
pub struct Danger(pub(super) EndpointBuilder);

impl Danger {
    /// Offers every AES-CBC suite that `cipher-list` selects, also by words such as `HIGH` and by default. Without
    /// this, only the AES-CBC suites that the list names one by one are offered.
    ///
    /// The MAC of these suites is inside the encryption: see [`cbc_suites`](crate::crypto::danger::cbc_suites).
    #[cfg(feature = "cbc")]
    pub fn offer_cbc(mut self) -> EndpointBuilder {
        self.0.setup.cbc = Cbc::All;
        self.0
    }

    /// Lets this verifier decide which servers are accepted, in place of the options. A bad idea: a verifier that
    /// accepts too much lets every on-path attacker read and change the calls, and nothing fails.
    ///
    /// `trusted-ca`, `tls-crl`, `tls-target-name-check` and `tls-target-name` are ignored for outgoing connections
    /// then, but must be usable. Connections have no verification status, observers are not called, and no session is
    /// resumed.
    pub fn replace_server_verifier(
        mut self,
        verifier: Arc<dyn ServerCertVerifier>,
    ) -> EndpointBuilder {
        self.0.additions.server_verifier = Some(verifier);
        self.0
    }

    /// Lets this verifier decide which clients are accepted, in place of the options. A bad idea: a verifier that
    /// accepts too much lets everybody in.
    ///
    /// `tls-mutual` must be on, so that clients are asked for a certificate. `trusted-ca` and `tls-crl` are ignored
    /// for incoming connections then, but must be usable. Connections have no verification status, observers are not
    /// called, and no session is resumed.
    pub fn replace_client_verifier(
        mut self,
        verifier: Arc<dyn ClientCertVerifier>,
    ) -> EndpointBuilder {
        self.0.additions.client_verifier = Some(verifier);
        self.0
    }
}
