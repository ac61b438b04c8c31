//! The table of all options.
//!
//! [`OPTIONS`] is the one place that knows which options there are. `TlsOptions::read` calls the function in a row with
//! the value that counts; the builder looks for names here; the program and the manual print the texts.
//!
//! A value reaches the function trimmed, and never blank: a value of white space alone is refused
//! before. An empty value reaches it, and means the default.

use std::borrow::Cow;

use super::file_list::FileList;
use super::{Sources, TlsOptions, TrustedCa, ValueError};
use crate::options::{CipherList, Ciphersuites};

/// An option of domain `system`, section `security`: one row of [`OPTIONS`].
///
/// # Examples
///
/// ```
/// use sip_tls::options::OptionInfo;
///
/// let option = OptionInfo::named("ca_list_file").ok_or("no such option")?;
/// assert_eq!(option.name, "trusted-ca");
/// assert_eq!(option.older_name, Some("ca_list_file"));
/// # Ok::<(), &str>(())
/// ```
#[non_exhaustive]
pub struct OptionInfo {
    /// The name of the option.
    pub name: &'static str,
    /// The name that the option had in older releases.
    /// It is still accepted. If an option is given under both names, the newer one counts.
    pub older_name: Option<&'static str>,
    /// The values that the option takes.
    /// A text for a table: words in backquotes, alternatives separated by commas and semicolons.
    pub values: &'static str,
    /// What an absent or empty option means.
    pub default: &'static str,
    /// What the option does.
    pub meaning: &'static str,
    /// Reads the value into the field of [`TlsOptions`] that belongs to the option.
    pub(super) read: fn(&mut TlsOptions, &Given<'_>) -> Result<(), ValueError>,
}

/// A value as it was given, with the folder that its relative paths are relative to.
#[derive(Clone)]
pub(super) struct Given<'a> {
    pub(super) value: Cow<'a, str>,
    /// The sources, if they were given in code. `value` then only names them.
    pub(super) sources: Option<&'a Sources>,
    /// The paths, if a list was given. `value` then only shows them.
    pub(super) paths: Option<Cow<'a, [String]>>,
    pub(super) base_dir: Option<&'a std::path::Path>,
    /// The name or older name under which it was given.
    pub(super) name: &'static str,
}

impl OptionInfo {
    /// Finds an option by its name or older name.
    ///
    /// Names are compared exactly, as in the configuration files: `Trusted-CA` is no option.
    pub fn named(name: &str) -> Option<&'static Self> {
        OPTIONS
            .iter()
            .find(|option| option.name == name || option.older_name == Some(name))
    }

    /// Whether the option's value names files.
    pub(super) fn takes_files(&self) -> bool {
        ["certificate", "certificate-key", "trusted-ca", "tls-crl"].contains(&self.name)
    }

    /// Returns the older name if the option was given under it, or else the name.
    pub(super) fn name_given(&self, given: &str) -> &'static str {
        self.older_name
            .filter(|older| *older == given)
            .unwrap_or(self.name)
    }
}

