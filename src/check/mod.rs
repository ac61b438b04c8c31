//! Reports everything that is wrong with a configuration, before the first connection.
//!
//! The check builds an endpoint as it would be for connections, at the time of the check. It verifies what the
//! endpoint would send and accept with the endpoint's own verifier. One problem hides no other.
//!
//! `sip-tls check` prints the result; programs can call [`Check`] before they start, or when a user has changed the
//! configuration. OpenSSL has nothing like it: there, most of these faults show in the first handshake that fails,
//! and some only in the log of the peer.
//!
//! The files of the options are read, and nothing else: no connection is made and no list is fetched. Each finding
//! has a code that stays the same in later releases, a severity, the option and the place that it is about, and what
//! helps. The text is for people and may change.
//!
//! ```
//! use sip_tls::check::{Check, Severity};
//! use sip_tls::options::TlsOptions;
//!
//! let options = TlsOptions::builder().set("trusted-ca", "no-such-file.pem");
//! let checked = Check::new().options(options).run();
//! assert_eq!(checked.worst(), Some(Severity::Error));
//! assert!(checked.endpoint().is_none());
//! let finding = &checked.findings()[0];
//! assert_eq!(finding.code(), "file-unusable");
//! assert_eq!(finding.option(), Some("trusted-ca"));
//! ```

mod chain;
mod cure;
mod finding;
mod inspector;
mod key_file;
mod lists;
mod own;
mod refusals;
mod settings;
mod trusted;

#[cfg(feature = "profile")]
use std::path::PathBuf;

pub use finding::{Finding, Severity};

use self::inspector::Inspector;
use crate::endpoint::{Endpoint, EndpointBuilder};
use crate::error::Error;
use crate::options::{OptionError, TlsOptions, TlsOptionsBuilder};
#[cfg(feature = "profile")]
use crate::profile::{Connectivity, Profile, ProfileError, Transport};
use crate::report::Report;

/// Collects what is to be checked: a configuration file, options that are set in code, or both.
///
/// ```no_run
/// use sip_tls::check::{Check, Severity};
///
/// # #[cfg(feature = "profile")] {
/// let checked = Check::new().config("SipEndpoint.config").run();
/// for finding in checked.findings() {
///     eprintln!("{finding}");
/// }
/// assert!(checked.worst() < Some(Severity::Error));
/// # }
/// ```
///
/// It never fails: a configuration file that cannot be read is a finding, too.
pub struct Check {
    /// The file that is read first; options that are set in code override it.
    #[cfg(feature = "profile")]
    config: Option<PathBuf>,
    options: TlsOptionsBuilder,
    /// Changes the builder of the endpoint before the endpoint is made.
    configure: Box<dyn FnOnce(EndpointBuilder) -> EndpointBuilder + Send>,
    limits: Limits,
}

/// How long before its end something is a finding, in days.
///
/// A certificate takes days to renew, while a list is usually fetched by a job; so the defaults differ.
#[derive(Clone, Copy, Debug)]
struct Limits {
    certificates: u32,
    lists: u32,
}

impl Check {
    /// Starts with an empty check.
    ///
    /// Without a configuration file or options, the result is the error that `trusted-ca` is missing.
    pub fn new() -> Self {
        Self {
            #[cfg(feature = "profile")]
            config: None,
            options: TlsOptionsBuilder::default(),
            configure: Box::new(|builder| builder),
            limits: Limits {
                certificates: 30,
                lists: 7,
            },
        }
    }

    /// Checks this configuration file.
    ///
    /// If the file cannot be read, nothing else is checked.
    #[cfg(feature = "profile")]
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// Takes options that are set in code; they override those of the configuration file.
    ///
    /// A second call replaces the options of the first.
    pub fn options(mut self, options: TlsOptionsBuilder) -> Self {
        self.options = options;
        self
    }

