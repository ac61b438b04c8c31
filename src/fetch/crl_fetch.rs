//! The settings of fetching, with the fetch itself and the access to the cache.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use etcetera::BaseStrategy;
use ipnet::IpNet;
use tokio::time::timeout;

use super::cache::Cache;
use super::plain::PlainClient;
use super::url::HttpUrl;
use super::{
    CachedList, CachedLists, FetchError, FetchLimits, FetchProgress, HttpClient, Kept, Source,
};

/// How revocation lists are fetched, and where they are kept.
///
/// Only `http:` URLs are fetched. A list is signed, so that tampering is detected without TLS. Over `https:`, a list
/// would be needed to fetch a list.
///
/// # Addresses
///
/// The URLs come from certificates, which a stranger may have made. So a fetch must not reach addresses that only
/// this host can reach. No connection is made to loopback (127.0.0.0/8, ::1), link-local (169.254.0.0/16, fe80::/10),
/// multicast, unspecified (0.0.0.0/8, ::) and reserved addresses (240.0.0.0/4), unless [`allow`](Self::allow) names
/// them. If an IPv6 address carries an IPv4 address (IPv4-mapped, NAT64 with its well-known prefix, 6to4), both are
/// checked. Private networks (RFC 1918, unique local addresses) are allowed, because the CAs of enterprises are
/// there. The check looks at the address of the connection, whatever its name, and is repeated after each redirect.
/// If a name has several addresses, only the allowed ones are tried.
///
/// For this reason proxies (`http_proxy`) are not used: the address behind a proxy cannot be checked. A client of the
/// program may use a proxy, but has to check addresses itself: see [`HttpClient`].
///
/// # The cache
///
/// Each list has its own file. A new list replaces the file in one step, so that a process that is killed leaves the
/// old list or the new one. Damaged files are treated as absent. Processes may share a folder. A file is named after
/// the SHA-256 of its URL. It begins with the list in DER, so that `openssl crl -inform DER -in` prints it. The URL
/// and the time follow the list. Only the owner has access to the folder and the files. Nothing is ever removed
/// except the files that killed processes left behind.
///
/// ```no_run
/// use std::time::Duration;
///
/// use sip_tls::CrlFetch;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let fetch = CrlFetch::new()
///     .cache("/var/cache/sbc/crl")
///     .max_size(8 << 20)
///     .timeout(Duration::from_secs(10));
/// let list = fetch.fetch("http://crl.example.com/root.crl").await?;
/// println!("{} bytes", list.len());
/// # Ok(())
/// # }
/// ```
///
/// An endpoint uses it through [`EndpointBuilder::crl_fetch`](crate::EndpointBuilder::crl_fetch), and only if `tls-crl`
/// has the word `fetch`. A program may use it alone, to fill the cache for example.
///
/// # Examples
///
/// ```
/// use sip_tls::CrlFetch;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let url = "http://crl.example.com/root.crl";
/// # let folder = std::env::temp_dir().join(format!("sip-tls-{}", std::process::id()));
/// # let list = std::fs::read("tests/testdata/crl/plain.der")?;
/// let cache = CrlFetch::new().cache(&folder);
/// assert!(cache.cached(url).is_none());
/// cache.put_cached(url, &list)?;
/// assert!(cache.cached(url).is_some_and(|kept| kept.der() == list));
/// assert_eq!(cache.list_cache()?.count(), 1);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CrlFetch {
    client: Arc<dyn HttpClient>,
    limits: FetchLimits,
    /// Defaults to the folder of the platform.
    folder: Option<PathBuf>,
}

/// The settings.
impl CrlFetch {
    /// Creates the defaults: the platform's cache folder, 64 MiB, 30 seconds and 5 redirects.
    pub fn new() -> Self {
        Self {
            client: Arc::new(PlainClient),
            limits: FetchLimits::default(),
            folder: None,
        }
    }

    /// Sets the folder that lists are kept in. The folder is created when the first list is kept.
    ///
    /// Defaults to `sip-tls/crl` in the platform's cache folder: `$XDG_CACHE_HOME` or `~/.cache`, on macOS
    /// `~/Library/Caches`, on Windows `%LOCALAPPDATA%`. Without such a folder, fetched lists are
    /// not kept, and a warning in the log says so.
    pub fn cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Allows connections to a network that is forbidden by default: 127.0.0.1/32, for example. Each call adds a
    /// network.
    pub fn allow(mut self, net: IpNet) -> Self {
        self.limits.policy.allow(net);
        self
    }

    /// Sets how many bytes a list may have. Defaults to 64 MiB. The limit also applies to lists that are
    /// read from or put into the cache.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.limits.max_size = bytes;
        self
    }

    /// Sets how long a whole fetch may take, from the look-up of the name to the last byte, including redirects,
    /// however slowly the server sends. Defaults to 30 seconds. The maximum is a day.
    ///
    /// The connection ends with the fetch, and so does the thread that reads from it. If the system has not finished
    /// the look-up of a name, the look-up continues in a thread until the system gives up.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout.min(LONGEST);
        self
    }

    /// Sets how many redirects are followed. Defaults to 5. Redirects may only lead to `http:`.
    pub fn max_redirects(mut self, redirects: u32) -> Self {
        self.limits.max_redirects = redirects;
        self
    }

    /// Sets the client that fetches, in place of the client of this crate.
    pub fn client(mut self, client: impl HttpClient + 'static) -> Self {
        self.client = Arc::new(client);
        self
    }

    /// Sets a function that the progress of a fetch is reported to: at its beginning, and with each piece of up to 64
    /// KiB. The function runs on the thread that fetches, and should return at once.
    pub fn progress(
        mut self,
        progress: impl Fn(&FetchProgress<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.limits.progress = Some(Arc::new(progress));
        self
    }
}

