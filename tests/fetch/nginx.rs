//! The web server nginx on this machine. It is ended with its test.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{Folder, PATIENCE};
use crate::child::{self, Running};

/// Whether nginx is installed. In CI it has to be.
pub(super) fn is_found() -> bool {
    child::is_found("nginx")
}

/// A running nginx with a folder for its files.
pub(super) struct Nginx {
    process: Process,
    folder: Folder,
}

/// The process of nginx, and where it listens.
struct Process {
    program: Running,
    address: SocketAddr,
}

impl Nginx {
    #[track_caller]
    pub(super) fn start(test: &str) -> Self {
        let folder = Folder::new(test);
        fs::create_dir_all(folder.path().join("www/slow")).unwrap();
        // Another program may take the port before nginx does.
        let process = (0..5).find_map(|_| Process::try_start(folder.path()));
        Self {
            process: process.expect("nginx starts"),
            folder,
        }
    }

    /// Puts a file into the folder that nginx serves.
    #[track_caller]
    pub(super) fn put(&self, name: &str, content: &[u8]) {
        fs::write(self.folder.path().join("www").join(name), content).unwrap();
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.process.address)
    }

    #[track_caller]
    pub(super) fn stop(&mut self) {
        self.process.program.kill();
    }
}

impl Process {
    #[track_caller]
    fn try_start(folder: &Path) -> Option<Self> {
        let address = free_address();
        let mut process = Self {
            program: start(folder, address),
            address,
        };
        let began = Instant::now();
        while process.program.ended().is_none() {
            if TcpStream::connect(address).is_ok() {
                return Some(process);
            }
            assert!(began.elapsed() < PATIENCE, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

fn free_address() -> SocketAddr {
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    tcp.local_addr().unwrap()
}

#[track_caller]
fn start(folder: &Path, address: SocketAddr) -> Running {
    let config = folder.join("nginx.conf");
    fs::write(&config, configuration(address)).unwrap();
    let mut command = child::command(child::find("nginx").unwrap());
    command.arg("-p").arg(folder).arg("-c").arg(&config);
    command.args(["-e", "error.log"]);
    Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
}

/// A configuration with a single process, so that no process is left when it is killed.
fn configuration(address: SocketAddr) -> String {
    format!(
        "
daemon off;
master_process off;
pid nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    default_type application/pkix-crl;
    gzip on;
    gzip_types *;
    server {{
        listen {address};
        root www;
        location /slow/ {{ limit_rate 200; }}
        location /listing/ {{ alias www/; autoindex on; }}
        location = /moved {{ return 301 /root.crl; }}
        location = /secure {{ return 301 https://$host/root.crl; }}
        location = /loop {{ return 302 /loop; }}
        location = /neighbour {{ return 302 http://127.0.0.2:{port}/root.crl; }}
    }}
}}
",
        port = address.port()
    )
}
