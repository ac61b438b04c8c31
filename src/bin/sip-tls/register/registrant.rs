//! One line, from the first connection to the end of the program.
//!
//! A registration lives on one connection (RFC 5626). When the connection ends, so does everything that was agreed on
//! it, and the next one begins anew.

use std::time::Duration;

use ezk_sip_types::StatusCode;
use sip_tls::{Connection, Endpoint};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::args::Pace;
use super::backoff::{Backoff, Failed};
use super::board::{Change, Place};
use super::ending::Stop;
use super::error::FlowError;
use super::flow::{Flow, Next};
use super::keep_alive::KeepAlive;
use crate::connect::{Route, Target, failed_before};
use crate::connection::ConnectionRecord;
use crate::output;
use crate::sip::{self, Authenticator, Granted, Head, Party, Registration};

/// One line of the configuration, which is kept registered.
pub(super) struct Registrant {
    pub(super) endpoint: Endpoint,
    pub(super) target: Target,
    pub(super) route: Route,
    pub(super) pace: Pace,
    pub(super) registration: Registration,
    pub(super) authenticator: Authenticator,
    /// The seconds to ask for. The registrar may have demanded a longer time.
    pub(super) expires: u32,
    pub(super) place: Place,
    pub(super) stop: Stop,
}

impl Registrant {
    /// Registers, and does so again after each failure, until the program ends.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new(self.pace.retry);
        loop {
            self.place.change(Change::Connecting);
            let Some(failure) = self.attempt().await else {
                return;
            };
            let pause = backoff.pause(failure.failed, sip::chance(&self.endpoint));
            let pause = pause.max(failure.retry_after);
            self.place.change(Change::Failed {
                outcome: Box::new(failure.outcome),
                retry: pause,
            });
            tokio::select! {
                () = self.stop.requested() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// Connects and registers, and returns when that has failed. `None` if the program ends.
    async fn attempt(&mut self) -> Option<Failure> {
        let connecting = self.route.connect(&self.endpoint, &self.target.server);
        let connected = tokio::select! {
            () = self.stop.requested() => return None,
            connected = connecting => connected,
        };
        let connection = match connected {
            Ok(connection) => connection,
            Err(error) => {
                return Some(Failure {
                    outcome: ConnectionRecord::not_connected(&error),
                    failed: Failed::Attempt,
                    retry_after: Duration::ZERO,
                });
            }
        };
        if let Some(failures) = failed_before(&connection) {
            self.place.note(&failures);
        }
        let mut flow = self.flow(connection);
        let mut registered = None;
        let error = self.stay(&mut flow, &mut registered).await;
        let failure = match error {
            FlowError::Stopped => {
                self.leave(&mut flow).await;
                None
            }
            error => Some(self.failure(&flow, &error, registered)),
        };
        flow.close().await;
        failure
    }

    /// Notes that there is a connection, and makes it a flow.
    fn flow(&self, connection: Connection<TcpStream>) -> Flow {
        let peer = connection.transport().peer_addr().ok();
        self.place.change(Change::Registering { peer });
        Flow::new(
            connection,
            sip::token(&self.endpoint),
            self.pace.timeout,
            self.stop.clone(),
            self.place.clone(),
        )
    }

    /// Registers, and keeps registered until something fails. Notes in `registered` since when we are registered.
    async fn stay(&mut self, flow: &mut Flow, registered: &mut Option<Instant>) -> FlowError {
        let ended = async {
            let mut granted = self.register(flow).await?;
            *registered = Some(Instant::now());
            let mut keep_alive =
                KeepAlive::new(self.pace.keep_alive, self.pace.timeout, &self.endpoint);
            loop {
                keep_alive.heed(&granted, &self.endpoint);
                let refresh = Instant::now() + until_refresh(granted.expires);
                self.keep(flow, &mut keep_alive, refresh).await?;
                granted = self.register(flow).await?;
            }
        };
        match ended.await {
            Err(error) => error,
            Ok(never) => never,
        }
    }

    /// Answers requests and sends signs of life, until it is time to register again.
    ///
    /// Whichever is due first is done: a sign of life, or the next REGISTER.
    async fn keep(
        &self,
        flow: &mut Flow,
        keep_alive: &mut KeepAlive,
        refresh: Instant,
    ) -> Result<(), FlowError> {
        loop {
            match flow.next(refresh.min(keep_alive.due)).await? {
                Next::Due if Instant::now() >= refresh => return Ok(()),
                Next::Due => {
                    let party = party(&self.target, flow);
                    keep_alive
                        .run(flow, party, &self.endpoint, &self.place)
                        .await?;
                }
                Next::Pong | Next::Response(_) => {}
            }
        }
    }

    /// Registers once. Zero seconds are no registration.
    async fn register(&mut self, flow: &mut Flow) -> Result<Granted, FlowError> {
        let (head, asked) = self.ask(flow, None).await?;
        let granted = Granted::read(&head, party(&self.target, flow), asked);
        if granted.expires == 0 {
            return Err(FlowError::NoTime);
        }
        self.place.change(Change::Registered {
            expires: granted.expires,
        });
        Ok(granted)
    }

    /// Removes the registration, if the server answers soon.
    ///
    /// It asks for 0 seconds (RFC 3261, section 10.2.2). The flow goes on for this although the program ends.
    async fn leave(&mut self, flow: &mut Flow) {
        flow.end();
        if let Ok(Ok(_)) = tokio::time::timeout(FAREWELL, self.ask(flow, Some(0))).await {
            self.place.change(Change::Unregistered);
        }
    }

    /// Sends REGISTER until it is granted or finally refused: the registrar may ask for a password or a longer time.
    /// Returns the answer, and the number of seconds that was asked for.
    async fn ask(
        &mut self,
        flow: &mut Flow,
        expires: Option<u32>,
    ) -> Result<(Head, u32), FlowError> {
        self.authenticator.begin();
        let mut rounds = 0;
        loop {
            let asked = expires.unwrap_or(self.expires);
            let (code, reason, head) = self.send(flow, asked).await?;
            rounds += 1;
            match code {
                _ if (200..300).contains(&code.into_u16()) => {
                    self.authenticator.accepted(&head);
                    return Ok((head, asked));
                }
                StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED
                    if rounds < MOST_ROUNDS =>
                {
                    let challenged = self.authenticator.challenged(code, &head);
                    challenged.map_err(FlowError::Auth)?;
                }
                StatusCode::INTERVAL_TOO_BRIEF
                    if rounds < MOST_ROUNDS && self.take_longer(&head, expires) => {}
                _ => {
                    return Err(FlowError::Rejected {
                        code,
                        reason,
                        retry_after: sip::retry_after(&head),
                    });
                }
            }
        }
    }

    /// Takes over the least time that the registrar accepts. Returns whether another request makes sense.
    fn take_longer(&mut self, head: &Head, fixed: Option<u32>) -> bool {
        match sip::min_expires(head).filter(|least| *least > self.expires) {
            Some(least) if fixed.is_none() => {
                self.expires = least;
                true
            }
            _ => false,
        }
    }

    /// Sends one REGISTER, and returns the status, the reason and the head of its final answer.
    async fn send(
        &mut self,
        flow: &mut Flow,
        expires: u32,
    ) -> Result<(StatusCode, String, Head), FlowError> {
        let party = party(&self.target, flow);
        let uri = sip::register_uri(party);
        let authorization = self.authenticator.headers("REGISTER", &uri);
        let authorization = authorization.map_err(FlowError::Auth)?;
        let branch = sip::token(&self.endpoint);
        let request = self
            .registration
            .request(party, expires, authorization, branch);
        let head = flow.transact(&request).await?;
        let line = head.status_line().ok_or(FlowError::NotSip)?;
        let reason = line.reason.as_deref().unwrap_or_default();
        Ok((line.code, output::short(reason), head))
    }

    /// Puts together what is printed and what the next pause depends on.
    fn failure(&self, flow: &Flow, error: &FlowError, registered: Option<Instant>) -> Failure {
        let mut outcome = flow.record();
        error.note_in(&mut outcome);
        Failure {
            outcome,
            failed: error.failed(registered.map(|since| since.elapsed())),
            retry_after: error.retry_after(),
        }
    }
}

/// Why an attempt has ended.
///
/// The outcome is printed; the other two decide on the pause.
struct Failure {
    outcome: ConnectionRecord,
    failed: Failed,
    retry_after: Duration,
}

/// Who we are on this connection.
fn party<'a>(target: &'a Target, flow: &Flow) -> Party<'a> {
    Party {
        server: &target.server,
        user: &target.user,
        local: flow.local(),
    }
}

/// When to register again. This leaves time for an answer that does not come, and for a new connection.
fn until_refresh(expires: u32) -> Duration {
    let expires = Duration::from_secs(expires.into());
    expires - (expires / 2).min(REFRESH_BEFORE)
}

const REFRESH_BEFORE: Duration = Duration::from_secs(30);
/// Enough for a challenge of a proxy and one of the registrar, each again with a new nonce, and for a longer time.
const MOST_ROUNDS: u32 = 6;
const FAREWELL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_is_renewed_before_it_runs_out() {
        for (expires, after) in [
            (1, 0.5),
            (10, 5.0),
            (60, 30.0),
            (600, 570.0),
            (3600, 3570.0),
        ] {
            assert_eq!(until_refresh(expires).as_secs_f64(), after);
        }
        assert!(until_refresh(u32::MAX) > Duration::from_secs(4_000_000_000));
    }
}
