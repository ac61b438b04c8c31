//! Certificates and revocation lists, with the reader's results compared with those of x509-parser.
//!
//! Input: a certificate or list, which begins with 0x30; or an octet that names a place in a good one, and the octets
//! to put there.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rustls::pki_types::CertificateDer;
use sip_tls::oracle;
use sip_tls::verify::{PeerIdentities, Purpose};
use sip_tls_fuzz::asn1::{EXTENSIONS, bits, extension, integer, name, oid, seq, tlv};

fuzz_target!(|data: &[u8]| {
    let Some((place, rest)) = data.split_first() else {
        return;
    };
    if *place == 0x30 {
        certificate_is_read(data);
        oracle::list(data);
        return;
    }
    match usize::from(*place) {
        i @ 0..16 => {
            let value = extension(EXTENSIONS[i], true, rest);
            certificate_is_read(&certificate(3, &[], &[value]));
        }
        // A field of a certificate, or all extensions.
        field @ 16..24 => certificate_is_read(&certificate(field - 16, rest, &[])),
        24 => certificate_is_read(&certificate(3, &[], &[rest.to_vec()])),
        field => drop(oracle::list(&list(field % 8, rest))),
    }
});

/// Reads the certificate, and the identities in it.
fn certificate_is_read(der: &[u8]) {
    oracle::certificate(der);
    let identities = PeerIdentities::of(&CertificateDer::from(der), Purpose::Server);
    for domain in identities.iter().flat_map(PeerIdentities::sip_domains) {
        let is_found = identities
            .as_ref()
            .is_some_and(|found| found.has_sip_domain(domain));
        assert!(is_found, "{domain}");
    }
}

/// A certificate in which the field of this number is replaced: subject, issuer, dates, none, algorithm, key, serial
/// number, or all that follows the key.
fn certificate(field: usize, other: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let or = |number: usize, default: Vec<u8>| match number == field {
        true => other.to_vec(),
        false => default,
    };
    let algorithm = or(4, ed25519());
    let tbs = seq(&[
        tlv(0xa0, &integer(&[2])),
        or(6, integer(&[1])),
        algorithm.clone(),
        or(1, name(b"issuer")),
        or(2, dates()),
        or(0, name(b"subject")),
        or(5, seq(&[ed25519(), bits(&[7; 32])])),
        or(7, tlv(0xa3, &seq(extensions))),
    ]);
    seq(&[tbs, algorithm, bits(&[9; 64])])
}

/// A list in which the field of this number is replaced: entries, an entry, extensions, an extension, issuer, dates,
/// version or algorithm.
fn list(field: usize, other: &[u8]) -> Vec<u8> {
    let or = |number: usize, default: Vec<u8>| match number == field {
        true => other.to_vec(),
        false => default,
    };
    let algorithm = or(7, ed25519());
    let entry = or(1, seq(&[integer(&[1]), tlv(0x17, b"260101000000Z")]));
    let found = or(3, extension(&[0x55, 0x1d, 20], false, &[2, 1, 1]));
    let tbs = seq(&[
        or(6, integer(&[1])),
        algorithm.clone(),
        or(4, name(b"issuer")),
        or(5, dates()[2..].to_vec()),
        or(0, seq(&[entry])),
        or(2, tlv(0xa0, &seq(&[found]))),
    ]);
    seq(&[tbs, algorithm, bits(&[9; 64])])
}

fn ed25519() -> Vec<u8> {
    seq(&[oid(&[0x2b, 0x65, 0x70])])
}

fn dates() -> Vec<u8> {
    seq(&[tlv(0x17, b"260101000000Z"), tlv(0x17, b"270101000000Z")])
}
