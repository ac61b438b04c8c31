use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};

use super::diagnosis::Diagnosis;
use super::handshake::recording;
use super::offer::{self, Offer};
use super::server::{self, NoServer};
use super::{Endpoint, client, server_name};
use crate::error::Error;
use crate::options::{Role, TlsOptions, TrustedCa};
use crate::pki::{self, Credentials, RevocationList, UnusedBlock};
use crate::report::{Outcome, Report};
use crate::verify::{
    ClientVerifier, Observer, ReferenceName, RevocationDepth, ServerVerifier, Verifier,
    VerifierBuilder, VerifierError,
};
use crate::{crypto, verify};

/// What an [`Endpoint`] is made of: options, and what no option of the configuration file says.
#[derive(Debug)]
pub struct EndpointBuilder {
    options: TlsOptions,
    report: Report,
    provider: Option<Arc<CryptoProvider>>,
    observer: Observer,
    revocation_depth: RevocationDepth,
    tls13_tickets: usize,
    timeout: Duration,
    time_provider: Arc<dyn TimeProvider>,
}

impl EndpointBuilder {
    pub(super) fn new(options: TlsOptions) -> Self {
        Self {
            report: options.report().clone(),
            options,
            provider: None,
            observer: Observer::default(),
            revocation_depth: RevocationDepth::default(),
            tls13_tickets: 0,
            timeout: Duration::from_secs(10),
            time_provider: Arc::new(DefaultTimeProvider),
        }
    }

    /// Uses this crypto provider; if not said, [`crypto::default_base`].
    pub fn provider(mut self, provider: Arc<CryptoProvider>) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Tells this function of every verification of a peer.
    pub fn observer(mut self, observer: Observer) -> Self {
        self.observer = observer;
        self
    }

    /// Which certificates of a path the lists of `tls-crl` must cover; [`RevocationDepth::Covered`] if not said.
    pub fn revocation_depth(mut self, depth: RevocationDepth) -> Self {
        self.revocation_depth = depth;
        self
    }

    /// How many TLS 1.3 session tickets our server sends; none if not said, because SIP connections are long-lived and
    /// some peers (wolfSSL 5.5, sipsak) break on them.
    pub fn tls13_tickets(mut self, count: usize) -> Self {
        self.tls13_tickets = count;
        self
    }

    /// How long a connection may take to be made, either way; 10 seconds if not said.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Takes the time, by which certificates and lists are valid, from here; from the system's clock if not said.
    pub fn time_provider(mut self, time_provider: Arc<dyn TimeProvider>) -> Self {
        self.time_provider = time_provider;
        self
    }

    /// Reads the files and makes the configurations.
    ///
    /// # Errors
    ///
    /// - `trusted-ca` is missing; `certificate-key` is given without `certificate`.
    /// - A file cannot be read or used.
    /// - The options leave no suite.
    /// - There is no crypto provider.
    pub fn build(self) -> Result<Endpoint, Error> {
        self.build_with_report().1
    }

    /// The same, with the report also where an option is refused.
    pub fn build_with_report(mut self) -> (Report, Result<Endpoint, Error>) {
        let mut report = std::mem::take(&mut self.report);
        let endpoint = self.translate(&mut report).map(|endpoint| Endpoint {
            report: report.clone(),
            ..endpoint
        });
        if let Err(error) = &endpoint {
            report.refuse(error);
        }
        (report, endpoint)
    }

    fn translate(self, report: &mut Report) -> Result<Endpoint, Error> {
        let options = &self.options;
        let base = match &self.provider {
            Some(provider) => provider.clone(),
            None => crypto::default_base()?,
        };
        offer::narrowings(options, report);
        narrow_target_name(options, report);
        let credentials = self.credentials(&base, report);
        let verifier = self.verifier(&base, report);
        if let (Err(_), Err(second)) = (&credentials, &verifier) {
            report.refuse(second);
        }
        let (credentials, verifier) = (credentials?, verifier?);
        let observer = recording(self.observer.clone());
        let offer = Offer::new(options, &base, Role::Client)?;
        let key = credentials.as_ref().map(Credentials::certified_key);
        let server_offer = key.map(|_| Offer::new(options, &base, Role::Server));
        offer::tls12_narrowings(
            &offer,
            server_offer.as_ref().and_then(|offer| offer.as_ref().ok()),
            report,
        );
        let server_verifier = ServerVerifier::new(verifier.clone(), observer.clone());
        let mut client = client::config(offer, server_verifier, key)?;
        client.time_provider = self.time_provider.clone();
        let server = match (key, server_offer) {
            (Some(key), Some(Ok(offer))) => {
                let asks = options.requires_client_certificate();
                let verifier =
                    asks.then(|| ClientVerifier::new(verifier.clone(), observer.clone()));
                let mut server = server::config(offer, verifier, key, self.tls13_tickets)?;
                server.time_provider = self.time_provider.clone();
                Ok(Arc::new(server))
            }
            // A list of DHE suites makes a client only; one that brings a certificate must not fail on it.
            (_, Some(Err(Error::Suites { option, source }))) => {
                offer::narrow_cipher_list(format!("no incoming connections: {source}"), report);
                Err(NoServer::Suites { option, source })
            }
            (_, Some(Err(error))) => return Err(error),
            (_, _) => Err(NoServer::Certificate),
        };
        let diagnosis = |provider: &CryptoProvider, role| Diagnosis::new(options, provider, role);
        Ok(Endpoint {
            outgoing: diagnosis(client.crypto_provider(), Role::Client),
            incoming: server.as_ref().ok().map(|server: &Arc<ServerConfig>| {
                diagnosis(server.crypto_provider(), Role::Server)
            }),
            client: Arc::new(client),
            server,
            verifier,
            observer,
            target_name: options.target_name().map(str::to_owned),
            requires_client_certificate: options.requires_client_certificate(),
            timeout: self.timeout,
            report: Report::default(),
        })
    }

