//! Botan 2: the commands `tls_server` and `tls_client` of its program.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Peer};
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::{Exception, Expected};
use crate::pki::Pki;
use crate::process::{Process, Running, write_file};
use crate::sip;

pub(crate) const KIND: Kind = Kind {
    name: "botan",
    packages: &["botan"],
    open: |pki| super::with_program("botan", Botan { pki }),
};

struct Botan {
    pki: Arc<Pki>,
}

impl Botan {
    fn start(&self, mut command: Command, setup: Setup, port: u16) -> Result<Process, String> {
        let policy = self.pki.file(&format!("botan-{port}.policy"));
        write_file(&policy, &policy_text(setup.suites))?;
        command
            .arg(format!("--policy={}", policy.display()))
            .arg(format!("--port={port}"));
        Process::start(&mut command)
    }
}

impl Peer for Botan {
    fn version(&self) -> String {
        format!("Botan {}", super::first_line("botan", &["version"]))
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        use Exception::{Cannot, Otherwise};
        use Scenario as S;
        if cell.version == Version::Tls13 {
            return Some(Cannot("Botan 2 speaks TLS 1.2 only"));
        }
        Some(match (cell.scenario, cell.role) {
            (S::OursRevoked | S::OursExpired | S::OursUnknown | S::NoCertificate, Role::Server) => {
                Cannot("tls_server of Botan asks for no client certificate")
            }
            (S::TheirsRevoked | S::TheirsExpired | S::TheirsUnknown, Role::Client) => {
                Cannot(NO_CERTIFICATE)
            }
            (S::OursRevoked | S::OursExpired | S::OursElsewhere | S::OursUnknown, Role::Client) => {
                Cannot("tls_client of Botan prints what is wrong with a certificate, and goes on")
            }
            (S::Good | S::Ccm8 | S::Cbc, Role::Client) => match Expected::plain(cell) {
                Expected::Connected(cipher) => {
                    Otherwise(Expected::Anonymous(cipher), NO_CERTIFICATE)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let identity = setup.identity.ok_or("tls_server needs a certificate")?;
        let mut command = Command::new("botan");
        command
            .arg("tls_server")
            .arg(self.pki.chain(identity))
            .arg(self.pki.key(identity));
        let mut process = self.start(command, setup, port)?;
        process.wait_for_port(port)?;
        Ok(Box::new(process))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let mut command = Command::new("botan");
        command
            .args(["tls_client", "localhost", "--skip-system-cert-store"])
            .arg(format!("--trusted-cas={}", self.pki.root().display()));
        let mut process = self.start(command, setup, port)?;
        // A client that has given up already accepts no input.
        let _ = process.write(sip::OPTIONS);
        Ok(Box::new(process.ends_with(sip::ANSWER, LIMIT)))
    }
}

fn policy_text(suites: Suites) -> String {
    let (ciphers, macs, exchange) = match suites {
        Suites::Default => (
            "AES-128/GCM AES-256/GCM ChaCha20Poly1305",
            "AEAD",
            "ECDH DH",
        ),
        Suites::Cbc => ("AES-128", "SHA-1", "ECDH"),
        Suites::Ccm8 => ("AES-128/CCM(8)", "AEAD", "ECDH"),
        Suites::Dhe => ("AES-128/GCM", "AEAD", "DH"),
        Suites::StaticRsa => ("AES-128/GCM", "AEAD", "RSA"),
    };
    format!(
        "allow_tls12 = true\nciphers = {ciphers}\nmacs = {macs}\nkey_exchange_methods = {exchange}\n\
         signature_methods = ECDSA RSA IMPLICIT\nsignature_hashes = SHA-512 SHA-384 SHA-256\n\
         key_exchange_groups = x25519 secp256r1 ffdhe/ietf/2048\nminimum_rsa_bits = 2048\n"
    )
}

const NO_CERTIFICATE: &str = "tls_client of Botan takes no certificate";
const LIMIT: Duration = Duration::from_secs(10);
