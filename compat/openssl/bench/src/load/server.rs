//! A small SIP server, over our library or over `tokio-openssl`: it answers OPTIONS requests, and does nothing else.

use std::path::Path;
use std::pin::Pin;

use ::openssl::ssl::{Ssl, SslContext, SslMode};
use compat_openssl::keys::Kind;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_openssl::SslStream;

use crate::pki::{End, Files};
use crate::side::{Settings, Version, openssl, ours};
use crate::topic::handshakes::base;

/// What both servers and the clients agree on.
pub fn settings() -> Settings {
    Settings::new(Version::Tls13, Kind::P256)
}

/// Serves until the process is ended. The first line of its output says where it listens, as with `sip-tls listen`.
///
/// # Panics
///
/// It cannot listen.
pub fn run(side: &str, folder: &str) {
    let files = Files::open(Path::new(folder));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    match side {
        "ours" => runtime.block_on(serve_ours(&files)),
        _ => runtime.block_on(serve(context(&files))),
    }
}

async fn serve_ours(files: &Files) {
    let endpoint = ours::endpoint(&base(), &settings(), files, End::Server);
    let listener = listen().await;
    let server = endpoint.serve(listener, |connection, _| answer_all(connection));
    server.expect("it has a certificate").await;
}

fn context(files: &Files) -> SslContext {
    let mut context =
        openssl::builder(&settings(), files, End::Server).expect("nothing is wrong with the files");
    context.set_mode(SslMode::RELEASE_BUFFERS);
    context.build()
}

async fn listen() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    println!(
        "listening on {}",
        listener.local_addr().expect("it is bound")
    );
    listener
}

async fn serve(context: SslContext) {
    let listener = listen().await;
    loop {
        let (stream, _) = listener.accept().await.expect("there are descriptors");
        stream.set_nodelay(true).expect("loopback");
        let ssl = Ssl::new(&context).expect("memory");
        tokio::spawn(attend(ssl, stream));
    }
}

async fn attend(ssl: Ssl, stream: TcpStream) {
    let mut stream = SslStream::new(ssl, stream).expect("memory");
    if Pin::new(&mut stream).accept().await.is_ok() {
        answer_all(stream).await;
    }
}

async fn answer_all(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut buffer = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut buffer).await {
        while let Some(end) = head_end(&buffer) {
            let answer = answer(&buffer[..end]);
            buffer.drain(..end);
            if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        }
    }
}

fn head_end(buffer: &[u8]) -> Option<usize> {
    let mut windows = buffer.windows(4);
    windows.position(|end| end == b"\r\n\r\n").map(|at| at + 4)
}

/// Makes the answer 200, with the lines that an answer repeats.
fn answer(head: &[u8]) -> Vec<u8> {
    let mut answer = b"SIP/2.0 200 OK\r\n".to_vec();
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        if REPEATED.iter().any(|name| line.starts_with(name)) {
            answer.extend_from_slice(line);
        }
    }
    answer.extend_from_slice(b"Allow: OPTIONS\r\nContent-Length: 0\r\n\r\n");
    answer
}

const REPEATED: [&[u8]; 5] = [b"Via:", b"From:", b"To:", b"Call-ID:", b"CSeq:"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_repeats_what_it_must() {
        let head = b"OPTIONS sip:a SIP/2.0\r\nVia: v\r\nX: x\r\nCSeq: 1 OPTIONS\r\n\r\n";
        assert_eq!(head_end(head), Some(head.len()));
        let expected = "SIP/2.0 200 OK\r\nVia: v\r\nCSeq: 1 OPTIONS\r\nAllow: OPTIONS\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(String::from_utf8(answer(head)).unwrap(), expected);
    }
}
