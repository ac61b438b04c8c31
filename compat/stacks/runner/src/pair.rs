//! A client and a server, and the result of a case.

use crate::case::{Case, Refusal, Role, Version};
use crate::kamailio::{self, Relay};
use crate::process::{Process, free_port};
use crate::program::{ANSWERED, CALLED, LIMIT, Program, configure};
use stack_pki::Pki;

/// One end of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Party {
    Ours(Program),
    Kamailio,
}

impl Party {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours(program) => program.name,
            Self::Kamailio => "kamailio",
        }
    }

    fn is_ours(self) -> bool {
        self != Self::Kamailio
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Pair {
    pub(crate) client: Party,
    pub(crate) server: Party,
}

impl Pair {
    /// All pairs in which at least one program is ours.
    pub(crate) fn all() -> Vec<Self> {
        let ours = Program::ALL.map(Party::Ours);
        let parties = || ours.into_iter().chain([Party::Kamailio]);
        let pairs =
            parties().flat_map(|client| parties().map(move |server| Self { client, server }));
        pairs
            .filter(|pair| pair.client.is_ours() || pair.server.is_ours())
            .collect()
    }

    /// Runs a case. The error says what differs from the expected result.
    pub(crate) fn run(
        self,
        case: Case,
        version: Version,
        pki: &Pki,
    ) -> Result<&'static str, String> {
        let port = free_port();
        let server = self.serve(case, version, pki, port)?;
        let (succeeded, client) = self.call(case, version, pki, port)?;
        let judge = Judge {
            pair: self,
            succeeded,
            client,
            server,
        };
        judge.judge(self.refusal(case))
    }

    /// Makes a call whose server is reached through Kamailio.
    pub(crate) fn call_through_kamailio(
        self,
        version: Version,
        pki: &Pki,
    ) -> Result<&'static str, String> {
        let (port, proxy) = (free_port(), free_port());
        let server = self.serve(Case::Good, version, pki, port)?;
        let kamailio = kamailio::stand_before(pki, version, proxy, port)?;
        let (succeeded, client) = self.call(Case::Good, version, pki, proxy)?;
        let judge = Judge {
            pair: self,
            succeeded,
            client,
            server,
        };
        let judged = judge.judge(None);
        judged.map_err(|error| format!("{error}\nkamailio:\n{}", kamailio.output()))
    }

    fn serve(self, case: Case, version: Version, pki: &Pki, port: u16) -> Result<Process, String> {
        let setup = case.setup(Role::Server, version);
        match self.server {
            Party::Ours(program) => program.serve(&configure(pki, setup, port)?, port),
            Party::Kamailio => kamailio::serve(pki, setup, port),
        }
    }

    /// Makes a call. Returns whether the client succeeded, and its output.
    fn call(
        self,
        case: Case,
        version: Version,
        pki: &Pki,
        port: u16,
    ) -> Result<(bool, String), String> {
        let setup = case.setup(Role::Client, version);
        match self.client {
            Party::Ours(program) => {
                let mut process = program.call(&configure(pki, setup, port)?)?;
                let succeeded = process.wait(LIMIT)?;
                Ok((succeeded, process.output()))
            }
            Party::Kamailio => {
                let relay = Relay::start(pki, setup, port)?;
                let called = relay.call()?;
                Ok((called.contains("BYE 200"), called))
            }
        }
    }

    fn refusal(self, case: Case) -> Option<Refusal> {
        match (self.client, case) {
            // Kamailio 5.6 does not check host names.
            (Party::Kamailio, Case::ServerElsewhere) => None,
            _ => case.refusal(),
        }
    }
}

struct Judge {
    pair: Pair,
    succeeded: bool,
    client: String,
    server: Process,
}

impl Judge {
    fn judge(&self, refusal: Option<Refusal>) -> Result<&'static str, String> {
        match refusal {
            None => self.called().map(|()| "called"),
            Some(refusal) => self.refused(refusal).map(|()| "refused"),
        }
    }

    fn called(&self) -> Result<(), String> {
        let missing = CALLED.iter().find(|line| !self.client.contains(**line));
        if let Some(line) = missing {
            return Err(self.told(&format!("the client does not print `{line}`")));
        }
        if !self.succeeded {
            return Err(self.told("the client failed"));
        }
        if self.pair.server.is_ours() {
            for line in ANSWERED {
                let line = format!("{line}\n");
                let printed = self.server.wait_for(&line, 1, LIMIT);
                printed.map_err(|error| self.told(&error))?;
            }
        }
        Ok(())
    }

    fn refused(&self, refusal: Refusal) -> Result<(), String> {
        if self.succeeded || self.client.contains(CALLED[0]) {
            return Err(self.told("there was a connection"));
        }
        let (refuser, refused) = match refusal.by {
            Role::Client => (self.pair.client, self.pair.server),
            Role::Server => (self.pair.server, self.pair.client),
        };
        if refuser.is_ours() {
            self.expect(refusal.by, refusal.reasons)?;
        }
        if refused.is_ours() {
            let role = match refusal.by {
                Role::Client => Role::Server,
                Role::Server => Role::Client,
            };
            self.expect(role, refusal.alerts)?;
        }
        Ok(())
    }

    /// Checks that the client or the server printed one of these texts.
    fn expect(&self, role: Role, texts: &[&str]) -> Result<(), String> {
        let printed = match role {
            Role::Client => texts.iter().any(|text| self.client.contains(text)),
            // The server may print the text after the client has ended.
            Role::Server => texts
                .iter()
                .any(|text| self.server.wait_for(text, 1, LIMIT / 8).is_ok()),
        };
        match printed {
            true => Ok(()),
            false => Err(self.told(&format!("the {role:?} does not say `{}`", texts[0]))),
        }
    }

    fn told(&self, what: &str) -> String {
        let server = self.server.output();
        format!("{what}\nclient:\n{}\nserver:\n{server}", self.client)
    }
}
