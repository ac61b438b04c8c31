//! Records of TLS 1.2 that hold no more than they may.

use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, KeyBlockShape, MessageDecrypter,
    MessageEncrypter, Tls12AeadAlgorithm, UnsupportedOperationError,
};
use rustls::{ConnectionTrafficSecrets, Error};

/// An algorithm of a base provider that may not look at the length of what it decrypts.
pub(super) struct Limited(pub(super) &'static dyn Tls12AeadAlgorithm);

impl Tls12AeadAlgorithm for Limited {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        self.0.encrypter(key, iv, extra)
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        Box::new(Decrypter(self.0.decrypter(key, iv)))
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.0.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv, explicit)
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }
}

struct Decrypter(Box<dyn MessageDecrypter>);

impl MessageDecrypter for Decrypter {
    fn decrypt<'a>(
        &mut self,
        msg: InboundOpaqueMessage<'a>,
        seq: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let plain = self.0.decrypt(msg, seq)?;
        match plain.payload.len() > MAX_FRAGMENT {
            true => Err(Error::PeerSentOversizedRecord),
            false => Ok(plain),
        }
    }
}

/// The most that a record may hold, by RFC 5246, section 6.2.1.
const MAX_FRAGMENT: usize = 1 << 14;

#[cfg(all(
    test,
    any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
))]
mod tests {
    use rustls::crypto::cipher::{OutboundChunks, OutboundPlainMessage};
    use rustls::{ContentType, ProtocolVersion, SupportedCipherSuite};

    use crate::crypto::{client_provider, default_base};

    use super::*;

    #[test]
    fn a_record_longer_than_tls_allows_is_refused_by_suites_of_tls_1_2_with_keys_of_32_bytes() {
        let provider = client_provider(&default_base().unwrap());
        for suite in &provider.cipher_suites {
            let SupportedCipherSuite::Tls12(suite) = suite else {
                continue;
            };
            let (aead, name) = (suite.aead_alg, suite.common.suite);
            let shape = aead.key_block_shape();
            let (iv, extra) = (
                vec![4; shape.fixed_iv_len],
                vec![5; shape.explicit_nonce_len],
            );
            let mut array = [0; 32];
            array[..shape.enc_key_len].fill(3);
            // Only rustls can make keys of another length.
            if shape.enc_key_len != array.len() {
                continue;
            }
            for (length, expected) in [
                (MAX_FRAGMENT, Ok(MAX_FRAGMENT)),
                (MAX_FRAGMENT + 1, Err(Error::PeerSentOversizedRecord)),
            ] {
                let content = vec![0x61; length];
                let message = OutboundPlainMessage {
                    typ: ContentType::ApplicationData,
                    version: ProtocolVersion::TLSv1_2,
                    payload: OutboundChunks::Single(&content),
                };
                let mut write = aead.encrypter(AeadKey::from(array), &iv, &extra);
                let mut record = write.encrypt(message, 7).unwrap().payload.as_ref().to_vec();
                let typ = ContentType::ApplicationData;
                let message = InboundOpaqueMessage::new(typ, ProtocolVersion::TLSv1_2, &mut record);
                let mut read = aead.decrypter(AeadKey::from(array), &iv);
                let opened = read.decrypt(message, 7).map(|plain| plain.payload.len());
                assert_eq!(opened, expected, "{name:?}");
            }
        }
    }
}
