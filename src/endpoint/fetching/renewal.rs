//! The renewal of a list before it expires.
//!
//! There is one task for each list. It sleeps until the moment that the record chose, and asks for a fetch like a
//! connection would. If the list expires because no fetch succeeds, the task ends, and the next connection asks.

use std::sync::Weak;
use std::time::Duration;

use super::Progress;
use crate::endpoint::state::Shared;
use crate::verify::WantedList;

/// Fetches a list again each time before it expires, until the endpoint ends or the list has expired.
pub(super) async fn run(shared: Weak<Shared>, wanted: WantedList) {
    loop {
        let Some(wait) = until_next(&shared, &wanted) else {
            return;
        };
        if !wait.is_zero() {
            // The clock may be set, and the timer does not run while the machine sleeps.
            tokio::time::sleep(wait.min(LONGEST_SLEEP)).await;
            continue;
        }
        let Some(progress) = shared.upgrade().and_then(|shared| shared.renew(&wanted)) else {
            return;
        };
        if let Progress::Flying(_) = progress {
            // The next wait depends on the result.
            let _ = progress.end(&wanted).await;
        } else {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// `None` if there is nothing more to do.
fn until_next(shared: &Weak<Shared>, wanted: &WantedList) -> Option<Duration> {
    let shared = shared.upgrade()?;
    let now = shared.seconds()?;
    let mut records = shared.fetching.records();
    records.known(wanted)?.until_renewal(now)
}

const LONGEST_SLEEP: Duration = Duration::from_secs(3600);
/// After a renewal that could not begin.
const PAUSE: Duration = Duration::from_secs(10);
