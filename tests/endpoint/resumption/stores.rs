//! Stores of the caller that never remove a session and return the oldest first. No wrong session may be resumed.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use rustls::server::StoresServerSessions;
use rustls::{HandshakeKind, NamedGroup};
use sip_tls::verify::VerifyCode;
use sip_tls::{Endpoint, EndpointBuilder};

use super::{CA, GOOD, MUTUAL, VERSIONS, kind};
use crate::endpoint::connect::{Listener, exchange};
use crate::endpoint::in_memory::{AFTER, BEFORE, Clock, VERSIONS as RUSTLS_VERSIONS};
use crate::endpoint::in_memory::{peer_server, shake};
use crate::endpoint::reload::{Folder, options};
use crate::endpoint::settings::{builder, placed};
use crate::endpoint::test_pki::{HOST, TestPki};

/// A store of the sessions with servers.
#[derive(Default)]
struct Servers {
    tls12: Mutex<HashMap<ServerName<'static>, Tls12ClientSessionValue>>,
    tls13: Mutex<HashMap<ServerName<'static>, Vec<Tls13ClientSessionValue>>>,
}

impl Servers {
    fn names(&self) -> Vec<String> {
        let (tls12, tls13) = (self.tls12.lock().unwrap(), self.tls13.lock().unwrap());
        let names = tls12.keys().chain(tls13.keys());
        names.map(|name| name.to_str().into_owned()).collect()
    }
}

impl Debug for Servers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Servers")
    }
}

impl ClientSessionStore for Servers {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, name: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.tls12.lock().unwrap().entry(name).or_insert(session);
    }

    fn tls12_session(&self, name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        let sessions = self.tls12.lock().unwrap();
        sessions.get(&name.to_owned()).cloned()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, name: ServerName<'static>, session: Tls13ClientSessionValue) {
        let mut sessions = self.tls13.lock().unwrap();
        sessions.entry(name).or_default().push(session);
    }

    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let mut sessions = self.tls13.lock().unwrap();
        let sessions = sessions.get_mut(name)?;
        (!sessions.is_empty()).then(|| sessions.remove(0))
    }
}

/// A store of the sessions with clients.
#[derive(Default)]
struct Clients(Mutex<HashMap<Vec<u8>, Vec<u8>>>);

impl Debug for Clients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clients")
    }
}

impl StoresServerSessions for Clients {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.0.lock().unwrap().insert(key, value);
        true
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.get(key)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// Endpoints that share these stores and a clock.
struct Scene {
    version: &'static str,
    clock: Clock,
    servers: Arc<Servers>,
    clients: Arc<Clients>,
    listener: Listener,
}

type Settings = [(&'static str, &'static str)];

impl Scene {
    async fn new(version: &'static str) -> Self {
        Self {
            version,
            clock: Clock::at(BEFORE),
            servers: Arc::default(),
            clients: Arc::default(),
            listener: Listener::new().await,
        }
    }

    fn builder(&self, settings: &Settings) -> EndpointBuilder {
        let settings = [&[("sec-protocol", self.version)], settings].concat();
        builder(&settings).time_provider(Arc::new(self.clock.clone()))
    }

    fn client(&self, settings: &Settings) -> Endpoint {
        let builder = self.builder(settings).resumption(true);
        builder
            .client_sessions(self.servers.clone())
            .build()
            .unwrap()
    }

    /// A client with the store of this crate.
    fn plain_client(&self, settings: &Settings) -> Endpoint {
        self.builder(settings).resumption(true).build().unwrap()
    }

    fn server(&self, settings: &Settings) -> Endpoint {
        let builder = self.builder(settings).tls13_tickets(2);
        builder
            .server_sessions(self.clients.clone())
            .build()
            .unwrap()
    }

    async fn connect(&self, client: &Endpoint, server: &Endpoint) -> HandshakeKind {
        let at = self.listener.server("127.0.0.1");
        let outgoing = client.connect_to(&at, None);
        let (outgoing, incoming) = tokio::join!(outgoing, self.listener.accept(server));
        let (mut outgoing, mut incoming) = (outgoing.unwrap(), incoming.unwrap());
        exchange(&mut outgoing, &mut incoming).await;
        kind(outgoing)
    }

