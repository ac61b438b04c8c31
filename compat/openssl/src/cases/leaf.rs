//! Kinds of end entity.

use super::Topic;
use crate::{
    der,
    dn::Name,
    ext::{self, Extension},
    plan::{INTER, LEAF, Plan, ROOT, Trusted},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("leaf");
    t.case("plain", "ok", |_| {});
    t.case("direct", "ok", Plan::direct);
    kinds(&mut t);
    self_signed(&mut t);
    usages(&mut t);
    critical(&mut t);
    odd(&mut t);
    t
}

fn kinds(t: &mut Topic) {
    t.case("v1", "ok", |p| {
        p.leaf().v1();
        p.leaf().subject = Name::cn(crate::plan::HOST);
    });
    t.case("v1-direct", "ok", |p| {
        p.direct();
        p.leaf().v1();
        p.leaf().subject = Name::cn(crate::plan::HOST);
    });
    t.case("v1-without-name-check", "ok", |p| {
        p.leaf().v1();
        p.question.host = None;
    });
    t.case("v1-with-extensions", "ok", |p| p.leaf().version = None);
    t.case("v2-with-extensions", "ok", |p| p.leaf().version = Some(1));
    t.case("v2-without-extensions", "ok", |p| {
        p.leaf().v1();
        p.leaf().version = Some(1);
        p.question.host = None;
    });
    t.case("v3-without-extensions", "ok", |p| {
        p.leaf().extensions.clear();
        p.question.host = None;
    });
    t.case("v4", "ok", |p| p.leaf().version = Some(3));
    t.case("v1-written-out", "ok", |p| {
        p.leaf().v1();
        p.leaf().version = Some(0);
        p.question.host = None;
    });
    t.case("ca-true", "ok", |p| {
        p.leaf().put(ext::basic_constraints(true, None))
    });
    t.case("ca-true-direct", "ok", |p| {
        p.direct();
        p.leaf().put(ext::basic_constraints(true, None));
    });
    t.case("ca-true-pathlen-0", "ok", |p| {
        p.leaf().put(ext::basic_constraints(true, Some(0)))
    });
    t.case("ca-true-cert-sign", "ok", |p| {
        p.leaf().put(ext::basic_constraints(true, None));
        p.leaf().put(ext::key_usage(&[
            ext::DIGITAL_SIGNATURE,
            ext::CERT_SIGN,
            ext::CRL_SIGN,
        ]));
    });
    t.case("ca-true-not-critical", "ok", |p| {
        let mut constraints = ext::basic_constraints(true, None);
        constraints.critical = false;
        p.leaf().put(constraints);
    });
    t.case("ca-false", "ok", |p| {
        p.leaf().put(ext::basic_constraints(false, None))
    });
    t.case("ca-false-written-out", "ok", |p| {
        let value = der::sequence(&[der::boolean(false)]);
        p.leaf().put(Extension::new(ext::BASIC_CONSTRAINTS, value));
    });
    t.case("ca-false-with-pathlen", "ok", |p| {
        p.leaf().put(ext::basic_constraints(false, Some(0)))
    });
    t.case("broken-basic-constraints", "20@0", |p| {
        p.leaf()
            .put(Extension::new(ext::BASIC_CONSTRAINTS, vec![0x30, 5]))
    });
    t.case("empty-subject", "ok", |p| {
        p.leaf().subject = Name::default()
    });
    t.case("empty-issuer", "20@0", |p| {
        p.leaf().issuer = Some(Name::default())
    });
    t.case("bad-signature", "7@0", |p| p.leaf().broken_signature = true);
}

