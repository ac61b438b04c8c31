//! The clients that are compared.

use std::{io, sync::Arc, time::Duration};

use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, ServerConnection, pki_types::UnixTime,
    time_provider::TimeProvider,
};
use sip_tls::{
    crypto,
    verify::{Observer, ServerVerifier},
};

use super::{Case, Outcome, peer};
use crate::{
    handshake::{Pipe, Side, openssl_client},
    ours,
    plan::HOST,
};

/// Enough turns for any handshake.
const TURNS: usize = 10;

/// OpenSSL's client.
pub(super) fn openssl(case: &Case) -> Outcome {
    let (near, far) = Pipe::pair();
    let version = match case.version.version {
        rustls::ProtocolVersion::TLSv1_2 => openssl::ssl::SslVersion::TLS1_2,
        _ => openssl::ssl::SslVersion::TLS1_3,
    };
    let built = case.plan.build();
    let ssl = openssl_client(&built, version).expect("the files of a handshake can be loaded");
    let mut client = Side::from(ssl.connect(near));
    let mut server = Peer::new(case, far);
    for _ in 0..TURNS {
        server.turn();
        client = client.go_on();
    }
    server.turn();
    match (client.error(), server.is_done()) {
        (None, true) => Outcome::Connects,
        (error, _) => Outcome::Refused(error.unwrap_or_else(|| "no end".into()), server.alert),
    }
}

/// rustls with our verifier.
pub(super) fn ours(case: &Case) -> Outcome {
    let (mut near, far) = Pipe::pair();
    let mut server = Peer::new(case, far);
    let mut client = our_client(case);
    let mut error = None;
    for _ in 0..TURNS {
        if error.is_none() {
            error = turn(&mut client, &mut near).err();
        }
        server.turn();
    }
    match error {
        None if !client.is_handshaking() && server.is_done() => Outcome::Connects,
        None => Outcome::Refused("no end".into(), server.alert),
        Some(error) => Outcome::Refused(error.to_string(), server.alert),
    }
}

fn our_client(case: &Case) -> ClientConnection {
    let base = crypto::default_base().expect("this CPU runs graviola");
    let built = case.plan.build();
    let verifier = ours::verifier(&built).expect("the files of a handshake can be loaded");
    let time = Fixed(built.question.time);
    let config = ClientConfig::builder_with_details(
        Arc::new(crypto::client_provider(&base)),
        Arc::new(time),
    )
    .with_protocol_versions(&[case.version])
    .expect("a known version")
    .dangerous()
    .with_custom_certificate_verifier(ServerVerifier::new(verifier, Observer::default()))
    .with_no_client_auth();
    let name = HOST.try_into().expect("a name");
    ClientConnection::new(Arc::new(config), name).expect("a configuration")
}

fn turn(client: &mut ClientConnection, wire: &mut Pipe) -> Result<(), Error> {
    while client.wants_write() {
        client.write_tls(wire).expect("memory");
    }
    let mut result = Ok(());
    while client.read_tls(wire).is_ok_and(|read| read > 0) {
        result = client.process_new_packets().map(|_| ());
        if result.is_err() {
            break;
        }
    }
    while client.wants_write() {
        client.write_tls(wire).expect("memory");
    }
    result
}

/// The server and what it saw.
struct Peer {
    connection: ServerConnection,
    wire: Pipe,
    alert: Option<AlertDescription>,
    is_broken: bool,
}

impl Peer {
    fn new(case: &Case, wire: Pipe) -> Self {
        Self {
            connection: peer::server(case),
            wire,
            alert: None,
            is_broken: false,
        }
    }

    fn turn(&mut self) {
        while !self.is_broken && self.read().is_ok_and(|read| read > 0) {
            if let Err(error) = self.connection.process_new_packets() {
                self.is_broken = true;
                if let Error::AlertReceived(alert) = error {
                    self.alert = Some(alert);
                }
            }
        }
        while self.connection.wants_write() {
            self.connection.write_tls(&mut self.wire).expect("memory");
        }
    }

    fn read(&mut self) -> io::Result<usize> {
        self.connection.read_tls(&mut self.wire)
    }

    fn is_done(&self) -> bool {
        !self.is_broken && !self.connection.is_handshaking()
    }
}

#[derive(Debug)]
struct Fixed(i64);

impl TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = self.0.try_into().ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
