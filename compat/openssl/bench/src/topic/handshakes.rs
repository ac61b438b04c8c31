//! Full handshakes, with everything checked on both sides.

use std::sync::Arc;

use compat_openssl::keys::Kind;
use compat_suites::ours::Ours;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};
use sip_tls::crypto::default_base;

use super::Topic;
use crate::measure::{Effort, Lane, race};
use crate::row::{Row, Target};
use crate::side::openssl::Contexts;
use crate::side::{Group, HOST, Settings, Version, ours, stock};

pub static TOPIC: Topic = Topic {
    name: "handshakes",
    title: "Full handshakes, with verification on both sides",
    choices: "Both ends in one thread, over memory. A root is trusted, an intermediate is sent; the client checks chain, \
              dates, purpose and host name, the server of mutual TLS the same without a name. One version, one group and \
              one suite with AES-256-GCM on both sides; no tickets, no session caches. The list is looked up on both sides \
              by OpenSSL's `CRL_CHECK`, and has 100,000 entries. Both verify all certificates each time (ours with \
              `kept_verdicts(0)`). By default an endpoint of ours keeps the result for a peer that connects again: rows *the \
              peer has connected before*. OpenSSL checks the signature of a list in each handshake, \
              we once. *stock rustls* is rustls with its own verifiers, on the same provider.",
    avx512: &["RSA"],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let cases = cases();
    let wanted = cases.iter().filter(|case| effort.wants(&case.name()));
    wanted.flat_map(|case| case.rows(effort)).collect()
}

struct Case {
    settings: Settings,
    /// How many times as fast as OpenSSL it has to be.
    times: Option<f64>,
}

fn cases() -> Vec<Case> {
    let (p256, rsa) = (Kind::P256, Kind::Rsa(2048));
    let mut cases = Vec::new();
    for version in [Version::Tls13, Version::Tls12] {
        for (kind, times) in [(p256, 2.9), (rsa, 1.3)] {
            let plain = Settings::new(version, kind);
            let mutual = Settings {
                mutual: true,
                ..plain
            };
            let list = Settings {
                list: true,
                ..mutual
            };
            let other_group = Settings {
                group: Group::P256,
                ..plain
            };
            cases.extend([
                Case::new(plain, Some(times)),
                Case::new(other_group, None),
                Case::new(mutual, None),
                Case::new(list, Some(4.0)),
            ]);
        }
    }
    cases
}

impl Case {
    fn new(settings: Settings, times: Option<f64>) -> Self {
        Self { settings, times }
    }

    fn name(&self) -> String {
        let settings = &self.settings;
        let key = match settings.kind {
            Kind::Rsa(bits) => format!("RSA-{bits}"),
            _ => "P-256".into(),
        };
        let group = match settings.group {
            Group::P256 => ", ECDHE on P-256",
            Group::X25519 => "",
        };
        let more = match (settings.mutual, settings.list) {
            (_, true) => ", mutual, list of 100,000",
            (true, _) => ", mutual",
            _ => "",
        };
        format!("{}, {key}{group}{more}", settings.version.name())
    }

    fn rows(&self, effort: &Effort) -> Vec<Row> {
        let settings = &self.settings;
        let mut pki = settings.pki();
        pki.list = settings.list.then(|| effort.pick(100_000, 1_000));
        let files = pki.files();
        let base = base();
        let contexts = Contexts::new(settings, &files);
        let again = Settings {
            keeps_verdicts: true,
            ..*settings
        };
        let lanes = vec![
            lane(ours::configs(&base, settings, &files)),
            Lane::new(|| contexts.connect().expect("nothing is in the way")),
            lane(stock::configs(&base, settings, &files)),
            lane(ours::configs(&base, &again, &files)),
        ];
        let race = race(effort, lanes);
        let mut row = Row::of_race(self.name(), &race, 0, ("OpenSSL", 1)).point("handshakes", 0.0);
        if let Some(times) = self.times {
            row = row.target(Target::Times(times));
        }
        let beside = Row::of_race(self.name(), &race, 0, ("stock rustls", 2));
        let again = format!("{}, the peer has connected before", self.name());
        let again = Row::of_race(again, &race, 3, ("OpenSSL", 1));
        vec![row, beside.target(Target::Share(1.03)), again]
    }
}

/// A handshake with these configurations, and its end.
pub fn lane((client, server): (Arc<ClientConfig>, Arc<ServerConfig>)) -> Lane<'static> {
    Lane::new(move || connect(&client, &server))
}

/// Makes a connection with these configurations.
///
/// # Panics
///
/// One side refuses the other.
pub fn connect(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Ours {
    Ours::connect_to(name(), client, server).expect("nothing is in the way")
}

/// The name of the server.
pub fn name() -> ServerName<'static> {
    HOST.try_into().expect("a name")
}

/// The default provider.
pub fn base() -> Arc<CryptoProvider> {
    default_base().expect("this CPU runs graviola")
}
