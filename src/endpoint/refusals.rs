//! The last refusals of servers, for stacks that do not report them.
//!
//! A SIP stack that connects with a connector gets the error of rustls in a text of its own, or none at all. The
//! verifier knows the reason, and remembers it here by the name of the server.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Endpoint;
use crate::verify::{Purpose, ReferenceName, VerifyStatus};

impl Endpoint {
    /// Returns why the server of this name was refused when its certificate was last verified, however the connection
    /// was made. `None` if the server was accepted then, or not verified at all.
    ///
    /// The name is the host that was connected to; `tls-target-name` is applied as for the connection. The last 64
    /// servers that were refused are remembered. If the server refused us, that is not included: its alert is in the
    /// error of the connection.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(endpoint: &sip_tls::Endpoint, error: std::io::Error) {
    /// // `error` comes from the SIP stack, and says little.
    /// match endpoint.last_refusal("sip.example.com") {
    ///     Some(status) => eprintln!("{error}: {status}"),
    ///     None => eprintln!("{error}"),
    /// }
    /// # }
    /// ```
    pub fn last_refusal(&self, server: &str) -> Option<Arc<VerifyStatus>> {
        let name = ReferenceName::new(&self.name_of(server));
        self.0.refusals.of(&name)
    }
}

/// Servers that were refused when they were last verified.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<VecDeque<Arc<VerifyStatus>>>);

impl Refusals {
    /// Notes the result of a verification.
    pub(super) fn note(&self, status: &VerifyStatus) {
        if status.purpose() != Purpose::Server || status.reference().is_none() {
            return;
        }
        let mut refused = self.refused();
        refused.retain(|known| known.reference() != status.reference());
        if status.is_accepted() {
            return;
        }
        if refused.len() == MOST {
            refused.pop_front();
        }
        refused.push_back(Arc::new(status.clone()));
    }

    /// The refusal of a server, if it was refused last.
    fn of(&self, name: &ReferenceName) -> Option<Arc<VerifyStatus>> {
        let refused = self.refused();
        let known = refused.iter().find(|known| known.reference() == Some(name));
        known.cloned()
    }

    fn refused(&self) -> MutexGuard<'_, VecDeque<Arc<VerifyStatus>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many refusals are remembered. A phone has fewer servers.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{Finding, VerifyCode};

    fn status(name: &str, code: Option<VerifyCode>) -> VerifyStatus {
        let mut status = VerifyStatus::new(Purpose::Server, Some(ReferenceName::new(name)));
        let finding = |code| Finding::of_nobody(code, 0);
        status.findings.extend(code.map(finding));
        status
    }

    fn code_of(refusals: &Refusals, name: &str) -> Option<VerifyCode> {
        let status = refusals.of(&ReferenceName::new(name))?;
        Some(status.code())
    }

    #[test]
    fn a_server_is_refused_until_it_is_accepted_and_the_oldest_makes_room() {
        let refusals = Refusals::default();
        for number in 0..=MOST {
            let name = format!("{number}.example.com");
            refusals.note(&status(&name, Some(VerifyCode::CertRevoked)));
            refusals.note(&status("1.example.com", Some(VerifyCode::CertHasExpired)));
        }
        assert_eq!(refusals.refused().len(), MOST);
        assert_eq!(code_of(&refusals, "0.example.com"), None);
        let last = code_of(&refusals, "1.example.com");
        assert_eq!(last, Some(VerifyCode::CertHasExpired));
        refusals.note(&status("1.example.com", None));
        assert_eq!(code_of(&refusals, "1.example.com"), None);
        let other = code_of(&refusals, "64.example.com");
        assert_eq!(other, Some(VerifyCode::CertRevoked));
    }
}
