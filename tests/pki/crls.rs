//! Tests of `tls-crl`.

use sip_tls::pki::{CrlError, FileProblem, RevocationList, crls, roots};

use super::der::{extension, indefinite, replaced, seq, tlv};
use super::tools::openssl_loads;
use super::{Authority, Folder, block, list, message};
use crate::child;

#[test]
fn every_list_in_the_file_is_returned_and_certificates_are_passed_over() {
    let folder = Folder::new("crls");
    let Authority { ca, crl, .. } = Authority::new();
    let list_block = block("X509 CRL", &crl);
    let text = format!(
        "\u{feff}{list_block}{}{list_block}",
        block("CERTIFICATE", &ca)
    );
    let lists = crls::load(list(&folder.write("crl.pem", text))).unwrap();
    let blocks: Vec<_> = lists
        .lists()
        .iter()
        .map(|list| list.origin().block())
        .collect();
    assert_eq!(blocks, [Some(1), Some(3)]);
    assert_eq!(super::unused(lists.remarks()), ["CERTIFICATE"]);
}

#[test]
fn a_der_file_is_one_list_and_bytes_behind_it_are_refused() {
    let folder = Folder::new("crls-der");
    let Authority { crl, .. } = Authority::new();
    let lists = crls::load(list(&folder.write("crl.der", &crl))).unwrap();
    assert_eq!(lists.lists().len(), 1);
    let two = [&crl[..], &crl].concat();
    let error = message(crls::load(list(&folder.write("crl.der", two))));
    assert!(
        error.ends_with("crl.der is damaged: other bytes follow after its end"),
        "{error}"
    );
}

#[test]
fn bytes_behind_a_list_in_its_block_are_cut_off_as_by_openssl() {
    let folder = Folder::new("crls-tail");
    let Authority { crl, .. } = Authority::new();
    let text = block("X509 CRL", &[&crl[..], b"tail"].concat());
    let lists = crls::load(list(&folder.write("crl.pem", text))).unwrap();
    assert_eq!(lists.lists()[0].facts().entries(), 0);
}

#[test]
fn a_file_that_holds_no_list_is_refused_whatever_it_holds() {
    let folder = Folder::new("crls-none");
    let Authority { ca, crl, .. } = Authority::new();
    let refused = |text: &str| message(crls::load(list(&folder.write("crl.pem", text))));
    assert!(refused("").ends_with("crl.pem is empty"));
    let error = refused(&block("CERTIFICATE", &ca));
    assert!(
        error.ends_with("holds a certificate instead of a certificate revocation list"),
        "{error}"
    );
    let error = refused(&block("CRL", &crl));
    assert!(error.ends_with("block labelled `CRL` instead of a certificate revocation list; the label of a revocation list must be `X509 CRL`"), "{error}");
}

#[test]
fn one_damaged_block_refuses_all_lists() {
    let folder = Folder::new("crls-damaged");
    let Authority { ca, crl, .. } = Authority::new();
    let good = block("X509 CRL", &crl);
    let refused = |bad: String| {
        let text = format!("{good}{bad}{good}");
        message(crls::load(list(&folder.write("crl.pem", text))))
    };
    let error = refused(good.replace("END", "ENT"));
    let line = good.lines().count() + 1;
    assert!(
        error.contains(&format!("block 2 (line {line}) of ")),
        "{error}"
    );
    assert!(error.contains("its END line is missing"), "{error}");
    assert!(refused(block("X509 CRL", &ca)).contains("block 2"));
    assert!(refused(block("X509 CRL", &crl[..crl.len() - 1])).contains("block 2"));
    assert!(refused(block("CERTIFICATE", b"abc")).contains("block 2"));
    // The version has to be an INTEGER.
    let mut version = crl.clone();
    let at = version.windows(3).position(|tag| tag == [2, 1, 1]).unwrap();
    version[at] = 4;
    let error = refused(block("X509 CRL", &version));
    assert!(error.contains("malformed revocation list"), "{error}");
}

#[test]
fn a_list_that_cannot_be_used_is_named_by_option_file_and_block() {
    let folder = Folder::new("crls-unusable");
    let good = block("X509 CRL", &Authority::new().crl);
    for (case, expected) in unusable() {
        let text = format!("{good}{}", block("X509 CRL", &case));
        let path = folder.write("crl.pem", text);
        let error = crls::load(list(&path)).unwrap_err();
        let start = format!(
            "`tls-crl`: the revocation list in block 2 (line {}) of {} cannot be used: ",
            good.lines().count() + 1,
            path.display()
        );
        let FileProblem::UnusableList(cause) = error.problem() else {
            panic!("{error}");
        };
        let cause = cause.to_string();
        assert!(cause.contains(expected), "{cause}");
        assert_eq!(error.option(), "tls-crl");
        assert_eq!(message::<()>(Err(error)), format!("{start}{cause}"));
        // The same list in a separate file.
        let path = folder.write("crl.der", &case);
        let error = message(crls::load(list(&path)));
        let start = format!("`tls-crl`: the revocation list in {} ", path.display());
        assert!(error.starts_with(&start), "{error}");
    }
}

#[test]
fn among_trusted_cas_such_a_list_matters_once_revocation_is_checked() {
    let folder = Folder::new("crls-among-roots");
    let ca = block("CERTIFICATE", &Authority::new().ca);
    for (case, expected) in unusable() {
        let text = format!("{ca}{}", block("X509 CRL", &case));
        let path = folder.write("ca.pem", text);
        let roots = roots::load(list(&path)).unwrap();
        let error = message(roots.into_revocation_lists());
        assert!(error.starts_with("`trusted-ca`: the revocation list in block 2 "));
        assert!(error.contains(expected), "{error}");
    }
}

