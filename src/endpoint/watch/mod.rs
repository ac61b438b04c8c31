//! A thread that reloads an endpoint when its files change.
//!
//! The system's notices only wake the thread up. Whether something has changed is decided by comparing fingerprints of
//! the files, before and after reading. So a notice that is lost costs a minute, and a file that is written in pieces
//! is not used half.

mod files;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use notify::{Event, EventHandler, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Endpoint;
use crate::error::Error;
use crate::report;

pub(super) use files::Fingerprint;

impl Endpoint {
    /// Reloads the endpoint whenever a file of its options changes, until the [`Watcher`] is dropped.
    ///
    /// The folders of the files are watched, and those of links on the way to them, so that files may be written,
    /// renamed or linked again, as by Kubernetes and certbot. The files are also checked once a minute, since network
    /// file systems report no changes.
    ///
    /// Files are read when they have not changed for half a second. Often they change one after the other. While a
    /// key does not match its certificate, or a file is incomplete, the endpoint continues with the old files. It
    /// tries again at the next change and from time to time. A file in a folder that cannot be read is left out, as
    /// by OpenSSL, but only when nothing has changed for ten seconds. A file of several blocks should be written
    /// under another name and then renamed: a partly written file may be valid, and would be used.
    ///
    /// `told` is called in the watcher's thread: after each reload with the generation, and after each failed reload
    /// with the reason, unless the reason is the same as before. If everything is in memory, there is nothing to
    /// watch, and `told` is never called.
    ///
    /// # Errors
    ///
    /// - A folder cannot be watched, because the system has no more watches for example.
    /// - No more threads can be created.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(endpoint: &sip_tls::Endpoint) -> Result<sip_tls::Watcher, sip_tls::Error> {
    /// let watcher = endpoint.watch(|reload| match reload {
    ///     Ok(generation) => println!("generation {generation} is in use"),
    ///     Err(error) => eprintln!("the old files stay in use: {error}"),
    /// })?;
    /// # Ok(watcher)
    /// # }
    /// ```
    pub fn watch(
        &self,
        told: impl Fn(&Result<u64, Error>) + Send + 'static,
    ) -> Result<Watcher, Error> {
        let (sender, receiver) = mpsc::channel();
        let folders = Folders::new(Notice(sender.clone()))?;
        let mut watch = Watch {
            endpoint: self.clone(),
            told: Box::new(told),
            receiver,
            folders,
            failure: None,
        };
        watch.folders.follow(files::folders(&self.options()))?;
        thread::Builder::new()
            .name("sip-tls watch".to_owned())
            .spawn(move || watch.run())
            .map_err(|source| Error::Watch { path: None, source })?;
        Ok(Watcher(sender))
    }
}

/// Watches the files of an [`Endpoint`] until it is dropped. A reload that has begun before continues.
#[must_use = "the files are watched until this is dropped"]
#[derive(Debug)]
pub struct Watcher(Sender<Message>);

impl Drop for Watcher {
    fn drop(&mut self) {
        // It does not matter if the thread is gone already.
        let _ = self.0.send(Message::Stop);
    }
}

/// What wakes the thread up.
enum Message {
    Changed,
    Stop,
}

trait Told: Fn(&Result<u64, Error>) + Send {}

impl<F: Fn(&Result<u64, Error>) + Send> Told for F {}

/// The state of the thread.
struct Watch {
    endpoint: Endpoint,
    told: Box<dyn Told>,
    receiver: Receiver<Message>,
    folders: Folders,
    failure: Option<Failure>,
}

/// The last reload, if it was not successful.
struct Failure {
    files: Fingerprint,
    since: Instant,
    /// `None` if the reload is only postponed.
    reason: Option<String>,
    pause: Duration,
    /// When the reload is tried again without a change.
    again: Instant,
}

/// The watcher was dropped.
struct Stopped;

impl Watch {
    fn run(mut self) {
        while self.round().is_ok() {}
    }

    /// Waits for a change, and reloads if there is one.
    fn round(&mut self) -> Result<(), Stopped> {
        let left = |failure: &Failure| failure.again.saturating_duration_since(Instant::now());
        let pause = self.failure.as_ref().map_or(LOOK, left);
        let is_told = match self.receiver.recv_timeout(pause) {
            Ok(Message::Changed) => true,
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return Err(Stopped),
            Err(RecvTimeoutError::Timeout) => false,
        };
        let is_due = self
            .failure
            .as_ref()
            .is_some_and(|failure| left(failure).is_zero());
        let now = Fingerprint::of(&self.endpoint.options());
        let known = match &self.failure {
            Some(failure) => failure.files == now,
            None => self.endpoint.is_read_from(&now),
        };
        if !known || is_due {
            let still = self.wait_until_still(now)?;
            self.reload(still);
        }
        if is_told || !known {
            self.follow();
        }
        Ok(())
    }

