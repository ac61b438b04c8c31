use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::EndpointBuilder;
#[cfg(feature = "cbc")]
use crate::crypto::Cbc;

/// Settings that weaken security, for peers that leave no choice.
#[derive(Debug)]
pub struct Danger(pub(super) EndpointBuilder);

impl Danger {
    /// Offers every AES-CBC suite that `cipher-list` comes to, by words such as `HIGH` and by default too. Otherwise only
    /// those are offered that the list names one by one.
    ///
    /// Their MAC is inside the encryption: see [`cbc_suites`](crate::crypto::danger::cbc_suites).
    #[cfg(feature = "cbc")]
    pub fn offer_cbc(mut self) -> EndpointBuilder {
        self.0.setup.cbc = Cbc::All;
        self.0
    }

    /// Believes the servers that this verifier believes, instead of those that the options name. A bad idea: a verifier
    /// that accepts too much lets every on-path attacker read and change the calls, and nothing fails.
    ///
    /// `trusted-ca`, `tls-crl`, `tls-target-name-check` and `tls-target-name` do not count for outgoing connections then,
    /// but must be good. Connections have no verification status, observers hear nothing, and no session is resumed.
    pub fn replace_server_verifier(
        mut self,
        verifier: Arc<dyn ServerCertVerifier>,
    ) -> EndpointBuilder {
        self.0.additions.server_verifier = Some(verifier);
        self.0
    }

    /// Believes the clients that this verifier believes, instead of those that the options name. A bad idea: a verifier
    /// that accepts too much lets in everybody.
    ///
    /// It is asked where `tls-mutual` has clients asked for a certificate, which has to be on. `trusted-ca` and `tls-crl` do
    /// not count for incoming connections then, but must be good. Connections have no verification status, observers hear
    /// nothing, and no session is resumed.
    pub fn replace_client_verifier(
        mut self,
        verifier: Arc<dyn ClientCertVerifier>,
    ) -> EndpointBuilder {
        self.0.additions.client_verifier = Some(verifier);
        self.0
    }
}
