//! The forms in which administrators keep keys, certificates, CAs and lists.
//!
//! Each form is made by a program that administrators use for it. A form that must load is loaded, and makes a
//! handshake with `openssl`. A form that is refused is refused with a sentence. If the sentence has a command that
//! converts the file, the command is run and its result must load. `openssl` must be able to read what is loaded here.

mod cas;
mod edit;
mod encrypted_keys;
mod form;
mod identities;
mod keys;
mod lists;
mod mutants;
mod paths;
mod peer;
mod pkcs12;
mod pki;
mod refused;
mod tally;
mod trial;
