//! Name constraints on mailboxes of every form, and subtrees with bounds.

use super::Topic;
use crate::{
    der,
    dn::{self, Name},
    ext::{self, Extension},
    plan::{HOST, Plan},
};

pub(super) fn forms(t: &mut Topic) {
    subject_mail(t);
    utf8_mailboxes(t);
    bounds(t);
    many_forms(t);
}

/// An e-mail address in the subject that is no IA5String, whatever the constraint is about.
fn subject_mail(t: &mut Topic) {
    let tags = [
        ("ia5", dn::IA5, "ok"),
        ("utf8", dn::UTF8, "53@0"),
        ("printable", dn::PRINTABLE, "53@0"),
        ("t61", dn::T61, "53@0"),
        ("bmp", dn::BMP, "53@0"),
    ];
    for (name, tag, expect) in tags {
        let with_mail = move |p: &mut Plan| {
            let text = "user@example.com";
            let value = if tag == dn::BMP {
                dn::ucs2(text)
            } else {
                text.into()
            };
            p.leaf().subject = Name::cn("server").and(dn::EMAIL, tag, &value);
        };
        t.case(
            &format!("subject-mail-{name}-under-dns"),
            expect,
            move |p| {
                with_mail(p);
                p.inter()
                    .put(ext::name_constraints(&[ext::dns("example.com")], &[]));
            },
        );
        t.case(
            &format!("subject-mail-{name}-under-mail"),
            expect,
            move |p| {
                with_mail(p);
                p.inter()
                    .put(ext::name_constraints(&[ext::email("example.com")], &[]));
            },
        );
        t.case(
            &format!("subject-mail-{name}-excluded-directory"),
            expect,
            move |p| {
                with_mail(p);
                p.inter().put(ext::name_constraints(
                    &[],
                    &[ext::directory(&Name::cn("Another"))],
                ));
            },
        );
        t.case(
            &format!("subject-mail-{name}-without-constraints"),
            "ok",
            with_mail,
        );
        t.case(
            &format!("subject-mail-{name}-of-the-intermediate"),
            &expect.replace("@0", "@1"),
            move |p| {
                let subject = p.inter().subject.clone();
                let value = if tag == dn::BMP {
                    dn::ucs2("a@example.com")
                } else {
                    b"a@example.com".to_vec()
                };
                p.inter().subject = subject.and(dn::EMAIL, tag, &value);
                p.root()
                    .put(ext::name_constraints(&[], &[ext::dns("example.org")]));
            },
        );
    }
}

fn utf8_mailboxes(t: &mut Topic) {
    let address = "\u{fc}ser@example.com";
    let constraints: [(&str, &str, Vec<u8>); 6] = [
        ("domain", "ok", ext::email("example.com")),
        ("other-domain", "47@0", ext::email("example.org")),
        ("mailbox", "47@0", ext::email("user@example.com")),
        ("subdomains", "47@0", ext::email(".example.com")),
        ("other-name", "ok", ext::smtp_utf8_mailbox("example.com")),
        ("dns", "ok", ext::dns("example.com")),
    ];
    for (name, expect, base) in constraints {
        let excluded = match (name, expect) {
            ("other-name", _) => "ok",
            (_, "ok") => "48@0",
            (_, "47@0") => "ok",
            (_, other) => other,
        };
        let leaf = move |p: &mut Plan| {
            p.leaf()
                .names(&[ext::dns(HOST), ext::smtp_utf8_mailbox(address)])
        };
        let permitted = base.clone();
        t.case(
            &format!("utf8-mailbox-permitted-{name}"),
            expect,
            move |p| {
                leaf(p);
                p.inter()
                    .put(ext::name_constraints(std::slice::from_ref(&permitted), &[]));
            },
        );
        t.case(
            &format!("utf8-mailbox-excluded-{name}"),
            excluded,
            move |p| {
                leaf(p);
                p.inter()
                    .put(ext::name_constraints(&[], std::slice::from_ref(&base)));
            },
        );
    }
    t.case("utf8-mailbox-in-ascii-excluded", "48@0", |p| {
        p.leaf()
            .names(&[ext::dns(HOST), ext::smtp_utf8_mailbox("user@example.com")]);
        p.inter()
            .put(ext::name_constraints(&[], &[ext::email("example.com")]));
    });
    t.case("utf8-mailbox-without-at", "53@0", |p| {
        p.leaf()
            .names(&[ext::dns(HOST), ext::smtp_utf8_mailbox("nobody")]);
        p.inter()
            .put(ext::name_constraints(&[ext::email("example.com")], &[]));
    });
    t.case("utf8-mailbox-of-another-type", "53@0", |p| {
        let value = der::context(0, &der::tlv(dn::IA5, b"user@example.org"));
        let name = der::context(0, &[der::oid("1.3.6.1.5.5.7.8.9"), value].concat());
        p.leaf().names(&[ext::dns(HOST), name]);
        p.inter()
            .put(ext::name_constraints(&[ext::email("example.com")], &[]));
    });
}

