//! What the comparison of cipher strings and the bench share.

pub mod compare;
pub mod corpus;
pub mod grammar;
pub mod live;
