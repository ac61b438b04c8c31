//! The manual: what this crate does with the configuration of an OpenSSL endpoint.
//!
//! The documentation of an item says how to use it. These pages say how the items belong together, and what replaces
//! what. Read them in this order:
//!
//! | page | question |
//! | --- | --- |
//! | [Coming from OpenSSL](coming_from_openssl) | What replaces this call, this option, this command? |
//! | [The options in full](options) | What does this option take, and what happens if it is empty? |
//! | [What is refused and why](refused) | Why does this configuration, or this peer, not work? |
//! | [Verification rules, with OpenSSL's numbers](verification) | What does error 20 at depth 1 mean? |
//! | [Using it in a SIP stack](stacks) | How do ezk, rsipstack, rvoip and other stacks connect with it? |
//! | [Reload, lists and expiry](reload) | How do new certificates and lists come into use? |
//! | [Speed](speed) | What costs time and memory, and what changes it? |
//!
//! Lines that begin with `$` are commands. Tests run them, and compare what they print with what stands under them. Only
//! numbers may differ, and `...` stands for lines that are left out. The certificates are those of the tests: `root.pem` is
//! the trusted CA, `good.pem` is a certificate for `sip.example.com` with its intermediate, and `good.key` is its key.

#[doc = include_str!("coming_from_openssl.md")]
pub mod coming_from_openssl {}

#[doc = include_str!("options.md")]
pub mod options {}

#[doc = include_str!("refused.md")]
pub mod refused {}

#[doc = include_str!("verification.md")]
pub mod verification {}

#[doc = include_str!("stacks.md")]
pub mod stacks {}

#[doc = include_str!("reload.md")]
pub mod reload {}

#[doc = include_str!("speed.md")]
pub mod speed {}
