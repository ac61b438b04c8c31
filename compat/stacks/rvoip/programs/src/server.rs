//! A SIP server on rvoip and sip-tls.
//!
//!     rvoip-server SipEndpoint.config ADDRESS:PORT
//!
//! It answers OPTIONS and REGISTER, and accepts calls. It prints a line for each connection, request and refusal. It
//! reads its files again for each line on its standard input. SIGTERM and Ctrl-C end it.

use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;

use rvoip_sip_core::{Method, Request, Response, StatusCode};
use rvoip_sip_dialog::TransactionKey;
use rvoip_sip_dialog::transaction::builders::{ResponseBuilder, server_quick};
use rvoip_sip_dialog::transaction::{TransactionEvent, TransactionManager, TransactionResult};
use rvoip_sip_transport::Transport;
use sip_tls::Endpoint;
use sip_tls_rvoip::EndpointTransport;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::Receiver;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [config, address] = &arguments[..] else {
        return Err("usage: rvoip-server SipEndpoint.config ADDRESS:PORT".into());
    };
    let endpoint = Endpoint::from_file(config)?;
    let mut terminated = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    let (transport, events) = EndpointTransport::builder(endpoint.clone())
        .listen(listener)
        .max_per_address(100)
        .on_connection(|connection, _| {
            let peer = connection.info().peer_address();
            let peer = peer.map_or_else(String::new, |peer| peer.to_string());
            let (id, protocol) = (connection.info().id(), connection.protocol());
            println!(
                "connection {id} with {peer}: {protocol} {}",
                connection.cipher()
            );
        })
        // rvoip does not report why a connection was refused or broke.
        .on_failure(|failure| println!("{failure}"))
        .start()?;
    let server = Server::start(transport.clone(), events).await?;
    let serving = tokio::spawn(server.run());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            Ok(Some(_)) = lines.next_line() => match endpoint.reload_async().await {
                Ok(_) => println!("reloaded"),
                Err(error) => println!("not reloaded: {error}"),
            },
            _ = terminated.recv() => break,
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    transport.close().await?;
    serving.abort();
    Ok(())
}

/// A server that answers the events of rvoip's transactions.
struct Server {
    transactions: TransactionManager,
    events: Receiver<TransactionEvent>,
    /// Our URI in the Contact header.
    contact: String,
    /// Call-ID and our tag of each dialogue.
    dialogues: HashSet<(String, String)>,
}

impl Server {
    async fn start(
        transport: EndpointTransport,
        events: Receiver<rvoip_sip_transport::TransportEvent>,
    ) -> Result<Self, Box<dyn Error>> {
        let contact = format!("sip:service@{};transport=tls", transport.local_addr()?);
        let (transactions, events) =
            TransactionManager::new(Arc::new(transport), events, Some(1_000)).await?;
        Ok(Self {
            transactions,
            events,
            contact,
            dialogues: HashSet::new(),
        })
    }

    async fn run(mut self) {
        while let Some(event) = self.events.recv().await {
            match event {
                TransactionEvent::InviteRequest {
                    transaction_id,
                    request,
                    ..
                } => self.invite(&transaction_id, &request).await,
                TransactionEvent::NonInviteRequest {
                    transaction_id,
                    request,
                    ..
                } => self.answer(&transaction_id, &request).await,
                TransactionEvent::AckRequest { request, .. }
                | TransactionEvent::StrayAckRequest { request, .. } => {
                    println!("{}", request.method());
                }
                _ => {}
            }
        }
    }

    async fn invite(&mut self, transaction: &TransactionKey, request: &Request) {
        println!("{}", request.method());
        let response = ResponseBuilder::new(StatusCode::Ok)
            .from_request(request)
            .with_generated_to_tag()
            .with_contact(self.contact.clone())
            .with_sdp(SDP)
            .build();
        let tag = response.as_ref().ok().and_then(|response| response.to());
        let tag = tag.and_then(|to| to.tag()).unwrap_or_default().to_owned();
        let ringing = ResponseBuilder::new(StatusCode::Ringing)
            .from_request(request)
            .with_to_tag(&tag)
            .with_contact(self.contact.clone())
            .build();
        self.send(transaction, ringing).await;
        self.dialogues.insert((call_id(request), tag));
        self.send(transaction, response).await;
    }

    async fn answer(&mut self, transaction: &TransactionKey, request: &Request) {
        println!("{}", request.method());
        let response = match request.method() {
            Method::Options => server_quick::ok_options(request, METHODS.to_vec()),
            Method::Register => server_quick::ok_register(request, 600, Vec::new()),
            Method::Bye => self.bye(request),
            _ => ResponseBuilder::new(StatusCode::MethodNotAllowed)
                .from_request(request)
                .build(),
        };
        self.send(transaction, response).await;
    }

    fn bye(&mut self, request: &Request) -> TransactionResult<Response> {
        let tag = request.to_tag().unwrap_or_default();
        match self.dialogues.remove(&(call_id(request), tag)) {
            true => server_quick::ok_bye(request),
            false => ResponseBuilder::new(StatusCode::CallOrTransactionDoesNotExist)
                .from_request(request)
                .build(),
        }
    }

    async fn send(&self, transaction: &TransactionKey, response: TransactionResult<Response>) {
        let sent = match response {
            Ok(response) => self.transactions.send_response(transaction, response).await,
            Err(error) => Err(error),
        };
        if let Err(error) = sent {
            println!("no answer was sent: {error}");
        }
    }
}

fn call_id(request: &Request) -> String {
    let id = request.call_id();
    id.map_or_else(String::new, |id| id.value().to_owned())
}

const METHODS: [Method; 5] = [
    Method::Ack,
    Method::Bye,
    Method::Invite,
    Method::Options,
    Method::Register,
];
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";
