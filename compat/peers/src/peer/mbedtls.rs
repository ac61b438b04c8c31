//! Mbed TLS 2.28: a small C program, `mbedtls/mbedtls.c`.

use std::sync::Arc;

use super::{Kind, Peer, c_program};
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::{Exception, Expected, alert};
use crate::pki::Pki;
use crate::process::{Process, Running};

pub(crate) const KIND: Kind = Kind {
    name: "mbedtls",
    packages: &["gcc", "libc6-dev", "libmbedtls-dev"],
    open: |pki| Ok(Box::new(Mbedtls::open(pki)?)),
};

struct Mbedtls {
    pki: Arc<Pki>,
}

impl Mbedtls {
    fn open(pki: Arc<Pki>) -> Result<Self, String> {
        let libraries = ["-lmbedtls", "-lmbedx509", "-lmbedcrypto"];
        c_program::compile(
            &pki,
            "mbedtls",
            include_str!("mbedtls/mbedtls.c"),
            &libraries,
        )?;
        Ok(Self { pki })
    }

    fn start(&self, word: &str, setup: Setup, port: u16) -> Result<Process, String> {
        let suite = match setup.suites {
            Suites::Default => "",
            Suites::Cbc => "TLS-ECDHE-RSA-WITH-AES-128-CBC-SHA",
            Suites::Ccm8 => "TLS-ECDHE-ECDSA-WITH-AES-128-CCM-8",
            Suites::Dhe => "TLS-DHE-RSA-WITH-AES-128-GCM-SHA256",
            Suites::StaticRsa => "TLS-RSA-WITH-AES-128-GCM-SHA256",
        };
        let words = [word, &port.to_string(), suite];
        c_program::start(&self.pki, "mbedtls", &words, setup)
    }
}

impl Peer for Mbedtls {
    fn version(&self) -> String {
        super::first_line(
            "dpkg-query",
            &["-Wf", "Mbed TLS ${Version}", "libmbedtls-dev"],
        )
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        use Exception::{Cannot, Otherwise};
        use Scenario as S;
        Some(match (cell.scenario, cell.role, cell.version) {
            (_, _, Version::Tls13) => Cannot("Mbed TLS 2.28 speaks TLS 1.2 only"),
            (S::NoCertificate, Role::Server, _) => Otherwise(
                Expected::Closed,
                "Mbed TLS 2.28 closes the connection if the client brings no certificate",
            ),
            (S::OtherVersion, Role::Server, _) => Otherwise(
                Expected::Alert(alert::HANDSHAKE_FAILURE),
                "Mbed TLS 2.28 finds no common suite before it looks at versions",
            ),
            _ => return None,
        })
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        c_program::listening(self.start("serve", setup, port)?, port)
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        Ok(c_program::asking(self.start("call", setup, port)?))
    }
}
