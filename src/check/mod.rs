//! Reports everything that is wrong with a configuration, before the first connection.
//!
//! The check builds an endpoint as it would be for connections, at the time of the check. It verifies what the
//! endpoint would send and accept with the endpoint's own verifier. One problem hides no other.

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
use crate::profile::{Profile, ProfileError};
use crate::report::Report;

/// Collects what is to be checked: a configuration file, options that are set in code, or both.
///
/// ```no_run
/// use sip_tls::check::{Check, Severity};
///
/// let checked = Check::new().config("SipEndpoint.config").run();
/// for finding in checked.findings() {
///     eprintln!("{finding}");
/// }
/// assert!(checked.worst() < Some(Severity::Error));
/// ```
pub struct Check {
    #[cfg(feature = "profile")]
    config: Option<PathBuf>,
    options: TlsOptionsBuilder,
    configure: Box<dyn FnOnce(EndpointBuilder) -> EndpointBuilder + Send>,
    limits: Limits,
}

/// How long before its end something is a finding, in days.
#[derive(Clone, Copy, Debug)]
struct Limits {
    certificates: u32,
    lists: u32,
}

impl Check {
    /// Starts with an empty check.
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
    #[cfg(feature = "profile")]
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// Takes options that are set in code; they override those of the configuration file.
    pub fn options(mut self, options: TlsOptionsBuilder) -> Self {
        self.options = options;
        self
    }

    /// Sets what no option can set, such as passphrases and the time.
    pub fn endpoint(
        mut self,
        configure: impl FnOnce(EndpointBuilder) -> EndpointBuilder + Send + 'static,
    ) -> Self {
        self.configure = Box::new(configure);
        self
    }

    /// Sets how many days before its end a certificate is a finding. Defaults to 30. Revocation lists have 7.
    pub fn days(mut self, days: u32) -> Self {
        self.limits.certificates = days;
        self
    }

    /// Reads all files, and says what is wrong.
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
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The worst severity; `None` if there is no finding.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(Finding::severity).max()
    }

    /// The outcome of every option.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The options, as far as they could be read.
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

    #[cfg(feature = "profile")]
    fn add_problems(&mut self, problems: &[ProfileError]) {
        let unusable = self.profile.iter();
        let unusable = unusable.flat_map(|profile| profile.unusable_connectivities());
        self.findings
            .extend(unusable.map(refusals::of_connectivity));
        self.findings
            .extend(problems.iter().map(refusals::of_profile));
    }

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

    fn add_error(&mut self, error: &Error) {
        self.findings.push(refusals::of_error(error, &self.options));
    }

    fn sort(&mut self) {
        self.findings
            .sort_by_key(|finding| (std::cmp::Reverse(finding.severity()), finding.position()));
    }
}
