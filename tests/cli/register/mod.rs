//! `connect --register`, at a registrar that is made by the library.

mod answers;
mod digest;
mod lines;
mod loss;
mod phone;
mod registrar;
mod registration;
#[cfg(target_os = "linux")]
mod terminal;
