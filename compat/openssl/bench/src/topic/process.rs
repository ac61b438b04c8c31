//! The whole program beside that of OpenSSL.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use compat_openssl::keys::Kind;
use openssl::ssl::{Ssl, SslContext, SslStream};

use super::Topic;
use crate::measure::{Effort, Lane, race};
use crate::pki::{End, Files, Pki};
use crate::program;
use crate::row::{Figure, Row};
use crate::side::{HOST, Settings, Version, openssl as other};

pub static TOPIC: Topic = Topic {
    name: "process",
    title: "The whole program",
    choices: "CPU time of a process from start to end, its threads included. *verify*: one certificate against one CA and a list \
              of 10,000 entries, `sip-tls verify --crl` beside `openssl verify -crl_check`. *check* also reads the own \
              certificate and key, and says what becomes of each option; OpenSSL has nothing like it. *connect*: a TLS \
              1.3 connection to a server on loopback, with the name checked, `sip-tls connect --no-sip` beside `openssl \
              s_client`. *Size*: the program as cargo builds it for release; OpenSSL's with its two libraries.",
    avx512: &[],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    // The program belongs to the system, whatever library is linked in here.
    if !version().starts_with(openssl::version::version()) {
        return Vec::new();
    }
    let pki = Pki {
        list: Some(effort.pick(10_000, 10)),
        ..Pki::new(Kind::P256)
    };
    let files = pki.files();
    let settings = Settings::new(Version::Tls13, Kind::P256);
    let server = serve(other::context(&settings, &files, End::Server));
    let verify = [sip_tls_verify(&files), openssl_verify(&files)];
    let connect = [
        sip_tls_connect(&files, server),
        openssl_connect(&files, server),
    ];
    vec![
        beside(effort, "verify", verify),
        beside(
            effort,
            "check, beside `openssl verify`",
            [check(&files), openssl_verify(&files)],
        ),
        beside(effort, "connect", connect),
        sizes(),
    ]
}

fn version() -> String {
    let output = Command::new("openssl").arg("version").output();
    String::from_utf8_lossy(&output.expect("OpenSSL's program").stdout).into_owned()
}

fn beside(effort: &Effort, name: &str, commands: [Command; 2]) -> Row {
    let lanes = commands.into_iter().map(lane).collect();
    Row::of_race(name, &race(effort, lanes), 0, ("openssl", 1))
}

fn lane(mut command: Command) -> Lane<'static> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Lane::timed(move |times| (0..times).map(|_| program::time(&mut command)).sum())
}

fn sip_tls_verify(files: &Files) -> Command {
    let mut command = Command::new(program::path());
    command
        .arg("verify")
        .arg("--trusted-ca")
        .arg(files.trusted());
    command.arg("--crl").arg(files.list());
    command.args(["--crl-depth", "end-entity", "--host", HOST]);
    command.arg(files.certificate(End::Server));
    command
}

fn openssl_verify(files: &Files) -> Command {
    let mut command = Command::new("openssl");
    command.args(["verify", "-purpose", "sslserver", "-crl_check"]);
    command
        .args(["-verify_hostname", HOST, "-CAfile"])
        .arg(files.trusted());
    command.arg("-CRLfile").arg(files.list());
    // The first certificate in the file is verified; the second completes its path.
    let certificates = files.certificate(End::Server);
    command
        .arg("-untrusted")
        .arg(&certificates)
        .arg(&certificates);
    command
}

fn check(files: &Files) -> Command {
    let mut command = Command::new(program::path());
    command
        .arg("check")
        .args(program::options(files, Some(End::Server)));
    command
        .arg("-o")
        .arg(format!("tls-crl={}", files.list().display()));
    command
}

fn sip_tls_connect(files: &Files, server: SocketAddr) -> Command {
    let mut command = Command::new(program::path());
    command.args(["connect", "--no-sip", "--server", HOST, "--connect-to"]);
    command
        .arg(server.to_string())
        .args(program::options(files, None));
    command.args([
        "-o",
        "tls-target-name-check=host",
        "-o",
        "sec-protocol=TLSv13",
    ]);
    command
}

fn openssl_connect(files: &Files, server: SocketAddr) -> Command {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-brief", "-tls1_3", "-verify_return_error"]);
    command.args(["-servername", HOST, "-verify_hostname", HOST, "-CAfile"]);
    command
        .arg(files.trusted())
        .arg("-connect")
        .arg(server.to_string());
    command
}

/// Starts a server that accepts connections as long as this process runs.
fn serve(context: SslContext) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let limit = stream.set_read_timeout(Some(Duration::from_secs(30)));
            limit.expect("not zero");
            let ssl = Ssl::new(&context).expect("memory");
            let mut stream = SslStream::new(ssl, stream).expect("memory");
            // The client ends the connection. Its exit code tells how it went.
            if stream.accept().is_ok() {
                let _ = stream.ssl_read(&mut [0]);
                let _ = stream.shutdown();
            }
        }
    });
    address
}

fn sizes() -> Row {
    let size = |path: &str| fs::metadata(path).map_or(0, |file| file.len()) as f64;
    let ours = size(program::path().to_str().expect("a path in Unicode"));
    let others: f64 = openssl_files().iter().map(|path| size(path)).sum();
    Row::exact(
        "size",
        Figure::Bytes(ours),
        "openssl",
        Figure::Bytes(others),
    )
}

/// The program of OpenSSL and its libraries.
fn openssl_files() -> Vec<String> {
    let output = Command::new("sh")
        .args(["-c", "command -v openssl"])
        .output();
    let program = String::from_utf8(output.expect("a shell").stdout).expect("a path in Unicode");
    let program = program.trim_end().to_owned();
    let output = Command::new("ldd").arg(&program).output().expect("ldd");
    let text = String::from_utf8(output.stdout).expect("paths in Unicode");
    let own = text
        .lines()
        .filter(|line| line.contains("libssl") || line.contains("libcrypto"));
    let libraries = own.filter_map(|line| Some(line.split_whitespace().nth(2)?.to_owned()));
    libraries.chain([program.clone()]).collect()
}
