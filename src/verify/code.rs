//! OpenSSL's error numbers of certificate verification (`X509_V_ERR_*` in `x509_vfy.h`).
//!
//! Numbers, names and texts are those of OpenSSL 3.0, so that a log line of either library can be searched for in the
//! manual of the other. No check here gives some of the numbers: they are known so that every status has a name.

use std::fmt;

macro_rules! codes {
    ($($variant:ident = $number:literal, $name:literal, $text:literal;)+) => {
        /// The result of a verification, in OpenSSL's numbers and words (`openssl-verification-options(1)`,
        /// `X509_STORE_CTX_get_error(3)`).
        ///
        /// The codes sort by their numbers. The page about verification in the manual says when each of them is
        /// given, and at which depth.
        ///
        /// # Examples
        ///
        /// ```
        /// use sip_tls::verify::VerifyCode;
        ///
        /// let code = VerifyCode::UnableToGetCrl;
        /// assert_eq!(code.number(), 3);
        /// assert_eq!(code.name(), "X509_V_ERR_UNABLE_TO_GET_CRL");
        /// assert_eq!(code.to_string(), "unable to get certificate CRL");
        /// assert!(VerifyCode::Ok < code);
        /// ```
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum VerifyCode {
            $(#[doc = concat!("`", $name, "`: ", $text, ".")] $variant = $number,)+
        }

        impl VerifyCode {
            /// Every code with its constant's name and its text, in the order of the numbers.
            const TABLE: &[(Self, &'static str, &'static str)] =
                &[$((Self::$variant, $name, $text),)+];
        }
    };
}

codes! {
    Ok = 0, "X509_V_OK", "ok";
    Unspecified = 1, "X509_V_ERR_UNSPECIFIED", "unspecified certificate verification error";
    UnableToGetIssuerCert = 2, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT", "unable to get issuer certificate";
    UnableToGetCrl = 3, "X509_V_ERR_UNABLE_TO_GET_CRL", "unable to get certificate CRL";
    UnableToDecodeIssuerPublicKey = 6, "X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY", "unable to decode issuer public key";
    CertSignatureFailure = 7, "X509_V_ERR_CERT_SIGNATURE_FAILURE", "certificate signature failure";
    CrlSignatureFailure = 8, "X509_V_ERR_CRL_SIGNATURE_FAILURE", "CRL signature failure";
    CertNotYetValid = 9, "X509_V_ERR_CERT_NOT_YET_VALID", "certificate is not yet valid";
    CertHasExpired = 10, "X509_V_ERR_CERT_HAS_EXPIRED", "certificate has expired";
    CrlNotYetValid = 11, "X509_V_ERR_CRL_NOT_YET_VALID", "CRL is not yet valid";
    CrlHasExpired = 12, "X509_V_ERR_CRL_HAS_EXPIRED", "CRL has expired";
    ErrorInCertNotBeforeField = 13, "X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD", "format error in certificate's notBefore field";
    ErrorInCertNotAfterField = 14, "X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD", "format error in certificate's notAfter field";
    ErrorInCrlLastUpdateField = 15, "X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD", "format error in CRL's lastUpdate field";
    ErrorInCrlNextUpdateField = 16, "X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD", "format error in CRL's nextUpdate field";
    DepthZeroSelfSignedCert = 18, "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate";
    SelfSignedCertInChain = 19, "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate in certificate chain";
    UnableToGetIssuerCertLocally = 20, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable to get local issuer certificate";
    UnableToVerifyLeafSignature = 21, "X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate";
    CertChainTooLong = 22, "X509_V_ERR_CERT_CHAIN_TOO_LONG", "certificate chain too long";
    CertRevoked = 23, "X509_V_ERR_CERT_REVOKED", "certificate revoked";
    NoIssuerPublicKey = 24, "X509_V_ERR_NO_ISSUER_PUBLIC_KEY", "issuer certificate doesn't have a public key";
    PathLengthExceeded = 25, "X509_V_ERR_PATH_LENGTH_EXCEEDED", "path length constraint exceeded";
    InvalidPurpose = 26, "X509_V_ERR_INVALID_PURPOSE", "unsuitable certificate purpose";
    CertUntrusted = 27, "X509_V_ERR_CERT_UNTRUSTED", "certificate not trusted";
    CertRejected = 28, "X509_V_ERR_CERT_REJECTED", "certificate rejected";
    UnableToGetCrlIssuer = 33, "X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER", "unable to get CRL issuer certificate";
    UnhandledCriticalExtension = 34, "X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION", "unhandled critical extension";
    KeyusageNoCrlSign = 35, "X509_V_ERR_KEYUSAGE_NO_CRL_SIGN", "key usage does not include CRL signing";
    UnhandledCriticalCrlExtension = 36, "X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION", "unhandled critical CRL extension";
    ProxyCertificatesNotAllowed = 40, "X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED", "proxy certificates not allowed, please set the appropriate flag";
    InvalidExtension = 41, "X509_V_ERR_INVALID_EXTENSION", "invalid or inconsistent certificate extension";
    InvalidPolicyExtension = 42, "X509_V_ERR_INVALID_POLICY_EXTENSION", "invalid or inconsistent certificate policy extension";
    DifferentCrlScope = 44, "X509_V_ERR_DIFFERENT_CRL_SCOPE", "different CRL scope";
    UnsupportedExtensionFeature = 45, "X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE", "unsupported extension feature";
    UnnestedResource = 46, "X509_V_ERR_UNNESTED_RESOURCE", "RFC 3779 resource not subset of parent's resources";
    PermittedViolation = 47, "X509_V_ERR_PERMITTED_VIOLATION", "permitted subtree violation";
    ExcludedViolation = 48, "X509_V_ERR_EXCLUDED_VIOLATION", "excluded subtree violation";
    SubtreeMinmax = 49, "X509_V_ERR_SUBTREE_MINMAX", "name constraints minimum and maximum not supported";
    ApplicationVerification = 50, "X509_V_ERR_APPLICATION_VERIFICATION", "application verification failure";
    UnsupportedConstraintType = 51, "X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE", "unsupported name constraint type";
    UnsupportedConstraintSyntax = 52, "X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX", "unsupported or invalid name constraint syntax";
    UnsupportedNameSyntax = 53, "X509_V_ERR_UNSUPPORTED_NAME_SYNTAX", "unsupported or invalid name syntax";
    CrlPathValidationError = 54, "X509_V_ERR_CRL_PATH_VALIDATION_ERROR", "CRL path validation error";
    PathLoop = 55, "X509_V_ERR_PATH_LOOP", "path loop";
    HostnameMismatch = 62, "X509_V_ERR_HOSTNAME_MISMATCH", "hostname mismatch";
    IpAddressMismatch = 64, "X509_V_ERR_IP_ADDRESS_MISMATCH", "IP address mismatch";
    EeKeyTooSmall = 66, "X509_V_ERR_EE_KEY_TOO_SMALL", "EE certificate key too weak";
    CaKeyTooSmall = 67, "X509_V_ERR_CA_KEY_TOO_SMALL", "CA certificate key too weak";
    CaMdTooWeak = 68, "X509_V_ERR_CA_MD_TOO_WEAK", "CA signature digest algorithm too weak";
    UnsupportedSignatureAlgorithm = 76, "X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM", "Cannot find certificate signature algorithm";
    SignatureAlgorithmMismatch = 77, "X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH", "subject signature algorithm and issuer public key algorithm mismatch";
    InvalidCa = 79, "X509_V_ERR_INVALID_CA", "invalid CA certificate";
    EcKeyExplicitParams = 94, "X509_V_ERR_EC_KEY_EXPLICIT_PARAMS", "Certificate public key has explicit ECC parameters";
}

impl VerifyCode {
    /// Returns OpenSSL's number, as `openssl verify` and `openssl s_client` print it and `SSL_get_verify_result(3)`
    /// returns it.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the name of OpenSSL's constant, such as `X509_V_ERR_CERT_REVOKED`.
    ///
    /// [`Display`](fmt::Display) prints OpenSSL's text instead.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Returns every code.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        // `TABLE` and the variants come from one list, so the row is there.
        Self::TABLE
            .iter()
            .find(|row| row.0 == self)
            .unwrap_or(&Self::TABLE[0])
    }
}

/// Prints OpenSSL's text for the code, as `X509_verify_cert_error_string(3)` does.
impl fmt::Display for VerifyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_carry_the_number_name_and_text_of_openssl() {
        let code = VerifyCode::CertRevoked;
        assert_eq!(
            (code.number(), code.name(), code.to_string().as_str()),
            (23, "X509_V_ERR_CERT_REVOKED", "certificate revoked"),
        );
        assert_eq!(VerifyCode::Ok.name(), "X509_V_OK");
    }

    #[test]
    fn the_numbers_of_the_manual_have_their_names() {
        let page = include_str!("../manual/verification.md");
        let rows = page.lines().filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            let number: u8 = cells.next()?.parse().ok()?;
            Some((number, cells.next()?.trim_matches('`')))
        });
        let known =
            |row: &(u8, &str)| VerifyCode::all().any(|code| (code.number(), code.name()) == *row);
        let rows: Vec<_> = rows.collect();
        assert!(rows.len() > 40);
        for row in rows {
            assert!(known(&row), "{row:?}");
        }
    }
}
