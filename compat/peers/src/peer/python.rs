//! Python's module `ssl`, with the OpenSSL that it is linked to.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Peer};
use crate::cell::{Role, Setup, Suites, Version};
use crate::pki::Pki;
use crate::process::{Process, Running, write_file};
use crate::sip;

pub(crate) const KIND: Kind = Kind {
    name: "python",
    packages: &["python3"],
    open: |pki| super::with_program("python3", Python::open(pki)?),
};

struct Python {
    pki: Arc<Pki>,
}

impl Python {
    fn open(pki: Arc<Pki>) -> Result<Self, String> {
        write_file(&pki.file("peer.py"), include_str!("python/peer.py"))?;
        write_file(&pki.file("ccm8.cnf"), CCM8)?;
        let mut command = Command::new("openssl");
        command
            .args(["genpkey", "-quiet", "-genparam", "-algorithm", "DH"])
            .args(["-pkeyopt", "group:ffdhe2048", "-out", "python-dh.pem"])
            .current_dir(pki.folder());
        Process::run(&mut command, LIMIT)?;
        Ok(Self { pki })
    }

    fn start(&self, setup: Setup, port: u16) -> Result<Process, String> {
        let role = match setup.role {
            Role::Server => "serve",
            Role::Client => "call",
        };
        let version = match setup.version {
            Version::Tls12 => "TLSv1_2",
            Version::Tls13 => "TLSv1_3",
        };
        let ciphers = match setup.version {
            Version::Tls12 => setup.suites.openssl(),
            Version::Tls13 => Suites::Default.openssl(),
        };
        let settings = serde_json::json!({
            "version": version,
            "ciphers": ciphers,
            "authorities": self.pki.root(),
            "lists": self.pki.lists(),
            "dh": self.pki.file("python-dh.pem"),
            "chain": setup.identity.map(|identity| self.pki.chain(identity)),
            "key": setup.identity.map(|identity| self.pki.key(identity)),
            "request": sip::OPTIONS,
        });
        let mut command = Command::new("python3");
        command.arg(self.pki.file("peer.py")).args([
            role,
            &port.to_string(),
            &settings.to_string(),
        ]);
        if setup.suites == Suites::Ccm8 && setup.version == Version::Tls13 {
            // Python itself has no setting for the suites of TLS 1.3.
            command.env("OPENSSL_CONF", self.pki.file("ccm8.cnf"));
        }
        Process::start(&mut command)
    }
}

impl Peer for Python {
    fn version(&self) -> String {
        let python = super::first_line("python3", &["--version"]);
        let program = "import ssl; print(ssl.OPENSSL_VERSION)";
        let openssl = super::first_line("python3", &["-c", program]);
        format!("{python}, {openssl}")
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let mut process = self.start(setup, port)?;
        process.wait_for_port(port)?;
        Ok(Box::new(process))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        Ok(Box::new(self.start(setup, port)?))
    }
}

const CCM8: &str = "\
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = default
[default]
Ciphersuites = TLS_AES_128_CCM_8_SHA256
";
const LIMIT: Duration = Duration::from_secs(10);
