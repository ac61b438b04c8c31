//! Asks both the same question.

use std::sync::LazyLock;

use sip_tls::options::{
    CipherList, CipherListError, CipherSuite, Ciphersuites, Rule, RuleEffect, SecurityLevel,
};

use crate::live::{self, Answer, List};

/// The answers of both.
pub struct Answers {
    pub openssl: Answer,
    pub ours: Answer,
}

impl Answers {
    /// Whether they disagree.
    pub fn differ(&self) -> bool {
        self.openssl != self.ours
    }
}

/// Asks both for a cipher list. The string must not hold NUL.
///
/// `None` if the string means something else in the language of this OpenSSL.
pub fn cipher_list(text: &[u8]) -> Option<Answers> {
    let asked = live::speaks_3_0() || !means_something_else_since(text);
    asked.then(|| answers(live::cipher_list(text), our_cipher_list(text)))
}

/// Asks both for suites of TLS 1.3. The string must not hold NUL.
pub fn ciphersuites(text: &[u8]) -> Option<Answers> {
    Some(answers(live::ciphersuites(text), our_ciphersuites(text)))
}

fn answers(mut openssl: Answer, mut ours: Answer) -> Answers {
    if !live::speaks_3_0() {
        leave_out_ccm8(&mut openssl);
        leave_out_ccm8(&mut ours);
    }
    Answers { openssl, ours }
}

fn our_cipher_list(text: &[u8]) -> Answer {
    let list = CipherList::from_bytes(text).map_err(|error| error.reason().to_owned())?;
    assert_eq!(
        list.to_string().parse().as_ref(),
        Ok(&list),
        "printed and read again"
    );
    let level = list
        .security_level()
        .map_or(*DEFAULT_LEVEL, SecurityLevel::number);
    Ok(List {
        suites: numbers(list.suites()),
        level,
    })
}

fn our_ciphersuites(text: &[u8]) -> Answer {
    let list = Ciphersuites::from_bytes(text).map_err(|error| error.reason().to_owned())?;
    assert_eq!(
        list.to_string().parse().as_ref(),
        Ok(&list),
        "printed and read again"
    );
    Ok(List {
        suites: numbers(list.suites()),
        level: *DEFAULT_LEVEL,
    })
}

fn numbers(suites: &[&CipherSuite]) -> Vec<u16> {
    suites.iter().map(|suite| suite.number()).collect()
}

/// Whether a string has a part that OpenSSL may read in another way since 3.2.
///
/// Later versions may know words that 3.0 does not know, in upper or lower case.
fn means_something_else_since(text: &[u8]) -> bool {
    let is_unknown = |rule: &Rule| matches!(rule.effect(), RuleEffect::Unknown(_));
    let has_unknown = match CipherList::from_bytes(text) {
        Ok(list) => list.rules().iter().any(is_unknown),
        Err(CipherListError::NoCipherMatch { rules, .. }) => rules.iter().any(is_unknown),
        Err(_) => false,
    };
    let text = String::from_utf8_lossy(text);
    has_unknown || text.contains('_') || CHANGED.iter().any(|word| text.contains(word))
}

/// Removes the CCM8 suites from an answer. They count as 64 bits since 3.2, and so stand elsewhere.
fn leave_out_ccm8(answer: &mut Answer) {
    let is_ccm8 = |number| {
        CipherSuite::by_number(number).is_some_and(|suite| suite.openssl_name().contains("CCM8"))
    };
    if let Ok(list) = answer {
        list.suites.retain(|number| !is_ccm8(*number));
    }
}

/// The default security level. Each distribution builds its own into OpenSSL.
static DEFAULT_LEVEL: LazyLock<u8> = LazyLock::new(|| live::Context::new().level());

const CHANGED: &[&str] = &["3DES", "CCM", "FIPS", "HIGH", "LOW", "MEDIUM", "SSLv3"];
