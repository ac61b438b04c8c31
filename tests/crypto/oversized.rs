//! Records that are larger than TLS allows.

use std::io::Write as _;

use rustls::crypto::CipherSuiteCommon;
use rustls::crypto::cipher::{
    AeadKey, Iv, KeyBlockShape, MessageDecrypter, MessageEncrypter, OutboundChunks,
    OutboundOpaqueMessage, OutboundPlainMessage, Tls12AeadAlgorithm, Tls13AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls::{
    AlertDescription, ConnectionTrafficSecrets, ContentType, Error, SupportedCipherSuite,
    Tls12CipherSuite, Tls13CipherSuite,
};
use sip_tls::crypto::with_suites;

use super::handshake::{connect, key_for, transfer};
use super::{bases, every_suite, testdata};

#[test]
fn a_record_longer_than_tls_allows_is_refused_with_record_overflow() {
    for (base, provider) in bases() {
        let provider = every_suite(&provider);
        for suite in &provider.cipher_suites {
            let mut chosen = with_suites(&provider, [suite.suite().into()]);
            let server = testdata::server(chosen.clone(), suite.version(), key_for(suite));
            chosen.cipher_suites = vec![stretched(*suite)];
            let client = testdata::client(chosen, &[suite.version()]);
            let (mut client, mut server) = connect(client, server);

            client.writer().write_all(b"x").unwrap();
            let refused = transfer(&mut client, &mut server);
            let number = u16::from(suite.suite());
            let expected = Err(Error::PeerSentOversizedRecord);
            assert_eq!(refused, expected, "{base} {number:#x}");
            let told = transfer(&mut server, &mut client);
            let expected = Err(Error::AlertReceived(AlertDescription::RecordOverflow));
            assert_eq!(told, expected, "{base} {number:#x}");
        }
    }
}

/// Returns the suite with an encrypter that makes all application data too long.
fn stretched(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    let common = |common: &CipherSuiteCommon| CipherSuiteCommon {
        suite: common.suite,
        hash_provider: common.hash_provider,
        confidentiality_limit: common.confidentiality_limit,
    };
    match suite {
        SupportedCipherSuite::Tls12(suite) => (&*Box::leak(Box::new(Tls12CipherSuite {
            common: common(&suite.common),
            prf_provider: suite.prf_provider,
            kx: suite.kx,
            sign: suite.sign,
            aead_alg: Box::leak(Box::new(Stretched12(suite.aead_alg))),
        })))
            .into(),
        SupportedCipherSuite::Tls13(suite) => (&*Box::leak(Box::new(Tls13CipherSuite {
            common: common(&suite.common),
            hkdf_provider: suite.hkdf_provider,
            aead_alg: Box::leak(Box::new(Stretched13(suite.aead_alg))),
            quic: None,
        })))
            .into(),
    }
}

struct Stretched12(&'static dyn Tls12AeadAlgorithm);

impl Tls12AeadAlgorithm for Stretched12 {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        Box::new(Writer(self.0.encrypter(key, iv, extra)))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        self.0.decrypter(key, iv)
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.0.key_block_shape()
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

struct Stretched13(&'static dyn Tls13AeadAlgorithm);

impl Tls13AeadAlgorithm for Stretched13 {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        Box::new(Writer(self.0.encrypter(key, iv)))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        self.0.decrypter(key, iv)
    }

    fn key_len(&self) -> usize {
        self.0.key_len()
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

struct Writer(Box<dyn MessageEncrypter>);

impl MessageEncrypter for Writer {
    fn encrypt(
        &mut self,
        mut message: OutboundPlainMessage<'_>,
        seq: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        if message.typ == ContentType::ApplicationData {
            message.payload = OutboundChunks::Single(&[0x61; (1 << 14) + 1]);
        }
        self.0.encrypt(message, seq)
    }

    fn encrypted_payload_len(&self, len: usize) -> usize {
        self.0.encrypted_payload_len(len)
    }
}
