//! Chains, and what OpenSSL makes of them.

mod case;
mod constraints;
mod paths;
mod resources;
mod verdicts;
