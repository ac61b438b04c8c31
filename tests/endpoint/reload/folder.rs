//! A folder whose files change.

use std::fs;
use std::path::{Path, PathBuf};

use crate::endpoint::test_pki::TestPki;

pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty folder of this name.
    #[track_caller]
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("reload")
            .join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A folder with the certificate and key of an identity, the root, and a list.
    #[track_caller]
    pub(crate) fn of(name: &str, identity: &str, list: &str) -> Self {
        let folder = Self::new(name);
        folder.identify(identity);
        folder.put("ca.pem", "root.pem");
        folder.put("ca.crl", list);
        folder
    }

    /// Copies a file of the test PKI into the folder, under another name.
    #[track_caller]
    pub(crate) fn put(&self, name: &str, file: &str) {
        self.write(name, &fs::read(TestPki::get().path(file)).unwrap());
    }

    /// Copies the certificate and the key of an identity into the folder.
    #[track_caller]
    pub(crate) fn identify(&self, identity: &str) {
        self.put("own.pem", &format!("{identity}.pem"));
        self.put("own.key", &format!("{identity}.key"));
    }

    /// Writes a file atomically.
    #[track_caller]
    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.0.join("draft"), content).unwrap();
        fs::rename(self.0.join("draft"), self.0.join(name)).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The settings for the files of [`Self::of`], and more settings.
    pub(crate) fn settings<'a>(&self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
        let files = [
            ("certificate", "own.pem"),
            ("certificate-key", "own.key"),
            ("trusted-ca", "ca.pem"),
            ("tls-crl", "ca.crl"),
        ];
        let files = files.map(|(name, file)| (name, self.path(file).display().to_string()));
        let more = more
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        files.into_iter().chain(more).collect()
    }
}
