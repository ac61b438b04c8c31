use std::sync::atomic::{AtomicU8, Ordering};

use rustls::crypto::GetRandomFailed;
use rustls::version::TLS13;

use super::*;
use crate::child;
#[cfg(target_os = "linux")]
use crate::crypto::memory::Trace;

#[test]
fn both_sides_agree_in_every_group() {
    for group in groups(&Counting) {
        let ours = group.start().unwrap();
        let theirs = group.start().unwrap();
        let (our_key, their_key) = (ours.pub_key().to_vec(), theirs.pub_key().to_vec());
        let a = ours.complete_for_tls_version(&their_key, &TLS12).unwrap();
        let b = theirs.complete_for_tls_version(&our_key, &TLS12).unwrap();
        assert_eq!(a.secret_bytes(), b.secret_bytes(), "{group:?}");
        assert!(a.secret_bytes().len() > 250);
    }
}

#[test]
fn a_public_value_in_a_small_subgroup_is_refused() {
    let p = groups::GROUPS[0].prime;
    let mut below = p.to_vec();
    *below.last_mut().unwrap() -= 1;
    let mut above = p.to_vec();
    above[0] = 0xff;
    above[255] = 0xff;
    let mut one = vec![0; 256];
    one[255] = 1;
    for bad in [
        vec![0; 256],
        one,
        below,
        p.to_vec(),
        vec![0xff; 256],
        above,
        vec![2; 257],
    ] {
        for version in [&TLS12, &TLS13] {
            let group = groups(&Counting)[0].start().unwrap();
            let Err(error) = group.complete_for_tls_version(&bad, version) else {
                panic!("{bad:x?} was accepted");
            };
            assert_eq!(error, PeerMisbehaved::InvalidKeyShare.into());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_secret_is_left_in_memory() {
    let words = |number: &BoxedUint| {
        let words = number.as_words().iter();
        Trace::of(words.flat_map(|word| word.to_ne_bytes()))
    };
    let group = &groups::GROUPS[0];
    let ours = Box::new(Active {
        group,
        exponent: Zeroizing::new(BoxedUint::from_be_slice_vartime(&[0x9e; 32])),
        public: Vec::new(),
    });
    let exponent = words(&ours.exponent);
    let peer = [0x79; 256];
    let secret = ours.agree(&peer).unwrap();
    let bytes = Trace::of(secret.iter().copied());
    let number = Zeroizing::new(BoxedUint::from_be_slice_vartime(&secret));
    let plain = words(&number);
    let montgomery = BoxedMontyForm::new(BoxedUint::clone(&number), group.montgomery());
    let montgomery = Zeroizing::new(montgomery);
    let in_montgomery_form = words(montgomery.as_montgomery());
    for kept in [&bytes, &plain, &in_montgomery_form, &exponent] {
        assert!(kept.is_left(), "it is still in use");
    }
    drop((secret, number, montgomery));

    let secret = ours.agree(&peer).unwrap();
    assert!(
        !in_montgomery_form.is_left(),
        "the secret in Montgomery form"
    );
    assert!(!plain.is_left(), "the secret as a number");
    drop(secret);
    drop(ours.complete(&peer).unwrap());
    assert!(!bytes.is_left(), "the secret");
    assert!(!exponent.is_left(), "the exponent");
}

#[test]
fn leading_zeros_are_kept_by_tls_1_3_and_stripped_by_tls_1_2() {
    let group = &groups::GROUPS[0];
    let start = || {
        Box::new(Active {
            group,
            exponent: Zeroizing::new(BoxedUint::from(3u8)),
            public: Vec::new(),
        })
    };
    // The cube of 2^600 + 1 has 1801 bits.
    let mut share = vec![0; 256];
    (share[180], share[255]) = (1, 1);
    let long = start().complete(&share).unwrap();
    let stripped = start().complete_for_tls_version(&share, &TLS12).unwrap();
    assert_eq!(long.secret_bytes().len(), 256);
    assert_eq!(stripped.secret_bytes().len(), 226);
    assert!(long.secret_bytes().ends_with(stripped.secret_bytes()));
    assert_eq!(long.secret_bytes()[..30], [0; 30]);

    // A peer may strip leading zeros from its own share, too, but not in TLS 1.3.
    let from_stripped = start()
        .complete_for_tls_version(&share[180..], &TLS12)
        .unwrap();
    assert_eq!(from_stripped.secret_bytes(), stripped.secret_bytes());
    assert!(start().complete(&share[180..]).is_err());
}

/// RFC 7919, section 5.1.
#[test]
fn the_smallest_and_the_largest_public_value_are_accepted() {
    let prime = groups::GROUPS[0].prime;
    let mut two = vec![0; prime.len()];
    *two.last_mut().unwrap() = 2;
    let mut last = prime.to_vec();
    *last.last_mut().unwrap() -= 2;
    for good in [two, last] {
        for version in [&TLS12, &TLS13] {
            let group = groups(&Counting)[0].start().unwrap();
            let agreed = group.complete_for_tls_version(&good, version);
            assert!(agreed.is_ok(), "{good:x?}");
        }
    }
}

#[test]
fn a_group_is_printed_by_its_name() {
    let all = groups(&Counting);
    assert_eq!(format!("{:?}", all[0]), "Dhe { name: FFDHE2048, .. }");
    for group in all {
        let expected = format!("Dhe {{ name: {:?}, .. }}", group.name());
        assert_eq!(format!("{group:?}"), expected);
    }
}

#[test]
fn an_exchange_is_in_its_group() {
    // One of RFC 7919 and one of RFC 3526, both of 2048 bits.
    for (at, name) in [(0, NamedGroup::FFDHE2048), (5, NamedGroup::Unknown(0x01fc))] {
        let group = groups(&Counting)[at];
        let active = group.start().unwrap();
        assert_eq!((group.name(), active.group()), (name, name));
        for found in [group.ffdhe_group(), active.ffdhe_group()] {
            let found = found.unwrap();
            assert_eq!(found.p, groups::GROUPS[at].prime, "{name:?}");
            assert_eq!(found.g, [2], "{name:?}");
        }
    }
    for group in groups(&Counting) {
        assert!(group.ffdhe_group().is_some(), "{group:?}");
    }
}

/// rustls offers the groups that a version can use, and a server looks a client's numbers up among them.
#[test]
fn no_version_can_use_groups_without_a_number() {
    for group in groups(&Counting) {
        for version in [ProtocolVersion::TLSv1_2, ProtocolVersion::TLSv1_3] {
            assert_eq!(group.usable_for_version(version), !is_private(group));
        }
    }
}

#[test]
fn the_primes_are_those_of_openssl() {
    if !child::is_found("openssl") {
        return;
    }
    for (at, name) in [
        "ffdhe2048",
        "ffdhe3072",
        "ffdhe4096",
        "ffdhe6144",
        "ffdhe8192",
    ]
    .into_iter()
    .chain(["modp_2048", "modp_3072", "modp_4096", "modp_8192"])
    .enumerate()
    {
        let group = format!("group:{name}");
        let mut command = child::command("openssl");
        command
            .args(["genpkey", "-algorithm", "DH", "-outform", "DER"])
            .args(["-pkeyopt", &group]);
        let output = child::output(&mut command);
        let prime = groups::GROUPS[at].prime;
        let found = output
            .stdout
            .windows(prime.len())
            .any(|window| window == prime);
        assert!(found, "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(groups::GROUPS[at].ffdhe().g, [2]);
    }
}

/// Numbers that differ from call to call, and are the same in every run.
#[derive(Debug)]
struct Counting;

impl SecureRandom for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        static CALLS: AtomicU8 = AtomicU8::new(1);
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = call
                .wrapping_mul(167)
                .wrapping_add(at as u8)
                .wrapping_mul(59);
        }
        Ok(())
    }
}
