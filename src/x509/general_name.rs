//! GeneralNames, as they stand in subjectAltNames, name constraints and distribution points.
//!
//! Only the forms that are compared somewhere are taken apart. The others are checked, because OpenSSL reads no
//! certificate in which they are malformed, and are kept as they stand. Text is kept as octets: whether a DNS name is
//! one is for those to judge that compare it.

use std::borrow::Cow;

use super::der::{self, Element, Reader, context};
use super::name::{Name, canonical_capacity};

/// A GeneralName (RFC 5280, section 4.2.1.6), in the form in which two are compared (`GENERAL_NAME_cmp` in OpenSSL).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum GeneralName<'a> {
    /// Canonical, see [`Name::canonical`].
    Directory(Cow<'a, [u8]>),
    /// An IA5String of any octets.
    Dns(Cow<'a, [u8]>),
    /// rfc822Name, not checked.
    Email(Cow<'a, [u8]>),
    /// An address, or in name constraints an address and a mask. The length is not checked.
    Ip(Cow<'a, [u8]>),
    /// The whole URI, not checked.
    Uri(Cow<'a, [u8]>),
    /// An otherName: its type-id, and the value with its header.
    Other {
        id: Cow<'a, [u8]>,
        value: Cow<'a, [u8]>,
    },
    /// x400Address, ediPartyName or registeredID.
    Unused { tag: u8, content: Cow<'a, [u8]> },
}

/// GeneralNames that were checked when they were read.
///
/// The names themselves are read again each time that they are looked at, which costs less than to keep them.
#[derive(Clone, Debug, Default)]
pub(crate) struct GeneralNames<'a>(Cow<'a, [u8]>);

impl<'a> GeneralNames<'a> {
    /// Reads the items of a GeneralNames.
    ///
    /// `None` if one of them is malformed. An empty list is accepted.
    pub(crate) fn read(items: Reader<'a>) -> Option<Self> {
        let mut reader = items;
        while !reader.is_empty() {
            GeneralName::read(&mut reader)?;
        }
        Some(Self::of_checked(items.rest()))
    }

    /// Takes content that was read before.
    pub(crate) fn of_checked(content: &'a [u8]) -> Self {
        Self(content.into())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = GeneralName<'_>> {
        names_in(&self.0)
    }

    pub(crate) fn into_owned(self) -> GeneralNames<'static> {
        GeneralNames(self.0.into_owned().into())
    }

    /// Returns the first directoryName, canonical: OpenSSL looks at no other.
    pub(crate) fn directory(&self) -> Option<Vec<u8>> {
        self.iter().find_map(|name| match name {
            GeneralName::Directory(canonical) => Some(canonical.into_owned()),
            _ => None,
        })
    }
}

/// GeneralNames are equal if their names are.
impl PartialEq for GeneralNames<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for GeneralNames<'_> {}

/// Returns the names in content that was read before.
///
/// It ends at the first name that cannot be read, which content that was read before does not have.
pub(crate) fn names_in(content: &[u8]) -> impl Iterator<Item = GeneralName<'_>> {
    let mut reader = Reader::of_checked(content);
    std::iter::from_fn(move || GeneralName::read(&mut reader))
}

impl<'a> GeneralName<'a> {
    /// Reads one name. Directory names are made canonical at once, as they are only ever compared.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let element = reader.next()?;
        Some(match element.tag {
            OTHER_NAME => other_name(element)?,
            RFC822_NAME => Self::Email(element.string()?),
            DNS_NAME => Self::Dns(element.string()?),
            DIRECTORY_NAME => {
                let mut canonical = Vec::with_capacity(canonical_capacity(element.content.len()));
                Name::read_canonical(&mut element.explicit()?, &mut canonical)?;
                Self::Directory(canonical.into())
            }
            URI => Self::Uri(element.string()?),
            IP_ADDRESS => Self::Ip(element.string()?),
            tag => {
                match tag {
                    X400_ADDRESS => element.fields().map(drop)?,
                    EDI_PARTY_NAME => edi_party_name(element)?,
                    REGISTERED_ID => element.object_identifier().map(drop)?,
                    _ => return None,
                }
                let content = element.content.into();
                Self::Unused { tag, content }
            }
        })
    }

    /// Copies what is borrowed.
    pub(crate) fn into_owned(self) -> GeneralName<'static> {
        let owned = |octets: Cow<'_, [u8]>| Cow::Owned(octets.into_owned());
        match self {
            Self::Directory(name) => GeneralName::Directory(owned(name)),
            Self::Dns(name) => GeneralName::Dns(owned(name)),
            Self::Email(name) => GeneralName::Email(owned(name)),
            Self::Ip(name) => GeneralName::Ip(owned(name)),
            Self::Uri(name) => GeneralName::Uri(owned(name)),
            Self::Other { id, value } => GeneralName::Other {
                id: owned(id),
                value: owned(value),
            },
            Self::Unused { tag, content } => GeneralName::Unused {
                tag,
                content: owned(content),
            },
        }
    }

    /// Whether the name is the directory name `canonical`.
    pub(crate) fn is_directory(&self, canonical: &[u8]) -> bool {
        matches!(self, Self::Directory(name) if **name == *canonical)
    }
}

