use rustls::pki_types::CertificateDer;

use super::ask;
use super::samples::{changes, test_data, with_everything};
use crate::x509::{Certificate, oracle};

#[test]
fn both_read_the_same_in_every_certificate_and_list_of_the_test_data() {
    let (certificates, lists) = test_data();
    assert!(certificates.len() >= 8, "{}", certificates.len());
    for (name, der) in &certificates {
        assert!(oracle::certificate(der), "{name}");
    }
    assert!(oracle::certificate(&with_everything()));
    let compared = lists.iter().filter(|(_, der)| oracle::list(der)).count();
    // All lists except those with MD5 and SHA-1, and the delta list.
    assert!(compared >= 4, "{compared} lists");
}

#[test]
fn both_read_the_same_after_any_change() {
    let (certificates, lists) = test_data();
    let mut compared = 0;
    for der in certificates
        .iter()
        .map(|(_, der)| der)
        .chain([&with_everything()])
    {
        compared += changes(der).filter(|der| oracle::certificate(der)).count();
    }
    for (_, der) in &lists {
        compared += changes(der).filter(|der| oracle::list(der)).count();
    }
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn openssl_reads_what_is_read_here_after_any_change_and_nothing_more_that_x509_parser_reads() {
    let original = with_everything();
    let (mut read, mut refused) = (Vec::new(), Vec::new());
    for der in changes(&original) {
        let is_read = Certificate::parse(CertificateDer::from(&*der)).is_ok();
        match is_read {
            true => read.push(der),
            false if oracle::reads_certificate(&der) => refused.push(der),
            false => {}
        }
    }
    assert!(read.len() > 1000 && refused.len() > 10);
    let known = ask::readable(&read);
    let unread: Vec<_> = (0..read.len()).filter(|i| !known.contains(i)).collect();
    assert!(unread.is_empty(), "OpenSSL refuses {:x?}", read[unread[0]]);
    let known = ask::readable(&refused);
    let first = known.iter().min().map(|i| &refused[*i]);
    assert_eq!(first, None, "OpenSSL reads {} of them", known.len());
}
