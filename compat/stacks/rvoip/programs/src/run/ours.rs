//! Our programs: the files that they read, and how they are started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::case::{Program, Setup};
use crate::pki::Pki;
use crate::port::free_port;
use crate::process::Process;

/// Where the programs are.
#[derive(Clone)]
pub(crate) struct Programs {
    pub(crate) sip_tls: PathBuf,
    pub(crate) client: PathBuf,
    pub(crate) server: PathBuf,
}

impl Programs {
    /// Those beside this program, and `sip-tls`.
    pub(crate) fn find(sip_tls: PathBuf) -> Result<Self, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let programs = Self {
            sip_tls,
            client: own.with_file_name("rvoip-client"),
            server: own.with_file_name("rvoip-server"),
        };
        for program in [&programs.sip_tls, &programs.client, &programs.server] {
            if !program.is_file() {
                return Err(format!("{} is not there", program.display()));
            }
        }
        Ok(programs)
    }

    /// Starts a server, and returns its port, too.
    pub(crate) fn serve(&self, program: Program, config: &Path) -> Result<(Process, u16), String> {
        if let Program::Stack(path) = program {
            let port = free_port()?;
            let mut command = Command::new(path);
            let command = command.arg("server").arg(config);
            let process = Process::start(command.arg(format!("127.0.0.1:{port}")))?;
            process.wait_for("listening on", 1)?;
            return Ok((process, port));
        }
        let mut command = match program {
            Program::SipTls => {
                let mut command = Command::new(&self.sip_tls);
                command.arg("listen").arg(config).args(["--bind", ANY_PORT]);
                command
            }
            _ => {
                let mut command = Command::new(&self.server);
                command.arg(config).arg(ANY_PORT);
                command
            }
        };
        let process = Process::start(&mut command)?;
        let output = process.wait_for("listening on 127.0.0.1:", 1)?;
        let port = port(&output).ok_or_else(|| format!("no port in `{output}`"))?;
        Ok((process, port))
    }

    pub(crate) fn call(
        &self,
        program: Program,
        config: &Path,
        words: &[&str],
    ) -> Result<Process, String> {
        let mut command = match program {
            Program::SipTls => {
                let mut command = Command::new(&self.sip_tls);
                command.arg("connect").arg(config);
                command
            }
            Program::Stack(path) => {
                let mut command = Command::new(path);
                command.arg("client").arg(config);
                command
            }
            _ => {
                let mut command = Command::new(&self.client);
                command.arg(config).args(words);
                command
            }
        };
        Process::start(&mut command)
    }
}

/// Writes a `SipEndpoint.config`. A copy of the lists is beside it, for a reload.
pub(crate) fn configure(
    pki: &Pki,
    name: &str,
    setup: Setup,
    server: Option<u16>,
) -> Result<PathBuf, String> {
    let path = pki.file(&format!("{name}.config"));
    let lists = lists(&path);
    let mut settings = String::new();
    let mut set = |name: &str, value: &str| {
        settings += &format!("<setting name=\"{name}\" value=\"{value}\"/>\n");
    };
    set("trusted-ca", &pki.root().to_string_lossy());
    if let Some(identity) = setup.identity {
        set("certificate", &pki.chain(identity).to_string_lossy());
        set("certificate-key", &pki.key(identity).to_string_lossy());
    }
    set("tls-crl", &lists.to_string_lossy());
    set("sec-protocol", &setup.version.name().replace('.', ""));
    match server {
        Some(_) => set("tls-target-name-check", "host"),
        None => set("tls-mutual", "1"),
    }
    let port = server.unwrap_or(5061);
    let text = format!(
        "<SipEndpoint xmlns=\"http://schemas.genesyslab.com/2009/sipendpoint\">\n<Container name=\"Basic\">\n\
         <Connectivity user=\"4021\" server=\"localhost:{port}\" protocol=\"tls\"/>\n</Container>\n\
         <Container name=\"Genesys\">\n<settings version=\"1.0\" xmlns=\"http://www.genesyslab.com/sip\">\n\
         <domain name=\"system\">\n<section name=\"security\">\n{settings}</section>\n</domain>\n</settings>\n\
         </Container>\n</SipEndpoint>\n"
    );
    fs::copy(pki.lists(setup.lists), &lists)
        .and_then(|_| fs::write(&path, text))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// The lists that a configuration names.
pub(crate) fn lists(config: &Path) -> PathBuf {
    config.with_extension("crl")
}

fn port(output: &str) -> Option<u16> {
    let (_, rest) = output.split_once("listening on 127.0.0.1:")?;
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

const ANY_PORT: &str = "127.0.0.1:0";
