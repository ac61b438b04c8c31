//! From the files to what a connection can be made with.

use compat_openssl::keys::Kind;

use super::Topic;
use super::handshakes::{base, connect};
use crate::measure::{Effort, Lane, race};
use crate::pki::{End, Pki};
use crate::row::{Row, Target};
use crate::side::openssl::{self, Contexts};
use crate::side::{Settings, Version, ours};

pub static TOPIC: Topic = Topic {
    name: "context",
    title: "From files to the first usable context",
    choices: "All files are PEM: trusted CAs, a list, a chain of two and its key. *Context*: an endpoint and its two \
              configurations, and an `SSL_CTX` with `SSL_CTX_load_verify_locations`, `X509_load_crl_file`, `CRL_CHECK`, \
              certificate and key. *First connection*: client and server, each from the files, and a handshake of \
              mutual TLS between them: OpenSSL sorts a list when it first looks into it, we do when we load it.",
    avx512: &[],
    rows,
};

fn rows(effort: &Effort) -> Vec<Row> {
    let (cas, list) = effort.pick((150, 100_000), (5, 100));
    let large = Pki {
        cas,
        list: Some(list),
        ..Pki::new(Kind::P256)
    };
    let mut rows = of_files(effort, "150 CAs, list of 100,000", &large);
    rows[0].target = Some(Target::Share(0.25));
    let small = Pki {
        cas: 3,
        ..Pki::new(Kind::P256)
    };
    rows.extend(of_files(effort, "3 CAs, no list", &small));
    rows
}

fn of_files(effort: &Effort, name: &str, pki: &Pki) -> Vec<Row> {
    let settings = Settings {
        mutual: true,
        list: pki.list.is_some(),
        ..Settings::new(Version::Tls13, pki.kind)
    };
    let files = pki.files();
    let base = base();
    let context = vec![
        Lane::keeping(|| {
            let endpoint = ours::endpoint(&base, &settings, &files, End::Server);
            (endpoint.client_config(), endpoint.server_config(), endpoint)
        }),
        Lane::keeping(|| openssl::context(&settings, &files, End::Server)),
    ];
    let context = race(effort, context);
    let first = vec![
        Lane::keeping(|| {
            let (client, server) = ours::configs(&base, &settings, &files);
            (connect(&client, &server), client, server)
        }),
        Lane::keeping(|| {
            let contexts = Contexts::new(&settings, &files);
            (contexts.connect().expect("nothing is in the way"), contexts)
        }),
    ];
    let first = race(effort, first);
    vec![
        Row::of_race(format!("{name}: context"), &context, 0, ("OpenSSL", 1)),
        Row::of_race(
            format!("{name}: first connection"),
            &first,
            0,
            ("OpenSSL", 1),
        ),
    ]
}