    async fn refusal(&self, client: &Endpoint, server: &Endpoint) -> VerifyCode {
        let at = self.listener.server("127.0.0.1");
        let outgoing = client.connect_to(&at, None);
        let (outgoing, incoming) = tokio::join!(outgoing, self.listener.accept(server));
        let errors = [outgoing.err(), incoming.err()];
        let mut refusals = errors.iter().flatten();
        let status = refusals.find_map(|error| error.verify_status());
        status.expect("one of them refuses the other").code()
    }
}

const RESUMED: HandshakeKind = HandshakeKind::Resumed;
const FULL: HandshakeKind = HandshakeKind::Full;

#[tokio::test(crate = "crate::in_time")]
async fn a_session_with_a_server_comes_back_until_a_reload() {
    for version in VERSIONS {
        let scene = Scene::new(version).await;
        let client = scene.client(&[CA]);
        let server = scene.server(&[&[CA], &GOOD[..]].concat());
        for _ in 0..2 {
            assert_eq!(scene.connect(&client, &server).await, FULL, "{version}");
            assert_eq!(scene.connect(&client, &server).await, RESUMED, "{version}");
            client.reload().unwrap();
        }
        let names = scene.servers.names();
        assert_eq!(names.len(), 2, "{names:?}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_session_with_a_server_ends_with_what_the_server_was_checked_against() {
    for version in VERSIONS {
        let scene = Scene::new(version).await;
        let client = scene.client(&[CA]);
        let until_2030 = [
            ("certificate", "good-in-2030.pem"),
            ("certificate-key", "good-in-2030.key"),
        ];
        let server = scene.server(&[&[CA], &until_2030[..]].concat());
        assert_eq!(scene.connect(&client, &server).await, FULL, "{version}");
        assert_eq!(scene.connect(&client, &server).await, RESUMED, "{version}");
        scene.clock.set(AFTER);
        let code = scene.refusal(&client, &server).await;
        assert_eq!(code, VerifyCode::CertHasExpired, "{version}");
    }
}

/// If the session were resumed, the certificate could not be checked.
#[tokio::test(crate = "crate::in_time")]
async fn a_session_of_a_server_that_is_revoked_since_is_not_offered_even_if_a_newer_one_of_its_name_is()
 {
    for version in VERSIONS {
        let scene = Scene::new(version).await;
        let folder = Folder::of("stores-revoked", "good", "older.crl");
        let lists = folder.path("ca.crl").display().to_string();
        let options = options(&[
            ("sec-protocol", version.to_owned()),
            ("trusted-ca", placed("trusted-ca", "root.pem")),
            ("tls-crl", lists),
        ]);
        let client = Endpoint::builder(options).resumption(true);
        let client = client
            .time_provider(Arc::new(scene.clock.clone()))
            .client_sessions(scene.servers.clone())
            .build()
            .unwrap();
        let named = |file, key| [CA, ("certificate", file), ("certificate-key", key)];
        let server = |settings: &Settings| scene.builder(settings).tls13_tickets(2).build();
        let revoked = server(&named("revoked.pem", "revoked.key")).unwrap();
        let good = server(&named("good.pem", "good.key")).unwrap();

        assert_eq!(scene.connect(&client, &revoked).await, FULL, "{version}");
        folder.put("ca.crl", "current.crl");
        client.reload().unwrap();
        assert_eq!(scene.connect(&client, &good).await, FULL, "{version}");
        let at = scene.listener.server("127.0.0.1");
        let outgoing = client.connect_to(&at, None);
        let (outgoing, incoming) = tokio::join!(outgoing, scene.listener.accept(&revoked));
        let error = outgoing.unwrap_err();
        let status = error.verify_status().expect("refused for the certificate");
        assert_eq!(status.code(), VerifyCode::CertRevoked, "{version}");
        assert!(incoming.is_err(), "{version}: the handshake is a full one");
    }
}

/// The other endpoint trusts another CA.
#[tokio::test(crate = "crate::in_time")]
async fn endpoints_that_share_a_store_resume_no_session_of_each_other() {
    for version in VERSIONS {
        let scene = Scene::new(version).await;
        let client = scene.client(&[CA]);
        let other = scene.client(&[("trusted-ca", "stranger.pem")]);
        let server = scene.server(&[&[CA], &GOOD[..]].concat());
        assert_eq!(scene.connect(&client, &server).await, FULL, "{version}");
        let code = scene.refusal(&other, &server).await;
        assert_eq!(code, VerifyCode::UnableToGetIssuerCertLocally, "{version}");
        assert_eq!(scene.connect(&client, &server).await, RESUMED, "{version}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_handed_out_client_uses_the_store_too() {
    for version in RUSTLS_VERSIONS {
        let store = Arc::new(Servers::default());
        let builder = builder(&[CA]).resumption(true);
        let endpoint = builder.client_sessions(store.clone()).build().unwrap();
        let (config, server) = (
            endpoint.client_config(),
            peer_server(&TestPki::get().good, &[version]),
        );
        for reload in [false, true] {
            let kinds = [(); 3].map(|()| shake(&config, &server, HOST).kind());
            // It is unknown which connection a session belongs to. After a reload, no session is therefore used.
            let later = if reload { FULL } else { RESUMED };
            assert_eq!(kinds, [FULL, later, later].map(Some), "{version:?}");
            endpoint.reload().unwrap();
        }
        assert!(store.names().iter().all(|name| name.ends_with(HOST)));
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_session_with_a_client_comes_back_until_a_reload() {
    for version in VERSIONS {
        let scene = Scene::new(version).await;
        let client = scene.plain_client(&[&[CA], &GOOD[..]].concat());
        let server = scene.server(&[&[CA, MUTUAL], &GOOD[..]].concat());
        for _ in 0..2 {
            assert_eq!(scene.connect(&client, &server).await, FULL, "{version}");
            assert_eq!(scene.connect(&client, &server).await, RESUMED, "{version}");
            server.reload().unwrap();
        }
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn a_session_with_a_client_ends_with_what_the_client_was_checked_against() {
    for version in VERSIONS {
        let scene = Scene::new(version).await;
        let until_2030 = [
            ("certificate", "good-in-2030.pem"),
            ("certificate-key", "good-in-2030.key"),
        ];
        let client = scene.plain_client(&[&[CA], &until_2030[..]].concat());
        let server = scene.server(&[&[CA, MUTUAL], &GOOD[..]].concat());
        assert_eq!(scene.connect(&client, &server).await, FULL, "{version}");
        assert_eq!(scene.connect(&client, &server).await, RESUMED, "{version}");
        scene.clock.set(AFTER);
        let code = scene.refusal(&client, &server).await;
        assert_eq!(code, VerifyCode::CertHasExpired, "{version}");
    }
}

/// After a restart, the files may have changed, although both endpoints read theirs for the first time.
#[tokio::test(crate = "crate::in_time")]
async fn servers_that_share_a_store_resume_a_verified_client_of_their_own_only() {
    for version in VERSIONS {
        let scene = Scene::new(version).await;
        let client = scene.plain_client(&[&[CA], &GOOD[..]].concat());
        let mutual = [&[CA, MUTUAL], &GOOD[..]].concat();
        let (server, restarted) = (scene.server(&mutual), scene.server(&mutual));
        assert_eq!(scene.connect(&client, &server).await, FULL, "{version}");
        assert_eq!(scene.connect(&client, &restarted).await, FULL, "{version}");
    }
}

#[tokio::test(crate = "crate::in_time")]
async fn servers_that_share_a_store_and_ask_for_no_certificate_resume_each_others_clients() {
    for version in VERSIONS {
        let scene = Scene::new(version).await;
        let client = scene.plain_client(&[&[CA], &GOOD[..]].concat());
        let open = [&[CA], &GOOD[..]].concat();
        let (server, restarted) = (scene.server(&open), scene.server(&open));
        assert_eq!(scene.connect(&client, &server).await, FULL, "{version}");
        assert_eq!(
            scene.connect(&client, &restarted).await,
            RESUMED,
            "{version}"
        );
        // A server that requests a certificate resumes none of these sessions.
        let mutual = scene.server(&[&[MUTUAL], &open[..]].concat());
        assert_eq!(scene.connect(&client, &mutual).await, FULL, "{version}");
    }
}

#[test]
fn a_store_without_resumption_is_an_error() {
    let store = Arc::new(Servers::default());
    let error = builder(&[CA]).client_sessions(store).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "unusable value for `EndpointBuilder::client_sessions`: it has no effect without `resumption`"
    );
}
