//! The same endpoints by each side: ours, OpenSSL's, and those of plain rustls.

pub mod openssl;
pub mod ours;
pub mod stock;

use ::rustls::NamedGroup;

use crate::pki::{End, Files, Pki};
use compat_openssl::keys::Kind;

pub use compat_openssl::plan::HOST;

/// What both ends of a connection agree on.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub version: Version,
    pub kind: Kind,
    pub group: Group,
    /// Whether the server wants a certificate.
    pub mutual: bool,
    /// Whether certificates are looked up in the list.
    pub list: bool,
    pub sessions: Sessions,
    pub cipher: Cipher,
    /// Whether our endpoints keep the verdicts on peers, as they do by default. OpenSSL keeps none.
    pub keeps_verdicts: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Version {
    Tls12,
    Tls13,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cipher {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Group {
    P256,
    X25519,
}

/// Whether connections resume sessions, and where the server keeps them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sessions {
    None,
    /// In memory.
    Server,
    /// In encrypted tickets, as OpenSSL does it by default.
    Tickets,
}

impl Settings {
    /// Full handshakes, the server alone has a certificate.
    pub fn new(version: Version, kind: Kind) -> Self {
        Self {
            version,
            kind,
            group: Group::X25519,
            mutual: false,
            list: false,
            sessions: Sessions::None,
            cipher: Cipher::Aes256Gcm,
            keeps_verdicts: false,
        }
    }

    /// The files that these settings need.
    pub fn pki(&self) -> Pki {
        Pki::new(self.kind)
    }

    /// The one suite, as OpenSSL writes it.
    pub fn suite(&self) -> &'static str {
        self.name_and_number().0
    }

    fn suite_number(&self) -> u16 {
        self.name_and_number().1
    }

    fn name_and_number(&self) -> (&'static str, u16) {
        use Cipher::{Aes128Gcm, Aes256Gcm, ChaCha20};
        match (self.version, self.kind, self.cipher) {
            (Version::Tls13, _, Aes128Gcm) => ("TLS_AES_128_GCM_SHA256", 0x1301),
            (Version::Tls13, _, Aes256Gcm) => ("TLS_AES_256_GCM_SHA384", 0x1302),
            (Version::Tls13, _, ChaCha20) => ("TLS_CHACHA20_POLY1305_SHA256", 0x1303),
            (Version::Tls12, Kind::Rsa(_), Aes128Gcm) => ("ECDHE-RSA-AES128-GCM-SHA256", 0xc02f),
            (Version::Tls12, Kind::Rsa(_), Aes256Gcm) => ("ECDHE-RSA-AES256-GCM-SHA384", 0xc030),
            (Version::Tls12, Kind::Rsa(_), ChaCha20) => ("ECDHE-RSA-CHACHA20-POLY1305", 0xcca8),
            (Version::Tls12, _, Aes128Gcm) => ("ECDHE-ECDSA-AES128-GCM-SHA256", 0xc02b),
            (Version::Tls12, _, Aes256Gcm) => ("ECDHE-ECDSA-AES256-GCM-SHA384", 0xc02c),
            (Version::Tls12, _, ChaCha20) => ("ECDHE-ECDSA-CHACHA20-POLY1305", 0xcca9),
        }
    }

    /// Whether this end sends a certificate.
    fn shows_certificate(&self, end: End) -> bool {
        end == End::Server || self.mutual
    }

    /// Whether this end checks its peer's certificate.
    fn checks_certificate(&self, end: End) -> bool {
        end == End::Client || self.mutual
    }

    /// The files with the list that this end uses.
    fn list_of<'a>(&self, files: &'a Files, end: End) -> Option<&'a Files> {
        (self.list && self.checks_certificate(end)).then_some(files)
    }
}

impl Version {
    pub fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }
}

impl Group {
    /// The groups to offer, for OpenSSL. In TLS 1.2 the curve of the certificates has to be among them.
    fn openssl(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::X25519 => "X25519:P-256",
        }
    }

    /// The numbers of the same groups.
    fn numbers(self) -> &'static [NamedGroup] {
        match self {
            Self::P256 => &[NamedGroup::secp256r1],
            Self::X25519 => &[NamedGroup::X25519, NamedGroup::secp256r1],
        }
    }
}

/// The text of a path.
fn text(path: std::path::PathBuf) -> String {
    path.into_os_string().into_string().expect("made of ASCII")
}
