//! NSS: its programs `selfserv`, which speaks HTTP, and `tstclnt`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Peer};
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::{Exception, Expected, Speech, alert};
use crate::pki::{Identity, Pki};
use crate::process::{Process, Running};
use crate::sip;

pub(crate) const KIND: Kind = Kind {
    name: "nss",
    packages: &["libnss3-tools"],
    open: |pki| Ok(Box::new(Nss::open(pki)?)),
};

struct Nss {
    pki: Arc<Pki>,
}

impl Nss {
    /// Makes a database for each identity, and one without a certificate.
    fn open(pki: Arc<Pki>) -> Result<Self, String> {
        let nss = Self { pki };
        nss.make_database(None)?;
        for identity in Identity::ALL {
            nss.make_database(Some(identity))?;
        }
        Ok(nss)
    }

    fn make_database(&self, identity: Option<Identity>) -> Result<(), String> {
        let folder = self.folder(identity);
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let database = database(&folder);
        self.run("certutil", &["-N", "-d", &database, "--empty-password"])?;
        for ca in ["root", "issuing"] {
            let (certificate, list) = (format!("{ca}.pem"), format!("{ca}.der"));
            let trust = match ca {
                "root" => "CT,,",
                _ => ",,",
            };
            self.run(
                "certutil",
                &[
                    "-A",
                    "-d",
                    &database,
                    "-n",
                    ca,
                    "-t",
                    trust,
                    "-i",
                    &certificate,
                ],
            )?;
            let pem = format!("{ca}.crl");
            self.run(
                "openssl",
                &["crl", "-in", &pem, "-outform", "DER", "-out", &list],
            )?;
            self.run("crlutil", &["-I", "-d", &database, "-i", &list])?;
        }
        if let Some(identity) = identity {
            let bundle = format!("{}.p12", identity.name());
            self.run(
                "pk12util",
                &[
                    "-i",
                    &bundle,
                    "-d",
                    &database,
                    "-K",
                    "",
                    "-W",
                    Pki::PASSWORD,
                ],
            )?;
        }
        Ok(())
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<(), String> {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.pki.folder());
        Process::run(&mut command, LIMIT).map(drop)
    }

    fn folder(&self, identity: Option<Identity>) -> PathBuf {
        let name = identity.map_or("nobody", Identity::name);
        self.pki.file(&format!("nss-{name}"))
    }

    fn start(&self, mut command: Command, setup: Setup, port: u16) -> Result<Process, String> {
        let version = match setup.version {
            Version::Tls12 => "tls1.2:tls1.2",
            Version::Tls13 => "tls1.3:tls1.3",
        };
        command
            .args(["-d", &database(&self.folder(setup.identity))])
            .args(["-p", &port.to_string()])
            .args(["-V", version]);
        if let Some(identity) = setup.identity {
            command.args(["-n", identity.name()]);
        }
        match setup.suites {
            Suites::Default | Suites::Ccm8 => {}
            Suites::Cbc => drop(command.args(["-c", ":C013"])),
            Suites::Dhe => drop(command.args(["-c", ":009E"])),
            Suites::StaticRsa => drop(command.args(["-c", ":009C"])),
        }
        Process::start(&mut command)
    }
}

impl Peer for Nss {
    fn version(&self) -> String {
        let version = super::first_line("dpkg-query", &["-W", "-f=${Version}", "libnss3-tools"]);
        format!("NSS {version}")
    }

    fn speech(&self) -> Speech {
        Speech::Http
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        match (cell.scenario, cell.role, cell.version) {
            (Scenario::Ccm8, _, _) => Some(Exception::Cannot("NSS has no CCM")),
            (Scenario::NoCertificate, Role::Server, Version::Tls12) => Some(Exception::Otherwise(
                Expected::Alert(alert::BAD_CERTIFICATE),
                "NSS calls the absence of a certificate a bad certificate",
            )),
            _ => None,
        }
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let mut command = Command::new("selfserv");
        // Requests a certificate, requires it, and enables DHE.
        command.args(["-r", "-r", "-H", "1"]);
        let mut process = self.start(command, setup, port)?;
        process.wait_for_port(port)?;
        Ok(Box::new(process))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let mut command = Command::new("tstclnt");
        command.args(["-4", "-f", "-h", "localhost"]);
        let mut process = self.start(command, setup, port)?;
        // A client that has given up already accepts no input.
        let _ = process.write(sip::OPTIONS);
        Ok(Box::new(process.ends_with(sip::ANSWER, LIMIT)))
    }
}

fn database(folder: &Path) -> String {
    format!("sql:{}", folder.display())
}

const LIMIT: Duration = Duration::from_secs(10);
