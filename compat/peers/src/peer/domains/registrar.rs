//! Kamailio as the registrar and the proxy of both domains.

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::time::Duration;

use crate::peer::kamailio::{READY, command, head};
use crate::pki::{Pki, SIP_DOMAINS};
use crate::process::{Process, free_port, write_file};

/// The user who may register at each domain.
pub(super) const USER: &str = "alice";
pub(super) const PASSWORD: &str = "open sesame";

/// A running Kamailio. It accepts requests over TLS, and over UDP requests that it relays.
pub(super) struct Registrar {
    process: Process,
    relay: u16,
}

impl Registrar {
    /// Starts Kamailio on a port. It asks for passwords with this digest.
    pub(super) fn start(pki: &Pki, port: u16, digest: &str) -> Result<Self, String> {
        let folder = pki.file(&format!("registrar-{digest}"));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let relay = free_port();
        let tls = folder.join("tls.cfg");
        write_file(&tls, &certificates(pki, port))?;
        let config = folder.join("kamailio.cfg");
        write_file(&config, &routes(port, relay, digest, &tls))?;
        let mut process = Process::start(&mut command(&config, &folder))?;
        process.wait_for_port(port)?;
        process.wait_for_text(READY, Duration::from_secs(15))?;
        Ok(Self { process, relay })
    }

    /// Sends OPTIONS to the user of a domain through the registrar, and checks the status of the answer.
    pub(super) fn call(&self, domain: &str, expected: &str) -> Result<(), String> {
        let answer = self.ask(domain).map_err(|error| error.to_string())?;
        match answer.starts_with(&format!("SIP/2.0 {expected} ")) {
            true => Ok(()),
            false => Err(format!(
                "the answer of {domain} is not {expected}: {answer}{}",
                self.process.output()
            )),
        }
    }

    fn ask(&self, domain: &str) -> std::io::Result<String> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_secs(5)))?;
        let own = socket.local_addr()?;
        let port = own.port();
        let text = format!(
            "OPTIONS sip:{USER}@{domain} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{port}\r\nMax-Forwards: 70\r\n\
             From: <sip:caller@{domain}>;tag={port}\r\nTo: <sip:{USER}@{domain}>\r\nCall-ID: {port}\r\n\
             CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        );
        socket.send_to(text.as_bytes(), ("127.0.0.1", self.relay))?;
        let mut buffer = [0; 4096];
        loop {
            let count = socket.recv(&mut buffer)?;
            let answer = String::from_utf8_lossy(&buffer[..count]).into_owned();
            if !answer.starts_with("SIP/2.0 1") {
                return Ok(answer);
            }
        }
    }
}

/// The configuration with a certificate for each domain, which the SNI chooses. The first is also for other clients.
fn certificates(pki: &Pki, port: u16) -> String {
    let section = |domain: &str| {
        format!(
            "method = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no\ncertificate = {}\nprivate_key = {}\n",
            pki.domain_chain(domain).display(),
            pki.domain_key(domain).display()
        )
    };
    let mut text = format!("[server:default]\n{}", section(SIP_DOMAINS[0]));
    for domain in SIP_DOMAINS {
        text += &format!(
            "[server:127.0.0.1:{port}]\nserver_name = {domain}\n{}",
            section(domain)
        );
    }
    text + "[client:default]\nmethod = TLSv1.2+\nverify_certificate = no\n"
}

fn routes(port: u16, relay: u16, digest: &str, tls: &Path) -> String {
    let head = head(tls);
    let [first, second] = SIP_DOMAINS;
    format!(
        r#"{head}
tcp_crlf_ping=yes
alias="{first}"
alias="{second}"
listen=tls:127.0.0.1:{port}
listen=udp:127.0.0.1:{relay}
loadmodule "auth.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "use_domain", 1)
modparam("auth", "algorithm", "{digest}")
modparam("tm", "fr_timer", 3000)
request_route {{
    if ($rm == "REGISTER") {{
        if (!pv_www_authenticate("$td", "{PASSWORD}", "0")) {{
            www_challenge("$td", "1");
            exit;
        }}
        save("location");
        exit;
    }}
    # A request to the server itself.
    if ($rU == $null) {{
        sl_send_reply("200", "OK");
        exit;
    }}
    if (!lookup("location")) {{
        sl_send_reply("404", "Not Found");
        exit;
    }}
    t_relay();
}}
"#
    )
}
