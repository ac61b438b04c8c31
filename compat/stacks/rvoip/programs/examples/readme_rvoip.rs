use std::error::Error;
use std::sync::Arc;

use rvoip_sip_dialog::transaction::TransactionManager;
use rvoip_sip_dialog::transaction::builders::client_quick;
use sip_tls::Endpoint;
use sip_tls_rvoip::EndpointTransport;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args().nth(1).ok_or("ADDRESS:PORT")?.parse()?;
    // `main` would print the error with `Debug`. Its text is one sentence.
    let tls = Endpoint::from_file("SipEndpoint.config").map_err(|error| error.to_string())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let ours = listener.local_addr()?;
    let builder = EndpointTransport::builder(tls).listen(listener);
    let (transport, events) = builder.max_connections(5_000).start()?;
    let sip = Arc::new(transport.clone());
    let (sip, _requests) = TransactionManager::new(sip, events, None).await?;

    let uri = format!("sip:{server};transport=tls");
    let options = client_quick::options(&uri, "sip:phone@example.com", ours)?;
    let transaction = sip.create_client_transaction(options, server).await?;
    let sent = sip.send_request(&transaction).await;
    match (sent, transport.last_failure(server)) {
        (Ok(()), _) => println!("connected"),
        // rvoip says that there is no connection, and the transport why.
        (Err(_), Some(failure)) => println!("{failure}"),
        (Err(error), None) => println!("{error}"),
    }
    Ok(())
}
