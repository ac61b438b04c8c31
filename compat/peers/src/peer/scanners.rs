//! Scanners of TLS servers: `sslscan`, `testssl` and `nmap`. The findings about `listen` that are accepted are listed
//! here with the reasons. Any other finding is a surprise.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::{Kind, Peer, Special};
use crate::cell::{Cell, Setup};
use crate::ours::Ours;
use crate::pki::{Identity, Pki};
use crate::process::{Process, Running};

pub(crate) const KIND: Kind = Kind {
    name: "scanners",
    packages: &["sslscan", "testssl.sh", "nmap"],
    open: |_| Ok(Box::new(Scanners)),
};

struct Scanners;

impl Peer for Scanners {
    fn version(&self) -> String {
        let nmap = super::first_line("nmap", &["--version"]);
        let nmap = nmap.split(" (").next().unwrap_or_default();
        let sslscan = super::first_line("sslscan", &["--no-colour", "--version"]);
        let testssl = Process::run(Command::new("testssl").arg("--version"), LIMIT);
        let testssl = testssl.unwrap_or_default();
        let words = testssl.split_whitespace();
        // The version follows the name.
        let testssl = words.skip_while(|word| *word != "testssl").nth(1);
        let testssl = testssl.unwrap_or_default();
        format!("sslscan {sslscan}, testssl {testssl}, {nmap}")
    }

    fn is_tried(&self, _cell: Cell) -> bool {
        false
    }

    fn serve(&mut self, _setup: Setup, _port: u16) -> Result<Box<dyn Running>, String> {
        Err("a scanner is no server".to_owned())
    }

    fn call(&mut self, _setup: Setup, _port: u16) -> Result<Box<dyn Running>, String> {
        Err("a scanner sends no request".to_owned())
    }

    fn special(&mut self, ours: &Ours) -> Vec<Special> {
        thread::scope(|scope| {
            let servers = [Server::PLAIN, Server::PREFERRING];
            let scans = servers.map(|server| scope.spawn(move || server.scan(ours)));
            let join = |scan: thread::ScopedJoinHandle<'_, Vec<Special>>| match scan.join() {
                Ok(results) => results,
                Err(_) => vec![Special {
                    name: "scan",
                    result: Err("it panicked".to_owned()),
                }],
            };
            scans.into_iter().flat_map(join).collect()
        })
    }
}

/// The setup of `listen`.
#[derive(Clone, Copy)]
struct Server {
    identity: Identity,
    more: &'static [&'static str],
    names: [&'static str; 3],
    expected: &'static [&'static [Expected]],
}

type Scan = fn(&Pki, u16) -> Result<Vec<Found>, String>;

impl Server {
    /// An RSA certificate, and only the options that are needed.
    const PLAIN: Self = Self {
        identity: Identity::Good,
        more: &[],
        names: ["sslscan, RSA", "testssl, RSA", "nmap, RSA"],
        expected: &[EXPECTED, EXPECTED_OF_CLIENT_ORDER],
    };
    /// An ECDSA certificate, and our order of suites.
    const PREFERRING: Self = Self {
        identity: Identity::Ec,
        more: &["--serverpref"],
        names: [
            "sslscan, ECDSA and `--serverpref`",
            "testssl, ECDSA and `--serverpref`",
            "nmap, ECDSA and `--serverpref`",
        ],
        expected: &[EXPECTED],
    };

    /// Runs all scanners against one server.
    fn scan(self, ours: &Ours) -> Vec<Special> {
        let scans: [Scan; 3] = [sslscan, testssl, nmap];
        let mut results = Vec::new();
        for (name, scan) in self.names.into_iter().zip(scans) {
            let result = self.scan_with(scan, ours);
            results.push(Special { name, result });
        }
        results
    }

    fn scan_with(self, scan: Scan, ours: &Ours) -> Result<String, String> {
        let mut command = ours.command("listen", Some(self.identity), &[]);
        command.args(self.more);
        let listener = ours.listen_with(command)?;
        let (mut expected, mut surprises) = (Vec::new(), Vec::new());
        for found in scan(ours.pki(), listener.port)? {
            let mut all = self.expected.iter().copied().flatten();
            match all.find(|finding| finding.id == found.id) {
                Some(finding) => expected.push(format!("{} ({})", finding.id, finding.reason)),
                None => surprises.push(format!("{}: {}", found.id, found.text)),
            }
        }
        // nmap reports the same for each version.
        expected.dedup();
        match (surprises.is_empty(), expected.is_empty()) {
            (false, _) => Err(surprises.join("\n    | ")),
            (true, true) => Ok("nothing found".to_owned()),
            (true, false) => Ok(format!("nothing but {}", expected.join(", "))),
        }
    }
}

/// A finding of a scanner.
struct Found {
    id: String,
    text: String,
}

impl Found {
    fn new(id: &str, text: impl Into<String>) -> Self {
        Self {
            id: id.to_owned(),
            text: text.into(),
        }
    }
}

