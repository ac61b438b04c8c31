//! Distinguished names, in every string type there is.

use crate::der;

pub const UTF8: u8 = 0x0c;
pub const NUMERIC: u8 = 0x12;
pub const PRINTABLE: u8 = 0x13;
pub const T61: u8 = 0x14;
pub const IA5: u8 = 0x16;
pub const VISIBLE: u8 = 0x1a;
pub const UNIVERSAL: u8 = 0x1c;
pub const BMP: u8 = 0x1e;

pub const CN: &str = "2.5.4.3";
pub const O: &str = "2.5.4.10";
pub const EMAIL: &str = "1.2.840.113549.1.9.1";

/// A name: relative distinguished names of one or more attributes each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Name(pub Vec<Vec<Attribute>>);

#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub oid: &'static str,
    pub tag: u8,
    pub value: Vec<u8>,
}

impl Name {
    pub fn cn(value: &str) -> Self {
        Self::default().and(CN, UTF8, value.as_bytes())
    }

    /// One more relative distinguished name at the end.
    pub fn and(mut self, oid: &'static str, tag: u8, value: &[u8]) -> Self {
        self.0.push(vec![Attribute {
            oid,
            tag,
            value: value.to_vec(),
        }]);
        self
    }

    /// The same values written with another string type.
    pub fn retagged(mut self, tag: u8) -> Self {
        self.0.iter_mut().flatten().for_each(|a| a.tag = tag);
        self
    }

    pub fn map(mut self, change: impl Fn(&str) -> String) -> Self {
        for attribute in self.0.iter_mut().flatten() {
            attribute.value = change(&String::from_utf8_lossy(&attribute.value)).into_bytes();
        }
        self
    }

    pub fn der(&self) -> Vec<u8> {
        der::sequence(&self.0.iter().map(|rdn| relative(rdn)).collect::<Vec<_>>())
    }
}

fn relative(rdn: &[Attribute]) -> Vec<u8> {
    let attributes: Vec<_> = rdn
        .iter()
        .map(|a| der::sequence(&[der::oid(a.oid), der::tlv(a.tag, &a.value)]))
        .collect();
    der::set(&attributes)
}

/// `text` as BMPString content.
pub fn ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// `text` as UniversalString content.
pub fn ucs4(text: &str) -> Vec<u8> {
    text.chars()
        .flat_map(|c| (c as u32).to_be_bytes())
        .collect()
}
