//! The probable reason why there is no file with the path that an option names.
//!
//! "No such file or directory" is true, and seldom helps. Some values can be seen to be something
//! else than a path of this machine.

use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The probable reason why there is no file with the path that an option names.
///
/// It stands in [`FileProblem::NotFound`](super::FileProblem::NotFound).
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki::{FileProblem, PathHint, roots};
///
/// let error = roots::load(Source::files("~/ca.pem")).unwrap_err();
/// assert!(matches!(
///     error.problem(),
///     FileProblem::NotFound { hint: Some(PathHint::Tilde), .. }
/// ));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PathHint {
    /// There is a file whose name differs in upper and lower case.
    #[non_exhaustive]
    OtherCase {
        /// That file.
        found: PathBuf,
    },
    /// The value has quotes around it.
    Quoted,
    /// The value is several paths, but they are not separated by commas.
    #[non_exhaustive]
    Separator {
        /// What separates them.
        found: char,
    },
    /// The value begins with `~`, which only a shell replaces.
    Tilde,
    /// The value is a URL.
    #[non_exhaustive]
    Url {
        /// The path in the URL, if it is that of a local file.
        path: Option<String>,
    },
    /// The value is a Windows path, but this is another system.
    Windows,
}

impl PathHint {
    /// Looks for the reason in the name as it was written, and then in the folders on the path.
    pub(super) fn of(name: &str, path: &Path) -> Option<Self> {
        let in_other_case = || other_case(path).map(|found| Self::OtherCase { found });
        let separator = || separator(name, path).map(|found| Self::Separator { found });
        of_name(name).or_else(separator).or_else(in_other_case)
    }
}

/// Returns what separates the paths, if a name is several paths of files that exist. A semicolon is so rare in a name
/// that one file is enough.
fn separator(name: &str, path: &Path) -> Option<char> {
    let folder = path.to_str()?.strip_suffix(name)?;
    let exists = |part: &str| Path::new(&format!("{folder}{}", part.trim())).is_file();
    let are_paths = |found: &char| {
        let mut parts = name.split(*found).filter(|part| !part.trim().is_empty());
        match found {
            ';' => parts.any(exists),
            _ => parts.all(exists),
        }
    };
    let found = [';', ':', ' '].into_iter();
    found.filter(|found| name.contains(*found)).find(are_paths)
}

/// What the text itself shows.
fn of_name(name: &str) -> Option<PathHint> {
    let is_quote = |c| matches!(c, '"' | '\'' | '\u{201c}' | '\u{201d}');
    match name {
        _ if name.starts_with(is_quote) || name.ends_with(is_quote) => Some(PathHint::Quoted),
        _ if name.starts_with('~') => Some(PathHint::Tilde),
        _ if has_scheme(name) => Some(PathHint::Url {
            path: local_path(name),
        }),
        _ if is_windows_path(name) && !cfg!(windows) => Some(PathHint::Windows),
        _ => None,
    }
}

