use hmac::{Hmac, Mac as _};
use rustls::crypto::cipher::{
    InboundOpaqueMessage, OutboundChunks, OutboundPlainMessage, make_tls12_aad,
};
use rustls::{ContentType, Error, ProtocolVersion};

use super::cipher::Encryption;
use super::*;

#[test]
fn the_mac_is_the_hmac_of_the_hmac_crate() {
    fn check<D: Digest, H: hmac::EagerHash>(name: &str)
    where
        Hmac<H>: hmac::KeyInit + hmac::Mac,
    {
        for len in (0..300).chain([1000, 16384]) {
            let (header, data) = ([7; 13], bytes(len));
            let key = &bytes(D::OUTPUT);
            let mut reference = <Hmac<H> as hmac::KeyInit>::new_from_slice(key).unwrap();
            reference.update(&header);
            reference.update(&data);
            let expected = reference.finalize().into_bytes();
            let ours = Mac::<D>::new(key).of(&header, &data);
            assert_eq!(ours[..D::OUTPUT], expected[..], "{name} {len}");
        }
    }
    check::<Sha1, sha1::Sha1>("SHA-1");
    check::<Sha256, sha2::Sha256>("SHA-256");
    check::<Sha384, sha2::Sha384>("SHA-384");
}

/// Compares the two ways to compute a MAC, if content, MAC and padding have `total` octets and the content has `len`.
#[track_caller]
fn assert_same_mac<D: Digest>(total: usize, len: usize) {
    let mac = Mac::<D>::new(&bytes(D::OUTPUT));
    let data = bytes(total);
    let header = [len as u8; 13];
    let expected = mac.of(&header, &data[..len]);
    let ours = mac.of_secret_length(&header, &data, len as u32);
    assert_eq!(ours[..D::OUTPUT], expected[..D::OUTPUT], "{total} {len}");
}

/// The shortest content is tried with every position of the end in a block: an error there would count padding as
/// content.
#[test]
fn the_mac_of_a_secret_length_is_the_same_wherever_the_blocks_end() {
    fn check<D: Digest>() {
        for longest in (0..D::BLOCK).chain(400..400 + D::BLOCK) {
            let shortest = longest.saturating_sub(255);
            for len in [shortest, shortest + 1, longest.saturating_sub(1), longest] {
                assert_same_mac::<D>(longest + D::OUTPUT + 1, len.min(longest));
            }
        }
    }
    check::<Sha1>();
    check::<Sha256>();
    check::<Sha384>();
}

#[test]
fn the_mac_of_a_secret_length_is_the_same() {
    fn check<D: Digest>() {
        for total in (D::OUTPUT + 1..700).step_by(29).chain([16384]) {
            let longest = total - D::OUTPUT - 1;
            for len in longest.saturating_sub(255)..=longest {
                assert_same_mac::<D>(total, len);
            }
        }
    }
    check::<Sha1>();
    check::<Sha256>();
    check::<Sha384>();
}

/// Each key of a connection has its own IVs, so that those of one side reveal nothing about those of the other.
#[test]
fn ivs_never_come_twice_and_are_encrypted_record_numbers() {
    let ivs = |mac: &[u8]| -> Vec<[u8; 16]> {
        let mut write = Encrypter::<Sha1>::new(mac, &CIPHER_KEY);
        let mut record = |seq| {
            let message = OutboundPlainMessage {
                typ: ContentType::ApplicationData,
                version: ProtocolVersion::TLSv1_2,
                payload: OutboundChunks::Single(b"same"),
            };
            let record = write.encrypt(message, seq).unwrap().payload;
            record.as_ref()[..16].try_into().unwrap()
        };
        (0..300).chain([u64::MAX - 1]).map(&mut record).collect()
    };
    let (ours, theirs) = (ivs(&[1; 20]), ivs(&[2; 20]));
    let all: std::collections::HashSet<_> = ours.iter().chain(&theirs).collect();
    assert_eq!(all.len(), 2 * 301);
    assert_eq!(ours, ivs(&[1; 20]), "nothing is drawn, so nothing can fail");

    let header = [0xff; 13];
    let key = Mac::<Sha1>::new(&[1; 20]).of(&header, b"IV");
    let mut expected = [0; 16];
    expected[7] = 1;
    Encryption::new(&key[..16]).encrypt_block(&mut expected);
    assert_eq!(ours[1], expected);
}

