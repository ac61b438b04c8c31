//! Java's own TLS, and that of Bouncy Castle: one program, `java/Peer.java`, which reads commands.

use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Kind, Peer};
use crate::cause::{self, CLIENT_WITHOUT_CERTIFICATE};
use crate::cell::{Cell, Role, Scenario, Setup, Suites, Version};
use crate::expected::{Exception, Expected, alert};
use crate::pki::Pki;
use crate::process::{Process, Running, write_file};
use crate::sip;

pub(crate) const JSSE: Kind = Kind {
    name: "jsse",
    packages: &["openjdk-17-jdk-headless"],
    open: |pki| Ok(Box::new(Java::open(pki, "SunJSSE")?)),
};

pub(crate) const BOUNCY_CASTLE: Kind = Kind {
    name: "bouncycastle",
    packages: &["openjdk-17-jdk-headless", "libbctls-java"],
    open: |pki| Ok(Box::new(Java::open(pki, "BCJSSE")?)),
};

struct Java {
    pki: Arc<Pki>,
    version: String,
    process: Arc<Mutex<Process>>,
    is_bouncy_castle: bool,
}

impl Java {
    fn open(pki: Arc<Pki>, provider: &str) -> Result<Self, String> {
        let source = pki.file(&format!("{provider}/Peer.java"));
        std::fs::create_dir_all(pki.file(provider)).map_err(|error| error.to_string())?;
        write_file(&source, include_str!("java/Peer.java"))?;
        let request = pki.file(&format!("{provider}/request"));
        write_file(&request, sip::OPTIONS)?;
        let libraries = ["bctls", "bcprov", "bcutil", "bcpkix"]
            .map(|library| format!("/usr/share/java/{library}.jar"))
            .join(":");
        let process = Process::start(
            Command::new("java")
                .args([
                    "-Xshare:auto",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                ])
                .args(["-cp", &libraries])
                .arg(&source)
                .arg(provider)
                .arg(pki.root())
                .arg(pki.lists())
                .arg(Pki::PASSWORD)
                .arg(&request),
        )?;
        let version = process.wait_for_line("", START);
        let version = version.ok_or_else(|| format!("java: {}", process.output()))?;
        Ok(Self {
            pki,
            version,
            process: Arc::new(Mutex::new(process)),
            is_bouncy_castle: provider == "BCJSSE",
        })
    }

    fn command(&self, word: &str, setup: Setup, port: u16) -> Result<Task, String> {
        let version = setup.version.name();
        let keys = setup.identity.map(|identity| self.pki.pkcs12(identity));
        let keys = keys.map_or_else(|| "-".to_owned(), |keys| keys.display().to_string());
        let suite = suite(setup.suites);
        let mut process = lock(&self.process);
        let from = process.output().len();
        process.write(&format!("{word} {port} {version} {keys} {suite}\n"))?;
        if setup.role == Role::Server {
            process.wait_for_port(port)?;
        }
        Ok(Task {
            process: Arc::clone(&self.process),
            from,
            port,
            role: setup.role,
        })
    }
}

impl Peer for Java {
    fn version(&self) -> String {
        self.version.clone()
    }

    fn exception(&self, cell: Cell) -> Option<Exception> {
        use Scenario as S;
        if cell.theirs().suites == Suites::Ccm8 {
            return Some(Exception::Cannot("Java's two have no CCM8"));
        }
        let (expected, reason) = match (cell.scenario, cell.role) {
            (S::TheirsUnknown, Role::Client) => (
                Expected::Incompatible,
                "Java sends no certificate of a CA that we do not name as trusted",
            ),
            (S::NoCertificate, Role::Server) if !self.is_bouncy_castle => (
                Expected::Alert(alert::BAD_CERTIFICATE),
                "JSSE calls the absence of a certificate a bad one",
            ),
            (S::OursRevoked, Role::Client) if !self.is_bouncy_castle => return None,
            (S::OursExpired, Role::Client)
                if !self.is_bouncy_castle && cell.version == Version::Tls12 =>
            {
                return None;
            }
            (S::OursRevoked | S::OursExpired | S::OursElsewhere | S::OursUnknown, _) => (
                Expected::Alert(alert::CERTIFICATE_UNKNOWN),
                "Java's two have one alert for nearly all that is wrong with a certificate",
            ),
            _ => return None,
        };
        Some(Exception::Otherwise(expected, reason))
    }

    fn words(&self, cell: Cell) -> &'static [&'static str] {
        match (cell.scenario, cell.role) {
            (Scenario::TheirsUnknown, Role::Client) => CLIENT_WITHOUT_CERTIFICATE,
            _ => cause::words(cell),
        }
    }

    fn serve(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        Ok(Box::new(self.command("serve", setup, port)?))
    }

    fn call(&mut self, setup: Setup, port: u16) -> Result<Box<dyn Running>, String> {
        Ok(Box::new(self.command("call", setup, port)?))
    }
}

/// A server or a call of the program.
struct Task {
    process: Arc<Mutex<Process>>,
    /// The position in the program's output where the output of the task begins.
    from: usize,
    port: u16,
    role: Role,
}

impl Running for Task {
    fn output(&self) -> String {
        lock(&self.process).output().split_off(self.from)
    }

    fn has_ended(&mut self) -> bool {
        self.role == Role::Client && self.output().contains(&format!("called {}", self.port))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.role == Role::Server {
            // A program that has ended has no servers.
            let _ = lock(&self.process).write(&format!("stop {}\n", self.port));
        }
    }
}

fn suite(suites: Suites) -> &'static str {
    match suites {
        Suites::Default | Suites::Ccm8 => "-",
        Suites::Cbc => "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        Suites::Dhe => "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        Suites::StaticRsa => "TLS_RSA_WITH_AES_128_GCM_SHA256",
    }
}

fn lock(process: &Mutex<Process>) -> MutexGuard<'_, Process> {
    process.lock().unwrap_or_else(PoisonError::into_inner)
}

const START: Duration = Duration::from_secs(60);
