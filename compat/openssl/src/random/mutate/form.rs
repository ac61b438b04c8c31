//! Forms of the encoding of the signed part of a certificate, one family for each mutation.

use super::{any, encoding::scattered, some_cert};
use crate::{
    edit::{ALGORITHM, Edit, Form, ISSUER, Place, SERIAL, SPKI, SUBJECT, Segments, VALIDITY},
    ext,
    plan::Plan,
    rng::Rng,
    tree::Length,
};

/// Adds one to three edits of such forms to the signed part of a certificate.
fn edit(p: &mut Plan, rng: &mut Rng, form: impl Fn(&mut Rng) -> Form) {
    let edits = scattered(rng, form);
    some_cert(p, rng).edits.extend(edits);
}

/// Lengths in long, indefinite and wrong form, anywhere.
pub(super) fn lengths(p: &mut Plan, rng: &mut Rng) {
    if rng.one_in(3) {
        let edits = at_a_known_place(rng);
        let n = any(p, rng);
        p.certs[n].edits.push(edits);
        return;
    }
    edit(p, rng, length);
}

pub(super) fn length(rng: &mut Rng) -> Form {
    Form::Length(match rng.below(12) {
        0..6 => Length::Indefinite,
        6..9 => Length::Long(0),
        9..11 => Length::Long(rng.pick(&[1, 2, 3, 4, 7, 12])),
        _ => Length::Wrong(rng.pick(&[-1, 1])),
    })
}

