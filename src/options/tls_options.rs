use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::file_list::FileList;
use super::table::{Given, OPTIONS, OptionInfo};
use super::{
    CipherList, Ciphersuites, NameCheck, OptionError, SecProtocol, SecurityLevel, ValueError,
};
use crate::profile::{Position, Profile};
use crate::report::{Outcome, Report};

/// The TLS options of an endpoint, as typed values.
///
/// They come from a [`Profile`], from code, or from both: what is set in code goes before the profile.
///
/// ```
/// use sip_tls::options::TlsOptions;
///
/// let options = TlsOptions::builder()
///     .set("trusted-ca", "ca.pem")
///     .set("tls-target-name-check", "host")
///     .build()?;
/// # Ok::<(), sip_tls::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    pub(super) certificate: Option<FileList>,
    pub(super) certificate_key: Option<FileList>,
    pub(super) trusted_ca: Option<TrustedCa>,
    pub(super) sec_protocol: SecProtocol,
    pub(super) cipher_list: CipherList,
    pub(super) ciphersuites: Ciphersuites,
    pub(super) tls_crl: Option<FileList>,
    pub(super) name_check: NameCheck,
    pub(super) target_name: Option<String>,
    pub(super) mutual: bool,
    report: Report,
}

/// Where the trusted CAs come from: the option `trusted-ca`.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TrustedCa {
    /// Files of certificates.
    Files(FileList),
    /// `webpki-roots`: Mozilla's list of public CAs, as compiled into the program. Only if it is asked for by name.
    WebpkiRoots,
}

impl TlsOptions {
    /// Starts from nothing.
    pub fn builder() -> TlsOptionsBuilder {
        TlsOptionsBuilder::default()
    }

    /// Reads the options of a profile.
    ///
    /// # Errors
    ///
    /// As [`TlsOptionsBuilder::build`].
    pub fn from_profile(profile: &Profile) -> Result<Self, OptionError> {
        Self::builder().profile(profile).build()
    }

    /// Our certificate chain.
    pub fn certificate(&self) -> Option<&FileList> {
        self.certificate.as_ref()
    }

    /// The private key of our certificate, if it is not in the certificate's file.
    pub fn certificate_key(&self) -> Option<&FileList> {
        self.certificate_key.as_ref()
    }

    /// The trusted CAs.
    pub fn trusted_ca(&self) -> Option<&TrustedCa> {
        self.trusted_ca.as_ref()
    }

    /// The protocol versions.
    pub fn sec_protocol(&self) -> SecProtocol {
        self.sec_protocol
    }

    /// The TLS 1.2 suites.
    pub fn cipher_list(&self) -> &CipherList {
        &self.cipher_list
    }

    /// The TLS 1.3 suites.
    pub fn ciphersuites(&self) -> &Ciphersuites {
        &self.ciphersuites
    }

    /// The revocation lists. `None`: revocation is not checked.
    pub fn tls_crl(&self) -> Option<&FileList> {
        self.tls_crl.as_ref()
    }

    /// Whether a server's names are checked.
    pub fn name_check(&self) -> NameCheck {
        self.name_check
    }

    /// The name to send and to check instead of the host that is connected to.
    pub fn target_name(&self) -> Option<&str> {
        self.target_name.as_deref()
    }

    /// Whether incoming connections must bring a client certificate.
    pub fn requires_client_certificate(&self) -> bool {
        self.mutual
    }

    /// What became of every option, as far as its value tells.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The security level in force: that of the cipher list, or 2 if it asks for less or for none.
    pub fn security_level(&self) -> SecurityLevel {
        SecurityLevel::effective(self.cipher_list.security_level())
    }
}

/// Collects settings by name, and turns them into [`TlsOptions`].
#[derive(Clone, Debug, Default)]
pub struct TlsOptionsBuilder {
    profile: Vec<Setting>,
    code: Vec<Setting>,
}

#[derive(Clone, Debug)]
struct Setting {
    name: String,
    value: String,
    position: Option<Position>,
    base_dir: Option<PathBuf>,
}

impl TlsOptionsBuilder {
    /// Adds the settings of a profile. Relative paths are relative to the profile's folder.
    pub fn profile(mut self, profile: &Profile) -> Self {
        let settings = profile.security().iter().map(|setting| Setting {
            name: setting.name().to_owned(),
            value: setting.value().to_owned(),
            position: Some(setting.position()),
            base_dir: profile.base_dir().map(Path::to_owned),
        });
        self.profile.extend(settings);
        self
    }

