//! Folders as `trusted-ca` and `tls-crl`, compared with what OpenSSL finds in them.

use std::fs;

use sip_tls::pki::{Remark, crls, roots};

use super::tools::{self, openssl};
use super::{Authority, Folder, block, list, message};
use crate::child;

fn remarks(remarks: &[Remark]) -> Vec<String> {
    remarks.iter().map(ToString::to_string).collect()
}

#[test]
fn without_hashed_names_every_file_counts_and_the_report_says_what_openssl_needs() {
    let folder = Folder::new("folder-plain");
    let Authority { ca, crl, .. } = Authority::new();
    folder.write("ca.pem", block("CERTIFICATE", &ca));
    folder.write("list.crl", &crl);
    folder.write("readme.txt", "certificates of the office");
    folder.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
    fs::create_dir(folder.0.join("old")).unwrap();
    let roots = roots::load(list(&folder.0)).unwrap();
    assert_eq!(roots.certificates().len(), 1);
    let at = |name: &str| folder.0.join(name).display().to_string();
    assert_eq!(
        remarks(roots.remarks()),
        [
            format!(
                "every file in the folder {} is used here; OpenSSL finds none of them until `openssl rehash` is run",
                folder.0.display()
            ),
            format!(
                "ignored: block 1 (line 1) of {} is damaged: its END line is missing or does not match its BEGIN line",
                at("broken.pem")
            ),
            format!(
                "ignored: {} holds a certificate revocation list instead of a certificate",
                at("list.crl")
            ),
            format!("ignored: {} holds no certificate", at("readme.txt")),
        ]
    );
    let lists = crls::load(list(&folder.0)).unwrap();
    assert_eq!(lists.lists().len(), 1);
}

#[test]
fn a_folder_without_what_is_wanted_is_an_error() {
    let folder = Folder::new("folder-empty");
    let error = message(crls::load(list(&folder.0)));
    let path = folder.0.display();
    assert_eq!(
        error,
        format!("`tls-crl`: the folder {path} holds no certificate revocation list")
    );
    folder.write("00000000.0", block("CERTIFICATE", &Authority::new().ca));
    let error = message(roots::load(list(&folder.0)));
    assert_eq!(
        error,
        format!(
            "`trusted-ca`: the folder {path} holds no certificate with a name made by `openssl rehash`, and OpenSSL ignores other names"
        )
    );
}

#[cfg(unix)]
#[test]
fn only_the_names_that_rehash_makes_count_where_there_are_some() {
    if !child::is_found("openssl") {
        return;
    }
    let folder = Folder::new("folder-hashed");
    let Authority {
        ca,
        crl,
        end_entity,
        ..
    } = Authority::new();
    folder.write("ca.pem", block("CERTIFICATE", &ca));
    folder.write("ca.crl", block("X509 CRL", &crl));
    folder.write("leaf", block("CERTIFICATE", &end_entity));
    openssl(&folder.0, "rehash .");
    folder.write("late.pem", block("CERTIFICATE", &end_entity));
    let found = roots::load(list(&folder.0)).unwrap();
    assert_eq!(found.certificates().len(), 1);
    let ignored = |name: &str| {
        format!(
            "{} is ignored: the folder has names made by `openssl rehash`, and OpenSSL looks up only these",
            folder.0.join(name).display()
        )
    };
    assert_eq!(remarks(found.remarks()), ["late.pem", "leaf"].map(ignored));
    assert_eq!(found.into_revocation_lists().unwrap().len(), 1);
    assert_eq!(crls::load(list(&folder.0)).unwrap().lists().len(), 1);
    let verified = openssl(&folder.0, "verify -CApath . leaf");
    assert_eq!(verified.trim_end(), "leaf: OK");
}

