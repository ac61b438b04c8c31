//! The PKI of the demo: a CA, servers, phones, and a list. It is valid from an hour ago, for the sake of clocks that
//! differ, for a week.

use std::error::Error;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyUsagePurpose, PublicKeyData, RevocationReason, RevokedCertParams, SerialNumber,
};
use rustls::crypto::SecureRandom;
use x509_parser::time::ASN1Time;

use super::folder::Folder;
use super::key::Key;
use crate::date;

/// Writes a throw-away PKI into the folder: `ca.pem`, a certificate and a key for each of [`PEOPLE`], and `ca.crl`,
/// which revokes some of them.
pub(super) fn write(folder: &Folder, random: &dyn SecureRandom) -> Result<(), Box<dyn Error>> {
    let key = Key::new(random)?;
    let params = ca_params(&key)?;
    folder.write("ca.pem", &params.self_signed(&key)?.pem())?;
    let ca = Issuer::new(params, key);
    for (serial, person) in (2..).zip(PEOPLE) {
        let key = Key::new(random)?;
        let certificate = person.params(serial, &key)?.signed_by(&key, &ca)?;
        folder.write(&format!("{}.pem", person.file), &certificate.pem())?;
        folder.write(&format!("{}.key", person.file), &key.pem()?)?;
    }
    folder.write("ca.crl", &revocation_list(&ca)?)?;
    Ok(())
}

/// The owner of a certificate.
///
/// `file` is the name of the files without their endings, and `name` the DNS name in the certificate.
struct Person {
    file: &'static str,
    name: &'static str,
    is_revoked: bool,
}

const PEOPLE: [Person; 5] = [
    Person {
        file: "server",
        name: "sip.demo.example",
        is_revoked: false,
    },
    Person {
        file: "retired-server",
        name: "sip.demo.example",
        is_revoked: true,
    },
    Person {
        file: "other-server",
        name: "mail.demo.example",
        is_revoked: false,
    },
    Person {
        file: "phone",
        name: "phone-4021.demo.example",
        is_revoked: false,
    },
    Person {
        file: "stolen-phone",
        name: "phone-4022.demo.example",
        is_revoked: true,
    },
];

impl Person {
    /// Without an extended key usage, the certificate is good for both directions.
    fn params(&self, serial: u64, key: &Key) -> Result<CertificateParams, Box<dyn Error>> {
        let mut params = params(self.name, serial, key)?;
        params.subject_alt_names = vec![rcgen::SanType::DnsName(self.name.try_into()?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }
}

/// The CA may sign certificates and lists, and no other CA.
fn ca_params(key: &Key) -> Result<CertificateParams, Box<dyn Error>> {
    let mut params = params("Demo CA", 1, key)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

/// Makes the parameters that all certificates have in common.
fn params(name: &str, serial: u64, key: &Key) -> Result<CertificateParams, Box<dyn Error>> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from(serial));
    params.not_before = at(-HOUR)?.to_datetime();
    params.not_after = at(WEEK)?.to_datetime();
    // The identifier is part of the public point, which is as random as a hash.
    let id = key.der_bytes().iter().rev().take(20).copied().collect();
    params.key_identifier_method = KeyIdMethod::PreSpecified(id);
    Ok(params)
}

/// The list, in PEM, of those in [`PEOPLE`] that are revoked. Their serial numbers count from 2.
fn revocation_list(ca: &Issuer<'_, Key>) -> Result<String, Box<dyn Error>> {
    let made = at(-HOUR)?.to_datetime();
    let revoked = (2u64..).zip(PEOPLE).filter(|(_, person)| person.is_revoked);
    let id = ca
        .key()
        .der_bytes()
        .iter()
        .rev()
        .take(20)
        .copied()
        .collect();
    let list = CertificateRevocationListParams {
        this_update: made,
        next_update: at(WEEK)?.to_datetime(),
        crl_number: SerialNumber::from(1u64),
        issuing_distribution_point: None,
        revoked_certs: revoked
            .map(|(serial, _)| RevokedCertParams {
                serial_number: SerialNumber::from(serial),
                revocation_time: made,
                reason_code: Some(RevocationReason::KeyCompromise),
                invalidity_date: None,
            })
            .collect(),
        key_identifier_method: KeyIdMethod::PreSpecified(id),
    };
    Ok(list.signed_by(ca)?.pem()?)
}

/// A time relative to now.
fn at(seconds_from_now: i64) -> Result<ASN1Time, Box<dyn Error>> {
    Ok(ASN1Time::from_timestamp(date::now() + seconds_from_now)?)
}

const HOUR: i64 = 60 * 60;
const WEEK: i64 = 7 * 24 * HOUR;
