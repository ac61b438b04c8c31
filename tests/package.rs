//! Tests that the statements in the manifest are true.

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
    let mut words = vec!["tree", "--edges", "normal", "--prefix", "none"];
    words.extend(["--no-default-features", "--features", "graviola"]);
    words.extend(["--target", "x86_64-unknown-linux-gnu"]);
    let tree = cargo(&words);
    let packages: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(packages.contains(&"rustls"), "{tree}");
    for unwanted in ["serde", "serde-xml-rs", "tokio", "tokio-rustls", "xml"] {
        assert!(!packages.contains(&unwanted), "{unwanted}");
    }
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

/// Returns the three numbers of a version: `1.89` is `1.89.0`.
fn version(field: &Value) -> Option<Vec<u32>> {
    let parts = field.as_str()?.split('.');
    let mut version: Vec<_> = parts.map(|part| part.parse().unwrap()).collect();
    version.resize(3, 0);
    Some(version)
}
