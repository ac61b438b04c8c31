//! Where a certificate says that its revocation lists are, and which certificates a list says that it covers.
//!
//! The two belong together: a list with an issuingDistributionPoint (RFC 5280, section 5.2.5) answers only for
//! certificates whose cRLDistributionPoints (section 4.2.1.13) name the same point. The comparison is OpenSSL's
//! `idp_check_dp`. URLs are also what `tls-crl` = `fetch` fetches from.
//!
//! A certificate or list with a malformed one is invalid or refused: without the extension it would cover more.

use std::borrow::Cow;

use super::der::{self, Element, Reader, context};
use super::extension;
use super::general_name::{GeneralName, GeneralNames};
use super::name;

/// A place where, according to a certificate, its revocation lists are found (RFC 5280, section 4.2.1.13).
#[derive(Clone, Debug)]
pub(crate) struct DistributionPoint<'a> {
    /// Absent if the point says only who issues the list.
    pub(crate) name: Option<PointName<'a>>,
    /// For which reasons a list from this point can revoke; all if the point does not say.
    pub(crate) reasons: Reasons,
    /// Who issues the list, if it is not the certificate's issuer.
    pub(crate) crl_issuers: Option<GeneralNames<'a>>,
}

/// The certificates that a revocation list covers, according to the list (RFC 5280, section 5.2.5).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct IssuingDistributionPoint<'a> {
    /// The point that the list is published at; a certificate has to name it.
    pub(crate) name: Option<PointName<'a>>,
    /// Certificates that are no CA's.
    pub(crate) only_user: bool,
    /// Certificates of CAs.
    pub(crate) only_ca: bool,
    /// Attribute certificates, which TLS does not use.
    pub(crate) only_attribute: bool,
    /// OpenSSL uses such a list only with extended CRL support.
    pub(crate) only_some_reasons: bool,
    /// The list has entries for certificates of other issuers. OpenSSL uses it only with extended CRL support, too.
    pub(crate) is_indirect: bool,
}

/// The DistributionPointName of either extension.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PointName<'a> {
    /// One or more names of the same point, mostly URLs.
    Full(GeneralNames<'a>),
    /// A part of a directory name, below the name of the list's issuer.
    Relative(RelativeName<'a>),
}

/// A name in two canonical parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RelativeName<'a> {
    /// The name that the fragment is relative to.
    base: Cow<'a, [u8]>,
    /// What is added to that name, see [`name::canonical_fragment`].
    fragment: Vec<u8>,
}

/// Reasons for revocation, as a mask.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Reasons(u16);

impl Reasons {
    /// Bit 1 (keyCompromise) to bit 8 (aACompromise); bit 0 is unused.
    pub(crate) const ALL: Self = Self(0x807f);

    /// Bits that have no meaning are dropped.
    fn read(element: Element<'_>) -> Option<Self> {
        Some(Self(element.bit_string()?.flags() & Self::ALL.0))
    }

    /// All reasons of both.
    pub(crate) fn with(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// Whether all of `self` are among `others`.
    pub(crate) fn are_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }
}

impl<'a> DistributionPoint<'a> {
    /// Checks the value of a certificate's cRLDistributionPoints; `issuer` is the certificate's issuer, canonical.
    ///
    /// `None` if a point is malformed: then OpenSSL holds the whole certificate to be invalid.
    pub(crate) fn check_all(value: &'a [u8], issuer: &'a [u8]) -> Option<()> {
        let mut points = extension::value(value, der::SEQUENCE)?.items();
        while !points.is_empty() {
            Self::read(points.sequence()?, issuer)?;
        }
        Some(())
    }

    /// Returns the points of a value that was checked before.
    pub(crate) fn all(value: &'a [u8], issuer: &'a [u8]) -> impl Iterator<Item = Self> {
        let points = Reader::of_checked(value).expect(der::SEQUENCE);
        let mut points = points.map_or_else(Reader::default, |points| points.items());
        std::iter::from_fn(move || Self::read(points.sequence()?, issuer))
    }

