use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::der::{self, Element, Reader};
use super::distinguished_name;

/// A GeneralName in the form in which two are compared (`GENERAL_NAME_cmp` in OpenSSL): directory names
/// canonically, all others octet for octet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum GeneralName {
    /// Canonical, see [`distinguished_name::canonical`].
    Directory(Vec<u8>),
    Other {
        tag: u8,
        content: Vec<u8>,
    },
}

impl GeneralName {
    /// Reads the contents of a GeneralNames.
    pub(crate) fn parse_all(content: &[u8]) -> Option<Vec<Self>> {
        let mut reader = Reader::new(content);
        let mut names = Vec::new();
        while !reader.is_empty() {
            names.push(Self::parse(reader.next()?)?);
        }
        Some(names)
    }

    /// Whether it is the directory name `canonical`.
    pub(crate) fn is_directory(&self, canonical: &[u8]) -> bool {
        matches!(self, Self::Directory(name) if name == canonical)
    }

    fn parse(element: Element<'_>) -> Option<Self> {
        let content = element.content;
        match element.tag {
            DIRECTORY_NAME => return directory_name(content).map(Self::Directory),
            OTHER_NAME => {
                let mut reader = Reader::new(content);
                der::object_identifier(reader.expect(der::OBJECT_IDENTIFIER)?)?;
                sole_element(reader.expect(0xa0)?)?;
                reader.end()?;
            }
            EDI_PARTY_NAME => edi_party_name(content)?,
            REGISTERED_ID => {
                der::object_identifier(content)?;
            }
            RFC822_NAME | DNS_NAME | X400_ADDRESS | URI | IP_ADDRESS => {}
            _ => return None,
        }
        Some(Self::Other {
            tag: element.tag,
            content: content.to_vec(),
        })
    }
}

fn edi_party_name(content: &[u8]) -> Option<()> {
    let mut reader = Reader::new(content);
    if let Some(assigner) = reader.optional(0xa0)? {
        sole_element(assigner)?;
    }
    sole_element(reader.expect(0xa1)?)?;
    reader.end()
}

fn sole_element(content: &[u8]) -> Option<()> {
    let mut reader = Reader::new(content);
    reader.next()?;
    reader.end()
}

/// Returns the canonical form of a Name in DER.
pub(crate) fn directory_name(der: &[u8]) -> Option<Vec<u8>> {
    let (rest, name) = X509Name::from_der(der).ok()?;
    rest.is_empty().then_some(())?;
    distinguished_name::canonical(&name)
}

const OTHER_NAME: u8 = 0xa0;
const RFC822_NAME: u8 = 0x81;
const DNS_NAME: u8 = 0x82;
const X400_ADDRESS: u8 = 0xa3;
const DIRECTORY_NAME: u8 = 0xa4;
const EDI_PARTY_NAME: u8 = 0xa5;
const URI: u8 = 0x86;
const IP_ADDRESS: u8 = 0x87;
const REGISTERED_ID: u8 = 0x88;
