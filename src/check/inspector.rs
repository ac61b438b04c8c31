//! Goes through everything that was read for the endpoint, and collects findings.
//!
//! It is called within the building of the endpoint, where the files have been read and every error is still there.
//! So each file is read once, and what is checked is what a connection would use. The modules beside it look at one
//! kind of thing each; the order of their findings does not matter, because they are sorted at the end.

use super::finding::{Finding, Severity};
use super::{Limits, chain, key_file, lists, own, refusals, settings, trusted};
use crate::endpoint::Inspection;
use crate::options::TlsOptions;
use crate::pki::Origin;
use crate::x509::{Certificate, describe};

/// Looks at everything that was read, and notes what is wrong.
pub(super) struct Inspector<'a> {
    pub(super) options: &'a TlsOptions,
    pub(super) inspection: &'a Inspection,
    /// Seconds since the epoch.
    pub(super) now: i64,
    pub(super) limits: Limits,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Inspector<'a> {
    pub(super) fn new(
        options: &'a TlsOptions,
        inspection: &'a Inspection,
        now: i64,
        limits: Limits,
    ) -> Self {
        Self {
            options,
            inspection,
            now,
            limits,
            findings: Vec::new(),
        }
    }

    /// Errors of reading come first, then what is wrong with the things that could be read.
    pub(super) fn run(&mut self) {
        for error in self.inspection.errors() {
            self.findings.push(refusals::of_error(error, self.options));
        }
        settings::inspect(self);
        own::inspect(self);
        chain::inspect(self);
        key_file::inspect(self);
        trusted::inspect(self);
        lists::inspect(self);
    }

    /// Starts a finding about an option, by the name under which it was given.
    pub(super) fn about(
        &self,
        severity: Severity,
        code: &'static str,
        option: &'static str,
    ) -> Finding {
        let finding = Finding::new(severity, code);
        match self.options.given_as(option) {
            Some(given) => finding.about(&given.name, given.position),
            None => finding.about(option, None),
        }
    }

    /// Notes a finding about something that was read for an option.
    ///
    /// `origin` is the file or block. It may be absent, for a finding about the option's value.
    pub(super) fn note(
        &mut self,
        (severity, code): (Severity, &'static str),
        (option, origin): (&'static str, Option<&Origin>),
        text: impl Into<String>,
        cure: impl Into<String>,
    ) {
        let finding = self.about(severity, code, option).from(origin);
        self.findings.push(finding.text(text, cure));
    }

    /// Tells whether the validity of a certificate needs a finding, and which one.
    ///
    /// A certificate that ends within [`Limits`] is one finding, and one that is over is another. The second of
    /// notAfter counts as over, as in OpenSSL.
    pub(super) fn validity(&self, certificate: &Certificate<'_>) -> Validity {
        let (from, until) = (certificate.not_before.valid, certificate.not_after.valid);
        match (from, until) {
            // An unreadable date is reported as a flaw.
            (None, _) | (_, None) => Validity::Good,
            (Some(from), _) if from > self.now => Validity::NotYet(from),
            (_, Some(until)) if until <= self.now => Validity::Expired(until),
            (_, Some(until)) if self.ends_within(until, self.limits.certificates) => {
                Validity::EndsSoon(until)
            }
            _ => Validity::Good,
        }
    }

    /// Also true if the time is in the past.
    pub(super) fn ends_within(&self, until: i64, days: u32) -> bool {
        until.saturating_sub(self.now) <= i64::from(days) * DAY
    }

    /// Formats the day on which something ends, and how many days are left.
    pub(super) fn end(&self, until: i64) -> String {
        let days = until.saturating_sub(self.now).div_euclid(DAY);
        match days {
            0 => format!("{}, in less than a day", describe::day(until)),
            1 => format!("{}, in 1 day", describe::day(until)),
            days => format!("{}, in {days} days", describe::day(until)),
        }
    }
}

/// The state of a certificate's validity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Validity {
    /// It ends within the limit, at this time.
    EndsSoon(i64),
    /// It ended at this time.
    Expired(i64),
    /// There is nothing to say about it.
    Good,
    /// It begins at this time.
    NotYet(i64),
}

/// Names a certificate by its subject, in backquotes, for a sentence.
pub(super) fn subject(certificate: &Certificate<'_>) -> String {
    match describe::one_line(certificate.subject_name()) {
        name if name.is_empty() => "without a subject".to_owned(),
        name => format!("`{name}`"),
    }
}

/// Names a certificate's issuer, in backquotes, for a sentence.
pub(super) fn issuer(certificate: &Certificate<'_>) -> String {
    format!("`{}`", describe::one_line(certificate.issuer_name()))
}

/// In seconds.
const DAY: i64 = 24 * 3600;
