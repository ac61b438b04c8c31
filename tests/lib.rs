//! The integration tests.

mod cipher_list;
mod crypto;
mod package;
mod pki;
mod profile;
