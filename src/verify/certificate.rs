use std::ops::Range;
use std::sync::OnceLock;

use rustls::pki_types::{CertificateDer, TrustAnchor};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::FromDer;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name, X509Version};

use super::constraints::SubjectConstraints;
use super::distinguished_name;
use super::distribution_point::DistributionPoint;
use super::strength::{self, Strength};
use super::well_formed;

/// What OpenSSL's checks need to know of a certificate, read once.
pub(crate) struct Certificate<'a> {
    der: CertificateDer<'a>,
    tbs: Range<usize>,
    spki: Range<usize>,
    pub(crate) is_v1: bool,
    /// The content octets of the INTEGER.
    pub(crate) serial: Vec<u8>,
    /// Canonical, see [`distinguished_name::canonical`].
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    /// Seconds since the epoch.
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
    /// The AlgorithmIdentifier of the signature, DER without the outer header.
    pub(crate) signature_algorithm: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    /// The signed part names another algorithm than the signature does.
    pub(crate) has_contradicting_algorithms: bool,
    /// The AlgorithmIdentifier of the public key, DER without the outer header, and the key's bits.
    pub(crate) key_algorithm: Vec<u8>,
    pub(crate) key_bits: Vec<u8>,
    pub(crate) strength: Strength,
    pub(crate) basic_constraints: Option<BasicConstraints>,
    /// Bits as in OpenSSL: bit 0 of the BIT STRING is 0x80, bit 8 is 0x8000.
    pub(crate) key_usage: Option<u16>,
    pub(crate) extended_key_usage: Option<Vec<Vec<u8>>>,
    pub(crate) netscape_cert_type: Option<u8>,
    pub(crate) subject_key_id: Option<Vec<u8>>,
    pub(crate) authority_key_id: Option<AuthorityKeyId>,
    pub(crate) subject_alt_names: Vec<AltName>,
    pub(crate) common_names: Vec<Option<String>>,
    pub(crate) name_constraints: Option<SubjectConstraints>,
    pub(crate) has_email_in_subject: bool,
    /// How many attributes the subject has.
    pub(crate) subject_attributes: usize,
    pub(crate) crl_distribution_points: Option<Vec<DistributionPoint>>,
    pub(crate) is_proxy: bool,
    /// An extension is marked critical that OpenSSL does not handle.
    pub(crate) has_unhandled_critical: bool,
    /// An extension that OpenSSL reads is malformed or stands there twice (`EXFLAG_INVALID`).
    pub(crate) is_invalid: bool,
    /// Subject and issuer are the same name.
    pub(crate) is_self_issued: bool,
    subject_text: OnceLock<String>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct BasicConstraints {
    pub(crate) is_ca: bool,
    pub(crate) path_len: Option<u32>,
}

/// Which key signed, as the signed object says (RFC 5280, section 4.2.1.1).
#[derive(Clone, Debug, Default)]
pub(crate) struct AuthorityKeyId {
    pub(crate) key_id: Option<Vec<u8>>,
    /// The first directoryName of authorityCertIssuer, canonical.
    pub(crate) issuer: Option<Vec<u8>>,
    pub(crate) serial: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub(crate) enum AltName {
    Dns(Vec<u8>),
    Ip(Vec<u8>),
    Other,
}

/// A certificate that cannot be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unreadable;

impl<'a> Certificate<'a> {
    pub(crate) fn parse(der: CertificateDer<'a>) -> Result<Self, Unreadable> {
        well_formed::certificate(&der).ok_or(Unreadable)?;
        let (rest, cert) = X509Certificate::from_der(&der).map_err(|_| Unreadable)?;
        if !rest.is_empty() {
            return Err(Unreadable);
        }
        // A second way to write the same number; OpenSSL does not read it.
        let serial = cert.raw_serial();
        if serial.is_empty() || minimal_integer(serial) != serial {
            return Err(Unreadable);
        }
        let range = |part: &[u8]| {
            let start = part.as_ptr() as usize - der.as_ptr() as usize;
            start..start + part.len()
        };
        let issuer = distinguished_name::canonical(cert.issuer()).ok_or(Unreadable)?;
        let subject = distinguished_name::canonical(cert.subject()).ok_or(Unreadable)?;
        let mut this = Self {
            tbs: range(cert.tbs_certificate.as_ref()),
            spki: range(cert.public_key().raw),
            is_v1: cert.version() == X509Version::V1,
            serial: serial.to_vec(),
            is_self_issued: issuer == subject,
            issuer,
            subject,
            not_before: cert.validity().not_before.timestamp(),
            not_after: cert.validity().not_after.timestamp(),
            signature_algorithm: algorithm_after(&cert)?,
            signature: cert.signature_value.data.to_vec(),
            has_contradicting_algorithms: cert.tbs_certificate.signature
                != cert.signature_algorithm,
            key_algorithm: key_algorithm(cert.public_key())?,
            key_bits: cert.public_key().subject_public_key.data.to_vec(),
            strength: strength::of(&cert),
            subject_attributes: cert.subject().iter_attributes().count(),
            has_email_in_subject: cert.subject().iter_email().next().is_some(),
            common_names: cert
                .subject()
                .iter_common_name()
                .map(|cn| distinguished_name::text(cn.attr_value()))
                .collect(),
            ..Self::empty()
        };
        this.read_extensions(cert.extensions());
        drop(cert);
        this.der = der;
        Ok(this)
    }

