//! The transport without rvoip's transactions: what it does with connections.

mod connections;
mod ends;
mod failures;