/// `-CAfile` refuses such a file, too.
#[test]
fn among_trusted_cas_a_list_that_cannot_be_decoded_makes_the_file_unusable() {
    let folder = Folder::new("crls-malformed-among-roots");
    let Authority {
        ca,
        end_entity,
        crl,
        ..
    } = Authority::new();
    // The version has to be an INTEGER.
    let malformed = replaced(&crl, &[2, 1, 1, 0x30], &[4, 1, 1, 0x30]);
    let text = block("CERTIFICATE", &ca) + &block("X509 CRL", &malformed);
    let path = folder.write("ca.pem", text);
    let error = message(roots::load(list(&path)));
    assert!(error.starts_with("`trusted-ca`: the revocation list in block 2 "));
    assert!(error.contains("malformed revocation list"), "{error}");
    if child::is_found("openssl") {
        let leaf = folder.write("leaf.pem", block("CERTIFICATE", &end_entity));
        assert!(!openssl_loads(&path, &leaf));
    }
}

#[test]
fn the_option_in_errors_can_be_another() {
    let folder = Folder::new("crls-named");
    let path = folder.write("crl.pem", block("X509 CRL", &unusable()[0].0));
    let error = crls::load(list(&path).named("--crl")).unwrap_err();
    assert_eq!(error.option(), "--crl");
    assert_eq!(error.origin().unwrap().option(), "--crl");
    assert!(error.to_string().starts_with("`--crl`: "), "{error}");
}

#[test]
fn a_list_in_ber_is_read_as_by_openssl() {
    let folder = Folder::new("crls-ber");
    let ber = indefinite(&Authority::new().crl);
    for (name, content) in [
        ("crl.pem", block("X509 CRL", &ber).into_bytes()),
        ("crl.der", ber),
    ] {
        let lists = crls::load(list(&folder.write(name, content))).unwrap();
        assert_eq!(lists.lists()[0].facts().number(), Some("0x01"));
    }
}

#[test]
fn a_list_given_in_code_says_so() {
    let Authority { crl, .. } = Authority::new();
    let given = RevocationList::from_der(crl.clone().into()).unwrap();
    let origin = given.origin();
    assert_eq!((origin.option(), origin.path()), ("tls-crl", None));
    assert_eq!(given.facts().entries(), 0);
    let error = message(RevocationList::from_der(
        [&crl[..], b"tail"].concat().into(),
    ));
    assert_eq!(
        error,
        "`tls-crl`: a value given in code is damaged: other bytes follow after its end"
    );
    let delta = RevocationList::from_der(unusable()[0].0.clone().into()).unwrap_err();
    assert!(matches!(
        delta.problem(),
        FileProblem::UnusableList(CrlError::Delta)
    ));
}

#[test]
fn openssl_loads_the_lists_that_are_refused_here() {
    if !child::is_found("openssl") {
        return;
    }
    let folder = Folder::new("crls-openssl");
    let Authority { ca, end_entity, .. } = Authority::new();
    let leaf = folder.write("leaf.pem", block("CERTIFICATE", &end_entity));
    for (case, why) in unusable() {
        let text = block("CERTIFICATE", &ca) + &block("X509 CRL", &case);
        let mut command = child::command("openssl");
        command
            .args(["verify", "-CAfile"])
            .args([&folder.write("ca.pem", text), &leaf]);
        let output = child::output(&mut command);
        assert!(output.status.success(), "{why}: {output:?}");
    }
}

/// Lists that OpenSSL loads, and words of the reason why they are refused.
fn unusable() -> Vec<(Vec<u8>, &'static str)> {
    let delta = extension(&[0x55, 0x1d, 27], &[2, 1, 1]);
    let scope = extension(&[0x55, 0x1d, 28], &[0x30, 2, 5, 0]);
    let authority = extension(&[0x55, 0x1d, 35], &[0x30, 2, 5, 0]);
    let reason = extension(&[0x55, 0x1d, 21], &[5, 0]);
    let entry = |extensions: &[u8]| seq(&[&[2, 1, 5], &utc(DATE), &seq(&[extensions])]);
    let good = |extensions: &[u8]| crl(ECDSA_SHA256, &entry(&[]), extensions);
    vec![
        (good(&delta), "delta revocation list"),
        (crl(ECDSA_SHA1, &entry(&[]), &[]), "MD5 or SHA-1"),
        (good(&scope), "issuingDistributionPoint cannot be read"),
        (good(&authority), "authorityKeyIdentifier cannot be read"),
        (
            crl(ECDSA_SHA256, &entry(&reason), &[]),
            "reasonCode cannot be read",
        ),
    ]
}

/// A list with one entry. Its signature is not verified in these tests.
fn crl(algorithm: &[u8], entry: &[u8], extensions: &[u8]) -> Vec<u8> {
    let algorithm = seq(&[&tlv(6, &[algorithm])]);
    let common_name = seq(&[&tlv(6, &[&[0x55, 4, 3]]), &tlv(0x0c, &[b"CA"])]);
    let issuer = seq(&[&tlv(0x31, &[&common_name])]);
    let extensions = match extensions {
        [] => Vec::new(),
        extensions => tlv(0xa0, &[&seq(&[extensions])]),
    };
    let tbs = seq(&[
        &[2, 1, 1],
        &algorithm,
        &issuer,
        &utc(DATE),
        &utc("450101000000Z"),
        &seq(&[entry]),
        &extensions,
    ]);
    seq(&[&tbs, &algorithm, &tlv(3, &[&[0, 1]])])
}

fn utc(text: &str) -> Vec<u8> {
    tlv(0x17, &[text.as_bytes()])
}

const DATE: &str = "250101000000Z";
const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
