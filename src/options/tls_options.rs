use std::collections::BTreeMap;
use std::path::PathBuf;

use super::table::{Given, OPTIONS, OptionInfo};
use super::{
    CipherList, Ciphersuites, NameCheck, OptionError, SecProtocol, SecurityLevel, Sources,
    ValueError,
};
#[cfg(feature = "profile")]
use crate::profile::Profile;
use crate::profile::{Position, is_nearly};
#[cfg(feature = "profile")]
use crate::report::chain;
use crate::report::{Note, Outcome, Report, Row};

/// The TLS options of an endpoint, as typed values.
///
/// They come from a [`Profile`], from code, or from both: values set in code override the profile.
///
/// ```
/// use sip_tls::options::TlsOptions;
///
/// let options = TlsOptions::builder()
///     .set("trusted-ca", "ca.pem")
///     .set("tls-target-name-check", "host")
///     .build()?;
/// # Ok::<(), sip_tls::options::OptionError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    pub(super) certificate: Option<Sources>,
    pub(super) certificate_key: Option<Sources>,
    pub(super) trusted_ca: Option<TrustedCa>,
    pub(super) sec_protocol: SecProtocol,
    pub(super) cipher_list: CipherList,
    pub(super) ciphersuites: Ciphersuites,
    pub(super) tls_crl: Option<Sources>,
    pub(super) name_check: NameCheck,
    pub(super) target_name: Option<String>,
    pub(super) mutual: bool,
    /// How each option was given.
    given: BTreeMap<&'static str, GivenAs>,
    /// Settings of a profile that are no options of ours.
    others: Vec<GivenAs>,
    report: Report,
}

/// The name under which a setting was given, and where.
#[derive(Clone, Debug)]
pub(crate) struct GivenAs {
    pub(crate) name: String,
    pub(crate) position: Option<Position>,
}

