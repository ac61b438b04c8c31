//! Collects settings, and decides which of them count.
//!
//! An option can be given several times: in a profile, in code, under its name and under its older name. `choose` picks
//! the setting that counts, and notes in the report which settings it overrides. `TlsOptions::read` then reads the
//! value. Names that are no option are judged here, too: they are errors in code, and in a profile if they are nearly
//! the name of an option.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::place;
use super::table::{OPTIONS, OptionInfo};
use super::tls_options::GivenAs;
use super::{OptionError, Sources, TlsOptions, ValueError};
#[cfg(feature = "profile")]
use crate::profile::Profile;
use crate::profile::{Position, is_nearly};
#[cfg(feature = "profile")]
use crate::report::chain;
use crate::report::{Note, Outcome, Report, Row};

/// Collects settings by name, and turns them into [`TlsOptions`].
///
/// Settings may come from a profile ([`TlsOptionsBuilder::profile`], feature `profile`), from code, or from the
/// configuration of other software by serde (feature `serde`). What is set in code overrides the profile, whatever the
/// order of the calls. Values are not looked at before [`build`](Self::build).
///
/// # Examples
///
/// ```
/// use sip_tls::options::{NameCheck, TlsOptions};
/// use sip_tls::report::Outcome;
///
/// let options = TlsOptions::builder()
///     .set("ca_list_file", "ca.pem") // the older name of `trusted-ca`
///     .set("tls-target-name-check", "host")
///     .set("sec-protocol", "")
///     .build()?;
/// assert_eq!(options.name_check(), NameCheck::Host);
///
/// let outcome = |name: &str| {
///     let row = options.report().rows().iter().find(|row| row.option() == name);
///     row.map(|row| row.outcome().clone())
/// };
/// assert_eq!(outcome("trusted-ca"), Some(Outcome::Applied));
/// assert_eq!(outcome("sec-protocol"), Some(Outcome::Default));
/// # Ok::<(), sip_tls::options::OptionError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TlsOptionsBuilder {
    profile: Vec<Setting>,
    code: Vec<Setting>,
    /// The folder that relative paths in `code` are relative to.
    base_dir: Option<PathBuf>,
    /// Warnings about the profile, for the report.
    warnings: Vec<String>,
}

/// One setting as it was given: by a profile, which has a position and a folder, or in code, which has neither.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: String,
    /// The sources, if they were given in code. `value` then only names them.
    pub(super) sources: Option<Sources>,
    /// The paths, if a list was given. `value` then only shows them.
    pub(super) paths: Option<Vec<String>>,
    pub(super) file: Option<PathBuf>,
    pub(super) position: Option<Position>,
    pub(super) base_dir: Option<PathBuf>,
}

impl Setting {
    pub(super) fn given_as(&self) -> GivenAs {
        GivenAs {
            name: self.name.clone(),
            file: self.file.clone(),
            position: self.position,
        }
    }

    /// Whether the value is the empty text. A list of paths or of sources is never empty in this sense.
    fn is_empty(&self) -> bool {
        self.value.is_empty() && self.sources.is_none() && self.paths.is_none()
    }
}

impl TlsOptionsBuilder {
    /// Adds the settings of a profile. Relative paths are relative to the profile's folder.
    ///
    /// Settings that are no TLS option are taken over, too: [`build`](Self::build) notes them, or refuses them if they
    /// look like a mistyped option. A connectivity line that cannot be used becomes a warning of the report.
    #[cfg(feature = "profile")]
    pub fn profile(mut self, profile: &Profile) -> Self {
        let settings = profile.security().iter().map(|setting| Setting {
            name: setting.name().to_owned(),
            value: setting.value().to_owned(),
            sources: None,
            paths: None,
            file: profile.path().map(Into::into),
            position: Some(setting.position()),
            base_dir: profile.base_dir().map(Into::into),
        });
        self.profile.extend(settings);
        let unusable = profile.unusable_connectivities().iter();
        let file = place(profile.path(), None);
        self.warnings
            .extend(unusable.map(|line| format!("{file}{}", chain(line))));
        self
    }

