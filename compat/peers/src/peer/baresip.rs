//! baresip. Its library `re` has no settings for versions and suites, but uses those of OpenSSL's configuration.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use super::{Kind, Peer};
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::Exception;
use crate::pki::{Identity, Pki};
use crate::process::{Process, Running, write_file};

pub(crate) const KIND: Kind = Kind {
    name: "baresip",
    packages: &["baresip-core"],
    open: |pki| super::with_program("baresip", Baresip { pki }),
};

struct Baresip {
    pki: Arc<Pki>,
}

impl Baresip {
    /// Starts baresip with an account. It listens on this port and, for TLS, on the next one.
    fn start(&self, setup: Setup, name: &str, port: u16, account: &str) -> Result<Process, String> {
        let folder = self.pki.file(name);
        fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let mut config = format!(
            "sip_listen 127.0.0.1:{port}\nsip_cafile {}\nmodule_path {}\nmodule account.so\nmodule g711.so\n",
            self.pki.root().display(),
            modules()?.display(),
        );
        if let Some(identity) = setup.identity {
            let certificate = self.write_certificate(&folder, identity);
            let certificate = certificate.map_err(|error| format!("no certificate: {error}"))?;
            config.push_str(&format!("sip_certificate {}\n", certificate.display()));
        }
        write_file(&folder.join("config"), &config)?;
        write_file(&folder.join("accounts"), account)?;
        let openssl = folder.join("openssl.cnf");
        write_file(&openssl, &openssl_config(setup))?;
        let mut command = Command::new("baresip");
        command
            .args(["-4", "-s", "-t", "20", "-f"])
            .arg(&folder)
            .env("OPENSSL_CONF", openssl);
        Process::start(&mut command)
    }

    /// Writes the file with key and certificates that baresip reads.
    fn write_certificate(&self, folder: &Path, identity: Identity) -> io::Result<PathBuf> {
        let parts = [self.pki.key(identity), self.pki.chain(identity)];
        let mut text = Vec::new();
        for part in parts {
            text.extend(fs::read(part)?);
        }
        let path = folder.join("certificate.pem");
        fs::write(&path, text)?;
        Ok(path)
    }
}

impl Peer for Baresip {
    fn version(&self) -> String {
        super::first_line("dpkg-query", &["-Wf", "baresip ${Version}", "baresip-core"])
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        use Exception::Cannot;
        use Scenario as S;
        Some(match (cell.scenario, cell.role) {
            (S::OursRevoked | S::OursExpired | S::OursUnknown | S::NoCertificate, Role::Server) => {
                Cannot("baresip asks for no client certificate")
            }
            (S::OursRevoked | S::OursExpired | S::OursElsewhere | S::OursUnknown, Role::Client) => {
                Cannot("baresip checks no certificate of a server with a numeric address")
            }
            (S::Dhe, Role::Server) => Cannot("baresip as a server has no DHE"),
            _ => return None,
        })
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let name = format!("baresip-{port}");
        let mut process = self.start(setup, &name, port - 1, "<sip:peer@127.0.0.1>;regint=0\n")?;
        process.wait_for_port(port)?;
        Ok(Box::new(process))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        // baresip registers. It asks only DNS servers, which do not know `localhost`.
        let account = format!("<sip:peer@127.0.0.1:{port};transport=tls>;regint=60\n");
        let process = self.start(setup, &format!("baresip-{port}"), 0, &account)?;
        Ok(Box::new(process.ends_with(ANSWER, LIMIT)))
    }
}

fn openssl_config(setup: Setup) -> String {
    let version = setup.version.name();
    let suites = match (setup.suites, setup.version) {
        (Suites::Default, _) => String::new(),
        (_, Version::Tls13) => "Ciphersuites = TLS_AES_128_CCM_8_SHA256\n".to_owned(),
        (suites, Version::Tls12) => format!("CipherString = {}\n", suites.openssl()),
    };
    format!(
        "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = default\n\
         [default]\nMinProtocol = {version}\nMaxProtocol = {version}\n{suites}"
    )
}

/// The folder in which Debian installs the modules.
fn modules() -> Result<PathBuf, String> {
    let folder = PathBuf::from("/usr/lib/baresip/modules");
    match folder.is_dir() {
        true => Ok(folder),
        false => Err(format!("there is no {}", folder.display())),
    }
}

/// The beginning of our answer to REGISTER.
const ANSWER: &str = "SIP/2.0 405";
const LIMIT: Duration = Duration::from_secs(10);