    /// Waits until the files have not changed for a while, and returns their fingerprint.
    fn wait_until_still(&mut self, mut files: Fingerprint) -> Result<Fingerprint, Stopped> {
        loop {
            let end = Instant::now() + STILL;
            while let Some(left) = end.checked_duration_since(Instant::now()) {
                match self.receiver.recv_timeout(left) {
                    Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return Err(Stopped),
                    Ok(Message::Changed) | Err(RecvTimeoutError::Timeout) => {}
                }
            }
            let now = Fingerprint::of(&self.endpoint.options());
            if now == files {
                return Ok(files);
            }
            files = now;
        }
    }

    /// Reloads, and tells of it. A failure is told only once, however often it is tried again.
    fn reload(&mut self, files: Fingerprint) {
        let since = match &self.failure {
            Some(failure) if failure.files == files => failure.since,
            _ => Instant::now(),
        };
        let may_leave_out = since.elapsed() >= LEAVE_OUT;
        let result = match self.endpoint.reload_watched(may_leave_out) {
            Ok(Some(generation)) => Ok(generation),
            Ok(None) => return self.wait_on(files, since, None),
            Err(error) => Err(error),
        };
        let reason = result.as_ref().err().map(|error| report::chain(error));
        let is_news = match (&self.failure, &reason) {
            (Some(failure), Some(_)) => failure.reason != reason,
            _ => true,
        };
        match &reason {
            Some(reason) if is_news => tracing::warn!("not reloaded: {reason}"),
            Some(_) => {}
            None => self.failure = None,
        }
        if reason.is_some() {
            self.wait_on(files, since, reason);
        }
        if is_news {
            (self.told)(&result);
        }
    }

    /// Notes that these files could not be used. The pause until the next try doubles as long as they stay the same.
    fn wait_on(&mut self, files: Fingerprint, since: Instant, reason: Option<String>) {
        let longer = |failure: &Failure| (failure.pause * 2).min(LOOK);
        let same = self
            .failure
            .as_ref()
            .filter(|failure| failure.files == files);
        let reported = self
            .failure
            .as_ref()
            .and_then(|failure| failure.reason.clone());
        let pause = same.map_or(FIRST_PAUSE, longer);
        self.failure = Some(Failure {
            pause,
            again: Instant::now() + pause,
            files,
            since,
            reason: reason.or(reported),
        });
    }

    /// Watches other folders if links lead elsewhere now, or the options have changed.
    fn follow(&mut self) {
        let folders = files::folders(&self.endpoint.options());
        if let Err(error) = self.folders.follow(folders) {
            tracing::warn!("{}", report::chain(&error));
        }
    }
}

/// The folders that are watched.
struct Folders {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
}

impl Folders {
    fn new(notice: Notice) -> Result<Self, Error> {
        let watcher = notify::recommended_watcher(notice).map_err(|error| failed(None, error))?;
        Ok(Self {
            watcher,
            watched: BTreeSet::new(),
        })
    }

    /// Watches these folders and no others. A folder that was replaced by another one of the same name is watched
    /// again.
    fn follow(&mut self, folders: BTreeSet<PathBuf>) -> Result<(), Error> {
        for gone in self.watched.difference(&folders) {
            // It may have been deleted.
            let _ = self.watcher.unwatch(gone);
        }
        self.watched.clear();
        for folder in folders {
            let result = self.watcher.watch(&folder, RecursiveMode::NonRecursive);
            result.map_err(|error| failed(Some(folder.clone()), error))?;
            self.watched.insert(folder);
        }
        Ok(())
    }
}

/// The error of the library, as that of this crate.
fn failed(path: Option<PathBuf>, error: notify::Error) -> Error {
    let source = match error.kind {
        notify::ErrorKind::Io(error) => error,
        _ => io::Error::other(error),
    };
    Error::Watch { path, source }
}

/// Reports changes to the thread. Access is not reported, because we read the files ourselves.
struct Notice(Sender<Message>);

impl EventHandler for Notice {
    fn handle_event(&mut self, event: notify::Result<Event>) {
        if event.is_ok_and(|event| event.kind.is_access() && !event.need_rescan()) {
            return;
        }
        // If the thread is gone, the watch ends soon, too.
        let _ = self.0.send(Message::Changed);
    }
}

/// How long files must stay unchanged before they are read.
const STILL: Duration = Duration::from_millis(500);

/// How long nothing may have changed before a file of a folder that cannot be read is left out.
const LEAVE_OUT: Duration = Duration::from_secs(10);

/// The maximum time until files are checked again.
const LOOK: Duration = Duration::from_secs(60);

/// The time until unusable files are read again. It doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
