//! One PKI for all tests, with a certificate for every role.
//!
//! It is made with fixed keys at fixed times, so its files are the same in every run. What is valid is valid from 2020
//! to 2089, and what has expired expired in 2025. That holds at [`NOW`], and by the clock for some time to come.

mod authority;
pub(crate) mod der;
mod files;
mod keys;
mod v1;

use std::path::PathBuf;
use std::sync::LazyLock;

use rcgen::{
    CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

pub(crate) use self::authority::{Authority, Identity};
use self::authority::{FIRST_YEAR, LAST_YEAR, List, end_entity};
pub(crate) use self::keys::Key;

/// The first of January 2030, when handshakes in memory take place.
pub(crate) const NOW: u64 = 1_893_456_000;

/// The name in all certificates for which no other name is given.
pub(crate) const HOST: &str = "sip.example.com";

/// The PKI. Unless a field says otherwise, certificates are issued by the intermediate, contain [`HOST`] and are good
/// for clients and servers.
pub(crate) struct TestPki {
    dir: PathBuf,
    /// The trust anchor.
    pub(crate) root: Authority,
    pub(crate) intermediate: Authority,
    /// An authority that is in no `trusted-ca`.
    pub(crate) stranger: Authority,
    pub(crate) good: Identity,
    /// `good`, sent without the intermediate.
    pub(crate) lone: Identity,
    /// `good`, sent out of order with unrelated certificates.
    pub(crate) jumbled: Identity,
    /// Has an RSA key.
    pub(crate) rsa: Identity,
    pub(crate) expired: Identity,
    pub(crate) not_yet_valid: Identity,
    /// Valid in 2030 only.
    pub(crate) good_in_2030: Identity,
    /// Its serial number is in `current.crl`.
    pub(crate) revoked: Identity,
    /// Is for another host, revoked and expired at the same time.
    pub(crate) rotten: Identity,
    /// Issued by the stranger.
    pub(crate) unknown: Identity,
    /// Issued by a trust anchor that has expired, `expired-root.pem`.
    pub(crate) under_expired_root: Identity,
    /// Self-signed with CA:TRUE, like a certificate of `openssl req -x509`.
    pub(crate) self_signed: Identity,
    /// Self-signed, of X.509 version 1.
    pub(crate) v1: Identity,
    /// Good for servers only.
    pub(crate) server_only: Identity,
    /// Good for clients only.
    pub(crate) client_only: Identity,
    /// Has the key usage keyAgreement without digitalSignature.
    pub(crate) key_agreement: Identity,
    /// Has the host in its common name, and no other name.
    pub(crate) cn_only: Identity,
    /// Has the host in its common name, and another one in its subjectAltName.
    pub(crate) cn_overruled: Identity,
    /// Has the address 192.0.2.7 in its common name, and no other name.
    pub(crate) cn_address: Identity,
    /// Has the address 192.0.2.7 in its subjectAltName.
    pub(crate) address: Identity,
    /// For `*.example.com`.
    pub(crate) wildcard: Identity,
    /// For `s*.example.com`.
    pub(crate) partial_wildcard: Identity,
    /// For `localhost`, 127.0.0.1 and ::1.
    pub(crate) local: Identity,
    /// For `sip:example.com`, on the host `edge7.provider.net`.
    pub(crate) sip_domain: Identity,
    /// For `sip:example.com`. Its only extended key usage is id-kp-sipDomain.
    pub(crate) sip_purpose: Identity,
}

impl TestPki {
    /// Returns the PKI, with its files written.
    pub(crate) fn get() -> &'static Self {
        static PKI: LazyLock<TestPki> = LazyLock::new(TestPki::make);
        &PKI
    }

    /// All identities.
    pub(crate) fn identities(&self) -> Vec<&Identity> {
        vec![
            &self.good,
            &self.lone,
            &self.jumbled,
            &self.rsa,
            &self.expired,
            &self.not_yet_valid,
            &self.good_in_2030,
            &self.revoked,
            &self.rotten,
            &self.unknown,
            &self.under_expired_root,
            &self.self_signed,
            &self.v1,
            &self.server_only,
            &self.client_only,
            &self.key_agreement,
            &self.cn_only,
            &self.cn_overruled,
            &self.cn_address,
            &self.address,
            &self.wildcard,
            &self.partial_wildcard,
            &self.local,
            &self.sip_domain,
            &self.sip_purpose,
        ]
    }

    /// Has the intermediate issue a certificate to `example.com` with this change. No files are written.
    pub(crate) fn issued(&self, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = end_entity("example.com", &[]);
        change(&mut params);
        Issuing(&self.intermediate).issue("issued", 90, params, Key::p256(90))
    }

    /// Has the intermediate issue a certificate for [`HOST`] that contains the URL of the intermediate's list, and
    /// writes its files under this name.
    #[cfg(feature = "crl-fetch")]
    pub(crate) fn with_list_at(&self, name: &'static str, url: String) {
        let mut params = end_entity(name, &[HOST]);
        params.crl_distribution_points = vec![rcgen::CrlDistributionPoint { uris: vec![url] }];
        let identity = Issuing(&self.intermediate).issue(name, 91, params, Key::p256(91));
        self.write_identity(&identity);
    }

    fn make() -> Self {
        let root = Authority::root(1, "Test Root", LAST_YEAR);
        let intermediate = root.intermediate(2, "Test Intermediate");
        let stranger = Authority::root(3, "Stranger", LAST_YEAR);
        let expired_root = Authority::root(4, "Expired Root", 2025);
        let issuer = Issuing(&intermediate);
        let pki = Self {
            dir: files::directory(),
            good: issuer.named("good", GOOD, &[HOST]),
            lone: Identity {
                name: "lone",
                chain: issuer.named("good", GOOD, &[HOST]).chain[..1].to_vec(),
                key: Key::p256(GOOD),
            },
            jumbled: {
                let good = issuer.named("good", GOOD, &[HOST]);
                let [leaf, intermediate] = &good.chain[..] else {
                    unreachable!("a leaf and its issuer");
                };
                let chain = [leaf, &stranger.certificate, &root.certificate, leaf]
                    .into_iter()
                    .chain([intermediate, intermediate, &expired_root.certificate]);
                Identity {
                    name: "jumbled",
                    chain: chain.cloned().collect(),
                    key: Key::p256(GOOD),
                }
            },
            rsa: issuer.issue("rsa", 21, end_entity("rsa", &[HOST]), Key::rsa2048()),
            expired: issuer.valid("expired", 22, FIRST_YEAR, 2025),
            not_yet_valid: issuer.valid("not-yet-valid", 23, 2085, LAST_YEAR),
            good_in_2030: issuer.valid("good-in-2030", 24, 2030, 2031),
            revoked: issuer.named("revoked", REVOKED, &[HOST]),
            rotten: {
                let mut params = end_entity("rotten", &["other.example.org"]);
                params.not_after = date_time_ymd(2025, 1, 1);
                issuer.issue("rotten", ROTTEN, params, Key::p256(ROTTEN))
            },
            unknown: Issuing(&stranger).named("unknown", 27, &[HOST]),
            under_expired_root: Issuing(&expired_root).named("under-expired-root", 28, &[HOST]),
            self_signed: self_signed("self-signed", 29, |der, _| der),
            v1: self_signed("v1", 30, |der, key| v1::downgraded(&der, key).into()),
            server_only: issuer.for_purpose("server-only", 31, ExtendedKeyUsagePurpose::ServerAuth),
            client_only: issuer.for_purpose("client-only", 32, ExtendedKeyUsagePurpose::ClientAuth),
            key_agreement: {
                let mut params = end_entity("key-agreement", &[HOST]);
                params.key_usages = vec![KeyUsagePurpose::KeyAgreement];
                issuer.issue("key-agreement", 40, params, Key::p256(31))
            },
            cn_only: issuer.issue("cn-only", 33, end_entity(HOST, &[]), Key::p256(33)),
            cn_overruled: {
                let params = end_entity(HOST, &["other.example.org"]);
                issuer.issue("cn-overruled", 34, params, Key::p256(34))
            },
            cn_address: {
                let params = end_entity("192.0.2.7", &[]);
                issuer.issue("cn-address", 35, params, Key::p256(35))
            },
            address: issuer.named("address", 36, &["192.0.2.7"]),
            wildcard: issuer.named("wildcard", 37, &["*.example.com"]),
            partial_wildcard: issuer.named("partial-wildcard", 38, &["s*.example.com"]),
            local: issuer.named("local", 39, &["localhost", "127.0.0.1", "::1"]),
            sip_domain: {
                let mut params = end_entity("sip-domain", &["edge7.provider.net"]);
                params.subject_alt_names.push(uri("sip:example.com"));
                issuer.issue("sip-domain", 41, params, Key::p256(41))
            },
            sip_purpose: {
                let mut params = end_entity("sip-purpose", &[]);
                params.subject_alt_names.push(uri("sip:example.com"));
                params.extended_key_usages = vec![sip_purpose()];
                issuer.issue("sip-purpose", 42, params, Key::p256(42))
            },
            root,
            intermediate,
            stranger,
        };
        pki.write(&expired_root);
        pki
    }

    fn write(&self, expired_root: &Authority) {
        for identity in self.identities() {
            self.write_identity(identity);
        }
        self.write_certificates("root.pem", &[&self.root.certificate]);
        self.write_certificates("intermediate.pem", &[&self.intermediate.certificate]);
        self.write_certificates("stranger.pem", &[&self.stranger.certificate]);
        self.write_certificates("expired-root.pem", &[&expired_root.certificate]);
        self.write_certificates(
            "root-and-intermediate.pem",
            &[&self.root.certificate, &self.intermediate.certificate],
        );
        for (name, lists) in self.lists() {
            self.write_lists(name, &lists);
        }
        // A file of CAs in which there is also a list.
        let mut both = std::fs::read(self.path("root.pem")).unwrap();
        both.extend(std::fs::read(self.path("current.crl")).unwrap());
        self.write_file("root-and-current-crl.pem", &both);
    }

    fn lists(&self) -> Vec<(&'static str, Vec<CertificateRevocationListDer<'static>>)> {
        let list = |this_update, next_update, revoked: &[u8]| List {
            this_update,
            next_update,
            revoked: revoked.to_vec(),
        };
        let current = list(2021, LAST_YEAR, &[REVOKED, ROTTEN]);
        let older = list(FIRST_YEAR, LAST_YEAR, &[]);
        let issuer = &self.intermediate;
        let signed = |list: &List| issuer.list(list, None);
        let of_root = |revoked: &[u8]| self.root.list(&list(2021, LAST_YEAR, revoked), None);
        vec![
            ("current.crl", vec![signed(&current)]),
            // Issued before anything was revoked.
            ("older.crl", vec![signed(&older)]),
            (
                "older-then-current.crl",
                vec![signed(&older), signed(&current)],
            ),
            (
                "until-2031.crl",
                vec![signed(&list(2021, 2031, &[REVOKED, ROTTEN]))],
            ),
            // The next list, which is already in the file.
            (
                "older-and-one-from-2031.crl",
                vec![signed(&older), signed(&list(2031, LAST_YEAR, &[GOOD]))],
            ),
            ("expired.crl", vec![signed(&list(FIRST_YEAR, 2025, &[]))]),
            (
                "not-yet-valid.crl",
                vec![signed(&list(2085, LAST_YEAR, &[]))],
            ),
            // In the intermediate's name, but signed with another key.
            (
                "forged.crl",
                vec![issuer.list(&current, Some(&self.stranger))],
            ),
            ("root.crl", vec![of_root(&[])]),
            ("all.crl", vec![of_root(&[]), signed(&current)]),
            (
                "intermediate-revoked.crl",
                vec![of_root(&[2]), signed(&current)],
            ),
            ("stranger.crl", vec![self.stranger.list(&current, None)]),
        ]
    }
}

