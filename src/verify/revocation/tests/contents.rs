//! The contents of lists.

use super::case::*;
use super::list::*;
use crate::verify::test_pki::*;

pub(super) fn cases() -> Vec<Case> {
    [
        forms(),
        times(),
        unreadable_times(),
        critical_extensions(),
        entries(),
    ]
    .concat()
}

fn unreadable_times() -> Vec<Case> {
    let from = |text: &str| list().from(text);
    let until = |text: &str| list().until(text);
    vec![
        Case::new(
            "a list from a day that does not exist is not used",
            vec![from("250631000000Z")],
            (15, 0),
        ),
        Case::new(
            "a list from a time in another zone is not used",
            vec![from("250601000000+0100")],
            (15, 0),
        ),
        Case::new(
            "a list until a time without seconds is not used",
            vec![until("2507010000Z")],
            (16, 0),
        ),
        Case::new(
            "a list that can be read goes before one from a day that does not exist",
            vec![from("250631000000Z"), revoking()],
            REVOKED,
        ),
    ]
}

fn forms() -> Vec<Case> {
    let plain = |version| ListSpec {
        version,
        ..revoking()
    };
    let endless = ListSpec {
        next_update: None,
        ..revoking()
    };
    let empty = ListSpec {
        entries: Vec::new(),
        ..list()
    };
    let long = |first: u8| number(&[&[first], &[0x55; 40][..]].concat());
    vec![
        Case::new("a list of version 1 is used", vec![plain(None)], REVOKED),
        Case::new(
            "a list of a version that does not exist is used",
            vec![plain(Some(7))],
            REVOKED,
        ),
        Case::new(
            "a list of version 1 may have extensions",
            vec![plain(None).with(number(&[1]))],
            REVOKED,
        ),
        Case::new(
            "a list without nextUpdate never expires",
            vec![endless],
            REVOKED,
        ),
        Case::new("a list without entries is used", vec![empty], GOOD),
        Case::new(
            "a list may have a huge number",
            vec![list().with(long(0x7f))],
            GOOD,
        ),
        Case::new(
            "a list may have a negative number",
            vec![list().with(long(0x80))],
            GOOD,
        ),
        Case::new(
            "a list may have a damaged number",
            vec![list().with(extension(CRL_NUMBER, false, b"?"))],
            GOOD,
        ),
    ]
}

fn times() -> Vec<Case> {
    vec![
        Case::new(
            "a list that has expired is refused",
            vec![list().until("250615000000Z")],
            (12, 0),
        ),
        Case::new(
            "a list has expired in the second of nextUpdate",
            vec![list().until("250615150640Z")],
            (12, 0),
        ),
        Case::new(
            "a list has not expired the second before",
            vec![list().until("250615150641Z")],
            GOOD,
        ),
        Case::new(
            "a list of the future is refused",
            vec![list().from("250616000000Z")],
            (11, 0),
        ),
        Case::new(
            "a list is valid in the second of thisUpdate",
            vec![list().from("250615150640Z")],
            GOOD,
        ),
        Case::new(
            "a list is not valid the second before",
            vec![list().from("250615150641Z")],
            (11, 0),
        ),
        Case::new(
            "an expired list does not revoke",
            vec![revoking().until("250615000000Z")],
            (12, 0),
        ),
        Case::new(
            "too early goes before too late",
            vec![list().from("250616000000Z").until("250610000000Z")],
            (11, 0),
        ),
    ]
}

