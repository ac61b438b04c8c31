//! Extensions of certificates and lists.

use std::net::IpAddr;

use crate::{der, dn::Name};

pub const SUBJECT_KEY_ID: &str = "2.5.29.14";
pub const KEY_USAGE: &str = "2.5.29.15";
pub const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub const ISSUER_ALT_NAME: &str = "2.5.29.18";
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub const CRL_NUMBER: &str = "2.5.29.20";
pub const REASON: &str = "2.5.29.21";
pub const INVALIDITY_DATE: &str = "2.5.29.24";
pub const DELTA_CRL: &str = "2.5.29.27";
pub const ISSUING_POINT: &str = "2.5.29.28";
pub const CERTIFICATE_ISSUER: &str = "2.5.29.29";
pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub const DISTRIBUTION_POINTS: &str = "2.5.29.31";
pub const POLICIES: &str = "2.5.29.32";
pub const POLICY_MAPPINGS: &str = "2.5.29.33";
pub const AUTHORITY_KEY_ID: &str = "2.5.29.35";
pub const POLICY_CONSTRAINTS: &str = "2.5.29.36";
pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub const FRESHEST_CRL: &str = "2.5.29.46";
pub const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
pub const AUTHORITY_INFO: &str = "1.3.6.1.5.5.7.1.1";
pub const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
pub const IP_BLOCKS: &str = "1.3.6.1.5.5.7.1.7";
pub const AS_NUMBERS: &str = "1.3.6.1.5.5.7.1.8";
pub const OCSP_NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
pub const PROXY_CERT: &str = "1.3.6.1.5.5.7.1.14";
pub const NETSCAPE_TYPE: &str = "2.16.840.1.113730.1.1";
pub const NETSCAPE_COMMENT: &str = "2.16.840.1.113730.1.13";
pub const UNKNOWN: &str = "1.3.6.1.4.1.55555.1";

pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
pub const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
pub const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
pub const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
pub const SIP_DOMAIN: &str = "1.3.6.1.5.5.7.3.20";
pub const ANY_EKU: &str = "2.5.29.37.0";
pub const MS_SGC: &str = "1.3.6.1.4.1.311.10.3.3";
pub const NS_SGC: &str = "2.16.840.1.113730.4.1";

pub const DIGITAL_SIGNATURE: u8 = 0;
pub const NON_REPUDIATION: u8 = 1;
pub const KEY_ENCIPHERMENT: u8 = 2;
pub const DATA_ENCIPHERMENT: u8 = 3;
pub const KEY_AGREEMENT: u8 = 4;
pub const CERT_SIGN: u8 = 5;
pub const CRL_SIGN: u8 = 6;

#[derive(Clone, Debug, PartialEq)]
pub struct Extension {
    pub oid: &'static str,
    pub critical: bool,
    pub value: Value,
}

/// What an extension holds; the automatic ones are filled in when the plan is built.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Authority key identifier: the key identifier of the signer.
    AuthorityKeyId,
    /// Authority key identifier: the signer's issuer and serial number.
    AuthoritySerial,
    Bytes(Vec<u8>),
    SubjectKeyId,
}

impl Extension {
    pub fn new(oid: &'static str, value: Vec<u8>) -> Self {
        Self {
            oid,
            critical: false,
            value: Value::Bytes(value),
        }
    }

    pub fn critical(mut self) -> Self {
        self.critical = true;
        self
    }

    pub fn der(&self, value: &[u8]) -> Vec<u8> {
        let mut parts = vec![der::oid(self.oid)];
        if self.critical {
            parts.push(der::boolean(true));
        }
        parts.push(der::octets(value));
        der::sequence(&parts)
    }
}

pub fn subject_key_id() -> Extension {
    Extension {
        oid: SUBJECT_KEY_ID,
        critical: false,
        value: Value::SubjectKeyId,
    }
}

pub fn authority_key_id() -> Extension {
    Extension {
        oid: AUTHORITY_KEY_ID,
        critical: false,
        value: Value::AuthorityKeyId,
    }
}

pub fn authority_serial() -> Extension {
    Extension {
        oid: AUTHORITY_KEY_ID,
        critical: false,
        value: Value::AuthoritySerial,
    }
}

/// Authority key identifier of the given parts.
pub fn authority(key: Option<&[u8]>, issuer: Option<(&Name, &[u8])>) -> Extension {
    let mut parts = Vec::new();
    parts.extend(key.map(|k| der::implicit(0, k)));
    if let Some((name, serial)) = issuer {
        parts.push(der::context(1, &directory(name)));
        parts.push(der::implicit(2, serial));
    }
    Extension::new(AUTHORITY_KEY_ID, der::sequence(&parts))
}

pub fn basic_constraints(ca: bool, path_len: Option<u8>) -> Extension {
    let mut parts = Vec::new();
    if ca {
        parts.push(der::boolean(true));
    }
    parts.extend(path_len.map(der::small_integer));
    Extension::new(BASIC_CONSTRAINTS, der::sequence(&parts)).critical()
}

pub fn key_usage(bits: &[u8]) -> Extension {
    Extension::new(KEY_USAGE, der::named_bits(bits)).critical()
}

