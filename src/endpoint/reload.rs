//! Reload in place: the files are read again, and configurations that were handed out before use their new content.
//!
//! The order is: read everything, compare it with what cannot change, and put it in force in one step. Until the last
//! step nothing has changed, so an error leaves the endpoint as it was. OpenSSL has no counterpart: there, a new
//! `SSL_CTX` has to reach everybody who holds the old one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::crypto::CryptoProvider;

use super::Endpoint;
use super::client::ClientConfigs;
use super::offer::OfferShape;
use super::parts::{Files, Parts, Setup};
use super::server::{ServerConfigs, Servers};
use super::state::State;
#[cfg(feature = "watch")]
use super::watch::Fingerprint;
use crate::error::Error;
use crate::options::{SecProtocol, SecurityLevel, TlsOptions};
use crate::report::Report;

/// Reloads.
///
/// A reload reads all files again and then replaces certificate and key, trusted CAs, revocation lists and the name
/// to check in one step. Configurations, connectors and acceptors that were handed out before use the new ones, too.
/// Established connections go on; a handshake that has begun may use the old or the new ones. If there is any error,
/// nothing changes.
///
/// Earlier sessions are not resumed, and `connect` again tries the features that it had stopped using with a server.
///
/// Functions that amend configurations run again, and apply to what is handed out from then on.
///
/// Passphrases are asked for again. For this, an endpoint keeps its options, with the content that they hold in
/// memory.
impl Endpoint {
    /// Reads the files of the options again.
    ///
    /// Reloads run one after the other, and the last one decides. This function blocks while it reads, so a tokio
    /// task should use `reload_async`.
    ///
    /// # Errors
    ///
    /// - As [`EndpointBuilder::build`](super::EndpointBuilder::build). The endpoint does not change.
    /// - [`Error::NotReloadable`]: as [`reload_with`](Self::reload_with), if the content of a file causes it.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::Endpoint;
    /// use sip_tls::options::TlsOptions;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let path = std::env::temp_dir().join(format!("sip-tls-reload-{}.pem", std::process::id()));
    /// # std::fs::copy("tests/testdata/crl/root.pem", &path)?;
    /// let options = TlsOptions::builder().set("trusted-ca", path.display().to_string()).build()?;
    /// let endpoint = Endpoint::builder(options).build()?;
    /// assert_eq!(endpoint.generation(), 1);
    ///
    /// std::fs::copy("tests/testdata/crypto/p256.crt", &path)?;
    /// endpoint.reload()?;
    /// assert_eq!(endpoint.generation(), 2);
    ///
    /// std::fs::write(&path, "damaged")?;
    /// assert!(endpoint.reload().is_err());
    /// assert_eq!(endpoint.generation(), 2, "the files that were read last are still in use");
    /// # std::fs::remove_file(path)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn reload(&self) -> Result<Arc<Report>, Error> {
        self.0.recipe.lock().reload(self, None)
    }

    /// Replaces the options with new ones, and reads their files.
    ///
    /// # Errors
    ///
    /// - As [`EndpointBuilder::build`](super::EndpointBuilder::build). The endpoint does not change, and keeps its
    ///   options.
    /// - [`Error::NotReloadable`]: the options would change protocol versions, suites, groups, the security level or
    ///   `tls-mutual`; or our certificate appears or disappears, and incoming connections with it. rustls asks for
    ///   these more than once in a handshake, or keeps copies. Such changes need a new endpoint.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::options::{Source, TlsOptions};
    /// use sip_tls::{Endpoint, Error};
    ///
    /// # const CA: &str = "tests/testdata/crl/root.pem";
    /// let options = TlsOptions::builder().trusted_ca(Source::path(CA));
    /// let endpoint = Endpoint::builder(options.clone().build()?).build()?;
    /// endpoint.reload_with(options.clone().set("tls-target-name", "sip.example.com").build()?)?;
    /// assert_eq!(endpoint.generation(), 2);
    /// let other = options.set("sec-protocol", "TLSv13").build()?;
    /// assert!(matches!(endpoint.reload_with(other), Err(Error::NotReloadable { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn reload_with(&self, options: TlsOptions) -> Result<Arc<Report>, Error> {
        self.0.recipe.lock().reload(self, Some(options))
    }

    /// Reloads as [`reload`](Self::reload) does, in a thread for blocking work.
    ///
    /// The reload goes on if the future is dropped.
    ///
    /// # Errors
    ///
    /// As [`reload`](Self::reload).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(endpoint: sip_tls::Endpoint) {
    /// match endpoint.reload_async().await {
    ///     Ok(report) => report.warnings().iter().for_each(|warning| eprintln!("{warning}")),
    ///     Err(error) => eprintln!("the old files stay in use: {error}"),
    /// }
    /// # }
    /// ```
    #[cfg(feature = "tokio")]
    pub async fn reload_async(&self) -> Result<Arc<Report>, Error> {
        let endpoint = self.clone();
        blocking(move || endpoint.reload()).await
    }

    /// Reloads as [`reload_with`](Self::reload_with) does, in a thread for blocking work.
    ///
    /// The reload goes on if the future is dropped.
    ///
    /// # Errors
    ///
    /// As [`reload_with`](Self::reload_with).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[cfg(feature = "tokio")]
    pub async fn reload_with_async(&self, options: TlsOptions) -> Result<Arc<Report>, Error> {
        let endpoint = self.clone();
        blocking(move || endpoint.reload_with(options)).await
    }

    /// Returns how often the files were read with success: 1 at first, and one more for each reload.
    pub fn generation(&self) -> u64 {
        self.0.shared.load().reads
    }
}