    /// Reads a point. One with neither a name nor a cRLIssuer makes the certificate invalid, as in OpenSSL.
    fn read(mut fields: Reader<'a>, issuer: &'a [u8]) -> Option<Self> {
        let name = fields.optional(context(0))?;
        let reasons = fields.optional(context(1))?;
        let issuers = fields.optional(context(2))?;
        fields.end()?;
        let names = match issuers {
            Some(issuers) => GeneralNames::read(issuers.items())?,
            None => GeneralNames::default(),
        };
        if name.is_none() && names.is_empty() {
            return None;
        }
        let base = || names.directory().map_or(Cow::Borrowed(issuer), Cow::Owned);
        Some(Self {
            name: PointName::read_optional(name, base)?,
            reasons: reasons.map_or(Some(Reasons::ALL), Reasons::read)?,
            crl_issuers: issuers.map(|_| names),
        })
    }
}

impl<'a> IssuingDistributionPoint<'a> {
    /// Reads the value of a list's issuingDistributionPoint; `issuer` is the list's issuer, canonical.
    pub(crate) fn read(value: &'a [u8], issuer: &'a [u8]) -> Option<Self> {
        let mut fields = extension::value(value, der::SEQUENCE)?.fields()?;
        let name = fields.optional(context(0))?;
        let mut flag = |number| match fields.optional(context(number))? {
            Some(flag) => flag.boolean(),
            None => Some(false),
        };
        let (only_user, only_ca) = (flag(1)?, flag(2)?);
        let reasons = fields.optional(context(3))?;
        let mut flag = |number| match fields.optional(context(number))? {
            Some(flag) => flag.boolean(),
            None => Some(false),
        };
        let (is_indirect, only_attribute) = (flag(4)?, flag(5)?);
        fields.end()?;
        if let Some(reasons) = reasons {
            Reasons::read(reasons)?;
        }
        Some(Self {
            name: PointName::read_optional(name, || issuer.into())?,
            only_user,
            only_ca,
            only_attribute,
            only_some_reasons: reasons.is_some(),
            is_indirect,
        })
    }

    /// Copies what is borrowed from the list.
    pub(crate) fn into_owned(self) -> IssuingDistributionPoint<'static> {
        IssuingDistributionPoint {
            name: self.name.map(PointName::into_owned),
            only_user: self.only_user,
            only_ca: self.only_ca,
            only_attribute: self.only_attribute,
            only_some_reasons: self.only_some_reasons,
            is_indirect: self.is_indirect,
        }
    }

    /// Whether the list is said to be limited to more than one kind of certificates.
    ///
    /// OpenSSL sets `IDP_INVALID` for it, and does not use the list.
    pub(crate) fn is_contradictory(&self) -> bool {
        let only = [self.only_user, self.only_ca, self.only_attribute];
        only.iter().filter(|only| **only).count() > 1
    }
}

impl<'a> PointName<'a> {
    /// Whether both may be the same point (`idp_check_dp` in OpenSSL).
    ///
    /// Two full names are the same point if they have one name in common. A relative name is compared with the
    /// directory names of a full one.
    pub(crate) fn meets(&self, other: &PointName<'_>) -> bool {
        match (self, other) {
            (Self::Relative(a), PointName::Relative(b)) => a.octets().eq(b.octets()),
            (Self::Relative(name), PointName::Full(names)) => name.is_among(names),
            (Self::Full(names), PointName::Relative(name)) => name.is_among(names),
            (Self::Full(a), PointName::Full(b)) => {
                let others: Vec<_> = b.iter().collect();
                a.iter().any(|name| others.contains(&name))
            }
        }
    }

