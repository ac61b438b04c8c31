//! Chains, and OpenSSL's answers for them; and the parts of a verifier.

pub(super) mod case;
mod constraints;
mod explanations;
mod findings;
mod paths;
mod printed;
mod purposes;
mod resources;
mod strength;
mod trusted;
mod verdicts;
