//! Compares what decides a connection besides certificates: OpenSSL and our endpoint meet the same peers, over
//! sockets.

mod cases;
mod gnutls;
mod openssl_peer;
mod ours;
mod pki;

use crate::{answer::Outcome, divergence::Divergences};

pub use cases::cases;

/// A peer, and how both sides meet it.
pub struct Case {
    pub name: &'static str,
    openssl: Meeting,
    ours: Meeting,
    /// What our error has to name, if there is an error.
    cause: &'static str,
}

/// Makes the connection, or says why there is none.
type Meeting = Box<dyn Fn() -> Result<(), String>>;

/// The result of a case.
pub struct Met {
    /// Both outcomes, in words.
    pub text: String,
    pub is_as_listed: bool,
}

/// Runs all cases.
pub fn run(list: &Divergences) -> Vec<Met> {
    let cases = cases();
    let is_case = |name: &&str| cases.iter().any(|case| case.name == *name);
    let unknown = list.protocol_cases().filter(|name| !is_case(name));
    let unknown = unknown.map(|name| Met {
        text: format!("{name}: listed, and there is no such case"),
        is_as_listed: false,
    });
    unknown
        .chain(cases.iter().map(|case| meet(case, list)))
        .collect()
}

fn meet(case: &Case, list: &Divergences) -> Met {
    let (openssl, ours) = ((case.openssl)(), (case.ours)());
    let found = (Outcome::of(&openssl), Outcome::of(&ours));
    let names_cause = ours
        .as_ref()
        .err()
        .is_none_or(|error| error.contains(case.cause));
    let is_as_listed = match list.protocol(case.name) {
        Some(listed) => found == listed && found.0 != found.1,
        None => found.0 == found.1,
    };
    let words = |result: &Result<(), String>| match result {
        Ok(()) => "connects".to_owned(),
        Err(error) => format!("fails ({error})"),
    };
    Met {
        text: format!(
            "{}: OpenSSL {}, ours {}",
            case.name,
            words(&openssl),
            words(&ours)
        ),
        is_as_listed: is_as_listed && names_cause,
    }
}
