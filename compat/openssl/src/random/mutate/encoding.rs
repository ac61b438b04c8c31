//! Forms of the encoding around the signed part, and of lists.

use super::{any, form};
use crate::{
    edit::{Edit, Form, Place, SIGNATURE},
    ext,
    plan::Plan,
    rng::Rng,
};

/// One to three edits, each of another such form, anywhere.
pub(super) fn scattered(rng: &mut Rng, form: impl Fn(&mut Rng) -> Form) -> Vec<Edit> {
    let count = rng.pick(&[1, 1, 1, 2, 3]);
    (0..count)
        .map(|_| {
            let form = form(rng);
            Edit::new(anywhere(rng), form)
        })
        .collect()
}

/// Half of the time inside the value of an extension, where a fault does not make the whole unreadable.
fn anywhere(rng: &mut Rng) -> Place {
    let values = [
        ext::SUBJECT_ALT_NAME,
        ext::BASIC_CONSTRAINTS,
        ext::KEY_USAGE,
        ext::EXTENDED_KEY_USAGE,
        ext::SUBJECT_KEY_ID,
        ext::AUTHORITY_KEY_ID,
        ext::ISSUING_POINT,
        ext::CRL_NUMBER,
    ];
    match rng.one_in(2) {
        true => Place::Any(rng.next()),
        false => Place::InValue(rng.pick(&values), rng.next()),
    }
}

/// A form of any family.
pub(super) fn any_form(rng: &mut Rng) -> Form {
    match rng.below(9) {
        0 | 1 => form::length(rng),
        2 => form::segment(rng),
        3 => form::trail(rng),
        4 => form::tag(rng),
        5 => form::child(rng),
        6 => form::bit(rng),
        7 => Form::PadInteger(rng.pick(&[0, 0xff])),
        _ => form::byte(rng),
    }
}

/// The certificate itself, its signature algorithm and its signature.
pub(super) fn seals(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    let count = p.crls.len();
    let edit = seal(rng);
    match count {
        1.. if rng.one_in(2) => p.crls[rng.below(count)].seal_edits.push(edit),
        _ => p.certs[n].seal_edits.push(edit),
    }
}

fn seal(rng: &mut Rng) -> Edit {
    let places = [Place::Path(&[]), Place::Path(&[1]), SIGNATURE];
    let place = match rng.below(3) {
        0 => Place::Any(rng.next()),
        _ => rng.pick(&places),
    };
    Edit::new(place, any_form(rng))
}

/// A list in another form.
pub(super) fn lists(p: &mut Plan, rng: &mut Rng) {
    if p.crls.is_empty() || rng.one_in(4) {
        let leaf = p.leaf().clone();
        let list = p.list();
        if rng.one_in(3) {
            list.revoke(&leaf);
        }
        if rng.one_in(3) {
            list.put(ext::issuing_point(ext::Issuing::default()));
        }
    }
    let n = rng.below(p.crls.len());
    let edits = scattered(rng, any_form);
    match rng.below(4) {
        0 => p.crls[n].seal_edits.push(seal(rng)),
        _ => p.crls[n].edits.extend(edits),
    }
}
