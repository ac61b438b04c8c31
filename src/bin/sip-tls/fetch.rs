//! How revocation lists are fetched.
//!
//! The arguments that most commands share, and the bars that show how far a long list has come.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use ipnet::IpNet;
use sip_tls::{CrlFetch, FetchProgress};

use crate::network::network;
use crate::output::printable;

#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct FetchArgs {
    /// Keep fetched revocation lists in this folder; defaults to `sip-tls/crl` in the user's cache
    /// folder (on Linux `$XDG_CACHE_HOME` or `~/.cache`)
    #[arg(long, value_name = "DIR")]
    crl_cache: Option<PathBuf>,
    /// Also fetch revocation lists from this network, such as 127.0.0.0/8; repeatable
    #[arg(long, value_name = "NETWORK", value_parser = network)]
    crl_allow: Vec<IpNet>,
}

impl FetchArgs {
    /// The settings of the library, with a progress bar for each list.
    pub(crate) fn fetch(&self) -> CrlFetch {
        let bars = Bars::default();
        let fetch = CrlFetch::new().progress(move |progress| bars.tell(progress));
        let fetch = match &self.crl_cache {
            Some(folder) => fetch.cache(folder),
            None => fetch,
        };
        let nets = self.crl_allow.iter().copied();
        nets.fold(fetch, CrlFetch::allow)
    }
}

/// The progress bars of long lists, on a terminal.
#[derive(Default)]
struct Bars(Mutex<HashMap<String, ProgressBar>>);

impl Bars {
    /// Shows how far a list has come. The bar of a list that is complete is removed, and so is one whose fetch begins
    /// anew.
    fn tell(&self, progress: &FetchProgress<'_>) {
        let (received, total) = (progress.received(), progress.total());
        // The map is always consistent: a panic elsewhere cannot leave it half changed.
        let mut bars = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if total == Some(received) || received == 0 {
            bars.remove(progress.url());
        }
        if total.unwrap_or(received) <= SHORT || total == Some(received) {
            return;
        }
        let bar = bars
            .entry(progress.url().to_owned())
            .or_insert_with(|| bar(progress.url(), total));
        bar.set_position(received);
    }
}

/// Makes a progress bar. It is drawn on stderr if that is a terminal, and disappears when it is dropped.
fn bar(url: &str, total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{msg} {bar:20} {bytes} of {total_bytes}",
        ),
        None => (ProgressBar::no_length(), "{msg} {bytes}"),
    };
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style)
        .with_message(printable(url))
        .with_finish(ProgressFinish::AndClear)
}

/// The most bytes of a list that gets no progress bar.
const SHORT: u64 = 1 << 20;
