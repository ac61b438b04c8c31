//! Forms of the encoding that OpenSSL accepts or refuses.

use super::Topic;
use crate::{
    der,
    edit::{
        ALGORITHM, Edit, Form, ISSUER, Place, SERIAL, SIGNATURE, SPKI, SUBJECT, Segments, VALIDITY,
    },
    ext::{self, Extension},
    plan::{INTER, LEAF, ROOT},
    tree::Length,
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("encoding");
    lengths(&mut t);
    segments(&mut t);
    trailing(&mut t);
    numbers(&mut t);
    signature_bits(&mut t);
    usage_bits(&mut t);
    t
}

/// Indefinite and long lengths of each part.
fn lengths(t: &mut Topic) {
    let places: [(&str, Place); 15] = [
        ("signed-part", Place::Path(&[])),
        ("serial", Place::Field(SERIAL, &[])),
        ("algorithm", Place::Field(ALGORITHM, &[])),
        ("issuer", Place::Field(ISSUER, &[])),
        ("issuer-rdn", Place::Field(ISSUER, &[0])),
        ("issuer-attribute", Place::Field(ISSUER, &[0, 0])),
        ("issuer-string", Place::Field(ISSUER, &[0, 0, 1])),
        ("validity", Place::Field(VALIDITY, &[])),
        ("subject", Place::Field(SUBJECT, &[])),
        ("spki", Place::Field(SPKI, &[])),
        ("spki-algorithm", Place::Field(SPKI, &[0])),
        ("extensions", Place::Field(SPKI + 1, &[])),
        ("extension-list", Place::Field(SPKI + 1, &[0])),
        ("extension", Place::Field(SPKI + 1, &[0, 0])),
        ("san", Place::Extension(ext::SUBJECT_ALT_NAME, &[])),
    ];
    for (name, place) in places {
        let is_primitive = matches!(name, "serial" | "issuer-string");
        let indefinite = match name {
            "serial" => "unreadable",
            "issuer-string" => "unreadable",
            _ => "ok",
        };
        let forms = [
            ("long", "ok", Length::Long(0)),
            ("with-zeros", "ok", Length::Long(2)),
            ("indefinite", indefinite, Length::Indefinite),
        ];
        for (form, expect, length) in forms {
            if is_primitive && form == "with-zeros" {
                continue;
            }
            let edit = Edit::new(place.clone(), Form::Length(length));
            t.case(&format!("{name}-{form}"), expect, move |p| {
                p.leaf().edits.push(edit.clone())
            });
        }
    }
    for (name, form, expect) in [
        ("long", Length::Long(0), "ok"),
        ("indefinite", Length::Indefinite, "ok"),
        ("too-short", Length::Wrong(-1), "unreadable"),
        ("too-long", Length::Wrong(1), "unreadable"),
    ] {
        t.case(&format!("certificate-{name}"), expect, move |p| {
            let edit = Edit::new(Place::Path(&[]), Form::Length(form));
            p.leaf().seal_edits.push(edit);
        });
    }
    // After a length in long form, OpenSSL demands one octet more than it needs.
    t.case("null-of-long-length", "unreadable", |p| {
        p.inter().key = crate::keys::Key(crate::keys::Kind::Rsa(2048), 1);
        let place = Place::Field(ALGORITHM, &[1]);
        p.leaf()
            .edits
            .push(Edit::new(place, Form::Length(Length::Long(0))));
    });
}