impl std::fmt::Debug for OptionInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OptionInfo")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// All options.
/// The order is the one in which they are read, reported and printed.
///
/// # Examples
///
/// ```
/// use sip_tls::options::OPTIONS;
///
/// let mandatory = OPTIONS.iter().filter(|option| option.default.contains("mandatory"));
/// assert_eq!(mandatory.map(|option| option.name).collect::<Vec<_>>(), ["trusted-ca"]);
/// ```
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        name: "certificate",
        older_name: Some("cert_file"),
        values: "path; comma-separated paths: a chain, in order; PEM, DER, PKCS#7, PKCS#12",
        default: "none",
        meaning: "our certificate, for mutual TLS and for incoming connections",
        read: |options, given| {
            options.certificate = given.sources();
            Ok(())
        },
    },
    OptionInfo {
        name: "certificate-key",
        older_name: Some("priv_key_file"),
        values: "path, may be the certificate's own file; PEM, DER, PKCS#12",
        default: "read from the certificate's file",
        meaning: "the certificate's private key",
        read: |options, given| {
            options.certificate_key = given.sources();
            Ok(())
        },
    },
    OptionInfo {
        name: "trusted-ca",
        older_name: Some("ca_list_file"),
        values: "path; comma-separated paths; a folder; `webpki-roots`; `system`",
        default: "none: the option is mandatory",
        meaning: "the trusted CAs; `SSL_CERT_FILE` and `SSL_CERT_DIR` override those of `system`",
        read: |options, given| {
            options.trusted_ca = match given.word() {
                Some("system") => Some(system()?),
                Some("webpki-roots") => Some(TrustedCa::WebpkiRoots),
                _ => given.sources().map(TrustedCa::Sources),
            };
            Ok(())
        },
    },
    OptionInfo {
        name: "sec-protocol",
        older_name: None,
        values: "`SSLv23`, `TLSv12`, `TLSv13`",
        default: "TLS 1.2 and up",
        meaning: "the protocol versions",
        read: |options, given| {
            options.sec_protocol = given.value.parse()?;
            Ok(())
        },
    },
    OptionInfo {
        name: "cipher-list",
        older_name: None,
        values: "OpenSSL cipher string",
        default: "OpenSSL's `DEFAULT`",
        meaning: "the TLS 1.2 suites, in order of preference",
        read: |options, given| {
            options.cipher_list =
                CipherList::from_option(&given.value).map_err(ValueError::caused_by)?;
            Ok(())
        },
    },
    OptionInfo {
        name: "ciphersuites",
        older_name: None,
        values: "TLS 1.3 suite names, colon-separated",
        default: "AES-256-GCM, ChaCha20-Poly1305, AES-128-GCM",
        meaning: "the TLS 1.3 suites, in order of preference",
        read: |options, given| {
            options.ciphersuites =
                Ciphersuites::from_option(&given.value).map_err(ValueError::caused_by)?;
            Ok(())
        },
    },
    OptionInfo {
        name: "tls-crl",
        older_name: None,
        values: "path; comma-separated paths; a folder; not OpenSSL's: `fetch`, alone or among paths",
        default: "no revocation check",
        meaning: "certificate revocation lists, one or more in a file",
        read: |options, given| {
            let files = given.without_word("fetch");
            options.fetches_lists = files.is_some() && fetch()?;
            options.tls_crl = files.as_ref().unwrap_or(given).sources();
            Ok(())
        },
    },
    OptionInfo {
        name: "tls-target-name-check",
        older_name: None,
        values: "`no`, `host`; not OpenSSL's: `sip`",
        default: "`no`",
        meaning: "whether the server's certificate must match the host, or the SIP domain by RFC 5922",
        read: |options, given| {
            options.name_check = given.value.parse()?;
            Ok(())
        },
    },
    OptionInfo {
        name: "tls-target-name",
        older_name: None,
        values: "host name or address",
        default: "the host that is connected to",
        meaning: "the name to send as SNI and to check",
        read: |options, given| {
            options.target_name =
                (!given.value.is_empty()).then(|| given.value.clone().into_owned());
            Ok(())
        },
    },
    OptionInfo {
        name: "tls-mutual",
        older_name: None,
        values: "`0`, `1`",
        default: "`0`",
        meaning: "whether incoming connections need a client certificate",
        read: |options, given| {
            options.mutual = match &*given.value {
                "" | "0" => false,
                "1" => true,
                other => return Err(ValueError::unknown_word(other, &["0", "1"])),
            };
            Ok(())
        },
    },
];

/// The value `system`. Without the feature it is an error, and not the name of a file: the same
/// configuration must not mean two things in two builds.
fn system() -> Result<TrustedCa, ValueError> {
    match cfg!(feature = "native-certs") {
        true => Ok(TrustedCa::System),
        false => Err(ValueError::new(
            "`system` needs the feature `native-certs`, and this program was built without it; for a file with this \
             name write `./system`",
        )),
    }
}

/// The word `fetch` in `tls-crl`. Without the feature it is an error, for the same reason as
/// `system`.
fn fetch() -> Result<bool, ValueError> {
    match cfg!(feature = "crl-fetch") {
        true => Ok(true),
        false => Err(ValueError::new(
            "`fetch` needs the feature `crl-fetch`, and this program was built without it; for a file with this name \
             write `./fetch`",
        )),
    }
}

impl<'a> Given<'a> {
    /// Whether nothing was given.
    pub(super) fn is_empty(&self) -> bool {
        self.word() == Some("")
    }

    /// The value, if it was given as text.
    fn word(&self) -> Option<&str> {
        (self.sources.is_none() && self.paths.is_none()).then_some(&*self.value)
    }

    /// Returns the value without `word`, if that stands among the paths. `None` if it does not.
    ///
    /// What is left may be empty: the word stood alone.
    fn without_word(&self, word: &str) -> Option<Self> {
        let is_path = |name: &&str| name.trim() != word;
        if let Some(paths) = &self.paths {
            let left = paths.iter().filter(|path| is_path(&path.as_str()));
            let left: Vec<_> = left.cloned().collect();
            return (left.len() < paths.len()).then(|| Self {
                value: Cow::Owned(left.join(", ")),
                paths: (!left.is_empty()).then_some(Cow::Owned(left)),
                ..self.clone()
            });
        }
        let names = || self.word().unwrap_or_default().split(',');
        let left: Vec<_> = names().filter(is_path).collect();
        (left.len() < names().count()).then(|| Self {
            value: Cow::Owned(left.join(",").trim().to_owned()),
            ..self.clone()
        })
    }

    /// The sources that the value stands for; `None` if it is empty. Each list of files carries the
    /// name under which the option was given, so that an error about a file names the option as the
    /// configuration does.
    fn sources(&self) -> Option<Sources> {
        if let Some(sources) = self.sources {
            return Some(sources.clone());
        }
        if let Some(paths) = &self.paths {
            let place = |path: &String| match self.base_dir {
                Some(folder) => folder.join(path),
                None => path.into(),
            };
            let placed = paths.iter().map(place);
            let files = placed.map(|path| FileList::of_path(path).named(self.name));
            return Some(files.collect());
        }
        let files = || FileList::new(&*self.value, self.base_dir.map(Into::into)).named(self.name);
        (!self.value.is_empty()).then(|| files().into())
    }
}
