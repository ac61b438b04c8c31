//! The cases.

use std::net::SocketAddr;

use openssl::{
    bn::BigNum,
    dh::Dh,
    pkey::Params,
    ssl::{SslContextBuilder, SslOptions, SslVerifyMode, SslVersion},
};

use super::{
    Case,
    gnutls::Server,
    openssl_peer::{self, Manner, serve},
    ours,
    pki::Pki,
};
use crate::{der, handshake::hold_to, oracle::Scratch};

const OWN: &[u8] = include_bytes!("../../../../tests/testdata/endpoint/dh2048.pem");
const DHE: &str = "DHE-RSA-AES128-GCM-SHA256";
const BOTH: &str = "DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";

/// All cases: `connect` is `Endpoint::connect`, `config` the configuration of a client that is handed out, `accept`
/// our server.
pub fn cases() -> Vec<Case> {
    let mut cases = key_exchange();
    cases.extend(sessions());
    cases.extend(protocol());
    cases.extend(NAMES.iter().map(|(name, sni)| server_name(name, sni)));
    cases
}

fn case(
    name: &'static str,
    cause: &'static str,
    openssl: impl Fn() -> Result<(), String> + 'static,
    ours: impl Fn() -> Result<(), String> + 'static,
) -> Case {
    Case {
        name,
        openssl: Box::new(openssl),
        ours: Box::new(ours),
        cause,
    }
}

fn key_exchange() -> Vec<Case> {
    let plain = || ours::builder(&[]);
    vec![
        case(
            "connect/dhe-preferred-with-a-group-of-its-own",
            "",
            || openssl(own_group(BOTH)),
            move || ours::connect(plain(), own_group(BOTH), 2),
        ),
        case(
            "config/dhe-preferred-with-a-group-of-its-own",
            "",
            || openssl(own_group(BOTH)),
            move || ours::connect_handed_out(plain(), own_group(BOTH), 2),
        ),
        case(
            "connect/dhe-only-with-a-named-group",
            "",
            || openssl(named_group()),
            move || ours::connect(plain(), named_group(), 2),
        ),
        case(
            "config/dhe-only-with-a-named-group",
            "HandshakeFailure",
            || openssl(named_group()),
            move || ours::connect_handed_out(plain(), named_group(), 1),
        ),
        case(
            "config/dhe-only-with-a-named-group-and-offer-dhe",
            "",
            || openssl(named_group()),
            move || ours::connect_handed_out(plain().offer_dhe(true), named_group(), 1),
        ),
        case(
            "connect/dhe-only-with-a-group-of-its-own",
            "a Diffie-Hellman group of its own",
            || openssl(own_group(DHE)),
            move || ours::connect(plain(), own_group(DHE), 1),
        ),
    ]
}

/// A client of OpenSSL has no session unless its application gives it one.
fn sessions() -> Vec<Case> {
    let ask = |resumes: bool| {
        move || {
            for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
                ours::connect(
                    ours::builder(&[]).resumption(resumes),
                    no_context(version),
                    3,
                )?;
            }
            Ok(())
        }
    };
    let openssl = || openssl(no_context(SslVersion::TLS1_2));
    let resuming = || ours::builder(&[]).resumption(true);
    vec![
        case(
            "config/resumption-without-a-session-id-context",
            "InternalError",
            || openssl_peer::connect_and_resume(no_context(SslVersion::TLS1_2)),
            move || ours::connect_handed_out(resuming(), no_context(SslVersion::TLS1_2), 2),
        ),
        case(
            "connect/without-a-session-id-context",
            "",
            openssl,
            ask(false),
        ),
        case(
            "connect/resumption-without-a-session-id-context",
            "",
            openssl,
            ask(true),
        ),
    ]
}

fn protocol() -> Vec<Case> {
    let plain = || ours::builder(&[]);
    vec![
        case(
            "connect/legacy-renegotiation",
            "RFC 5746",
            || with_legacy(openssl),
            move || with_legacy(|at| ours::connect(plain(), at, 1)),
        ),
        case(
            "config/legacy-renegotiation",
            "",
            || with_legacy(openssl),
            move || with_legacy(|at| ours::connect_handed_out(plain(), at, 1)),
        ),
        case(
            "connect/certificate-message-of-80-kib",
            "is longer than 64 KiB, the limit of rustls",
            || openssl(long_chain()),
            move || ours::connect(plain(), long_chain(), 1),
        ),
        case(
            "connect/renegotiation",
            "the peer asked to renegotiate, which rustls does not support",
            || openssl(renegotiating()),
            move || ours::connect(plain(), renegotiating(), 1),
        ),
    ]
}

