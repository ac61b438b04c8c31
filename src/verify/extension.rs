use super::certificate::AuthorityKeyId;
use super::der::{self, Reader};
use super::general_name::GeneralName;

/// An Extension of a certificate, of a revocation list or of an entry in one.
pub(crate) struct Extension<'a> {
    pub(crate) oid: &'a [u8],
    pub(crate) is_critical: bool,
    pub(crate) value: &'a [u8],
}

impl<'a> Extension<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut extension = Reader::new(reader.expect(der::SEQUENCE)?);
        let oid = der::object_identifier(extension.expect(der::OBJECT_IDENTIFIER)?)?;
        let is_critical = match extension.optional(der::BOOLEAN)? {
            Some([value]) => *value != 0,
            Some(_) => return None,
            None => false,
        };
        let value = extension.expect(der::OCTET_STRING)?;
        extension.end()?;
        Some(Self {
            oid,
            is_critical,
            value,
        })
    }
}

impl AuthorityKeyId {
    /// Reads the value of an authorityKeyIdentifier.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let mut outer = Reader::new(value);
        let mut reader = Reader::new(outer.expect(der::SEQUENCE)?);
        outer.end()?;
        let key_id = reader.optional(0x80)?.map(<[u8]>::to_vec);
        let names = match reader.optional(0xa1)? {
            Some(names) => GeneralName::parse_all(names)?,
            None => Vec::new(),
        };
        let serial = match reader.optional(0x82)? {
            Some(serial) => Some(der::integer(serial)?.to_vec()),
            None => None,
        };
        reader.end()?;
        let issuer = names.into_iter().find_map(|name| match name {
            GeneralName::Directory(canonical) => Some(canonical),
            GeneralName::Other { .. } => None,
        });
        Some(Self {
            key_id,
            issuer,
            serial,
        })
    }
}
