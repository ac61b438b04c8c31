//! A PKI of two tiers, made with the program `openssl`: a root, an issuing CA, and their revocation lists.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::Process;

/// The name and the fault of an end entity's certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Identity {
    /// RSA, for `localhost` and `127.0.0.1`.
    Good,
    /// As `Good`, with a key on P-256.
    Ec,
    Revoked,
    Expired,
    /// For another host.
    Elsewhere,
    /// From a CA that is not trusted.
    Stranger,
}

impl Identity {
    pub(crate) const ALL: [Self; 6] = [
        Self::Good,
        Self::Ec,
        Self::Revoked,
        Self::Expired,
        Self::Elsewhere,
        Self::Stranger,
    ];

    /// The common name, which is also the name of the files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Ec => "ec",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Elsewhere => "elsewhere",
            Self::Stranger => "stranger",
        }
    }
}

/// The folder with all files. It is removed at the end.
pub(crate) struct Pki {
    folder: PathBuf,
}

impl Pki {
    pub(crate) fn create(folder: PathBuf) -> Result<Self, String> {
        let pki = Self { folder };
        pki.make()
            .map_err(|error| format!("cannot make the PKI: {error}"))?;
        Ok(pki)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The end entity's certificate, without the issuing CA.
    pub(crate) fn certificate(&self, identity: Identity) -> PathBuf {
        self.file(&format!("{}.pem", identity.name()))
    }

    /// The end entity's certificate and the certificate of the issuing CA.
    pub(crate) fn chain(&self, identity: Identity) -> PathBuf {
        self.file(&format!("{}-chain.pem", identity.name()))
    }

    /// The private key in PKCS#8.
    pub(crate) fn key(&self, identity: Identity) -> PathBuf {
        self.file(&format!("{}.key", identity.name()))
    }

    /// Key and certificates in PKCS#12, with the password [`Self::PASSWORD`].
    pub(crate) fn pkcs12(&self, identity: Identity) -> PathBuf {
        self.file(&format!("{}.p12", identity.name()))
    }

    /// The root.
    pub(crate) fn root(&self) -> PathBuf {
        self.file("root.pem")
    }

    /// The root and the issuing CA, for peers that build their own chain from their CA file.
    pub(crate) fn authorities(&self) -> PathBuf {
        self.file("authorities.pem")
    }

    /// The lists of both CAs.
    pub(crate) fn lists(&self) -> PathBuf {
        self.file("lists.crl")
    }

    /// The certificate of one of [`SIP_DOMAINS`] and the certificate of the issuing CA.
    pub(crate) fn domain_chain(&self, domain: &str) -> PathBuf {
        self.file(&format!("{domain}-chain.pem"))
    }

    pub(crate) fn domain_key(&self, domain: &str) -> PathBuf {
        self.file(&format!("{domain}.key"))
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn make(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut config = format!("{CONFIG}{HERE}");
        for ca in ["root", "issuing", "strange"] {
            config += &format!(
                "[{ca}]\ndatabase = {ca}.index\ncertificate = {ca}.pem\nprivate_key = {ca}.key\n\
                 new_certs_dir = .\ndefault_md = sha256\npolicy = policy\nrand_serial = yes\n"
            );
            fs::write(self.file(&format!("{ca}.index")), "")?;
            fs::write(
                self.file(&format!("{ca}.index.attr")),
                "unique_subject = no\n",
            )?;
            self.new_key(ca, "RSA")?;
        }
        fs::write(self.file("openssl.cnf"), config)?;
        self.self_signed("root")?;
        self.self_signed("strange")?;
        self.issue("issuing", "root", "authority", VALID)?;
        for identity in Identity::ALL {
            self.new_key(
                identity.name(),
                match identity {
                    Identity::Ec => "EC",
                    _ => "RSA",
                },
            )?;
            let (issuer, extensions, dates) = match identity {
                Identity::Good | Identity::Ec | Identity::Revoked => ("issuing", "here", VALID),
                Identity::Expired => ("issuing", "here", PAST),
                Identity::Elsewhere => ("issuing", "elsewhere", VALID),
                Identity::Stranger => ("strange", "here", VALID),
            };
            self.issue(identity.name(), issuer, extensions, dates)?;
        }
        for domain in SIP_DOMAINS {
            self.new_key(domain, "EC")?;
            let names = format!("subjectAltName = URI:sip:{domain}, DNS:{NEXT_HOP}");
            let section = HERE.replace("subjectAltName = DNS:localhost, IP:127.0.0.1", &names);
            fs::write(self.file(&format!("{domain}.cnf")), section)?;
            let extensions = format!("here -extfile {domain}.cnf");
            self.issue(domain, "issuing", &extensions, VALID)?;
            self.concatenate(
                &format!("{domain}-chain.pem"),
                &[&format!("{domain}.pem"), "issuing.pem"],
            )?;
        }
        self.openssl("ca -config openssl.cnf -name issuing -revoke revoked.pem")?;
        for ca in ["root", "issuing"] {
            self.openssl(&format!(
                "ca -config openssl.cnf -name {ca} -gencrl -crldays 30 -out {ca}.crl"
            ))?;
        }
        self.concatenate("authorities.pem", &["root.pem", "issuing.pem"])?;
        self.concatenate("lists.crl", &["root.crl", "issuing.crl"])?;
        for identity in Identity::ALL {
            self.bundle(identity.name(), identity == Identity::Stranger)?;
        }
        self.openssl(
            "genpkey -quiet -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dh.pem",
        )?;
        self.concatenate("good-dh.pem", &["good-chain.pem", "dh.pem"])?;
        Ok(())
    }

    fn new_key(&self, name: &str, algorithm: &str) -> io::Result<()> {
        let parameters = match algorithm {
            "RSA" => "rsa_keygen_bits:2048",
            _ => "ec_paramgen_curve:P-256",
        };
        self.openssl(&format!(
            "genpkey -quiet -algorithm {algorithm} -pkeyopt {parameters} -out {name}.key"
        ))
    }

    fn self_signed(&self, name: &str) -> io::Result<()> {
        self.openssl(&format!(
            "req -x509 -config openssl.cnf -extensions authority -key {name}.key -subj /CN={name} -days 30 \
             -out {name}.pem"
        ))
    }

    fn issue(&self, name: &str, issuer: &str, extensions: &str, dates: &str) -> io::Result<()> {
        self.openssl(&format!(
            "req -new -config openssl.cnf -key {name}.key -subj /CN={name} -out {name}.csr"
        ))?;
        self.openssl(&format!(
            "ca -batch -notext -config openssl.cnf -name {issuer} -extensions {extensions} {dates} \
             -in {name}.csr -out {name}.pem"
        ))
    }

    fn bundle(&self, name: &str, is_strange: bool) -> io::Result<()> {
        let issuer = match is_strange {
            true => "",
            false => "issuing.pem",
        };
        let certificate = format!("{name}.pem");
        let parts = [certificate.as_str(), issuer];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        self.concatenate(&format!("{name}-chain.pem"), &parts)?;
        let password = Self::PASSWORD;
        self.openssl(&format!(
            "pkcs12 -export -inkey {name}.key -in {name}-chain.pem -name {name} -passout pass:{password} \
             -out {name}.p12"
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
        let mut command = Command::new("openssl");
        command
            .args(arguments.split_whitespace())
            .current_dir(&self.folder);
        let made = Process::run(&mut command, Duration::from_secs(60));
        match made {
            Ok(_) => Ok(()),
            Err(error) => Err(io::Error::other(format!("openssl {arguments}: {error}"))),
        }
    }

    pub(crate) const PASSWORD: &str = "password";
}

impl Drop for Pki {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The domains of one server. Each has a certificate that names the domain as a `sip:` URI, by RFC 5922.
pub(crate) const SIP_DOMAINS: [&str; 2] = ["example.com", "example.net"];
/// The name of the server of these domains.
pub(crate) const NEXT_HOP: &str = "edge7.provider.example";

const VALID: &str = "-days 30";
const PAST: &str = "-startdate 20200101000000Z -enddate 20210101000000Z";
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
[elsewhere]
basicConstraints = CA:false
keyUsage = digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:elsewhere.example.com
";
const HERE: &str = "\
[here]
basicConstraints = CA:false
keyUsage = digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, IP:127.0.0.1
";
