//! Sofia-SIP: a small C program, `sofia/sofia.c`.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Peer, c_program};
use crate::cell::{Cell, Role, Scenario, Setup, Suites};
use crate::expected::{Exception, Expected};
use crate::pki::Pki;
use crate::process::{Process, Running, write_file};

pub(crate) const KIND: Kind = Kind {
    name: "sofia",
    packages: &["gcc", "libc6-dev", "libsofia-sip-ua-dev"],
    open: |pki| Ok(Box::new(Sofia::open(pki)?)),
};

struct Sofia {
    pki: Arc<Pki>,
}

impl Sofia {
    fn open(pki: Arc<Pki>) -> Result<Self, String> {
        let flags = ["-I/usr/include/sofia-sip-1.12", "-lsofia-sip-ua"];
        c_program::compile(&pki, "sofia", include_str!("sofia/sofia.c"), &flags)?;
        Ok(Self { pki })
    }

    fn start(&self, word: &str, setup: Setup, port: u16) -> Result<Process, String> {
        let folder = self.pki.file(&format!("sofia-{port}"));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        // Sofia-SIP sends the intermediate only if it is among the authorities.
        copy(&[self.pki.authorities()], &folder.join("cafile.pem"))?;
        if let Some(identity) = setup.identity {
            let own = [self.pki.key(identity), self.pki.certificate(identity)];
            copy(&own, &folder.join("agent.pem"))?;
        }
        let version = setup.version.name();
        let suites = match setup.suites {
            Suites::Ccm8 => "Ciphersuites = TLS_AES_128_CCM_8_SHA256\n",
            _ => "",
        };
        let config = folder.join("openssl.cnf");
        write_file(
            &config,
            &format!(
                "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = versions\n\
                 [versions]\nMinProtocol = {version}\nMaxProtocol = {version}\n{suites}"
            ),
        )?;
        Process::start(
            Command::new(self.pki.file("sofia"))
                .arg(word)
                .arg(port.to_string())
                .arg(&folder)
                .env("OPENSSL_CONF", &config)
                .env("TPORT_DEBUG", "5"),
        )
    }
}

impl Peer for Sofia {
    fn version(&self) -> String {
        super::first_line(
            "dpkg-query",
            &["-Wf", "Sofia-SIP ${Version}", "libsofia-sip-ua0"],
        )
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        use Scenario as S;
        match (cell.scenario, cell.role) {
            (S::Dhe | S::CbcNotNamed | S::StaticRsa, _) => {
                Some(Exception::Cannot("Sofia-SIP has no setting for suites"))
            }
            (S::OursRevoked, _) => Some(Exception::Cannot("Sofia-SIP has no setting for lists")),
            (S::OursElsewhere, Role::Client) => Some(Exception::Otherwise(
                Expected::Connected(""),
                "Sofia-SIP checks no host name unless asked to",
            )),
            _ => None,
        }
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        c_program::listening(self.start("serve", setup, port)?, port)
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let process = self.start("call", setup, port)?;
        Ok(Box::new(
            process.ends_with("SIP/2.0 ", Duration::from_secs(10)),
        ))
    }
}

fn copy(from: &[std::path::PathBuf], to: &std::path::Path) -> Result<(), String> {
    let mut text = String::new();
    for path in from {
        let part = fs::read_to_string(path);
        text += &part.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    write_file(to, &text)
}
