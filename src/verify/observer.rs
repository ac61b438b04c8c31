//! Tells the program, and the log, how a verification ended, and chooses the alert for a refused peer.
//!
//! Every verification that rustls asks for passes through [`Observer::tell`], also those of configurations that were
//! handed out. (The endpoint itself verifies the peers of resumed sessions again; nobody observes that.) The function
//! of the program is called once for each, whether the peer is accepted or not. The log has the same in a line of
//! `tracing`: a warning for a refusal or a tolerated finding, a debug message otherwise.

use std::fmt;
use std::sync::Arc;

use rustls::{CertificateError, Error, OtherError};

use super::code::VerifyCode;
use super::connection_info::ConnectionInfo;
use super::status::{Finding, VerifyStatus};

/// A function that is called after every verification of a peer, because SIP stacks swallow handshake errors.
///
/// It runs within the handshake, so it must not block. It is not called for resumed sessions.
///
/// ```
/// use sip_tls::verify::Observer;
///
/// let observer = Observer::new(|observation| {
///     let peer = observation.connection.and_then(|connection| connection.peer_address());
///     println!("{peer:?}: {}", observation.status);
/// });
/// ```
///
/// The function is the counterpart of the verify callback of OpenSSL (`SSL_CTX_set_verify(3)`), except that it cannot
/// change the result. [`EndpointBuilder::authorise`](crate::EndpointBuilder::authorise) takes a function that can
/// refuse a peer. The default observer has no function.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<dyn Observe>>);

/// One verification of a peer.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The result of the verification.
    pub status: &'a VerifyStatus,
    /// The connection that the peer was verified for.
    ///
    /// `None` if the connection was made with a configuration, a connector or an acceptor that was handed out: rustls
    /// does not tell a verifier which connection it works for. The [`tag`](Self::tag) may say that. The status gives
    /// the direction ([`VerifyStatus::purpose`]) and the name of the server ([`VerifyStatus::reference`]).
    pub connection: Option<&'a ConnectionInfo>,
    /// The tag that the caller gave to the connection, with `Endpoint::scope` or `Endpoint::connector_tagged`.
    pub tag: Option<&'a str>,
}

