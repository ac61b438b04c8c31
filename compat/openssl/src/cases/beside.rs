//! An odd certificate in `trusted-ca` beside the CA of the peer's path.

use super::Topic;
use crate::{
    der,
    edit::{Edit, Form, Place, SIGNATURE, SPKI, SUBJECT},
    ext::{self, Extension},
    keys::{Key, Kind},
    plan::{Cert, LEAF, Plan, Trusted},
    tree::Length,
};

/// A name, OpenSSL's answer, and what is odd.
type Odd = (&'static str, &'static str, fn(&mut Cert));

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("beside");
    let odd: [Odd; 22] = [
        ("negative-serial", "ok", |c| c.serial = vec![0xff, 1]),
        ("serial-of-two-zeros", "load", |c| c.serial = vec![0, 0]),
        ("year-1950", "ok", |c| {
            c.times[0] = Some(der::tlv(0x17, b"500101000000Z"))
        }),
        ("year-1949", "ok", |c| {
            c.times[0] = Some(der::tlv(0x18, b"19490101000000Z"))
        }),
        ("february-30", "ok", |c| {
            c.times[0] = Some(der::tlv(0x17, b"250230000000Z"))
        }),
        ("fractional-seconds", "ok", |c| {
            c.times[0] = Some(der::tlv(0x18, b"20250101000000.5Z"));
        }),
        ("without-z", "ok", |c| {
            c.times[0] = Some(der::tlv(0x17, b"250101000000"))
        }),
        ("no-time-at-all", "ok", |c| {
            c.times[0] = Some(der::tlv(0x17, b""))
        }),
        ("indefinite-length", "ok", |c| {
            seal(c, Place::Path(&[]), Form::Length(Length::Indefinite))
        }),
        ("unused-bits", "ok", |c| {
            seal(c, SIGNATURE, Form::UnusedBits(3))
        }),
        ("trailing-text", "ok", |c| {
            c.trailing = b"some text".to_vec()
        }),
        ("critical-unknown", "ok", |c| {
            c.put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical());
        }),
        ("gost-key", "ok", |c| c.spki = Some(gost())),
        ("key-that-is-none", "ok", |c| {
            c.spki = Some(der::sequence(&[
                der::sequence(&[der::oid("1.2.3")]),
                der::bits(&[]),
            ]))
        }),
        ("text-that-is-no-utf-8", "load", |c| {
            c.edits.push(Edit::new(
                Place::Field(SUBJECT, &[0, 0, 1]),
                Form::Replace(&[0x41, 0xe4, 0x42]),
            ));
        }),
        ("extension-twice", "ok", |c| {
            c.extensions.push(ext::key_usage(&[ext::CERT_SIGN]));
        }),
        ("broken-extension", "ok", |c| {
            c.put(Extension::new(ext::BASIC_CONSTRAINTS, vec![0x30, 5]));
        }),
        ("extensions-in-v1", "ok", |c| c.version = None),
        ("version-9", "ok", |c| c.version = Some(9)),
        ("constructed-key-bits", "load", |c| {
            c.edits
                .push(Edit::new(Place::Field(SPKI, &[1]), Form::Constructed));
        }),
        ("two-algorithms", "ok", |c| {
            c.inner_algorithm = Some(der::sequence(&[der::oid("1.2.840.113549.1.1.11")]));
        }),
        ("unknown-algorithm", "ok", |c| {
            c.algorithm = Some(der::sequence(&[der::oid("1.2.3.4")]));
        }),
    ];
    for (name, expect, change) in odd {
        t.case(name, expect, move |p| {
            let other = unrelated(p, change);
            p.trusted.insert(0, Trusted::plain(other));
        });
    }
    texts(&mut t);
    as_the_issuer(&mut t);
    t
}

/// Text between the blocks of the file.
fn texts(t: &mut Topic) {
    let texts: [(&str, &str, &'static [u8]); 9] = [
        ("plain", "ok", b"Our root\n"),
        ("without-a-line-break", "load", b"Our root "),
        ("latin-1", "ok", b"M\xfcller AG\n"),
        ("nul", "ok", b"a\0b\n"),
        ("byte-order-mark", "ok", b"\xef\xbb\xbf\n"),
        ("dashes", "ok", b"----------\n"),
        ("long-line", "ok", &[b'a'; 2000]),
        ("carriage-returns", "ok", b"\r\n\r\n"),
        (
            "begin-without-end",
            "load",
            b"-----BEGIN CERTIFICATE-----\n",
        ),
    ];
    for (name, expect, text) in texts {
        t.case(&format!("text-{name}"), expect, move |p| {
            p.trusted_text = text.to_vec();
            if text.len() == 2000 {
                p.trusted_text.push(b'\n');
            }
        });
    }
}

fn seal(cert: &mut Cert, place: Place, form: Form) {
    cert.seal_edits.push(Edit::new(place, form));
}

fn unrelated(p: &mut Plan, change: fn(&mut Cert)) -> usize {
    let mut other = Cert::ca("Unrelated CA", 20, p.certs.len());
    change(&mut other);
    p.add(other)
}

fn gost() -> Vec<u8> {
    let parameters = der::sequence(&[der::oid("1.2.643.2.2.36.0"), der::oid("1.2.643.7.1.1.2.2")]);
    let algorithm = der::sequence(&[der::oid("1.2.643.7.1.1.1.1"), parameters]);
    der::sequence(&[algorithm, der::bits(&der::octets(&[7; 64]))])
}

/// The same oddities in the CA of the peer's path.
fn as_the_issuer(t: &mut Topic) {
    let odd: [Odd; 8] = [
        ("february-30", "13@2", |c| {
            c.times[0] = Some(der::tlv(0x17, b"250230000000Z"))
        }),
        ("without-z", "13@2", |c| {
            c.times[0] = Some(der::tlv(0x17, b"250101000000"))
        }),
        ("fractional-seconds", "13@2", |c| {
            c.times[0] = Some(der::tlv(0x18, b"20250101000000.5Z"))
        }),
        ("end-without-z", "14@2", |c| {
            c.times[1] = Some(der::tlv(0x17, b"300101000000"))
        }),
        ("indefinite-length", "ok", |c| {
            seal(c, Place::Path(&[]), Form::Length(Length::Indefinite))
        }),
        ("trailing-text", "ok", |c| {
            c.trailing = b"some text".to_vec()
        }),
        ("gost-key", "20@1", |c| c.spki = Some(gost())),
        ("two-algorithms", "2@2", |c| {
            c.inner_algorithm = Some(der::sequence(&[der::oid("1.2.840.113549.1.1.11")]));
        }),
    ];
    for (name, expect, change) in odd {
        t.case(&format!("root-{name}"), expect, move |p| change(p.root()));
    }
    t.case("leaf-with-gost-key", "66@0", |p| {
        p.certs[LEAF].spki = Some(gost())
    });
    t.case("leaf-of-a-key-of-no-use", "ok", |p| {
        p.leaf().key = Key(Kind::K256, 0)
    });
}
