//! Which verdicts are kept, and for how long.

use std::time::Duration;

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, UnixTime};

use super::case::{counting, ders, expired, verifier, verifier_with};
use crate::options::NameCheck;
use crate::verify::in_force::InForce;
use crate::verify::name::ReferenceName;
use crate::verify::policy::Policy;
use crate::verify::purpose::Purpose;
use crate::verify::status::VerifyStatus;
use crate::verify::test_pki::*;

#[test]
fn a_kept_verdict_is_the_one_that_is_asked_for_again() {
    let world = World::new(vec![CertificateSpec::root()]);
    let first = world.ask(&good(), NOW);
    assert!(first.is_accepted());
    assert_eq!(world.kept(), 1);
    let again = world.ask(&good(), NOW + 1);
    assert_eq!(shown(&again), shown(&first));
    assert_eq!(world.kept(), 1);
}

#[test]
fn a_verdict_that_is_kept_costs_no_verification() {
    let (algorithm, all) = counting();
    let algorithms = WebPkiSupportedAlgorithms { all, mapping: &[] };
    let policy = Policy {
        kept_verdicts: 2,
        ..Policy::default()
    };
    let trusted = vec![CertificateSpec::root()];
    let world = World {
        in_force: InForce::new(verifier_with(algorithms, &trusted, policy), 3),
        trusted,
    };
    let numbered = |number| {
        let mut chain = good();
        chain[0].serial = vec![number];
        chain
    };
    // Two halves of one verdict each: the one that was used longest ago is dropped.
    for (number, expected) in [
        (1, 1),
        (1, 1),
        (2, 2),
        (1, 2),
        (2, 2),
        (3, 3),
        (2, 3),
        (1, 4),
    ] {
        assert!(world.ask(&numbered(number), NOW).is_accepted());
        assert_eq!(algorithm.count(), expected, "{number}");
    }
}

#[test]
fn a_verdict_is_kept_from_the_first_second_of_a_certificate_on() {
    let world = World::new(vec![CertificateSpec::root()]);
    // 2020-01-01 00:00:00.
    let status = world.ask(&good(), 1_577_836_800);
    assert!(status.is_accepted());
    assert_eq!((world.kept(), status.validity.until), (1, 2_208_988_800));
}

#[test]
fn other_questions_get_other_verdicts() {
    let world = World::new(vec![CertificateSpec::root()]);
    assert!(world.ask(&good(), NOW).is_accepted());
    let ask = |chain: &[CertificateSpec], purpose, name: Option<&str>| {
        let reference = name.map(ReferenceName::new);
        world.ask_as(chain, purpose, reference, NOW)
    };
    let (chain, server) = (&good(), Purpose::Server);
    assert!(!ask(chain, server, Some("other.example.com")).is_accepted());
    assert!(!ask(chain, Purpose::Client, None).is_accepted());
    // The same signature after other octets: a certificate that was tampered with.
    let ders = ders(chain);
    let mut forged = ders[0].to_vec();
    let serial = forged.windows(3).position(|three| three == [2, 1, 100]);
    forged[serial.unwrap() + 2] = 101;
    let forged = [CertificateDer::from(forged)];
    let status = world.ask_der(&forged, server, None, NOW);
    assert_eq!(status.code().number(), 7);
    let longer = [ders[0].clone(), ders[0].clone()];
    let status = world.ask_der(&longer, server, None, NOW);
    assert!(status.is_accepted());
    assert_eq!(
        world.kept(),
        1,
        "of one end entity the last verdict is kept"
    );
}

#[test]
fn refusals_are_not_kept() {
    let world = World::new(vec![CertificateSpec::root()]);
    let expired = expired(good().remove(0));
    for _ in 0..2 {
        let status = world.ask(std::slice::from_ref(&expired), NOW);
        assert_eq!(status.code().number(), 10);
        assert!(!status.presented().is_empty());
    }
    assert_eq!(world.kept(), 0);
}

#[test]
fn no_more_are_kept_than_asked_for() {
    for most in [0, 1, 8] {
        let mut world = World::new(vec![CertificateSpec::root()]);
        world.set_most(most);
        for number in 0..50 {
            let chain = [CertificateSpec {
                serial: vec![number + 1],
                ..good().remove(0)
            }];
            assert!(world.ask(&chain, NOW).is_accepted());
            assert!(world.kept() <= most.next_multiple_of(2), "{most}");
        }
        assert_eq!(world.kept() > 0, most > 0);
    }
}

