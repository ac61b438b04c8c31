//! Files in memory, read as the value of each option that names files.

use std::sync::Arc;

use rustls::Error;
use rustls::crypto::KeyProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use sip_tls::options::Source;
use sip_tls::pki::{Opener, Passphrase, PassphraseRequest, Passphrases, credentials, crls, roots};

/// Refuses every key without reading it: keys are read by the crates that providers use.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("not looked at".to_owned()))
    }
}

/// Reads a file. If it needs a passphrase, the passphrase is `password`.
pub fn read(content: &[u8]) {
    let source = Source::bytes("input", content);
    let opener = opener();
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
}

fn opener() -> Opener {
    Opener::new(Passphrases::new(|request: &PassphraseRequest<'_>| {
        assert!(request.attempt() <= 3);
        (request.attempt() == 1).then(|| Passphrase::new("password"))
    }))
}
