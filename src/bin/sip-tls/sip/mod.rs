//! SIP over a stream: as much of it as an OPTIONS request and its answer take.

mod answer;
mod framing;
mod head;
mod options;

pub(crate) use answer::{Answer, answer};
pub(crate) use framing::{Frame, Framer, FramingError};
pub(crate) use options::OptionsRequest;
