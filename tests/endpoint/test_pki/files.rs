//! The files of the test PKI.

use std::fs;
use std::path::{Path, PathBuf};

use pem::{EncodeConfig, LineEnding, Pem};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

use super::{Identity, TestPki};

impl TestPki {
    /// The path of a file of the PKI, such as `good.pem`, `good.key`, `root.pem`, `current.crl`.
    #[track_caller]
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let path = self.dir.join(name);
        assert!(path.exists(), "no file {name}");
        path
    }

    /// Adds a file to those of the PKI.
    #[cfg(any(feature = "profile", feature = "tokio"))]
    pub(crate) fn add(&self, name: &str, content: &[u8]) -> PathBuf {
        self.write_file(name, content);
        self.path(name)
    }

    pub(super) fn write_identity(&self, identity: &Identity) {
        let name = identity.name;
        let chain: Vec<_> = identity.chain.iter().collect();
        self.write_certificates(&format!("{name}.pem"), &chain);
        let key = pem("PRIVATE KEY", identity.key.private().secret_der());
        self.write_file(&format!("{name}.key"), key.as_bytes());
        let both = [pem_of(&chain), key].concat();
        self.write_file(&format!("{name}-with-key.pem"), both.as_bytes());
    }

    pub(super) fn write_certificates(&self, name: &str, certificates: &[&CertificateDer<'_>]) {
        self.write_file(name, pem_of(certificates).as_bytes());
    }

    pub(super) fn write_lists(&self, name: &str, lists: &[CertificateRevocationListDer<'_>]) {
        let blocks = lists.iter().map(|list| pem("X509 CRL", list));
        self.write_file(name, blocks.collect::<String>().as_bytes());
    }

    /// Writes a file atomically, because another test process may read it at any time.
    pub(super) fn write_file(&self, name: &str, content: &[u8]) {
        let path = self.dir.join(name);
        if fs::read(&path).is_ok_and(|there| there == content) {
            return;
        }
        let draft = self.dir.join(format!("{name}.{}", std::process::id()));
        fs::write(&draft, content).unwrap();
        fs::rename(draft, path).unwrap();
    }
}

pub(super) fn directory() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("test-pki");
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn pem_of(certificates: &[&CertificateDer<'_>]) -> String {
    let blocks = certificates.iter().map(|der| pem("CERTIFICATE", der));
    blocks.collect()
}

fn pem(label: &str, der: &[u8]) -> String {
    let unix = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), unix)
}
