//! Where the demo keeps its files, among them private keys: only the owner can look into it.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

/// A temporary folder for the demonstration. It is removed when the value is dropped.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder. Nobody else can have made it or look into it. Nobody can foresee its name, because it
    /// contains `random`.
    pub(super) fn new(random: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("sip-tls-demo-{random}"));
        let mut builder = DirBuilder::new();
        // Fails if it exists.
        builder.recursive(false);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        fs::write(self.path.join(name), text)
    }

    /// Returns the path of a file in the folder, as the value of an option.
    pub(super) fn file(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // It is in the folder for temporary files: nothing is lost if this fails.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_private_new_and_gone_afterwards() {
        let name = format!("test-{}", std::process::id());
        let folder = Folder::new(&name).unwrap();
        assert!(Folder::new(&name).is_err());
        folder.write("file", "text").unwrap();
        let path = folder.path().to_owned();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        drop(folder);
        assert!(!path.exists());
    }
}
