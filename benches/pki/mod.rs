//! A PKI of fixed keys: a root, an intermediate, and an end entity for servers and clients.

#![allow(dead_code, reason = "no bench needs all of it")]

#[path = "../../tests/endpoint/test_pki/keys.rs"]
mod keys;

use std::path::PathBuf;
use std::{env, fs};

use pem::Pem;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::pki_types::CertificateDer;

use self::keys::Key;

/// The name in the end entity's certificate.
pub(crate) const HOST: &str = "sip.example.com";

pub(crate) struct Pki {
    pub(crate) root: CertificateDer<'static>,
    /// End entity and intermediate.
    pub(crate) chain: [CertificateDer<'static>; 2],
    folder: PathBuf,
}

impl Pki {
    /// Makes the certificates, and writes `root.pem`, `chain.pem` and `key.pem`.
    pub(crate) fn new() -> Self {
        let root = ca("Example Root CA", 1).self_signed(&Key::p256(1)).unwrap();
        let intermediate = ca("Example Issuing CA", 2);
        let intermediate = intermediate.signed_by(&Key::p256(2), &issuer("Example Root CA", 1));
        let mut end_entity = CertificateParams::new([HOST.to_owned()]).unwrap();
        end_entity.distinguished_name.push(DnType::CommonName, HOST);
        end_entity.serial_number = Some(SerialNumber::from(vec![0x7f; 16]));
        end_entity.key_identifier_method = KeyIdMethod::PreSpecified(vec![3; 20]);
        end_entity.use_authority_key_identifier_extension = true;
        let end_entity = end_entity.signed_by(&Key::p256(3), &issuing());
        let folder = env::temp_dir().join(format!("sip-tls-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let this = Self {
            root: root.into(),
            chain: [end_entity.unwrap().into(), intermediate.unwrap().into()],
            folder,
        };
        this.write("root.pem", "CERTIFICATE", [&*this.root]);
        this.write(
            "chain.pem",
            "CERTIFICATE",
            this.chain.iter().map(|der| &**der),
        );
        let key = Key::p256(3).private();
        this.write("key.pem", "PRIVATE KEY", [key.secret_der()]);
        this
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file of `count` CAs, the root last.
    pub(crate) fn write_cas(&self, name: &str, count: usize) -> PathBuf {
        let other = |i: usize| {
            let ca = ca(&format!("Example Root CA {i}"), 9);
            CertificateDer::from(ca.self_signed(&Key::p256(9)).unwrap())
        };
        let others: Vec<_> = (1..count).map(other).collect();
        let all = others.iter().chain([&self.root]);
        self.write(name, "CERTIFICATE", all.map(|der| &**der))
    }

    /// Makes the intermediate's list with this number of entries, none of them the end entity's.
    pub(crate) fn list(entries: u64) -> Vec<u8> {
        let entry = |number: u64| RevokedCertParams {
            serial_number: SerialNumber::from([&[0x40; 8], &scattered(number)[..]].concat()),
            revocation_time: date_time_ymd(2024, 1, 1),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2021, 1, 1),
            next_update: date_time_ymd(2089, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: (0..entries).map(entry).collect(),
            key_identifier_method: KeyIdMethod::PreSpecified(vec![2; 20]),
        };
        list.signed_by(&issuing()).unwrap().der().to_vec()
    }

    pub(crate) fn write_list(&self, name: &str, entries: u64) -> PathBuf {
        self.write(name, "X509 CRL", [&*Self::list(entries)])
    }

    fn write<'a>(
        &self,
        name: &str,
        label: &str,
        ders: impl IntoIterator<Item = &'a [u8]>,
    ) -> PathBuf {
        let blocks: Vec<_> = ders.into_iter().map(|der| Pem::new(label, der)).collect();
        let path = self.path(name);
        fs::write(&path, pem::encode_many(&blocks)).unwrap();
        path
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn ca(name: &str, key: u8) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from(vec![key; 16]));
    let subject = &mut params.distinguished_name;
    subject.push(DnType::CountryName, "DE");
    subject.push(DnType::OrganizationName, "Example Trust Services");
    subject.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.key_identifier_method = KeyIdMethod::PreSpecified(vec![key; 20]);
    params.use_authority_key_identifier_extension = true;
    params
}

fn issuer(name: &str, key: u8) -> Issuer<'static, Key> {
    Issuer::new(ca(name, key), Key::p256(key))
}

fn issuing() -> Issuer<'static, Key> {
    issuer("Example Issuing CA", 2)
}

/// Makes eight octets that are in no order, and differ for each number.
fn scattered(number: u64) -> [u8; 8] {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()
}
