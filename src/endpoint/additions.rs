//! What the caller adds to configurations and no option can express.
//!
//! Most of them are fields of rustls' configurations, which a caller could set only on a copy that no reload reaches.
//! Here they are kept and set again. A setting that would undo a promise of this crate is an error, or is reached
//! through [`Danger`](crate::Danger) only.

use std::ops::RangeInclusive;
use std::sync::Arc;

use rustls::client::ClientSessionStore;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::CertificateDer;
use rustls::server::StoresServerSessions;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, KeyLog, NoKeyLog, ServerConfig};

use super::EndpointBuilder;
use super::amendment::Amendment;
use super::parts::OwnKey;
use crate::error::Error;
#[cfg(feature = "tokio")]
use crate::verify::Purpose;

/// The additions of callers.
impl EndpointBuilder {
    /// Uses this certificate chain and this key in place of `certificate` and `certificate-key`: for a
    /// [`SigningKey`](rustls::sign::SigningKey) that is in a token or a TPM. Defaults to the options.
    ///
    /// The chain is checked and reported like that of a file, and
    /// [`Endpoint::next_expiry`](crate::Endpoint::next_expiry) includes it. If the key reveals its public key, that
    /// is compared with the chain. Otherwise the report has a warning. A reload keeps both.
    ///
    /// rustls waits for a signature in the thread that makes the handshake. A key that can only sign asynchronously cannot
    /// be used.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use rustls::pki_types::CertificateDer;
    /// use rustls::sign::{CertifiedKey, SigningKey};
    /// use sip_tls::EndpointBuilder;
    ///
    /// fn with_token(
    ///     builder: EndpointBuilder,
    ///     chain: Vec<CertificateDer<'static>>,
    ///     key: Arc<dyn SigningKey>,
    /// ) -> EndpointBuilder {
    ///     builder.certified_key(Arc::new(CertifiedKey::new(chain, key)))
    /// }
    /// ```
    pub fn certified_key(mut self, key: Arc<CertifiedKey>) -> Self {
        self.setup.own_key = Some(OwnKey(key));
        self
    }

    /// Trusts these CAs in addition to those of `trusted-ca`, which may be left out then. Defaults to none.
    ///
    /// They are treated like certificates in a file of `trusted-ca`: paths end in self-signed ones, and others only
    /// complete paths. A reload keeps them.
    ///
    /// # Examples
    ///
    /// ```
    /// use rustls::pki_types::{CertificateDer, pem::PemObject};
    /// # use sip_tls::{Endpoint, options::TlsOptions};
    ///
    /// # const CA: &str = "tests/testdata/crl/root.pem";
    /// let ca = CertificateDer::from_pem_file(CA)?;
    /// let endpoint = Endpoint::builder(TlsOptions::default()).extra_trusted_ca([ca]).build()?;
    /// assert_eq!(endpoint.report().certificates().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn extra_trusted_ca(
        mut self,
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Self {
        self.setup.extra_trusted_ca = certificates.into_iter().collect();
        self
    }

    /// Sets the application protocols that are offered and accepted (ALPN, RFC 7301), in order of preference. The
    /// name of SIP is `sip/2`. Defaults to none: the extension is neither sent nor answered. A name has 1 to 255 bytes.
    /// All names together, each with a byte for its length, have 16,384 bytes at most.
    ///
    /// Outgoing connections offer them all. A server may ignore the offer:
    /// [`Connection::alpn`](crate::Connection::alpn) returns the protocol that was negotiated. Incoming connections
    /// take our first protocol that the client offers too. A client that offers no protocol is accepted. A client
    /// that offers only other protocols is refused with the alert no_application_protocol (120), as by an OpenSSL
    /// server whose call-back returns `SSL_TLSEXT_ERR_ALERT_FATAL`.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::Endpoint;
    /// use sip_tls::options::TlsOptions;
    ///
    /// let options = TlsOptions::builder().set("trusted-ca", "webpki-roots").build()?;
    /// let endpoint = Endpoint::builder(options).alpn(["sip/2"]).build()?;
    /// assert_eq!(endpoint.client_config().alpn_protocols, [b"sip/2"]);
    /// # Ok::<(), sip_tls::Error>(())
    /// ```
    pub fn alpn<N: Into<Vec<u8>>>(mut self, protocols: impl IntoIterator<Item = N>) -> Self {
        self.additions.alpn = protocols.into_iter().map(Into::into).collect();
        self
    }

