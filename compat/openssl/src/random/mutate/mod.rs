//! Changes that are random themselves.

mod chain;
mod constraint;
mod date;
mod encoding;
mod extension;
mod form;
mod host;
mod key;
mod list;
mod point;
mod resource;
mod settings;
mod subject;

use crate::{
    plan::{Cert, INTER, LEAF, Plan, Purpose, ROOT, Revocation},
    rng::Rng,
};

pub(super) type Mutation = fn(&mut Plan, &mut Rng);

/// All mutations by name. One that is listed twice is chosen twice as often.
pub(super) const ALL: &[(&str, Mutation)] = &[
    ("algorithm", key::algorithm),
    ("alternative-names", subject::alternative_names),
    ("authority", extension::authority),
    ("basic-constraints", extension::basic_constraints),
    ("bits", form::bits),
    ("booleans", form::booleans),
    ("bytes", form::bytes),
    ("children", form::children),
    ("constraints", constraint::constraints),
    ("constraints", constraint::constraints),
    ("critical", extension::critical),
    ("dates", date::dates),
    ("date-texts", date::texts),
    ("distribution-points", point::distribution),
    ("drop-extension", extension::drop_extension),
    ("eku", extension::eku),
    ("extension-values", extension::values),
    ("extra-certificate", chain::extra_certificate),
    ("integers", form::integers),
    ("issuer", chain::issuer),
    ("issuing-points", point::issuing),
    ("key", key::key),
    ("key-forms", key::forms),
    ("key-usage", extension::key_usage),
    ("lengths", form::lengths),
    ("lengths", form::lengths),
    ("list", list::list),
    ("list", list::list),
    ("list-change", list::list_change),
    ("list-forms", encoding::lists),
    ("long-chain", chain::long),
    ("name-forms", subject::forms),
    ("name-parts", subject::parts),
    ("names", host::names),
    ("names", host::names),
    ("netscape-type", extension::netscape_type),
    ("objects", form::objects),
    ("policies", extension::policies),
    ("question", question),
    ("repeat-extension", extension::repeat_extension),
    ("resources", resource::resources),
    ("resources", resource::resources),
    ("revocation-parts", list::parts),
    ("same-name", chain::same_name),
    ("seal-forms", encoding::seals),
    ("segments", form::segments),
    ("self-issued", chain::self_issued),
    ("sent", chain::sent),
    ("settings", settings::settings),
    ("signature", key::signature),
    ("subject-mail", subject::mail),
    ("tags", form::tags),
    ("trailing", form::trailing),
    ("trailing", form::trailing),
    ("trusted", chain::trusted),
    ("version", chain::version),
];

/// Any certificate, but mostly the three that matter.
fn any(p: &mut Plan, rng: &mut Rng) -> usize {
    match rng.below(6) {
        0 | 1 => LEAF,
        2 | 3 => INTER,
        4 => ROOT,
        _ => rng.below(p.certs.len()),
    }
}

fn some_cert<'a>(p: &'a mut Plan, rng: &mut Rng) -> &'a mut Cert {
    let n = any(p, rng);
    &mut p.certs[n]
}

/// A few of these, in any order, some of them twice.
fn few<T: Clone>(from: &[T], most: usize, rng: &mut Rng) -> Vec<T> {
    (0..rng.below(most + 1)).map(|_| rng.pick(from)).collect()
}

fn question(p: &mut Plan, rng: &mut Rng) {
    match rng.below(6) {
        0 => p.question.purpose = rng.pick(&[Purpose::Client, Purpose::Server]),
        1 => p.question.level = rng.pick(&[2, 3, 4, 5]),
        2 => {
            p.question.revocation =
                rng.pick(&[Revocation::Off, Revocation::EndEntity, Revocation::Chain])
        }
        3 => p.question.host = None,
        4 => strong(p, rng),
        _ => {
            p.question.host = None;
            p.question.ip = Some([192, 0, 2, 7].into());
        }
    }
}

/// Keys and digests that higher levels may accept.
fn strong(p: &mut Plan, rng: &mut Rng) {
    use crate::keys::{Digest, Kind};
    p.question.level = rng.pick(&[3, 4, 5]);
    for cert in &mut p.certs {
        cert.key.0 = rng.pick(&[Kind::P384, Kind::P521, Kind::P384]);
        cert.digest = rng.pick(&[Digest::Sha384, Digest::Sha512, Digest::Sha384]);
    }
}
