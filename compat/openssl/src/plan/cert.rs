//! Certificates of a plan.

use super::{DAY, HOST, NOW};
use crate::{
    dn::Name,
    edit::Edit,
    ext::{self, Extension, Value},
    keys::{Digest, Key, Kind, Padding},
};

#[derive(Clone, Debug)]
pub struct Cert {
    pub subject: Name,
    /// The name of the signer unless given.
    pub issuer: Option<Name>,
    /// The certificate whose key signs this one.
    pub signer: usize,
    /// Signs in place of the signer's key.
    pub signing_key: Option<Key>,
    pub key: Key,
    /// In place of the key's own SubjectPublicKeyInfo.
    pub spki: Option<Vec<u8>>,
    /// The number in the version field; `None` is version 1.
    pub version: Option<u8>,
    pub serial: Vec<u8>,
    pub not_before: i64,
    pub not_after: i64,
    /// Elements in place of the two times.
    pub times: [Option<Vec<u8>>; 2],
    pub unique_ids: bool,
    pub extensions: Vec<Extension>,
    pub digest: Digest,
    pub padding: Padding,
    /// In place of the signature algorithm that fits, in both places.
    pub algorithm: Option<Vec<u8>>,
    /// In place of the signature algorithm inside the signed part.
    pub inner_algorithm: Option<Vec<u8>>,
    pub broken_signature: bool,
    /// Changes to the encoding of the signed part, before it is signed.
    pub edits: Vec<Edit>,
    /// Changes to the encoding around the signed part.
    pub seal_edits: Vec<Edit>,
    /// Bytes behind the certificate.
    pub trailing: Vec<u8>,
}

impl Cert {
    pub fn leaf(signer: usize) -> Self {
        let extensions = vec![
            ext::key_usage(&[ext::DIGITAL_SIGNATURE, ext::KEY_ENCIPHERMENT]),
            ext::extended_key_usage(&[ext::SERVER_AUTH]),
            ext::subject_alt_name(&[ext::dns(HOST)]),
            ext::subject_key_id(),
            ext::authority_key_id(),
        ];
        Self {
            extensions,
            ..Self::bare("Example Server", 0, signer)
        }
    }

    pub fn ca(name: &str, slot: u8, signer: usize) -> Self {
        let extensions = vec![
            ext::basic_constraints(true, None),
            ext::key_usage(&[ext::CERT_SIGN, ext::CRL_SIGN]),
            ext::subject_key_id(),
            ext::authority_key_id(),
        ];
        Self {
            extensions,
            ..Self::bare(name, slot, signer)
        }
    }

    fn bare(name: &str, slot: u8, signer: usize) -> Self {
        Self {
            subject: Name::cn(name),
            issuer: None,
            signer,
            signing_key: None,
            key: Key(Kind::P256, slot),
            spki: None,
            version: Some(2),
            serial: vec![0x10 + (slot % 0x60), 0x01],
            not_before: NOW - 30 * DAY,
            not_after: NOW + 300 * DAY,
            times: [None, None],
            unique_ids: false,
            extensions: Vec::new(),
            digest: Digest::Sha256,
            padding: Padding::Pkcs1,
            algorithm: None,
            inner_algorithm: None,
            broken_signature: false,
            edits: Vec::new(),
            seal_edits: Vec::new(),
            trailing: Vec::new(),
        }
    }

    /// Adds an extension in place of one of the same type.
    pub fn put(&mut self, extension: Extension) {
        match self.extensions.iter_mut().find(|e| e.oid == extension.oid) {
            Some(old) => *old = extension,
            None => self.extensions.push(extension),
        }
    }

    pub fn drop(&mut self, oid: &str) {
        self.extensions.retain(|e| e.oid != oid);
    }

    /// Version 1: no extensions.
    pub fn v1(&mut self) {
        self.version = None;
        self.extensions.clear();
    }

    pub fn expired(&mut self) {
        (self.not_before, self.not_after) = (NOW - 60 * DAY, NOW - DAY);
    }

    pub fn not_yet_valid(&mut self) {
        (self.not_before, self.not_after) = (NOW + DAY, NOW + 60 * DAY);
    }

    /// Keeps only these subject alternative names; without names, removes the extension.
    pub fn names(&mut self, names: &[Vec<u8>]) {
        match names {
            [] => self.drop(ext::SUBJECT_ALT_NAME),
            _ => self.put(ext::subject_alt_name(names)),
        }
    }

    /// The value of the subject key identifier, if there is one.
    pub fn key_id(&self) -> Option<Vec<u8>> {
        let extension = self
            .extensions
            .iter()
            .find(|e| e.oid == ext::SUBJECT_KEY_ID)?;
        match &extension.value {
            Value::Bytes(value) => value.get(2..).map(<[u8]>::to_vec),
            _ => Some(self.key.identifier()),
        }
    }
}
