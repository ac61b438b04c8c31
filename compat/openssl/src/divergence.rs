//! `divergences.toml`: every difference that is known, with its reason.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use crate::answer::Answer;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    divergence: Vec<Entry>,
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
pub struct Divergences(BTreeMap<String, Listed>);

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    pub openssl: Answer,
    pub ours: Answer,
    pub reason: String,
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
        let mut all = BTreeMap::new();
        for entry in file.divergence {
            let listed = Listed {
                openssl: entry.openssl.parse()?,
                ours: entry.ours.parse()?,
                reason: entry.reason,
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
        Ok(Self(all))
    }

    pub fn get(&self, case: &str) -> Option<&Listed> {
        self.0.get(case)
    }

    /// The cases that are listed and whose names begin so.
    pub fn cases_of<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(move |c| c.starts_with(prefix))
    }

    pub fn cases(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
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
        assert_eq!(all.cases_of("a/").count(), 2);
    }

    #[test]
    fn a_case_listed_twice_is_an_error() {
        let entry =
            "[[divergence]]\ncase = \"a\"\nopenssl = \"ok\"\nours = \"26@0\"\nreason = \"r\"\n";
        assert!(Divergences::parse(&entry.repeat(2)).is_err());
    }
}
