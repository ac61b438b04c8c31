//! Cipher strings against the recorded answers of OpenSSL 3.0.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use sip_tls::options::{CipherList, CipherSuite, Ciphersuites, openssl_name};

mod records;

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

/// Asks the OpenSSL of this machine again, and writes its answers down.
#[cfg(unix)]
#[test]
#[ignore = "remakes the recorded answers, with OpenSSL 3.0"]
fn remake_the_recorded_answers() {
    let version = openssl(&["version"], b"");
    assert!(
        version.unwrap().starts_with("OpenSSL 3.0."),
        "the answers are those of 3.0"
    );
    for name in ["tricky.txt", "real-world.txt", "random.txt"] {
        rewrite(name, |text| {
            numbers(openssl(&["ciphers", "-V", "-ciphersuites", "", "--"], text))
        });
    }
    rewrite("ciphersuites.txt", |names| {
        let names = String::from_utf8(names.to_vec()).unwrap();
        let mut all = numbers(openssl(&["ciphers", "-V", "-ciphersuites", &names], b"ALL"))?;
        all.retain(|number| number >> 8 == 0x13);
        Ok(all)
    });
    rewrite("levels.txt", |text| {
        let supported = [
            "ciphers",
            "-V",
            "-s",
            "-psk",
            "-srp",
            "-ciphersuites",
            TLS13,
        ];
        numbers(openssl(&supported, text))
    });
    let every = |style| {
        openssl(
            &["ciphers", style, "-ciphersuites", TLS13],
            EVERY_SUITE.as_bytes(),
        )
    };
    let (facts, names) = (every("-V").unwrap(), every("-stdname").unwrap());
    let lines = facts.lines().zip(names.lines()).map(|(facts, names)| {
        let facts = facts.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = names.split_whitespace().next().unwrap();
        format!("{facts} {name}\n")
    });
    fs::write(path("suites.txt"), lines.collect::<String>()).unwrap();
}

fn recorded(name: &str) -> String {
    let path = path(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rewrite(name: &str, ask: impl Fn(&[u8]) -> Answer) {
    fs::write(path(name), records::remake(&recorded(name), ask)).unwrap();
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

/// The lines of a question to the program; what it says of an error.
fn openssl(arguments: &[&str], text: &[u8]) -> Result<String, String> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let mut command = Command::new("openssl");
    command.args(arguments);
    if arguments.len() > 1 {
        command.arg(OsStr::from_bytes(text));
    }
    let output = command.output().expect("the program openssl");
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let known = ["invalid command", "no cipher match"];
    let reason = known.into_iter().find(|reason| errors.contains(reason));
    Err(reason
        .unwrap_or_else(|| panic!("a known reason: {errors}"))
        .to_owned())
}

/// The suites of lines such as `0xC0,0x2C - ECDHE-ECDSA-AES256-GCM-SHA384 ...`.
fn numbers(lines: Result<String, String>) -> Answer {
    let number = |line: &str| {
        let digits = line
            .split_whitespace()
            .next()
            .unwrap()
            .replace("0x", "")
            .replace(',', "");
        u16::from_str_radix(&digits, 16).unwrap()
    };
    Ok(lines?.lines().map(number).collect())
}

const EVERY_SUITE: &str = "ALL:COMPLEMENTOFALL";

const TLS13: &str = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:\
    TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";
