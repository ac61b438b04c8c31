//! What is told about names and the constraints above them.

use super::case::{chain, ders, expired, now, verifier};
use super::constraints::{constrained, dns, key_id};
use crate::options::{NameCheck, SecurityLevel};
use crate::verify::name::ReferenceName;
use crate::verify::policy::Policy;
use crate::verify::purpose::Purpose;
use crate::verify::test_pki::*;
use crate::verify::{CheckOutcome, Explanation, PathStep};

#[test]
fn the_constraints_above_are_told_of_with_the_outcome() {
    let root = |permitted| constrained(0xa0, &dns(permitted));
    let good = "ok: the name constraints of `C = DE, CN = Root` were compared\n";
    assert!(told(&[named(), root("example.com")]).contains(good));
    let failed = "failed: permitted subtree violation (47); the name constraints of `C = DE, CN = Root` were compared; \
                  its names must satisfy the name constraints of all CAs above it\n";
    assert!(told(&[named(), root("example.net")]).contains(failed));
    let not_made = "not checked: the name constraints of `C = DE, CN = Root` were not compared, \
                    because other checks failed before\n";
    assert!(told(&[expired(named()), root("example.com")]).contains(not_made));
    assert!(!told(&[named(), CertificateSpec::root()]).contains("constraints"));
    // The root has no CA above it.
    let text = told(&[named(), root("example.com")]);
    assert_eq!(text.matches("constraints").count(), 1, "{text}");
}

/// An end entity for `sip.example.com` below CAs, the last of which is the root.
fn path(count: usize) -> Vec<CertificateSpec> {
    let mut path = chain(count);
    path[0] = named().below(&path[1]);
    path
}

/// The path with another basicConstraints extension of the certificate at this depth, or none.
fn with_constraints(depth: usize, fields: Option<&[Vec<u8>]>) -> Vec<CertificateSpec> {
    let mut path = path(3);
    let extensions = &mut path[depth].extensions;
    extensions.remove(0);
    extensions.extend(fields.map(|fields| extension(BASIC_CONSTRAINTS, true, &seq(fields))));
    path
}

fn change(depth: usize, edit: impl Fn(&mut CertificateSpec)) -> Vec<CertificateSpec> {
    let mut path = path(3);
    edit(&mut path[depth]);
    path
}

#[test]
fn each_fault_is_told_at_the_check_that_found_it() {
    let any = "no key usage, so all uses are allowed; \
               no extended key usage, so all purposes are allowed";
    let ca = "it must be a CA that may issue certificates for a TLS server";
    let in_force = "it must be valid at 2025-06-15 15:06:40 UTC";
    let old = |spec: &mut CertificateSpec| *spec = expired(spec.clone());
    let unreadable = |spec: &mut CertificateSpec| {
        spec.validity = seq(&[utc("2001010000Z"), utc("400101000000Z")]);
    };
    for (path, depth, said, good, needed) in [
        (
            change(0, old),
            0,
            "certificate has expired (10)",
            "valid from 2020-01-01 00:00:00 UTC to 2021-01-01 00:00:00 UTC",
            in_force,
        ),
        (
            change(2, unreadable),
            2,
            "format error in certificate's notBefore field (13)",
            "valid from a time that cannot be read to 2040-01-01 00:00:00 UTC",
            in_force,
        ),
        (
            change(1, |spec| spec.signer = 99),
            1,
            "certificate signature failure (7)",
            "signed with ecdsa-with-SHA256 and the key of `CN = CA 2`",
            "the signature must be valid",
        ),
        (
            with_constraints(1, Some(&[])),
            1,
            "invalid CA certificate (79)",
            &format!("CA:FALSE; {any}"),
            ca,
        ),
        (
            with_constraints(2, None),
            2,
            "invalid CA certificate (79)",
            &format!("no basicConstraints; {any}"),
            ca,
        ),
        (
            with_constraints(2, Some(&[boolean(true), integer(&[0])])),
            2,
            "path length constraint exceeded (25)",
            &format!("CA:TRUE, at most 0 CAs below it; {any}"),
            ca,
        ),
    ] {
        let explanation = explain(&path, Policy::default(), None);
        let expected = (depth, format!("{said}; {good}; {needed}"));
        assert_eq!(found_by(&explanation, CheckOutcome::Failed), [expected]);
        assert!(found_by(&explanation, CheckOutcome::Tolerated).is_empty());
    }
    let good = explain(&path(3), Policy::default(), None);
    assert!(found_by(&good, CheckOutcome::Failed).is_empty());
}

