//! Folders of certificates or revocation lists.
//!
//! OpenSSL looks objects up by the hash of a name: `HASH.0`, `HASH.1` and so on for certificates, `HASH.r0` and so on
//! for lists, up to the first number that is missing (`X509_LOOKUP_hash_dir(3)`). It reads PEM there, and nothing
//! else.
//!
//! Here a folder without such names is read as a whole, which OpenSSL does not do: it would find nothing, and refuse
//! every peer. A remark says so. If there is one such name, only such names count, as with OpenSSL.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha1::{Digest as _, Sha1};

use super::error::{FileError, FileProblem};
use super::file::SourceFile;
use super::kind::ObjectKind;
use super::object::Object;
use super::origin::Origin;
use super::passphrase::Opener;
use super::remark::{Remark, RemarkKind};

/// A folder, and the files in it.
pub(super) struct Folder {
    origin: Origin,
    /// The files, by their names.
    files: BTreeMap<String, PathBuf>,
}

/// A collection that is read from files one by one.
pub(super) trait FromFiles: Default {
    /// The kinds of objects that are looked up in a folder. The first is the kind that the option needs.
    const KINDS: &'static [HashedKind];
    const LIMIT: u64;

    /// Adds an object, and returns whether it is of the kind that the option needs.
    fn add(&mut self, object: Object) -> Result<bool, FileError>;

    /// Keeps only the objects that OpenSSL looks up by this file name.
    fn keep(&mut self, name: HashedName);

    fn append(&mut self, other: Self);

    fn remark(&mut self, remark: Remark);

    /// Whether there is no object of the kind that the option needs.
    fn is_empty(&self) -> bool;

    fn of_file(file: &mut SourceFile, opener: &Opener) -> Result<Self, FileError> {
        let mut found = Self::default();
        file.visit(opener, Self::KINDS[0].object(), |object| found.add(object))?;
        Ok(found)
    }

    /// Reads only the objects that OpenSSL looks up by this file name.
    fn of_hashed(
        file: &mut SourceFile,
        opener: &Opener,
        name: HashedName,
    ) -> Result<Self, FileError> {
        let mut found = Self::default();
        file.visit_looked_up(opener, name.kind.object(), |object| {
            found.add(object).map(drop)
        })?;
        found.keep(name);
        Ok(found)
    }
}

/// A file name that `openssl rehash` makes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct HashedName {
    pub(super) kind: HashedKind,
    hash: u32,
    number: u32,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum HashedKind {
    Certificate,
    RevocationList,
}

impl Folder {
    /// Lists the folder. It is an error only if the folder itself cannot be read.
    pub(super) fn list(option: &'static str, path: PathBuf) -> Result<Self, FileError> {
        let origin = Origin::of_file(option, &Arc::from(&*path));
        match files_in(&path) {
            Ok(files) => Ok(Self { origin, files }),
            Err(error) => Err(FileError::new(origin, FileProblem::CannotRead(error))),
        }
    }

    pub(super) fn error(&self, problem: FileProblem) -> FileError {
        FileError::new(self.origin.clone(), problem)
    }

    /// Reads the files that OpenSSL would look up or, if there is no name made by `openssl rehash`, every file. A file
    /// that cannot be read is left out.
    pub(super) fn load<T: FromFiles>(&self, opener: &Opener) -> Result<T, FileError> {
        let names = self.hashed_names();
        let found = match names.is_empty() {
            true => self.load_all::<T>(opener),
            false => self.load_hashed::<T>(&names, opener),
        };
        match found.is_empty() {
            true => Err(self.error(FileProblem::NothingInFolder {
                wanted: T::KINDS[0].object(),
                is_hashed: !names.is_empty(),
            })),
            false => Ok(found),
        }
    }

    /// Reads every file, in the order of their names.
    fn load_all<T: FromFiles>(&self, opener: &Opener) -> T {
        let mut found = T::default();
        found.remark(Remark::new(self.origin.clone(), RemarkKind::Unhashed));
        for path in self.files.values() {
            match self
                .read::<T>(path)
                .and_then(|mut file| T::of_file(&mut file, opener))
            {
                Ok(in_file) => found.append(in_file),
                Err(error) => found.remark(self.unreadable(path, error)),
            }
        }
        found
    }

    /// Reads the files with such names. The numbers of a hash count up from 0, and the first gap ends them.
    fn load_hashed<T: FromFiles>(&self, names: &[(HashedName, &Path)], opener: &Opener) -> T {
        let mut found = T::default();
        let mut used = Vec::new();
        let mut next = None;
        for (name, path) in names
            .iter()
            .filter(|(name, _)| T::KINDS.contains(&name.kind))
        {
            if name.number != 0 && next != Some(*name) {
                continue;
            }
            let read = self
                .read::<T>(path)
                .and_then(|mut file| T::of_hashed(&mut file, opener, *name));
            match read {
                Ok(in_file) => {
                    found.append(in_file);
                    next = Some(name.next());
                }
                // OpenSSL looks no further in this case either.
                Err(error) => found.remark(self.unreadable(path, error)),
            }
            used.extend(fs::canonicalize(path));
        }
        self.ignored::<T>(&used)
            .for_each(|remark| found.remark(remark));
        found
    }

