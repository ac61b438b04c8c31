//! The options, as typed values.

mod builder;
mod cipher_list;
mod ciphersuites;
#[cfg(feature = "serde")]
mod deserialize;
mod error;
mod file_list;
mod name_check;
mod protocol;
mod role;
mod source;
mod table;
mod tls_options;
mod value_error;

pub use builder::TlsOptionsBuilder;
pub use cipher_list::{
    Authentication, CipherList, CipherListError, CipherSuite, Encryption, Hint, KeyExchange, Mac,
    MinVersion, NothingUsable, Rule, RuleEffect, SecurityLevel, Selection, SuiteB, Unusable,
    openssl_name,
};
pub use ciphersuites::{Ciphersuites, CiphersuitesError, IgnoredName};
pub use error::OptionError;
pub use file_list::FileList;
pub use name_check::NameCheck;
pub use protocol::SecProtocol;
pub use role::Role;
pub(crate) use source::{NamedBytes, SourceKind};
pub use source::{Source, Sources};
pub use table::{OPTIONS, OptionInfo};
pub use tls_options::{TlsOptions, TrustedCa};
pub use value_error::ValueError;
