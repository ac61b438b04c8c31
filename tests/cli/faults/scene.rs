//! A configuration with its files, of which a test changes one thing.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::pki::{Certificate, List};
use crate::cli::program::run;

/// The files, settings and connections of a configuration.
#[derive(Clone)]
pub(in crate::cli) struct Scene {
    pub(in crate::cli) files: BTreeMap<String, Vec<u8>>,
    /// The access rights of the private key.
    pub(in crate::cli) key_mode: u32,
    pub(in crate::cli) settings: Vec<(String, String)>,
    /// The `Connectivity` elements.
    pub(in crate::cli) lines: Vec<String>,
    /// More words for the command line.
    pub(in crate::cli) words: Vec<String>,
    /// A text in the configuration, and the text that replaces it at the end.
    pub(in crate::cli) rewritten: Option<(&'static str, &'static str)>,
}

/// The CAs and the certificate of the healthy configuration.
pub(in crate::cli) fn root() -> Certificate {
    Certificate::ca("Root", 1)
}

pub(in crate::cli) fn intermediate() -> Certificate {
    Certificate::ca("Intermediate", 2)
}

pub(in crate::cli) fn own() -> Certificate {
    Certificate::end_entity("phone", 3)
}

impl Scene {
    /// A configuration in which nothing is wrong.
    pub(in crate::cli) fn healthy() -> Self {
        let mut scene = Self {
            files: BTreeMap::new(),
            key_mode: 0o600,
            settings: Vec::new(),
            lines: vec![
                "user=\"4021\" server=\"sip.example.com:5061\" protocol=\"tls\"".to_owned(),
            ],
            words: Vec::new(),
            rewritten: None,
        };
        scene.own(&own());
        scene.file("own.key", own().private_key());
        scene.file("ca.pem", root().self_signed());
        scene.file("ca.crl", List::GOOD.of(&intermediate()));
        for (name, value) in [
            ("certificate", "own.pem"),
            ("certificate-key", "own.key"),
            ("trusted-ca", "ca.pem"),
            ("tls-crl", "ca.crl"),
            ("tls-target-name-check", "host"),
        ] {
            scene.set(name, value);
        }
        scene
    }

    /// Puts a certificate that the intermediate issues into our chain.
    pub(in crate::cli) fn own(&mut self, own: &Certificate) {
        let chain = [
            own.issued_by(&intermediate()),
            intermediate().issued_by(&root()),
        ];
        self.file("own.pem", chain.concat());
    }

    pub(in crate::cli) fn file(&mut self, name: &str, content: impl Into<Vec<u8>>) {
        self.files.insert(name.to_owned(), content.into());
    }

    pub(in crate::cli) fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    pub(in crate::cli) fn unset(&mut self, name: &str) {
        self.settings.retain(|(known, _)| known != name);
    }

    /// Removes the revocation lists.
    pub(in crate::cli) fn without_lists(&mut self) {
        self.unset("tls-crl");
    }

    /// Writes the files, and returns the path of the configuration.
    pub(in crate::cli) fn write(&self, name: &str) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("faults")
            .join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, content) in &self.files {
            fs::write(folder.join(name), content).unwrap();
        }
        #[cfg(unix)]
        for name in self.files.keys().filter(|name| name.ends_with(".key")) {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::Permissions::from_mode(self.key_mode);
            fs::set_permissions(folder.join(name), mode).unwrap();
        }
        let config = folder.join("SipEndpoint.config");
        fs::write(&config, self.text()).unwrap();
        config
    }

    fn text(&self) -> String {
        let lines: String = (self.lines.iter())
            .map(|line| format!("  <Connectivity {line}/>\n"))
            .collect();
        let settings: String = (self.settings.iter())
            .map(|(name, value)| format!("  <setting name=\"{name}\" value=\"{value}\"/>\n"))
            .collect();
        let text = format!(
            "<SipEndpoint>\n<Container name=\"Basic\">\n{lines}</Container>\n\
             <settings><domain name=\"system\">\n<section name=\"security\">\n{settings}</section>\n\
             </domain></settings>\n</SipEndpoint>\n"
        );
        match self.rewritten {
            Some((from, to)) => {
                assert!(text.contains(from), "no {from} in {text}");
                text.replace(from, to)
            }
            None => text,
        }
    }

    /// Checks the configuration with the program. `words` are added to the command line.
    pub(in crate::cli) fn check(&self, name: &str, words: &[&str]) -> Checked {
        let config = self.write(name).display().to_string();
        let mut all = vec!["check", &config, "--json"];
        all.extend(self.words.iter().map(String::as_str));
        all.extend(words);
        let run = run(&all);
        Checked {
            exit: run.exit,
            report: run.json(),
            text: self.text(),
        }
    }
}

/// The result of a check.
pub(in crate::cli) struct Checked {
    pub(in crate::cli) exit: i32,
    pub(in crate::cli) report: Value,
    text: String,
}

impl Checked {
    pub(in crate::cli) fn findings(&self) -> &[Value] {
        self.report["findings"].as_array().unwrap()
    }

    /// Severity, code and option of each finding, in order.
    pub(in crate::cli) fn kinds(&self) -> Vec<(&str, &str, &str)> {
        self.findings()
            .iter()
            .map(|finding| {
                (
                    finding["severity"].as_str().unwrap(),
                    finding["code"].as_str().unwrap(),
                    finding["option"].as_str().unwrap_or_default(),
                )
            })
            .collect()
    }

    /// The line of the configuration that a finding is about.
    pub(in crate::cli) fn line(&self, finding: &Value) -> Option<&str> {
        let line = finding["position"]["line"].as_u64()?;
        self.text.lines().nth(usize::try_from(line).unwrap() - 1)
    }
}
