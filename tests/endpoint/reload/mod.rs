//! Reload in place: configurations that were handed out use the new files. If these are not good, nothing changes.

mod expiry;
mod folder;
#[cfg(feature = "tokio")]
mod load;
mod refused;
mod seen;
#[cfg(feature = "watch")]
mod watched;

pub(crate) use folder::Folder;

use std::sync::Arc;

use sip_tls::options::{TlsOptions, TlsOptionsBuilder};
use sip_tls::{Endpoint, EndpointBuilder};

use crate::endpoint::in_memory::FixedTime;
use crate::endpoint::test_pki::NOW;

const MUTUAL: (&str, &str) = ("tls-mutual", "1");

pub(crate) fn options(settings: &[(&str, String)]) -> TlsOptions {
    let set = |builder: TlsOptionsBuilder, (name, value): &(&str, String)| {
        builder.set(*name, value.as_str())
    };
    let builder = settings.iter().fold(TlsOptions::builder(), set);
    builder.build().unwrap()
}

pub(crate) fn builder(settings: &[(&str, String)]) -> EndpointBuilder {
    Endpoint::builder(options(settings)).time_provider(Arc::new(FixedTime(NOW)))
}
