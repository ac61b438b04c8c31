//! How lists relate to each other, to CAs, and to the certificates of a path.

use super::super::{Crl, PathSignatures, RevocationDepth, RevocationIndex};
use super::list::*;
use crate::verify::test_pki::*;
use crate::x509::Certificate;

fn parsed(spec: &ListSpec) -> Crl {
    spec.parse().unwrap()
}

fn by_other(list: ListSpec) -> ListSpec {
    ListSpec {
        issuer: cn("Other"),
        ..list
    }
}

#[test]
fn lists_are_alike_if_they_have_one_issuer_one_key_and_one_scope() {
    let for_users = || idp(&[tlv(0x81, &[0xff])]);
    let other_spelling = name(&[
        attribute(COUNTRY, PRINTABLE, b"de"),
        attribute(COMMON_NAME, PRINTABLE, b" rOOt "),
    ]);
    let respelled = ListSpec {
        issuer: other_spelling,
        ..list()
    };
    for (a, b, are_alike) in [
        (list(), list().from("250520000000Z").revoking(&[7]), true),
        (list(), respelled, true),
        (list().with_key_id(), list().with_key_id(), true),
        (list().with(for_users()), list().with(for_users()), true),
        (list(), by_other(list()), false),
        (list(), list().with_key_id(), false),
        (list().with(signer_id(1)), list().with(signer_id(2)), false),
        (list(), list().with(for_users()), false),
        (list(), list().with(idp(&[])), false),
    ] {
        let (a, b) = (parsed(&a), parsed(&b));
        let both = [a.is_alike(&b), b.is_alike(&a)];
        assert_eq!(both, [are_alike; 2], "{:?} {:?}", a.facts, b.facts);
    }
}

#[test]
fn a_list_names_its_ca_by_name_and_key_identifier() {
    let root = CertificateSpec::root().certificate();
    for (list, is_named) in [
        (list(), true),
        (list().with(signer_id(1)), true),
        (list().with(signer_id(2)), false),
        (by_other(list()), false),
        (by_other(list()).with(signer_id(1)), false),
    ] {
        let list = parsed(&list);
        assert_eq!(list.is_named_by(&root), is_named, "{:?}", list.facts);
    }
    for (list, is_by_root) in [(list(), true), (by_other(list()), false)] {
        assert_eq!(parsed(&list).has_issuer(root.subject()), is_by_root);
    }
}

#[test]
fn a_list_is_older_only_if_it_was_made_before() {
    let made = |time| parsed(&list().from(time));
    let (first, second) = (made("250601000000Z"), made("250601000001Z"));
    assert!(first.is_older_than(&second));
    assert!(!second.is_older_than(&first));
    assert!(!first.is_older_than(&first));
    let unreadable = made("250631000000Z");
    assert!(!first.is_older_than(&unreadable) && !unreadable.is_older_than(&second));
}

#[test]
fn only_a_scope_of_cas_makes_a_list_one_for_cas_only() {
    let scoped = |tag| list().with(idp(&[tlv(tag, &[0xff])]));
    for (list, is_for_cas) in [(list(), false), (scoped(0x81), false), (scoped(0x82), true)] {
        assert_eq!(parsed(&list).is_for_cas_only(), is_for_cas);
    }
}

/// OpenSSL takes the first of them, too.
#[test]
fn of_lists_that_are_equally_good_the_first_one_answers() {
    let lists = [1, 2, 3].map(|n| parsed(&list().with(number(&[n]))));
    let index = RevocationIndex::new(lists.into());
    let [end_entity, root] =
        [CertificateSpec::default(), CertificateSpec::root()].map(|spec| spec.certificate());
    let found = index.check_path(
        &[&end_entity, &root],
        RevocationDepth::EndEntity,
        NOW,
        &[&CountingP256::default()],
        PathSignatures::Verified,
    );
    assert!(found.refusals.is_empty());
    let number = found.list.and_then(|list| list.facts.number());
    assert_eq!(number, Some("0x01"));
}

#[test]
fn the_list_of_a_path_is_that_of_the_end_entity_whoever_is_revoked() {
    let world = World::new(&[50]);
    for depth in [
        RevocationDepth::Chain,
        RevocationDepth::Covered,
        RevocationDepth::EndEntity,
    ] {
        let path = world.path();
        let found = world.index.check_path(
            &path,
            depth,
            NOW,
            &[&CountingP256::default()],
            PathSignatures::Verified,
        );
        let issuer = found.list.map(|list| list.facts.issuer().to_owned());
        assert_eq!(issuer.as_deref(), Some("CN = Intermediate"), "{depth:?}");
    }
}

#[test]
fn the_lists_that_are_said_to_be_asked_are_those_that_are() {
    use RevocationDepth::{Chain, Covered, EndEntity};
    // For each certificate: whether a list has to cover it, and how many answered.
    for (depth, revoked, expected) in [
        (Chain, &[][..], [(true, 1), (true, 1), (true, 1)]),
        (Covered, &[], [(true, 1), (false, 0), (false, 0)]),
        (EndEntity, &[], [(true, 1), (false, 0), (false, 0)]),
        (Chain, &[50], [(true, 1), (true, 1), (true, 1)]),
        (Covered, &[50], [(true, 1), (false, 1), (false, 0)]),
        (EndEntity, &[50], [(true, 1), (false, 0), (false, 0)]),
    ] {
        let world = World::new(revoked);
        let algorithm = CountingP256::default();
        let consulted = world
            .index
            .consult(&world.path(), depth, NOW, &[&algorithm]);
        let found: Vec<_> = consulted
            .iter()
            .map(|one| (one.is_asked, usize::from(one.list.is_some())))
            .collect();
        assert_eq!(found, expected, "{depth:?} {revoked:?}");
        let counts: Vec<_> = consulted.iter().map(|one| one.by_issuer).collect();
        assert_eq!(counts, [2, 1, 1]);
    }
}

/// An end entity below an intermediate, with two lists of the intermediate and one of the root.
struct World {
    certificates: [Certificate<'static>; 3],
    index: RevocationIndex,
}

impl World {
    /// The list of the root revokes these serial numbers; that of the intermediate is 50.
    fn new(revoked: &[u8]) -> Self {
        let intermediate = CertificateSpec::intermediate();
        let end_entity = CertificateSpec::default().below(&intermediate);
        let lower = list().of(&intermediate);
        let upper = revoked
            .iter()
            .fold(list(), |list, serial| list.revoking(&[*serial]));
        let lists = [lower.clone().from("250520000000Z"), lower, upper];
        Self {
            certificates: [end_entity, intermediate, CertificateSpec::root()]
                .map(|spec| spec.certificate()),
            index: RevocationIndex::new(lists.iter().map(parsed).collect()),
        }
    }

    fn path(&self) -> [&Certificate<'static>; 3] {
        self.certificates.each_ref()
    }
}
