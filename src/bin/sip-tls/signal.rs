//! The signals that end the program.

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

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        output::note(format!("cannot wait for Ctrl-C: {error}"));
        std::future::pending::<()>().await;
    }
}
