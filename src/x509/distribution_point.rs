use std::sync::Arc;

use super::der::{self, Element, Reader, context};
use super::extension;
use super::general_name::{GeneralName, GeneralNames};
use super::name;

/// Where a certificate says that its revocation lists are found (RFC 5280, section 4.2.1.13).
#[derive(Clone, Debug)]
pub(crate) struct DistributionPoint {
    pub(crate) name: Option<PointName>,
    pub(crate) reasons: Reasons,
    pub(crate) crl_issuers: Option<Vec<GeneralName<'static>>>,
}

/// What a revocation list says that it covers (RFC 5280, section 5.2.5).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct IssuingDistributionPoint {
    pub(crate) name: Option<PointName>,
    pub(crate) only_user: bool,
    pub(crate) only_ca: bool,
    pub(crate) only_attribute: bool,
    pub(crate) only_some_reasons: bool,
    pub(crate) is_indirect: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PointName {
    Full(Vec<GeneralName<'static>>),
    Relative(RelativeName),
}

/// A name in two canonical parts. Many points may share the first one, which may be long.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RelativeName {
    /// What the fragment is relative to.
    base: Arc<[u8]>,
    fragment: Box<[u8]>,
}

/// Reasons for revocation, as a mask.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Reasons(u16);

impl Reasons {
    /// Bit 1 (keyCompromise) to bit 8 (aACompromise); bit 0 is unused.
    pub(crate) const ALL: Self = Self(0x807f);

    fn read(element: Element<'_>) -> Option<Self> {
        let bits = element.bit_string()?;
        let octet = |i: usize| u16::from(bits.octets.get(i).copied().unwrap_or(0));
        Some(Self((octet(0) | octet(1) << 8) & Self::ALL.0))
    }

    pub(crate) fn with(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// Whether all of `self` are among `others`.
    pub(crate) fn are_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }
}

impl DistributionPoint {
    /// Reads the value of a certificate's cRLDistributionPoints; `issuer` is the certificate's, canonical.
    pub(crate) fn read_all(value: &[u8], issuer: &[u8]) -> Option<Vec<Self>> {
        let mut points = extension::value(value, der::SEQUENCE)?.items();
        let issuer = Arc::from(issuer);
        let mut all = Vec::new();
        while !points.is_empty() {
            all.push(Self::read(points.sequence()?, &issuer)?);
        }
        Some(all)
    }

    /// OpenSSL holds a certificate for invalid that has a point which says neither where nor who.
    fn read(mut fields: Reader<'_>, issuer: &Arc<[u8]>) -> Option<Self> {
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
        let base = names.directory().map(Arc::from);
        Some(Self {
            name: PointName::read_optional(name, base.as_ref().unwrap_or(issuer))?,
            reasons: reasons.map_or(Some(Reasons::ALL), Reasons::read)?,
            crl_issuers: issuers.map(|_| names.iter().map(GeneralName::into_owned).collect()),
        })
    }
}

impl IssuingDistributionPoint {
    /// Reads the value of a list's issuingDistributionPoint; `issuer` is the list's, canonical.
    pub(crate) fn read(value: &[u8], issuer: &[u8]) -> Option<Self> {
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
            name: PointName::read_optional(name, &Arc::from(issuer))?,
            only_user,
            only_ca,
            only_attribute,
            only_some_reasons: reasons.is_some(),
            is_indirect,
        })
    }

    /// Whether more than one kind of certificates is said to be the only one.
    pub(crate) fn is_contradictory(&self) -> bool {
        let only = [self.only_user, self.only_ca, self.only_attribute];
        only.iter().filter(|only| **only).count() > 1
    }
}

impl PointName {
    /// Whether both may be the same point (`idp_check_dp` in OpenSSL).
    pub(crate) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Relative(a), Self::Relative(b)) => a.octets().eq(b.octets()),
            (Self::Relative(name), Self::Full(names))
            | (Self::Full(names), Self::Relative(name)) => {
                names.iter().any(|candidate| name.is_named(candidate))
            }
            (Self::Full(a), Self::Full(b)) => a.iter().any(|name| b.contains(name)),
        }
    }

    fn read_optional(element: Option<Element<'_>>, base: &Arc<[u8]>) -> Option<Option<Self>> {
        let Some(element) = element else {
            return Some(None);
        };
        let choice = element.explicit()?.next()?;
        let name = if choice.tag == context(0) {
            let names = GeneralNames::read(choice.items())?;
            Self::Full(names.iter().map(GeneralName::into_owned).collect())
        } else if choice.tag == context(1) {
            let fragment = name::canonical_fragment(choice.items())?;
            Self::Relative(RelativeName {
                base: Arc::clone(base),
                fragment: fragment.into(),
            })
        } else {
            return None;
        };
        Some(Some(name))
    }
}

impl RelativeName {
    fn octets(&self) -> impl Iterator<Item = u8> {
        self.base.iter().chain(&self.fragment).copied()
    }

    fn is_named(&self, name: &GeneralName<'_>) -> bool {
        let GeneralName::Directory(name) = name else {
            return false;
        };
        name.strip_prefix(&*self.base) == Some(&*self.fragment)
    }
}
