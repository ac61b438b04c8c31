//! A file of any format, with a passphrase, as each of the options that name files.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rustls::crypto::KeyProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use sip_tls::options::Source;
use sip_tls::pki::{Opener, Passphrase, Passphrases, credentials, crls, roots};

/// Looks at no key: they are read by the crates that providers are made of.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<std::sync::Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("not looked at".to_owned()))
    }
}

fuzz_target!(|data: &[u8]| {
    let asked = |request: &sip_tls::pki::PassphraseRequest<'_>| {
        assert!(request.attempt() <= 3);
        (request.attempt() == 1).then(|| Passphrase::new("password"))
    };
    let opener = Opener::new(Passphrases::new(asked));
    let source = Source::bytes("input", data);
    if let Ok(roots) = roots::load_with(&source, &opener) {
        assert!(!roots.certificates().is_empty());
        roots.flaws().for_each(drop);
    }
    if let Ok(lists) = crls::load_with(&source, &opener) {
        assert!(!lists.lists().is_empty());
    }
    let none: Option<Source> = None;
    let error = credentials::load_with(&source, none, &NoKeys, &opener);
    assert!(!error.expect_err("no key is taken").to_string().is_empty());
});
