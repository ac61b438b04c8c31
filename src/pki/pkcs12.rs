//! PKCS#12 (RFC 7292), as OpenSSL reads it (`PKCS12_parse(3)`), in DER or BER.
//!
//! A file is a list of parts, which are encrypted or not; each part is a list of bags with certificates, keys or lists.
//! A MAC over all parts comes last. The order of work is OpenSSL's: the MAC is verified first, so that a wrong
//! passphrase is noticed there.
//!
//! Before any passphrase is asked for, the file is walked through once from outside ([`Depth::Outside`]): ciphers that
//! are not supported, and work without a bound, are refused then. The bound is shared by the whole file ([`Budget`]).

use std::borrow::Cow;

use digest::FixedOutputReset;
use digest::block_api::BlockSizeUser;
use hmac::{EagerHash, Hmac, KeyInit, Mac as _};
use md5::Md5;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::encryption::{
    Budget, DecryptionError, EncryptedPrivateKeyInfo, Pkcs12Derivation, Scheme, algorithm_name,
    number,
};
use super::format::{Format, KeyFormat, check_attributes};
use super::pkcs7::{DATA, SIGNED_DATA};
use crate::x509::algorithm::{Algorithm, Digest};
use crate::x509::der::{OCTET_STRING, Reader, SEQUENCE, SET, context};

/// A PKCS#12 file whose integrity is protected by a passphrase, or by nothing.
pub(super) struct Pkcs12 {
    /// The AuthenticatedSafe. It may hold unencrypted keys.
    safe: Zeroizing<Vec<u8>>,
    mac: Option<Mac>,
}

/// An object in the file.
pub(super) enum Bag {
    Certificate(CertificateDer<'static>),
    Key(Zeroizing<PrivateKeyDer<'static>>),
    List(CertificateRevocationListDer<'static>),
    /// An object that no option uses.
    Other,
}

/// No passphrase is another key than an empty one: the first derives from nothing, the second from two zero octets.
type Passphrase<'a> = Option<&'a [u8]>;

impl Pkcs12 {
    /// Reads what can be read without the passphrase, and refuses what no passphrase can open.
    pub(super) fn parse(pfx: &[u8]) -> Result<Self, DecryptionError> {
        let mut fields = Reader::new(pfx)
            .sequence()
            .ok_or(DecryptionError::Damaged)?;
        let content = fields
            .integer()
            .and_then(|_| ContentInfo::read(&mut fields))
            .ok_or(DecryptionError::Damaged)?;
        let safe = match content.kind {
            DATA => content.data().ok_or(DecryptionError::Damaged)?,
            SIGNED_DATA => return Err(DecryptionError::UnsupportedIntegrity),
            _ => return Err(DecryptionError::Damaged),
        };
        let mac = match fields.is_empty() {
            true => None,
            false => Some(Mac::read(&mut fields)?),
        };
        let this = Self { safe, mac };
        this.check()?;
        Ok(this)
    }

    /// Refuses unsupported ciphers and excessive work, before the passphrase is asked for.
    fn check(&self) -> Result<(), DecryptionError> {
        let mut checking = Opening::new(None, Depth::Outside);
        checking.safe(&self.safe)
    }

    pub(super) fn has_mac(&self) -> bool {
        self.mac.is_some()
    }

    /// Opens the file without a passphrase, as OpenSSL tries before it asks for one: first with no passphrase at all,
    /// and then with an empty one. `None` if a passphrase is needed.
    pub(super) fn open_without_passphrase(&self) -> Option<Result<Vec<Bag>, DecryptionError>> {
        for passphrase in [None, Some(&b""[..])] {
            match self.open(passphrase) {
                Err(DecryptionError::WrongPassphrase) => {}
                opened => return Some(opened),
            }
        }
        None
    }

    /// Verifies the MAC, and decrypts everything.
    pub(super) fn open(&self, passphrase: Passphrase<'_>) -> Result<Vec<Bag>, DecryptionError> {
        let mut opening = Opening::new(passphrase, Depth::Inside);
        if let Some(mac) = &self.mac {
            opening.budget.take(mac.derivation.iterations)?;
            mac.verify(passphrase, &self.safe)?;
        }
        opening.safe(&self.safe)?;
        Ok(opening.bags)
    }
}

/// A file that is being opened.
struct Opening<'p> {
    passphrase: Passphrase<'p>,
    depth: Depth,
    budget: Budget,
    has_key: bool,
    bags: Vec<Bag>,
}

/// How far a file is opened.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Depth {
    Inside,
    /// Nothing is decrypted.
    Outside,
}

impl<'p> Opening<'p> {
    fn new(passphrase: Passphrase<'p>, depth: Depth) -> Self {
        Self {
            passphrase,
            depth,
            budget: Budget::default(),
            has_key: false,
            bags: Vec::new(),
        }
    }

