//! RFC 5923: requests in the other direction reuse a connection.
//!
//! A table from domains to handles of the application. It knows nothing of SIP: which request allows the reuse is the
//! application's business, and which domains a peer has proved is known from its certificate.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Connection;
use crate::verify;

/// Connections by the SIP domains that their peers proved, so that requests to a domain go back on the connection that
/// came from it ([RFC 5923](https://www.rfc-editor.org/rfc/rfc5923)).
///
/// The application keeps a handle for each connection: the sender of a channel that the connection's task reads, for
/// example. A peer asks for this with the parameter `alias` in the topmost Via of a request, which a SIP stack reads.
/// Without the parameter, keep nothing. A connection that we opened may be kept, too.
///
/// A connection is found by a domain only if the peer's verified certificate names the domain ([RFC 5922, section
/// 7.1](https://www.rfc-editor.org/rfc/rfc5922#section-7.1)), however the name check is set. A client without a
/// certificate is found by no domain, so incoming connections need `tls-mutual`.
///
/// Clones share everything.
///
/// ```no_run
/// use sip_tls::{Aliases, Endpoint};
/// use tokio::net::TcpListener;
/// use tokio::sync::mpsc;
///
/// # async fn example(endpoint: Endpoint, listener: TcpListener) -> Result<(), sip_tls::Error> {
/// let aliases = Aliases::new();
/// let kept = aliases.clone();
/// let server = endpoint.serve(listener, move |connection, _stopping| {
///     let kept = kept.clone();
///     async move {
///         let (requests, mut to_send) = mpsc::channel::<Vec<u8>>(16);
///         // It is dropped with the handler. Then the connection is no longer found.
///         let _alias = kept.keep(&connection, requests);
///         while let Some(_request) = to_send.recv().await { /* ... */ }
///     }
/// })?;
/// tokio::spawn(async move { server.await });
///
/// // Elsewhere, for a request to `sip:bob@example.com`:
/// if let Some(connection) = aliases.find("example.com") {
///     let _ = connection.send(b"INVITE sip:bob@example.com SIP/2.0\r\n".to_vec()).await;
/// }
/// # Ok(())
/// # }
/// ```
pub struct Aliases<T>(Arc<Mutex<Table<T>>>);

struct Table<T> {
    by_domain: HashMap<String, Vec<Kept<T>>>,
    next: u64,
}

struct Kept<T> {
    number: u64,
    handle: T,
}

/// The entry of a connection in [`Aliases`]. The connection is no longer found when this value is dropped.
///
/// It has the domains for the case that the application wants to log them.
#[must_use = "the connection is found only as long as this is there"]
pub struct Alias<T> {
    aliases: Aliases<T>,
    number: u64,
    domains: Vec<String>,
}

impl<T> Aliases<T> {
    /// Creates an empty collection.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Table {
            by_domain: HashMap::new(),
            next: 0,
        })))
    }

    /// Keeps a handle of this connection under each SIP domain that its peer proved. [`Alias::domains`] returns the
    /// domains, and there may be none. A peer that another verifier accepted ([`Danger`](crate::Danger)) proved none.
    pub fn keep<IO>(&self, connection: &Connection<IO>, handle: T) -> Alias<T>
    where
        T: Clone,
    {
        let is_proved = connection.verify_status().is_some();
        let identities = connection.peer_identities().filter(|_| is_proved);
        let domains = identities.map_or_else(Vec::new, |peer| peer.sip_domains().to_vec());
        let mut table = self.table();
        let number = table.next;
        table.next += 1;
        for domain in &domains {
            let kept = Kept {
                number,
                handle: handle.clone(),
            };
            let connections = table.by_domain.entry(domain.clone());
            connections.or_default().push(kept);
        }
        drop(table);
        Alias {
            aliases: self.clone(),
            number,
            domains,
        }
    }

    /// Returns the handle of the connection whose peer proved this domain. If there are several, the newest is
    /// returned. Domains are compared as [RFC 5922, section 7.2](https://www.rfc-editor.org/rfc/rfc5922#section-7.2),
    /// requires.
    pub fn find(&self, domain: &str) -> Option<T>
    where
        T: Clone,
    {
        let table = self.table();
        let youngest = table.by_domain.get(&verify::sip_domain(domain))?.last()?;
        Some(youngest.handle.clone())
    }

    /// Returns the handle of each connection whose peer proved this domain, the oldest first.
    pub fn find_all(&self, domain: &str) -> Vec<T>
    where
        T: Clone,
    {
        let table = self.table();
        let kept = table.by_domain.get(&verify::sip_domain(domain));
        let kept = kept.into_iter().flatten();
        kept.map(|kept| kept.handle.clone()).collect()
    }

    fn table(&self) -> MutexGuard<'_, Table<T>> {
        // The table is consistent at any time: a panic elsewhere cannot have left it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Alias<T> {
    /// Returns the domains that the connection is found by, in lower case.
    pub fn domains(&self) -> &[String] {
        &self.domains
    }
}

impl<T> Drop for Alias<T> {
    /// Removes the connection from all domains.
    fn drop(&mut self) {
        let mut dropped = Vec::new();
        let mut table = self.aliases.table();
        for domain in &self.domains {
            let Some(connections) = table.by_domain.get_mut(domain) else {
                continue;
            };
            let own = connections.extract_if(.., |kept| kept.number == self.number);
            dropped.extend(own);
            if connections.is_empty() {
                table.by_domain.remove(domain);
            }
        }
        // The table must not be locked while the caller's handles are dropped.
        drop(table);
    }
}

impl<T> Clone for Aliases<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Aliases<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Aliases<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table();
        let mut domains: Vec<_> = table.by_domain.keys().collect();
        domains.sort();
        f.debug_tuple("Aliases").field(&domains).finish()
    }
}

impl<T> fmt::Debug for Alias<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alias")
            .field("domains", &self.domains)
            .finish_non_exhaustive()
    }
}
