//! Paths, lists, and OpenSSL's answers for them.

use super::super::{PathSignatures, RevocationDepth, RevocationIndex};
use super::list::ListSpec;
use super::{choices, contents, issuers, scopes};
use crate::verify::test_pki::{CertificateSpec, CountingP256, NOW, Scratch, openssl, text};
use crate::x509::Certificate;

/// A path, lists, and the answers.
#[derive(Clone)]
pub(super) struct Case {
    /// A sentence about what the case shows.
    rule: &'static str,
    /// End entity first.
    path: Vec<CertificateSpec>,
    lists: Vec<ListSpec>,
    /// Number and depth with [`RevocationDepth::EndEntity`]; 0 is good.
    end_entity: Answer,
    /// Number and depth with [`RevocationDepth::Chain`].
    chain: Answer,
    /// Number and depth with the default depth.
    covered: Answer,
    /// The answer of OpenSSL 3.0.19 with `-crl_check`, if that is not `end_entity`.
    openssl: Option<Answer>,
}

pub(super) type Answer = (u8, usize);

pub(super) const GOOD: Answer = (0, 0);
pub(super) const REVOKED: Answer = (23, 0);
pub(super) const NO_LIST: Answer = (3, 0);
pub(super) const OTHER_SCOPE: Answer = (44, 0);

impl Case {
    /// An end entity with serial number 100 and the CA `Root`.
    pub(super) fn new(rule: &'static str, lists: Vec<ListSpec>, answer: Answer) -> Self {
        Self::with_end_entity(rule, CertificateSpec::default(), lists, answer)
    }

    pub(super) fn with_end_entity(
        rule: &'static str,
        end_entity: CertificateSpec,
        lists: Vec<ListSpec>,
        answer: Answer,
    ) -> Self {
        let path = vec![end_entity, CertificateSpec::root()];
        Self::with_path(rule, path, lists, answer)
    }

    /// The answer holds for every depth until [`Self::for_chain`] says otherwise.
    pub(super) fn with_path(
        rule: &'static str,
        path: Vec<CertificateSpec>,
        lists: Vec<ListSpec>,
        answer: Answer,
    ) -> Self {
        Self {
            rule,
            path,
            lists,
            end_entity: answer,
            chain: answer,
            covered: answer,
            openssl: None,
        }
    }

    pub(super) fn for_chain(mut self, answer: Answer) -> Self {
        self.chain = answer;
        self
    }

    pub(super) fn covered(mut self, answer: Answer) -> Self {
        self.covered = answer;
        self
    }

    pub(super) fn openssl(mut self, answer: Answer) -> Self {
        self.openssl = Some(answer);
        self
    }

    fn ask(&self, depth: RevocationDepth) -> Answer {
        let asked = self.ask_at(&[NOW], depth);
        asked[0].0
    }

    /// Returns the answers at these times, and until when each of them holds.
    fn ask_at(&self, times: &[i64], depth: RevocationDepth) -> Vec<(Answer, i64)> {
        let lists = self.lists.iter().map(|list| list.parse().unwrap());
        let index = RevocationIndex::new(lists.collect());
        let path: Vec<_> = self.path.iter().map(CertificateSpec::certificate).collect();
        let path: Vec<&Certificate<'_>> = path.iter().collect();
        let algorithm = CountingP256::default();
        let answer = |now: &i64| {
            let signatures = PathSignatures::Verified;
            let found = index.check_path(&path, depth, *now, &[&algorithm], signatures);
            let answer = match found.refusals.first() {
                Some(refusal) => (refusal.code().number(), refusal.depth()),
                None => GOOD,
            };
            (answer, found.until)
        };
        times.iter().map(answer).collect()
    }

