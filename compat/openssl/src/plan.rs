//! What a case consists of, before it is DER: certificates, lists, files, and the question asked.
//!
//! Every case starts from the same plan (an end entity below an intermediate below a root, and nothing wrong with any of
//! them) and changes it. As every change works on a plan, changes can be combined at random.

use std::net::IpAddr;

use crate::{
    dn::Name,
    ext::{self, Extension, Value},
    keys::{Digest, Key, Kind},
};

/// The time at which every case is verified unless it says otherwise: 2026-06-01.
pub const NOW: i64 = 1_780_272_000;
pub const DAY: i64 = 86_400;
pub const HOST: &str = "sip.example.com";

pub const LEAF: usize = 0;
pub const INTER: usize = 1;
pub const ROOT: usize = 2;

#[derive(Clone, Debug)]
pub struct Plan {
    pub certs: Vec<Cert>,
    /// What the peer sends, end entity first.
    pub sent: Vec<usize>,
    pub trusted: Vec<Trusted>,
    /// The lists of the `tls-crl` file.
    pub crls: Vec<Crl>,
    /// Lists that stand in the `trusted-ca` file.
    pub trusted_crls: Vec<Crl>,
    /// Changes the text of the `tls-crl` file.
    pub crl_text: Option<fn(String) -> String>,
    pub question: Question,
}

/// What the application asks for.
#[derive(Clone, Debug)]
pub struct Question {
    pub purpose: Purpose,
    pub host: Option<String>,
    pub ip: Option<IpAddr>,
    pub revocation: Revocation,
    pub level: u8,
    pub time: i64,
}

/// Whose certificate is checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    Client,
    Server,
}

/// OpenSSL's flags: none, `CRL_CHECK`, `CRL_CHECK` with `CRL_CHECK_ALL`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Revocation {
    Chain,
    /// Ours alone; OpenSSL is asked with `CRL_CHECK`.
    Covered,
    EndEntity,
    Off,
}

/// A certificate of `trusted-ca`.
#[derive(Clone, Debug)]
pub struct Trusted {
    pub cert: usize,
    /// Trust settings, which make it a `TRUSTED CERTIFICATE`.
    pub settings: Option<Vec<u8>>,
}

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
    /// The number in the version field; none is version 1.
    pub version: Option<u8>,
    pub serial: Vec<u8>,
    pub not_before: i64,
    pub not_after: i64,
    pub unique_ids: bool,
    pub extensions: Vec<Extension>,
    pub digest: Digest,
    pub pss: bool,
    /// In place of the signature algorithm that fits, in both places.
    pub algorithm: Option<Vec<u8>>,
    /// In place of the signature algorithm inside the signed part.
    pub inner_algorithm: Option<Vec<u8>>,
    pub broken_signature: bool,
}

#[derive(Clone, Debug)]
pub struct Crl {
    /// The certificate whose key signs the list.
    pub signer: usize,
    pub issuer: Option<Name>,
    pub signing_key: Option<Key>,
    /// The number in the version field; none is version 1.
    pub version: Option<u8>,
    pub this_update: i64,
    pub next_update: Option<i64>,
    pub revoked: Vec<Entry>,
    /// Write an empty list of entries, not none.
    pub empty_entries: bool,
    pub extensions: Vec<Extension>,
    pub digest: Digest,
    pub inner_algorithm: Option<Vec<u8>>,
    pub broken_signature: bool,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub serial: Vec<u8>,
    pub extensions: Vec<Extension>,
}

impl Plan {
    pub fn new() -> Self {
        Self {
            certs: vec![
                Cert::leaf(INTER),
                Cert::ca("Example Issuing CA", 1, ROOT),
                Cert::ca("Example Root CA", 2, ROOT),
            ],
            sent: vec![LEAF, INTER],
            trusted: vec![Trusted::plain(ROOT)],
            crls: Vec::new(),
            trusted_crls: Vec::new(),
            crl_text: None,
            question: Question {
                purpose: Purpose::Server,
                host: Some(HOST.into()),
                ip: None,
                revocation: Revocation::Off,
                level: 2,
                time: NOW,
            },
        }
    }

