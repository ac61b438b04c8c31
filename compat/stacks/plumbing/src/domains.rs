//! Several domains on one port: the client's SNI chooses the endpoint, with rustls' `Acceptor`.
//!
//! The endpoints have their own certificates, CAs and lists. Their configurations are those that are handed out, so
//! there is no `Connection`: the stream is that of tokio-rustls. If this is not needed, `Endpoints::by_name` does the
//! same, with the connections of `Endpoint::serve`.

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

    /// Accepts a connection with the endpoint that the client asks for.
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
        // Observers are told which client is verified.
        let tag = peer.to_string();
        Ok(Endpoint::scope(tag, start.into_stream(config)).await?)
    }

    /// Serves clients until it is dropped.
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

/// Tells the client that the name is unknown: the alert unrecognized_name (RFC 6066, section 3), in a record of its own.
async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(&[21, 3, 3, 0, 2, 2, 112]).await?;
    stream.shutdown().await
}

/// Answers requests that come in one piece each.
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
