//! GnuTLS: `gnutls-serv` and `gnutls-cli`.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Peer};
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::{Exception, Expected, alert};
use crate::pki::Pki;
use crate::process::{Process, Running};
use crate::sip;

pub(crate) const KIND: Kind = Kind {
    name: "gnutls",
    packages: &["gnutls-bin"],
    open: |pki| Ok(Box::new(Gnutls { pki })),
};

struct Gnutls {
    pki: Arc<Pki>,
}

impl Peer for Gnutls {
    fn version(&self) -> String {
        super::first_line("gnutls-cli", &["--version"])
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        use Scenario as S;
        let (code, reason) = match (cell.scenario, cell.role, cell.version) {
            (S::OursRevoked | S::OursExpired | S::OursUnknown, Role::Server, _) => (
                alert::ACCESS_DENIED,
                "gnutls-serv has one alert for every certificate",
            ),
            (S::OursRevoked | S::OursExpired | S::OursUnknown, Role::Client, _) => (
                alert::BAD_CERTIFICATE,
                "gnutls-cli has one alert for every certificate",
            ),
            (S::NoCertificate, Role::Server, Version::Tls12) => (
                alert::DECODE_ERROR,
                "gnutls-serv calls the absence of a certificate a decode error",
            ),
            (S::OtherVersion, Role::Server, Version::Tls12) => (
                alert::HANDSHAKE_FAILURE,
                "gnutls-serv without TLS 1.3 finds no common suite before it looks at versions",
            ),
            _ => return None,
        };
        Some(Exception::Otherwise(Expected::Alert(code), reason))
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let mut command = Command::new("gnutls-serv");
        command
            .args([
                "--echo",
                "--crlf",
                "--require-client-cert",
                "--verify-client-cert",
            ])
            .args(["--port", &port.to_string()]);
        self.set_up(&mut command, setup);
        let mut process = Process::start(&mut command)?;
        process.wait_for_port(port)?;
        Ok(Box::new(process))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let mut command = Command::new("gnutls-cli");
        command.args(["--port", &port.to_string()]);
        self.set_up(&mut command, setup);
        command.arg("localhost");
        let mut process = Process::start(&mut command)?;
        // A client that has given up already accepts no input.
        let _ = process.write(sip::OPTIONS);
        Ok(Box::new(process.ends_with(sip::ANSWER, LIMIT)))
    }
}

impl Gnutls {
    fn set_up(&self, command: &mut Command, setup: Setup) {
        command
            .args(["--priority", &priority(setup)])
            .arg("--x509cafile")
            .arg(self.pki.authorities())
            .arg("--x509crlfile")
            .arg(self.pki.lists());
        if let Some(identity) = setup.identity {
            command
                .arg("--x509certfile")
                .arg(self.pki.chain(identity))
                .arg("--x509keyfile")
                .arg(self.pki.key(identity));
        }
    }
}

pub(super) fn priority(setup: Setup) -> String {
    let version = match setup.version {
        Version::Tls12 => "1.2",
        Version::Tls13 => "1.3",
    };
    let suites = match setup.suites {
        Suites::Default => "",
        Suites::Cbc => ":-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-CBC:-MAC-ALL:+SHA1",
        Suites::Ccm8 => ":-CIPHER-ALL:+AES-128-CCM-8",
        Suites::Dhe => ":-KX-ALL:+DHE-RSA",
        Suites::StaticRsa => ":-KX-ALL:+RSA",
    };
    format!("NORMAL:-VERS-ALL:+VERS-TLS{version}{suites}")
}

const LIMIT: Duration = Duration::from_secs(10);
