//! Kamailio. It answers requests as a server, relays them from UDP to TLS as a client, and stands between a client and
//! a server as a proxy.

use std::fs;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::case::{Case, Role, Setup, Version};
use crate::process::{Process, free_port};
use stack_pki::{Pki, write_file};

/// Starts a server, and waits until it listens.
pub(crate) fn serve(pki: &Pki, setup: Setup, port: u16) -> Result<Process, String> {
    let tls = format!("[server:default]\n{}", section(pki, setup));
    listen(pki, &tls, port, &ANSWERS.replace("PORT", &port.to_string()))
}

/// Starts a proxy for the server on another port, and waits until it listens. The proxy stays in the path of
/// dialogues.
pub(crate) fn stand_before(
    pki: &Pki,
    version: Version,
    port: u16,
    server: u16,
) -> Result<Process, String> {
    let (client, server_side) = (
        section(pki, Case::Good.setup(Role::Client, version)),
        section(pki, Case::Good.setup(Role::Server, version)),
    );
    let tls = format!("[client:default]\n{client}[server:default]\n{server_side}");
    listen(
        pki,
        &tls,
        port,
        &RELAYS.replace("PORT", &server.to_string()),
    )
}

fn listen(pki: &Pki, tls: &str, port: u16, route: &str) -> Result<Process, String> {
    let sockets = format!("listen=tls:127.0.0.1:{port}");
    let mut process = start(pki, tls, &sockets, route, port)?;
    process.wait_for_port(port)?;
    process.wait_for(READY, 1, START)?;
    Ok(process)
}

/// A client, which gets its calls over UDP.
pub(crate) struct Relay {
    process: Process,
    socket: UdpSocket,
    server: u16,
}

impl Relay {
    pub(crate) fn start(pki: &Pki, setup: Setup, server: u16) -> Result<Self, String> {
        let (port, own) = (free_port(), free_port());
        // Kamailio does not start without a TLS server, and calls from a socket on which it also listens.
        let as_server = section(pki, Case::Good.setup(Role::Server, setup.version));
        let as_client = section(pki, setup);
        let tls = format!("[client:default]\n{as_client}[server:default]\n{as_server}");
        let sockets = format!("listen=udp:127.0.0.1:{port}\nlisten=tls:127.0.0.1:{own}");
        let process = start(pki, &tls, &sockets, "t_relay();", port)?;
        process.wait_for(READY, 1, START)?;
        let socket = UdpSocket::bind("127.0.0.1:0")
            .and_then(|socket| socket.connect(("127.0.0.1", port)).map(|()| socket));
        Ok(Self {
            process,
            socket: socket.map_err(|error| error.to_string())?,
            server,
        })
    }

    /// Sends OPTIONS and REGISTER, makes a call and ends it. Each step requires that the step before was answered with
    /// 200. Returns the lines that other clients print.
    pub(crate) fn call(&self) -> Result<String, String> {
        let mut lines = String::new();
        let mut cseq = 0;
        let mut tag = String::new();
        for method in ["OPTIONS", "REGISTER", "INVITE", "BYE"] {
            cseq += 1;
            let answer = self.ask(method, cseq, &tag)?;
            let status = answer.split(' ').nth(1).unwrap_or_default();
            lines += &format!("{method} {status}\n");
            if status != "200" {
                return Ok(lines);
            }
            if method == "INVITE" {
                tag = tag_of(&answer);
                self.send("ACK", cseq, &tag)?;
            }
        }
        Ok(lines)
    }

    pub(crate) fn output(&self) -> String {
        self.process.output()
    }

    /// Sends a request, and waits for its final answer.
    fn ask(&self, method: &str, cseq: u32, tag: &str) -> Result<String, String> {
        self.send(method, cseq, tag)?;
        let wanted = format!("CSeq: {cseq} {method}");
        let mut buffer = [0; 4096];
        let began = Instant::now();
        while began.elapsed() < ANSWER {
            let limit = Some(Duration::from_millis(200));
            let read = self.socket.set_read_timeout(limit);
            let Ok(count) = read.and_then(|()| self.socket.recv(&mut buffer)) else {
                continue;
            };
            let answer = String::from_utf8_lossy(&buffer[..count]);
            if answer.contains(&wanted) && !answer.starts_with("SIP/2.0 1") {
                return Ok(answer.into_owned());
            }
        }
        Err(format!(
            "Kamailio does not answer {method}: {}",
            self.output()
        ))
    }

