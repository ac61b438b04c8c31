//! One attempt to connect, from the look-up to the answer to OPTIONS.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sip_tls::{Connection, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::record::{Record, SipAnswer, milliseconds};
use super::route::{Route, failed_before};
use super::target::Target;
use crate::connection::ConnectionRecord;
use crate::failure::chain;
use crate::sip::{self, Answering, Methods, Party};

/// A connection to be made.
pub(crate) struct Attempt<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) target: &'a Target,
    pub(crate) route: Route,
    /// Whether to send OPTIONS.
    pub(crate) sip: bool,
    pub(crate) timeout: Duration,
}

impl Attempt<'_> {
    /// Connects, and notes each step in the record. It never fails: a failure is a result, too.
    pub(crate) async fn run(&self) -> Record {
        let mut record = Record {
            outcome: ConnectionRecord::failed(None),
            server: Some(self.target.server.to_string()),
            user: self.target.user.clone(),
            peer: None,
            sip: None,
            timing: None,
            note: self.target.note.clone(),
        };
        let began = Instant::now();
        let server = &self.target.server;
        match self.route.connect(self.endpoint, server).await {
            Err(error) => {
                record.peer = error.peer_address();
                record.outcome = ConnectionRecord::not_connected(&error);
            }
            Ok(connection) => {
                record.peer = connection.transport().peer_addr().ok();
                record.note = record.note.or_else(|| failed_before(&connection));
                record.outcome = ConnectionRecord::connected(&connection);
                record.timing = Some(connection.timing().into());
                match self.sip {
                    true => self.ask(connection, &mut record).await,
                    false => confirm(connection, began.elapsed(), &mut record).await,
                }
            }
        }
        record
    }

    /// Sends OPTIONS and notes the answer.
    ///
    /// If the server refuses our certificate only now, as TLS 1.3 allows, the record says so.
    async fn ask(&self, mut connection: Connection<TcpStream>, record: &mut Record) {
        let Target { server, user, .. } = self.target;
        let local = connection.transport().local_addr();
        let local = local.unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)));
        let us = Answering {
            // If the socket has no address, it is not connected either.
            peer: connection.transport().peer_addr().unwrap_or(local),
            tag: &sip::token(self.endpoint),
            methods: Methods::Options,
        };
        let party = Party {
            server,
            user,
            local,
        };
        let request = sip::options(party, &sip::token(self.endpoint));
        let began = Instant::now();
        match sip::exchange(&mut connection, &request, us, self.timeout).await {
            Ok(line) => {
                if let Some(timing) = &mut record.timing {
                    timing.sip = Some(milliseconds(began.elapsed()));
                }
                record.sip = Some(SipAnswer {
                    status: line.code.into_u16(),
                    reason: line.reason.as_deref().unwrap_or_default().to_owned(),
                });
            }
            Err(sip::ExchangeError::Broken(error)) => {
                record.outcome.breaks(&connection.failure(error));
            }
            Err(error) => record.outcome.fails(chain(&error)),
        }
        // A peer that does not acknowledge close_notify is ignored.
        let _ = tokio::time::timeout(FAREWELL, connection.shutdown()).await;
    }
}

/// Waits until the server may have refused our certificate. In TLS 1.3 a server does so only after our handshake.
async fn confirm(
    mut connection: Connection<TcpStream>,
    round_trips: Duration,
    record: &mut Record,
) {
    // At least two round trips to the server are already over.
    if let Err(error) = connection.confirm(SHORTEST_WAIT.max(round_trips)).await {
        return record.outcome.breaks(&error);
    }
    let end = tokio::time::timeout(Duration::ZERO, connection.read(&mut [0])).await;
    if matches!(end, Ok(Ok(0))) {
        let note = "the server closed the connection right after the handshake; it may have \
                    refused our certificate";
        record.note.get_or_insert_with(|| note.to_owned());
    }
    // A peer that does not acknowledge close_notify is ignored.
    let _ = tokio::time::timeout(FAREWELL, connection.shutdown()).await;
}

const FAREWELL: Duration = Duration::from_secs(1);
/// How long to wait at least for a server that may refuse our certificate.
const SHORTEST_WAIT: Duration = Duration::from_millis(500);
