//! The DNS server NSD on this machine. It is ended with its test.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::child::{self, Running};

/// Whether NSD is installed. In CI it has to be.
pub(crate) fn is_found() -> bool {
    child::is_found("nsd")
}

/// A running NSD with its zones, over UDP and TCP.
pub(crate) struct Nsd {
    program: Running,
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
        let mut command = child::command(child::find("nsd").unwrap());
        command
            .args(["-d", "-c"])
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let nsd = Self {
            program: Running::start(&mut command),
            dir: dir.to_owned(),
            address,
        };
        let lines = &nsd.program.stderr;
        while let Some(line) = lines.next_line() {
            assert!(!line.contains("/zone:"), "{line}");
            if line.contains("nsd started") {
                return Some(nsd);
            }
        }
        let seen = lines.seen();
        assert!(seen.contains("in use"), "NSD does not start: {seen}");
        None
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The child processes of NSD end with it.
impl Drop for Nsd {
    fn drop(&mut self) {
        self.program.kill();
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
  xfrdir: "{dir}"
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

const HEAD: &str = "\
$ORIGIN sip.example.com.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
";
