//! Checks our own chain: its certificates, their order, and where it ends.
//!
//! A chain should begin with our certificate, continue with the issuer of each, and end just below the root (RFC
//! 5246, section 7.4.2; RFC 8446, section 4.4.2). OpenSSL sends whatever is in the file, in its order, and most peers
//! cope with a wrong order. They do not cope with a missing intermediate, which is the most frequent fault of all: it
//! goes unnoticed as long as a peer happens to have it.

use super::finding::Severity::{Advice, Warning};
use super::inspector::{Inspector, issuer, subject};
use super::own::{self, OPTION};
use crate::pki::{Origin, TrustedCertificate};
use crate::verify;
use crate::x509::{Certificate, describe};

/// A certificate of our files, and where it stands.
type Own<'a> = (&'a Certificate<'static>, &'a Origin);

/// The end of the chain is looked at only if it is not self-signed, because a root needs no issuer.
pub(super) fn inspect(inspector: &mut Inspector<'_>) {
    let sent = own::sent(inspector);
    if sent.is_empty() {
        return;
    }
    let order = Order::of(&sent);
    order.note(inspector, &sent);
    let (top, origin) = sent[order.path[order.path.len() - 1]];
    if !top.is_self_signed() {
        end(inspector, top, origin, order.path.len());
    }
}

/// The role of each certificate of our files in the chain, by index.
struct Order {
    /// The chain, our own certificate first.
    path: Vec<usize>,
    /// Copies of certificates that stand before them.
    duplicates: Vec<usize>,
    /// Self-signed certificates in the path. A peer has to have the root already.
    roots: Vec<usize>,
    /// Certificates that issued none of the path.
    unrelated: Vec<usize>,
}

impl Order {
    /// Sorts the certificates into the four groups. The path is built by name and key identifier, as a peer would.
    fn of(sent: &[Own<'_>]) -> Self {
        let is_copy = |i: &usize| {
            sent[..*i]
                .iter()
                .any(|other| other.0.der() == sent[*i].0.der())
        };
        let (duplicates, mut rest): (Vec<_>, Vec<_>) = (1..sent.len()).partition(is_copy);
        let mut path = vec![0];
        loop {
            let last = sent[path[path.len() - 1]].0;
            let may_follow = |i: &usize| sent[*i].0.may_have_issued(last);
            match rest.iter().position(may_follow) {
                Some(place) if !last.is_self_signed() => path.push(rest.remove(place)),
                _ => break,
            }
        }
        let is_root = |i: &usize| *i != 0 && sent[*i].0.is_self_signed();
        let in_path = path.iter().copied().filter(is_root);
        Self {
            roots: in_path.collect(),
            path,
            duplicates,
            unrelated: rest,
        }
    }

    /// Notes a finding for each certificate that does not belong where it stands.
    fn note(&self, inspector: &mut Inspector<'_>, sent: &[Own<'_>]) {
        for &i in &self.duplicates {
            let text = format!(
                "the certificate {} is in the chain twice",
                subject(sent[i].0)
            );
            note(
                inspector,
                "own-duplicate",
                sent[i],
                text,
                "remove one of them",
            );
        }
        for &i in &self.roots {
            let text = format!(
                "the root certificate {} is in our chain; peers that trust it already have it, and some peers refuse a \
                 chain with it",
                subject(sent[i].0)
            );
            note(inspector, "own-root-in-chain", sent[i], text, "remove it");
        }
        for &i in &self.unrelated {
            match is_second_pair(inspector, sent, i) {
                true => second_pair(inspector, sent[i]),
                false => unrelated(inspector, sent[i]),
            }
        }
        if !self.path.is_sorted() {
            let names: Vec<_> = self.path.iter().map(|i| subject(sent[*i].0)).collect();
            let cure = format!("put them in this order: {}", names.join(", "));
            let text = "the certificates of our chain are not in order; some peers need each certificate to be \
                        followed by that of its issuer (RFC 5246, section 7.4.2)";
            let first_out = self.path.windows(2).find(|pair| pair[1] < pair[0]);
            let place = first_out.map_or(0, |pair| pair[1]);
            note(inspector, "own-chain-order", sent[place], text, &cure);
        }
    }
}

/// Whether certificate `i` is a second certificate of our own, with another key. OpenSSL has one certificate for each
/// kind of key, if each is loaded by a call of its own.
fn is_second_pair(inspector: &Inspector<'_>, sent: &[Own<'_>], i: usize) -> bool {
    let is_ca = |own: &Certificate<'_>| {
        let constraints = own.extensions.basic_constraints;
        constraints.is_some_and(|found| found.is_ca)
    };
    let is_list = inspector
        .options
        .certificate()
        .is_some_and(|sources| sources.to_string().contains(','));
    is_list && !is_ca(sent[i].0) && sent[i].1.path() != sent[0].1.path()
}

/// Notes a second certificate of ours. An endpoint has one, while OpenSSL can have one for each kind of key.
fn second_pair(inspector: &mut Inspector<'_>, own: Own<'_>) {
    let text = format!(
        "{} is a second end-entity certificate; only the first one and its key are used, and the others are sent as if \
         they were its CAs",
        subject(own.0)
    );
    let cure = "name only one certificate and one key; use a separate endpoint for each pair";
    note(inspector, "own-second-pair", own, text, cure);
}

