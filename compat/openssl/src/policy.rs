//! Applies our policies to a case: what we refuse is taken out of it, so that the rest can be compared.

use std::cell::RefCell;

use serde::Deserialize;

use crate::{
    build::Built,
    der,
    divergence::Policy,
    ext,
    keys::{Digest, Key, Kind, Padding},
    oracle::{self, lists::List},
    plan::{Plan, Revocation},
};

/// A thing that a policy refuses.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Thing {
    Brainpool256,
    /// A list with a delta indicator.
    DeltaList,
    Dsa,
    Ed448,
    /// A key on a curve that is given by its parameters.
    ExplicitCurve,
    /// A certificate about which OpenSSL says something else when it checks it again.
    HalfRead,
    /// A list signed with MD5 or SHA-1.
    ListOfWeakDigest,
    /// A list whose two signature algorithms differ.
    ListWithTwoAlgorithms,
    /// Revocation is checked, and there is no list at all.
    NoList,
    P224,
    /// A PSS signature whose mask has another digest than the message.
    PssMask,
    /// A list in which a serial number occurs twice.
    RepeatedEntry,
    /// An RSA key with a public exponent of more than 33 bits.
    RsaLongExponent,
    /// A list that follows another one of the same issuer and the same second.
    SameSecond,
    /// A signature with SHA-3.
    Sha3,
    /// A list with an extension that OpenSSL knows and cannot read, or has twice.
    UnreadableList,
}

/// A case without what our policies refuse.
pub struct Rest<'a> {
    pub case: Built,
    /// The policies that took something away.
    pub policies: Vec<&'a Policy>,
}

/// The case without what these policies refuse; `None` if they refuse nothing of it.
pub fn rest<'a>(plan: &Plan, policies: &'a [Policy]) -> Option<Rest<'a>> {
    let mut plan = plan.clone();
    let mut applied = Vec::new();
    for policy in policies {
        let mut applies = false;
        for thing in &policy.refused {
            applies |= thing.leave_plan(&mut plan);
        }
        applied.extend(applies.then_some(policy));
    }
    let mut case = plan.build();
    for policy in policies {
        let mut applies = false;
        for thing in &policy.refused {
            applies |= thing.leave_files(&mut case);
        }
        applied.extend(applies.then_some(policy));
    }
    (!applied.is_empty()).then_some(Rest {
        case: with_a_list(case),
        policies: applied,
    })
}

/// Adds a list of an unknown CA if revocation is checked and no list is left.
fn with_a_list(mut case: Built) -> Built {
    if case.question.revocation != Revocation::Off && !has_list(&case) {
        case.crls = Some(list_of_nobody());
    }
    case
}

fn has_list(case: &Built) -> bool {
    let label = "BEGIN X509 CRL";
    let text = case.crls.iter().chain(&case.trusted);
    text.into_iter().any(|text| text.contains(label))
}

/// The list of a CA that signs nothing else.
pub fn list_of_nobody() -> String {
    let mut plan = Plan::new();
    plan.certs[crate::plan::INTER].subject = crate::dn::Name::cn("Nobody's CA");
    plan.list();
    plan.build().crls.expect("a list was just made")
}

/// Whether the files of a case hold such a thing.
pub fn holds(case: &Built, thing: Thing) -> bool {
    thing.leave_files(&mut case.clone())
}

impl Thing {
    /// Takes the thing out of the plan. Returns whether it was there.
    fn leave_plan(self, plan: &mut Plan) -> bool {
        match self {
            Self::Brainpool256 => no_keys(plan, Kind::Brainpool256),
            Self::Dsa => no_keys(plan, Kind::Dsa2048),
            Self::Ed448 => no_keys(plan, Kind::Ed448),
            Self::ExplicitCurve => no_odd_keys(plan, PRIME_FIELD),
            Self::HalfRead => no_half_read(plan),
            Self::P224 => no_keys(plan, Kind::P224),
            Self::PssMask => no_masks(plan),
            Self::RsaLongExponent => no_long_exponents(plan),
            Self::Sha3 => no_sha3(plan),
            _ => false,
        }
    }

    /// Takes the thing out of the files. Returns whether it was there.
    fn leave_files(self, case: &mut Built) -> bool {
        match self {
            Self::NoList => case.question.revocation != Revocation::Off && !has_list(case),
            Self::DeltaList => without_lists(case, List::is_delta),
            Self::ListOfWeakDigest => without_lists(case, List::has_weak_digest),
            Self::ListWithTwoAlgorithms => without_lists(case, List::has_two_algorithms),
            Self::RepeatedEntry => without_lists(case, List::has_repeated_entry),
            Self::SameSecond => {
                let seen = RefCell::new(Vec::<List>::new());
                without_lists(case, |list| is_second(&mut seen.borrow_mut(), list))
            }
            Self::UnreadableList => without_lists(case, List::has_unreadable_extension),
            _ => false,
        }
    }
}

/// Whether a list of the same issuer and second was seen before. If not, notes the list.
fn is_second(seen: &mut Vec<List>, list: &List) -> bool {
    let known = seen.iter().any(|other| other.is_as_old_as(list));
    if !known {
        seen.push(list.clone());
    }
    known
}

fn no_keys(plan: &mut Plan, refused: Kind) -> bool {
    let mut found = refused
        .object_identifier()
        .is_some_and(|oid| no_odd_keys(plan, oid));
    for cert in plan.certs.iter_mut().filter(|c| c.key.0 == refused) {
        // An odd form of such a key is removed with it.
        cert.spki = None;
    }
    let certs = plan
        .certs
        .iter_mut()
        .flat_map(|c| std::iter::once(&mut c.key).chain(&mut c.signing_key));
    let lists = plan.crls.iter_mut().chain(&mut plan.trusted_crls);
    let keys = certs.chain(lists.flat_map(|l| &mut l.signing_key));
    for Key(kind, _) in keys.filter(|k| k.0 == refused) {
        *kind = Kind::P256;
        found = true;
    }
    found
}

