//! The programs on SIP stacks, run as a user runs them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::case::{Role, Setup};
use crate::process::{Process, free_port};
use stack_pki::{Pki, write_file};

/// The client and the server on a SIP stack.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// The paths of the programs relative to this program, and their first words.
    client: &'static [&'static str],
    server: &'static [&'static str],
    readme: &'static str,
}

pub(crate) const EZK: Program = Program {
    name: "ezk",
    client: &["stack-ezk", "client"],
    server: &["stack-ezk", "server"],
    readme: "examples/readme_ezk",
};
pub(crate) const RSIPSTACK: Program = Program {
    name: "rsipstack",
    client: &["stack-rsipstack", "client"],
    server: &["stack-rsipstack", "server"],
    readme: "examples/readme_rsipstack",
};
pub(crate) const RVOIP: Program = Program {
    name: "rvoip",
    client: &["rvoip-client"],
    server: &["rvoip-server"],
    readme: "examples/readme_rvoip",
};

impl Program {
    pub(crate) const ALL: [Self; 3] = [EZK, RSIPSTACK, RVOIP];

    /// Starts the server, and waits until it listens.
    pub(crate) fn serve(self, config: &Path, port: u16) -> Result<Process, String> {
        let mut command = command(self.server);
        command.arg(config);
        let mut process = Process::start(command.arg(format!("127.0.0.1:{port}")))?;
        process.wait_for_port(port)?;
        Ok(process)
    }

    /// Starts the client.
    pub(crate) fn call(self, config: &Path) -> Result<Process, String> {
        Process::start(command(self.client).arg(config))
    }

    /// Starts the client, which reads its files and calls again for each line that it receives.
    pub(crate) fn call_again(self, config: &Path) -> Result<Process, String> {
        Process::start(command(self.client).arg(config).arg("--again"))
    }

    /// Starts the program in the README, in a folder with a `SipEndpoint.config`.
    pub(crate) fn readme(self, folder: &Path, port: u16) -> Result<Process, String> {
        let mut command = command(&[self.readme]);
        command.arg(format!("127.0.0.1:{port}"));
        Process::start(command.current_dir(folder))
    }
}

fn command(words: &[&str]) -> Command {
    let own = std::env::current_exe().unwrap_or_default();
    let mut command = Command::new(own.with_file_name(words[0]));
    command.args(&words[1..]);
    command
}

/// Writes a `SipEndpoint.config`.
pub(crate) fn configure(pki: &Pki, setup: Setup, port: u16) -> Result<PathBuf, String> {
    let lists = pki.lists(setup.lists);
    configure_with(pki, setup, port, &lists)
}

/// Writes a `SipEndpoint.config` with other revocation lists.
pub(crate) fn configure_with(
    pki: &Pki,
    setup: Setup,
    port: u16,
    lists: &Path,
) -> Result<PathBuf, String> {
    let mut settings = String::new();
    let mut set = |name: &str, value: &str| {
        settings += &format!("          <setting name=\"{name}\" value=\"{value}\"/>\n");
    };
    set("trusted-ca", &pki.root().display().to_string());
    set("tls-crl", &lists.display().to_string());
    set("sec-protocol", setup.version.option());
    if let Some(identity) = setup.identity {
        set("certificate", &pki.chain(identity).display().to_string());
        set("certificate-key", &pki.key(identity).display().to_string());
    }
    match setup.role {
        Role::Client => {
            set("tls-target-name", "localhost");
            set("tls-target-name-check", "host");
        }
        Role::Server => set("tls-mutual", "1"),
    }
    let role = match setup.role {
        Role::Client => "client",
        Role::Server => "server",
    };
    // A port is used once, but a program may be the client and the server of different ports.
    let path = pki.file(&format!("{role}-{port}-{}.config", free_port()));
    let text = FILE
        .replace("PORT", &port.to_string())
        .replace("SETTINGS", &settings);
    write_file(&path, &text)?;
    Ok(path)
}

const FILE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<SipEndpoint xmlns="http://schemas.genesyslab.com/2009/sipendpoint">
  <Container name="Basic">
    <Connectivity user="5107" server="127.0.0.1:PORT" protocol="tls"/>
  </Container>
  <Container name="Genesys">
    <settings version="1.0" xmlns="http://www.genesyslab.com/sip">
      <domain name="system">
        <section name="security">
SETTINGS        </section>
      </domain>
    </settings>
  </Container>
</SipEndpoint>
"#;

/// The lines that a client prints if it succeeds.
pub(crate) const CALLED: [&str; 4] = ["OPTIONS 200", "REGISTER 200", "INVITE 200", "BYE 200"];
/// The lines that a server prints then.
pub(crate) const ANSWERED: [&str; 5] = ["OPTIONS", "REGISTER", "INVITE", "ACK", "BYE"];
/// The time that a client may take, and the time in which it must print a text.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
