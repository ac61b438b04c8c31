//! A source of lists whose answers a test sets.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::fetch::{FetchError, Kept, Source};

/// What is at each URL, what is kept, and which URLs were fetched.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    lists: Mutex<HashMap<String, Vec<u8>>>,
    kept: Mutex<HashMap<String, Vec<u8>>>,
    gets: Mutex<Vec<String>>,
    /// How long an answer takes.
    delay: Mutex<Duration>,
}

impl Shelf {
    pub(super) fn with(url: &str, list: Vec<u8>) -> Arc<Self> {
        let shelf = Self::default();
        shelf.put(url, list);
        Arc::new(shelf)
    }

    pub(super) fn put(&self, url: &str, list: Vec<u8>) {
        self.lists.lock().unwrap().insert(url.to_owned(), list);
    }

    pub(super) fn remove(&self, url: &str) {
        self.lists.lock().unwrap().remove(url);
    }

    pub(super) fn put_kept(&self, url: &str, list: Vec<u8>) {
        self.kept.lock().unwrap().insert(url.to_owned(), list);
    }

    pub(super) fn is_kept(&self, url: &str, list: &[u8]) -> bool {
        self.kept
            .lock()
            .unwrap()
            .get(url)
            .is_some_and(|kept| kept == list)
    }

    pub(super) fn keeps_nothing(&self) -> bool {
        self.kept.lock().unwrap().is_empty()
    }

    pub(super) fn delay(&self, delay: Duration) {
        *self.delay.lock().unwrap() = delay;
    }

    pub(super) fn gets(&self) -> Vec<String> {
        self.gets.lock().unwrap().clone()
    }
}

impl Source for Shelf {
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>> {
        self.gets.lock().unwrap().push(url.to_owned());
        let delay = *self.delay.lock().unwrap();
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            let list = self.lists.lock().unwrap().get(url).cloned();
            list.ok_or(FetchError::Status { code: 404 })
        })
    }

    fn kept(&self, url: &str) -> Option<Kept> {
        let der = self.kept.lock().unwrap().get(url).cloned()?;
        let fetched = SystemTime::UNIX_EPOCH;
        Some(Kept { der, fetched })
    }

    fn keep(&self, url: &str, der: &[u8]) -> io::Result<()> {
        self.put_kept(url, der.to_vec());
        Ok(())
    }
}
