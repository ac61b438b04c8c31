//! Certificates and revocation lists written octet by octet, because no tool would make them; and what `openssl` says
//! about them.

use std::path::PathBuf;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

use super::Certificate;
pub(crate) use super::extension::id::*;
use crate::child;

/// 2025-06-15T15:06:40Z: all certificates are valid, from 2020 to 2040.
pub(crate) const NOW: i64 = 1_750_000_000;

pub(crate) struct Key {
    signing: SigningKey,
    pub(crate) id: [u8; 4],
}

impl Key {
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            signing: SigningKey::from_slice(&[seed; 32]).unwrap(),
            id: [seed; 4],
        }
    }

    pub(crate) fn public_point(&self) -> Vec<u8> {
        self.signing
            .verifying_key()
            .to_sec1_point(false)
            .as_bytes()
            .to_vec()
    }

    fn spki(&self, curve: Vec<u8>) -> Vec<u8> {
        seq(&[
            seq(&[oid(EC_PUBLIC_KEY), curve]),
            bit_string(&self.public_point()),
        ])
    }

    /// Returns the signed structure around `tbs`, with `algorithm` beside the signature.
    pub(crate) fn sign(&self, tbs: Vec<u8>, algorithm: Vec<u8>) -> Vec<u8> {
        let signature: DerSignature = self.signing.sign(&tbs);
        seq(&[tbs, algorithm, bit_string(signature.as_bytes())])
    }
}

/// The description of a certificate, by default issued by the CA `C = DE, CN = Root` with serial number 100.
#[derive(Clone)]
pub(crate) struct CertificateSpec {
    pub(crate) subject: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) key: u8,
    pub(crate) signer: u8,
    /// Two times.
    pub(crate) validity: Vec<u8>,
    pub(crate) extensions: Vec<Vec<u8>>,
    /// The number of bits in the signature that are said to be unused.
    pub(crate) unused_bits: u8,
    /// Whether the key has the parameters of its curve instead of the name.
    pub(crate) has_explicit_curve: bool,
    /// Whether the version is left out, as in version 1.
    pub(crate) is_v1: bool,
}

impl Default for CertificateSpec {
    fn default() -> Self {
        Self {
            subject: cn("sip.example.com"),
            issuer: root_name(),
            serial: vec![100],
            key: 9,
            signer: 1,
            validity: seq(&[utc("200101000000Z"), utc("400101000000Z")]),
            extensions: Vec::new(),
            unused_bits: 0,
            has_explicit_curve: false,
            is_v1: false,
        }
    }
}

impl CertificateSpec {
    /// The self-signed CA.
    pub(crate) fn root() -> Self {
        Self::ca(root_name(), 1)
    }

    /// A self-signed CA with the key `seed`.
    pub(crate) fn ca(name: Vec<u8>, seed: u8) -> Self {
        Self {
            subject: name.clone(),
            issuer: name,
            serial: vec![seed],
            key: seed,
            signer: seed,
            extensions: vec![
                extension(BASIC_CONSTRAINTS, true, &seq(&[boolean(true)])),
                extension(SUBJECT_KEY_ID, false, &octets(&Key::new(seed).id)),
            ],
            ..Self::default()
        }
    }

    /// A CA below the root, with serial number 50.
    pub(crate) fn intermediate() -> Self {
        Self {
            serial: vec![50],
            ..Self::ca(cn("Intermediate"), 4).below(&Self::root())
        }
    }

    /// The same certificate, issued by this CA.
    pub(crate) fn below(self, issuer: &Self) -> Self {
        Self {
            issuer: issuer.subject.clone(),
            signer: issuer.key,
            ..self
        }
    }

    pub(crate) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let extensions = extensions(&self.extensions);
        let version = match self.is_v1 {
            true => Vec::new(),
            false => tlv(0xa0, &integer(&[2])),
        };
        let tbs = seq(&[
            version,
            integer(&self.serial),
            ecdsa_sha256(),
            self.issuer.clone(),
            self.validity.clone(),
            self.subject.clone(),
            Key::new(self.key).spki(match self.has_explicit_curve {
                true => p256(),
                false => oid(P256),
            }),
            extensions,
        ]);
        let mut der = Key::new(self.signer).sign(tbs, ecdsa_sha256());
        if self.unused_bits > 0 {
            let at = der.len() - usize::from(signature_len(&der)) - 1;
            der[at] = self.unused_bits;
        }
        der
    }

    #[track_caller]
    pub(crate) fn certificate(&self) -> Certificate<'static> {
        Certificate::parse(CertificateDer::from(self.der())).unwrap()
    }
}

/// The parameters of P-256 (RFC 3279, section 2.3.5; SEC 2, section 2.4.2).
fn p256() -> Vec<u8> {
    const PRIME_FIELD: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 1, 1];
    let halves = |halves: [u128; 2]| halves.map(u128::to_be_bytes).concat();
    let prime = [
        0xffff_ffff_0000_0001_0000_0000_0000_0000,
        0x0000_0000_ffff_ffff_ffff_ffff_ffff_ffff,
    ];
    let a = [prime[0], prime[1] - 3];
    let b = [
        0x5ac6_35d8_aa3a_93e7_b3eb_bd55_7698_86bc,
        0x651d_06b0_cc53_b0f6_3bce_3c3e_27d2_604b,
    ];
    let base_x = [
        0x6b17_d1f2_e12c_4247_f8bc_e6e5_63a4_40f2,
        0x7703_7d81_2deb_33a0_f4a1_3945_d898_c296,
    ];
    let base_y = [
        0x4fe3_42e2_fe1a_7f9b_8ee7_eb4a_7c0f_9e16,
        0x2bce_3357_6b31_5ece_cbb6_4068_37bf_51f5,
    ];
    let order = [
        0xffff_ffff_0000_0000_ffff_ffff_ffff_ffff,
        0xbce6_faad_a717_9e84_f3b9_cac2_fc63_2551,
    ];
    let positive = |number| integer(&[&[0][..], &halves(number)].concat());
    let base = [&[4][..], &halves(base_x), &halves(base_y)].concat();
    seq(&[
        integer(&[1]),
        seq(&[oid(PRIME_FIELD), positive(prime)]),
        seq(&[octets(&halves(a)), octets(&halves(b))]),
        octets(&base),
        positive(order),
        integer(&[1]),
    ])
}

