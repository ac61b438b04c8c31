//! How PEM text is read, tested with `trusted-ca`.

use sip_tls::pki::roots;

use super::tools::openssl_loads;
use super::{Authority, Folder, base64, block, list, message};
use crate::child;

/// A file for `trusted-ca`.
struct Case {
    name: &'static str,
    text: Vec<u8>,
    /// The number of certificates, or words of the error message.
    ours: Result<usize, &'static str>,
    /// Whether OpenSSL's `-CAfile` accepts the file.
    openssl: OpenSsl,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum OpenSsl {
    Loads,
    Refuses,
}

use OpenSsl::{Loads, Refuses};

#[test]
fn every_case_is_read_as_the_table_says() {
    let folder = Folder::new("pem");
    for case in cases() {
        let name = case.name;
        let path = folder.write("ca.pem", &case.text);
        let found = roots::load(list(&path));
        match case.ours {
            Ok(count) => assert_eq!(found.expect(name).certificates().len(), count, "{name}"),
            Err(words) => {
                let found = message(found);
                assert!(found.contains(words), "{name}: {found}");
                assert!(found.starts_with("`trusted-ca`: "), "{name}: {found}");
            }
        }
    }
}

#[test]
fn openssl_reads_every_case_as_the_table_says() {
    if !child::is_found("openssl") {
        return;
    }
    let folder = Folder::new("pem-openssl");
    let certificate = block("CERTIFICATE", &Authority::new().end_entity);
    let certificate = folder.write("certificate.pem", certificate);
    for case in cases() {
        let path = folder.write("ca.pem", &case.text);
        let found = match openssl_loads(&path, &certificate) {
            true => Loads,
            false => Refuses,
        };
        assert_eq!(found, case.openssl, "{}", case.name);
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let certificate = block("CERTIFICATE", &Authority::new().ca);
    let folder = Folder::new("pem-lines");
    for (text, line) in [
        ("", 1),
        ("a\n", 2),
        ("a\n\n\nb\n", 5),
        ("a\r\nb\r\n", 3),
        ("a\0b\n", 2),
        ("a\0b\nc\0\nd\n", 4),
        (&certificate, certificate.lines().count() + 1),
    ] {
        let path = folder.write("ca.pem", format!("{text}{certificate}"));
        let roots = roots::load(list(&path)).unwrap();
        let last = roots.certificates().last().unwrap();
        assert_eq!(last.origin().line(), Some(line), "{text:?}");
    }
}

#[test]
fn nothing_but_der_is_taken_that_openssl_refuses() {
    let taken = cases().into_iter().filter(|case| case.ours.is_ok());
    let taken: Vec<_> = taken.filter(|case| case.openssl == Refuses).collect();
    let names: Vec<_> = taken.iter().map(|case| case.name).collect();
    assert_eq!(names, ["DER"]);
}

fn cases() -> Vec<Case> {
    let Authority {
        ca,
        end_entity,
        crl,
        end_entity_key,
        ..
    } = Authority::new();
    let first = block("CERTIFICATE", &ca);
    let second = block("CERTIFICATE", &end_entity);
    let both = format!("{first}{second}");
    let key = block("PRIVATE KEY", &end_entity_key);
    let crl = block("X509 CRL", &crl);
    let lines: Vec<&str> = first.lines().collect();
    let with_line = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines.insert(at, line);
        lines.join("\n") + "\n"
    };
    let case = |name, text: &str, ours, openssl| Case {
        name,
        text: text.as_bytes().to_vec(),
        ours,
        openssl,
    };
    let relabelled = |label| block(label, &ca);
    let long = base64(&ca);
    let columns = |above: &str, len: usize| {
        let columns: Vec<_> = (0..long.len())
            .step_by(len)
            .map(|at| &long[at..long.len().min(at + len)])
            .collect();
        let (begin, end) = (lines[0], lines[lines.len() - 1]);
        format!("{begin}\n{above}{}\n{end}\n", columns.join("\n"))
    };
    let bytes = |name, text: Vec<u8>, ours, openssl| Case {
        name,
        text,
        ours,
        openssl,
    };
    let with_tail = |tail: &[u8]| [&ca[..], tail].concat();
    vec![
        // Text that OpenSSL accepts.
        case("two", &both, Ok(2), Loads),
        case("byte order mark", &format!("\u{feff}{both}"), Ok(2), Loads),
        case(
            "mark in the middle",
            &format!("{first}\u{feff}{second}"),
            Ok(2),
            Loads,
        ),
        case("CRLF", &both.replace('\n', "\r\n"), Ok(2), Loads),
        case("no last newline", both.trim_end(), Ok(2), Loads),
        case(
            "text around",
            &format!("a: b\n\n{first}\nc\n{second}d"),
            Ok(2),
            Loads,
        ),
        case(
            "spaces behind lines",
            &both.replace('\n', " \t\n"),
            Ok(2),
            Loads,
        ),
        case(
            "one long line",
            &format!("{}\n{long}\n{}\n", lines[0], lines[lines.len() - 1]),
            Ok(1),
            Loads,
        ),
        case("blank line below BEGIN", &with_line(1, ""), Ok(1), Loads),
        case(
            "blank line below BEGIN and short lines",
            &columns("\n", 60),
            Err("a header or a blank line"),
            Refuses,
        ),
        case(
            "blank line below BEGIN and one short line within",
            &with_line(1, "").replacen(
                lines[2],
                &format!("{}\n{}", &lines[2][..60], &lines[2][60..]),
                1,
            ),
            Err("a header or a blank line"),
            Refuses,
        ),
        case(
            "blank line below BEGIN and long lines",
            &columns("\n", 68),
            Err("a header or a blank line"),
            Refuses,
        ),
        case(
            "two blank lines below BEGIN",
            &with_line(1, "\n"),
            Err("a header or a blank line"),
            Refuses,
        ),
        case("short lines", &columns("", 60), Ok(1), Loads),
        case("long lines", &columns("", 76), Ok(1), Loads),
        case("older label", &relabelled("X509 CERTIFICATE"), Ok(1), Loads),
        case(
            "trusted, no settings",
            &relabelled("TRUSTED CERTIFICATE"),
            Ok(1),
            Loads,
        ),
        case(
            "bytes behind the certificate",
            &block("CERTIFICATE", &with_tail(b"tail")),
            Ok(1),
            Loads,
        ),
        case(
            "key and list between",
            &format!("{first}{key}{crl}{second}"),
            Ok(2),
            Loads,
        ),
        case(
            "unknown label",
            &format!("{}{first}", block("THING", b"abc")),
            Ok(1),
            Loads,
        ),
        case(
            "one indented of two",
            &format!(" {first}{second}"),
            Ok(1),
            Loads,
        ),
        case(
            "month 13",
            &block("CERTIFICATE", &month_13(&ca)),
            Ok(1),
            Loads,
        ),
        // Damaged text.
        case(
            "damaged second",
            &format!("{first}{}", second.replace("MII", "M!I")),
            Err("block 2 (line 11) of "),
            Refuses,
        ),
        case(
            "not base64",
            &with_line(2, "# comment"),
            Err("damaged: its text is not valid base64"),
            Refuses,
        ),
        case(
            "padding missing",
            &block(
                "CERTIFICATE",
                &with_tail(&[0; 3][..(3 - (ca.len() + 1) % 3) % 3]),
            )
            .replace('=', ""),
            Err("damaged"),
            Refuses,
        ),
        case(
            "END missing",
            &lines[..lines.len() - 1].join("\n"),
            Err("its END line is missing"),
            Refuses,
        ),
        case(
            "END of another",
            &first.replace("END CERT", "END X509 CERT"),
            Err("its END line"),
            Refuses,
        ),
        case(
            "cut off, another follows",
            &format!("{}\n{second}", lines[..4].join("\n")),
            Err("its END line"),
            Refuses,
        ),
        case(
            "blank line within",
            &with_line(3, ""),
            Err("a header or a blank line"),
            Refuses,
        ),
        case(
            "spaces alone within",
            &with_line(3, "  "),
            Err("a header or a blank line"),
            Refuses,
        ),
        case(
            "blank line above END",
            &with_line(lines.len() - 1, ""),
            Err("blank line"),
            Refuses,
        ),
        case(
            "header",
            &with_line(1, "Name: value\n"),
            Err("a header or a blank line"),
            Refuses,
        ),
        case(
            "empty block",
            &block("CERTIFICATE", b""),
            Err("not valid base64"),
            Refuses,
        ),
        case(
            "damage under another label",
            &format!("{first}{}", block("THING", b"abc").replace('Y', "!")),
            Err("block 2"),
            Refuses,
        ),
        case(
            "damaged key",
            &format!("{first}{}", block("PRIVATE KEY", b"abc")),
            Err("block 2"),
            Refuses,
        ),
        case(
            "damaged list",
            &format!("{first}{}", block("X509 CRL", b"abc")),
            Err("block 2"),
            Refuses,
        ),
        case(
            "certificate cut short",
            &block("CERTIFICATE", &ca[..ca.len() - 1]),
            Err("its content"),
            Refuses,
        ),
        case(
            "damaged settings",
            &block("TRUSTED CERTIFICATE", &with_tail(b"tail")),
            Err("its content"),
            Refuses,
        ),
        // Text without anything that can be used.
        case("empty", "", Err("ca.pem is empty"), Refuses),
        case("blank", "\n \r\n", Err("ca.pem is empty"), Refuses),
        case(
            "key alone",
            &key,
            Err("holds a private key instead of a certificate"),
            Refuses,
        ),
        case(
            "text alone",
            "certificate\n",
            Err("ca.pem holds no certificate"),
            Refuses,
        ),
        case(
            "indented",
            &format!(" {first}"),
            Err("no usable BEGIN line"),
            Refuses,
        ),
        case(
            "carriage returns alone",
            &first.replace('\n', "\r"),
            Err("its BEGIN line is malformed"),
            Refuses,
        ),
        case("zero at the end", &format!("{first}\0"), Ok(1), Loads),
        case(
            "zero in a line of text",
            &format!("a\0b\n{first}"),
            Ok(1),
            Loads,
        ),
        case(
            "zero within a line",
            &first.replacen(&lines[1][30..], &format!("\0{}", &lines[1][30..]), 1),
            Err("is damaged"),
            Refuses,
        ),
        case(
            "zero behind BEGIN and END",
            &first.replace("-----\n", "-----\0more\n"),
            Ok(1),
            Loads,
        ),
        case(
            "zero in front",
            &format!("\0{first}{second}"),
            Err("no usable BEGIN line"),
            Refuses,
        ),
        bytes(
            "UTF-16",
            utf_16(&first),
            Err("ca.pem is UTF-16 text, which"),
            Refuses,
        ),
        bytes(
            "UTF-16 without mark",
            utf_16(&first)[2..].to_vec(),
            Err("is UTF-16 text"),
            Refuses,
        ),
        bytes(
            "DER and more",
            with_tail(b"tail"),
            Err("other bytes follow"),
            Refuses,
        ),
        // DER is accepted although `-CAfile` does not accept it.
        bytes("DER", ca.clone(), Ok(1), Refuses),
        // Text that is an error for us, and that OpenSSL ignores.
        case(
            "zero behind a line of base64",
            &first.replacen(lines[1], &format!("{}\0more", lines[1]), 1),
            Err("its text is not valid base64"),
            Loads,
        ),
        case(
            "four dashes",
            &format!("{}{second}", first.replacen("E-----\n", "E----\n", 1)),
            Err("its BEGIN line is malformed"),
            Loads,
        ),
        case(
            "list alone",
            &crl,
            Err("holds a certificate revocation list instead of a certificate"),
            Loads,
        ),
    ]
}

fn utf_16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

fn month_13(der: &[u8]) -> Vec<u8> {
    let mut der = der.to_vec();
    // UTCTime of 13 octets: year, month, ..
    let time = der.windows(2).position(|tag| tag == [0x17, 13]).unwrap();
    der[time + 4..time + 6].copy_from_slice(b"13");
    der
}
