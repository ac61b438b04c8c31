//! Which fetched lists are accepted, beside those in use.

use std::sync::Arc;

use super::super::Crl;
use super::list::*;
use crate::pki::{RevocationList, TrustedCertificate};
use crate::verify::code::VerifyCode;
use crate::verify::purpose::Purpose;
use crate::verify::test_pki::*;
use crate::verify::tests::case::{ders, now};
use crate::verify::wanted::{ListFault, WantedList};
use crate::verify::{Verifier, VerifierBuilder};

fn builder(root: &CertificateSpec) -> VerifierBuilder {
    let root = TrustedCertificate::from_der(root.der().into()).unwrap();
    Verifier::builder(&crate::crypto::default_base().unwrap()).trusted(&[root])
}

/// A verifier that fetches, and uses these lists of files.
fn fetching(root: &CertificateSpec, lists: &[ListSpec]) -> Verifier {
    let lists = lists.iter().map(read);
    let builder = builder(root).revocation_lists(lists);
    builder.lists_are_fetched(true).build().unwrap()
}

fn read(list: &ListSpec) -> RevocationList {
    RevocationList::from_der(list.der().into()).unwrap()
}

/// The lists that this verifier lacks for an end entity of the root.
fn wanted_by(verifier: &Verifier) -> Vec<WantedList> {
    let point = full_name(&[uri("http://ca.example.com/list.crl")]);
    let points = extension(CRL_DISTRIBUTION_POINTS, false, &seq(&[seq(&[point])]));
    let sent = ders(&[CertificateSpec::default().with(points)]);
    let status = verifier.verify(&sent, Purpose::Server, None, now());
    status.wanted_lists().to_vec()
}

/// Judges a list for an end entity of the root.
fn judge(
    verifier: &Verifier,
    root: &CertificateSpec,
    list: &ListSpec,
) -> Result<Arc<Crl>, ListFault> {
    let wanted = wanted_by(&fetching(root, &[]));
    let [wanted] = &wanted[..] else {
        panic!("{wanted:?}")
    };
    verifier.judge(wanted, read(list), NOW)
}

#[test]
fn a_fetched_list_that_no_handshake_would_accept_is_refused() {
    let may_not_sign = CertificateSpec::root().with(extension(KEY_USAGE, true, &[3, 2, 2, 4]));
    let elsewhere = ListSpec {
        issuer: cn("Other"),
        ..list()
    };
    let bad = ListSpec {
        has_bad_signature: true,
        ..list()
    };
    let root = CertificateSpec::root();
    for (rule, ca, list, fault) in [
        ("a good list", &root, list(), None),
        (
            "a good list with a key",
            &root,
            revoking().with_key_id(),
            None,
        ),
        (
            "another issuer",
            &root,
            elsewhere.clone(),
            Some(ListFault::OtherIssuer),
        ),
        (
            "another issuer with the same key",
            &root,
            elsewhere.with(signer_id(1)),
            Some(ListFault::OtherIssuer),
        ),
        (
            "another key",
            &root,
            list().with(signer_id(2)),
            Some(ListFault::OtherIssuer),
        ),
        (
            "no cRLSign",
            &may_not_sign,
            list(),
            Some(ListFault::MayNotSign),
        ),
        ("a bad signature", &root, bad, Some(ListFault::BadSignature)),
        (
            "an unknown critical extension",
            &root,
            list().with(unknown_extension(true)),
            Some(ListFault::NotUsable),
        ),
        (
            "an indirect list",
            &root,
            list().with(idp(&[tlv(0x84, &[0xff])])),
            Some(ListFault::NotUsable),
        ),
        (
            "an expired list",
            &root,
            list().until("250615150640Z"),
            Some(ListFault::NotInForce(VerifyCode::CrlHasExpired)),
        ),
        (
            "a list of the future",
            &root,
            list().from("250615150641Z"),
            Some(ListFault::NotInForce(VerifyCode::CrlNotYetValid)),
        ),
    ] {
        let found = judge(&fetching(ca, &[]), ca, &list).err();
        assert_eq!(found, fault, "{rule}");
    }
}

