//! Which certificates there are, and how they are connected.

use super::{any, some_cert};
use crate::{
    dn::{self, Name},
    ext,
    keys::{Key, Kind},
    plan::{Cert, INTER, LEAF, Plan, ROOT, Trusted},
    rng::Rng,
};

/// A certificate that resembles another one, sent or trusted too.
pub(super) fn extra_certificate(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    let mut twin = p.certs[n].clone();
    twin.serial = vec![0x33, rng.below(100) as u8];
    match rng.below(6) {
        0 => twin.expired(),
        1 => twin.key.1 = 0x20 + rng.below(4) as u8,
        2 => twin.signer = any(p, rng),
        3 => twin.drop(ext::SUBJECT_KEY_ID),
        4 => twin.put(ext::basic_constraints(false, None)),
        _ => {}
    }
    let twin = p.add(twin);
    if rng.one_in(3) {
        p.certs[twin].signer = twin;
    }
    place(p, twin, rng);
}

/// Puts a certificate somewhere among those sent or trusted.
fn place(p: &mut Plan, cert: usize, rng: &mut Rng) {
    match rng.below(3) {
        0 => p.sent.push(cert),
        1 => p.sent.insert(1, cert),
        _ => {
            let at = rng.below(p.trusted.len() + 1);
            p.trusted.insert(at, Trusted::plain(cert));
        }
    }
}

/// Several CAs of one name: other keys, expired, with and without key identifiers, some of them self-signed.
pub(super) fn same_name(p: &mut Plan, rng: &mut Rng) {
    let of = rng.pick(&[INTER, ROOT, ROOT]);
    let without_ids = rng.one_in(2);
    for n in 0..1 + rng.below(2) {
        let mut other = p.certs[of].clone();
        other.serial = vec![0x44, n as u8];
        if rng.one_in(2) {
            other.key.1 = 0x28 + n as u8;
        }
        if rng.one_in(3) {
            other.expired();
        } else if rng.one_in(3) {
            other.not_after += rng.pick(&[-1, 1]);
        }
        let other = p.add(other);
        if of == ROOT || rng.one_in(3) {
            p.certs[other].signer = other;
        }
        place(p, other, rng);
    }
    if without_ids {
        let drop = rng.pick(&[ext::AUTHORITY_KEY_ID, ext::SUBJECT_KEY_ID]);
        p.certs.iter_mut().for_each(|c| c.drop(drop));
    }
}

/// An intermediate, or several, whose issuer has the same name.
pub(super) fn self_issued(p: &mut Plan, rng: &mut Rng) {
    let all = p.intermediates(1 + rng.below(4));
    for pair in all.windows(2) {
        if rng.one_in(2) {
            p.certs[pair[0]].subject = p.certs[pair[1]].subject.clone();
        }
    }
    let top = all[all.len() - 1];
    if rng.one_in(2) {
        p.certs[top].subject = p.certs[ROOT].subject.clone();
    }
    for cert in all.into_iter().chain([ROOT]) {
        if rng.one_in(3) {
            let length = rng.below(3) as u8;
            p.certs[cert].put(ext::basic_constraints(true, Some(length)));
        }
    }
}

/// A long chain, now and then as long as OpenSSL accepts, or longer.
pub(super) fn long(p: &mut Plan, rng: &mut Rng) {
    let count = match rng.below(12) {
        0 => 98 + rng.below(4),
        _ => 3 + rng.below(8),
    };
    let all = p.intermediates(count);
    match rng.below(4) {
        0 => p.certs[all[count / 2]].expired(),
        1 => {
            let at = rng.below(count);
            let length = (at + rng.below(2)).saturating_sub(1);
            p.certs[all[at]].put(ext::basic_constraints(true, Some(length as u8)));
        }
        2 => rng.shuffle(&mut p.sent[1..]),
        _ => {}
    }
}

pub(super) fn issuer(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    let name = p.certs[p.certs[n].signer].subject.clone();
    p.certs[n].issuer = Some(match rng.below(5) {
        0 => name.map(str::to_uppercase),
        1 => name.retagged(dn::PRINTABLE),
        2 => name.map(|s| format!(" {}  ", s.replace(' ', "  "))),
        3 => Name::cn("Nobody"),
        _ => name.and(dn::O, dn::UTF8, b"Example"),
    });
}

pub(super) fn sent(p: &mut Plan, rng: &mut Rng) {
    match rng.below(4) {
        0 => rng.shuffle(&mut p.sent[1..]),
        1 if p.sent.len() > 1 => _ = p.sent.remove(1 + rng.below(p.sent.len() - 1)),
        2 => p.sent.push(ROOT),
        _ => {
            let again = rng.pick(&p.sent);
            p.sent.push(again);
        }
    }
}

pub(super) fn trusted(p: &mut Plan, rng: &mut Rng) {
    let added = Trusted::plain(any(p, rng));
    match rng.below(4) {
        0 => rng.shuffle(&mut p.trusted),
        1 => p.trusted.push(added),
        2 => unrelated(p, rng),
        _ => p.trusted.insert(0, added),
    }
}

/// A CA that has nothing to do with the peer, or only has the same name.
fn unrelated(p: &mut Plan, rng: &mut Rng) {
    let mut other = Cert::ca("Unrelated CA", 20, p.certs.len());
    if rng.one_in(2) {
        other.subject = p.certs[rng.pick(&[INTER, ROOT])].subject.clone();
    }
    match rng.below(4) {
        0 => other.expired(),
        1 => other.serial = vec![0xff, 1],
        2 => other.signing_key = Some(Key(Kind::P256, 9)),
        _ => other.trailing = vec![5, 0],
    }
    let other = p.add(other);
    p.trusted.insert(0, Trusted::plain(other));
}

pub(super) fn version(p: &mut Plan, rng: &mut Rng) {
    let cert = some_cert(p, rng);
    match rng.below(4) {
        0 => cert.v1(),
        1 => cert.version = None,
        2 => cert.unique_ids = true,
        _ => cert.version = Some(rng.below(4) as u8),
    }
    if rng.one_in(4) {
        p.certs[LEAF].serial = rng.pick(&[vec![0], vec![0xff, 1], vec![0x7f; 21], vec![0, 1]]);
    }
}
