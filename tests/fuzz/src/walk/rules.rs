//! Rules for every result. They are checked in a different way: with x509-parser and the calls alone.

use sip_tls::verify::{Purpose, VerifyStatus};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::case::Case;
use super::counted::Call;

/// Checks the number of verifications: for a path at most one for each certificate below its top, and at most one that
/// fails; for a list one for each key. `before` calls were made while the verifier was built.
pub(super) fn work_is_bounded(case: &Case, status: &VerifyStatus, calls: &[Call], before: usize) {
    let of_path: Vec<_> = calls[before..]
        .iter()
        .filter(|call| is_certificate(case, call))
        .collect();
    let below_top = status.path().len().saturating_sub(1);
    assert!(of_path.len() <= below_top, "{} for a path", of_path.len());
    let bad = of_path.iter().filter(|call| !call.is_good).count();
    assert!(bad <= 1, "{bad} bad signatures were verified");
    let octets: usize = of_path.iter().map(|call| call.message.len()).sum();
    let sent: usize = case.all().map(Vec::len).sum();
    assert!(octets <= sent, "{octets} octets were hashed of {sent}");
    for (i, call) in calls.iter().enumerate() {
        assert!(!calls[..i].contains(call), "verified twice");
    }
}

fn is_certificate(case: &Case, call: &Call) -> bool {
    case.all().any(|der| holds(der, &call.message))
}

/// Whether `message` is the signed part of a certificate.
fn holds(der: &[u8], message: &[u8]) -> bool {
    (2..6).any(|at| der.get(at..).is_some_and(|rest| rest.starts_with(message)))
}

/// Checks that the path ends in a trusted certificate, that those above the end entity are CAs, and so on.
pub(super) fn acceptance_is_deserved(case: &Case, status: &VerifyStatus, calls: &[Call]) {
    let ders = path(case, calls);
    assert_eq!(ders.len(), status.path().len(), "unverified signatures");
    let top = ders[ders.len() - 1];
    assert!(case.trusted().any(|der| der == top), "not a trusted one");
    assert!(!case.checks_name || status.matched_name().is_some(), "name");
    if !case.lists.is_empty() {
        assert!(status.revocation_list().is_some(), "accepted by no list");
        let all_revoke = case.lists.iter().all(|list| list.revokes_first);
        assert!(!all_revoke || !has_serial(ders[0], 1), "revoked");
    }
    let path: Vec<_> = ders.iter().map(|der| parsed(der)).collect();
    for (depth, certificate) in path.iter().enumerate() {
        if let Some(certificate) = certificate {
            check_dates(certificate, case.now);
            check_purpose(certificate, case.purpose);
            if depth > 0 {
                check_ca(certificate, depth + 1 == path.len());
                check_path_len(certificate, &path[1..depth]);
                check_names(certificate, &path[..depth]);
            }
        }
    }
}

/// Returns the path, end entity first, from the signatures that were verified on it.
fn path<'a>(case: &'a Case, calls: &[Call]) -> Vec<&'a Vec<u8>> {
    let of = |call: &&Call| case.all().find(|der| holds(der, &call.message));
    let of_path: Vec<_> = calls
        .iter()
        .filter(|call| is_certificate(case, call))
        .collect();
    let mut path: Vec<_> = of_path.iter().rev().filter_map(of).collect();
    let top = match of_path.first() {
        Some(first) => {
            let has_key = |der: &&Vec<u8>| {
                let mut windows = der.windows(first.key.len());
                windows.any(|window| window == first.key)
            };
            case.trusted().find(has_key)
        }
        None => case.sent().next(),
    };
    path.push(top.expect("somebody's key"));
    path
}

fn parsed(der: &[u8]) -> Option<X509Certificate<'_>> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Some(certificate),
        _ => None,
    }
}

fn has_serial(der: &[u8], serial: u8) -> bool {
    parsed(der).is_some_and(|certificate| certificate.raw_serial() == [serial])
}

fn check_dates(certificate: &X509Certificate<'_>, now: u64) {
    let validity = certificate.validity();
    let now = now as i64;
    assert!(validity.not_before.timestamp() <= now, "not yet valid");
    assert!(now < validity.not_after.timestamp(), "expired");
}

