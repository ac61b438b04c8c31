//! The entries of a revocation list (RFC 5280, section 5.3).
//!
//! Three extensions of an entry matter. reasonCode: an entry with removeFromCRL revokes nothing. certificateIssuer:
//! this entry, and all that follow up to the next one, are about certificates of another issuer, which OpenSSL does
//! not look for without extended CRL support. Any other one that is critical makes the whole list one with an
//! unhandled critical extension.

use super::error::CrlError;
use super::extensions::{CERTIFICATE_ISSUER, CRL_REASON, set_once};
use crate::x509::der::{self, Reader};
use crate::x509::extension::{self, Extension};
use crate::x509::general_name::GeneralNames;
use crate::x509::serial::SerialSet;

/// The revokedCertificates of a list, as far as they revoke certificates of the list's issuer.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) revoked: SerialSet,
    pub(super) count: usize,
    /// An entry has a critical extension other than certificateIssuer.
    pub(super) has_unhandled_critical: bool,
    /// Why the list must not be used, although OpenSSL loads it.
    pub(super) refusal: Option<CrlError>,
    /// The last certificateIssuer names another issuer. It applies to the entries that follow.
    is_foreign: bool,
}

/// What the extensions of an entry say.
#[derive(Clone, Copy, Default)]
struct EntryExtensions {
    /// The reason is removeFromCRL. `None` without a reason.
    is_removed: Option<bool>,
    /// The entry names an issuer other than that of the list. `None` if it names none.
    is_foreign: Option<bool>,
}

impl Entries {
    /// Reads the revokedCertificates of the list by `issuer`.
    ///
    /// A list with a malformed entry is malformed as a whole. The set is sorted at the end.
    pub(super) fn read(mut reader: Reader<'_>, issuer: &[u8]) -> Option<Self> {
        let mut this = Self::default();
        // Most entries of a list have the same extensions.
        let (mut last, mut found) = (Reader::default(), EntryExtensions::default());
        while !reader.is_empty() {
            let entry = Entry::read(&mut reader)?;
            if entry.extensions != last {
                (last, found) = (entry.extensions, this.extensions(entry.extensions, issuer)?);
            }
            this.take(entry.serial, found);
        }
        this.revoked = this.revoked.finish();
        Some(this)
    }

    /// Counts an entry, and keeps its serial number if it revokes.
    fn take(&mut self, serial: &[u8], found: EntryExtensions) {
        self.count += 1;
        self.is_foreign = found.is_foreign.unwrap_or(self.is_foreign);
        if !self.is_foreign && found.is_removed != Some(true) {
            self.revoked.push(serial);
        }
    }

    /// Reads the extensions of an entry. A damaged or repeated reason or issuer refuses the list; OpenSSL stops
    /// reading extensions there.
    fn extensions(&mut self, mut reader: Reader<'_>, issuer: &[u8]) -> Option<EntryExtensions> {
        let mut found = EntryExtensions::default();
        while !reader.is_empty() {
            let extension = Extension::read(&mut reader)?;
            let (part, was_set) = match extension.oid {
                CRL_REASON => {
                    let is_removed = is_removed(&extension.value);
                    ("reasonCode", set_once(&mut found.is_removed, is_removed))
                }
                CERTIFICATE_ISSUER => {
                    let is_foreign = is_foreign(&extension.value, issuer);
                    let was_set = set_once(&mut found.is_foreign, is_foreign);
                    ("certificateIssuer", was_set)
                }
                _ => ("", Some(())),
            };
            if was_set.is_none() {
                self.refusal.get_or_insert(CrlError::Unreadable { part });
            }
            self.has_unhandled_critical |=
                extension.is_critical && extension.oid != CERTIFICATE_ISSUER;
        }
        Some(found)
    }
}

/// One of the revokedCertificates.
struct Entry<'a> {
    serial: &'a [u8],
    extensions: Reader<'a>,
}

impl<'a> Entry<'a> {
    /// The version of the list does not matter: extensions are read in a list of version 1 as well, as in OpenSSL.
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut fields = reader.sequence()?;
        let serial = fields.integer()?;
        // The date is never used.
        let date = fields.next()?;
        if !matches!(date.tag, der::UTC_TIME | der::GENERALIZED_TIME) {
            return None;
        }
        date.string()?;
        let extensions = match fields.is_empty() {
            true => Reader::default(),
            false => fields.list(der::SEQUENCE)?,
        };
        fields.end()?;
        Some(Self { serial, extensions })
    }
}

/// Whether a reasonCode is removeFromCRL. OpenSSL ignores such an entry.
fn is_removed(value: &[u8]) -> Option<bool> {
    let reason = extension::value(value, der::ENUMERATED)?.integer()?;
    Some(reason == [8])
}

/// Whether none of the names in certificateIssuer is the issuer of the list.
fn is_foreign(value: &[u8], issuer: &[u8]) -> Option<bool> {
    let names = GeneralNames::read(extension::value(value, der::SEQUENCE)?.items())?;
    Some(!names.iter().any(|name| name.is_directory(issuer)))
}