/// The length of the signature at the end of a certificate: it is a short SEQUENCE of its own.
fn signature_len(der: &[u8]) -> u8 {
    (64..=72)
        .find(|len| {
            let start = der.len() - usize::from(*len);
            der[start..start + 2] == [0x30, len - 2] && der[start - 1] == 0
        })
        .unwrap()
}

/// ECDSA with P-256 and SHA-256, counting how often it is used.
#[derive(Debug, Default)]
pub(crate) struct CountingP256(AtomicUsize);

impl CountingP256 {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl SignatureVerificationAlgorithm for CountingP256 {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }

    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = DerSignature::from_bytes(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature)
            .map_err(|_| InvalidSignature)
    }
}

/// A temporary directory for files that `openssl` is asked about.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("sip-tls-{}-{number}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Writes DER files as one file of PEM blocks, by way of `openssl`.
    pub(crate) fn write_pem(&self, name: &str, kind: &str, ders: &[Vec<u8>]) -> PathBuf {
        let mut pem = Vec::new();
        for der in ders {
            let input = self.write("der", der);
            let output = openssl(&[kind, "-inform", "DER", "-in", input.to_str().unwrap()]);
            assert!(output.status.success(), "{}", text(&output));
            pem.extend(output.stdout);
        }
        self.write(name, &pem)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn openssl(arguments: &[&str]) -> Output {
    child::output(child::command("openssl").args(arguments))
}

pub(crate) fn text(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let mut out = match len {
        0..0x80 => vec![tag, len as u8],
        0x80..0x100 => vec![tag, 0x81, len as u8],
        0x100..0x1_0000 => vec![tag, 0x82, (len >> 8) as u8, len as u8],
        _ => vec![
            tag,
            0x84,
            (len >> 24) as u8,
            (len >> 16) as u8,
            (len >> 8) as u8,
            len as u8,
        ],
    };
    out.extend_from_slice(content);
    out
}

pub(crate) fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn oid(content: &[u8]) -> Vec<u8> {
    tlv(0x06, content)
}

pub(crate) fn integer(content: &[u8]) -> Vec<u8> {
    tlv(0x02, content)
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    tlv(0x01, &[if value { 0xff } else { 0 }])
}

pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    tlv(0x04, content)
}

pub(crate) fn bit_string(content: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], content].concat())
}

pub(crate) fn utc(text: &str) -> Vec<u8> {
    tlv(0x17, text.as_bytes())
}

pub(crate) fn ecdsa_sha256() -> Vec<u8> {
    seq(&[oid(ECDSA_SHA256)])
}

/// Writes the field that holds the extensions, if there are any.
pub(crate) fn extensions(all: &[Vec<u8>]) -> Vec<u8> {
    match all.is_empty() {
        true => Vec::new(),
        false => tlv(0xa3, &seq(all)),
    }
}

pub(crate) fn extension(id: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = match is_critical {
        true => boolean(true),
        false => Vec::new(),
    };
    seq(&[oid(id), critical, octets(value)])
}

/// An extKeyUsage with these purposes.
pub(crate) fn key_purposes(ids: &[&[u8]]) -> Vec<u8> {
    let ids: Vec<_> = ids.iter().map(|id| oid(id)).collect();
    extension(EXTENDED_KEY_USAGE, false, &seq(&ids))
}

/// A name with one attribute in each RelativeDistinguishedName.
pub(crate) fn name(attributes: &[Vec<u8>]) -> Vec<u8> {
    let sets: Vec<_> = attributes
        .iter()
        .map(|attribute| tlv(0x31, attribute))
        .collect();
    seq(&sets)
}

pub(crate) fn attribute(id: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    seq(&[oid(id), tlv(tag, value)])
}

pub(crate) fn cn(text: &str) -> Vec<u8> {
    name(&[attribute(COMMON_NAME, UTF8, text.as_bytes())])
}

/// The canonical form of [`cn`], for a text in lower case.
pub(crate) fn canonical(text: &str) -> Vec<u8> {
    tlv(0x31, &attribute(COMMON_NAME, UTF8, text.as_bytes()))
}

pub(crate) fn root_name() -> Vec<u8> {
    let country = attribute(COUNTRY, PRINTABLE, b"DE");
    name(&[country, attribute(COMMON_NAME, UTF8, b"Root")])
}

pub(crate) const UTF8: u8 = 0x0c;
pub(crate) const NUMERIC: u8 = 0x12;
pub(crate) const PRINTABLE: u8 = 0x13;
pub(crate) const T61: u8 = 0x14;
pub(crate) const IA5: u8 = 0x16;
pub(crate) const UNIVERSAL: u8 = 0x1c;
pub(crate) const BMP: u8 = 0x1e;

pub(crate) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub(crate) const COUNTRY: &[u8] = &[0x55, 4, 6];
pub(crate) const ORGANIZATION: &[u8] = &[0x55, 4, 10];

pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub(crate) const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];

pub(crate) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
pub(crate) const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
pub(crate) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
pub(crate) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
