//! What the peer sends: order, duplicates, gaps, and the intermediates themselves.

use super::Topic;
use crate::{
    der,
    dn::Name,
    ext::{self, Extension},
    keys::{Key, Kind},
    plan::{Cert, INTER, LEAF, Plan, ROOT},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("chain");
    sent(&mut t);
    missing(&mut t);
    intermediate(&mut t);
    lengths(&mut t);
    alternatives(&mut t);
    names(&mut t);
    t
}

fn sent(t: &mut Topic) {
    t.case("root-sent-too", "ok", |p| p.sent = vec![LEAF, INTER, ROOT]);
    t.case("order-reversed", "ok", |p| p.sent = vec![LEAF, ROOT, INTER]);
    t.case("order-shuffled", "ok", |p| {
        let [a, b, c] = three(p);
        p.sent = vec![LEAF, c, a, b];
    });
    t.case("duplicates", "ok", |p| {
        p.sent = vec![LEAF, INTER, INTER, LEAF, INTER]
    });
    t.case("leaf-twice", "ok", |p| p.sent = vec![LEAF, LEAF, INTER]);
    t.case("unrelated-between", "ok", |p| {
        let other = unrelated(p);
        p.sent = vec![LEAF, other, INTER];
    });
    t.case("unrelated-last", "ok", |p| {
        let other = unrelated(p);
        p.sent = vec![LEAF, INTER, other];
    });
    t.case("unrelated-broken", "ok", |p| {
        let other = unrelated(p);
        p.certs[other].broken_signature = true;
        p.certs[other].expired();
        p.sent = vec![LEAF, other, INTER];
    });
    t.case("unreadable-last", "unreadable", |p| {
        let other = unrelated(p);
        p.certs[other].spki = Some(vec![5, 0]);
        p.sent = vec![LEAF, INTER, other];
    });
    t.case("forty-unrelated", "ok", |p| {
        for n in 0..40 {
            let cert = Cert::ca(&format!("Unrelated {n}"), 40 + n, p.certs.len());
            let added = p.add(cert);
            p.sent.push(added);
        }
    });
    t.case("leaf-alone-direct-with-unrelated", "ok", |p| {
        p.direct();
        let other = unrelated(p);
        p.sent = vec![LEAF, other];
    });
}

fn three(p: &mut Plan) -> [usize; 3] {
    let all = p.intermediates(3);
    [all[0], all[1], all[2]]
}

fn unrelated(p: &mut Plan) -> usize {
    let other = p.certs.len();
    p.add(Cert::ca("Unrelated CA", 20, other))
}

fn missing(t: &mut Topic) {
    t.case("inter-missing", "20@0", |p| p.sent = vec![LEAF]);
    t.case("inter-from-trusted", "ok", |p| {
        p.sent = vec![LEAF];
        p.trust(&[ROOT, INTER]);
    });
    t.case("inter-from-trusted-first", "ok", |p| {
        p.sent = vec![LEAF];
        p.trust(&[INTER, ROOT]);
    });
    t.case("inter-from-trusted-only", "2@1", |p| {
        p.sent = vec![LEAF];
        p.trust(&[INTER]);
    });
    t.case("inter-sent-and-trusted-only", "2@1", |p| p.trust(&[INTER]));
    t.case("root-not-trusted", "20@1", |p| {
        let other = unrelated(p);
        p.trust(&[other]);
    });
    t.case("root-not-trusted-but-sent", "19@2", |p| {
        let other = unrelated(p);
        p.sent = vec![LEAF, INTER, ROOT];
        p.trust(&[other]);
    });
    t.case("middle-missing", "20@1", |p| {
        let [a, _, c] = three(p);
        p.sent = vec![LEAF, a, c];
    });
    // Once a certificate came from `trusted-ca`, OpenSSL looks for issuers only there.
    t.case("middle-from-trusted", "2@2", |p| {
        let [a, b, c] = three(p);
        p.sent = vec![LEAF, a, c];
        p.trust(&[b, ROOT]);
    });
    t.case("middle-and-upper-from-trusted", "ok", |p| {
        let [a, b, c] = three(p);
        p.sent = vec![LEAF, a];
        p.trust(&[c, b, ROOT]);
    });
    t.case("all-from-trusted", "ok", |p| {
        let [a, b, c] = three(p);
        p.sent = vec![LEAF];
        p.trust(&[a, b, c, ROOT]);
    });
    t.case("unrelated-root", "20@0", |p| {
        let other = unrelated(p);
        p.sent = vec![LEAF];
        p.trust(&[other]);
    });
}

