//! Name constraints.

use super::Topic;
use crate::{
    der,
    dn::{self, Name},
    ext::{self, Extension},
    plan::{HOST, Plan},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("constraints");
    dns(&mut t);
    addresses(&mut t);
    other_types(&mut t);
    common_name(&mut t);
    super::constraint_forms::forms(&mut t);
    places(&mut t);
    t
}

fn dns(t: &mut Topic) {
    let permitted: [(&str, &str); 9] = [
        ("example.com", "ok"),
        ("sip.example.com", "ok"),
        (".example.com", "ok"),
        (".sip.example.com", "47@0"),
        ("EXAMPLE.COM", "ok"),
        ("example.org", "47@0"),
        ("ample.com", "47@0"),
        ("a.sip.example.com", "47@0"),
        ("", "ok"),
    ];
    for (base, expect) in permitted {
        t.case(&format!("permitted-dns-{base}"), expect, move |p| {
            permit(p, &[ext::dns(base)])
        });
    }
    let excluded: [(&str, &str); 6] = [
        ("example.com", "48@0"),
        ("sip.example.com", "48@0"),
        (".example.com", "48@0"),
        ("example.org", "ok"),
        ("ample.com", "ok"),
        ("", "48@0"),
    ];
    for (base, expect) in excluded {
        t.case(&format!("excluded-dns-{base}"), expect, move |p| {
            exclude(p, &[ext::dns(base)])
        });
    }
    t.case("one-of-two-names-outside", "47@0", |p| {
        p.leaf()
            .names(&[ext::dns(HOST), ext::dns("sip.example.org")]);
        permit(p, &[ext::dns("example.com")]);
    });
    t.case("permitted-and-excluded", "48@0", |p| {
        p.inter().put(ext::name_constraints(
            &[ext::dns("example.com")],
            &[ext::dns("sip.example.com")],
        ));
    });
    t.case("two-permitted", "ok", |p| {
        permit(p, &[ext::dns("example.org"), ext::dns("example.com")])
    });
    t.case("wildcard-name-inside", "ok", |p| {
        p.leaf().names(&[ext::dns("*.example.com")]);
        permit(p, &[ext::dns("example.com")]);
    });
    t.case("wildcard-name-excluded", "ok", |p| {
        p.leaf().names(&[ext::dns("*.example.com")]);
        exclude(p, &[ext::dns("sip.example.com")]);
    });
}

