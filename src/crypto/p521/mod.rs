//! The curve P-521 (secp521r1), of which the base providers support little or nothing.
//!
//! OpenSSL offers P-521 and accepts it for keys by default, so a deployment may depend on it. ECDSA
//! signatures of the curve are verified by the module `ecdsa`; keys that sign, and the key
//! exchange, are here. The crate p521 does the arithmetic.
//!
//! TLS 1.2 needs the group beside the key: a server picks a suite with ECDSA only if the client
//! offers the curve of its certificate (RFC 8422, section 5.1.1).

mod exchange;
mod sign;

pub(super) use exchange::group;
pub(super) use sign::load;
