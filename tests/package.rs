//! Tests that the statements in the manifest are true.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::child;

#[test]
fn no_dependency_needs_a_newer_compiler_than_the_package_says() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let own = packages
        .iter()
        .find(|package| package["name"] == "sip-tls")
        .unwrap();
    let promised = version(&own["rust_version"]).unwrap();
    for package in packages {
        if let Some(needed) = version(&package["rust_version"]) {
            assert!(
                needed <= promised,
                "{} {} needs {needed:?}",
                package["name"],
                package["version"]
            );
        }
    }
}

#[test]
fn every_dependency_declares_a_licence() {
    for package in metadata()["packages"].as_array().unwrap() {
        let is_declared = package["license"].is_string() || package["license_file"].is_string();
        assert!(is_declared, "{} declares no licence", package["name"]);
    }
}

#[test]
fn verification_and_configurations_alone_need_neither_tokio_nor_an_xml_parser() {
    let tree = tree(
        "normal",
        &["--no-default-features", "--features", "graviola"],
    );
    let packages: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(packages.contains(&"rustls"), "{tree}");
    for unwanted in ["serde", "serde-xml-rs", "tokio", "tokio-rustls", "xml"] {
        assert!(!packages.contains(&unwanted), "{unwanted}");
    }
}

#[test]
fn the_readme_has_the_number_of_crates_and_the_minimum_version_of_rust() {
    let tree = tree("normal,build", &[]);
    let name_and_version = |line: &str| line.split(' ').take(2).collect::<String>();
    let crates: BTreeSet<_> = tree.lines().map(name_and_version).collect();
    let sentence = format!(
        "The library builds {} crates, none of which is in C. Minimum Rust version: {}.",
        crates.len(),
        env!("CARGO_PKG_RUST_VERSION")
    );
    assert!(
        include_str!("../README.md").contains(&sentence),
        "{sentence}"
    );
}

/// The files that a reader of the repository, or of the package, gets to from another one.
#[test]
fn links_between_documents_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packaged = ["CHANGELOG.md", "README.md"];
    let others = [
        ".github/CONTRIBUTING.md",
        ".github/SECURITY.md",
        "compat/README.md",
        "compat/bench/README.md",
        "compat/bench/openssl-3.5.md",
    ];
    let unpackaged = [".github/", "compat/"];
    let is_package = !root.join("compat").exists();
    let others = others.iter().filter(|_| !is_package);
    for document in packaged.iter().chain(others) {
        let document = root.join(document);
        let text = fs::read_to_string(&document).unwrap();
        for target in links(&text) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let place = format!("{}: {target}", document.display());
            if file.is_empty() {
                assert!(anchors(&text).any(|known| known == anchor), "{place}");
            } else if !(is_package && unpackaged.iter().any(|folder| file.starts_with(folder))) {
                let folder = document.parent().unwrap();
                assert!(folder.join(file).exists(), "{place}");
            }
        }
    }
}

/// The targets of the links of a document that are no addresses.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://"))
}

/// What the headings of a document are called in links.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|heading| {
            heading
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
}

fn metadata() -> Value {
    let mut words = vec!["metadata", "--format-version", "1", "--features", "cli"];
    words.extend(["--filter-platform", "x86_64-unknown-linux-gnu"]);
    serde_json::from_str(&cargo(&words)).unwrap()
}

/// Runs cargo, which may have to wait for another cargo.
#[track_caller]
fn cargo(words: &[&str]) -> String {
    let mut command = child::command(env!("CARGO"));
    command.args(words).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = child::output_within(child::LONG, &mut command);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The crates that are built for Linux, a line each.
fn tree(edges: &str, features: &[&str]) -> String {
    let mut words = vec!["tree", "--edges", edges, "--prefix", "none"];
    words.extend(["--target", "x86_64-unknown-linux-gnu"]);
    words.extend(features);
    cargo(&words)
}

/// Returns the three numbers of a version: `1.89` is `1.89.0`.
fn version(field: &Value) -> Option<Vec<u32>> {
    let parts = field.as_str()?.split('.');
    let mut version: Vec<_> = parts.map(|part| part.parse().unwrap()).collect();
    version.resize(3, 0);
    Some(version)
}
