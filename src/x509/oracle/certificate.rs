use x509_parser::certificate::X509Certificate;
use x509_parser::time::ASN1Time;

use super::{extensions, name};
use crate::x509::Certificate;
use crate::x509::certificate::key_and_usage;
use crate::x509::der::Reader;
use crate::x509::time::Time;

/// Checks that a handshake, which finds the key in a certificate without reading it all again, finds the same key.
pub(super) fn check_second_reading(ours: &Certificate<'_>) {
    let Some(found) = key_and_usage(ours.der()) else {
        panic!("read once, but not twice");
    };
    assert_eq!(found.key, ours.spki(), "key found by skipping");
    assert_eq!(
        found.usage, ours.extensions.key_usage,
        "usage found by skipping"
    );
}

pub(super) fn compare(ours: &Certificate<'_>, theirs: &X509Certificate<'_>) {
    assert_eq!(ours.is_v1, theirs.version().0 == 0, "version");
    assert_eq!(ours.serial(), theirs.raw_serial(), "serial number");
    assert_eq!(ours.tbs(), theirs.tbs_certificate.as_ref(), "signed part");
    name::compare(ours.issuer_name(), theirs.issuer());
    name::compare(ours.subject_name(), theirs.subject());
    compare_time(ours.not_before, theirs.validity().not_before);
    compare_time(ours.not_after, theirs.validity().not_after);
    let key = theirs.public_key();
    assert_eq!(ours.spki(), key.raw, "key");
    let bits = &key.subject_public_key;
    if bits.unused_bits == 0 {
        assert_eq!(ours.key_bits(), &*bits.data, "bits of the key");
    }
    compare_signature(ours, theirs);
    extensions::compare(ours, theirs);
}

fn compare_signature(ours: &Certificate<'_>, theirs: &X509Certificate<'_>) {
    let algorithm = Reader::new(ours.signature_algorithm()).object_identifier();
    let oid = &theirs.signature_algorithm.algorithm;
    assert_eq!(algorithm, Some(oid.as_bytes()), "signature algorithm");
    let signature = &theirs.signature_value;
    let has_unused = signature.unused_bits != 0;
    assert_eq!(ours.has_unused_signature_bits, has_unused, "unused bits");
    if !has_unused {
        assert_eq!(ours.signature(), &*signature.data, "signature");
    }
}

/// x509-parser also reads times that RFC 5280 forbids.
pub(super) fn compare_time(ours: Time, theirs: ASN1Time) {
    if let Some(seconds) = ours.valid {
        assert_eq!(seconds, theirs.timestamp(), "time");
    }
}
