//! The group of P-521, for the key exchange.
//!
//! Both sides send uncompressed points of 133 octets (RFC 8446, section 4.2.8.2). The secret is the
//! x coordinate with its leading zeros (RFC 8422, section 5.10). Secrets are wiped from memory; a
//! test searches the memory for them.

use p521::elliptic_curve::point::AffineCoordinates as _;
use p521::{PublicKey, SecretKey};
use rustls::crypto::{ActiveKeyExchange, SecureRandom, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved};
use zeroize::{Zeroize as _, Zeroizing};

/// Makes the group over a source of random numbers. It stays in memory for good.
pub(in crate::crypto) fn group(random: &'static dyn SecureRandom) -> &'static dyn SupportedKxGroup {
    Box::leak(Box::new(Secp521r1 { random }))
}

/// The group, with the base provider's source of random numbers.
#[derive(Debug)]
struct Secp521r1 {
    random: &'static dyn SecureRandom,
}

impl SupportedKxGroup for Secp521r1 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut bytes = Zeroizing::new([0; FIELD]);
        let secret = loop {
            self.random.fill(&mut bytes[..])?;
            // 521 bits: the first byte holds one of them.
            bytes[0] &= 1;
            // Zero and numbers above the order are drawn again, so that every key is equally likely.
            if let Ok(secret) = SecretKey::from_slice(&bytes[..]) {
                break secret;
            }
        };
        let public = secret.public_key().to_sec1_bytes();
        Ok(Box::new(Active { secret, public }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

/// One exchange that has begun.
struct Active {
    secret: SecretKey,
    /// Our point, uncompressed.
    public: Box<[u8]>,
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let bad = || Error::from(PeerMisbehaved::InvalidKeyShare);
        // RFC 8446, section 4.2.8.2, allows only the uncompressed form.
        if peer.len() != 1 + 2 * FIELD || peer[0] != 4 {
            return Err(bad());
        }
        let peer = PublicKey::from_sec1_bytes(peer).map_err(|_| bad())?;
        let scalar = Zeroizing::new(self.secret.to_nonzero_scalar());
        let point = Zeroizing::new(peer.to_projective() * scalar.as_ref());
        let point = Zeroizing::new(point.to_affine());
        // Wiped in place: moving a value leaves a copy behind.
        let mut x = point.x();
        let secret = SharedSecret::from(&x[..]);
        x[..].zeroize();
        Ok(secret)
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

/// The length of a coordinate.
const FIELD: usize = 66;

#[cfg(test)]
mod tests {
    use rustls::crypto::GetRandomFailed;

    use super::*;
    #[cfg(target_os = "linux")]
    use crate::crypto::memory::{Trace, far_down};

    #[cfg(target_os = "linux")]
    #[test]
    fn no_secret_is_left_in_memory() {
        let group = Secp521r1 { random: &Fixed };
        let peer = group.start().unwrap().pub_key().to_vec();
        let key = group.start().unwrap();
        let secret = far_down(|| key.complete(&peer).unwrap());
        let trace = Trace::of(secret.secret_bytes().iter().copied());
        assert!(trace.is_left(), "it is still in use");
        drop(secret);
        assert!(!trace.is_left());
    }

    /// RFC 8446, section 4.2.8.2.
    #[test]
    fn the_share_of_the_peer_has_to_be_an_uncompressed_point() {
        let group = Secp521r1 { random: &Fixed };
        let good = group.start().unwrap().pub_key().to_vec();
        let changed = |at: usize, octet: u8| {
            let mut share = good.clone();
            share[at] = octet;
            share
        };
        let compressed = [&[2 | good[132] & 1], &good[1..67]].concat();
        for (share, is_good) in [
            (good.clone(), true),
            (changed(0, 0), false),
            (changed(0, 6 | good[132] & 1), false),
            (changed(132, good[132] ^ 1), false),
            (compressed, false),
            (good[..132].to_vec(), false),
            ([&good[..], &[0]].concat(), false),
            (vec![0], false),
            (Vec::new(), false),
        ] {
            let agreed = group.start().unwrap().complete(&share);
            let error = (!is_good).then(|| PeerMisbehaved::InvalidKeyShare.into());
            assert_eq!(agreed.err(), error, "{share:02x?}");
        }
    }

    #[derive(Debug)]
    struct Fixed;

    impl SecureRandom for Fixed {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
            bytes.fill(0x5a);
            Ok(())
        }
    }
}