    fn into_owned(self) -> PointName<'static> {
        match self {
            Self::Full(names) => PointName::Full(names.into_owned()),
            Self::Relative(name) => PointName::Relative(RelativeName {
                base: name.base.into_owned().into(),
                fragment: name.fragment,
            }),
        }
    }

    /// Reads the name of a point. `base` is what a relative name is relative to; it is made only if needed.
    fn read_optional(
        element: Option<Element<'a>>,
        base: impl FnOnce() -> Cow<'a, [u8]>,
    ) -> Option<Option<Self>> {
        let Some(element) = element else {
            return Some(None);
        };
        let choice = element.explicit()?.next()?;
        let name = if choice.tag == context(0) {
            Self::Full(GeneralNames::read(choice.items())?)
        } else if choice.tag == context(1) {
            let fragment = name::canonical_fragment(choice.items())?;
            Self::Relative(RelativeName {
                base: base(),
                fragment,
            })
        } else {
            return None;
        };
        Some(Some(name))
    }
}

impl RelativeName<'_> {
    /// The whole name, in canonical form.
    fn octets(&self) -> impl Iterator<Item = u8> {
        self.base.iter().chain(&self.fragment).copied()
    }

    /// Whether one of the names is the same directory name.
    fn is_among(&self, names: &GeneralNames<'_>) -> bool {
        names.iter().any(|name| {
            let GeneralName::Directory(name) = name else {
                return false;
            };
            name.strip_prefix(&*self.base) == Some(&*self.fragment)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::test_pki::{
        COMMON_NAME, UTF8, attribute, bit_string, boolean, canonical, cn, seq, tlv,
    };

    #[test]
    fn reasons_are_the_bits_from_1_to_8() {
        let one = |bit: u32| reasons((0x8000_u16 >> bit).to_be_bytes());
        assert_eq!(reasons([0xff, 0xff]), Reasons::ALL);
        assert_eq!(reasons([0, 0]), Reasons::default());
        let mut union = Reasons::default();
        for bit in 0..16 {
            let reason = one(bit);
            let is_known = (1..=8).contains(&bit);
            assert_eq!(reason == Reasons::default(), !is_known, "{bit}");
            assert!(reason.are_within(Reasons::ALL) && reason.are_within(reason));
            assert_eq!(reason.are_within(union), !is_known, "{bit}");
            assert_eq!(Reasons::ALL.are_within(union), bit > 8, "{bit}");
            assert_eq!(reason.with(reason), reason, "{bit}");
            let more = union.with(reason);
            assert!(union.are_within(more) && reason.are_within(more));
            assert_eq!(more.are_within(union), !is_known, "{bit}");
            union = more;
        }
        assert_eq!(union, Reasons::ALL);
        let bits = |der: &[u8]| Reasons::read(Reader::new(der).next()?);
        // In one octet, in three, and beside unused bits.
        assert_eq!(bits(&[0x81, 2, 0, 0x60]), Some(one(1).with(one(2))));
        assert_eq!(
            bits(&[0x81, 4, 0, 0x40, 0x80, 0xff]),
            Some(one(1).with(one(8)))
        );
        assert_eq!(bits(&[0x81, 2, 6, 0x7f]), Some(one(1)));
        assert_eq!(bits(&[0x81, 1, 0]), Some(Reasons::default()));
        assert_eq!(bits(&[0x81, 0]), None);
    }

    #[test]
    fn a_point_has_a_name_reasons_and_an_issuer() {
        let issuer = canonical("ca");
        let other = tlv(0xa2, &directory("Other"));
        let point = |fields: &[Vec<u8>]| {
            let value = seq(&[seq(fields), seq(&[full(&[uri("last")])])]);
            DistributionPoint::check_all(&value, &issuer)?;
            let mut points = DistributionPoint::all(&value, &issuer);
            let first = points.next().unwrap();
            assert!(points.next().is_some() && points.next().is_none());
            let has_name = first.name.is_some();
            let crl_issuer = first.crl_issuers.map(|names| names.directory());
            Some((has_name, first.reasons, crl_issuer))
        };
        let name = || full(&[uri("a")]);
        let crl_issuer = || Some(Some(canonical("other")));
        let some = || tlv(0x81, &[0, 0x60]);
        let reasons = reasons([0x60, 0]);
        assert_eq!(point(&[name()]), Some((true, Reasons::ALL, None)));
        assert_eq!(point(&[name(), some()]), Some((true, reasons, None)));
        let alone = point(std::slice::from_ref(&other));
        assert_eq!(alone, Some((false, Reasons::ALL, crl_issuer())));
        let whole = point(&[name(), some(), other.clone()]);
        assert_eq!(whole, Some((true, reasons, crl_issuer())));
        let no_issuer = point(&[name(), tlv(0xa2, &[])]);
        assert_eq!(no_issuer, Some((true, Reasons::ALL, Some(None))));
        let malformed = [
            vec![],
            vec![some()],
            vec![tlv(0xa2, &[])],
            vec![other.clone(), name()],
            vec![some(), name()],
            vec![name(), tlv(0x81, &[])],
            vec![name(), tlv(0xa2, &[0x82])],
            vec![name(), other, tlv(0x83, &[])],
            vec![tlv(0xa0, &tlv(0xa2, &uri("a")))],
            vec![tlv(0xa0, &tlv(0xa0, &[0x86]))],
        ];
        for fields in malformed {
            assert_eq!(point(&fields), None, "{fields:02x?}");
        }
        assert_eq!(DistributionPoint::all(&[0x30, 1, 0], &issuer).count(), 0);
    }

    #[test]
    fn a_list_covers_what_its_flags_say() {
        let flag = |number: u8, octet: u8| tlv(0x80 | number, &[octet]);
        let nothing = IssuingDistributionPoint::default;
        let cases = [
            (vec![], nothing()),
            (
                vec![flag(1, 0), flag(2, 0), flag(4, 0), flag(5, 0)],
                nothing(),
            ),
            (
                vec![flag(1, 0xff)],
                IssuingDistributionPoint {
                    only_user: true,
                    ..nothing()
                },
            ),
            (
                vec![flag(2, 1)],
                IssuingDistributionPoint {
                    only_ca: true,
                    ..nothing()
                },
            ),
            (
                vec![tlv(0x83, &[0, 0x60])],
                IssuingDistributionPoint {
                    only_some_reasons: true,
                    ..nothing()
                },
            ),
            (
                vec![flag(4, 0xff)],
                IssuingDistributionPoint {
                    is_indirect: true,
                    ..nothing()
                },
            ),
            (
                vec![flag(5, 0xff)],
                IssuingDistributionPoint {
                    only_attribute: true,
                    ..nothing()
                },
            ),
        ];
        for (fields, expected) in cases {
            let value = seq(&fields);
            let found = IssuingDistributionPoint::read(&value, &[]);
            assert_eq!(found.as_ref(), Some(&expected), "{fields:02x?}");
            assert_eq!(
                found.map(IssuingDistributionPoint::into_owned),
                Some(expected)
            );
        }
        let malformed = [
            vec![tlv(0xa1, &boolean(true))],
            vec![tlv(0x81, &[1, 1])],
            vec![tlv(0x81, &[])],
            vec![tlv(0x83, &[])],
            vec![flag(2, 1), flag(1, 1)],
            vec![flag(5, 1), flag(4, 1)],
            vec![flag(6, 1)],
        ];
        for fields in malformed {
            let value = seq(&fields);
            assert_eq!(
                IssuingDistributionPoint::read(&value, &[]),
                None,
                "{fields:02x?}"
            );
        }
        for flags in 0..8_u8 {
            let scope = IssuingDistributionPoint {
                only_user: flags & 1 != 0,
                only_ca: flags & 2 != 0,
                only_attribute: flags & 4 != 0,
                ..nothing()
            };
            assert_eq!(scope.is_contradictory(), flags.count_ones() > 1, "{flags}");
        }
    }

    #[test]
    fn points_meet_if_they_share_a_name() {
        let text = |text: &str| attribute(COMMON_NAME, UTF8, text.as_bytes());
        let ca = canonical("ca");
        let under_ca = |text: &str| tlv(0xa4, &seq(&[canonical("ca"), canonical(text)]));
        let [a, b, c] = ["a", "b", "c"].map(|text| move || uri(text));
        // `x` stands for `CN=ca, CN=x`.
        let x = || relative(&[text("X")]);
        let cases = [
            (full(&[a()]), full(&[a()]), true),
            (full(&[a(), b()]), full(&[c(), b()]), true),
            (full(&[a()]), full(&[b()]), false),
            (full(&[a(), b()]), full(&[c()]), false),
            (full(&[a()]), full(&[]), false),
            (full(&[]), full(&[]), false),
            (full(&[uri("a")]), full(&[tlv(0x82, b"a")]), false),
            (full(&[directory("A")]), full(&[directory("a ")]), true),
            (x(), x(), true),
            (x(), relative(&[text(" x")]), true),
            (x(), relative(&[text("y")]), false),
            (x(), relative(&[]), false),
            (relative(&[]), relative(&[]), true),
            (x(), full(&[under_ca("x")]), true),
            (x(), full(&[a(), directory("x"), under_ca("x")]), true),
            (x(), full(&[under_ca("y")]), false),
            (x(), full(&[directory("x")]), false),
            (x(), full(&[directory("ca")]), false),
            (relative(&[]), full(&[directory("ca")]), true),
            (x(), full(&[a()]), false),
            (x(), full(&[]), false),
            // The whole names count, not where their parts end.
            (
                relative(&[text("x"), text("y")]),
                relative(&[text("x"), text("y")]),
                true,
            ),
            (
                relative(&[text("x"), text("y")]),
                relative(&[text("y"), text("x")]),
                false,
            ),
        ];
        for (one, other, meet) in cases {
            let [one, other] = [one, other].map(|name| seq(&[name]));
            let [first, second] = [&one, &other].map(|value| {
                let scope = IssuingDistributionPoint::read(value, &ca).unwrap();
                let owned = scope.clone().into_owned();
                assert_eq!(owned, scope);
                owned.name.unwrap()
            });
            assert_eq!(first.meets(&second), meet, "{one:02x?} {other:02x?}");
            assert_eq!(second.meets(&first), meet, "{one:02x?} {other:02x?}");
        }
    }

    #[test]
    fn a_relative_name_is_one_below_the_issuer_of_the_list() {
        let name = || relative(&[attribute(COMMON_NAME, UTF8, b"x")]);
        let ca = canonical("ca");
        let of_list = seq(&[name()]);
        let of_list = IssuingDistributionPoint::read(&of_list, &ca).unwrap().name;
        let meets = |fields: &[Vec<u8>], issuer: &[u8]| {
            let value = seq(&[seq(fields)]);
            let found = DistributionPoint::all(&value, issuer).next().unwrap().name;
            found.unwrap().meets(of_list.as_ref().unwrap())
        };
        let crl_issuer = |names: &[Vec<u8>]| tlv(0xa2, &names.concat());
        let other = canonical("other");
        assert!(meets(&[name()], &ca) && !meets(&[name()], &other));
        let named = [name(), crl_issuer(&[uri("a"), directory("ca")])];
        assert!(meets(&named, &other));
        let named = [name(), crl_issuer(&[directory("other")])];
        assert!(!meets(&named, &ca));
        let unnamed = [name(), crl_issuer(&[uri("a")])];
        assert!(meets(&unnamed, &ca) && !meets(&unnamed, &other));
    }

    fn reasons(octets: [u8; 2]) -> Reasons {
        let der = bit_string(&octets);
        Reasons::read(Reader::new(&der).next().unwrap()).unwrap()
    }

    fn full(names: &[Vec<u8>]) -> Vec<u8> {
        tlv(0xa0, &tlv(0xa0, &names.concat()))
    }

    fn relative(attributes: &[Vec<u8>]) -> Vec<u8> {
        tlv(0xa0, &tlv(0xa1, &attributes.concat()))
    }

    fn uri(text: &str) -> Vec<u8> {
        tlv(0x86, text.as_bytes())
    }

    fn directory(text: &str) -> Vec<u8> {
        tlv(0xa4, &cn(text))
    }
}
