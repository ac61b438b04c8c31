//! A SIP client on rvoip and sip-tls.
//!
//!     rvoip-client SipEndpoint.config
//!
//! It sends OPTIONS and REGISTER to the first server of the file, makes a call and ends it: INVITE, 200, ACK, BYE. It
//! prints a line for each answer. If an answer is missing, the last line gives the reason, and the exit code is 1.
//! With `--again` it reads its files again and repeats all this, for each line on its standard input.

use std::error::Error;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rvoip_sip_core::{Method, Request, Response};
use rvoip_sip_dialog::transaction::builders::{InviteBuilder, RegisterBuilder, client_quick};
use rvoip_sip_dialog::transaction::utils::create_request_from_dialog_template;
use rvoip_sip_dialog::transaction::{
    ClientTransactionOutcome, TransactionError, TransactionManager,
};
use rvoip_sip_dialog::{Dialog, TransactionKey};
use rvoip_sip_transport::transport::TransportType;
use rvoip_sip_transport::{TransportAuthority, TransportRoute};
use sip_tls::profile::{Connectivity, Profile};
use sip_tls::{ConnectError, Endpoint};
use sip_tls_rvoip::{Cause, EndpointTransport, Failure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::broadcast;

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        [config] => run(config, false).await,
        [config, "--again"] => run(config, true).await,
        _ => Err("usage: rvoip-client SipEndpoint.config [--again]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: &str, again: bool) -> Result<(), Box<dyn Error>> {
    let profile = Profile::from_file(config)?;
    let endpoint = Endpoint::from_profile(&profile)?;
    let connectivity = profile.connectivities().first();
    let connectivity = connectivity.ok_or("the file names no server")?;
    let mut client = Client::start(&endpoint, connectivity).await?;
    if !again {
        return client.exchange().await;
    }
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        match client.exchange().await {
            Ok(()) => println!("done"),
            Err(error) => println!("failed: {error}"),
        }
        if lines.next_line().await?.is_none() {
            return Ok(());
        }
        match endpoint.reload_async().await {
            Ok(_) => println!("reloaded"),
            Err(error) => println!("not reloaded: {error}"),
        }
    }
}

/// A client that can do what the user of a phone does.
struct Client {
    transactions: TransactionManager,
    transport: EndpointTransport,
    /// The addresses of the server. The address that answered comes first.
    servers: Vec<SocketAddr>,
    authority: TransportAuthority,
    local: SocketAddr,
    /// The URI of the server.
    server: String,
    /// The URI of our user.
    from: String,
    contact: String,
}

impl Client {
    async fn start(
        endpoint: &Endpoint,
        connectivity: &Connectivity,
    ) -> Result<Self, Box<dyn Error>> {
        let (user, server) = (connectivity.user(), connectivity.server());
        let user = if user.is_empty() { "phone" } else { user };
        let found = tokio::net::lookup_host((server.host(), server.port())).await?;
        let servers: Vec<_> = found.collect();
        let first = servers.first().ok_or("the server has no address")?;
        let local = local_address(*first)?;
        let (transport, events) = EndpointTransport::builder(endpoint.clone())
            .local_addr(local)
            .on_connection(|connection, _| {
                let (id, protocol) = (connection.info().id(), connection.protocol());
                println!("connection {id}: {protocol} {}", connection.cipher());
            })
            .start()?;
        let (transactions, mut requests) =
            TransactionManager::new(Arc::new(transport.clone()), events, Some(1_000)).await?;
        // This client receives no calls. If the receiver were dropped, rvoip would end.
        tokio::spawn(async move { while requests.recv().await.is_some() {} });
        let authority = match server.address() {
            Some(address) => TransportAuthority::ip(address),
            None => TransportAuthority::dns(server.host())?,
        };
        Ok(Self {
            transactions,
            transport,
            servers,
            authority,
            local,
            server: format!("sip:{server};transport=tls"),
            from: format!("sip:{user}@{}", server.host()),
            contact: format!("sip:{user}@{local};transport=tls"),
        })
    }

    async fn exchange(&mut self) -> Result<(), Box<dyn Error>> {
        self.options().await?;
        self.register().await?;
        self.call().await
    }

    async fn options(&mut self) -> Result<(), Box<dyn Error>> {
        let request = client_quick::options(&self.server, &self.from, self.local)?;
        self.anywhere(request).await?;
        Ok(())
    }

