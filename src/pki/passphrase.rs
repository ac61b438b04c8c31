//! Passphrases of encrypted keys and PKCS#12 files.
//!
//! OpenSSL has `SSL_CTX_set_default_passwd_cb`, and asks on the terminal without it. Here nobody is asked unless the
//! caller says so. An endpoint's files are opened by one [`Opener`], so that a passphrase for a file with key and
//! certificates is asked for once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use super::encryption::DecryptionError;
use super::error::FileProblem;
use super::origin::Origin;

/// A function that is asked for the passphrases of encrypted files.
///
/// It is called while files are read, and never in a handshake. After a wrong answer it is called again, up to three
/// times for each encrypted object.
///
/// ```
/// use sip_tls::pki::{Passphrase, Passphrases};
///
/// let passphrases = Passphrases::new(|request| {
///     println!("passphrase of {} ({})?", request.name(), request.option());
///     Some(Passphrase::new("secret"))
/// });
/// ```
///
/// Without a function, an encrypted file is an error that says so.
#[derive(Clone, Default)]
pub struct Passphrases(Option<Arc<dyn Ask>>);

trait Ask: Fn(&PassphraseRequest<'_>) -> Option<Passphrase> + Send + Sync {}

impl<F: Fn(&PassphraseRequest<'_>) -> Option<Passphrase> + Send + Sync> Ask for F {}

impl Passphrases {
    /// Takes the function, which returns `None` to give up.
    pub fn new(
        function: impl Fn(&PassphraseRequest<'_>) -> Option<Passphrase> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(function)))
    }

    fn ask(&self, request: &PassphraseRequest<'_>) -> Option<Passphrase> {
        self.0.as_ref()?(request)
    }
}

impl fmt::Debug for Passphrases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passphrases").finish_non_exhaustive()
    }
}

/// A passphrase. It is wiped from memory when it is dropped, and is not shown by `Debug`.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// Takes the passphrase: text in UTF-8, or the bytes that OpenSSL would be given.
    pub fn new(passphrase: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(passphrase.into()))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passphrase").finish_non_exhaustive()
    }
}

/// What a passphrase is needed for.
///
/// A program that knows one passphrase should return it at the first [`attempt`](Self::attempt) only.
#[derive(Debug)]
pub struct PassphraseRequest<'a> {
    origin: &'a Origin,
    attempt: usize,
}

impl PassphraseRequest<'_> {
    /// Returns the name of the option, such as `certificate-key`.
    pub fn option(&self) -> &'static str {
        self.origin.option()
    }

    /// Returns the path of the file, or the name that bytes in memory were given.
    pub fn name(&self) -> String {
        self.origin.name().to_string()
    }

    /// Returns the file, and the place of the encrypted object in it.
    pub fn origin(&self) -> &Origin {
        self.origin
    }

    /// Returns the number of this attempt for the object, from 1 to 3.
    pub fn attempt(&self) -> usize {
        self.attempt
    }
}

/// Opens the encrypted objects in the files of one endpoint. A right passphrase is kept for other uses of the same
/// file, as long as files are being read.
///
/// An endpoint makes one each time it reads its files, and drops it afterwards, with the passphrases in it.
#[derive(Default)]
pub struct Opener {
    passphrases: Passphrases,
    known: Mutex<Vec<(Origin, Passphrase)>>,
}

impl Opener {
    /// Makes an opener that asks `passphrases`.
    pub fn new(passphrases: Passphrases) -> Self {
        Self {
            passphrases,
            known: Mutex::default(),
        }
    }

