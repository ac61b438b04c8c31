//! The interface of the clients that fetch URLs: the client of this crate, or one of the program.
//!
//! `CrlFetch` calls the client with an `http:` URL and its limits, and judges nothing but the length of the answer.
//! Whether the answer is a list, and a good one, is judged when it is put in force.

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::FetchError;
use super::policy::Policy;

/// Fetches URLs for [`CrlFetch`](crate::CrlFetch) in place of the client of this crate: through a proxy, for example,
/// or over a client that the program already has.
///
/// **A client of the program is trusted.** It alone makes these checks. Before it sends anything on a connection, and
/// again after each redirect, it asks [`FetchLimits::is_allowed`] whether a connection to the address is allowed. It
/// follows redirects to `http:` only, and no more than [`FetchLimits::max_redirects`]. It ends a fetch with an error
/// as soon as the answer has more than [`FetchLimits::max_size`] bytes, and treats a truncated answer as an error.
/// `CrlFetch` drops the future after [`FetchLimits::timeout`] and refuses answers that are too long, but it cannot
/// undo what was sent.
///
/// ```
/// use std::io;
/// use std::pin::Pin;
///
/// use sip_tls::{CrlFetch, FetchError, FetchLimits, HttpClient};
///
/// /// A client that has one list, and fetches nothing.
/// #[derive(Debug)]
/// struct Mirror(Vec<u8>);
///
/// impl HttpClient for Mirror {
///     fn get<'a>(
///         &'a self,
///         url: &'a str,
///         _limits: &'a FetchLimits,
///     ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>> {
///         Box::pin(async move {
///             match url {
///                 "http://crl.example.com/root.crl" => Ok(self.0.clone()),
///                 _ => Err(FetchError::Io(io::Error::new(io::ErrorKind::NotFound, "it is not mirrored"))),
///             }
///         })
///     }
/// }
///
/// let fetch = CrlFetch::new().client(Mirror(Vec::new()));
/// ```
pub trait HttpClient: fmt::Debug + Send + Sync {
    /// Returns the unchanged body of an answer with status 200. The URL is an `http:` URL.
    ///
    /// # Errors
    ///
    /// No such answer arrives within the limits. A client gives the reason in [`FetchError::Io`].
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: &'a FetchLimits,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>>;
}

/// Lets several settings share a client.
impl<C: HttpClient + ?Sized> HttpClient for Arc<C> {
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: &'a FetchLimits,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>> {
        (**self).get(url, limits)
    }
}

/// The limits of a fetch, and the function that its progress is reported to.
///
/// [`CrlFetch`](crate::CrlFetch) sets them, and passes them to the client.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use sip_tls::FetchLimits;
///
/// let limits = FetchLimits::default();
/// assert_eq!(limits.max_size(), 64 << 20);
/// assert_eq!(limits.timeout(), Duration::from_secs(30));
/// assert!(limits.is_allowed("10.1.2.3".parse()?), "a private network");
/// assert!(!limits.is_allowed("127.0.0.1".parse()?));
/// assert!(!limits.is_allowed("::ffff:127.0.0.1".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone)]
pub struct FetchLimits {
    pub(super) max_size: u64,
    pub(super) max_redirects: u32,
    pub(super) timeout: Duration,
    pub(super) policy: Policy,
    pub(super) progress: Option<Arc<ProgressFn>>,
}

pub(super) type ProgressFn = dyn Fn(&FetchProgress<'_>) + Send + Sync;

impl FetchLimits {
    /// Returns how many bytes an answer may have.
    pub fn max_size(&self) -> u64 {
        self.max_size
    }

    /// Returns how many redirects are followed.
    pub fn max_redirects(&self) -> u32 {
        self.max_redirects
    }

    /// Returns how long the whole fetch may take, look-ups and redirects included.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns whether a connection may be made to this address. See [`CrlFetch::allow`](crate::CrlFetch::allow).
    pub fn is_allowed(&self, address: IpAddr) -> bool {
        self.policy.is_allowed(address)
    }

    /// Reports how far a fetch has come. `total` is the length of the answer in bytes, if the answer states it.
    ///
    /// It does nothing if no function was set.
    pub fn tell_progress(&self, url: &str, received: u64, total: Option<u64>) {
        if let Some(progress) = &self.progress {
            progress(&FetchProgress {
                url,
                received,
                total,
            });
        }
    }
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            // The largest lists that public CAs publish have some ten megabytes.
            max_size: 64 << 20,
            max_redirects: 5,
            timeout: Duration::from_secs(30),
            policy: Policy::default(),
            progress: None,
        }
    }
}

/// Leaves out the function, which cannot be printed.
impl fmt::Debug for FetchLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchLimits")
            .field("max_size", &self.max_size)
            .field("max_redirects", &self.max_redirects)
            .field("timeout", &self.timeout)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// How far a fetch has come.
#[derive(Clone, Copy, Debug)]
pub struct FetchProgress<'a> {
    url: &'a str,
    received: u64,
    total: Option<u64>,
}

impl<'a> FetchProgress<'a> {
    /// Returns the URL that is fetched, as it was before redirects.
    pub fn url(&self) -> &'a str {
        self.url
    }

    /// Returns how many bytes of the list have arrived.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Returns how many bytes the list has, if the server states it.
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}
