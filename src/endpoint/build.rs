use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::{ClientConfig, ServerConfig};

use super::attempt::recording;
use super::diagnosis::Diagnosis;
use super::handshake::Connecting;
use super::offer::{self, Offer};
use super::server::{self, NoServer};
use super::{Endpoint, Inner, client, load, server_name};
use crate::crypto;
use crate::error::Error;
use crate::options::{Role, TlsOptions};
use crate::pki::Credentials;
use crate::report::{Note, Outcome, Report};
use crate::verify::{ClientVerifier, Observer, RevocationDepth, ServerVerifier, Verifier};

/// What an [`Endpoint`] is made of: options, and what no option of the configuration file says.
#[derive(Debug)]
pub struct EndpointBuilder {
    options: TlsOptions,
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

    /// Does the same, and returns the report also where an option is refused.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_with_report(self) -> (Report, Result<Endpoint, Error>) {
        let (parts, notes) = self.parts();
        let report = self.options.report().clone().with(notes);
        let endpoint = parts.and_then(|parts| self.assemble(parts, report.clone()));
        (report, endpoint)
    }

    /// Reads everything that the configurations are made of. All errors are noted; the first one is returned.
    fn parts(&self) -> (Result<Parts, Error>, Vec<Note>) {
        let options = &self.options;
        let base = match self.base() {
            Ok(base) => base,
            Err(error) => return (Err(error), Vec::new()),
        };
        let mut notes = offer::narrowings(options);
        notes.extend(unsendable_target_name(options));
        let (outgoing, offered) = Offer::new(options, &base, Role::Client);
        notes.push(Note::Outgoing(offered));
        let outgoing = offer::refuse_suite_b(options).and_then(|()| Ok(outgoing?));
        let (credentials, found) = load::credentials(options, &base);
        notes.extend(found);
        let (verifier, found) = load::verifier(options, self.revocation_depth, &base);
        notes.extend(found);
        notes.extend(outgoing.as_ref().err().and_then(refusal));
        notes.extend(verifier.as_ref().err().and_then(refusal));
        notes.extend(credentials.as_ref().err().and_then(refusal));
        let parts = credentials.and_then(|credentials| {
            let (verifier, outgoing) = (verifier?, outgoing?);
            let (incoming, found) = self.incoming(credentials.as_ref(), &base);
            notes.extend(found);
            notes.extend(Offer::tls12_notes(&outgoing, incoming.as_ref().ok()));
            Ok(Parts {
                key: credentials.map(|credentials| credentials.certified_key().clone()),
                verifier,
                outgoing,
                incoming,
            })
        });
        (parts, notes)
    }

    fn base(&self) -> Result<Arc<CryptoProvider>, Error> {
        match &self.provider {
            Some(provider) => Ok(provider.clone()),
            None => Ok(crypto::default_base()?),
        }
    }

    /// A list of DHE suites only is good for a client. An endpoint that has a certificate must not fail on it.
    fn incoming(
        &self,
        credentials: Option<&Credentials>,
        base: &CryptoProvider,
    ) -> (Result<Offer, NoServer>, Vec<Note>) {
        if credentials.is_none() {
            return (Err(NoServer::Certificate), Vec::new());
        }
        match Offer::new(&self.options, base, Role::Server) {
            (Ok(offer), offered) => (Ok(offer), vec![Note::Incoming(offered)]),
            (Err(nothing), _) => {
                let why = format!("no incoming connections: {}", nothing.source);
                let notes = offer::narrowed_cipher_list(why);
                (Err(NoServer::Suites(nothing)), notes)
            }
        }
    }

    fn assemble(self, parts: Parts, report: Report) -> Result<Endpoint, Error> {
        let observer = recording(self.observer.clone());
        let client = self.client(parts.outgoing, &parts.verifier, &parts.key, &observer)?;
        let server = match (parts.incoming, &parts.key) {
            (Ok(offer), Some(key)) => Ok(self.server(offer, &parts.verifier, key, &observer)?),
            (Ok(_), None) => Err(NoServer::Certificate),
            (Err(no_server), _) => Err(no_server),
        };
        let incoming = server.as_ref().ok().map(|server| server.crypto_provider());
        let connecting = Connecting {
            outgoing: Diagnosis::new(&self.options, client.crypto_provider(), Role::Client),
            incoming: incoming
                .map(|provider| Diagnosis::new(&self.options, provider, Role::Server)),
            observer,
            requires_client_certificate: self.options.requires_client_certificate(),
            timeout: self.timeout,
        };
        Ok(Endpoint(Arc::new(Inner {
            client: Arc::new(client),
            server: server.map(Arc::new),
            verifier: parts.verifier,
            target_name: self.options.target_name().map(str::to_owned),
            connecting,
            report: Arc::new(report),
        })))
    }

    fn client(
        &self,
        offer: Offer,
        verifier: &Verifier,
        key: &Option<Arc<CertifiedKey>>,
        observer: &Observer,
    ) -> Result<ClientConfig, Error> {
        let verifier = ServerVerifier::new(verifier.clone(), observer.clone());
        let mut config = client::config(offer, verifier, key.as_ref())?;
        config.time_provider = self.time_provider.clone();
        Ok(config)
    }

    fn server(
        &self,
        offer: Offer,
        verifier: &Verifier,
        key: &Arc<CertifiedKey>,
        observer: &Observer,
    ) -> Result<ServerConfig, Error> {
        let asks = self.options.requires_client_certificate();
        let verifier = asks.then(|| ClientVerifier::new(verifier.clone(), observer.clone()));
        let mut config = server::config(offer, verifier, key, self.tls13_tickets)?;
        config.time_provider = self.time_provider.clone();
        Ok(config)
    }
}

/// What the configurations are made of.
struct Parts {
    key: Option<Arc<CertifiedKey>>,
    verifier: Verifier,
    outgoing: Offer,
    incoming: Result<Offer, NoServer>,
}

fn refusal(error: &Error) -> Option<Note> {
    let option = error.option()?.to_owned();
    Some(Note::Option(option, Outcome::refused(error)))
}

/// OpenSSL sends any text as SNI.
fn unsendable_target_name(options: &TlsOptions) -> Option<Note> {
    let name = options.target_name()?;
    let how = "it is checked, but not sent as SNI, because it is no DNS name";
    server_name(name)
        .is_none()
        .then(|| Note::narrowed("tls-target-name", how))
}
