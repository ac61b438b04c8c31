//! The name that the peer must have.

use super::Topic;
use crate::{
    dn::{self, Name},
    ext,
    plan::{HOST, Plan},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("name");
    san(&mut t);
    wildcards(&mut t);
    common_names(&mut t);
    strings(&mut t);
    fallback(&mut t);
    super::address::addresses(&mut t);
    t
}

pub(super) const MATCH: &str = "ok";
const MISMATCH: &str = "62@0";

fn san(t: &mut Topic) {
    let rows: [(&str, &str, &str, &str); 24] = [
        ("same", "sip.example.com", "sip.example.com", MATCH),
        ("other", "www.example.com", "sip.example.com", MISMATCH),
        (
            "upper-case-presented",
            "SIP.Example.COM",
            "sip.example.com",
            MATCH,
        ),
        (
            "upper-case-asked",
            "sip.example.com",
            "SIP.EXAMPLE.COM",
            MATCH,
        ),
        ("parent", "example.com", "sip.example.com", MISMATCH),
        ("child", "a.sip.example.com", "sip.example.com", MISMATCH),
        (
            "trailing-dot-asked",
            "sip.example.com",
            "sip.example.com.",
            MISMATCH,
        ),
        (
            "trailing-dot-presented",
            "sip.example.com.",
            "sip.example.com",
            MISMATCH,
        ),
        (
            "trailing-dot-both",
            "sip.example.com.",
            "sip.example.com.",
            MATCH,
        ),
        (
            "leading-dot-asked",
            "sip.example.com",
            ".example.com",
            MATCH,
        ),
        (
            "leading-dot-asked-deeper",
            "a.sip.example.com",
            ".example.com",
            MATCH,
        ),
        (
            "leading-dot-asked-same",
            "example.com",
            ".example.com",
            MISMATCH,
        ),
        (
            "leading-dot-asked-wildcard",
            "*.example.com",
            ".example.com",
            MATCH,
        ),
        ("leading-dot-both", ".example.com", ".example.com", MATCH),
        (
            "leading-dot-presented",
            ".example.com",
            "sip.example.com",
            MISMATCH,
        ),
        ("underscore", "a_b.example.com", "a_b.example.com", MATCH),
        ("single-label", "localhost", "localhost", MATCH),
        ("empty-presented", "", "sip.example.com", MISMATCH),
        (
            "nul-presented",
            "sip.example.com\0.evil.org",
            "sip.example.com",
            MISMATCH,
        ),
        (
            "nul-at-end",
            "sip.example.com\0",
            "sip.example.com",
            MISMATCH,
        ),
        (
            "space-at-end",
            "sip.example.com ",
            "sip.example.com",
            MISMATCH,
        ),
        (
            "u-label-presented",
            "münchen.example.com",
            "xn--mnchen-3ya.example.com",
            MISMATCH,
        ),
        (
            "u-label-both",
            "münchen.example.com",
            "münchen.example.com",
            MATCH,
        ),
        (
            "a-label",
            "xn--mnchen-3ya.example.com",
            "xn--mnchen-3ya.example.com",
            MATCH,
        ),
    ];
    for (name, presented, asked, expect) in rows {
        t.case(&format!("san-{name}"), expect, move |p| {
            presented_and_asked(p, &[presented], asked)
        });
    }
    t.case("san-second-of-three", MATCH, |p| {
        presented_and_asked(p, &["a.example.com", HOST, "b.example.com"], HOST);
    });
    t.case("san-latin1-bytes", MISMATCH, |p| {
        p.leaf()
            .names(&[crate::der::implicit(2, b"m\xfcnchen.example.com")]);
        p.question.host = Some("münchen.example.com".into());
    });
}

