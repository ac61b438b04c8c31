//! The server: it answers OPTIONS and REGISTER, and accepts calls.

use std::path::Path;

use ezk_sip_core::{Endpoint as Sip, IncomingRequest, Layer, MayTake};
use ezk_sip_types::header::typed::{Contact, Expires, FromTo};
use ezk_sip_types::uri::{NameAddr, SipUri};
use ezk_sip_types::{Method, Name, StatusCode};
use ezk_sip_ua::dialog::{Dialog, DialogLayer};
use ezk_sip_ua::invite::InviteLayer;
use ezk_sip_ua::invite::acceptor::InviteAcceptor;
use ezk_sip_ua::invite::session::InviteSessionEvent;
use ezk_sip_ua::util::random_string;

use crate::lines::lines;
use crate::{Failure, endpoint, reload};

pub(crate) async fn run(config: &Path, address: &str) -> Result<(), Failure> {
    let (_, tls) = endpoint(config)?;
    let mut builder = Sip::builder();
    builder
        .listen_rustls(address.parse()?, tls.acceptor()?)
        .await?;
    builder.add_layer(DialogLayer::default());
    builder.add_layer(InviteLayer::default());
    builder.add_layer(Answers);
    let _sip = builder.build();
    println!("listening on {address}");
    let mut lines = lines();
    while let Some(()) = lines.recv().await {
        // The acceptor that ezk uses sees the new files, too.
        reload(&tls);
    }
    std::future::pending().await
}

struct Answers;

#[async_trait::async_trait]
impl Layer for Answers {
    fn name(&self) -> &'static str {
        "answers"
    }

    async fn receive(&self, sip: &Sip, request: MayTake<'_, IncomingRequest>) {
        let answering = match request.line.method {
            Method::OPTIONS | Method::REGISTER => answer(sip, request.take()).await,
            Method::INVITE => take_call(sip, request.take()).await,
            _ => return,
        };
        if let Err(error) = answering {
            println!("not answered: {error}");
        }
    }
}

async fn answer(sip: &Sip, mut request: IncomingRequest) -> Result<(), Failure> {
    println!("{}", request.line.method);
    let mut response = sip.create_response(&request, StatusCode::OK, None);
    let headers = &mut response.msg.headers;
    headers.edit(Name::TO, |to: &mut FromTo| to.tag = Some(random_string()))?;
    if request.line.method == Method::REGISTER {
        request.headers.clone_into(headers, Name::CONTACT)?;
        headers.insert_named(&Expires(300));
    }
    let transaction = sip.create_server_tsx(&mut request);
    Ok(transaction.respond(response).await?)
}

async fn take_call(sip: &Sip, invite: IncomingRequest) -> Result<(), Failure> {
    println!("{}", invite.line.method);
    let own = invite.tp_info.transport.bound();
    let contact: SipUri = format!("sip:{own};transport=tls").parse()?;
    let contact = Contact::new(NameAddr::uri(contact));
    let dialog = Dialog::new_server(sip.clone(), &invite, contact)?;
    let acceptor = InviteAcceptor::new(dialog, invite);
    let response = acceptor.create_response(StatusCode::OK, None).await?;
    let (mut session, ack) = acceptor.respond_success(response).await?;
    println!("{}", ack.line.method);
    loop {
        match session.run().await? {
            InviteSessionEvent::Bye(bye) => {
                println!("{}", Method::BYE);
                return Ok(session.handle_bye(bye).await?);
            }
            InviteSessionEvent::Terminated => return Ok(()),
            _ => {}
        }
    }
}
