//! Endpoints of sip-tls, from the same files as OpenSSL's.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, ServerConfig};
use sip_tls::options::{TlsOptions, TlsOptionsBuilder};
use sip_tls::{Endpoint, EndpointBuilder};

use super::{Group, Sessions, Settings, Version, text};
use crate::pki::{End, Files};

/// Makes the endpoint of one end.
pub fn endpoint(base: &CryptoProvider, settings: &Settings, files: &Files, end: End) -> Endpoint {
    builder(base, settings, files, end)
        .build()
        .expect("nothing is wrong with the files")
}

/// Makes the builder of one end, for further settings.
pub fn builder(
    base: &CryptoProvider,
    settings: &Settings,
    files: &Files,
    end: End,
) -> EndpointBuilder {
    let options = options(settings, files, end);
    let options = options.build().expect("nothing is wrong with the options");
    let resumes = settings.sessions != Sessions::None;
    let builder = Endpoint::builder(options);
    let builder = match settings.keeps_verdicts {
        true => builder,
        false => builder.kept_verdicts(0),
    };
    builder
        .provider(Arc::new(with_group(base, settings.group)))
        .resumption(resumes && end == End::Client)
        .tls13_tickets(usize::from(resumes))
}

fn options(settings: &Settings, files: &Files, end: End) -> TlsOptionsBuilder {
    let mut options = TlsOptions::builder().set("trusted-ca", text(files.trusted()));
    options = match settings.version {
        Version::Tls12 => options
            .set("sec-protocol", "TLSv12")
            .set("cipher-list", settings.suite()),
        Version::Tls13 => options
            .set("sec-protocol", "TLSv13")
            .set("ciphersuites", settings.suite()),
    };
    if settings.shows_certificate(end) {
        options = options
            .set("certificate", text(files.certificate(end)))
            .set("certificate-key", text(files.key(end)));
    }
    if let Some(files) = settings.list_of(files, end) {
        options = options.set("tls-crl", text(files.list()));
    }
    match end {
        End::Client => options.set("tls-target-name-check", "host"),
        End::Server if settings.mutual => options.set("tls-mutual", "1"),
        End::Server => options,
    }
}

/// The configurations of both ends.
pub fn configs(
    base: &CryptoProvider,
    settings: &Settings,
    files: &Files,
) -> (Arc<ClientConfig>, Arc<ServerConfig>) {
    let client = endpoint(base, settings, files, End::Client);
    let server = endpoint(base, settings, files, End::Server);
    let server = server.server_config().expect("it has a certificate");
    (client.client_config(), server)
}

/// Returns the provider with this group.
pub fn with_group(base: &CryptoProvider, group: Group) -> CryptoProvider {
    let known = |number| base.kx_groups.iter().find(|known| known.name() == number);
    let numbers = group.numbers().iter();
    let groups = numbers.map(|number| *known(*number).expect("every provider has it"));
    CryptoProvider {
        kx_groups: groups.collect(),
        ..base.clone()
    }
}