    /// Sets an option, by its name or older name. The value replaces that of a profile or of an earlier call, under
    /// either name. Relative paths are relative to [`base_dir`](Self::base_dir).
    ///
    /// An empty value means the option's default, as in a profile. A name that is no option is refused by
    /// [`build`](Self::build), with the name that was probably meant or the two nearest names.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::options::TlsOptions;
    ///
    /// let error = TlsOptions::builder().set("tls-clr", "ca.crl").build().unwrap_err();
    /// assert_eq!(error.name(), "tls-clr");
    /// assert!(error.to_string().contains("`tls-crl`"));
    /// ```
    pub fn set(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.replace(name.into(), value.into(), None)
    }

    /// Sets `certificate`: our certificate chain, the end entity's certificate first, perhaps with its key.
    /// Files that were given as separate sources are read in order, as paths separated by commas are.
    pub fn certificate(self, sources: impl Into<Sources>) -> Self {
        self.set_sources("certificate", sources.into())
    }

    /// Sets `certificate-key`: the private key of our certificate.
    /// Without it, the key is looked for in the certificate's file.
    pub fn certificate_key(self, sources: impl Into<Sources>) -> Self {
        self.set_sources("certificate-key", sources.into())
    }

    /// Sets `trusted-ca`: the trusted CAs.
    /// For `system` and `webpki-roots` use [`set`](Self::set): here these words are names of files.
    pub fn trusted_ca(self, sources: impl Into<Sources>) -> Self {
        self.set_sources("trusted-ca", sources.into())
    }

    /// Sets `tls-crl`: the revocation lists.
    /// For `fetch` use [`set`](Self::set): here the word is the name of a file.
    pub fn tls_crl(self, sources: impl Into<Sources>) -> Self {
        self.set_sources("tls-crl", sources.into())
    }

    /// Sets an option that takes files. Its text only names the sources, in the report and in errors.
    fn set_sources(self, name: &str, sources: Sources) -> Self {
        self.replace(name.to_owned(), sources.to_string(), Some(sources))
    }