fn wildcards(t: &mut Topic) {
    let rows: [(&str, &str, &str, &str); 36] = [
        ("whole-label", "*.example.com", "sip.example.com", MATCH),
        ("two-labels", "*.example.com", "a.sip.example.com", MISMATCH),
        ("no-label", "*.example.com", "example.com", MISMATCH),
        ("empty-label", "*.example.com", ".example.com", MATCH),
        ("start", "*p.example.com", "sip.example.com", MATCH),
        ("end", "s*.example.com", "sip.example.com", MATCH),
        ("middle", "s*p.example.com", "sip.example.com", MISMATCH),
        ("end-empty", "sip*.example.com", "sip.example.com", MATCH),
        ("start-empty", "*sip.example.com", "sip.example.com", MATCH),
        ("end-other", "t*.example.com", "sip.example.com", MISMATCH),
        ("two-stars", "*.*.com", "sip.example.com", MISMATCH),
        (
            "two-in-label",
            "s**.example.com",
            "sip.example.com",
            MISMATCH,
        ),
        ("second-label", "sip.*.com", "sip.example.com", MISMATCH),
        ("bare", "*", "localhost", MISMATCH),
        ("top-level", "*.com", "example.com", MISMATCH),
        ("top-level-with-dot", "*.com.", "example.com.", MISMATCH),
        (
            "trailing-dot-both",
            "*.example.com.",
            "sip.example.com.",
            MISMATCH,
        ),
        (
            "underscore-asked",
            "*.example.com",
            "a_b.example.com",
            MISMATCH,
        ),
        (
            "underscore-in-pattern",
            "*.ex_ample.com",
            "sip.ex_ample.com",
            MISMATCH,
        ),
        (
            "a-label-asked",
            "*.example.com",
            "xn--mnchen-3ya.example.com",
            MATCH,
        ),
        (
            "partial-a-label-asked",
            "x*.example.com",
            "xn--mnchen-3ya.example.com",
            MISMATCH,
        ),
        (
            "partial-a-label-asked-start",
            "*ya.example.com",
            "xn--mnchen-3ya.example.com",
            MISMATCH,
        ),
        (
            "in-a-label",
            "xn--*.example.com",
            "xn--mnchen-3ya.example.com",
            MISMATCH,
        ),
        (
            "a-label-below",
            "*.xn--mnchen-3ya.com",
            "sip.xn--mnchen-3ya.com",
            MATCH,
        ),
        ("upper-case", "*.EXAMPLE.com", "sip.example.COM", MATCH),
        (
            "partial-upper-case",
            "S*.example.com",
            "sip.example.com",
            MATCH,
        ),
        ("literal-star", "*.example.com", "*.example.com", MATCH),
        ("digits", "*.example.com", "123.example.com", MATCH),
        ("hyphen", "*.example.com", "-a-.example.com", MATCH),
        (
            "partial-hyphen",
            "a-*.example.com",
            "a-b.example.com",
            MISMATCH,
        ),
        (
            "hyphen-before-dot",
            "*.example-.com",
            "sip.example-.com",
            MISMATCH,
        ),
        (
            "hyphen-after-dot",
            "*.-example.com",
            "sip.-example.com",
            MISMATCH,
        ),
        ("double-dot", "*..example.com", "sip..example.com", MISMATCH),
        ("address-like", "*.0.2.7", "192.0.2.7", MATCH),
        (
            "three-labels",
            "*.a.b.example.com",
            "x.a.b.example.com",
            MATCH,
        ),
        (
            "u-label-asked",
            "*.example.com",
            "münchen.example.com",
            MISMATCH,
        ),
    ];
    for (name, presented, asked, expect) in rows {
        t.case(&format!("wildcard-{name}"), expect, move |p| {
            presented_and_asked(p, &[presented], asked)
        });
        // The same comparison with the common name.
        t.case(&format!("wildcard-cn-{name}"), expect, move |p| {
            p.leaf().names(&[]);
            p.leaf().subject = Name::cn(presented);
            p.question.host = Some(asked.into());
        });
    }
}

fn common_names(t: &mut Topic) {
    t.case("cn-without-san", MATCH, |p| cn_only(p, Name::cn(HOST)));
    t.case("cn-other", MISMATCH, |p| {
        cn_only(p, Name::cn("www.example.com"))
    });
    t.case("cn-beside-other-san", MISMATCH, |p| {
        p.leaf().subject = Name::cn(HOST);
        p.leaf().names(&[ext::dns("www.example.com")]);
    });
    t.case("cn-beside-empty-dns-san", MISMATCH, |p| {
        p.leaf().subject = Name::cn(HOST);
        p.leaf().names(&[ext::dns("")]);
    });
    t.case("cn-first-of-two", MATCH, |p| {
        cn_only(p, Name::cn(HOST).and(dn::CN, dn::UTF8, b"other"))
    });
    t.case("cn-second-of-two", MATCH, |p| {
        cn_only(p, Name::cn("other").and(dn::CN, dn::UTF8, HOST.as_bytes()))
    });
    t.case("cn-in-multi-valued-rdn", MATCH, |p| {
        let mut name = Name::default().and(dn::O, dn::UTF8, b"Example");
        name.0[0].extend(Name::cn(HOST).0.remove(0));
        cn_only(p, name);
    });
    t.case("cn-absent", MISMATCH, |p| {
        cn_only(p, Name::default().and(dn::O, dn::UTF8, HOST.as_bytes()))
    });
    t.case("cn-upper-case", MATCH, |p| {
        cn_only(p, Name::cn("SIP.EXAMPLE.COM"))
    });
    t.case("cn-nul", MISMATCH, |p| {
        cn_only(p, Name::cn("sip.example.com\0.evil.org"))
    });
    t.case("cn-nul-at-end", MISMATCH, |p| {
        cn_only(p, Name::cn("sip.example.com\0"))
    });
    t.case("cn-with-spaces", MISMATCH, |p| {
        cn_only(p, Name::cn(" sip.example.com"))
    });
    t.case("cn-empty", MISMATCH, |p| cn_only(p, Name::cn("")));
    t.case("cn-no-check", MATCH, |p| {
        cn_only(p, Name::cn("other"));
        p.question.host = None;
    });
}

