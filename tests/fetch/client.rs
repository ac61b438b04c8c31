//! An HTTP client that the application supplies.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sip_tls::{CrlFetch, FetchError, FetchLimits, HttpClient};

use super::{URL, error};

/// An HTTP client that answers with a list, or with an error.
#[derive(Debug, Default)]
struct Fake {
    list: Option<Vec<u8>>,
    asked: Mutex<Vec<String>>,
}

impl HttpClient for Fake {
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: &'a FetchLimits,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>> {
        self.asked.lock().unwrap().push(format!(
            "{url} {} {} {:?} {} {}",
            limits.max_size(),
            limits.max_redirects(),
            limits.timeout(),
            limits.is_allowed([127, 0, 0, 1].into()),
            limits.is_allowed([127, 0, 0, 2].into()),
        ));
        limits.tell_progress(url, 1, Some(2));
        Box::pin(async {
            match &self.list {
                Some(list) if list.is_empty() => Err(FetchError::Io(io::Error::other("no proxy"))),
                Some(list) => Ok(list.clone()),
                None => std::future::pending().await,
            }
        })
    }
}

fn fetch(list: Option<&[u8]>) -> (CrlFetch, Arc<Fake>) {
    let fake = Arc::new(Fake {
        list: list.map(<[u8]>::to_vec),
        ..Fake::default()
    });
    let fetch = CrlFetch::new()
        .client(fake.clone())
        .allow("127.0.0.1/32".parse().unwrap())
        .timeout(Duration::from_millis(200))
        .max_redirects(3)
        .max_size(4);
    (fetch, fake)
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_of_the_program_gets_the_limits_and_fetches() {
    let (fetch, fake) = fetch(Some(b"list"));
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = told.clone();
    let fetch = fetch.progress(move |progress| {
        let line = format!("{} {:?}", progress.received(), progress.total());
        log.lock().unwrap().push(line);
    });
    assert_eq!(fetch.fetch(URL).await.unwrap(), b"list");
    let asked = fake.asked.lock().unwrap().clone();
    assert_eq!(asked, [format!("{URL} 4 3 200ms true false")]);
    assert_eq!(*told.lock().unwrap(), ["1 Some(2)"]);
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_of_the_program_is_held_to_time_and_size() {
    let (slow, _) = fetch(None);
    let error_of_slow = error(&slow, URL).await;
    assert!(
        matches!(error_of_slow, FetchError::TimedOut { .. }),
        "{error_of_slow}"
    );
    let (long, _) = fetch(Some(b"longer"));
    let error_of_long = error(&long, URL).await;
    assert!(
        matches!(error_of_long, FetchError::TooLarge { limit: 4, .. }),
        "{error_of_long}"
    );
    let (failing, _) = fetch(Some(b""));
    assert_eq!(error(&failing, URL).await.to_string(), "no proxy");
}

#[tokio::test(crate = "crate::in_time")]
async fn a_client_of_the_program_is_asked_for_urls_of_http_only() {
    let (fetch, fake) = fetch(Some(b"list"));
    let refused = error(&fetch, "https://crl.example.com/").await;
    assert!(matches!(refused, FetchError::Url { .. }), "{refused}");
    assert!(fake.asked.lock().unwrap().is_empty());
}

#[test]
fn settings_print_no_lists_and_are_the_defaults_that_are_documented() {
    let printed = format!("{:?}", CrlFetch::new());
    for part in ["max_size: 67108864", "max_redirects: 5", "timeout: 30s"] {
        assert!(printed.contains(part), "{printed}");
    }
}
