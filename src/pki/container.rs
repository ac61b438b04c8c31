//! The objects in PKCS#12 and PKCS#7.
//!
//! A container is a file within a file: its objects get numbers, by which messages name them, and
//! are then treated like blocks of PEM. What they mean is not decided here.

use zeroize::Zeroizing;

use super::encryption::DecryptionError;
use super::error::{FileError, FileProblem};
use super::kind::ObjectKind;
use super::object::{Content, Object};
use super::origin::Origin;
use super::passphrase::Opener;
use super::pkcs7;
use super::pkcs12::{Bag, Pkcs12};
use super::remark::RemarkKind;

/// Opens PKCS#12, and returns its objects in their order.
pub(super) fn of_pkcs12(
    origin: &Origin,
    content: &[u8],
    opener: &Opener,
) -> Result<Vec<Object>, FileError> {
    let error = |problem| FileError::new(origin.clone(), problem);
    let container =
        Pkcs12::parse(content).map_err(|problem| error(FileProblem::Pkcs12(problem)))?;
    let bags = open(origin, &container, opener).map_err(error)?;
    let numbered = bags.into_iter().zip(1..);
    let mut objects: Vec<_> = numbered
        .filter_map(|(bag, number)| of_bag(origin.within(number), bag))
        .collect();
    if !container.has_mac() {
        objects.push(Object::of_member(
            origin.clone(),
            ObjectKind::Labelled("PKCS12".to_owned()),
            Content::Remark(RemarkKind::NoMac),
        ));
    }
    Ok(objects)
}

/// Opens the container, and asks for a passphrase only if it needs one.
fn open(origin: &Origin, container: &Pkcs12, opener: &Opener) -> Result<Vec<Bag>, FileProblem> {
    if let Some(opened) = container.open_without_passphrase() {
        return opened.map_err(FileProblem::Pkcs12);
    }
    let opened = opener.open(origin, |passphrase| {
        match container.open(Some(passphrase)) {
            // `openssl pkcs12` tries this, too: before 1.1.0, OpenSSL read UTF-8 as Latin-1.
            Err(DecryptionError::WrongPassphrase) if !passphrase.is_ascii() => {
                let misread: String = passphrase.iter().copied().map(char::from).collect();
                let misread = Zeroizing::new(misread);
                container.open(Some(misread.as_bytes()))
            }
            opened => opened,
        }
    });
    opened.map_err(|problem| match problem {
        FileProblem::Decryption(error) => FileProblem::Pkcs12(error),
        other => other,
    })
}

/// `None` for what no option uses, such as a secret of Java.
fn of_bag(origin: Origin, bag: Bag) -> Option<Object> {
    let (kind, content) = match bag {
        Bag::Certificate(der) => (ObjectKind::Certificate, Content::Certificate(der)),
        Bag::Key(key) => (ObjectKind::PrivateKey, Content::PrivateKey(key)),
        Bag::List(der) => (ObjectKind::RevocationList, Content::RevocationList(der)),
        Bag::Other => return None,
    };
    Some(Object::of_member(origin, kind, content))
}

/// Returns the objects of PKCS#7: its certificates, then its lists.
pub(super) fn of_pkcs7(origin: &Origin, content: &[u8]) -> Result<Vec<Object>, FileError> {
    let contents =
        pkcs7::contents(content).map_err(|problem| FileError::new(origin.clone(), problem))?;
    let certificates = contents
        .certificates
        .into_iter()
        .map(|der| (ObjectKind::Certificate, Content::Certificate(der)));
    let lists = contents
        .lists
        .into_iter()
        .map(|der| (ObjectKind::RevocationList, Content::RevocationList(der)));
    let numbered = certificates.chain(lists).zip(1..);
    Ok(numbered
        .map(|((kind, content), number)| Object::of_member(origin.within(number), kind, content))
        .collect())
}

/// Returns the objects of PKCS#7 in a PEM block.
pub(super) fn of_block(block: Object) -> Result<Vec<Object>, FileError> {
    match &block.content {
        Content::Pkcs7(content) => of_pkcs7(&block.origin, content),
        _ => Ok(Vec::new()),
    }
}
