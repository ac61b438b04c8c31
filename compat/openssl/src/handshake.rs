//! Asks the same question in a real handshake in memory, to prove that direct verification asks the same.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, Read, Write},
    rc::Rc,
};

use foreign_types::ForeignTypeRef;
use openssl::{
    ssl::{
        HandshakeError, MidHandshakeSslStream, Ssl, SslContext, SslContextBuilder, SslMethod,
        SslStream, SslVerifyMode, SslVersion,
    },
    x509::{X509, X509VerifyResult},
};
use openssl_sys as ffi;

use crate::{
    answer::Answer,
    build::Built,
    oracle::{self, Scratch},
    plan::Purpose,
};

/// How a handshake ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The peer's certificates were verified with this result, and the handshake went accordingly.
    Verified(i32),
    /// The handshake failed although the certificates were good, or before they were looked at.
    Broken(String),
    /// libssl does not present these certificates.
    CannotPresent,
    /// A file of the side under test could not be loaded.
    NotLoaded,
}

impl Outcome {
    /// Whether the handshake agrees with what verification alone says; `None` if it never came to verification.
    pub fn agrees(&self, answer: Answer) -> Option<bool> {
        match (self, answer) {
            (Self::Verified(code), Answer::Accepted) => Some(*code == 0),
            (Self::Verified(code), Answer::Refused { code: expected, .. }) => {
                Some(*code == expected)
            }
            (Self::Verified(_), _) => Some(false),
            (Self::NotLoaded, answer) => Some(answer == Answer::Load),
            (Self::Broken(_) | Self::CannotPresent, _) => None,
        }
    }
}

/// Runs the case as a handshake of this version.
pub fn run(case: &Built, version: SslVersion) -> Outcome {
    let Some(peer) = presenting(case, version) else {
        return Outcome::CannotPresent;
    };
    let Ok(own) = verifying(case, version) else {
        return Outcome::NotLoaded;
    };
    let (client, server) = match case.question.purpose {
        Purpose::Client => (peer, own),
        Purpose::Server => (own, peer),
    };
    let (result, error) = shake(client, server, case.question.purpose);
    match (result.as_raw(), error) {
        (0, Some(error)) => Outcome::Broken(error),
        (code, _) => Outcome::Verified(code),
    }
}

/// OpenSSL's client of a case; `None` if a file cannot be loaded.
pub(crate) fn openssl_client(case: &Built, version: SslVersion) -> Option<Ssl> {
    verifying(case, version).ok()
}

/// The side under test, configured as an application does.
fn verifying(case: &Built, version: SslVersion) -> Result<Ssl, ()> {
    let question = &case.question;
    let mut context = plain(version);
    context.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    context.set_security_level(question.level.into());
    context
        .set_ca_file(&Scratch::new(&case.trusted_file()).0)
        .map_err(|_| ())?;
    if let Some(text) = &case.crls {
        oracle::load_crls(context.cert_store_mut(), text).ok_or(())?;
    }
    if question.purpose == Purpose::Client {
        own_certificate(&mut context);
    }
    let mut ssl = Ssl::new(&context.build()).map_err(|_| ())?;
    let param = ssl.param_mut();
    param.set_time(question.time);
    if let Some(host) = &question.host {
        param.set_host(host).map_err(|_| ())?;
    }
    if let Some(ip) = question.ip {
        param.set_ip(ip).map_err(|_| ())?;
    }
    // SAFETY: the pointer is that of a live parameter set.
    unsafe { ffi::X509_VERIFY_PARAM_set_flags(param.as_ptr(), oracle::flags(question.revocation)) };
    Ok(ssl)
}

/// The peer, which presents the certificates of the case. `None` if OpenSSL writes them in another way.
fn presenting(case: &Built, version: SslVersion) -> Option<Ssl> {
    let mut context = plain(version);
    context.set_security_level(0);
    let certs: Vec<X509> = case
        .chain
        .iter()
        .map(|der| unchanged(der))
        .collect::<Option<_>>()?;
    context.set_certificate(&certs[0]).ok()?;
    context.set_private_key(&case.key).ok()?;
    for cert in &certs[1..] {
        context.add_extra_chain_cert(cert.clone()).ok()?;
    }
    Ssl::new(&context.build()).ok()
}

