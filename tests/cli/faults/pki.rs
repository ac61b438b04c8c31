//! Certificates and lists with one fault each, made relative to the current time.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use pem::{EncodeConfig, LineEnding, Pem};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension,
    DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose,
    RevokedCertParams, SerialNumber, date_time_ymd,
};

use crate::endpoint::test_pki::Key;
use crate::endpoint::test_pki::der::{BIT_STRING, SEQUENCE, children, content, element};

/// The content of a certificate.
#[derive(Clone)]
pub(in crate::cli) struct Certificate {
    pub(in crate::cli) name: &'static str,
    pub(in crate::cli) organisation: Option<&'static str>,
    /// The number of the key.
    pub(in crate::cli) key: u8,
    pub(in crate::cli) serial: u8,
    /// In days from now.
    pub(in crate::cli) from: i64,
    pub(in crate::cli) until: i64,
    pub(in crate::cli) is_ca: IsCa,
    pub(in crate::cli) usages: Vec<KeyUsagePurpose>,
    pub(in crate::cli) purposes: Vec<ExtendedKeyUsagePurpose>,
    pub(in crate::cli) hosts: &'static [&'static str],
    /// Whether the certificate has the URL of its issuer's certificate.
    pub(in crate::cli) names_issuer: bool,
    /// Whether the certificate has the RSA key instead.
    pub(in crate::cli) is_rsa: bool,
}

impl Certificate {
    pub(in crate::cli) fn end_entity(name: &'static str, key: u8) -> Self {
        Self {
            name,
            organisation: None,
            key,
            serial: key,
            from: -10,
            until: 300,
            is_ca: IsCa::ExplicitNoCa,
            usages: vec![KeyUsagePurpose::DigitalSignature],
            purposes: vec![
                ExtendedKeyUsagePurpose::ClientAuth,
                ExtendedKeyUsagePurpose::ServerAuth,
            ],
            hosts: &["sip.example.com"],
            names_issuer: false,
            is_rsa: false,
        }
    }

    pub(in crate::cli) fn ca(name: &'static str, key: u8) -> Self {
        Self {
            until: 3000,
            is_ca: IsCa::Ca(BasicConstraints::Unconstrained),
            usages: vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
            purposes: Vec::new(),
            hosts: &[],
            ..Self::end_entity(name, key)
        }
    }

    /// The certificate, issued by itself.
    pub(in crate::cli) fn self_signed(&self) -> String {
        let certificate = self.params().self_signed(&Key::p256(self.key)).unwrap();
        pem("CERTIFICATE", certificate.der())
    }

    pub(in crate::cli) fn issued_by(&self, issuer: &Self) -> String {
        let issuer_params = issuer.params();
        let issuer = Issuer::from_params(&issuer_params, Key::p256(issuer.key));
        let key = match self.is_rsa {
            true => Key::rsa2048(),
            false => Key::p256(self.key),
        };
        let certificate = self.params().signed_by(&key, &issuer).unwrap();
        pem("CERTIFICATE", certificate.der())
    }

    pub(in crate::cli) fn private_key(&self) -> String {
        let key = match self.is_rsa {
            true => Key::rsa2048(),
            false => Key::p256(self.key),
        };
        pem("PRIVATE KEY", key.private().secret_der())
    }

    fn params(&self) -> CertificateParams {
        let hosts: Vec<String> = self.hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name = DistinguishedName::new();
        if let Some(organisation) = self.organisation {
            let name = &mut params.distinguished_name;
            name.push(DnType::OrganizationName, organisation);
        }
        params
            .distinguished_name
            .push(DnType::CommonName, self.name);
        params.serial_number = Some(SerialNumber::from(u64::from(self.serial)));
        params.not_before = date_time_ymd(1970, 1, 1) + until(self.from);
        params.not_after = date_time_ymd(1970, 1, 1) + until(self.until);
        params.is_ca = self.is_ca;
        params.key_usages = self.usages.clone();
        params.extended_key_usages = self.purposes.clone();
        params.key_identifier_method = KeyIdMethod::PreSpecified(vec![self.key; 20]);
        params.use_authority_key_identifier_extension = true;
        if self.names_issuer {
            params.custom_extensions.push(issuer_url());
        }
        params
    }
}