    /// Limits the size of sent records, plaintext and header, to this many bytes, 32 to 16389. Defaults to the
    /// maximum that TLS allows. The value is rustls' `max_fragment_size`, and 5 more than the value of OpenSSL's
    /// `SSL_CTX_set_max_send_fragment`. Neither of them asks the peer to do the same.
    pub fn max_fragment_size(mut self, size: usize) -> Self {
        self.additions.max_fragment_size = Some(size);
        self
    }

    /// Writes the secrets of every connection, in both directions, to this log, as Wireshark reads them from rustls'
    /// `KeyLogFile` (`SSLKEYLOGFILE`). Defaults to none.
    ///
    /// **Anybody who has the log can decrypt all connections**, including those that were recorded earlier. The log
    /// is for troubleshooting, and no environment variable turns it on.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sip_tls::{Endpoint, Error, options::TlsOptions};
    /// # fn example(options: TlsOptions, is_troubleshooting: bool) -> Result<Endpoint, Error> {
    /// let mut builder = Endpoint::builder(options);
    /// if is_troubleshooting {
    ///     // Writes to the file that the environment variable SSLKEYLOGFILE names.
    ///     builder = builder.key_log(std::sync::Arc::new(rustls::KeyLogFile::new()));
    /// }
    /// builder.build()
    /// # }
    /// ```
    pub fn key_log(mut self, key_log: Arc<dyn KeyLog>) -> Self {
        self.additions.key_log = key_log;
        self
    }

    /// Keeps the sessions of outgoing connections in this store. Defaults to a store in memory for 64 servers. The
    /// store is used only with [`resumption`](Self::resumption).
    ///
    /// The store never hands out a session that outlives what its server was checked against. rustls does not let us
    /// note this in a session. So the store gets each session under a name that this crate makes, which includes when
    /// the session ends and after which reload it began. The store is asked only for sessions that may be resumed. A
    /// store that counts servers counts these names. Endpoints may share a store: none resumes a session of another.
    ///
    /// # Examples
    ///
    /// ```
    /// use rustls::client::ClientSessionMemoryCache;
    /// # use std::sync::Arc;
    /// # use sip_tls::{Endpoint, Error, options::TlsOptions};
    /// # fn example(options: TlsOptions) -> Result<Endpoint, Error> {
    /// let store = Arc::new(ClientSessionMemoryCache::new(1_024));
    /// let builder = Endpoint::builder(options).resumption(true);
    /// builder.client_sessions(store).build()
    /// # }
    /// ```
    pub fn client_sessions(mut self, store: Arc<dyn ClientSessionStore>) -> Self {
        self.additions.client_sessions = Some(store);
        self
    }

    /// Keeps the sessions of incoming connections in this store. Defaults to a store in memory for 1024 sessions. The
    /// content of the store is secret: it decrypts the sessions.
    ///
    /// With `tls-mutual`, the store keeps the sessions of [`Endpoint::accept`](crate::Endpoint::accept). Each session
    /// carries what its client was checked against, and a mark of the endpoint. No other endpoint resumes the
    /// session, not even after a restart, because that endpoint may have checked less.
    /// [`server_config`](crate::Endpoint::server_config) resumes no session then. Without `tls-mutual`, no client was
    /// checked, and all endpoints that share the store resume all its sessions.
    pub fn server_sessions(mut self, store: Arc<dyn StoresServerSessions>) -> Self {
        self.additions.server_sessions = Some(store);
        self
    }

