//! The watcher of files: in whatever order the files change, a peer meets the old state or the new one.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use sip_tls::{Endpoint, Watcher};

use super::{Folder, MUTUAL, builder};
use crate::endpoint::in_memory::{VERSIONS, peer_client, shake};
use crate::endpoint::test_pki::{HOST, TestPki};

const PATIENCE: Duration = Duration::from_secs(30);

/// A server whose files are watched, its configuration from before, and the results of the watcher.
struct Watched {
    endpoint: Endpoint,
    server: Arc<ServerConfig>,
    told: Receiver<Result<u64, String>>,
    _watcher: Watcher,
}

impl Watched {
    fn new(settings: &[(&str, String)]) -> Self {
        let endpoint = builder(settings).build().unwrap();
        let (sender, told) = channel();
        let watcher = endpoint.watch(move |result| {
            let result = result
                .as_ref()
                .map_err(|error| error.option().unwrap().to_owned());
            // The test may have ended.
            let _ = sender.send(result.copied());
        });
        Self {
            server: endpoint.server_config().unwrap(),
            endpoint,
            told,
            _watcher: watcher.unwrap(),
        }
    }

    /// The next result of the watcher. Until then every client with a good certificate is served.
    #[track_caller]
    fn next(&self) -> Result<u64, String> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            self.serve();
            match self.told.recv_timeout(Duration::from_millis(20)) {
                Ok(told) => return told,
                Err(RecvTimeoutError::Timeout) => {}
                Err(error) => panic!("{error}"),
            }
        }
        panic!("nothing after {PATIENCE:?}");
    }

    /// Checks that the watcher reports nothing during this time.
    #[track_caller]
    fn assert_quiet(&self, time: Duration) {
        let start = Instant::now();
        while start.elapsed() < time {
            self.serve();
            let told = self.told.recv_timeout(Duration::from_millis(20));
            assert_eq!(told, Err(RecvTimeoutError::Timeout));
        }
    }

    /// Serves a good client and refuses a revoked one. Returns the certificate of the server.
    #[track_caller]
    fn serve(&self) -> CertificateDer<'static> {
        let pki = TestPki::get();
        let version = &VERSIONS[1..];
        let refused = shake(
            &peer_client(Some(&pki.revoked), version),
            &self.server,
            HOST,
        );
        assert!(!refused.succeeded());
        let served = shake(&peer_client(Some(&pki.good), version), &self.server, HOST);
        assert!(served.succeeded(), "{:?}", served.server.outcome);
        served.client.connection.peer_certificates().unwrap()[0].clone()
    }
}

#[test]
fn a_new_key_waits_for_its_certificate() {
    let folder = Folder::of("watched-key", "good", "current.crl");
    let watched = Watched::new(&folder.settings(&[MUTUAL]));
    folder.put("own.key", "local.key");
    assert_eq!(watched.next(), Err("certificate-key".to_owned()));
    watched.assert_quiet(Duration::from_secs(2));
    assert_eq!(watched.serve(), TestPki::get().good.chain[0]);
    folder.put("own.pem", "local.pem");
    assert_eq!(watched.next(), Ok(2));
    assert_eq!(watched.serve(), TestPki::get().local.chain[0]);
    assert_eq!(watched.endpoint.generation(), 2);
}

#[test]
fn a_file_that_is_written_in_two_halves_is_read_when_it_is_whole() {
    let folder = Folder::of("watched-halves", "good", "current.crl");
    let watched = Watched::new(&folder.settings(&[MUTUAL]));
    let list = fs::read(TestPki::get().path("older-then-current.crl")).unwrap();
    let (first, second) = list.split_at(list.len() / 3);
    // The file is written in place, and not renamed like the other files of these tests.
    let open = || {
        OpenOptions::new()
            .append(true)
            .open(folder.path("ca.crl"))
            .unwrap()
    };
    fs::write(folder.path("ca.crl"), "").unwrap();
    open().write_all(first).unwrap();
    assert_eq!(watched.next(), Err("tls-crl".to_owned()));
    watched.assert_quiet(Duration::from_secs(2));
    open().write_all(second).unwrap();
    assert_eq!(watched.next(), Ok(2));
    assert_eq!(watched.endpoint.report().lists().len(), 2);
    // Other files in the folder do not matter.
    folder.write("other.pem", b"");
    watched.assert_quiet(Duration::from_secs(2));
}

