//! The next expiry, and the warnings about it.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::{Folder, builder};
use crate::endpoint::in_memory::{AFTER, BEFORE, Clock, VERSIONS, peer_client, shake};
use crate::endpoint::test_pki::HOST;

const END_OF_2030: i64 = 1_924_992_000;
const END_OF_2089: i64 = 3_786_912_000;

#[test]
fn the_first_of_what_is_still_good_runs_out_next() {
    let folder = Folder::of("expiry", "good-in-2030", "until-2031.crl");
    let clock = Clock::at(BEFORE);
    let builder = builder(&folder.settings(&[])).time_provider(Arc::new(clock.clone()));
    let endpoint = builder.build().unwrap();

    let next = endpoint.next_expiry().unwrap();
    assert_eq!((next.option(), next.is_list()), ("certificate", false));
    assert_eq!(next.subject(), "CN = good-in-2030");
    assert_eq!(next.origin().path(), Some(&*folder.path("own.pem")));
    assert_eq!(next.seconds(), END_OF_2030);
    let since = next.time().unwrap().duration_since(std::time::UNIX_EPOCH);
    assert_eq!(since.unwrap().as_secs(), END_OF_2030 as u64);

    folder.identify("good");
    endpoint.reload().unwrap();
    let next = endpoint.next_expiry().unwrap();
    assert_eq!((next.option(), next.is_list()), ("tls-crl", true));
    assert_eq!(next.subject(), "CN = Test Intermediate");
    assert_eq!(next.origin().path(), Some(&*folder.path("ca.crl")));
    assert_eq!(
        next.to_string(),
        format!(
            "the revocation list of CN = Test Intermediate in {} (`tls-crl`)",
            folder.path("ca.crl").display()
        )
    );

    // What has expired is not the next expiry.
    clock.set(AFTER);
    assert_eq!(endpoint.next_expiry().unwrap().seconds(), END_OF_2089);
    // Neither is a list that a later list replaces.
    clock.set(BEFORE);
    let both = ["until-2031.crl", "older.crl"];
    let both = both.map(|list| std::fs::read(crate::endpoint::test_pki::TestPki::get().path(list)));
    folder.write("ca.crl", &both.map(Result::unwrap).concat());
    endpoint.reload().unwrap();
    assert_eq!(endpoint.next_expiry().unwrap().seconds(), END_OF_2089);
    // An expired CA among others does not count.
    let cas = ["expired-root.pem", "root.pem"];
    let cas = cas.map(|ca| std::fs::read(crate::endpoint::test_pki::TestPki::get().path(ca)));
    folder.write("ca.pem", &cas.map(Result::unwrap).concat());
    endpoint.reload().unwrap();
    assert_eq!(endpoint.next_expiry().unwrap().seconds(), END_OF_2089);
}

#[test]
fn nothing_runs_out_where_nothing_says_a_date() {
    let endpoint = crate::endpoint::settings::endpoint(&[("trusted-ca", "webpki-roots")]);
    assert_eq!(endpoint.next_expiry(), None);
}

#[test]
fn the_log_is_warned_in_advance_and_once_when_it_happens() {
    let warnings = Warnings::default();
    // With a single subscriber, tracing asks only the thread that logs an event first, and may turn the event off for
    // good.
    let _second = tracing::Dispatch::new(Warnings::default());
    tracing::subscriber::with_default(warnings.clone(), || {
        let folder = Folder::of("expiry-log", "good-in-2030", "until-2031.crl");
        let clock = Clock::at(BEFORE - 8 * 24 * 3600);
        let builder = builder(&folder.settings(&[])).time_provider(Arc::new(clock.clone()));
        let endpoint = builder.build().unwrap();
        warnings.assert(&[("CN = good-in-2030", "expires soon")]);
        clock.set(BEFORE);
        endpoint.reload().unwrap();
        let both = [
            ("CN = good-in-2030", "expires soon"),
            ("CN = Test Intermediate", "expires soon"),
        ];
        warnings.assert(&both);

        let server = endpoint.server_config().unwrap();
        clock.set(AFTER);
        let in_use = both.map(|(subject, _)| (subject, "has expired while in use"));
        for expected in [&in_use[..], &[]] {
            for version in VERSIONS {
                shake(&peer_client(None, &[version]), &server, HOST);
            }
            warnings.assert(expected);
        }
        endpoint.reload().unwrap();
        warnings.assert(&both.map(|(subject, _)| (subject, "has expired")));
    });
}

/// The warnings about expiry that were logged.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Warnings {
    /// Takes the warnings, and compares a part and the end of each.
    #[track_caller]
    fn assert(&self, expected: &[(&str, &str)]) {
        let mut found = std::mem::take(&mut *self.0.lock().unwrap());
        found.sort_by_key(|text| !text.contains("certificate"));
        let fits = |(text, (part, end)): (&String, &(&str, &str))| {
            text.contains(part) && text.ends_with(end)
        };
        let all = found.len() == expected.len() && found.iter().zip(expected).all(fits);
        assert!(all, "{found:#?}");
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN && metadata.target().ends_with("expiry")
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Message(&self.0));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Message<'a>(&'a Mutex<Vec<String>>);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}