/// Fetching, and the cache.
impl CrlFetch {
    /// Fetches the content of a URL, and returns it unchanged: in DER or PEM, if it is a list at all. Only the size
    /// of the content is checked, and nothing is kept. If the future is dropped, the connection is closed.
    ///
    /// # Errors
    ///
    /// - The URL cannot be parsed, is not an `http:` URL, or has no host, an invalid port or a user name:
    ///   [`FetchError::Url`].
    /// - The name of its host cannot be looked up: [`FetchError::Resolve`].
    /// - All addresses of the host are forbidden: [`FetchError::Forbidden`]. None of the allowed ones answers:
    ///   [`FetchError::Connect`].
    /// - The status of the answer is not 200: [`FetchError::Status`].
    /// - A redirect does not lead to such a URL, or there are more redirects than
    ///   [`max_redirects`](Self::max_redirects): [`FetchError::Redirected`], [`FetchError::TooManyRedirects`].
    /// - The answer is too long, takes too long, is truncated or is compressed: [`FetchError::TooLarge`],
    ///   [`FetchError::TimedOut`], [`FetchError::Truncated`], [`FetchError::Encoded`].
    /// - The connection breaks, or the answer is not HTTP/1: [`FetchError::Io`]. The errors of a client of the
    ///   program have this variant too.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time enabled.
    pub async fn fetch(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        url.parse::<HttpUrl>()?;
        let limits = &self.limits;
        let list = match timeout(limits.timeout, self.client.get(url, limits)).await {
            Ok(list) => list?,
            Err(_) => {
                return Err(FetchError::TimedOut {
                    after: limits.timeout,
                });
            }
        };
        match list.len() as u64 > limits.max_size {
            true => Err(FetchError::TooLarge {
                limit: limits.max_size,
            }),
            false => Ok(list),
        }
    }

    /// Returns the list that the cache has for a URL, whatever its age. A file that is damaged or cannot be read is
    /// treated as absent. Blocks.
    pub fn cached(&self, url: &str) -> Option<CachedList> {
        self.open().ok()?.read(url)
    }

    /// Returns the lists in the cache, in no particular order, whatever their age. Each list is read when the
    /// iterator reaches it. Files that are damaged or cannot be read are left out. Blocks.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, or there is no default folder. A folder that does not exist has no lists.
    pub fn list_cache(&self) -> io::Result<CachedLists> {
        self.open()?.list()
    }

    /// Puts a list in DER into the cache, as fetched now, in place of the list that the cache has for this URL. Only
    /// the length and the form of the list are checked. Blocks, and waits up to 5 seconds for other writers.
    ///
    /// # Errors
    ///
    /// - The list is not DER, or is longer than [`max_size`](Self::max_size).
    /// - The URL has control characters, or is longer than 64 KiB.
    /// - The folder or the file cannot be written, or there is no default folder.
    /// - The lock of the folder cannot be taken, or is not free within 5 seconds.
    pub fn put_cached(&self, url: &str, der: &[u8]) -> io::Result<()> {
        self.open()?.write(url, der, SystemTime::now())
    }

    /// The cache, in the folder of the settings. The folder need not exist.
    fn open(&self) -> io::Result<Cache> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => default_folder()?,
        };
        Ok(Cache::new(folder, self.limits.max_size))
    }
}

impl Default for CrlFetch {
    fn default() -> Self {
        Self::new()
    }
}

impl Source for CrlFetch {
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>> {
        Box::pin(self.fetch(url))
    }

    fn kept(&self, url: &str) -> Option<Kept> {
        let list = self.cached(url)?;
        Some(Kept {
            fetched: list.fetched(),
            der: list.into_der(),
        })
    }

    fn keep(&self, url: &str, der: &[u8]) -> io::Result<()> {
        self.put_cached(url, der)
    }
}

impl fmt::Debug for CrlFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrlFetch")
            .field("client", &self.client)
            .field("limits", &self.limits)
            .field("folder", &self.folder)
            .finish()
    }
}

/// A folder that is not absolute counts as none: the XDG Base Directory Specification wants such a variable to be
/// ignored.
fn default_folder() -> io::Result<PathBuf> {
    let platform = etcetera::base_strategy::choose_native_strategy();
    let folder = platform.map(|it| it.cache_dir()).ok();
    match folder.filter(|folder| folder.is_absolute()) {
        Some(folder) => Ok(folder.join("sip-tls").join("crl")),
        None => {
            let why = "there is no cache folder, because the home folder is unknown or not absolute; set one with `CrlFetch::cache` (`--crl-cache`)";
            Err(io::Error::new(io::ErrorKind::NotFound, why))
        }
    }
}

/// The maximum time limit. A point in time so far ahead exists on every system.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
