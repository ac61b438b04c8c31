//! Several domains on one port: the client's SNI chooses the endpoint, with rustls' `Acceptor`.
//!
//! The endpoints have their own certificates, CAs and lists. Their handed-out configurations are used, so there is no
//! `Connection`: the stream is that of tokio-rustls. If no such stream is needed, `Endpoints::by_name` chooses
//! endpoints in the same way, and its connections are those of `Endpoint::serve`.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::server::Acceptor;
use sip_tls::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::{Failure, sip};

/// Endpoints by the names of their domains, in lower case.
#[derive(Clone, Default)]
pub struct Domains(HashMap<String, Endpoint>);

impl Domains {
    #[must_use]
    pub fn with(mut self, name: &str, endpoint: Endpoint) -> Self {
        self.0.insert(name.to_ascii_lowercase(), endpoint);
        self
    }

    /// Accepts a connection with the endpoint for the client's SNI.
    pub async fn accept(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let name = start.client_hello().server_name().map(str::to_owned);
        let endpoint = name.as_deref().and_then(|name| self.0.get(name));
        let Some(endpoint) = endpoint else {
            let name = name.unwrap_or_else(|| "no name".to_owned());
            refuse(start.io).await?;
            return Err(format!("the client asked for {name}").into());
        };
        let config = endpoint.server_config()?;
        // The tag tells observers which client is verified.
        let tag = peer.to_string();
        Ok(Endpoint::scope(tag, start.into_stream(config)).await?)
    }

    /// Serves clients until the future is dropped.
    pub async fn serve(&self, listener: TcpListener) -> Result<(), Failure> {
        loop {
            let (stream, peer) = listener.accept().await?;
            let domains = self.clone();
            tokio::spawn(async move {
                let accepting = timeout(HANDSHAKE, domains.accept(stream, peer)).await;
                let accepted = accepting.unwrap_or_else(|late| Err(late.into()));
                let served = match accepted {
                    Ok(stream) => converse(stream).await.map_err(Failure::from),
                    Err(error) => Err(error),
                };
                if let Err(error) = served {
                    eprintln!("{peer}: {error}");
                }
            });
        }
    }
}

/// Tells the client that the name is unknown: sends the alert unrecognized_name (RFC 6066, section 3) in a separate
/// record.
async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(&[21, 3, 3, 0, 2, 2, 112]).await?;
    stream.shutdown().await
}

/// Answers requests. Each request must come in one piece.
async fn converse(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    let mut buffer = vec![0; 8192];
    loop {
        let count = match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            count => count,
        };
        if let Some(answer) = sip::answer(&String::from_utf8_lossy(&buffer[..count])) {
            stream.write_all(answer.as_bytes()).await?;
        }
    }
}

const HANDSHAKE: Duration = Duration::from_secs(10);