/// In a folder of lists, files that cannot be read are skipped, so half a file would not be an error.
#[test]
fn half_a_file_in_a_folder_takes_nothing_away() {
    let folder = Folder::of("watched-folder", "good", "current.crl");
    fs::create_dir(folder.path("lists")).unwrap();
    folder.put("lists/current.crl", "current.crl");
    let mut settings = folder.settings(&[MUTUAL]);
    for (name, value) in &mut settings {
        if *name == "tls-crl" {
            *value = folder.path("lists").display().to_string();
        }
    }
    let watched = Watched::new(&settings);
    let list = fs::read(folder.path("lists/current.crl")).unwrap();
    fs::write(folder.path("lists/current.crl"), &list[..list.len() / 2]).unwrap();
    folder.put("lists/older.crl", "older.crl");
    watched.assert_quiet(Duration::from_secs(3));
    assert_eq!(watched.endpoint.generation(), 1);
    fs::write(folder.path("lists/current.crl"), &list).unwrap();
    assert_eq!(watched.next(), Ok(2));
    assert_eq!(watched.endpoint.report().lists().len(), 2);
    // A file that is no list is skipped in the end.
    folder.write("lists/rubbish.crl", b"rubbish");
    let start = Instant::now();
    assert_eq!(watched.next(), Ok(3));
    assert!(start.elapsed() >= Duration::from_secs(9));
}

/// Kubernetes mounts a secret like this: the files are links into a folder, and the folder is a link that is replaced.
#[cfg(unix)]
#[test]
fn a_link_that_leads_elsewhere_is_followed() {
    use std::os::unix::fs::symlink;

    let folder = Folder::of("watched-links", "good", "current.crl");
    for (version, identity) in [("..1", "good"), ("..2", "local"), ("..3", "rsa")] {
        fs::create_dir(folder.path(version)).unwrap();
        for extension in ["pem", "key"] {
            let file = format!("{version}/own.{extension}");
            folder.put(&file, &format!("{identity}.{extension}"));
        }
    }
    symlink("..1", folder.path("..data")).unwrap();
    for file in ["own.pem", "own.key"] {
        fs::remove_file(folder.path(file)).unwrap();
        symlink(format!("..data/{file}"), folder.path(file)).unwrap();
    }
    let watched = Watched::new(&folder.settings(&[MUTUAL]));
    for (generation, identity) in [(2, &TestPki::get().local), (3, &TestPki::get().rsa)] {
        symlink(format!("..{generation}"), folder.path("..new")).unwrap();
        fs::rename(folder.path("..new"), folder.path("..data")).unwrap();
        assert_eq!(watched.next(), Ok(generation));
        assert_eq!(watched.serve(), identity.chain[0]);
        fs::remove_dir_all(folder.path(&format!("..{}", generation - 1))).unwrap();
        watched.assert_quiet(Duration::from_secs(2));
    }
}

#[test]
fn a_watcher_that_is_dropped_reloads_no_more() {
    let folder = Folder::of("watched-dropped", "good", "current.crl");
    let Watched {
        endpoint,
        told,
        _watcher,
        ..
    } = Watched::new(&folder.settings(&[MUTUAL]));
    drop(_watcher);
    assert_eq!(
        told.recv_timeout(PATIENCE),
        Err(RecvTimeoutError::Disconnected)
    );
    folder.identify("local");
    sleep(Duration::from_secs(2));
    assert_eq!(endpoint.generation(), 1);
}