fn server_name(name: &'static str, sni: &'static str) -> Case {
    case(
        name,
        "which is neither a DNS name nor an IP address",
        move || openssl_peer::connect(serve(Manner::default(), |_| ()), Some(sni)),
        move || ours::accept(&[], move |at| openssl_peer::connect(at, Some(sni))),
    )
}

const NAMES: [(&str, &str); 14] = [
    ("accept/sni-with-port", "sip.example.com:5061"),
    ("accept/sni-in-brackets", "[sip.example.com]"),
    ("accept/sni-address-in-brackets", "[::1]"),
    ("accept/sni-uri", "sip:sip.example.com"),
    ("accept/sni-not-in-ascii", "münchen.example"),
    ("accept/sni-wildcard", "*.example.com"),
    ("accept/sni-leading-hyphen", "-sip.example.com"),
    ("accept/sni-blank", "sip example"),
    ("accept/sni-digits-and-dots", "1.2.3"),
    ("accept/sni-address", "127.0.0.1"),
    ("accept/sni-address-of-ipv6", "::1"),
    ("accept/sni-trailing-dot", "sip.example.com."),
    ("accept/sni-underscore", "sip_1.example.com"),
    ("accept/sni-plain", "sip.example.com"),
];

fn openssl(address: SocketAddr) -> Result<(), String> {
    openssl_peer::connect(address, None)
}

/// A server that prefers DHE, with a group that its administrator made.
fn own_group(suites: &'static str) -> SocketAddr {
    dhe(suites, Dh::params_from_pem(OWN).expect("a good file"))
}

/// A server with nothing but DHE, and a group of RFC 3526.
fn named_group() -> SocketAddr {
    let prime = BigNum::get_rfc3526_prime_2048().expect("known");
    let generator = BigNum::from_u32(2).expect("small");
    dhe(
        DHE,
        Dh::from_pqg(prime, None, generator).expect("a good group"),
    )
}

fn dhe(suites: &'static str, group: Dh<Params>) -> SocketAddr {
    serve(Manner::default(), |context| {
        tls12(context);
        context.set_options(SslOptions::CIPHER_SERVER_PREFERENCE);
        context.set_cipher_list(suites).expect("good names");
        context.set_tmp_dh(&group).expect("a good group");
    })
}

/// A server that verifies clients, and has no session id context.
fn no_context(version: SslVersion) -> SocketAddr {
    serve(Manner::default(), |context| {
        hold_to(context, version);
        context
            .set_ca_file(Pki::get().trusted())
            .expect("a good file");
        // The client's certificate is one of a server.
        context.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
    })
}

/// A server whose certificate message is longer than rustls takes, and shorter than the 100 KiB that OpenSSL takes.
fn long_chain() -> SocketAddr {
    let chain = &Pki::get().built.chain;
    let count = 80 * 1024 / chain[1].len();
    let certificates = std::iter::once(&chain[0]).chain(std::iter::repeat_n(&chain[1], count));
    let file = certificates
        .map(|der| der::pem("CERTIFICATE", der))
        .collect::<String>();
    let file = Scratch::new(file.as_bytes());
    serve(Manner::default(), |context| {
        context
            .set_certificate_chain_file(&file.0)
            .expect("a chain");
    })
}

fn renegotiating() -> SocketAddr {
    serve(Manner { renegotiates: true }, tls12)
}

fn tls12(context: &mut SslContextBuilder) {
    hold_to(context, SslVersion::TLS1_2);
}

/// A TLS 1.2 server without secure renegotiation.
fn with_legacy(meet: impl Fn(SocketAddr) -> Result<(), String>) -> Result<(), String> {
    let priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:%DISABLE_SAFE_RENEGOTIATION";
    let server = Server::start(priority)?;
    meet(server.address)
}
