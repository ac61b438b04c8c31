//! Files that are cut off or changed: they lead to an error, and to nothing worse.

use sip_tls::options::Source;
use sip_tls::pki::{Opener, Passphrase, Passphrases, credentials, crls, roots};

use super::tools::openssl;
use super::{Folder, testdata};
use crate::child;

/// Reads the content as each option that may name it. Returns whether one of them accepts it.
fn read(content: &[u8]) -> bool {
    let first = |request: &sip_tls::pki::PassphraseRequest<'_>| {
        (request.attempt() == 1).then(|| Passphrase::new("password"))
    };
    let opener = Opener::new(Passphrases::new(first));
    let source = || Source::bytes("hostile", content);
    let base = sip_tls::crypto::default_base().unwrap();
    let provider = sip_tls::crypto::client_provider(&base).key_provider;
    let key = Some(source());
    let certificate = Source::path(testdata::path("ec.pem"));
    let is_roots = roots::load_with(source(), &opener).is_ok();
    let is_lists = crls::load_with(source(), &opener).is_ok();
    let is_key = credentials::load_with(certificate, key, provider, &opener).is_ok();
    is_roots || is_lists || is_key
}

#[test]
fn files_that_are_cut_off_or_changed_do_no_harm() {
    if !child::is_found("openssl") {
        return;
    }
    let folder = Folder::new("hostile");
    let key = testdata::path("ec.sec1.pem").display().to_string();
    let certificate = testdata::path("ec.pem").display().to_string();
    let passphrase = "-passout pass:password";
    let from = format!("-inkey {key} -in {certificate} -iter 1 {passphrase}");
    for (name, command) in [
        (
            "plain",
            format!("pkcs12 -export {from} -nomac -keypbe NONE -certpbe NONE"),
        ),
        ("nomac", format!("pkcs12 -export {from} -nomac")),
        ("legacy", format!("pkcs12 -export -legacy {from} -nomac")),
        ("mac", format!("pkcs12 -export {from}")),
        (
            "p7b",
            format!("crl2pkcs7 -nocrl -certfile {certificate} -outform DER"),
        ),
        (
            "pkcs8",
            format!("pkcs8 -topk8 -in {key} -iter 1 {passphrase} -outform DER"),
        ),
        ("traditional", format!("ec -in {key} -aes128 {passphrase}")),
    ] {
        openssl(&folder.0, &format!("{command} -out file"));
        let content = std::fs::read(folder.0.join("file")).unwrap();
        assert!(read(&content), "{name}");
        for len in 0..content.len() {
            // A PEM block needs no newline at its end.
            assert!(
                !read(&content[..len]) || len + 1 == content.len(),
                "{name} {len}"
            );
        }
        for at in 0..content.len() {
            for change in [1, 0x80] {
                let mut changed = content.clone();
                changed[at] ^= change;
                read(&changed);
            }
        }
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let mut nested = vec![0x30, 0];
    for _ in 0..100_000 {
        let len = u32::try_from(nested.len()).unwrap().to_be_bytes();
        nested.splice(..0, [&[0x30, 0x84], &len[..]].concat());
        if nested.len() > 60_000 {
            break;
        }
    }
    assert!(!read(&nested));
    assert!(!read(&[0x30, 0x80].repeat(50_000)));
}
