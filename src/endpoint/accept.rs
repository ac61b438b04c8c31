//! Incoming connections.

use std::cell::RefCell;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::handshake::STATUS;
use super::{ConnectError, Connection, Endpoint};
use crate::verify::Purpose;

impl Endpoint {
    /// Takes an incoming connection.
    ///
    /// # Errors
    ///
    /// - The client was refused, or refused us.
    /// - The stream broke, or the time-out passed.
    /// - There is no `certificate`.
    pub async fn accept<IO>(&self, stream: IO) -> Result<Connection<IO>, ConnectError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let acceptor = self
            .acceptor()
            .map_err(|error| ConnectError::Configuration(Box::new(error)))?;
        let handshake = async {
            match acceptor.accept(stream).into_fallible().await {
                Ok(stream) => Ok(stream),
                Err((error, stream)) => {
                    say_farewell(stream).await;
                    Err(error)
                }
            }
        };
        let handshake = tokio::time::timeout(self.0.connecting.timeout, handshake);
        let (outcome, status) = STATUS
            .scope(RefCell::new(None), async {
                let outcome = handshake.await;
                (outcome, STATUS.with(RefCell::take))
            })
            .await;
        let explain = |error: &rustls::Error| self.0.connecting.incoming.as_ref()?.of(error);
        let timed_out = |_| ConnectError::TimedOut {
            after: self.0.connecting.timeout,
        };
        let stream = outcome
            .map_err(timed_out)?
            .map_err(|error| ConnectError::handshake(error, status.clone(), explain))?;
        let connection = Connection::server(stream);
        match self.0.connecting.requires_client_certificate {
            true => self.settle(connection, status, Purpose::Client, None),
            false => Ok(connection),
        }
    }
}

/// Closes a stream on which an alert was sent. Who closes with bytes still unread resets the connection (RFC 2525,
/// section 2.17), and the peer may never see the alert.
async fn say_farewell(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let drain = async {
        stream.shutdown().await?;
        let mut unread = [0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    // The peer may be gone, or never go: neither is worth more time.
    let _ = tokio::time::timeout(FAREWELL, drain).await;
}

const FAREWELL: Duration = Duration::from_secs(1);
