//! Our endpoints.

use std::{error::Error, net::SocketAddr, sync::Arc, time::Duration};

use rustls::{pki_types::UnixTime, time_provider::TimeProvider};
use sip_tls::{Endpoint, EndpointBuilder, options::TlsOptions};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    time::timeout,
};

use super::{
    openssl_peer::{MESSAGE, PATIENCE, ROUNDS},
    pki::Pki,
};

pub(super) fn builder(settings: &[(&str, &str)]) -> EndpointBuilder {
    let pki = Pki::get();
    let paths = [
        ("trusted-ca", pki.trusted()),
        ("certificate", pki.certificate()),
        ("certificate-key", pki.key()),
    ];
    let mut options = TlsOptions::builder();
    for (name, path) in paths {
        options = options.set(name, path.to_str().expect("made of ASCII"));
    }
    for (name, value) in settings {
        options = options.set(*name, *value);
    }
    let options = options.build().expect("good options");
    Endpoint::builder(options).time_provider(Arc::new(Clock))
}

fn endpoint(builder: EndpointBuilder) -> Endpoint {
    builder.build().expect("a good endpoint")
}

/// Connects `times` times with `Endpoint::connect_to`.
pub(super) fn connect(
    builder: EndpointBuilder,
    address: SocketAddr,
    times: usize,
) -> Result<(), String> {
    let server = address.to_string().parse().expect("an address");
    repeat(builder, times, async |endpoint| {
        let stream = endpoint.connect_to(&server, None).await;
        stream.map_err(|e| chain(&e))
    })
}

/// Connects `times` times with the configuration that is handed out.
pub(super) fn connect_handed_out(
    builder: EndpointBuilder,
    address: SocketAddr,
    times: usize,
) -> Result<(), String> {
    repeat(builder, times, async |endpoint| {
        let stream = TcpStream::connect(address).await.map_err(|e| chain(&e))?;
        let name = endpoint.server_name("127.0.0.1").expect("a name");
        let stream = endpoint.connector().connect(name, stream).await;
        stream.map_err(|e| chain(&e))
    })
}

/// Connects with one endpoint again and again, and exchanges messages each time.
fn repeat<S: AsyncRead + AsyncWrite + Unpin>(
    builder: EndpointBuilder,
    times: usize,
    connect: impl AsyncFn(&Endpoint) -> Result<S, String>,
) -> Result<(), String> {
    let endpoint = endpoint(builder);
    block_on(async {
        for _ in 0..times {
            speak(connect(&endpoint).await?).await?;
        }
        Ok(())
    })
}

/// Accepts the connection of a client that runs on a thread of its own.
pub(super) fn accept(
    settings: &[(&str, &str)],
    client: impl FnOnce(SocketAddr) -> Result<(), String> + Send + 'static,
) -> Result<(), String> {
    let endpoint = endpoint(builder(settings));
    let (server, client) = block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback is there");
        let address = listener.local_addr().expect("it is bound");
        let client = tokio::task::spawn_blocking(move || client(address));
        let (stream, _) = listener.accept().await.map_err(|e| chain(&e))?;
        let server = async {
            let mut stream = endpoint.accept(stream).await.map_err(|e| chain(&e))?;
            for _ in 0..ROUNDS {
                let mut message = [0; MESSAGE.len()];
                stream
                    .read_exact(&mut message)
                    .await
                    .map_err(|e| chain(&e))?;
                stream.write_all(&message).await.map_err(|e| chain(&e))?;
                stream.flush().await.map_err(|e| chain(&e))?;
            }
            Ok(())
        };
        let server: Result<(), String> = server.await;
        Ok((server, client.await.expect("the client does not panic")))
    })?;
    server.and(client)
}

async fn speak(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<(), String> {
    for _ in 0..ROUNDS {
        stream.write_all(MESSAGE).await.map_err(|e| chain(&e))?;
        stream.flush().await.map_err(|e| chain(&e))?;
        let mut answer = [0; MESSAGE.len()];
        stream
            .read_exact(&mut answer)
            .await
            .map_err(|e| chain(&e))?;
    }
    Ok(())
}

fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = Runtime::new().expect("a runtime");
    let limited = async { timeout(2 * PATIENCE, work).await };
    let result = runtime.block_on(limited);
    result.unwrap_or_else(|_| Err("nothing more came".to_owned()))
}

fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// The time of the certificates.
#[derive(Debug)]
struct Clock;

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let time = Pki::get().built.question.time.unsigned_abs();
        Some(UnixTime::since_unix_epoch(Duration::from_secs(time)))
    }
}
