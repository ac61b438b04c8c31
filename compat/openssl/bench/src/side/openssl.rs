//! Contexts of OpenSSL, from the same files as our endpoints.

use std::os::raw::c_int;
use std::sync::{Arc, Mutex};

use compat_suites::openssl_pair::OpenSsl;
use foreign_types::ForeignTypeRef as _;
use openssl::error::ErrorStack;
use openssl::ssl::{
    Error, Ssl, SslContext, SslContextBuilder, SslFiletype, SslMethod, SslMode, SslOptions, SslRef,
    SslSession, SslSessionCacheMode, SslVerifyMode, SslVersion,
};
use openssl::x509::store::X509Lookup;
use openssl::x509::verify::X509VerifyFlags;
use openssl_sys as ffi;

use super::{HOST, Sessions, Settings, Version};
use crate::pki::{End, Files};

/// Makes the context of one end.
///
/// # Panics
///
/// A file cannot be loaded.
pub fn context(settings: &Settings, files: &Files, end: End) -> SslContext {
    builder(settings, files, end)
        .expect("nothing is wrong with the files")
        .build()
}

/// Makes the builder of one end, for further settings.
///
/// # Errors
///
/// A file cannot be loaded.
pub fn builder(
    settings: &Settings,
    files: &Files,
    end: End,
) -> Result<SslContextBuilder, ErrorStack> {
    let mut context = SslContext::builder(SslMethod::tls())?;
    let version = match settings.version {
        Version::Tls12 => {
            context.set_cipher_list(settings.suite())?;
            SslVersion::TLS1_2
        }
        Version::Tls13 => {
            context.set_ciphersuites(settings.suite())?;
            SslVersion::TLS1_3
        }
    };
    context.set_min_proto_version(Some(version))?;
    context.set_max_proto_version(Some(version))?;
    context.set_groups_list(settings.group.openssl())?;
    if settings.shows_certificate(end) {
        context.set_certificate_chain_file(files.certificate(end))?;
        context.set_private_key_file(files.key(end), SslFiletype::PEM)?;
    }
    context.set_ca_file(files.trusted())?;
    if let Some(files) = settings.list_of(files, end) {
        let lookup = context.cert_store_mut().add_lookup(X509Lookup::file())?;
        lookup.load_crl_file(files.list(), SslFiletype::PEM)?;
        context
            .verify_param_mut()
            .set_flags(X509VerifyFlags::CRL_CHECK)?;
    }
    if settings.checks_certificate(end) {
        let required = SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT;
        context.set_verify(required);
    }
    set_sessions(&mut context, settings, end)?;
    Ok(context)
}

fn set_sessions(
    context: &mut SslContextBuilder,
    settings: &Settings,
    end: End,
) -> Result<(), ErrorStack> {
    if settings.sessions != Sessions::Tickets {
        context.set_options(SslOptions::NO_TICKET);
    }
    match (settings.sessions, end) {
        (Sessions::None, _) => {
            context.set_session_cache_mode(SslSessionCacheMode::OFF);
            context.set_num_tickets(0)?;
        }
        (_, End::Client) => {
            let mode = SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL;
            context.set_session_cache_mode(mode);
        }
        (_, End::Server) => {
            context.set_session_cache_mode(SslSessionCacheMode::SERVER);
            context.set_session_id_context(b"bench")?;
            context.set_num_tickets(1)?;
        }
    }
    Ok(())
}

/// Makes a connection to the server of all certificates here. The client sends the name, and checks it.
///
/// # Panics
///
/// There is no memory.
pub fn client(context: &SslContext) -> Ssl {
    let mut ssl = Ssl::new(context).expect("memory");
    ssl.set_hostname(HOST).expect("a name");
    ssl.param_mut().set_host(HOST).expect("a name");
    ssl
}

/// Marks a connection as ended in order. OpenSSL withdraws the sessions of others.
pub fn end(connection: &SslRef) {
    // SAFETY: the connection lives.
    unsafe { ffi::SSL_set_shutdown(connection.as_ptr(), SENT_AND_RECEIVED) };
}

const SENT_AND_RECEIVED: c_int = 3;

/// Both ends.
pub struct Contexts {
    pub client: SslContext,
    pub server: SslContext,
    /// The newest session of the client.
    session: Arc<Mutex<Option<SslSession>>>,
}

impl Contexts {
    pub fn new(settings: &Settings, files: &Files) -> Self {
        Self::with_mode(settings, files, SslMode::empty())
    }

    /// Makes both contexts, with an additional mode.
    pub fn with_mode(settings: &Settings, files: &Files, mode: SslMode) -> Self {
        let session = Arc::new(Mutex::new(None));
        let made = |end| {
            let mut context =
                builder(settings, files, end).expect("nothing is wrong with the files");
            context.set_mode(mode);
            context
        };
        let mut client = made(End::Client);
        if settings.sessions != Sessions::None {
            let newest = session.clone();
            client.set_new_session_callback(move |_, session| {
                *newest.lock().expect("one thread") = Some(session);
            });
        }
        Self {
            client: client.build(),
            server: made(End::Server).build(),
            session,
        }
    }

    /// Makes the ends of a new connection, with the newest session if there is one.
    pub fn ends(&self) -> (Ssl, Ssl) {
        let mut client = client(&self.client);
        if let Some(session) = &*self.session.lock().expect("one thread") {
            // SAFETY: the session was made by the client's context.
            unsafe { client.set_session(session) }.expect("a session");
        }
        (client, Ssl::new(&self.server).expect("memory"))
    }

    /// Makes a connection.
    ///
    /// # Errors
    ///
    /// One side refuses the other.
    pub fn connect(&self) -> Result<OpenSsl, Error> {
        let (client, server) = self.ends();
        OpenSsl::connect_ends(client, server)
    }
}
