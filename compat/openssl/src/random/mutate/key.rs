//! Keys, signatures and their algorithms.

use super::{any, some_cert};
use crate::{
    der,
    edit::{Edit, Form, Place, edited},
    keys::{Digest, Key, Kind, Padding},
    plan::Plan,
    rng::Rng,
};

const ECDSA: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";

pub(super) fn key(p: &mut Plan, rng: &mut Rng) {
    let kinds = [
        Kind::P256,
        Kind::P384,
        Kind::P521,
        Kind::Ed25519,
        Kind::Rsa(2048),
        Kind::Rsa(3072),
        Kind::Rsa(1024),
        Kind::Rsa(2047),
        Kind::RsaPss(2048),
        Kind::Ed448,
        Kind::K256,
        Kind::P224,
        Kind::Brainpool256,
        Kind::Dsa2048,
    ];
    let kind = rng.pick(&kinds);
    let cert = some_cert(p, rng);
    // Few different keys of the kinds that take long to make.
    let slot = match kind {
        Kind::Rsa(_) | Kind::RsaPss(_) => cert.key.1 % 3,
        Kind::Dsa2048 => 0,
        _ => cert.key.1,
    };
    cert.key = Key(kind, slot);
}

pub(super) fn signature(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    let signer = p.certs[n].signer;
    match rng.below(6) {
        0 => p.certs[n].broken_signature = true,
        1 => p.certs[n].signing_key = Some(Key(Kind::P256, 9)),
        2 | 3 => {
            p.certs[signer].key = Key(Kind::Rsa(2048), p.certs[signer].key.1 % 3);
            p.certs[n].padding = match rng.below(2) {
                0 => Padding::Pss,
                _ => Padding::PssSalt(rng.pick(&[0, 1, 20, 32, 64, 190])),
            };
            p.certs[n].digest = rng.pick(&DIGESTS);
        }
        _ => p.certs[n].digest = rng.pick(&DIGESTS),
    }
}

const DIGESTS: [Digest; 5] = [
    Digest::Sha1,
    Digest::Sha224,
    Digest::Sha256,
    Digest::Sha384,
    Digest::Sha512,
];

/// A signature algorithm of another name or other parameters, inside, outside or in both places.
pub(super) fn algorithm(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    let signer = p.certs[n].signer;
    if rng.one_in(2) {
        p.certs[signer].key = Key(Kind::Rsa(2048), p.certs[signer].key.1 % 3);
        p.certs[n].padding = rng.pick(&[Padding::Pkcs1, Padding::Pkcs1, Padding::Pss]);
    }
    let key = p.certs[n].signing_key.unwrap_or(p.certs[signer].key);
    let own = key.algorithm(p.certs[n].digest, p.certs[n].padding);
    let other = other_algorithm(key, &own, p.certs[n].padding, rng);
    match rng.below(3) {
        0 => p.certs[n].inner_algorithm = Some(other),
        1 => (p.certs[n].inner_algorithm, p.certs[n].algorithm) = (Some(own), Some(other)),
        _ => p.certs[n].algorithm = Some(other),
    }
}

fn other_algorithm(key: Key, own: &[u8], padding: Padding, rng: &mut Rng) -> Vec<u8> {
    let parameters: &[&[u8]] = &[&[], &[5, 0], &[5, 1, 0], &[0x30, 0], &[4, 0], &[1, 1, 0]];
    let edit = |place, form| edited(own.to_vec(), &[Edit::new(place, form)]);
    match rng.below(5) {
        0 => key.algorithm(rng.pick(&DIGESTS), padding),
        1 => edit(Place::Path(&[]), Form::Remove(1)),
        2 => edit(Place::Path(&[]), Form::Insert(1, rng.pick(parameters))),
        3 => edit(Place::Any(rng.next()), super::encoding::any_form(rng)),
        _ => der::sequence(&[
            der::oid("1.2.840.113549.1.1.11"),
            rng.pick(parameters).to_vec(),
        ]),
    }
}

/// A public key in a form that is odd, or that is no key.
pub(super) fn forms(p: &mut Plan, rng: &mut Rng) {
    let cert = some_cert(p, rng);
    if rng.one_in(2) {
        cert.key = Key(
            rng.pick(&[Kind::P256, Kind::P384, Kind::Ed25519, Kind::Rsa(2048)]),
            cert.key.1 % 3,
        );
    }
    cert.spki = Some(match rng.below(5) {
        0 => cert.key.explicit_spki().unwrap_or_else(|| cert.key.spki()),
        1 => point(rng),
        2 => number(rng),
        3 => edited(
            cert.key.spki(),
            &[Edit::new(
                Place::Any(rng.next()),
                super::encoding::any_form(rng),
            )],
        ),
        _ => other_parameters(cert.key, rng),
    });
}

/// The key with other parameters in its algorithm: absent, NULL, another curve.
fn other_parameters(key: Key, rng: &mut Rng) -> Vec<u8> {
    let parameters: &[&[u8]] = &[
        &[],
        &[5, 0],
        &[0x30, 0],
        &[6, 5, 0x2b, 0x81, 4, 0, 0x22],
        &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
    ];
    let remove = Edit::new(Place::Path(&[0]), Form::Remove(1));
    let insert = Edit::new(Place::Path(&[0]), Form::Insert(1, rng.pick(parameters)));
    edited(key.spki(), &[remove, insert])
}

/// A key on P-256 or Edwards curves that is no point, or has another length.
fn point(rng: &mut Rng) -> Vec<u8> {
    let curve = |bytes: &[u8]| {
        let algorithm = der::sequence(&[der::oid(ECDSA), der::oid(P256)]);
        der::sequence(&[algorithm, der::bits(bytes)])
    };
    let edwards = |oid: &str, len: usize| {
        der::sequence(&[der::sequence(&[der::oid(oid)]), der::bits(&vec![9; len])])
    };
    match rng.below(8) {
        0 => curve(&[]),
        1 => curve(&[0]),
        2 => curve(&[4; 65]),
        3 => curve(&[2; 33]),
        4 => curve(&[4; 64]),
        5 => edwards("1.3.101.112", 31),
        6 => edwards("1.3.101.112", 32),
        _ => edwards("1.3.101.113", 57),
    }
}

/// An RSA key of unusual numbers.
fn number(rng: &mut Rng) -> Vec<u8> {
    let modulus: &[&[u8]] = &[&[0], &[1], &[0xff], &[0x7f; 256], &[0, 0x80], &[]];
    let exponent: &[&[u8]] = &[&[1, 0, 1], &[0], &[1], &[3], &[0xff], &[]];
    let key = der::sequence(&[
        der::integer(rng.pick(modulus)),
        der::integer(rng.pick(exponent)),
    ]);
    let algorithm = der::sequence(&[der::oid("1.2.840.113549.1.1.1"), der::tlv(5, &[])]);
    der::sequence(&[algorithm, der::bits(&key)])
}
