//! Files in formats that cannot be used: the error names the format and says what to do.

use sip_tls::pki::roots;

use super::{Authority, Folder, base64, block, list, message};
#[cfg(unix)]
use crate::{blocking, child};

#[test]
fn formats_of_others_are_named_with_the_command_that_converts() {
    let folder = Folder::new("foreign");
    let ca = Authority::new().ca;
    let utf_16: Vec<u8> = block("CERTIFICATE", &ca)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (content, what, cure) in [
        (
            b"\xfe\xed\xfe\xed\0\0\0\x02".to_vec(),
            "a Java keystore (JKS)",
            "keytool",
        ),
        (
            b"PuTTY-User-Key-File-3: x".to_vec(),
            "a PuTTY private key",
            "puttygen",
        ),
        (
            b"ssh-rsa AAAAB3Nza me".to_vec(),
            "an OpenSSH public key",
            "private key",
        ),
        (
            b"\x1e\xf1\xb5\xb0\0\0\0\0".to_vec(),
            "a Microsoft private key (PVK)",
            "-inform PVK",
        ),
        (
            b"\n <!DOCTYPE html><title>404".to_vec(),
            "an HTML page",
            "download",
        ),
        (
            base64(&ca).into_bytes(),
            "base64 text without BEGIN and END lines",
            "base64 -di",
        ),
        (utf_16, "UTF-16 text", "iconv"),
    ] {
        let path = folder.write("ca.pem", content);
        let error = message(roots::load(list(&path)));
        let start = format!(
            "`trusted-ca`: {} is {what}, which is not supported; ",
            path.display()
        );
        assert!(error.starts_with(&start), "{error}");
        assert!(error[start.len()..].contains(cure), "{error}");
    }
}

#[test]
fn blocks_of_others_are_named_with_what_to_do() {
    let folder = Folder::new("foreign-blocks");
    for (label, cure) in [
        (
            "CERTIFICATE REQUEST",
            "send it to a CA, and name the certificate that the CA issues",
        ),
        (
            "PUBLIC KEY",
            "name the file that holds the private key or the certificate",
        ),
    ] {
        let path = folder.write("ca.pem", block(label, &[0x30, 0]));
        let error = message(roots::load(list(&path)));
        assert_eq!(
            error,
            format!(
                "`trusted-ca`: {} holds a block labelled `{label}` instead of a certificate; {cure}",
                path.display()
            )
        );
    }
}

#[test]
fn a_path_that_cannot_be_meant_is_explained() {
    let folder = Folder::new("foreign-paths");
    let path = folder.write("ca.pem", "x");
    for (value, cure) in [
        (
            "file:///etc/ca.pem",
            "the value is a URL: write the path alone, `/etc/ca.pem`",
        ),
        (
            "\"ca.pem\"",
            "the quotes count as part of the name: leave them out",
        ),
        (
            "~/ca.pem",
            "only a shell replaces `~` by a home folder: write the whole path",
        ),
        (
            "http://ca.example.com/ca.crl",
            "the value is a URL: download the file and name the path of the copy",
        ),
    ] {
        let error = message(roots::load(folder.list(value)));
        assert!(error.ends_with(cure), "{error}");
        assert!(
            error.starts_with("`trusted-ca`: there is no file "),
            "{error}"
        );
    }
    if !folder.0.join("CA.PEM").exists() {
        let error = message(roots::load(folder.list("CA.PEM")));
        let cure = format!(
            "there is {}, whose name differs only in upper and lower case",
            path.display()
        );
        assert!(error.ends_with(&cure), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_writes_to_is_an_error_after_a_while() {
    use std::time::{Duration, Instant};

    let folder = Folder::new("foreign-pipe");
    let path = folder.0.join("pipe");
    let made = child::output(child::command("mkfifo").arg(&path));
    assert!(made.status.success(), "{made:?}");
    let start = Instant::now();
    let loaded = list(&path);
    let error = message(blocking::run(|| roots::load(loaded)));
    assert_eq!(
        error,
        format!(
            "`trusted-ca`: {} is not a regular file, and its content did not arrive within 10 seconds",
            path.display()
        )
    );
    assert!(start.elapsed() < Duration::from_secs(60));
    // A pipe that a program writes to is read.
    let writer = std::thread::spawn({
        let path = path.clone();
        move || std::fs::write(path, block("CERTIFICATE", &Authority::new().ca))
    });
    let loaded = list(&path);
    let loaded = blocking::run(|| roots::load(loaded)).unwrap();
    assert_eq!(loaded.certificates().len(), 1);
    writer.join().unwrap().unwrap();
}
