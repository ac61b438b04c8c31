//! Options as an administrator writes them, with the files of the test PKI.

use sip_tls::options::TlsOptions;
use sip_tls::{Endpoint, Error};

use crate::endpoint::in_memory::Observed;
use crate::endpoint::test_pki::TestPki;

/// Reads settings; a file of the test PKI goes by its bare name.
#[track_caller]
pub(crate) fn options(settings: &[(&str, &str)]) -> TlsOptions {
    let add = |builder: sip_tls::options::TlsOptionsBuilder, (name, value): &(&str, &str)| {
        builder.set(*name, placed(name, value))
    };
    let builder = settings.iter().fold(TlsOptions::builder(), add);
    builder.build().unwrap()
}

/// The endpoint of these settings.
#[track_caller]
pub(crate) fn endpoint(settings: &[(&str, &str)]) -> Endpoint {
    built(settings).unwrap()
}

pub(crate) fn built(settings: &[(&str, &str)]) -> Result<Endpoint, Error> {
    Endpoint::builder(options(settings)).build()
}

/// The endpoint of these settings, and what its verifiers find.
#[track_caller]
pub(crate) fn observed(settings: &[(&str, &str)]) -> (Endpoint, Observed) {
    let observed = Observed::default();
    let builder = Endpoint::builder(options(settings)).observer(observed.observer());
    (builder.build().unwrap(), observed)
}

/// The value with the paths of the files that it names.
pub(crate) fn placed(name: &str, value: &str) -> String {
    if !FILE_OPTIONS.contains(&name) || value.is_empty() || value == "webpki-roots" {
        return value.to_owned();
    }
    let pki = TestPki::get();
    let paths = value
        .split(',')
        .map(|file| pki.path(file).display().to_string());
    paths.collect::<Vec<_>>().join(",")
}

const FILE_OPTIONS: [&str; 7] = [
    "certificate",
    "cert_file",
    "certificate-key",
    "priv_key_file",
    "trusted-ca",
    "ca_list_file",
    "tls-crl",
];