fn segments(t: &mut Topic) {
    let plain = Segments {
        indefinite: false,
        nested: false,
        tag: None,
        bare: false,
    };
    let forms = [
        ("definite", plain),
        (
            "indefinite",
            Segments {
                indefinite: true,
                ..plain
            },
        ),
        (
            "nested",
            Segments {
                nested: true,
                ..plain
            },
        ),
    ];
    let places: [(&str, &str, Place); 6] = [
        ("issuer-string", "ok", Place::Field(ISSUER, &[0, 0, 1])),
        ("subject-string", "ok", Place::Field(SUBJECT, &[0, 0, 1])),
        ("key-bits", "66@0", Place::Field(SPKI, &[1])),
        (
            "extension-value",
            "ok",
            Place::BehindValue(ext::SUBJECT_ALT_NAME),
        ),
        (
            "san-name",
            "ok",
            Place::Extension(ext::SUBJECT_ALT_NAME, &[0]),
        ),
        (
            "key-usage-bits",
            "26@0",
            Place::Extension(ext::KEY_USAGE, &[]),
        ),
    ];
    for (form, segments) in forms {
        for (name, expect, place) in places.clone() {
            t.case(&format!("{name}-in-segments-{form}"), expect, move |p| {
                p.leaf()
                    .edits
                    .push(Edit::new(place.clone(), Form::Segments(segments)))
            });
        }
        t.case(&format!("signature-in-segments-{form}"), "7@0", move |p| {
            p.leaf()
                .seal_edits
                .push(Edit::new(SIGNATURE, Form::Segments(segments)))
        });
    }
    // OpenSSL joins the segments of a BIT STRING with all their octets, and takes the first octet of all as the number
    // of unused bits.
    let bare = Segments {
        bare: true,
        ..plain
    };
    for (name, place) in [
        ("key-bits", Place::Field(SPKI, &[1])),
        ("key-usage-bits", Place::Extension(ext::KEY_USAGE, &[])),
    ] {
        t.case(&format!("{name}-in-bare-segments"), "ok", move |p| {
            p.leaf()
                .edits
                .push(Edit::new(place.clone(), Form::Segments(bare)))
        });
    }
    t.case("signature-in-bare-segments", "ok", move |p| {
        p.leaf()
            .seal_edits
            .push(Edit::new(SIGNATURE, Form::Segments(bare)))
    });
}

fn trailing(t: &mut Topic) {
    const NULL: Form = Form::Trailing(&[5, 0]);
    let places: [(&str, &str, Place); 9] = [
        ("signed-part", "unreadable", Place::Path(&[])),
        ("algorithm", "7@0", Place::Field(ALGORITHM, &[])),
        ("issuer", "unreadable", Place::Field(ISSUER, &[])),
        ("validity", "unreadable", Place::Field(VALIDITY, &[])),
        ("spki", "unreadable", Place::Field(SPKI, &[])),
        ("san-value", "ok", Place::BehindValue(ext::SUBJECT_ALT_NAME)),
        ("san", "20@0", Place::Extension(ext::SUBJECT_ALT_NAME, &[])),
        ("key-usage-value", "ok", Place::BehindValue(ext::KEY_USAGE)),
        (
            "authority-value",
            "ok",
            Place::BehindValue(ext::AUTHORITY_KEY_ID),
        ),
    ];
    for (name, expect, place) in places {
        t.case(&format!("behind-{name}"), expect, move |p| {
            p.leaf().edits.push(Edit::new(place.clone(), NULL))
        });
    }
    t.case("behind-the-certificate", "unreadable", |p| {
        p.leaf().trailing = vec![5, 0]
    });
    t.case("behind-the-trusted-certificate", "ok", |p| {
        p.root().trailing = vec![5, 0]
    });
    t.case("text-behind-the-trusted-certificate", "ok", |p| {
        p.root().trailing = b"some text".to_vec()
    });
    t.case("inside-the-certificate", "unreadable", |p| {
        p.leaf().seal_edits.push(Edit::new(Place::Path(&[]), NULL))
    });
}

