use crate::failure::{Exit, Failure};
pub(crate) fn run(_: lexopt::Parser) -> Result<Exit, Failure> {
    Ok(Exit::Done)
}
