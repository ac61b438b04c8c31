//! Extensions of certificates.

use super::{any, few, some_cert};
use crate::{
    der,
    dn::Name,
    ext::{self, Extension},
    plan::Plan,
    rng::Rng,
};

pub(super) fn authority(p: &mut Plan, rng: &mut Rng) {
    let n = any(p, rng);
    let signer = p.certs[n].signer;
    let ids = [
        p.certs[signer].key.identifier(),
        vec![1; 20],
        vec![],
        p.certs[n].key.identifier(),
    ];
    let issuers = [
        p.certs[p.certs[signer].signer].subject.clone(),
        p.certs[signer].subject.clone(),
        Name::cn("Nobody"),
    ];
    let serials = [p.certs[signer].serial.clone(), vec![9]];
    let id = rng.one_in(2).then(|| rng.pick(&ids));
    let issuer = rng
        .one_in(2)
        .then(|| (rng.pick(&issuers), rng.pick(&serials)));
    let value = ext::authority(
        id.as_deref(),
        issuer.as_ref().map(|(n, s)| (n, s.as_slice())),
    );
    p.certs[n].put(value);
    match rng.below(4) {
        0 => p.certs[n].put(authority_of_many(&issuers, &serials[0], rng)),
        1 => {
            let id = rng.pick(&ids);
            let value = Extension::new(ext::SUBJECT_KEY_ID, der::octets(&id));
            p.certs[signer].put(value);
        }
        _ => {}
    }
}

/// Several names of several forms as the issuer: OpenSSL takes the first directory name.
fn authority_of_many(issuers: &[Name], serial: &[u8], rng: &mut Rng) -> Extension {
    let mut names: Vec<_> = issuers.iter().map(ext::directory).collect();
    names.extend([ext::dns("ca.example.com"), ext::registered("1.2.3")]);
    rng.shuffle(&mut names);
    names.truncate(1 + rng.below(3));
    let mut parts = vec![der::context(1, &names.concat())];
    parts.extend((!rng.one_in(4)).then(|| der::implicit(2, serial)));
    Extension::new(ext::AUTHORITY_KEY_ID, der::sequence(&parts))
}

pub(super) fn basic_constraints(p: &mut Plan, rng: &mut Rng) {
    let (ca, length) = (rng.below(3) > 0, rng.one_in(2).then(|| rng.below(3) as u8));
    let value = match rng.below(5) {
        0 => odd_constraints(rng),
        _ => ext::basic_constraints(ca, length),
    };
    some_cert(p, rng).put(value);
}

/// Written-out defaults, and path lengths that are no small number.
fn odd_constraints(rng: &mut Rng) -> Extension {
    let ca: Vec<Vec<u8>> = vec![
        vec![],
        der::boolean(false),
        der::boolean(true),
        der::tlv(1, &[1]),
    ];
    let lengths: Vec<Vec<u8>> = vec![
        vec![],
        der::integer(&[0, 1]),
        der::integer(&[0xff]),
        der::integer(&[0]),
        der::integer(&[0x7f; 4]),
        der::integer(&[0, 0x80, 0, 0, 0]),
        der::integer(&[0x7f; 8]),
        der::integer(&[0x7f; 20]),
    ];
    let value = der::sequence(&[rng.pick(&ca), rng.pick(&lengths)]);
    Extension::new(ext::BASIC_CONSTRAINTS, value)
}

pub(super) fn critical(p: &mut Plan, rng: &mut Rng) {
    let cert = some_cert(p, rng);
    if !cert.extensions.is_empty() {
        let n = rng.below(cert.extensions.len());
        cert.extensions[n].critical ^= true;
    }
}

pub(super) fn drop_extension(p: &mut Plan, rng: &mut Rng) {
    let cert = some_cert(p, rng);
    if !cert.extensions.is_empty() {
        cert.extensions.remove(rng.below(cert.extensions.len()));
    }
}

pub(super) fn repeat_extension(p: &mut Plan, rng: &mut Rng) {
    let known = values_of_all(rng);
    let added = rng.pick(&known);
    let cert = some_cert(p, rng);
    if cert.extensions.is_empty() || rng.one_in(2) {
        cert.extensions.extend([added.clone(), added]);
    } else {
        let again = rng.pick(&cert.extensions);
        cert.extensions.push(again);
    }
}

pub(super) fn eku(p: &mut Plan, rng: &mut Rng) {
    let all = [
        ext::SERVER_AUTH,
        ext::CLIENT_AUTH,
        ext::ANY_EKU,
        ext::EMAIL_PROTECTION,
        ext::MS_SGC,
        ext::NS_SGC,
        ext::OCSP_SIGNING,
        ext::UNKNOWN,
    ];
    let list = rng.some(&all);
    some_cert(p, rng).put(ext::extended_key_usage(&list));
}

pub(super) fn key_usage(p: &mut Plan, rng: &mut Rng) {
    let value = match rng.below(3) {
        0 => ext::key_usage(&rng.some(&[0, 1, 2, 3, 4, 5, 6, 7, 8])),
        1 => odd_bits(ext::KEY_USAGE, rng),
        _ => {
            // Bits that may be among the unused ones.
            let bits = rng.pick(&[[0xa0, 0], [0x86, 0], [0x06, 0x80], [0x04, 0]]);
            let unused = rng.below(9) as u8;
            Extension::new(ext::KEY_USAGE, der::tlv(3, &[unused, bits[0], bits[1]]))
        }
    };
    some_cert(p, rng).put(value);
}

