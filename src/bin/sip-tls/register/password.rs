//! The password of `--register`: from a file or from the environment, never an argument.

use std::env;
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::{Context, Failure};
use crate::passphrase::in_time;
use crate::sip::Password;

/// Reads the password from the first line of `file` or, without one, from the environment.
pub(super) fn password(file: Option<&Path>) -> Result<Option<Password>, Failure> {
    match file {
        Some(file) => of_file(file).map(Some),
        None => of_environment(),
    }
}

/// Unlike a passphrase, it is text: SIP hashes it in UTF-8.
fn of_file(file: &Path) -> Result<Password, Failure> {
    let line = in_time(file).map_err(|error| {
        let text = format!("cannot read the password from {}", file.display());
        Failure::unusable(Context::new(text, error))
    })?;
    // A file that was written on Windows has a carriage return there.
    let line = line.strip_suffix(b"\r").unwrap_or(&line);
    let place = || format!("the password in {}", file.display());
    match std::str::from_utf8(line) {
        Ok("") => Err(Failure::unusable(format!("{} is empty", place()))),
        Ok(text) => Ok(Password::new(Zeroizing::new(text.to_owned()))),
        Err(_) => Err(Failure::unusable(format!("{} is not UTF-8", place()))),
    }
}

fn of_environment() -> Result<Option<Password>, Failure> {
    let text = match env::var(VARIABLE) {
        Ok(text) => Zeroizing::new(text),
        Err(env::VarError::NotPresent) => return Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            let text = format!("the password in {VARIABLE} is not UTF-8");
            return Err(Failure::unusable(text));
        }
    };
    Ok((!text.is_empty()).then(|| Password::new(text)))
}

const VARIABLE: &str = "SIP_TLS_AUTH_PASSWORD";
