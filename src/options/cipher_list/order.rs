//! The list that the rules of a cipher string work on.
//!
//! A string is a program: each rule changes the list, and the next rule starts from there. This module has the four
//! changes that OpenSSL knows (`ssl_cipher_apply_rule`) and `@STRENGTH`. All of them are stable, so that suites keep
//! the order of preference among themselves.

use super::explain::RuleEffect;
use super::suite::CipherSuite;
use super::table::SUITES;
use super::words::Pattern;

/// The active and the inactive suites, each in order.
///
/// OpenSSL keeps both in one list. It either moves a suite to the tail and makes it active, or moves
/// it to the head and makes it inactive. So the inactive suites always stand before the active ones,
/// and two lists are enough.
#[derive(Debug)]
pub(super) struct Order {
    inactive: Vec<&'static CipherSuite>,
    active: Vec<&'static CipherSuite>,
}

impl Order {
    /// Starts as each call of OpenSSL does: with every suite, in the base order, and none of them active.
    pub(super) fn new() -> Self {
        Self::of(SUITES.iter().collect())
    }

    fn of(inactive: Vec<&'static CipherSuite>) -> Self {
        let active = Vec::with_capacity(inactive.len());
        Self { inactive, active }
    }

    pub(super) fn active(&self) -> &[&'static CipherSuite] {
        &self.active
    }

    pub(super) fn into_active(self) -> Vec<&'static CipherSuite> {
        self.active
    }

    /// A rule that changes nothing is either shadowed by earlier rules or selects no suite at all.
    pub(super) fn apply(&mut self, operator: Operator, pattern: &Pattern) -> RuleEffect {
        let changed = match operator {
            Operator::Add => self.add(pattern),
            Operator::Delete => self.delete(pattern),
            Operator::Kill => self.kill(pattern),
            Operator::MoveToEnd => self.move_to_end(pattern),
        };
        match changed {
            Some(effect) => effect,
            None if SUITES.iter().any(|suite| pattern.selects(suite)) => RuleEffect::Shadowed,
            None => RuleEffect::Empty,
        }
    }

    /// Sorts by strength, stably.
    /// Only the suites that are active now are sorted; what later rules add is not.
    pub(super) fn sort_by_strength(&mut self) -> RuleEffect {
        if self
            .active
            .is_sorted_by(|a, b| a.strength_bits() >= b.strength_bits())
        {
            return RuleEffect::Shadowed;
        }
        self.active
            .sort_by_key(|suite| std::cmp::Reverse(suite.strength_bits()));
        RuleEffect::Sorted
    }

    /// Makes inactive suites active, at the end of the list. Suites that are active already do not move.
    fn add(&mut self, pattern: &Pattern) -> Option<RuleEffect> {
        let before = self.active.len();
        let added = self.inactive.extract_if(.., |suite| pattern.selects(suite));
        self.active.extend(added);
        let added = self.active.len() - before;
        (added > 0).then_some(RuleEffect::Added(added))
    }

    /// Makes active suites inactive. The suites that were deleted last are added again first.
    fn delete(&mut self, pattern: &Pattern) -> Option<RuleEffect> {
        let mut deleted = self.take_active(pattern);
        let count = deleted.len();
        deleted.append(&mut self.inactive);
        self.inactive = deleted;
        (count > 0).then_some(RuleEffect::Deleted(count))
    }

    /// Removes suites from both lists, so that no later rule finds them.
    fn kill(&mut self, pattern: &Pattern) -> Option<RuleEffect> {
        let kill_in = |list: &mut Vec<&CipherSuite>| {
            let before = list.len();
            list.retain(|suite| !pattern.selects(suite));
            before - list.len()
        };
        let removed = kill_in(&mut self.active);
        let barred = kill_in(&mut self.inactive);
        (removed + barred > 0).then_some(RuleEffect::Killed { removed, barred })
    }

    /// Moves active suites to the end, in their order. It activates nothing.
    fn move_to_end(&mut self, pattern: &Pattern) -> Option<RuleEffect> {
        let first = self
            .active
            .iter()
            .position(|suite| pattern.selects(suite))?;
        if self.active[first..]
            .iter()
            .all(|suite| pattern.selects(suite))
        {
            return None;
        }
        let moved = self.take_active(pattern);
        let count = moved.len();
        self.active.extend(moved);
        Some(RuleEffect::Moved(count))
    }

    fn take_active(&mut self, pattern: &Pattern) -> Vec<&'static CipherSuite> {
        let selected = self.active.extract_if(.., |suite| pattern.selects(suite));
        selected.collect()
    }
}

