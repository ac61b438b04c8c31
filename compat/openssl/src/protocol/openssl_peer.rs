//! OpenSSL at both ends, as an application uses it.

use std::{
    ffi::c_int,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use foreign_types::ForeignTypeRef;
use openssl::ssl::{
    Ssl, SslContext, SslContextBuilder, SslFiletype, SslMethod, SslSession, SslStream,
    SslVerifyMode,
};
use openssl_sys as ffi;

use super::pki::Pki;

/// What a server does with a connection.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner {
    /// Whether the server asks to renegotiate after the first message.
    pub(super) renegotiates: bool,
}

/// Starts a server of this process, which sends back the messages on each connection.
pub(super) fn serve(manner: Manner, configure: impl FnOnce(&mut SslContextBuilder)) -> SocketAddr {
    let context = server(configure);
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
    let address = listener.local_addr().expect("it is bound");
    // The thread ends with the process; each of its sockets has a time limit.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // The client sees what went wrong.
            let _ = answer(&context, stream, manner);
        }
    });
    address
}

pub(super) fn server(configure: impl FnOnce(&mut SslContextBuilder)) -> SslContext {
    let pki = Pki::get();
    let mut context = SslContextBuilder::new(SslMethod::tls_server()).expect("supported");
    context
        .set_certificate_chain_file(pki.certificate())
        .expect("a chain");
    context
        .set_private_key_file(pki.key(), SslFiletype::PEM)
        .expect("its key");
    configure(&mut context);
    context.build()
}

pub(super) fn answer(
    context: &SslContext,
    stream: TcpStream,
    manner: Manner,
) -> Result<(), String> {
    let mut stream = Ssl::new(context)
        .map_err(text)?
        .accept(limited(stream))
        .map_err(text)?;
    echo(&mut stream)?;
    if manner.renegotiates {
        let ssl = stream.ssl().as_ptr();
        // SAFETY: the connection is alive, and nothing else uses it.
        let asked = unsafe { SSL_renegotiate(ssl) == 1 && ffi::SSL_do_handshake(ssl) == 1 };
        if !asked {
            return Err("cannot ask to renegotiate".to_owned());
        }
    }
    (1..ROUNDS).try_for_each(|_| echo(&mut stream))
}

fn echo(stream: &mut SslStream<TcpStream>) -> Result<(), String> {
    let mut message = [0; MESSAGE.len()];
    stream.read_exact(&mut message).map_err(text)?;
    stream.write_all(&message).map_err(text)
}

/// Connects as a client, sends messages and has them sent back.
pub(super) fn connect(address: SocketAddr, server_name: Option<&str>) -> Result<(), String> {
    speak(address, server_name, None).map(|_| ())
}

/// Connects, and once more with the session of the first connection.
pub(super) fn connect_and_resume(address: SocketAddr) -> Result<(), String> {
    let session = speak(address, None, None)?;
    speak(address, None, Some(&session)).map(|_| ())
}

fn speak(
    address: SocketAddr,
    server_name: Option<&str>,
    session: Option<&SslSession>,
) -> Result<SslSession, String> {
    let mut context = SslContextBuilder::new(SslMethod::tls_client()).map_err(text)?;
    context.set_ca_file(Pki::get().trusted()).map_err(text)?;
    context.set_verify(SslVerifyMode::PEER);
    let mut ssl = Ssl::new(&context.build()).map_err(text)?;
    ssl.param_mut().set_time(Pki::get().built.question.time);
    if let Some(name) = server_name {
        ssl.set_hostname(name).map_err(text)?;
    }
    if let Some(session) = session {
        // SAFETY: another context of this process made the session, with the same settings.
        unsafe { ssl.set_session(session) }.map_err(text)?;
    }
    let stream = limited(TcpStream::connect(address).map_err(text)?);
    let mut stream = ssl.connect(stream).map_err(text)?;
    for _ in 0..ROUNDS {
        stream.write_all(MESSAGE).map_err(text)?;
        let mut answer = [0; MESSAGE.len()];
        stream.read_exact(&mut answer).map_err(text)?;
    }
    // OpenSSL drops the session of a connection that is not closed.
    stream.shutdown().map_err(text)?;
    let session = stream.ssl().session().ok_or("no session")?;
    Ok(session.to_owned())
}

pub(super) const MESSAGE: &[u8] = b"OPTIONS sip:a@b\n";
/// The answer to a request of the server arrives with the message after the next.
pub(super) const ROUNDS: usize = 3;
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

fn limited(stream: TcpStream) -> TcpStream {
    for limit in [TcpStream::set_read_timeout, TcpStream::set_write_timeout] {
        limit(&stream, Some(PATIENCE)).expect("a time limit above 0");
    }
    stream
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

// A call that openssl-sys does not declare.
unsafe extern "C" {
    fn SSL_renegotiate(ssl: *mut ffi::SSL) -> c_int;
}
