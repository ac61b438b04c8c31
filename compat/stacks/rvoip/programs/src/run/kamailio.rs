//! Kamailio, as a server that answers everything, as a client that passes on what it is sent over UDP, and as a proxy
//! between our client and our server.

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::case::{Setup, Version};
use crate::pki::{Identity, Lists, Pki};
use crate::port::free_port;
use crate::process::Process;

/// Starts it as a server, and returns its port, too.
pub(crate) fn serve(pki: &Pki, name: &str, setup: Setup) -> Result<(Process, u16), String> {
    let port = free_port()?;
    let tls = format!("[server:default]\n{}", section(pki, setup));
    let listen = format!("listen=tls:127.0.0.1:{port}");
    let process = start(pki, name, &tls, &listen, &answers(port))?;
    Ok((process, port))
}

/// Puts it before a server, and returns its port, too. It stays in the path of dialogues.
pub(crate) fn stand_before(
    pki: &Pki,
    name: &str,
    setup: Setup,
    server: u16,
) -> Result<(Process, u16), String> {
    let port = free_port()?;
    let section = section(pki, setup);
    let tls = format!("[client:default]\n{section}[server:default]\n{section}");
    let listen = format!("listen=tls:127.0.0.1:{port}");
    let process = start(pki, name, &tls, &listen, &relays(server))?;
    Ok((process, port))
}

/// Has it call a server.
pub(crate) fn call(pki: &Pki, name: &str, setup: Setup, server: u16) -> Result<Process, String> {
    let (port, own) = (free_port()?, free_port()?);
    // It does not start without a server, and calls from a socket that it also listens on.
    let as_server = Setup {
        identity: Some(Identity::Good),
        lists: Lists::Current,
        version: setup.version,
    };
    let tls = format!(
        "[client:default]\n{}[server:default]\n{}",
        section(pki, setup),
        section(pki, as_server)
    );
    let listen = format!("listen=udp:127.0.0.1:{port}\nlisten=tls:127.0.0.1:{own}");
    let process = start(pki, name, &tls, &listen, "t_relay();")?;
    send_options(port, server).map_err(|error| format!("cannot ask Kamailio: {error}"))?;
    Ok(process)
}

fn start(pki: &Pki, name: &str, tls: &str, listen: &str, route: &str) -> Result<Process, String> {
    let folder = pki.file(&format!("{name}.kamailio"));
    let (tls_file, config) = (folder.join("tls.cfg"), folder.join("kamailio.cfg"));
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&tls_file, tls))
        .and_then(|()| fs::write(&config, configuration(listen, route, &tls_file)))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut command = Command::new("kamailio");
    command
        .args(["-DD", "-E", "-m", "32", "-M", "8", "-f"])
        .arg(&config)
        .arg("-Y")
        .arg(&folder)
        .arg("-w")
        .arg(&folder);
    let process = Process::start(&mut command)?;
    process.wait_for(READY, 1)?;
    Ok(process)
}

fn section(pki: &Pki, setup: Setup) -> String {
    let method = match setup.version {
        Version::Tls12 => "TLSv1.2",
        Version::Tls13 => "TLSv1.2+",
    };
    let mut text =
        format!("method = {method}\nverify_certificate = yes\nrequire_certificate = yes\n");
    let mut line = |name: &str, path: PathBuf| {
        text += &format!("{name} = {}\n", path.display());
    };
    line("ca_list", pki.root());
    line("crl", pki.lists(setup.lists));
    if let Some(identity) = setup.identity {
        line("certificate", pki.chain(identity));
        line("private_key", pki.key(identity));
    }
    text
}

fn send_options(to: u16, server: u16) -> std::io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    let own = socket.local_addr()?;
    let text = format!(
        "OPTIONS sip:127.0.0.1:{server};transport=tls SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKrun\r\n\
         Max-Forwards: 70\r\nFrom: <sip:run@localhost>;tag=run\r\nTo: <sip:localhost>\r\nCall-ID: run@{own}\r\n\
         CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    );
    socket.send_to(text.as_bytes(), ("127.0.0.1", to))?;
    Ok(())
}

/// Answers everything.
fn answers(port: u16) -> String {
    format!(
        r#"if (is_method("ACK")) {{
        exit;
    }}
    if (is_method("INVITE")) {{
        append_to_reply("Contact: <sip:service@127.0.0.1:{port};transport=tls>\r\n");
    }}
    sl_send_reply("200", "OK");"#
    )
}

/// Passes everything on.
fn relays(server: u16) -> String {
    format!(
        r#"if (has_totag()) {{
        loose_route();
        t_relay();
        exit;
    }}
    if (is_method("INVITE")) {{
        record_route();
    }}
    $du = "sip:127.0.0.1:{server};transport=tls";
    t_relay();"#
    )
}

fn configuration(listen: &str, route: &str, tls: &Path) -> String {
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
{listen}
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "sl.so"
loadmodule "tls.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "siputils.so"
modparam("tls", "config", "{tls}")
modparam("tm", "fr_timer", 700)
event_route[core:worker-one-init] {{
    xlog("L_ERR", "{READY}\n");
}}
request_route {{
    {route}
}}
"#
    )
}

const READY: &str = "ready for requests";
