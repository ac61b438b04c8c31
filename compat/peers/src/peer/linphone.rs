//! linphone on Mbed TLS 2.28: its program `linphonec`, which registers.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Peer, Special};
use crate::cause;
use crate::cell::{Cell, Role, Scenario, Setup, Version};
use crate::expected::{Exception, Expected, Speech, alert};
use crate::ours::Ours;
use crate::pki::Pki;
use crate::process::{Process, Running, write_file};

pub(crate) const KIND: Kind = Kind {
    name: "linphone",
    packages: &["linphone-cli"],
    open: |pki| super::with_program("linphonec", Linphone { pki }),
};

struct Linphone {
    pki: Arc<Pki>,
}

impl Peer for Linphone {
    fn version(&self) -> String {
        format!("linphone {}", super::first_line("linphonec", &["-v"]))
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        use Exception::Cannot;
        use Scenario as S;
        match (cell.scenario, cell.role, cell.version) {
            (_, Role::Server, _) => Some(Cannot("linphone handles no incoming TLS connections")),
            (_, _, Version::Tls13) => Some(Cannot("linphone speaks TLS 1.2 only")),
            (S::OursRevoked, ..) => Some(Cannot("linphone checks no lists")),
            // In the other scenarios with suites, our side has one suite, which is among the many that linphone
            // offers.
            (S::Dhe | S::CbcNotNamed | S::StaticRsa, ..) => {
                Some(Cannot("linphone has no setting for suites"))
            }
            _ => None,
        }
    }

    fn serve(&mut self, _setup: Setup, _port: u16) -> Result<Box<dyn Running>, String> {
        Err("linphone is a client only".to_owned())
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        self.register(setup, "localhost", port)
    }

    fn special(&mut self, ours: &Ours) -> Vec<Special> {
        vec![Special {
            name: "the peer calls us by an IP address, which it sends as SNI, and takes no certificate for it",
            result: self.call_address(ours),
        }]
    }
}

impl Linphone {
    fn call_address(&self, ours: &Ours) -> Result<String, String> {
        let cell = Cell {
            scenario: Scenario::Good,
            role: Role::Client,
            version: Version::Tls12,
        };
        let listener = ours.listen(cell)?;
        let mut running = self.register(cell.theirs(), "127.0.0.1", listener.port)?;
        let record = listener.first(|| running.has_ended())?;
        let short = Expected::Alert(alert::BAD_CERTIFICATE).check(cell, Speech::Sip, &record)?;
        let printed = record.error.unwrap_or_default();
        match cause::tells(&printed, &["refused our certificate"]) {
            true => Ok(short),
            false => Err(format!("the cause is not told: {printed}")),
        }
    }

    fn register(&self, setup: Setup, host: &str, port: u16) -> Result<Box<dyn Running>, String> {
        let home = self.pki.file(&format!("linphone-{port}"));
        // linphone does not start without the folder for its database.
        fs::create_dir_all(home.join(".local/share/linphone"))
            .map_err(|error| format!("cannot make {}: {error}", home.display()))?;
        let config = home.join("linphonerc");
        write_file(&config, &self.config(setup, host, port))?;
        let mut command = Command::new("linphonec");
        command
            .args(["-d", "6", "-c"])
            .arg(&config)
            .env("HOME", &home);
        let process = Process::start(&mut command)?;
        Ok(Box::new(process.ends_with(ANSWER, LIMIT)))
    }

    fn config(&self, setup: Setup, host: &str, port: u16) -> String {
        let mut text = format!(
            "[sip]\nsip_port=0\nsip_tcp_port=0\nsip_tls_port=-1\ndefault_proxy=0\nroot_ca={}\n\
             verify_server_certs=1\nverify_server_cn=1\n",
            self.pki.root().display()
        );
        if let Some(identity) = setup.identity {
            text.push_str(&format!(
                "client_cert_chain={}\nclient_cert_key={}\n",
                self.pki.chain(identity).display(),
                self.pki.key(identity).display()
            ));
        }
        text.push_str(&format!(
            "[proxy_0]\nreg_proxy=<sip:{host}:{port};transport=tls>\nreg_identity=sip:peer@{host}\n\
             reg_expires=60\nreg_sendregister=1\npublish=0\n"
        ));
        text
    }
}

/// The beginning of our answer to REGISTER.
const ANSWER: &str = "SIP/2.0 405";
const LIMIT: Duration = Duration::from_secs(15);
