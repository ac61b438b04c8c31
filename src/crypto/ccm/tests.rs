use ::ccm::aead::array::Array;
use ::ccm::consts::{U8, U12, U16};

use super::*;

#[test]
fn wycheproof_agrees() {
    let (mut valid, mut invalid) = (0, 0);
    let lines = include_str!("../../../tests/testdata/crypto/aes_ccm.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let bytes: Vec<Vec<u8>> = fields[1..7].iter().map(|field| hex(field)).collect();
        let [key, nonce, aad, message, ciphertext, tag] = bytes.as_slice() else {
            panic!("{line}");
        };
        let ccm = Ccm::new(key, tag.len());
        let mut data = ciphertext.clone();
        let opened = ccm.open(nonce, aad, &mut data, tag);
        if fields[7] == "valid" {
            assert_eq!(opened, Ok(()), "{line}");
            assert_eq!(&data, message, "{line}");
            let made = ccm.seal(nonce, aad, &mut data).unwrap();
            assert_eq!(&data, ciphertext, "{line}");
            assert_eq!(&made[..tag.len()], tag, "{line}");
            valid += 1;
        } else {
            assert_eq!(opened, Err(Forged), "{line}");
            assert!(data.iter().all(|byte| *byte == 0), "{line}");
            invalid += 1;
        }
    }
    assert_eq!((valid, invalid), (270, 54));
}

#[test]
fn rfc_3610_agrees() {
    // Packet vectors 1 to 3.
    let key: Vec<u8> = (0xc0..=0xcf).collect();
    let cases = [
        (
            "00000003020100a0a1a2a3a4a5",
            31,
            "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0",
        ),
        (
            "00000004030201a0a1a2a3a4a5",
            32,
            "72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916",
        ),
        (
            "00000005040302a0a1a2a3a4a5",
            33,
            "51b1e5f44a197d1da46b0f8e2d282ae871e838bb64da8596574adaa76fbd9fb0c5",
        ),
    ];
    for (nonce, len, expected) in cases {
        let packet: Vec<u8> = (0..len).collect();
        assert_eq!(
            sealed(&key, 8, &hex(nonce), &packet[..8], &packet[8..]),
            expected
        );
    }
}

#[test]
fn nist_sp_800_38c_agrees() {
    // Examples 1 to 3. The fourth has more additional data than any record.
    let key: Vec<u8> = (0x40..=0x4f).collect();
    let cases = [
        (4, 7, 8, 4, "7162015b4dac255d"),
        (6, 8, 16, 16, "d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd"),
        (
            8,
            12,
            20,
            24,
            "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951",
        ),
    ];
    for (tag_len, nonce, aad, message, expected) in cases {
        let nonce: Vec<u8> = (0x10..).take(nonce).collect();
        let aad: Vec<u8> = (0..).take(aad).collect();
        let message: Vec<u8> = (0x20..).take(message).collect();
        assert_eq!(sealed(&key, tag_len, &nonce, &aad, &message), expected);
    }
}

#[test]
fn the_ccm_crate_agrees_on_records_of_every_length() {
    let mut random = Random(1);
    let mut lengths: Vec<usize> = (0..=260).collect();
    lengths.extend([1000, 4095, 16383, 16384, 16385, 18000, 0xfeff]);
    for len in lengths {
        let (key, nonce) = (random.bytes(32), random.bytes(12));
        let aad_len = if len % 3 == 0 { 5 } else { 13 };
        let (aad, message) = (random.bytes(aad_len), random.bytes(len));
        let theirs = [
            reference::<::ccm::Ccm<aes::Aes128, U16, U12>>(&key[..16], &nonce, &aad, &message),
            reference::<::ccm::Ccm<aes::Aes128, U8, U12>>(&key[..16], &nonce, &aad, &message),
            reference::<::ccm::Ccm<aes::Aes256, U16, U12>>(&key, &nonce, &aad, &message),
            reference::<::ccm::Ccm<aes::Aes256, U8, U12>>(&key, &nonce, &aad, &message),
        ];
        let ours = [(16, 16), (16, 8), (32, 16), (32, 8)]
            .map(|(key_len, tag_len)| sealed(&key[..key_len], tag_len, &nonce, &aad, &message));
        assert_eq!(ours, theirs, "{len} bytes");
    }
}

#[test]
fn more_data_than_the_limit_is_neither_sealed_nor_opened() {
    let ccm = Ccm::new(&[1; 16], 8);
    for (len, is_good) in [(0xfeff, true), (0xff00, false), (0x1_0000, false)] {
        let sealed = ccm.seal(&[2; 12], &[3; 13], &mut vec![4; len]);
        assert_eq!(sealed.is_ok(), is_good, "{len:#x}");
        let opened = ccm.open(&[2; 12], &[3; 13], &mut vec![4; len], &[0; 8]);
        assert_eq!(opened, Err(Forged), "{len:#x}");
    }
}

#[test]
fn a_flipped_bit_anywhere_is_a_forgery() {
    let ccm = Ccm::new(&[1; 16], 8);
    let (nonce, aad, message) = ([2; 12], [3; 13], [4; 40]);
    let mut data = message;
    let tag = ccm.seal(&nonce, &aad, &mut data).unwrap();
    let open = |nonce: &[u8], aad: &[u8], data: &[u8], tag: &[u8]| {
        let mut data = data.to_vec();
        ccm.open(nonce, aad, &mut data, tag).map(|()| data)
    };
    assert_eq!(open(&nonce, &aad, &data, &tag[..8]), Ok(message.to_vec()));
    for bit in 0..8 {
        for at in 0..40 {
            let flip = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                let at = at % bytes.len();
                bytes[at] ^= 1 << bit;
                bytes
            };
            assert_eq!(open(&flip(&nonce), &aad, &data, &tag[..8]), Err(Forged));
            assert_eq!(open(&nonce, &flip(&aad), &data, &tag[..8]), Err(Forged));
            assert_eq!(open(&nonce, &aad, &flip(&data), &tag[..8]), Err(Forged));
            assert_eq!(open(&nonce, &aad, &data, &flip(&tag[..8])), Err(Forged));
        }
    }
    assert_eq!(open(&nonce, &aad, &data, &tag[..7]), Err(Forged));
    assert_eq!(open(&nonce, &aad, &data, &tag), Err(Forged));
}

fn sealed(key: &[u8], tag_len: usize, nonce: &[u8], aad: &[u8], message: &[u8]) -> String {
    let mut data = message.to_vec();
    let tag = Ccm::new(key, tag_len).seal(nonce, aad, &mut data).unwrap();
    to_hex(&[&data, &tag[..tag_len]].concat())
}

fn reference<C>(key: &[u8], nonce: &[u8], aad: &[u8], message: &[u8]) -> String
where
    C: ::ccm::KeyInit + ::ccm::aead::AeadInOut,
{
    let mut data = message.to_vec();
    let nonce = Array::try_from(nonce).unwrap();
    let tag = C::new_from_slice(key)
        .unwrap()
        .encrypt_inout_detached(&nonce, aad, data.as_mut_slice().into())
        .unwrap();
    to_hex(&[&data, tag.as_slice()].concat())
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len)
            .map(|_| {
                self.0 ^= self.0 << 13;
                self.0 ^= self.0 >> 7;
                self.0 ^= self.0 << 17;
                (self.0 >> 24) as u8
            })
            .collect()
    }
}