    /// Changes the configurations of outgoing connections after everything else. A second call replaces the first.
    ///
    /// The function runs whenever the endpoint is made or reloaded, once for each configuration. There are two
    /// configurations if DHE is offered. [`connect`](crate::Endpoint::connect), its status, its time-out and its
    /// explanations work as before. A configuration that was handed out before a reload keeps its earlier amendments.
    ///
    /// These fields may change: `alpn_protocols`, `cert_compression_cache`, `cert_compressors`, `cert_decompressors`,
    /// `check_selected_alpn`, `enable_secret_extraction`, `enable_sni`, `key_log`, `max_fragment_size`,
    /// `require_ems`, `send_ticket_request`. All other fields keep to what this crate promises. It is an error
    ///
    /// - to replace the verifier, which only [`Danger::replace_server_verifier`](crate::Danger::replace_server_verifier)
    ///   may do, or the whole configuration, and with it versions, suites and groups;
    /// - to change `resumption`, because a session must not outlive what the server was checked against; use
    ///   [`resumption`](Self::resumption) and [`client_sessions`](Self::client_sessions);
    /// - to replace `client_auth_cert_resolver`, which a reload would not reach; use
    ///   [`certified_key`](Self::certified_key);
    /// - to replace `time_provider`, which decides when sessions end; use [`time_provider`](Self::time_provider);
    /// - to set `enable_early_data`: an attacker can send such data a second time, and SIP does not notice.
    ///
    /// Fields that later versions of rustls add stay as they are. While the function runs, a verifier that refuses
    /// every server takes the place of ours, so a kept copy of the configuration cannot connect.
    ///
    /// ```
    /// # use sip_tls::{Endpoint, Error, options::TlsOptions};
    /// # fn example(options: TlsOptions) -> Result<Endpoint, Error> {
    /// let builder = Endpoint::builder(options);
    /// builder.amend_client(|config| config.enable_sni = false).build()
    /// # }
    /// ```
    pub fn amend_client(
        mut self,
        amend: impl Fn(&mut ClientConfig) + Send + Sync + 'static,
    ) -> Self {
        self.additions.amend_client = Some(Amendment::new(amend));
        self
    }

    /// Changes the configurations of incoming connections after everything else. A second call replaces the first.
    ///
    /// The function runs whenever the endpoint is made or reloaded. A configuration that was handed out before a
    /// reload keeps its earlier amendments.
    ///
    /// These fields may change: `alpn_protocols`, `cert_compression_cache`, `cert_compressors`, `cert_decompressors`,
    /// `enable_secret_extraction`, `ignore_client_order`, `key_log`, `max_fragment_size`, `max_tls13_tickets`,
    /// `require_ems`, `send_half_rtt_data`, `send_tls13_tickets` and, without `tls-mutual`, `ticketer`. With
    /// `tls-mutual`, the configuration that is handed out sends no tickets, whatever the function sets. All other
    /// fields keep to what this crate promises. It is an error
    ///
    /// - to replace the whole configuration, and with it versions, suites, groups and the verifier, which only
    ///   [`Danger::replace_client_verifier`](crate::Danger::replace_client_verifier) may do;
    /// - to replace `session_storage`, or `ticketer` with `tls-mutual`, because a session must not outlive what the
    ///   client was checked against; use [`server_sessions`](Self::server_sessions);
    /// - to replace `cert_resolver`, which a reload would not reach; use [`certified_key`](Self::certified_key);
    /// - to replace `time_provider`, which decides when sessions end; use [`time_provider`](Self::time_provider);
    /// - to set `max_early_data_size`: an attacker can send such data a second time, and SIP does not notice.
    ///
    /// Fields that later versions of rustls add stay as they are.
    pub fn amend_server(
        mut self,
        amend: impl Fn(&mut ServerConfig) + Send + Sync + 'static,
    ) -> Self {
        self.additions.amend_server = Some(Amendment::new(amend));
        self
    }

    /// Refuses values that make rustls fail in a handshake, and settings that have no effect.
    ///
    /// The rest of [`EndpointBuilder::build`] relies on it.
    pub(super) fn check_additions(&self) -> Result<(), Error> {
        if self.additions.client_sessions.is_some() && !self.resumption {
            return Err(Error::Setting {
                setter: "EndpointBuilder::client_sessions",
                reason: "it has no effect without `resumption`",
            });
        }
        let is_replaced =
            self.additions.client_verifier.is_some() || self.additions.server_verifier.is_some();
        if self.setup.authorisation.is_asked() && is_replaced {
            return Err(Error::Setting {
                setter: "EndpointBuilder::authorise",
                reason: "a verifier that replaces the built-in one does not call it",
            });
        }
        if self.additions.client_verifier.is_some()
            && !self.setup.options.requires_client_certificate()
        {
            return Err(Error::Setting {
                setter: "Danger::replace_client_verifier",
                reason: "without `tls-mutual` no client is asked for a certificate",
            });
        }
        self.additions.check()
    }
}