    /// Sets what no option can set, such as passphrases and the time.
    ///
    /// The endpoint is then built with these settings, as it would be for connections. A second call replaces the
    /// function of the first.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use sip_tls::check::Check;
    /// use sip_tls::pki::{Passphrase, Passphrases};
    ///
    /// let check = Check::new().endpoint(|builder| {
    ///     let passphrases = Passphrases::new(|_| Some(Passphrase::new("secret")));
    ///     builder.passphrases(passphrases)
    /// });
    /// ```
    pub fn endpoint(
        mut self,
        configure: impl FnOnce(EndpointBuilder) -> EndpointBuilder + Send + 'static,
    ) -> Self {
        self.configure = Box::new(configure);
        self
    }

    /// Sets that a certificate which expires within this many days is a finding. Defaults to 30. For revocation lists
    /// it is always 7 days.
    ///
    /// The number counts for our own certificates and for those of `trusted-ca`.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::check::Check;
    /// use sip_tls::options::TlsOptions;
    ///
    /// # const CA: &str = "tests/testdata/crypto/p256.crt";
    /// // The certificate is valid for a hundred years.
    /// let ends_soon = |days| {
    ///     let options = TlsOptions::builder().set("trusted-ca", CA);
    ///     let checked = Check::new().options(options).days(days).run();
    ///     let mut findings = checked.findings().iter();
    ///     findings.any(|finding| finding.code() == "trusted-expires-soon")
    /// };
    /// assert!(!ends_soon(30));
    /// assert!(ends_soon(40_000));
    /// ```
    pub fn days(mut self, days: u32) -> Self {
        self.limits.certificates = days;
        self
    }

    /// Reads all files, and says what is wrong.
    ///
    /// It reads files, and asks for passphrases if [`endpoint`](Self::endpoint) says how. Dates are compared with the
    /// endpoint's clock.
    pub fn run(self) -> Checked {
        #[cfg(feature = "profile")]
        let (profile, problems) = match self.config.as_deref().map(Profile::read_file) {
            None => (None, Vec::new()),
            Some(Ok(reading)) => (Some(reading.profile), reading.problems),
            Some(Err(error)) => return Checked::unreadable(error),
        };
        let options = self.options;
        #[cfg(feature = "profile")]
        let options = match &profile {
            Some(profile) => options.profile(profile),
            None => options,
        };
        let (options, unusable) = options.read_all();
        let builder = (self.configure)(EndpointBuilder::new(options.clone()));
        let (report, inspected, endpoint) = builder.build_inspected(|inspection, now| {
            let mut inspector = Inspector::new(&options, inspection, now, self.limits);
            inspector.run();
            (inspector.findings, inspection.errors().next().is_some())
        });
        let mut checked = Checked {
            findings: Vec::new(),
            report,
            options,
            endpoint: None,
            #[cfg(feature = "profile")]
            profile,
        };
        #[cfg(feature = "profile")]
        let is_read = unusable.is_empty() && problems.is_empty();
        #[cfg(not(feature = "profile"))]
        let is_read = unusable.is_empty();
        #[cfg(feature = "profile")]
        checked.add_problems(&problems);
        #[cfg(feature = "profile")]
        checked.add_lines();
        checked.add_unusable(&unusable);
        match endpoint {
            Ok(endpoint) => checked.endpoint = is_read.then_some(endpoint),
            Err(error) => match &inspected {
                None => checked.add_failure(&error),
                Some((_, true)) => {}
                // What was set in code cannot be used with what was read.
                Some((_, false)) => checked.add_error(&error),
            },
        }
        let findings = inspected.map(|(findings, _)| findings);
        checked.findings.extend(findings.unwrap_or_default());
        #[cfg(feature = "profile")]
        checked.add_empty_section(&problems);
        checked.sort();
        checked
    }
}

impl Default for Check {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check")
            .field("options", &self.options)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The result of a check.
///
/// [`Check`] has an example.
#[derive(Debug)]
pub struct Checked {
    findings: Vec<Finding>,
    report: Report,
    options: TlsOptions,
    endpoint: Option<Endpoint>,
    #[cfg(feature = "profile")]
    profile: Option<Profile>,
}

impl Checked {
    /// Everything that is wrong, the worst first, and then in the order of the configuration file.
    ///
    /// Findings without a place in the configuration file come before those with one. Of the errors, those in the text of
    /// the configuration file come first, and an option that is missing comes last. Empty if nothing is wrong.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The worst severity; `None` if there is no finding.
    ///
    /// `sip-tls check` turns it into its exit status.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(Finding::severity).max()
    }

