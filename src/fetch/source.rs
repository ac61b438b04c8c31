//! What an endpoint knows of fetching. Tests put another source in place of [`CrlFetch`](crate::CrlFetch).

use std::fmt;
use std::io;
use std::pin::Pin;
use std::time::SystemTime;

use super::FetchError;

/// The source of lists, which also keeps them.
///
/// It is the one seam between fetching and the rules for lists: neither side knows more of the other.
pub(crate) trait Source: fmt::Debug + Send + Sync {
    /// Fetches the content of this `http:` URL, within the time limit of the source. Only the size of the content was
    /// checked.
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>>;

    /// Returns the list that is kept for this URL, whatever its age. Blocks.
    fn kept(&self, url: &str) -> Option<Kept>;

    /// Keeps a list that passed all checks, in place of the one that is kept. Blocks.
    fn keep(&self, url: &str, der: &[u8]) -> io::Result<()>;
}

/// A list that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) der: Vec<u8>,
    /// When it was fetched.
    pub(crate) fetched: SystemTime,
}