/// Whether a name begins with a scheme of more than one letter. One letter is a Windows drive.
fn has_scheme(name: &str) -> bool {
    let scheme = name.split_once(":/").map_or("", |(scheme, _)| scheme);
    scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn local_path(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    let path = rest.strip_prefix("//localhost").unwrap_or(rest);
    let path = path.strip_prefix("//").unwrap_or(path);
    scheme.eq_ignore_ascii_case("file").then(|| path.to_owned())
}

fn is_windows_path(name: &str) -> bool {
    let has_drive = matches!(name.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
    has_drive || name.contains('\\')
}

/// Follows the path as if case did not matter.
fn other_case(path: &Path) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    for component in path.components() {
        let next = found.join(component);
        found = match (component, next.exists()) {
            (Component::Normal(name), false) => found.join(in_other_case(&found, name.to_str()?)?),
            _ => next,
        };
    }
    (found != path).then_some(found)
}

/// The file in a folder whose name differs in case only.
fn in_other_case(folder: &Path, name: &str) -> Option<String> {
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let wanted = name.to_lowercase();
    fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .find(|found| found.to_lowercase() == wanted)
}

impl fmt::Display for PathHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherCase { found } => write!(
                f,
                "there is {}, whose name differs only in upper and lower case",
                found.display()
            ),
            Self::Quoted => f.write_str("the quotes count as part of the name: leave them out"),
            Self::Separator { found: ' ' } => {
                f.write_str("paths are separated by commas, not by blanks")
            }
            Self::Separator { found } => {
                write!(f, "paths are separated by commas, not by `{found}`")
            }
            Self::Tilde => {
                f.write_str("only a shell replaces `~` by a home folder: write the whole path")
            }
            Self::Url { path: Some(path) } => {
                write!(f, "the value is a URL: write the path alone, `{path}`")
            }
            Self::Url { path: None } => {
                f.write_str("the value is a URL: download the file and name the path of the copy")
            }
            Self::Windows => f.write_str(
                "this is a Windows path: copy the file to this machine and write its path here",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_read_from_the_name() {
        let local = |path: &str| PathHint::Url {
            path: Some(path.to_owned()),
        };
        for (name, expected) in [
            ("\"ca.pem\"", Some(PathHint::Quoted)),
            ("'ca.pem'", Some(PathHint::Quoted)),
            ("\"ca.pem", Some(PathHint::Quoted)),
            ("ca.pem'", Some(PathHint::Quoted)),
            ("\u{201c}ca.pem\u{201d}", Some(PathHint::Quoted)),
            ("the 'new' ca.pem", None),
            ("~/ca.pem", Some(PathHint::Tilde)),
            ("ca.pem~", None),
            ("~admin/ca.pem", Some(PathHint::Tilde)),
            ("file:///etc/ca.pem", Some(local("/etc/ca.pem"))),
            ("FILE:/etc/ca.pem", Some(local("/etc/ca.pem"))),
            ("file://localhost/ca.pem", Some(local("/ca.pem"))),
            (
                "http://ca.example.com/ca.crl",
                Some(PathHint::Url { path: None }),
            ),
            (
                "ldap://ca.example.com/cn=CA",
                Some(PathHint::Url { path: None }),
            ),
            ("s3://bucket/ca.pem", Some(PathHint::Url { path: None })),
            (":/ca.pem", None),
            ("no.pem", None),
            ("/no/such/folder/no.pem", None),
        ] {
            assert_eq!(PathHint::of(name, Path::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn paths_with_another_separator_are_known_by_their_files() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = |found| Some(PathHint::Separator { found });
        for (name, expected) in [
            ("Cargo.toml;README.md", found(';')),
            ("Cargo.toml; no.pem", found(';')),
            ("Cargo.toml:README.md", found(':')),
            ("Cargo.toml README.md", found(' ')),
            ("no.pem;README.pem", None),
            ("no.pem:README.md", None),
            ("no README.md", None),
        ] {
            assert_eq!(PathHint::of(name, &root.join(name)), expected, "{name}");
        }
        let hint = PathHint::Separator { found: ';' };
        let text = "paths are separated by commas, not by `;`";
        assert_eq!(hint.to_string(), text);
    }

    #[cfg(not(windows))]
    #[test]
    fn paths_of_windows_are_known_elsewhere() {
        for name in [
            r"C:\certs\ca.pem",
            "c:/certs/ca.pem",
            r"\\server\share\ca.pem",
            r"certs\ca.pem",
        ] {
            assert_eq!(
                PathHint::of(name, Path::new(name)),
                Some(PathHint::Windows),
                "{name}"
            );
        }
    }

    #[test]
    fn a_file_in_other_case_is_found_whatever_folder_differs() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = PathHint::OtherCase {
            found: root.join("src/pki/hint.rs"),
        };
        let path = root.join("SRC/pki/Hint.rs");
        // Where case does not matter, the file is simply there.
        if !path.exists() {
            assert_eq!(PathHint::of("Hint.rs", &path), Some(found));
        }
    }
}