/// Subtrees with a minimum and a maximum. All but a minimum of zero are refused if a name of that form is checked.
fn bounds(t: &mut Topic) {
    let bounds: [(&str, &str, Vec<u8>); 5] = [
        ("minimum-zero", "ok", der::implicit(0, &[0])),
        ("minimum-two", "49@0", der::implicit(0, &[2])),
        ("minimum-negative", "49@0", der::implicit(0, &[0xff])),
        ("maximum", "49@0", der::implicit(1, &[5])),
        (
            "minimum-zero-and-maximum",
            "49@0",
            [der::implicit(0, &[0]), der::implicit(1, &[0])].concat(),
        ),
    ];
    for (name, expect, bound) in bounds {
        for (list, tag) in [("permitted", 0), ("excluded", 1)] {
            let base = match list {
                "permitted" => "example.com",
                _ => "example.org",
            };
            let tree = der::sequence(&[ext::dns(base), bound.clone()]);
            let value = der::sequence(&[der::context(tag, &tree)]);
            t.case(&format!("{list}-{name}"), expect, move |p| {
                p.inter()
                    .put(Extension::new(ext::NAME_CONSTRAINTS, value.clone()))
            });
        }
        let tree = der::sequence(&[ext::email("example.com"), bound.clone()]);
        let value = der::sequence(&[der::context(0, &tree)]);
        t.case(
            &format!("{name}-of-a-form-that-no-name-has"),
            "ok",
            move |p| {
                p.inter()
                    .put(Extension::new(ext::NAME_CONSTRAINTS, value.clone()))
            },
        );
    }
}

/// Constraints as public CAs write them: directory names and DNS names permitted, all addresses excluded.
fn many_forms(t: &mut Topic) {
    let constrained = |p: &mut Plan| {
        let organisation = Name::default().and(dn::O, dn::UTF8, b"Example");
        p.leaf().subject = organisation.clone().and(dn::CN, dn::UTF8, HOST.as_bytes());
        p.inter().put(ext::name_constraints(
            &[
                ext::directory(&organisation),
                ext::dns("example.com"),
                ext::dns("example.org"),
            ],
            &[ext::ip_bytes(&[0; 8]), ext::ip_bytes(&[0; 32])],
        ));
    };
    t.case("public-style", "ok", constrained);
    t.case("public-style-with-an-address", "48@0", move |p| {
        constrained(p);
        p.leaf().names(&[ext::dns(HOST), ext::ip("192.0.2.7")]);
    });
    t.case("public-style-of-another-organisation", "47@0", move |p| {
        constrained(p);
        let other = Name::default().and(dn::O, dn::UTF8, b"Another");
        p.leaf().subject = other.and(dn::CN, dn::UTF8, HOST.as_bytes());
    });
    t.case("public-style-of-another-host", "47@0", move |p| {
        constrained(p);
        p.leaf()
            .names(&[ext::dns(HOST), ext::dns("sip.example.net")]);
    });
}
