//! Where the content of an option comes from.
//!
//! The options `certificate`, `certificate-key`, `trusted-ca` and `tls-crl` name files in a configuration; in code they
//! may also be bytes. Both are a [`Source`], so that `pki` reads them with the same code and errors name them in the
//! same way. Private keys are kept in memory that is wiped when it is freed, and are never printed.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, TrustAnchor};
use zeroize::Zeroizing;

use super::file_list::FileList;

/// Where the certificates, the key or the revocation lists of an option come from: files, or memory.
///
/// Bytes in memory are read as a file with the same content, in every format that a file may have. Values that rustls
/// has parsed are taken by `From`.
///
/// ```
/// use sip_tls::options::{Source, TlsOptions};
///
/// # fn example(identity: Vec<u8>) -> Result<TlsOptions, sip_tls::options::OptionError> {
/// TlsOptions::builder()
///     .certificate(Source::bytes("identity.p12", identity))
///     .trusted_ca(Source::files("ca.pem"))
///     .build()
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Source(SourceKind);

/// What a [`Source`] holds. Trust anchors have no DER of a certificate, so they cannot be read as a file.
#[derive(Clone, Debug)]
pub(crate) enum SourceKind {
    Anchors(Arc<[TrustAnchor<'static>]>),
    Bytes(NamedBytes),
    Files(FileList),
}

/// Bytes that are read as a file. They may hold a private key.
#[derive(Clone)]
pub(crate) struct NamedBytes {
    pub(crate) name: Arc<str>,
    pub(crate) bytes: Arc<Zeroizing<Vec<u8>>>,
}

impl Source {
    /// Takes the content of a file. The report and errors call it `name`; the format does not depend on the name.
    ///
    /// The bytes are PEM, DER, PKCS#7 or PKCS#12; their content tells which. They are wiped from memory when they are
    /// no longer used.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::options::{Source, Sources};
    ///
    /// let chain: Sources = [Source::bytes("leaf", *b"..."), Source::bytes("issuer", *b"...")].into();
    /// assert_eq!(chain.to_string(), "leaf, issuer");
    /// ```
    pub fn bytes(name: impl AsRef<str>, bytes: impl Into<Vec<u8>>) -> Self {
        Self(SourceKind::Bytes(NamedBytes {
            name: name.as_ref().into(),
            bytes: Arc::new(Zeroizing::new(bytes.into())),
        }))
    }

    /// Takes the value of an option as it stands in a configuration file: one path, or several separated by commas.
    /// Relative paths are relative to the working directory.
    ///
    /// To make them relative to another folder, use [`FileList::new`].
    pub fn files(value: impl Into<String>) -> Self {
        FileList::new(value, None).into()
    }

    /// Takes one path, with whatever commas it has.
    ///
    /// A relative path is relative to the working directory.
    pub fn path(path: impl AsRef<Path>) -> Self {
        FileList::of_path(path.as_ref()).into()
    }

    pub(crate) fn kind(&self) -> &SourceKind {
        &self.0
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            SourceKind::Anchors(anchors) => write!(f, "{} trust anchors", anchors.len()),
            SourceKind::Bytes(named) => f.write_str(&named.name),
            SourceKind::Files(files) => f.write_str(files.text()),
        }
    }
}

impl fmt::Debug for NamedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedBytes")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl From<FileList> for Source {
    fn from(files: FileList) -> Self {
        Self(SourceKind::Files(files))
    }
}

/// A certificate that rustls or another crate has parsed. It has no name: the report calls it "a certificate in
/// memory".
impl From<CertificateDer<'_>> for Source {
    fn from(certificate: CertificateDer<'_>) -> Self {
        Self::bytes("a certificate in memory", certificate.as_ref())
    }
}

/// A revocation list in DER. The report calls it "a revocation list in memory".
impl From<CertificateRevocationListDer<'_>> for Source {
    fn from(list: CertificateRevocationListDer<'_>) -> Self {
        Self::bytes("a revocation list in memory", list.as_ref())
    }
}

