//! A PKI of two tiers, made with the program `openssl`: a root, an issuing CA, and their revocation lists.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who an end entity is, and what is wrong with its certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Identity {
    /// For `localhost` and `127.0.0.1`.
    Good,
    Revoked,
    /// For another host.
    Elsewhere,
    /// From a CA that nobody trusts.
    Stranger,
}

/// The lists of both CAs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lists {
    Current,
    Expired,
    /// The good one is revoked, too.
    Stricter,
}

/// The folder with all files. It is removed in the end.
pub(crate) struct Pki {
    folder: PathBuf,
}

impl Pki {
    pub(crate) fn create(folder: PathBuf) -> Result<Self, String> {
        let pki = Self { folder };
        let made = pki.make();
        made.map_err(|error| format!("cannot make the PKI: {error}"))?;
        Ok(pki)
    }

    /// The end entity's certificate and that of the issuing CA.
    pub(crate) fn chain(&self, identity: Identity) -> PathBuf {
        self.file(&format!("{}-chain.pem", identity.name()))
    }

    pub(crate) fn key(&self, identity: Identity) -> PathBuf {
        self.file(&format!("{}.key", identity.name()))
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.file("root.pem")
    }

    pub(crate) fn lists(&self, lists: Lists) -> PathBuf {
        self.file(&format!("{}.crl", lists.name()))
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn make(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        self.configure()?;
        self.self_signed("root")?;
        self.self_signed("strange")?;
        self.issue("issuing", "root", "authority")?;
        for identity in Identity::ALL {
            let (issuer, extensions) = match identity {
                Identity::Good | Identity::Revoked => ("issuing", "here"),
                Identity::Elsewhere => ("issuing", "elsewhere"),
                Identity::Stranger => ("strange", "here"),
            };
            let name = identity.name();
            self.issue(name, issuer, extensions)?;
            let certificate = format!("{name}.pem");
            self.concatenate(&format!("{name}-chain.pem"), &[&certificate, "issuing.pem"])?;
        }
        self.openssl("ca -config openssl.cnf -name issuing -revoke revoked.pem")?;
        self.list(Lists::Current, "-crldays 30")?;
        let past = "-crl_lastupdate 20200101000000Z -crl_nextupdate 20210101000000Z";
        self.list(Lists::Expired, past)?;
        self.openssl("ca -config openssl.cnf -name issuing -revoke good.pem")?;
        self.list(Lists::Stricter, "-crldays 30")
    }

    fn configure(&self) -> io::Result<()> {
        let mut config = CONFIG.to_owned();
        for ca in ["root", "issuing", "strange"] {
            config += &format!(
                "[{ca}]\ndatabase = {ca}.index\ncertificate = {ca}.pem\nprivate_key = {ca}.key\n\
                 new_certs_dir = .\ndefault_md = sha256\npolicy = policy\nrand_serial = yes\n"
            );
            fs::write(self.file(&format!("{ca}.index")), "")?;
        }
        fs::write(self.file("openssl.cnf"), config)
    }

    fn new_key(&self, name: &str) -> io::Result<()> {
        self.openssl(&format!(
            "genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"
        ))
    }

    fn self_signed(&self, name: &str) -> io::Result<()> {
        self.new_key(name)?;
        self.openssl(&format!(
            "req -x509 -config openssl.cnf -extensions authority -key {name}.key -subj /CN={name} -days 30 \
             -out {name}.pem"
        ))
    }

    fn issue(&self, name: &str, issuer: &str, extensions: &str) -> io::Result<()> {
        self.new_key(name)?;
        self.openssl(&format!(
            "req -new -config openssl.cnf -key {name}.key -subj /CN={name} -out {name}.csr"
        ))?;
        self.openssl(&format!(
            "ca -batch -notext -config openssl.cnf -name {issuer} -extensions {extensions} -days 30 \
             -in {name}.csr -out {name}.pem"
        ))
    }

    fn list(&self, lists: Lists, dates: &str) -> io::Result<()> {
        for ca in ["root", "issuing"] {
            self.openssl(&format!(
                "ca -config openssl.cnf -name {ca} -gencrl {dates} -out {ca}.crl"
            ))?;
        }
        self.concatenate(
            &format!("{}.crl", lists.name()),
            &["root.crl", "issuing.crl"],
        )
    }

    fn concatenate(&self, to: &str, from: &[&str]) -> io::Result<()> {
        let mut text = Vec::new();
        for name in from {
            text.extend(fs::read(self.file(name))?);
        }
        fs::write(self.file(to), text)
    }

    fn openssl(&self, arguments: &str) -> io::Result<()> {
        let output = Command::new("timeout")
            .args(["20", "openssl"])
            .args(arguments.split_whitespace())
            .current_dir(&self.folder)
            .output()?;
        match output.status.success() {
            true => Ok(()),
            false => {
                let errors = String::from_utf8_lossy(&output.stderr);
                Err(io::Error::other(format!("openssl {arguments}: {errors}")))
            }
        }
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Identity {
    const ALL: [Self; 4] = [Self::Good, Self::Revoked, Self::Elsewhere, Self::Stranger];

    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked => "revoked",
            Self::Elsewhere => "elsewhere",
            Self::Stranger => "stranger",
        }
    }
}

impl Lists {
    fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Expired => "expired",
            Self::Stricter => "stricter",
        }
    }
}

/// Copies a file in the place of another one, which is never seen half.
pub(crate) fn replace(from: &Path, to: &Path) -> Result<(), String> {
    let beside = to.with_extension("new");
    fs::copy(from, &beside)
        .and_then(|_| fs::rename(&beside, to))
        .map_err(|error| format!("{}: {error}", to.display()))
}

const CONFIG: &str = "\
[req]
distinguished_name = name
prompt = no
[name]
[policy]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[here]
basicConstraints = CA:false
keyUsage = digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, IP:127.0.0.1
[elsewhere]
basicConstraints = CA:false
keyUsage = digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:elsewhere.example.com
";
