//! What callers add to an endpoint, and no option can say.

mod key_log;