fn check_purpose(certificate: &X509Certificate<'_>, purpose: Purpose) {
    let Ok(Some(purposes)) = certificate.extended_key_usage() else {
        return;
    };
    let is_meant = match purpose {
        Purpose::Client => purposes.value.client_auth,
        // The other purposes may include Server Gated Crypto.
        _ => purposes.value.server_auth || !purposes.value.other.is_empty(),
    };
    assert!(is_meant, "another purpose");
}

fn check_ca(certificate: &X509Certificate<'_>, is_top: bool) {
    match certificate.basic_constraints() {
        Ok(Some(constraints)) => assert!(constraints.value.ca, "no CA"),
        // A root of version 1, one with keyUsage only, or one with a Netscape certificate type.
        Ok(None) => assert!(is_top, "no CA, and not at the top"),
        Err(_) => {}
    }
    if let Ok(Some(usage)) = certificate.key_usage() {
        assert!(usage.value.key_cert_sign(), "signs no certificates");
    }
}

fn check_path_len(certificate: &X509Certificate<'_>, between: &[Option<X509Certificate<'_>>]) {
    let Ok(Some(constraints)) = certificate.basic_constraints() else {
        return;
    };
    let count = between
        .iter()
        .flatten()
        .filter(|found| !is_self_issued(found))
        .count();
    let limit = constraints.value.path_len_constraint;
    assert!(
        limit.is_none_or(|limit| count <= limit as usize),
        "too many below"
    );
}

/// Checks that all DNS names are within the permitted subtrees, and none is within an excluded one.
fn check_names(issuer: &X509Certificate<'_>, below: &[Option<X509Certificate<'_>>]) {
    let Ok(Some(constraints)) = issuer.name_constraints() else {
        return;
    };
    let bases = |subtrees: &Option<Vec<_>>| -> Vec<String> {
        let subtrees: &[x509_parser::extensions::GeneralSubtree<'_>] =
            subtrees.as_deref().unwrap_or_default();
        let dns = subtrees.iter().filter_map(|subtree| match subtree.base {
            GeneralName::DNSName(base) => Some(base.to_ascii_lowercase()),
            _ => None,
        });
        dns.collect()
    };
    let permitted = bases(&constraints.value.permitted_subtrees);
    let excluded = bases(&constraints.value.excluded_subtrees);
    // x509-parser does not join strings that are encoded in pieces.
    let has_pieces = |bases: &[String]| bases.iter().any(|base| base.contains('\x16'));
    if has_pieces(&permitted) || has_pieces(&excluded) {
        return;
    }
    for (depth, certificate) in below.iter().enumerate() {
        let Some(certificate) = certificate else {
            continue;
        };
        if depth > 0 && is_self_issued(certificate) {
            continue;
        }
        for name in dns_names(certificate) {
            let is_in = |bases: &[String]| bases.iter().any(|base| is_below(&name, base));
            assert!(
                permitted.is_empty() || is_in(&permitted),
                "{name} is not permitted"
            );
            assert!(!is_in(&excluded), "{name} is excluded");
        }
    }
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let dns = names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        });
    dns.collect()
}

fn is_below(name: &str, base: &str) -> bool {
    base.is_empty()
        || name == base
        || name.ends_with(&format!(".{base}"))
        || (base.starts_with('.') && name.ends_with(base))
}

/// Whether subject and issuer are the same. Names with types other than UTF8String count as the same, because
/// x509-parser cannot compare them.
fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    let text = |name: &X509Name<'_>| -> Option<Vec<String>> {
        let mut out = Vec::new();
        for attribute in name.iter_attributes() {
            if attribute.attr_value().tag().0 != 0x0c {
                return None;
            }
            let value = attribute.as_str().ok()?.to_ascii_lowercase();
            out.push(format!("{} ", attribute.attr_type()));
            out.extend(value.split_ascii_whitespace().map(str::to_owned));
        }
        Some(out)
    };
    match (text(certificate.subject()), text(certificate.issuer())) {
        (Some(subject), Some(issuer)) => subject == issuer,
        _ => true,
    }
}
