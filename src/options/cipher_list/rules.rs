//! Evaluation of a cipher string, from the text to an ordered list of suites.
//!
//! It follows `ssl_cipher_process_rulestr` of OpenSSL 3.0. The result is the same list, or an error where OpenSSL has
//! one; what OpenSSL passes over is noted, too. The grammar:
//!
//! ```text
//! string    = [ "DEFAULT" | suite-b ] *( separator / rule )
//! rule      = [ "!" | "-" | "+" ] word *( "+" word ) / "@" command
//! word      = 1*( letter / digit / "-" / "." / "=" )
//! command   = "STRENGTH" / "SECLEVEL=" digit
//! separator = ":" / "," / ";" / " "
//! ```
//!
//! An unknown word drops the rule up to the next separator. A place in which a word is needed and none stands is an
//! error for the whole string.

use super::error::CipherListError;
use super::explain::{Rule, RuleEffect};
use super::level::SecurityLevel;
use super::order::{Operator, Order};
use super::suite::CipherSuite;
use super::suite_b::SuiteB;
use super::words::Pattern;

/// The result of a cipher string.
#[derive(Debug)]
pub(super) struct Evaluation {
    pub(super) suites: Vec<&'static CipherSuite>,
    pub(super) rules: Vec<Rule>,
    pub(super) security_level: Option<SecurityLevel>,
    pub(super) suite_b: Option<SuiteB>,
}

/// Evaluates a cipher string as OpenSSL 3.0 does.
pub(super) fn evaluate(text: &str) -> Result<Evaluation, CipherListError> {
    let mut reader = Reader::new(text);
    // A C string cannot hold a NUL, so OpenSSL has no result for it.
    if let Some(at) = text.find('\0') {
        return Err(reader.invalid_command(0, at));
    }
    let suite_b = SuiteB::at_start_of(text);
    match suite_b {
        Some((mode, prefix)) => reader.apply_suite_b(mode, prefix.len()),
        None => reader.read_all()?,
    }
    if reader.order.active().is_empty() {
        return Err(CipherListError::NoCipherMatch {
            rules: reader.rules,
        });
    }
    Ok(Evaluation {
        suites: reader.order.into_active(),
        rules: reader.rules,
        security_level: reader.security_level,
        suite_b: suite_b.map(|(mode, _)| mode),
    })
}

