//! Tests of the program, as a user runs it.

mod bad_peers;
mod check;
mod ciphers;
mod command_line;
mod connect;
mod crl;
mod demo;
mod faults;
mod help;
mod listen;
#[cfg(target_os = "linux")]
mod load;
mod openssl;
mod passphrases;
mod peers;
mod program;
mod readme;
#[cfg(unix)]
mod register;
mod schema;
mod srv;
mod tables;
#[cfg(target_os = "linux")]
mod terminal;
mod verify;