/// authorityInfoAccess with id-ad-caIssuers and a URL (RFC 5280, section 4.2.2.1).
fn issuer_url() -> CustomExtension {
    let url = b"http://ca/x";
    let mut point = vec![0x06, 8, 0x2b, 6, 1, 5, 5, 7, 48, 2, 0x86, url.len() as u8];
    point.extend(url);
    let mut content = vec![0x30, point.len() as u8 + 2, 0x30, point.len() as u8];
    content.extend(point);
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
}

/// A revocation list of a CA.
#[derive(Clone)]
pub(in crate::cli) struct List {
    /// In days from now.
    pub(in crate::cli) from: i64,
    pub(in crate::cli) until: i64,
    pub(in crate::cli) number: u8,
    pub(in crate::cli) revoked: &'static [u8],
    /// The key that signs the list, if it is not the CA's.
    pub(in crate::cli) signer: Option<u8>,
    /// Whether its extensions are critical. That of its number must not be.
    pub(in crate::cli) is_critical: bool,
}

impl List {
    pub(in crate::cli) const GOOD: Self = Self {
        from: -5,
        until: 60,
        number: 1,
        revoked: &[99],
        signer: None,
        is_critical: false,
    };

    pub(in crate::cli) fn of(&self, ca: &Certificate) -> String {
        let revoked = |serial: &u8| RevokedCertParams {
            serial_number: SerialNumber::from(u64::from(*serial)),
            revocation_time: date_time_ymd(1970, 1, 1) + until(-6),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(1970, 1, 1) + until(self.from),
            next_update: date_time_ymd(1970, 1, 1) + until(self.until),
            crl_number: SerialNumber::from(u64::from(self.number)),
            issuing_distribution_point: None,
            revoked_certs: self.revoked.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::PreSpecified(vec![ca.key; 20]),
        };
        // rcgen refuses to make a list for a CA whose key usage does not allow it.
        let mut ca_params = ca.params();
        ca_params.key_usages = vec![KeyUsagePurpose::CrlSign];
        let signer = self.signer.unwrap_or(ca.key);
        let issuer = Issuer::from_params(&ca_params, Key::p256(signer));
        let list = params.signed_by(&issuer).unwrap();
        match self.is_critical {
            true => pem("X509 CRL", &critical(list.der(), &Key::p256(signer))),
            false => pem("X509 CRL", list.der()),
        }
    }
}

/// Makes the extensions of a list critical, and signs it again.
fn critical(list: &[u8], key: &Key) -> Vec<u8> {
    let parts = children(content(list));
    let [tbs, algorithm, _signature] = parts[..] else {
        panic!("not a list");
    };
    let mut fields = children(content(tbs));
    let extensions = fields.pop().expect("a list with extensions");
    let mut marked = Vec::new();
    for extension in children(content(content(extensions))) {
        let parts = children(content(extension));
        let parts = [parts[0], &[1, 1, 0xff], parts[parts.len() - 1]];
        marked.extend(element(SEQUENCE, &parts.concat()));
    }
    let marked = element(extensions[0], &element(SEQUENCE, &marked));
    fields.push(&marked);
    let tbs = element(SEQUENCE, &fields.concat());
    let mut signature = vec![0];
    signature.extend(key.sign_with_p256(&tbs));
    let parts = [&tbs, algorithm, &element(BIT_STRING, &signature)].concat();
    element(SEQUENCE, &parts)
}

fn pem(label: &str, der: &[u8]) -> String {
    let unix = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), unix)
}

/// The time from 1970 to this number of days from now.
fn until(days: i64) -> Duration {
    // One time for all calls, so that a certificate that is made twice is the same.
    static NOW: LazyLock<u64> =
        LazyLock::new(|| SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs());
    Duration::from_secs(NOW.checked_add_signed(days * 24 * 3600).unwrap())
}