/// An end entity below two CAs, each with one extension or none.
fn holding(id: &[u8], held: [Option<Vec<u8>>; 3]) -> Vec<CertificateSpec> {
    let specs = path(2).into_iter().zip(held);
    specs
        .map(|(spec, held)| match held {
            Some(value) => spec.with(extension(id, false, &value)),
            None => spec,
        })
        .collect()
}

fn addresses(choice: Vec<u8>) -> Option<Vec<u8>> {
    Some(seq(&[seq(&[octets(&[0, 1]), choice])]))
}

fn prefix(first: u8) -> Vec<u8> {
    seq(&[tlv(0x03, &[0, first])])
}

fn numbers(first: u8, last: u8) -> Option<Vec<u8>> {
    let range = seq(&[integer(&[first]), integer(&[last])]);
    Some(seq(&[tlv(0xa0, &seq(&[range]))]))
}

#[test]
fn resources_are_told_once_where_they_are_missing_or_at_the_end_entity() {
    let inherit = || tlv(0x05, &[]);
    let both = seq(&[tlv(0x03, &[0, 11]), tlv(0x03, &[0, 10])]);
    let unnested = "failed: RFC 3779 resource not subset of parent's resources (46)";
    let less = format!(
        "{unnested}; it lacks address blocks or AS numbers of the certificates below it; \
         it must hold all of theirs"
    );
    let inherits = format!(
        "{unnested}; it inherits address blocks or AS numbers, and there is no CA above it; \
         a trust anchor must hold its own"
    );
    let form = "failed: invalid or inconsistent certificate extension (41); \
                its address blocks or AS numbers are not in canonical form; \
                the form of RFC 3779 is needed";
    let good = "ok: the CAs above it hold its address blocks and AS numbers";
    for (path, depth, expected) in [
        (
            holding(ADDRESS_BLOCKS, [(); 3].map(|()| addresses(prefix(10)))),
            0,
            good,
        ),
        (
            holding(AS_NUMBERS, [numbers(1, 3), numbers(1, 9), numbers(1, 100)]),
            0,
            good,
        ),
        (
            holding(AS_NUMBERS, [numbers(1, 9), numbers(1, 3), numbers(1, 100)]),
            1,
            &less,
        ),
        (
            holding(ADDRESS_BLOCKS, [addresses(prefix(10)), None, None]),
            1,
            &less,
        ),
        (
            holding(
                ADDRESS_BLOCKS,
                [
                    addresses(prefix(10)),
                    addresses(inherit()),
                    addresses(prefix(11)),
                ],
            ),
            2,
            &less,
        ),
        (
            holding(ADDRESS_BLOCKS, [(); 3].map(|()| addresses(inherit()))),
            2,
            &inherits,
        ),
        (
            holding(
                ADDRESS_BLOCKS,
                [addresses(both), addresses(prefix(10)), None],
            ),
            0,
            form,
        ),
    ] {
        let explanation = explain(&path, Policy::default(), None);
        let mut told = lines(&explanation);
        told.retain(|line| line.contains("address blocks") || line.contains("constraints"));
        assert_eq!(told, [expected]);
        let step = &explanation.steps()[depth];
        assert_eq!(lines_of(step).last().unwrap(), expected);
    }
    // Nobody compares what only a CA holds, nor anything once another check has failed.
    let of_ca = holding(AS_NUMBERS, [None, numbers(1, 3), None]);
    assert!(!told(&of_ca).contains("AS numbers"));
    let mut old = holding(AS_NUMBERS, [numbers(1, 9), numbers(1, 3), None]);
    old[0] = expired(old[0].clone());
    let not_made = "not checked: its address blocks and AS numbers were not compared, because other checks failed \
                    before\n";
    assert!(told(&old).contains(not_made));
}

