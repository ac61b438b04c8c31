//! Tests of `trusted-ca`.

use std::path::Path;

use sip_tls::options::FileList;
use sip_tls::pki::{FileProblem, Trust, roots};

use super::der::replaced;
use super::{Authority, Folder, block, list, message, testdata};

#[test]
fn several_files_are_read_in_order_and_tell_where_each_certificate_stands() {
    let folder = Folder::new("roots");
    let authority = Authority::new();
    let first = folder.write(
        "first.pem",
        format!("text\n{}", block("CERTIFICATE", &authority.ca)),
    );
    let second = folder.write("second.der", &authority.end_entity);
    let roots = roots::load(folder.list("first.pem, second.der")).unwrap();
    let [ca, end_entity] = roots.certificates() else {
        panic!("{roots:?}");
    };
    assert_eq!(**ca.der(), authority.ca);
    let origin = ca.origin();
    assert_eq!((origin.path(), origin.line()), (Some(&*first), Some(2)));
    assert_eq!(**end_entity.der(), authority.end_entity);
    let origin = end_entity.origin();
    assert_eq!((origin.path(), origin.block()), (Some(&*second), None));
    assert_eq!(origin.option(), "trusted-ca");
}

#[test]
fn an_unreadable_certificate_in_a_container_does_not_harm_the_others() {
    let folder = Folder::new("roots-container");
    let Authority { ca, end_entity, .. } = Authority::new();
    // A number where a name has the object identifier of its attribute.
    let unreadable = replaced(&end_entity, &[6, 3, 0x55, 4, 3], &[2, 3, 0x55, 4, 3]);
    let path = folder.write("cas.p7b", pkcs7(&[unreadable, ca.clone()]));
    let roots = roots::load(list(&path)).unwrap();
    let [certificate] = roots.certificates() else {
        panic!("{roots:?}");
    };
    assert_eq!(**certificate.der(), ca);
    let [remark] = roots.remarks() else {
        panic!("{roots:?}");
    };
    assert_eq!(remark.origin().member(), Some(1));
    assert!(remark.to_string().contains("is damaged"), "{remark}");
}

/// PKCS#7 with these certificates, and nothing else.
fn pkcs7(certificates: &[Vec<u8>]) -> Vec<u8> {
    const SIGNED: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    const DATA: &[u8] = &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    let long = |tag, content: &[u8]| {
        let len = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &len[..], content].concat()
    };
    let certificates = long(0xa0, &certificates.concat());
    let content = [&[2, 1, 1, 0x31, 0], DATA, &certificates, &[0x31, 0]].concat();
    long(0x30, &[SIGNED, &long(0xa0, &long(0x30, &content))].concat())
}

#[test]
fn what_is_not_a_certificate_is_listed_and_a_revocation_list_kept() {
    let folder = Folder::new("roots-unused");
    let Authority {
        ca,
        crl,
        end_entity_key,
        ..
    } = Authority::new();
    let text = [
        ("CERTIFICATE", &ca),
        ("X509 CRL", &crl),
        ("PRIVATE KEY", &end_entity_key),
        ("CRL", &crl),
        // OpenSSL writes it above a key.
        ("EC PARAMETERS", &crl),
    ];
    let path = folder.write(
        "ca.pem",
        text.map(|(label, der)| block(label, der)).concat(),
    );
    let roots = roots::load(list(&path)).unwrap();
    let unused = super::unused(roots.remarks());
    assert_eq!(unused, ["PRIVATE KEY", "CRL"]);
    let at =
        block("CERTIFICATE", &ca).lines().count() + block("X509 CRL", &crl).lines().count() + 1;
    let line = format!(
        "block 3 (line {at}) of {}: `PRIVATE KEY` is not used here",
        path.display()
    );
    assert_eq!(roots.remarks()[0].to_string(), line);
    let lists = roots.into_revocation_lists().unwrap();
    let [list] = &lists[..] else {
        panic!("{lists:?}");
    };
    assert_eq!(
        (list.origin().option(), list.origin().block()),
        ("trusted-ca", Some(2))
    );
}

#[test]
fn trust_settings_of_openssl_are_read_and_the_certificate_is_without_them() {
    let roots = roots::load(list(&testdata::path("trusted.pem"))).unwrap();
    let plain = roots::load(list(&testdata::path("rsa.pem"))).unwrap();
    let (trusted, plain) = (&roots.certificates()[0], &plain.certificates()[0]);
    assert_eq!(trusted.der(), plain.der());
    // `openssl verify -purpose` says the same: rejected (28), accepted, rejected (28).
    let verdict = |purpose| trusted.trust().verdict(&[&ID_KP[..], &[purpose]].concat());
    assert_eq!(verdict(SERVER_AUTH), Trust::Rejected);
    assert_eq!(verdict(CLIENT_AUTH), Trust::Trusted);
    assert_eq!(verdict(EMAIL_PROTECTION), Trust::Rejected);
    assert_eq!(plain.trust().verdict(&[]), Trust::Unspecified);
}

#[test]
fn a_value_with_a_comma_that_names_a_file_is_one_path() {
    let folder = Folder::new("roots-comma");
    let pem = block("CERTIFICATE", &Authority::new().ca);
    folder.write("a.pem", &pem);
    folder.write("b.pem", &pem);
    assert_eq!(
        roots::load(folder.list("a.pem,b.pem"))
            .unwrap()
            .certificates()
            .len(),
        2
    );
    folder.write("a.pem,b.pem", &pem);
    assert_eq!(
        roots::load(folder.list("a.pem,b.pem"))
            .unwrap()
            .certificates()
            .len(),
        1
    );
}

#[test]
fn a_missing_file_and_no_name_at_all_are_one_sentence_each() {
    let folder = Folder::new("roots-errors");
    let error = message(roots::load(folder.list("no.pem")));
    let expected = format!(
        "`trusted-ca`: cannot read {}: ",
        folder.0.join("no.pem").display()
    );
    assert!(error.starts_with(&expected), "{error}");
    let error = message(roots::load(FileList::new(" , ", None)));
    assert_eq!(error, "`trusted-ca`: the value names no file");
    // A bad file among good ones is an error.
    folder.write("ca.pem", block("CERTIFICATE", &Authority::new().ca));
    let error = roots::load(folder.list("ca.pem,no.pem")).unwrap_err();
    assert!(matches!(error.problem(), FileProblem::NotFound { .. }));
    let path = folder.0.join("no.pem");
    assert_eq!(error.origin().unwrap().path(), Some(&*path));
}

#[test]
fn a_file_without_end_is_refused_at_the_limit() {
    let folder = Folder::new("roots-large");
    let path = folder.write("ca.pem", "");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    let error = message(roots::load(list(&path)));
    assert!(error.ends_with("ca.pem is larger than 16 MiB"), "{error}");
    if cfg!(unix) {
        let error = message(roots::load(list(Path::new("/dev/zero"))));
        let expected = "`trusted-ca`: /dev/zero is larger than 16 MiB";
        assert_eq!(error, expected);
    }
}

/// 1.3.6.1.5.5.7.3
const ID_KP: [u8; 7] = [0x2b, 6, 1, 5, 5, 7, 3];
const SERVER_AUTH: u8 = 1;
const CLIENT_AUTH: u8 = 2;
const EMAIL_PROTECTION: u8 = 4;
