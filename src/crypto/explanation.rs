//! What stands behind errors that rustls words in general terms.

use rustls::{Error, PeerMisbehaved, SupportedCipherSuite};

use super::suites::is_dhe;

/// Says what a client's handshake failed of and what would help, where rustls' own error does not.
///
/// `offered` are the suites of the client.
pub fn explain_client_error(
    error: &Error,
    offered: &[SupportedCipherSuite],
) -> Option<&'static str> {
    let unknown_group = Error::from(PeerMisbehaved::SelectedUnofferedKxGroup);
    (*error == unknown_group && offered.iter().any(is_dhe)).then_some(
        "the server's Diffie-Hellman group is of its own making, and rustls takes only groups it \
         knows beforehand: those of RFC 7919 and RFC 3526; let the server use ECDHE, or a group \
         such as ffdhe2048",
    )
}

#[cfg(all(
    test,
    any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
))]
mod tests {
    use super::*;
    use crate::crypto::{client_provider, default_base, order};

    #[test]
    fn an_unknown_dhe_group_is_explained_and_nothing_else() {
        let suites = client_provider(&default_base().unwrap()).cipher_suites;
        let (dhe, ecdhe) = (order::find(&suites, 0x009e), order::find(&suites, 0xc02f));
        let error = Error::from(PeerMisbehaved::SelectedUnofferedKxGroup);
        let (dhe, ecdhe) = (dhe.as_slice(), ecdhe.as_slice());
        let explanation = explain_client_error(&error, dhe).unwrap();
        assert!(explanation.contains("let the server use ECDHE"));
        assert_eq!(explain_client_error(&error, ecdhe), None);
        assert_eq!(explain_client_error(&error, &[]), None);
        assert_eq!(explain_client_error(&Error::DecryptError, dhe), None);
    }
}
