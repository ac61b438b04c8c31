//! Puts the steps of a verification into words.
//!
//! Each check of a certificate becomes one sentence. A check that passed says what was compared. A check that failed
//! says OpenSSL's words and number first, then what was found, then what would be needed. The sentences say nothing
//! that the verification did not decide: whether a check failed is read from its findings.

use super::{CheckOutcome, PathCheck, PathStep};
use crate::options::{NameCheck, SecurityLevel};
use crate::verify::code::VerifyCode;
use crate::verify::name::ReferenceName;
use crate::verify::path::Path;
use crate::verify::purpose::Purpose;
use crate::verify::revocation::{Consulted, Crl};
use crate::verify::status::{Finding, VerifyStatus};
use crate::verify::verifier::Verifier;
use crate::x509::general_name::GeneralName;
use crate::x509::{Certificate, describe};

/// The groups of findings, each for one kind of check.
///
/// A finding belongs to one topic by its code, and a step has at most one check for each topic.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Topic {
    Constraints,
    Dates,
    Issuer,
    Name,
    Resources,
    Revocation,
    Role,
    Signature,
    Strength,
}

impl Topic {
    fn of(code: VerifyCode) -> Self {
        use VerifyCode as V;
        match code {
            V::CertNotYetValid
            | V::CertHasExpired
            | V::ErrorInCertNotBeforeField
            | V::ErrorInCertNotAfterField => Self::Dates,
            V::HostnameMismatch | V::IpAddressMismatch => Self::Name,
            V::UnableToGetCrl
            | V::CrlSignatureFailure
            | V::CrlNotYetValid
            | V::CrlHasExpired
            | V::ErrorInCrlLastUpdateField
            | V::ErrorInCrlNextUpdateField
            | V::CertRevoked
            | V::UnableToGetCrlIssuer
            | V::KeyusageNoCrlSign
            | V::UnhandledCriticalCrlExtension
            | V::DifferentCrlScope => Self::Revocation,
            V::PathLengthExceeded
            | V::InvalidPurpose
            | V::UnhandledCriticalExtension
            | V::ProxyCertificatesNotAllowed
            | V::InvalidCa => Self::Role,
            V::CertSignatureFailure
            | V::UnableToDecodeIssuerPublicKey
            | V::UnsupportedSignatureAlgorithm
            | V::SignatureAlgorithmMismatch
            | V::UnableToVerifyLeafSignature => Self::Signature,
            V::EeKeyTooSmall | V::CaKeyTooSmall | V::CaMdTooWeak | V::EcKeyExplicitParams => {
                Self::Strength
            }
            V::UnableToGetIssuerCert
            | V::UnableToGetIssuerCertLocally
            | V::DepthZeroSelfSignedCert
            | V::SelfSignedCertInChain
            | V::CertChainTooLong
            | V::CertUntrusted
            | V::CertRejected
            | V::NoIssuerPublicKey => Self::Issuer,
            V::InvalidExtension | V::UnnestedResource => Self::Resources,
            _ => Self::Constraints,
        }
    }
}

/// Describes one verification.
pub(super) struct Teller<'a> {
    pub(super) verifier: &'a Verifier,
    pub(super) path: &'a Path<'a>,
    pub(super) status: &'a VerifyStatus,
    pub(super) now: i64,
    pub(super) consulted: Vec<Consulted<'a>>,
}

impl<'a> Teller<'a> {
    /// The order is that of the verification. The dates come after the signature, as in `internal_verify` of OpenSSL.
    pub(super) fn step(&self, depth: usize) -> PathStep {
        let certificate = self.path.certificates[depth];
        let mut checks = vec![
            self.issuer(depth, certificate),
            self.role(depth, certificate),
        ];
        checks.push(self.strength(depth, certificate));
        if depth == 0 {
            checks.extend(self.name(certificate));
        }
        checks.push(self.revocation(depth));
        checks.extend(self.signature(depth, certificate));
        checks.push(self.dates(depth, certificate));
        checks.extend(self.constraints(depth, certificate));
        checks.extend(self.resources(depth, certificate));
        PathStep {
            depth,
            subject: describe::one_line(certificate.subject_name()),
            checks,
        }
    }

