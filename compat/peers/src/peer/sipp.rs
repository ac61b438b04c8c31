//! sipp behind stunnel, because Debian builds it without TLS.

use std::process::Command;
use std::sync::Arc;

use super::{Kind, Peer};
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::{Exception, Expected, alert};
use crate::pki::Pki;
use crate::process::{Process, Running, free_port, write_file};

pub(crate) const KIND: Kind = Kind {
    name: "sipp",
    packages: &["sip-tester", "stunnel4"],
    open: |pki| Ok(Box::new(Sipp::open(pki)?)),
};

struct Sipp {
    pki: Arc<Pki>,
    /// The port on which sipp answers without TLS.
    answering: u16,
    _answerer: Process,
}

impl Sipp {
    fn open(pki: Arc<Pki>) -> Result<Self, String> {
        write_file(&pki.file("uas.xml"), include_str!("sipp/uas.xml"))?;
        write_file(&pki.file("uac.xml"), include_str!("sipp/uac.xml"))?;
        let answering = free_port();
        let mut command = Command::new("sipp");
        command
            .args(["-sf", "uas.xml", "-t", "t1", "-i", "127.0.0.1", "-nostdin"])
            .args(["-p", &answering.to_string()])
            .current_dir(pki.folder());
        let mut answerer = Process::start(&mut command)?;
        answerer.wait_for_port(answering)?;
        Ok(Self {
            pki,
            answering,
            _answerer: answerer,
        })
    }

    fn stunnel(&self, setup: Setup, accept: u16, connect: u16) -> Result<Process, String> {
        let path = self.pki.file(&format!("stunnel-{accept}.conf"));
        write_file(&path, &self.config(setup, accept, connect))?;
        let mut process = Process::start(Command::new("stunnel").arg(&path))?;
        process.wait_for_port(accept)?;
        Ok(process)
    }

    fn config(&self, setup: Setup, accept: u16, connect: u16) -> String {
        let version = setup.version.name();
        let mut text = format!(
            "foreground = yes\npid =\nsyslog = no\n[sip]\naccept = 127.0.0.1:{accept}\n\
             connect = 127.0.0.1:{connect}\nsslVersion = {version}\nverifyChain = yes\n\
             CAfile = {}\nCRLfile = {}\n",
            self.pki.root().display(),
            self.pki.lists().display()
        );
        text.push_str(match setup.role {
            Role::Server => "requireCert = yes\n",
            Role::Client => "client = yes\ncheckHost = localhost\n",
        });
        if let Some(identity) = setup.identity {
            let (chain, key) = (self.pki.chain(identity), self.pki.key(identity));
            text.push_str(&format!(
                "cert = {}\nkey = {}\n",
                chain.display(),
                key.display()
            ));
        }
        match (setup.suites, setup.version) {
            (Suites::Default, _) => {}
            (Suites::Dhe, _) if setup.role == Role::Server => {
                // stunnel reads the group from the file of the certificate. Otherwise it uses a group of its own.
                text = text.replace("good-chain.pem", "good-dh.pem");
                text.push_str(&format!("ciphers = {}\n", setup.suites.openssl()));
            }
            (_, Version::Tls13) => text.push_str("ciphersuites = TLS_AES_128_CCM_8_SHA256\n"),
            (suites, Version::Tls12) => {
                text.push_str(&format!("ciphers = {}\n", suites.openssl()));
            }
        }
        text
    }
}

impl Peer for Sipp {
    fn version(&self) -> String {
        let stunnel = super::first_line("stunnel", &["-version"]);
        format!("{}, {stunnel}", super::first_line("sipp", &["-v"]))
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        match (cell.scenario, cell.role) {
            (Scenario::OursElsewhere, Role::Client) => Some(Exception::Otherwise(
                Expected::Alert(alert::INTERNAL_ERROR),
                "stunnel calls a wrong name an internal error",
            )),
            _ => None,
        }
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        Ok(Box::new(self.stunnel(setup, port, self.answering)?))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let entry = free_port();
        let stunnel = self.stunnel(setup, entry, port)?;
        let mut command = Command::new("sipp");
        command
            .args(["-sf", "uac.xml", "-t", "t1", "-i", "127.0.0.1", "-nostdin"])
            .args(["-m", "1", "-timeout", "5"])
            .args(["-p", &free_port().to_string()])
            .arg(format!("127.0.0.1:{entry}"))
            .current_dir(self.pki.folder());
        let caller = Process::start(&mut command)?;
        Ok(Box::new(vec![caller, stunnel]))
    }
}