    /// Returns the names that `openssl rehash` makes, in the order in which OpenSSL looks them up.
    fn hashed_names(&self) -> Vec<(HashedName, &Path)> {
        let files = self.files.iter();
        let mut names: Vec<_> = files
            .filter_map(|(name, path)| Some((HashedName::read(name)?, &**path)))
            .collect();
        names.sort();
        names
    }

    /// Names the files that are not looked up, except for those that a name which is looked up links to.
    fn ignored<'a, T: FromFiles>(
        &'a self,
        used: &'a [PathBuf],
    ) -> impl Iterator<Item = Remark> + 'a {
        let is_used = |path: &Path| fs::canonicalize(path).is_ok_and(|path| used.contains(&path));
        let is_other_kind =
            |name: &str| HashedName::read(name).is_some_and(|name| !T::KINDS.contains(&name.kind));
        self.files
            .iter()
            .filter(move |(name, path)| !is_other_kind(name) && !is_used(path))
            .map(|(_, path)| Remark::new(self.origin_of(path), RemarkKind::NotHashed))
    }

    fn read<T: FromFiles>(&self, path: &Path) -> Result<SourceFile, FileError> {
        let name = path.to_string_lossy();
        SourceFile::read(self.origin.option(), &name, path.to_owned(), T::LIMIT)
    }

    fn unreadable(&self, path: &Path, error: FileError) -> Remark {
        Remark::unreadable(self.origin_of(path), error)
    }

    fn origin_of(&self, path: &Path) -> Origin {
        Origin::of_file(self.origin.option(), &Arc::from(path))
    }
}

/// Returns the files of the folder, and the broken links. Named pipes are left out, because reading them may block.
fn files_in(folder: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if fs::metadata(&path).map_or(true, |metadata| metadata.is_file()) {
            files.insert(entry.file_name().to_string_lossy().into_owned(), path);
        }
    }
    Ok(files)
}

/// Whether a file holds more than one PEM block.
pub(crate) fn is_bundle(path: &Path) -> bool {
    let begin = b"-----BEGIN ";
    fs::read(path).is_ok_and(|content| {
        let blocks = content.windows(begin.len()).filter(|text| text == begin);
        blocks.count() > 1
    })
}

impl HashedName {
    /// Reads `HASH.N` or `HASH.rN`: eight hexadecimal digits in lower case, and a number without leading zeros.
    fn read(name: &str) -> Option<Self> {
        let (hash, number) = name.split_once('.')?;
        let is_hash =
            hash.len() == 8 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let (kind, number) = match number.strip_prefix('r') {
            Some(number) => (HashedKind::RevocationList, number),
            None => (HashedKind::Certificate, number),
        };
        let is_number = number.bytes().all(|b| b.is_ascii_digit())
            && (number == "0" || !number.starts_with('0'));
        (is_hash && is_number).then_some(())?;
        Some(Self {
            kind,
            hash: u32::from_str_radix(hash, 16).ok()?,
            number: number.parse().ok()?,
        })
    }

    fn next(self) -> Self {
        Self {
            number: self.number.saturating_add(1),
            ..self
        }
    }

    /// Whether OpenSSL looks up an object with this name, in its canonical form, by this file name
    /// (`X509_NAME_hash(3)`).
    pub(super) fn fits(self, canonical: &[u8]) -> bool {
        let digest = Sha1::digest(canonical);
        digest[..4] == self.hash.to_le_bytes()
    }
}

