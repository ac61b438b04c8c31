use std::sync::Arc;
#[cfg(feature = "tokio")]
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};

use super::additions::Additions;
#[cfg(feature = "tokio")]
use super::attempt;
use super::client::{Client, Clients};
use super::counters::Tallies;
use super::danger::Danger;
#[cfg(feature = "tokio")]
use super::diagnosis::Diagnosis;
#[cfg(feature = "tokio")]
use super::domain::{Resolver, SystemResolver};
#[cfg(feature = "tokio")]
use super::handshake::Connecting;
#[cfg(feature = "tokio")]
use super::manner;
use super::offer::Offer;
use super::parts::{Inspection, Parts, Setup};
use super::reload::{Ingredients, Recipe, Shape};
use super::server::{Server, Servers};
use super::sessions::Notes;
use super::state::{Shared, State};
#[cfg(feature = "tokio")]
use super::tap::Refusals;
#[cfg(feature = "watch")]
use super::watch::Fingerprint;
use super::{Endpoint, Inner, refusals};
use crate::crypto;
use crate::error::Error;
#[cfg(feature = "crl-fetch")]
use crate::fetch::{CrlFetch, Source};
#[cfg(feature = "tokio")]
use crate::options::Role;
use crate::options::TlsOptions;
use crate::pki::Passphrases;
use crate::report::Report;
use crate::verify::{
    Authorisation, ClientVerifier, Observer, PeerIdentities, RevocationDepth, ServerVerifier,
};

/// Collects what an [`Endpoint`] is made of: the options, and what no option of a configuration file can say.
#[derive(Clone, Debug)]
pub struct EndpointBuilder {
    pub(super) setup: Setup,
    provider: Option<Arc<CryptoProvider>>,
    observer: Observer,
    pub(super) resumption: bool,
    server_preference: bool,
    tls13_tickets: usize,
    pub(super) additions: Additions,
    #[cfg(feature = "tokio")]
    timeout: Duration,
    #[cfg(feature = "tokio")]
    confirm: Option<Duration>,
    #[cfg(feature = "tokio")]
    resolver: Arc<dyn Resolver>,
    time_provider: Arc<dyn TimeProvider>,
    #[cfg(feature = "crl-fetch")]
    crl_source: Arc<dyn Source>,
}

impl EndpointBuilder {
    pub(crate) fn new(options: TlsOptions) -> Self {
        Self {
            setup: Setup::new(options),
            provider: None,
            observer: Observer::default(),
            resumption: false,
            server_preference: false,
            tls13_tickets: 0,
            additions: Additions::default(),
            #[cfg(feature = "tokio")]
            timeout: Duration::from_secs(10),
            #[cfg(feature = "tokio")]
            confirm: None,
            #[cfg(feature = "tokio")]
            resolver: Arc::new(SystemResolver),
            time_provider: Arc::new(DefaultTimeProvider),
            #[cfg(feature = "crl-fetch")]
            crl_source: Arc::new(CrlFetch::new()),
        }
    }

    /// Uses this crypto provider. Defaults to [`crypto::default_base`].
    pub fn provider(mut self, provider: Arc<CryptoProvider>) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Asks for the passphrases of encrypted keys and PKCS#12 files here. Without it, a file that has one is an error.
    pub fn passphrases(mut self, passphrases: Passphrases) -> Self {
        self.setup.passphrases = passphrases;
        self
    }

    /// Calls this function after every verification of a peer.
    pub fn observer(mut self, observer: Observer) -> Self {
        self.observer = observer;
        self
    }

    /// Asks this function of every peer that is otherwise accepted, in both directions, whether it may connect: see
    /// [`PeerIdentities::purpose`]. Defaults to letting all of them in. A second call replaces the first.
    ///
    /// A peer for which it returns `false` is refused with the alert access_denied (49) and
    /// [`VerifyCode::ApplicationVerification`](crate::verify::VerifyCode::ApplicationVerification). Configurations that
    /// were handed out ask it, too. The answer may change: with this function no session is resumed, so each connection is
    /// asked about anew. A reload keeps it.
    ///
    /// Incoming connections need `tls-mutual` then: a client that shows no certificate could not be asked about
    /// ([RFC 5922, section 7.4](https://www.rfc-editor.org/rfc/rfc5922#section-7.4)). The function runs within the
    /// handshake, so it must not block.
    ///
    /// ```
    /// # use sip_tls::{Endpoint, Error, options::TlsOptions};
    /// # fn example(options: TlsOptions) -> Result<Endpoint, Error> {
    /// const PARTNERS: [&str; 2] = ["example.com", "example.net"];
    /// let builder = Endpoint::builder(options)
    ///     .authorise(|peer| PARTNERS.iter().any(|domain| peer.has_sip_domain(domain)));
    /// builder.build()
    /// # }
    /// ```
    pub fn authorise(
        mut self,
        function: impl Fn(&PeerIdentities) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.setup.authorisation = Authorisation::new(function);
        self
    }

