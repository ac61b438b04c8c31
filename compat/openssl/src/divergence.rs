//! `divergences.toml`: every difference that is known, with its reason.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use crate::answer::Answer;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    class: Vec<Class>,
    #[serde(default)]
    divergence: Vec<Entry>,
}

/// Differences of one kind among the random cases, which have no names to list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// The answers, where `*` stands for any depth, or alone for any answer.
    openssl: Vec<String>,
    ours: String,
    reason: String,
}

impl Class {
    fn explains(&self, openssl: Answer, ours: Answer) -> bool {
        fits(&self.ours, ours) && self.openssl.iter().any(|pattern| fits(pattern, openssl))
    }
}

fn fits(pattern: &str, answer: Answer) -> bool {
    let text = answer.to_string();
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => text == pattern,
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    case: Cases,
    openssl: String,
    ours: String,
    reason: String,
}

/// One case, or several that differ alike for one reason.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Cases {
    Many(Vec<String>),
    One(String),
}

/// The listed answers of both, by case.
#[derive(Debug, Default)]
pub struct Divergences {
    cases: BTreeMap<String, Listed>,
    classes: Vec<Class>,
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
    /// The file cannot be read, says something that is no answer, or names a case twice.
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
            .chain(file.class.iter().map(|c| &c.reason));
        if reasons.into_iter().any(|reason| reason.trim().is_empty()) {
            return Err("a reason is empty".into());
        }
        let mut all = BTreeMap::new();
        for entry in file.divergence {
            let listed = Listed {
                openssl: entry.openssl.parse()?,
                ours: entry.ours.parse()?,
            };
            let cases = match entry.case {
                Cases::Many(cases) => cases,
                Cases::One(case) => vec![case],
            };
            for case in cases {
                if all.insert(case.clone(), listed.clone()).is_some() {
                    return Err(format!("`{case}` is listed twice"));
                }
            }
        }
        Ok(Self {
            cases: all,
            classes: file.class,
        })
    }

    pub fn get(&self, case: &str) -> Option<&Listed> {
        self.cases.get(case)
    }

    /// Whether a random case may differ so; the answer of ours that explains it.
    pub fn class(&self, openssl: Answer, ours: Answer) -> Option<&str> {
        self.classes
            .iter()
            .find(|c| c.explains(openssl, ours))
            .map(|c| c.ours.as_str())
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
    fn a_case_listed_twice_is_an_error() {
        let entry =
            "[[divergence]]\ncase = \"a\"\nopenssl = \"ok\"\nours = \"26@0\"\nreason = \"r\"\n";
        assert!(Divergences::parse(&entry.repeat(2)).is_err());
    }
}