/// Where the trusted CAs come from: the option `trusted-ca`.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum TrustedCa {
    /// Certificates in files or in memory.
    Sources(Sources),
    /// `system`: the CAs that the system trusts, as the crate rustls-native-certs finds them (feature `native-certs`).
    /// Only if it is asked for by name.
    ///
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` count as with OpenSSL's own defaults, but in the folder every file does,
    /// whatever its name is.
    System,
    /// `webpki-roots`: Mozilla's list of public CAs, as compiled into the program. Only if it is asked for by name.
    WebpkiRoots,
}

impl TlsOptions {
    /// Starts to collect options.
    pub fn builder() -> TlsOptionsBuilder {
        TlsOptionsBuilder::default()
    }

    /// Reads the options of a profile.
    ///
    /// # Errors
    ///
    /// As [`TlsOptionsBuilder::build`].
    #[cfg(feature = "profile")]
    pub fn from_profile(profile: &Profile) -> Result<Self, OptionError> {
        Self::builder().profile(profile).build()
    }

    /// Our certificate chain.
    pub fn certificate(&self) -> Option<&Sources> {
        self.certificate.as_ref()
    }

    /// The private key of our certificate, if it is not in the certificate's file.
    pub fn certificate_key(&self) -> Option<&Sources> {
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
    pub fn tls_crl(&self) -> Option<&Sources> {
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

    /// How an option was given, if it was.
    pub(crate) fn given_as(&self, option: &str) -> Option<&GivenAs> {
        self.given.get(option)
    }

    /// The settings of a profile that are no options of ours.
    pub(crate) fn other_settings(&self) -> &[GivenAs] {
        &self.others
    }

    /// Takes the value of one option, and returns what became of it.
    fn read(
        &mut self,
        info: &'static OptionInfo,
        setting: Option<&Setting>,
    ) -> (Row, Option<OptionError>) {
        let Some(setting) = setting else {
            return (Row::new(info.name, None, Outcome::Default), None);
        };
        self.given.insert(info.name, setting.given_as());
        let value = setting.value.trim();
        let given = Given {
            value,
            sources: setting.sources.as_ref(),
            paths: setting.paths.as_deref(),
            base_dir: setting.base_dir.as_deref(),
            name: info.name_given(&setting.name),
        };
        let read = match value.is_empty() && !setting.value.is_empty() {
            // It must not turn a check off.
            true => Err(ValueError::new(BLANK)),
            false if given.paths.is_some() && !info.takes_files() => {
                Err(ValueError::new("it takes one value, and no list"))
            }
            false => (info.read)(self, &given),
        };
        match read {
            Ok(()) if given.is_empty() => (Row::new(info.name, Some(""), Outcome::Default), None),
            Ok(()) => (Row::new(info.name, Some(value), Outcome::Applied), None),
            Err(source) => (
                Row::new(info.name, Some(value), Outcome::refused(&source)),
                Some(OptionError {
                    name: setting.name.clone(),
                    position: setting.position,
                    source,
                }),
            ),
        }
    }
}

/// Collects settings by name, and turns them into [`TlsOptions`].
#[derive(Clone, Debug, Default)]
pub struct TlsOptionsBuilder {
    profile: Vec<Setting>,
    code: Vec<Setting>,
    /// What relative paths of `code` are relative to.
    base_dir: Option<PathBuf>,
    /// What the report says of the profile.
    warnings: Vec<String>,
}

#[derive(Clone, Debug)]
struct Setting {
    name: String,
    value: String,
    /// What `value` only names.
    sources: Option<Sources>,
    /// The same.
    paths: Option<Vec<String>>,
    position: Option<Position>,
    base_dir: Option<PathBuf>,
}

impl Setting {
    fn given_as(&self) -> GivenAs {
        GivenAs {
            name: self.name.clone(),
            position: self.position,
        }
    }

    fn is_empty(&self) -> bool {
        self.value.is_empty() && self.sources.is_none() && self.paths.is_none()
    }
}

impl TlsOptionsBuilder {
    /// Adds the settings of a profile. Relative paths are relative to the profile's folder.
    #[cfg(feature = "profile")]
    pub fn profile(mut self, profile: &Profile) -> Self {
        let settings = profile.security().iter().map(|setting| Setting {
            name: setting.name().to_owned(),
            value: setting.value().to_owned(),
            sources: None,
            paths: None,
            position: Some(setting.position()),
            base_dir: profile.base_dir().map(Into::into),
        });
        self.profile.extend(settings);
        let unusable = profile.unusable_connectivities().iter();
        self.warnings.extend(unusable.map(|line| chain(line)));
        self
    }

    /// Sets an option, by its name or older name. The value replaces that of a profile or of an earlier call, under
    /// either name. Relative paths are relative to [`base_dir`](Self::base_dir).
    pub fn set(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.replace(name.into(), value.into(), None)
    }

    /// Sets `certificate`: our certificate chain, the end entity's certificate first, perhaps with its key.
    pub fn certificate(self, sources: impl Into<Sources>) -> Self {
        self.set_sources("certificate", sources.into())
    }

    /// Sets `certificate-key`: the private key of our certificate.
    pub fn certificate_key(self, sources: impl Into<Sources>) -> Self {
        self.set_sources("certificate-key", sources.into())
    }

    /// Sets `trusted-ca`: the trusted CAs.
    pub fn trusted_ca(self, sources: impl Into<Sources>) -> Self {
        self.set_sources("trusted-ca", sources.into())
    }

    /// Sets `tls-crl`: the revocation lists.
    pub fn tls_crl(self, sources: impl Into<Sources>) -> Self {
        self.set_sources("tls-crl", sources.into())
    }

    fn set_sources(self, name: &str, sources: Sources) -> Self {
        self.replace(name.to_owned(), sources.to_string(), Some(sources))
    }

    fn replace(mut self, name: String, value: String, sources: Option<Sources>) -> Self {
        self.code
            .retain(|setting| canonical(&setting.name) != canonical(&name));
        self.push(name, value, sources, None)
    }

    fn push(
        mut self,
        name: String,
        value: String,
        sources: Option<Sources>,
        paths: Option<Vec<String>>,
    ) -> Self {
        self.code.push(Setting {
            name,
            value,
            sources,
            paths,
            position: None,
            base_dir: None,
        });
        self
    }

    /// Sets an option beside its other name.
    #[cfg(feature = "serde")]
    pub(super) fn add(self, name: String, value: String) -> Self {
        self.push(name, value, None, None)
    }

    /// Does the same with a list of paths.
    #[cfg(feature = "serde")]
    pub(super) fn add_paths(self, name: String, paths: Vec<String>) -> Self {
        self.push(name, paths.join(", "), None, Some(paths))
    }

    /// Says which folder relative paths are relative to that are set by text: with [`set`](Self::set), before or after, and
    /// by serde. Defaults to the working directory. Those of a profile are relative to its own folder.
    pub fn base_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.base_dir = Some(folder.into());
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
    /// - A name set in code is no option. A name in a profile is nearly that of an option: a mistyped name must not switch
    ///   protection off. (Other unknown names in a profile are noted in the report.)
    /// - A value is blank.
    pub fn build(self) -> Result<TlsOptions, OptionError> {
        self.build_with_report().1
    }

    /// Does the same, and returns the report also where an option is refused.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_with_report(self) -> (Report, Result<TlsOptions, OptionError>) {
        let (options, errors) = self.read_all();
        let report = options.report.clone();
        match errors.into_iter().next() {
            Some(error) => (report, Err(error)),
            None => (report, Ok(options)),
        }
    }

    /// Reads all values, and returns everything that is wrong with them. With an error, options have less than was meant.
    pub(crate) fn read_all(mut self) -> (TlsOptions, Vec<OptionError>) {
        let mut warnings = std::mem::take(&mut self.warnings);
        let Chosen {
            settings,
            mut rows,
            mut errors,
            others,
        } = self.choose();
        let mut options = TlsOptions::default();
        for info in OPTIONS {
            let (row, error) = options.read(info, settings.get(info.name));
            rows.push(row);
            errors.extend(error);
        }
        warnings.extend(others.iter().map(has_no_effect));
        let notes = warnings.into_iter().map(Note::Warning);
        options.report = Report::of_rows(rows).with(notes);
        options.others = others;
        (options, errors)
    }

    /// Picks the setting that counts for each option: code before profile, the name before the older name, and an empty
    /// name counts as not given.
    fn choose(self) -> Chosen {
        let mut chosen = Chosen::default();
        let is_set_in_code: Vec<_> = self
            .code
            .iter()
            .filter_map(|s| canonical(&s.name).ok())
            .collect();
        let code = self.code.into_iter().map(|setting| Setting {
            base_dir: self.base_dir.clone(),
            ..setting
        });
        for setting in self.profile.into_iter().chain(code) {
            match OptionInfo::named(&setting.name) {
                None => chosen.add_unknown(setting),
                Some(info) if setting.position.is_some() && is_set_in_code.contains(&info.name) => {
                    chosen.note_overridden(setting, "a value set in code");
                }
                Some(info) => chosen.add(info, setting),
            }
        }
        chosen
    }
}

/// The setting that counts for each option, and what became of the other settings.
#[derive(Default)]
struct Chosen {
    settings: BTreeMap<&'static str, Setting>,
    rows: Vec<Row>,
    errors: Vec<OptionError>,
    others: Vec<GivenAs>,
}

impl Chosen {
    fn add(&mut self, info: &'static OptionInfo, setting: Setting) {
        let overrides = |earlier: &Setting| match (earlier.is_empty(), setting.is_empty()) {
            (true, false) => true,
            (false, true) => false,
            _ => setting.name == info.name,
        };
        let overridden = match self.settings.remove(info.name) {
            None => None,
            Some(earlier) if overrides(&earlier) => Some((earlier, setting.name.clone())),
            Some(earlier) => {
                let by = earlier.name.clone();
                self.settings.insert(info.name, earlier);
                return self.note_overridden(setting, &format!("`{by}`"));
            }
        };
        self.settings.insert(info.name, setting);
        if let Some((earlier, by)) = overridden {
            self.note_overridden(earlier, &format!("`{by}`"));
        }
    }

    /// Notes that a setting does not count. An empty one says nothing.
    fn note_overridden(&mut self, setting: Setting, by: &str) {
        if !setting.is_empty() {
            let outcome = Outcome::Overridden(by.to_owned());
            let row = Row::new(&setting.name, Some(&setting.value), outcome);
            self.rows.push(row);
        }
    }

    /// A profile may hold settings of other software; code may not.
    fn add_unknown(&mut self, setting: Setting) {
        let source = match setting.position {
            None => unknown_name(&setting.name),
            Some(_) => match near_name(&setting.name) {
                Some(meant) => {
                    ValueError::new(format!("it has no effect; `{meant}` was probably meant"))
                }
                // Its value may be anything, even a password.
                None => {
                    self.rows
                        .push(Row::new(&setting.name, None, Outcome::Ignored));
                    if !KNOWN_OTHERS.contains(&&*setting.name) {
                        self.others.push(setting.given_as());
                    }
                    return;
                }
            },
        };
        let outcome = Outcome::refused(&source);
        self.rows
            .push(Row::new(&setting.name, Some(&setting.value), outcome));
        self.errors.push(OptionError {
            name: setting.name,
            position: setting.position,
            source,
        });
    }
}

/// Settings of section `security` that are read by other parts of an endpoint and by other Genesys software.
const KNOWN_OTHERS: &[&str] = &[
    "fips140-enabled",
    "protocol-list",
    "provider",
    "tls",
    "tls-version",
    "tls_enabled",
    "upgrade",
    "use_srtp",
];

fn has_no_effect(other: &GivenAs) -> String {
    let name = other.name.escape_debug();
    match other.position {
        Some(position) => {
            format!("{position}: setting `{name}` is no TLS option, and has no effect")
        }
        None => format!("setting `{name}` is no TLS option, and has no effect"),
    }
}

fn all_names() -> impl Iterator<Item = &'static str> {
    let names = |info: &'static OptionInfo| [Some(info.name), info.older_name];
    OPTIONS.iter().flat_map(names).flatten()
}

/// Returns the option that was probably meant by a name.
fn near_name(name: &str) -> Option<&'static str> {
    match KNOWN_OTHERS.contains(&name) {
        true => None,
        false => all_names().find(|known| is_nearly(name, known)),
    }
}

fn canonical(name: &str) -> Result<&'static str, &str> {
    OptionInfo::named(name).map(|info| info.name).ok_or(name)
}

fn unknown_name(name: &str) -> ValueError {
    let mut known: Vec<_> = all_names().collect();
    known.sort_by_key(|known| strsim::damerau_levenshtein(known, name));
    ValueError::new(format!(
        "no such option; the nearest are `{}` and `{}`",
        known[0], known[1]
    ))
}

const BLANK: &str = "the value is blank; leave it empty for the default";
