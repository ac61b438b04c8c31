//! The log of ezk. ezk returns only that a connection failed, and logs the reason.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use log::{Level, LevelFilter, Log, Metadata, Record};

tokio::task_local! {
    static SAID: Arc<Mutex<Option<String>>>;
}

/// Installs the logger. Warnings and errors are printed.
pub(crate) fn begin() {
    if log::set_logger(&Journal).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
}

/// Runs a future. Also returns the last message that ezk logged in it about a failed connection.
pub(crate) async fn listen<F: Future>(future: F) -> (F::Output, Option<String>) {
    let said = Arc::default();
    let output = SAID.scope(Arc::clone(&said), future).await;
    let said = said.lock().unwrap_or_else(PoisonError::into_inner).take();
    (output, said)
}

struct Journal;

impl Log for Journal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("ezk")
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let text = record.args().to_string();
        if record.level() <= Level::Warn {
            println!("ezk: {text}");
        }
        if text.starts_with("Failed to connect to ") {
            // Outside of `listen` the message is not needed.
            let _ = SAID.try_with(|said| {
                *said.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
            });
        }
    }

    fn flush(&self) {}
}