    /// What was found about one certificate under one topic.
    fn finding(&self, depth: usize, topic: Topic) -> Option<&'a Finding> {
        let mut findings = self.status.findings.iter();
        // A trust anchor that inherits resources is reported one above it, as by OpenSSL.
        let top = self.path.certificates.len() - 1;
        let is_here = |found: &Finding| found.depth().min(top) == depth;
        findings.find(|found| is_here(found) && Topic::of(found.code()) == topic)
    }

    /// A check that failed if there is a finding.
    fn check(&self, depth: usize, topic: Topic, good: String, needed: &str) -> PathCheck {
        match self.finding(depth, topic) {
            None => PathCheck {
                outcome: CheckOutcome::Passed,
                text: good,
            },
            Some(finding) => PathCheck {
                outcome: match finding.is_tolerated() {
                    true => CheckOutcome::Tolerated,
                    false => CheckOutcome::Failed,
                },
                text: format!("{}; {good}; {needed}", said(finding)),
            },
        }
    }

    fn not_made(text: impl Into<String>) -> PathCheck {
        PathCheck {
            outcome: CheckOutcome::NotMade,
            text: text.into(),
        }
    }

    /// Where the certificate comes from, and how its issuer was found.
    fn issuer(&self, depth: usize, certificate: &Certificate<'_>) -> PathCheck {
        let from = match self.path.origin(depth) {
            Some(origin) => format!("it comes from `{}`: {origin}", origin.option()),
            None => "the peer sent it".to_owned(),
        };
        let serial = describe::serial(certificate);
        let issuer = describe::one_line(certificate.issuer_name());
        let is_top = depth + 1 == self.path.certificates.len();
        let good = match (is_top, certificate.is_self_signed()) {
            (true, true) => {
                format!("{from}; serial {serial}; it is self-signed, so the path ends here")
            }
            (true, false) => format!("{from}; serial {serial}; its issuer is `{issuer}`"),
            (false, _) => {
                let how = match certificate.authority_key_id().is_some() {
                    true => "by name and key identifier",
                    false => "by name",
                };
                format!("{from}; serial {serial}; its issuer `{issuer}` was found {how}")
            }
        };
        let needed = "a path must end in a self-signed certificate of `trusted-ca`";
        self.check(depth, Topic::Issuer, good, needed)
    }

    /// The check of the role: CA or end entity, key usage and purposes.
    fn role(&self, depth: usize, certificate: &Certificate<'_>) -> PathCheck {
        let extensions = &certificate.extensions;
        let usage = describe::key_usage(certificate);
        let usage = usage.unwrap_or_else(|| "no key usage, so all uses are allowed".to_owned());
        let purposes = describe::key_purposes(certificate);
        let purposes = purposes
            .unwrap_or_else(|| "no extended key usage, so all purposes are allowed".to_owned());
        let whose = match self.status.purpose {
            Purpose::Client => "a TLS client",
            Purpose::Server => "a TLS server",
        };
        let (good, needed) = match depth {
            0 => (
                format!("{usage}; {purposes}"),
                format!("it must be usable for {whose}"),
            ),
            _ => {
                let ca = match extensions.basic_constraints {
                    Some(found) if found.is_ca => match found.path_len {
                        Some(limit) => format!("CA:TRUE, at most {limit} CAs below it"),
                        None => "CA:TRUE".to_owned(),
                    },
                    Some(_) => "CA:FALSE".to_owned(),
                    None => "no basicConstraints".to_owned(),
                };
                (
                    format!("{ca}; {usage}; {purposes}"),
                    format!("it must be a CA that may issue certificates for {whose}"),
                )
            }
        };
        self.check(depth, Topic::Role, good, &needed)
    }

    /// The check of the key against the security level.
    fn strength(&self, depth: usize, certificate: &Certificate<'_>) -> PathCheck {
        let level: SecurityLevel = self.verifier.security_level();
        let key = describe::key(certificate);
        let good = format!(
            "its key {key} has {} bits of security, and security level {level} needs {}",
            certificate.key_strength.bits,
            level.bits()
        );
        let needed = "a stronger key or signature is needed";
        self.check(depth, Topic::Strength, good, needed)
    }

    /// The check of names, with the names that were compared.
    fn name(&self, certificate: &Certificate<'_>) -> Option<PathCheck> {
        let names = names(certificate);
        let Some(reference) = &self.status.reference else {
            return Some(Self::not_made(format!(
                "no name is expected; it has {names}"
            )));
        };
        let good = match &self.status.matched_name {
            Some(matched) => format!("`{reference}` is expected, and `{matched}` matches it"),
            None => format!("`{reference}` is expected, and it has {names}"),
        };
        let needed = match reference {
            ReferenceName::Dns(_) if self.verifier.name_check() == NameCheck::Sip => {
                "a `sip:` URI of the subjectAltName must name it, or a DNS name if there is no such URI, or the common \
                 name if there is no subjectAltName"
            }
            ReferenceName::Dns(_) => {
                "a DNS name of the subjectAltName must match, or the common name if there is none"
            }
            ReferenceName::Ip(_) => "an address of the subjectAltName must be the same",
        };
        Some(self.check(0, Topic::Name, good, needed))
    }

    /// The check of the lists, with the list that was asked.
    fn revocation(&self, depth: usize) -> PathCheck {
        let Some(consulted) = self.consulted.get(depth) else {
            return Self::not_made(match self.verifier.checks_revocation() {
                false => "revocation is not checked, because there are no lists",
                true => "no list was consulted, because the path is not complete",
            });
        };
        if !consulted.is_asked && self.finding(depth, Topic::Revocation).is_none() {
            return Self::not_made("no list needs to cover it, and none revokes it");
        }
        let lists = match consulted.by_issuer {
            0 => "there is no list of its issuer".to_owned(),
            1 => "its issuer has one list".to_owned(),
            count => format!("its issuer has {count} lists"),
        };
        let good = match consulted.list {
            Some(list) => format!("{lists}; {}", told(list)),
            None => lists,
        };
        let finding = self.finding(depth, Topic::Revocation);
        let needed = match finding.map(Finding::code) {
            Some(VerifyCode::CertRevoked) => "a certificate that is not revoked is needed",
            _ => "a current list that is signed with the key of the issuer must cover it",
        };
        self.check(depth, Topic::Revocation, good, needed)
    }

    /// The check of the signature. There is none for a self-signed trust anchor, whose signature is not verified.
    fn signature(&self, depth: usize, certificate: &Certificate<'_>) -> Option<PathCheck> {
        let algorithm = describe::signature_algorithm(certificate);
        let Some(issuer) = self.path.certificates.get(depth + 1) else {
            let found = self.finding(depth, Topic::Signature).is_some();
            let good = format!("{algorithm}; there is no certificate of its issuer");
            return found.then(|| {
                self.check(
                    depth,
                    Topic::Signature,
                    good,
                    "the certificate of its issuer is needed",
                )
            });
        };
        let name = describe::one_line(issuer.subject_name());
        if self.finding(depth, Topic::Signature).is_none() && !self.are_signatures_verified(depth) {
            return Some(Self::not_made(format!(
                "the signature ({algorithm}) was not verified, because other checks failed before"
            )));
        }
        let good = format!("signed with {algorithm} and the key of `{name}`");
        let needed = "the signature must be valid";
        Some(self.check(depth, Topic::Signature, good, needed))
    }

    /// Whether the signature at `depth` was verified. Signatures are verified from the top down to the first bad one,
    /// if nothing was found before.
    fn are_signatures_verified(&self, depth: usize) -> bool {
        let mut findings = self
            .status
            .findings
            .iter()
            .filter(|found| !found.is_tolerated());
        findings.all(|found| match Topic::of(found.code()) {
            Topic::Signature => found.depth() < depth,
            Topic::Dates | Topic::Revocation | Topic::Constraints | Topic::Resources => true,
            Topic::Issuer | Topic::Name | Topic::Role | Topic::Strength => false,
        })
    }

    /// The check of the dates, to the second.
    fn dates(&self, depth: usize, certificate: &Certificate<'_>) -> PathCheck {
        let moment = |time: Option<i64>| {
            time.map_or_else(|| "a time that cannot be read".to_owned(), describe::moment)
        };
        let good = format!(
            "valid from {} to {}",
            moment(certificate.not_before.valid),
            moment(certificate.not_after.valid)
        );
        let needed = format!("it must be valid at {}", describe::moment(self.now));
        self.check(depth, Topic::Dates, good, &needed)
    }

    /// The check against the name constraints above.
    fn constraints(&self, depth: usize, certificate: &Certificate<'_>) -> Option<PathCheck> {
        // A self-issued CA is exempt.
        let is_exempt = depth > 0 && certificate.is_self_issued;
        let above = self.path.certificates[depth + 1..].iter();
        let names: Vec<_> = above
            .filter(|ca| !is_exempt && ca.extensions.name_constraints.is_some())
            .map(|ca| format!("`{}`", describe::one_line(ca.subject_name())))
            .collect();
        let names = names.join(", ");
        let found = self.finding(depth, Topic::Constraints);
        if names.is_empty() && found.is_none() {
            return None;
        }
        if found.is_none() && !self.are_constraints_compared(depth) {
            return Some(Self::not_made(format!(
                "the name constraints of {names} were not compared, because other checks failed \
                 before"
            )));
        }
        let good = match names.is_empty() {
            true => "no CA above it has name constraints".to_owned(),
            false => format!("the name constraints of {names} were compared"),
        };
        let needed = match found.map(Finding::code) {
            Some(VerifyCode::Unspecified) => {
                "its names, and the address blocks of its path, must be in a form that can be compared"
            }
            _ => "its names must satisfy the name constraints of all CAs above it",
        };
        Some(self.check(depth, Topic::Constraints, good, needed))
    }

    /// Whether the name constraints above `depth` were compared. They are compared from the top down to the first
    /// violation, and number resources after them.
    fn are_constraints_compared(&self, depth: usize) -> bool {
        self.status.is_accepted()
            || self
                .status
                .findings
                .iter()
                .any(|found| match Topic::of(found.code()) {
                    Topic::Resources => true,
                    Topic::Constraints => found.depth() < depth,
                    _ => false,
                })
    }

    /// The check of number resources: one for the whole path, at the end entity or where it failed.
    fn resources(&self, depth: usize, certificate: &Certificate<'_>) -> Option<PathCheck> {
        if let Some(finding) = self.finding(depth, Topic::Resources) {
            let (good, needed) = match finding.code() {
                VerifyCode::InvalidExtension => (
                    "its address blocks or AS numbers are not in canonical form",
                    "the form of RFC 3779 is needed",
                ),
                _ if finding.depth() > depth => (
                    "it inherits address blocks or AS numbers, and there is no CA above it",
                    "a trust anchor must hold its own",
                ),
                _ => (
                    "it lacks address blocks or AS numbers of the certificates below it",
                    "it must hold all of theirs",
                ),
            };
            return Some(self.check(depth, Topic::Resources, good.to_owned(), needed));
        }
        let held = &certificate.extensions;
        let has_resources = held.address_blocks.is_some() || held.as_identifiers.is_some();
        let is_told_above = || {
            let mut findings = self.status.findings.iter();
            findings.any(|found| Topic::of(found.code()) == Topic::Resources)
        };
        if depth > 0 || !has_resources || is_told_above() {
            return None;
        }
        Some(match self.status.is_accepted() {
            true => PathCheck {
                outcome: CheckOutcome::Passed,
                text: "the CAs above it hold its address blocks and AS numbers".to_owned(),
            },
            false => Self::not_made(
                "its address blocks and AS numbers were not compared, because other checks failed \
                 before",
            ),
        })
    }
}

