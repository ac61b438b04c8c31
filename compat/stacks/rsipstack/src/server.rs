//! The server: it answers OPTIONS and REGISTER, and accepts calls.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rsipstack::dialog::dialog::{Dialog, DialogState};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::sip::{Header, Method, StatusCode};
use rsipstack::transaction::transaction::Transaction;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::lines::lines;
use crate::{Failure, endpoint, reload, stack};

pub(crate) async fn run(config: &Path, address: &str) -> Result<(), Failure> {
    let (_, tls) = endpoint(config)?;
    let listener = TcpListener::bind(address).await?;
    let own = listener.local_addr()?;
    let (transport, sip) = stack(&tls, own);
    let server = transport.serve(listener)?.max_connections(10_000);
    let server = server.on_failure(|peer, error| println!("refused {peer}: {error}"));
    tokio::spawn(server.into_future());
    println!("listening on {own}");

    let calls = Calls::new(&sip, own)?;
    let mut requests = sip.incoming_transactions()?;
    let mut lines = lines();
    loop {
        tokio::select! {
            Some(()) = lines.recv() => reload(&tls),
            Some(request) = requests.recv() => {
                let calls = calls.clone();
                tokio::spawn(async move {
                    if let Err(error) = calls.answer(request).await {
                        println!("not answered: {error}");
                    }
                });
            }
            else => return Ok(()),
        }
    }
}

#[derive(Clone)]
struct Calls {
    dialogs: Arc<DialogLayer>,
    states: mpsc::UnboundedSender<DialogState>,
    contact: rsipstack::sip::Uri,
}

impl Calls {
    fn new(sip: &rsipstack::transaction::Endpoint, own: SocketAddr) -> Result<Self, Failure> {
        let dialogs = Arc::new(DialogLayer::new(sip.inner.clone()));
        let (states, mut changes) = mpsc::unbounded_channel();
        let layer = Arc::clone(&dialogs);
        tokio::spawn(async move {
            while let Some(state) = changes.recv().await {
                take(&layer, state);
            }
        });
        Ok(Self {
            dialogs,
            states,
            contact: format!("sip:{own};transport=tls").try_into()?,
        })
    }

    async fn answer(&self, mut request: Transaction) -> rsipstack::Result<()> {
        let method = request.original.method;
        println!("{method}");
        match method {
            Method::Options => request.reply(StatusCode::OK).await,
            Method::Register => {
                let headers = &request.original.headers;
                let contacts = headers
                    .iter()
                    .filter(|header| matches!(header, Header::Contact(_)));
                let mut bindings: Vec<_> = contacts.cloned().collect();
                bindings.push(Header::Expires(300.into()));
                request.reply_with(StatusCode::OK, bindings, None).await
            }
            Method::Invite => {
                let contact = Some(self.contact.clone());
                let states = self.states.clone();
                let dialogs = &self.dialogs;
                let mut dialog =
                    dialogs.get_or_create_server_invite(&request, states, None, contact)?;
                dialog.handle(&mut request).await?;
                // The ACK ends the transaction. `DialogState::Confirmed` is not reported if a BYE is faster.
                if request.is_terminated() {
                    println!("{}", Method::Ack);
                }
                Ok(())
            }
            _ => match self.dialogs.match_dialog(&request) {
                Some(mut dialog) => dialog.handle(&mut request).await,
                None => {
                    let status = StatusCode::CallTransactionDoesNotExist;
                    request.reply(status).await
                }
            },
        }
    }
}

/// Accepts calls, and forgets those that have ended.
fn take(dialogs: &DialogLayer, state: DialogState) {
    match state {
        DialogState::Calling(id) => {
            if let Some(Dialog::Invite(dialog)) = dialogs.get_dialog(&id)
                && let Err(error) = dialog.accept(None, None)
            {
                println!("not answered: {error}");
            }
        }
        DialogState::Terminated(id, _) => dialogs.remove_dialog(&id),
        _ => {}
    }
}
