//! Address blocks and AS numbers (RFC 3779).

use super::Topic;
use crate::{
    der,
    ext::{self, Extension},
    plan::{INTER, LEAF, Plan, ROOT, Trusted},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("resource");
    blocks(&mut t);
    numbers(&mut t);
    malformed(&mut t);
    places(&mut t);
    t
}

/// The addresses of IPv4 that begin with these bytes.
fn v4(bytes: &[u8]) -> Vec<u8> {
    let prefix = der::bits(bytes);
    family(&[0, 1], &[prefix])
}

fn family(id: &[u8], ranges: &[Vec<u8>]) -> Vec<u8> {
    der::sequence(&[der::octets(id), der::sequence(ranges)])
}

fn inherited() -> Vec<u8> {
    der::sequence(&[der::octets(&[0, 1]), der::tlv(5, &[])])
}

fn addresses(families: &[Vec<u8>]) -> Extension {
    Extension::new(ext::IP_BLOCKS, der::sequence(families)).critical()
}

fn numbered(ids: &[Vec<u8>]) -> Extension {
    let numbers = der::context(0, &der::sequence(ids));
    Extension::new(ext::AS_NUMBERS, der::sequence(&[numbers])).critical()
}

fn id(number: u16) -> Vec<u8> {
    der::integer(&[&[0], number.to_be_bytes().as_slice()].concat())
}

fn range(from: Vec<u8>, to: Vec<u8>) -> Vec<u8> {
    der::sequence(&[from, to])
}

/// Gives each certificate from the root down its own part.
fn given(p: &mut Plan, values: [Option<Extension>; 3]) {
    for (cert, value) in [ROOT, INTER, LEAF].into_iter().zip(values) {
        if let Some(value) = value {
            p.certs[cert].put(value);
        }
    }
}

fn blocks(t: &mut Topic) {
    let ten = || Some(addresses(&[v4(&[10])]));
    t.case("addresses-covered", "ok", move |p| {
        given(p, [ten(), ten(), Some(addresses(&[v4(&[10, 1])]))])
    });
    t.case("addresses-not-covered", "46@1", move |p| {
        given(p, [ten(), ten(), Some(addresses(&[v4(&[192])]))])
    });
    t.case("addresses-not-critical-not-covered", "46@1", move |p| {
        let mut other = addresses(&[v4(&[192])]);
        other.critical = false;
        given(p, [ten(), ten(), Some(other)]);
    });
    t.case("addresses-of-the-leaf-alone", "46@1", |p| {
        given(p, [None, None, Some(addresses(&[v4(&[10])]))])
    });
    t.case("addresses-not-of-the-root", "46@2", move |p| {
        given(p, [None, ten(), ten()])
    });
    t.case("addresses-of-the-issuers-alone", "ok", move |p| {
        given(p, [ten(), ten(), None])
    });
    t.case("addresses-of-the-root-alone", "ok", move |p| {
        given(p, [ten(), None, None])
    });
    t.case("addresses-not-of-the-middle", "46@1", move |p| {
        given(p, [ten(), None, Some(addresses(&[v4(&[10, 1])]))])
    });
    t.case("addresses-inherited", "ok", move |p| {
        given(p, [ten(), ten(), Some(addresses(&[inherited()]))])
    });
    t.case("addresses-inherited-by-all", "46@3", |p| {
        let all = || Some(addresses(&[inherited()]));
        given(p, [all(), all(), all()]);
    });
    t.case("addresses-wider-than-the-issuer", "46@1", move |p| {
        given(p, [ten(), Some(addresses(&[v4(&[10, 1])])), ten()])
    });
    t.case("addresses-in-a-range", "ok", move |p| {
        let range = range(der::bits(&[10, 0, 0, 1]), der::bits(&[10, 0, 0, 6]));
        given(
            p,
            [ten(), ten(), Some(addresses(&[family(&[0, 1], &[range])]))],
        );
    });
    t.case("addresses-of-another-family", "46@1", move |p| {
        let other = addresses(&[family(&[0, 2], &[der::bits(&[0x20, 1])])]);
        given(p, [ten(), ten(), Some(other)]);
    });
}

fn numbers(t: &mut Topic) {
    let all = || Some(numbered(&[range(id(64496), id(64511))]));
    t.case("numbers-covered", "ok", move |p| {
        given(p, [all(), all(), Some(numbered(&[id(64500)]))])
    });
    t.case("numbers-not-covered", "46@1", move |p| {
        given(p, [all(), all(), Some(numbered(&[id(65000)]))])
    });
    t.case("numbers-not-critical-not-covered", "46@1", move |p| {
        let mut other = numbered(&[id(65000)]);
        other.critical = false;
        given(p, [all(), all(), Some(other)]);
    });
    t.case("numbers-of-the-leaf-alone", "46@1", |p| {
        given(p, [None, None, Some(numbered(&[id(64500)]))])
    });
    t.case("numbers-inherited-by-all", "46@3", |p| {
        let inherited = der::context(0, &der::tlv(5, &[]));
        let all = || {
            Some(Extension::new(
                ext::AS_NUMBERS,
                der::sequence(std::slice::from_ref(&inherited)),
            ))
        };
        given(p, [all(), all(), all()]);
    });
}