fn self_signed(t: &mut Topic) {
    t.case("self-signed-trusted", "ok", Plan::self_signed);
    t.case("self-signed-trusted-ca-true", "ok", |p| {
        p.self_signed();
        p.leaf().put(ext::basic_constraints(true, None));
    });
    // What `openssl req -x509` makes.
    t.case("self-signed-trusted-req-x509", "ok", |p| {
        p.self_signed();
        let extensions = [
            ext::subject_key_id(),
            ext::authority_key_id(),
            ext::basic_constraints(true, None),
        ];
        p.leaf().extensions = extensions.to_vec();
        p.leaf().subject = Name::cn(crate::plan::HOST);
    });
    t.case("self-signed-trusted-ca-false", "ok", |p| {
        p.self_signed();
        p.leaf().put(ext::basic_constraints(false, None));
    });
    t.case("self-signed-trusted-v1", "ok", |p| {
        p.self_signed();
        p.leaf().v1();
        p.leaf().subject = Name::cn(crate::plan::HOST);
    });
    t.case("self-signed-trusted-ca-true-no-cert-sign", "ok", |p| {
        p.self_signed();
        p.leaf().put(ext::basic_constraints(true, None));
        p.leaf().put(ext::key_usage(&[ext::DIGITAL_SIGNATURE]));
    });
    t.case("self-signed-trusted-cert-sign", "ok", |p| {
        p.self_signed();
        p.leaf()
            .put(ext::key_usage(&[ext::DIGITAL_SIGNATURE, ext::CERT_SIGN]));
    });
    t.case("self-signed-trusted-expired", "10@0", |p| {
        p.self_signed();
        p.leaf().expired();
    });
    t.case("self-signed-trusted-bad-signature", "ok", |p| {
        p.self_signed();
        p.leaf().broken_signature = true;
    });
    t.case("self-signed-trusted-host-mismatch", "62@0", |p| {
        p.self_signed();
        p.question.host = Some("other.example.com".into());
    });
    t.case("self-signed-trusted-with-chain", "ok", |p| {
        p.self_signed();
        p.sent = vec![LEAF, INTER, ROOT];
    });
    t.case("self-signed-trusted-critical-unknown", "34@0", |p| {
        p.self_signed();
        p.leaf()
            .put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical());
    });
    t.case("self-signed-trusted-eku-client", "26@0", |p| {
        p.self_signed();
        p.leaf().put(ext::extended_key_usage(&[ext::CLIENT_AUTH]));
    });
    t.case("self-signed-not-trusted", "18@0", |p| {
        p.self_signed();
        p.trust(&[ROOT]);
    });
    t.case("self-signed-same-name-other-key-trusted", "18@0", |p| {
        p.self_signed();
        let mut other = p.leaf().clone();
        other.key.1 = 9;
        let other = p.add(other);
        p.certs[other].signer = other;
        p.trust(&[other]);
    });
    // Names and key identifiers say what is self-signed; the signature is not checked.
    t.case("self-issued-signed-by-other-trusted", "ok", |p| {
        p.self_signed();
        p.leaf().signing_key = Some(crate::keys::Key(crate::keys::Kind::P256, 9));
        p.leaf()
            .extensions
            .retain(|e| e.oid != ext::AUTHORITY_KEY_ID && e.oid != ext::SUBJECT_KEY_ID);
    });
    t.case("issued-leaf-trusted-alone", "20@0", |p| {
        p.direct();
        p.trust(&[LEAF]);
    });
    t.case("issued-leaf-trusted-with-root", "ok", |p| {
        p.direct();
        p.trust(&[LEAF, ROOT]);
    });
    t.case("issued-leaf-and-inter-trusted", "2@1", |p| {
        p.trusted = vec![Trusted::plain(LEAF), Trusted::plain(INTER)];
    });
}

fn usages(t: &mut Topic) {
    let usages: [(&str, &str, &[u8]); 9] = [
        ("signature-only", "ok", &[ext::DIGITAL_SIGNATURE]),
        ("encipherment-only", "ok", &[ext::KEY_ENCIPHERMENT]),
        ("agreement-only", "ok", &[ext::KEY_AGREEMENT]),
        ("data-encipherment-only", "26@0", &[ext::DATA_ENCIPHERMENT]),
        ("non-repudiation-only", "26@0", &[ext::NON_REPUDIATION]),
        ("cert-sign-only", "26@0", &[ext::CERT_SIGN]),
        ("crl-sign-only", "26@0", &[ext::CRL_SIGN]),
        ("nothing", "20@0", &[]),
        ("decipher-only", "26@0", &[8]),
    ];
    for (name, expect, bits) in usages {
        t.case(&format!("key-usage-{name}"), expect, move |p| {
            p.leaf().put(ext::key_usage(bits))
        });
    }
    t.case("key-usage-absent", "ok", |p| p.leaf().drop(ext::KEY_USAGE));
    t.case("key-usage-not-critical", "26@0", |p| {
        let mut usage = ext::key_usage(&[ext::DATA_ENCIPHERMENT]);
        usage.critical = false;
        p.leaf().put(usage);
    });
    t.case("key-usage-broken", "20@0", |p| {
        p.leaf().put(Extension::new(ext::KEY_USAGE, vec![4, 1, 0]))
    });
}

