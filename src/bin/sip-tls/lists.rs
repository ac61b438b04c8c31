//! Formats the dates of revocation lists.
//!
//! A list that has expired or cannot be read is red: with it, peers are refused.

use crate::date;
use crate::output::red;

/// Formats the day on which a list was made.
pub(crate) fn made(this_update: Option<i64>) -> String {
    this_update.map_or_else(|| red("unreadable"), date::day)
}

/// Formats the day until which a list is valid.
pub(crate) fn next_update(next_update: Option<i64>) -> String {
    match next_update {
        None => "not stated".to_owned(),
        Some(next) => {
            let text = format!("{}, {}", date::day(next), date::in_days(next));
            match date::is_past(next) {
                true => red(&text),
                false => text,
            }
        }
    }
}