    /// The outcome of every option.
    ///
    /// It is the [report](crate::report) of an endpoint with this configuration; empty if the configuration file
    /// cannot be read.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The options, as far as they could be read.
    ///
    /// Options with unusable values are left out.
    pub fn options(&self) -> &TlsOptions {
        &self.options
    }

    /// The endpoint, if one can be made. There may be errors nevertheless: for example, an endpoint loads our own
    /// certificate even if it has expired, as OpenSSL does.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.as_ref()
    }

    /// The configuration file, if there is one and it could be read.
    #[cfg(feature = "profile")]
    pub fn profile(&self) -> Option<&Profile> {
        self.profile.as_ref()
    }

    /// The result if there is no configuration to look at.
    #[cfg(feature = "profile")]
    fn unreadable(error: ProfileError) -> Self {
        Self {
            findings: vec![
                refusals::of_profile(&error),
                Finding::new(Severity::Advice, "not-looked-at").text(
                    "no option could be checked, because the configuration file cannot be read",
                    "correct the file and check again",
                ),
            ],
            report: Report::default(),
            options: TlsOptions::default(),
            endpoint: None,
            profile: None,
        }
    }

    /// Adds what is wrong with the configuration file itself: settings that are nearly right, and connections that
    /// cannot be made.
    #[cfg(feature = "profile")]
    fn add_problems(&mut self, problems: &[ProfileError]) {
        let unusable = self.profile.iter();
        let unusable = unusable.flat_map(|profile| profile.unusable_connectivities());
        self.findings
            .extend(unusable.map(refusals::of_connectivity));
        self.findings
            .extend(problems.iter().map(refusals::of_profile));
    }

    /// Adds that no line uses TLS. A line that cannot be used is an error already.
    #[cfg(feature = "profile")]
    fn add_lines(&mut self) {
        let Some(profile) = &self.profile else { return };
        let lines = profile.connectivities();
        let uses_tls = |line: &Connectivity| line.transport() == Transport::Tls;
        let is_read = profile.unusable_connectivities().is_empty();
        if is_read && !lines.is_empty() && !lines.iter().any(uses_tls) {
            let finding = Finding::new(Severity::Warning, "no-tls-line");
            self.findings.push(finding.about("Connectivity", None).text(
                "no line uses TLS, so no TLS connection is made",
                "write `protocol=\"tls\"` in the lines that are to use TLS",
            ));
        }
    }

    /// Adds that the file has no setting at all, if an option is missing. A problem of the file explains it, too.
    #[cfg(feature = "profile")]
    fn add_empty_section(&mut self, problems: &[ProfileError]) {
        let has_none = (self.profile.as_ref()).is_some_and(|profile| profile.security().is_empty());
        let is_missing = |finding: &Finding| finding.code() == "option-missing";
        if has_none && problems.is_empty() && self.findings.iter().any(is_missing) {
            let finding = Finding::new(Severity::Error, "bad-config");
            self.findings.push(finding.text(
                "the file has no setting in section `security` of domain `system`",
                "write the options there; see `sip-tls options`",
            ));
        }
    }

    /// Adds the values that cannot be used.
    fn add_unusable(&mut self, unusable: &[OptionError]) {
        self.findings
            .extend(unusable.iter().map(refusals::of_option));
    }

    /// Adds an error because of which no file was read.
    fn add_failure(&mut self, error: &Error) {
        self.add_error(error);
        self.findings
            .push(Finding::new(Severity::Advice, "not-looked-at").text(
                "the files of the options were not checked",
                "correct the error above and check again",
            ));
    }

    /// Adds an error, under the name by which the option was given.
    fn add_error(&mut self, error: &Error) {
        self.findings.push(refusals::of_error(error, &self.options));
    }

    /// The order is stable: findings about one option stay in the order in which they were made.
    fn sort(&mut self) {
        self.findings.sort_by_key(|finding| {
            let severity = std::cmp::Reverse(finding.severity());
            (severity, finding.rank(), finding.position())
        });
    }
}