    /// Says how many verdicts on accepted peers are kept. Defaults to 1,024, of some 4 kB each; with 0 every handshake verifies
    /// certificates afresh, as OpenSSL does.
    ///
    /// A peer that comes again with the same certificates, in a handshake or with a session that is resumed, gets the same
    /// verdict without the work, for as long as nothing can have changed it: until a certificate or a list begins or
    /// expires, the files are reloaded, or the clock is set back. The signature of the handshake, which shows that the
    /// peer has the key, is verified in every full handshake. Observers hear of each verdict, kept or not.
    ///
    /// Refusals are not kept. Nothing is kept with [`authorise`](Self::authorise), nor where lists are fetched.
    pub fn kept_verdicts(mut self, most: usize) -> Self {
        self.setup.kept_verdicts = most;
        self
    }

    /// Says which certificates of a path the lists of `tls-crl` must cover. Defaults to [`RevocationDepth::Covered`].
    pub fn revocation_depth(mut self, depth: RevocationDepth) -> Self {
        self.setup.revocation_depth = depth;
        self
    }

    /// Says whether outgoing connections resume sessions of earlier ones. Defaults to `false`, as in an OpenSSL client
    /// that is handed no session: a server that verifies clients and has no session id context, as OpenSSL calls it,
    /// answers a resumption with an alert.
    ///
    /// Where a resumed handshake fails, [`Endpoint::connect`] and [`Endpoint::connect_to`] try a full one, within the
    /// same time-out, and from then on resume no session of this server. Whoever connects with a configuration that was
    /// handed out has to try again himself.
    ///
    /// A session ends with the first certificate or list that its server was checked against, with a
    /// [`reload`](Endpoint::reload), and with a list that is fetched. With [`authorise`](Self::authorise) none is resumed. A configuration that was handed out resumes less: see
    /// [`Endpoint::client_config`].
    pub fn resumption(mut self, resumption: bool) -> Self {
        self.resumption = resumption;
        self
    }

    /// Says whether configurations that are handed out, and [`Endpoint::connect_stream`], offer the DHE suites of
    /// `cipher-list` in any case. Defaults to `false`: they do so only if the list leaves no suite with ECDHE.
    ///
    /// rustls takes no other Diffie-Hellman groups than those of RFC 7919 and RFC 3526. A server that prefers DHE, and
    /// has made a group of its own, makes the handshake fail. [`Endpoint::connect`] and [`Endpoint::connect_to`] always
    /// offer DHE, as OpenSSL does, and try again without it where that happens.
    pub fn offer_dhe(mut self, offer_dhe: bool) -> Self {
        self.setup.offer_dhe = offer_dhe;
        self
    }

    /// Says whether our server goes by its own order of suites, as with OpenSSL's `SSL_OP_CIPHER_SERVER_PREFERENCE`:
    /// that of `ciphersuites` and `cipher-list`. Defaults to `false`, which is OpenSSL's default: the client's order.
    pub fn server_preference(mut self, server_preference: bool) -> Self {
        self.server_preference = server_preference;
        self
    }

    /// Says how many TLS 1.3 session tickets our server sends. Defaults to none, because SIP connections are long-lived
    /// and some peers (wolfSSL 5.5, sipsak) break on them. With `tls-mutual`, [`Endpoint::accept`] alone sends them.
    pub fn tls13_tickets(mut self, count: usize) -> Self {
        self.tls13_tickets = count;
        self
    }

