//! The PKI of the runs and the tests. It has two tiers, and is made with the program `openssl`: a root, an issuing CA,
//! and their revocation lists.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// The name and the fault of an end entity's certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Identity {
    /// For `localhost` and `127.0.0.1`.
    Good,
    Revoked,
    /// For another host.
    Elsewhere,
    /// From a CA that is not trusted.
    Stranger,
}

impl Identity {
    const ALL: [Self; 4] = [Self::Good, Self::Revoked, Self::Elsewhere, Self::Stranger];

    /// The common name, which is also the name of the files.
    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked => "revoked",
            Self::Elsewhere => "elsewhere",
            Self::Stranger => "stranger",
        }
    }
}

/// The revocation lists of a program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lists {
    Current,
    /// The list of the issuing CA has expired.
    Expired,
    /// The certificates of all end entities are revoked.
    All,
}

/// The folder with all files. It is removed at the end.
pub struct Pki {
    folder: PathBuf,
}

impl Pki {
    pub fn create(folder: PathBuf) -> Result<Self, String> {
        let pki = Self { folder };
        let made = pki.make();
        made.map_err(|error| format!("cannot make the PKI: {error}"))?;
        Ok(pki)
    }

    /// The end entity's certificate and the certificate of the issuing CA.
    pub fn chain(&self, identity: Identity) -> PathBuf {
        self.file(&format!("{}-chain.pem", identity.name()))
    }

    pub fn key(&self, identity: Identity) -> PathBuf {
        self.file(&format!("{}.key", identity.name()))
    }

    pub fn root(&self) -> PathBuf {
        self.file("root.pem")
    }

    /// The lists of both CAs.
    pub fn lists(&self, lists: Lists) -> PathBuf {
        self.file(match lists {
            Lists::Current => "current.crl",
            Lists::Expired => "expired.crl",
            Lists::All => "all.crl",
        })
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn make(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        self.write_config()?;
        for ca in CAS {
            self.new_key(ca)?;
        }
        self.self_signed("root")?;
        self.self_signed("strange")?;
        self.issue("issuing", "root", "authority")?;
        for identity in Identity::ALL {
            let (issuer, extensions) = match identity {
                Identity::Good | Identity::Revoked => ("issuing", "here"),
                Identity::Elsewhere => ("issuing", "elsewhere"),
                Identity::Stranger => ("strange", "here"),
            };
            self.new_key(identity.name())?;
            self.issue(identity.name(), issuer, extensions)?;
        }
        self.make_lists()?;
        for identity in Identity::ALL {
            let name = identity.name();
            let own = format!("{name}.pem");
            let parts: &[&str] = match identity {
                Identity::Stranger => &[&own],
                _ => &[&own, "issuing.pem"],
            };
            self.concatenate(&format!("{name}-chain.pem"), parts)?;
        }
        Ok(())
    }

    fn write_config(&self) -> io::Result<()> {
        let mut config = CONFIG.to_owned();
        for ca in CAS {
            config += &format!(
                "[{ca}]\ndatabase = {ca}.index\ncertificate = {ca}.pem\nprivate_key = {ca}.key\n\
                 new_certs_dir = .\ndefault_md = sha256\npolicy = policy\nrand_serial = yes\n"
            );
            fs::write(self.file(&format!("{ca}.index")), "")?;
        }
        fs::write(self.file("openssl.cnf"), config)
    }

    fn make_lists(&self) -> io::Result<()> {
        self.list("root", "-crldays 30", "root.crl")?;
        self.openssl("ca -config openssl.cnf -name issuing -revoke revoked.pem")?;
        self.list("issuing", "-crldays 30", "issuing.crl")?;
        let past = "-crl_lastupdate 20200101000000Z -crl_nextupdate 20210101000000Z";
        self.list("issuing", past, "issuing-expired.crl")?;
        self.openssl("ca -config openssl.cnf -name issuing -revoke good.pem")?;
        self.list("issuing", "-crldays 30", "issuing-all.crl")?;
        for (name, issuing) in [
            ("current.crl", "issuing.crl"),
            ("expired.crl", "issuing-expired.crl"),
            ("all.crl", "issuing-all.crl"),
        ] {
            self.concatenate(name, &["root.crl", issuing])?;
        }
        Ok(())
    }

    fn list(&self, ca: &str, dates: &str, to: &str) -> io::Result<()> {
        self.openssl(&format!(
            "ca -config openssl.cnf -name {ca} -gencrl {dates} -out {to}"
        ))
    }

    fn new_key(&self, name: &str) -> io::Result<()> {
        self.openssl(&format!(
            "genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"
        ))
    }

    fn self_signed(&self, name: &str) -> io::Result<()> {
        self.openssl(&format!(
            "req -x509 -config openssl.cnf -extensions authority -key {name}.key -subj /CN={name} -days 30 \
             -out {name}.pem"
        ))
    }

    fn issue(&self, name: &str, issuer: &str, extensions: &str) -> io::Result<()> {
        self.openssl(&format!(
            "req -new -config openssl.cnf -key {name}.key -subj /CN={name} -out {name}.csr"
        ))?;
        self.openssl(&format!(
            "ca -batch -notext -config openssl.cnf -name {issuer} -extensions {extensions} -days 30 \
             -in {name}.csr -out {name}.pem"
        ))
    }

    fn concatenate(&self, to: &str, from: &[&str]) -> io::Result<()> {
        let mut text = Vec::new();
        for name in from {
            text.extend(fs::read(self.file(name))?);
        }
        fs::write(self.file(to), text)
    }

    fn openssl(&self, arguments: &str) -> io::Result<()> {
        // `timeout` is part of every Debian.
        let output = Command::new("timeout")
            .args(["60", "openssl"])
            .args(arguments.split_whitespace())
            .current_dir(&self.folder)
            .output()?;
        match output.status.success() {
            true => Ok(()),
            false => {
                let errors = String::from_utf8_lossy(&output.stderr);
                let status = output.status;
                Err(io::Error::other(format!(
                    "openssl {arguments}: {status}: {errors}"
                )))
            }
        }
    }
}

/// Writes a file that a program reads.
pub fn write_file(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

impl Drop for Pki {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

const CAS: [&str; 3] = ["root", "issuing", "strange"];
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
