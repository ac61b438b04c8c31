//! Kamailio, which answers OPTIONS as a server, and relays a request from UDP to TLS as a client.

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Peer};
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::{Exception, Expected};
use crate::pki::{Identity, Pki};
use crate::process::{Process, Running, free_port, write_file};
use crate::sip;

pub(crate) const KIND: Kind = Kind {
    name: "kamailio",
    packages: &["kamailio", "kamailio-tls-modules"],
    open: |pki| Ok(Box::new(Kamailio { pki })),
};

struct Kamailio {
    pki: Arc<Pki>,
}

impl Peer for Kamailio {
    fn version(&self) -> String {
        super::first_line("kamailio", &["-v"])
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        match (cell.scenario, cell.role, cell.version) {
            (Scenario::OursElsewhere, Role::Client, _) => Some(Exception::Otherwise(
                Expected::Connected(""),
                "Kamailio 5.6 checks no host name",
            )),
            (Scenario::Ccm8, _, Version::Tls13) => {
                Some(Exception::Cannot("no setting for the suites of TLS 1.3"))
            }
            (Scenario::OtherVersion, _, Version::Tls13) => Some(Exception::Cannot(
                "Kamailio 5.6 has no setting for TLS 1.3 alone",
            )),
            _ => None,
        }
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        Ok(Box::new(self.start(setup, port)?))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let relay = free_port();
        let process = self.start(setup, relay)?;
        let socket = UdpSocket::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let text = sip::OPTIONS.replace(
            "sip:localhost SIP",
            &format!("sip:127.0.0.1:{port};transport=tls SIP"),
        );
        let own = socket.local_addr().map_err(|error| error.to_string())?;
        let text = text.replace("TLS 127.0.0.1:5061", &format!("UDP {own}"));
        socket
            .send_to(text.as_bytes(), ("127.0.0.1", relay))
            .and_then(|_| socket.set_read_timeout(Some(Duration::from_secs(5))))
            .map_err(|error| error.to_string())?;
        // The final answer comes from us or from Kamailio itself. After it, the connection is ended.
        let mut buffer = [0; 4096];
        while let Ok(count) = socket.recv(&mut buffer) {
            if !buffer[..count].starts_with(b"SIP/2.0 1") {
                break;
            }
        }
        let output = process.output();
        drop(process);
        Ok(Box::new(output))
    }
}

impl Kamailio {
    fn start(&self, setup: Setup, port: u16) -> Result<Process, String> {
        let folder = self.pki.file(&format!("kamailio-{port}"));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let transport = match setup.role {
            Role::Server => "tls",
            Role::Client => "udp",
        };
        let tls = folder.join("tls.cfg");
        write_file(&tls, &self.tls(setup))?;
        let config = folder.join("kamailio.cfg");
        write_file(&config, &routes(transport, port, &tls))?;
        let mut process = Process::start(&mut command(&config, &folder))?;
        match setup.role {
            Role::Server => process.wait_for_port(port)?,
            Role::Client => process.wait_for_text(READY, Duration::from_secs(15))?,
        }
        Ok(process)
    }

    fn tls(&self, setup: Setup) -> String {
        let used = match setup.role {
            Role::Server => "server",
            Role::Client => "client",
        };
        let mut text = format!("[{used}:default]\n{}", self.section(setup));
        if setup.role == Role::Client {
            // Kamailio does not start without a TLS server.
            let server = Setup {
                role: Role::Server,
                identity: Some(Identity::Good),
                suites: Suites::Default,
                ..setup
            };
            text.push_str(&format!("[server:default]\n{}", self.section(server)));
        }
        text
    }

    fn section(&self, setup: Setup) -> String {
        let method = match setup.version {
            Version::Tls12 => "TLSv1.2",
            Version::Tls13 => "TLSv1.2+",
        };
        let mut text =
            format!("method = {method}\nverify_certificate = yes\nrequire_certificate = yes\n");
        let mut line = |name: &str, path: PathBuf| {
            text.push_str(&format!("{name} = {}\n", path.display()));
        };
        line("ca_list", self.pki.root());
        line("crl", self.pki.lists());
        if let Some(identity) = setup.identity {
            line("certificate", self.pki.chain(identity));
            line("private_key", self.pki.key(identity));
        }
        if setup.suites != Suites::Default {
            text.push_str(&format!("cipher_list = {}\n", setup.suites.openssl()));
        }
        text
    }
}

/// The command for Kamailio in the foreground, with its files in a folder.
pub(super) fn command(config: &Path, folder: &Path) -> Command {
    let mut command = Command::new("kamailio");
    command
        .args(["-DD", "-E", "-m", "32", "-M", "8", "-f"])
        .arg(config)
        .arg("-Y")
        .arg(folder)
        .arg("-w")
        .arg(folder);
    command
}

fn routes(transport: &str, port: u16, tls: &Path) -> String {
    let mut listen = format!("listen={transport}:127.0.0.1:{port}");
    if transport == "udp" {
        // Kamailio calls from a socket on which it also listens.
        listen.push_str(&format!("\nlisten=tls:127.0.0.1:{}", free_port()));
    }
    let head = head(tls);
    format!(
        r#"{head}
{listen}
modparam("tm", "fr_timer", 700)
request_route {{
    if ($proto == "udp") {{
        t_relay();
    }} else {{
        sl_send_reply("200", "OK");
    }}
}}
"#
    )
}

/// The beginning of all its configurations.
pub(super) fn head(tls: &Path) -> String {
    let tls = tls.display();
    format!(
        r#"#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
tcp_connect_timeout=3
auto_aliases=no
dns=no
rev_dns=no
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "tls.so"
loadmodule "pv.so"
loadmodule "xlog.so"
modparam("tls", "config", "{tls}")
event_route[core:worker-one-init] {{
    xlog("L_ERR", "{READY}\n");
}}
"#
    )
}

/// The line that Kamailio prints when its workers have started.
pub(super) const READY: &str = "ready for requests";
