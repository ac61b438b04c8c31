use super::crl::CrlError;
use super::extensions::{CERTIFICATE_ISSUER, CRL_REASON, set_once};
use super::serials::SerialSet;
use crate::verify::der::{self, Reader};
use crate::verify::extension::Extension;
use crate::verify::general_name::GeneralName;

/// The revokedCertificates of a list, as far as they revoke certificates of the list's issuer.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) revoked: SerialSet,
    pub(super) count: usize,
    /// An entry has a critical extension other than certificateIssuer.
    pub(super) has_unhandled_critical: bool,
    /// The last certificateIssuer, which holds for what follows, names somebody else.
    is_foreign: bool,
}

struct EntryExtensions {
    reason: Option<Reason>,
    issuers: Option<Vec<GeneralName>>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Reason {
    RemoveFromCrl,
    Other,
}

impl Entries {
    /// Reads the contents of the SEQUENCE in the list by `issuer`.
    pub(super) fn parse(content: &[u8], issuer: &[u8]) -> Result<Self, CrlError> {
        let mut reader = Reader::new(content);
        let mut this = Self::default();
        while !reader.is_empty() {
            this.take(&mut reader, issuer).ok_or(CrlError::Malformed {
                part: "revokedCertificates",
            })?;
        }
        this.revoked = this.revoked.finish();
        Ok(this)
    }

    fn take(&mut self, reader: &mut Reader<'_>, issuer: &[u8]) -> Option<()> {
        let mut entry = Reader::new(reader.expect(der::SEQUENCE)?);
        let serial = der::integer(entry.expect(der::INTEGER)?)?;
        // The date is never looked at.
        let date = entry.next()?;
        if !matches!(date.tag, der::UTC_TIME | der::GENERALIZED_TIME) {
            return None;
        }
        self.count += 1;
        let mut reason = None;
        if let Some(extensions) = entry.optional(der::SEQUENCE)? {
            let found = self.extensions(extensions)?;
            reason = found.reason;
            if let Some(names) = found.issuers {
                self.is_foreign = !names.iter().any(|name| name.is_directory(issuer));
            }
        }
        entry.end()?;
        if !self.is_foreign && reason != Some(Reason::RemoveFromCrl) {
            self.revoked.push(serial);
        }
        Some(())
    }

    /// A damaged or repeated reason or issuer refuses the list; OpenSSL stops reading extensions there.
    fn extensions(&mut self, content: &[u8]) -> Option<EntryExtensions> {
        let mut reader = Reader::new(content);
        let (mut reason, mut issuers) = (None, None);
        while !reader.is_empty() {
            let extension = Extension::read(&mut reader)?;
            match extension.oid {
                CRL_REASON => set_once(&mut reason, Reason::parse(extension.value))?,
                CERTIFICATE_ISSUER => set_once(&mut issuers, general_names(extension.value))?,
                _ => {}
            }
            self.has_unhandled_critical |=
                extension.is_critical && extension.oid != CERTIFICATE_ISSUER;
        }
        Some(EntryExtensions { reason, issuers })
    }
}

impl Reason {
    fn parse(value: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(value);
        let reason = der::integer(reader.expect(der::ENUMERATED)?)?;
        reader.end()?;
        Some(match reason {
            [8] => Self::RemoveFromCrl,
            _ => Self::Other,
        })
    }
}

fn general_names(value: &[u8]) -> Option<Vec<GeneralName>> {
    let mut reader = Reader::new(value);
    let names = GeneralName::parse_all(reader.expect(der::SEQUENCE)?)?;
    reader.end()?;
    Some(names)
}
