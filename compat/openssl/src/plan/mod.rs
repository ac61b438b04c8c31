//! What a case consists of, before it is DER: certificates, lists, files, and the question asked.
//!
//! Every case starts from the same plan (an end entity below an intermediate below a root, and nothing wrong with any of
//! them) and changes it. As every change works on a plan, changes can be combined at random.

mod cert;
mod crl;

use std::net::IpAddr;

use crate::ext;

pub use cert::Cert;
pub use crl::{Crl, Entry};

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
    /// Bytes in front of every block of the `trusted-ca` file, and at its end.
    pub trusted_text: Vec<u8>,
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
    /// Only sip-tls has this; OpenSSL is asked with `CRL_CHECK`.
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
            trusted_text: Vec::new(),
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

    /// Makes the root sign the end entity.
    pub fn direct(&mut self) {
        self.certs[LEAF].signer = ROOT;
        self.sent = vec![LEAF];
    }

    /// Makes the end entity sign itself, and puts it into `trusted-ca`.
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

    /// Makes the certificate that of a client, with no name to compare.
    pub fn client(&mut self) {
        self.question.purpose = Purpose::Client;
        self.question.host = None;
        self.leaf()
            .put(ext::extended_key_usage(&[ext::CLIENT_AUTH]));
    }

    /// Puts `count` intermediates between the end entity and the root, all of them sent.
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

    /// Returns the list that was made first, and makes it if there is none.
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
    /// Returns the question with one name to check: an address overrides a host.
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