fn intermediate(t: &mut Topic) {
    t.case("inter-ca-false", "79@1", |p| {
        p.inter().put(ext::basic_constraints(false, None))
    });
    t.case("inter-no-basic-constraints", "79@1", |p| {
        p.inter().drop(ext::BASIC_CONSTRAINTS)
    });
    t.case("inter-no-basic-constraints-no-usage", "79@1", |p| {
        p.inter().drop(ext::BASIC_CONSTRAINTS);
        p.inter().drop(ext::KEY_USAGE);
    });
    t.case("inter-basic-constraints-not-critical", "ok", |p| {
        let mut constraints = ext::basic_constraints(true, None);
        constraints.critical = false;
        p.inter().put(constraints);
    });
    t.case("inter-v1", "79@1", |p| p.inter().v1());
    t.case("inter-v1-with-extensions", "ok", |p| {
        p.inter().version = None
    });
    t.case("inter-v2-with-extensions", "ok", |p| {
        p.inter().version = Some(1)
    });
    t.case("inter-no-key-usage", "ok", |p| {
        p.inter().drop(ext::KEY_USAGE)
    });
    t.case("inter-no-cert-sign", "79@1", |p| {
        p.inter().put(ext::key_usage(&[ext::DIGITAL_SIGNATURE]))
    });
    t.case("inter-crl-sign-only", "79@1", |p| {
        p.inter().put(ext::key_usage(&[ext::CRL_SIGN]))
    });
    t.case("inter-cert-sign-only", "ok", |p| {
        p.inter().put(ext::key_usage(&[ext::CERT_SIGN]))
    });
    t.case("inter-key-usage-empty", "20@0", |p| {
        p.inter().put(ext::key_usage(&[]))
    });
    t.case("inter-expired", "10@1", |p| p.inter().expired());
    t.case("inter-not-yet-valid", "9@1", |p| p.inter().not_yet_valid());
    t.case("inter-bad-signature", "7@1", |p| {
        p.inter().broken_signature = true
    });
    t.case("inter-signed-by-other-key", "7@1", |p| {
        p.inter().signing_key = Some(Key(Kind::P256, 9))
    });
    t.case("leaf-signed-by-other-key", "7@0", |p| {
        p.leaf().signing_key = Some(Key(Kind::P256, 9))
    });
    t.case("inter-critical-unknown", "34@1", |p| {
        p.inter()
            .put(Extension::new(ext::UNKNOWN, vec![5, 0]).critical())
    });
    t.case("inter-critical-policies", "ok", |p| {
        p.inter().put(ext::policies(&["1.2.3"]).critical())
    });
    t.case("inter-policy-constraints", "ok", |p| {
        let value = der::sequence(&[der::implicit(0, &[0])]);
        p.inter()
            .put(Extension::new(ext::POLICY_CONSTRAINTS, value).critical());
    });
    t.case("inter-policy-mappings", "ok", |p| {
        let value = der::sequence(&[der::sequence(&[der::oid("1.2.3"), der::oid("1.2.4")])]);
        p.inter()
            .put(Extension::new(ext::POLICY_MAPPINGS, value).critical());
    });
    t.case("inter-unique-ids", "ok", |p| p.inter().unique_ids = true);
    t.case("inter-negative-serial", "ok", |p| {
        p.inter().serial = vec![0xff, 1]
    });
    t.case("inter-broken-basic-constraints", "20@0", |p| {
        p.inter()
            .put(Extension::new(ext::BASIC_CONSTRAINTS, vec![0x30, 5]));
    });
    t.case("inter-duplicate-extension", "20@0", |p| {
        let usage = ext::key_usage(&[ext::CERT_SIGN]);
        p.inter().extensions.push(usage);
    });
    t.case("inter-leaf-as-issuer", "79@1", |p| {
        let mut inter = Cert::leaf(ROOT);
        inter.key = Key(Kind::P256, 1);
        inter.subject = Name::cn("Some Server");
        p.certs[INTER] = inter;
    });
    t.case("inter-leaf-as-issuer-without-usage", "79@1", |p| {
        let mut inter = Cert::leaf(ROOT);
        inter.key = Key(Kind::P256, 1);
        inter.subject = Name::cn("Some Server");
        inter.drop(ext::KEY_USAGE);
        p.certs[INTER] = inter;
    });
    t.case("inter-algorithms-differ", "7@1", |p| {
        let key = p.certs[ROOT].key;
        p.inter().inner_algorithm =
            Some(key.algorithm(crate::keys::Digest::Sha384, crate::keys::Padding::Pkcs1));
    });
}

