//! Two SIP domains on one Kamailio, behind a DNS server. By RFC 3263 the client finds Kamailio, by RFC 5922 it checks
//! that the certificate is for the domain, and by RFC 5923 requests come back on the connection that the client
//! opened.

mod nsd;
mod registrar;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use self::nsd::Nsd;
use self::registrar::{PASSWORD, Registrar, USER};
use super::{Kind, Opened, Peer, Special};
use crate::cell::{Cell, Role, Setup};
use crate::ours::{Ours, Record};
use crate::pki::{Pki, SIP_DOMAINS};
use crate::process::{Process, Running, free_port, write_file};

pub(crate) const KIND: Kind = Kind {
    name: "domains",
    packages: &["kamailio", "kamailio-tls-modules", "nsd"],
    open,
};

fn open(pki: Arc<Pki>) -> Opened {
    super::with_program("kamailio", Domains { pki })
}

struct Domains {
    pki: Arc<Pki>,
}

impl Peer for Domains {
    fn version(&self) -> String {
        let nsd = super::first_line("/usr/sbin/nsd", &["-v"]);
        format!("{}, {nsd}", super::first_line("kamailio", &["-v"]))
    }

    fn is_tried(&self, _cell: Cell) -> bool {
        false
    }

    fn serve(&mut self, _setup: Setup, _port: u16) -> Result<Box<dyn Running>, String> {
        Err("it has no cells".to_owned())
    }

    fn call(&mut self, _setup: Setup, _port: u16) -> Result<Box<dyn Running>, String> {
        Err("it has no cells".to_owned())
    }

    fn special(&mut self, ours: &Ours) -> Vec<Special> {
        let name = "two domains";
        match Provider::start(Arc::clone(&self.pki)) {
            Ok(mut provider) => CASES
                .iter()
                .map(|(name, case)| Special {
                    name,
                    result: case(&mut provider, ours),
                })
                .collect(),
            Err(error) => vec![Special {
                name,
                result: Err(error),
            }],
        }
    }
}

type Case = fn(&mut Provider, &Ours) -> Result<String, String>;

const CASES: [(&str, Case); 5] = [
    ("OPTIONS to each domain, past a server that is down", reach),
    ("a domain that the certificate does not name", refuse),
    (
        "`host` looks for the name that the connection is made to",
        host,
    ),
    ("a wrong password", deny),
    (
        "registered at both domains, reached there, and again after a restart",
        register,
    ),
];

/// The server of both domains, and its DNS.
struct Provider {
    pki: Arc<Pki>,
    dns: Nsd,
    registrar: Option<Registrar>,
    port: u16,
}

impl Provider {
    fn start(pki: Arc<Pki>) -> Result<Self, String> {
        let (port, down) = (free_port(), free_port());
        Ok(Self {
            dns: Nsd::start(&pki, port, down)?,
            registrar: Some(Registrar::start(&pki, port, "SHA-256")?),
            port,
            pki,
        })
    }

    /// A command of ours that looks servers up in the DNS of these domains.
    fn command(&self, ours: &Ours, check: &str) -> Command {
        let check = format!("tls-target-name-check={check}");
        let mut command = ours.command("connect", None, &[&check]);
        command.args(["--srv", "--dns", &self.dns.address(), "--json"]);
        command
    }

    fn connect(&self, ours: &Ours, check: &str, domain: &str) -> Result<Record, String> {
        let mut command = self.command(ours, check);
        command.args(["--server", domain, "--timeout", "10"]);
        ours.run_connect(command)
    }

    /// A command that registers a user at both domains.
    fn registering(&self, ours: &Ours, password: &str) -> Result<Command, String> {
        let file = self.pki.file("password");
        write_file(&file, password)?;
        let mut command = self.command(ours, "sip");
        command.arg(self.configuration()?);
        command.args(["--register", "--expires", "120", "--retry", "1"]);
        command.arg("--auth-password-file").arg(file);
        Ok(command)
    }

