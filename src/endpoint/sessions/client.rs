use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

use crate::endpoint::state::Shared;
use crate::verify::Validity;

/// Makes a store of its own.
pub(crate) fn resumption(shared: &Arc<Shared>, attribution: Attribution) -> Resumption {
    Resumption::store(Arc::new(ClientSessions {
        shared: shared.clone(),
        attribution,
        servers: Mutex::default(),
    }))
}

/// How it is told what a session was checked against: rustls does not say on which connection it arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Attribution {
    /// By the connection that the task makes or reads from, if it is one of `Endpoint::connect`; else by the name.
    #[cfg(feature = "tokio")]
    Connection,
    /// By the notes of the server's name.
    Name,
}

/// Sessions that a client may resume, each with what it was checked against.
struct ClientSessions {
    shared: Arc<Shared>,
    attribution: Attribution,
    servers: Mutex<VecDeque<Server>>,
}

struct Server {
    name: ServerName<'static>,
    group: Option<NamedGroup>,
    tls12: Option<Checked<Tls12ClientSessionValue>>,
    /// The newest last.
    tls13: VecDeque<Checked<Tls13ClientSessionValue>>,
}

struct Checked<T> {
    session: T,
    validity: Validity,
}

impl ClientSessions {
    /// What a session of this server that arrives now was checked against.
    fn attribute(&self, name: &ServerName<'_>) -> Option<Validity> {
        let by_name = || self.shared.notes.as_ref()?.of(name);
        match self.attribution {
            #[cfg(feature = "tokio")]
            Attribution::Connection => crate::endpoint::attempt::checked().or_else(by_name),
            Attribution::Name => by_name(),
        }
    }

    /// A session, if it may still be resumed. The connection that is being made is told of it.
    fn usable<T>(&self, found: Checked<T>) -> Option<T> {
        let Checked { session, validity } = found;
        if !self.shared.holds(validity) {
            return None;
        }
        #[cfg(feature = "tokio")]
        if self.attribution == Attribution::Connection {
            crate::endpoint::attempt::offers_session(validity);
        }
        Some(session)
    }

    fn servers(&self) -> MutexGuard<'_, VecDeque<Server>> {
        // The list is whole at any time: a panic elsewhere cannot have left it half made.
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of_server<T>(
        &self,
        name: &ServerName<'_>,
        look: impl FnOnce(&mut Server) -> Option<T>,
    ) -> Option<T> {
        let mut servers = self.servers();
        let found = servers.iter_mut().find(|server| server.name == *name)?;
        look(found)
    }

    /// Changes the entry of a server. A server that is new takes the place of the one that has been there longest.
    fn change(&self, name: ServerName<'static>, change: impl FnOnce(&mut Server)) {
        let mut servers = self.servers();
        let known = servers.iter().position(|server| server.name == name);
        let known = known.and_then(|place| servers.remove(place));
        if servers.len() == MOST_SERVERS {
            servers.pop_front();
        }
        let mut server = known.unwrap_or_else(|| Server::new(name));
        change(&mut server);
        servers.push_back(server);
    }
}

impl Server {
    fn new(name: ServerName<'static>) -> Self {
        Self {
            name,
            group: None,
            tls12: None,
            tls13: VecDeque::new(),
        }
    }
}

impl ClientSessionStore for ClientSessions {
    fn set_kx_hint(&self, name: ServerName<'static>, group: NamedGroup) {
        self.change(name, |server| server.group = Some(group));
    }

    fn kx_hint(&self, name: &ServerName<'_>) -> Option<NamedGroup> {
        self.of_server(name, |server| server.group)
    }

    fn set_tls12_session(&self, name: ServerName<'static>, session: Tls12ClientSessionValue) {
        if let Some(validity) = self.attribute(&name) {
            let checked = Checked { session, validity };
            self.change(name, |server| server.tls12 = Some(checked));
        }
    }

    fn tls12_session(&self, name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        let found = self.of_server(name, |server| {
            let checked = server.tls12.as_ref()?;
            Some(Checked {
                session: checked.session.clone(),
                validity: checked.validity,
            })
        });
        let usable = self.usable(found?);
        if usable.is_none() {
            self.of_server(name, |server| server.tls12.take());
        }
        usable
    }

    fn remove_tls12_session(&self, name: &ServerName<'static>) {
        self.of_server(name, |server| server.tls12.take());
    }

    fn insert_tls13_ticket(&self, name: ServerName<'static>, session: Tls13ClientSessionValue) {
        if let Some(validity) = self.attribute(&name) {
            let checked = Checked { session, validity };
            self.change(name, |server| {
                if server.tls13.len() == MOST_TICKETS {
                    server.tls13.pop_front();
                }
                server.tls13.push_back(checked);
            });
        }
    }

    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        loop {
            let newest = self.of_server(name, |server| server.tls13.pop_back())?;
            if let Some(session) = self.usable(newest) {
                return Some(session);
            }
        }
    }
}

impl fmt::Debug for ClientSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSessions")
            .field("attribution", &self.attribution)
            .finish_non_exhaustive()
    }
}

/// A phone has fewer servers.
const MOST_SERVERS: usize = 64;

/// As many as rustls' own store keeps.
const MOST_TICKETS: usize = 8;
