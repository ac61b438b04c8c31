use std::error::Error;

use ezk_sip_core::Endpoint as Sip;
use ezk_sip_types::uri::SipUri;
use sip_tls::Endpoint;
use sip_tls::profile::Server;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server: Server = std::env::args().nth(1).ok_or("HOST:PORT")?.parse()?;
    // `main` would print the error with `Debug`. Its text is one sentence.
    let tls = Endpoint::from_file("SipEndpoint.config").map_err(|error| error.to_string())?;
    let mut builder = Sip::builder();
    builder.use_rustls_connector(tls.connector());
    let ours = "127.0.0.1:0".parse()?;
    builder.listen_rustls(ours, tls.acceptor()?).await?;
    let sip = builder.build();

    let uri: SipUri = format!("sip:{server};transport=tls").parse()?;
    let reached = sip.select_transport(&uri).await;
    match (reached, tls.last_refusal(server.host())) {
        (Ok(_), _) => println!("connected"),
        // ezk says that there is no connection, and the endpoint why.
        (Err(_), Some(refusal)) => println!("refused: {refusal}"),
        (Err(error), None) => println!("{error}"),
    }
    Ok(())
}
