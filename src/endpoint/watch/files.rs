//! The files that options name, as they are on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use crate::options::{FileList, SourceKind, Sources, TlsOptions, TrustedCa};

/// The state of files, which shows whether a file was changed or replaced since. The content is not read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Fingerprint(BTreeMap<PathBuf, Option<Mark>>);

/// The metadata that changes with a file, or with the target of a link.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Mark {
    real: Option<PathBuf>,
    length: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    node: (u64, u64, i64, i64),
}

impl Fingerprint {
    pub(crate) fn of(options: &TlsOptions) -> Self {
        let mut marks = BTreeMap::new();
        for path in paths(options) {
            for entry in entries(&path) {
                marks.insert(entry.clone(), Mark::of(&entry));
            }
            marks.insert(path.clone(), Mark::of(&path));
        }
        Self(marks)
    }
}

impl Mark {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        // Other files may come and go in a folder. The files of the options have marks of their own.
        let is_file = metadata.is_file();
        Some(Self {
            real: fs::canonicalize(path).ok(),
            length: if is_file { metadata.len() } else { 0 },
            modified: metadata.modified().ok().filter(|_| is_file),
            #[cfg(unix)]
            node: if is_file {
                node(&metadata)
            } else {
                Default::default()
            },
        })
    }
}

/// Identifies a file and its state. The time of the last change of any kind is finer than sizes, and cannot be set
/// back.
#[cfg(unix)]
fn node(metadata: &fs::Metadata) -> (u64, u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;

    let (device, inode) = (metadata.dev(), metadata.ino());
    (device, inode, metadata.ctime(), metadata.ctime_nsec())
}

/// Returns the folders that change when a file of the options, or a link on the way to it, is replaced.
pub(crate) fn folders(options: &TlsOptions) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for path in paths(options) {
        for entry in entries(&path) {
            add_folders(&entry, &mut folders);
        }
        add_folders(&path, &mut folders);
    }
    folders
}

/// Follows a path, and adds the folder of every link on the way. Adds the end of the path if it is a folder, and
/// otherwise the folder of the end.
fn add_folders(path: &Path, folders: &mut BTreeSet<PathBuf>) {
    let mut at = PathBuf::new();
    let mut rest = reversed(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let mut links = 0;
    while let Some(name) = rest.pop() {
        let next = at.join(&name);
        match (Path::new(&name).components().next(), fs::read_link(&next)) {
            (Some(Component::CurDir) | None, _) => {}
            (Some(Component::ParentDir), _) => {
                at.pop();
            }
            (Some(Component::Normal(_)), Ok(target)) if links < MOST_LINKS => {
                links += 1;
                folders.insert(at.clone());
                if target.is_absolute() {
                    at = PathBuf::new();
                }
                rest.extend(reversed(&target));
            }
            _ => at = next,
        }
    }
    if !at.is_dir() {
        at.pop();
    }
    // A folder that does not exist yet is created in another one.
    while !at.is_dir() && at.pop() {}
    folders.insert(at);
}

fn reversed(path: &Path) -> Vec<OsString> {
    let names = path.components().rev();
    names.map(|name| name.as_os_str().to_owned()).collect()
}

/// Returns the files of a folder. Returns nothing if the path is not a folder.
fn entries(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| !path.is_dir()).collect()
}

/// Returns every path that the options may mean. A value with commas is one path or several, depending on what
/// exists.
fn paths(options: &TlsOptions) -> BTreeSet<PathBuf> {
    let trusted = match options.trusted_ca() {
        Some(TrustedCa::Sources(sources)) => Some(sources),
        _ => None,
    };
    let sources = [
        options.certificate(),
        options.certificate_key(),
        trusted,
        options.tls_crl(),
    ];
    let lists = sources.into_iter().flatten().flat_map(lists);
    lists
        .flat_map(|list| list.paths().into_iter().chain([list.whole()]))
        .collect()
}

fn lists(sources: &Sources) -> impl Iterator<Item = &FileList> {
    sources.iter().filter_map(|source| match source.kind() {
        SourceKind::Files(files) => Some(files),
        _ => None,
    })
}

/// The maximum number of links. Linux follows as many.
const MOST_LINKS: usize = 40;

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_folders_of_all_links_on_the_way_are_watched() {
        let name = format!("sip-tls-watch-{}", std::process::id());
        // The folder for temporary files may be a link itself.
        let base = fs::canonicalize(std::env::temp_dir()).unwrap().join(name);
        fs::create_dir_all(base.join("live/..2024")).unwrap();
        fs::create_dir_all(base.join("archive")).unwrap();
        fs::write(base.join("archive/ca1.pem"), "").unwrap();
        symlink("..2024", base.join("live/..data")).unwrap();
        symlink("..data/ca.pem", base.join("live/ca.pem")).unwrap();
        symlink("../../archive/ca1.pem", base.join("live/..2024/ca.pem")).unwrap();
        let folders = |name: &str| {
            let path = base.join(name).display().to_string();
            let options = TlsOptions::builder().set("trusted-ca", path).build();
            let folders = folders(&options.unwrap()).into_iter();
            folders
                .map(|folder| folder.strip_prefix(&base).unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let expected = ["archive", "live", "live/..2024"].map(PathBuf::from);
        assert_eq!(folders("live/ca.pem"), expected);
        assert_eq!(folders("live/new/ca.pem"), [PathBuf::from("live")]);
        assert_eq!(folders("archive"), [PathBuf::from("archive")]);
        fs::remove_dir_all(&base).unwrap();
    }
}
