//! From a plan to the bytes that both verifiers read.

use openssl::pkey::{PKey, Private};

use crate::{
    der,
    ext::{self, Extension, Value},
    keys::Key,
    plan::{Cert, Crl, Plan, Question},
};

/// A case as the peer and the files present it.
#[derive(Clone)]
pub struct Built {
    /// The peer's certificates, end entity first.
    pub chain: Vec<Vec<u8>>,
    pub key: PKey<Private>,
    /// The PEM blocks of the `trusted-ca` file.
    pub trusted: Vec<String>,
    /// The text of the `tls-crl` file, if revocation is asked about or lists exist.
    pub crls: Option<String>,
    pub question: Question,
}

impl Plan {
    pub fn build(&self) -> Built {
        let certs: Vec<_> = (0..self.certs.len()).map(|n| self.certificate(n)).collect();
        Built {
            chain: self.sent.iter().map(|n| certs[*n].clone()).collect(),
            key: self.certs[self.sent[0]].key.pair(),
            trusted: self.trusted_file(&certs),
            crls: self.crl_file(),
            question: self.question.asked(),
        }
    }

    fn trusted_file(&self, certs: &[Vec<u8>]) -> Vec<String> {
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

    /// The DER of a certificate of the plan.
    pub fn certificate(&self, index: usize) -> Vec<u8> {
        let cert = &self.certs[index];
        let signer = &self.certs[cert.signer];
        let key = cert.signing_key.unwrap_or(signer.key);
        let algorithm = cert
            .algorithm
            .clone()
            .unwrap_or_else(|| key.algorithm(cert.digest, cert.pss));
        let tbs = self.to_be_signed(cert, cert.inner_algorithm.as_ref().unwrap_or(&algorithm));
        sealed(
            tbs,
            algorithm,
            key,
            cert.digest,
            cert.pss,
            cert.broken_signature,
        )
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
        parts.push(der::sequence(&[
            der::time(cert.not_before),
            der::time(cert.not_after),
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
        let algorithm = key.algorithm(crl.digest, false);
        let mut parts = Vec::new();
        parts.extend(crl.version.map(der::small_integer));
        parts.push(
            crl.inner_algorithm
                .clone()
                .unwrap_or_else(|| algorithm.clone()),
        );
        parts.push(crl.issuer.as_ref().unwrap_or(&signer.subject).der());
        parts.push(der::time(crl.this_update));
        parts.extend(crl.next_update.map(der::time));
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
        sealed(
            der::sequence(&parts),
            algorithm,
            key,
            crl.digest,
            false,
            crl.broken_signature,
        )
    }

    fn extensions(&self, all: &[Extension], own: Option<&Cert>, signer: &Cert) -> Vec<u8> {
        let ders: Vec<_> = all
            .iter()
            .filter_map(|e| Some(e.der(&self.value(e, own, signer)?)))
            .collect();
        der::sequence(&ders)
    }

    /// The value of an extension; none if it speaks of a key identifier that the signer does not have.
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

fn sealed(
    tbs: Vec<u8>,
    algorithm: Vec<u8>,
    key: Key,
    digest: crate::keys::Digest,
    pss: bool,
    broken: bool,
) -> Vec<u8> {
    let mut signature = key.sign(digest, pss, &tbs);
    if broken {
        *signature.last_mut().expect("a signature is not empty") ^= 1;
    }
    der::sequence(&[tbs, algorithm, der::bits(&signature)])
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
