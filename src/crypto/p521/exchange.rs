//! The group of P-521, for the key exchange.

use p521::elliptic_curve::point::AffineCoordinates as _;
use p521::{PublicKey, SecretKey};
use rustls::crypto::{ActiveKeyExchange, SecureRandom, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved};
use zeroize::Zeroizing;

/// Makes the group over a source of random numbers. It stays in memory for good.
pub(in crate::crypto) fn group(random: &'static dyn SecureRandom) -> &'static dyn SupportedKxGroup {
    Box::leak(Box::new(Secp521r1 { random }))
}

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
            // Zero and what is above the order is drawn again, so every key is as likely.
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

struct Active {
    secret: SecretKey,
    public: Box<[u8]>,
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let bad = || Error::from(PeerMisbehaved::InvalidKeyShare);
        // RFC 8446, section 4.2.8.2, knows the uncompressed form only.
        if peer.len() != 1 + 2 * FIELD || peer[0] != 4 {
            return Err(bad());
        }
        let peer = PublicKey::from_sec1_bytes(peer).map_err(|_| bad())?;
        let point = peer.to_projective() * *self.secret.to_nonzero_scalar();
        Ok(SharedSecret::from(&point.to_affine().x()[..]))
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
