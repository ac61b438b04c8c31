//! The client: it sends OPTIONS and REGISTER, and makes a call.

use std::future::{Future, poll_fn};
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use ezk_sip_core::transport::{
    TargetTransportInfo, TpHandle, TransportCloseReason, TransportState,
};
use ezk_sip_core::{Endpoint as Sip, Request};
use ezk_sip_types::header::typed::{CSeq, CallID, Contact, FromTo, MaxForwards};
use ezk_sip_types::uri::{NameAddr, SipUri};
use ezk_sip_types::{Method, Name, StatusCode};
use ezk_sip_ua::dialog::DialogLayer;
use ezk_sip_ua::invite::initiator::{Early, EarlyResponse, InviteInitiator, Response};
use ezk_sip_ua::invite::session::InviteSession;
use ezk_sip_ua::invite::{InviteLayer, create_ack};
use ezk_sip_ua::register::Registration;
use ezk_sip_ua::util::random_string;
use sip_tls::profile::{Connectivity, Transport};
use sip_tls::{Endpoint, alert_name};
use tokio::time::timeout;

use crate::lines::lines;
use crate::{Failure, endpoint, journal, reload};

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
            let server = connectivity.server().to_string();
            // ezk connects within the future that it returns, so its verifications have this tag.
            let calling = Endpoint::scope(server.as_str(), call(tls, connectivity));
            calling
                .await
                .map_err(|error| format!("{server}: {error}"))?;
        }
    }
    Ok(())
}

async fn call(tls: &Endpoint, connectivity: &Connectivity) -> Result<(), Failure> {
    // ezk keeps a connection as long as the stack lives. Each round has its own stack, so that it uses what a reload
    // changed.
    let mut builder = Sip::builder();
    builder.use_rustls_connector(tls.connector());
    builder.add_layer(DialogLayer::default());
    builder.add_layer(InviteLayer::default());
    let caller = Caller::connect(builder.build(), tls, connectivity).await?;
    caller.options().await?;
    caller.register().await?;
    caller.invite().await
}

struct Caller {
    sip: Sip,
    target: SipUri,
    /// The URI of our user.
    user: SipUri,
    contact: Contact,
    transport: TargetTransportInfo,
}

impl Caller {
    async fn connect(
        sip: Sip,
        tls: &Endpoint,
        connectivity: &Connectivity,
    ) -> Result<Self, Failure> {
        let server = connectivity.server();
        let target: SipUri = format!("sip:{server};transport=tls").parse()?;
        let user = target.clone().user(connectivity.user().into());
        let (selected, said) = journal::listen(sip.select_transport(&target)).await;
        let (handle, address) =
            selected.map_err(|error| match tls.last_refusal(server.host()) {
                // The error of rustls says less.
                Some(status) => format!("the server's certificate was refused: {status}"),
                None => said.unwrap_or_else(|| error.to_string()),
            })?;
        let contact: SipUri = format!("sip:{};transport=tls", handle.bound()).parse()?;
        Ok(Self {
            contact: Contact::new(NameAddr::uri(contact.user(connectivity.user().into()))),
            sip,
            target,
            user,
            transport: TargetTransportInfo {
                via_host_port: None,
                transport: Some((handle, address)),
            },
        })
    }

    async fn options(&self) -> Result<(), Failure> {
        let user = NameAddr::uri(self.user.clone());
        let mut request = Request::new(Method::OPTIONS, self.target.clone());
        let from = FromTo::new(user.clone(), Some(random_string()));
        request.headers.insert_type(Name::FROM, &from);
        request
            .headers
            .insert_type(Name::TO, &FromTo::new(user, None));
        request.headers.insert_named(&CallID::new(random_string()));
        request.headers.insert_named(&CSeq::new(1, Method::OPTIONS));
        request.headers.insert_named(&self.contact);
        self.send(request).await
    }

    async fn register(&self) -> Result<(), Failure> {
        let user = NameAddr::uri(self.user.clone());
        let (contact, registrar) = (self.contact.clone(), self.target.clone());
        let mut registration =
            Registration::new(user, contact, registrar, Duration::from_secs(300));
        self.send(registration.create_register(false)).await
    }

    /// Sends a request, and waits for its answer.
    async fn send(&self, mut request: Request) -> Result<(), Failure> {
        let method = request.line.method.clone();
        request.headers.insert_named(&MaxForwards(70));
        let mut transport = self.transport.clone();
        let answer = async {
            let mut transaction = self.sip.send_request(request, &mut transport).await?;
            transaction.receive_final().await
        };
        let answer = self.unless_closed(answer).await?;
        expect_ok(&method, answer.line.code)
    }

