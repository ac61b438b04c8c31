//! Limits the length of TLS 1.2 records.
//!
//! A peer may send at most 2^14 octets in a record, and the decrypted data must be checked for it (RFC 5246, section
//! 6.2.1): OpenSSL answers a longer record with the alert record_overflow. Some algorithms of base providers leave
//! the check out. rustls checks records of TLS 1.3 itself.

use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, KeyBlockShape, MessageDecrypter,
    MessageEncrypter, Tls12AeadAlgorithm, UnsupportedOperationError,
};
use rustls::{ConnectionTrafficSecrets, Error};

/// An algorithm of a base provider that possibly does not check the length of the data that it decrypts.
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

/// Decrypts as the base does, and refuses what is too long.
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
pub(super) const MAX_FRAGMENT: usize = 1 << 14;

#[cfg(test)]
mod tests {
    use super::*;

    /// An algorithm that is approved or not, and does nothing.
    struct Approved(bool);

    impl Tls12AeadAlgorithm for Approved {
        fn encrypter(&self, _: AeadKey, _: &[u8], _: &[u8]) -> Box<dyn MessageEncrypter> {
            unreachable!("nothing is encrypted")
        }

        fn decrypter(&self, _: AeadKey, _: &[u8]) -> Box<dyn MessageDecrypter> {
            Box::new(Plain)
        }

        fn key_block_shape(&self) -> KeyBlockShape {
            unreachable!("there are no keys")
        }

        fn extract_keys(
            &self,
            _: AeadKey,
            _: &[u8],
            _: &[u8],
        ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
            Err(UnsupportedOperationError)
        }

        fn fips(&self) -> bool {
            self.0
        }
    }

    /// Takes every record as it is.
    struct Plain;

    impl MessageDecrypter for Plain {
        fn decrypt<'a>(
            &mut self,
            msg: InboundOpaqueMessage<'a>,
            _: u64,
        ) -> Result<InboundPlainMessage<'a>, Error> {
            Ok(msg.into_plain_message())
        }
    }

    #[test]
    fn an_algorithm_keeps_its_approval() {
        assert!(Limited(&Approved(true)).fips());
        assert!(!Limited(&Approved(false)).fips());
    }

    #[test]
    fn a_record_may_hold_two_to_the_fourteenth_octets() {
        for (len, is_good) in [(0, true), (16383, true), (16384, true), (16385, false)] {
            let mut record = vec![0; len];
            let typ = rustls::ContentType::ApplicationData;
            let version = rustls::ProtocolVersion::TLSv1_2;
            let message = InboundOpaqueMessage::new(typ, version, &mut record);
            let limited = Limited(&Approved(false));
            let mut decrypter = limited.decrypter(AeadKey::from([0; 32]), &[]);
            let error = decrypter.decrypt(message, 0).err();
            assert_eq!(
                error,
                (!is_good).then_some(Error::PeerSentOversizedRecord),
                "{len}"
            );
        }
    }
}
