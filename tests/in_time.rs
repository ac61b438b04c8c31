//! The runtime of async tests, which have a time limit: `#[tokio::test(crate = "crate::in_time")]`.
//!
//! The attribute takes the runtime from the crate that it names. Here is what it uses.

pub(crate) use tokio::pin;

pub(crate) mod runtime {
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::time::Duration;
    use std::{env, io, thread};

    use tokio::sync::oneshot;

    /// As tokio's, but what it builds has a time limit.
    pub(crate) struct Builder(tokio::runtime::Builder);

    impl Builder {
        pub(crate) fn new_current_thread() -> Self {
            Self(tokio::runtime::Builder::new_current_thread())
        }

        pub(crate) fn new_multi_thread() -> Self {
            Self(tokio::runtime::Builder::new_multi_thread())
        }

        pub(crate) fn worker_threads(mut self, count: usize) -> Self {
            self.0.worker_threads(count);
            self
        }

        pub(crate) fn start_paused(mut self, is_paused: bool) -> Self {
            self.0.start_paused(is_paused);
            self
        }

        pub(crate) fn enable_all(mut self) -> Self {
            self.0.enable_all();
            self
        }

        pub(crate) fn build(mut self) -> io::Result<Runtime> {
            Ok(Runtime(Some(self.0.build()?)))
        }
    }

    /// As tokio's, but nothing runs on it for ever.
    pub(crate) struct Runtime(Option<tokio::runtime::Runtime>);

    impl Runtime {
        pub(crate) fn new() -> io::Result<Self> {
            Builder::new_multi_thread().enable_all().build()
        }

        #[track_caller]
        pub(crate) fn block_on<T>(&self, test: impl Future<Output = T>) -> T {
            let limit = limit();
            let (done, is_done) = mpsc::channel::<()>();
            let (late, is_late) = oneshot::channel();
            // The clock of tokio stands still in some tests.
            thread::spawn(move || {
                if is_done.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                    let _ = late.send(());
                }
            });
            let in_time = async {
                tokio::select! {
                    biased;
                    outcome = test => Some(outcome),
                    Ok(()) = is_late => None,
                }
            };
            let outcome = self.0.as_ref().unwrap().block_on(in_time);
            drop(done);
            match outcome {
                Some(outcome) => outcome,
                None => panic!("no end in {} seconds", limit.as_secs()),
            }
        }
    }

    impl Drop for Runtime {
        fn drop(&mut self) {
            // tokio waits for blocking work without a limit.
            let runtime = self.0.take();
            let (sender, is_gone) = mpsc::channel::<()>();
            thread::spawn(move || {
                drop(runtime);
                drop(sender);
            });
            let _ = is_gone.recv_timeout(limit());
        }
    }

    /// A time that no test takes, even on a busy machine.
    fn limit() -> Duration {
        match env::var_os("SIP_TLS_FULL_LOAD") {
            Some(_) => Duration::from_secs(1800),
            None => Duration::from_secs(120),
        }
    }
}