    /// Leads to what weakens security.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use rustls::client::danger::ServerCertVerifier;
    /// # use sip_tls::{Endpoint, Error, options::TlsOptions};
    /// # fn example(
    /// #     options: TlsOptions,
    /// #     verifier: Arc<dyn ServerCertVerifier>,
    /// # ) -> Result<Endpoint, Error> {
    /// let builder = Endpoint::builder(options);
    /// builder.danger().replace_server_verifier(verifier).build()
    /// # }
    /// ```
    pub fn danger(self) -> Danger {
        Danger(self)
    }

    /// Limits how long it may take to make a connection, either way. Defaults to 10 seconds.
    #[cfg(feature = "tokio")]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Has [`Endpoint::connect`] and its kin wait for what the server says of our certificate, for so long at most: see
    /// [`Connection::confirm`](super::Connection::confirm). Defaults to not waiting, as an OpenSSL client.
    #[cfg(feature = "tokio")]
    pub fn confirm(mut self, wait: Duration) -> Self {
        self.confirm = Some(wait);
        self
    }

    /// Finds the servers of domains here, for [`Endpoint::connect_domain`]. Defaults to the system's means: the addresses
    /// of the domain, and port 5061. `SrvResolver` (feature `srv`) looks up NAPTR and SRV records, too.
    #[cfg(feature = "tokio")]
    pub fn resolver(mut self, resolver: impl Resolver + 'static) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// Takes the time, by which certificates, lists and sessions expire, from here. Defaults to the system's clock.
    pub fn time_provider(mut self, time_provider: Arc<dyn TimeProvider>) -> Self {
        self.time_provider = time_provider;
        self
    }

    /// Says how revocation lists are fetched, and where they are kept, with `tls-crl` = `fetch`. Defaults to
    /// [`CrlFetch::new`].
    #[cfg(feature = "crl-fetch")]
    pub fn crl_fetch(self, fetch: CrlFetch) -> Self {
        self.crl_source(Arc::new(fetch))
    }

    /// Fetches lists from here, and keeps them there.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn crl_source(mut self, source: Arc<dyn Source>) -> Self {
        self.crl_source = source;
        self
    }

    /// Reads the files and makes the configurations.
    ///
    /// # Errors
    ///
    /// - `trusted-ca` is missing, and there is no [`extra_trusted_ca`](Self::extra_trusted_ca), or one that cannot be
    ///   read; `certificate-key` is given without `certificate`.
    /// - A file cannot be read or used.
    /// - The options leave no suite.
    /// - There is no crypto provider.
    /// - [`certified_key`](Self::certified_key) is given beside `certificate` or `certificate-key`, holds no certificate or
    ///   one that cannot be read, or its key is not that of the first.
    /// - The name of a protocol ([`alpn`](Self::alpn)) is empty or has more than 255 bytes.
    /// - [`max_fragment_size`](Self::max_fragment_size) is out of range.
    /// - [`amend_client`](Self::amend_client) or [`amend_server`](Self::amend_server) changes what they may not.
    /// - There are [`client_sessions`](Self::client_sessions) without [`resumption`](Self::resumption).
    /// - [`authorise`](Self::authorise) is given beside a verifier that replaces ours.
    pub fn build(self) -> Result<Endpoint, Error> {
        self.build_with_report().1
    }