    /// Adds a setting of code, and drops the earlier ones of the same option under either name.
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
            file: None,
            position: None,
            base_dir: None,
        });
        self
    }

    /// Adds a setting, without replacing one under the option's other name.
    #[cfg(feature = "serde")]
    pub(super) fn add(self, name: String, value: String) -> Self {
        self.push(name, value, None, None)
    }

    /// Adds a setting with a list of paths, without replacing one under the option's other name.
    #[cfg(feature = "serde")]
    pub(super) fn add_paths(self, name: String, paths: Vec<String>) -> Self {
        self.push(name, paths.join(", "), None, Some(paths))
    }

    /// Sets the folder for relative paths in values given as text: with [`set`](Self::set), in an earlier or later
    /// call, or by serde. Defaults to the working directory. Relative paths in a profile are relative to the profile's
    /// folder.
    pub fn base_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.base_dir = Some(folder.into());
        self
    }

    /// Sets an option from `NAME=VALUE`.
    ///
    /// It is the form of a command line's `--set NAME=VALUE`. White space around the name does not count; the value is
    /// taken as it stands, and may have a `=` itself.
    ///
    /// # Errors
    ///
    /// The text has no `=`.
    pub fn pair(self, pair: &str) -> Result<Self, OptionError> {
        match pair.split_once('=') {
            Some((name, value)) => Ok(self.set(name.trim(), value)),
            None => Err(OptionError {
                name: pair.to_owned(),
                file: None,
                position: None,
                source: ValueError::new("not of the form NAME=VALUE"),
            }),
        }
    }

    /// Reads all values.
    ///
    /// The first error is returned. `check` in this crate lists all of them.
    ///
    /// # Errors
    ///
    /// - A value cannot be used: a word that the option does not know, a cipher list that OpenSSL refuses.
    /// - A name set in code is no option. A name in a profile is nearly that of an option: a mistyped name must not
    ///   switch protection off. (Other unknown names in a profile are noted in the report.)
    /// - A value is blank.
    pub fn build(self) -> Result<TlsOptions, OptionError> {
        self.build_with_report().1
    }

    /// Reads all values as [`build`](Self::build) does, and returns the report even if an option is refused.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::options::TlsOptions;
    /// use sip_tls::report::Outcome;
    ///
    /// let builder = TlsOptions::builder().set("trusted-ca", "ca.pem").set("tls-mutual", "yes");
    /// let (report, options) = builder.build_with_report();
    /// assert!(options.is_err() && report.is_refused());
    /// let refused = report.rows().iter().find(|row| row.option() == "tls-mutual");
    /// assert!(matches!(refused.map(|row| row.outcome()), Some(Outcome::Refused(_))));
    /// ```
    pub fn build_with_report(self) -> (Report, Result<TlsOptions, OptionError>) {
        let (options, errors) = self.read_all();
        let report = options.report.clone();
        match errors.into_iter().next() {
            Some(error) => (report, Err(error)),
            None => (report, Ok(options)),
        }
    }

    /// Reads all values, and returns every error. After an error the options lack the refused values.
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

    /// Picks the setting that counts for each option. A value set in code overrides the profile, and the name
    /// overrides the older name. Between the two names, an empty value counts as not given.
    ///
    /// The settings of the profile come first, so that those in code meet what they override. Two settings with the
    /// same name do not occur in a profile, because the parser refuses them, and in code the later one has replaced the
    /// earlier.
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
    /// Adds a setting of an option. If there is one under the option's other name, the one with a value counts; if both
    /// have a value or both are empty, the one under the newer name does.
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

    /// Notes that a setting is overridden. An empty setting is not noted.
    fn note_overridden(&mut self, setting: Setting, by: &str) {
        if !setting.is_empty() {
            let outcome = Outcome::Overridden(by.to_owned());
            let row = Row::new(&setting.name, Some(&setting.value), outcome);
            self.rows.push(row);
        }
    }

    /// Handles a setting with an unknown name. A profile may hold settings of other software; code may not.
    fn add_unknown(&mut self, setting: Setting) {
        let source = match (near_name(&setting.name), setting.position) {
            (Some(meant), _) => {
                ValueError::new(format!("no such option; `{meant}` was probably meant"))
            }
            (None, None) => unknown_name(&setting.name),
            // The report leaves the value out, because it may be a password.
            (None, Some(_)) => {
                self.rows
                    .push(Row::new(&setting.name, None, Outcome::Ignored));
                if !KNOWN_OTHERS.contains(&&*setting.name) {
                    self.others.push(setting.given_as());
                }
                return;
            }
        };
        let outcome = Outcome::refused(&source);
        self.rows
            .push(Row::new(&setting.name, Some(&setting.value), outcome));
        self.errors.push(OptionError {
            name: setting.name,
            file: setting.file,
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

/// The warning about a setting that no known software reads.
fn has_no_effect(other: &GivenAs) -> String {
    let name = other.name.escape_debug();
    let place = place(other.file.as_deref(), other.position);
    format!("{place}setting `{name}` is not a TLS option and has no effect")
}

fn all_names() -> impl Iterator<Item = &'static str> {
    let names = |info: &'static OptionInfo| [Some(info.name), info.older_name];
    OPTIONS.iter().flat_map(names).flatten()
}

/// Returns the option that was probably meant by a name.
///
/// Settings that other software is known to read are never taken for a typing error.
fn near_name(name: &str) -> Option<&'static str> {
    match KNOWN_OTHERS.contains(&name) {
        true => None,
        false => all_names().find(|known| is_nearly(name, known)),
    }
}

/// The option's name for its name or older name; the name itself as the error if there is no such option. So two
/// unknown names are equal only if they are the same text.
fn canonical(name: &str) -> Result<&'static str, &str> {
    OptionInfo::named(name).map(|info| info.name).ok_or(name)
}

/// The error for a name set in code that is nearly no option. It names the two options with the smallest
/// Damerau-Levenshtein distance.
fn unknown_name(name: &str) -> ValueError {
    let mut known: Vec<_> = all_names().collect();
    known.sort_by_key(|known| strsim::damerau_levenshtein(known, name));
    ValueError::new(format!(
        "no such option; the nearest are `{}` and `{}`",
        known[0], known[1]
    ))
}