fn lengths(t: &mut Topic) {
    for count in [2, 4, 6, 7, 8, 12] {
        t.case(&format!("{count}-intermediates"), "ok", move |p| {
            p.intermediates(count);
        });
    }
    t.case("50-intermediates", "ok", |p| _ = p.intermediates(50));
    t.case("99-intermediates", "ok", |p| _ = p.intermediates(99));
    // X509_verify_cert's own limit is 100 intermediates.
    t.case("100-intermediates", "ok", |p| _ = p.intermediates(100));
    t.case("101-intermediates", "22@101", |p| _ = p.intermediates(101));
    t.case("inter-pathlen-0", "ok", |p| {
        p.inter().put(ext::basic_constraints(true, Some(0)))
    });
    t.case("root-pathlen-0", "25@2", |p| {
        p.root().put(ext::basic_constraints(true, Some(0)))
    });
    t.case("root-pathlen-0-direct", "ok", |p| {
        p.direct();
        p.root().put(ext::basic_constraints(true, Some(0)));
    });
    t.case("root-pathlen-1", "ok", |p| {
        p.root().put(ext::basic_constraints(true, Some(1)))
    });
    t.case("middle-pathlen-0", "25@2", |p| {
        let upper = p.intermediates(2)[1];
        p.certs[upper].put(ext::basic_constraints(true, Some(0)));
    });
    t.case("middle-pathlen-1-of-3", "25@3", |p| {
        let [_, _, top] = three(p);
        p.certs[top].put(ext::basic_constraints(true, Some(1)));
    });
    t.case("pathlen-0-above-self-issued", "ok", |p| {
        let all = p.intermediates(2);
        p.certs[all[0]].subject = p.certs[all[1]].subject.clone();
        p.certs[all[1]].put(ext::basic_constraints(true, Some(0)));
    });
    t.case("pathlen-0-with-ca-leaf", "ok", |p| {
        p.leaf().put(ext::basic_constraints(true, None));
        p.inter().put(ext::basic_constraints(true, Some(0)));
    });
    t.case("pathlen-negative", "20@0", |p| {
        let value = der::sequence(&[der::boolean(true), der::integer(&[0xff])]);
        p.inter()
            .put(Extension::new(ext::BASIC_CONSTRAINTS, value).critical());
    });
    t.case("pathlen-without-cert-sign", "79@1", |p| {
        p.inter().put(ext::basic_constraints(true, Some(1)));
        p.inter().put(ext::key_usage(&[ext::DIGITAL_SIGNATURE]));
    });
    t.case("pathlen-on-ca-false", "79@1", |p| {
        p.inter().put(ext::basic_constraints(false, Some(1)))
    });
}

/// More than one certificate fits.
fn alternatives(t: &mut Topic) {
    for (name, expect, expired_first) in [("first", "ok", true), ("last", "ok", false)] {
        t.case(&format!("inter-twice-expired-{name}"), expect, move |p| {
            let old = variant(p, INTER, Cert::expired);
            p.sent = if expired_first {
                vec![LEAF, old, INTER]
            } else {
                vec![LEAF, INTER, old]
            };
        });
    }
    t.case("inter-expired-sent-good-trusted", "ok", |p| {
        let old = variant(p, INTER, Cert::expired);
        p.sent = vec![LEAF, old];
        p.trust(&[INTER, ROOT]);
    });
    t.case("inter-good-sent-expired-trusted", "10@1", |p| {
        let old = variant(p, INTER, Cert::expired);
        p.trust(&[old, ROOT]);
    });
    t.case("inter-not-yet-valid-and-good", "ok", |p| {
        let new = variant(p, INTER, Cert::not_yet_valid);
        p.sent = vec![LEAF, new, INTER];
    });
    t.case("inter-other-key-first-without-ids", "7@0", |p| {
        let other = variant(p, INTER, |c| c.key = Key(Kind::P256, 9));
        p.leaf().drop(ext::AUTHORITY_KEY_ID);
        p.sent = vec![LEAF, other, INTER];
    });
    t.case("inter-other-key-first-with-ids", "ok", |p| {
        let other = variant(p, INTER, |c| c.key = Key(Kind::P256, 9));
        p.sent = vec![LEAF, other, INTER];
    });
    t.case("inter-ca-false-and-good", "79@1", |p| {
        let bad = variant(p, INTER, |c| c.put(ext::basic_constraints(false, None)));
        p.sent = vec![LEAF, bad, INTER];
    });
    t.case("inter-bad-signature-and-good", "7@1", |p| {
        let bad = variant(p, INTER, |c| c.broken_signature = true);
        p.sent = vec![LEAF, bad, INTER];
    });
    cross_signed(t);
}

