//! Cipher strings against the recorded answers of OpenSSL 3.0.
//!
//! If OpenSSL 3.0 is installed, `cargo test -- --ignored remake_the_recorded_answers` remakes the answers.

use std::fs;
use std::path::PathBuf;

use sip_tls::options::{CipherList, CipherSuite, Ciphersuites, openssl_name};

mod records;
#[cfg(unix)]
mod remake;

use records::{Answer, Record};

#[test]
fn tricky_strings_come_to_what_openssl_makes_of_them() {
    for record in records::read(&recorded("tricky.txt")) {
        assert_same(&record, our_list(&record.text));
    }
}

#[test]
fn strings_from_the_real_world_come_to_what_openssl_makes_of_them() {
    for record in records::read(&recorded("real-world.txt")) {
        assert_same(&record, our_list(&record.text));
    }
}

#[test]
fn random_strings_come_to_what_openssl_makes_of_them() {
    for record in records::read(&recorded("random.txt")) {
        assert_same(&record, our_list(&record.text));
    }
}

#[test]
fn names_for_tls_1_3_come_to_what_openssl_makes_of_them() {
    for record in records::read(&recorded("ciphersuites.txt")) {
        assert_same(&record, our_ciphersuites(&record.text));
    }
}

#[test]
fn security_levels_permit_the_suites_that_openssl_permits() {
    let all: CipherList = EVERY_SUITE.parse().unwrap();
    for record in records::read(&recorded("levels.txt")) {
        let text = str::from_utf8(&record.text).unwrap();
        let list: CipherList = text.parse().unwrap();
        let level = list.security_level().unwrap();
        let permitted = |suite: &&&CipherSuite| level.permits(suite);
        let tls13 = CipherSuite::all().take(5).collect::<Vec<_>>();
        let suites = tls13.iter().chain(all.suites()).filter(permitted);
        assert_same(&record, Ok(suites.map(|suite| suite.number()).collect()));
    }
}

#[test]
fn the_table_holds_what_openssl_prints_of_each_suite() {
    let mut ours = CipherSuite::all().map(description).collect::<Vec<_>>();
    let recorded = recorded("suites.txt");
    let mut openssls = recorded.lines().collect::<Vec<_>>();
    // No string selects all suites at once, so OpenSSL prints them in another order.
    ours.sort_unstable();
    openssls.sort_unstable();
    assert_eq!(ours, openssls);
}

fn recorded(name: &str) -> String {
    let path = path(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn path(name: &str) -> PathBuf {
    [
        env!("CARGO_MANIFEST_DIR"),
        "tests",
        "testdata",
        "cipher_list",
        name,
    ]
    .iter()
    .collect()
}

#[track_caller]
fn assert_same(record: &Record, ours: Answer) {
    let names = |answer: &Answer| match answer {
        Ok(suites) => {
            let name = |number: &u16| openssl_name(*number).unwrap_or("not in the table");
            Ok(suites.iter().map(name).collect::<Vec<_>>().join(":"))
        }
        Err(reason) => Err(reason.clone()),
    };
    let (ours, openssl) = (names(&ours), names(&record.answer));
    assert_eq!(
        ours,
        openssl,
        "ours is left, of `{}`",
        record.text.escape_ascii()
    );
}

fn our_list(text: &[u8]) -> Answer {
    let list = CipherList::from_bytes(text).map_err(|error| error.reason().to_owned())?;
    assert_eq!(
        list.to_string().parse().as_ref(),
        Ok(&list),
        "printed and read again"
    );
    Ok(list.suites().iter().map(|suite| suite.number()).collect())
}

fn our_ciphersuites(text: &[u8]) -> Answer {
    let list = Ciphersuites::from_bytes(text).map_err(|error| error.reason().to_owned())?;
    assert_eq!(
        list.to_string().parse().as_ref(),
        Ok(&list),
        "printed and read again"
    );
    Ok(list.suites().iter().map(|suite| suite.number()).collect())
}

/// A line of `openssl ciphers -V`, with single spaces, and the name that `-stdname` prints.
fn description(suite: &CipherSuite) -> String {
    let [high, low] = suite.number().to_be_bytes();
    format!(
        "0x{high:02X},0x{low:02X} - {suite} {} Kx={} Au={} Enc={} Mac={} {}",
        suite.min_version(),
        suite.key_exchange(),
        suite.authentication(),
        suite.encryption(),
        suite.mac(),
        suite.iana_name(),
    )
}

const EVERY_SUITE: &str = "ALL:COMPLEMENTOFALL";