fn strings(t: &mut Topic) {
    let rows: [(&str, &str, u8, Vec<u8>); 12] = [
        ("printable", MATCH, dn::PRINTABLE, HOST.into()),
        ("utf8", MATCH, dn::UTF8, HOST.into()),
        ("ia5", MATCH, dn::IA5, HOST.into()),
        ("t61", MATCH, dn::T61, HOST.into()),
        ("bmp", MATCH, dn::BMP, dn::ucs2(HOST)),
        ("universal", MATCH, dn::UNIVERSAL, dn::ucs4(HOST)),
        ("visible", "unreadable", 0x1a, HOST.into()),
        ("numeric", MATCH, 0x12, HOST.into()),
        ("general", "unreadable", 0x1b, HOST.into()),
        ("octets", "unreadable", 0x04, HOST.into()),
        ("bmp-odd-length", "unreadable", dn::BMP, HOST.into()),
        (
            "utf8-broken",
            "unreadable",
            dn::UTF8,
            b"sip.example.com\xff".to_vec(),
        ),
    ];
    for (name, expect, tag, value) in rows {
        t.case(&format!("cn-as-{name}"), expect, move |p| {
            cn_only(p, Name::default().and(dn::CN, tag, &value));
        });
    }
    t.case("cn-as-t61-umlaut", MATCH, |p| {
        cn_only(
            p,
            Name::default().and(dn::CN, dn::T61, b"m\xfcnchen.example.com"),
        );
        p.question.host = Some("münchen.example.com".into());
    });
    t.case("cn-as-bmp-umlaut", MATCH, |p| {
        cn_only(
            p,
            Name::default().and(dn::CN, dn::BMP, &dn::ucs2("münchen.example.com")),
        );
        p.question.host = Some("münchen.example.com".into());
    });
    t.case("cn-as-bmp-wildcard", MATCH, |p| {
        cn_only(
            p,
            Name::default().and(dn::CN, dn::BMP, &dn::ucs2("*.example.com")),
        );
    });
}

/// Tests which subject alternative names still let the common name count.
fn fallback(t: &mut Topic) {
    let rows: [(&str, &str, Vec<u8>); 7] = [
        ("email", MATCH, ext::email("user@example.com")),
        ("uri", MATCH, ext::uri("sip:example.com")),
        ("ip", MATCH, ext::ip("192.0.2.7")),
        (
            "directory",
            MATCH,
            ext::directory(&Name::cn("www.example.com")),
        ),
        ("other-name", MATCH, ext::other_name()),
        ("registered-id", MATCH, ext::registered("1.2.3")),
        ("dns", MISMATCH, ext::dns("www.example.com")),
    ];
    for (name, expect, san) in rows {
        t.case(&format!("cn-beside-{name}"), expect, move |p| {
            p.leaf().subject = Name::cn(HOST);
            p.leaf().names(std::slice::from_ref(&san));
        });
    }
    t.case("sip-uri-is-not-looked-at", MISMATCH, |p| {
        p.leaf().names(&[ext::uri("sip:sip.example.com")]);
    });
    t.case("email-is-not-looked-at", MISMATCH, |p| {
        p.leaf().names(&[ext::email("user@sip.example.com")])
    });
}

fn presented_and_asked(p: &mut Plan, presented: &[&str], asked: &str) {
    let names: Vec<_> = presented.iter().map(|n| ext::dns(n)).collect();
    p.leaf().names(&names);
    p.question.host = Some(asked.into());
}

pub(super) fn cn_only(p: &mut Plan, subject: Name) {
    p.leaf().names(&[]);
    p.leaf().subject = subject;
}
