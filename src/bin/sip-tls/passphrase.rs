//! Passphrases of encrypted files: from a file, or typed at the terminal.
//!
//! The places are tried in this order: `--passphrase-file`, `SIP_TLS_PASSPHRASE_FILE`, a credential of systemd, the
//! terminal. A passphrase is never an argument, because every user of the machine can read the arguments of a process.

use std::collections::HashMap;
use std::env;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use sip_tls::pki::{Passphrase, PassphraseRequest, Passphrases};
use zeroize::Zeroizing;

use crate::failure::{Context, Failure};
use crate::output;

/// Makes the function that is asked for passphrases. `file` is the value of `--passphrase-file`.
pub(crate) fn passphrases(file: Option<&Path>) -> Result<Passphrases, Failure> {
    match file.map(Path::to_owned).or_else(configured) {
        Some(file) => {
            let line = in_time(&file).map_err(|error| {
                let text = format!("cannot read the passphrase from {}", file.display());
                Failure::unusable(Context::new(text, error))
            })?;
            Ok(Passphrases::new(move |request| answer(&line, request)))
        }
        None if io::stdin().is_terminal() => Ok(prompting()),
        None => Ok(Passphrases::default()),
    }
}

/// Returns the file that the environment names.
fn configured() -> Option<PathBuf> {
    if let Some(file) = env::var_os("SIP_TLS_PASSPHRASE_FILE") {
        return Some(file.into());
    }
    // systemd puts credentials there (systemd.exec(5), LoadCredential=).
    let folder = PathBuf::from(env::var_os("CREDENTIALS_DIRECTORY")?);
    let credential = folder.join(CREDENTIAL);
    match credential.exists() {
        true => Some(credential),
        false => only_file(&folder),
    }
}

/// The only credential of a service is meant for this, whatever its name is.
fn only_file(folder: &Path) -> Option<PathBuf> {
    let mut entries = folder.read_dir().ok()?.flatten();
    let (first, second) = (entries.next()?, entries.next());
    second.is_none().then(|| first.path())
}

/// Reads the first line of a file, with a time limit: a named pipe may have no writer.
pub(crate) fn in_time(file: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    let path = file.to_owned();
    std::thread::spawn(move || sender.send(first_line(&path)));
    let line = receiver.recv_timeout(PATIENCE);
    line.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Reads a first line as OpenSSL's `-passin file:` does: without its newline.
fn first_line(file: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut content = Zeroizing::new(Vec::with_capacity(MOST_BYTES));
    let limit = MOST_BYTES as u64;
    File::open(file)?.take(limit).read_to_end(&mut content)?;
    let end = content.iter().position(|octet| *octet == b'\n');
    Ok(Zeroizing::new(
        content[..end.unwrap_or(content.len())].to_vec(),
    ))
}

/// Answers a request with the line of the file. A file that was written on Windows has a carriage return at the end of
/// its line, which may be part of the passphrase.
fn answer(line: &[u8], request: &PassphraseRequest<'_>) -> Option<Passphrase> {
    match request.attempt() {
        1 => Some(Passphrase::new(line)),
        2 => line.strip_suffix(b"\r").map(Passphrase::new),
        _ => None,
    }
}

/// Asks at the terminal. The passphrase typed last for a file is tried first when the file is read again.
fn prompting() -> Passphrases {
    let typed = Arc::new(Mutex::new(HashMap::new()));
    Passphrases::new(move |request| {
        let mut typed = typed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = typed
            .get(&request.name())
            .filter(|_| request.attempt() == 1)
        {
            return Some(Passphrase::clone(known));
        }
        let passphrase = prompt(request)?;
        typed.insert(request.name(), passphrase.clone());
        Some(passphrase)
    })
}

/// Asks once. `None` if there is no terminal to ask at.
fn prompt(request: &PassphraseRequest<'_>) -> Option<Passphrase> {
    let name = output::printable(&request.name());
    let option = match request.option() {
        "" => String::new(),
        option => format!(" ({option})"),
    };
    if request.attempt() > 1 {
        output::note("that passphrase is wrong");
    }
    match rpassword::prompt_password(format!("Passphrase of {name}{option}: ")) {
        Ok(typed) => Some(Passphrase::new(typed)),
        Err(error) => {
            output::note(format!("cannot ask for a passphrase: {error}"));
            None
        }
    }
}

/// The name of the credential that systemd passes.
const CREDENTIAL: &str = "sip-tls.passphrase";
const MOST_BYTES: usize = 1 << 16;
/// How long to wait for the other end of a named pipe.
const PATIENCE: Duration = Duration::from_secs(10);
