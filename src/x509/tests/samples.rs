//! Certificates and lists to read, and what can be changed in them.

use std::fs;
use std::path::Path;

use crate::x509::test_pki::*;

/// What the files of `tests/testdata` hold: certificates and lists, with the names of the files.
pub(super) fn test_data() -> (Vec<Sample>, Vec<Sample>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata");
    let (mut certificates, mut lists) = (Vec::new(), Vec::new());
    for folder in ["crl", "crypto", "pki"] {
        for file in fs::read_dir(root.join(folder)).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let content = fs::read(&path).unwrap();
            if name.ends_with(".der") {
                lists.push((name, content));
                continue;
            }
            for block in pem::parse_many(content).unwrap_or_default() {
                match block.tag() {
                    "CERTIFICATE" => certificates.push((name.clone(), block.into_contents())),
                    "X509 CRL" => lists.push((name.clone(), block.into_contents())),
                    _ => {}
                }
            }
        }
    }
    (certificates, lists)
}

pub(super) type Sample = (String, Vec<u8>);

/// A certificate with every extension that is interpreted.
pub(super) fn with_everything() -> Vec<u8> {
    let directory = cn("Directory");
    let names = [
        tlv(0x82, b"sip.example.com"),
        tlv(0x81, b"user@example.com"),
        tlv(0x86, b"sip:example.com"),
        tlv(0x87, &[192, 0, 2, 1]),
        tlv(0xa4, &directory),
        tlv(0x88, &[0x2a, 3, 4]),
        tlv(
            0xa0,
            &[oid(&[0x2a, 3]), tlv(0xa0, &tlv(UTF8, b"x"))].concat(),
        ),
        tlv(0xa5, &tlv(0xa1, &tlv(UTF8, b"party"))),
        tlv(0xa3, &octets(b"x400")),
    ];
    let key_id = [
        tlv(0x80, &[1; 4]),
        tlv(0xa1, &tlv(0xa4, &directory)),
        tlv(0x82, &[5]),
    ];
    let subtrees = [
        tlv(0xa0, &seq(&[tlv(0x82, b"example.com")])),
        tlv(0xa1, &seq(&[tlv(0x87, &[10, 0, 0, 0, 255, 0, 0, 0])])),
    ];
    let point = [
        tlv(0xa0, &tlv(0xa0, &tlv(0x86, b"http://example.com/crl"))),
        tlv(0x81, &[1, 0x60]),
        tlv(0xa2, &tlv(0xa4, &directory)),
    ];
    let blocks = seq(&[seq(&[octets(&[0, 1]), seq(&[bit_string(&[10])])])]);
    let numbers = seq(&[tlv(
        0xa0,
        &seq(&[integer(&[1]), seq(&[integer(&[3]), integer(&[9])])]),
    )]);
    CertificateSpec::default()
        .with(extension(
            BASIC_CONSTRAINTS,
            true,
            &seq(&[boolean(true), integer(&[3])]),
        ))
        .with(extension(KEY_USAGE, true, &[3, 2, 1, 0x86]))
        .with(key_purposes(&[SERVER_AUTH, CLIENT_AUTH]))
        .with(extension(SUBJECT_KEY_ID, false, &octets(&[9; 4])))
        .with(extension(AUTHORITY_KEY_ID, false, &seq(&key_id)))
        .with(extension(SUBJECT_ALT_NAME, false, &seq(&names)))
        .with(extension(NAME_CONSTRAINTS, true, &seq(&subtrees)))
        .with(extension(
            CRL_DISTRIBUTION_POINTS,
            false,
            &seq(&[seq(&point)]),
        ))
        .with(extension(NETSCAPE_CERT_TYPE, false, &[3, 2, 0, 0xf7]))
        .with(extension(ADDRESS_BLOCKS, true, &blocks))
        .with(extension(AS_NUMBERS, true, &numbers))
        .der()
}

/// Every octet changed in some ways, and every truncation.
pub(super) fn changes(der: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let change = move |at: usize, with: &dyn Fn(u8) -> u8| {
        let mut changed = der.to_vec();
        changed[at] = with(changed[at]);
        changed
    };
    let flipped = move |at: usize| {
        [
            change(at, &|octet| octet ^ 1),
            change(at, &|octet| octet ^ 0x80),
            change(at, &|octet| octet.wrapping_add(1)),
            change(at, &|_| 0),
        ]
    };
    let truncated = (0..der.len()).map(|len| der[..len].to_vec());
    (0..der.len()).flat_map(flipped).chain(truncated)
}
