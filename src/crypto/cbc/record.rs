//! Records: content, MAC and padding, encrypted after an IV of their own.
//!
//! The layout is GenericBlockCipher of RFC 5246, section 6.2.3.2. The IV is sent in the clear before the first block.
//! A wrong padding and a wrong MAC give the same error, which becomes the alert bad_record_mac, after the same time.

use rustls::Error;
use rustls::crypto::cipher::{
    InboundOpaqueMessage, InboundPlainMessage, MessageDecrypter, MessageEncrypter,
    OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload, make_tls12_aad,
};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::cipher::{Decryption, Encryption};
use super::constant_time::{found_mac, unpad};
use super::mac::{Digest, Mac};
use crate::crypto::limit::MAX_FRAGMENT;

/// Protects the records that we send.
pub(super) struct Encrypter<D: Digest> {
    cipher: Encryption,
    mac: Mac<D>,
    /// Encrypts the numbers of the records into IVs.
    ivs: Encryption,
}

impl<D: Digest> Encrypter<D> {
    /// Takes the two keys, and derives the one for the IVs from the key of the MAC.
    pub(super) fn new(mac: &[u8], cipher: &[u8]) -> Self {
        let mac = Mac::new(mac);
        // The MAC of something that no record can be, so that nobody ever sees this MAC.
        let key = Zeroizing::new(mac.of(&NO_RECORD, b"IV"));
        let ivs = Encryption::new(&key[..BLOCK]);
        Self {
            cipher: Encryption::new(cipher),
            mac,
            ivs,
        }
    }

    /// Returns the IV of a record. Nobody else can predict it, and no IV is used twice (NIST SP 800-38A, appendix C).
    /// Unlike random numbers, it is always available: rustls has no way to report that a record cannot be written.
    fn iv(&self, seq: u64) -> [u8; BLOCK] {
        let mut iv = [0; BLOCK];
        iv[..8].copy_from_slice(&seq.to_be_bytes());
        self.ivs.encrypt_block(&mut iv);
        iv
    }
}

impl<D: Digest> MessageEncrypter for Encrypter<D> {
    fn encrypt(
        &mut self,
        msg: OutboundPlainMessage<'_>,
        seq: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        let len = msg.payload.len();
        let total = self.encrypted_payload_len(len);
        let iv = self.iv(seq);
        let mut payload = PrefixedPayload::with_capacity(total);
        payload.extend_from_slice(&iv);
        payload.extend_from_chunks(&msg.payload);

        let header = make_tls12_aad(seq, msg.typ, msg.version, len);
        let mac = self.mac.of(&header, &payload.as_ref()[BLOCK..]);
        payload.extend_from_slice(&mac[..D::OUTPUT]);
        // One to sixteen bytes, each saying how many there are besides itself.
        let padding = total - BLOCK - len - D::OUTPUT;
        payload.extend_from_slice(&[padding as u8 - 1; BLOCK][..padding]);
        self.cipher.encrypt(payload.as_mut());
        Ok(OutboundOpaqueMessage::new(msg.typ, msg.version, payload))
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        BLOCK + (payload_len + D::OUTPUT + 1).next_multiple_of(BLOCK)
    }
}

/// Opens the records that the peer sends.
pub(super) struct Decrypter<D: Digest> {
    pub(super) cipher: Decryption,
    pub(super) mac: Mac<D>,
}

impl<D: Digest> MessageDecrypter for Decrypter<D> {
    fn decrypt<'a>(
        &mut self,
        mut msg: InboundOpaqueMessage<'a>,
        seq: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let total = msg.payload.len();
        if !total.is_multiple_of(BLOCK) || total < BLOCK + (D::OUTPUT + 1).next_multiple_of(BLOCK) {
            return Err(Error::DecryptError);
        }
        self.cipher.decrypt(&mut msg.payload);
        let data = &msg.payload[BLOCK..];

        // Until the one decision below, no step may take a time that depends on the content of `data`.
        let (len, padding_is_good) = unpad(data, D::OUTPUT);
        let header = make_tls12_aad(seq, msg.typ, msg.version, len as usize);
        let expected = self.mac.of_secret_length(&header, data, len);
        let found = found_mac(data, len, D::OUTPUT);
        let mac_is_good = expected[..D::OUTPUT].ct_eq(&found[..D::OUTPUT]);
        let good = mac_is_good.unwrap_u8() & (padding_is_good & 1) as u8;
        if good == 0 {
            msg.payload.fill(0);
            return Err(Error::DecryptError);
        }

        let len = len as usize;
        if len > MAX_FRAGMENT {
            return Err(Error::PeerSentOversizedRecord);
        }
        Ok(msg.into_plain_message_range(BLOCK..BLOCK + len))
    }
}

/// No record has a content type of this number.
const NO_RECORD: [u8; 13] = [0xff; 13];

/// The block length of AES, and so the length of an IV.
const BLOCK: usize = 16;
