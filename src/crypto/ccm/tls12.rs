//! Records of TLS 1.2 ([RFC 6655, section 3](https://www.rfc-editor.org/rfc/rfc6655#section-3)).
//!
//! The nonce has 12 octets: 4 from the handshake, and 8 that each record carries. Those 8 are the
//! sequence number, XORed with 8 octets from the handshake, so that no nonce is used twice. The
//! additional data has the length of the content before encryption.

use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, KeyBlockShape, MessageDecrypter,
    MessageEncrypter, Nonce, OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload,
    Tls12AeadAlgorithm, UnsupportedOperationError, make_tls12_aad,
};
use rustls::{ConnectionTrafficSecrets, Error};

use super::Ccm;
use crate::crypto::limit::MAX_FRAGMENT;

/// AES-CCM in TLS 1.2, with keys and tags of this many bytes.
pub(in crate::crypto) struct Tls12Ccm {
    pub(in crate::crypto) key_len: usize,
    pub(in crate::crypto) tag_len: usize,
}

impl Tls12AeadAlgorithm for Tls12Ccm {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        let mut nonce = [0; 12];
        nonce[..SALT].copy_from_slice(iv);
        nonce[SALT..].copy_from_slice(extra);
        Box::new(Encrypter {
            ccm: Ccm::new(key.as_ref(), self.tag_len),
            iv: Iv::new(nonce),
        })
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        let mut salt = [0; SALT];
        salt.copy_from_slice(iv);
        Box::new(Decrypter {
            ccm: Ccm::new(key.as_ref(), self.tag_len),
            salt,
        })
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        KeyBlockShape {
            enc_key_len: self.key_len,
            fixed_iv_len: SALT,
            explicit_nonce_len: EXPLICIT,
        }
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: &[u8],
        _: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

/// Protects the records that we send.
struct Encrypter {
    ccm: Ccm,
    iv: Iv,
}

impl MessageEncrypter for Encrypter {
    fn encrypt(
        &mut self,
        msg: OutboundPlainMessage<'_>,
        seq: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        let nonce = Nonce::new(&self.iv, seq).0;
        let aad = make_tls12_aad(seq, msg.typ, msg.version, msg.payload.len());
        let mut payload =
            PrefixedPayload::with_capacity(self.encrypted_payload_len(msg.payload.len()));
        payload.extend_from_slice(&nonce[SALT..]);
        payload.extend_from_chunks(&msg.payload);

        let tag = self
            .ccm
            .seal(&nonce, &aad, &mut payload.as_mut()[EXPLICIT..])
            .map_err(|_| Error::EncryptError)?;
        payload.extend_from_slice(&tag[..self.ccm.tag_len()]);
        Ok(OutboundOpaqueMessage::new(msg.typ, msg.version, payload))
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        EXPLICIT + payload_len + self.ccm.tag_len()
    }
}

/// Opens the records that the peer sends, with whatever nonces it chose.
struct Decrypter {
    ccm: Ccm,
    salt: [u8; SALT],
}

impl MessageDecrypter for Decrypter {
    fn decrypt<'a>(
        &mut self,
        mut msg: InboundOpaqueMessage<'a>,
        seq: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let len = msg
            .payload
            .len()
            .checked_sub(EXPLICIT + self.ccm.tag_len())
            .ok_or(Error::DecryptError)?;
        let aad = make_tls12_aad(seq, msg.typ, msg.version, len);
        let (explicit, rest) = msg.payload.split_at_mut(EXPLICIT);
        let (data, tag) = rest.split_at_mut(len);
        let mut nonce = [0; 12];
        nonce[..SALT].copy_from_slice(&self.salt);
        nonce[SALT..].copy_from_slice(explicit);
        self.ccm
            .open(&nonce, &aad, data, tag)
            .map_err(|_| Error::DecryptError)?;
        if len > MAX_FRAGMENT {
            return Err(Error::PeerSentOversizedRecord);
        }
        Ok(msg.into_plain_message_range(EXPLICIT..EXPLICIT + len))
    }
}

/// The part of the nonce that comes out of the handshake.
const SALT: usize = 4;

/// The part of the nonce that each record carries.
const EXPLICIT: usize = 8;
