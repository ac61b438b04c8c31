//! The folder of the cache for lists.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use sip_tls::CrlFetch;

use super::server::Server;
use super::{Folder, URL, list, local};
use crate::blocking;
use crate::child;
use crate::endpoint::test_pki::TestPki;
use crate::pki::tools;

/// The files of a folder, sorted.
#[track_caller]
pub(super) fn files(folder: &Folder) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The only list in a folder.
#[track_caller]
fn only_list(folder: &Folder) -> PathBuf {
    let mut files = files(folder);
    files.retain(|file| file.extension().is_some_and(|it| it == "crl"));
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

fn cache(folder: &Folder) -> CrlFetch {
    CrlFetch::new().cache(folder.path())
}

#[tokio::test(crate = "crate::in_time")]
async fn a_list_survives_the_settings_and_the_server() {
    let folder = Folder::new("survives");
    let fetched = list(b'a', 100_000);
    let server = Server::of(fetched.clone().leak());
    let url = server.url("/root.crl");
    let before = SystemTime::now();
    {
        let fetch = local().cache(folder.path().join("in").join("folders"));
        assert!(fetch.cached(&url).is_none());
        let list = fetch.fetch(&url).await.unwrap();
        fetch.put_cached(&url, &list).unwrap();
    }
    drop(server);
    let fetch = local().cache(folder.path().join("in").join("folders"));
    assert!(fetch.fetch(&url).await.is_err());
    let kept = fetch.cached(&url).unwrap();
    assert_eq!((kept.url(), kept.der()), (&*url, &*fetched));
    // The cache keeps whole seconds only.
    assert!(kept.fetched() > before - Duration::from_secs(2));
    assert!(kept.fetched() <= SystemTime::now());
    assert_eq!(kept.into_der(), fetched);
    assert!(fetch.cached("http://127.0.0.1/other.crl").is_none());
}

#[test]
fn a_list_replaces_the_last_one_of_its_url_alone() {
    let folder = Folder::new("replaces");
    let cache = cache(&folder);
    let other = "http://crl.example.com/other.crl";
    for (url, letter, len) in [(URL, b'a', 5000), (other, b'b', 6000), (URL, b'c', 4)] {
        cache.put_cached(url, &list(letter, len)).unwrap();
    }
    assert_eq!(cache.cached(URL).unwrap().der(), list(b'c', 4));
    assert_eq!(cache.cached(other).unwrap().der(), list(b'b', 6000));
    // Two lists, and the lock.
    assert_eq!(files(&folder).len(), 3);
}

#[test]
fn the_lists_of_a_folder_can_be_listed() {
    let folder = Folder::new("told");
    let cache = cache(&folder);
    assert_eq!(cache.list_cache().unwrap().count(), 0);
    let urls = [
        "http://a.example.com/",
        "http://b.example.com/",
        "http://c.example.com/",
    ];
    for (i, url) in urls.iter().enumerate() {
        cache.put_cached(url, &list(b'x', i + 1)).unwrap();
    }
    let copy = folder.path().join("copy.crl");
    fs::copy(&files(&folder)[0], &copy).unwrap();
    fs::write(folder.path().join("README"), "not ours").unwrap();
    fs::create_dir(folder.path().join("folder.crl")).unwrap();
    let lists = cache.list_cache().unwrap();
    let mut told: Vec<_> = lists
        .map(|it| (it.url().to_owned(), it.der().len()))
        .collect();
    told.sort();
    let expected = urls.iter().enumerate();
    let expected: Vec<_> = expected
        .map(|(i, url)| ((*url).to_owned(), i + 7))
        .collect();
    assert_eq!(told, expected);
    assert!(copy.exists());
}

#[test]
fn a_file_that_is_damaged_or_not_ours_counts_as_not_there() {
    let folder = Folder::new("damaged");
    let cache = cache(&folder);
    cache.put_cached(URL, &list(b'a', 1000)).unwrap();
    let file = only_list(&folder);
    let whole = fs::read(&file).unwrap();
    let mut changed = whole.clone();
    changed[500] ^= 1;
    // The worst that a full disk leaves: a file of the right length, in which nothing was written.
    let zeros = vec![0; whole.len()];
    for content in [
        &whole[..0],
        &whole[..500],
        &whole[..1006],
        &whole[..whole.len() - 1],
        &changed,
        &zeros,
        b"-----BEGIN X509 CRL-----\n",
    ] {
        fs::write(&file, content).unwrap();
        assert!(cache.cached(URL).is_none());
        assert_eq!(cache.list_cache().unwrap().count(), 0);
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(cache.cached(URL).unwrap().der(), list(b'a', 1000));
    // The list of another URL in the place of this one.
    let other = "http://crl.example.com/other.crl";
    cache.put_cached(other, &list(b'b', 10)).unwrap();
    let files = files(&folder);
    let other_file = files
        .iter()
        .find(|it| **it != file && it.extension().is_some());
    fs::copy(other_file.unwrap(), &file).unwrap();
    assert!(cache.cached(URL).is_none());
    // A new list makes the entry good again.
    cache.put_cached(URL, &list(b'c', 10)).unwrap();
    assert_eq!(cache.cached(URL).unwrap().der(), list(b'c', 10));
}

#[cfg(unix)]
#[test]
fn a_named_pipe_and_a_link_to_nowhere_count_as_not_there() {
    let folder = Folder::new("pipe");
    let cache = cache(&folder);
    cache.put_cached(URL, &list(b'a', 10)).unwrap();
    let file = only_list(&folder);
    fs::remove_file(&file).unwrap();
    let made = child::output(child::command("mkfifo").arg(&file));
    assert!(made.status.success(), "{made:?}");
    let read = {
        let cache = cache.clone();
        move || cache.cached(URL).is_none()
    };
    assert!(blocking::run(read));
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/nonexistent", &file).unwrap();
    assert!(cache.cached(URL).is_none());
    cache.put_cached(URL, &list(b'b', 10)).unwrap();
    assert_eq!(cache.cached(URL).unwrap().der(), list(b'b', 10));
}

#[test]
fn a_list_that_is_longer_than_is_allowed_is_neither_read_nor_written() {
    let folder = Folder::new("longer");
    let error = cache(&folder)
        .max_size(1005)
        .put_cached(URL, &list(b'a', 1000))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "the list has more than 1005 bytes");
    assert!(!folder.path().exists());
    let exact = cache(&folder).max_size(1006);
    exact.put_cached(URL, &list(b'a', 1000)).unwrap();
    assert!(cache(&folder).max_size(1006).cached(URL).is_some());
    assert!(cache(&folder).max_size(1005).cached(URL).is_none());
}

#[test]
fn only_der_is_kept() {
    let folder = Folder::new("der");
    let error = cache(&folder)
        .put_cached(URL, b"-----BEGIN X509 CRL-----\n")
        .unwrap_err();
    assert_eq!(error.to_string(), "a cached list must be in DER");
    assert!(!folder.path().exists());
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let folder = Folder::new("modes");
    cache(&folder).put_cached(URL, &list(b'a', 10)).unwrap();
    assert_eq!(mode(folder.path()), 0o700);
    for file in files(&folder) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[cfg(unix)]
#[tokio::test(crate = "crate::in_time")]
async fn where_no_folder_can_be_made_lists_are_fetched_and_not_kept() {
    let folder = Folder::new("no-folder");
    fs::create_dir_all(folder.path()).unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let server = Server::of(b"\x30\x00");
    let fetch = local().cache(file.join("cache"));
    let list = fetch.fetch(&server.url("/")).await.unwrap();
    let error = fetch.put_cached(URL, &list).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotADirectory);
    assert!(fetch.cached(URL).is_none());
    let error = fetch.list_cache().unwrap_err().to_string();
    let expected = format!("cannot read the cache `{}`: ", file.join("cache").display());
    assert!(error.starts_with(&expected), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_leaves_the_old_list_and_nothing_else() {
    let folder = Folder::new("full");
    let cache = cache(&folder);
    cache.put_cached(URL, &list(b'a', 10)).unwrap();
    let before = files(&folder);
    // The process cannot write a file of more than half a megabyte, which simulates a full disk.
    let output = super::killed::helper(&folder)
        .env("SIP_TLS_CACHE_LARGE", "1")
        .output_of_shell("ulimit -f 1024");
    let text = String::from_utf8_lossy(&output.stdout);
    let expected = format!(
        "not kept: cannot write to the cache `{}`: File too large",
        folder.path().display()
    );
    assert!(text.contains(&expected), "{text}");
    assert_eq!(files(&folder), before);
    assert_eq!(cache.cached(URL).unwrap().der(), list(b'a', 10));
}

#[test]
fn old_drafts_of_processes_that_were_killed_are_removed_and_nothing_else() {
    let folder = Folder::new("drafts");
    let cache = cache(&folder);
    cache.put_cached(URL, &list(b'a', 10)).unwrap();
    let digest = "0123456789abcdef".repeat(4);
    let old = SystemTime::now() - Duration::from_secs(2 * 60 * 60);
    for (name, age) in [
        (format!(".{digest}.crl.1.tmp"), Some(old)),
        (format!(".{digest}.crl.2.tmp"), None),
        (format!(".{digest}.crl.a.tmp"), Some(old)),
        (".other.tmp".to_owned(), Some(old)),
        ("notes.tmp".to_owned(), Some(old)),
    ] {
        let file = File::create(folder.path().join(name)).unwrap();
        if let Some(age) = age {
            file.set_modified(age).unwrap();
        }
    }
    let before = files(&folder);
    cache.put_cached(URL, &list(b'b', 10)).unwrap();
    let after = files(&folder);
    let gone: Vec<_> = before.iter().filter(|it| !after.contains(it)).collect();
    assert_eq!(gone, [&folder.path().join(format!(".{digest}.crl.1.tmp"))]);
}

#[test]
fn a_writer_waits_for_another_one_and_not_for_ever() {
    let folder = Folder::new("locked");
    let cache = cache(&folder);
    cache.put_cached(URL, &list(b'a', 10)).unwrap();
    let lock = File::open(folder.path().join("lock")).unwrap();
    lock.lock().unwrap();
    let began = Instant::now();
    let put = {
        let cache = cache.clone();
        move || cache.put_cached(URL, &list(b'b', 10))
    };
    let error = blocking::run(put).unwrap_err();
    let expected = format!(
        "the lock `{}` was not free within 5 seconds",
        folder.path().join("lock").display()
    );
    assert_eq!(error.to_string(), expected);
    assert!((5..20).contains(&began.elapsed().as_secs()));
    // Readers do not wait.
    assert_eq!(cache.cached(URL).unwrap().der(), list(b'a', 10));
    let waiting = {
        let cache = cache.clone();
        std::thread::spawn(move || cache.put_cached(URL, &list(b'c', 10)))
    };
    std::thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    lock.unlock().unwrap();
    blocking::run(|| waiting.join()).unwrap().unwrap();
    assert_eq!(cache.cached(URL).unwrap().der(), list(b'c', 10));
}

#[test]
fn openssl_prints_a_list_of_the_cache() {
    if !child::is_found("openssl") {
        return;
    }
    let folder = Folder::new("openssl");
    fs::create_dir_all(folder.path()).unwrap();
    let pem = TestPki::get().path("current.crl");
    let words = format!("crl -in {} -outform DER -out list.der", pem.display());
    tools::openssl(folder.path(), &words);
    let der = fs::read(folder.path().join("list.der")).unwrap();
    cache(&folder).put_cached(URL, &der).unwrap();
    let file = only_list(&folder);
    let of = |file: &std::path::Path| {
        let words = format!("crl -inform DER -noout -text -in {}", file.display());
        tools::openssl(folder.path(), &words)
    };
    let text = of(&file);
    assert!(text.contains("Revoked Certificates"), "{text}");
    assert_eq!(text, of(&folder.path().join("list.der")));
}
