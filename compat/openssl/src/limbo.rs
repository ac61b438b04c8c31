//! The cases of the public x509-limbo suite, read from disk.

use std::{env, fs, path::PathBuf};

use serde::Deserialize;

use crate::{
    build::Built,
    der,
    keys::{Key, Kind},
    plan::{NOW, Purpose, Question, Revocation},
};

#[derive(Deserialize)]
struct Suite {
    testcases: Vec<TestCase>,
}

#[derive(Deserialize)]
struct TestCase {
    id: String,
    validation_kind: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    expected_peer_name: Option<PeerName>,
    max_chain_depth: Option<u32>,
    crls: Vec<String>,
}

#[derive(Deserialize)]
struct PeerName {
    kind: String,
    value: String,
}

/// The path of the suite: `X509_LIMBO`, or `shared/limbo` beside the repository or one folder above.
pub fn path() -> PathBuf {
    if let Some(path) = env::var_os("X509_LIMBO") {
        return path.into();
    }
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let beside = ["..", "../.."].map(|up| repository.join(up).join("shared/limbo/limbo.json"));
    let found = beside.iter().find(|path| path.is_file());
    found.unwrap_or(&beside[0]).clone()
}

/// All cases whose question one of our applications can ask, by name.
///
/// # Errors
///
/// The suite is missing or malformed.
pub fn cases() -> Result<Vec<(String, Built)>, String> {
    let path = path();
    let text =
        fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let suite: Suite =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    // No option limits the depth.
    let asked = suite
        .testcases
        .into_iter()
        .filter(|t| t.max_chain_depth.is_none());
    Ok(asked
        .map(|t| (format!("limbo/{}", t.id), t.build()))
        .collect())
}

impl TestCase {
    fn build(self) -> Built {
        let chain = [&self.peer_certificate]
            .into_iter()
            .chain(&self.untrusted_intermediates);
        let name = self.expected_peer_name.as_ref();
        let of_kind = |kind| name.filter(|n| n.kind == kind).map(|n| n.value.clone());
        let purpose = match self.validation_kind.as_str() {
            "CLIENT" => Purpose::Client,
            _ => Purpose::Server,
        };
        let revocation = if self.crls.is_empty() {
            Revocation::Off
        } else {
            Revocation::EndEntity
        };
        let question = Question {
            purpose,
            host: of_kind("DNS"),
            ip: of_kind("IP").and_then(|ip| ip.parse().ok()),
            revocation,
            level: 2,
            time: self.validation_time.as_deref().map_or(NOW, unix_time),
        };
        Built {
            chain: chain
                .map(|pem| der::from_pem(pem).expect("the suite holds PEM"))
                .collect(),
            key: Key(Kind::P256, 0).pair(),
            trusted: self.trusted_certs,
            trusted_text: Vec::new(),
            crls: (!self.crls.is_empty()).then(|| self.crls.concat()),
            question,
        }
    }
}

/// `2024-01-01T00:00:00+00:00`, or with a `Z`.
fn unix_time(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| {
        text[range]
            .parse::<i64>()
            .expect("the suite holds ISO times")
    };
    let days = days_from_civil(number(0..4), number(5..7), number(8..10));
    days * 86_400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // The writer converts in the other direction; this looks for the day that it would write in this way.
    let wanted = format!("{year:04}{month:02}{day:02}");
    let guess = (year - 1970) * 365 + (month - 1) * 30 + day;
    (guess - 5..guess + 1000)
        .find(|days| der::generalized(days * 86_400).starts_with(&wanted))
        .expect("the guess is a little late or less than 1000 days early")
}