#[test]
fn each_fault_of_a_fetched_list_has_its_words() {
    for (fault, words) in [
        (
            ListFault::BadSignature,
            "the list is not signed with the key of the CA",
        ),
        (
            ListFault::MayNotSign,
            "the key usage of the CA does not allow it to sign lists",
        ),
        (
            ListFault::NotInForce(VerifyCode::CrlHasExpired),
            "CRL has expired (12)",
        ),
        (
            ListFault::NotNewer,
            "the list is not newer than the one in use",
        ),
        (
            ListFault::NotUsable,
            "the list does not cover all certificates and reasons, or has an unknown critical extension",
        ),
        (ListFault::OtherIssuer, "another CA issued the list"),
    ] {
        assert_eq!(fault.to_string(), words);
    }
}

#[test]
fn a_fetched_list_is_newer_than_every_list_in_use_about_the_same_certificates() {
    let root = CertificateSpec::root();
    let numbered = |n: &[u8]| list().with(number(n));
    let newer = |list: ListSpec| list.from("250610000000Z");
    let of_users = |list: ListSpec| list.with(idp(&[tlv(0x81, &[0xff])]));
    let by_another_key = ListSpec {
        signer: 7,
        ..newer(list())
    };
    for (in_use, fetched, is_taken) in [
        // By the dates.
        (list(), newer(list()), true),
        (list(), revoking(), false),
        (newer(list()), list(), false),
        // By the numbers, if both have one.
        (numbered(&[1]), newer(numbered(&[2])), true),
        (numbered(&[0xff, 0]), newer(numbered(&[1])), true),
        (numbered(&[1]), newer(numbered(&[1])), true),
        (numbered(&[2]), newer(numbered(&[1])), false),
        (numbered(&[1, 0]), newer(numbered(&[0x7f])), false),
        (numbered(&[1]), numbered(&[2]), false),
        (numbered(&[2]), newer(list()), true),
        (list(), newer(numbered(&[1])), true),
        // Lists about other certificates, by another key, or with another key identifier.
        (newer(of_users(list())), list(), true),
        (newer(of_users(list())), of_users(list()), false),
        (by_another_key, list(), true),
        (newer(list()).with_key_id(), list(), true),
    ] {
        let verifier = fetching(&root, std::slice::from_ref(&in_use));
        let found = judge(&verifier, &root, &fetched);
        let expected = (!is_taken).then_some(ListFault::NotNewer);
        let [in_use, fetched] = [in_use, fetched].map(|list| read(&list).facts().clone());
        assert_eq!(found.err(), expected, "{in_use:?} {fetched:?}");
    }
}

#[test]
fn a_list_that_was_fetched_before_is_returned_as_it_is() {
    let root = CertificateSpec::root();
    let empty = fetching(&root, &[]);
    let first = judge(&empty, &root, &list()).unwrap();
    let with_first = empty.with_fetched(vec![first.clone()]);
    let again = judge(&with_first, &root, &list()).unwrap();
    assert!(Arc::ptr_eq(&again, &first));
    let other = judge(&with_first, &root, &revoking()).err();
    assert_eq!(other, Some(ListFault::NotNewer));
    let newer = list().from("250610000000Z");
    let newer = judge(&with_first, &root, &newer).unwrap();
    assert!(!Arc::ptr_eq(&newer, &first));
}

#[test]
fn lists_are_wanted_only_if_they_are_fetched_and_missing_or_running_out() {
    let root = CertificateSpec::root();
    let old = list().until("250615000000Z");
    let not_fetching = builder(&root).revocation_lists([read(&old)]);
    assert!(wanted_by(&not_fetching.build().unwrap()).is_empty());
    let running_out = list().until("250616000000Z");
    for (rule, lists, count) in [
        ("no list", vec![], 1),
        ("an expired list", vec![old], 1),
        ("a list that expires soon", vec![running_out], 1),
        ("a list in force", vec![list()], 0),
        (
            "a list of the future",
            vec![list().from("250616000000Z")],
            0,
        ),
    ] {
        assert_eq!(wanted_by(&fetching(&root, &lists)).len(), count, "{rule}");
    }
}