    fn empty() -> Self {
        Self {
            der: CertificateDer::from(&[][..]),
            tbs: 0..0,
            spki: 0..0,
            is_v1: false,
            serial: Vec::new(),
            issuer: Vec::new(),
            subject: Vec::new(),
            not_before: 0,
            not_after: 0,
            signature_algorithm: Vec::new(),
            signature: Vec::new(),
            has_contradicting_algorithms: false,
            key_algorithm: Vec::new(),
            key_bits: Vec::new(),
            strength: Strength::default(),
            basic_constraints: None,
            key_usage: None,
            extended_key_usage: None,
            netscape_cert_type: None,
            subject_key_id: None,
            authority_key_id: None,
            subject_alt_names: Vec::new(),
            common_names: Vec::new(),
            crl_distribution_points: None,
            name_constraints: None,
            has_email_in_subject: false,
            subject_attributes: 0,
            is_proxy: false,
            has_unhandled_critical: false,
            is_invalid: false,
            is_self_issued: false,
            subject_text: OnceLock::new(),
        }
    }

    /// Stands for a trust anchor of which no more than the name and the key are known.
    pub(crate) fn of_anchor(anchor: &TrustAnchor<'_>) -> Result<Self, Unreadable> {
        let subject_der = sequence(anchor.subject.as_ref());
        let (_, name) = X509Name::from_der(&subject_der).map_err(|_| Unreadable)?;
        let subject = distinguished_name::canonical(&name).ok_or(Unreadable)?;
        let spki_der = sequence(anchor.subject_public_key_info.as_ref());
        let (_, spki) = SubjectPublicKeyInfo::from_der(&spki_der).map_err(|_| Unreadable)?;
        Ok(Self {
            spki: 0..spki_der.len(),
            key_algorithm: key_algorithm(&spki)?,
            key_bits: spki.subject_public_key.data.to_vec(),
            strength: strength::of_anchor(&spki),
            issuer: subject.clone(),
            subject,
            not_before: i64::MIN,
            not_after: i64::MAX,
            basic_constraints: Some(BasicConstraints {
                is_ca: true,
                path_len: None,
            }),
            name_constraints: match &anchor.name_constraints {
                Some(value) => Some(SubjectConstraints::parse(&sequence(value)).ok_or(Unreadable)?),
                None => None,
            },
            is_self_issued: true,
            subject_text: OnceLock::from(distinguished_name::one_line(&name)),
            der: CertificateDer::from(spki_der.clone()),
            ..Self::empty()
        })
    }

    /// Subject and issuer agree in name, key identifier and kind of key (`X509_self_signed(3)`).
    pub(crate) fn is_self_signed(&self) -> bool {
        self.is_self_issued
            && !self.is_invalid
            && self
                .authority_key_id
                .as_ref()
                .is_none_or(|id| id.fits(self))
            && self
                .strength
                .signature
                .is_some_and(|kind| kind.fits(self.strength.key))
    }

    pub(crate) fn der(&self) -> &CertificateDer<'a> {
        &self.der
    }

    pub(crate) fn tbs(&self) -> &[u8] {
        &self.der[self.tbs.clone()]
    }

