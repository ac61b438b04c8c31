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
        let bits = element.bit_string()?;
        let octet = |i: usize| u16::from(bits.octets.get(i).copied().unwrap_or(0));
        Some(Self((octet(0) | octet(1) << 8) & Self::ALL.0))
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
