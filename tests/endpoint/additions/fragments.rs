//! The size of records.

use std::io::Write as _;
use std::ops::DerefMut;

use rustls::{ConnectionCommon, SideData};

use crate::endpoint::in_memory::{End, VERSIONS, peer_client, peer_server, shake};
use crate::endpoint::reload::{Folder, builder};
use crate::endpoint::test_pki::{HOST, TestPki};

/// A message that is longer than the fragments.
const MESSAGE: [u8; 2000] = [b' '; 2000];

#[test]
fn a_message_is_cut_into_records_of_that_size_also_after_a_reload() {
    let folder = Folder::of("fragments", "good", "older.crl");
    for (size, expected) in [(Some(517), 4), (Some(1005), 2), (None, 1)] {
        let plain = builder(&folder.settings(&[]));
        let builder = size
            .into_iter()
            .fold(plain, |b, size| b.max_fragment_size(size));
        let endpoint = builder.build().unwrap();
        for _ in 0..2 {
            for version in VERSIONS {
                let server = peer_server(&TestPki::get().good, &[version]);
                let mut ends = shake(&endpoint.client_config(), &server, HOST);
                assert_eq!(records(&mut ends.client), expected, "client, {size:?}");

                let client = peer_client(None, &[version]);
                let mut ends = shake(&client, &endpoint.server_config().unwrap(), HOST);
                assert_eq!(records(&mut ends.server), expected, "server, {size:?}");
            }
            endpoint.reload().unwrap();
        }
    }
}

fn records<C, D: SideData>(end: &mut End<C>) -> usize
where
    C: DerefMut<Target = ConnectionCommon<D>>,
{
    end.connection.writer().write_all(&MESSAGE).unwrap();
    let mut sent = Vec::new();
    while end.connection.wants_write() {
        end.connection.write_tls(&mut sent).unwrap();
    }
    let (mut records, mut rest) = (0, &sent[..]);
    while let Some((header, body)) = rest.split_first_chunk::<5>() {
        let length = u16::from_be_bytes([header[3], header[4]]);
        (records, rest) = (records + 1, &body[usize::from(length)..]);
    }
    records
}

#[test]
fn a_size_that_rustls_does_not_take_is_an_error() {
    let folder = Folder::of("fragments-range", "good", "older.crl");
    let built = |size| {
        builder(&folder.settings(&[]))
            .max_fragment_size(size)
            .build()
    };
    for size in [0, 31, 16390] {
        assert_eq!(
            built(size).unwrap_err().to_string(),
            "unusable value for `EndpointBuilder::max_fragment_size`: rustls accepts fragments of 32 to 16389 bytes"
        );
    }
    for size in [32, 16389] {
        let server = peer_server(&TestPki::get().good, &VERSIONS);
        let client = built(size).unwrap().client_config();
        assert!(shake(&client, &server, HOST).succeeded());
    }
}
