//! The file of `tls-crl`, PEM or DER. The same bytes serve as `trusted-ca`, which may hold lists too.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sip_tls::options::FileList;
use sip_tls::pki;

static PATH: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("sip-tls-fuzz-{}.pem", std::process::id())));

fuzz_target!(|data: &[u8]| {
    fs::write(&*PATH, data).expect("the temporary directory is writable");
    let files = FileList::new(PATH.to_str().expect("made of ASCII"), None);
    let lists = pki::crls::load(&files);
    assert!(lists.is_ok_and(|lists| !lists.lists().is_empty()) || pki::crls::load(&files).is_err());
    let roots = pki::roots::load(&files);
    assert!(
        roots.is_ok_and(|roots| !roots.certificates().is_empty())
            || pki::roots::load(&files).is_err()
    );
});
