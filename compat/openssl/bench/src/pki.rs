//! Files of a PKI with a root, intermediates, a server and a client, as both sides load them.

use std::fs;
use std::path::{Path, PathBuf};

use compat_openssl::dn::{self, Name, PRINTABLE, UTF8};
use compat_openssl::ext::Extension;
use compat_openssl::keys::{Key, Kind};
use compat_openssl::plan::{Cert, Crl, Entry, LEAF, Plan, Purpose, ROOT, Revocation, Trusted};
use compat_openssl::rng::Rng;
use compat_openssl::{der, ext};

use crate::scratch::Folder;

/// What the files hold.
#[derive(Clone, Debug)]
pub struct Pki {
    pub kind: Kind,
    /// The number of trusted CAs, including the root of the chains.
    pub cas: usize,
    /// The number of certificates from the end entity to the root, without the root.
    pub chain: usize,
    /// How many entries the list of the issuing CA has, if there is one.
    pub list: Option<usize>,
    /// Whose certificate the list revokes.
    pub revoked: Option<End>,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    Client,
    Server,
}

impl Pki {
    /// An intermediate, one trusted CA, no list.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            cas: 1,
            chain: 2,
            list: None,
            revoked: None,
        }
    }

    /// Writes the files.
    pub fn files(&self) -> Files {
        let (plan, client) = self.plan();
        let files = Files::new();
        let built = plan.build();
        fs::write(files.trusted(), built.trusted_file()).expect("writable");
        if let Some(list) = built.crls {
            fs::write(files.list(), list).expect("writable");
        }
        let above = &built.chain[1..];
        for (end, certificate) in [(End::Server, LEAF), (End::Client, client)] {
            let certificates = [&[plan.certificate(certificate)], above].concat();
            let blocks = certificates.iter().map(|c| der::pem("CERTIFICATE", c));
            fs::write(files.certificate(end), blocks.collect::<String>()).expect("writable");
            let key = plan.certs[certificate].key.pair();
            let key = key.private_key_to_pem_pkcs8().expect("a key");
            fs::write(files.key(end), key).expect("writable");
        }
        files
    }

    /// The certificates and lists, and which of them is the client's.
    pub fn plan(&self) -> (Plan, usize) {
        let mut plan = Plan::new();
        match self.chain {
            1 => plan.direct(),
            2 => {}
            more => drop(plan.intermediates(more - 1)),
        }
        let client = plan.add(self.client(plan.certs[LEAF].signer));
        self.trust(&mut plan);
        for cert in &mut plan.certs {
            cert.key = Key(self.kind, cert.key.1);
            (cert.not_before, cert.not_after) = LIFE;
            fill(cert);
        }
        if let Some(count) = self.list {
            let revoked = self.revoked.map(|end| match end {
                End::Client => plan.certs[client].clone(),
                End::Server => plan.certs[LEAF].clone(),
            });
            plan.question.revocation = Revocation::EndEntity;
            plan.crls = vec![list(plan.certs[LEAF].signer, count, revoked.as_ref())];
        }
        plan.question.purpose = Purpose::Server;
        (plan, client)
    }

    fn client(&self, signer: usize) -> Cert {
        let mut client = Cert::leaf(signer);
        client.subject = Name::cn("Example Client");
        client.key.1 = 200;
        client.serial = vec![0x11, 0x01];
        client.put(ext::extended_key_usage(&[ext::CLIENT_AUTH]));
        client
    }

    /// Puts the root in the middle of other CAs, which have names and serial numbers of their own.
    fn trust(&self, plan: &mut Plan) {
        for n in 1..self.cas {
            let mut other = Cert::ca(&format!("Other Root CA {n}"), (n % 16) as u8 + 100, 0);
            other.signer = plan.certs.len();
            other.serial = [&[0x20], &(n as u32).to_be_bytes()[..]].concat();
            plan.add(other);
        }
        let others = plan.certs.len() + 1 - self.cas..plan.certs.len();
        let mut trusted: Vec<Trusted> = others.map(Trusted::plain).collect();
        trusted.insert(trusted.len() / 2, Trusted::plain(ROOT));
        plan.trusted = trusted;
    }
}

/// Makes a certificate as long as those of public CAs are.
fn fill(cert: &mut Cert) {
    let organisation = Name::default()
        .and(COUNTRY, PRINTABLE, b"DE")
        .and(dn::O, UTF8, b"Example Networks GmbH")
        .and(UNIT, UTF8, b"Voice Services");
    cert.subject.0.splice(0..0, organisation.0);
    cert.put(ext::policies(&["2.23.140.1.2.2"]));
    cert.put(ext::distribution_points(&[
        "http://crl.example.com/issuing-ca-1.crl",
    ]));
    cert.put(Extension::new(ext::AUTHORITY_INFO, authority_information()));
}

/// Where the issuer answers by OCSP, and where its certificate is.
fn authority_information() -> Vec<u8> {
    let access = |method: &str, uri| der::sequence(&[der::oid(method), ext::uri(uri)]);
    der::sequence(&[
        access("1.3.6.1.5.5.7.48.1", "http://ocsp.example.com"),
        access(
            "1.3.6.1.5.5.7.48.2",
            "http://certs.example.com/issuing-ca-1.der",
        ),
    ])
}

const COUNTRY: &str = "2.5.4.6";
const UNIT: &str = "2.5.4.11";

/// Makes a list as large CAs have them: serial numbers of 16 bytes in no order, with a reason each.
fn list(signer: usize, count: usize, revoked: Option<&Cert>) -> Crl {
    let mut rng = Rng(7);
    let entry = |_| {
        let mut serial = [rng.next().to_be_bytes(), rng.next().to_be_bytes()].concat();
        serial[0] = 0x40 | serial[0] & 0x3f;
        Entry {
            serial,
            extensions: vec![ext::reason(1)],
        }
    };
    let mut list = Crl::by(signer);
    list.revoked = (0..count).map(entry).collect();
    (list.this_update, list.next_update) = (LIFE.0, Some(LIFE.1));
    if let Some(cert) = revoked {
        list.revoke(cert);
    }
    list
}

/// The validity, 2020 to 2049: both sides use the clock of the system.
const LIFE: (i64, i64) = (1_577_836_800, 2_493_072_000);

/// The files in a folder.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    /// Removes the folder when the value is dropped.
    _own: Option<Folder>,
}

impl Files {
    fn new() -> Self {
        let own = Folder::new();
        Self {
            folder: own.path().to_owned(),
            _own: Some(own),
        }
    }

    /// The files that another process has written.
    pub fn open(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            _own: None,
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn trusted(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    pub fn list(&self) -> PathBuf {
        self.folder.join("ca.crl")
    }

    /// The certificates that this end sends.
    pub fn certificate(&self, end: End) -> PathBuf {
        self.folder.join(format!("{}.pem", end.name()))
    }

    pub fn key(&self, end: End) -> PathBuf {
        self.folder.join(format!("{}.key", end.name()))
    }
}

impl End {
    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}
