//! Turns errors into findings.
//!
//! Errors already say what is wrong. A finding adds the code, the cure, and the name and place under which the option
//! was given.

use super::cure;
use super::finding::{Finding, Severity};
use crate::error::Error;
use crate::options::{OptionError, OptionInfo, TlsOptions};
#[cfg(feature = "profile")]
use crate::profile::{ProfileError, UnusableConnectivity};

/// Makes a finding of an error in reading files or combining options.
pub(super) fn of_error(error: &Error, options: &TlsOptions) -> Finding {
    let finding = Finding::new(Severity::Error, code(error));
    let finding = match error.option() {
        None => finding,
        Some(name) => {
            let known = OptionInfo::named(name).map_or(name, |info| info.name);
            match options.given_as(known) {
                Some(given) => finding.about(&given.name, given.position),
                None => finding.about(name, None),
            }
        }
    };
    match error {
        Error::File(error) => finding
            .from(error.origin())
            .text(error.reason(), cure::of_file(error.problem())),
        Error::Missing { option, purpose } => finding.text(
            format!("the option is not given: {purpose}"),
            format!("set `{option}`"),
        ),
        other => finding.text(other.reason(), cure::of(other)),
    }
}

/// Makes a finding of a value that cannot be used.
pub(super) fn of_option(error: &OptionError) -> Finding {
    let reason = error.reason();
    let known = OptionInfo::named(error.name()).map(|info| info.name);
    let (code, cure) = match known {
        None => ("near-setting", "correct the name, or remove the setting"),
        Some("cipher-list") => (
            "bad-value",
            "see `sip-tls ciphers --explain` for what each word selects",
        ),
        Some(_) => ("bad-value", "see `sip-tls options` for the values"),
    };
    Finding::new(Severity::Error, code)
        .about(error.name(), error.position())
        .text(reason, cure)
}

/// Makes a finding of an error in the configuration file itself.
#[cfg(feature = "profile")]
pub(super) fn of_profile(error: &ProfileError) -> Finding {
    let (code, cure) = match error {
        ProfileError::NearName { .. } => ("near-setting", "correct the name"),
        ProfileError::Conflict { .. } => ("setting-twice", "remove one of them"),
        ProfileError::Empty => ("bad-config", "name another file"),
        ProfileError::Foreign { .. } => ("bad-config", "for example `-o trusted-ca=FILE`"),
        ProfileError::MissingAttribute { .. } => ("bad-config", "add the attribute"),
        ProfileError::File { .. } | ProfileError::Read(_) => {
            ("unreadable-config", "correct the path or the permissions")
        }
        _ => ("bad-config", "correct the file there"),
    };
    let mut finding = Finding::new(Severity::Error, code);
    if let Some(position) = error.position() {
        finding = finding.at(position);
    }
    finding.text(error.statement(), cure)
}

/// Makes a finding of a line from which no connection can be made.
#[cfg(feature = "profile")]
pub(super) fn of_connectivity(unusable: &UnusableConnectivity) -> Finding {
    let who = match unusable.user() {
        "" => String::new(),
        user => format!(" of user `{}`", user.escape_debug()),
    };
    Finding::new(Severity::Error, "bad-connectivity")
        .about("Connectivity", Some(unusable.position()))
        .text(
            format!("no connection{who} can be made: {}", unusable.reason()),
            "write `server=\"host:port\"` and `protocol=\"tls\"`, or remove the line",
        )
}

/// The code of an error that is not about a value alone.
fn code(error: &Error) -> &'static str {
    match error {
        Error::File(error) => cure::code_of_file(error.problem()),
        Error::Missing { .. } => "option-missing",
        Error::Suites { .. } => "no-suite",
        Error::WeakCertificate(_) => "own-weak",
        Error::Provider(_) => "no-provider",
        _ => "option-unusable",
    }
}
