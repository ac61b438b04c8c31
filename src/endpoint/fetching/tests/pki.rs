//! A CA, its lists, and certificates that name the URLs of the lists.

use std::time::Duration;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::EncodePrivateKey;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    DistinguishedName, DnType, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, NameConstraints,
    RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

pub(super) const HOST: &str = "sip.example.com";
pub(super) const URL: &str = "http://crl.example.com/ca.crl";

/// 2030-01-01 00:00:00 UTC, when the tests begin.
pub(super) const START: i64 = 1_893_456_000;
pub(super) const DAY: i64 = 24 * 3600;

/// The P-256 key whose scalar is this octet 32 times.
pub(super) struct Key {
    signing: SigningKey,
    public: Vec<u8>,
}

impl Key {
    fn new(number: u8) -> Self {
        let signing = SigningKey::from_slice(&[number; 32]).unwrap();
        let public = signing.verifying_key().to_sec1_point(false);
        Self {
            public: public.as_bytes().to_vec(),
            signing,
        }
    }
}

impl rcgen::PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: DerSignature = self.signing.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

pub(super) struct Authority {
    params: CertificateParams,
    key: Key,
    pub(super) certificate: CertificateDer<'static>,
}

/// A list, by default one that revokes nobody, from a day before the start to nine days after it.
#[derive(Clone)]
pub(super) struct List {
    pub(super) number: u64,
    /// In seconds since the start.
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) revoked: Vec<u64>,
}

impl Default for List {
    fn default() -> Self {
        Self {
            number: 1,
            from: -DAY,
            until: 9 * DAY,
            revoked: Vec::new(),
        }
    }
}

impl Authority {
    pub(super) fn root() -> Self {
        Self::of(ca_params(1, "Root"), Key::new(1), None)
    }

    /// Makes a CA of the same name with another key.
    pub(super) fn impostor() -> Self {
        Self::of(ca_params(1, "Root"), Key::new(66), None)
    }

    pub(super) fn stranger() -> Self {
        Self::of(ca_params(2, "Stranger"), Key::new(2), None)
    }

    pub(super) fn without_list_usage() -> Self {
        let mut params = ca_params(1, "Root");
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self::of(params, Key::new(1), None)
    }

    /// Makes an intermediate whose own list is at `url`.
    pub(super) fn intermediate(&self, url: &str) -> Self {
        let mut params = ca_params(3, "Intermediate");
        params.crl_distribution_points = points(&[url]);
        Self::of(params, Key::new(3), Some(self))
    }

    /// Makes an intermediate with these name constraints.
    pub(super) fn constrained(&self, constraints: NameConstraints) -> Self {
        let mut params = ca_params(4, "Constrained");
        params.name_constraints = Some(constraints);
        Self::of(params, Key::new(4), Some(self))
    }

    fn of(params: CertificateParams, key: Key, issuer: Option<&Self>) -> Self {
        let certificate = match issuer {
            None => params.self_signed(&key).unwrap(),
            Some(issuer) => params.signed_by(&key, &issuer.issuer()).unwrap(),
        };
        Self {
            certificate: certificate.into(),
            params,
            key,
        }
    }

    fn issuer(&self) -> Issuer<'_, &Key> {
        Issuer::from_params(&self.params, &self.key)
    }

    /// Makes the certificate of `HOST`, whose list is at these URLs.
    pub(super) fn issue(&self, serial: u64, urls: &[&str]) -> CertificateDer<'static> {
        self.issue_with(serial, urls, |_| ())
    }

    pub(super) fn issue_with(
        &self,
        serial: u64,
        urls: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> CertificateDer<'static> {
        let mut params = params(HOST, &[HOST, "example.com"]);
        params.serial_number = Some(SerialNumber::from(serial));
        params.use_authority_key_identifier_extension = true;
        params.crl_distribution_points = points(urls);
        change(&mut params);
        let issued = params.signed_by(&Key::new(9), &self.issuer());
        issued.unwrap().into()
    }

    /// Returns the list in DER.
    pub(super) fn list(&self, list: &List) -> Vec<u8> {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2025, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let time = |since_start: i64| {
            let distance = Duration::from_secs(since_start.unsigned_abs());
            match since_start < 0 {
                true => date_time_ymd(2030, 1, 1) - distance,
                false => date_time_ymd(2030, 1, 1) + distance,
            }
        };
        let params = CertificateRevocationListParams {
            this_update: time(list.from),
            next_update: time(list.until),
            crl_number: SerialNumber::from(list.number),
            issuing_distribution_point: None,
            revoked_certs: list.revoked.iter().map(revoked).collect(),
            key_identifier_method: self.params.key_identifier_method.clone(),
        };
        let mut issuer = self.params.clone();
        issuer.key_usages.push(KeyUsagePurpose::CrlSign);
        let issuer = Issuer::from_params(&issuer, &self.key);
        params.signed_by(&issuer).unwrap().der().to_vec()
    }
}

/// Returns a certificate with the key of all end entities.
pub(super) fn certified(certificate: CertificateDer<'static>) -> CertifiedKey {
    let key = Key::new(9).signing.to_pkcs8_der().unwrap();
    let key = PrivateKeyDer::try_from(key.as_bytes().to_vec()).unwrap();
    let provider = crate::crypto::default_base().unwrap().key_provider;
    CertifiedKey::new(vec![certificate], provider.load_private_key(key).unwrap())
}

pub(super) fn pem(list: &[u8]) -> Vec<u8> {
    pem::encode(&pem::Pem::new("X509 CRL", list)).into_bytes()
}

fn points(urls: &[&str]) -> Vec<CrlDistributionPoint> {
    let point = |url: &&str| CrlDistributionPoint {
        uris: vec![(*url).to_owned()],
    };
    urls.iter().map(point).collect()
}

fn params(common_name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}

fn ca_params(number: u8, name: &str) -> CertificateParams {
    let mut params = params(name, &[]);
    params.serial_number = Some(SerialNumber::from(u64::from(number)));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.key_identifier_method = KeyIdMethod::PreSpecified(vec![number; 20]);
    params
}