impl Endpoint {
    /// Replaces the amended configurations. Configurations that were handed out before keep their earlier amendments.
    fn put_amended(&self, clients: Option<ClientConfigs>, servers: Option<ServerConfigs>) {
        if let Some(configs) = clients {
            self.0.clients.replace(configs);
        }
        if let (Ok(server), Some(configs)) = (&self.0.server, servers) {
            server.replace(configs);
        }
    }
}

/// Runs work that blocks on a thread for it. A panic goes on in the caller.
#[cfg(feature = "tokio")]
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down: nobody waits for the result any more.
            Err(_) => std::future::pending().await,
        },
    }
}

/// What an endpoint was made of, so that its state can be made again. A reload holds the lock.
pub(super) struct Recipe(Mutex<Ingredients>);

pub(super) struct Ingredients {
    pub(super) setup: Setup,
    pub(super) base: Arc<CryptoProvider>,
    pub(super) shape: Shape,
    /// The fingerprint of the files just before they were last read.
    #[cfg(feature = "watch")]
    pub(super) read_from: Fingerprint,
}

impl Recipe {
    pub(super) fn new(ingredients: Ingredients) -> Self {
        Self(Mutex::new(ingredients))
    }

    /// Waits for another reload to end.
    fn lock(&self) -> MutexGuard<'_, Ingredients> {
        // A reload changes the ingredients in its last step, so they are consistent after a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a reload has read, and is not in force yet.
struct Fresh {
    setup: Setup,
    files: Files,
    report: Report,
    /// The configurations, if the caller amends them.
    clients: Option<ClientConfigs>,
    servers: Option<ServerConfigs>,
    #[cfg(feature = "watch")]
    read_from: Fingerprint,
}

impl Ingredients {
    fn reload(
        &mut self,
        endpoint: &Endpoint,
        options: Option<TlsOptions>,
    ) -> Result<Arc<Report>, Error> {
        let fresh = self.read(endpoint, options)?;
        Ok(self.put_in_force(endpoint, fresh))
    }

    /// Reads everything, and changes nothing.
    fn read(&self, endpoint: &Endpoint, options: Option<TlsOptions>) -> Result<Fresh, Error> {
        let mut setup = self.setup.clone();
        if let Some(options) = options {
            setup.options = options;
        }
        #[cfg(feature = "watch")]
        let read_from = Fingerprint::of(&setup.options);
        let now = endpoint.0.shared.seconds().unwrap_or(0);
        let (parts, report) = setup.parts_with_report(&self.base, now);
        let parts = parts?;
        self.shape.check(&Shape::of(&setup.options, &parts))?;
        let servers = endpoint.0.server.as_ref().ok();
        Ok(Fresh {
            setup,
            files: parts.files,
            report,
            clients: endpoint.0.clients.amended()?,
            servers: servers.map_or(Ok(None), Servers::amended)?,
            #[cfg(feature = "watch")]
            read_from,
        })
    }