    /// The SubjectPublicKeyInfo, DER.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.der[self.spki.clone()]
    }

    /// The subject as `openssl x509 -subject` prints it.
    pub(crate) fn subject_text(&self) -> &str {
        self.subject_text.get_or_init(|| {
            X509Certificate::from_der(&self.der)
                .map(|(_, cert)| distinguished_name::one_line(cert.subject()))
                .unwrap_or_default()
        })
    }

    /// Whether keyUsage forbids all of `bits`; an absent keyUsage forbids nothing.
    pub(crate) fn key_usage_forbids(&self, bits: u16) -> bool {
        self.key_usage.is_some_and(|usage| usage & bits == 0)
    }

    fn read_extensions(&mut self, extensions: &[X509Extension<'_>]) {
        for (i, extension) in extensions.iter().enumerate() {
            let oid = extension.oid.as_bytes();
            if is_read(oid) && extensions[..i].iter().any(|e| e.oid == extension.oid) {
                self.is_invalid = true;
            }
            if extension.critical && !HANDLED.contains(&oid) {
                self.has_unhandled_critical = true;
            }
            let is_damaged = well_formed::extension(oid, extension.value).is_none();
            if (self.read_extension(extension).is_none() && is_read(oid)) || is_damaged {
                self.is_invalid = true;
            }
        }
        // RFC 3820, section 3: a proxy certificate is no CA's and has no other names.
        let is_ca = self
            .basic_constraints
            .is_some_and(|constraints| constraints.is_ca);
        if self.is_proxy && (is_ca || !self.subject_alt_names.is_empty()) {
            self.is_invalid = true;
        }
    }

    /// Returns `None` if the extension is not what its identifier promises.
    fn read_extension(&mut self, extension: &X509Extension<'_>) -> Option<()> {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(found) => {
                let (is_ca, path_len) = (found.ca, found.path_len_constraint);
                self.basic_constraints = Some(BasicConstraints { is_ca, path_len });
            }
            ParsedExtension::KeyUsage(found) => {
                // RFC 5280, section 4.2.1.3: at least one bit must be set.
                if found.flags == 0 {
                    return None;
                }
                self.key_usage = Some(openssl_bits(found.flags));
            }
            ParsedExtension::ExtendedKeyUsage(_) => {
                self.extended_key_usage = Some(purposes(extension.value)?);
            }
            ParsedExtension::SubjectKeyIdentifier(found) => {
                self.subject_key_id = Some(found.0.to_vec());
            }
            ParsedExtension::AuthorityKeyIdentifier(found) => {
                self.authority_key_id = Some(AuthorityKeyId::from_parsed(found)?);
            }
            ParsedExtension::SubjectAlternativeName(found) => {
                self.subject_alt_names = found
                    .general_names
                    .iter()
                    .map(AltName::from_parsed)
                    .collect();
            }
            ParsedExtension::CRLDistributionPoints(_) => {
                let points = DistributionPoint::parse_all(extension.value, &self.issuer)?;
                self.crl_distribution_points = Some(points);
            }
            ParsedExtension::NameConstraints(_) => {
                self.name_constraints = Some(SubjectConstraints::parse(extension.value)?);
            }
            ParsedExtension::ParseError { .. } => return None,
            _ => match extension.oid.as_bytes() {
                NETSCAPE_CERT_TYPE => {
                    self.netscape_cert_type = Some(netscape_cert_type(extension.value)?);
                }
                PROXY_CERT_INFO => self.is_proxy = true,
                _ => {}
            },
        }
        Some(())
    }
}

impl AuthorityKeyId {
    pub(crate) fn from_parsed(
        found: &x509_parser::extensions::AuthorityKeyIdentifier<'_>,
    ) -> Option<Self> {
        let directory_name = |name: &GeneralName<'_>| match name {
            GeneralName::DirectoryName(name) => Some(distinguished_name::canonical(name)),
            _ => None,
        };
        let issuer = match &found.authority_cert_issuer {
            Some(names) => names.iter().find_map(directory_name),
            None => None,
        };
        Some(Self {
            key_id: found.key_identifier.as_ref().map(|id| id.0.to_vec()),
            issuer: match issuer {
                Some(canonical) => Some(canonical?),
                None => None,
            },
            serial: found
                .authority_cert_serial
                .map(|serial| minimal_integer(serial).to_vec()),
        })
    }

    /// Whether `issuer` may be the certificate meant: what both sides state must agree
    /// (`X509_check_akid` in OpenSSL).
    pub(crate) fn fits(&self, issuer: &Certificate<'_>) -> bool {
        let same = |stated: &Option<Vec<u8>>, found: &[u8]| {
            stated.as_ref().is_none_or(|stated| stated == found)
        };
        issuer
            .subject_key_id
            .as_ref()
            .is_none_or(|found| same(&self.key_id, found))
            && same(&self.serial, &issuer.serial)
            && same(&self.issuer, &issuer.issuer)
    }
}

impl AltName {
    fn from_parsed(name: &GeneralName<'_>) -> Self {
        match name {
            GeneralName::DNSName(name) => Self::Dns(name.as_bytes().to_vec()),
            // Bytes that are no IA5String; a DNS name all the same, that matches nothing.
            GeneralName::Invalid(tag, bytes) if tag.0 == 2 => Self::Dns(bytes.to_vec()),
            GeneralName::IPAddress(octets) => Self::Ip(octets.to_vec()),
            _ => Self::Other,
        }
    }
}