fn cross_signed(t: &mut Topic) {
    // The root's key, certified by an older root that nobody trusts any more.
    t.case("root-cross-signed-by-unknown", "ok", |p| {
        let cross = cross(p);
        p.sent = vec![LEAF, INTER, cross];
    });
    t.case("root-cross-signed-and-both-trusted", "ok", |p| {
        let cross = cross(p);
        p.sent = vec![LEAF, INTER, cross];
        p.trust(&[p.certs[cross].signer, ROOT]);
    });
    t.case("root-cross-signed-and-old-trusted", "ok", |p| {
        let cross = cross(p);
        p.sent = vec![LEAF, INTER, cross];
        p.trust(&[p.certs[cross].signer]);
    });
    t.case("root-cross-signed-by-expired", "10@3", |p| {
        let cross = cross(p);
        let old = p.certs[cross].signer;
        p.certs[old].expired();
        p.sent = vec![LEAF, INTER, cross];
        p.trust(&[old]);
    });
    t.case("cross-certificate-expired-root-trusted", "ok", |p| {
        let cross = cross(p);
        p.certs[cross].expired();
        p.sent = vec![LEAF, INTER, cross];
    });
    t.case("cross-certificate-trusted", "2@2", |p| {
        let cross = cross(p);
        p.trust(&[cross, ROOT]);
    });
    t.case("cross-certificate-trusted-alone", "2@2", |p| {
        let cross = cross(p);
        p.trust(&[cross]);
    });
    t.case("cross-certificate-trusted-and-root-sent", "2@2", |p| {
        let cross = cross(p);
        p.sent = vec![LEAF, INTER, ROOT];
        p.trust(&[cross]);
    });
    // OpenSSL goes no further than a self-signed certificate, though the trusted root's key has signed it.
    t.case("self-signed-copy-of-the-root-between", "19@2", |p| {
        p.inter().put(ext::authority(Some(&[1; 20]), None));
        let copy = variant(p, ROOT, |c| c.drop(ext::SUBJECT_KEY_ID));
        p.certs[copy].signer = copy;
        p.sent.push(copy);
    });
    // Two intermediates that certify each other.
    t.case("loop", "20@2", |p| {
        let subject = p.certs[INTER].subject.clone();
        let mut second = Cert::ca("Second CA", 21, INTER);
        second.issuer = Some(subject);
        let second = p.add(second);
        p.inter().signer = second;
        p.sent = vec![LEAF, INTER, second];
    });
}

fn cross(p: &mut Plan) -> usize {
    let old = p.add(Cert::ca("Old Root CA", 9, p.certs.len()));
    let mut cross = p.certs[ROOT].clone();
    cross.signer = old;
    cross.serial = vec![0x55];
    p.add(cross)
}

/// A copy of a certificate with another serial number and one change.
fn variant(p: &mut Plan, of: usize, change: impl Fn(&mut Cert)) -> usize {
    let mut cert = p.certs[of].clone();
    cert.serial = vec![0x66];
    change(&mut cert);
    p.add(cert)
}

/// Issuer and subject written differently.
fn names(t: &mut Topic) {
    use crate::dn::{BMP, PRINTABLE, T61, UNIVERSAL, ucs2, ucs4};
    let text = "Example Issuing CA";
    let forms: [(&str, &str, u8, Vec<u8>); 9] = [
        ("printable", "ok", PRINTABLE, text.into()),
        ("t61", "ok", T61, text.into()),
        ("bmp", "ok", BMP, ucs2(text)),
        ("universal", "ok", UNIVERSAL, ucs4(text)),
        ("ia5", "ok", crate::dn::IA5, text.into()),
        ("upper-case", "ok", PRINTABLE, text.to_uppercase().into()),
        (
            "more-spaces",
            "ok",
            PRINTABLE,
            "  Example   Issuing CA ".into(),
        ),
        ("no-space", "20@0", PRINTABLE, "ExampleIssuing CA".into()),
        ("numeric", "20@0", 0x12, text.into()),
    ];
    for (name, expect, tag, value) in forms {
        t.case(&format!("issuer-name-{name}"), expect, move |p| {
            p.leaf().issuer = Some(Name::default().and(crate::dn::CN, tag, &value));
        });
    }
    t.case("issuer-name-other-case-umlaut", "20@0", |p| {
        p.inter().subject = Name::cn("Zertifizierung MÜNCHEN");
        p.leaf().issuer = Some(Name::cn("Zertifizierung münchen"));
    });
    t.case("issuer-name-latin1-umlaut", "ok", |p| {
        p.inter().subject = Name::cn("Zertifizierung München");
        p.leaf().issuer =
            Some(Name::default().and(crate::dn::CN, T61, b"Zertifizierung M\xfcnchen"));
    });
    t.case("issuer-name-parts-swapped", "20@0", |p| {
        let (cn, o) = (Name::cn("CA"), crate::dn::O);
        p.inter().subject = cn.clone().and(o, PRINTABLE, b"Example");
        let mut swapped = cn.and(o, PRINTABLE, b"Example");
        swapped.0.reverse();
        p.leaf().issuer = Some(swapped);
    });
    t.case("root-name-other-case", "ok", |p| {
        p.inter().issuer = Some(p.certs[ROOT].subject.clone().map(str::to_uppercase));
    });
    t.case("root-self-issued-in-other-case", "ok", |p| {
        p.root().issuer = Some(p.certs[ROOT].subject.clone().map(str::to_uppercase));
    });
}
