//! HTTP with the same endpoint, for provisioning or a metrics page: axum as the server, hyper as the client.

use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use axum::routing::get;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use sip_tls::profile::Server;
use sip_tls::{Connection, Endpoint, Stopping};
use tokio::net::{TcpListener, TcpStream};

use crate::Failure;

/// The subject of the client's certificate.
#[derive(Clone)]
struct Client(String);

/// Serves clients until the future is dropped.
pub async fn serve(endpoint: &Endpoint, listener: TcpListener) -> Result<(), Failure> {
    let app = Router::new().route("/whoami", get(whoami));
    let server = endpoint.serve(listener, move |connection, stopping| {
        let app = app.clone();
        async move {
            if let Err(error) = converse(app, connection, stopping).await {
                eprintln!("{error}");
            }
        }
    })?;
    server.await;
    Ok(())
}

async fn whoami(Extension(Client(name)): Extension<Client>) -> String {
    name
}

async fn converse(
    app: Router,
    connection: Connection<TcpStream>,
    mut stopping: Stopping,
) -> hyper::Result<()> {
    let status = connection.verify_status();
    let subject = status.and_then(|status| status.path().first());
    let client = Client(subject.cloned().unwrap_or_default());
    let service = TowerToHyperService::new(app.layer(Extension(client)));
    let serving = Builder::new().serve_connection(TokioIo::new(connection), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        served = &mut serving => return served,
        () = stopping.requested() => {}
    }
    // The answer in progress is the last one.
    serving.as_mut().graceful_shutdown();
    serving.await
}

/// Fetches a page.
pub async fn fetch(endpoint: &Endpoint, server: &Server, path: &str) -> Result<String, Failure> {
    let mut connection = endpoint.connect_to(server, None).await?;
    // Only now does a server of TLS 1.3 say whether it accepts our certificate.
    connection.confirm(Duration::from_millis(500)).await?;
    let (mut sender, connection) = handshake(TokioIo::new(connection)).await?;
    let request = Request::get(path)
        .header("Host", server.to_string())
        .body(Empty::<Bytes>::new())?;
    let asking = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok::<_, Failure>((status, body))
    };
    // The future of the connection returns what ended it, such as an alert.
    let (status, body) = tokio::select! {
        asked = asking => asked?,
        ended = connection => {
            ended?;
            return Err("the server closed the connection".into());
        }
    };
    match status.is_success() {
        true => Ok(String::from_utf8(body.to_vec())?),
        false => Err(format!("the answer is {status}").into()),
    }
}
