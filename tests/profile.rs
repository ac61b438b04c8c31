//! Configuration files from disk and from hostile readers.

use std::error::Error;
use std::fmt::Debug;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sip_tls::profile::{Connectivity, Profile, ProfileError, Server, Setting, Transport};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/testdata/profile")
        .join(name)
}

#[track_caller]
fn profile(name: &str) -> Profile {
    Profile::from_file(path(name)).unwrap()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

fn connectivities(profile: &Profile) -> Vec<(&str, String, Transport)> {
    (profile.connectivities().iter())
        .map(|line| (line.user(), line.server().to_string(), line.transport()))
        .collect()
}

fn security(profile: &Profile) -> Vec<(&str, &str)> {
    profile
        .security()
        .iter()
        .map(|setting| (setting.name(), setting.value()))
        .collect()
}

#[test]
fn modern_file_is_read() {
    let profile = profile("modern.config");
    assert_eq!(
        connectivities(&profile),
        [
            ("5107", "sip-a.branch.example:5061".into(), Transport::Tls),
            ("5107", "[2001:db8::17]:5071".into(), Transport::Tls),
        ]
    );
    assert_eq!(
        security(&profile),
        [
            ("certificate", "/srv/phone/pki/phone.pem"),
            ("certificate-key", "/srv/phone/pki/phone.key"),
            ("trusted-ca", "/srv/phone/pki/ca.pem"),
            ("sec-protocol", ""),
            ("cipher-list", "ECDHE+AESGCM:!aNULL"),
            ("tls-crl", "/srv/phone/pki/ca.crl"),
            ("tls-target-name-check", "host"),
            ("use_srtp", "disabled"),
        ]
    );
    let places: Vec<_> = profile
        .security()
        .iter()
        .map(|s| s.position().to_string())
        .collect();
    assert_eq!(places[0], "line 15, column 11");
    assert_eq!(places[7], "line 22, column 11");
    assert!(!format!("{profile:?}").contains("open-sesame-4711"));
}

#[test]
fn legacy_file_is_read() {
    let profile = profile("legacy.config");
    assert_eq!(
        connectivities(&profile),
        [("6204", "192.0.2.30:5061".into(), Transport::Tls)]
    );
    assert_eq!(
        security(&profile),
        [
            ("tls_enabled", "1"),
            ("cert_file", "tls/phone.pem"),
            ("priv_key_file", "tls/phone.key"),
            ("ca_list_file", "tls/ca.pem"),
        ]
    );
}

#[test]
fn plain_file_with_comments_cdata_and_entities_is_read() {
    let profile = profile("plain.config");
    assert_eq!(
        connectivities(&profile),
        [
            ("", "sip.example:5061".into(), Transport::Tcp),
            ("7", "[2001:db8::7]:5061".into(), Transport::Udp),
        ]
    );
    assert_eq!(
        security(&profile),
        [
            ("trusted-ca", "/srv/A & B/CA \"one\".pem"),
            ("sec-protocol", "TLSv12"),
            ("tls-crl", "late.crl"),
        ]
    );
}

#[test]
fn settings_tree_alone_is_read() {
    let profile = profile("settings.config");
    assert!(profile.connectivities().is_empty());
    assert_eq!(security(&profile), [("trusted-ca", "ca.pem")]);
}

#[test]
fn base_directory_is_that_of_the_file() {
    let directory = path("");
    assert!(directory.is_absolute());
    assert_eq!(
        profile("legacy.config").base_dir(),
        Some(directory.as_path())
    );
    // Tests run in the directory of the package.
    let relative = Path::new("tests/testdata/profile");
    let profile = Profile::from_file(relative.join("legacy.config")).unwrap();
    assert_eq!(profile.base_dir(), Some(relative));
    assert_eq!(
        text("legacy.config").parse::<Profile>().unwrap().base_dir(),
        None
    );
}

#[test]
fn every_encoding_of_a_file_reads_the_same() {
    let text = text("plain.config").replace("late.crl", "spät-€.crl");
    let expected: Profile = text.parse().unwrap();
    assert_eq!(expected.security()[2].value(), "spät-€.crl");
    let marked = format!("\u{feff}{text}");
    let files = [
        text.clone().into_bytes(),
        marked.clone().into_bytes(),
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.replace('\n', "\r\n").into_bytes(),
    ];
    for file in files {
        assert_eq!(Profile::from_reader(&file[..]).unwrap(), expected);
    }
}

#[test]
fn latin_1_file_is_read_where_it_says_so() {
    let text = text("legacy.config")
        .replace("utf-8", "ISO-8859-1")
        .replace("tls/ca.pem", "tls/zürich.pem");
    let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let profile = Profile::from_reader(&bytes[..]).unwrap();
    assert_eq!(security(&profile)[3], ("ca_list_file", "tls/zürich.pem"));
}

#[test]
fn unreadable_paths_are_named() {
    for name in ["absent.config", ""] {
        let path = path(name);
        let error = Profile::from_file(&path).unwrap_err();
        assert!(matches!(error, ProfileError::File { .. }), "{error:?}");
        let text = format!("cannot read {}: ", path.display());
        assert!(error.to_string().starts_with(&text), "{error}");
        assert!(error.source().is_none(), "the cause is in the text");
        assert_eq!(error.position(), None);
    }
}

#[test]
fn unusable_files_are_named() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unusable");
    std::fs::create_dir_all(&folder).unwrap();
    let der = [&[0x30, 0x82, 0x01, 0x00][..], &[0xff; 256]].concat();
    for (name, content, expected) in [
        ("empty.config", &b""[..], "the file is empty"),
        ("blank.config", b"\xef\xbb\xbf\n \n", "the file is empty"),
        ("der.config", &der, "the file is DER, not a configuration"),
        (
            "pem.config",
            b"-----BEGIN X509 CRL-----\n",
            "the file is PEM, ",
        ),
        (
            "xml.config",
            b"<settings",
            "line 1, column 10: unreadable XML, ",
        ),
        (
            "root.config",
            b"\n<a/>",
            "line 2, column 1: the root element",
        ),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        let error = Profile::from_file(&path).unwrap_err();
        let text = format!("{}: {expected}", path.display());
        assert!(error.to_string().starts_with(&text), "{error}");
        assert!(error.source().is_none(), "the cause is in the text");
        let has_position = expected.starts_with("line ");
        assert_eq!(error.position().is_some(), has_position);
    }
}

