//! `connect --register`, with a registrar that is made with the library.

mod answers;
mod digest;
mod lines;
mod loss;
mod phone;
mod registrar;
mod registration;
#[cfg(target_os = "linux")]
mod terminal;
