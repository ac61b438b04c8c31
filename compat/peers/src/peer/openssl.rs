//! OpenSSL: `openssl s_server` and `openssl s_client`. It is the reference, so it has no exceptions.

mod special;
mod strangers;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Kind, Peer, Special};
use crate::cell::{Setup, Suites, Version};
use crate::ours::Ours;
use crate::pki::Pki;
use crate::process::{Process, Running, write_file};
use crate::sip;

pub(crate) const KIND: Kind = Kind {
    name: "openssl",
    packages: &["openssl"],
    open: |pki| Ok(Box::new(Openssl::new(pki)?)),
};

struct Openssl {
    pki: Arc<Pki>,
    /// The file with the root and all revocation lists: `-CRL` reads only the first list of a file.
    trust: PathBuf,
}

impl Openssl {
    fn new(pki: Arc<Pki>) -> Result<Self, String> {
        let trust = pki.file("openssl-trust.pem");
        let read = |path: PathBuf| {
            fs::read_to_string(&path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))
        };
        write_file(&trust, &(read(pki.root())? + &read(pki.lists())?))?;
        Ok(Self { pki, trust })
    }

    /// A command with `-quiet`. Without it, lines that begin with a letter such as R would be commands.
    fn command(&self, program: &str, setup: Setup) -> Command {
        let mut command = Command::new("openssl");
        command
            .args([
                program,
                "-quiet",
                "-verify_return_error",
                "-crl_check_all",
                "-CAfile",
            ])
            .arg(&self.trust)
            .arg(match setup.version {
                Version::Tls12 => "-tls1_2",
                Version::Tls13 => "-tls1_3",
            });
        match (setup.suites, setup.version) {
            (Suites::Default, _) => {}
            (Suites::Ccm8, Version::Tls13) => {
                command.args(["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"]);
            }
            (suites, _) => {
                // In OpenSSL, CCM8 has security level 0.
                let list = format!("{}:@SECLEVEL=0", suites.openssl());
                command.args(["-cipher", &list]);
            }
        }
        if let Some(identity) = setup.identity {
            command
                .arg("-cert")
                .arg(self.pki.certificate(identity))
                .arg("-key")
                .arg(self.pki.key(identity))
                .arg("-cert_chain")
                .arg(self.pki.file("issuing.pem"));
        }
        command
    }
}

impl Peer for Openssl {
    fn version(&self) -> String {
        super::first_line("openssl", &["version"])
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let mut command = self.command("s_server", setup);
        command
            .args(["-Verify", "5"])
            .args(["-accept", &format!("127.0.0.1:{port}")]);
        let mut process = Process::start(&mut command)?;
        process.wait_for_port(port)?;
        Ok(Box::new(Answering::start(process)))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        let mut command = self.command("s_client", setup);
        command
            .args(["-verify", "5", "-verify_hostname", "localhost"])
            .args(["-connect", &format!("127.0.0.1:{port}")]);
        let mut process = Process::start(&mut command)?;
        process.write(sip::OPTIONS)?;
        Ok(Box::new(process.ends_with(sip::ANSWER, LIMIT)))
    }

    fn special(&mut self, ours: &Ours) -> Vec<Special> {
        special::all(ours)
    }
}

/// A running `s_server`, and a thread that answers the requests which it prints.
struct Answering {
    process: Arc<Mutex<Option<Process>>>,
}

impl Answering {
    fn start(process: Process) -> Self {
        let process = Arc::new(Mutex::new(Some(process)));
        let shared = Arc::clone(&process);
        thread::spawn(move || {
            let mut answered = 0;
            while let Some(process) = lock(&shared).as_mut() {
                let output = process.output();
                if let Some(id) = call_ids(&output).nth(answered) {
                    answered += 1;
                    // If the server has ended, the cell fails anyway.
                    let _ = process.write(&answer(id));
                }
                thread::sleep(PAUSE);
            }
        });
        Self { process }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        drop(lock(&self.process).take());
    }
}

impl Running for Answering {
    fn output(&self) -> String {
        let process = lock(&self.process);
        process.as_ref().map_or_else(String::new, Process::output)
    }

    fn has_ended(&mut self) -> bool {
        let mut process = lock(&self.process);
        process.as_mut().is_none_or(Process::has_ended)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The Call-IDs of the requests that are complete.
fn call_ids(output: &str) -> impl Iterator<Item = &str> {
    let end = output.rfind("\r\n\r\n").unwrap_or(0);
    let lines = output[..end].lines();
    lines.filter_map(|line| line.strip_prefix("Call-ID: "))
}

/// The answer to a request. We need only the Call-ID of it.
fn answer(call_id: &str) -> String {
    format!("SIP/2.0 200 OK\r\nCall-ID: {call_id}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
}

const LIMIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);
