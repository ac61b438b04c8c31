//! The cases by name, the suite, and the list of differences.

use std::path::PathBuf;

use crate::{cases, compare::Report, divergence::Divergences, limbo, ours};

/// The path of the list of differences.
pub fn list_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../divergences.toml")
}

/// Runs the cases whose names begin with `prefix`.
pub fn run(prefix: &str, list: &Divergences) -> Report {
    let mut report = Report::default();
    let all = cases::all();
    for case in all.iter().filter(|c| c.name.starts_with(prefix)) {
        report.add(
            &case.name,
            &case.plan().build(),
            Some(case.expect),
            list,
            ours::ask,
        );
    }
    let known: Vec<_> = all.into_iter().map(|c| c.name).collect();
    report.require_known(list, &known, |case| {
        !case.starts_with("limbo/") && !case.contains('+') && !case.contains('#')
    });
    report
}

/// Runs the x509-limbo suite.
///
/// # Errors
///
/// The suite is not there.
pub fn run_limbo(list: &Divergences) -> Result<Report, String> {
    let cases = limbo::cases()?;
    let mut report = Report::default();
    for (name, case) in &cases {
        report.add(name, case, None, list, ours::ask);
    }
    let known: Vec<_> = cases.into_iter().map(|(name, _)| name).collect();
    report.require_known(list, &known, |case| case.starts_with("limbo/"));
    Ok(report)
}
