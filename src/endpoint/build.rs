//! From options and settings to an [`Endpoint`].
//!
//! The settings here are those that OpenSSL's users make by calls on an `SSL_CTX`, and that a configuration file cannot
//! express. The files are read once, in `build_inspected`; the check of a configuration looks at the same result.

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

/// Collects what an [`Endpoint`] is made of: the options, and what no option of a configuration file can express.
///
/// Each setting has the default of an OpenSSL endpoint where OpenSSL has one. Nothing is read before
/// [`build`](Self::build).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use sip_tls::Endpoint;
/// use sip_tls::options::{Source, TlsOptions};
/// use sip_tls::verify::RevocationDepth;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let certificate = std::fs::read("tests/testdata/crypto/p256.crt")?;
/// # let key = std::fs::read("tests/testdata/crypto/p256.key")?;
/// # let ca = std::fs::read("tests/testdata/crl/root.pem")?;
/// let options = TlsOptions::builder()
///     .certificate(Source::bytes("sip.pem", certificate))
///     .certificate_key(Source::bytes("sip.key", key))
///     .trusted_ca(Source::bytes("ca.pem", ca))
///     .set("tls-mutual", "1")
///     .build()?;
/// let builder = Endpoint::builder(options)
///     .server_preference(true)
///     .revocation_depth(RevocationDepth::Chain);
/// # #[cfg(feature = "tokio")]
/// let builder = builder.timeout(Duration::from_secs(5));
/// let endpoint = builder.build()?;
/// assert!(endpoint.server_config()?.ignore_client_order);
/// # Ok(())
/// # }
/// ```
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
    ///
    /// The provider is completed with what it lacks, such as AES-CCM and DHE, and brought into OpenSSL's order of
    /// preference. No provider is installed for the process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sip_tls::{Endpoint, Error, crypto, options::TlsOptions};
    /// # fn example(options: TlsOptions) -> Result<Endpoint, Error> {
    /// // The provider that the program has installed for the process, if there is one.
    /// let provider = match rustls::crypto::CryptoProvider::get_default() {
    ///     Some(provider) => provider.clone(),
    ///     None => crypto::default_base()?,
    /// };
    /// Endpoint::builder(options).provider(provider).build()
    /// # }
    /// ```
    pub fn provider(mut self, provider: Arc<CryptoProvider>) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Sets where the passphrases of encrypted keys and PKCS#12 files come from. Without it, a file with a passphrase
    /// is an error.
    ///
    /// A reload asks for them again.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sip_tls::{Endpoint, Error, options::TlsOptions, pki::{Passphrase, Passphrases}};
    /// # fn example(options: TlsOptions) -> Result<Endpoint, Error> {
    /// let passphrases = Passphrases::new(|request| match request.attempt() {
    ///     1 => std::env::var("SIP_KEY_PASSPHRASE").ok().map(Passphrase::new),
    ///     _ => None,
    /// });
    /// Endpoint::builder(options).passphrases(passphrases).build()
    /// # }
    /// ```
    pub fn passphrases(mut self, passphrases: Passphrases) -> Self {
        self.setup.passphrases = passphrases;
        self
    }

    /// Calls this function after every verification of a peer in a full handshake.
    ///
    /// It is for programs whose SIP stack makes the connections and does not say why one failed. It runs within the
    /// handshake, so it must not block.
    pub fn observer(mut self, observer: Observer) -> Self {
        self.observer = observer;
        self
    }

    /// Sets a function that decides whether a peer may connect. It is called for every peer that is otherwise
    /// accepted, in both directions: see [`PeerIdentities::purpose`]. Defaults to accepting all of them. A second
    /// call replaces the first.
    ///
    /// A peer for which it returns `false` is refused with the alert access_denied (49) and
    /// [`VerifyCode::ApplicationVerification`](crate::verify::VerifyCode::ApplicationVerification). Configurations
    /// that were handed out call the function, too. Its answer may change, so with this function no session is
    /// resumed, and the function is called for each connection. A reload keeps the function.
    ///
    /// Incoming connections need `tls-mutual` then, because the function cannot decide on a client without a
    /// certificate ([RFC 5922, section 7.4](https://www.rfc-editor.org/rfc/rfc5922#section-7.4)). The function runs
    /// within the handshake, so it must not block.
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

    /// Sets how many verdicts on accepted peers are kept. Defaults to 1,024, of about 4 kB each. With 0, every
    /// handshake verifies certificates again, as OpenSSL does.
    ///
    /// If a peer comes again with the same certificates, in a handshake or with a resumed session, the kept verdict
    /// is used without another verification. A verdict is kept as long as nothing can have changed it: until a
    /// certificate or a list becomes valid or expires, the files are reloaded, or the clock is set back. The
    /// signature of the handshake, which proves that the peer has the key, is verified in every full handshake.
    /// Observers are called in every full handshake, whether the verdict is kept or new. They are not called for
    /// resumed sessions.
    ///
    /// Refusals are not kept. No verdict is kept with [`authorise`](Self::authorise), or if lists are fetched.
    pub fn kept_verdicts(mut self, most: usize) -> Self {
        self.setup.kept_verdicts = most;
        self
    }

    /// Sets which certificates of a path the lists of `tls-crl` must cover. Defaults to [`RevocationDepth::Covered`].
    pub fn revocation_depth(mut self, depth: RevocationDepth) -> Self {
        self.setup.revocation_depth = depth;
        self
    }

    /// Sets whether outgoing connections resume sessions of earlier connections. Defaults to `false`, like an OpenSSL
    /// client that is given no session: a server that verifies clients and has no session id context, as OpenSSL
    /// calls it, answers a resumption with an alert.
    ///
    /// If a resumed handshake fails, [`Endpoint::connect`] and [`Endpoint::connect_to`] try a full handshake, within
    /// the same time-out, and from then on resume no session of this server. A caller that connects with a
    /// configuration that was handed out has to try again itself.
    ///
    /// A session ends when the first certificate or list expires that its server was checked against, at a
    /// [`reload`](Endpoint::reload), and when a list is fetched. With [`authorise`](Self::authorise) no session is
    /// resumed. A configuration that was handed out resumes fewer sessions: see [`Endpoint::client_config`].
    pub fn resumption(mut self, resumption: bool) -> Self {
        self.resumption = resumption;
        self
    }

    /// Sets whether configurations that are handed out, and [`Endpoint::connect_stream`], always offer the DHE suites
    /// of `cipher-list`. Defaults to `false`: they offer DHE only if the list leaves no suite with ECDHE.
    ///
    /// rustls supports only the Diffie-Hellman groups of RFC 7919 and RFC 3526. The handshake fails if a server
    /// prefers DHE and uses a group that it made itself. [`Endpoint::connect`] and [`Endpoint::connect_to`] always
    /// offer DHE, as OpenSSL does, and try again without DHE if that happens.
    pub fn offer_dhe(mut self, offer_dhe: bool) -> Self {
        self.setup.offer_dhe = offer_dhe;
        self
    }

    /// Sets whether our server prefers its own order of suites, that of `ciphersuites` and `cipher-list`, as with
    /// OpenSSL's `SSL_OP_CIPHER_SERVER_PREFERENCE`. Defaults to `false`, the client's order, which is OpenSSL's
    /// default.
    pub fn server_preference(mut self, server_preference: bool) -> Self {
        self.server_preference = server_preference;
        self
    }

    /// Sets how many TLS 1.3 session tickets our server sends. Defaults to none, because SIP connections are
    /// long-lived and some peers (wolfSSL 5.5, sipsak) fail when they receive tickets. With `tls-mutual`, only
    /// [`Endpoint::accept`] sends tickets.
    pub fn tls13_tickets(mut self, count: usize) -> Self {
        self.tls13_tickets = count;
        self
    }

    /// Returns the settings that weaken security.
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

    /// Limits how long it may take to make a connection, in both directions. Defaults to 10 seconds.
    #[cfg(feature = "tokio")]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Makes [`Endpoint::connect`] and the similar methods wait for the server's answer to our certificate, for this
    /// long at most: see [`Connection::confirm`](super::Connection::confirm). Defaults to not waiting, like an
    /// OpenSSL client.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sip_tls::{Endpoint, options::TlsOptions};
    /// # async fn example(options: TlsOptions) -> Result<(), Box<dyn std::error::Error>> {
    /// let builder = Endpoint::builder(options).confirm(std::time::Duration::from_millis(500));
    /// let endpoint = builder.build()?;
    /// let connection = endpoint.connect_to(&"sip.example.com".parse()?, None).await?;
    /// println!("the server accepted our certificate, or sent nothing for half a second");
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "tokio")]
    pub fn confirm(mut self, wait: Duration) -> Self {
        self.confirm = Some(wait);
        self
    }

    /// Sets the resolver that finds the servers of domains for [`Endpoint::connect_domain`]. Defaults to that of the
    /// system, which finds the addresses of the domain, with port 5061. `SrvResolver` (feature `srv`) looks up NAPTR
    /// and SRV records, too.
    #[cfg(feature = "tokio")]
    pub fn resolver(mut self, resolver: impl Resolver + 'static) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// Sets the clock by which certificates, lists and sessions expire. Defaults to the system's clock.
    pub fn time_provider(mut self, time_provider: Arc<dyn TimeProvider>) -> Self {
        self.time_provider = time_provider;
        self
    }

    /// Sets how revocation lists are fetched, and where they are kept, with `tls-crl` = `fetch`. Defaults to
    /// [`CrlFetch::new`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use sip_tls::{CrlFetch, Endpoint, options::TlsOptions};
    /// let options = TlsOptions::builder()
    ///     .set("trusted-ca", "ca.pem")
    ///     .set("tls-crl", "fetch")
    ///     .build()?;
    /// let fetch = CrlFetch::new().cache("/var/cache/sbc/crl");
    /// let endpoint = Endpoint::builder(options).crl_fetch(fetch).build()?;
    /// # Ok::<(), sip_tls::Error>(())
    /// ```
    #[cfg(feature = "crl-fetch")]
    pub fn crl_fetch(self, fetch: CrlFetch) -> Self {
        self.crl_source(Arc::new(fetch))
    }

    /// Sets the source that lists are fetched from and kept in.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn crl_source(mut self, source: Arc<dyn Source>) -> Self {
        self.crl_source = source;
        self
    }

    /// Reads the files and makes the configurations.
    ///
    /// # Errors
    ///
    /// - `trusted-ca` is missing and there is no [`extra_trusted_ca`](Self::extra_trusted_ca), or one of the latter
    ///   cannot be read; `certificate-key` is given without `certificate`.
    /// - A file cannot be read or used.
    /// - The options leave no suite, or ask for Suite B.
    /// - Our own certificate is below the security level: [`Error::WeakCertificate`].
    /// - There is no crypto provider.
    /// - [`certified_key`](Self::certified_key) is given together with `certificate` or `certificate-key`, holds no
    ///   certificate or one that cannot be read, or its key is not that of its first certificate.
    /// - The name of a protocol ([`alpn`](Self::alpn)) is empty or has more than 255 bytes, or all names together have
    ///   more than 16,384 bytes.
    /// - [`max_fragment_size`](Self::max_fragment_size) is out of range.
    /// - [`amend_client`](Self::amend_client) or [`amend_server`](Self::amend_server) changes what it may not change.
    /// - [`client_sessions`](Self::client_sessions) is given without [`resumption`](Self::resumption).
    /// - [`authorise`](Self::authorise) is given together with a verifier that replaces ours.
    /// - [`Danger::replace_client_verifier`] is given without `tls-mutual`.
    pub fn build(self) -> Result<Endpoint, Error> {
        self.build_with_report().1
    }

    /// Builds the endpoint as [`build`](Self::build) does, and returns the report even if an option is refused.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::Endpoint;
    /// use sip_tls::options::{Source, TlsOptions};
    /// use sip_tls::report::Outcome;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let options = TlsOptions::builder()
    ///     .trusted_ca(Source::bytes("ca.pem", *b"no certificate"))
    ///     .build()?;
    /// let (report, endpoint) = Endpoint::builder(options).build_with_report();
    /// assert!(endpoint.is_err());
    /// for row in report.rows() {
    ///     if let Outcome::Refused(why) = row.outcome() {
    ///         assert_eq!(row.option(), "trusted-ca");
    ///         println!("{}: {why}", row.option());
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn build_with_report(self) -> (Report, Result<Endpoint, Error>) {
        let (report, _, endpoint) = self.build_inspected(|_, _| ());
        (report, endpoint)
    }

    /// Builds the endpoint, and in between passes everything that was read to `look`, with the time in seconds since
    /// the epoch. If nothing can be read, `look` is not called.
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

    /// Makes the endpoint of what was read. The verifiers and the resolver get the shared state, and not what is in it.
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

    /// The provider of the caller, or that of the features.
    fn base(&self) -> Result<Arc<CryptoProvider>, Error> {
        match &self.provider {
            Some(provider) => Ok(provider.clone()),
            None => Ok(crypto::default_base()?),
        }
    }

    /// Returns an observer that counts verifications, remembers refusals, and calls the user's observer.
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

    /// What connections need besides configurations. A server that offers TLS 1.3 refuses a client which fell back to a
    /// lower version (TLS_FALLBACK_SCSV, RFC 7507).
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

    /// Makes the configurations of outgoing connections, with the caller's verifier if there is one.
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

    /// Makes the configurations of incoming connections. Clients are asked for a certificate only with `tls-mutual`.
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
