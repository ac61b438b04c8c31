//! The client: it sends OPTIONS and REGISTER, and makes a call.

use std::net::UdpSocket;
use std::path::Path;

use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invitation::InviteOption;
use rsipstack::dialog::registration::Registration;
use rsipstack::sip::typed::{Contact, From, To};
use rsipstack::sip::{Method, Response, SipMessage, StatusCode, StatusCodeKind, Uri};
use rsipstack::transaction::Endpoint as Sip;
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::make_tag;
use rsipstack::transaction::transaction::Transaction;
use sip_tls::Endpoint;
use sip_tls::profile::{Connectivity, Transport};
use tokio::sync::mpsc;

use crate::lines::lines;
use crate::{Failure, endpoint, reload, stack};

pub(crate) async fn run(config: &Path, again: bool) -> Result<(), Failure> {
    let (profile, tls) = endpoint(config)?;
    let mut lines = lines();
    loop {
        let round = call_all(&tls, profile.connectivities()).await;
        if !again {
            return round;
        }
        match round {
            Ok(()) => println!("done"),
            Err(error) => println!("failed: {error}"),
        }
        match lines.recv().await {
            Some(()) => reload(&tls),
            None => return Ok(()),
        }
    }
}

async fn call_all(tls: &Endpoint, connectivities: &[Connectivity]) -> Result<(), Failure> {
    for connectivity in connectivities {
        if connectivity.transport() == Transport::Tls {
            let calling = call(tls, connectivity).await;
            calling.map_err(|error| format!("{}: {error}", connectivity.server()))?;
        }
    }
    Ok(())
}

async fn call(tls: &Endpoint, connectivity: &Connectivity) -> Result<(), Failure> {
    // A connection lives until the stack ends. Each round has its own stack, so that it uses what a reload changed.
    let (transport, sip) = stack(tls, own_address()?);
    transport.connect(connectivity.server()).await?;
    let (server, user) = (connectivity.server(), connectivity.user());
    let caller = Caller {
        sip: &sip,
        target: format!("sip:{server};transport=tls").try_into()?,
        user: format!("sip:{user}@{server};transport=tls").try_into()?,
        contact: format!("sip:{user}@{};transport=tls", own_address()?).try_into()?,
    };
    let called = caller.call().await;
    sip.shutdown();
    called
}

/// Our own address on the route to other machines. We do not listen on the port.
fn own_address() -> std::io::Result<std::net::SocketAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    // No packet is sent. Without a route, only this machine can be reached.
    let _ = socket.connect("192.0.2.1:5061");
    let address = socket.local_addr()?;
    match address.ip().is_unspecified() {
        true => Ok(([127, 0, 0, 1], address.port()).into()),
        false => Ok(address),
    }
}

struct Caller<'a> {
    sip: &'a Sip,
    target: Uri,
    /// The URI of our user.
    user: Uri,
    contact: Uri,
}

impl Caller<'_> {
    async fn call(&self) -> Result<(), Failure> {
        self.options().await?;
        self.register().await?;
        self.invite().await
    }

    async fn options(&self) -> Result<(), Failure> {
        let sip = &self.sip.inner;
        let from = From {
            display_name: None,
            uri: self.user.clone(),
            params: Vec::new(),
        };
        let to = To {
            display_name: None,
            uri: self.target.clone(),
            params: Vec::new(),
        };
        let via = sip.get_via(None, None)?;
        let (target, from) = (self.target.clone(), from.with_tag(make_tag()));
        let request = sip.make_request(Method::Options, target, via, from, to, 1, None);
        let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
        let mut transaction = Transaction::new_client(key, request, sip.clone(), None);
        transaction.send().await?;
        while let Some(message) = transaction.receive().await {
            if let SipMessage::Response(response) = message
                && response.status_code.kind() != StatusCodeKind::Provisional
            {
                return expect_ok(Method::Options, &response);
            }
        }
        Err("OPTIONS: no answer".into())
    }

    async fn register(&self) -> Result<(), Failure> {
        let mut registration = Registration::new(self.sip.inner.clone(), None);
        registration.contact = Some(Contact {
            display_name: None,
            uri: self.contact.clone(),
            params: Vec::new(),
        });
        let response = registration
            .register(self.target.clone(), Some(300))
            .await?;
        expect_ok(Method::Register, &response)
    }

    /// Makes a call, and ends it.
    async fn invite(&self) -> Result<(), Failure> {
        let dialogs = DialogLayer::new(self.sip.inner.clone());
        let invite = InviteOption {
            caller: self.user.clone(),
            callee: self.user.clone(),
            contact: self.contact.clone(),
            ..InviteOption::default()
        };
        let (states, _states) = mpsc::unbounded_channel();
        let (dialog, response) = dialogs.do_invite(invite, states).await?;
        let response = response.ok_or("INVITE: no answer")?;
        expect_ok(Method::Invite, &response)?;
        // `bye` does not return the answer.
        let response = dialog.request(Method::Bye, None, None).await?;
        expect_ok(Method::Bye, &response.ok_or("BYE: no answer")?)
    }
}

/// Checks an answer. If the connection broke, the answer is rsipstack's 503, in which the transport has put the cause.
fn expect_ok(method: Method, response: &Response) -> Result<(), Failure> {
    let code = response.status_code.code();
    println!("{method} {code}");
    match (&response.status_code, response.reason_phrase()) {
        (StatusCode::OK, _) => Ok(()),
        (_, Some(reason)) => Err(format!("{method}: the answer is {code}: {reason}").into()),
        _ => Err(format!("{method}: the answer is {code}").into()),
    }
}
