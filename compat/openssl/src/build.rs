//! Turns a plan into the bytes that both verifiers read.

use openssl::pkey::{PKey, Private};

use crate::{
    der,
    edit::{Edit, edited},
    ext::{self, Extension, Value},
    keys::{Digest, Key, Padding},
    plan::{Cert, Crl, Plan, Question},
    tree::{Content, Node},
};

/// A case as the peer and the files present it.
#[derive(Clone)]
pub struct Built {
    /// The peer's certificates, end entity first.
    pub chain: Vec<Vec<u8>>,
    pub key: PKey<Private>,
    /// The PEM blocks of the `trusted-ca` file.
    pub trusted: Vec<String>,
    /// Bytes in front of every block of that file, and at its end.
    pub trusted_text: Vec<u8>,
    /// The text of the `tls-crl` file, if revocation is asked about or lists exist.
    pub crls: Option<String>,
    pub question: Question,
}

impl Built {
    /// The bytes of the `trusted-ca` file.
    pub fn trusted_file(&self) -> Vec<u8> {
        let text = self.trusted_text.as_slice();
        let blocks = self
            .trusted
            .iter()
            .map(|block| [text, block.as_bytes()].concat());
        let mut file: Vec<u8> = blocks.flatten().collect();
        file.extend(text);
        file
    }
}

impl Plan {
    pub fn build(&self) -> Built {
        let certs: Vec<_> = (0..self.certs.len()).map(|n| self.certificate(n)).collect();
        Built {
            chain: self.sent.iter().map(|n| certs[*n].clone()).collect(),
            key: self.certs[self.sent[0]].key.pair(),
            trusted: self.trusted_blocks(&certs),
            trusted_text: self.trusted_text.clone(),
            crls: self.crl_file(),
            question: self.question.asked(),
        }
    }

    fn trusted_blocks(&self, certs: &[Vec<u8>]) -> Vec<String> {
        let certificates = self
            .trusted
            .iter()
            .map(|t| trusted_pem(&certs[t.cert], t.settings.as_deref()));
        let lists = self
            .trusted_crls
            .iter()
            .map(|c| der::pem("X509 CRL", &self.list_der(c)));
        certificates.chain(lists).collect()
    }

    fn crl_file(&self) -> Option<String> {
        if self.crls.is_empty() && self.crl_text.is_none() {
            return None;
        }
        let text: String = self
            .crls
            .iter()
            .map(|c| der::pem("X509 CRL", &self.list_der(c)))
            .collect();
        Some(match self.crl_text {
            Some(change) => change(text),
            None => text,
        })
    }

    /// The DER of a certificate of the plan, with the bytes that it puts behind it.
    pub fn certificate(&self, index: usize) -> Vec<u8> {
        let cert = &self.certs[index];
        let signer = &self.certs[cert.signer];
        let key = cert.signing_key.unwrap_or(signer.key);
        let algorithm = cert
            .algorithm
            .clone()
            .unwrap_or_else(|| key.algorithm(cert.digest, cert.padding));
        let tbs = self.to_be_signed(cert, cert.inner_algorithm.as_ref().unwrap_or(&algorithm));
        let sealed = Seal {
            tbs: edited(tbs, &cert.edits),
            algorithm,
            key,
            digest: cert.digest,
            padding: cert.padding,
            broken: cert.broken_signature,
            edits: &cert.seal_edits,
        };
        [sealed.der(), cert.trailing.clone()].concat()
    }

    fn to_be_signed(&self, cert: &Cert, algorithm: &[u8]) -> Vec<u8> {
        let signer = &self.certs[cert.signer];
        let mut parts = Vec::new();
        parts.extend(
            cert.version
                .map(|v| der::context(0, &der::small_integer(v))),
        );
        parts.push(der::integer(&cert.serial));
        parts.push(algorithm.to_vec());
        parts.push(cert.issuer.as_ref().unwrap_or(&signer.subject).der());
        let [from, to] = cert.times.clone();
        parts.push(der::sequence(&[
            from.unwrap_or_else(|| der::time(cert.not_before)),
            to.unwrap_or_else(|| der::time(cert.not_after)),
        ]));
        parts.push(cert.subject.der());
        parts.push(cert.spki.clone().unwrap_or_else(|| cert.key.spki()));
        if cert.unique_ids {
            parts.push(der::implicit(1, &[0, 1, 2, 3]));
            parts.push(der::implicit(2, &[0, 4, 5, 6]));
        }
        if !cert.extensions.is_empty() {
            parts.push(der::context(
                3,
                &self.extensions(&cert.extensions, Some(cert), signer),
            ));
        }
        der::sequence(&parts)
    }

