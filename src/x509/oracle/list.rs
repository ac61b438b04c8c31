use x509_parser::revocation_list::{CertificateRevocationList, RevokedCertificate};
use x509_parser::x509::ReasonCode;

use super::certificate::compare_time;
use crate::x509::crl::CertificateList;
use crate::x509::der::Reader;
use crate::x509::name::Name;

pub(super) fn compare(ours: &CertificateList, theirs: &CertificateRevocationList<'_>) {
    let list = &theirs.tbs_cert_list;
    let signed = &ours.signed;
    assert_eq!(&signed.der[signed.tbs.clone()], list.as_ref(), "tbs");
    let issuer = Name::of_checked(list.issuer.as_raw()).canonical();
    assert_eq!(Some(&ours.issuer), issuer.as_ref(), "issuer");
    compare_time(ours.this_update, list.this_update);
    assert_eq!(ours.next_update.is_some(), list.next_update.is_some());
    if let (Some(next), Some(expected)) = (ours.next_update, list.next_update) {
        compare_time(next, expected);
    }
    let algorithm = Reader::new(&signed.algorithm).object_identifier();
    let oid = &theirs.signature_algorithm.algorithm;
    assert_eq!(algorithm, Some(oid.as_bytes()), "signature algorithm");
    if let Some(signature) = &signed.signature {
        assert_eq!(*signature, &*theirs.signature_value.data, "signature");
    }
    compare_entries(ours, &list.revoked_certificates);
    if let (Some(number), Some(expected)) = (ours.facts.number(), theirs.crl_number()) {
        let expected = format!("{expected:X}");
        let digits = number.trim_start_matches("0x").trim_start_matches('0');
        assert_eq!(digits, expected.trim_start_matches('0'), "number");
    }
}

fn compare_entries(ours: &CertificateList, theirs: &[RevokedCertificate<'_>]) {
    assert_eq!(ours.facts.entries(), theirs.len(), "entries");
    let names_issuer = |entry: &RevokedCertificate<'_>| {
        let mut extensions = entry.extensions().iter();
        extensions.any(|extension| extension.oid.as_bytes() == CERTIFICATE_ISSUER)
    };
    // After a certificateIssuer, entries may be of another issuer.
    let own = theirs.iter().take_while(|entry| !names_issuer(entry));
    for entry in own {
        let reason = entry.reason_code().map(|(_, reason)| reason);
        if reason != Some(ReasonCode::RemoveFromCRL) {
            let serial = entry.raw_serial();
            assert!(ours.revoked.contains(serial), "{serial:?} is missing");
        }
    }
}

const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];
