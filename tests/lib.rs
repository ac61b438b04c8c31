//! The integration tests.

mod cipher_list;
