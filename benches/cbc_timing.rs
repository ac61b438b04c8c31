//! Shows that forged AES-CBC records take the same time whatever their padding, and that a reader
//! written without care does not (Lucky 13).
//!
//! Two kinds of forged records of one length are read in random order: one decrypts to the shortest
//! padding, the other to the longest. The means of the faster half of each kind are compared:
//! delays by other work of the machine are in the slower half.

use std::hint::black_box;
use std::time::Instant;

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit as _, consts::U16};
use aes::{Aes128, Aes256};
use hmac::{Hmac, Mac as _};
use rustls::crypto::cipher::{AeadKey, InboundOpaqueMessage, make_tls12_aad};
use rustls::{ContentType, ProtocolVersion, SupportedCipherSuite};

fn main() {
    // `cargo bench` passes this argument. A test run only checks that everything still works.
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let rounds = if measuring { 200_000 } else { 100 };
    println!("{RECORD} bytes           short padding  long padding  difference");

    let naive = measure(rounds, &forgeries::<Aes128>(), &mut naive);
    println!("naive, HMAC-SHA1    {naive}");
    let base = sip_tls::crypto::default_base().expect("a built-in provider");
    let mut leaks = false;
    for suite in sip_tls::crypto::danger::cbc_suites(&base) {
        let SupportedCipherSuite::Tls12(suite) = suite else {
            continue;
        };
        let (name, records) = match u16::from(suite.common.suite) {
            0xc013 => ("AES128-SHA   ", forgeries::<Aes128>()),
            0xc027 => ("AES128-SHA256", forgeries::<Aes128>()),
            0xc028 => ("AES256-SHA384", forgeries::<Aes256>()),
            _ => continue,
        };
        let key = AeadKey::from([0; 32]);
        let iv = vec![0; suite.aead_alg.key_block_shape().fixed_iv_len];
        let mut reader = suite.aead_alg.decrypter(key, &iv);
        let ours = measure(rounds, &records, &mut |record| {
            let version = ProtocolVersion::TLSv1_2;
            let message = InboundOpaqueMessage::new(ContentType::Alert, version, record);
            reader.decrypt(message, 1).is_ok()
        });
        println!("ours, {name} {ours}");
        leaks |= ours.difference().abs() > LIMIT;
    }
    if measuring {
        let seen = naive.difference().abs() > LIMIT;
        assert!(seen, "this machine is too busy to see a leak");
        assert!(!leaks, "the time to read a record depends on its padding");
    }
}

/// Reads a record as RFC 5246 describes it, and returns as soon as the answer is known.
fn naive(record: &mut [u8]) -> bool {
    let cipher = Aes128::new(&[0; 16].into());
    let blocks = aes::Block::slice_as_chunks_mut(record).0;
    for at in (1..blocks.len()).rev() {
        cipher.decrypt_block(&mut blocks[at]);
        xor_with_previous(blocks, at);
    }
    let data = &record[16..];
    let padding = usize::from(data[data.len() - 1]);
    let Some(len) = data.len().checked_sub(20 + 1 + padding) else {
        return false;
    };
    let header = make_tls12_aad(1, ContentType::Alert, ProtocolVersion::TLSv1_2, len);
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&[0; 20]).expect("any length is a key");
    mac.update(&header);
    mac.update(&data[..len]);
    mac.verify_slice(&data[len..len + 20]).is_ok()
}

/// Records that decrypt to the shortest and to the longest padding. The MAC is wrong in both.
fn forgeries<C>() -> [Vec<u8>; 2]
where
    C: aes::cipher::KeyInit + BlockCipherEncrypt + BlockCipherDecrypt<BlockSize = U16>,
{
    [0, 255].map(|padding| {
        let mut record = vec![0x5a; RECORD];
        record[RECORD - usize::from(padding) - 1..].fill(padding);
        let cipher = C::new(&Default::default());
        let blocks = aes::Block::slice_as_chunks_mut(&mut record).0;
        for at in 1..blocks.len() {
            xor_with_previous(blocks, at);
            cipher.encrypt_block(&mut blocks[at]);
        }
        record
    })
}

fn xor_with_previous(blocks: &mut [aes::Block], at: usize) {
    let previous = blocks[at - 1];
    for (to, from) in blocks[at].iter_mut().zip(previous) {
        *to ^= from;
    }
}

/// The times to read the record with the short padding, and the one with the long padding.
struct Times([f64; 2]);

impl Times {
    fn difference(&self) -> f64 {
        self.0[0] / self.0[1] - 1.0
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self([short, long]) = self;
        let percent = self.difference() * 100.0;
        write!(f, "{short:10.0} ns {long:10.0} ns {percent:9.2} %")
    }
}

fn measure(
    rounds: usize,
    records: &[Vec<u8>; 2],
    read: &mut dyn FnMut(&mut [u8]) -> bool,
) -> Times {
    let mut times = [Vec::with_capacity(rounds), Vec::with_capacity(rounds)];
    let mut record = vec![0; RECORD];
    let mut random = 1u64;
    for _ in 0..rounds {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let class = usize::from(random >> 63 == 1);
        record.copy_from_slice(&records[class]);
        let start = Instant::now();
        let accepted = black_box(read(black_box(&mut record)));
        times[class].push(start.elapsed().as_nanos() as f64);
        assert!(!accepted);
    }
    Times(times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times.truncate(times.len() / 2);
        times.iter().sum::<f64>() / times.len() as f64
    }))
}

/// A common size of a record in attacks: content, MAC and padding fill 33 blocks.
const RECORD: usize = 16 + 512;

/// The relative difference from which on it is no coincidence.
const LIMIT: f64 = 0.01;
