//! What a peer's certificate has to be good for: OpenSSL's purposes `sslclient` and `sslserver`
//! (`X509_check_purpose(3)`).

/// Whose certificate is verified.
///
/// The purpose decides which key usages and extended key usages a certificate needs, for CAs as well as for the end
/// entity, and which trust settings of a `TRUSTED CERTIFICATE` block count. It is about the peer: our client verifies
/// with [`Server`](Self::Server).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Purpose {
    /// A client's, by our server (`openssl verify -purpose sslclient`).
    Client,
    /// A server's, by our client (`openssl verify -purpose sslserver`).
    Server,
}

impl Purpose {
    /// The content octets of id-kp-clientAuth or id-kp-serverAuth.
    ///
    /// Trust settings of OpenSSL name purposes by these object identifiers.
    pub(crate) fn key_purpose(self) -> &'static [u8] {
        match self {
            Self::Client => &[0x2b, 6, 1, 5, 5, 7, 3, 2],
            Self::Server => &[0x2b, 6, 1, 5, 5, 7, 3, 1],
        }
    }
}