/// A finding that is accepted.
struct Expected {
    id: &'static str,
    /// The reason why we cannot avoid the finding, or do not avoid it.
    reason: &'static str,
}

/// The findings of every run.
const EXPECTED: &[Expected] = &[
    Expected {
        id: "engine_problem",
        reason: "testssl's own OpenSSL has no GOST",
    },
    Expected {
        id: "RC4",
        reason: "testssl's own OpenSSL has no RC4 to try",
    },
    Expected {
        id: "cert_expirationStatus",
        reason: "the certificates here are made for 30 days",
    },
    Expected {
        id: "cert_notAfter",
        reason: "the certificates here are made for 30 days",
    },
    Expected {
        id: "cert_revocation",
        reason: "the certificates here name no list and no responder",
    },
];

/// The findings without `--serverpref`.
const EXPECTED_OF_CLIENT_ORDER: &[Expected] = &[
    Expected {
        id: "cipher_order",
        reason: "the client's order decides, as in OpenSSL, unless `--serverpref` is given",
    },
    Expected {
        id: "cipher preference",
        reason: "the client's order decides, as in OpenSSL, unless `--serverpref` is given",
    },
];

fn sslscan(pki: &Pki, port: u16) -> Result<Vec<Found>, String> {
    let file = pki.file(&format!("sslscan-{port}.xml"));
    let mut command = Command::new("sslscan");
    command
        .args(["--no-colour", &format!("--xml={}", file.display())])
        .arg(format!("127.0.0.1:{port}"));
    let text = Process::run(&mut command, LIMIT)?;
    let xml = read(&file)?;
    let mut found = Vec::new();
    for (kind, version, is_enabled) in [
        ("ssl", "2", "0"),
        ("ssl", "3", "0"),
        ("tls", "1.0", "0"),
        ("tls", "1.1", "0"),
        ("tls", "1.2", "1"),
        ("tls", "1.3", "1"),
    ] {
        let mut protocols = tags(&xml, "protocol");
        let is_as_wanted = protocols.any(|tag| {
            attribute(tag, "type") == kind
                && attribute(tag, "version") == version
                && attribute(tag, "enabled") == is_enabled
        });
        if !is_as_wanted {
            let text = format!("{kind} {version} is not `enabled={is_enabled}`");
            found.push(Found::new("protocol", text));
        }
    }
    // Each tag must be there, and its attribute must have one of these values.
    for (tag, name, values) in [
        ("renegotiation", "supported", &["0"][..]),
        ("heartbleed", "vulnerable", &["0"]),
        ("cipher", "strength", &["strong", "acceptable"]),
        ("pk", "error", &["false"]),
    ] {
        let all: Vec<_> = tags(&xml, tag).collect();
        if all.is_empty() {
            return Err(format!("sslscan does not print `{tag}`: {text}"));
        }
        let is_bad = |tag: &&&str| !values.contains(&attribute(tag, name));
        found.extend(all.iter().filter(is_bad).map(|text| Found::new(tag, *text)));
    }
    // OpenSSL without zlib does not print this tag.
    let compresses = |tag: &&str| attribute(tag, "supported") != "0";
    let compression = tags(&xml, "compression").filter(compresses);
    found.extend(compression.map(|tag| Found::new("compression", tag)));
    for (name, good) in [
        ("signature-algorithm", "sha256WithRSAEncryption"),
        ("self-signed", "false"),
        ("expired", "false"),
    ] {
        let tag = format!("<{name}>{good}<");
        if !xml.contains(&tag) {
            found.push(Found::new(name, format!("it is not `{good}`")));
        }
    }
    if !text.contains("Server supports TLS Fallback SCSV") {
        let lines = text.lines().filter(|line| line.contains("SCSV"));
        found.push(Found::new("fallback", lines.collect::<Vec<_>>().join(" ")));
    }
    Ok(found)
}

/// A line of testssl's report.
#[derive(Deserialize)]
struct Line {
    id: String,
    severity: String,
    finding: String,
}

fn testssl(pki: &Pki, port: u16) -> Result<Vec<Found>, String> {
    let file = pki.file(&format!("testssl-{port}.json"));
    let mut command = Command::new("testssl");
    command
        .args([
            "--quiet",
            "--color",
            "0",
            "--warnings",
            "off",
            "--nodns",
            "none",
        ])
        .args([
            "--connect-timeout",
            "10",
            "--openssl-timeout",
            "10",
            "--fast",
        ])
        // Protocols, suites, forward secrecy, preferences, the certificate, and vulnerabilities.
        .args(["-p", "-s", "-f", "-P", "-S", "-U"])
        .arg("--add-ca")
        .arg(pki.root())
        .arg("--jsonfile")
        .arg(&file)
        .arg(format!("127.0.0.1:{port}"));
    let mut process = Process::start(&mut command)?;
    process.close_stdin();
    // testssl's exit code is the number of findings.
    process.wait(LIMIT)?;
    let lines: Vec<Line> = serde_json::from_str(&read(&file)?)
        .map_err(|error| format!("testssl: {error}: {}", process.output()))?;
    let is_there = |id: &&str| lines.iter().any(|line| line.id == *id);
    if let Some(id) = TESTSSL.iter().find(|id| !is_there(id)) {
        return Err(format!(
            "testssl says nothing of {id}: {}",
            process.output()
        ));
    }
    let is_bad = |line: &Line| !["OK", "INFO", "DEBUG"].contains(&line.severity.as_str());
    let found = |line: Line| {
        let text = format!("{}: {}", line.severity, line.finding);
        Found::new(&line.id, text)
    };
    Ok(lines.into_iter().filter(is_bad).map(found).collect())
}

