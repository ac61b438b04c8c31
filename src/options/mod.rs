//! The options, as typed values.
//!
//! This stage turns names and texts into values that nobody has to look at again.
//! [`TlsOptionsBuilder`] collects the settings of a profile and of code; [`TlsOptions`] is the
//! result. After that, no text of an option is parsed a second time. The files that options name
//! are not opened here: that is the next stage, [`pki`](crate::pki).
//!
//! Each option is a row of [`OPTIONS`]. The row has the names, the values and the default of the
//! option, and the function that reads its value. The program's help and the tables of the manual
//! are made from the same rows.
//!
//! | option | type of its value |
//! | --- | --- |
//! | `certificate`, `certificate-key`, `tls-crl` | [`Sources`] |
//! | `trusted-ca` | [`TrustedCa`] |
//! | `sec-protocol` | [`SecProtocol`] |
//! | `cipher-list` | [`CipherList`] |
//! | `ciphersuites` | [`Ciphersuites`] |
//! | `tls-target-name-check` | [`NameCheck`] |
//! | `tls-target-name`, `tls-mutual` | text, and whether a client certificate is needed |
//!
//! Nothing is ignored silently. What became of each setting stands in [`TlsOptions::report`].

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