#[test]
fn a_verdict_does_not_outlive_the_certificates() {
    let world = World::new(vec![CertificateSpec::root()]);
    let chain = good();
    assert!(world.ask(&chain, NOW).is_accepted());
    // 2040-01-01 00:00:00.
    let end = 2_208_988_800;
    assert!(world.ask(&chain, end - 1).is_accepted());
    assert_eq!(world.ask(&chain, end).code().number(), 10);
    assert!(world.ask(&chain, NOW).is_accepted());
    // 2020-01-01 00:00:00: the clock was set back.
    assert_eq!(world.ask(&chain, 1_577_836_799).code().number(), 9);
}

/// CAs with the same name become valid and expire. The answer is always that of a verifier that keeps nothing.
#[test]
fn a_verdict_does_not_outlive_the_choice_of_its_path() {
    let periods = [
        ("200101000000Z", "400101000000Z"),
        ("200101000000Z", "250101000000Z"),
        ("260101000000Z", "280101000000Z"),
        ("270101000000Z", "300101000000Z"),
    ];
    // Of the CAs with this name, only the one with key 1 issued the end entity.
    let ca = |key: u8, (from, until): (&str, &str)| CertificateSpec {
        validity: seq(&[utc(from), utc(until)]),
        serial: vec![key],
        extensions: vec![extension(BASIC_CONSTRAINTS, true, &seq(&[boolean(true)]))],
        ..CertificateSpec::ca(root_name(), key)
    };
    let mut leaf = good().remove(0);
    leaf.extensions.clear();
    let leaf = &ders(&[leaf]);
    let years = [2019, 2024, 2025, 2026, 2027, 2029, 2031, 2040];
    let times = years.map(|year| (year - 1970) * 31_557_600 + 15_000_000);
    let ask = |world: &World, now| world.ask_der(leaf, Purpose::Server, None, now);
    let mut seen = Vec::new();
    for one in periods {
        for other in periods {
            for order in [[(1, one), (2, other)], [(2, one), (1, other)]] {
                let trusted: Vec<_> = order.map(|(key, period)| ca(key, period)).into();
                let mut world = World::new(trusted);
                world.set_most(0);
                let fresh = times.map(|now| shown(&ask(&world, now)));
                for start in 0..times.len() {
                    world.set_most(100);
                    for at in start..times.len() {
                        let kept = shown(&ask(&world, times[at]));
                        assert_eq!(kept, fresh[at], "{order:?} {start} {at}");
                    }
                }
                seen.extend(fresh);
            }
        }
    }
    for verdict in ["OK", "error 7 ", "error 9 ", "error 10 "] {
        assert!(
            seen.iter().any(|seen| seen.starts_with(verdict)),
            "{verdict}"
        );
    }
}

/// Trusted certificates, and a verifier that keeps verdicts.
struct World {
    trusted: Vec<CertificateSpec>,
    in_force: InForce,
}

impl World {
    fn new(trusted: Vec<CertificateSpec>) -> Self {
        Self {
            in_force: in_force(&trusted, 100),
            trusted,
        }
    }

    fn set_most(&mut self, most: usize) {
        self.in_force = in_force(&self.trusted, most);
    }

    fn ask(&self, chain: &[CertificateSpec], now: i64) -> VerifyStatus {
        self.ask_as(chain, Purpose::Server, None, now)
    }

    fn ask_as(
        &self,
        chain: &[CertificateSpec],
        purpose: Purpose,
        reference: Option<ReferenceName>,
        now: i64,
    ) -> VerifyStatus {
        self.ask_der(&ders(chain), purpose, reference, now)
    }

    fn ask_der(
        &self,
        chain: &[CertificateDer<'static>],
        purpose: Purpose,
        reference: Option<ReferenceName>,
        now: i64,
    ) -> VerifyStatus {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now as u64));
        self.in_force.verify(chain.iter(), purpose, reference, now)
    }

    fn kept(&self) -> usize {
        self.in_force.verdicts.count()
    }
}

fn in_force(trusted: &[CertificateSpec], most: usize) -> InForce {
    let policy = Policy {
        name_check: NameCheck::Host,
        kept_verdicts: most,
        ..Policy::default()
    };
    InForce::new(verifier(trusted, policy), 3)
}

fn good() -> Vec<CertificateSpec> {
    vec![CertificateSpec::default().with(key_purposes(&[SERVER_AUTH]))]
}

fn shown(status: &VerifyStatus) -> String {
    let numbers = (status.validity.generation, status.path());
    format!("{status} {numbers:?} {:?}", status.matched_name())
}