/// Reads an otherName: its value is of any type, in an explicit tag.
fn other_name(element: Element<'_>) -> Option<GeneralName<'_>> {
    let mut fields = element.fields()?;
    let id = fields.object_identifier()?;
    let value = fields.expect(context(0))?.explicit()?.next()?;
    fields.end()?;
    value.any()?;
    Some(GeneralName::Other {
        id: id.into(),
        value: value.raw.into(),
    })
}

/// Checks an EDIPartyName, which is never compared with anything.
fn edi_party_name(element: Element<'_>) -> Option<()> {
    let directory_string = |element: Element<'_>| {
        let inner = element.explicit()?.next()?;
        DIRECTORY_STRING.contains(&inner.tag).then_some(())?;
        inner.any()
    };
    let mut fields = element.fields()?;
    if let Some(assigner) = fields.optional(context(0))? {
        directory_string(assigner)?;
    }
    directory_string(fields.expect(context(1))?)?;
    fields.end()
}

/// The tags of the forms (RFC 5280, section 4.2.1.6).
const OTHER_NAME: u8 = context(0);
const RFC822_NAME: u8 = context(1);
const DNS_NAME: u8 = context(2);
const X400_ADDRESS: u8 = context(3);
const DIRECTORY_NAME: u8 = context(4);
const EDI_PARTY_NAME: u8 = context(5);
const URI: u8 = context(6);
const IP_ADDRESS: u8 = context(7);
const REGISTERED_ID: u8 = context(8);

/// The types of a DirectoryString.
const DIRECTORY_STRING: &[u8] = &[
    der::UTF8_STRING,
    der::PRINTABLE_STRING,
    der::T61_STRING,
    der::UNIVERSAL_STRING,
    der::BMP_STRING,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::test_pki::{UTF8, canonical, cn, oid, tlv};

    #[test]
    fn names_of_every_form_are_read_compared_and_kept() {
        let other = [oid(&[0x2a]), tlv(0xa0, &tlv(UTF8, b"x"))].concat();
        let party = tlv(0xa1, &tlv(UTF8, b"x"));
        let unused = |tag, content: &[u8]| GeneralName::Unused {
            tag,
            content: content.to_vec().into(),
        };
        let octets = |octets: &[u8]| Cow::Owned(octets.to_vec());
        let forms = [
            (
                tlv(0xa0, &other),
                GeneralName::Other {
                    id: octets(&[0x2a]),
                    value: octets(&tlv(UTF8, b"x")),
                },
            ),
            (tlv(0x81, b"a"), GeneralName::Email(octets(b"a"))),
            (tlv(0x82, b"a"), GeneralName::Dns(octets(b"a"))),
            (tlv(0xa3, b"a"), unused(0x83, b"a")),
            (
                tlv(0xa4, &cn(" A")),
                GeneralName::Directory(octets(&canonical("a"))),
            ),
            (tlv(0xa5, &party), unused(0x85, &party)),
            (tlv(0x86, b"a"), GeneralName::Uri(octets(b"a"))),
            (tlv(0x87, b"a"), GeneralName::Ip(octets(b"a"))),
            (tlv(0x88, b"a"), unused(0x88, b"a")),
        ];
        for (der, expected) in &forms {
            let found = GeneralName::read(&mut Reader::new(der)).unwrap();
            assert_eq!(found, *expected, "{der:02x?}");
            assert_eq!(found.into_owned(), *expected, "{der:02x?}");
        }
        let all = forms.each_ref().map(|(der, _)| der.clone()).concat();
        let names = names(&all);
        assert!(names.iter().eq(forms.iter().map(|(_, name)| name.clone())));
        assert_eq!(names.clone().into_owned(), names);
        assert_eq!(names.directory(), Some(canonical("a")));
        for tag in [0x83, 0x85, 0x88] {
            let der = tlv(tag, &[0xff]);
            assert_eq!(GeneralName::read(&mut Reader::new(&der)), None, "{tag:02x}");
        }
    }

    #[test]
    fn names_are_equal_if_all_of_them_are_in_the_same_order() {
        let (a, b) = (tlv(0x82, b"a"), tlv(0x82, b"b"));
        let (ab, ba) = ([&*a, &b].concat(), [&*b, &a].concat());
        // The same name in two pieces.
        let pieces = tlv(0xa2, &[tlv(0x16, b""), tlv(0x16, b"a")].concat());
        let all = [&[][..], &a, &b, &ab, &ba];
        for one in all {
            for other in all {
                assert_eq!(
                    names(one) == names(other),
                    one == other,
                    "{one:?} {other:?}"
                );
            }
            assert_eq!(names(one).is_empty(), one.is_empty());
        }
        assert_eq!(names(&a), names(&pieces));
    }

    #[test]
    fn only_the_first_directory_name_counts() {
        let directory = |text| tlv(0xa4, &cn(text));
        let both = [directory("B"), tlv(0x82, b"x"), directory("A")].concat();
        assert_eq!(names(&both).directory(), Some(canonical("b")));
        assert_eq!(names(&tlv(0x82, b"x")).directory(), None);
        assert_eq!(names(&[]).directory(), None);
        let der = directory("a");
        let name = GeneralName::read(&mut Reader::new(&der)).unwrap();
        assert!(name.is_directory(&canonical("a")));
        assert!(!name.is_directory(&canonical("b")) && !name.is_directory(&[]));
        assert!(!GeneralName::Dns(canonical("a").into()).is_directory(&canonical("a")));
    }

    #[track_caller]
    fn names(content: &[u8]) -> GeneralNames<'_> {
        GeneralNames::read(Reader::new(content)).unwrap()
    }
}
