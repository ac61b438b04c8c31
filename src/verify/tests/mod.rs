//! Chains, and OpenSSL's answers for them.

mod case;
mod constraints;
mod paths;
mod resources;
mod verdicts;