/// A certificate that OpenSSL does not look up is not trusted, for whatever reason.
#[test]
fn a_hashed_name_counts_only_for_what_openssl_looks_up_by_it() {
    if !child::is_found("openssl") {
        return;
    }
    let Authority {
        ca,
        end_entity,
        end_entity_key,
        ..
    } = Authority::new();
    let text = block("CERTIFICATE", &ca);
    let folder = Folder::new("folder-hash");
    folder.write("ca.pem", &text);
    folder.write("leaf.pem", block("CERTIFICATE", &end_entity));
    let hash = openssl(&folder.0, "x509 -in ca.pem -noout -subject_hash");
    let hash = hash.trim_end();
    openssl(
        &folder.0,
        "crl2pkcs7 -nocrl -certfile ca.pem -outform DER -out p7",
    );
    let pkcs7 = fs::read(folder.0.join("p7")).unwrap();
    let certs = folder.0.join("certs");
    for (files, is_found) in [
        (vec![(format!("{hash}.0"), text.clone())], true),
        // A gap in the numbers, and then a certificate of another name under the lower number.
        (vec![(format!("{hash}.1"), text.clone())], false),
        (
            vec![
                (format!("{hash}.0"), block("CERTIFICATE", &end_entity)),
                (format!("{hash}.1"), text.clone()),
            ],
            true,
        ),
        // An unreadable file ends the search.
        (
            vec![
                (format!("{hash}.0"), "nothing".to_owned()),
                (format!("{hash}.1"), text.clone()),
            ],
            false,
        ),
        // A file without a certificate does, too.
        (
            vec![
                (format!("{hash}.0"), block("PRIVATE KEY", &end_entity_key)),
                (format!("{hash}.1"), text.clone()),
            ],
            false,
        ),
        // So does PKCS#7 that is labelled as a certificate, but not one with its own label.
        (
            vec![
                (format!("{hash}.0"), block("CERTIFICATE", &pkcs7)),
                (format!("{hash}.1"), text.clone()),
            ],
            false,
        ),
        (
            vec![(
                format!("{hash}.0"),
                format!("{}{text}", block("PKCS7", &pkcs7)),
            )],
            true,
        ),
        (vec![("00000000.0".to_owned(), text.clone())], false),
        (vec![(format!("{hash}.r0"), text.clone())], false),
    ] {
        fs::create_dir(&certs).unwrap();
        for (name, content) in &files {
            fs::write(certs.join(name), content).unwrap();
        }
        let names: Vec<_> = files.iter().map(|(name, _)| name).collect();
        assert_eq!(roots::load(list(&certs)).is_ok(), is_found, "{names:?}");
        let words = ["verify", "-CApath", "certs", "leaf.pem"];
        let verified = tools::run(&folder.0, "openssl", &words);
        assert_eq!(verified.status.success(), is_found, "{names:?}");
        fs::remove_dir_all(&certs).unwrap();
    }
    // DER is not read in a hashed folder.
    fs::create_dir(&certs).unwrap();
    fs::write(certs.join(format!("{hash}.0")), &ca).unwrap();
    assert!(roots::load(list(&certs)).is_err());
    let words = ["verify", "-CApath", "certs", "leaf.pem"];
    assert!(!tools::run(&folder.0, "openssl", &words).status.success());
}

/// OpenSSL does not find lists in PKCS#7 in a hashed folder.
#[test]
fn lists_in_pkcs7_are_not_looked_up() {
    if !child::is_found("openssl") {
        return;
    }
    let folder = Folder::new("folder-pkcs7");
    folder.write("ca.crl", block("X509 CRL", &Authority::new().crl));
    let hash = openssl(&folder.0, "crl -in ca.crl -noout -hash");
    let certs = folder.0.join("certs");
    fs::create_dir(&certs).unwrap();
    openssl(
        &folder.0,
        &format!("crl2pkcs7 -in ca.crl -out certs/{}.r0", hash.trim_end()),
    );
    assert!(crls::load(list(&certs)).is_err());
    fs::copy(
        folder.0.join("ca.crl"),
        certs.join(format!("{}.r0", hash.trim_end())),
    )
    .unwrap();
    assert_eq!(crls::load(list(&certs)).unwrap().lists().len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn the_systems_folder_of_cas_is_read_as_openssl_does_it() {
    let path = std::path::Path::new("/etc/ssl/certs");
    let names = fs::read_dir(path).into_iter().flatten().flatten();
    let hashed = names
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".0"))
        .count();
    if hashed == 0 {
        return;
    }
    let roots = roots::load(list(path)).unwrap();
    assert!(roots.certificates().len() >= hashed);
    assert!(
        roots.remarks().len() < 10,
        "links are not named: {:?}",
        remarks(roots.remarks())
    );
}