    pub fn leaf(&mut self) -> &mut Cert {
        &mut self.certs[LEAF]
    }

    pub fn inter(&mut self) -> &mut Cert {
        &mut self.certs[INTER]
    }

    pub fn root(&mut self) -> &mut Cert {
        &mut self.certs[ROOT]
    }

    /// The root signs the end entity.
    pub fn direct(&mut self) {
        self.certs[LEAF].signer = ROOT;
        self.sent = vec![LEAF];
    }

    /// The end entity signs itself and stands in `trusted-ca`.
    pub fn self_signed(&mut self) {
        self.certs[LEAF].signer = LEAF;
        self.sent = vec![LEAF];
        self.trusted = vec![Trusted::plain(LEAF)];
    }

    pub fn add(&mut self, cert: Cert) -> usize {
        self.certs.push(cert);
        self.certs.len() - 1
    }

    pub fn trust(&mut self, certs: &[usize]) {
        self.trusted = certs.iter().map(|c| Trusted::plain(*c)).collect();
    }

    /// A certificate of a client, and no name to compare.
    pub fn client(&mut self) {
        self.question.purpose = Purpose::Client;
        self.question.host = None;
        self.leaf()
            .put(ext::extended_key_usage(&[ext::CLIENT_AUTH]));
    }

    /// Between the end entity and the root stand `count` intermediates, all of them sent.
    pub fn intermediates(&mut self, count: usize) -> Vec<usize> {
        self.sent = vec![LEAF];
        let mut below = LEAF;
        for n in 0..count {
            let cert = Cert::ca(&format!("Example Issuing CA {n}"), 30 + n as u8, ROOT);
            let added = self.add(cert);
            self.certs[below].signer = added;
            self.sent.push(added);
            below = added;
        }
        self.sent[1..].to_vec()
    }

    /// Checks the end entity against a list of its issuer that does not name it.
    pub fn list(&mut self) -> &mut Crl {
        self.question.revocation = Revocation::EndEntity;
        let signer = self.certs[LEAF].signer;
        self.crls.push(Crl::by(signer));
        self.crls.last_mut().expect("just pushed")
    }

    /// Checks the whole chain against a list of each issuer.
    pub fn lists_of_all(&mut self) {
        self.question.revocation = Revocation::Chain;
        self.crls = vec![Crl::by(INTER), Crl::by(ROOT)];
    }

    /// The list made first (it is made if there is none).
    pub fn first_list(&mut self) -> &mut Crl {
        if self.crls.is_empty() {
            self.list();
        }
        &mut self.crls[0]
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self::new()
    }
}

impl Question {
    /// There is one name to check: an address goes before a host.
    pub fn asked(&self) -> Self {
        let host = self.host.clone().filter(|_| self.ip.is_none());
        Self {
            host,
            ..self.clone()
        }
    }
}

impl Trusted {
    pub fn plain(cert: usize) -> Self {
        Self {
            cert,
            settings: None,
        }
    }
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
            unique_ids: false,
            extensions: Vec::new(),
            digest: Digest::Sha256,
            pss: false,
            algorithm: None,
            inner_algorithm: None,
            broken_signature: false,
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

    /// Only these subject alternative names; none: no such extension.
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

impl Crl {
    pub fn by(signer: usize) -> Self {
        Self {
            signer,
            issuer: None,
            signing_key: None,
            version: Some(1),
            this_update: NOW - DAY,
            next_update: Some(NOW + 30 * DAY),
            revoked: vec![Entry::of(&[0x7f, 0x01])],
            empty_entries: false,
            extensions: vec![ext::authority_key_id(), ext::crl_number(&[5])],
            digest: Digest::Sha256,
            inner_algorithm: None,
            broken_signature: false,
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