/// A private key in DER: PKCS#8, PKCS#1 or SEC 1. It is copied into memory that is wiped when it is freed.
impl From<PrivateKeyDer<'_>> for Source {
    fn from(key: PrivateKeyDer<'_>) -> Self {
        Self::bytes("a private key in memory", key.secret_der())
    }
}

/// Trust anchors, such as those of a `rustls::RootCertStore`. Only `trusted-ca` takes them.
///
/// rustls keeps of such a certificate only the subject, the key and the name constraints.
impl From<Vec<TrustAnchor<'static>>> for Source {
    fn from(anchors: Vec<TrustAnchor<'static>>) -> Self {
        Self(SourceKind::Anchors(anchors.into()))
    }
}

/// The sources of one option, in order, such as those of a certificate chain.
///
/// Methods that take `impl Into<Sources>` accept one [`Source`] or what becomes one, an array, or a [`FileList`].
/// Others are collected from an iterator.
///
/// # Examples
///
/// ```
/// use sip_tls::options::{Source, Sources};
///
/// let files: Sources = ["ca.pem", "older-ca.pem"].map(Source::path).into();
/// let collected: Sources = vec![Source::files("ca.pem,older-ca.pem")].into_iter().collect();
/// assert_eq!((files.iter().count(), collected.iter().count()), (2, 1));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
    option: Option<&'static str>,
}

impl Sources {
    /// Returns the sources, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.list.iter()
    }

    /// Takes the name of the option that has this value, for messages.
    pub fn named(mut self, option: &'static str) -> Self {
        self.option = Some(option);
        self
    }

    /// Returns the name of the option that has this value, if [`Self::named`] or [`FileList::named`] gave one.
    pub(crate) fn option(&self) -> Option<&'static str> {
        let of_files = || self.files().find_map(FileList::option);
        self.option.or_else(of_files)
    }

    /// Returns whether the value is the thumbprint of a certificate in the Windows store, and no file has that name.
    ///
    /// See [`FileList::thumbprint`].
    pub(crate) fn is_thumbprint(&self) -> bool {
        self.files()
            .any(|files| files.thumbprint().is_some() && !files.whole().exists())
    }

    fn files(&self) -> impl Iterator<Item = &FileList> {
        self.list.iter().filter_map(|source| match source.kind() {
            SourceKind::Files(files) => Some(files),
            _ => None,
        })
    }
}

impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, source) in self.list.iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            write!(f, "{comma}{source}")?;
        }
        Ok(())
    }
}

impl<T: Into<Source>> From<T> for Sources {
    fn from(source: T) -> Self {
        std::iter::once(source).collect()
    }
}

impl From<&Source> for Sources {
    fn from(source: &Source) -> Self {
        source.clone().into()
    }
}

impl From<&FileList> for Sources {
    fn from(files: &FileList) -> Self {
        files.clone().into()
    }
}

impl From<&Self> for Sources {
    fn from(sources: &Self) -> Self {
        sources.clone()
    }
}

impl<T: Into<Source>> FromIterator<T> for Sources {
    fn from_iter<I: IntoIterator<Item = T>>(sources: I) -> Self {
        Self {
            list: sources.into_iter().map(Into::into).collect(),
            option: None,
        }
    }
}

impl<T: Into<Source>, const N: usize> From<[T; N]> for Sources {
    fn from(sources: [T; N]) -> Self {
        sources.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_called_by_their_names_and_never_show_their_bytes() {
        let sources: Sources = [
            Source::bytes("identity.p12", *b"secret"),
            Source::files("a.pem,b.pem"),
        ]
        .into();
        assert_eq!(sources.to_string(), "identity.p12, a.pem,b.pem");
        let secret = format!("{:?}", b"secret");
        assert!(!format!("{sources:?}").contains(secret.trim_matches(['[', ']'])));
    }
}