    fn configuration(&self) -> Result<PathBuf, String> {
        let lines = SIP_DOMAINS.map(|domain| {
            format!(r#"<Connectivity user="{USER}" server="{domain}" protocol="tls"/>"#)
        });
        let lines = lines.join("\n");
        let path = self.pki.file("two-domains.config");
        let text = format!(
            r#"<SipEndpoint xmlns="http://schemas.genesyslab.com/2009/sipendpoint">
<Container name="Basic">{lines}</Container>
</SipEndpoint>"#
        );
        write_file(&path, &text)?;
        Ok(path)
    }

    fn registrar(&self) -> Result<&Registrar, String> {
        self.registrar
            .as_ref()
            .ok_or_else(|| "Kamailio is not running".to_owned())
    }
}

fn reach(provider: &mut Provider, ours: &Ours) -> Result<String, String> {
    for domain in SIP_DOMAINS {
        let record = provider.connect(ours, "sip", domain)?;
        let is_named = record.matched_name.as_deref() == Some(&format!("sip:{domain}"));
        let is_there = record.peer.as_deref() == Some(&format!("127.0.0.1:{}", provider.port));
        if record.result != "connected"
            || !record.is_answered(Role::Server)
            || !is_named
            || !is_there
        {
            return Err(format!("{domain}: {record:?}"));
        }
    }
    Ok("connected".to_owned())
}

/// By DNS the domain has the same server, which has no certificate for the domain.
fn refuse(provider: &mut Provider, ours: &Ours) -> Result<String, String> {
    refused(provider.connect(ours, "sip", nsd::FORGED)?)
}

/// OpenSSL's rule is for hosts: the certificate has the name of the next hop, and not that of the domain.
fn host(provider: &mut Provider, ours: &Ours) -> Result<String, String> {
    refused(provider.connect(ours, "host", SIP_DOMAINS[0])?)
}

fn refused(record: Record) -> Result<String, String> {
    let code = record.openssl.as_ref().map(|openssl| openssl.code);
    match code {
        Some(62) => Ok("refused, 62".to_owned()),
        _ => Err(format!("{record:?}")),
    }
}

fn deny(provider: &mut Provider, ours: &Ours) -> Result<String, String> {
    let process = Process::start(&mut provider.registering(ours, "wrong")?)?;
    process.wait_for_lines(LIMIT, |lines| {
        let refused = Change::all(lines).filter(|change| change.state == "refused");
        refused.count() >= SIP_DOMAINS.len()
    })?;
    let output = process.output();
    let is_registered =
        Change::all(&output.lines().collect::<Vec<_>>()).any(|change| change.state == "registered");
    match is_registered {
        true => Err(output),
        false => Ok("refused".to_owned()),
    }
}

/// A change that `connect --register --json` prints.
#[derive(Deserialize)]
struct Change {
    server: Option<String>,
    state: String,
}

impl Change {
    fn all(lines: &[&str]) -> impl Iterator<Item = Self> {
        lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
    }
}

fn register(provider: &mut Provider, ours: &Ours) -> Result<String, String> {
    let mut process = Process::start(&mut provider.registering(ours, PASSWORD)?)?;
    registered(&process, 1)?;
    reachable(provider)?;
    // Kamailio forgets all registrations, and asks for another digest after its restart.
    drop(provider.registrar.take());
    process.wait_for_lines(LIMIT, |lines| {
        SIP_DOMAINS.iter().all(|domain| has_lost(lines, domain))
    })?;
    let began = Instant::now();
    provider.registrar = Some(Registrar::start(&provider.pki, provider.port, "MD5")?);
    registered(&process, 2)?;
    let took = began.elapsed();
    reachable(provider)?;
    let is_good = process.terminate(LIMIT)?;
    for domain in SIP_DOMAINS {
        // The program has unregistered the user.
        provider.registrar()?.call(domain, "404")?;
    }
    match is_good {
        true => Ok(format!(
            "registered, and again {took:.1?} after the restart"
        )),
        false => Err(process.output()),
    }
}

/// Waits until the program has registered this number of times at both domains.
fn registered(process: &Process, times: usize) -> Result<(), String> {
    process.wait_for_lines(LIMIT, |lines| {
        SIP_DOMAINS.iter().all(|domain| {
            let of_domain = |change: &Change| change.is_of(domain) && change.state == "registered";
            Change::all(lines).filter(of_domain).count() >= times
        })
    })
}

fn has_lost(lines: &[&str], domain: &str) -> bool {
    let mut changes = Change::all(lines).filter(|change| change.is_of(domain));
    changes.any(|change| change.state == "registered")
        && changes.any(|change| change.state == "failed")
}

impl Change {
    fn is_of(&self, domain: &str) -> bool {
        let server = self.server.as_deref().unwrap_or_default();
        server.split(':').next() == Some(domain)
    }
}

/// Checks that a request to the user at each domain arrives and is answered.
fn reachable(provider: &Provider) -> Result<(), String> {
    let registrar = provider.registrar()?;
    for domain in SIP_DOMAINS {
        registrar.call(domain, "200")?;
    }
    Ok(())
}

/// The time that one step may take.
const LIMIT: Duration = Duration::from_secs(20);
