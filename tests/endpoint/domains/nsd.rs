//! The DNS server NSD on this machine. It is ended with its test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use crate::daemon;

/// Whether NSD is installed. In CI it has to be.
pub(crate) fn is_found() -> bool {
    daemon::is_found("nsd")
}

/// A running NSD with its zones, over UDP and TCP.
pub(crate) struct Nsd {
    child: Child,
    dir: PathBuf,
    address: SocketAddr,
}

impl Nsd {
    /// Serves these records as the zone `sip.example.com`. Two other zones cannot be loaded, so that NSD answers with
    /// SERVFAIL: `broken.example`, and `_tcp.half.sip.example.com` below the good zone.
    #[track_caller]
    pub(crate) fn start(records: &str) -> Self {
        let dir = folder();
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("zone"), format!("{HEAD}{records}\n")).unwrap();
        // Another program may take the port before NSD does.
        for _ in 0..5 {
            if let Some(nsd) = Self::try_start(&dir) {
                return nsd;
            }
        }
        panic!("NSD does not start");
    }

    fn try_start(dir: &Path) -> Option<Self> {
        let address = free_address();
        let config = dir.join("nsd.conf");
        fs::write(&config, configuration(dir, address)).unwrap();
        let child = Command::new(daemon::program("nsd").unwrap())
            .args(["-d", "-c"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut nsd = Self {
            child,
            dir: dir.to_owned(),
            address,
        };
        let lines = lines(&mut nsd.child);
        let mut seen = Vec::new();
        while let Ok(line) = lines.recv_timeout(PATIENCE) {
            assert!(!line.contains("/zone:"), "{line}");
            if line.contains("nsd started") {
                return Some(nsd);
            }
            seen.push(line);
        }
        let is_taken = seen.iter().any(|line| line.contains("in use"));
        assert!(is_taken, "NSD does not start: {seen:#?}");
        None
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The child processes of NSD end with it.
impl Drop for Nsd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn folder() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("nsd-{}-{number}", std::process::id());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A port that is free for both UDP and TCP.
fn free_address() -> SocketAddr {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

fn configuration(dir: &Path, address: SocketAddr) -> String {
    let (dir, ip, port) = (dir.display(), address.ip(), address.port());
    format!(
        r#"
server:
  ip-address: {ip}@{port}
  username: ""
  chroot: ""
  zonesdir: "{dir}"
  database: ""
  pidfile: ""
  xfrdfile: ""
  zonelistfile: "{dir}/zone.list"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "sip.example.com"
  zonefile: "zone"
zone:
  name: "broken.example"
  zonefile: "missing"
zone:
  name: "_tcp.half.sip.example.com"
  zonefile: "missing"
"#
    )
}

fn lines(child: &mut Child) -> Receiver<String> {
    let stderr = child.stderr.take().unwrap();
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            // NSD goes on writing, and must not block on a full pipe.
            let _ = sender.send(line);
        }
    });
    lines
}

/// The time after which the start has failed. NSD starts in less than a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(30);

const HEAD: &str = "\
$ORIGIN sip.example.com.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
";