#[test]
fn name_constraints_are_said_to_be_compared_from_the_top_down_to_the_first_violation() {
    let root = "the name constraints of `CN = CA 3` were";
    let told_of = |excluded: &str| {
        let subtree = seq(&[tlv(0xa4, &cn(excluded))]);
        let constraints = seq(&[tlv(0xa1, &subtree)]);
        let mut path = path(3);
        path[3] = path[3]
            .clone()
            .with(extension(NAME_CONSTRAINTS, true, &constraints));
        let mut told = lines(&explain(&path, Policy::default(), None));
        told.retain(|line| line.contains("constraints of"));
        told
    };
    let good = format!("ok: {root} compared");
    let not_made = format!("not checked: {root} not compared, because other checks failed before");
    let bad = format!(
        "failed: excluded subtree violation (48); {root} compared; \
         its names must satisfy the name constraints of all CAs above it"
    );
    let (good, not_made, bad) = (good.as_str(), not_made.as_str(), bad.as_str());
    assert_eq!(told_of("nobody"), [good; 3]);
    assert_eq!(told_of("sip.example.com"), [bad, good, good]);
    assert_eq!(told_of("CA 1"), [not_made, bad, good]);
    assert_eq!(told_of("CA 2"), [not_made, not_made, bad]);
}

#[test]
fn constraints_are_told_of_beside_resources_and_of_no_self_issued_ca() {
    let root = || constrained(0xa0, &dns("example.com"));
    let compared = "ok: the name constraints of `C = DE, CN = Root` were compared";
    let about_constraints = |path: &[CertificateSpec]| {
        let mut told = lines(&explain(path, Policy::default(), None));
        told.retain(|line| line.contains("constraints"));
        told
    };
    // Resources are compared after the names.
    let blocks = || extension(ADDRESS_BLOCKS, false, &addresses(prefix(10)).unwrap());
    let path = [named().with(blocks()), root()];
    assert_eq!(about_constraints(&path), [compared]);
    // The constraints of a CA do not bind itself.
    let permitted = seq(&[tlv(0xa0, &seq(&[dns("example.com")]))]);
    let mut path = chain(2);
    path[1] = path[1]
        .clone()
        .with(extension(NAME_CONSTRAINTS, true, &permitted));
    let of_ca = "ok: the name constraints of `CN = CA 1` were compared";
    assert_eq!(about_constraints(&path), [of_ca]);
    // A CA with a new key is exempt, but an end entity is not.
    let rollover = CertificateSpec::ca(root_name(), 5).below(&CertificateSpec::root());
    let below = named().below(&rollover).with(key_id(5));
    let path = [below, rollover.with(key_id(1)), root()];
    assert_eq!(about_constraints(&path), [compared]);
    let self_issued = CertificateSpec {
        subject: root_name(),
        ..named().with(key_id(1))
    };
    let own_id = extension(SUBJECT_KEY_ID, false, &octets(&Key::new(9).id));
    let self_issued = self_issued.with(own_id);
    assert_eq!(about_constraints(&[self_issued, root()]), [compared]);
}

#[test]
fn what_cannot_be_compared_is_told_without_a_cause_that_is_not_there() {
    let needed =
        "its names, and the address blocks of its path, must be in a form that can be compared";
    let unspecified = "failed: unspecified certificate verification error (1)";
    let family = seq(&[octets(&[0, 1, 1, 1]), tlv(0x05, &[])]);
    let blocks = extension(ADDRESS_BLOCKS, false, &seq(&[family]));
    // More than a million comparisons are not made.
    let name = dns("sip.example.com");
    let names = seq(&vec![name.clone(); 1025]);
    let with_many_names =
        CertificateSpec::default().with(extension(SUBJECT_ALT_NAME, false, &names));
    let subtrees = vec![seq(&[name]); 1024].concat();
    let many = extension(NAME_CONSTRAINTS, true, &seq(&[tlv(0xa0, &subtrees)]));
    for (path, found) in [
        (
            [named().with(blocks), CertificateSpec::root()],
            "no CA above it has name constraints",
        ),
        (
            [with_many_names, CertificateSpec::root().with(many)],
            "the name constraints of `C = DE, CN = Root` were compared",
        ),
    ] {
        let text = told(&path);
        let expected = format!("{unspecified}; {found}; {needed}\n");
        assert!(text.contains(&expected), "{expected}\n{text}");
    }
}