    fn credentials(
        &self,
        base: &CryptoProvider,
        report: &mut Report,
    ) -> Result<Option<Credentials>, Error> {
        match (self.options.certificate(), self.options.certificate_key()) {
            (Some(certificate), key) => {
                let provider = crypto::client_provider(base).key_provider;
                let credentials = pki::credentials::load(certificate, key, provider)?;
                note_unused("certificate", credentials.unused(), report);
                for der in credentials.chain() {
                    report.certificate(verify::certificate_facts("certificate", der, None));
                }
                let level = self.options.security_level();
                match verify::own_strength(credentials.chain(), level) {
                    Some(weakness) => Err(Error::WeakCertificate(weakness)),
                    None => Ok(Some(credentials)),
                }
            }
            (None, Some(_)) => Err(Error::Missing {
                option: "certificate",
                purpose: "`certificate-key` is of no use without it",
            }),
            (None, None) => Ok(None),
        }
    }

    fn verifier(&self, base: &CryptoProvider, report: &mut Report) -> Result<Verifier, Error> {
        let options = &self.options;
        let mut builder = Verifier::builder(&crypto::client_provider(base))
            .name_check(options.name_check())
            .revocation_depth(self.revocation_depth)
            .security_level(options.security_level());
        if let Some(name) = options.target_name() {
            builder = builder.target_name(ReferenceName::new(name));
        }
        let (trusting, among_roots) = self.trust(builder, report)?;
        builder = trusting;
        let mut own_lists = 0;
        if let Some(files) = options.tls_crl() {
            let found = pki::crls::load(files)?;
            note_unused("tls-crl", found.unused(), report);
            let lists = found.into_lists();
            own_lists = lists.len();
            let lists = lists.into_iter().chain(among_roots);
            builder = builder.crls(lists.map(RevocationList::into_der));
        }
        let verifier = builder.build().map_err(|source| Error::Verifier {
            option: match source {
                VerifierError::List { number, .. } if number < own_lists => "tls-crl",
                VerifierError::NoList => "tls-crl",
                _ => "trusted-ca",
            },
            source,
        })?;
        verifier
            .revocation_lists()
            .for_each(|facts| report.list(facts.clone()));
        Ok(verifier)
    }

    /// Adds the trusted CAs. The revocation lists that stand among them count once revocation is checked, as with OpenSSL.
    fn trust(
        &self,
        builder: VerifierBuilder,
        report: &mut Report,
    ) -> Result<(VerifierBuilder, Vec<RevocationList>), Error> {
        match self.options.trusted_ca() {
            Some(TrustedCa::WebpkiRoots) => Ok((builder.webpki_roots(), Vec::new())),
            Some(TrustedCa::Files(files)) => {
                let roots = pki::roots::load(files)?;
                note_unused("trusted-ca", roots.unused(), report);
                for root in roots.certificates() {
                    let trust = Some(root.trust());
                    report.certificate(verify::certificate_facts("trusted-ca", root.der(), trust));
                }
                let lists = roots.revocation_lists().to_vec();
                Ok((builder.trusted(roots.certificates()), lists))
            }
            None => Err(Error::Missing {
                option: "trusted-ca",
                purpose: "without it no peer can be verified",
            }),
        }
    }
}

/// OpenSSL passes over such blocks in silence.
fn note_unused(option: &str, blocks: &[UnusedBlock], report: &mut Report) {
    for block in blocks {
        report.warn(format!("`{option}`: {block}"));
    }
}

/// OpenSSL sends anything as SNI.
fn narrow_target_name(options: &TlsOptions, report: &mut Report) {
    let cannot_be_sent = |name| server_name(name).is_none();
    if options.target_name().is_some_and(cannot_be_sent) {
        let how = "it is checked, but not sent as SNI, because it is no DNS name";
        report.amend("tls-target-name", Outcome::Narrowed(how.to_owned()));
    }
}