fn critical(t: &mut Topic) {
    t.case("critical-unknown", "34@0", |p| {
        p.leaf()
            .put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical())
    });
    t.case("unknown", "ok", |p| {
        p.leaf().put(Extension::new(ext::UNKNOWN, vec![5, 0]))
    });
    t.case("critical-policies", "ok", |p| {
        p.leaf().put(ext::policies(&["1.2.3.4"]).critical())
    });
    t.case("policies", "ok", |p| {
        p.leaf().put(ext::policies(&["1.2.3.4"]))
    });
    t.case("critical-policy-constraints", "ok", |p| {
        let value = der::sequence(&[der::implicit(0, &[0])]);
        p.leaf()
            .put(Extension::new(ext::POLICY_CONSTRAINTS, value).critical());
    });
    t.case("critical-inhibit-any-policy", "ok", |p| {
        p.leaf()
            .put(Extension::new(ext::INHIBIT_ANY_POLICY, der::small_integer(0)).critical());
    });
    t.case("critical-policy-mappings", "ok", |p| {
        let value = der::sequence(&[der::sequence(&[der::oid("1.2.3"), der::oid("1.2.4")])]);
        p.leaf()
            .put(Extension::new(ext::POLICY_MAPPINGS, value).critical());
    });
    t.case("critical-distribution-points", "ok", |p| {
        p.leaf()
            .put(ext::distribution_points(&["http://example.com/a.crl"]).critical());
    });
    t.case("critical-eku", "ok", |p| {
        p.leaf()
            .put(ext::extended_key_usage(&[ext::SERVER_AUTH]).critical())
    });
    t.case("critical-san", "ok", |p| {
        p.leaf()
            .put(ext::subject_alt_name(&[ext::dns("sip.example.com")]).critical())
    });
    t.case("critical-subject-key-id", "34@0", |p| {
        p.leaf().put(ext::subject_key_id().critical())
    });
    t.case("critical-authority-key-id", "34@0", |p| {
        p.leaf().put(ext::authority_key_id().critical())
    });
    t.case("critical-issuer-alt-name", "34@0", |p| {
        let value = der::sequence(&[ext::dns("ca.example.com")]);
        p.leaf()
            .put(Extension::new(ext::ISSUER_ALT_NAME, value).critical());
    });
    t.case("critical-authority-info", "34@0", |p| {
        let access = der::sequence(&[
            der::oid("1.3.6.1.5.5.7.48.1"),
            ext::uri("http://ocsp.example.com"),
        ]);
        p.leaf()
            .put(Extension::new(ext::AUTHORITY_INFO, der::sequence(&[access])).critical());
    });
    t.case("critical-netscape-comment", "34@0", |p| {
        p.leaf()
            .put(Extension::new(ext::NETSCAPE_COMMENT, der::tlv(0x16, b"hello")).critical());
    });
    t.case("critical-tls-feature", "34@0", |p| {
        p.leaf().put(
            Extension::new(ext::TLS_FEATURE, der::sequence(&[der::small_integer(5)])).critical(),
        );
    });
    t.case("tls-feature", "ok", |p| {
        p.leaf().put(Extension::new(
            ext::TLS_FEATURE,
            der::sequence(&[der::small_integer(5)]),
        ));
    });
    t.case("critical-name-constraints", "ok", |p| {
        p.leaf()
            .put(ext::name_constraints(&[ext::dns("example.com")], &[]))
    });
    t.case("name-constraints-of-its-own-broken", "ok", |p| {
        p.leaf()
            .put(ext::name_constraints(&[ext::dns("example.org")], &[]));
    });
    let types: [(&str, &str, u8); 4] = [
        ("server", "ok", 1),
        ("client", "26@0", 0),
        ("object-signing", "26@0", 3),
        ("ssl-ca", "26@0", 5),
    ];
    for (name, expect, bit) in types {
        t.case(&format!("netscape-type-{name}"), expect, move |p| {
            p.leaf()
                .put(Extension::new(ext::NETSCAPE_TYPE, der::named_bits(&[bit])).critical());
        });
    }
    t.case("proxy-certificate", "40@0", |p| {
        let policy = der::sequence(&[der::oid("1.3.6.1.5.5.7.21.1")]);
        p.leaf().drop(ext::SUBJECT_ALT_NAME);
        p.leaf()
            .put(Extension::new(ext::PROXY_CERT, der::sequence(&[policy])).critical());
    });
}

