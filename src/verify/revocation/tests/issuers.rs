//! The issuer of a list, and whether the list is accepted.

use super::case::*;
use super::list::*;
use crate::verify::test_pki::*;

pub(super) fn cases() -> Vec<Case> {
    [basics(), issuers(), trust(), key_changes()].concat()
}

fn basics() -> Vec<Case> {
    let elsewhere = ListSpec {
        issuer: cn("Other"),
        ..list()
    };
    vec![
        Case::new(
            "a certificate that its issuer's list does not name is good",
            vec![list()],
            GOOD,
        ),
        Case::new(
            "a certificate that its issuer's list names is revoked",
            vec![revoking()],
            REVOKED,
        ),
        Case::new(
            "a certificate without a list is refused",
            vec![elsewhere.clone()],
            NO_LIST,
        ),
        Case::new(
            "lists of several issuers do not mix",
            vec![elsewhere.revoking(&[100]), list()],
            GOOD,
        ),
        Case::new(
            "a list that is there twice does no harm",
            vec![revoking(), revoking()],
            REVOKED,
        ),
    ]
}

fn issuers() -> Vec<Case> {
    let other_spelling = name(&[
        attribute(COUNTRY, PRINTABLE, b"de"),
        attribute(COMMON_NAME, PRINTABLE, b"  rOOt "),
    ]);
    let spelled = |list: ListSpec| ListSpec {
        issuer: other_spelling.clone(),
        ..list
    };
    let mail = tlv(0xa1, &tlv(0x81, b"a@b.example"));
    let keyless_root = || CertificateSpec {
        extensions: vec![extension(BASIC_CONSTRAINTS, true, &seq(&[boolean(true)]))],
        ..CertificateSpec::root()
    };
    vec![
        Case::new(
            "issuers are compared canonically",
            vec![spelled(list())],
            GOOD,
        ),
        Case::new(
            "a list in another spelling revokes",
            vec![spelled(revoking())],
            REVOKED,
        ),
        Case::new(
            "a list whose key identifier fits is used",
            vec![revoking().with_key_id()],
            REVOKED,
        ),
        Case::new(
            "a list of another key is passed over",
            vec![list().with(signer_id(7))],
            NO_LIST,
        ),
        Case::new(
            "a list that names its issuer's certificate is used",
            vec![revoking().with(issuer_and_serial(&root_name(), 1))],
            REVOKED,
        ),
        Case::new(
            "a list that names another certificate of the issuer is passed over",
            vec![list().with(issuer_and_serial(&root_name(), 2))],
            NO_LIST,
        ),
        Case::new(
            "a list that names a certificate of another issuer is passed over",
            vec![list().with(issuer_and_serial(&cn("Other"), 1))],
            NO_LIST,
        ),
        Case::new(
            "a key identifier with an issuer that is no directory name says nothing",
            vec![list().with(extension(AUTHORITY_KEY_ID, false, &seq(&[mail])))],
            GOOD,
        ),
        Case::with_path(
            "a key identifier cannot contradict an issuer that has none",
            vec![CertificateSpec::default(), keyless_root()],
            vec![list().with(signer_id(7))],
            GOOD,
        ),
    ]
}