#[test]
fn failing_reader_is_an_error() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("unplugged"))
        }
    }
    let error = Profile::from_reader("<settings>".as_bytes().chain(Failing)).unwrap_err();
    assert_eq!(error.to_string(), "cannot read the profile: unplugged");
}

/// A reader, and the number of bytes that were read from it.
struct Counted<R>(R, usize);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buf)?;
        self.1 += read;
        Ok(read)
    }
}

#[test]
fn large_and_endless_readers_are_left_at_the_limit() {
    let large = b"<settings>".chain(io::repeat(b' ').take(100 << 20));
    let readers: [Box<dyn Read>; 3] = [
        Box::new(large),
        Box::new(io::repeat(0)),
        Box::new(io::repeat(b'\n')),
    ];
    for reader in readers {
        let mut reader = Counted(reader, 0);
        let error = Profile::from_reader(&mut reader).unwrap_err();
        assert!(matches!(error, ProfileError::TooLarge { .. }), "{error:?}");
        assert!(error.position().is_some());
        assert_eq!(reader.1, Profile::MAX_SIZE + 1);
    }
}

#[test]
fn full_file_of_settings_is_read() {
    let mut document = "<settings><domain name='system'><section name='security'>".to_owned();
    let end = "</section></domain></settings>";
    let mut settings = 0;
    while document.len() < Profile::MAX_SIZE - 100 {
        document += &format!("<setting name='n{settings}' value='v'/>\n");
        settings += 1;
    }
    let profile: Profile = (document + end).parse().unwrap();
    assert_eq!(profile.security().len(), settings);
    assert_eq!(
        profile.security()[settings - 1].position().line(),
        settings as u64
    );
}

#[test]
fn truncated_files_are_refused_with_a_place() {
    let text = text("modern.config");
    let whole = text.trim_end();
    assert!("".parse::<Profile>().is_err());
    for end in (1..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
        let error = whole[..end].parse::<Profile>().unwrap_err();
        assert!(error.position().is_some(), "{error:?}");
    }
}

#[test]
fn damaged_files_are_read_or_refused_in_one_line_with_a_place() {
    const PIECES: [&[u8]; 24] = [
        b"<",
        b">",
        b"/>",
        b"</",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<?",
        b"?>",
        b"&",
        b";",
        b"&#0;",
        b"\"",
        b"'",
        b"=",
        b"\r",
        b"\0",
        b"\xff",
        b"\xef\xbf\xbe",
        b"<!DOCTYPE x [",
        b"xmlns:a=''",
        b"<a>",
        b"<setting name='x' value='y'/>",
    ];
    let seeds =
        ["modern.config", "plain.config", "settings.config"].map(|name| text(name).into_bytes());
    // A xorshift generator: the damage is the same in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound as u64) as usize
    };
    for round in 0..3000 {
        let mut file = seeds[round % seeds.len()].clone();
        for _ in 0..=below(4) {
            let at = below(file.len());
            match below(3) {
                0 => drop(file.splice(at..at, PIECES[below(PIECES.len())].iter().copied())),
                1 => drop(file.drain(at..(at + below(20)).min(file.len()))),
                _ => file[at] = below(256) as u8,
            }
        }
        if let Err(error) = Profile::from_reader(&file[..]) {
            assert!(error.position().is_some(), "{error:?}");
            let message = error.to_string();
            assert!(
                message.len() < 300 && !message.contains(char::is_control),
                "{message:?}"
            );
            assert!(!message.contains("open-sesame"), "{message}");
        }
    }
}

#[test]
fn public_types_are_send_and_sync() {
    fn check<T: Send + Sync + Debug + 'static>() {}
    check::<Profile>();
    check::<Connectivity>();
    check::<Server>();
    check::<Setting>();
    check::<ProfileError>();
}
