use std::collections::HashMap;

use rsipstack::sip::{Method, Request, Response};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};

use super::TlsTransport;

/// Requests that were sent on a connection, and wait for their final answers.
#[derive(Default)]
pub(crate) struct Pending {
    requests: HashMap<TransactionKey, Request>,
    /// The number of requests at which those that the stack has given up are dropped.
    limit: usize,
}

impl Pending {
    pub(crate) fn sent(&mut self, request: &Request, transport: &TlsTransport) {
        if request.method == Method::Ack {
            return;
        }
        if self.requests.len() >= self.limit {
            let sip = transport.sip();
            let waits = |key: &TransactionKey| {
                sip.as_ref()
                    .is_some_and(|sip| sip.transactions.contains_key(key))
            };
            self.requests.retain(|key, _| waits(key));
            self.limit = self.requests.len() * 2 + 16;
        }
        if let Ok(key) = TransactionKey::from_request(request, TransactionRole::Client) {
            self.requests.insert(key, request.clone());
        }
    }

    pub(crate) fn received(&mut self, response: &Response) {
        if response.status_code.code() < 200 {
            return;
        }
        if let Ok(key) = TransactionKey::from_response(response, TransactionRole::Client) {
            self.requests.remove(&key);
        }
    }

    /// The requests that still wait.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Request> + use<> {
        std::mem::take(&mut self.requests).into_values()
    }
}