pub(super) fn netscape_type(p: &mut Plan, rng: &mut Rng) {
    let value = match rng.below(2) {
        0 => {
            let bits = rng.some(&[0, 1, 2, 3, 5, 6, 7]);
            Extension::new(ext::NETSCAPE_TYPE, der::named_bits(&bits))
        }
        _ => odd_bits(ext::NETSCAPE_TYPE, rng),
    };
    let cert = some_cert(p, rng);
    if rng.one_in(3) {
        cert.drop(ext::BASIC_CONSTRAINTS);
        cert.drop(ext::KEY_USAGE);
    }
    cert.put(value);
}

/// A BIT STRING of any length and any count of unused bits.
fn odd_bits(oid: &'static str, rng: &mut Rng) -> Extension {
    let bytes: &[&[u8]] = &[
        &[],
        &[0],
        &[0xff],
        &[0xff, 0x80],
        &[0, 0xff],
        &[0xe6, 0, 0],
        &[0x47],
    ];
    let mut content = vec![rng.below(9) as u8];
    content.extend(rng.pick(bytes));
    Extension::new(oid, der::tlv(3, &content))
}

pub(super) fn policies(p: &mut Plan, rng: &mut Rng) {
    let number = |rng: &mut Rng| rng.pick(&[vec![0], vec![1], vec![0xff], vec![0, 1]]);
    let value = match rng.below(4) {
        0 => {
            let oids = few(&["1.2.3", "1.2.4", "2.5.29.32.0"], 3, rng);
            ext::policies(&oids)
        }
        1 => {
            let require = rng.one_in(2).then(|| der::implicit(0, &number(rng)));
            let inhibit = rng.one_in(2).then(|| der::implicit(1, &number(rng)));
            let parts: Vec<_> = require.into_iter().chain(inhibit).collect();
            Extension::new(ext::POLICY_CONSTRAINTS, der::sequence(&parts))
        }
        2 => Extension::new(ext::INHIBIT_ANY_POLICY, der::integer(&number(rng))),
        _ => {
            let pair = |to| der::sequence(&[der::oid("1.2.3"), der::oid(to)]);
            let pairs = few(&[pair("1.2.4"), pair("2.5.29.32.0")], 2, rng);
            Extension::new(ext::POLICY_MAPPINGS, der::sequence(&pairs))
        }
    };
    put_critical(p, value, rng);
}

fn put_critical(p: &mut Plan, mut value: Extension, rng: &mut Rng) {
    value.critical = rng.one_in(2);
    some_cert(p, rng).put(value);
}

/// A value of any extension there is: well-formed, of another type, empty, cut short.
pub(super) fn values(p: &mut Plan, rng: &mut Rng) {
    let known = values_of_all(rng);
    let mut chosen = rng.pick(&known);
    let broken: &[&[u8]] = &[
        &[],
        &[0],
        &[5, 0],
        &[0x30, 0],
        &[0x30, 9, 1],
        &[0x30, 3, 2, 1, 1],
        &[4, 0],
        &[3, 1, 0],
        &[3, 0],
        &[2, 0],
        &[0x30, 2, 0x80, 0],
        &[0x30, 2, 0xa0, 0],
    ];
    if rng.one_in(3) {
        chosen = Extension::new(chosen.oid, rng.pick(broken).to_vec());
    }
    put_critical(p, chosen, rng);
}

/// One well-formed value of each extension that OpenSSL knows, and of one that it does not.
fn values_of_all(rng: &mut Rng) -> Vec<Extension> {
    let access = der::sequence(&[
        der::oid("1.3.6.1.5.5.7.48.1"),
        ext::uri("http://ocsp.example.com"),
    ]);
    let language = rng.pick(&[
        "1.3.6.1.5.5.7.21.1",
        "1.3.6.1.5.5.7.21.0",
        "1.3.6.1.5.5.7.21.2",
    ]);
    let mut proxy = vec![der::sequence(&[der::oid(language)])];
    if rng.one_in(2) {
        proxy.insert(0, der::small_integer(rng.below(3) as u8));
    }
    vec![
        ext::subject_key_id(),
        ext::authority_key_id(),
        ext::basic_constraints(rng.one_in(2), None),
        ext::key_usage(&[0, 5, 6]),
        ext::extended_key_usage(&[ext::SERVER_AUTH, ext::CLIENT_AUTH]),
        ext::subject_alt_name(&[ext::dns(crate::plan::HOST)]),
        Extension::new(
            ext::ISSUER_ALT_NAME,
            der::sequence(&[ext::dns("ca.example.com")]),
        ),
        ext::name_constraints(&[ext::dns("example.com")], &[]),
        ext::distribution_points(&["http://example.com/a.crl"]),
        ext::policies(&["1.2.3"]),
        Extension::new(
            ext::POLICY_CONSTRAINTS,
            der::sequence(&[der::implicit(0, &[0])]),
        ),
        Extension::new(ext::INHIBIT_ANY_POLICY, der::small_integer(0)),
        Extension::new(ext::AUTHORITY_INFO, der::sequence(&[access])),
        Extension::new(ext::NETSCAPE_TYPE, der::named_bits(&[0, 1, 5])),
        Extension::new(ext::NETSCAPE_COMMENT, der::tlv(0x16, b"hello")),
        Extension::new(ext::TLS_FEATURE, der::sequence(&[der::small_integer(5)])),
        Extension::new(ext::OCSP_NO_CHECK, vec![5, 0]),
        Extension::new(ext::PROXY_CERT, der::sequence(&proxy)),
        Extension::new(ext::IP_BLOCKS, der::sequence(&[])),
        Extension::new(ext::AS_NUMBERS, der::sequence(&[])),
        Extension::new(ext::UNKNOWN, vec![5, 0]),
    ]
}
