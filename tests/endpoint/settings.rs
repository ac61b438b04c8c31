//! Options as an administrator writes them, with files of the test PKI.

use std::sync::Arc;

use sip_tls::options::{TlsOptions, TlsOptionsBuilder};
use sip_tls::{Endpoint, EndpointBuilder, Error};

use crate::endpoint::in_memory::{FixedTime, Observed};
use crate::endpoint::test_pki::{NOW, TestPki};

/// Options with these settings. A file of the test PKI is given by its name alone.
pub(crate) fn options(settings: &[(&str, &str)]) -> TlsOptionsBuilder {
    let add = |builder: TlsOptionsBuilder, (name, value): &(&str, &str)| {
        builder.set(*name, placed(name, value))
    };
    settings.iter().fold(TlsOptions::builder(), add)
}

/// The endpoint of these settings, at [`NOW`].
#[track_caller]
pub(crate) fn endpoint(settings: &[(&str, &str)]) -> Endpoint {
    built(settings).unwrap()
}

pub(crate) fn built(settings: &[(&str, &str)]) -> Result<Endpoint, Error> {
    builder(settings).build()
}

/// The endpoint of these settings, and the results of its verifiers.
#[track_caller]
pub(crate) fn observed(settings: &[(&str, &str)]) -> (Endpoint, Observed) {
    let observed = Observed::default();
    let builder = builder(settings).observer(observed.observer());
    (builder.build().unwrap(), observed)
}

#[track_caller]
pub(crate) fn builder(settings: &[(&str, &str)]) -> EndpointBuilder {
    let options = options(settings).build().unwrap();
    Endpoint::builder(options).time_provider(Arc::new(FixedTime(NOW)))
}

/// The value with the paths of its files in place of their names.
pub(crate) fn placed(name: &str, value: &str) -> String {
    if !FILE_OPTIONS.contains(&name)
        || value.trim_matches([',', ' ', '\t']).is_empty()
        || ["fetch", "webpki-roots", "system", "./system"].contains(&value)
    {
        return value.to_owned();
    }
    let pki = TestPki::get();
    let paths = value.split(',').map(|file| match file {
        "fetch" => file.to_owned(),
        file => pki.path(file).display().to_string(),
    });
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