fn numbers(t: &mut Topic) {
    t.case("version-not-minimal", "unreadable", |p| {
        let edit = Edit::new(Place::Path(&[0, 0]), Form::PadInteger(0));
        p.leaf().edits.push(edit);
    });
    for (name, n, expect) in [
        ("leaf", LEAF, "68@0"),
        ("inter", INTER, "20@0"),
        ("root", ROOT, "ok"),
    ] {
        t.case(
            &format!("fragment-that-is-no-text-{name}"),
            expect,
            move |p| {
                p.certs[n].put(ext::fragment(&[b'p', 0x8d]));
            },
        );
    }
    t.case("path-length-not-minimal", "20@0", |p| {
        let value = der::sequence(&[der::boolean(true), der::integer(&[0, 1])]);
        p.inter().put(Extension::new(ext::BASIC_CONSTRAINTS, value));
    });
    t.case("boolean-of-one", "ok", |p| {
        let value = der::sequence(&[der::tlv(1, &[1])]);
        p.inter().put(Extension::new(ext::BASIC_CONSTRAINTS, value));
    });
    t.case("critical-of-one", "34@0", |p| {
        p.leaf()
            .put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical());
        let edit = Edit::new(Place::Field(SPKI + 1, &[0, 5, 1]), Form::Boolean(1));
        p.leaf().edits.push(edit);
    });
    t.case("critical-written-out-as-false", "ok", |p| {
        p.leaf()
            .put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical());
        let edit = Edit::new(Place::Field(SPKI + 1, &[0, 5, 1]), Form::Boolean(0));
        p.leaf().edits.push(edit);
    });
}

/// Signatures with unused bits, at every depth and on a list.
fn signature_bits(t: &mut Topic) {
    for unused in [1, 4, 7] {
        let edit = Edit::new(SIGNATURE, Form::UnusedBits(unused));
        for (name, cert, expect) in [
            ("leaf", LEAF, "7@0"),
            ("intermediate", INTER, "7@1"),
            // The signature of a trusted root is not checked.
            ("root", ROOT, "ok"),
        ] {
            let edit = edit.clone();
            t.case(
                &format!("signature-of-the-{name}-with-{unused}-unused-bits"),
                expect,
                move |p| p.certs[cert].seal_edits.push(edit.clone()),
            );
        }
        t.case(
            &format!("signature-of-a-list-with-{unused}-unused-bits"),
            "8@0",
            move |p| p.list().seal_edits.push(edit.clone()),
        );
    }
    t.case("signature-with-8-unused-bits", "unreadable", |p| {
        let edit = Edit::new(SIGNATURE, Form::UnusedBits(8));
        p.leaf().seal_edits.push(edit);
    });
}

/// Bits of a usage that the count of unused bits removes.
fn usage_bits(t: &mut Topic) {
    let leaf: [(&str, &str, &'static [u8]); 5] = [
        ("digital-signature-kept", "ok", &[7, 0x80]),
        ("key-encipherment-taken-away", "26@0", &[6, 0x60]),
        ("all-but-non-repudiation-taken-away", "26@0", &[6, 0x7f]),
        ("everything-set", "ok", &[0, 0xff]),
        ("unused-bits-set", "ok", &[5, 0xbf]),
    ];
    for (name, expect, content) in leaf {
        t.case(&format!("key-usage-{name}"), expect, move |p| {
            p.leaf()
                .put(Extension::new(ext::KEY_USAGE, der::tlv(3, content)))
        });
    }
    let inter: [(&str, &str, &'static [u8]); 3] = [
        ("cert-sign-kept", "ok", &[2, 0x04]),
        ("cert-sign-taken-away", "79@1", &[3, 0x84]),
        ("nothing-left", "20@0", &[3, 0x04]),
    ];
    for (name, expect, content) in inter {
        t.case(
            &format!("intermediate-key-usage-{name}"),
            expect,
            move |p| {
                p.inter()
                    .put(Extension::new(ext::KEY_USAGE, der::tlv(3, content)))
            },
        );
    }
    let types: [(&str, &str, &'static [u8]); 3] = [
        ("server-kept", "ok", &[6, 0x40]),
        ("server-taken-away", "26@0", &[7, 0xc0]),
        ("nothing-left", "26@0", &[7, 0x40]),
    ];
    for (name, expect, content) in types {
        t.case(&format!("netscape-type-{name}"), expect, move |p| {
            p.leaf()
                .put(Extension::new(ext::NETSCAPE_TYPE, der::tlv(3, content)))
        });
    }
}
