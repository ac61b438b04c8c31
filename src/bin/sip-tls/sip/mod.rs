//! SIP over a stream: as much of it as an OPTIONS request and its answer take.

mod answer;
mod exchange;
mod framing;
mod head;
mod options;

use sip_tls::Endpoint;

pub(crate) use answer::{Answer, answer, refuse};
pub(crate) use exchange::{Answering, ExchangeError, exchange};
pub(crate) use framing::{Frame, Framer, FramingError, PONG};
pub(crate) use options::OptionsRequest;

/// Makes letters and digits that nobody can guess, for branches and tags.
pub(crate) fn token(endpoint: &Endpoint) -> String {
    let mut bytes = [0; 24];
    let config = endpoint.client_config();
    let random = config.crypto_provider().secure_random;
    // Without random numbers there would be no TLS connection to put the message on.
    let _ = random.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
