//! Connects to an allowed address of a URL's host.
//!
//! The name is looked up once, the addresses that are not allowed are removed, and the others are tried one after the
//! other. Each gets an equal share of the time that is left, so that one dead address does not use it up.

use std::io;
use std::net::{SocketAddr, TcpStream as StdStream};

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::fetch::FetchError;
use crate::fetch::client::FetchLimits;
use crate::fetch::url::HttpUrl;

/// Connects to the first allowed address of a URL's host that answers. Returns the stream in blocking mode, and the address.
pub(super) async fn connect(
    url: &HttpUrl,
    limits: &FetchLimits,
    deadline: Instant,
) -> Result<(StdStream, SocketAddr), FetchError> {
    let addresses = allowed(look_up(url).await?, limits)?;
    let mut failed = None;
    for (i, address) in addresses.iter().enumerate() {
        let share = remaining(deadline) / u32::try_from(addresses.len() - i).unwrap_or(1);
        match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let stream = blocking(stream).map_err(FetchError::Io)?;
                return Ok((stream, *address));
            }
            Ok(Err(source)) => failed = Some((*address, source)),
            Err(_) => failed = Some((*address, io::ErrorKind::TimedOut.into())),
        }
    }
    match failed {
        // The time limit of the whole fetch has passed.
        Some(_) if remaining(deadline).is_zero() => Err(FetchError::TimedOut {
            after: limits.timeout,
        }),
        Some((address, source)) => Err(FetchError::Connect { address, source }),
        None => Err(no_address(url)),
    }
}

/// The addresses of the host, in the order of the system.
async fn look_up(url: &HttpUrl) -> Result<Vec<SocketAddr>, FetchError> {
    let found = tokio::net::lookup_host((url.host(), url.port())).await;
    let found = found.map_err(|source| FetchError::Resolve {
        host: url.host().to_owned(),
        source,
    })?;
    let addresses: Vec<_> = found.take(MOST_ADDRESSES).collect();
    match addresses.is_empty() {
        true => Err(no_address(url)),
        false => Ok(addresses),
    }
}

/// Returns the addresses that are allowed. It is an error if there is none.
fn allowed(
    mut addresses: Vec<SocketAddr>,
    limits: &FetchLimits,
) -> Result<Vec<SocketAddr>, FetchError> {
    let first = addresses.first().map(SocketAddr::ip);
    addresses.retain(|address| limits.is_allowed(address.ip()));
    match first {
        Some(address) if addresses.is_empty() => Err(FetchError::Forbidden { address }),
        _ => Ok(addresses),
    }
}

/// `ureq` blocks, and tokio has made the stream non-blocking.
fn blocking(stream: TcpStream) -> io::Result<StdStream> {
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

fn remaining(deadline: Instant) -> std::time::Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn no_address(url: &HttpUrl) -> FetchError {
    FetchError::Resolve {
        host: url.host().to_owned(),
        source: io::Error::new(io::ErrorKind::NotFound, "the name has no address"),
    }
}

/// How many addresses of a name are tried. A name has one or a few.
const MOST_ADDRESSES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn of_several_addresses_only_the_allowed_ones_are_tried() {
        let mixed = addresses(&["127.0.0.1:80", "192.0.2.1:80", "[::1]:80", "10.0.0.1:80"]);
        let left = allowed(mixed, &FetchLimits::default()).unwrap();
        assert_eq!(left, addresses(&["192.0.2.1:80", "10.0.0.1:80"]));
    }

    #[test]
    fn without_an_allowed_address_the_first_one_is_named() {
        let forbidden = addresses(&["[::1]:80", "127.0.0.1:80"]);
        let error = allowed(forbidden, &FetchLimits::default()).unwrap_err();
        assert!(
            matches!(error, FetchError::Forbidden { address } if address.to_string() == "::1"),
            "{error}"
        );
    }
}
