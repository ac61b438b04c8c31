//! Tests of the transport's connections, without rvoip's transactions.

mod connections;
mod ends;
mod failures;