/// OpenSSL's text and number, with the detail that OpenSSL has no number for.
fn said(finding: &Finding) -> String {
    let (number, code) = (finding.code().number(), finding.code());
    match finding.detail() {
        Some(detail) => format!("{code} ({number}): {detail}"),
        None => format!("{code} ({number})"),
    }
}

fn told(list: &Crl) -> String {
    format!(
        "consulted was {}",
        describe::list(&list.facts, &list.origin.to_string())
    )
}

/// Says which certificate a finding is about, and which names were compared.
pub(in crate::verify) fn about(
    certificate: &Certificate<'_>,
    status: &VerifyStatus,
    code: VerifyCode,
) -> String {
    let text = format!("the certificate {}", describe::certificate(certificate));
    match (&status.reference, Topic::of(code)) {
        (Some(reference), Topic::Name) => format!(
            "{text}; the expected name is `{reference}`, and the certificate has {}",
            names(certificate)
        ),
        _ => text,
    }
}

/// The names of an end entity, at most `MANY` of them.
pub(crate) fn names(certificate: &Certificate<'_>) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in certificate.alt_names() {
        names.extend(match name {
            GeneralName::Dns(name) => Some(format!(
                "DNS:{}",
                String::from_utf8_lossy(&name).escape_debug()
            )),
            GeneralName::Ip(octets) => Some(format!("IP:{}", describe::address(&octets))),
            GeneralName::Uri(uri) => Some(format!(
                "URI:{}",
                String::from_utf8_lossy(&uri).escape_debug()
            )),
            _ => None,
        });
    }
    if names.is_empty() {
        let common = certificate.common_names().flatten();
        names.extend(common.map(|name| format!("CN:{}", name.escape_debug())));
    }
    match names.len() {
        0 => "no name".to_owned(),
        1..=MANY => names.join(", "),
        count => format!("{} and {} more", names[..MANY].join(", "), count - MANY),
    }
}

/// How many names are listed before the others are only counted.
const MANY: usize = 10;
