//! A CA and an RSA certificate for 127.0.0.1, in files.

use std::{path::Path, sync::LazyLock};

use crate::{
    build::Built,
    ext,
    keys::{Key, Kind},
    oracle::Scratch,
    plan::Plan,
};

pub(super) struct Pki {
    pub(super) built: Built,
    certificate: Scratch,
    key: Scratch,
    trusted: Scratch,
}

impl Pki {
    pub(super) fn get() -> &'static Self {
        static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);
        &PKI
    }

    fn new() -> Self {
        let mut plan = Plan::new();
        plan.leaf().key = Key(Kind::Rsa(2048), 0);
        plan.leaf().names(&[ext::ip("127.0.0.1")]);
        let built = plan.build();
        let blocks = built
            .chain
            .iter()
            .map(|der| crate::der::pem("CERTIFICATE", der));
        let key = built
            .key
            .private_key_to_pem_pkcs8()
            .expect("a key has a PEM form");
        Self {
            certificate: Scratch::new(blocks.collect::<String>().as_bytes()),
            key: Scratch::new(&key),
            trusted: Scratch::new(&built.trusted_file()),
            built,
        }
    }

    /// The chain.
    pub(super) fn certificate(&self) -> &Path {
        &self.certificate.0
    }

    pub(super) fn key(&self) -> &Path {
        &self.key.0
    }

    pub(super) fn trusted(&self) -> &Path {
        &self.trusted.0
    }
}
