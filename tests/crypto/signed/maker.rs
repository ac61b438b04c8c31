//! Makes keys and signatures with `openssl`, and records its verdicts.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::der::*;
use crate::child;

/// Makes keys, and certificates signed with them, in a temporary directory.
pub(super) struct Maker {
    directory: PathBuf,
    keys: RefCell<HashMap<String, Vec<u8>>>,
    issuers: RefCell<Vec<String>>,
    table: RefCell<String>,
}

pub(super) struct Issuer {
    name: String,
    spki: Vec<u8>,
}

impl Maker {
    pub(super) fn new() -> Self {
        let directory = std::env::temp_dir().join(format!("sip-tls-signed-{}", std::process::id()));
        fs::create_dir(&directory).unwrap();
        Self {
            directory,
            keys: RefCell::default(),
            issuers: RefCell::default(),
            table: RefCell::default(),
        }
    }

    /// Returns the table with all that was entered.
    pub(super) fn into_table(self) -> String {
        self.table.take()
    }

    /// Runs `openssl` with a file `MESSAGE`, and returns what it prints.
    pub(super) fn openssl(&self, arguments: &[&str], message: &[u8]) -> Vec<u8> {
        fs::write(self.directory.join("MESSAGE"), message).unwrap();
        let mut command = child::command("openssl");
        let output = child::output(command.args(arguments).current_dir(&self.directory));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        output.stdout
    }

    pub(super) fn dgst(&self, key: &str, hash: &str, options: &[&str], message: &[u8]) -> Vec<u8> {
        let hash = format!("-{hash}");
        let arguments = [&["dgst", &hash, "-sign", key], options, &["MESSAGE"]].concat();
        self.openssl(&arguments, message)
    }

    pub(super) fn pss(
        &self,
        key: &str,
        hash: &str,
        mgf: &str,
        salt: usize,
        message: &[u8],
    ) -> Vec<u8> {
        let options = [
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            &format!("rsa_mgf1_md:{mgf}"),
            "-sigopt",
            &format!("rsa_pss_saltlen:{salt}"),
        ];
        self.dgst(key, hash, &options, message)
    }

    /// Makes a key if there is none of this name, and returns its SubjectPublicKeyInfo.
    fn spki(&self, name: &str, arguments: &[&str]) -> Vec<u8> {
        let mut keys = self.keys.borrow_mut();
        let made = keys.entry(name.to_owned()).or_insert_with(|| {
            self.openssl(&[&["genpkey", "-out", name], arguments].concat(), &[]);
            self.openssl(&["pkey", "-in", name, "-pubout", "-outform", "DER"], &[])
        });
        made.clone()
    }

    /// Returns the RSAPublicKey of a key of 2048 bits.
    pub(super) fn rsa_key(&self, name: &str) -> Vec<u8> {
        self.sized_rsa_key(name, "2048", "65537")
    }

    pub(super) fn sized_rsa_key(&self, name: &str, bits: &str, exponent: &str) -> Vec<u8> {
        let mut options = vec![
            format!("rsa_keygen_bits:{bits}"),
            format!("rsa_keygen_pubexp:{exponent}"),
        ];
        // With two primes, both have the same length, and finding long primes takes minutes.
        match bits.parse::<u16>().unwrap() {
            10_000.. => options.push("rsa_keygen_primes:5".to_owned()),
            odd if odd % 2 == 1 => options.push("rsa_keygen_primes:3".to_owned()),
            _ => {}
        }
        let mut arguments = vec!["-algorithm", "RSA"];
        arguments.extend(options.iter().flat_map(|option| ["-pkeyopt", option]));
        let spki = self.spki(name, &arguments);
        // The RSAPublicKey comes after the header, the algorithm, and the header of the BIT STRING.
        spki[4 + 15 + 5..].to_vec()
    }

    pub(super) fn ec_key(&self, name: &str, group: &str) -> Vec<u8> {
        let group = format!("group:{group}");
        self.spki(name, &["-algorithm", "EC", "-pkeyopt", &group])
    }

