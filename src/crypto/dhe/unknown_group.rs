//! A server's Diffie-Hellman group that rustls does not know.
//!
//! OpenSSL servers with `SSL_CTX_set_tmp_dh(3)` or a file of DH parameters may have such groups.
//! The text goes into the error of a connection.

use rustls::{Error, PeerMisbehaved, SupportedCipherSuite};

use crate::crypto::suites::is_dhe;

/// Explains the error of a client whose server chose such a group, and says what would help.
///
/// `offered` are the suites of the client. Returns `None` for any other error.
pub(crate) fn explain_unknown_group(
    error: &Error,
    offered: &[SupportedCipherSuite],
) -> Option<&'static str> {
    let unknown_group = Error::from(PeerMisbehaved::SelectedUnofferedKxGroup);
    (*error == unknown_group && offered.iter().any(is_dhe)).then_some(
        "the server uses a Diffie-Hellman group of its own, and rustls accepts only those of RFC 7919 \
         and RFC 3526; let the server use ECDHE, or a group such as ffdhe2048; or remove DHE from `cipher-list` \
         with `:!DHE`",
    )
}

#[cfg(test)]
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod tests {
    use super::*;
    use crate::crypto::{client_provider, default_base, order};

    #[test]
    fn an_unknown_dhe_group_is_explained_and_nothing_else() {
        let suites = client_provider(&default_base().unwrap()).cipher_suites;
        let (dhe, ecdhe) = (order::find(&suites, 0x009e), order::find(&suites, 0xc02f));
        let error = Error::from(PeerMisbehaved::SelectedUnofferedKxGroup);
        let (dhe, ecdhe) = (dhe.as_slice(), ecdhe.as_slice());
        let explanation = explain_unknown_group(&error, dhe).unwrap();
        assert!(explanation.contains("let the server use ECDHE"));
        assert_eq!(explain_unknown_group(&error, ecdhe), None);
        assert_eq!(explain_unknown_group(&error, &[]), None);
        assert_eq!(explain_unknown_group(&Error::DecryptError, dhe), None);
    }
}
