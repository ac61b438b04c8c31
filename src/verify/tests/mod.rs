//! Chains, and OpenSSL's answers for them.

mod case;
mod constraints;
mod explanations;
mod paths;
mod resources;
mod verdicts;
