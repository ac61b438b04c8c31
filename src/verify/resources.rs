//! Internet number resources along a path (RFC 3779, sections 2.3 and 3.3): a certificate may hold only what its
//! issuer holds.
//!
//! The two extensions say which address blocks and AS numbers the subject of a certificate holds. They are made for
//! routers (RFC 6487), and certificates of SIP peers normally have neither. OpenSSL checks them in every path, so
//! they are checked here. Findings are 41 for a value that is not canonical, and 46 for resources that the issuer
//! does not hold.

use super::code::VerifyCode;
use super::path::Path;
use super::status::Finding;
use crate::x509::Certificate;
use crate::x509::resources::{AddressFamily, AsChoice, AsIdentifiers, AsRange, covers};

/// Checks AS numbers, then address blocks, from the end entity upwards. Nothing is checked if the end entity has none.
pub(crate) fn check(path: &Path<'_>) -> Option<Finding> {
    let certificates = &path.certificates;
    let first = as_numbers(certificates).or_else(|| address_blocks(certificates));
    first.map(|(code, depth)| {
        let subject = certificates[depth.min(certificates.len() - 1)];
        Finding::new(code, depth, subject)
    })
}

/// What is wrong, and at which depth. If the top of a path inherits, OpenSSL reports that one above the top.
type Violation = (VerifyCode, usize);

const INVALID: VerifyCode = VerifyCode::InvalidExtension;
const UNNESTED: VerifyCode = VerifyCode::UnnestedResource;

/// Checks the AS numbers along a path (`X509v3_asid_validate_path(3)`).
///
/// The resources of a certificate have to lie within those of its issuer. An issuer that inherits has those of the
/// next one above it. The top of the path may not inherit, because nobody is there to inherit from.
fn as_numbers(certificates: &[&Certificate<'_>]) -> Option<Violation> {
    let own = certificates[0].extensions.as_identifiers.as_ref()?;
    if !own.is_canonical() {
        return Some((INVALID, 0));
    }
    let mut numbers = Held::new(own.numbers.as_ref());
    let mut domains = Held::new(own.routing_domains.as_ref());
    for (depth, issuer) in certificates.iter().enumerate().skip(1) {
        let Some(above) = &issuer.extensions.as_identifiers else {
            if numbers.ranges.is_some() || domains.ranges.is_some() {
                return Some((UNNESTED, depth));
            }
            continue;
        };
        if !above.is_canonical() {
            return Some((INVALID, depth));
        }
        if !numbers.fit(above.numbers.as_ref()) || !domains.fit(above.routing_domains.as_ref()) {
            return Some((UNNESTED, depth));
        }
    }
    let top = certificates.last()?.extensions.as_identifiers.as_ref()?;
    inherits(top).then_some((UNNESTED, certificates.len()))
}

/// Whether one of the two kinds of numbers is inherited.
fn inherits(identifiers: &AsIdentifiers) -> bool {
    let choices = [&identifiers.numbers, &identifiers.routing_domains];
    choices
        .into_iter()
        .any(|choice| matches!(choice, Some(AsChoice::Inherit)))
}

/// What the certificates seen so far hold.
///
/// The numbers of one kind that were claimed last on the way up. The next issuer with ranges of its own has to hold
/// them.
struct Held<'a> {
    ranges: Option<&'a [AsRange]>,
    inherits: bool,
}

impl<'a> Held<'a> {
    fn new(choice: Option<&'a AsChoice>) -> Self {
        Self {
            ranges: match choice {
                Some(AsChoice::Ranges(ranges)) => Some(ranges),
                _ => None,
            },
            inherits: matches!(choice, Some(AsChoice::Inherit)),
        }
    }

    /// Whether an issuer with the resources `above` holds as much.
    fn fit(&mut self, above: Option<&'a AsChoice>) -> bool {
        match above {
            None => self.ranges.is_none(),
            Some(AsChoice::Inherit) => true,
            Some(AsChoice::Ranges(above)) => {
                if !self.inherits && !self.ranges.is_none_or(|own| covers(above, own)) {
                    return false;
                }
                *self = Self {
                    ranges: Some(above),
                    inherits: false,
                };
                true
            }
        }
    }
}

/// Checks the address blocks along a path (`X509v3_addr_validate_path(3)`).
///
/// The rules are those of AS numbers, for each address family on its own.
fn address_blocks(certificates: &[&Certificate<'_>]) -> Option<Violation> {
    let own = certificates[0].extensions.address_blocks.as_ref()?;
    if !own.is_canonical() {
        return Some((INVALID, 0));
    }
    let mut held: Vec<&AddressFamily> = own.families.iter().collect();
    // An address family with an impossible length ends OpenSSL's check without an error number.
    let unspecified = Some((VerifyCode::Unspecified, 0));
    for (depth, issuer) in certificates.iter().enumerate().skip(1) {
        let Some(above) = &issuer.extensions.address_blocks else {
            for family in &held {
                if !family.has_good_length() {
                    return unspecified;
                }
                if family.ranges.is_some() {
                    return Some((UNNESTED, depth));
                }
            }
            continue;
        };
        if !above.is_canonical() {
            return Some((INVALID, depth));
        }
        for family in &mut held {
            let Some(above) = above.family(&family.family) else {
                if family.ranges.is_some() {
                    return Some((UNNESTED, depth));
                }
                continue;
            };
            if !family.has_good_length() || !above.has_good_length() {
                return unspecified;
            }
            if above.ranges.is_some() {
                if family.ranges.is_some() && !above.covers(family) {
                    return Some((UNNESTED, depth));
                }
                *family = above;
            }
        }
    }
    let top = certificates.last()?.extensions.address_blocks.as_ref()?;
    for family in &top.families {
        if !family.has_good_length() {
            return unspecified;
        }
        let is_held = held.iter().any(|held| held.family == family.family);
        if family.ranges.is_none() && is_held {
            return Some((UNNESTED, certificates.len()));
        }
    }
    None
}