/// The additions to both kinds of configuration.
#[derive(Clone, Debug)]
pub(super) struct Additions {
    /// The names of protocols, in order of preference.
    pub(super) alpn: Vec<Vec<u8>>,
    pub(super) amend_client: Option<Amendment<ClientConfig>>,
    pub(super) amend_server: Option<Amendment<ServerConfig>>,
    pub(super) client_sessions: Option<Arc<dyn ClientSessionStore>>,
    /// Verifies clients in place of our verifier.
    pub(super) client_verifier: Option<Arc<dyn ClientCertVerifier>>,
    pub(super) key_log: Arc<dyn KeyLog>,
    pub(super) max_fragment_size: Option<usize>,
    pub(super) server_sessions: Option<Arc<dyn StoresServerSessions>>,
    /// Verifies servers in place of our verifier.
    pub(super) server_verifier: Option<Arc<dyn ServerCertVerifier>>,
}

impl Default for Additions {
    fn default() -> Self {
        Self {
            alpn: Vec::new(),
            amend_client: None,
            amend_server: None,
            client_sessions: None,
            client_verifier: None,
            key_log: Arc::new(NoKeyLog),
            max_fragment_size: None,
            server_sessions: None,
            server_verifier: None,
        }
    }
}

impl Additions {
    /// Refuses values that make rustls fail in a handshake.
    fn check(&self) -> Result<(), Error> {
        let refuse = |setter, reason| match reason {
            Some(reason) => Err(Error::Setting { setter, reason }),
            None => Ok(()),
        };
        refuse("EndpointBuilder::alpn", unusable_alpn(&self.alpn))?;
        let size = unusable_size(self.max_fragment_size);
        refuse("EndpointBuilder::max_fragment_size", size)
    }

    /// Returns the kinds of peers whose certificates the caller verifies.
    #[cfg(feature = "tokio")]
    pub(super) fn foreign_verifiers(&self) -> Vec<Purpose> {
        let servers = self.server_verifier.as_ref().map(|_| Purpose::Server);
        let clients = self.client_verifier.as_ref().map(|_| Purpose::Client);
        servers.into_iter().chain(clients).collect()
    }

    /// Sets the additions that are plain fields. The verifier, the store of sessions and the amendment come later.
    pub(super) fn add_to_client(&self, config: &mut ClientConfig) {
        config.alpn_protocols = self.alpn.clone();
        config.key_log = self.key_log.clone();
        config.max_fragment_size = self.max_fragment_size;
    }

    pub(super) fn add_to_server(&self, config: &mut ServerConfig) {
        config.alpn_protocols = self.alpn.clone();
        config.key_log = self.key_log.clone();
        config.max_fragment_size = self.max_fragment_size;
    }
}

/// Returns the reason why rustls could not send these protocol names.
pub(super) fn unusable_alpn(names: &[Vec<u8>]) -> Option<&'static str> {
    let is_name = |name: &Vec<u8>| (1..=MOST_NAME_BYTES).contains(&name.len());
    let on_the_wire = |name: &Vec<u8>| 1 + name.len();
    if !names.iter().all(is_name) {
        return Some("the name of a protocol must have 1 to 255 bytes");
    }
    let is_too_long = names.iter().map(on_the_wire).sum::<usize>() > MOST_ALPN_BYTES;
    is_too_long.then_some("the names of the protocols have more than 16384 bytes together")
}

/// Returns the reason why rustls could not send records of this size.
pub(super) fn unusable_size(size: Option<usize>) -> Option<&'static str> {
    let is_good = size.is_none_or(|size| FRAGMENT_SIZES.contains(&size));
    (!is_good).then_some("rustls accepts fragments of 32 to 16389 bytes")
}

/// `opaque ProtocolName<1..2^8-1>` (RFC 7301, section 3.1).
const MOST_NAME_BYTES: usize = 255;

/// A quarter of the length that RFC 7301 allows: a ClientHello has more extensions, and few servers accept long ones.
const MOST_ALPN_BYTES: usize = 1 << 14;
const _: () = assert!(MOST_ALPN_BYTES == 16384, "`unusable_alpn` names the number");

/// The sizes that rustls accepts, including the five bytes of a record's header.
const FRAGMENT_SIZES: RangeInclusive<usize> = 32..=(1 << 14) + 5;
