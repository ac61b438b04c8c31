//! Which of several lists counts, and for which certificates of a path.

use super::case::*;
use super::list::*;
use crate::verify::test_pki::*;

pub(super) fn cases() -> Vec<Case> {
    [choices(), chains()].concat()
}

fn choices() -> Vec<Case> {
    let old = || list().from("250520000000Z");
    let old_revoking = || old().revoking(&[100]);
    let expired = || list().until("250614000000Z");
    let critical = |list: ListSpec| list.with(unknown_extension(true));
    let for_cas = |list: ListSpec| list.with(idp(&[tlv(0x82, &[0xff])]));
    let bad = ListSpec {
        has_bad_signature: true,
        ..list()
    };
    let case = Case::new;
    vec![
        case(
            "the newest list counts if it revokes",
            vec![old(), revoking()],
            REVOKED,
        ),
        case(
            "the newest list counts wherever it stands",
            vec![revoking(), old()],
            REVOKED,
        ),
        case(
            "the newest list counts if it does not revoke",
            vec![list(), old_revoking()],
            GOOD,
        ),
        case(
            "of two lists of one second the one that revokes counts",
            vec![list(), revoking()],
            REVOKED,
        )
        .openssl(GOOD),
        case(
            "of two lists of one second the one that revokes counts, first or not",
            vec![revoking(), list()],
            REVOKED,
        ),
        case(
            "a list of the future gives way",
            vec![list().from("250616000000Z"), old_revoking()],
            REVOKED,
        ),
        case(
            "an expired list gives way",
            vec![expired(), old_revoking()],
            REVOKED,
        ),
        case(
            "a list with an unknown critical extension gives way",
            vec![critical(list()), old_revoking()],
            REVOKED,
        ),
        case(
            "a list in another scope gives way",
            vec![for_cas(list()), old_revoking()],
            REVOKED,
        ),
        case(
            "an indirect list gives way",
            vec![list().with(idp(&[tlv(0x84, &[0xff])])), old_revoking()],
            REVOKED,
        ),
        case(
            "a badly signed newer list hides an older one",
            vec![old(), bad],
            (8, 0),
        ),
        case(
            "an expired list goes before one with an unknown critical extension",
            vec![critical(list()), expired()],
            (12, 0),
        ),
        case(
            "an expired list goes before one in another scope",
            vec![for_cas(list()), expired()],
            (12, 0),
        ),
        case(
            "a list in another scope goes before one with an unknown critical extension",
            vec![critical(list()), for_cas(list())],
            OTHER_SCOPE,
        ),
    ]
}

fn chains() -> Vec<Case> {
    let intermediate = CertificateSpec::intermediate;
    let path = || {
        let end_entity = CertificateSpec::default().below(&intermediate());
        vec![end_entity, intermediate(), CertificateSpec::root()]
    };
    let lower = |list: ListSpec| list.of(&intermediate());
    let expired = |list: ListSpec| list.until("250614000000Z");
    let bad = |list: ListSpec| ListSpec {
        has_bad_signature: true,
        ..list
    };
    let case = |rule, lists, answer| Case::with_path(rule, path(), lists, answer);
    vec![
        case(
            "a chain is good if all lists are there",
            vec![lower(list()), list()],
            GOOD,
        ),
        case(
            "a chain needs a list for the intermediate",
            vec![lower(list())],
            GOOD,
        )
        .for_chain((3, 1)),
        case("the end entity needs a list first", vec![list()], NO_LIST),
        case(
            "an intermediate can be revoked",
            vec![lower(list()), list().revoking(&[50])],
            GOOD,
        )
        .for_chain((23, 1))
        .covered((23, 1)),
        case(
            "a trust anchor can revoke itself",
            vec![lower(list()), list().revoking(&[1])],
            GOOD,
        )
        .for_chain((23, 2))
        .covered((23, 2)),
        case(
            "an end entity can be revoked",
            vec![lower(revoking()), list().revoking(&[50])],
            REVOKED,
        ),
        case(
            "an expired list does not cover an intermediate",
            vec![lower(list()), expired(list()).revoking(&[50])],
            GOOD,
        )
        .for_chain((12, 1)),
        case(
            "a badly signed list does not cover an intermediate",
            vec![lower(list()), bad(list()).revoking(&[50])],
            GOOD,
        )
        .for_chain((8, 1)),
        case(
            "a badly signed list does not hide that an intermediate is revoked",
            vec![
                lower(list()),
                bad(list()),
                list().from("250520000000Z").revoking(&[50]),
            ],
            GOOD,
        )
        .for_chain((8, 1))
        .covered((23, 1)),
        case(
            "a newer list clears an intermediate",
            vec![
                lower(list()),
                list(),
                list().from("250520000000Z").revoking(&[50]),
            ],
            GOOD,
        ),
        case(
            "a list for users does not cover an intermediate",
            vec![
                lower(list()),
                list().with(idp(&[tlv(0x81, &[0xff])])).revoking(&[50]),
            ],
            GOOD,
        )
        .for_chain((44, 1)),
    ]
}
