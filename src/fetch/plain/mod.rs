//! The client of this crate: HTTP/1.1 without TLS, proxies and compression.
//!
//! `ureq` speaks HTTP, but makes no connections here: it is handed one that was made to an allowed address (`dial`,
//! `wire`). It does not follow redirects either; each hop is a new exchange, with the same checks (`exchange`). All
//! hops share one deadline.

mod dial;
mod exchange;
mod wire;

use std::io;
use std::net::{Shutdown, TcpStream};
use std::pin::Pin;

use tokio::time::Instant;

use self::exchange::{Answer, Exchange};
use super::client::FetchLimits;
use super::url::HttpUrl;
use super::{FetchError, HttpClient};

/// Fetches with `ureq`, over connections whose address was checked before.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlainClient;

impl HttpClient for PlainClient {
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: &'a FetchLimits,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>> {
        Box::pin(follow(url, limits))
    }
}

/// Follows redirects, and fetches the content at their end.
///
/// There is at most one exchange more than redirects are allowed.
async fn follow(url: &str, limits: &FetchLimits) -> Result<Vec<u8>, FetchError> {
    let deadline = Instant::now() + limits.timeout;
    let mut at: HttpUrl = url.parse()?;
    for _ in 0..=limits.max_redirects {
        tracing::debug!(url = %at, "fetching");
        match exchange(url, &at, limits, deadline).await? {
            Answer::Body(body) => return Ok(body),
            Answer::Redirect(location) => at = at.join(&location)?,
        }
    }
    Err(FetchError::TooManyRedirects {
        limit: limits.max_redirects,
    })
}

/// Sends one request. A thread waits for the answer. The thread ends soon after this future is dropped, and at the
/// deadline at the latest.
async fn exchange(
    told: &str,
    url: &HttpUrl,
    limits: &FetchLimits,
    deadline: Instant,
) -> Result<Answer, FetchError> {
    let (stream, address) = dial::connect(url, limits, deadline).await?;
    let _guard = HangUp(stream.try_clone().map_err(FetchError::Io)?);
    let exchange = Exchange {
        told: told.to_owned(),
        url: url.clone(),
        stream,
        address,
        limits: limits.clone(),
        deadline: deadline.into_std(),
    };
    match tokio::task::spawn_blocking(|| exchange.run()).await {
        Ok(result) => result,
        Err(error) => Err(FetchError::Io(io::Error::other(error))),
    }
}

/// Shuts down a connection when dropped, and so ends every read that waits for it.
struct HangUp(TcpStream);

impl Drop for HangUp {
    fn drop(&mut self) {
        // The connection may have ended already.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}
