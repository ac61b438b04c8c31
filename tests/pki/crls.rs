//! `tls-crl`.

use sip_tls::pki::crls;

use super::{Authority, Folder, block, list, message};

#[test]
fn every_list_in_the_file_is_returned_and_certificates_are_passed_over() {
    let folder = Folder::new("crls");
    let Authority { ca, crl, .. } = Authority::new();
    let list_block = block("X509 CRL", &crl);
    let text = format!(
        "\u{feff}{list_block}{}{list_block}",
        block("CERTIFICATE", &ca)
    );
    let lists = crls::load(&list(&folder.write("crl.pem", text))).unwrap();
    let blocks: Vec<_> = lists
        .lists()
        .iter()
        .map(|list| list.origin().block())
        .collect();
    assert_eq!(blocks, [Some(1), Some(3)]);
    assert_eq!(lists.unused()[0].label(), "CERTIFICATE");
}

#[test]
fn a_der_file_is_one_list_and_bytes_behind_it_are_refused() {
    let folder = Folder::new("crls-der");
    let Authority { crl, .. } = Authority::new();
    let lists = crls::load(&list(&folder.write("crl.der", &crl))).unwrap();
    assert_eq!(lists.lists().len(), 1);
    let two = [&crl[..], &crl].concat();
    let error = message(crls::load(&list(&folder.write("crl.der", two))));
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
    let lists = crls::load(&list(&folder.write("crl.pem", text))).unwrap();
    assert_eq!(lists.lists()[0].facts().entries(), 0);
}

#[test]
fn a_file_that_holds_no_list_is_refused_whatever_it_holds() {
    let folder = Folder::new("crls-none");
    let Authority { ca, crl, .. } = Authority::new();
    let refused = |text: &str| message(crls::load(&list(&folder.write("crl.pem", text))));
    assert!(refused("").ends_with("crl.pem is empty"));
    let error = refused(&block("CERTIFICATE", &ca));
    assert!(
        error.ends_with("holds a certificate where a certificate revocation list should be"),
        "{error}"
    );
    let error = refused(&block("CRL", &crl));
    assert!(error.ends_with("block labelled `CRL` where a certificate revocation list should be; the label of a list has to be `X509 CRL`"), "{error}");
}

#[test]
fn one_damaged_block_refuses_all_lists() {
    let folder = Folder::new("crls-damaged");
    let Authority { ca, crl, .. } = Authority::new();
    let good = block("X509 CRL", &crl);
    let refused = |bad: String| {
        let text = format!("{good}{bad}{good}");
        message(crls::load(&list(&folder.write("crl.pem", text))))
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