    fn list_der(&self, crl: &Crl) -> Vec<u8> {
        let signer = &self.certs[crl.signer];
        let key = crl.signing_key.unwrap_or(signer.key);
        let algorithm = key.algorithm(crl.digest, crl.padding);
        let mut parts = Vec::new();
        parts.extend(crl.version.map(der::small_integer));
        parts.push(
            crl.inner_algorithm
                .clone()
                .unwrap_or_else(|| algorithm.clone()),
        );
        parts.push(crl.issuer.as_ref().unwrap_or(&signer.subject).der());
        let [from, to] = crl.times.clone();
        parts.push(from.unwrap_or_else(|| der::time(crl.this_update)));
        parts.extend(to.or_else(|| crl.next_update.map(der::time)));
        let entries: Vec<_> = crl
            .revoked
            .iter()
            .map(|e| entry(&e.serial, &e.extensions))
            .collect();
        if !entries.is_empty() || crl.empty_entries {
            parts.push(der::sequence(&entries));
        }
        if !crl.extensions.is_empty() {
            parts.push(der::context(
                0,
                &self.extensions(&crl.extensions, None, signer),
            ));
        }
        let sealed = Seal {
            tbs: edited(der::sequence(&parts), &crl.edits),
            algorithm,
            key,
            digest: crl.digest,
            padding: crl.padding,
            broken: crl.broken_signature,
            edits: &crl.seal_edits,
        };
        sealed.der()
    }

    fn extensions(&self, all: &[Extension], own: Option<&Cert>, signer: &Cert) -> Vec<u8> {
        let ders: Vec<_> = all
            .iter()
            .filter_map(|e| Some(e.der(&self.value(e, own, signer)?)))
            .collect();
        der::sequence(&ders)
    }

    /// The value of an extension; `None` if it is about a key identifier that the signer does not have.
    fn value(&self, extension: &Extension, own: Option<&Cert>, signer: &Cert) -> Option<Vec<u8>> {
        let authority = match &extension.value {
            Value::Bytes(bytes) => return Some(bytes.clone()),
            Value::SubjectKeyId => return own.map(|c| der::octets(&c.key.identifier())),
            Value::AuthorityKeyId => ext::authority(Some(&signer.key_id()?), None),
            Value::AuthoritySerial => {
                let issuer = signer
                    .issuer
                    .as_ref()
                    .unwrap_or(&self.certs[signer.signer].subject);
                ext::authority(None, Some((issuer, &signer.serial)))
            }
        };
        match authority.value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// A signed part, and what stands around it.
struct Seal<'a> {
    tbs: Vec<u8>,
    algorithm: Vec<u8>,
    key: Key,
    digest: Digest,
    padding: Padding,
    broken: bool,
    edits: &'a [Edit],
}

impl Seal<'_> {
    fn der(self) -> Vec<u8> {
        let mut signature = self.key.sign(self.digest, self.padding, &self.tbs);
        if self.broken {
            *signature.last_mut().expect("a signature is not empty") ^= 1;
        }
        let signature = der::bits(&signature);
        if self.edits.is_empty() {
            return der::sequence(&[self.tbs, self.algorithm, signature]);
        }
        let parts = vec![
            Node::verbatim(self.tbs),
            Node::parse(&self.algorithm),
            Node::parse(&signature),
        ];
        let mut top = Node::new(0x30, Content::Nodes(parts));
        self.edits.iter().for_each(|edit| edit.apply(&mut top));
        top.encode()
    }
}

fn entry(serial: &[u8], extensions: &[Extension]) -> Vec<u8> {
    let mut parts = vec![
        der::integer(serial),
        der::time(crate::plan::NOW - 10 * crate::plan::DAY),
    ];
    let fixed = |e: &Extension| match &e.value {
        Value::Bytes(bytes) => Some(e.der(bytes)),
        _ => None,
    };
    if !extensions.is_empty() {
        parts.push(der::sequence(
            &extensions.iter().filter_map(fixed).collect::<Vec<_>>(),
        ));
    }
    der::sequence(&parts)
}

fn trusted_pem(cert: &[u8], settings: Option<&[u8]>) -> String {
    match settings {
        None => der::pem("CERTIFICATE", cert),
        Some(settings) => der::pem("TRUSTED CERTIFICATE", &[cert, settings].concat()),
    }
}