impl HashedKind {
    fn object(self) -> ObjectKind {
        match self {
            Self::Certificate => ObjectKind::Certificate,
            Self::RevocationList => ObjectKind::RevocationList,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child;
    use crate::pki::{RevocationLists, Roots};
    use crate::x509::test_pki::Scratch;

    #[test]
    fn names_of_rehash_have_eight_small_digits_and_a_number() {
        let read =
            |name: &str| HashedName::read(name).map(|name| (name.kind, name.hash, name.number));
        let (certificate, list) = (HashedKind::Certificate, HashedKind::RevocationList);
        assert_eq!(read("0a775a30.0"), Some((certificate, 0x0a77_5a30, 0)));
        assert_eq!(read("0a775a30.12"), Some((certificate, 0x0a77_5a30, 12)));
        assert_eq!(read("0a775a30.r1"), Some((list, 0x0a77_5a30, 1)));
        for name in [
            "0A775A30.0",
            "0a775a3.0",
            "0a775a300.0",
            "0a775a30",
            "0a775a30.",
            "0a775a30.r",
            "0a775a30.x0",
            "0a775a30.01",
            "0a775a30.-1",
            "0a775a30.99999999999",
            "ca.pem",
            "",
        ] {
            assert_eq!(read(name), None, "{name}");
        }
    }

    /// `X509_LOOKUP_hash_dir(3)`
    #[test]
    fn a_name_of_rehash_counts_for_one_kind_of_object_with_that_hash() {
        if !child::is_found("openssl") {
            return;
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/crl");
        let scratch = Scratch::new();
        let list = fs::read(folder.join("plain.der")).unwrap();
        let list = scratch.write_pem("list.pem", "crl", &[list]);
        let [certificate, list] =
            [folder.join("root.pem"), list].map(|path| fs::read(path).unwrap());
        let path = scratch.write("both.pem", &[certificate, list].concat());
        // By `openssl x509 -noout -hash`. The list is by the same CA.
        for (name, is_certificate, is_list) in [
            ("fa0bef57.0", true, false),
            ("fa0bef57.1", true, false),
            ("fa0bef57.r0", false, true),
            ("fa0bef58.0", false, false),
            ("fa0bef58.r0", false, false),
            ("57ef0bfa.r0", false, false),
        ] {
            let hashed = HashedName::read(name).unwrap();
            let opener = Opener::default();
            let read = |option| SourceFile::read(option, "", path.clone(), 1 << 20).unwrap();
            let roots = Roots::of_hashed(&mut read("trusted-ca"), &opener, hashed).unwrap();
            let counts = (roots.certificates().len(), roots.lists().count());
            assert_eq!(counts, (is_certificate.into(), is_list.into()), "{name}");
            let lists = RevocationLists::of_hashed(&mut read("tls-crl"), &opener, hashed).unwrap();
            assert_eq!(lists.lists().len(), usize::from(is_list), "{name}");
            let not_looked_up = |remarks: &[Remark]| -> Vec<_> {
                let is_it = |remark: &&Remark| matches!(remark.kind(), RemarkKind::OtherHash);
                let remarks = remarks.iter().filter(is_it);
                remarks
                    .filter_map(|remark| remark.origin().block())
                    .collect()
            };
            let blocks = [(1, is_certificate), (2, is_list)].into_iter();
            let expected = blocks.filter_map(|(block, counts)| (!counts).then_some(block));
            let expected: Vec<_> = expected.collect();
            assert_eq!(not_looked_up(roots.remarks()), expected, "{name}");
            // In the first block is no list, whatever the name is.
            let expected: Vec<_> = expected.into_iter().filter(|block| *block == 2).collect();
            assert_eq!(not_looked_up(lists.remarks()), expected, "{name}");
        }
    }

    #[test]
    fn files_that_are_not_looked_up_are_named_unless_they_are_for_another_option() {
        let scratch = Scratch::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/crl/root.pem");
        let root = fs::read(root).unwrap();
        let mut path = PathBuf::new();
        for name in ["fa0bef57.0", "fa0bef57.2", "fa0bef57.r1", "late.pem"] {
            path = scratch.write(name, &root);
        }
        path.pop();
        let folder = Folder::list("trusted-ca", path).unwrap();
        let named = |remarks: &[Remark]| -> Vec<_> {
            let files = remarks.iter().map(|remark| {
                assert!(matches!(remark.kind(), RemarkKind::NotHashed), "{remark}");
                remark
                    .origin()
                    .path()
                    .unwrap()
                    .file_name()
                    .unwrap()
                    .to_owned()
            });
            files.collect()
        };
        let opener = Opener::default();
        let names = folder.hashed_names();
        // After 0 there is no 1, so that 2 is not looked up.
        let roots: Roots = folder.load_hashed(&names, &opener);
        assert_eq!(roots.certificates().len(), 1);
        assert_eq!(
            named(roots.remarks()),
            ["fa0bef57.2", "fa0bef57.r1", "late.pem"]
        );
        let lists: RevocationLists = folder.load_hashed(&names, &opener);
        assert_eq!(named(lists.remarks()), ["fa0bef57.r1", "late.pem"]);
    }

    #[test]
    fn a_file_with_more_than_one_block_is_a_bundle() {
        let scratch = Scratch::new();
        let block = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        for (count, expected) in [(0, false), (1, false), (2, true), (3, true)] {
            let path = scratch.write("bundle.pem", block.repeat(count).as_bytes());
            assert_eq!(is_bundle(&path), expected, "{count}");
        }
        let path = scratch.write("bundle.pem", b"");
        fs::remove_file(&path).unwrap();
        assert!(!is_bundle(&path));
    }
}