fn odd(t: &mut Topic) {
    t.case("unique-ids", "ok", |p| p.leaf().unique_ids = true);
    for (name, first, second) in [
        ("key-usage", ext::key_usage(&[0]), ext::key_usage(&[0])),
        (
            "eku",
            ext::extended_key_usage(&[ext::SERVER_AUTH]),
            ext::extended_key_usage(&[ext::CLIENT_AUTH]),
        ),
        (
            "unknown",
            Extension::new(ext::UNKNOWN, vec![5, 0]),
            Extension::new(ext::UNKNOWN, vec![5, 0]),
        ),
        (
            "basic-constraints",
            ext::basic_constraints(false, None),
            ext::basic_constraints(false, None),
        ),
        (
            "san",
            ext::subject_alt_name(&[ext::dns("a.b.c")]),
            ext::subject_alt_name(&[ext::dns("sip.example.com")]),
        ),
        (
            "policies",
            ext::policies(&["1.2.3"]),
            ext::policies(&["1.2.4"]),
        ),
    ] {
        let expect = match name {
            "unknown" | "policies" => "ok",
            _ => "20@0",
        };
        t.case(&format!("duplicate-{name}"), expect, move |p| {
            p.leaf().drop(first.oid);
            p.leaf().extensions.extend([first.clone(), second.clone()]);
        });
    }
    let serials: [(&str, &[u8]); 7] = [
        ("zero", &[0]),
        ("negative", &[0xff, 0x01]),
        ("minus-one", &[0xff]),
        ("20-bytes", &[0x7f; 20]),
        ("21-bytes", &[0x7f; 21]),
        ("25-bytes", &[0x7f; 25]),
        ("200-bytes", &[0x7f; 200]),
    ];
    for (name, serial) in serials {
        t.case(&format!("serial-{name}"), "ok", move |p| {
            p.leaf().serial = serial.to_vec()
        });
    }
    t.case("serial-not-minimal", "unreadable", |p| {
        p.leaf().serial = vec![0, 1]
    });
    t.case("serial-empty", "unreadable", |p| p.leaf().serial = vec![]);
    t.case("algorithms-differ", "7@0", |p| {
        let key = p.certs[INTER].key;
        p.leaf().inner_algorithm =
            Some(key.algorithm(crate::keys::Digest::Sha384, crate::keys::Padding::Pkcs1));
    });
    t.case("trailing-byte", "unreadable", |p| {
        p.leaf().spki = Some(vec![5, 0])
    });
    t.case("san-broken", "20@0", |p| {
        p.leaf()
            .put(Extension::new(ext::SUBJECT_ALT_NAME, vec![0x30, 9, 1]))
    });
    t.case("san-empty-sequence", "62@0", |p| {
        p.leaf().put(ext::subject_alt_name(&[]))
    });
    t.case("eku-broken", "20@0", |p| {
        p.leaf()
            .put(Extension::new(ext::EXTENDED_KEY_USAGE, vec![0x30, 9, 1]))
    });
    t.case("empty-extension-list", "ok", |p| {
        p.leaf().extensions.clear();
        p.leaf().put(Extension::new(ext::UNKNOWN, vec![]));
        p.question.host = None;
    });
}