/// Notes a certificate that has nothing to do with our chain.
fn unrelated(inspector: &mut Inspector<'_>, own: Own<'_>) {
    let text = format!(
        "the certificate {} does not belong to our chain, but is sent with it",
        subject(own.0)
    );
    note(inspector, "own-unrelated", own, text, "remove it");
}

/// Looks for the issuer of the last certificate that we send.
///
/// Three answers are good: the last certificate is in `trusted-ca` itself, its issuer is a trust anchor there, or
/// `trusted-ca` completes the chain.
fn end(inspector: &mut Inspector<'_>, top: &Certificate<'_>, origin: &Origin, length: usize) {
    let verifier = &inspector.inspection.trusted.found.verifier;
    let is_same = |trusted: &TrustedCertificate| {
        let ca = trusted.certificate();
        ca.subject() == top.subject() && ca.spki() == top.spki()
    };
    if verifier.trusted().any(is_same) {
        return;
    }
    let is_issuer = |trusted: &&TrustedCertificate| trusted.certificate().may_have_issued(top);
    let above: Vec<_> = verifier.trusted().filter(is_issuer).collect();
    if above.iter().any(|trusted| verify::is_anchor(trusted)) {
        return;
    }
    match above.first() {
        Some(intermediate) => not_sent(inspector, intermediate, origin, length),
        None => unknown(inspector, top, origin),
    }
}

/// Notes that the issuer is an intermediate of `trusted-ca` that is not sent.
///
/// Our own verifier completes the path from `trusted-ca`, so only peers notice.
fn not_sent(
    inspector: &mut Inspector<'_>,
    intermediate: &TrustedCertificate,
    origin: &Origin,
    length: usize,
) {
    // OpenSSL completes a chain of one certificate from `trusted-ca`, and so do we.
    if length == 1 {
        return;
    }
    let name = subject(intermediate.certificate());
    let text = format!(
        "our chain is incomplete: {name} is in `trusted-ca`, but is not sent; peers that know only the root refuse it"
    );
    let cure = format!("add {name} at the end of our chain");
    let kind = (Warning, "own-chain-incomplete");
    inspector.note(kind, (OPTION, Some(origin)), text, cure);
}

/// Notes that the issuer is not in `trusted-ca`. If it [seems to be an intermediate](is_intermediate), the chain that
/// we send is probably incomplete. If it is a root, only our own side lacks it.
fn unknown(inspector: &mut Inspector<'_>, top: &Certificate<'_>, origin: &Origin) {
    let name = issuer(top);
    if is_intermediate(inspector, top) {
        let text = format!(
            "our chain is probably incomplete: it ends with {}, whose issuer {name} seems to be an intermediate CA; \
             peers that know only the root refuse it",
            subject(top)
        );
        let cure = format!(
            "add the certificate of {name}, and any intermediate certificates above it, to our chain"
        );
        let kind = (Warning, "own-chain-incomplete");
        inspector.note(kind, (OPTION, Some(origin)), text, cure);
    }
    if inspector.options.trusted_ca().is_none() || !inspector.inspection.trusted.errors.is_empty() {
        return;
    }
    let text = format!(
        "our chain does not reach a CA of `trusted-ca`: the issuer {name} is not there, so our own endpoint would not \
         trust our certificate; client certificates often come from another CA"
    );
    let cure = format!("if our endpoint should trust it too, add {name} to `trusted-ca`");
    let kind = (Advice, "own-chain-not-trusted");
    inspector.note(kind, (OPTION, Some(origin)), text, cure);
}

/// Whether an issuer whose certificate is missing is probably not a root.
///
/// The issuer's certificate is not there, so this is a guess from what the last certificate says about it. The
/// authorityKeyIdentifier is the only sure sign, and is believed if it names an issuer of the issuer.
fn is_intermediate(inspector: &Inspector<'_>, top: &Certificate<'_>) -> bool {
    let issuer_of_issuer = top.authority_key_id().and_then(|id| id.issuer);
    if let Some(name) = issuer_of_issuer {
        return name != top.issuer();
    }
    let name = describe::one_line(top.issuer_name()).to_lowercase();
    if name.contains("root") {
        return false;
    }
    let says_so = ["intermediate", "issuing", "subordinate", "sub ca", "subca"];
    says_so.iter().any(|word| name.contains(word))
        || describe::names_issuer_certificate(top)
        || is_of_a_trusted_organisation(inspector, top)
}

/// Whether a CA of `trusted-ca` names the same organisation as the issuer.
fn is_of_a_trusted_organisation(inspector: &Inspector<'_>, top: &Certificate<'_>) -> bool {
    let Some(organisation) = describe::organisation(top.issuer_name()) else {
        return false;
    };
    let roots = inspector.inspection.trusted.found.roots.certificates();
    roots.iter().any(|trusted| {
        describe::organisation(trusted.certificate().subject_name()) == Some(organisation.clone())
    })
}

fn note(
    inspector: &mut Inspector<'_>,
    code: &'static str,
    own: Own<'_>,
    text: impl Into<String>,
    cure: &str,
) {
    inspector.note((Warning, code), (OPTION, Some(own.1)), text, cure);
}
