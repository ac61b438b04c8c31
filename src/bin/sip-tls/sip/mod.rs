//! SIP over a stream, as far as OPTIONS and REGISTER requests and their answers need it.
//!
//! It is not a SIP stack: there are no transactions beyond one request and its answer, no dialogs and no UDP. Messages
//! are parsed and printed by ezk-sip-types; what comes from the network goes through `framing` and `head`, which bound
//! it.

mod answer;
mod digest;
mod exchange;
mod framing;
mod head;
mod options;
mod register;
mod request;

use sip_tls::Endpoint;

pub(crate) use answer::{Answer, Answering, Methods, answer, refuse};
pub(crate) use digest::{AuthError, Authenticator, Password};
pub(crate) use exchange::{ExchangeError, exchange, send};
pub(crate) use framing::{Frame, Framer, FramingError, PING, PONG};
pub(crate) use head::Head;
pub(crate) use options::options;
pub(crate) use register::{Binding, Granted, Registration, min_expires, register_uri, retry_after};
pub(crate) use request::{Party, Request};

/// Makes letters and digits that nobody can guess, for branches and tags.
pub(crate) fn token(endpoint: &Endpoint) -> String {
    let bytes: [u8; 24] = random(endpoint);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a random number from 0 to 1.
pub(crate) fn chance(endpoint: &Endpoint) -> f64 {
    f64::from(u32::from_be_bytes(random(endpoint))) / f64::from(u32::MAX)
}

/// Makes the identifier of an instance: a random UUID ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-5.4)).
pub(crate) fn uuid(endpoint: &Endpoint) -> String {
    let mut bytes: [u8; 16] = random(endpoint);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
    parts.join("-")
}

/// Makes bytes that nobody can guess.
fn random<const N: usize>(endpoint: &Endpoint) -> [u8; N] {
    let mut bytes = [0; N];
    let config = endpoint.client_config();
    let random = config.crypto_provider().secure_random;
    // Without random numbers there would be no TLS connection for the message.
    let _ = random.fill(&mut bytes);
    bytes
}
