//! Revocation lists: loading, and verification with them.

use compat_openssl::{
    answer::Answer,
    build::Built,
    ext,
    oracle::Store,
    ours,
    plan::{Entry, Plan},
};

use crate::{
    measure::{Figure, Row, interleaved},
    verification,
};

const SIZES: [(usize, usize); 3] = [(2_000, 51), (100_000, 11), (1_000_000, 3)];

/// From the file to the answer to a first peer: OpenSSL sorts its entries at the first look-up.
pub fn rows() -> Vec<Row> {
    let row = |(count, runs)| {
        let case = revoked_in_list_of(count);
        Row::time(
            format!("load and first answer, {count} entries"),
            runs,
            || assert_eq!(ours::ask(&case), REVOKED),
            || {
                assert_eq!(
                    Store::load(&case)
                        .expect("nothing is wrong with the files")
                        .ask(&case),
                    REVOKED
                )
            },
        )
    };
    SIZES.into_iter().map(row).collect()
}

/// A peer that is not revoked, with the list and without; the last rows are what a list adds.
pub fn verification_rows() -> Vec<Row> {
    let without = verification::row("verification, no list", &Plan::new().build());
    let mut rows = vec![without];
    for (count, _) in SIZES {
        let case = good_with_list_of(count);
        rows.push(verification::row(
            &format!("verification, {count} entries"),
            &case,
        ));
        rows.push(added(count, &case));
    }
    rows
}

/// Ours against ours: with the list in the column of ours, without it in the other.
fn added(count: usize, case: &Built) -> Row {
    let plain = Plan::new().build();
    let with = ours::verifier(case).expect("nothing is wrong with the files");
    let without = ours::verifier(&plain).expect("nothing is wrong with the files");
    let (with, without) = interleaved(
        2001,
        || ours::verify(&with, case),
        || ours::verify(&without, &plain),
    );
    let name = format!("ours with {count} entries / ours without");
    Row {
        name,
        ours: Figure::Time(with),
        openssl: Figure::Time(without),
    }
}

pub fn good_with_list_of(count: usize) -> Built {
    let mut plan = Plan::new();
    plan.list().revoked = entries(count);
    plan.build()
}

fn revoked_in_list_of(count: usize) -> Built {
    let mut plan = Plan::new();
    let leaf = plan.leaf().clone();
    let list = plan.list();
    list.revoked = entries(count);
    list.revoke(&leaf);
    plan.build()
}

/// Serial numbers of 16 bytes in no order, and a reason each, as large CAs have them.
fn entries(count: usize) -> Vec<Entry> {
    let mut rng = compat_openssl::rng::Rng(7);
    let entry = |_| {
        let mut serial = [rng.next().to_be_bytes(), rng.next().to_be_bytes()].concat();
        serial[0] = 0x40 | serial[0] & 0x3f;
        Entry {
            serial,
            extensions: vec![ext::reason(1)],
        }
    };
    (0..count).map(entry).collect()
}

const REVOKED: Answer = Answer::Refused { code: 23, depth: 0 };
