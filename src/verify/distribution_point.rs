use super::der::{self, Reader};
use super::distinguished_name;
use super::general_name::GeneralName;

/// Where a certificate says its revocation lists are found (RFC 5280, section 4.2.1.13).
#[derive(Clone, Debug)]
pub(crate) struct DistributionPoint {
    pub(crate) name: Option<PointName>,
    /// A mask within [`ALL_REASONS`].
    pub(crate) reasons: u16,
    pub(crate) crl_issuers: Option<Vec<GeneralName>>,
}

/// What a revocation list says it covers (RFC 5280, section 5.2.5).
#[derive(Clone, Debug, Default)]
pub(crate) struct IssuingDistributionPoint {
    pub(crate) name: Option<PointName>,
    pub(crate) only_user: bool,
    pub(crate) only_ca: bool,
    pub(crate) only_attribute: bool,
    pub(crate) only_some_reasons: bool,
    pub(crate) is_indirect: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum PointName {
    Full(Vec<GeneralName>),
    /// The whole name, canonical: what the fragment is relative to comes first.
    Relative(Vec<u8>),
}

impl DistributionPoint {
    /// Reads the value of a certificate's cRLDistributionPoints; `issuer` is the certificate's, canonical.
    pub(crate) fn parse_all(value: &[u8], issuer: &[u8]) -> Option<Vec<Self>> {
        let mut outer = Reader::new(value);
        let mut points = Reader::new(outer.expect(der::SEQUENCE)?);
        outer.end()?;
        let mut all = Vec::new();
        while !points.is_empty() {
            all.push(Self::parse(points.expect(der::SEQUENCE)?, issuer)?);
        }
        Some(all)
    }

    fn parse(content: &[u8], issuer: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(content);
        let name = reader.optional(0xa0)?;
        let reasons = reader.optional(0x81)?;
        let crl_issuers = reader.optional(0xa2)?;
        reader.end()?;
        let crl_issuers = match crl_issuers {
            Some(names) => Some(GeneralName::parse_all(names)?),
            None => None,
        };
        // OpenSSL holds a point that says neither where nor who for an invalid certificate.
        if name.is_none() && crl_issuers.as_ref().is_none_or(Vec::is_empty) {
            return None;
        }
        let mut stated_issuers = crl_issuers.iter().flatten();
        let base = stated_issuers.find_map(|name| match name {
            GeneralName::Directory(canonical) => Some(canonical.as_slice()),
            GeneralName::Other { .. } => None,
        });
        Some(Self {
            name: PointName::parse_optional(name, base.unwrap_or(issuer))?,
            reasons: match reasons {
                Some(bits) => reason_mask(&der::bits(bits)?),
                None => ALL_REASONS,
            },
            crl_issuers,
        })
    }
}

impl IssuingDistributionPoint {
    /// Reads the value of a list's issuingDistributionPoint; `issuer` is the list's, canonical.
    pub(crate) fn parse(value: &[u8], issuer: &[u8]) -> Option<Self> {
        let mut outer = Reader::new(value);
        let mut reader = Reader::new(outer.expect(der::SEQUENCE)?);
        outer.end()?;
        let name = reader.optional(0xa0)?;
        let this = Self {
            name: PointName::parse_optional(name, issuer)?,
            only_user: flag(&mut reader, 0x81)?,
            only_ca: flag(&mut reader, 0x82)?,
            only_some_reasons: match reader.optional(0x83)? {
                Some(bits) => der::bits(bits).map(|_| true)?,
                None => false,
            },
            is_indirect: flag(&mut reader, 0x84)?,
            only_attribute: flag(&mut reader, 0x85)?,
        };
        reader.end()?;
        Some(this)
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
            (Self::Relative(a), Self::Relative(b)) => a == b,
            (Self::Relative(name), Self::Full(names))
            | (Self::Full(names), Self::Relative(name)) => {
                names.iter().any(|candidate| candidate.is_directory(name))
            }
            (Self::Full(a), Self::Full(b)) => a.iter().any(|name| b.contains(name)),
        }
    }

    fn parse_optional(content: Option<&[u8]>, base: &[u8]) -> Option<Option<Self>> {
        let Some(content) = content else {
            return Some(None);
        };
        let mut reader = Reader::new(content);
        let choice = reader.next()?;
        reader.end()?;
        match choice.tag {
            0xa0 => GeneralName::parse_all(choice.content).map(Self::Full),
            0xa1 => distinguished_name::canonical_fragment(choice.content)
                .map(|fragment| Self::Relative([base, &fragment].concat())),
            _ => None,
        }
        .map(Some)
    }
}

fn flag(reader: &mut Reader<'_>, tag: u8) -> Option<bool> {
    match reader.optional(tag)? {
        Some([value]) => Some(*value != 0),
        Some(_) => None,
        None => Some(false),
    }
}

fn reason_mask(octets: &[u8]) -> u16 {
    let octet = |i: usize| u16::from(octets.get(i).copied().unwrap_or(0));
    (octet(0) | octet(1) << 8) & ALL_REASONS
}

/// Bit 1 (keyCompromise) to bit 8 (aACompromise); bit 0 is unused.
pub(crate) const ALL_REASONS: u16 = 0x807f;
