//! Events that are printed while the program runs: `-v`, `-vv` and `RUST_LOG`.
//!
//! The events are those of the library, with the target `sip_tls::handshake` for `-v`. `RUST_LOG` selects any others,
//! and then time and target are printed as well.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::output::{self, Queue};

#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Verbosity {
    /// Print each step of a handshake on stderr; given twice, also lists of suites, groups and CAs
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

impl Verbosity {
    /// Starts to print the library's events: those that `RUST_LOG` selects or, without it, the steps of handshakes.
    pub(crate) fn start(self) {
        self.start_with(io::stderr);
    }

    /// Starts to print the events through a queue, for a program that must not wait for a slow reader.
    pub(crate) fn start_queued(self) {
        let told = |count| output::left_out(count, "event");
        let (queue, _) = Queue::start(io::stderr(), told);
        self.start_with(move || queue.clone());
    }

    /// Whether any events are printed.
    pub(crate) fn is_on(self) -> bool {
        self.verbose > 0 || is_set()
    }

    /// Starts to print with this writer. Without `-v` and `RUST_LOG` nothing is printed, and no event is made.
    fn start_with<W>(self, writer: W)
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let is_set = is_set();
        let filter = match self.verbose {
            _ if is_set => EnvFilter::from_default_env(),
            0 => return,
            1 => EnvFilter::new("sip_tls::handshake=debug"),
            _ => EnvFilter::new("sip_tls::handshake=trace"),
        };
        let events = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(writer)
            .with_ansi(false);
        // Another subscriber cannot be there; if it were, it would print the events.
        let _ = match is_set {
            true => events.try_init(),
            false => events
                .without_time()
                .with_level(false)
                .with_target(false)
                .try_init(),
        };
    }
}

/// Whether `RUST_LOG` selects events.
fn is_set() -> bool {
    std::env::var_os("RUST_LOG").is_some_and(|filter| !filter.is_empty())
}