fn unchanged(der: &[u8]) -> Option<X509> {
    let cert = X509::from_der(der).ok()?;
    (cert.to_der().ok()? == der).then_some(cert)
}

fn plain(version: SslVersion) -> SslContextBuilder {
    let mut context = SslContext::builder(SslMethod::tls()).expect("memory");
    hold_to(&mut context, version);
    context
}

/// Allows only this version.
pub(crate) fn hold_to(context: &mut SslContextBuilder, version: SslVersion) {
    let set = [
        context.set_min_proto_version(Some(version)),
        context.set_max_proto_version(Some(version)),
    ];
    for set in set {
        set.expect("supported");
    }
}

/// The server that checks a client needs a certificate of its own, which nobody checks.
fn own_certificate(context: &mut SslContextBuilder) {
    let built = crate::plan::Plan::new().build();
    let cert = X509::from_der(&built.chain[0]).expect("nothing is wrong with it");
    context
        .set_certificate(&cert)
        .expect("nothing is wrong with it");
    context.set_private_key(&built.key).expect("its key");
}

pub(crate) type Shaking = Result<SslStream<Pipe>, HandshakeError<Pipe>>;

fn shake(client: Ssl, server: Ssl, verified: Purpose) -> (X509VerifyResult, Option<String>) {
    let (near, far) = Pipe::pair();
    let mut client = Side::from(client.connect(near));
    let mut server = Side::from(server.accept(far));
    for _ in 0..20 {
        client = client.go_on();
        server = server.go_on();
    }
    let error = client.error().or_else(|| server.error());
    let own = match verified {
        Purpose::Client => server,
        Purpose::Server => client,
    };
    (own.result(), error)
}

pub(crate) enum Side {
    Done(SslStream<Pipe>),
    Failed(MidHandshakeSslStream<Pipe>),
    Midway(MidHandshakeSslStream<Pipe>),
}

impl Side {
    pub(crate) fn from(shaking: Shaking) -> Self {
        match shaking {
            Ok(stream) => Self::Done(stream),
            Err(HandshakeError::WouldBlock(midway)) => Self::Midway(midway),
            Err(HandshakeError::Failure(failed)) => Self::Failed(failed),
            Err(HandshakeError::SetupFailure(error)) => panic!("{error}"),
        }
    }

    pub(crate) fn go_on(self) -> Self {
        match self {
            Self::Midway(midway) => Self::from(midway.handshake()),
            // A TLS 1.3 client is done before the server has looked at its certificate.
            other => other,
        }
    }

    pub(crate) fn error(&self) -> Option<String> {
        match self {
            Self::Done(_) => None,
            Self::Failed(failed) => Some(failed.error().to_string()),
            Self::Midway(_) => Some("the peer has gone".into()),
        }
    }

    fn result(&self) -> X509VerifyResult {
        match self {
            Self::Done(stream) => stream.ssl().verify_result(),
            Self::Failed(midway) | Self::Midway(midway) => midway.ssl().verify_result(),
        }
    }
}

/// One end of a connection in memory.
pub(crate) struct Pipe {
    reads: Rc<RefCell<VecDeque<u8>>>,
    writes: Rc<RefCell<VecDeque<u8>>>,
}

impl Pipe {
    pub(crate) fn pair() -> (Self, Self) {
        let (a, b) = (Rc::default(), Rc::default());
        (
            Self {
                reads: Rc::clone(&a),
                writes: Rc::clone(&b),
            },
            Self {
                reads: b,
                writes: a,
            },
        )
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut reads = self.reads.borrow_mut();
        match reads.read(buffer)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.writes.borrow_mut().extend(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
