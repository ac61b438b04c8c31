//! A SIP client and server on ezk, with TLS by sip-tls.
//!
//!     stack-ezk client SipEndpoint.config
//!     stack-ezk server SipEndpoint.config 0.0.0.0:5061
//!
//! The client sends OPTIONS and REGISTER to each server of the file that is reached by TLS, makes a call and ends it.
//! With `--again` it repeats all this for each line on its standard input. The server answers. For each line on the
//! standard input, either of them first reads its files again.

mod client;
mod journal;
mod lines;
mod server;

use std::path::Path;
use std::process::ExitCode;

use sip_tls::Endpoint;
use sip_tls::options::TlsOptions;
use sip_tls::profile::Profile;
use sip_tls::verify::{Observer, Purpose};

#[tokio::main]
async fn main() -> ExitCode {
    journal::begin();
    let args: Vec<_> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        ["client", config] => client::run(config.as_ref(), false).await,
        ["client", config, "--again"] => client::run(config.as_ref(), true).await,
        ["server", config, address] => server::run(config.as_ref(), address).await,
        _ => Err("usage: stack-ezk client CONFIG [--again] | server CONFIG ADDRESS:PORT".into()),
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

/// Reads a configuration, and makes an endpoint of it. Refusals are printed when they happen, because ezk reports only
/// that there is no connection.
fn endpoint(config: &Path) -> Result<(Profile, Endpoint), Failure> {
    let profile = Profile::from_file(config)?;
    let observer = Observer::new(|observation| {
        let Some(finding) = observation.status.error() else {
            return;
        };
        match observation.status.purpose() {
            Purpose::Client => println!("refused a client: {}", finding.statement()),
            _ => {
                let tag = observation.tag.unwrap_or("a server");
                println!("refused {tag}: {}", finding.statement());
            }
        }
    });
    let options = TlsOptions::from_profile(&profile)?;
    let endpoint = Endpoint::builder(options).observer(observer).build()?;
    Ok((profile, endpoint))
}

/// Reads the files again. If that fails, the endpoint does not change.
fn reload(tls: &Endpoint) {
    match tls.reload() {
        Ok(_) => println!("reloaded"),
        Err(error) => println!("not reloaded: {error}"),
    }
}
