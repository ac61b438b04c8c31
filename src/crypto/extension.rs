//! A base provider together with what we add to it.
//!
//! This is the one place where the parts come together: suites, groups, signature algorithms and the loader of keys.
//! What the base has is kept as it is, except for two faults that are mended on the way (see `suites::mended`). What
//! it lacks is added only if the base has the parts to make it from, so that a provider without SHA-384, say, gets no
//! suite with it.

use rustls::crypto::{CryptoProvider, SecureRandom, SupportedKxGroup};

use super::kept::{Kept, Part};
use super::{dhe, keys, order, p521, suites, verification};

/// Completes `base`. Each addition is made once for the part of a base from which it is made, since rustls needs
/// suites and algorithms that live as long as the process.
///
/// The random numbers are the base's in any case.
pub(super) fn of(base: &CryptoProvider) -> CryptoProvider {
    let mut cipher_suites = suites::mended(&base.cipher_suites);
    cipher_suites.extend(suites::added(&cipher_suites));
    let mut kx_groups = base.kx_groups.clone();
    for group in groups(base.secure_random) {
        if kx_groups.iter().all(|known| known.name() != group.name()) {
            kx_groups.push(*group);
        }
    }
    CryptoProvider {
        cipher_suites: order::suites(&cipher_suites),
        kx_groups: order::groups(&kx_groups),
        signature_verification_algorithms: verification::complete(
            base.signature_verification_algorithms,
        ),
        secure_random: base.secure_random,
        key_provider: keys::complete(base.key_provider),
    }
}

/// The groups that we add.
fn groups(random: &'static dyn SecureRandom) -> Groups {
    static KEPT: Kept<Part<dyn SecureRandom>, Groups> = Kept::new();
    KEPT.get_or_make(Part(random), || {
        let mut groups = dhe::groups(random);
        groups.insert(0, p521::group(random));
        groups.leak()
    })
}

/// Groups that live as long as the process.
type Groups = &'static [&'static dyn SupportedKxGroup];

#[cfg(test)]
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod tests {
    use std::ptr;
    use std::sync::Arc;

    use rustls::crypto::KeyProvider;
    use rustls::pki_types::PrivateKeyDer;
    use rustls::sign::SigningKey;
    use rustls::{Error, SupportedCipherSuite};

    use super::*;
    use crate::crypto::default_base;

    #[test]
    fn a_provider_that_is_made_afresh_adds_nothing() {
        let whole = of(&default_base().unwrap());
        for round in 0..100 {
            let extended = of(&default_base().unwrap());
            assert_adds_nothing(&extended, &whole);
            assert!(ptr::eq(extended.key_provider, whole.key_provider));

            let mut changed = (*default_base().unwrap()).clone();
            cut_and_reorder(&mut changed, round);
            changed.key_provider = Box::leak(Box::new(Fresh(round)));
            assert_adds_nothing(&of(&changed), &whole);
        }
    }

    /// Leaves out one suite of TLS 1.2. The suites of TLS 1.3 stay, because the added ones are made from the first one
    /// that fits.
    fn cut_and_reorder(provider: &mut CryptoProvider, round: usize) {
        let groups = provider.kx_groups.len();
        provider.kx_groups.rotate_left(round % groups);
        let suites = &mut provider.cipher_suites;
        suites.sort_by_key(|suite| suite.tls13().is_none());
        let tls13 = suites.partition_point(|suite| suite.tls13().is_some());
        let tls12 = &mut suites[tls13..];
        let first = round % tls12.len();
        tls12.rotate_left(first);
        suites.pop();
    }

    /// Asserts that every part of `extended` is also a part of `whole`, by address.
    #[track_caller]
    fn assert_adds_nothing(extended: &CryptoProvider, whole: &CryptoProvider) {
        let is_known = |suite: &SupportedCipherSuite| {
            whole
                .cipher_suites
                .iter()
                .any(|known| is_same(known, suite))
        };
        assert!(extended.cipher_suites.iter().all(is_known), "a new suite");
        let mut groups = extended.kx_groups.iter();
        let is_known = |group: &&'static dyn SupportedKxGroup| {
            let mut known = whole.kx_groups.iter();
            known.any(|known| ptr::eq(*known, *group))
        };
        assert!(groups.all(is_known), "a new group");
        let [ours, known] =
            [extended, whole].map(|provider| provider.signature_verification_algorithms);
        assert!(ptr::eq(ours.all, known.all) && ptr::eq(ours.mapping, known.mapping));
    }

    fn is_same(a: &SupportedCipherSuite, b: &SupportedCipherSuite) -> bool {
        match (a, b) {
            (SupportedCipherSuite::Tls12(a), SupportedCipherSuite::Tls12(b)) => ptr::eq(*a, *b),
            (SupportedCipherSuite::Tls13(a), SupportedCipherSuite::Tls13(b)) => ptr::eq(*a, *b),
            _ => false,
        }
    }

    /// A caller's own key provider, another one for each endpoint.
    #[derive(Debug)]
    struct Fresh(usize);

    impl KeyProvider for Fresh {
        fn load_private_key(
            &self,
            _: PrivateKeyDer<'static>,
        ) -> Result<Arc<dyn SigningKey>, Error> {
            Err(Error::General(format!("number {}", self.0)))
        }
    }
}
