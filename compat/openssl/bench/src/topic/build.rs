//! How long it takes to build.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Topic;
use crate::measure::Effort;
use crate::program::{self, root};
use crate::row::{Figure, Row};
use crate::scratch::Folder;

pub static TOPIC: Topic = Topic {
    name: "build",
    title: "How long it takes to build",
    choices: "CPU time of `cargo build --release` from nothing, measured once, with the crates downloaded. *Library*: an \
              empty program that depends on sip-tls, with default features, beside one that depends on `tokio-openssl`. \
              The library of the system is built already; OpenSSL 3.5 is built from source.",
    avx512: &[],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let library = |dependencies: &str| {
        let package = package(dependencies);
        let mut command = cargo(effort, package.path(), &package.path().join("target"));
        time(command.arg("--offline"))
    };
    let ours = library(&format!("sip-tls = {{ path = {:?} }}", root()));
    let other = library(OTHER);
    let target = Folder::new();
    let mut program = cargo(effort, &root(), target.path());
    program.args(["--locked", "--features", "cli"]);
    vec![
        Row::exact("library", ours, "tokio-openssl", other),
        Row::alone("program", time(&mut program)),
    ]
}

const OTHER: &str = if cfg!(feature = "openssl-3-5") {
    "tokio-openssl = \"0.6\"\nopenssl = { version = \"0.10\", features = [\"vendored\"] }"
} else {
    "tokio-openssl = \"0.6\""
};

/// An empty program with these dependencies, in the versions that are measured here.
fn package(dependencies: &str) -> Folder {
    let folder = Folder::new();
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text);
    let manifest = format!(
        "[package]\nname = \"empty\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{dependencies}\n"
    );
    let lock = root().join("compat/Cargo.lock");
    fs::create_dir(folder.path().join("src")).expect("the folder is new");
    fs::copy(lock, folder.path().join("Cargo.lock")).expect("it is part of the workspace");
    write("Cargo.toml", &manifest).expect("writable");
    write("src/main.rs", "fn main() {}\n").expect("writable");
    folder
}

/// Makes the command that builds a package. In a smoke test, cargo only looks for the crates.
fn cargo(effort: &Effort, package: &Path, target: &Path) -> Command {
    let mut command = program::cargo(package);
    command
        .args(effort.pick(&["build", "--release"][..], &["tree"]))
        .arg("--quiet")
        .env("CARGO_TARGET_DIR", target)
        .stdout(Stdio::null());
    command
}

fn time(command: &mut Command) -> Figure {
    Figure::Seconds(program::time(command).as_secs_f64())
}
