use std::sync::Arc;
#[cfg(feature = "tokio")]
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::{ClientConfig, ServerConfig};

#[cfg(feature = "tokio")]
use super::attempt;
#[cfg(feature = "tokio")]
use super::diagnosis::Diagnosis;
#[cfg(feature = "tokio")]
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

/// Collects what an [`Endpoint`] is made of: the options, and what no option of a configuration file can say.
#[derive(Debug)]
pub struct EndpointBuilder {
    options: TlsOptions,
    provider: Option<Arc<CryptoProvider>>,
    observer: Observer,
    revocation_depth: RevocationDepth,
    tls13_tickets: usize,
    #[cfg(feature = "tokio")]
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
            #[cfg(feature = "tokio")]
            timeout: Duration::from_secs(10),
            time_provider: Arc::new(DefaultTimeProvider),
        }
    }

    /// Uses this crypto provider. Defaults to [`crypto::default_base`].
    pub fn provider(mut self, provider: Arc<CryptoProvider>) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Calls this function after every verification of a peer.
    pub fn observer(mut self, observer: Observer) -> Self {
        self.observer = observer;
        self
    }

    /// Says which certificates of a path the lists of `tls-crl` must cover. Defaults to [`RevocationDepth::Covered`].
    pub fn revocation_depth(mut self, depth: RevocationDepth) -> Self {
        self.revocation_depth = depth;
        self
    }

    /// Says how many TLS 1.3 session tickets our server sends. Defaults to none, because SIP connections are long-lived
    /// and some peers (wolfSSL 5.5, sipsak) break on them.
    pub fn tls13_tickets(mut self, count: usize) -> Self {
        self.tls13_tickets = count;
        self
    }

    /// Limits how long it may take to make a connection, either way. Defaults to 10 seconds.
    #[cfg(feature = "tokio")]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Takes the time, by which certificates, lists and sessions expire, from here. Defaults to the system's clock.
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
        let (parts, notes) = match self.base() {
            Ok(base) => self.parts(&base),
            Err(error) => (Err(error), Vec::new()),
        };
        let report = self.options.report().clone().with(notes);
        let endpoint = parts.and_then(|parts| self.assemble(parts, report.clone()));
        (report, endpoint)
    }

    /// Reads everything that the configurations are made of. All errors are noted; the first one is returned.
    fn parts(&self, base: &CryptoProvider) -> (Result<Parts, Error>, Vec<Note>) {
        let options = &self.options;
        let (outgoing, offered) = self.outgoing(base);
        let (credentials, own) = load::credentials(options, base);
        let (verifier, trusted) = load::verifier(options, self.revocation_depth, base);
        let can_accept = outgoing.is_ok() && matches!(credentials, Ok(Some(_)));
        let (incoming, acceptable) = self.incoming(can_accept, base);
        let tls12 = Offer::tls12_notes(outgoing.as_ref().ok(), incoming.as_ref().ok());
        let refusals = [
            refusal(&outgoing),
            refusal(&credentials),
            refusal(&verifier),
        ];
        let notes = [
            narrowings(options),
            offered,
            own,
            trusted,
            tls12,
            acceptable,
        ];
        let notes = notes.into_iter().flatten();
        let notes = notes.chain(refusals.into_iter().flatten()).collect();
        (Parts::new(credentials, verifier, outgoing, incoming), notes)
    }

    fn base(&self) -> Result<Arc<CryptoProvider>, Error> {
        match &self.provider {
            Some(provider) => Ok(provider.clone()),
            None => Ok(crypto::default_base()?),
        }
    }

    fn outgoing(&self, base: &CryptoProvider) -> (Result<Offer, Error>, Vec<Note>) {
        let (offer, offered) = Offer::new(&self.options, base, Role::Client);
        let offer = offer::refuse_suite_b(&self.options).and_then(|()| Ok(offer?));
        (offer, vec![Note::Outgoing(offered)])
    }

    /// A list of DHE suites only is good for a client. An endpoint that has a certificate must not fail on it.
    fn incoming(
        &self,
        can_accept: bool,
        base: &CryptoProvider,
    ) -> (Result<Offer, NoServer>, Vec<Note>) {
        if !can_accept {
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
        let observer = self.verifiers_observer();
        let key = parts.key.as_ref();
        let client = self.client(parts.outgoing, &parts.verifier, key, &observer)?;
        let server = match (parts.incoming, key) {
            (Ok(offer), Some(key)) => Ok(self.server(offer, &parts.verifier, key, &observer)?),
            (Ok(_), None) => Err(NoServer::Certificate),
            (Err(no_server), _) => Err(no_server),
        };
        Ok(Endpoint(Arc::new(Inner {
            #[cfg(feature = "tokio")]
            connecting: self.connecting(&client, server.as_ref().ok(), observer),
            client: Arc::new(client),
            server: server.map(Arc::new),
            verifier: parts.verifier,
            target_name: self.options.target_name().map(str::to_owned),
            report: Arc::new(report),
        })))
    }

    #[cfg(feature = "tokio")]
    fn verifiers_observer(&self) -> Observer {
        attempt::recording(self.observer.clone())
    }

    #[cfg(not(feature = "tokio"))]
    fn verifiers_observer(&self) -> Observer {
        self.observer.clone()
    }

    #[cfg(feature = "tokio")]
    fn connecting(
        &self,
        client: &ClientConfig,
        server: Option<&ServerConfig>,
        observer: Observer,
    ) -> Connecting {
        let diagnosis = |provider, role| Diagnosis::new(&self.options, provider, role);
        Connecting {
            outgoing: diagnosis(client.crypto_provider(), Role::Client),
            incoming: server.map(|server| diagnosis(server.crypto_provider(), Role::Server)),
            observer,
            requires_client_certificate: self.options.requires_client_certificate(),
            timeout: self.timeout,
        }
    }

    fn client(
        &self,
        offer: Offer,
        verifier: &Verifier,
        key: Option<&Arc<CertifiedKey>>,
        observer: &Observer,
    ) -> Result<ClientConfig, Error> {
        let verifier = ServerVerifier::new(verifier.clone(), observer.clone());
        let mut config = client::config(offer, verifier, key)?;
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

impl Parts {
    fn new(
        credentials: Result<Option<Credentials>, Error>,
        verifier: Result<Verifier, Error>,
        outgoing: Result<Offer, Error>,
        incoming: Result<Offer, NoServer>,
    ) -> Result<Self, Error> {
        let key = |credentials: Credentials| credentials.certified_key().clone();
        Ok(Self {
            key: credentials?.map(key),
            verifier: verifier?,
            outgoing: outgoing?,
            incoming,
        })
    }
}

fn refusal<T>(result: &Result<T, Error>) -> Option<Note> {
    let error = result.as_ref().err()?;
    let option = error.option()?.to_owned();
    Some(Note::Option(option, Outcome::refused(error)))
}

fn narrowings(options: &TlsOptions) -> Vec<Note> {
    let mut notes = offer::narrowings(options);
    notes.extend(unsendable_target_name(options));
    notes
}

/// OpenSSL sends any text as SNI.
fn unsendable_target_name(options: &TlsOptions) -> Option<Note> {
    let name = options.target_name()?;
    let how = "it is checked, but not sent as SNI, because it is no DNS name";
    let is_sent = server_name(name).is_some();
    (!is_sent).then(|| Note::narrowed("tls-target-name", how))
}