/// Where the evaluation of a string stands.
struct Reader<'a> {
    text: &'a str,
    /// The next byte to read. It is always at the boundary of a character: words and separators are ASCII, and other
    /// bytes are passed over up to a separator.
    at: usize,
    order: Order,
    rules: Vec<Rule>,
    security_level: Option<SecurityLevel>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            order: Order::new(),
            rules: Vec::new(),
            security_level: None,
        }
    }

    /// Applies a Suite B mode, which has its own list of suites. OpenSSL does not read what follows the word.
    fn apply_suite_b(&mut self, mode: SuiteB, word_len: usize) {
        for name in mode.suite_names() {
            self.apply_known(Operator::Add, name);
        }
        self.at = self.text.len();
        self.record(0, RuleEffect::SuiteB(mode), word_len);
    }

    /// `DEFAULT` is compared as a prefix, and only here: in any other place it is an unknown word.
    fn read_all(&mut self) -> Result<(), CipherListError> {
        if self.text.starts_with(DEFAULT) {
            self.at = DEFAULT.len();
            self.apply_default();
        }
        while let Some(byte) = self.peek() {
            if is_separator(byte) {
                self.at += 1;
            } else {
                self.read_rule(byte)?;
            }
        }
        Ok(())
    }

    /// Applies `DEFAULT`, which stands for `ALL:!COMPLEMENTOFDEFAULT:!eNULL`. So no later rule can add what it leaves
    /// out.
    fn apply_default(&mut self) {
        for (operator, word) in [
            (Operator::Add, "ALL"),
            (Operator::Kill, "COMPLEMENTOFDEFAULT"),
            (Operator::Kill, "eNULL"),
        ] {
            self.apply_known(operator, word);
        }
        let added = RuleEffect::Added(self.order.active().len());
        self.record(0, added, self.at);
    }

    /// Applies a rule of one word that is in the tables, and notes nothing.
    fn apply_known(&mut self, operator: Operator, word: &str) {
        if let Some(pattern) = Pattern::of_word(word) {
            self.order.apply(operator, &pattern);
        }
    }

    /// Reads and applies one rule, which ends before the next separator at the latest. After a rule that
    /// was understood the next one may follow without a separator (`ALL!aNULL`).
    fn read_rule(&mut self, first: u8) -> Result<(), CipherListError> {
        let start = self.at;
        let operator = match first {
            b'!' => Operator::Kill,
            b'-' => Operator::Delete,
            b'+' => Operator::MoveToEnd,
            b'@' => {
                self.at += 1;
                return self.read_command(start);
            }
            _ => Operator::Add,
        };
        if operator != Operator::Add {
            self.at += 1;
        }
        match self.read_words(start)? {
            Words::Known(pattern) => {
                let effect = self.order.apply(operator, &pattern);
                self.record(start, effect, self.at);
            }
            Words::Dropped(effect) => {
                self.skip_to_separator();
                self.record(start, effect, start);
            }
        }
        Ok(())
    }

    /// Reads words joined with `+`.
    ///
    /// A suite is selected if it meets the conditions of all of them. An unknown word, or one that excludes an earlier
    /// one, ends the rule; what follows is not read.
    fn read_words(&mut self, start: usize) -> Result<Words, CipherListError> {
        let mut pattern = Pattern::EVERYTHING;
        loop {
            let word = self.read_word(start)?;
            let joined = self.peek() == Some(b'+');
            if joined {
                self.at += 1;
            }
            let Some(known) = Pattern::of_word(word) else {
                return Ok(Words::Dropped(RuleEffect::Unknown(word.to_owned())));
            };
            match pattern.and(known) {
                Some(both) => pattern = both,
                None => return Ok(Words::Dropped(RuleEffect::Contradictory)),
            }
            if !joined {
                return Ok(Words::Known(pattern));
            }
        }
    }

    /// Reads what follows `@`. An unknown command is an error for the whole string.
    fn read_command(&mut self, start: usize) -> Result<(), CipherListError> {
        let word = self.read_word(start)?;
        let end = self.at;
        let effect = match word.strip_prefix("SECLEVEL=") {
            Some(number) => parse_level(number).map(RuleEffect::SecurityLevel),
            None => (word == "STRENGTH").then(|| self.order.sort_by_strength()),
        };
        let Some(effect) = effect else {
            return Err(self.invalid_command(start, start));
        };
        if let RuleEffect::SecurityLevel(level) = effect {
            self.security_level = Some(level);
        }
        self.skip_to_separator();
        self.record(start, effect, end);
        Ok(())
    }

    /// Reads as many bytes as belong to a word. At least one is needed. `start` is where the rule began, for the error.
    fn read_word(&mut self, start: usize) -> Result<&'a str, CipherListError> {
        let rest = &self.text[self.at..];
        let is_word_byte =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'=');
        let len = rest.bytes().take_while(|byte| is_word_byte(*byte)).count();
        if len == 0 {
            return Err(self.invalid_command(start, self.at));
        }
        self.at += len;
        Ok(&rest[..len])
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over what OpenSSL does not read.
    fn skip_to_separator(&mut self) {
        let rest = self.text[self.at..].bytes();
        self.at += rest.take_while(|byte| !is_separator(*byte)).count();
    }

    /// Notes what became of the text from `start` on, which was understood up to `understood`.
    fn record(&mut self, start: usize, effect: RuleEffect, understood: usize) {
        let text = &self.text[start..self.at];
        self.rules.push(Rule::new(text, understood - start, effect));
    }

    /// The error at byte `at`, with the text of the rule from `start` to the next separator.
    fn invalid_command(&mut self, start: usize, at: usize) -> CipherListError {
        self.at = at;
        self.skip_to_separator();
        CipherListError::InvalidCommand {
            at,
            text: self.text[start..self.at].to_owned(),
        }
    }
}

/// The words of a rule, read.
enum Words {
    /// What they select together.
    Known(Pattern),
    /// OpenSSL passes over the rule, for this reason.
    Dropped(RuleEffect),
}

/// A tab, an end of line or `|` is no separator.
fn is_separator(byte: u8) -> bool {
    matches!(byte, b':' | b',' | b';' | b' ')
}

/// One digit from 0 to 5, and nothing else.
fn parse_level(number: &str) -> Option<SecurityLevel> {
    match number.as_bytes() {
        [digit @ b'0'..=b'9'] => SecurityLevel::new(digit - b'0'),
        _ => None,
    }
}

const DEFAULT: &str = "DEFAULT";
