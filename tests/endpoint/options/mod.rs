//! For each option: a value that is accepted, a value that is refused, its absence, and a handshake that it alone
//! decides.

#[cfg(feature = "serde")]
mod deserialized;
mod fetch;
mod files;
mod mutual;
mod names;
mod protocol;
#[cfg(feature = "profile")]
mod report;
mod suites;
mod system;

use std::error::Error as StdError;

use sip_tls::Endpoint;
use sip_tls::report::{Outcome, Report};

use crate::endpoint::in_memory::{Ends, VERSIONS, curious_server, peer_client, shake};
use crate::endpoint::settings::{builder, options};
use crate::endpoint::test_pki::{HOST, TestPki};

const CA: (&str, &str) = ("trusted-ca", "root.pem");
const CERTIFICATE: (&str, &str) = ("certificate", "good.pem");
const KEY: (&str, &str) = ("certificate-key", "good.key");

/// The result of settings.
struct Attempt {
    report: Report,
    /// The error with its causes, as the program prints it.
    error: Option<String>,
}

impl Attempt {
    fn of(settings: &[(&str, &str)]) -> Self {
        let (report, options) = options(settings).build_with_report();
        let error = match options {
            Ok(options) => {
                let (report, endpoint) = Endpoint::builder(options).build_with_report();
                let error = endpoint.err().map(|error| chain(&error));
                return Self { report, error };
            }
            Err(error) => chain(&error),
        };
        Self {
            report,
            error: Some(error),
        }
    }

    #[track_caller]
    fn outcome(&self, option: &str) -> Outcome {
        let mut rows = self.report.rows().iter();
        let row = rows.find(|row| row.option() == option);
        row.expect("a row for every option").outcome().clone()
    }
}

#[track_caller]
fn assert_applied(settings: &[(&str, &str)], option: &str) {
    let attempt = Attempt::of(settings);
    assert_eq!(attempt.error, None);
    assert_eq!(attempt.outcome(option), Outcome::Applied, "{option}");
}

/// Checks that the settings are an error with the words `why`, and that the option's row in the report has them, too.
#[track_caller]
fn assert_refused(settings: &[(&str, &str)], option: &str, why: &str) {
    let attempt = Attempt::of(settings);
    let error = attempt.error.clone().expect("an error");
    assert!(error.contains(why), "{error}");
    assert!(error.contains(&format!("`{option}`")), "{error}");
    match attempt.outcome(option) {
        Outcome::Refused(reason) => assert!(reason.contains(why), "{reason}"),
        other => panic!("{option} is {other}, but {error}"),
    }
}

/// Checks that the settings work without the option, and that its row in the report says so.
#[track_caller]
fn assert_optional(settings: &[(&str, &str)], option: &str) {
    let attempt = Attempt::of(settings);
    assert_eq!(attempt.error, None);
    assert_eq!(attempt.outcome(option), Outcome::Default, "{option}");
}

/// Connects our client to a server that requests a certificate and accepts any.
fn at_curious_server(settings: &[(&str, &str)]) -> Vec<Ends> {
    let client = builder(settings).build().unwrap().client_config();
    let server = |version| curious_server(&TestPki::get().good, &[version]);
    VERSIONS
        .into_iter()
        .map(|version| shake(&client, &server(version), HOST))
        .collect()
}

/// Connects a client that presents a certificate to our server.
fn at_our_server(settings: &[(&str, &str)]) -> Vec<Ends> {
    let server = builder(settings).build().unwrap().server_config().unwrap();
    let client = |version| peer_client(Some(&TestPki::get().good), &[version]);
    VERSIONS
        .into_iter()
        .map(|version| shake(&client(version), &server, HOST))
        .collect()
}

fn chain(error: &dyn StdError) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", chain(cause)),
        None => error.to_string(),
    }
}