    /// Reads an AuthenticatedSafe. OpenSSL skips parts that are encrypted by other means than a passphrase.
    fn safe(&mut self, safe: &[u8]) -> Result<(), DecryptionError> {
        let mut parts = Reader::new(safe)
            .sequence()
            .ok_or(DecryptionError::Damaged)?;
        while !parts.is_empty() {
            let part = ContentInfo::read(&mut parts).ok_or(DecryptionError::Damaged)?;
            match part.kind {
                DATA => {
                    let contents = part.data().ok_or(DecryptionError::Damaged)?;
                    self.contents(&contents, 0)?;
                }
                ENCRYPTED_DATA => {
                    if let Some(contents) = self.decrypt(&part)? {
                        self.contents(&contents, 0)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Decrypts a part. `None` if nothing is to be decrypted.
    fn decrypt(
        &mut self,
        part: &ContentInfo<'_>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, DecryptionError> {
        let (algorithm, ciphertext) = part.encrypted().ok_or(DecryptionError::Damaged)?;
        let scheme = Scheme::read(algorithm)?;
        scheme.charge(&mut self.budget)?;
        if self.depth == Depth::Outside {
            return Ok(None);
        }
        let contents = scheme.decrypt(self.passphrase, &ciphertext)?;
        // Without a MAC, contents that are no SEQUENCE are a sign of a wrong passphrase.
        match Reader::new(&contents).sequence() {
            Some(_) => Ok(Some(contents)),
            None => Err(DecryptionError::WrongPassphrase),
        }
    }

    /// Reads SafeContents.
    fn contents(&mut self, contents: &[u8], depth: usize) -> Result<(), DecryptionError> {
        let mut bags = Reader::new(contents)
            .sequence()
            .ok_or(DecryptionError::Damaged)?;
        while !bags.is_empty() {
            self.bag(&mut bags, depth)
                .unwrap_or(Err(DecryptionError::Damaged))?;
        }
        Ok(())
    }

    /// Reads a SafeBag. `None` if it is malformed.
    fn bag(&mut self, bags: &mut Reader<'_>, depth: usize) -> Option<Result<(), DecryptionError>> {
        let mut fields = bags.sequence()?;
        let kind = fields.object_identifier()?.strip_prefix(BAG_TYPES);
        let value = fields.expect(context(0))?.explicit()?;
        check_attributes(fields.optional(SET)?)?;
        fields.end()?;
        let bag = match kind {
            // OpenSSL skips all keys but the first.
            Some([1 | 2]) if std::mem::replace(&mut self.has_key, true) => Ok(Bag::Other),
            Some([1]) => key(value.rest()),
            Some([2]) => self.shrouded_key(value.rest()),
            Some([3]) => Ok(certificate(value)?),
            Some([4]) => Ok(list(value)?),
            Some([6]) if depth < MOST_DEPTH => return Some(self.contents(value.rest(), depth + 1)),
            Some([6]) => Err(DecryptionError::Damaged),
            _ => Ok(Bag::Other),
        };
        Some(bag.map(|bag| self.bags.push(bag)))
    }

    /// Reads a PKCS8ShroudedKeyBag, which is encrypted a second time.
    fn shrouded_key(&mut self, info: &[u8]) -> Result<Bag, DecryptionError> {
        let info = EncryptedPrivateKeyInfo::read(info)?;
        info.charge(&mut self.budget)?;
        match self.depth {
            Depth::Inside => Ok(Bag::Key(info.decrypt(self.passphrase)?)),
            Depth::Outside => Ok(Bag::Other),
        }
    }
}

/// Reads a KeyBag, which is not encrypted itself.
fn key(info: &[u8]) -> Result<Bag, DecryptionError> {
    match Format::of(info) {
        Some(Format::PrivateKey(KeyFormat::Pkcs8)) => Ok(Bag::Key(KeyFormat::Pkcs8.key(info))),
        _ => Err(DecryptionError::Damaged),
    }
}

/// Reads a CertBag. OpenSSL does not read the other kind of certificate either.
fn certificate(bag: Reader<'_>) -> Option<Bag> {
    let (kind, der) = typed(bag)?;
    Some(match kind {
        X509_CERTIFICATE => Bag::Certificate(der.into()),
        _ => Bag::Other,
    })
}

/// Reads a CRLBag.
fn list(bag: Reader<'_>) -> Option<Bag> {
    let (kind, der) = typed(bag)?;
    Some(match kind {
        X509_CRL => Bag::List(der.into()),
        _ => Bag::Other,
    })
}

/// Reads an object identifier, and the octets whose encoding it names.
fn typed(mut bag: Reader<'_>) -> Option<(&[u8], Vec<u8>)> {
    let mut fields = bag.sequence()?;
    let kind = fields.object_identifier()?;
    let value = fields.expect(context(0))?.explicit()?.next()?;
    let octets = match value.tag {
        OCTET_STRING => value.string()?.into_owned(),
        _ => value.raw.to_vec(),
    };
    Some((kind, octets))
}

/// A ContentInfo (RFC 2315, section 7).
struct ContentInfo<'a> {
    kind: &'a [u8],
    content: Reader<'a>,
}

impl<'a> ContentInfo<'a> {
    /// Reads the type and what is in it. The content may be missing.
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut fields = reader.sequence()?;
        Some(Self {
            kind: fields.object_identifier()?,
            content: match fields.is_empty() {
                true => Reader::default(),
                false => fields.expect(context(0))?.explicit()?,
            },
        })
    }

    /// The octets of type data. In BER they may come in pieces.
    fn data(&self) -> Option<Zeroizing<Vec<u8>>> {
        let octets = self.content.clone().expect(OCTET_STRING)?.string()?;
        Some(Zeroizing::new(octets.into_owned()))
    }

    /// Reads an EncryptedData (RFC 2315, section 13).
    fn encrypted(&self) -> Option<(Algorithm<'a>, Cow<'a, [u8]>)> {
        let mut fields = self.content.clone().sequence()?;
        fields.integer()?;
        let mut info = fields.expect(SEQUENCE)?.fields()?;
        info.object_identifier()?;
        let algorithm = Algorithm::read(&mut info)?;
        let ciphertext = info.expect(context(0))?.string()?;
        Some((algorithm, ciphertext))
    }
}

/// A MacData (RFC 7292, section 4).
struct Mac {
    digest: Digest,
    value: Vec<u8>,
    derivation: Pkcs12Derivation,
}

impl Mac {
    /// Reads the MAC. Its default of one iteration is that of RFC 7292.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecryptionError> {
        let mut parts = || {
            let mut fields = reader.sequence()?;
            let mut info = fields.sequence()?;
            let algorithm = Algorithm::read(&mut info)?;
            let value = info.expect(OCTET_STRING)?.string()?.into_owned();
            let salt = fields.expect(OCTET_STRING)?.string()?.into_owned();
            let iterations = match fields.is_empty() {
                true => 1,
                false => number(&mut fields)?,
            };
            Some((algorithm, value, salt, iterations))
        };
        let (algorithm, value, salt, iterations) = parts().ok_or(DecryptionError::Damaged)?;
        Ok(Self {
            digest: digest(algorithm)?,
            value,
            derivation: Pkcs12Derivation::new(salt, iterations)?,
        })
    }

    /// A MAC that does not match means a wrong passphrase, or a damaged file: nothing tells the two apart.
    fn verify(&self, passphrase: Passphrase<'_>, safe: &[u8]) -> Result<(), DecryptionError> {
        let is_good = match self.digest {
            Digest::Md5 => self.verify_with::<Md5>(passphrase, safe),
            Digest::Sha1 => self.verify_with::<Sha1>(passphrase, safe),
            Digest::Sha224 => self.verify_with::<Sha224>(passphrase, safe),
            Digest::Sha256 => self.verify_with::<Sha256>(passphrase, safe),
            Digest::Sha384 => self.verify_with::<Sha384>(passphrase, safe),
            Digest::Sha512 => self.verify_with::<Sha512>(passphrase, safe),
        };
        is_good
            .then_some(())
            .ok_or(DecryptionError::WrongPassphrase)
    }

    fn verify_with<D>(&self, passphrase: Passphrase<'_>, safe: &[u8]) -> bool
    where
        D: digest::Digest + FixedOutputReset + BlockSizeUser + EagerHash,
    {
        let key = self.derivation.mac_key::<D>(passphrase);
        let Ok(hmac) = Hmac::<D>::new_from_slice(&key) else {
            return false;
        };
        hmac.chain_update(safe).verify_slice(&self.value).is_ok()
    }
}

fn digest(algorithm: Algorithm<'_>) -> Result<Digest, DecryptionError> {
    Digest::of(algorithm).ok_or_else(|| {
        let name = algorithm_name(algorithm.oid);
        DecryptionError::Derivation { name }
    })
}

/// The limit for SafeContents within SafeContents.
const MOST_DEPTH: usize = 8;

/// The content type encryptedData of PKCS#7 (RFC 2315, section 14).
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 6];
/// 1.2.840.113549.1.12.10.1
const BAG_TYPES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1];
const X509_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
const X509_CRL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 23, 1];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Source;
    use crate::pki::roots;
    use crate::x509::test_pki::{CertificateSpec, integer, octets, oid, seq, tlv};
    use crate::x509::tests::deep;

