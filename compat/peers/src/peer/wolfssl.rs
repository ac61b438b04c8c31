//! wolfSSL: a small C program, `wolfssl/wolfssl.c`.

use std::sync::Arc;

use super::{Kind, Peer, Special, c_program};
use crate::cause;
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::{Exception, Expected, Speech, alert};
use crate::ours::Ours;
use crate::pki::{Identity, Pki};
use crate::process::{Process, Running, free_port};

pub(crate) const KIND: Kind = Kind {
    name: "wolfssl",
    packages: &["gcc", "libc6-dev", "libwolfssl-dev"],
    open: |pki| Ok(Box::new(Wolfssl::open(pki)?)),
};

struct Wolfssl {
    pki: Arc<Pki>,
}

impl Wolfssl {
    fn open(pki: Arc<Pki>) -> Result<Self, String> {
        c_program::compile(
            &pki,
            "wolfssl",
            include_str!("wolfssl/wolfssl.c"),
            &["-lwolfssl"],
        )?;
        Ok(Self { pki })
    }

    fn start(&self, word: &str, setup: Setup, port: u16) -> Result<Process, String> {
        let version = match setup.version {
            Version::Tls12 => "1.2",
            Version::Tls13 => "1.3",
        };
        let suites = match (setup.suites, setup.version) {
            (Suites::Default, _) => "",
            (Suites::Ccm8, Version::Tls13) => "TLS13-AES128-CCM-8-SHA256",
            (Suites::Ccm8, Version::Tls12) => "ECDHE-ECDSA-AES128-CCM-8",
            (suites, _) => suites.openssl(),
        };
        let words = [word, &port.to_string(), version, suites];
        c_program::start(&self.pki, "wolfssl", &words, setup)
    }
}

impl Peer for Wolfssl {
    fn version(&self) -> String {
        super::first_line(
            "dpkg-query",
            &["-Wf", "wolfSSL ${Version}", "libwolfssl-dev"],
        )
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        use Exception::{Cannot, Otherwise};
        use Scenario as S;
        Some(match (cell.scenario, cell.role, cell.version) {
            (S::StaticRsa, ..) => Cannot("Debian's wolfSSL has no static RSA"),
            (S::NoCertificate, Role::Server, Version::Tls12) => Otherwise(
                Expected::Closed,
                "wolfSSL closes a TLS 1.2 connection if the client brings no certificate",
            ),
            (S::OtherVersion, Role::Server, Version::Tls12) => Otherwise(
                Expected::Alert(alert::HANDSHAKE_FAILURE),
                "wolfSSL without TLS 1.3 finds no common suite before it looks at versions",
            ),
            (S::Ccm8, Role::Server, Version::Tls12) => Otherwise(
                Expected::Closed,
                "wolfSSL asks the client for an ECDSA certificate if its own is one, and ours is not",
            ),
            _ => return None,
        })
    }

    fn words(&self, cell: Cell) -> &'static [&'static str] {
        match cell.scenario {
            // In the exception for CCM8 above, the cause is the kind of key that wolfSSL asks for.
            Scenario::Ccm8 => &["our key is RSA"],
            _ => cause::words(cell),
        }
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        c_program::listening(self.start("serve", setup, port)?, port)
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        Ok(c_program::asking(self.start("call", setup, port)?))
    }

    fn special(&mut self, ours: &Ours) -> Vec<Special> {
        vec![Special {
            name: "we call the peer, TLSv1.2, CCM8 only, our certificate is ECDSA, too",
            result: self.ccm8_with_ecdsa(ours),
        }]
    }
}

impl Wolfssl {
    fn ccm8_with_ecdsa(&mut self, ours: &Ours) -> Result<String, String> {
        let cell = Cell {
            scenario: Scenario::Ccm8,
            role: Role::Server,
            version: Version::Tls12,
        };
        let port = free_port();
        let _server = self.serve(cell.theirs(), port)?;
        let mut command = ours.command("connect", Some(Identity::Ec), cell.our_options());
        command.args(["--server", &format!("localhost:{port}")]);
        let record = ours.connect_with(command, port)?;
        Expected::plain(cell).check(cell, Speech::Sip, &record)
    }
}