    /// Asks with the trusted certificate and the lists in one store, as in TLS.
    fn ask_openssl(&self, scratch: &Scratch, flags: &[&str]) -> Answer {
        let root = self.path.last().unwrap();
        let ders =
            |specs: &[CertificateSpec]| specs.iter().map(CertificateSpec::der).collect::<Vec<_>>();
        let roots = scratch.write_pem("root", "x509", &[root.der()]);
        let lists: Vec<_> = self.lists.iter().map(ListSpec::der).collect();
        let lists = scratch.write_pem("lists", "crl", &lists);
        let store = [std::fs::read(roots).unwrap(), std::fs::read(lists).unwrap()].concat();
        let store = scratch.write("store", &store);
        let untrusted = scratch.write_pem("untrusted", "x509", &ders(&self.path));
        let end_entity = scratch.write_pem("leaf", "x509", &ders(&self.path[..1]));
        let now = NOW.to_string();
        let mut arguments = vec!["verify", "-attime", &now, "-no-CApath", "-no-CAstore"];
        arguments.extend(flags);
        let files = [&store, &untrusted, &end_entity].map(|path| path.to_str().unwrap());
        arguments.extend(["-CAfile", files[0], "-untrusted", files[1], files[2]]);
        let said = text(&openssl(&arguments));
        parse_answer(&said).unwrap_or_else(|| panic!("{}: {said}", self.rule))
    }
}

fn cases() -> Vec<Case> {
    [
        issuers::cases(),
        contents::cases(),
        scopes::cases(),
        choices::cases(),
    ]
    .concat()
}

#[test]
fn lists_are_chosen_and_used_as_by_openssl() {
    let wrong: Vec<_> = cases()
        .iter()
        .flat_map(|case| {
            let ask = |depth, expected, name| difference(case, case.ask(depth), expected, name);
            [
                ask(RevocationDepth::EndEntity, case.end_entity, "end entity"),
                ask(RevocationDepth::Chain, case.chain, "chain"),
                ask(RevocationDepth::Covered, case.covered, "covered"),
            ]
        })
        .flatten()
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_good_answer_holds_as_long_as_it_says() {
    // From 2025-05-16 to 2025-07-25: the lists become valid and expire within this time.
    let times: Vec<_> = (-15..20).map(|day| NOW + day * 2 * 86_400).collect();
    let mut changes = 0;
    for case in cases() {
        for depth in [
            RevocationDepth::EndEntity,
            RevocationDepth::Chain,
            RevocationDepth::Covered,
        ] {
            let answers = case.ask_at(&times, depth);
            for (start, (answer, until)) in answers.iter().enumerate() {
                assert!(times[start] < *until, "{}, {depth:?}", case.rule);
                let later = times.iter().zip(&answers).skip(start);
                let held = later.clone().take_while(|(time, _)| *time < until);
                let is_same = held
                    .fuse()
                    .all(|(_, (later, _))| *answer != GOOD || later == answer);
                assert!(is_same, "{}, {depth:?}, {}", case.rule, times[start]);
                changes += usize::from(later.into_iter().any(|(_, (later, _))| later != answer));
            }
        }
    }
    assert!(changes > 500, "{changes}");
}

#[test]
#[ignore = "asks the program openssl"]
fn the_recorded_answers_are_those_of_openssl() {
    let scratch = Scratch::new();
    let wrong: Vec<_> = cases()
        .iter()
        .flat_map(|case| {
            let ask = |flags: &[&str], expected, name| {
                let expected = case.openssl.unwrap_or(expected);
                difference(case, case.ask_openssl(&scratch, flags), expected, name)
            };
            [
                ask(&["-crl_check"], case.end_entity, "end entity"),
                ask(&["-crl_check", "-crl_check_all"], case.chain, "chain"),
            ]
        })
        .flatten()
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Reads `error 23 at 0 depth lookup: certificate revoked`, or `OK`.
fn parse_answer(said: &str) -> Option<Answer> {
    let Some(line) = said.lines().find(|line| line.starts_with("error ")) else {
        return said.trim_end().ends_with(": OK").then_some(GOOD);
    };
    let mut words = line.split(' ');
    let code = words.nth(1)?.parse().ok()?;
    Some((code, words.nth(1)?.parse().ok()?))
}

fn difference(case: &Case, answer: Answer, expected: Answer, depth: &str) -> Option<String> {
    let rule = case.rule;
    (answer != expected).then(|| format!("{rule}, {depth}: {answer:?} instead of {expected:?}"))
}