fn trust() -> Vec<Case> {
    let bad = |list: ListSpec| ListSpec {
        has_bad_signature: true,
        ..list
    };
    let root = |bits| CertificateSpec::root().with(key_usage(bits));
    let under = |rule, bits, list: ListSpec, answer| {
        Case::with_path(
            rule,
            vec![CertificateSpec::default(), root(bits)],
            vec![list],
            answer,
        )
    };
    let own = || CertificateSpec::ca(cn("sip.example.com"), 3);
    let own_list = |list: ListSpec| list.of(&own());
    let only_ca = || idp(&[tlv(0x82, &[0xff])]);
    let two_algorithms = ListSpec {
        inner_algorithm: seq(&[oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3])]),
        ..list()
    };
    vec![
        Case::new(
            "a list with a bad signature is refused",
            vec![bad(list())],
            (8, 0),
        ),
        Case::new(
            "a badly signed list does not revoke",
            vec![bad(revoking())],
            (8, 0),
        ),
        Case::new(
            "an expired list is not verified",
            vec![bad(list()).until("250615000000Z")],
            (12, 0),
        ),
        under(
            "an issuer without cRLSign cannot issue lists",
            0x04,
            list(),
            (35, 0),
        ),
        under("an issuer with cRLSign can", 0x06, revoking(), REVOKED),
        under(
            "cRLSign goes before scope",
            0x04,
            list().with(only_ca()),
            (35, 0),
        ),
        under(
            "cRLSign goes before dates",
            0x04,
            list().until("250615000000Z"),
            (35, 0),
        ),
        Case::with_path(
            "a self-signed end entity may have a list of its own",
            vec![own()],
            vec![own_list(list())],
            GOOD,
        ),
        Case::with_path(
            "a self-signed end entity may revoke itself",
            vec![own()],
            vec![own_list(list()).revoking(&[3])],
            REVOKED,
        ),
        Case::with_path(
            "a self-signed end entity needs cRLSign as well",
            vec![own().with(key_usage(0x04))],
            vec![own_list(list())],
            (35, 0),
        ),
        // OpenSSL 3.0.22 refuses such a list.
        Case::new(
            "a list that names two algorithms is badly signed",
            vec![two_algorithms],
            (8, 0),
        )
        .openssl(GOOD),
    ]
}

fn key_changes() -> Vec<Case> {
    let new_root = || CertificateSpec::ca(root_name(), 2);
    let end_entity = || {
        CertificateSpec::default()
            .with(signer_id(2))
            .below(&new_root())
    };
    let new_list = |list: ListSpec| ListSpec { signer: 2, ..list };
    let changed =
        |rule, lists, answer| Case::with_path(rule, vec![end_entity(), new_root()], lists, answer);
    // The old key signs the certificate of the new one.
    let root = || CertificateSpec::root().with(signer_id(1));
    let link = || new_root().with(signer_id(1)).below(&root());
    let linked = |rule, lists, answer| {
        Case::with_path(rule, vec![end_entity(), link(), root()], lists, answer)
    };
    // The CA above has another name, and the key that the list names.
    let below_other_name = {
        let top = CertificateSpec::ca(cn("Top"), 1);
        vec![end_entity(), link().below(&top), top]
    };
    vec![
        changed(
            "a list by the CA's former key is badly signed",
            vec![list()],
            (8, 0),
        ),
        changed(
            "a list that names the CA's former key is passed over",
            vec![list().with_key_id()],
            NO_LIST,
        ),
        changed(
            "a list of either key is enough",
            vec![list().with_key_id(), new_list(revoking()).with_key_id()],
            REVOKED,
        ),
        linked(
            "a list by a key further up that it names is used",
            vec![revoking().with_key_id()],
            REVOKED,
        ),
        linked(
            "a list of the new key does not cover the certificate of that key",
            vec![new_list(list()).with_key_id()],
            GOOD,
        )
        .for_chain((3, 1)),
        linked(
            "a list that names no key of the path is passed over",
            vec![list().with(signer_id(7))],
            NO_LIST,
        ),
        Case::with_path(
            "a list that names the key of a CA with another name is passed over",
            below_other_name,
            vec![list().with_key_id()],
            NO_LIST,
        ),
        linked(
            "a list by a key further up that it does not name is not",
            vec![revoking()],
            (8, 0),
        ),
        linked(
            "a list by the key that signed goes before a newer one by a key further up",
            vec![
                list().with_key_id(),
                new_list(revoking()).from("250520000000Z").with_key_id(),
            ],
            REVOKED,
        ),
        linked(
            "a newer list by the key that signed goes before an older one",
            vec![
                list().from("250520000000Z").with_key_id(),
                new_list(revoking()).with_key_id(),
            ],
            REVOKED,
        ),
    ]
}

fn issuer_and_serial(issuer: &[u8], serial: u8) -> Vec<u8> {
    let value = seq(&[tlv(0xa1, &directory(issuer)), tlv(0x82, &[serial])]);
    extension(AUTHORITY_KEY_ID, false, &value)
}

fn key_usage(bits: u8) -> Vec<u8> {
    extension(KEY_USAGE, true, &tlv(0x03, &[1, bits]))
}