/// Values that cannot be read or are not in canonical form, at every depth and critical or not.
fn malformed(t: &mut Topic) {
    let values: [(&str, &str, &'static str, Vec<u8>); 9] = [
        (
            "addresses-cut-short",
            "20@0",
            ext::IP_BLOCKS,
            vec![0x30, 9, 1],
        ),
        ("addresses-null", "20@0", ext::IP_BLOCKS, vec![5, 0]),
        ("addresses-empty", "ok", ext::IP_BLOCKS, vec![0x30, 0]),
        (
            "addresses-family-empty",
            "41@0",
            ext::IP_BLOCKS,
            der::sequence(&[family(&[0, 1], &[])]),
        ),
        (
            "addresses-out-of-order",
            "41@0",
            ext::IP_BLOCKS,
            der::sequence(&[family(&[0, 1], &[der::bits(&[11]), der::bits(&[9])])]),
        ),
        (
            "addresses-too-long",
            "46@1",
            ext::IP_BLOCKS,
            der::sequence(&[v4(&[10, 0, 0, 0, 0])]),
        ),
        (
            "numbers-cut-short",
            "20@0",
            ext::AS_NUMBERS,
            vec![0x30, 9, 1],
        ),
        ("numbers-empty", "ok", ext::AS_NUMBERS, vec![0x30, 0]),
        (
            "numbers-out-of-order",
            "41@0",
            ext::AS_NUMBERS,
            der::sequence(&[der::context(0, &der::sequence(&[id(64500), id(64496)]))]),
        ),
    ];
    for (name, expect, oid, value) in values {
        for (critical, is_critical) in [("", false), ("-critical", true)] {
            let value = value.clone();
            t.case(&format!("{name}{critical}"), expect, move |p| {
                let mut extension = Extension::new(oid, value.clone());
                extension.critical = is_critical;
                p.leaf().put(extension);
            });
        }
        let (at_inter, at_root) = match expect {
            "20@0" => ("20@0", "20@1"),
            // Above the end entity they are checked only if the end entity has resources of its
            // own.
            _ => ("ok", "ok"),
        };
        let extension = Extension::new(oid, value);
        let of_inter = extension.clone();
        t.case(&format!("{name}-intermediate"), at_inter, move |p| {
            p.inter().put(of_inter.clone())
        });
        t.case(&format!("{name}-root"), at_root, move |p| {
            p.root().put(extension.clone())
        });
    }
}

/// Where the certificates come from makes no difference.
fn places(t: &mut Topic) {
    let ten = || Some(addresses(&[v4(&[10])]));
    t.case("not-covered-direct", "46@1", move |p| {
        p.direct();
        given(p, [ten(), None, Some(addresses(&[v4(&[192])]))]);
    });
    t.case("not-covered-intermediate-trusted", "46@1", move |p| {
        given(p, [ten(), ten(), Some(addresses(&[v4(&[192])]))]);
        p.trust(&[INTER, ROOT]);
        p.sent = vec![LEAF];
    });
    t.case(
        "not-covered-trust-ends-at-the-intermediate",
        "46@1",
        move |p| {
            given(p, [None, ten(), Some(addresses(&[v4(&[192])]))]);
            p.trusted = vec![Trusted {
                cert: INTER,
                settings: Some(der::sequence(&[der::sequence(&[der::oid(
                    ext::SERVER_AUTH,
                )])])),
            }];
        },
    );
    t.case(
        "not-covered-above-a-leaf-without-addresses",
        "ok",
        move |p| {
            given(p, [Some(addresses(&[v4(&[192])])), ten(), None]);
        },
    );
    t.case("self-signed-with-addresses", "ok", move |p| {
        p.self_signed();
        p.leaf().put(addresses(&[v4(&[10])]));
    });
    t.case("expired-beats-not-covered", "10@0", move |p| {
        given(p, [ten(), ten(), Some(addresses(&[v4(&[192])]))]);
        p.leaf().expired();
    });
    t.case("constraints-and-not-covered", "47@0", move |p| {
        given(p, [ten(), ten(), Some(addresses(&[v4(&[192])]))]);
        p.inter()
            .put(ext::name_constraints(&[ext::dns("example.org")], &[]));
    });
}
