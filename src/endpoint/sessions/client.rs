//! The sessions of outgoing connections.
//!
//! A store of rustls is asked by the name of a server. It does not learn on which connection a session arrives, and
//! cannot add anything to a session. So what a session was checked against becomes a part of the name under which it is
//! kept, and a server whose check has ended is asked for under a name that nobody has used yet.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

use crate::endpoint::state::Shared;
use crate::verify::Validity;

/// Makes a resumption that uses this store, or one in memory.
pub(crate) fn resumption(
    shared: &Arc<Shared>,
    attribution: Attribution,
    store: Option<Arc<dyn ClientSessionStore>>,
) -> Resumption {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    Resumption::store(Arc::new(ClientSessions {
        shared: shared.clone(),
        attribution,
        store: store.unwrap_or_else(|| Arc::new(ClientSessionMemoryCache::new(MOST_SESSIONS))),
        number: NUMBER.fetch_add(1, Ordering::Relaxed),
        checked: Mutex::default(),
    }))
}

/// How to find what a session was checked against. rustls does not tell on which connection a session arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Attribution {
    /// By the connection that the task makes or reads from, if it is one of `Endpoint::connect`; else by the name.
    #[cfg(feature = "tokio")]
    Connection,
    /// By the notes of the server's name.
    Name,
}

/// Sessions that a client may resume.
///
/// Nothing can be written into a session. So the store gets each session under a name that includes what the session
/// was checked against, and is asked only for sessions that may be resumed.
struct ClientSessions {
    shared: Arc<Shared>,
    attribution: Attribution,
    store: Arc<dyn ClientSessionStore>,
    /// Distinguishes our sessions from others in the same store.
    number: u64,
    /// What the last session of each server was checked against.
    checked: Mutex<HashMap<ServerName<'static>, Checked>>,
}

/// What a session was checked against, and the name that the session is kept under.
#[derive(Clone)]
struct Checked {
    validity: Validity,
    name: ServerName<'static>,
}

impl ClientSessions {
    /// Returns the name to keep a session under that arrives now, if the session may be resumed.
    fn place(&self, server: &ServerName<'_>) -> Option<ServerName<'static>> {
        let validity = self.attribute(server).filter(|v| self.shared.holds(*v))?;
        let known = self.known(server);
        if let Some(known) = known.filter(|known| known.validity == validity) {
            return Some(known.name);
        }
        let name = self.name(server, validity)?;
        let checked = Checked {
            validity,
            name: name.clone(),
        };
        match self.note(server, checked) {
            Ok(Some(before)) if before.validity != validity => self.forget(&before.name),
            Ok(_) => {}
            Err(Full) => return None,
        }
        Some(name)
    }

    /// Returns what the last session of this server was checked against.
    fn known(&self, server: &ServerName<'_>) -> Option<Checked> {
        self.checked().get(server).cloned()
    }

    /// Returns what a session of this server that arrives now was checked against.
    fn attribute(&self, name: &ServerName<'_>) -> Option<Validity> {
        let by_name = || self.shared.notes.as_ref()?.of(name);
        match self.attribution {
            #[cfg(feature = "tokio")]
            Attribution::Connection => crate::endpoint::attempt::checked().or_else(by_name),
            Attribution::Name => by_name(),
        }
    }

    fn note(&self, server: &ServerName<'_>, now: Checked) -> Result<Option<Checked>, Full> {
        let (server, mut checked) = (server.to_owned(), self.checked());
        if checked.len() >= MOST_SERVERS && !checked.contains_key(&server) {
            checked.retain(|_, checked| self.shared.holds(checked.validity));
        }
        if checked.len() >= MOST_SERVERS && !checked.contains_key(&server) {
            return Err(Full);
        }
        Ok(checked.insert(server, now))
    }

    /// Returns the name of the sessions of a server that may be resumed.
    fn usable(&self, server: &ServerName<'_>) -> Option<Checked> {
        let known = self.known(server)?;
        if !self.shared.holds(known.validity) {
            self.checked().remove(&server.to_owned());
            self.forget(&known.name);
            return None;
        }
        Some(known)
    }

    /// Notes the session that is offered on the connection that is being made.
    #[cfg_attr(not(feature = "tokio"), expect(unused_variables))]
    fn offers(&self, validity: Validity) {
        #[cfg(feature = "tokio")]
        if self.attribution == Attribution::Connection {
            crate::endpoint::attempt::offers_session(validity);
        }
    }

    /// Removes sessions from the store that will not be asked for again.
    ///
    /// A store may be the caller's, so its content is taken out with the calls that rustls has.
    fn forget(&self, name: &ServerName<'static>) {
        self.store.remove_tls12_session(name);
        let mut tickets = (0..MOST_TICKETS).map(|_| self.store.take_tls13_ticket(name));
        while tickets.next().flatten().is_some() {}
    }

    /// Returns the name for the sessions of a server, or `None` if it would be too long.
    ///
    /// The name has to be one of DNS, because the type of rustls allows no other text.
    fn name(&self, server: &ServerName<'_>, checked: Validity) -> Option<ServerName<'static>> {
        let host = match server {
            ServerName::DnsName(name) => format!("name.{}", name.as_ref()),
            ServerName::IpAddress(address) => format!("address.{}", digits((*address).into())),
            _ => return None,
        };
        let (number, Validity { generation, until }) = (self.number, checked);
        ServerName::try_from(format!("s{number}.g{generation}.u{until}.{host}")).ok()
    }

    fn checked(&self) -> MutexGuard<'_, HashMap<ServerName<'static>, Checked>> {
        // The map is consistent at any time: a panic elsewhere cannot have left it half changed.
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns an address in a form that is allowed in a name.
fn digits(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("v4-{:x}", address.to_bits()),
        IpAddr::V6(address) => format!("v6-{:x}", address.to_bits()),
    }
}

/// There are too many servers.
struct Full;

impl ClientSessionStore for ClientSessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.store.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.store.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        if let Some(name) = self.place(&server) {
            self.store.set_tls12_session(name, session);
        }
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        let known = self.usable(server)?;
        let session = self.store.tls12_session(&known.name)?;
        self.offers(known.validity);
        Some(session)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        if let Some(known) = self.usable(server) {
            self.store.remove_tls12_session(&known.name);
        }
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, session: Tls13ClientSessionValue) {
        if let Some(name) = self.place(&server) {
            self.store.insert_tls13_ticket(name, session);
        }
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let known = self.usable(server)?;
        let session = self.store.take_tls13_ticket(&known.name)?;
        self.offers(known.validity);
        Some(session)
    }
}

impl fmt::Debug for ClientSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSessions")
            .field("attribution", &self.attribution)
            .finish_non_exhaustive()
    }
}

/// The maximum number of servers, which is that of noted names.
const MOST_SERVERS: usize = 1024;

/// The capacity of the store in memory: eight sessions for each of 64 servers, and as many hints. A phone has fewer
/// servers.
const MOST_SESSIONS: usize = 2 * 8 * 64;

/// As many tickets as rustls' own store keeps for a name.
const MOST_TICKETS: usize = 8;
