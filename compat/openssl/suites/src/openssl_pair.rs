//! Connections of OpenSSL.

use std::io::{Read as _, Write as _};

use openssl::bn::BigNum;
use openssl::dh::Dh;
use openssl::ssl::{
    Ssl, SslContext, SslFiletype, SslMethod, SslOptions, SslSessionCacheMode, SslStream,
    SslVerifyMode, SslVersion,
};

use crate::memory::{End, Pair, wire};
use crate::ours::file;
use crate::suites::Suite;

pub fn context(suite: &Suite) -> SslContext {
    let mut context = SslContext::builder(SslMethod::tls()).expect("OpenSSL");
    let version = if suite.is_tls13() {
        context.set_ciphersuites(suite.name).expect("a suite");
        SslVersion::TLS1_3
    } else {
        context.set_cipher_list(suite.name).expect("a suite");
        SslVersion::TLS1_2
    };
    context
        .set_min_proto_version(Some(version))
        .expect("a version");
    context
        .set_max_proto_version(Some(version))
        .expect("a version");
    context.set_groups_list("X25519:P-256").expect("two groups");
    if suite.is_dhe() {
        let prime = BigNum::get_rfc3526_prime_2048().expect("a prime");
        let generator = BigNum::from_u32(2).expect("two");
        let group = Dh::from_pqg(prime, None, generator).expect("a group");
        context.set_tmp_dh(&group).expect("a group");
    }
    let certificate = file(&format!("{}.crt", suite.key));
    context
        .set_certificate_file(certificate, SslFiletype::PEM)
        .expect("a certificate");
    let key = file(&format!("{}.key", suite.key));
    context
        .set_private_key_file(key, SslFiletype::PEM)
        .expect("a key");
    context.set_verify(SslVerifyMode::NONE);
    // Ours has no encrypt-then-MAC, and neither side resumes.
    let no_encrypt_then_mac = SslOptions::from_bits_retain(1 << 19);
    context.set_options(no_encrypt_then_mac | SslOptions::NO_TICKET);
    context.set_session_cache_mode(SslSessionCacheMode::OFF);
    context.set_num_tickets(0).expect("no tickets");
    context.build()
}

/// Both ends of a connection.
pub struct OpenSsl {
    client: SslStream<End>,
    server: SslStream<End>,
}

impl OpenSsl {
    pub fn connect(context: &SslContext) -> Self {
        let ends = wire();
        let stream = |end| SslStream::new(Ssl::new(context).expect("OpenSSL"), end);
        let mut pair = Self {
            client: stream(ends.0).expect("OpenSSL"),
            server: stream(ends.1).expect("OpenSSL"),
        };
        loop {
            let client = pair.client.connect();
            let server = pair.server.accept();
            if client.is_ok() && server.is_ok() {
                return pair;
            }
            for error in [client.err(), server.err()].into_iter().flatten() {
                assert!(error.io_error().is_some(), "{error}");
            }
        }
    }
}

impl Pair for OpenSsl {
    fn send(&mut self, message: &[u8], buffer: &mut [u8]) {
        self.client.write_all(message).expect("memory");
        self.server.read_exact(buffer).expect("what was sent");
    }
}