    /// It cannot fail.
    fn put_in_force(&mut self, endpoint: &Endpoint, fresh: Fresh) -> Arc<Report> {
        let generation = endpoint.generation() + 1;
        let state = State::new(generation, &fresh.setup.options, fresh.files, fresh.report);
        let report = state.report.clone();
        endpoint.0.shared.replace(state);
        endpoint.put_amended(fresh.clients, fresh.servers);
        #[cfg(feature = "tokio")]
        endpoint.0.connecting.servers.clear();
        self.setup = fresh.setup;
        #[cfg(feature = "watch")]
        {
            self.read_from = fresh.read_from;
        }
        tracing::info!(generation, "the files were read again");
        report
    }
}

/// For the thread that watches the files.
#[cfg(feature = "watch")]
impl Endpoint {
    pub(super) fn options(&self) -> TlsOptions {
        self.0.recipe.lock().setup.options.clone()
    }

    /// Returns whether these are the files that were read last.
    pub(super) fn is_read_from(&self, files: &Fingerprint) -> bool {
        self.0.recipe.lock().read_from == *files
    }

    /// Reloads, and returns the generation. Returns `None` and changes nothing if the files changed while they were
    /// read, or if a file of a folder would be left out that was not before, and `may_leave_out` is `false`.
    pub(super) fn reload_watched(&self, may_leave_out: bool) -> Result<Option<u64>, Error> {
        let mut ingredients = self.0.recipe.lock();
        let fresh = ingredients.read(self, None)?;
        let known = self.report();
        if Fingerprint::of(&fresh.setup.options) != fresh.read_from {
            return Ok(None);
        }
        let mut left_out = fresh.report.left_out().iter();
        if !may_leave_out && !left_out.all(|file| known.left_out().contains(file)) {
            return Ok(None);
        }
        ingredients.put_in_force(self, fresh);
        Ok(Some(self.generation()))
    }
}

/// What a reload cannot change.
///
/// rustls copies these from the configuration into each connection, or asks for them in several steps of a handshake.
/// If they changed in between, a handshake would see two endpoints.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Shape {
    protocol: SecProtocol,
    level: SecurityLevel,
    outgoing: OfferShape,
    /// `None` if there are no incoming connections.
    incoming: Option<OfferShape>,
    is_mutual: bool,
    has_certificate: bool,
}

impl Shape {
    pub(super) fn of(options: &TlsOptions, parts: &Parts) -> Self {
        Self {
            protocol: options.sec_protocol(),
            level: options.security_level(),
            outgoing: parts.outgoing.shape(),
            incoming: parts.incoming.as_ref().ok().map(|offer| offer.shape()),
            is_mutual: options.requires_client_certificate(),
            has_certificate: parts.files.credentials.is_some(),
        }
    }

    /// Refuses a new shape that differs. The error names the option that is most likely meant.
    fn check(&self, new: &Self) -> Result<(), Error> {
        let (option, reason) = if self.has_certificate != new.has_certificate {
            let reason = match new.has_certificate {
                true => {
                    "the endpoint was built without a certificate, and configurations in use cannot get one"
                }
                false => {
                    "the endpoint was built with a certificate, and configurations in use cannot lose it"
                }
            };
            ("certificate", reason)
        } else if self.is_mutual != new.is_mutual {
            (
                "tls-mutual",
                "rustls reads this setting more than once in a handshake",
            )
        } else if self.versions() != new.versions() && self.protocol != new.protocol {
            ("sec-protocol", "rustls keeps a copy of the versions")
        } else if self.suites_of_tls13() != new.suites_of_tls13() {
            ("ciphersuites", "rustls keeps a copy of the suites")
        } else if self.is_same_offer(new) {
            return Ok(());
        } else {
            ("cipher-list", "rustls keeps a copy of suites and groups")
        };
        Err(Error::NotReloadable { option, reason })
    }

    fn is_same_offer(&self, new: &Self) -> bool {
        let offers = |shape: &Self| (shape.level, shape.outgoing.clone(), shape.incoming.clone());
        offers(self) == offers(new)
    }

    fn versions(&self) -> &[rustls::ProtocolVersion] {
        &self.outgoing.versions
    }

    fn suites_of_tls13(&self) -> &[u16] {
        &self.outgoing.tls13
    }
}
