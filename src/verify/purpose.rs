/// Whose certificate is verified.
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
    pub(crate) fn key_purpose(self) -> &'static [u8] {
        match self {
            Self::Client => &[0x2b, 6, 1, 5, 5, 7, 3, 2],
            Self::Server => &[0x2b, 6, 1, 5, 5, 7, 3, 1],
        }
    }
}
