//! The peers: how each is started as a server and as a client, and how it differs from OpenSSL.

mod baresip;
mod botan;
mod c_program;
mod domains;
mod gnutls;
mod java;
mod kamailio;
mod linphone;
mod mbedtls;
mod nss;
mod openssl;
mod python;
mod scanners;
mod sipp;
mod sipsak;
mod sofia;
mod wolfssl;

use std::sync::Arc;
use std::time::Duration;

use crate::cause;
use crate::cell::{Cell, Setup};
use crate::expected::{Exception, Speech};
use crate::ours::Ours;
use crate::pki::Pki;
use crate::process::{Process, Running};

/// A peer that is ready.
pub(crate) trait Peer {
    /// The version of the software.
    fn version(&self) -> String;

    fn speech(&self) -> Speech {
        Speech::Sip
    }

    /// How the result of a cell differs from that with OpenSSL.
    fn exception(&self, _cell: Cell) -> Option<Exception> {
        None
    }

    /// The words of which one must be reported for a cell.
    fn words(&self, cell: Cell) -> &'static [&'static str] {
        cause::words(cell)
    }

    /// Whether the peer has this role at all.
    fn is_tried(&self, _cell: Cell) -> bool {
        true
    }

    /// Starts a server on a port. It answers a request.
    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String>;

    /// Starts a client that sends a request to a port.
    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String>;

    /// Runs the cases for this peer only.
    fn special(&mut self, _ours: &Ours) -> Vec<Special> {
        Vec::new()
    }
}

/// A case that is tried with one peer only.
pub(crate) struct Special {
    pub(crate) name: &'static str,
    /// The result, or what was wrong.
    pub(crate) result: Result<String, String>,
}

/// A peer that can be chosen on the command line.
pub(crate) struct Kind {
    /// The name on the command line.
    pub(crate) name: &'static str,
    /// The Debian packages that it needs.
    pub(crate) packages: &'static [&'static str],
    pub(crate) open: fn(Arc<Pki>) -> Opened,
}

type Opened = Result<Box<dyn Peer>, String>;

pub(crate) const KINDS: &[Kind] = &[
    kamailio::KIND,
    domains::KIND,
    sipp::KIND,
    sofia::KIND,
    gnutls::KIND,
    java::JSSE,
    java::BOUNCY_CASTLE,
    python::KIND,
    botan::KIND,
    nss::KIND,
    wolfssl::KIND,
    mbedtls::KIND,
    baresip::KIND,
    sipsak::KIND,
    linphone::KIND,
    openssl::KIND,
    scanners::KIND,
];

/// Returns the peer if its program is installed.
fn with_program<P: Peer + 'static>(program: &str, peer: P) -> Result<Box<dyn Peer>, String> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    match std::env::split_paths(&folders).any(|folder| folder.join(program).is_file()) {
        true => Ok(Box::new(peer)),
        false => Err(format!("there is no {program}")),
    }
}

/// The first line that a program prints, such as its version.
fn first_line(program: &str, args: &[&str]) -> String {
    let mut command = std::process::Command::new(program);
    let text = Process::start(command.args(args)).map(|mut process| {
        process.close_stdin();
        // Some programs print their version and fail.
        let _ = process.wait(Duration::from_secs(60));
        process.stdout() + &process.output()
    });
    let text = text.unwrap_or_default();
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or_default().trim().to_owned()
}
