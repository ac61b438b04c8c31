//! Tags, by which a caller recognises verifications whose connections are unknown here.
//!
//! The tag goes the same way as the connection in `attempt`: in a task-local that the verifier reads. A connector with
//! a tag needs no task of the caller: its verifier sets the task-local itself.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::Endpoint;

tokio::task_local! {
    static TAG: Arc<str>;
}

impl Endpoint {
    /// Runs a future, and passes this tag to observers with every verification in the future:
    /// [`Observation::tag`](crate::verify::Observation::tag).
    ///
    /// A SIP stack that makes connections itself only reports that a connection failed, and rustls does not tell the
    /// verifier which connection it verifies. If the stack makes the connection within the future that it returns, the tag shows which one was
    /// refused, and why. If the stack makes the connection in a task of its own, use
    /// [`connector_tagged`](Self::connector_tagged) and [`last_refusal`](Self::last_refusal).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use sip_tls::options::TlsOptions;
    /// use sip_tls::verify::Observer;
    /// use sip_tls::Endpoint;
    ///
    /// # async fn example(options: TlsOptions) -> Result<(), Box<dyn std::error::Error>> {
    /// let observer = Observer::new(|observation| {
    ///     if !observation.status.is_accepted() {
    ///         eprintln!("{:?}: {}", observation.tag, observation.status);
    ///     }
    /// });
    /// let endpoint = Endpoint::builder(options).observer(observer).build()?;
    /// let server = "sip.example.com:5061".parse()?;
    /// Endpoint::scope("line 4021", endpoint.connect_to(&server, None)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn scope<F: Future>(
        tag: impl Into<Arc<str>>,
        future: F,
    ) -> impl Future<Output = F::Output> {
        TAG.scope(tag.into(), future)
    }

    /// Returns a [`connector`](Self::connector) whose verifications have this tag, whichever task they run in.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::error::Error;
    /// # use tokio::net::TcpStream;
    /// # async fn example(endpoint: sip_tls::Endpoint, stream: TcpStream) -> Result<(), Box<dyn Error>> {
    /// let name = endpoint.server_name("sip.example.com").ok_or("no name")?;
    /// let connector = endpoint.connector_tagged("line 4021");
    /// // The observer gets the tag, although the handshake is done in another task.
    /// let stream = tokio::spawn(connector.connect(name, stream)).await??;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connector_tagged(&self, tag: impl Into<Arc<str>>) -> TlsConnector {
        let mut config = ClientConfig::clone(&self.client_config());
        config
            .dangerous()
            .set_certificate_verifier(Arc::new(Tagged {
                tag: tag.into(),
                verifier: self.0.clients.verifier().clone(),
            }));
        TlsConnector::from(Arc::new(config))
    }
}

/// Returns the tag of the task, if it has one.
pub(super) fn current() -> Option<Arc<str>> {
    TAG.try_with(Arc::clone).ok()
}

/// A verifier that works for connections with a tag.
struct Tagged {
    tag: Arc<str>,
    verifier: Arc<dyn ServerCertVerifier>,
}

impl Tagged {
    /// Runs the verifier with the tag set. rustls calls verifiers without awaiting, so the scope is that of a call.
    fn within<T>(&self, verify: impl FnOnce(&dyn ServerCertVerifier) -> T) -> T {
        TAG.sync_scope(self.tag.clone(), || verify(&*self.verifier))
    }
}

impl ServerCertVerifier for Tagged {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.within(|verifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.within(|verifier| verifier.verify_tls12_signature(message, cert, dss))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.within(|verifier| verifier.verify_tls13_signature(message, cert, dss))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.verifier.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.verifier.root_hint_subjects()
    }
}

impl fmt::Debug for Tagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tagged")
            .field("tag", &self.tag)
            .field("verifier", &self.verifier)
            .finish()
    }
}