#[test]
fn every_key_is_told_with_what_the_security_level_needs() {
    let policy = Policy {
        security_level: SecurityLevel::new(4).unwrap(),
        ..Policy::default()
    };
    let explanation = explain(&path(1), policy, None);
    let why = "its key EC P-256 has 128 bits of security, and security level 4 needs 192; \
               a stronger key or signature is needed";
    let expected = [
        (0, format!("EE certificate key too weak (66); {why}")),
        (1, format!("CA certificate key too weak (67); {why}")),
    ];
    assert_eq!(found_by(&explanation, CheckOutcome::Failed), expected);
}

#[test]
fn a_path_without_an_end_is_told_with_the_missing_issuer() {
    let path = [path(2).swap_remove(0), CertificateSpec::root()];
    let explanation = explain(&path, Policy::default(), None);
    let issuer = "unable to get local issuer certificate (20); \
                  the peer sent it; serial 64; its issuer is `CN = CA 1`; \
                  a path must end in a self-signed certificate of `trusted-ca`";
    let signature = "unable to verify the first certificate (21); \
                     ecdsa-with-SHA256; there is no certificate of its issuer; \
                     the certificate of its issuer is needed";
    let expected = [(0, issuer.to_owned()), (0, signature.to_owned())];
    assert_eq!(found_by(&explanation, CheckOutcome::Failed), expected);
}

#[test]
fn signatures_are_said_to_be_verified_from_the_top_down_to_the_first_bad_one() {
    let mut path = path(4);
    path[2].signer = 99;
    let other = Some("other.example.com");
    let explanation = explain(&path, Policy::default(), other);
    let signed = |level| format!("signed with ecdsa-with-SHA256 and the key of `CN = CA {level}`");
    let unverified = "not checked: the signature (ecdsa-with-SHA256) was not verified, \
                      because other checks failed before";
    let bad = format!(
        "failed: certificate signature failure (7); {}; the signature must be valid",
        signed(3)
    );
    let signatures: Vec<_> = lines(&explanation)
        .into_iter()
        .filter(|line| line.contains("ecdsa-with-SHA256"))
        .collect();
    let good = format!("ok: {}", signed(4));
    assert_eq!(signatures, [unverified, unverified, &bad, &good]);
    // A name that does not match is tolerated, and dates come later.
    path[2].signer = 4;
    path[0] = expired(path[0].clone());
    let explanation = explain(&path, Policy::default(), other);
    let told = lines(&explanation);
    for level in 1..=4 {
        assert!(
            told.contains(&format!("ok: {}", signed(level))),
            "{told:#?}"
        );
    }
    let mismatch = "hostname mismatch (62); \
                    `other.example.com` is expected, and it has DNS:sip.example.com; \
                    a DNS name of the subjectAltName must match, or the common name if there is none";
    let tolerated = found_by(&explanation, CheckOutcome::Tolerated);
    assert_eq!(tolerated, [(0, mismatch.to_owned())]);
}

#[test]
fn each_step_says_where_its_certificate_comes_from() {
    let explanation = explain(&path(2), Policy::default(), None);
    let sent = |serial, issuer| {
        format!(
            "the peer sent it; serial {serial}; its issuer `CN = CA {issuer}` was found by name"
        )
    };
    let root = "it comes from `trusted-ca`: a value given in code; serial 03; \
                it is self-signed, so the path ends here";
    let expected = [
        (0, "CN = sip.example.com", sent("64", 1)),
        (1, "CN = CA 1", sent("02", 2)),
        (2, "CN = CA 2", root.to_owned()),
    ];
    for (step, expected) in explanation.steps().iter().zip(expected) {
        let first = step.checks()[0].text().to_owned();
        assert_eq!((step.depth(), step.subject(), first), expected);
    }
    assert_eq!(explanation.steps().len(), 3);
}

