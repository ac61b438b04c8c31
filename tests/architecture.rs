//! Checks the direction of the flow: a stage uses the stages to its left, never one to its right.

use std::fs;
use std::path::{Path, PathBuf};

/// The stages, from left to right. Before them are two modules for tests of any stage.
const STAGES: &[&str] = &[
    "child", "in_time", "shared", "report", "x509", "profile", "options", "pki", "crypto",
    "verify", "error", "fetch", "endpoint", "serve", "check",
];

#[test]
fn no_stage_uses_one_to_its_right() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut arrows = Vec::new();
    for file in sources(&src) {
        let text = fs::read_to_string(&file).unwrap();
        arrows.extend(arrows_to_the_right(file.strip_prefix(&src).unwrap(), &text));
    }
    assert!(arrows.is_empty(), "{}", arrows.join("\n"));
}

#[test]
fn arrows_to_the_right_are_seen_however_they_are_written() {
    for (file, text, target) in [
        ("options/mod.rs", "use crate::pki::Roots;", "pki"),
        (
            "options/table.rs",
            "use crate::{options::X, verify};",
            "verify",
        ),
        (
            "report.rs",
            "use crate::{\n    options::{A, B},\n};",
            "options",
        ),
        (
            "profile/text.rs",
            "let x = crate::error::chain(e);",
            "error",
        ),
        ("pki/mod.rs", "use super::verify::Verifier;", "verify"),
        (
            "pki/file.rs",
            "use super::super::{crypto, options};",
            "crypto",
        ),
        (
            "pki/file.rs",
            "mod tests {\n    use super::super::super::verify;\n}",
            "verify",
        ),
        (
            "verify/mod.rs",
            "fn f() -> Result<(), crate::Error>",
            "Error",
        ),
    ] {
        let found = arrows_to_the_right(Path::new(file), text);
        assert_eq!(found, [format!("{file} uses {target}")], "{text}");
    }
    for (file, text) in [
        (
            "endpoint/mod.rs",
            "use crate::{error::Error, report, verify};",
        ),
        ("options/mod.rs", "use crate::options::Role; // crate::pki"),
        ("options/mod.rs", "pub(in crate::options) fn f() {}"),
        ("profile/text.rs", "use super::error::ProfileError;"),
        (
            "profile/text.rs",
            "mod tests {\n    use super::super::error::E;\n}",
        ),
        ("verify/a/b.rs", "use super::super::endpoint::X;"),
    ] {
        assert!(
            arrows_to_the_right(Path::new(file), text).is_empty(),
            "{text}"
        );
    }
}

/// Async tests run on the runtime of `in_time`, and `child` runs programs.
#[test]
fn what_could_wait_for_ever_has_a_time_limit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let attribute = concat!("#[tokio", "::test");
    let in_time = format!("{attribute}(crate = \"crate::in_time\"");
    let folders = ["src", "src/bin/sip-tls", "tests"];
    let files = folders.map(|folder| root.join(folder));
    for file in files.iter().flat_map(|folder| sources(folder)) {
        let text = fs::read_to_string(&file).unwrap();
        let count = |part: &str| text.matches(part).count();
        assert_eq!(count(attribute), count(&in_time), "{}", file.display());
        let runs = count(concat!("Command", "::new("));
        assert!(
            runs == 0 || file.ends_with("tests/child.rs"),
            "{}",
            file.display()
        );
    }
}

/// Returns the Rust files of all stages. `lib.rs`, the manual and the programs do not belong to a stage.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !["bin", "manual", "target"].contains(&name) {
            files.extend(sources(&path));
        } else if name.ends_with(".rs") && name != "lib.rs" {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Returns a line for each use of a stage to the right, or of a name that is not a stage. `file` is relative to `src`.
fn arrows_to_the_right(file: &Path, text: &str) -> Vec<String> {
    let module = module_path(file);
    let own = rank(&module[0]).unwrap_or_else(|| panic!("`{}` is no stage", module[0]));
    let is_right = |target: &String| rank(target).is_none_or(|rank| rank > own);
    roots_used(text, module.len())
        .into_iter()
        .filter(is_right)
        .map(|target| format!("{} uses {target}", file.display()))
        .collect()
}

/// Returns the place of a stage in the order; `None` for a name that is not a stage: one that `lib.rs` re-exports.
fn rank(stage: &str) -> Option<usize> {
    STAGES.iter().position(|known| *known == stage)
}

/// Returns the module of a file: `a/b.rs` is `a::b`, and `a/mod.rs` is `a`.
fn module_path(file: &Path) -> Vec<String> {
    let path = file.with_extension("");
    let mut parts: Vec<_> = path
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    parts.pop_if(|last| last == "mod");
    parts
}

/// The names directly under the crate's root that a file uses, in the order of the file.
fn roots_used(text: &str, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut inline_modules: Vec<usize> = Vec::new();
    for (at, line) in lines(text) {
        let indent = line.len() - line.trim_start().len();
        inline_modules.retain(|opened| indent > *opened || line.trim_start() != "}");
        let depth = depth + inline_modules.len();
        for after_root in line
            .match_indices("crate::")
            .map(|(i, root)| i + root.len())
        {
            found.extend(names(&text[at + after_root..]));
        }
        if let Some(first) = line.find("super::") {
            let rest = &line[first..];
            let supers = rest.split("::").take_while(|part| *part == "super").count();
            if supers >= depth {
                found.extend(names(&text[at + first + supers * "super::".len()..]));
            }
        }
        if line.trim_start().starts_with("mod ") && line.ends_with('{') {
            inline_modules.push(indent);
        }
    }
    found
}

/// Every line without its comment, and the position where the line begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let begins = |line: &str| line.as_ptr() as usize - text.as_ptr() as usize;
    text.lines().map(move |line| {
        let code = line.find("//").map_or(line, |comment| &line[..comment]);
        (begins(line), code.trim_end())
    })
}

/// The first name of a path, or of each path in a group.
fn names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![first_name(path)];
    };
    let mut names = Vec::new();
    let (mut level, mut is_first) = (0, true);
    for (i, letter) in group.char_indices() {
        match letter {
            '{' => level += 1,
            '}' if level == 0 => break,
            '}' => level -= 1,
            ',' if level == 0 => is_first = true,
            _ if is_first && level == 0 && letter.is_alphabetic() => {
                names.push(first_name(&group[i..]));
                is_first = false;
            }
            _ => {}
        }
    }
    names
}

fn first_name(path: &str) -> String {
    let is_part = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    path.chars().take_while(is_part).collect()
}
