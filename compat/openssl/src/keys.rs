//! Key pairs, made when first asked for and kept for the run.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use openssl::{
    bn::{BigNum, BigNumContext},
    ec::{Asn1Flag, EcGroup, EcKey, EcPoint},
    error::ErrorStack,
    hash::MessageDigest,
    nid::Nid,
    pkey::{Id, PKey, Private},
    rsa::Rsa,
    sign::{RsaPssSaltlen, Signer},
};

use crate::der;

/// The most signatures that are kept, enough for the cases that are made to shrink one.
const MOST_SIGNATURES: usize = 100_000;

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
    /// An RSA key of 2048 bits whose public exponent has 65.
    RsaLongExponent,
    /// An RSA key whose certificate says id-RSASSA-PSS.
    RsaPss(u32),
}

impl Kind {
    /// The object identifier of the curve or of the kind, if a policy may refuse it.
    pub fn object_identifier(self) -> Option<&'static str> {
        match self {
            Self::Brainpool256 => Some("1.3.36.3.3.2.8.1.1.7"),
            Self::Dsa2048 => Some("1.2.840.10040.4.1"),
            Self::Ed448 => Some("1.3.101.113"),
            Self::P224 => Some("1.3.132.0.33"),
            _ => None,
        }
    }
}

/// The padding of an RSA signature; other keys ignore it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Padding {
    Pkcs1,
    /// PSS with a salt as long as the digest.
    Pss,
    /// PSS with a mask made with SHA-1, whatever the digest.
    PssMask,
    /// PSS with a salt of this many bytes.
    PssSalt(u8),
}