    #[test]
    fn each_type_of_bag_is_read_and_those_of_no_use_are_skipped() {
        const SDSI_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 2];
        const SECRET: u8 = 5;
        let bags = [
            (
                bag(3, typed(X509_CERTIFICATE, b"certificate")),
                "certificate",
            ),
            (bag(3, typed(SDSI_CERTIFICATE, b"certificate")), "nothing"),
            (bag(4, typed(X509_CRL, b"list")), "list"),
            (bag(4, typed(SDSI_CERTIFICATE, b"list")), "nothing"),
            (bag(SECRET, octets(b"secret")), "nothing"),
        ];
        for (bag, expected) in &bags {
            assert_eq!(
                opened(&seq(std::slice::from_ref(bag))),
                Some(vec![(*expected).to_owned()])
            );
        }
        let (all, expected): (Vec<_>, Vec<_>) = bags.into_iter().unzip();
        assert_eq!(opened(&seq(&all)).unwrap(), expected);
    }

    #[test]
    fn bags_may_be_nested_up_to_a_limit() {
        let mut contents = seq(&[bag(3, typed(X509_CERTIFICATE, b"certificate"))]);
        for depth in 0..=MOST_DEPTH {
            let found = opened(&contents);
            assert_eq!(found, Some(vec!["certificate".to_owned()]), "{depth}");
            contents = seq(&[bag(6, contents)]);
        }
        assert_eq!(opened(&contents), None);
    }

    #[test]
    fn bags_are_read_in_proportion_however_deep_they_are_nested() {
        let all = seq(&[
            bag(3, typed(X509_CERTIFICATE, b"certificate")),
            bag(4, typed(X509_CRL, b"list")),
            bag(6, seq(&[bag(5, octets(b"secret"))])),
        ]);
        assert!(opened(&all).is_some());
        deep::check("bags", &all, |contents| {
            let file = file(contents);
            drop(Pkcs12::parse(&file).and_then(|file| file.open(None).map(drop)));
        });
    }

    /// OpenSSL skips all keys but the first, also those that cannot be read.
    #[test]
    fn the_first_key_counts_and_has_to_be_in_pkcs8() {
        let key = |version| seq(&[integer(&[version]), seq(&[]), octets(b"key")]);
        let pkcs1 = seq(&[integer(&[0]), integer(&[9])]);
        for (bags, expected) in [
            (vec![bag(1, key(0))], Some(vec!["key"])),
            (vec![bag(1, pkcs1.clone())], None),
            (
                vec![bag(1, key(0)), bag(1, key(0))],
                Some(vec!["key", "nothing"]),
            ),
            (
                vec![bag(1, key(0)), bag(1, pkcs1.clone()), bag(2, pkcs1)],
                Some(vec!["key", "nothing", "nothing"]),
            ),
            (
                vec![bag(6, seq(&[bag(1, key(0))])), bag(1, key(0))],
                Some(vec!["key", "nothing"]),
            ),
        ] {
            let found = opened(&seq(&bags));
            let expected =
                expected.map(|all| all.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_file_is_protected_by_a_passphrase_or_by_nothing() {
        let safe = tlv(0xa0, &octets(&seq(&[])));
        let parsed = |content: Vec<u8>| Pkcs12::parse(&seq(&[integer(&[3]), content])).err();
        assert_eq!(parsed(seq(&[oid(DATA), safe.clone()])), None);
        for (content, expected) in [
            (
                seq(&[oid(SIGNED_DATA), safe.clone()]),
                DecryptionError::UnsupportedIntegrity,
            ),
            (seq(&[oid(ENCRYPTED_DATA), safe]), DecryptionError::Damaged),
            (seq(&[oid(DATA)]), DecryptionError::Damaged),
        ] {
            assert_eq!(parsed(content), Some(expected));
        }
    }

    #[test]
    fn that_a_file_has_no_mac_is_remarked() {
        let file = file(&seq(&[bag(
            3,
            typed(X509_CERTIFICATE, &CertificateSpec::root().der()),
        )]));
        let roots = roots::load(Source::bytes("ca.p12", file)).unwrap();
        let remarks: Vec<_> = roots.remarks().iter().map(ToString::to_string).collect();
        let expected = "ca.p12 has no MAC, so that a change to it cannot be detected";
        assert_eq!(remarks, [expected]);
        let with_mac = include_bytes!("../../tests/testdata/pki/rsa.p12");
        assert!(Pkcs12::parse(with_mac).unwrap().has_mac());
    }

    #[test]
    fn work_without_end_is_refused_before_a_passphrase_is_asked_for() {
        // An encrypted part or key takes three times its rounds. 10,000,000 are allowed for the whole file.
        const MOST: u32 = 3_333_333;
        let key = |rounds| data(&seq(&[bag(2, seq(&[triple_des(rounds), octets(&[0; 8])]))]));
        let part = |rounds| encrypted(triple_des(rounds));
        let too_costly = Some(DecryptionError::TooCostly);
        for (parts, expected) in [
            (vec![key(2048)], None),
            (vec![key(MOST)], None),
            (vec![key(MOST + 1)], too_costly.clone()),
            (vec![key(10_000_001)], too_costly.clone()),
            (vec![part(MOST)], None),
            (vec![part(MOST + 1)], too_costly.clone()),
            (vec![part(10_000_001)], too_costly.clone()),
            (vec![part(MOST - 1), part(1)], None),
            (vec![part(MOST), part(1)], too_costly.clone()),
            (vec![key(MOST), part(1)], too_costly.clone()),
            // A derivation by scrypt counts as a tenth of the work, whatever it costs.
            (vec![encrypted(scrypt()); 10], None),
            (vec![encrypted(scrypt()); 11], too_costly),
        ] {
            let len = parts.len();
            let found = Pkcs12::parse(&file_of(&parts)).err();
            assert_eq!(found, expected, "{len} {parts:02x?}");
        }
    }

    /// The scheme of PKCS#12 with SHA-1 and 3DES.
    fn triple_des(rounds: u32) -> Vec<u8> {
        const SHA1_AND_TRIPLE_DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 3];
        let number = u64::from(rounds).to_be_bytes();
        let is_needless = |pair: &&[u8]| matches!(pair, [0, 0..0x80]);
        let start = number.windows(2).take_while(is_needless).count();
        let parameters = seq(&[octets(b"12345678"), integer(&number[start..])]);
        seq(&[oid(SHA1_AND_TRIPLE_DES), parameters])
    }

    /// PBES2 with AES-128-CBC and scrypt.
    fn scrypt() -> Vec<u8> {
        const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
        const SCRYPT: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];
        const AES_128: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2];
        let numbers = [2, 1, 1].map(|number| integer(&[number]));
        let derivation = seq(&[oid(SCRYPT), seq(&[octets(b"salt"), numbers.concat()])]);
        let encryption = seq(&[oid(AES_128), octets(&[0; 16])]);
        seq(&[oid(PBES2), seq(&[derivation, encryption])])
    }

    /// A file with these SafeContents.
    fn file(contents: &[u8]) -> Vec<u8> {
        file_of(&[data(contents)])
    }

    /// A file with these parts.
    fn file_of(parts: &[Vec<u8>]) -> Vec<u8> {
        seq(&[integer(&[3]), data(&seq(parts))])
    }

    fn data(content: &[u8]) -> Vec<u8> {
        seq(&[oid(DATA), tlv(0xa0, &octets(content))])
    }

    /// A part that is encrypted in this way.
    fn encrypted(algorithm: Vec<u8>) -> Vec<u8> {
        let info = seq(&[oid(DATA), algorithm, tlv(0x80, &[0; 16])]);
        let content = seq(&[integer(&[0]), info]);
        seq(&[oid(ENCRYPTED_DATA), tlv(0xa0, &content)])
    }

    /// What is in a file with these SafeContents, or `None` if it is damaged.
    fn opened(contents: &[u8]) -> Option<Vec<String>> {
        let text = |bag| match bag {
            Bag::Certificate(der) => String::from_utf8(der.to_vec()).unwrap(),
            Bag::List(der) => String::from_utf8(der.to_vec()).unwrap(),
            Bag::Key(_) => "key".to_owned(),
            Bag::Other => "nothing".to_owned(),
        };
        match Pkcs12::parse(&file(contents)).and_then(|file| file.open(None)) {
            Ok(bags) => Some(bags.into_iter().map(text).collect()),
            Err(DecryptionError::Damaged) => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn bag(kind: u8, value: Vec<u8>) -> Vec<u8> {
        seq(&[oid(&[BAG_TYPES, &[kind]].concat()), tlv(0xa0, &value)])
    }

    fn typed(kind: &[u8], der: &[u8]) -> Vec<u8> {
        seq(&[oid(kind), tlv(0xa0, &octets(der))])
    }
}
