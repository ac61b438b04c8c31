//! What is asked of the lists, and how far the asking path is to be believed.

use rustls::pki_types::SignatureVerificationAlgorithm;

use crate::x509::Certificate;

/// A question to the lists: is this certificate of the path revoked?
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    /// The end entity first.
    pub(super) path: &'a [&'a Certificate<'a>],
    /// The depth of the certificate in question.
    pub(super) depth: usize,
    /// Seconds since the epoch.
    pub(super) now: i64,
    /// To verify the signatures of lists with.
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
    /// A signature is bad, or none was verified, because something else is wrong with the path.
    Unverified,
    /// Every signature up to the trust anchor is good.
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

    /// Returns the serial number of the certificate in question.
    pub(super) fn serial(&self) -> &[u8] {
        self.path[self.depth].serial()
    }
}
