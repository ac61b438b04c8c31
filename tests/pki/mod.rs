//! Tests of files: what is found in them, and what OpenSSL finds in the same files.

mod credentials;
mod crls;
mod der;
mod encrypted;
mod folders;
mod foreign;
mod hostile;
mod memory;
mod odd;
mod pem;
mod roots;
mod testdata;
pub(crate) mod tools;

use std::error::Error;
use std::path::{Path, PathBuf};

use p256::ecdsa::signature::Signer;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, IsCa, Issuer, KeyUsagePurpose, PublicKeyData, SerialNumber, SignatureAlgorithm,
    SigningKey, date_time_ymd,
};
use sip_tls::options::FileList;
use sip_tls::pki::{Remark, RemarkKind};

/// A folder that is deleted after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let name = format!("sip-tls-{}-{test}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The value of an option in a configuration file of this folder.
    fn list(&self, value: &str) -> FileList {
        FileList::new(value, Some(self.0.clone()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The labels of the blocks that are reported as unused.
fn unused(remarks: &[Remark]) -> Vec<&str> {
    let label = |remark| match Remark::kind(remark) {
        RemarkKind::Unused { what, .. } => what.as_str(),
        other => panic!("{other:?}"),
    };
    remarks.iter().map(label).collect()
}

fn list(path: &Path) -> FileList {
    FileList::new(path.to_str().unwrap(), None)
}

/// A certificate authority with one end entity, made with fixed keys.
struct Authority {
    ca: Vec<u8>,
    end_entity: Vec<u8>,
    end_entity_key: Vec<u8>,
    crl: Vec<u8>,
}

impl Authority {
    fn new() -> Self {
        let ca_key = Key::new(1);
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.serial_number = Some(SerialNumber::from(1));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca = params.self_signed(&ca_key).unwrap();
        let issuer = Issuer::new(params, ca_key);
        let key = Key::new(2);
        let mut params = CertificateParams::new(vec!["sip.example.com".to_owned()]).unwrap();
        params.serial_number = Some(SerialNumber::from(2));
        params.distinguished_name = DistinguishedName::new();
        let name = "sip.example.com";
        params.distinguished_name.push(DnType::CommonName, name);
        let end_entity = params.signed_by(&key, &issuer).unwrap();
        let crl = CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(2044, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: rcgen::KeyIdMethod::PreSpecified(vec![1; 20]),
        };
        Self {
            ca: ca.der().to_vec(),
            end_entity: end_entity.der().to_vec(),
            end_entity_key: key.pkcs8(),
            crl: crl.signed_by(&issuer).unwrap().der().to_vec(),
        }
    }
}

/// A key for rcgen, whose own back ends are written in C.
struct Key {
    key: p256::ecdsa::SigningKey,
    point: Vec<u8>,
}

impl Key {
    fn new(number: u8) -> Self {
        let key = p256::ecdsa::SigningKey::from_slice(&[number; 32]).unwrap();
        let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        Self { key, point }
    }

    fn pkcs8(&self) -> Vec<u8> {
        use p256::pkcs8::EncodePrivateKey;
        self.key.to_pkcs8_der().unwrap().as_bytes().to_vec()
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: p256::ecdsa::DerSignature = self.key.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

/// Writes a PEM block with lines of the usual length.
fn block(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

fn base64(der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in der.chunks(3) {
        let octet = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = octet(0) << 16 | octet(1) << 8 | octet(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            match at <= chunk.len() {
                true => text.push(ALPHABET[(group >> shift) as usize & 63].into()),
                false => text.push('='),
            }
        }
    }
    text
}

/// The whole chain of causes, as the program prints it.
#[track_caller]
pub(crate) fn message<T>(result: Result<T, impl Error>) -> String {
    let Err(error) = result else {
        panic!("not refused");
    };
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
