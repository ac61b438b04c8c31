use x509_parser::extensions::{GeneralName, GeneralSubtree, NameConstraints};
use x509_parser::prelude::FromDer;

use super::certificate::{AltName, Certificate};
use super::code::VerifyCode;
use super::path::Path;
use super::status::Finding;

/// What the name constraints of a CA say of names in the subject, which webpki does not look at.
#[derive(Debug)]
pub(crate) struct SubjectConstraints {
    permitted_dns: Vec<String>,
    excluded_dns: Vec<String>,
    concerns_email: bool,
    count: usize,
}

impl SubjectConstraints {
    /// Reads the value of the extension.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let (_, found) = NameConstraints::from_der(value).ok()?;
        let permitted = found.permitted_subtrees.unwrap_or_default();
        let excluded = found.excluded_subtrees.unwrap_or_default();
        let is_email = |tree: &GeneralSubtree<'_>| {
            // An address that is no text may be meant as well.
            matches!(&tree.base, GeneralName::RFC822Name(_))
                || matches!(&tree.base, GeneralName::Invalid(tag, _) if tag.0 == 1)
        };
        Some(Self {
            count: permitted.len() + excluded.len(),
            concerns_email: permitted.iter().chain(&excluded).any(is_email),
            permitted_dns: dns(&permitted),
            excluded_dns: dns(&excluded),
        })
    }

    fn violation_by_dns(&self, name: &str) -> Option<VerifyCode> {
        let is_below = |base: &String| is_below(name, base);
        if !self.permitted_dns.is_empty() && !self.permitted_dns.iter().any(is_below) {
            Some(VerifyCode::PermittedViolation)
        } else if self.excluded_dns.iter().any(is_below) {
            Some(VerifyCode::ExcludedViolation)
        } else {
            None
        }
    }
}

/// Holds the subjects of a path against the name constraints above them: a common name that looks like a host counts
/// as a DNS name if the subjectAltName has none (`NAME_CONSTRAINTS_check_CN` in OpenSSL), and an e-mail address in a
/// subject must fit too. Such an address under a constraint on addresses is always refused.
pub(crate) fn subjects(path: &Path<'_>) -> Option<Finding> {
    let certificates = &path.certificates;
    for (depth, certificate) in certificates.iter().enumerate().rev() {
        // RFC 5280, section 6.1.3: self-issued certificates are free, unless last in the path.
        if depth > 0 && certificate.is_self_issued {
            continue;
        }
        let above = certificates[depth + 1..].iter();
        for constraints in above.filter_map(|issuer| issuer.name_constraints.as_ref()) {
            let names = certificate.subject_attributes + certificate.subject_alt_names.len();
            let code = if names.saturating_mul(constraints.count) > MAX_COMPARISONS {
                Some(VerifyCode::Unspecified)
            } else if constraints.concerns_email && certificate.has_email_in_subject {
                Some(VerifyCode::PermittedViolation)
            } else if depth == 0 {
                by_common_name(certificate, constraints)
            } else {
                None
            };
            if let Some(code) = code {
                return Some(Finding::new(code, depth, certificate.subject_text()));
            }
        }
    }
    None
}

fn by_common_name(
    certificate: &Certificate<'_>,
    constraints: &SubjectConstraints,
) -> Option<VerifyCode> {
    let has_dns = |name: &AltName| matches!(name, AltName::Dns(_));
    if certificate.subject_alt_names.iter().any(has_dns) {
        return None;
    }
    certificate.common_names.iter().find_map(|name| {
        let Some(name) = name else {
            return Some(VerifyCode::UnsupportedNameSyntax);
        };
        let name = name.trim_end_matches('\0');
        if name.contains('\0') {
            return Some(VerifyCode::UnsupportedNameSyntax);
        }
        looks_like_host(name)
            .then(|| constraints.violation_by_dns(name))
            .flatten()
    })
}

fn dns(trees: &[GeneralSubtree<'_>]) -> Vec<String> {
    trees
        .iter()
        .filter_map(|tree| match &tree.base {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        })
        .collect()
}

/// RFC 5280, section 4.2.1.10: any name made by adding labels to the left. An empty base permits every name.
fn is_below(name: &str, base: &str) -> bool {
    let (name, base) = (name.as_bytes(), base.as_bytes());
    let Some(start) = name.len().checked_sub(base.len()) else {
        return false;
    };
    base.is_empty()
        || (name[start..].eq_ignore_ascii_case(base)
            && (start == 0 || base[0] == b'.' || name[start - 1] == b'.'))
}

/// Two labels or more, of letters, digits, `_` and inner `-`.
fn looks_like_host(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    name.contains('.') && name.split('.').all(is_label)
}

/// More than this OpenSSL refuses to do for one certificate and one set of constraints (`NAME_CHECK_MAX`).
const MAX_COMPARISONS: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_covers_itself_and_what_lies_below() {
        let cases = [
            ("sip.example.com", "example.com", true),
            ("EXAMPLE.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("example.com", ".example.com", false),
            ("sip.example.com", ".example.com", true),
            ("com", "example.com", false),
            ("anything", "", true),
        ];
        for (name, base, expected) in cases {
            assert_eq!(is_below(name, base), expected, "{name} below {base}");
        }
    }

    #[test]
    fn a_common_name_is_a_host_from_two_labels_up() {
        for host in ["sip.example.com", "a_b.c", "x-1.y"] {
            assert!(looks_like_host(host), "{host}");
        }
        for other in [
            "sometld", "Jo Doe", "a..b", ".a.b", "a.b.", "-a.b", "a-.b", "a@b.c",
        ] {
            assert!(!looks_like_host(other), "{other}");
        }
    }
}
