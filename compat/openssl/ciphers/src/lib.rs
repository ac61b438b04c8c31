//! What the comparison and the benchmark of cipher strings share.

pub mod bench;
pub mod compare;
pub mod corpus;
pub mod grammar;
pub mod live;