impl Padding {
    fn salt(self, digest: Digest) -> u8 {
        match self {
            Self::PssSalt(len) => len,
            Self::Pkcs1 | Self::Pss | Self::PssMask => digest.openssl().size() as u8,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Digest {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha3,
    Sha512,
}

impl Key {
    pub fn pair(self) -> PKey<Private> {
        static PAIRS: LazyLock<Mutex<HashMap<Key, PKey<Private>>>> = LazyLock::new(Mutex::default);
        let mut pairs = PAIRS.lock().expect("no holder panics");
        pairs.entry(self).or_insert_with(|| self.generate()).clone()
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
    pub fn algorithm(self, digest: Digest, padding: Padding) -> Vec<u8> {
        let null = der::tlv(5, &[]);
        match self.0 {
            Kind::Ed25519 => der::sequence(&[der::oid("1.3.101.112")]),
            Kind::Ed448 => der::sequence(&[der::oid("1.3.101.113")]),
            Kind::Dsa2048 => der::sequence(&[der::oid("2.16.840.1.101.3.4.3.2")]),
            Kind::RsaPss(_) => pss_algorithm(digest, padding),
            Kind::Rsa(_) if padding != Padding::Pkcs1 => pss_algorithm(digest, padding),
            Kind::Rsa(_) | Kind::RsaLongExponent => {
                der::sequence(&[der::oid(digest.with_rsa()), null])
            }
            _ => der::sequence(&[der::oid(digest.with_ecdsa())]),
        }
    }

    /// Signs the message. The signature is the same if it is soon asked for again.
    pub fn sign(self, digest: Digest, padding: Padding, message: &[u8]) -> Vec<u8> {
        type Made = HashMap<(Key, Digest, Padding, [u8; 32]), Vec<u8>>;
        static SIGNATURES: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
        let what = (self, digest, padding, openssl::sha::sha256(message));
        let known = SIGNATURES
            .lock()
            .expect("no holder panics")
            .get(&what)
            .cloned();
        known.unwrap_or_else(|| {
            let made = self.sign_anew(digest, padding, message);
            let mut all = SIGNATURES.lock().expect("no holder panics");
            if all.len() == MOST_SIGNATURES {
                all.clear();
            }
            all.entry(what).or_insert(made).clone()
        })
    }

    fn sign_anew(self, digest: Digest, padding: Padding, message: &[u8]) -> Vec<u8> {
        let pair = self.pair();
        let mut signer = match self.0 {
            Kind::Ed25519 | Kind::Ed448 => Signer::new_without_digest(&pair),
            _ => Signer::new(digest.openssl(), &pair),
        }
        .expect("every kind of key signs");
        let is_pss = matches!(self.0, Kind::RsaPss(_))
            || matches!(self.0, Kind::Rsa(_)) && padding != Padding::Pkcs1;
        if is_pss {
            // A salt that is too long for the key is cut, so that the signature is not what its parameters say.
            let room = (pair.bits() as i32 + 6) / 8 - digest.openssl().size() as i32 - 2;
            let salt = i32::from(padding.salt(digest)).min(room);
            signer
                .set_rsa_padding(openssl::rsa::Padding::PKCS1_PSS)
                .expect("an RSA key");
            signer
                .set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt))
                .expect("an RSA key");
            if padding == Padding::PssMask {
                signer
                    .set_rsa_mgf1_md(MessageDigest::sha1())
                    .expect("an RSA key");
            }
        }
        signer
            .sign_oneshot_to_vec(message)
            .expect("every kind of key signs")
    }

    /// The SubjectPublicKeyInfo of a key on a named curve, with the curve written out.
    pub fn explicit_spki(self) -> Option<Vec<u8>> {
        let own = self.pair().ec_key().ok()?;
        let mut group = EcGroup::from_curve_name(own.group().curve_name()?).ok()?;
        group.set_asn1_flag(Asn1Flag::EXPLICIT_CURVE);
        let public = EcKey::from_public_key(&group, own.public_key()).ok()?;
        PKey::from_ec_key(public).ok()?.public_key_to_der().ok()
    }
}

/// Elliptic curve keys are the same in every run; RSA and DSA keys are not.
impl Key {
    fn generate(self) -> PKey<Private> {
        let curve = match self.0 {
            Kind::Ed25519 => {
                return PKey::private_key_from_raw_bytes(&self.secret(32), Id::ED25519)
                    .expect("supported");
            }
            Kind::Ed448 => {
                return PKey::private_key_from_raw_bytes(&self.secret(57), Id::ED448)
                    .expect("supported");
            }
            Kind::Dsa2048 => {
                let dsa = openssl::dsa::Dsa::generate(2048).expect("supported");
                return PKey::from_dsa(dsa).expect("a DSA key");
            }
            Kind::Rsa(bits) | Kind::RsaPss(bits) => return rsa(bits, &[1, 0, 1]),
            Kind::RsaLongExponent => return rsa(2048, &[1, 0, 0, 0, 0, 0, 0, 0, 1]),
            Kind::Brainpool256 => Nid::BRAINPOOL_P256R1,
            Kind::K256 => Nid::SECP256K1,
            Kind::P224 => Nid::SECP224R1,
            Kind::P256 => Nid::X9_62_PRIME256V1,
            Kind::P384 => Nid::SECP384R1,
            Kind::P521 => Nid::SECP521R1,
        };
        let group = EcGroup::from_curve_name(curve).expect("supported");
        let pair = self.on_curve(&group).expect("a scalar below the order");
        PKey::from_ec_key(pair).expect("an EC key")
    }

    fn on_curve(self, group: &EcGroup) -> Result<EcKey<Private>, ErrorStack> {
        // One byte less than the order has.
        let len = group.order_bits() as usize / 8 - 1;
        let scalar = BigNum::from_slice(&self.secret(len))?;
        let mut point = EcPoint::new(group)?;
        point.mul_generator2(group, &scalar, &mut *BigNumContext::new()?)?;
        EcKey::from_private_components(group, &scalar, &point)
    }

    fn secret(self, len: usize) -> Vec<u8> {
        let block = |n: u8| openssl::sha::sha512(format!("{self:?} {n}").as_bytes());
        [block(0), block(1)].concat()[..len].to_vec()
    }
}

fn rsa(bits: u32, exponent: &[u8]) -> PKey<Private> {
    let exponent = BigNum::from_slice(exponent).expect("small");
    let rsa = Rsa::generate_with_e(bits, &exponent).expect("supported");
    PKey::from_rsa(rsa).expect("an RSA key")
}

impl Digest {
    pub fn openssl(self) -> MessageDigest {
        match self {
            Self::Md5 => MessageDigest::md5(),
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha224 => MessageDigest::sha224(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha3 => MessageDigest::sha3_256(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }

    pub fn with_rsa(self) -> &'static str {
        match self {
            Self::Md5 => "1.2.840.113549.1.1.4",
            Self::Sha1 => "1.2.840.113549.1.1.5",
            Self::Sha224 => "1.2.840.113549.1.1.14",
            Self::Sha256 => "1.2.840.113549.1.1.11",
            Self::Sha384 => "1.2.840.113549.1.1.12",
            Self::Sha3 => "2.16.840.1.101.3.4.3.14",
            Self::Sha512 => "1.2.840.113549.1.1.13",
        }
    }

    fn with_ecdsa(self) -> &'static str {
        match self {
            Self::Md5 | Self::Sha1 => "1.2.840.10045.4.1",
            Self::Sha224 => "1.2.840.10045.4.3.1",
            Self::Sha256 => "1.2.840.10045.4.3.2",
            Self::Sha384 => "1.2.840.10045.4.3.3",
            Self::Sha3 => "2.16.840.1.101.3.4.3.10",
            Self::Sha512 => "1.2.840.10045.4.3.4",
        }
    }

    pub fn hash_oid(self) -> &'static str {
        match self {
            Self::Md5 => "1.2.840.113549.2.5",
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha224 => "2.16.840.1.101.3.4.2.4",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha3 => "2.16.840.1.101.3.4.2.8",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }
}

fn pss_algorithm(digest: Digest, padding: Padding) -> Vec<u8> {
    let hash = |digest: Digest| der::sequence(&[der::oid(digest.hash_oid()), der::tlv(5, &[])]);
    let mask = match padding {
        Padding::PssMask => Digest::Sha1,
        _ => digest,
    };
    let mgf = der::sequence(&[der::oid("1.2.840.113549.1.1.8"), hash(mask)]);
    let salt = der::small_integer(padding.salt(digest));
    let parameters = der::sequence(&[
        der::context(0, &hash(digest)),
        der::context(1, &mgf),
        der::context(2, &salt),
    ]);
    der::sequence(&[der::oid("1.2.840.113549.1.1.10"), parameters])
}