/// An authority that issues to end entities.
struct Issuing<'a>(&'a Authority);

impl Issuing<'_> {
    fn issue(
        &self,
        name: &'static str,
        serial: u8,
        params: CertificateParams,
        key: Key,
    ) -> Identity {
        let certificate = self.0.issue(serial, params, &key);
        let chain = vec![certificate, self.0.certificate.clone()];
        Identity { name, chain, key }
    }

    fn named(&self, name: &'static str, number: u8, names: &[&str]) -> Identity {
        self.issue(name, number, end_entity(name, names), Key::p256(number))
    }

    fn valid(&self, name: &'static str, number: u8, from: i32, to: i32) -> Identity {
        let mut params = end_entity(name, &[HOST]);
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        self.issue(name, number, params, Key::p256(number))
    }

    fn for_purpose(
        &self,
        name: &'static str,
        number: u8,
        purpose: ExtendedKeyUsagePurpose,
    ) -> Identity {
        let mut params = end_entity(name, &[HOST]);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        self.issue(name, number, params, Key::p256(number))
    }
}

/// A URI of the subjectAltName.
pub(crate) fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().unwrap())
}

/// id-kp-sipDomain (RFC 5924).
fn sip_purpose() -> ExtendedKeyUsagePurpose {
    ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 20])
}

fn self_signed(
    name: &'static str,
    number: u8,
    change: fn(CertificateDer<'static>, &Key) -> CertificateDer<'static>,
) -> Identity {
    let key = Key::p256(number);
    let mut params = end_entity(name, &[HOST]);
    params.serial_number = Some(u64::from(number).into());
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = change(params.self_signed(&key).unwrap().into(), &key);
    let chain = vec![certificate];
    Identity { name, chain, key }
}

const GOOD: u8 = 20;
const REVOKED: u8 = 25;
const ROTTEN: u8 = 26;
