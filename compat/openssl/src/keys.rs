//! Key pairs, made when first asked for and kept for the run.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use openssl::{
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    rsa::{Padding, Rsa},
    sign::{RsaPssSaltlen, Signer},
};

use crate::der;

/// A key pair: its kind, and which of that kind.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Key(pub Kind, pub u8);

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    Brainpool256,
    Dsa2048,
    Ed25519,
    Ed448,
    K256,
    P224,
    P256,
    P384,
    P521,
    Rsa(u32),
    /// An RSA key whose certificate says id-RSASSA-PSS.
    RsaPss(u32),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Digest {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Key {
    pub fn pair(self) -> PKey<Private> {
        static PAIRS: LazyLock<Mutex<HashMap<Key, PKey<Private>>>> = LazyLock::new(Mutex::default);
        let mut pairs = PAIRS.lock().expect("no holder panics");
        pairs
            .entry(self)
            .or_insert_with(|| self.0.generate())
            .clone()
    }

    /// The SubjectPublicKeyInfo.
    pub fn spki(self) -> Vec<u8> {
        let spki = self
            .pair()
            .public_key_to_der()
            .expect("a public key has a DER form");
        match self.0 {
            Kind::RsaPss(_) => {
                // The same key, under id-RSASSA-PSS without parameters.
                let key = Rsa::public_key_from_der(&spki)
                    .expect("made as RSA")
                    .public_key_to_der_pkcs1();
                let algorithm = der::sequence(&[der::oid("1.2.840.113549.1.1.10")]);
                der::sequence(&[
                    algorithm,
                    der::bits(&key.expect("an RSA key has a PKCS#1 form")),
                ])
            }
            _ => spki,
        }
    }

    /// SHA-1 of the key's bits, as RFC 5280 has it for key identifiers.
    pub fn identifier(self) -> Vec<u8> {
        openssl::sha::sha1(&self.spki()).to_vec()
    }

    /// The AlgorithmIdentifier of a signature by this key.
    pub fn algorithm(self, digest: Digest, pss: bool) -> Vec<u8> {
        let null = der::tlv(5, &[]);
        match self.0 {
            Kind::Ed25519 => der::sequence(&[der::oid("1.3.101.112")]),
            Kind::Ed448 => der::sequence(&[der::oid("1.3.101.113")]),
            Kind::Dsa2048 => der::sequence(&[der::oid("2.16.840.1.101.3.4.3.2")]),
            Kind::RsaPss(_) => pss_algorithm(digest),
            Kind::Rsa(_) if pss => pss_algorithm(digest),
            Kind::Rsa(_) => der::sequence(&[der::oid(digest.with_rsa()), null]),
            _ => der::sequence(&[der::oid(digest.with_ecdsa())]),
        }
    }

    pub fn sign(self, digest: Digest, pss: bool, message: &[u8]) -> Vec<u8> {
        let pair = self.pair();
        let mut signer = match self.0 {
            Kind::Ed25519 | Kind::Ed448 => Signer::new_without_digest(&pair),
            _ => Signer::new(digest.openssl(), &pair),
        }
        .expect("every kind of key signs");
        if matches!((self.0, pss), (Kind::Rsa(_), true) | (Kind::RsaPss(_), _)) {
            signer
                .set_rsa_padding(Padding::PKCS1_PSS)
                .expect("an RSA key");
            signer
                .set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)
                .expect("an RSA key");
        }
        signer
            .sign_oneshot_to_vec(message)
            .expect("every kind of key signs")
    }
}

impl Kind {
    fn generate(self) -> PKey<Private> {
        let curve = match self {
            Self::Ed25519 => return PKey::generate_ed25519().expect("supported"),
            Self::Ed448 => return PKey::generate_ed448().expect("supported"),
            Self::Dsa2048 => {
                let dsa = openssl::dsa::Dsa::generate(2048).expect("supported");
                return PKey::from_dsa(dsa).expect("a DSA key");
            }
            Self::Rsa(bits) | Self::RsaPss(bits) => {
                let e = BigNum::from_u32(65537).expect("small");
                let rsa = Rsa::generate_with_e(bits, &e).expect("supported");
                return PKey::from_rsa(rsa).expect("an RSA key");
            }
            Self::Brainpool256 => Nid::BRAINPOOL_P256R1,
            Self::K256 => Nid::SECP256K1,
            Self::P224 => Nid::SECP224R1,
            Self::P256 => Nid::X9_62_PRIME256V1,
            Self::P384 => Nid::SECP384R1,
            Self::P521 => Nid::SECP521R1,
        };
        let group = EcGroup::from_curve_name(curve).expect("supported");
        PKey::from_ec_key(EcKey::generate(&group).expect("supported")).expect("an EC key")
    }
}

impl Digest {
    pub fn openssl(self) -> MessageDigest {
        match self {
            Self::Md5 => MessageDigest::md5(),
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha224 => MessageDigest::sha224(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }

    fn with_rsa(self) -> &'static str {
        match self {
            Self::Md5 => "1.2.840.113549.1.1.4",
            Self::Sha1 => "1.2.840.113549.1.1.5",
            Self::Sha224 => "1.2.840.113549.1.1.14",
            Self::Sha256 => "1.2.840.113549.1.1.11",
            Self::Sha384 => "1.2.840.113549.1.1.12",
            Self::Sha512 => "1.2.840.113549.1.1.13",
        }
    }

    fn with_ecdsa(self) -> &'static str {
        match self {
            Self::Md5 | Self::Sha1 => "1.2.840.10045.4.1",
            Self::Sha224 => "1.2.840.10045.4.3.1",
            Self::Sha256 => "1.2.840.10045.4.3.2",
            Self::Sha384 => "1.2.840.10045.4.3.3",
            Self::Sha512 => "1.2.840.10045.4.3.4",
        }
    }

    fn hash_oid(self) -> &'static str {
        match self {
            Self::Md5 => "1.2.840.113549.2.5",
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha224 => "2.16.840.1.101.3.4.2.4",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }
}

fn pss_algorithm(digest: Digest) -> Vec<u8> {
    let hash = der::sequence(&[der::oid(digest.hash_oid()), der::tlv(5, &[])]);
    let mgf = der::sequence(&[der::oid("1.2.840.113549.1.1.8"), hash.clone()]);
    let salt = der::small_integer(digest.openssl().size() as u8);
    let parameters = der::sequence(&[
        der::context(0, &hash),
        der::context(1, &mgf),
        der::context(2, &salt),
    ]);
    der::sequence(&[der::oid("1.2.840.113549.1.1.10"), parameters])
}