fn nmap(_pki: &Pki, port: u16) -> Result<Vec<Found>, String> {
    let mut command = Command::new("nmap");
    command
        .args(["-sT", "-Pn", "-n", "-p", &port.to_string()])
        .args(["--script", NMAP, "--script-timeout", "60s", "-oX", "-"])
        .arg("127.0.0.1");
    let xml = Process::run(&mut command, LIMIT)?;
    let mut found = Vec::new();
    for id in INFORMATIVE {
        if !tags(&xml, "script").any(|tag| attribute(tag, "id") == *id) {
            return Err(format!("nmap prints no {id}: {xml}"));
        }
    }
    // The other scripts print something only if they have a finding.
    let others = tags(&xml, "script").filter(|tag| !INFORMATIVE.contains(&attribute(tag, "id")));
    found.extend(others.map(|tag| Found::new(attribute(tag, "id"), attribute(tag, "output"))));
    for (key, values) in [
        ("strength", &["A"][..]),
        ("least strength", &["A"]),
        ("cipher preference", &["server"]),
    ] {
        let start = format!("<elem key=\"{key}\">");
        let all: Vec<_> = between(&xml, &start, "</elem>").collect();
        if all.is_empty() {
            return Err(format!("nmap prints no {key}: {xml}"));
        }
        let is_bad = |value: &&&str| !values.contains(value);
        found.extend(
            all.iter()
                .filter(is_bad)
                .map(|value| Found::new(key, *value)),
        );
    }
    for warnings in between(&xml, "<table key=\"warnings\">", "</table>") {
        found.push(Found::new("warnings", warnings));
    }
    let versions = ["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"];
    let old = versions.iter().filter(|version| {
        let tag = format!("<table key=\"{version}\">");
        xml.contains(&tag)
    });
    found.extend(old.map(|version| Found::new("version", *version)));
    Ok(found)
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

/// The attributes of all tags of this name that have any.
fn tags<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    between(xml, &format!("<{name} "), ">")
        .collect::<Vec<_>>()
        .into_iter()
}

/// The value of an attribute of a tag; empty if there is none.
fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let start = format!(" {name}=\"");
    // There is no blank in front of the first attribute.
    let rest = match tag.strip_prefix(&start[1..]) {
        Some(rest) => rest,
        None => tag.split_once(&start).map_or("", |(_, rest)| rest),
    };
    rest.split('"').next().unwrap_or_default()
}

/// All texts between `start` and `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> impl Iterator<Item = &'a str> {
    let pieces: Vec<_> = text.split(start).skip(1).collect();
    let end = end.to_owned();
    pieces
        .into_iter()
        .filter_map(move |piece| Some(piece.split_once(end.as_str())?.0))
}

/// The checks that testssl must have made.
const TESTSSL: &[&str] = &[
    "SSLv2",
    "SSLv3",
    "TLS1",
    "TLS1_1",
    "TLS1_2",
    "TLS1_3",
    "cipherlist_NULL",
    "cipherlist_aNULL",
    "cipherlist_EXPORT",
    "cipherlist_LOW",
    "PFS",
    "cipher_order",
    "cert_trust",
    "cert_chain_of_trust",
    "heartbleed",
    "CCS",
    "ticketbleed",
    "ROBOT",
    "secure_renego",
    "secure_client_renego",
    "CRIME_TLS",
    "fallback_SCSV",
    "SWEET32",
    "FREAK",
    "DROWN",
    "LOGJAM",
    "BEAST",
    "LUCKY13",
    "scanTime",
];
/// All scripts on TLS except `tls-ticketbleed`: it needs to capture packets, and testssl makes the same check.
const NMAP: &str = "ssl-enum-ciphers,ssl-cert,ssl-ccs-injection,ssl-dh-params,ssl-heartbleed,ssl-known-key,ssl-poodle,\
                    sslv2,sslv2-drown,tls-alpn,tls-nextprotoneg";
const INFORMATIVE: &[&str] = &["ssl-enum-ciphers", "ssl-cert"];
/// The time that a scanner may take. testssl takes half a minute on an idle machine.
const LIMIT: Duration = Duration::from_secs(180);
