//! Verification of generated certificates, whose signatures are good or bad as the input says.

mod case;
mod certificate;
mod counted;
mod input;
mod list;
mod names;
mod rules;

use rustls::pki_types::{CertificateDer, UnixTime};
use sip_tls::options::{NameCheck, SecurityLevel};
use sip_tls::verify::{ReferenceName, Verifier, VerifyStatus};
use std::time::Duration;

use self::case::Case;
use self::input::Input;
use crate::{list, trusted};

/// Makes certificates of the input, verifies them, and checks the rules that every result must obey.
pub fn run(data: &[u8]) {
    let case = Case::read(&mut Input::new(data));
    counted::start();
    let Some(verifier) = verifier(&case) else {
        return;
    };
    let before = counted::calls().len();
    let status = verify(&verifier, &case);
    let calls = counted::calls();
    rules::work_is_bounded(&case, &status, &calls, before);
    if status.is_accepted() {
        rules::acceptance_is_deserved(&case, &status, &calls[before..]);
    }
}

fn verifier(case: &Case) -> Option<Verifier> {
    let trusted: Vec<_> = case.trusted().filter_map(|der| trusted(der)).collect();
    let check = match case.checks_name {
        true => NameCheck::Host,
        false => NameCheck::Off,
    };
    let level = SecurityLevel::new(case.level).expect("a level that exists");
    let mut builder = Verifier::builder(&counted::PROVIDER)
        .trusted(&trusted)
        .name_check(check)
        .security_level(level)
        .revocation_depth(case.depth);
    if !case.lists.is_empty() {
        let lists = case.lists.iter().filter_map(|made| list(&made.der));
        builder = builder.revocation_lists(lists);
    }
    builder.build().ok()
}

fn verify(verifier: &Verifier, case: &Case) -> VerifyStatus {
    let chain: Vec<_> = case
        .sent()
        .map(|der| CertificateDer::from(&**der))
        .collect();
    let name = ReferenceName::new(case.reference);
    let now = UnixTime::since_unix_epoch(Duration::from_secs(case.now));
    verifier.verify(&chain, case.purpose, Some(&name), now)
}