/// Removes the odd forms of keys that contain this object identifier.
fn no_odd_keys(plan: &mut Plan, oid: &str) -> bool {
    let mut found = false;
    for cert in &mut plan.certs {
        if cert
            .spki
            .take_if(|spki| holds_bytes(spki, &der::oid(oid)))
            .is_some()
        {
            found = true;
        }
    }
    found
}

fn no_long_exponents(plan: &mut Plan) -> bool {
    let mut found = no_keys(plan, Kind::RsaLongExponent);
    for n in 0..plan.certs.len() {
        // A change may also have made the exponent longer.
        while oracle::exponent_bits(&plan.certificate(n)) > MOST_EXPONENT_BITS {
            let cert = &mut plan.certs[n];
            if cert.edits.pop().is_none() && cert.spki.take().is_none() {
                break;
            }
            found = true;
        }
    }
    found
}

/// The most bits of a public exponent that the RSA implementation accepts.
const MOST_EXPONENT_BITS: i32 = 33;

fn no_masks(plan: &mut Plan) -> bool {
    let lists = plan.crls.iter_mut().chain(&mut plan.trusted_crls);
    let all = plan.certs.iter_mut().map(|c| &mut c.padding);
    let mut found = false;
    for padding in all.chain(lists.map(|l| &mut l.padding)) {
        if *padding == Padding::PssMask {
            *padding = Padding::Pss;
            found = true;
        }
    }
    found
}

fn no_sha3(plan: &mut Plan) -> bool {
    let mut found = false;
    let names = [Digest::Sha3.with_rsa(), Digest::Sha3.hash_oid()].map(der::oid);
    let own = plan
        .certs
        .iter_mut()
        .flat_map(|c| [&mut c.algorithm, &mut c.inner_algorithm]);
    for algorithm in own {
        // An odd form of such an algorithm is removed with it, and so is RSA-PSS that names the digest.
        let names_it = |a: &mut Vec<u8>| names.iter().any(|name| holds_bytes(a, name));
        found |= algorithm.take_if(names_it).is_some();
    }
    let lists = plan.crls.iter_mut().chain(&mut plan.trusted_crls);
    let all = plan.certs.iter_mut().map(|c| &mut c.digest);
    for digest in all.chain(lists.map(|l| &mut l.digest)) {
        if *digest == Digest::Sha3 {
            *digest = Digest::Sha256;
            found = true;
        }
    }
    found
}

/// prime-field (RFC 3279, section 2.3.5).
const PRIME_FIELD: &str = "1.2.840.10045.1.1";

/// OpenSSL stops at the name of a distribution point.
fn no_half_read(plan: &mut Plan) -> bool {
    let mut found = false;
    for n in 0..plan.certs.len() {
        if oracle::is_half_read(&plan.certificate(n)) {
            plan.certs[n].drop(ext::DISTRIBUTION_POINTS);
            found = true;
        }
    }
    found
}

fn holds_bytes(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Removes the lists for which `is_so` is true. Returns whether there were any.
fn without_lists(case: &mut Built, is_so: impl Fn(&List) -> bool) -> bool {
    let is_refused = |block: &str| {
        // Other blocks may stand before the list.
        let start = block.find("-----BEGIN X509 CRL");
        start
            .and_then(|at| der::from_pem(&block[at..]))
            .and_then(|der| List::read(&der))
            .is_some_and(|list| is_so(&list))
    };
    let mut found = false;
    let mut kept = |block: &str| {
        let refused = is_refused(block);
        found |= refused;
        !refused
    };
    // The order is that in which they are loaded.
    case.trusted.retain(|block| kept(block));
    if let Some(text) = &mut case.crls {
        *text = blocks(text)
            .into_iter()
            .filter(|block| kept(block))
            .collect();
    }
    if case
        .crls
        .as_ref()
        .is_some_and(|text| !text.contains("-----BEGIN"))
        && found
    {
        case.crls = None;
    }
    found
}

/// The text in pieces of one list each.
fn blocks(text: &str) -> Vec<String> {
    const END: &str = "-----END X509 CRL-----";
    let mut blocks = vec![String::new()];
    for line in text.split_inclusive('\n') {
        let last = blocks.last_mut().expect("never empty");
        last.push_str(line);
        if line.starts_with(END) {
            blocks.push(String::new());
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cases, divergence::Divergences, fixed};

    fn plan(name: &str) -> Plan {
        let all = cases::all();
        all.iter().find(|c| c.name == name).expect("a case").plan()
    }

    #[test]
    fn what_a_policy_refuses_is_taken_out_and_the_rest_stays() {
        let list = Divergences::read(&fixed::list_path()).unwrap();
        for (name, answer) in [
            ("list/delta-that-revokes-beside-base", "ok"),
            ("list/signed-md5-and-revoked", "3@0"),
            ("list/reason-twice", "3@0"),
            ("list/none", "3@0"),
            ("key/root-dsa2048", "ok"),
        ] {
            let rest = rest(&plan(name), list.policies()).expect(name);
            assert_eq!(oracle::ask(&rest.case).to_string(), answer, "{name}");
        }
        for name in ["leaf/plain", "list/revoked", "key/inter-rsa2048"] {
            assert!(rest(&plan(name), list.policies()).is_none(), "{name}");
        }
    }
}
