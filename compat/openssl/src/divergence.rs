//! `divergences.toml`: every difference that is known, with its reason.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use crate::{
    answer::{Answer, Outcome},
    policy::Thing,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    policy: Vec<Policy>,
    #[serde(default)]
    divergence: Vec<Entry>,
    #[serde(default)]
    protocol: Vec<Protocol>,
}

/// A difference in what a connection decides besides certificates.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Protocol {
    case: Cases,
    openssl: Outcome,
    ours: Outcome,
    reason: String,
}

/// One of our policies: what we refuse, whatever OpenSSL says about the rest.
///
/// For a random case that holds such a thing, we must give one of these answers, or OpenSSL's. Then both are asked
/// about the case without the thing, and must say the same.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The things that the policy is about.
    pub refused: Vec<Thing>,
    /// Our answers, where `*` stands for any depth.
    ours: Vec<String>,
    reason: String,
}

impl Policy {
    /// Whether this is how we refuse such a thing.
    pub fn allows(&self, ours: Answer) -> bool {
        self.ours.iter().any(|pattern| fits(pattern, ours))
    }
}

fn fits(pattern: &str, answer: Answer) -> bool {
    let text = answer.to_string();
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => text == pattern,
    }
}

/// `load`, or `CODE@DEPTH` where the depth may be `*`.
fn is_refusal(pattern: &str) -> bool {
    let answer: Result<Answer, _> = pattern.replace("@*", "@0").parse();
    answer.is_ok_and(|answer| !answer.accepts())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    case: Cases,
    openssl: String,
    ours: String,
    reason: String,
}

/// One case, or several that differ in the same way for one reason.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Cases {
    Many(Vec<String>),
    One(String),
}

impl Cases {
    fn names(self) -> Vec<String> {
        match self {
            Self::Many(cases) => cases,
            Self::One(case) => vec![case],
        }
    }
}

/// The listed answers of both, by case.
#[derive(Debug, Default)]
pub struct Divergences {
    cases: BTreeMap<String, Listed>,
    policies: Vec<Policy>,
    protocol: BTreeMap<String, (Outcome, Outcome)>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    pub openssl: Answer,
    pub ours: Answer,
}

impl Divergences {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, has an answer that is none, or names a case twice.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text =
            fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        Self::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
        let reasons = file
            .divergence
            .iter()
            .map(|e| &e.reason)
            .chain(file.policy.iter().map(|p| &p.reason))
            .chain(file.protocol.iter().map(|p| &p.reason));
        if reasons.into_iter().any(|reason| reason.trim().is_empty()) {
            return Err("a reason is empty".into());
        }
        let patterns = file.policy.iter().flat_map(|p| &p.ours);
        if let Some(pattern) = patterns.into_iter().find(|p| !is_refusal(p)) {
            return Err(format!("`{pattern}` is no way to refuse"));
        }
        let mut all = BTreeMap::new();
        for entry in file.divergence {
            let listed = Listed {
                openssl: entry.openssl.parse()?,
                ours: entry.ours.parse()?,
            };
            for case in entry.case.names() {
                if all.insert(case.clone(), listed.clone()).is_some() {
                    return Err(format!("`{case}` is listed twice"));
                }
            }
        }
        let mut protocol = BTreeMap::new();
        for entry in file.protocol {
            for case in entry.case.names() {
                // rustls shows no hello to code that only has a configuration of it.
                let is_laxer = entry.ours == Outcome::Connects && !case.starts_with("config/");
                if is_laxer
                    || protocol
                        .insert(case.clone(), (entry.openssl, entry.ours))
                        .is_some()
                {
                    return Err(format!("`{case}` is listed twice, or laxer than OpenSSL"));
                }
            }
        }
        Ok(Self {
            cases: all,
            policies: file.policy,
            protocol,
        })
    }

    /// The outcomes of a listed case of a connection: OpenSSL's and ours.
    pub fn protocol(&self, case: &str) -> Option<(Outcome, Outcome)> {
        self.protocol.get(case).copied()
    }

    /// The listed cases of connections.
    pub fn protocol_cases(&self) -> impl Iterator<Item = &str> {
        self.protocol.keys().map(String::as_str)
    }

    pub fn get(&self, case: &str) -> Option<&Listed> {
        self.cases.get(case)
    }

    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    pub fn cases(&self) -> impl Iterator<Item = &str> {
        self.cases.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_may_list_several_cases() {
        let text = "[[divergence]]\ncase = [\"a/b\", \"a/c\"]\nopenssl = \"ok\"\nours = \"26@0\"\nreason = \"r\"\n";
        let all = Divergences::parse(text).unwrap();
        assert_eq!(
            all.get("a/c").unwrap().ours,
            Answer::Refused { code: 26, depth: 0 }
        );
        assert_eq!(all.cases().count(), 2);
    }

    #[test]
    fn a_policy_only_refuses() {
        let policy = |ours: &str| {
            let text = "[[policy]]\nrefused = [\"delta-list\"]\nreason = \"r\"\n";
            Divergences::parse(&format!("{text}ours = [\"{ours}\"]\n"))
        };
        let known = policy("76@*").unwrap();
        let refused = |code| Answer::Refused { code, depth: 3 };
        assert!(known.policies()[0].allows(refused(76)));
        assert!(!known.policies()[0].allows(refused(7)));
        assert!(policy("ok").is_err());
        assert!(policy("*").is_err());
    }

    #[test]
    fn a_connection_that_openssl_refuses_is_ours_only_where_rustls_decides() {
        let entry = |case: &str| {
            let text = "openssl = \"fails\"\nours = \"connects\"\nreason = \"r\"\n";
            Divergences::parse(&format!("[[protocol]]\ncase = \"{case}\"\n{text}"))
        };
        let known = entry("config/a").unwrap();
        let outcomes = (Outcome::Fails, Outcome::Connects);
        assert_eq!(known.protocol("config/a"), Some(outcomes));
        assert!(entry("connect/a").is_err());
    }

    #[test]
    fn a_case_listed_twice_is_an_error() {
        let entry =
            "[[divergence]]\ncase = \"a\"\nopenssl = \"ok\"\nours = \"26@0\"\nreason = \"r\"\n";
        assert!(Divergences::parse(&entry.repeat(2)).is_err());
    }
}