/// Strips superfluous leading octets, so that equal integers have equal bytes.
pub(crate) fn minimal_integer(mut octets: &[u8]) -> &[u8] {
    while let [first, second, ..] = octets {
        let redundant =
            (*first == 0 && second & 0x80 == 0) || (*first == 0xff && second & 0x80 != 0);
        if !redundant {
            break;
        }
        octets = &octets[1..];
    }
    octets
}

/// Puts the header of a SEQUENCE before its contents.
fn sequence(contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let octets = &length[length.iter().take_while(|octet| **octet == 0).count()..];
    let mut out = vec![0x30];
    match contents.len() {
        0..0x80 => out.push(contents.len() as u8),
        _ => {
            out.push(0x80 | octets.len() as u8);
            out.extend_from_slice(octets);
        }
    }
    out.extend_from_slice(contents);
    out
}

fn algorithm_after(cert: &X509Certificate<'_>) -> Result<Vec<u8>, Unreadable> {
    // The outer AlgorithmIdentifier follows the TBSCertificate.
    let whole = cert.as_raw();
    let (_, outer) = x509_parser::asn1_rs::Any::from_der(whole).map_err(|_| Unreadable)?;
    let after_tbs = outer
        .data
        .get(cert.tbs_certificate.as_ref().len()..)
        .ok_or(Unreadable)?;
    let (_, algorithm) = x509_parser::asn1_rs::Any::from_der(after_tbs).map_err(|_| Unreadable)?;
    Ok(algorithm.data.to_vec())
}

fn key_algorithm(spki: &SubjectPublicKeyInfo<'_>) -> Result<Vec<u8>, Unreadable> {
    let (_, outer) = x509_parser::asn1_rs::Any::from_der(spki.raw).map_err(|_| Unreadable)?;
    let (_, algorithm) = x509_parser::asn1_rs::Any::from_der(outer.data).map_err(|_| Unreadable)?;
    Ok(algorithm.data.to_vec())
}

/// x509-parser numbers the bits from the least significant one, OpenSSL from the top of each octet.
fn openssl_bits(flags: u16) -> u16 {
    let low = (flags as u8).reverse_bits();
    let high = ((flags >> 8) as u8).reverse_bits();
    u16::from(high) << 8 | u16::from(low)
}

fn purposes(value: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (_, list) = <Vec<Oid<'_>>>::from_der(value).ok()?;
    Some(list.iter().map(|oid| oid.as_bytes().to_vec()).collect())
}

fn netscape_cert_type(value: &[u8]) -> Option<u8> {
    let (_, bits) = x509_parser::asn1_rs::BitString::from_der(value).ok()?;
    Some(bits.data.first().copied().unwrap_or(0))
}

/// Extensions that OpenSSL reads into its cache, where damage or a second copy makes the certificate invalid.
fn is_read(oid: &[u8]) -> bool {
    matches!(
        oid,
        BASIC_CONSTRAINTS
            | KEY_USAGE
            | EXTENDED_KEY_USAGE
            | NETSCAPE_CERT_TYPE
            | SUBJECT_KEY_ID
            | AUTHORITY_KEY_ID
            | SUBJECT_ALT_NAME
            | NAME_CONSTRAINTS
            | CRL_DISTRIBUTION_POINTS
            | PROXY_CERT_INFO
    )
}

pub(crate) const DIGITAL_SIGNATURE: u16 = 0x80;
pub(crate) const KEY_ENCIPHERMENT: u16 = 0x20;
pub(crate) const KEY_AGREEMENT: u16 = 0x08;
pub(crate) const KEY_CERT_SIGN: u16 = 0x04;
pub(crate) const CRL_SIGN: u16 = 0x02;

const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 31];
const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 32];
const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 33];
const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 36];
const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1d, 54];
const NETSCAPE_CERT_TYPE: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 1, 1];
const OCSP_NO_CHECK: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 5];
const PROXY_CERT_INFO: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 14];

/// Critical extensions that OpenSSL handles (`X509_supported_extension`), less those of RFC 3779,
/// whose rules are not implemented here.
const HANDLED: &[&[u8]] = &[
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    EXTENDED_KEY_USAGE,
    SUBJECT_ALT_NAME,
    NAME_CONSTRAINTS,
    CRL_DISTRIBUTION_POINTS,
    CERTIFICATE_POLICIES,
    POLICY_MAPPINGS,
    POLICY_CONSTRAINTS,
    INHIBIT_ANY_POLICY,
    NETSCAPE_CERT_TYPE,
    OCSP_NO_CHECK,
    PROXY_CERT_INFO,
];
