//! Records of TLS 1.3 ([RFC 8446, section 5.2](https://www.rfc-editor.org/rfc/rfc8446#section-5.2)).
//!
//! The nonce is the sequence number, XORed with 12 octets from the handshake; no record carries it.
//! The additional data is the record's header, with the length after encryption. The type of the
//! content is encrypted, after the content.

use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, MessageDecrypter, MessageEncrypter,
    Nonce, OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload, Tls13AeadAlgorithm,
    UnsupportedOperationError, make_tls13_aad,
};
use rustls::{ConnectionTrafficSecrets, ContentType, Error, ProtocolVersion};

use super::Ccm;

/// AES-128-CCM in TLS 1.3, with tags of this many bytes.
pub(in crate::crypto) struct Tls13Ccm {
    pub(in crate::crypto) tag_len: usize,
}

impl Tls13AeadAlgorithm for Tls13Ccm {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        Box::new(Protection::new(&key, iv, self.tag_len))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        Box::new(Protection::new(&key, iv, self.tag_len))
    }

    fn key_len(&self) -> usize {
        16
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

/// Protects records in one direction.
struct Protection {
    ccm: Ccm,
    iv: Iv,
}

impl Protection {
    fn new(key: &AeadKey, iv: Iv, tag_len: usize) -> Self {
        Self {
            ccm: Ccm::new(key.as_ref(), tag_len),
            iv,
        }
    }
}

impl MessageEncrypter for Protection {
    fn encrypt(
        &mut self,
        msg: OutboundPlainMessage<'_>,
        seq: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        let total = self.encrypted_payload_len(msg.payload.len());
        let mut payload = PrefixedPayload::with_capacity(total);
        payload.extend_from_chunks(&msg.payload);
        payload.extend_from_slice(&[u8::from(msg.typ)]);

        let nonce = Nonce::new(&self.iv, seq).0;
        let tag = self
            .ccm
            .seal(&nonce, &make_tls13_aad(total), payload.as_mut())
            .map_err(|_| Error::EncryptError)?;
        payload.extend_from_slice(&tag[..self.ccm.tag_len()]);
        Ok(OutboundOpaqueMessage::new(
            ContentType::ApplicationData,
            // TLS 1.3 writes the version of 1.2 into its records.
            ProtocolVersion::TLSv1_2,
            payload,
        ))
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        payload_len + 1 + self.ccm.tag_len()
    }
}

impl MessageDecrypter for Protection {
    fn decrypt<'a>(
        &mut self,
        mut msg: InboundOpaqueMessage<'a>,
        seq: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let total = msg.payload.len();
        let len = total
            .checked_sub(self.ccm.tag_len())
            .ok_or(Error::DecryptError)?;
        let nonce = Nonce::new(&self.iv, seq).0;
        let (data, tag) = msg.payload.split_at_mut(len);
        self.ccm
            .open(&nonce, &make_tls13_aad(total), data, tag)
            .map_err(|_| Error::DecryptError)?;
        msg.payload.truncate(len);
        msg.into_tls13_unpadded_message()
    }
}