    fn send(&self, method: &str, cseq: u32, tag: &str) -> Result<(), String> {
        let own = self
            .socket
            .local_addr()
            .map_err(|error| error.to_string())?;
        let server = self.server;
        let tag = match tag {
            "" => String::new(),
            tag => format!(";tag={tag}"),
        };
        let text = format!(
            "{method} sip:5107@127.0.0.1:{server};transport=tls SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK{method}{cseq}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:5107@localhost>;tag=runner\r\n\
             To: <sip:5107@localhost>{tag}\r\n\
             Call-ID: {own}\r\n\
             CSeq: {cseq} {method}\r\n\
             Contact: <sip:{own}>\r\n\
             Content-Length: 0\r\n\r\n"
        );
        let sent = self.socket.send(text.as_bytes());
        sent.map(|_| ()).map_err(|error| error.to_string())
    }
}

fn tag_of(answer: &str) -> String {
    let to = answer.lines().find(|line| line.starts_with("To:"));
    let tag = to.and_then(|to| to.split(";tag=").nth(1));
    tag.unwrap_or_default().trim().to_owned()
}

fn start(pki: &Pki, tls: &str, sockets: &str, route: &str, port: u16) -> Result<Process, String> {
    let folder = pki.file(&format!("kamailio-{port}"));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let tls_file = folder.join("tls.cfg");
    write_file(&tls_file, tls)?;
    let config = folder.join("kamailio.cfg");
    let text = CONFIG
        .replace("SOCKETS", sockets)
        .replace("TLS_CONFIG", &tls_file.display().to_string())
        .replace("READY", READY)
        .replace("ROUTE", route);
    write_file(&config, &text)?;
    let mut command = Command::new("kamailio");
    command.args(["-DD", "-E", "-m", "32", "-M", "8", "-f"]);
    command.arg(&config).arg("-Y").arg(&folder);
    Process::start(command.arg("-w").arg(&folder))
}

fn section(pki: &Pki, setup: Setup) -> String {
    let method = match setup.version {
        Version::Tls12 => "TLSv1.2",
        // Kamailio has no setting for TLS 1.3 alone. The other side has one.
        Version::Tls13 => "TLSv1.2+",
    };
    let mut text =
        format!("method = {method}\nverify_certificate = yes\nrequire_certificate = yes\n");
    let mut set = |name: &str, path: PathBuf| {
        text += &format!("{name} = {}\n", path.display());
    };
    set("ca_list", pki.root());
    set("crl", pki.lists(setup.lists));
    if let Some(identity) = setup.identity {
        set("certificate", pki.chain(identity));
        set("private_key", pki.key(identity));
    }
    text
}

const CONFIG: &str = r#"#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
tcp_connect_timeout=3
auto_aliases=no
dns=no
rev_dns=no
SOCKETS
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "sl.so"
loadmodule "tls.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
modparam("tls", "config", "TLS_CONFIG")
modparam("tm", "fr_timer", 700)
event_route[core:worker-one-init] {
    xlog("L_ERR", "READY\n");
}
request_route {
    ROUTE
}
"#;
const ANSWERS: &str = r#"if (!is_method("ACK")) {
        append_to_reply("Contact: <sip:127.0.0.1:PORT;transport=tls>\r\n");
        sl_send_reply("200", "OK");
    }"#;
const RELAYS: &str = r#"if (has_totag()) {
        loose_route();
        t_relay();
        exit;
    }
    if (is_method("INVITE")) {
        record_route();
    }
    $du = "sip:127.0.0.1:PORT;transport=tls";
    t_relay();"#;

const READY: &str = "ready for requests";
const START: Duration = Duration::from_secs(20);
const ANSWER: Duration = Duration::from_secs(8);
