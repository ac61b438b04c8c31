//! Connections of OpenSSL.

use std::io::{Read as _, Write as _};

use std::os::raw::{c_int, c_long};

use foreign_types::ForeignType as _;
use openssl::bn::BigNum;
use openssl::dh::Dh;
use openssl::ssl::{
    Error, ErrorCode, Ssl, SslContext, SslFiletype, SslMethod, SslOptions, SslSessionCacheMode,
    SslStream, SslVerifyMode, SslVersion,
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
    if suite.has_short_tag() {
        // Since 3.2 no other level allows them.
        context.set_security_level(0);
    }
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
        // SAFETY: the group lives.
        assert_eq!(unsafe { DH_set_length(group.as_ptr(), EXPONENT_BITS) }, 1);
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
    // Our side has no encrypt-then-MAC, and neither side resumes.
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
        let end = || Ssl::new(context).expect("OpenSSL");
        Self::connect_ends(end(), end()).expect("nothing is in the way")
    }

    /// Connects these two.
    ///
    /// # Errors
    ///
    /// One side refuses the other.
    pub fn connect_ends(client: Ssl, server: Ssl) -> Result<Self, Error> {
        let ends = wire();
        let mut pair = Self {
            client: SslStream::new(client, ends.0)?,
            server: SslStream::new(server, ends.1)?,
        };
        // No handshake has more flights.
        for _ in 0..20 {
            let client = pair.client.connect();
            let server = pair.server.accept();
            if client.is_ok() && server.is_ok() {
                pair.take_tickets()?;
                return Ok(pair);
            }
            for error in [client.err(), server.err()].into_iter().flatten() {
                if error.code() != ErrorCode::WANT_READ {
                    return Err(error);
                }
            }
        }
        panic!("the handshake does not end")
    }

    /// Reads what comes after the handshake, such as tickets.
    fn take_tickets(&mut self) -> Result<(), Error> {
        match self.client.ssl_read(&mut [0]) {
            Err(error) if error.code() == ErrorCode::WANT_READ => Ok(()),
            Err(error) => Err(error),
            Ok(_) => unreachable!("the server sends no message"),
        }
    }

    /// Both connections.
    pub fn into_ends(self) -> (SslStream<End>, SslStream<End>) {
        (self.client, self.server)
    }
}

/// The length of exponents: as long as ours are, in the group of 2048 bits.
const EXPONENT_BITS: c_long = 256;

unsafe extern "C" {
    fn DH_set_length(group: *mut openssl_sys::DH, bits: c_long) -> c_int;
}

impl Pair for OpenSsl {
    fn send(&mut self, message: &[u8], buffer: &mut [u8]) {
        self.client.write_all(message).expect("memory");
        self.server.read_exact(buffer).expect("what was sent");
    }
}