    /// Sets an option, by its name or older name. It takes the place of what a profile or an earlier call says of this
    /// option under either name. Relative paths are relative to the working directory.
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.code
            .retain(|setting| canonical(&setting.name) != canonical(&name));
        self.code.push(Setting {
            name,
            value: value.into(),
            position: None,
            base_dir: None,
        });
        self
    }

    /// Sets an option from `NAME=VALUE`.
    ///
    /// # Errors
    ///
    /// The text has no `=`.
    pub fn pair(self, pair: &str) -> Result<Self, OptionError> {
        match pair.split_once('=') {
            Some((name, value)) => Ok(self.set(name.trim(), value)),
            None => Err(OptionError {
                name: pair.to_owned(),
                position: None,
                source: ValueError::new("not of the form NAME=VALUE"),
            }),
        }
    }

    /// Reads all values.
    ///
    /// # Errors
    ///
    /// - A value cannot be used: a word that the option does not know, a cipher list that OpenSSL refuses.
    /// - A name set in code is no option. (Unknown names in a profile are noted in the report.)
    pub fn build(self) -> Result<TlsOptions, OptionError> {
        self.build_with_report().1
    }

    /// The same, with the report also where an option is refused.
    pub fn build_with_report(self) -> (Report, Result<TlsOptions, OptionError>) {
        let mut report = Report::default();
        let options = self.read(&mut report).map(|options| TlsOptions {
            report: report.clone(),
            ..options
        });
        (report, options)
    }

    fn read(self, report: &mut Report) -> Result<TlsOptions, OptionError> {
        let mut options = TlsOptions::default();
        let mut first_error = None;
        let chosen = self.choose(report, &mut first_error);
        for info in OPTIONS {
            let Some(setting) = chosen.get(info.name) else {
                report.option(info.name, None, Outcome::Default);
                continue;
            };
            let given = Given {
                value: &setting.value,
                base_dir: setting.base_dir.as_deref(),
            };
            match (info.read)(&mut options, &given) {
                Ok(()) if setting.value.is_empty() => {
                    report.option(info.name, Some(""), Outcome::Default);
                }
                Ok(()) => report.option(info.name, Some(&setting.value), Outcome::Applied),
                Err(error) => {
                    let outcome = Outcome::Refused(crate::error::chain(&error));
                    report.option(info.name, Some(&setting.value), outcome);
                    first_error.get_or_insert(OptionError {
                        name: setting.name.clone(),
                        position: setting.position,
                        source: error,
                    });
                }
            }
        }
        match first_error {
            Some(error) => Err(error),
            None => Ok(options),
        }
    }

    /// Picks the setting that counts for each option: code before profile, the name before the older name, and an empty
    /// name counts as not given.
    fn choose(
        self,
        report: &mut Report,
        first_error: &mut Option<OptionError>,
    ) -> BTreeMap<&'static str, Setting> {
        let mut chosen: BTreeMap<&'static str, Setting> = BTreeMap::new();
        let is_set_in_code: Vec<_> = self
            .code
            .iter()
            .filter_map(|s| canonical(&s.name).ok())
            .collect();
        for setting in self.profile.into_iter().chain(self.code) {
            let Some(info) = OptionInfo::named(&setting.name) else {
                if setting.position.is_some() {
                    // Its value may be anything, a password too.
                    report.option(&setting.name, None, Outcome::Ignored);
                } else {
                    let source = unknown_name(&setting.name);
                    report.option(
                        &setting.name,
                        Some(&setting.value),
                        Outcome::Refused(source.to_string()),
                    );
                    first_error.get_or_insert(OptionError {
                        name: setting.name,
                        position: None,
                        source,
                    });
                }
                continue;
            };
            if setting.position.is_some() && is_set_in_code.contains(&info.name) {
                continue;
            }
            let goes_before =
                |earlier: &Setting| match (earlier.value.is_empty(), setting.value.is_empty()) {
                    (true, false) => true,
                    (false, true) => false,
                    _ => setting.name == info.name,
                };
            if chosen.get(info.name).is_none_or(goes_before) {
                chosen.insert(info.name, setting);
            }
        }
        chosen
    }
}

fn canonical(name: &str) -> Result<&'static str, &str> {
    OptionInfo::named(name).map(|info| info.name).ok_or(name)
}

fn unknown_name(name: &str) -> ValueError {
    let mut known: Vec<_> = OPTIONS
        .iter()
        .flat_map(|info| [Some(info.name), info.older_name])
        .flatten()
        .collect();
    known.sort_by_key(|known| strsim::damerau_levenshtein(known, name));
    ValueError::new(format!(
        "no such option; the nearest are `{}` and `{}`",
        known[0], known[1]
    ))
}
