//! Loading files into an endpoint or a context with which a connection can be made.

use ::openssl::ssl::Ssl;
use compat_openssl::keys::Kind;
use compat_suites::openssl_pair::OpenSsl;

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
              certificate and key. *Context and first handshake*: a client's context from the files, and a handshake \
              with a server that is there already: OpenSSL sorts a list when it first looks into it, we do when we \
              load it. Both are let go after the clock has stopped.",
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
    for row in &mut rows {
        row.target = Some(Target::Share(0.25));
    }
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
    // A server of the same root that shares none of these files: nobody profits from what it has loaded.
    let settings = Settings {
        mutual: false,
        ..settings
    };
    let without_list = Settings {
        list: false,
        ..settings
    };
    let small = Pki::new(pki.kind).files();
    let (_, server) = ours::configs(&base, &without_list, &small);
    let contexts = Contexts::new(&without_list, &small);
    let first = vec![
        Lane::keeping(|| {
            let endpoint = ours::endpoint(&base, &settings, &files, End::Client);
            (connect(&endpoint.client_config(), &server), endpoint)
        }),
        Lane::keeping(|| {
            let client = openssl::context(&settings, &files, End::Client);
            let server = Ssl::new(&contexts.server).expect("memory");
            let connection = OpenSsl::connect_ends(openssl::client(&client), server);
            (connection.expect("nothing is in the way"), client)
        }),
    ];
    let first = race(effort, first);
    vec![
        Row::of_race(format!("{name}: context"), &context, 0, ("OpenSSL", 1)),
        Row::of_race(
            format!("{name}: context and first handshake"),
            &first,
            0,
            ("OpenSSL", 1),
        ),
    ]
}