    pub(super) fn edwards_key(&self, name: &str, algorithm: &str) -> Vec<u8> {
        self.spki(name, &["-algorithm", algorithm])
    }

    /// Enters the name and the key of an issuer into the table, unless they are there. The issuer has no certificate of
    /// its own: nobody would verify its signature.
    pub(super) fn issuer(&self, name: &str, spki: Vec<u8>) -> Issuer {
        if !self.issuers.borrow().contains(&name.to_owned()) {
            self.issuers.borrow_mut().push(name.to_owned());
            let spki = self.base64(&spki);
            writeln!(self.table.borrow_mut(), "issuer {name} {spki}").unwrap();
        }
        let name = name.to_owned();
        Issuer { name, spki }
    }

    pub(super) fn case(
        &self,
        name: &str,
        issuer: &Issuer,
        algorithm: &[u8],
        sign: impl Fn(&[u8]) -> Vec<u8>,
    ) {
        self.serial_until(name, issuer, algorithm, |tbs| Some(sign(tbs)));
    }

    /// Tries serial numbers until `sign` returns a signature; then enters the certificate into the table, with
    /// OpenSSL's verdict on it.
    pub(super) fn serial_until(
        &self,
        name: &str,
        issuer: &Issuer,
        algorithm: &[u8],
        sign: impl Fn(&[u8]) -> Option<Vec<u8>>,
    ) {
        let spki = sequence(&[&sequence(&[&ED25519]), &bit_string(&[9; 32])]);
        let mut made = (0..=u16::MAX).filter_map(|serial| {
            let serial = tlv(0x02, &[&[1][..], &serial.to_be_bytes()].concat());
            let tbs = tbs(&serial, algorithm, &sequence(&[]), &spki, &[]);
            let signature = sign(&tbs)?;
            Some(sequence(&[&tbs, algorithm, &bit_string(&signature)]))
        });
        let certificate = made.next().unwrap();
        let verdict = self.verdict(issuer, &certificate);
        let line = format!(
            "case {name} {} {verdict} {}",
            issuer.name,
            self.base64(&certificate)
        );
        writeln!(self.table.borrow_mut(), "{line}").unwrap();
    }

    /// Returns `ok`, or the number of OpenSSL's error; `unreadable` if OpenSSL cannot read the certificate.
    fn verdict(&self, issuer: &Issuer, certificate: &[u8]) -> String {
        self.write_pem("root.pem", &root(issuer));
        self.write_pem("leaf.pem", certificate);
        let mut command = child::command("openssl");
        command
            .args(["verify", "-auth_level", "2", "-partial_chain"])
            .args(["-trusted", "root.pem", "leaf.pem"])
            .current_dir(&self.directory);
        let output = child::output(&mut command);
        let text = String::from_utf8_lossy(&output.stderr);
        let number = text.lines().find_map(|line| line.strip_prefix("error "));
        let number = number.map(|line| line.split(' ').next().unwrap().to_owned());
        match output.status.success() {
            true => "ok".to_owned(),
            false => number.unwrap_or_else(|| "unreadable".to_owned()),
        }
    }

    fn write_pem(&self, file: &str, der: &[u8]) {
        let text = self.base64(der);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        fs::write(self.directory.join(file), pem).unwrap();
    }

    fn base64(&self, octets: &[u8]) -> String {
        let text = self.openssl(&["base64", "-A", "-in", "MESSAGE"], octets);
        String::from_utf8(text).unwrap()
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The certificate of an issuer. Its signature is all zeros, because it is not verified.
fn root(issuer: &Issuer) -> Vec<u8> {
    let algorithm = sequence(&[PKCS1[1].1, &NULL]);
    let is_ca = tlv(0x04, &sequence(&[&[1, 1, 0xff]]));
    let extensions = sequence(&[&sequence(&[&BASIC_CONSTRAINTS, &is_ca])]);
    let extensions = tlv(0xa3, &extensions);
    let tbs = tbs(
        &tlv(0x02, &[1]),
        &algorithm,
        &issuer_name(),
        &issuer.spki,
        &extensions,
    );
    sequence(&[&tbs, &algorithm, &bit_string(&[0; 256])])
}
