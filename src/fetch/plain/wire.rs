//! A transport for `ureq` over a connection that was made and checked before, with one deadline for the whole
//! exchange.
//!
//! It uses `ureq::unversioned`, which may change with any release of `ureq`; this is why its version is pinned.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Error, Timeout};

/// A connector that hands over its connection once. It makes no connections, so `ureq` cannot reach any other peer.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Mutex<Option<TcpStream>>,
    deadline: Instant,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, deadline: Instant) -> Self {
        Self {
            stream: Mutex::new(Some(stream)),
            deadline,
        }
    }
}

impl Connector<()> for Wire {
    type Out = WireTransport;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<WireTransport>, Error> {
        let stream = self.stream.lock().ok().and_then(|mut it| it.take());
        let stream = stream.ok_or(Error::ConnectionFailed)?;
        let (input, output) = (
            details.config.input_buffer_size(),
            details.config.output_buffer_size(),
        );
        Ok(Some(WireTransport {
            stream,
            buffers: LazyBuffers::new(input, output),
            deadline: self.deadline,
        }))
    }
}

/// A resolver that returns the address of the connection, without a look-up.
#[derive(Debug)]
pub(super) struct Known(pub(super) SocketAddr);

impl Resolver for Known {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

/// Reads and writes until the deadline. Each read may take all the time that is left, so many small reads cannot take
/// longer.
pub(super) struct WireTransport {
    stream: TcpStream,
    buffers: LazyBuffers,
    deadline: Instant,
}

impl WireTransport {
    /// The time until the deadline, or the error that it has passed.
    fn left(&self) -> Result<Duration, Error> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        // To the system, a time limit of zero means no limit.
        match left.is_zero() {
            true => Err(LATE),
            false => Ok(left),
        }
    }
}

impl Transport for WireTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        let output = &self.buffers.output()[..amount];
        self.stream.write_all(output).map_err(told)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        loop {
            self.stream.set_read_timeout(Some(self.left()?))?;
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    return Ok(amount > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(told(error)),
            }
        }
    }

    /// Returns `false`, because the connection is used once.
    fn is_open(&mut self) -> bool {
        false
    }
}

impl fmt::Debug for WireTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WireTransport")
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

/// Converts an error of a socket. An expired time limit is `WouldBlock` on Unix, and `TimedOut` on Windows.
fn told(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => LATE,
        _ => Error::Io(error),
    }
}

const LATE: Error = Error::Timeout(Timeout::Global);