fn critical_extensions() -> Vec<Case> {
    let id = Key::new(1).id;
    let critical_number = || extension(CRL_NUMBER, true, &integer(&[1]));
    let critical_key_id = || extension(AUTHORITY_KEY_ID, true, &seq(&[tlv(0x80, &id)]));
    let critical_reason = || extension(CRL_REASON, true, &tlv(0x0a, &[1]));
    let issuer = |name: &[u8]| extension(CERTIFICATE_ISSUER, true, &seq(&[directory(name)]));
    vec![
        Case::new(
            "an unknown extension is passed over",
            vec![list().with(unknown_extension(false))],
            GOOD,
        ),
        Case::new(
            "an unknown critical extension is refused",
            vec![list().with(unknown_extension(true))],
            (36, 0),
        ),
        Case::new(
            "an unknown critical extension goes before revocation",
            vec![revoking().with(unknown_extension(true))],
            (36, 0),
        ),
        Case::new(
            "a critical number is refused",
            vec![list().with(critical_number())],
            (36, 0),
        ),
        Case::new(
            "a critical key identifier is fine",
            vec![list().with(critical_key_id())],
            GOOD,
        ),
        Case::new(
            "a critical scope is fine",
            vec![list().with(idp(&[]))],
            GOOD,
        ),
        Case::new(
            "an unknown extension of an entry is passed over",
            vec![list().with_entry(entry_with(&[100], &[unknown_extension(false)]))],
            REVOKED,
        ),
        Case::new(
            "an unknown critical extension of any entry is refused",
            vec![list().with_entry(entry_with(&[6], &[unknown_extension(true)]))],
            (36, 0),
        ),
        Case::new(
            "a critical reason is refused",
            vec![list().with_entry(entry_with(&[100], &[critical_reason()]))],
            (36, 0),
        ),
        Case::new(
            "an entry that names its issuer revokes for this issuer",
            vec![list().with_entry(entry_with(&[100], &[issuer(&root_name())]))],
            REVOKED,
        ),
        Case::new(
            "an entry for another issuer does not revoke",
            vec![list().with_entry(entry_with(&[100], &[issuer(&cn("Other"))]))],
            GOOD,
        ),
        Case::new(
            "an entry's issuer holds for those after it",
            vec![
                list()
                    .with_entry(entry_with(&[6], &[issuer(&cn("Other"))]))
                    .revoking(&[100]),
            ],
            GOOD,
        ),
        Case::new(
            "an entry's issuer holds until the next one",
            vec![
                list()
                    .with_entry(entry_with(&[6], &[issuer(&cn("Other"))]))
                    .with_entry(entry_with(&[7], &[issuer(&root_name())]))
                    .revoking(&[100]),
            ],
            REVOKED,
        ),
    ]
}

fn entries() -> Vec<Case> {
    let for_reason = |code| list().with_entry(entry_with(&[100], &[reason(code)]));
    let numbered = |rule, serial: &[u8], list: ListSpec, answer| {
        let end_entity = CertificateSpec {
            serial: serial.to_vec(),
            ..CertificateSpec::default()
        };
        Case::with_end_entity(rule, end_entity, vec![list], answer)
    };
    let long = &[0x55; 25][..];
    let twenty = &[&[0][..], &[0xab; 20]].concat()[..];
    vec![
        Case::new("removeFromCRL does not revoke", vec![for_reason(8)], GOOD),
        Case::new("certificateHold revokes", vec![for_reason(6)], REVOKED),
        Case::new("unspecified revokes", vec![for_reason(0)], REVOKED),
        Case::new(
            "a reason that does not exist revokes",
            vec![for_reason(99)],
            REVOKED,
        ),
        Case::new(
            "an entry that is there twice does no harm",
            vec![revoking().revoking(&[100])],
            REVOKED,
        ),
        Case::new(
            "an entry that revokes counts before one that takes back",
            vec![revoking().with_entry(entry_with(&[100], &[reason(8)]))],
            REVOKED,
        ),
        // OpenSSL uses the first entry that it finds.
        Case::new(
            "an entry that revokes counts after one that takes back",
            vec![for_reason(8).revoking(&[100])],
            REVOKED,
        )
        .openssl(GOOD),
        numbered(
            "serial number zero can be revoked",
            &[0],
            list().revoking(&[0]),
            REVOKED,
        ),
        numbered(
            "a negative serial number can be revoked",
            &[0x9c],
            list().revoking(&[0x9c]),
            REVOKED,
        ),
        numbered(
            "a number is not its negative",
            &[100],
            list().revoking(&[0x9c]),
            GOOD,
        ),
        numbered(
            "a negative is not its number",
            &[0x9c],
            list().revoking(&[100]),
            GOOD,
        ),
        numbered(
            "a number of twenty octets can be revoked",
            twenty,
            list().revoking(twenty),
            REVOKED,
        ),
        numbered(
            "a number of twenty-five octets can be revoked",
            long,
            list().revoking(long),
            REVOKED,
        ),
        numbered(
            "a shorter number is another",
            long,
            list().revoking(&long[1..]),
            GOOD,
        ),
    ]
}