pub fn extended_key_usage(purposes: &[&str]) -> Extension {
    let purposes: Vec<_> = purposes.iter().map(|p| der::oid(p)).collect();
    Extension::new(EXTENDED_KEY_USAGE, der::sequence(&purposes))
}

pub fn subject_alt_name(names: &[Vec<u8>]) -> Extension {
    Extension::new(SUBJECT_ALT_NAME, der::sequence(names))
}

pub fn dns(name: &str) -> Vec<u8> {
    der::implicit(2, name.as_bytes())
}

pub fn email(name: &str) -> Vec<u8> {
    der::implicit(1, name.as_bytes())
}

pub fn uri(name: &str) -> Vec<u8> {
    der::implicit(6, name.as_bytes())
}

pub fn directory(name: &Name) -> Vec<u8> {
    der::context(4, &name.der())
}

pub fn registered(oid: &str) -> Vec<u8> {
    let mut id = der::oid(oid);
    id[0] = 0x88;
    id
}

pub fn other_name() -> Vec<u8> {
    let value = der::context(0, &der::tlv(0x0c, b"user@example.com"));
    der::context(0, &[der::oid("1.3.6.1.4.1.311.20.2.3"), value].concat())
}

/// An e-mail address outside ASCII (RFC 8398).
pub fn smtp_utf8_mailbox(address: &str) -> Vec<u8> {
    let value = der::context(0, &der::tlv(0x0c, address.as_bytes()));
    der::context(0, &[der::oid("1.3.6.1.5.5.7.8.9"), value].concat())
}

pub fn ip(address: &str) -> Vec<u8> {
    match address.parse().expect("an IP address") {
        IpAddr::V4(v4) => der::implicit(7, &v4.octets()),
        IpAddr::V6(v6) => der::implicit(7, &v6.octets()),
    }
}

/// An iPAddress name of exactly these bytes.
pub fn ip_bytes(bytes: &[u8]) -> Vec<u8> {
    der::implicit(7, bytes)
}

/// Name constraints: permitted and excluded GeneralNames.
pub fn name_constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
    let mut parts = Vec::new();
    for (tag, bases) in [(0, permitted), (1, excluded)] {
        if !bases.is_empty() {
            let trees: Vec<_> = bases
                .iter()
                .map(|b| der::sequence(std::slice::from_ref(b)))
                .collect();
            parts.push(der::context(tag, &trees.concat()));
        }
    }
    Extension::new(NAME_CONSTRAINTS, der::sequence(&parts)).critical()
}

/// CRL distribution points: one point per URI.
pub fn distribution_points(uris: &[&str]) -> Extension {
    let points: Vec<_> = uris
        .iter()
        .map(|u| der::sequence(&[der::context(0, &full_name(u))]))
        .collect();
    Extension::new(DISTRIBUTION_POINTS, der::sequence(&points))
}

/// CRL distribution points: one point, whose name is relative to the issuer's and has these bytes for a UTF8String.
pub fn fragment(text: &[u8]) -> Extension {
    let attribute = der::sequence(&[der::oid("2.5.4.10"), der::tlv(0x0c, text)]);
    let name = der::context(0, &der::context(1, &attribute));
    Extension::new(
        DISTRIBUTION_POINTS,
        der::sequence(&[der::sequence(&[name])]),
    )
}

fn full_name(address: &str) -> Vec<u8> {
    der::context(0, &uri(address))
}

/// The issuing distribution point of a list.
#[derive(Clone, Copy, Default)]
pub struct Issuing<'a> {
    pub uri: Option<&'a str>,
    pub only_user: bool,
    pub only_ca: bool,
    pub only_attribute: bool,
    pub reasons: Option<&'a [u8]>,
    pub indirect: bool,
}

pub fn issuing_point(point: Issuing<'_>) -> Extension {
    let mut parts = Vec::new();
    parts.extend(point.uri.map(|u| der::context(0, &full_name(u))));
    let mut flag = |n, on: bool| parts.extend(on.then(|| der::implicit(n, &[0xff])));
    flag(1, point.only_user);
    flag(2, point.only_ca);
    if let Some(reasons) = point.reasons {
        let mut bits = der::named_bits(reasons);
        bits[0] = 0x83;
        parts.push(bits);
    }
    let mut flag = |n, on: bool| parts.extend(on.then(|| der::implicit(n, &[0xff])));
    flag(4, point.indirect);
    flag(5, point.only_attribute);
    Extension::new(ISSUING_POINT, der::sequence(&parts)).critical()
}

pub fn crl_number(content: &[u8]) -> Extension {
    Extension::new(CRL_NUMBER, der::integer(content))
}

pub fn delta(base: u8) -> Extension {
    Extension::new(DELTA_CRL, der::small_integer(base)).critical()
}

pub fn reason(code: u8) -> Extension {
    Extension::new(REASON, der::tlv(0x0a, &[code]))
}

pub fn policies(oids: &[&str]) -> Extension {
    let all: Vec<_> = oids.iter().map(|o| der::sequence(&[der::oid(o)])).collect();
    Extension::new(POLICIES, der::sequence(&all))
}
