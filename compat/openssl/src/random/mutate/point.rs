//! Where a certificate says its lists are, and what a list says it is for.

use super::{few, some_cert};
use crate::{
    der,
    dn::{self, Name},
    ext::{self, Extension},
    plan::{INTER, Plan, ROOT},
    rng::Rng,
};

const URIS: [&str; 2] = ["http://example.com/a.crl", "http://example.com/b.crl"];

/// DistributionPoints of every form.
pub(super) fn distribution(p: &mut Plan, rng: &mut Rng) {
    let names = issuers(p);
    let points: Vec<_> = (0..rng.below(3)).map(|_| one(&names, rng)).collect();
    let mut value = Extension::new(ext::DISTRIBUTION_POINTS, der::sequence(&points));
    value.critical = rng.one_in(4);
    some_cert(p, rng).put(value);
    if rng.one_in(2) {
        issuing(p, rng);
    }
}

fn issuers(p: &Plan) -> Vec<Name> {
    let own = p.certs[INTER].subject.clone();
    vec![
        own.clone().map(str::to_uppercase),
        own,
        p.certs[ROOT].subject.clone(),
        Name::cn("Nobody"),
    ]
}

fn one(issuers: &[Name], rng: &mut Rng) -> Vec<u8> {
    let mut parts = Vec::new();
    parts.extend((!rng.one_in(6)).then(|| point_name(issuers, rng)));
    parts.extend(rng.one_in(4).then(|| reasons(1, rng)));
    if rng.one_in(4) {
        let names: Vec<_> = few(issuers, 2, rng).iter().map(ext::directory).collect();
        parts.push(der::context(2, &names.concat()));
    }
    der::sequence(&parts)
}

/// A distributionPoint: full names of any form, or a name relative to the issuer's.
fn point_name(issuers: &[Name], rng: &mut Rng) -> Vec<u8> {
    let full = [
        ext::uri(URIS[0]),
        ext::uri(URIS[1]),
        ext::uri("HTTP://example.com/a.crl"),
        ext::directory(&issuers[0]),
        ext::directory(&relative(&issuers[1])),
        ext::dns("example.com"),
        ext::registered("1.2.3"),
    ];
    let name = match rng.below(4) {
        0 => {
            let attribute = Name::default().and(dn::O, dn::UTF8, b"part").der();
            // The SET inside the SEQUENCE, under a tag of its own.
            let set = rng.pick(&[&attribute[4..], &attribute[4..], &[]]);
            der::context(1, set)
        }
        1 => der::context(0, &few(&full, 3, rng).concat()),
        _ => der::context(0, &rng.pick(&full)),
    };
    der::context(0, &name)
}

/// The full name that a relative name makes with this issuer's name.
fn relative(issuer: &Name) -> Name {
    issuer.clone().and(dn::O, dn::UTF8, b"part")
}

fn reasons(tag: u8, rng: &mut Rng) -> Vec<u8> {
    let bits: &[&[u8]] = &[
        &[0],
        &[1, 6],
        &[7, 0x80],
        &[0, 0xff],
        &[7, 0xff, 0x80],
        &[0, 0, 0],
        &[0, 0xff, 0xff],
    ];
    der::implicit(tag, rng.pick(bits))
}

/// An issuing distribution point of any form in a list.
pub(super) fn issuing(p: &mut Plan, rng: &mut Rng) {
    let names = issuers(p);
    let flag = |tag, rng: &mut Rng| {
        let value = rng.pick(&[0xff, 0xff, 1, 0]);
        der::implicit(tag, &[value])
    };
    let mut parts = Vec::new();
    parts.extend(rng.one_in(2).then(|| point_name(&names, rng)));
    parts.extend(rng.one_in(4).then(|| flag(1, rng)));
    parts.extend(rng.one_in(5).then(|| flag(2, rng)));
    parts.extend(rng.one_in(5).then(|| reasons(3, rng)));
    parts.extend(rng.one_in(6).then(|| flag(4, rng)));
    parts.extend(rng.one_in(6).then(|| flag(5, rng)));
    let mut value = Extension::new(ext::ISSUING_POINT, der::sequence(&parts));
    value.critical = !rng.one_in(4);
    let count = p.crls.len();
    match count {
        0 => p.list().put(value),
        _ => p.crls[rng.below(count)].put(value),
    }
}
