//! A client and a server, and their certificate.

use std::net::SocketAddr;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rvoip_sip_core::builder::SimpleRequestBuilder;
use rvoip_sip_core::{Message, Method, Request};
use rvoip_sip_transport::{Transport, TransportAuthority, TransportEvent, TransportRoute};
use sip_tls::options::{Source, TlsOptions, TlsOptionsBuilder};
use sip_tls::{Endpoint, EndpointBuilder};
use sip_tls_rvoip::{Builder, EndpointTransport};
use tokio::net::TcpListener;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

/// A transport and its events.
pub(crate) struct End {
    pub(crate) transport: EndpointTransport,
    pub(crate) events: Receiver<TransportEvent>,
}

/// One certificate for both ends. Its names are `localhost` and `127.0.0.1`.
pub(crate) struct Pki {
    ca: String,
    certificate: String,
    key: String,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.distinguished_name.push(DnType::CommonName, "ca");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "end");
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        Self {
            ca: ca.pem(),
            certificate: params.signed_by(&key, &ca).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    fn options(&self) -> TlsOptionsBuilder {
        TlsOptions::builder().trusted_ca(memory("ca", &self.ca))
    }

    pub(crate) fn client(&self, has_certificate: bool) -> EndpointBuilder {
        let mut options = self.options().set("tls-target-name-check", "host");
        if has_certificate {
            options = self.with_certificate(options);
        }
        Endpoint::builder(options.build().unwrap())
    }

    pub(crate) fn server(&self) -> Endpoint {
        let options = self.with_certificate(self.options()).set("tls-mutual", "1");
        Endpoint::builder(options.build().unwrap()).build().unwrap()
    }

    fn with_certificate(&self, options: TlsOptionsBuilder) -> TlsOptionsBuilder {
        options
            .certificate(memory("certificate", &self.certificate))
            .certificate_key(memory("key", &self.key))
    }
}

fn memory(name: &str, pem: &str) -> Source {
    Source::bytes(name, pem.as_bytes().to_vec())
}

impl End {
    pub(crate) async fn server(pki: &Pki, with: impl FnOnce(Builder) -> Builder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let builder = EndpointTransport::builder(pki.server()).listen(listener);
        Self::start(with(builder))
    }

    pub(crate) fn client(pki: &Pki) -> Self {
        Self::start(EndpointTransport::builder(
            pki.client(true).build().unwrap(),
        ))
    }

    pub(crate) fn start(builder: Builder) -> Self {
        let (transport, events) = builder.start().unwrap();
        Self { transport, events }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.transport.local_addr().unwrap()
    }

    /// The next event that `wanted` accepts.
    pub(crate) async fn event<T>(&mut self, wanted: impl Fn(TransportEvent) -> Option<T>) -> T {
        let event = async {
            loop {
                let event = self.events.recv().await.expect("the transport is there");
                if let Some(event) = wanted(event) {
                    return event;
                }
            }
        };
        timeout(LIMIT, event).await.expect("an event in time")
    }

    /// The next message, and the route of its answer.
    pub(crate) async fn message(&mut self) -> (Message, TransportRoute) {
        self.event(|event| match event {
            TransportEvent::MessageReceived {
                message,
                source,
                flow_id,
                ..
            } => {
                let route = TransportRoute::new(source);
                Some((message, route.with_flow_id(flow_id?)))
            }
            _ => None,
        })
        .await
    }
}

pub(crate) fn route(server: SocketAddr) -> TransportRoute {
    TransportRoute::new(server).with_authority(TransportAuthority::dns("localhost").unwrap())
}

pub(crate) fn options(number: u32) -> Request {
    SimpleRequestBuilder::new(Method::Options, "sip:localhost;transport=tls")
        .unwrap()
        .from("a", "sip:a@localhost", Some("tag"))
        .to("b", "sip:b@localhost", None)
        .via("127.0.0.1:5061", "TLS", Some(&format!("z9hG4bK{number}")))
        .call_id(&format!("call-{number}"))
        .cseq(number)
        .build()
}

pub(crate) const LIMIT: Duration = Duration::from_secs(10);
