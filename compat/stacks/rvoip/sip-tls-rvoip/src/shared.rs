//! State that the tasks of a transport share.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rvoip_sip_transport::TransportEvent;
use sip_tls::Endpoint;
use sip_tls::verify::Direction;
use tokio::sync::{broadcast, mpsc, watch};

use crate::builder::{Bounds, Tellers};
use crate::failure::Failure;
use crate::pool::Pool;

pub(crate) struct Shared {
    pub(crate) endpoint: Endpoint,
    pub(crate) local: SocketAddr,
    pub(crate) bounds: Bounds,
    pub(crate) events: mpsc::Sender<TransportEvent>,
    pub(crate) failures: broadcast::Sender<Arc<Failure>>,
    pub(crate) tellers: Tellers,
    last: Mutex<VecDeque<Arc<Failure>>>,
    pool: Mutex<Pool>,
    closed: watch::Sender<bool>,
}

impl Shared {
    pub(crate) fn new(
        endpoint: Endpoint,
        local: SocketAddr,
        bounds: Bounds,
        events: mpsc::Sender<TransportEvent>,
        tellers: Tellers,
    ) -> Self {
        Self {
            endpoint,
            local,
            bounds,
            events,
            failures: broadcast::Sender::new(MOST),
            tellers,
            last: Mutex::default(),
            pool: Mutex::default(),
            closed: watch::Sender::new(false),
        }
    }

    /// Reports a failure to the log, the application and rvoip.
    pub(crate) fn tell(&self, failure: Failure) -> Arc<Failure> {
        // Scanners cause failures all the time.
        match failure.direction {
            Direction::Incoming => tracing::debug!("{failure}"),
            Direction::Outgoing => tracing::warn!("{failure}"),
        }
        (self.tellers.failure)(&failure);
        let failure = Arc::new(failure);
        let error = failure.to_string();
        // If there is no room, the event is dropped: rvoip ignores it anyway.
        let _ = self.events.try_send(TransportEvent::Error { error });
        if failure.direction == Direction::Outgoing {
            self.note(failure.clone());
        }
        let _ = self.failures.send(failure.clone());
        failure
    }

    fn note(&self, failure: Arc<Failure>) {
        let mut last = lock(&self.last);
        last.retain(|known| known.peer != failure.peer);
        if last.len() == MOST {
            last.pop_front();
        }
        last.push_back(failure);
    }

    pub(crate) fn forget_failure(&self, destination: SocketAddr) {
        lock(&self.last).retain(|known| known.peer != Some(destination));
    }

    pub(crate) fn last_failure(&self, destination: SocketAddr) -> Option<Arc<Failure>> {
        let last = lock(&self.last);
        let known = last.iter().find(|known| known.peer == Some(destination));
        known.cloned()
    }

    pub(crate) fn pool(&self) -> MutexGuard<'_, Pool> {
        lock(&self.pool)
    }

    pub(crate) fn close(&self) -> bool {
        !self.closed.send_replace(true)
    }

    pub(crate) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Waits until the transport is closed.
    pub(crate) fn closing(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut closed = self.closed.subscribe();
        async move {
            // If the sender was dropped, the transport no longer exists.
            let _ = closed.wait_for(|closed| *closed).await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of failures that are kept for later questions.
const MOST: usize = 64;
