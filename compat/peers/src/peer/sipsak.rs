//! sipsak, a client on GnuTLS that sends OPTIONS.

use std::process::Command;
use std::sync::Arc;

use super::gnutls::priority;
use super::{Kind, Peer};
use crate::cell::{Cell, Role, Scenario, Setup};
use crate::expected::{Exception, Expected};
use crate::pki::Pki;
use crate::process::{Process, Running, write_file};

pub(crate) const KIND: Kind = Kind {
    name: "sipsak",
    packages: &["sipsak"],
    open: |pki| super::with_program("sipsak", Sipsak { pki }),
};

struct Sipsak {
    pki: Arc<Pki>,
}

impl Peer for Sipsak {
    fn version(&self) -> String {
        super::first_line("sipsak", &["--version"])
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        use Exception::{Cannot, Otherwise};
        use Scenario as S;
        Some(match cell.scenario {
            S::TheirsRevoked | S::TheirsExpired | S::TheirsUnknown => Cannot(NO_CERTIFICATE),
            S::OursRevoked => Cannot("sipsak checks no lists"),
            S::OursExpired | S::OursElsewhere | S::OursUnknown => Otherwise(
                Expected::Left,
                "sipsak looks at a certificate after the handshake, and sends no alert",
            ),
            S::Good | S::Ccm8 | S::Cbc => match Expected::plain(cell) {
                Expected::Connected(cipher) => {
                    Otherwise(Expected::Anonymous(cipher), NO_CERTIFICATE)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    fn is_tried(&self, cell: Cell) -> bool {
        cell.role == Role::Client
    }

    fn serve(&mut self, _setup: Setup, _port: u16) -> Result<Box<dyn Running>, String> {
        Err("sipsak is a client only".to_owned())
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        // sipsak has no setting for versions and suites, but uses the defaults of GnuTLS.
        let defaults = self.pki.file(&format!("sipsak-{port}.conf"));
        let text = format!(
            "[overrides]\ndefault-priority-string = {}\n",
            priority(setup)
        );
        write_file(&defaults, &text)?;
        let mut command = Command::new("sipsak");
        command
            // sipsak checks certificates only at this level of verbosity. A port in the URI would be taken for a part
            // of the name in the certificate.
            .args(["-vvv", "-E", "tls", "-s", "sip:peer@localhost"])
            .args(["-r", &port.to_string()])
            .arg(format!("--tls-ca-cert={}", self.pki.root().display()))
            .env("GNUTLS_SYSTEM_PRIORITY_FILE", defaults)
            .env("GNUTLS_SYSTEM_PRIORITY_FAIL_ON_INVALID", "1");
        Ok(Box::new(Process::start(&mut command)?))
    }
}

const NO_CERTIFICATE: &str = "sipsak sends no certificate";