/// What a rule does with the suites that it selects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operator {
    /// No sign: inactive suites become active.
    Add,
    /// `-`: active suites become inactive.
    Delete,
    /// `!`: suites are removed for good.
    Kill,
    /// `+`: active suites move to the end.
    MoveToEnd,
}

#[cfg(test)]
mod tests {
    use super::super::suite::{Authentication, Encryption, KeyExchange, Mac, MinVersion};
    use super::*;

    /// OpenSSL sorts its table anew in each call; our table is written down in the resulting order.
    #[test]
    fn the_table_stands_in_openssls_base_order() {
        let mut by_number: Vec<_> = SUITES.iter().collect();
        by_number.sort_by_key(|suite| std::cmp::Reverse(suite.number()));
        let mut order = Order::of(by_number);

        order.add(&word("kECDHE").and(word("aECDSA")).unwrap());
        order.add(&word("kECDHE"));
        order.delete(&word("kECDHE"));
        for name in ["AESGCM", "CHACHA20", "AES"] {
            order.add(&word(name));
        }
        order.add(&Pattern::EVERYTHING);
        for name in ["MD5", "aNULL", "kRSA", "kPSK"] {
            order.move_to_end(&word(name));
        }
        order.sort_by_strength();
        let is_ephemeral = |suite: &CipherSuite| {
            matches!(suite.key_exchange(), KeyExchange::Dhe | KeyExchange::Ecdhe)
        };
        move_to_head(&mut order, |suite| suite.min_version() == MinVersion::Tls12);
        move_to_head(&mut order, |suite| suite.mac() == Mac::Aead);
        move_to_head(&mut order, is_ephemeral);
        move_to_head(&mut order, |suite| {
            is_ephemeral(suite) && suite.mac() == Mac::Aead
        });

        let names = order.active.iter().map(|suite| suite.openssl_name());
        let table = SUITES.iter().map(CipherSuite::openssl_name);
        assert_eq!(names.collect::<Vec<_>>(), table.collect::<Vec<_>>());
    }

    #[test]
    fn what_was_deleted_last_is_added_first() {
        let mut order = Order::new();
        order.apply(Operator::Add, &word("AESGCM"));
        order.apply(Operator::Delete, &word("AES256"));
        order.apply(Operator::Delete, &word("AES128"));
        order.apply(Operator::Add, &word("AESGCM"));
        assert_eq!(order.active[0].encryption(), Encryption::Aes128Gcm);
    }

    #[test]
    fn killed_suites_never_return() {
        let mut order = Order::new();
        let effect = order.apply(Operator::Kill, &word("aNULL"));
        assert!(matches!(effect, RuleEffect::Killed { removed: 0, barred } if barred > 0));
        assert_eq!(
            order.apply(Operator::Add, &word("ADH")),
            RuleEffect::Shadowed
        );
        order.apply(Operator::Add, &Pattern::EVERYTHING);
        let anonymous = |suite: &&CipherSuite| suite.authentication() == Authentication::Null;
        assert!(!order.active.iter().any(anonymous));
    }

    #[test]
    fn moving_what_is_at_the_end_changes_nothing() {
        let mut order = Order::new();
        order.apply(Operator::Add, &word("AES256"));
        order.apply(Operator::Add, &word("AES128"));
        assert_eq!(
            order.apply(Operator::MoveToEnd, &word("AES128")),
            RuleEffect::Shadowed
        );
        let effect = order.apply(Operator::MoveToEnd, &word("AES256"));
        assert!(matches!(effect, RuleEffect::Moved(_)));
    }

    fn move_to_head(order: &mut Order, selects: impl Fn(&CipherSuite) -> bool) {
        // Stable, and `false` comes first.
        order.active.sort_by_key(|suite| !selects(suite));
    }

    #[track_caller]
    fn word(name: &str) -> Pattern {
        Pattern::of_word(name).unwrap()
    }
}