    /// Opens an object with passphrases, until one is right.
    pub(super) fn open<T>(
        &self,
        origin: &Origin,
        open: impl Fn(&[u8]) -> Result<T, DecryptionError>,
    ) -> Result<T, FileProblem> {
        for passphrase in self.known_beside(origin) {
            match open(&passphrase.0) {
                Err(DecryptionError::WrongPassphrase) => {}
                result => return result.map_err(FileProblem::Decryption),
            }
        }
        for attempt in 1..=MOST_ATTEMPTS {
            let request = PassphraseRequest { origin, attempt };
            let Some(passphrase) = self.passphrases.ask(&request) else {
                return Err(match attempt {
                    1 => FileProblem::NoPassphrase,
                    _ => FileProblem::Decryption(DecryptionError::WrongPassphrase),
                });
            };
            match open(&passphrase.0) {
                Err(DecryptionError::WrongPassphrase) => {}
                Err(other) => return Err(FileProblem::Decryption(other)),
                Ok(opened) => {
                    self.keep(origin, passphrase);
                    return Ok(opened);
                }
            }
        }
        Err(FileProblem::Decryption(DecryptionError::WrongPassphrase))
    }

    /// The passphrases that were right for other objects of the same file.
    fn known_beside(&self, origin: &Origin) -> Vec<Passphrase> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let beside = known.iter().filter(|(other, _)| other.is_beside(origin));
        beside.map(|(_, passphrase)| passphrase.clone()).collect()
    }

    /// Only a passphrase that was right is kept.
    fn keep(&self, origin: &Origin, passphrase: Passphrase) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.push((origin.file(), passphrase));
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").finish_non_exhaustive()
    }
}

/// The same limit as in OpenSSL's programs.
const MOST_ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Answers every request with the name of the file.
    fn opener() -> Opener {
        Opener::new(Passphrases::new(|request| {
            Some(Passphrase::new(request.name()))
        }))
    }

    /// Tries to open an object, and returns the passphrases that were tried.
    fn tried(
        opener: &Opener,
        of: &Origin,
        open: impl Fn(&[u8]) -> Result<(), DecryptionError>,
    ) -> Vec<String> {
        let log = RefCell::new(Vec::new());
        let opened = opener.open(of, |passphrase| {
            let text = String::from_utf8(passphrase.to_vec()).unwrap();
            log.borrow_mut().push(text);
            open(passphrase)
        });
        drop(opened);
        log.into_inner()
    }

    fn wrong<T>() -> Result<T, DecryptionError> {
        Err(DecryptionError::WrongPassphrase)
    }

    #[test]
    fn a_passphrase_that_was_right_is_tried_for_its_own_file_alone() {
        let opener = opener();
        let [a, b] = ["a.p12", "b.p12"].map(|name| Origin::of_memory("certificate", &name.into()));
        assert_eq!(tried(&opener, &a, |_| wrong()), ["a.p12"; 3]);
        assert_eq!(tried(&opener, &a, |_| Ok(())), ["a.p12"]);
        // The one that is known, and then three that are asked for.
        assert_eq!(tried(&opener, &a.within(2), |_| wrong()), ["a.p12"; 4]);
        assert_eq!(tried(&opener, &b, |_| wrong()), ["b.p12"; 3]);
        assert_eq!(tried(&opener, &b, |_| Ok(())), ["b.p12"]);
        assert_eq!(tried(&opener, &a, |_| Ok(())), ["a.p12"]);
    }

    #[test]
    fn damage_that_a_passphrase_brings_to_light_ends_the_questions() {
        let opener = opener();
        let origin = Origin::of_code("certificate");
        let damaged = |_: &[u8]| Err::<(), _>(DecryptionError::Damaged);
        assert_eq!(tried(&opener, &origin, damaged).len(), 1);
        tried(&opener, &origin, |_| Ok(()));
        assert_eq!(tried(&opener, &origin, damaged).len(), 1);
        let error = opener.open(&origin, damaged);
        assert!(matches!(
            error,
            Err(FileProblem::Decryption(DecryptionError::Damaged))
        ));
    }

    #[test]
    fn secrets_are_not_printed() {
        let opener = opener();
        tried(&opener, &Origin::of_code("certificate"), |_| Ok(()));
        assert_eq!(format!("{opener:?}"), "Opener { .. }");
        assert_eq!(format!("{:?}", opener.passphrases), "Passphrases { .. }");
        let passphrase = Passphrase::new("password");
        assert_eq!(format!("{passphrase:?}"), "Passphrase { .. }");
    }
}