#[test]
fn at_most_ten_names_are_listed_and_a_common_name_only_if_there_are_no_others() {
    let with = |names: &[Vec<u8>]| match names.is_empty() {
        true => CertificateSpec::default(),
        false => {
            let names = extension(SUBJECT_ALT_NAME, false, &seq(names));
            CertificateSpec::default().with(names)
        }
    };
    let many = |count: usize| -> Vec<_> {
        let name = |i: usize| tlv(0x82, format!("{i}.example").as_bytes());
        (0..count).map(name).collect()
    };
    let listed = |count: usize| {
        let names: Vec<_> = (0..count).map(|i| format!("DNS:{i}.example")).collect();
        names.join(", ")
    };
    let nameless = CertificateSpec {
        subject: name(&[attribute(ORGANIZATION, UTF8, b"Example")]),
        ..CertificateSpec::default()
    };
    for (spec, expected) in [
        (nameless, "no name".to_owned()),
        (with(&[]), "CN:sip.example.com".to_owned()),
        (
            with(&[tlv(0x81, b"a@b.example")]),
            "CN:sip.example.com".to_owned(),
        ),
        (
            with(&[
                tlv(0x82, b"a\0b"),
                tlv(0x87, &[192, 0, 2, 7]),
                tlv(0x86, b"sip:\n"),
            ]),
            r"DNS:a\0b, IP:192.0.2.7, URI:sip:\n".to_owned(),
        ),
        (with(&many(10)), listed(10)),
        (with(&many(11)), format!("{} and 1 more", listed(10))),
        (with(&many(25)), format!("{} and 15 more", listed(10))),
    ] {
        let text = told(&[spec, CertificateSpec::root()]);
        let expected = format!("not checked: no name is expected; it has {expected}\n");
        assert!(text.contains(&expected), "{expected}\n{text}");
    }
}

#[test]
fn what_a_name_has_to_be_depends_on_the_name_check() {
    let host = "a DNS name of the subjectAltName must match, or the common name if there is none\n";
    let sip = "a `sip:` URI of the subjectAltName must name it, or a DNS name if there is no such URI, or the common \
               name if there is no subjectAltName\n";
    let address = "an address of the subjectAltName must be the same\n";
    for (check, name, needed) in [
        (NameCheck::Host, "other.example.com", host),
        (NameCheck::Off, "other.example.com", host),
        (NameCheck::Sip, "other.example.com", sip),
        (NameCheck::Host, "192.0.2.7", address),
        (NameCheck::Sip, "192.0.2.7", address),
    ] {
        let text = told_as(&[named(), CertificateSpec::root()], check, Some(name));
        assert!(
            text.contains(needed),
            "{check:?}: {needed:?} is not in\n{text}"
        );
    }
}

fn told(path: &[CertificateSpec]) -> String {
    told_as(path, NameCheck::Off, None)
}

/// All checks of this path, one line each.
fn told_as(path: &[CertificateSpec], name_check: NameCheck, name: Option<&str>) -> String {
    let policy = Policy {
        name_check,
        ..Policy::default()
    };
    let lines = lines(&explain(path, policy, name));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Explains the path, whose last certificate is trusted.
fn explain(path: &[CertificateSpec], policy: Policy, name: Option<&str>) -> Explanation {
    let (trusted, sent) = path.split_last().unwrap();
    let reference = name.map(ReferenceName::new);
    let verifier = verifier(std::slice::from_ref(trusted), policy);
    verifier.explain(&ders(sent), Purpose::Server, reference.as_ref(), now())
}

fn lines(explanation: &Explanation) -> Vec<String> {
    explanation.steps().iter().flat_map(lines_of).collect()
}

fn lines_of(step: &PathStep) -> Vec<String> {
    let checks = step.checks().iter();
    checks
        .map(|check| format!("{}: {}", check.outcome(), check.text()))
        .collect()
}

/// The checks with this outcome, and their depths.
fn found_by(explanation: &Explanation, outcome: CheckOutcome) -> Vec<(usize, String)> {
    let steps = explanation.steps().iter();
    let checks = steps.flat_map(|step| step.checks().iter().map(|check| (step.depth(), check)));
    checks
        .filter(|(_, check)| check.outcome() == outcome)
        .map(|(depth, check)| (depth, check.text().to_owned()))
        .collect()
}

/// A certificate for `sip.example.com`.
fn named() -> CertificateSpec {
    let names = seq(&[tlv(0x82, b"sip.example.com")]);
    CertificateSpec::default().with(extension(SUBJECT_ALT_NAME, false, &names))
}