    /// Does the same, and returns the report also where an option is refused.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_with_report(self) -> (Report, Result<Endpoint, Error>) {
        let (report, _, endpoint) = self.build_inspected(|_, _| ());
        (report, endpoint)
    }

    /// Does the same, and shows in between everything that was read, and the time in seconds since the epoch. If nothing can
    /// be read, there is nothing to show.
    pub(crate) fn build_inspected<T>(
        self,
        look: impl FnOnce(&Inspection, i64) -> T,
    ) -> (Report, Option<T>, Result<Endpoint, Error>) {
        let base = match self.check_additions().and_then(|()| self.base()) {
            Ok(base) => base,
            Err(error) => return (self.setup.options.report().clone(), None, Err(error)),
        };
        #[cfg(feature = "watch")]
        let read_from = Fingerprint::of(&self.setup.options);
        let now = self.time_provider.current_time();
        let now = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
        let (inspection, report) = self.setup.inspect(&base, now);
        let found = look(&inspection, now);
        let endpoint = inspection.into_parts().and_then(|parts| {
            let ingredients = Ingredients {
                shape: Shape::of(&self.setup.options, &parts),
                setup: self.setup.clone(),
                base,
                #[cfg(feature = "watch")]
                read_from,
            };
            self.assemble(ingredients, parts, report.clone())
        });
        (report, Some(found), endpoint)
    }

    fn assemble(
        self,
        ingredients: Ingredients,
        parts: Parts,
        report: Report,
    ) -> Result<Endpoint, Error> {
        let tallies = Arc::new(Tallies::new());
        let refusals = Arc::new(refusals::Refusals::default());
        let observer = self.verifiers_observer(tallies.clone(), refusals.clone());
        let state = State::new(1, &self.setup.options, parts.files, report);
        let notes = self.resumption.then(Notes::default);
        let shared = Shared::new(
            state,
            notes,
            self.time_provider.clone(),
            #[cfg(feature = "crl-fetch")]
            self.crl_source.clone(),
        );
        #[cfg(feature = "tokio")]
        let outgoing = Diagnosis::new(&self.setup.options, &parts.outgoing.provider, Role::Client);
        let clients = Arc::new(self.clients(parts.outgoing, &shared, &observer)?);
        let server = match parts.incoming {
            Ok(offer) => Ok(self.server(offer, &shared, &observer)?),
            Err(no_server) => Err(no_server),
        };
        Ok(Endpoint(Arc::new(Inner {
            #[cfg(feature = "tokio")]
            connecting: self.connecting(clients.clone(), outgoing, server.as_ref().ok(), observer),
            clients,
            server,
            shared,
            tallies,
            refusals,
            recipe: Recipe::new(ingredients),
        })))
    }

    fn base(&self) -> Result<Arc<CryptoProvider>, Error> {
        match &self.provider {
            Some(provider) => Ok(provider.clone()),
            None => Ok(crypto::default_base()?),
        }
    }

    /// An observer that counts, remembers, and tells the user's.
    fn verifiers_observer(
        &self,
        tallies: Arc<Tallies>,
        refusals: Arc<refusals::Refusals>,
    ) -> Observer {
        let user = self.observer.clone();
        #[cfg(feature = "tokio")]
        let user = attempt::recording(user);
        Observer::new(move |observation| {
            tallies.count(observation.status);
            refusals.note(observation.status);
            user.call(observation);
        })
    }

    #[cfg(feature = "tokio")]
    fn connecting(
        &self,
        clients: Arc<Clients>,
        outgoing: Diagnosis,
        server: Option<&Servers>,
        observer: Observer,
    ) -> Connecting {
        let incoming = |server: &Servers| {
            let config = server.accepting();
            Diagnosis::new(&self.setup.options, config.crypto_provider(), Role::Server)
        };
        Connecting {
            clients,
            servers: manner::Servers::default(),
            outgoing,
            incoming: server.map(incoming),
            observer,
            trusts_foreign_verifiers: self.additions.foreign_verifiers(),
            requires_client_certificate: self.setup.options.requires_client_certificate(),
            refusals: match self.setup.options.sec_protocol().allows_tls13() {
                true => Refusals::Fallback,
                false => Refusals::None,
            },
            timeout: self.timeout,
            confirm: self.confirm,
            resolver: self.resolver.clone(),
        }
    }

    fn clients(
        &self,
        offer: Offer,
        shared: &Arc<Shared>,
        observer: &Observer,
    ) -> Result<Clients, Error> {
        let ours = || ServerVerifier::following(shared.clone(), observer.clone()) as Arc<_>;
        let client = Client {
            shared: shared.clone(),
            verifier: self.additions.server_verifier.clone().unwrap_or_else(ours),
            time_provider: self.time_provider.clone(),
            additions: self.additions.clone(),
            resumes: self.resumption,
            offers_dhe: self.setup.offer_dhe,
        };
        Clients::new(client, offer)
    }

    fn server(
        &self,
        offer: Offer,
        shared: &Arc<Shared>,
        observer: &Observer,
    ) -> Result<Servers, Error> {
        let asks = self.setup.options.requires_client_certificate();
        let ours = || ClientVerifier::following(shared.clone(), observer.clone()) as Arc<_>;
        let verifier = || (self.additions.client_verifier.clone()).unwrap_or_else(ours);
        let server = Server {
            shared: shared.clone(),
            verifier: asks.then(verifier),
            time_provider: self.time_provider.clone(),
            additions: self.additions.clone(),
            prefers_own_order: self.server_preference,
            tls13_tickets: self.tls13_tickets,
        };
        Servers::new(server, offer)
    }
}