/// The places where decoders of certificates differ most.
fn at_a_known_place(rng: &mut Rng) -> Edit {
    let places: &[(usize, &'static [usize])] = &[
        (SERIAL, &[]),
        (ALGORITHM, &[]),
        (ALGORITHM, &[0]),
        (ISSUER, &[]),
        (ISSUER, &[0]),
        (ISSUER, &[0, 0]),
        (ISSUER, &[0, 0, 1]),
        (VALIDITY, &[]),
        (VALIDITY, &[0]),
        (SUBJECT, &[]),
        (SUBJECT, &[0]),
        (SUBJECT, &[0, 0]),
        (SPKI, &[]),
        (SPKI, &[0]),
        (SPKI, &[1]),
        (SPKI + 1, &[]),
        (SPKI + 1, &[0]),
        (SPKI + 1, &[0, 0]),
    ];
    let place = match rng.below(4) {
        0 => Place::Path(rng.pick::<&'static [usize]>(&[&[], &[0]])),
        1 => Place::Extension(
            rng.pick(&[
                ext::SUBJECT_ALT_NAME,
                ext::BASIC_CONSTRAINTS,
                ext::KEY_USAGE,
                ext::EXTENDED_KEY_USAGE,
                ext::SUBJECT_KEY_ID,
                ext::AUTHORITY_KEY_ID,
            ]),
            &[],
        ),
        _ => {
            let (field, path) = rng.pick(places);
            Place::Field(field, path)
        }
    };
    Edit::new(place, length(rng))
}

/// Strings made of segments.
pub(super) fn segments(p: &mut Plan, rng: &mut Rng) {
    edit(p, rng, segment);
}

pub(super) fn segment(rng: &mut Rng) -> Form {
    let tag = rng.one_in(4).then(|| rng.pick(&[4, 3, 0x0c, 0x16, 2]));
    Form::Segments(Segments {
        indefinite: rng.one_in(2),
        nested: rng.one_in(4),
        tag,
        bare: rng.one_in(2),
    })
}

/// Bytes behind the last element of any element.
pub(super) fn trailing(p: &mut Plan, rng: &mut Rng) {
    match rng.below(6) {
        0 => {
            let bytes = rng.pick(&[vec![5, 0], vec![0], b"text".to_vec(), vec![0, 0]]);
            some_cert(p, rng).trailing = bytes;
        }
        1 | 2 => {
            // Behind the value of an extension, inside its OCTET STRING.
            let cert = some_cert(p, rng);
            let known: Vec<_> = cert.extensions.iter().map(|e| e.oid).collect();
            if let Some(oid) = (!known.is_empty()).then(|| rng.pick(&known)) {
                cert.edits
                    .push(Edit::new(Place::BehindValue(oid), trail(rng)));
            }
        }
        _ => edit(p, rng, trail),
    }
}

pub(super) fn trail(rng: &mut Rng) -> Form {
    Form::Trailing(rng.pick::<&'static [u8]>(&[&[5, 0], &[0], &[0, 0], &[0xff], &[1, 1, 0]]))
}

/// Numbers with octets that they do not need.
pub(super) fn integers(p: &mut Plan, rng: &mut Rng) {
    edit(p, rng, |rng| match rng.below(4) {
        0 => Form::PadInteger(0xff),
        1 => Form::Replace(rng.pick::<&'static [u8]>(&[&[], &[0], &[0xff], &[0x80], &[0, 0x80]])),
        _ => Form::PadInteger(0),
    });
    if rng.one_in(2) {
        let place = Place::Field(SERIAL, &[]);
        let form = Form::PadInteger(rng.pick(&[0, 0, 0xff]));
        some_cert(p, rng).edits.push(Edit::new(place, form));
    }
}

/// Booleans other than 0 and 255, written-out FALSE, and booleans of another length.
pub(super) fn booleans(p: &mut Plan, rng: &mut Rng) {
    match rng.below(4) {
        0 => edit(p, rng, |rng| {
            Form::Replace(rng.pick::<&'static [u8]>(&[&[], &[1, 1], &[0xff, 0xff], &[0]]))
        }),
        1 => {
            // In front of the value of the n-th extension.
            let place = Place::Field(
                SPKI + 1,
                rng.pick::<&'static [usize]>(&[&[0, 0], &[0, 1], &[0, 2], &[0, 3]]),
            );
            let der = rng.pick::<&'static [u8]>(&[
                &[1, 1, 0],
                &[1, 1, 0xff],
                &[1, 1, 1],
                &[1, 0],
                &[5, 0],
            ]);
            let edit = Edit::new(place, Form::Insert(1, der));
            some_cert(p, rng).edits.push(edit);
        }
        _ => edit(p, rng, |rng| Form::Boolean(rng.pick(&[0, 1, 0x7f, 0x80]))),
    }
}

/// Other tags: another type, another class, primitive for constructed, the form for high numbers.
pub(super) fn tags(p: &mut Plan, rng: &mut Rng) {
    edit(p, rng, tag);
}

pub(super) fn tag(rng: &mut Rng) -> Form {
    match rng.below(4) {
        0 | 1 => Form::Constructed,
        2 => Form::LongTag,
        _ => Form::Tag(rng.pick(&[
            0x0c, 0x13, 0x14, 0x16, 0x1a, 0x1e, 0x30, 0x31, 0x04, 0x05, 0x18, 0xa0, 0x80, 0x87,
        ])),
    }
}

/// Elements left out, repeated, in another order, or new ones.
pub(super) fn children(p: &mut Plan, rng: &mut Rng) {
    edit(p, rng, child);
}

pub(super) fn child(rng: &mut Rng) -> Form {
    let n = rng.below(4);
    match rng.below(5) {
        0 => Form::Remove(n),
        1 => Form::Repeat(n),
        2 => Form::Swap(n),
        3 => Form::Empty,
        _ => Form::Insert(
            n,
            rng.pick::<&'static [u8]>(&[
                &[5, 0],
                &[1, 1, 0],
                &[1, 1, 0xff],
                &[2, 1, 0],
                &[0x30, 0],
                &[0x31, 0],
                &[0xa3, 0],
                &[0x81, 1, 0],
                &[0, 0],
            ]),
        ),
    }
}

/// Unused bits of BIT STRINGs.
pub(super) fn bits(p: &mut Plan, rng: &mut Rng) {
    edit(p, rng, bit);
    if rng.one_in(2) {
        let n = any(p, rng);
        let edit = Edit::new(
            crate::edit::SIGNATURE,
            Form::UnusedBits(1 + rng.below(8) as u8),
        );
        p.certs[n].seal_edits.push(edit);
    }
}

pub(super) fn bit(rng: &mut Rng) -> Form {
    match rng.below(4) {
        0 => Form::Replace(rng.pick::<&'static [u8]>(&[
            &[],
            &[0],
            &[7],
            &[0, 0],
            &[7, 0x80],
            &[9, 0x80],
        ])),
        _ => Form::UnusedBits(rng.below(10) as u8),
    }
}

/// OBJECT IDENTIFIERs that are invalid or different.
pub(super) fn objects(p: &mut Plan, rng: &mut Rng) {
    edit(p, rng, |rng| {
        Form::Object(rng.pick::<&'static [u8]>(&[
            &[],
            &[0x80, 1],
            &[0x55, 0x80, 1],
            &[0x55, 0x1d, 0x80],
            &[0x55, 0x1d, 0x13],
            &[0x55, 0x1d, 0x63],
            &[
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
            ],
            &[0x2a],
        ]))
    });
}

/// Any octet of any primitive element.
pub(super) fn bytes(p: &mut Plan, rng: &mut Rng) {
    edit(p, rng, byte);
}

pub(super) fn byte(rng: &mut Rng) -> Form {
    let bits = {
        let any = 1 + rng.below(255) as u8;
        rng.pick(&[1, 0x20, 0x80, 0xff, any])
    };
    Form::Flip(bits, rng.next() as u16)
}
