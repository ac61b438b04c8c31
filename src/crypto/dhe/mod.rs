//! Finite-field Diffie-Hellman, for peers that support no elliptic curves.
//!
//! rustls has the suites and messages of DHE, but no groups that can do the arithmetic: here they
//! are. A client accepts the groups of RFC 7919, and those of RFC 3526 that OpenSSL servers pick by
//! themselves. It cannot accept a group that a server made itself: rustls looks groups up by their
//! prime, and fails with an error that `explain_unknown_group` puts into words.
//!
//! Exponents are short, as RFC 7919 recommends, but the arithmetic takes the same time for all of
//! them. A new exponent is drawn for each handshake.

mod groups;
#[cfg(feature = "tokio")]
mod unknown_group;

use crypto_bigint::modular::BoxedMontyForm;
use crypto_bigint::{BoxedUint, Resize as _};
use rustls::crypto::{ActiveKeyExchange, SecureRandom, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::version::TLS12;
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion, SupportedProtocolVersion};
use zeroize::Zeroizing;

use groups::Group;
#[cfg(feature = "tokio")]
pub(crate) use unknown_group::explain_unknown_group;

/// Makes the groups, with a source of random numbers. They stay in memory for good.
pub(super) fn groups(random: &'static dyn SecureRandom) -> Vec<&'static dyn SupportedKxGroup> {
    groups::GROUPS
        .iter()
        .map(|group| Box::leak(Box::new(Dhe { group, random })) as &dyn SupportedKxGroup)
        .collect()
}

/// Says if a group is one of RFC 3526. These are useful only to a client with DHE suites.
pub(super) fn is_private(group: &dyn SupportedKxGroup) -> bool {
    groups::is_private(group.name())
}

/// A group, with the base provider's source of random numbers.
struct Dhe {
    group: &'static Group,
    random: &'static dyn SecureRandom,
}

impl std::fmt::Debug for Dhe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dhe")
            .field("name", &self.group.name)
            .finish_non_exhaustive()
    }
}

impl SupportedKxGroup for Dhe {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut bytes = Zeroizing::new(vec![0; self.group.exponent_bits as usize / 8]);
        self.random.fill(&mut bytes)?;
        let exponent = Zeroizing::new(BoxedUint::from_be_slice_vartime(&bytes));
        let two = BoxedUint::from(2u8).resize(self.group.bits());
        let public = power(self.group, two, &exponent);
        Ok(Box::new(Active {
            group: self.group,
            public: public.to_vec(),
            exponent,
        }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        Some(self.group.ffdhe())
    }

    fn name(&self) -> NamedGroup {
        self.group.name
    }

    fn usable_for_version(&self, _: ProtocolVersion) -> bool {
        self.group.is_usable()
    }
}

/// One exchange that has begun.
struct Active {
    group: &'static Group,
    exponent: Zeroizing<BoxedUint>,
    /// Our number, as long as the prime.
    public: Vec<u8>,
}

impl Active {
    /// The shared secret, as long as the prime.
    fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Box<[u8]>>, Error> {
        let bad = || Error::from(PeerMisbehaved::InvalidKeyShare);
        let peer = BoxedUint::from_be_slice(peer, self.group.bits()).map_err(|_| bad())?;
        // RFC 7919, section 5.1: 1 < y < p - 1. These primes are safe primes, so no other value is in a small
        // subgroup.
        let one = BoxedUint::one_with_precision(self.group.bits());
        let last = self
            .group
            .montgomery()
            .modulus()
            .as_ref()
            .wrapping_sub(&one);
        if peer <= one || peer >= last {
            return Err(bad());
        }
        Ok(power(self.group, peer, &self.exponent))
    }
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        // RFC 8446, section 4.2.8.1: padded to the size of the prime.
        if peer.len() != self.group.prime.len() {
            return Err(PeerMisbehaved::InvalidKeyShare.into());
        }
        Ok(SharedSecret::from(&self.agree(peer)?[..]))
    }

    fn complete_for_tls_version(
        self: Box<Self>,
        peer: &[u8],
        version: &SupportedProtocolVersion,
    ) -> Result<SharedSecret, Error> {
        if version != &TLS12 {
            return self.complete(peer);
        }
        // RFC 5246, section 8.1.2: leading zeros are stripped.
        let secret = self.agree(peer)?;
        let zeros = secret.iter().take_while(|byte| **byte == 0).count();
        Ok(SharedSecret::from(&secret[zeros..]))
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        Some(self.group.ffdhe())
    }

    fn group(&self) -> NamedGroup {
        self.group.name
    }
}

/// Raises `base` to the power of `exponent`, in constant time.
///
/// The time depends on the group's size and on the length of its exponents, and not on the numbers.
/// What is computed is wiped.
fn power(group: &Group, base: BoxedUint, exponent: &BoxedUint) -> Zeroizing<Box<[u8]>> {
    let base = BoxedMontyForm::new(base, group.montgomery());
    let power = Zeroizing::new(base.pow_bounded_exp(exponent, group.exponent_bits));
    let power = Zeroizing::new(power.retrieve());
    Zeroizing::new(power.to_be_bytes())
}

#[cfg(test)]
mod tests;
