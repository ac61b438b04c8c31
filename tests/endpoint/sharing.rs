//! Endpoints from the same files: what they share, and what belongs to each of them alone.

use std::sync::Arc;

use sip_tls::verify::VerifyCode;

#[cfg(target_os = "linux")]
use crate::child;
use crate::endpoint::in_memory::{Observed, VERSIONS, peer_server, shake};
use crate::endpoint::reload::{Folder, builder};
use crate::endpoint::test_pki::{HOST, Identity, TestPki};

/// The result for this server at an endpoint with the files of a folder, and the file that the error names.
fn verdict(folder: &Folder, peer: &Identity) -> (VerifyCode, Option<String>) {
    let seen = Observed::default();
    let builder = builder(&folder.settings(&[])).observer(seen.observer());
    let endpoint = builder.build().unwrap();
    shake(
        &endpoint.client_config(),
        &peer_server(peer, &[VERSIONS[0]]),
        HOST,
    );
    let status = seen.last();
    let origin = status.error().and_then(|found| found.origin());
    let path = origin.and_then(|origin| origin.path());
    (status.code(), path.map(|path| path.display().to_string()))
}

#[test]
fn each_endpoint_names_its_own_files_whoever_else_has_the_same_content() {
    let pki = TestPki::get();
    let folders = ["shared-one", "shared-two"].map(|name| Folder::of(name, "good", "current.crl"));
    let endpoints = folders.each_ref().map(|folder| {
        let endpoint = builder(&folder.settings(&[])).build().unwrap();
        (endpoint.next_expiry().unwrap(), endpoint)
    });
    for (folder, (expiry, _endpoint)) in folders.iter().zip(&endpoints) {
        let list = folder.path("ca.crl").display().to_string();
        let (code, file) = verdict(folder, &pki.revoked);
        assert_eq!(code, VerifyCode::CertRevoked);
        assert_eq!(file.as_deref(), Some(&*list));
        let own = folder.path("");
        assert!(expiry.origin().path().unwrap().starts_with(own));
    }
}

#[test]
fn a_file_that_changes_counts_for_the_next_endpoint_and_not_for_those_that_are_there() {
    let pki = TestPki::get();
    let folder = Folder::of("shared-changed", "good", "older.crl");
    let seen = Observed::default();
    let before = builder(&folder.settings(&[])).observer(seen.observer());
    let before = before.build().unwrap();
    let meet_before = || {
        let server = peer_server(&pki.revoked, &[VERSIONS[0]]);
        shake(&before.client_config(), &server, HOST);
        seen.last().code()
    };
    let list = folder.path("ca.crl");
    let changed = std::fs::metadata(&list).unwrap().modified().unwrap();
    folder.put("ca.crl", "current.crl");
    // Only the content of the files differs, not their time.
    let file = std::fs::File::options().append(true).open(&list).unwrap();
    file.set_modified(changed).unwrap();
    assert_eq!(verdict(&folder, &pki.revoked).0, VerifyCode::CertRevoked);
    assert_eq!(meet_before(), VerifyCode::Ok);
    before.reload().unwrap();
    assert_eq!(meet_before(), VerifyCode::CertRevoked);
}

#[test]
fn endpoints_with_the_same_list_and_other_cas_do_not_see_each_others() {
    let pki = TestPki::get();
    let [ours, others] =
        ["shared-ours", "shared-others"].map(|name| Folder::of(name, "good", "current.crl"));
    others.put("ca.pem", "stranger.pem");
    let both = [&ours, &others].map(|folder| builder(&folder.settings(&[])).build().unwrap());
    assert_eq!(verdict(&ours, &pki.good).0, VerifyCode::Ok);
    assert_eq!(
        verdict(&others, &pki.good).0,
        VerifyCode::UnableToGetIssuerCertLocally
    );
    drop(both);
    assert_eq!(verdict(&ours, &pki.good).0, VerifyCode::Ok);
}

/// Memory is measured in a separate process.
#[cfg(target_os = "linux")]
#[test]
fn one_more_endpoint_of_the_same_files_costs_little() {
    const MEASURES: &str = "SIP_TLS_MEASURES";
    const NAME: &str = "endpoint::sharing::one_more_endpoint_of_the_same_files_costs_little";
    if std::env::var_os(MEASURES).is_some() {
        return measure();
    }
    let mut command = child::command(std::env::current_exe().unwrap());
    command
        .args(["--exact", NAME, "--nocapture"])
        .env(MEASURES, "1");
    let output = child::output_within(child::LONG, &mut command);
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
}

#[cfg(target_os = "linux")]
fn measure() {
    let folder = Folder::of("shared-many", "good", "current.crl");
    let cas = many_cas(&folder);
    let settings = folder.settings(&[("tls-mutual", "1")]);
    let make = || Arc::new(builder(&settings).build().unwrap());
    let mut endpoints: Vec<_> = (0..50).map(|_| make()).collect();
    let before = resident();
    endpoints.extend((0..MORE).map(|_| make()));
    let each = resident().saturating_sub(before) / MORE;
    println!("{each} bytes for each endpoint with {cas} CAs");
    // This includes the overhead of the allocator.
    assert!(each < 25_000, "{each} bytes, {cas} CAs");
}

/// Adds a hundred CAs to the trusted CAs of the folder. Returns their number.
#[cfg(target_os = "linux")]
fn many_cas(folder: &Folder) -> usize {
    let pki = TestPki::get();
    let path = folder.path("ca.pem");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for number in 0..100 {
        let ca = pki.issued(|params| {
            let name = format!("CA number {number} of many that take memory");
            params
                .distinguished_name
                .push(rcgen::DnType::CommonName, name);
        });
        text += &pem::encode(&pem::Pem::new("CERTIFICATE", ca.chain[0].to_vec()));
    }
    std::fs::write(path, text).unwrap();
    100
}

/// The resident memory of this process in bytes.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes * 1024
}

#[cfg(target_os = "linux")]
const MORE: usize = 300;