fn addresses(t: &mut Topic) {
    let subnet: [(&str, &str, [u8; 8]); 4] = [
        ("inside", "ok", [192, 0, 2, 0, 255, 255, 255, 0]),
        ("exact", "ok", [192, 0, 2, 7, 255, 255, 255, 255]),
        ("outside", "47@0", [198, 51, 100, 0, 255, 255, 255, 0]),
        ("everything", "ok", [0, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for (name, expect, bytes) in subnet {
        t.case(&format!("permitted-ip-{name}"), expect, move |p| {
            p.leaf().names(&[ext::dns(HOST), ext::ip("192.0.2.7")]);
            permit(p, &[ext::ip_bytes(&bytes)]);
        });
    }
    t.case("excluded-ip", "48@0", |p| {
        p.leaf().names(&[ext::dns(HOST), ext::ip("192.0.2.7")]);
        exclude(p, &[ext::ip_bytes(&[192, 0, 2, 0, 255, 255, 255, 0])]);
    });
    t.case("permitted-ip-no-address-in-leaf", "ok", |p| {
        permit(p, &[ext::ip_bytes(&[192, 0, 2, 0, 255, 255, 255, 0])])
    });
    t.case("permitted-ip-of-bad-length", "53@0", |p| {
        p.leaf().names(&[ext::dns(HOST), ext::ip("192.0.2.7")]);
        permit(p, &[ext::ip_bytes(&[192, 0, 2, 0])]);
    });
    t.case("permitted-ip-v6-leaf-v4", "47@0", |p| {
        p.leaf().names(&[ext::dns(HOST), ext::ip("192.0.2.7")]);
        permit(p, &[ext::ip_bytes(&[0; 32])]);
    });
    t.case("permitted-ip-mask-with-holes", "ok", |p| {
        p.leaf().names(&[ext::dns(HOST), ext::ip("192.0.2.7")]);
        permit(p, &[ext::ip_bytes(&[192, 0, 0, 7, 255, 0, 0, 255])]);
    });
}

fn other_types(t: &mut Topic) {
    let organisation = |value: &[u8]| Name::default().and(dn::O, dn::UTF8, value);
    t.case("permitted-directory", "ok", move |p| {
        p.leaf().subject = organisation(b"Example").and(dn::CN, dn::UTF8, b"server");
        permit(p, &[ext::directory(&organisation(b"Example"))]);
    });
    t.case("permitted-directory-other-case", "ok", move |p| {
        p.leaf().subject = organisation(b"EXAMPLE").and(dn::CN, dn::UTF8, b"server");
        permit(
            p,
            &[ext::directory(
                &organisation(b"example").retagged(dn::PRINTABLE),
            )],
        );
    });
    t.case("permitted-directory-outside", "47@0", move |p| {
        p.leaf().subject = organisation(b"Another").and(dn::CN, dn::UTF8, b"server");
        permit(p, &[ext::directory(&organisation(b"Example"))]);
    });
    t.case("excluded-directory", "48@0", move |p| {
        p.leaf().subject = organisation(b"Example").and(dn::CN, dn::UTF8, b"server");
        exclude(p, &[ext::directory(&organisation(b"Example"))]);
    });
    t.case("permitted-directory-empty-subject", "ok", move |p| {
        p.leaf().subject = Name::default();
        permit(p, &[ext::directory(&organisation(b"Example"))]);
    });
    t.case("permitted-email", "ok", |p| {
        p.leaf()
            .names(&[ext::dns(HOST), ext::email("user@example.com")]);
        permit(p, &[ext::email("example.com")]);
    });
    t.case("permitted-email-outside", "47@0", |p| {
        p.leaf()
            .names(&[ext::dns(HOST), ext::email("user@example.org")]);
        permit(p, &[ext::email("example.com")]);
    });
    t.case("permitted-email-in-subject-outside", "47@0", |p| {
        p.leaf().subject = Name::cn("server").and(dn::EMAIL, dn::IA5, b"user@example.org");
        permit(p, &[ext::email("example.com")]);
    });
    t.case("permitted-uri", "ok", |p| {
        p.leaf()
            .names(&[ext::dns(HOST), ext::uri("sip://sip.example.com/a")]);
        permit(p, &[ext::uri(".example.com")]);
    });
    t.case("permitted-uri-outside", "47@0", |p| {
        p.leaf()
            .names(&[ext::dns(HOST), ext::uri("http://sip.example.org/a")]);
        permit(p, &[ext::uri(".example.com")]);
    });
    t.case("permitted-sip-uri", "53@0", |p| {
        p.leaf()
            .names(&[ext::dns(HOST), ext::uri("sip:example.com")]);
        permit(p, &[ext::uri("example.com")]);
    });
    t.case("permitted-registered-id", "51@0", |p| {
        p.leaf().names(&[ext::dns(HOST), ext::registered("1.2.3")]);
        permit(p, &[ext::registered("1.2.3")]);
    });
    t.case("excluded-registered-id-leaf-without", "ok", |p| {
        exclude(p, &[ext::registered("1.2.3")])
    });
    t.case("permitted-other-name-leaf-without", "ok", |p| {
        permit(p, &[ext::other_name()])
    });
}

/// Without a DNS name in the SAN, the common name is checked against DNS constraints.
fn common_name(t: &mut Topic) {
    let names: [(&str, &str, &str); 6] = [
        ("inside", "sip.example.com", "ok"),
        ("outside", "sip.example.org", "47@0"),
        ("not-a-host", "Example Server", "ok"),
        ("underscore", "a_b.example.org", "47@0"),
        ("single-label", "localhost", "ok"),
        ("wildcard-outside", "*.example.org", "ok"),
    ];
    for (name, value, expect) in names {
        t.case(&format!("common-name-{name}"), expect, move |p| {
            p.leaf().names(&[]);
            p.leaf().subject = Name::cn(value);
            p.question.host = None;
            permit(p, &[ext::dns("example.com")]);
        });
    }
    t.case("common-name-outside-san-inside", "ok", |p| {
        p.leaf().subject = Name::cn("sip.example.org");
        permit(p, &[ext::dns("example.com")]);
    });
    t.case("common-name-outside-san-address", "47@0", |p| {
        p.leaf().subject = Name::cn("sip.example.org");
        p.leaf().names(&[ext::ip("192.0.2.7")]);
        p.question.host = None;
        permit(p, &[ext::dns("example.com")]);
    });
    t.case("common-name-excluded", "48@0", |p| {
        p.leaf().names(&[]);
        p.leaf().subject = Name::cn(HOST);
        exclude(p, &[ext::dns("example.com")]);
    });
    t.case("v1-leaf-inside", "ok", |p| {
        p.leaf().v1();
        p.leaf().subject = Name::cn(HOST);
        permit(p, &[ext::dns("example.com")]);
    });
    t.case("v1-leaf-outside", "47@0", |p| {
        p.leaf().v1();
        p.leaf().subject = Name::cn(HOST);
        permit(p, &[ext::dns("example.org")]);
    });
    t.case("ca-true-leaf-outside", "47@0", |p| {
        p.leaf().put(ext::basic_constraints(true, None));
        permit(p, &[ext::dns("example.org")]);
    });
}

fn places(t: &mut Topic) {
    t.case("on-root", "47@0", |p| {
        p.root()
            .put(ext::name_constraints(&[ext::dns("example.org")], &[]))
    });
    t.case("on-root-inside", "ok", |p| {
        p.root()
            .put(ext::name_constraints(&[ext::dns("example.com")], &[]))
    });
    t.case("not-critical", "47@0", |p| {
        let mut constraints = ext::name_constraints(&[ext::dns("example.org")], &[]);
        constraints.critical = false;
        p.inter().put(constraints);
    });
    t.case("on-self-signed-leaf", "ok", |p| {
        p.self_signed();
        p.leaf()
            .put(ext::name_constraints(&[ext::dns("example.org")], &[]));
    });
    t.case("empty", "ok", |p| {
        p.inter().put(ext::name_constraints(&[], &[]))
    });
    t.case("broken", "20@0", |p| {
        p.inter()
            .put(Extension::new(ext::NAME_CONSTRAINTS, vec![0x30, 7]).critical())
    });
    t.case("minimum-one", "49@0", |p| {
        let base = der::sequence(&[ext::dns("example.com"), der::implicit(0, &[1])]);
        let value = der::sequence(&[der::context(0, &base)]);
        p.inter()
            .put(Extension::new(ext::NAME_CONSTRAINTS, value).critical());
    });
    t.case("intermediate-name-outside", "47@1", |p| {
        let subject = Name::default().and(dn::O, dn::UTF8, b"Another");
        p.inter().subject = subject;
        let permitted = Name::default().and(dn::O, dn::UTF8, b"Example");
        p.leaf().subject = Name::default();
        p.root()
            .put(ext::name_constraints(&[ext::directory(&permitted)], &[]));
    });
    t.case("mismatch-comes-first", "62@0", |p| {
        p.question.host = Some("other.example.com".into());
        permit(p, &[ext::dns("example.org")]);
    });
    t.case("expired-comes-first", "10@0", |p| {
        p.leaf().expired();
        permit(p, &[ext::dns("example.org")]);
    });
}

fn permit(p: &mut Plan, names: &[Vec<u8>]) {
    p.inter().put(ext::name_constraints(names, &[]));
}

fn exclude(p: &mut Plan, names: &[Vec<u8>]) {
    p.inter().put(ext::name_constraints(&[], names));
}
