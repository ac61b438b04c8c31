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
    let older = list().from("250520000000Z").revoking(&[7]);
    let (key_1, key_2) = (list().with(signer_id(1)), list().with(signer_id(2)));
    let scoped = || list().with(for_users());
    for (rule, a, b, are_alike) in [
        ("another date and entry", list(), older, true),
        ("another spelling", list(), respelled, true),
        ("the same key", key_1.clone(), key_1.clone(), true),
        ("the same scope", scoped(), scoped(), true),
        ("another issuer", list(), by_other(list()), false),
        ("a key in one of them", list(), key_1.clone(), false),
        ("another key", key_1, key_2, false),
        ("a scope in one of them", list(), scoped(), false),
        ("an empty scope", list(), list().with(idp(&[])), false),
    ] {
        let (a, b) = (parsed(&a), parsed(&b));
        let both = [a.is_alike(&b), b.is_alike(&a)];
        assert_eq!(both, [are_alike; 2], "{rule}");
    }
}

#[test]
fn a_list_names_its_ca_by_name_and_key_identifier() {
    let root = CertificateSpec::root().certificate();
    for (rule, list, is_named) in [
        ("the name alone", list(), true),
        ("name and key", list().with(signer_id(1)), true),
        ("another key", list().with(signer_id(2)), false),
        ("another name", by_other(list()), false),
        ("the key alone", by_other(list()).with(signer_id(1)), false),
    ] {
        assert_eq!(parsed(&list).is_named_by(&root), is_named, "{rule}");
    }
    assert!(parsed(&list()).has_issuer(root.subject()));
    assert!(!parsed(&by_other(list())).has_issuer(root.subject()));
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
    for (scope, list, is_for_cas) in [
        ("none", list(), false),
        ("end entities", scoped(0x81), false),
        ("CAs", scoped(0x82), true),
    ] {
        assert_eq!(parsed(&list).is_for_cas_only(), is_for_cas, "{scope}");
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
    use RevocationDepth::{Chain, Covered, EndEntity};
    // Serial number 50 is the intermediate, and 100 the end entity.
    for (depth, by_root, by_intermediate, refused) in [
        (Chain, &[][..], &[][..], None),
        (Covered, &[], &[], None),
        (EndEntity, &[], &[], None),
        (Chain, &[50], &[], Some(1)),
        (Covered, &[50], &[], Some(1)),
        (EndEntity, &[50], &[], None),
        (Chain, &[], &[100], Some(0)),
        (Covered, &[], &[100], Some(0)),
        (EndEntity, &[], &[100], Some(0)),
    ] {
        let world = World::new(by_root, by_intermediate);
        let path = world.path();
        let found = world.index.check_path(
            &path,
            depth,
            NOW,
            &[&CountingP256::default()],
            PathSignatures::Verified,
        );
        let case = format!("{depth:?} {by_root:?} {by_intermediate:?}");
        let issuer = found.list.map(|list| list.facts.issuer().to_owned());
        assert_eq!(issuer.as_deref(), Some("CN = Intermediate"), "{case}");
        let refusals: Vec<_> = found
            .refusals
            .iter()
            .map(|refusal| (refusal.code().number(), refusal.depth()))
            .collect();
        let expected: Vec<_> = refused.into_iter().map(|depth| (23, depth)).collect();
        assert_eq!(refusals, expected, "{case}");
    }
}

#[test]
fn consult_tells_which_certificates_need_a_list_and_which_have_one() {
    use RevocationDepth::{Chain, Covered, EndEntity};
    // For each certificate: whether a list has to cover it, and whether a list answered.
    const ASKED: (bool, bool) = (true, true);
    const REVOKED: (bool, bool) = (false, true);
    const LEFT_OUT: (bool, bool) = (false, false);
    for (depth, revoked, expected) in [
        (Chain, &[][..], [ASKED, ASKED, ASKED]),
        (Covered, &[], [ASKED, LEFT_OUT, LEFT_OUT]),
        (EndEntity, &[], [ASKED, LEFT_OUT, LEFT_OUT]),
        (Chain, &[50], [ASKED, ASKED, ASKED]),
        (Covered, &[50], [ASKED, REVOKED, LEFT_OUT]),
        (EndEntity, &[50], [ASKED, LEFT_OUT, LEFT_OUT]),
    ] {
        let world = World::new(revoked, &[]);
        let algorithm = CountingP256::default();
        let consulted = world
            .index
            .consult(&world.path(), depth, NOW, &[&algorithm]);
        let found: Vec<_> = consulted
            .iter()
            .map(|one| (one.is_asked, one.list.is_some()))
            .collect();
        assert_eq!(found, expected, "{depth:?} {revoked:?}");
        let counts: Vec<_> = consulted.iter().map(|one| one.by_issuer).collect();
        assert_eq!(counts, [2, 1, 1], "{depth:?} {revoked:?}");
    }
}

/// An end entity below an intermediate, with two lists of the intermediate and one of the root.
struct World {
    certificates: [Certificate<'static>; 3],
    index: RevocationIndex,
}

impl World {
    /// The lists of the root and of the intermediate revoke these serial numbers.
    fn new(by_root: &[u8], by_intermediate: &[u8]) -> Self {
        let revoking = |list: ListSpec, serials: &[u8]| {
            let revoke = |list: ListSpec, serial: &u8| list.revoking(&[*serial]);
            serials.iter().fold(list, revoke)
        };
        let intermediate = CertificateSpec::intermediate();
        let end_entity = CertificateSpec::default().below(&intermediate);
        let lower = revoking(list().of(&intermediate), by_intermediate);
        let upper = revoking(list(), by_root);
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
