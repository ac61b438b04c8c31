use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, RevokedCertParams, SerialNumber,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use rustls::sign::CertifiedKey;
use sip_tls::crypto;

use super::keys::Key;

/// A certificate authority.
pub(crate) struct Authority {
    params: CertificateParams,
    key: Key,
    pub(crate) certificate: CertificateDer<'static>,
}

/// An end entity: the chain that it sends, and its key.
pub(crate) struct Identity {
    /// The name of its files, without the extension.
    pub(crate) name: &'static str,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: Key,
}

/// The content of a list. Each date is the first of January of the year.
pub(super) struct List {
    pub(super) this_update: i32,
    pub(super) next_update: i32,
    pub(super) revoked: Vec<u8>,
}

impl Authority {
    /// An authority with the P-256 key of this number.
    pub(super) fn root(number: u8, name: &str, not_after: i32) -> Self {
        let key = Key::p256(number);
        let params = ca_params(number, name, not_after);
        let certificate = params.self_signed(&key).unwrap().into();
        Self {
            params,
            key,
            certificate,
        }
    }

    pub(super) fn intermediate(&self, number: u8, name: &str) -> Self {
        let key = Key::p256(number);
        let params = ca_params(number, name, LAST_YEAR);
        let certificate = params.signed_by(&key, &self.issuer()).unwrap().into();
        Self {
            params,
            key,
            certificate,
        }
    }

    /// Issues a certificate with this serial number.
    pub(super) fn issue(
        &self,
        serial: u8,
        mut params: CertificateParams,
        key: &Key,
    ) -> CertificateDer<'static> {
        params.serial_number = Some(SerialNumber::from(u64::from(serial)));
        params.use_authority_key_identifier_extension = true;
        params.signed_by(key, &self.issuer()).unwrap().into()
    }

    /// Signs a list, with the key of `signer` if there is one.
    pub(super) fn list(
        &self,
        list: &List,
        signer: Option<&Self>,
    ) -> CertificateRevocationListDer<'static> {
        let revoked = |serial: &u8| RevokedCertParams {
            serial_number: SerialNumber::from(u64::from(*serial)),
            revocation_time: date_time_ymd(FIRST_YEAR, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(list.this_update, 1, 1),
            next_update: date_time_ymd(list.next_update, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: list.revoked.iter().map(revoked).collect(),
            key_identifier_method: self.params.key_identifier_method.clone(),
        };
        let key = &signer.unwrap_or(self).key;
        let issuer = Issuer::from_params(&self.params, key);
        params.signed_by(&issuer).unwrap().into()
    }

    fn issuer(&self) -> Issuer<'_, &Key> {
        Issuer::from_params(&self.params, &self.key)
    }
}

impl Identity {
    /// Chain and key for rustls. The certificate is not checked.
    pub(crate) fn certified_key(&self) -> Arc<CertifiedKey> {
        let provider = crypto::default_base().unwrap().key_provider;
        let key = provider.load_private_key(self.key.private()).unwrap();
        Arc::new(CertifiedKey::new(self.chain.clone(), key))
    }
}

/// An end entity's certificate without any extension but `names`.
pub(super) fn end_entity(common_name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = common_name_only(common_name);
    params.not_before = date_time_ymd(FIRST_YEAR, 1, 1);
    params.not_after = date_time_ymd(LAST_YEAR, 1, 1);
    params
}

fn ca_params(number: u8, name: &str, not_after: i32) -> CertificateParams {
    let mut params = end_entity(name, &[]);
    params.serial_number = Some(SerialNumber::from(u64::from(number)));
    params.not_after = date_time_ymd(not_after, 1, 1);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.key_identifier_method = KeyIdMethod::PreSpecified(vec![number; 20]);
    params.use_authority_key_identifier_extension = true;
    params
}

fn common_name_only(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

pub(super) const FIRST_YEAR: i32 = 2020;
pub(super) const LAST_YEAR: i32 = 2090;
