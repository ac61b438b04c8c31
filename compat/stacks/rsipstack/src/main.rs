//! A SIP client and server on rsipstack, with TLS by sip-tls.
//!
//!     stack-rsipstack client SipEndpoint.config
//!     stack-rsipstack server SipEndpoint.config 0.0.0.0:5061
//!
//! The client sends OPTIONS and REGISTER to each server of the file that is reached by TLS, makes a call and ends it.
//! With `--again` it repeats all this for each line on its standard input. The server answers. For each line on the
//! standard input, either of them first reads its files again.

mod client;
mod lines;
mod server;

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use rsipstack::EndpointBuilder;
use rsipstack::platform::CancellationToken;
use rsipstack::transaction::Endpoint as Sip;
use rsipstack::transport::TransportLayer;
use sip_tls::Endpoint;
use sip_tls::options::TlsOptions;
use sip_tls::profile::Profile;
use sip_tls::verify::Observer;
use sip_tls_rsipstack::{End, TlsTransport};

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        ["client", config] => client::run(config.as_ref(), false).await,
        ["client", config, "--again"] => client::run(config.as_ref(), true).await,
        ["server", config, address] => server::run(config.as_ref(), address).await,
        _ => Err(
            "usage: stack-rsipstack client CONFIG [--again] | server CONFIG ADDRESS:PORT".into(),
        ),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("failed: {error}");
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn endpoint(config: &Path) -> Result<(Profile, Endpoint), Failure> {
    let profile = Profile::from_file(config)?;
    // The observer prints each refusal, with the number and the address of the connection.
    let observer = Observer::new(|observation| {
        if let (Some(connection), Some(finding)) =
            (observation.connection, observation.status.error())
        {
            let (id, peer) = (connection.id(), connection.peer_address());
            let peer = peer.map_or_else(String::new, |peer| peer.to_string());
            println!("connection {id} with {peer}: {}", finding.statement());
        }
    });
    let options = TlsOptions::from_profile(&profile)?;
    let endpoint = Endpoint::builder(options).observer(observer).build()?;
    Ok((profile, endpoint))
}

/// A stack that runs until it is dropped.
fn stack(tls: &Endpoint, own: SocketAddr) -> (TlsTransport, Sip) {
    let transport = TlsTransport::new(tls.clone(), own).on_end(|peer, end| match end {
        End::Asked | End::Closed => {}
        end => println!("{peer}: {end}"),
    });
    let token = CancellationToken::new();
    let mut builder = EndpointBuilder::new();
    builder.with_cancel_token(token.clone());
    let sip = transport.install(&mut builder, TransportLayer::new(token));
    let serving = sip.inner.clone();
    tokio::spawn(async move { serving.serve().await });
    (transport, sip)
}

/// Reads the files again. If that fails, the endpoint does not change.
fn reload(tls: &Endpoint) {
    match tls.reload() {
        Ok(_) => println!("reloaded"),
        Err(error) => println!("not reloaded: {error}"),
    }
}