#[test]
fn every_padding_of_every_content_type_is_read() {
    for (cbc, suite) in suites() {
        for typ in TYPES {
            for padding in 0..256 {
                for len in lengths(cbc.mac_len(), padding) {
                    let content = bytes(len);
                    let record = seal(&cbc, typ, &content, &vec![padding as u8; padding + 1]);
                    let opened = open(&cbc, typ, record);
                    assert_eq!(opened, Ok(content), "{suite} {typ:?} {len} {padding}");
                }
            }
        }
    }
}

#[test]
fn a_wrong_byte_in_padding_or_mac_is_refused() {
    for (cbc, suite) in suites() {
        let mac_len = cbc.mac_len();
        for padding in 0..256 {
            let len = lengths(mac_len, padding)[1];
            let content = bytes(len);
            for wrong in [0, padding / 2, padding] {
                let mut bytes = vec![padding as u8; padding + 1];
                bytes[wrong] ^= 1 << (wrong % 8);
                let record = seal(&cbc, ContentType::Alert, &content, &bytes);
                let plain = plaintext(&cbc, &record);
                let opened = open(&cbc, ContentType::Alert, record);
                assert_eq!(
                    opened,
                    naive(&cbc, ContentType::Alert, &plain),
                    "{suite} {padding}"
                );
                assert_eq!(
                    opened,
                    Err(Error::DecryptError),
                    "{suite} {padding} {wrong}"
                );
            }
        }
        let record = seal(&cbc, ContentType::Alert, &bytes(100), &pad(100 + mac_len));
        for at in 0..record.len() {
            let mut forged = record.clone();
            forged[at] ^= 0x80;
            let opened = open(&cbc, ContentType::Alert, forged);
            assert_eq!(opened, Err(Error::DecryptError), "{suite} {at}");
        }
        let opened = open(&cbc, ContentType::Handshake, record);
        assert_eq!(opened, Err(Error::DecryptError), "{suite}");
    }
}

#[test]
fn a_naive_reader_agrees_on_rubbish() {
    for (cbc, suite) in suites() {
        for blocks in [0, 1, 2, 3, 4, 5, 8, 16, 17, 19, 20, 30] {
            for last in 0..=255 {
                // A record that decrypts to arbitrary bytes, with any number as its last byte.
                let mut plain = bytes(16 * blocks);
                if let Some(end) = plain.last_mut() {
                    *end = last;
                }
                let mut record = [&[5; 16], &plain[..]].concat();
                Encryption::new(&CIPHER_KEY[..cbc.key_len]).encrypt(&mut record);
                let opened = open(&cbc, ContentType::Alert, record);
                assert_eq!(
                    opened,
                    naive(&cbc, ContentType::Alert, &plain),
                    "{suite} {last}"
                );
            }
        }
        for len in [0, 1, 15, 17, 31, 33, 100] {
            let opened = open(&cbc, ContentType::Alert, bytes(len));
            assert_eq!(opened, Err(Error::DecryptError), "{suite} {len}");
        }
    }
}

/// RFC 5246, section 6.2.3.2: a record consists of whole blocks.
#[test]
fn a_padding_that_was_not_encrypted_is_refused() {
    for (cbc, suite) in suites() {
        for more in 1..16 {
            // Content and MAC end with a block. What follows would be the padding.
            let content = bytes(16 * 5 - cbc.mac_len() % 16);
            let mut record = seal(&cbc, ContentType::Alert, &content, &[]);
            record.extend(vec![more as u8 - 1; more]);
            let opened = open(&cbc, ContentType::Alert, record);
            assert_eq!(opened, Err(Error::DecryptError), "{suite} {more}");
        }
    }
}

/// The PRF writes octets that count up.
#[derive(Debug)]
struct Counting;

impl rustls::crypto::tls12::Prf for Counting {
    fn for_key_exchange(
        &self,
        _: &mut [u8; 48],
        _: Box<dyn rustls::crypto::ActiveKeyExchange>,
        _: &[u8],
        _: &[u8],
        _: &[u8],
    ) -> Result<(), Error> {
        Err(Error::HandshakeNotComplete)
    }

