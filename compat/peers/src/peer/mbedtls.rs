//! Mbed TLS 2.28: a small program in C, `mbedtls/mbedtls.c`.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Peer};
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::{Exception, Expected, alert};
use crate::pki::Pki;
use crate::process::{Process, Running, write_file};
use crate::sip;

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
        write_file(&pki.file("mbedtls.c"), include_str!("mbedtls/mbedtls.c"))?;
        let mut compile = Command::new("cc");
        compile
            .args(["-O1", "mbedtls.c", "-o", "mbedtls"])
            .args(["-lmbedtls", "-lmbedx509", "-lmbedcrypto"])
            .current_dir(pki.folder());
        Process::run(&mut compile, Duration::from_secs(60))?;
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
        let file = |path: Option<PathBuf>| path.unwrap_or_default();
        let mut command = Command::new(self.pki.file("mbedtls"));
        command
            .args([word, &port.to_string(), suite])
            .arg(file(
                setup.identity.map(|identity| self.pki.chain(identity)),
            ))
            .arg(file(setup.identity.map(|identity| self.pki.key(identity))))
            .current_dir(self.pki.folder());
        Process::start(&mut command)
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
        let mut process = self.start("serve", setup, port)?;
        process.wait_for_port(port)?;
        Ok(Box::new(process))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let mut process = self.start("call", setup, port)?;
        // A client that has ended takes nothing.
        let _ = process.write(sip::OPTIONS);
        process.close_stdin();
        Ok(Box::new(process))
    }
}
