//! One PKI for all forms, made with `openssl`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use super::peer::Server;
use super::tally::Tally;
use crate::pki::tools::openssl;

/// A root, an intermediate CA below it, and certificates below the intermediate for all types of keys.
///
/// For each name of [`LEAVES`] there are `NAME.key`, `NAME.pem` and `NAME.chain.pem`. For `inter` and `root` there is
/// also the list `NAME.crl`; the list of `inter` contains `revoked`.
pub(super) struct Pki {
    folder: PathBuf,
    good: OnceLock<Server>,
    revoked: OnceLock<Server>,
    pub(super) tally: Tally,
}

pub(super) const LEAVES: [(&str, &str); 7] = [
    (
        "rsa",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    ),
    (
        "p256",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    ),
    (
        "p384",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
    ),
    (
        "p521",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
    ),
    ("ed25519", "genpkey -algorithm ED25519"),
    (
        "pss",
        "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048",
    ),
    (
        "revoked",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    ),
];

impl Pki {
    /// Returns the PKI of this process, which is dropped with its last user.
    pub(super) fn get() -> Arc<Self> {
        static SHARED: Mutex<Weak<Pki>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let made = Arc::new(Self::make());
            *shared = Arc::downgrade(&made);
            made
        })
    }

    fn make() -> Self {
        let name = format!("sip-tls-{}-forms", std::process::id());
        let pki = Self {
            folder: std::env::temp_dir().join(name),
            good: OnceLock::new(),
            revoked: OnceLock::new(),
            tally: Tally::new(),
        };
        fs::create_dir_all(&pki.folder).unwrap();
        pki.write("ca.cnf", CONFIGURATION);
        pki.authorities();
        for (name, key) in LEAVES {
            pki.openssl(&format!("{key} -out {name}.key"));
            pki.openssl(&format!(
                "req -new -key {name}.key -subj /CN=sip.example.com/OU={name} -out {name}.csr"
            ));
            pki.sign(name, "inter", "leaf");
            let chain = [pki.read(&format!("{name}.pem")), pki.read("inter.pem")];
            pki.write(&format!("{name}.chain.pem"), chain.concat());
        }
        pki.lists();
        pki.bundles();
        pki
    }

    fn authorities(&self) {
        for name in ["root", "inter", "other"] {
            self.openssl(&format!(
                "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"
            ));
        }
        for name in ["root", "other"] {
            self.openssl(&format!("req -x509 -key {name}.key -subj /CN={name} -days 30 -config ca.cnf -extensions issuer -out {name}.pem"));
        }
        self.openssl("req -new -key inter.key -subj /CN=inter -out inter.csr");
        self.sign("inter", "root", "issuer");
    }

    fn sign(&self, name: &str, issuer: &str, extensions: &str) {
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -days 20 -sha256 -extfile ca.cnf -extensions {extensions} -out {name}.pem"
        ));
    }

    fn lists(&self) {
        for (name, revoked) in [("root", None), ("inter", Some("revoked"))] {
            self.write("index.txt", "");
            let authority = format!("ca -config ca.cnf -cert {name}.pem -keyfile {name}.key");
            if let Some(revoked) = revoked {
                self.openssl(&format!("{authority} -revoke {revoked}.pem"));
            }
            self.openssl(&format!("{authority} -gencrl -crldays 10 -out {name}.crl"));
        }
    }

    /// Writes files that several forms are made of.
    fn bundles(&self) {
        let cas = [self.read("inter.pem"), self.read("root.pem")].concat();
        self.write("cas.pem", &cas);
        self.write(
            "cas.reversed.pem",
            [self.read("root.pem"), self.read("inter.pem")].concat(),
        );
        self.write(
            "all.crl",
            [self.read("inter.crl"), self.read("root.crl")].concat(),
        );
        for name in ["rsa", "p256"] {
            let all = [
                self.read("root.pem"),
                self.read("inter.pem"),
                self.read(&format!("{name}.pem")),
            ];
            self.write(&format!("{name}.reversed.pem"), all.concat());
        }
        // As many certificates as a file from Windows may hold.
        let mut crowd = cas;
        for number in 1..=60 {
            self.openssl(&format!(
                "req -x509 -key other.key -subj /CN=other-{number} -days 30 -out crowd.one"
            ));
            crowd.extend(self.read("crowd.one"));
        }
        self.write("crowd.pem", crowd);
        self.openssl("req -new -key other.key -subj /CN=odd -out odd.csr");
        self.openssl("x509 -req -in odd.csr -signkey other.key -days 1 -out odd.pem");
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.folder.join(name), content).unwrap();
    }

    /// Returns a certificate as DER.
    pub(super) fn certificate(&self, name: &str) -> Vec<u8> {
        let text = self.read(&format!("{name}.pem"));
        pem::parse(text).unwrap().into_contents()
    }

    /// An `s_server` with the certificate `p256`.
    pub(super) fn good(&self) -> &Server {
        self.good
            .get_or_init(|| Server::start(&self.folder, "p256"))
    }

    /// An `s_server` with a certificate that is revoked.
    pub(super) fn revoked(&self) -> &Server {
        self.revoked
            .get_or_init(|| Server::start(&self.folder, "revoked"))
    }

    #[track_caller]
    fn openssl(&self, words: &str) {
        openssl(&self.folder, words);
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

const CONFIGURATION: &str = "
[req]
distinguished_name = name
[name]
[ca]
default_ca = authority
[issuer]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[authority]
database = index.txt
default_md = sha256
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:sip.example.com
";