    fn for_secret(&self, output: &mut [u8], _: &[u8], _: &[u8], _: &[u8]) {
        for (at, octet) in output.iter_mut().enumerate() {
            *octet = at as u8;
        }
    }
}

#[test]
fn only_a_key_block_is_rotated_and_only_if_there_are_cipher_keys() {
    use rustls::crypto::tls12::Prf as _;

    let prf = KeysFirst {
        inner: &Counting,
        mac_keys: 96,
    };
    for (label, len, first) in [
        ("key expansion", 160, 96),
        ("key expansion", 97, 96),
        ("key expansion", 96, 0),
        ("key expansion", 32, 0),
        ("master secret", 160, 0),
        ("client finished", 12, 0),
    ] {
        let mut output = vec![0; len];
        prf.for_secret(&mut output, b"secret", label.as_bytes(), b"seed");
        let expected: Vec<u8> = (0..len).map(|at| ((at + first) % len) as u8).collect();
        assert_eq!(output, expected, "{label} {len}");
    }
}

/// RFC 5246, section 6.3: two keys for MACs, and then two for the cipher. rustls takes the first two as its keys.
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
#[test]
fn the_key_blocks_of_suites_with_sha_384_begin_with_the_cipher_keys() {
    let base = crate::crypto::default_base().unwrap();
    let donors = crate::crypto::client_provider(&base).cipher_suites;
    let made = crate::crypto::danger::cbc_suites(&base);
    assert_eq!(made.len(), 12);
    for suite in made {
        let rustls::SupportedCipherSuite::Tls12(suite) = suite else {
            panic!("{suite:?}");
        };
        let number = u16::from(suite.common.suite);
        // Two suites have SHA384 in their names. All others use the PRF with SHA-256.
        let (donor, rotation) = match number {
            0xc024 | 0xc028 => (0xc030, 96),
            _ => (0xc02f, 0),
        };
        let Some(rustls::SupportedCipherSuite::Tls12(donor)) =
            crate::crypto::order::find(&donors, donor)
        else {
            panic!("{donor:#x}");
        };
        let block = |prf: &dyn rustls::crypto::tls12::Prf| {
            let mut output = vec![0; 160];
            prf.for_secret(&mut output, b"secret", b"key expansion", b"seed");
            output
        };
        let mut expected = block(donor.prf_provider);
        expected.rotate_left(rotation);
        assert_eq!(block(suite.prf_provider), expected, "{number:#x}");
        // 2^24 records of 2^14 octets are 2^34 blocks.
        assert_eq!(suite.common.confidentiality_limit, 16_777_216);
    }
}

#[test]
fn what_is_written_can_be_read() {
    for (cbc, suite) in suites() {
        let mut encrypter = cbc.encrypter(key(&cbc), &iv(&cbc), &[]);
        for len in (0..100).chain([16383, 16384]) {
            let content = bytes(len);
            let message = OutboundPlainMessage {
                typ: ContentType::ApplicationData,
                version: ProtocolVersion::TLSv1_2,
                payload: OutboundChunks::Single(&content),
            };
            let record = encrypter.encrypt(message, SEQUENCE).unwrap().payload;
            assert_eq!(record.as_ref().len(), encrypter.encrypted_payload_len(len));
            let opened = open(&cbc, ContentType::ApplicationData, record.as_ref().to_vec());
            assert_eq!(opened, Ok(content), "{suite} {len}");
        }
    }
}

#[test]
fn a_record_longer_than_tls_allows_is_refused() {
    let cbc = suite(Hash::Sha1, 16);
    let content = bytes(16385);
    let record = seal(
        &cbc,
        ContentType::ApplicationData,
        &content,
        &pad(16385 + 20),
    );
    let opened = open(&cbc, ContentType::ApplicationData, record);
    assert_eq!(opened, Err(Error::PeerSentOversizedRecord));
}

/// Opens a record as RFC 5246 reads at first sight, and as real code must not do it.
fn naive(cbc: &Cbc, typ: ContentType, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let padding = usize::from(*plain.last().ok_or(Error::DecryptError)?);
    let len = plain.len().checked_sub(padding + 1 + cbc.mac_len());
    let len = len.ok_or(Error::DecryptError)?;
    let (content, rest) = plain.split_at(len);
    let (mac, rest) = rest.split_at(cbc.mac_len());
    if rest.iter().any(|byte| usize::from(*byte) != padding) || mac != mac_of(cbc, typ, content) {
        return Err(Error::DecryptError);
    }
    Ok(content.to_vec())
}

