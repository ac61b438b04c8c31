//! NSD as the DNS server of the domains.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::pki::{NEXT_HOP, Pki, SIP_DOMAINS};
use crate::process::{Process, free_port, write_file};

/// A domain whose DNS names the same server, which has no certificate for the domain.
pub(super) const FORGED: &str = "example.org";

/// A running NSD.
pub(super) struct Nsd {
    _process: Process,
    port: u16,
}

impl Nsd {
    /// Starts NSD. The server of the domains listens on `port`. Another server with a better priority is on `down`.
    pub(super) fn start(pki: &Pki, port: u16, down: u16) -> Result<Self, String> {
        let folder = pki.file("nsd");
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let own = free_port();
        let mut config = format!(
            "server:\n  ip-address: 127.0.0.1@{own}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{dir}\"\n  \
             database: \"\"\n  pidfile: \"\"\n  xfrdfile: \"\"\n  xfrdir: \"{dir}\"\n  \
             zonelistfile: \"{dir}/zone.list\"\n  server-count: 1\n\
             remote-control:\n  control-enable: no\n",
            dir = folder.display(),
        );
        let (_, provider) = NEXT_HOP.split_once('.').unwrap_or_default();
        let mut zones = vec![(provider.to_owned(), "edge7 A 127.0.0.1\n".to_owned())];
        // The first domain has NAPTR and SRV records, the others only SRV records.
        for domain in SIP_DOMAINS.into_iter().chain([FORGED]) {
            let mut records = format!(
                "_sips._tcp SRV 10 1 {down} {NEXT_HOP}.\n_sips._tcp SRV 20 1 {port} {NEXT_HOP}.\n"
            );
            if domain == SIP_DOMAINS[0] {
                records.push_str("@ NAPTR 10 10 \"s\" \"SIPS+D2T\" \"\" edges\n");
                records = records.replace("_sips._tcp", "edges");
            }
            zones.push((domain.to_owned(), records));
        }
        for (name, records) in zones {
            config += &format!("zone:\n  name: \"{name}\"\n  zonefile: \"{name}\"\n");
            let zone = format!(
                "$ORIGIN {name}.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n{records}"
            );
            write_file(&folder.join(&name), &zone)?;
        }
        let path = folder.join("nsd.conf");
        write_file(&path, &config)?;
        // The folder of server programs is not in the PATH of every user.
        let mut command = Command::new("/usr/sbin/nsd");
        let process = Process::start(command.args(["-d", "-c"]).arg(&path))?;
        process.wait_for_text("nsd started", Duration::from_secs(10))?;
        Ok(Self {
            _process: process,
            port: own,
        })
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}
