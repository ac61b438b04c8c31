//! The signals that end the program.
//!
//! A program that ends in order says goodbye to its peers with close_notify and takes its
//! registrations back.

use crate::output;

/// Waits for Ctrl-C or, on Unix, SIGTERM.
pub(crate) async fn ended() {
    #[cfg(unix)]
    {
        let kind = tokio::signal::unix::SignalKind::terminate();
        match tokio::signal::unix::signal(kind) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = terminated.recv() => {}
                    () = interrupted() => {}
                }
                return;
            }
            Err(error) => output::note(format!("cannot wait for SIGTERM: {error}")),
        }
    }
    interrupted().await;
}

/// Waits for Ctrl-C. If the signal cannot be caught, it ends the program in the usual way.
async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        output::note(format!("cannot wait for Ctrl-C: {error}"));
        std::future::pending::<()>().await;
    }
}
