//! The curve P-521 (secp521r1), of which the base providers support little or nothing.

mod exchange;
mod sign;

pub(super) use exchange::group;
pub(super) use sign::load;