/// The name for the type of the function, so that it can be kept behind one pointer.
trait Observe: Fn(&Observation<'_>) + Send + Sync {}

impl<F: Fn(&Observation<'_>) + Send + Sync> Observe for F {}

impl Observer {
    /// Makes an observer from a function.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// use sip_tls::verify::Observer;
    ///
    /// let refused = Arc::new(AtomicUsize::new(0));
    /// let count = refused.clone();
    /// let observer = Observer::new(move |observation| {
    ///     if !observation.status.is_accepted() {
    ///         count.fetch_add(1, Ordering::Relaxed);
    ///     }
    /// });
    /// ```
    pub fn new(function: impl Fn(&Observation<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(function)))
    }

    /// Passes the status to the function and the log, and turns a refusal into the error for which rustls sends
    /// OpenSSL's alert.
    pub(crate) fn tell(&self, status: &VerifyStatus) -> Result<(), Error> {
        log(status);
        self.call(&Observation {
            status,
            connection: None,
            tag: None,
        });
        match status.error() {
            Some(finding) => Err(refusal(finding)),
            None => Ok(()),
        }
    }

    /// Calls the function with an observation that may name the connection.
    pub(crate) fn call(&self, observation: &Observation<'_>) {
        if let Some(function) = &self.0 {
            function(observation);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observer").finish_non_exhaustive()
    }
}

/// Writes the result to the log. The code, the depth and the subject are fields of their own, so that log processing
/// need not read the text.
fn log(status: &VerifyStatus) {
    let subject = || status.path().first().map_or("", String::as_str);
    match status.error() {
        Some(finding) => tracing::warn!(
            code = finding.code().number(),
            name = finding.code().name(),
            depth = finding.depth(),
            subject = finding.subject(),
            "peer refused: {finding}"
        ),
        None if !status.findings().is_empty() => {
            tracing::warn!(
                subject = subject(),
                "peer accepted in spite of this finding: {}",
                status.findings()[0]
            );
        }
        None => tracing::debug!(subject = subject(), "peer accepted"),
    }
}

/// Chooses the error by the alert that rustls makes of it: the one that OpenSSL sends (`ssl_x509err2alert`).
///
/// The [`VerifyStatus`] says what exactly is wrong: rustls has no error for most causes.
///
/// The comments name the alerts. rustls makes each of them from the error beside it, in
/// `AlertDescription::from(CertificateError)`. For codes that OpenSSL answers with certificate_unknown, the finding
/// itself is carried along as the cause.
fn refusal(finding: &Finding) -> Error {
    use VerifyCode as V;
    let error = match finding.code() {
        // access_denied
        V::ApplicationVerification => CertificateError::ApplicationVerificationFailure,
        // certificate_revoked
        V::CertRevoked => CertificateError::Revoked,
        // certificate_expired
        V::CertHasExpired | V::CrlHasExpired => CertificateError::Expired,
        // decrypt_error
        V::CertSignatureFailure | V::CrlSignatureFailure => CertificateError::BadSignature,
        // unsupported_certificate
        V::InvalidPurpose => CertificateError::InvalidPurpose,
        // unknown_ca
        V::UnableToGetCrl | V::UnableToGetCrlIssuer => CertificateError::UnknownRevocationStatus,
        V::CertChainTooLong
        | V::DepthZeroSelfSignedCert
        | V::InvalidCa
        | V::PathLengthExceeded
        | V::SelfSignedCertInChain
        | V::UnableToGetIssuerCert
        | V::UnableToGetIssuerCertLocally
        | V::UnableToVerifyLeafSignature => CertificateError::UnknownIssuer,
        // bad_certificate
        V::HostnameMismatch | V::IpAddressMismatch => CertificateError::NotValidForName,
        V::CaKeyTooSmall
        | V::CaMdTooWeak
        | V::CertNotYetValid
        | V::CertRejected
        | V::CertUntrusted
        | V::CrlNotYetValid
        | V::EcKeyExplicitParams
        | V::EeKeyTooSmall
        | V::ErrorInCertNotAfterField
        | V::ErrorInCertNotBeforeField
        | V::ErrorInCrlLastUpdateField
        | V::ErrorInCrlNextUpdateField
        | V::UnableToDecodeIssuerPublicKey
        | V::Unspecified => CertificateError::BadEncoding,
        // certificate_unknown
        _ => CertificateError::Other(OtherError(Arc::new(finding.clone()))),
    };
    Error::InvalidCertificate(error)
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;

    /// The table `x509table` in OpenSSL's `statem_lib.c`, except for two codes:
    ///
    /// - 1 is internal_error there. Here it also means that a certificate of the peer cannot be read.
    /// - 50 is handshake_failure there. Here it means that the application refused the peer.
    #[test]
    fn the_alert_for_each_code_is_that_of_openssl() {
        use AlertDescription as A;
        let alerts: &[(A, &[u8])] = &[
            (A::AccessDenied, &[50]),
            (
                A::BadCertificate,
                &[1, 6, 9, 11, 13, 14, 15, 16, 27, 28, 62, 64, 66, 67, 68, 94],
            ),
            (A::CertificateExpired, &[10, 12]),
            (A::CertificateRevoked, &[23]),
            (A::DecryptError, &[7, 8]),
            (A::UnknownCA, &[2, 3, 18, 19, 20, 21, 22, 25, 33, 79]),
            (A::UnsupportedCertificate, &[26]),
        ];
        for code in VerifyCode::all().filter(|code| *code != VerifyCode::Ok) {
            let number = code.number();
            let found = alerts.iter().find(|(_, codes)| codes.contains(&number));
            let expected = found.map_or(A::CertificateUnknown, |(alert, _)| *alert);
            let Error::InvalidCertificate(error) = refusal(&Finding::of_nobody(code, 0)) else {
                panic!("{code}");
            };
            assert_eq!(A::from(error), expected, "{code}");
        }
    }
}
