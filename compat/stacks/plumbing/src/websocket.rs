//! SIP over WebSocket ([RFC 7118](https://www.rfc-editor.org/rfc/rfc7118)), with tokio-tungstenite.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sip_tls::profile::Server;
use sip_tls::{Connection, Endpoint};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{accept_hdr_async_with_config, client_async};

use crate::{Failure, sip};

/// Serves clients until the future is dropped.
pub async fn serve(endpoint: &Endpoint, listener: TcpListener) -> Result<(), Failure> {
    let server = endpoint.serve(listener, |connection, mut stopping| async move {
        tokio::select! {
            ended = converse(connection) => if let Err(error) = ended {
                eprintln!("{error}");
            },
            () = stopping.requested() => {}
        }
    })?;
    server.await;
    Ok(())
}

/// Answers the requests of a client. Each message of the WebSocket is one SIP message.
async fn converse(connection: Connection<TcpStream>) -> Result<(), Failure> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST));
    let mut socket = accept_hdr_async_with_config(connection, agree, Some(config)).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        // Other messages belong to the WebSocket protocol itself.
        if (message.is_text() || message.is_binary())
            && let Some(answer) = sip::answer(message.to_text()?)
        {
            socket.send(answer.into()).await?;
        }
    }
    Ok(())
}

/// Negotiates the sub-protocol, which SIP requires (section 4 of the RFC).
#[expect(clippy::result_large_err, reason = "tungstenite asks for it")]
fn agree(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    if !speaks_sip(request.headers()) {
        let mut refusal = ErrorResponse::new(Some("the sub-protocol `sip` is required".to_owned()));
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        return Err(refusal);
    }
    response.headers_mut().insert(PROTOCOL, SIP);
    Ok(response)
}

/// Sends OPTIONS, and returns the answer.
pub async fn ask(endpoint: &Endpoint, server: &Server) -> Result<String, Failure> {
    let mut connection = endpoint.connect_to(server, None).await?;
    // Only now does a server of TLS 1.3 say whether it accepts our certificate.
    connection.confirm(Duration::from_millis(500)).await?;
    let mut request = format!("wss://{server}/").into_client_request()?;
    request.headers_mut().insert(PROTOCOL, SIP);
    let (mut socket, response) = client_async(request, connection).await?;
    if !speaks_sip(response.headers()) {
        return Err("the server does not speak SIP over WebSocket".into());
    }
    socket.send(sip::options("WSS").into()).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            return Ok(message.into_text()?.to_string());
        }
    }
    Err("the server closed the connection".into())
}

/// Whether `sip` is among the sub-protocols.
fn speaks_sip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(PROTOCOL).into_iter();
    let mut names = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    names.any(|name| name.trim().eq_ignore_ascii_case("sip"))
}

const PROTOCOL: &str = "sec-websocket-protocol";
const SIP: HeaderValue = HeaderValue::from_static("sip");
/// The largest SIP message that is accepted. Phones send no longer ones.
const LONGEST: usize = 64 * 1024;
