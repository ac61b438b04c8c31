use std::error::Error;
use std::future::IntoFuture;

use rsipstack::EndpointBuilder;
use rsipstack::platform::CancellationToken;
use rsipstack::transport::TransportLayer;
use sip_tls::Endpoint;
use sip_tls::profile::Server;
use sip_tls_rsipstack::TlsTransport;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server: Server = std::env::args().nth(1).ok_or("HOST:PORT")?.parse()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    // `main` would print the error with `Debug`. Its text is one sentence.
    let tls = Endpoint::from_file("SipEndpoint.config").map_err(|error| error.to_string())?;
    let transport = TlsTransport::new(tls, listener.local_addr()?)
        .on_end(|peer, why| println!("{peer}: {why}"));
    let layer = TransportLayer::new(CancellationToken::new());
    let sip = transport.install(&mut EndpointBuilder::new(), layer);
    let clients = transport.serve(listener)?.max_connections(5_000);
    tokio::spawn(clients.into_future());
    tokio::spawn(async move { sip.serve().await });

    // Requests connect by themselves. The error says who refused whom, and why.
    match transport.connect(&server).await {
        Ok(address) => println!("connected: {address}"),
        Err(error) => println!("{error}"),
    }
    Ok(())
}
