//! A connection through a NAT or firewall dies in silence. Only a ping without an answer shows it.

use std::time::Duration;

use sip_tls::Endpoint;
use tokio::time::Instant;

use super::board::Place;
use super::error::FlowError;
use super::flow::Flow;
use crate::sip::{self, Granted, Party};

/// Signs of life on a connection ([RFC 5626](https://www.rfc-editor.org/rfc/rfc5626#section-4.4)): pings, or OPTIONS to a
/// server that does not know them.
pub(super) struct KeepAlive {
    most: Duration,
    wait: Duration,
    pub(super) due: Instant,
    pongs: Pongs,
}

/// Whether the server answers pings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pongs {
    /// An answer came, or the registrar promised answers: a ping without an answer means that the connection is dead.
    Expected,
    /// No answer came, so OPTIONS are sent.
    Missing,
    /// No ping was sent yet.
    Unknown,
}

impl KeepAlive {
    /// Sends something after `most` at the latest.
    pub(super) fn new(most: Duration, timeout: Duration, endpoint: &Endpoint) -> Self {
        let mut new = Self {
            most,
            wait: PONG_WAIT.min(timeout),
            due: Instant::now(),
            pongs: Pongs::Unknown,
        };
        new.put_off(endpoint);
        new
    }

    /// Adapts to what the registrar says about pings.
    pub(super) fn heed(&mut self, granted: &Granted, endpoint: &Endpoint) {
        let timer = granted
            .flow_timer
            .map(|seconds| Duration::from_secs(seconds.into()));
        if let Some(timer) = timer.filter(|timer| *timer < self.most) {
            self.most = timer;
            self.put_off(endpoint);
        }
        let is_promised = granted.is_outbound || granted.flow_timer.is_some();
        if is_promised && self.pongs == Pongs::Unknown {
            self.pongs = Pongs::Expected;
        }
    }

    /// Sends a sign of life, and waits for the answer.
    pub(super) async fn run(
        &mut self,
        flow: &mut Flow,
        party: Party<'_>,
        endpoint: &Endpoint,
        place: &Place,
    ) -> Result<(), FlowError> {
        if self.pongs != Pongs::Missing {
            self.pongs = match (flow.ping(self.wait).await?, self.pongs) {
                (true, _) => Pongs::Expected,
                (false, Pongs::Expected) => return Err(FlowError::NoPong(self.wait)),
                (false, _) => {
                    place.note("the server does not answer pings: OPTIONS are sent instead");
                    Pongs::Missing
                }
            };
        }
        if self.pongs == Pongs::Missing {
            let request = sip::options(party, &sip::token(endpoint));
            flow.transact(&request).await?;
        }
        self.put_off(endpoint);
        Ok(())
    }

    /// Schedules the next sign of life after 80 to 100 percent of the longest pause, so that clients do not all ping
    /// at once.
    fn put_off(&mut self, endpoint: &Endpoint) {
        let pause = self.most.mul_f64(0.8 + 0.2 * sip::chance(endpoint));
        self.due = Instant::now() + pause;
    }
}

/// [RFC 5626](https://www.rfc-editor.org/rfc/rfc5626#section-4.4.1): a pong that takes longer means a dead connection.
const PONG_WAIT: Duration = Duration::from_secs(10);
