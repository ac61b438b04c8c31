//! What a list covers, and its entries.

use super::{last_entry, revoked};
use crate::{
    cases::Topic,
    der,
    ext::{self, Extension, Issuing},
    plan::{Crl, Entry, INTER, Plan, ROOT},
};

pub(super) fn scopes(t: &mut Topic) {
    const URI: &str = "http://example.com/ca.crl";
    let point =
        |p: &mut Plan, issuing: Issuing<'_>| p.first_list().put(ext::issuing_point(issuing));
    t.case("uri-and-no-distribution-point", "44@0", move |p| {
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        )
    });
    t.case("uri-and-same-distribution-point", "ok", move |p| {
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::distribution_points(&[URI]));
    });
    t.case("uri-and-second-distribution-point", "ok", move |p| {
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::distribution_points(&[
            "http://example.com/other.crl",
            URI,
        ]));
    });
    t.case("uri-and-other-distribution-point", "44@0", move |p| {
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        );
        p.leaf()
            .put(ext::distribution_points(&["http://example.com/other.crl"]));
    });
    t.case("uri-same-and-revoked", "23@0", move |p| {
        revoked(p);
        point(
            p,
            Issuing {
                uri: Some(URI),
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::distribution_points(&[URI]));
    });
    t.case("uri-not-critical", "44@0", move |p| {
        let mut issuing = ext::issuing_point(Issuing {
            uri: Some(URI),
            ..Issuing::default()
        });
        issuing.critical = false;
        p.first_list().put(issuing);
    });
    t.case("no-issuing-point-and-distribution-point", "ok", |p| {
        p.list();
        p.leaf().put(ext::distribution_points(&[URI]));
    });
    t.case("empty-issuing-point", "ok", move |p| {
        point(p, Issuing::default())
    });
    t.case("only-user", "ok", move |p| {
        point(
            p,
            Issuing {
                only_user: true,
                ..Issuing::default()
            },
        )
    });
    t.case("only-user-revoked", "23@0", move |p| {
        revoked(p);
        point(
            p,
            Issuing {
                only_user: true,
                ..Issuing::default()
            },
        );
    });
    t.case("only-ca", "44@0", move |p| {
        point(
            p,
            Issuing {
                only_ca: true,
                ..Issuing::default()
            },
        )
    });
    t.case("only-ca-for-ca-leaf", "ok", move |p| {
        point(
            p,
            Issuing {
                only_ca: true,
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::basic_constraints(true, None));
    });
    t.case("only-user-for-ca-leaf", "44@0", move |p| {
        point(
            p,
            Issuing {
                only_user: true,
                ..Issuing::default()
            },
        );
        p.leaf().put(ext::basic_constraints(true, None));
    });
    t.case("only-attribute", "44@0", move |p| {
        point(
            p,
            Issuing {
                only_attribute: true,
                ..Issuing::default()
            },
        )
    });
    t.case("only-user-and-only-ca", "3@0", move |p| {
        point(
            p,
            Issuing {
                only_user: true,
                only_ca: true,
                ..Issuing::default()
            },
        );
    });
    t.case("some-reasons", "3@0", move |p| {
        point(
            p,
            Issuing {
                reasons: Some(&[1, 2]),
                ..Issuing::default()
            },
        )
    });
    t.case("indirect", "3@0", move |p| {
        point(
            p,
            Issuing {
                indirect: true,
                ..Issuing::default()
            },
        )
    });
    t.case("some-reasons-and-revoked", "3@0", move |p| {
        revoked(p);
        point(
            p,
            Issuing {
                reasons: Some(&[1, 2]),
                ..Issuing::default()
            },
        );
    });
    // OpenSSL treats a delta list as a complete list.
    t.case("delta-alone", "ok", |p| p.list().put(ext::delta(1)));
    t.case("delta-alone-revoked", "23@0", |p| {
        revoked(p);
        p.first_list().put(ext::delta(1));
    });
    t.case("delta-newer-than-base-that-revokes", "ok", |p| {
        revoked(p);
        let mut delta = Crl::by(INTER);
        delta.put(ext::delta(1));
        delta.this_update += 60;
        p.crls.push(delta);
    });
    t.case("delta-that-revokes-beside-base", "23@0", |p| {
        let leaf = p.leaf().clone();
        p.list();
        let mut delta = Crl::by(INTER);
        delta.put(ext::delta(1));
        delta.this_update += 60;
        delta.revoke(&leaf);
        p.crls.push(delta);
    });
    t.case("delta-of-another-issuer", "ok", |p| {
        p.list();
        let mut delta = Crl::by(ROOT);
        delta.put(ext::delta(1));
        p.crls.push(delta);
    });
}

pub(super) fn entries(t: &mut Topic) {
    for code in [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 77] {
        t.case(&format!("reason-{code}"), "23@0", move |p| {
            revoked(p);
            last_entry(p).extensions = vec![ext::reason(code)];
        });
    }
    t.case("reason-8-remove", "ok", |p| {
        revoked(p);
        last_entry(p).extensions = vec![ext::reason(8)];
    });
    t.case("reason-broken", "23@0", |p| {
        revoked(p);
        last_entry(p).extensions = vec![Extension::new(ext::REASON, vec![0x0a, 9])];
    });
    t.case("reason-twice", "23@0", |p| {
        revoked(p);
        last_entry(p).extensions = vec![ext::reason(1), ext::reason(1)];
    });
    t.case("invalidity-date", "23@0", |p| {
        revoked(p);
        let value = der::tlv(0x18, b"20200101000000Z");
        last_entry(p).extensions = vec![Extension::new(ext::INVALIDITY_DATE, value)];
    });
    t.case("entry-critical-unknown", "36@0", |p| {
        revoked(p);
        last_entry(p).extensions = vec![Extension::new(ext::UNKNOWN, vec![5, 0]).critical()];
    });
    t.case("other-entry-critical-unknown", "36@0", |p| {
        p.list();
        last_entry(p).extensions = vec![Extension::new(ext::UNKNOWN, vec![5, 0]).critical()];
    });
    t.case("entry-critical-reason", "36@0", |p| {
        revoked(p);
        last_entry(p).extensions = vec![ext::reason(1).critical()];
    });
    t.case("entry-certificate-issuer", "23@0", |p| {
        revoked(p);
        let issuer = ext::directory(&p.certs[INTER].subject.clone());
        last_entry(p).extensions =
            vec![Extension::new(ext::CERTIFICATE_ISSUER, der::sequence(&[issuer])).critical()];
    });
    t.case("entry-twice-removed-then-revoked", "ok", |p| {
        revoked(p);
        last_entry(p).extensions = vec![ext::reason(8)];
        let leaf = p.leaf().clone();
        p.first_list().revoke(&leaf);
    });
    t.case("entry-twice-revoked-then-removed", "23@0", |p| {
        let leaf = p.leaf().clone();
        revoked(p);
        p.first_list().revoke(&leaf);
        last_entry(p).extensions = vec![ext::reason(8)];
    });
    let serials: [(&str, &[u8]); 4] = [
        ("negative", &[0xff, 1]),
        ("zero", &[0]),
        ("25-bytes", &[0x7f; 25]),
        ("minus-one", &[0xff]),
    ];
    for (name, serial) in serials {
        t.case(&format!("serial-{name}-revoked"), "23@0", move |p| {
            p.leaf().serial = serial.to_vec();
            revoked(p);
        });
    }
    t.case("serial-negative-of-the-same-magnitude", "ok", |p| {
        p.leaf().serial = vec![5];
        p.list().revoked.push(Entry::of(&[0xfb]));
    });
    t.case("many-entries", "ok", |p| {
        p.list().revoked = (0..500u16)
            .map(|n| Entry::of(&[&[0x40], n.to_be_bytes().as_slice()].concat()))
            .collect();
    });
    t.case("many-entries-and-revoked", "23@0", |p| {
        let leaf = p.leaf().clone();
        let list = p.list();
        list.revoked = (0..500u16)
            .map(|n| Entry::of(&[&[0x40], n.to_be_bytes().as_slice()].concat()))
            .collect();
        list.revoke(&leaf);
    });
}