    async fn register(&mut self) -> Result<(), Box<dyn Error>> {
        let request = RegisterBuilder::new()
            .registrar(&self.server)
            .user_info(&self.from, "Phone")
            .contact(&self.contact)
            .local_address(self.local)
            .expires(600)
            .build()?;
        self.anywhere(request).await?;
        Ok(())
    }

    /// Sends INVITE, ACK and BYE. The dialogue stays on the connection on which it began.
    async fn call(&mut self) -> Result<(), Box<dyn Error>> {
        let invite = InviteBuilder::new()
            .from_to(&self.from, &self.server)
            .contact(&self.contact)
            .local_address(self.local)
            .with_sdp(SDP)
            .build()?;
        let (transaction, response) = self.anywhere(invite.clone()).await?;
        let route = self.transactions.transaction_route(&transaction).await;
        let route = route.ok_or("the route of the INVITE is gone")?;
        self.transactions
            .send_ack_for_2xx(&transaction, &response)
            .await?;
        println!("ACK");
        let dialog = Dialog::from_2xx_response(&invite, &response, true);
        let mut dialog = dialog.ok_or("the answer makes no dialogue")?;
        let bye = dialog.create_request_template(Method::Bye);
        let bye = create_request_from_dialog_template(&bye, self.local, None, None);
        self.request(bye, route).await?;
        Ok(())
    }

    /// Sends a request to the first address of the server that can be reached.
    async fn anywhere(
        &mut self,
        request: Request,
    ) -> Result<(TransactionKey, Response), Box<dyn Error>> {
        for attempt in 1.. {
            let destination = self.servers[0];
            let route = TransportRoute::new(destination)
                .with_transport_type(TransportType::Tls)
                .with_authority(self.authority.clone());
            let answer = self.request(request.clone(), route).await;
            let failure = self.transport.last_failure(destination);
            let is_elsewhere = failure
                .as_ref()
                .is_some_and(|failure| is_unreachable(failure));
            if answer.is_ok() || !is_elsewhere || attempt == self.servers.len() {
                return answer;
            }
            self.servers.rotate_left(1);
        }
        Err("the server has no address".into())
    }

    /// Sends a request, and waits for the final answer or the end of the connection, which rvoip does not report.
    async fn request(
        &self,
        request: Request,
        route: TransportRoute,
    ) -> Result<(TransactionKey, Response), Box<dyn Error>> {
        let method = request.method();
        let destination = route.destination;
        let mut failures = self.transport.failures();
        let (transaction, completion) = self
            .transactions
            .create_client_transaction_on_route_with_completion(request, route)
            .await?;
        if let Err(error) = self.transactions.send_request(&transaction).await {
            return Err(self.reason(destination, Some(error)));
        }
        let outcome = tokio::select! {
            outcome = completion.wait_for_outcome(ANSWER) => outcome?,
            failure = ended(&mut failures, destination) => return Err(failure.to_string().into()),
        };
        match outcome {
            Some(ClientTransactionOutcome::FinalResponse(response)) => {
                println!("{method} {}", response.status_code());
                match response.status().is_success() {
                    true => Ok((transaction, response)),
                    false => Err(format!("{method} was not accepted").into()),
                }
            }
            Some(ClientTransactionOutcome::Failure(_)) => Err(self.reason(destination, None)),
            None => Err(format!("{method} was not answered").into()),
        }
    }

    /// The reason why there is no connection. rvoip only knows that there is none.
    fn reason(&self, destination: SocketAddr, error: Option<TransactionError>) -> Box<dyn Error> {
        match (self.transport.last_failure(destination), error) {
            (Some(failure), _) => failure.to_string().into(),
            (None, Some(error)) => error.into(),
            (None, None) => "the transaction failed".into(),
        }
    }
}

/// Waits until a connection to this address fails or breaks.
async fn ended(
    failures: &mut broadcast::Receiver<Arc<Failure>>,
    destination: SocketAddr,
) -> Arc<Failure> {
    loop {
        match failures.recv().await {
            Ok(failure) if failure.peer() == Some(destination) => return failure,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn is_unreachable(failure: &Failure) -> bool {
    matches!(
        failure.cause(),
        Cause::Connect(ConnectError::Unreachable { .. })
    )
}

/// Our address on the route to the server. No packet is sent.
fn local_address(server: SocketAddr) -> std::io::Result<SocketAddr> {
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => ([0; 4], 0).into(),
        SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(server)?;
    Ok(SocketAddr::new(socket.local_addr()?.ip(), 5061))
}

const ANSWER: Duration = Duration::from_secs(10);
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";