fn seal(cbc: &Cbc, typ: ContentType, content: &[u8], padding: &[u8]) -> Vec<u8> {
    let mut record = [&[9; 16], content, &mac_of(cbc, typ, content), padding].concat();
    Encryption::new(&CIPHER_KEY[..cbc.key_len]).encrypt(&mut record);
    record
}

fn open(cbc: &Cbc, typ: ContentType, mut record: Vec<u8>) -> Result<Vec<u8>, Error> {
    let message = InboundOpaqueMessage::new(typ, ProtocolVersion::TLSv1_2, &mut record);
    let mut decrypter = cbc.decrypter(key(cbc), &iv(cbc));
    let opened = decrypter.decrypt(message, SEQUENCE)?;
    assert_eq!(opened.typ, typ);
    Ok(opened.payload.to_vec())
}

fn plaintext(cbc: &Cbc, record: &[u8]) -> Vec<u8> {
    let mut plain = record.to_vec();
    Decryption::new(&CIPHER_KEY[..cbc.key_len]).decrypt(&mut plain);
    plain.split_off(16)
}

fn mac_of(cbc: &Cbc, typ: ContentType, content: &[u8]) -> Vec<u8> {
    let header = make_tls12_aad(SEQUENCE, typ, ProtocolVersion::TLSv1_2, content.len());
    let key = &MAC_KEY[..cbc.mac_len()];
    let mac = match cbc.hash {
        Hash::Sha1 => Mac::<Sha1>::new(key).of(&header, content),
        Hash::Sha256 => Mac::<Sha256>::new(key).of(&header, content),
        Hash::Sha384 => Mac::<Sha384>::new(key).of(&header, content),
    };
    mac[..cbc.mac_len()].to_vec()
}

/// The shortest padding for `len` bytes of content and MAC.
fn pad(len: usize) -> Vec<u8> {
    let padding = 16 - len % 16;
    vec![padding as u8 - 1; padding]
}

/// Three lengths of content that make whole blocks with this padding.
fn lengths(mac_len: usize, padding: usize) -> [usize; 3] {
    let rest = (mac_len + padding + 1) % 16;
    let first = (16 - rest) % 16;
    [first, first + 16, first + 320]
}

fn suites() -> [(Cbc, &'static str); 5] {
    [
        (suite(Hash::Sha1, 16), "AES128-SHA"),
        (suite(Hash::Sha1, 32), "AES256-SHA"),
        (suite(Hash::Sha256, 16), "AES128-SHA256"),
        (suite(Hash::Sha256, 32), "AES256-SHA256"),
        (suite(Hash::Sha384, 32), "AES256-SHA384"),
    ]
}

fn suite(hash: Hash, key_len: usize) -> Cbc {
    Cbc { hash, key_len }
}

/// Returns what rustls would call the key.
fn key(cbc: &Cbc) -> AeadKey {
    let key = match cbc.hash {
        Hash::Sha1 => &MAC_KEY[..20],
        Hash::Sha256 => &MAC_KEY[..32],
        Hash::Sha384 => &CIPHER_KEY[..],
    };
    let mut array = [0; 32];
    array[..key.len()].copy_from_slice(key);
    AeadKey::from(array)
}

fn iv(cbc: &Cbc) -> Vec<u8> {
    match cbc.hash {
        Hash::Sha1 | Hash::Sha256 => CIPHER_KEY[..cbc.key_len].to_vec(),
        Hash::Sha384 => MAC_KEY.to_vec(),
    }
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len)
        .map(|at| (at * 31 + at / 256 * 7 + 3) as u8)
        .collect()
}

const TYPES: [ContentType; 4] = [
    ContentType::ChangeCipherSpec,
    ContentType::Alert,
    ContentType::Handshake,
    ContentType::ApplicationData,
];

const CIPHER_KEY: [u8; 32] = [0xc1; 32];
const MAC_KEY: [u8; 48] = [0xa5; 48];
const SEQUENCE: u64 = 77;
