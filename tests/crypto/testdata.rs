//! Keys and self-signed certificates in `tests/testdata/crypto`.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, ServerConfig, SignatureScheme,
    SupportedProtocolVersion,
};

use crate::child;

/// The keys that have a certificate, and the versions that each can be used with.
pub(super) const KEYS: [(&str, &[&SupportedProtocolVersion]); 6] = [
    ("rsa2048", &[&TLS12, &TLS13]),
    ("rsapss", &[&TLS13]),
    ("p256", &[&TLS12, &TLS13]),
    ("p384", &[&TLS12, &TLS13]),
    ("p521", &[&TLS12, &TLS13]),
    ("ed25519", &[&TLS12, &TLS13]),
];

pub(super) fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/testdata/crypto", name]
        .iter()
        .collect()
}

pub(super) fn key(name: &str) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_file(path(name)).unwrap()
}

pub(super) fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(path(name)).unwrap()
}

/// A server that has one of the certificates.
pub(super) fn server(
    provider: CryptoProvider,
    version: &'static SupportedProtocolVersion,
    name: &str,
) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate(&format!("{name}.crt"))],
            key(&format!("{name}.key")),
        )
        .unwrap();
    Arc::new(config)
}

/// A client that accepts any certificate, if the server can sign with its key.
pub(super) fn client(
    provider: CryptoProvider,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let provider = Arc::new(provider);
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    Arc::new(config)
}

#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[test]
#[ignore = "remakes the keys and certificates in tests/testdata/crypto"]
fn remake() {
    let script = r#"
        for key in "rsa2048 RSA rsa_keygen_bits:2048" "rsa1024 RSA rsa_keygen_bits:1024" \
            "rsapss RSA-PSS rsa_keygen_bits:2048" "p256 EC ec_paramgen_curve:P-256" \
            "p384 EC ec_paramgen_curve:P-384" "p521 EC ec_paramgen_curve:P-521" \
            "secp256k1 EC ec_paramgen_curve:secp256k1"
        do
            set -- $key
            openssl genpkey -algorithm $2 -pkeyopt $3 -out $1.key
        done
        openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 \
            -pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256 \
            -pkeyopt rsa_pss_keygen_saltlen:32 -out rsapss.sha256.key
        openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 \
            -pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256 \
            -pkeyopt rsa_pss_keygen_saltlen:20 -out rsapss.salt20.key
        openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 \
            -pkeyopt rsa_pss_keygen_md:sha256 -out rsapss.mask.key
        openssl genpkey -algorithm ED25519 -out ed25519.key
        openssl genpkey -algorithm ED448 -out ed448.key
        openssl pkey -in p521.key -traditional -out p521.sec1.key
        openssl pkey -in rsa1024.key -traditional -out rsa1024.pkcs1.key
        sign() {
            openssl req -x509 $3 -key $1.key -days 36500 -subj /CN=$1 -out $2.crt \
                -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE
        }
        for name in rsa2048 rsapss rsapss.sha256 p256 p384 p521 ed25519; do sign $name $name; done
        sign p521 p521.sha384 -sha384
        sign p521 p521.sha512 -sha512
        openssl dhparam -out dh-own.pem 2048 # takes minutes
    "#;
    let mut shell = child::command("sh");
    shell.args(["-e", "-c", script]).current_dir(path(""));
    let output = child::output_within(child::LONG, &mut shell);
    assert!(output.status.success(), "{output:?}");
}
