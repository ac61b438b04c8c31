//! The options, as typed values.

mod cipher_list;
mod ciphersuites;
mod file_list;

pub use cipher_list::{
    Authentication, CipherList, CipherListError, CipherSuite, Encryption, Hint, KeyExchange, Mac,
    MinVersion, NothingUsable, Outcome, Rule, SecurityLevel, Selection, Side, SuiteB, Unusable,
    openssl_name,
};
pub use ciphersuites::{Ciphersuites, CiphersuitesError, IgnoredName};
pub use file_list::FileList;
