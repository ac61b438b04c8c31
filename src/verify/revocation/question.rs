use rustls::pki_types::SignatureVerificationAlgorithm;

use crate::x509::Certificate;

/// A question to the lists: is this certificate of the path revoked?
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    /// The end entity first.
    pub(super) path: &'a [&'a Certificate<'a>],
    /// The depth of the certificate in question.
    pub(super) depth: usize,
    pub(super) now: i64,
    pub(super) algorithms: &'a [&'a dyn SignatureVerificationAlgorithm],
    pub(super) signatures: PathSignatures,
}

/// Whether the signatures along a path are known to be good.
///
/// Anyone can make certificates that name a list's issuer, and even keys for which a given RSA signature is good. So a
/// key from an unverified path does not decide whose list it is. Nor does it make us hash a long list each time that a
/// peer presents it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PathSignatures {
    Unverified,
    Verified,
}

impl<'a> Question<'a> {
    /// Makes the question whether a list is signed with the key of a trusted CA.
    pub(super) fn of_ca(
        path: &'a [&'a Certificate<'a>],
        algorithms: &'a [&'a dyn SignatureVerificationAlgorithm],
    ) -> Self {
        Self {
            path,
            depth: 0,
            now: 0,
            algorithms,
            signatures: PathSignatures::Verified,
        }
    }

    pub(super) fn serial(&self) -> &[u8] {
        self.path[self.depth].serial()
    }
}