    /// Makes a call, and ends it.
    async fn invite(&self) -> Result<(), Failure> {
        let user = NameAddr::uri(self.user.clone());
        let (contact, target) = (self.contact.clone(), self.user.clone());
        let mut initiator = InviteInitiator::new(self.sip.clone(), user, contact, target);
        let invite = initiator.create_invite();
        let answer = async {
            initiator.send_invite(invite).await?;
            final_answer(&mut initiator).await
        };
        let (mut session, answer) = match self.unless_closed(answer).await? {
            Response::Session(session, answer) => (session, answer),
            Response::Failure(answer) => return expect_ok(&Method::INVITE, answer.line.code),
            _ => return Err("INVITE: no final answer".into()),
        };
        expect_ok(&Method::INVITE, answer.line.code)?;
        self.unless_closed(acknowledge(
            &mut initiator,
            &session,
            answer.base_headers.cseq.cseq,
        ))
        .await?;
        let answer = self.unless_closed(session.terminate()).await?;
        expect_ok(&Method::BYE, answer.line.code)
    }

    /// Waits for an answer, but ends when the connection has ended; ezk would wait for 32 seconds. In TLS 1.3 a server
    /// refuses a client only after the handshake, and ezk keeps the alert in the state of the connection.
    async fn unless_closed<T>(
        &self,
        answer: impl Future<Output = ezk_sip_core::Result<T>>,
    ) -> Result<T, Failure> {
        let Some((handle, _)) = &self.transport.transport else {
            return Ok(answer.await?);
        };
        let error = tokio::select! {
            biased;
            answer = answer => match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            },
            reason = closed(handle) => return Err(reason.into()),
        };
        // If sending fails, the alert of the server may not have been read yet.
        let reason = timeout(Duration::from_millis(500), closed(handle)).await;
        Err(reason.map_or_else(|_| error.into(), Failure::from))
    }
}

/// Waits for the final answer. After a provisional answer with a tag, ezk gives the final answer to the early dialogue
/// with that tag.
async fn final_answer(initiator: &mut InviteInitiator) -> ezk_sip_core::Result<Response> {
    let mut early = Vec::new();
    loop {
        tokio::select! {
            response = initiator.receive() => match response? {
                Response::Early(dialogue, ..) => early.push(dialogue),
                Response::Provisional(_) | Response::EarlyEvent => {}
                answer => return Ok(answer),
            },
            response = first_of(&mut early) => {
                if let EarlyResponse::Success(session, answer) = response? {
                    return Ok(Response::Session(session, answer));
                }
            }
        }
    }
}

async fn first_of(early: &mut [Early]) -> ezk_sip_core::Result<EarlyResponse> {
    poll_fn(|cx| {
        let responses = early.iter_mut().map(|early| early.poll_receive(cx));
        let mut ready = responses.filter(Poll::is_ready);
        ready.next().unwrap_or(Poll::Pending)
    })
    .await
}

async fn acknowledge(
    initiator: &mut InviteInitiator,
    session: &InviteSession,
    cseq: u32,
) -> ezk_sip_core::Result<()> {
    let mut ack = create_ack(&session.dialog, cseq).await?;
    // ezk counts the ACK in its CSeq. As a server it then waits for the number that is left out.
    session.dialog.local_cseq.fetch_sub(1, Ordering::Relaxed);
    session.endpoint.send_outgoing_request(&mut ack).await?;
    initiator.set_acknowledge(session, ack);
    Ok(())
}

fn expect_ok(method: &Method, code: StatusCode) -> Result<(), Failure> {
    println!("{method} {}", code.into_u16());
    match code {
        StatusCode::OK => Ok(()),
        code => Err(format!("{method}: the answer is {}", code.into_u16()).into()),
    }
}

/// Waits for the end of a connection, and returns the reason.
async fn closed(handle: &TpHandle) -> String {
    let mut state = handle.watch_state();
    let closed = state.wait_for(|state| matches!(state, TransportState::Closed(_)));
    match closed.await.as_deref() {
        Ok(TransportState::Closed(TransportCloseReason::Err(error))) => end(error),
        _ => "the connection was closed".to_owned(),
    }
}

fn end(error: &io::Error) -> String {
    let mut cause = error
        .get_ref()
        .map(|cause| cause as &(dyn std::error::Error + 'static));
    while let Some(inner) = cause {
        if let Some(rustls::Error::AlertReceived(alert)) = inner.downcast_ref() {
            let (name, code) = (alert_name(*alert), u8::from(*alert));
            return format!("the server refused us: TLS alert {name} ({code})");
        }
        cause = inner.source();
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the server closed the connection".to_owned(),
        _ => format!("the connection broke: {error}"),
    }
}
