//! Revocation lists of a plan.

use super::{Cert, DAY, NOW};
use crate::{
    dn::Name,
    edit::Edit,
    ext::{self, Extension},
    keys::{Digest, Key, Padding},
};

#[derive(Clone, Debug)]
pub struct Crl {
    /// The certificate whose key signs the list.
    pub signer: usize,
    pub issuer: Option<Name>,
    pub signing_key: Option<Key>,
    /// The number in the version field; `None` is version 1.
    pub version: Option<u8>,
    pub this_update: i64,
    pub next_update: Option<i64>,
    /// Elements in place of the two times.
    pub times: [Option<Vec<u8>>; 2],
    pub revoked: Vec<Entry>,
    /// Whether to write an empty list of entries instead of none.
    pub empty_entries: bool,
    pub extensions: Vec<Extension>,
    pub digest: Digest,
    pub padding: Padding,
    pub inner_algorithm: Option<Vec<u8>>,
    pub broken_signature: bool,
    /// Changes to the encoding of the signed part, before it is signed.
    pub edits: Vec<Edit>,
    /// Changes to the encoding around the signed part.
    pub seal_edits: Vec<Edit>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub serial: Vec<u8>,
    pub extensions: Vec<Extension>,
}

impl Crl {
    pub fn by(signer: usize) -> Self {
        Self {
            signer,
            issuer: None,
            signing_key: None,
            version: Some(1),
            this_update: NOW - DAY,
            next_update: Some(NOW + 30 * DAY),
            times: [None, None],
            revoked: vec![Entry::of(&[0x7f, 0x01])],
            empty_entries: false,
            extensions: vec![ext::authority_key_id(), ext::crl_number(&[5])],
            digest: Digest::Sha256,
            padding: Padding::Pkcs1,
            inner_algorithm: None,
            broken_signature: false,
            edits: Vec::new(),
            seal_edits: Vec::new(),
        }
    }

    pub fn revoke(&mut self, cert: &Cert) -> &mut Self {
        self.revoked.push(Entry::of(&cert.serial));
        self
    }

    pub fn drop(&mut self, oid: &str) {
        self.extensions.retain(|e| e.oid != oid);
    }

    pub fn put(&mut self, extension: Extension) {
        self.drop(extension.oid);
        self.extensions.push(extension);
    }
}

impl Entry {
    pub fn of(serial: &[u8]) -> Self {
        Self {
            serial: serial.to_vec(),
            extensions: Vec::new(),
        }
    }
}
