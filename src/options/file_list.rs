//! Paths in the value of an option.
//!
//! In a configuration file an option that takes files is one text. Commas separate paths in it, but a comma is also
//! allowed in the name of a file, so that the text alone does not tell. [`FileList`] keeps the text and answers both
//! readings; `pki`, which sees the files, decides.

use std::path::{Path, PathBuf};

/// The value of an option that names files: one path, or several separated by commas.
///
/// Whether the value is one path or several is decided when the files are read: a value that as a
/// whole names an existing file is one path.
///
/// # Examples
///
/// ```
/// use std::path::PathBuf;
///
/// use sip_tls::options::FileList;
///
/// let list = FileList::new("own.pem, /ca/inter.pem", Some("/etc/sip".into()));
/// let paths = ["/etc/sip/own.pem", "/ca/inter.pem"].map(PathBuf::from);
/// assert_eq!(list.paths(), paths);
///
/// let path = FileList::of_path("/ca/Smith, Sons.pem");
/// assert_eq!(path.paths(), [PathBuf::from("/ca/Smith, Sons.pem")]);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileList {
    text: String,
    base_dir: Option<PathBuf>,
    option: Option<&'static str>,
    /// The path, if the value is one path whatever commas it has.
    path: Option<PathBuf>,
}

impl FileList {
    /// Takes the value as it was written; relative paths in it are relative to `base_dir`, the
    /// folder of the configuration file.
    pub fn new(text: impl Into<String>, base_dir: Option<PathBuf>) -> Self {
        Self {
            text: text.into(),
            base_dir,
            option: None,
            path: None,
        }
    }

    /// Takes one path, with whatever commas and spaces it has.
    pub fn of_path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            path: Some(path.clone()),
            ..Self::new(path.to_string_lossy(), None)
        }
    }

    /// Takes the name of the option that has this value, for messages about its files. Without it messages name the
    /// option of a configuration file that takes such files. With an empty name they name no option.
    pub fn named(mut self, option: &'static str) -> Self {
        self.option = Some(option);
        self
    }

    /// Returns the name that [`Self::named`] was given.
    pub fn option(&self) -> Option<&'static str> {
        self.option
    }

    /// Returns the value as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the value read as one path.
    ///
    /// Commas are a part of its name then. White space at both ends does not count.
    pub fn whole(&self) -> PathBuf {
        match &self.path {
            Some(path) => path.clone(),
            None => self.place(self.text.trim()),
        }
    }

    /// Returns the value read as paths separated by commas, in order. An empty name between two commas
    /// is skipped.
    ///
    /// White space around a name does not count. A list that was made with [`Self::of_path`] is that one path.
    pub fn paths(&self) -> Vec<PathBuf> {
        if let Some(path) = &self.path {
            return vec![path.clone()];
        }
        self.names().map(|name| self.place(name)).collect()
    }

    /// Returns the paths that the value stands for, each with its name as it was written.
    ///
    /// This is where it is decided, by whether a file with the whole text as its name exists. It asks the file system,
    /// so two calls may differ if files come and go in between.
    pub(crate) fn named_paths(&self) -> Vec<(String, PathBuf)> {
        let whole = self.whole();
        if self.path.is_some() || (whole.exists() && !self.text.trim().is_empty()) {
            return vec![(self.text.trim().to_owned(), whole)];
        }
        let names = self.names().map(str::to_owned);
        names.zip(self.paths()).collect()
    }

    /// The names between the commas, as they were written.
    fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.text.split(',').map(str::trim);
        names.filter(|name| !name.is_empty())
    }

    /// Returns the hexadecimal digits if the value is the thumbprint of a certificate in the
    /// Windows store (a SHA-1 hash), with or without the spaces of Windows' own dialogue.
    ///
    /// On Windows, Genesys software accepts such a value instead of a path. This crate has no access to that store, and
    /// says so when the value is used. A file whose name is 40 hexadecimal digits is used as a file.
    pub fn thumbprint(&self) -> Option<String> {
        // Copying from that dialogue puts an invisible left-to-right mark in front.
        let text = self.text.trim_start_matches('\u{200e}');
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        let is_hash = digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        is_hash.then_some(digits)
    }

    /// Puts a relative name below the folder of the configuration file. An absolute name stays as it is.
    fn place(&self, name: &str) -> PathBuf {
        match &self.base_dir {
            Some(base) => base.join(name),
            None => Path::new(name).to_path_buf(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_commas_are_trimmed_placed_and_kept_in_order() {
        let list = FileList::new(
            " leaf.pem , /ca/inter.pem,,b c.pem,",
            Some("/etc/sip".into()),
        );
        let expected = ["/etc/sip/leaf.pem", "/ca/inter.pem", "/etc/sip/b c.pem"];
        assert_eq!(list.paths(), expected.map(PathBuf::from));
        assert_eq!(
            FileList::new("a,b.pem", None).whole(),
            PathBuf::from("a,b.pem")
        );
    }

    #[test]
    fn a_list_may_say_which_option_it_is_of() {
        let list = FileList::new("a.pem", None);
        assert_eq!(list.option(), None);
        assert_eq!(list.named("--crl").option(), Some("--crl"));
    }

    #[test]
    fn only_forty_hexadecimal_digits_are_a_thumbprint() {
        let digits = "78E1BE82F683EE6D8CB9B9266FC1185AE0890C41";
        let of = |text: &str| FileList::new(text, None).thumbprint();
        assert_eq!(of(digits).as_deref(), Some(digits));
        let spaced = "\u{200e}78 e1 be 82 f6 83 ee 6d 8c b9 b9 26 6f c1 18 5a e0 89 0c 41";
        assert_eq!(of(spaced).as_deref(), Some(&*digits.to_lowercase()));
        assert_eq!(of(&digits[1..]), None);
        assert_eq!(of("78E1BE82F683EE6D8CB9B9266FC1185AE0890C4G"), None);
    }
}
