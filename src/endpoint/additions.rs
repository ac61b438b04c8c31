//! What the caller adds to configurations, and no option can say.

use std::ops::RangeInclusive;
use std::sync::Arc;

use rustls::client::ClientSessionStore;
use rustls::pki_types::CertificateDer;
use rustls::server::StoresServerSessions;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, KeyLog, NoKeyLog, ServerConfig};

use super::EndpointBuilder;
use super::parts::OwnKey;
use crate::error::Error;

/// What callers add.
impl EndpointBuilder {
    /// Shows this certificate chain, and signs with this key, instead of those of `certificate` and `certificate-key`: for
    /// a [`SigningKey`](rustls::sign::SigningKey) that is in a token or a TPM. Defaults to the options.
    ///
    /// The chain is checked, reported and counted by [`Endpoint::next_expiry`](crate::Endpoint::next_expiry) as that of a file. The key is compared with
    /// it if it tells its public key, otherwise the report has a warning. A reload keeps both.
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

    /// Trusts these CAs, too, beside those of `trusted-ca`, which need not be given then. Defaults to none.
    ///
    /// They count as certificates in a file of `trusted-ca` do: paths end in self-signed ones, others only complete them.
    /// A reload keeps them.
    pub fn extra_trusted_ca(
        mut self,
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Self {
        self.setup.extra_trusted_ca = certificates.into_iter().collect();
        self
    }

    /// Names the protocols of the application that are offered and accepted (ALPN, RFC 7301), in order of preference;
    /// the name of SIP is `sip/2`. Defaults to none: the extension is neither sent nor answered.
    ///
    /// Outgoing connections offer them all, and a server that ignores the offer is fine:
    /// [`Connection::alpn`](crate::Connection::alpn) says what was agreed on. Incoming connections take our first
    /// protocol that the client offers too. A client that offers none at all is accepted. One that offers only others is
    /// refused with the alert no_application_protocol (120), as by a server of OpenSSL whose call-back returns
    /// `SSL_TLSEXT_ERR_ALERT_FATAL`.
    pub fn alpn<N: Into<Vec<u8>>>(mut self, protocols: impl IntoIterator<Item = N>) -> Self {
        self.additions.alpn = protocols.into_iter().map(Into::into).collect();
        self
    }

    /// Limits the records that are sent to so many bytes of plaintext and header, 32 to 16389. Defaults to the most that
    /// TLS allows. It is rustls' `max_fragment_size`, and 5 more than OpenSSL's `SSL_CTX_set_max_send_fragment` counts;
    /// neither asks the peer to do the same.
    pub fn max_fragment_size(mut self, size: usize) -> Self {
        self.additions.max_fragment_size = Some(size);
        self
    }

    /// Hands the secrets of every connection, either way, to this log, as Wireshark reads them from rustls'
    /// `KeyLogFile` (`SSLKEYLOGFILE`). Defaults to none.
    ///
    /// **Who has the log can read all connections**, those that were recorded earlier too. It is there to look for
    /// faults, and no environment variable turns it on.
    pub fn key_log(mut self, key_log: Arc<dyn KeyLog>) -> Self {
        self.additions.key_log = key_log;
        self
    }

    /// Keeps the sessions of outgoing connections in this store. Defaults to one in memory for 64 servers. Only with
    /// [`resumption`](Self::resumption).
    ///
    /// The store never hands out a session that outlives what its server was checked against. rustls lets nobody write
    /// that into a session, so the store is given it under a name of our making, which says when it ends and after which
    /// reload it began; it is asked only for what may be resumed. A store that counts servers counts these names. It may be
    /// shared between endpoints: none resumes a session of another.
    pub fn client_sessions(mut self, store: Arc<dyn ClientSessionStore>) -> Self {
        self.additions.client_sessions = Some(store);
        self
    }

    /// Keeps the sessions of incoming connections in this store. Defaults to one in memory for 1024 sessions. What is put
    /// there is secret: it decrypts the sessions.
    ///
    /// With `tls-mutual` it keeps those of [`Endpoint::accept`](crate::Endpoint::accept), each with what its client was
    /// checked against, and with a mark of the endpoint: no other endpoint resumes it, also not after a restart, because
    /// that may have checked less. [`server_config`](crate::Endpoint::server_config) resumes none then. Without
    /// `tls-mutual` nobody was checked, and all endpoints that share the store resume all its sessions.
    pub fn server_sessions(mut self, store: Arc<dyn StoresServerSessions>) -> Self {
        self.additions.server_sessions = Some(store);
        self
    }

    /// Refuses what rustls would stumble over in a handshake, and what would have no effect.
    pub(super) fn check_additions(&self) -> Result<(), Error> {
        if self.additions.client_sessions.is_some() && !self.resumption {
            return Err(Error::Setting {
                setter: "EndpointBuilder::client_sessions",
                reason: "it is of no use without `resumption`",
            });
        }
        self.additions.check()
    }
}

/// What both kinds of configuration are given.
#[derive(Clone, Debug)]
pub(super) struct Additions {
    /// The names of protocols, in order of preference.
    pub(super) alpn: Vec<Vec<u8>>,
    pub(super) client_sessions: Option<Arc<dyn ClientSessionStore>>,
    pub(super) key_log: Arc<dyn KeyLog>,
    pub(super) max_fragment_size: Option<usize>,
    pub(super) server_sessions: Option<Arc<dyn StoresServerSessions>>,
}

impl Default for Additions {
    fn default() -> Self {
        Self {
            alpn: Vec::new(),
            client_sessions: None,
            key_log: Arc::new(NoKeyLog),
            max_fragment_size: None,
            server_sessions: None,
        }
    }
}

impl Additions {
    /// Refuses what rustls would stumble over in a handshake.
    pub(super) fn check(&self) -> Result<(), Error> {
        let refused = |setter, reason| Err(Error::Setting { setter, reason });
        let is_name = |name: &Vec<u8>| (1..=MOST_NAME_BYTES).contains(&name.len());
        let on_the_wire = |name: &Vec<u8>| 1 + name.len();
        if !self.alpn.iter().all(is_name) {
            return refused(
                "EndpointBuilder::alpn",
                "the name of a protocol has 1 to 255 bytes",
            );
        }
        if self.alpn.iter().map(on_the_wire).sum::<usize>() > MOST_ALPN_BYTES {
            return refused(
                "EndpointBuilder::alpn",
                "there are more names than fit into a hello",
            );
        }
        let is_size = |size: usize| FRAGMENT_SIZES.contains(&size);
        if !self.max_fragment_size.is_none_or(is_size) {
            return refused(
                "EndpointBuilder::max_fragment_size",
                "rustls takes 32 to 16389 bytes",
            );
        }
        Ok(())
    }

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

/// `opaque ProtocolName<1..2^8-1>` (RFC 7301, section 3.1).
const MOST_NAME_BYTES: usize = 255;

/// A quarter of what its list may hold by RFC 7301: a hello has more extensions, and few servers take long ones.
const MOST_ALPN_BYTES: usize = 1 << 14;

/// With the five bytes of a record's header.
const FRAGMENT_SIZES: RangeInclusive<usize> = 32..=(1 << 14) + 5;
