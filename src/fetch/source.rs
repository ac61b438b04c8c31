use std::fmt;
use std::io;
use std::pin::Pin;
use std::time::SystemTime;

use super::FetchError;

/// Where lists come from, and where they are kept.
pub(crate) trait Source: fmt::Debug + Send + Sync {
    /// Fetches what is at this URL, which is one of `http:`. Nothing is known of it yet but its size.
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>>;

    /// Returns what is kept of this URL, whatever its age. Blocks.
    fn kept(&self, url: &str) -> Option<Kept>;

    /// Keeps a list that was found good, instead of what is there. Blocks.
    fn keep(&self, url: &str, der: &[u8]) -> io::Result<()>;
}

/// A list that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) der: Vec<u8>,
    /// When it was fetched.
    pub(crate) fetched: SystemTime,
}
