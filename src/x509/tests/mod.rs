//! The reader against x509-parser and against the installed `openssl`.

mod ask;
mod case;
mod certificates;
mod clock;
pub(crate) mod deep;
mod describe;
mod encoding;
mod extensions;
mod issuers;
mod lists;
mod oracle;
mod samples;
mod speed;
mod types;
