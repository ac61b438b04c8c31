use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use rustls::pki_types::CertificateRevocationListDer;
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AlgorithmIdentifier, X509Name};

use super::Question;
use super::entries::Entries;
use super::extensions::ListExtensions;
use super::serials::SerialSet;
use super::signature::ListSignature;
use crate::verify::certificate::{AuthorityKeyId, Certificate};
use crate::verify::der::{self, Reader};
use crate::verify::distinguished_name;
use crate::verify::distribution_point::IssuingDistributionPoint;
use crate::verify::strength;

/// A revocation list, read into what is asked of it in a handshake.
pub(crate) struct Crl {
    pub(super) facts: Arc<CrlFacts>,
    /// Canonical.
    pub(super) issuer: Vec<u8>,
    pub(super) authority_key_id: Option<AuthorityKeyId>,
    pub(super) scope: Option<IssuingDistributionPoint>,
    /// The list, or an entry of it, has a critical extension that OpenSSL does not handle.
    pub(super) has_unhandled_critical: bool,
    revoked: SerialSet,
    /// `None` if it can be nobody's.
    signature: Option<ListSignature>,
}

/// What a revocation list says of itself.
#[derive(Clone, Debug)]
pub struct CrlFacts {
    issuer: String,
    entries: usize,
    this_update: i64,
    next_update: Option<i64>,
    number: Option<String>,
}

/// Why a revocation list cannot be used.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CrlError {
    /// It is a delta list, which is good for nothing without the complete list that it changes.
    ///
    /// OpenSSL before 3.0.20 takes it for a complete list, and so accepts what the complete one revokes.
    Delta,
    /// It is not what RFC 5280 calls a certificate list.
    Malformed {
        /// The part that cannot be read.
        part: &'static str,
    },
    /// It is signed with MD5 or SHA-1, for which signatures can be forged.
    WeakSignature,
}

impl Crl {
    /// Reads a list. What follows it in `der` is ignored, as OpenSSL does.
    ///
    /// Lists of version 1, without nextUpdate and without extensions are fine.
    pub(crate) fn parse(der: CertificateRevocationListDer<'static>) -> Result<Self, CrlError> {
        let outer = Outer::parse(&der).ok_or(CrlError::Malformed {
            part: "CertificateList",
        })?;
        outer.refuse_weak_signature()?;
        let inner = Inner::parse(outer.signed).ok_or(CrlError::Malformed {
            part: "tbsCertList",
        })?;
        let issuer_name = inner
            .issuer_name()
            .ok_or(CrlError::Malformed { part: "issuer" })?;
        let issuer = distinguished_name::canonical(&issuer_name)
            .ok_or(CrlError::Malformed { part: "issuer" })?;
        let extensions = ListExtensions::parse(inner.extensions, &issuer)?;
        let entries = Entries::parse(inner.entries, &issuer)?;
        let facts = CrlFacts {
            issuer: distinguished_name::one_line(&issuer_name),
            entries: entries.count,
            this_update: inner.this_update,
            next_update: inner.next_update,
            number: extensions.number,
        };
        // OpenSSL 3.0.22 refuses a list that names two algorithms, and RFC 5280, section 5.1.1.2 forbids it.
        let is_consistent = inner.algorithm == outer.algorithm;
        let (algorithm, value) = (outer.algorithm.to_vec(), outer.signature);
        let signed = outer.signed_range;
        Ok(Self {
            facts: Arc::new(facts),
            authority_key_id: extensions.authority_key_id,
            scope: extensions.scope,
            has_unhandled_critical: extensions.has_unhandled_critical
                || entries.has_unhandled_critical,
            revoked: entries.revoked,
            signature: value
                .filter(|_| is_consistent)
                .map(|value| ListSignature::new(algorithm, value, der, signed)),
            issuer,
        })
    }

    pub(super) fn revokes(&self, serial: &[u8]) -> bool {
        self.revoked.contains(serial)
    }

    /// Whether the key of `issuer`, a certificate of the path in question, signed the list.
    pub(super) fn is_signed_by(&self, issuer: &Certificate<'_>, question: Question<'_>) -> bool {
        self.signature
            .as_ref()
            .is_some_and(|signature| signature.is_by(issuer, question))
    }
}

impl CrlFacts {
    /// The issuer, as `openssl crl -issuer` prints it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How many entries the list has.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// When the list was issued, in seconds since the epoch.
    pub fn this_update(&self) -> i64 {
        self.this_update
    }

    /// When the list expires, in seconds since the epoch; a list that does not say never does.
    pub fn next_update(&self) -> Option<i64> {
        self.next_update
    }

    /// The number of the list in hexadecimal, as `openssl crl -crlnumber` prints it.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }
}

impl fmt::Display for CrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delta => f.write_str(
                "it is a delta revocation list, which says nothing without the complete list: \
                 give the complete list instead",
            ),
            Self::Malformed { part } => write!(f, "malformed revocation list: {part}"),
            Self::WeakSignature => f.write_str(
                "the revocation list is signed with MD5 or SHA-1, which can be forged: \
                 have it signed with SHA-256 or better",
            ),
        }
    }
}

impl std::error::Error for CrlError {}

/// CertificateList (RFC 5280, section 5.1).
struct Outer<'a> {
    /// The tbsCertList without its header, and where it lies, header included.
    signed: &'a [u8],
    signed_range: Range<usize>,
    /// The AlgorithmIdentifier without its header, and with it.
    algorithm: &'a [u8],
    algorithm_der: &'a [u8],
    /// `None` if it is not made of whole octets: no algorithm makes such signatures.
    signature: Option<Vec<u8>>,
}

impl<'a> Outer<'a> {
    fn parse(der: &'a [u8]) -> Option<Self> {
        let content = Reader::new(der).expect(der::SEQUENCE)?;
        let mut reader = Reader::new(content);
        let signed = reader.next()?;
        let algorithm = reader.next()?;
        let signature = reader.expect(der::BIT_STRING)?;
        reader.end()?;
        if signed.tag != der::SEQUENCE || algorithm.tag != der::SEQUENCE {
            return None;
        }
        let start = content.as_ptr() as usize - der.as_ptr() as usize;
        let octets = der::bits(signature)?;
        Some(Self {
            signed: signed.content,
            signed_range: start..start + signed.raw.len(),
            algorithm: der::algorithm_identifier(algorithm.content)?,
            algorithm_der: algorithm.raw,
            signature: (signature[0] == 0).then_some(octets),
        })
    }

    fn refuse_weak_signature(&self) -> Result<(), CrlError> {
        let (_, algorithm) =
            AlgorithmIdentifier::from_der(self.algorithm_der).map_err(|_| CrlError::Malformed {
                part: "signatureAlgorithm",
            })?;
        match strength::signature(&algorithm) {
            Some(kind) if kind.bits < WEAKEST_SIGNATURE => Err(CrlError::WeakSignature),
            _ => Ok(()),
        }
    }
}

/// TBSCertList.
struct Inner<'a> {
    algorithm: &'a [u8],
    /// With its header.
    issuer: &'a [u8],
    this_update: i64,
    next_update: Option<i64>,
    entries: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> Inner<'a> {
    fn parse(content: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(content);
        // Nothing depends on the version: OpenSSL does not look at it either.
        if let Some(version) = reader.optional(der::INTEGER)? {
            der::integer(version)?;
        }
        let algorithm = der::algorithm_identifier(reader.expect(der::SEQUENCE)?)?;
        let issuer = reader.next().filter(|name| name.tag == der::SEQUENCE)?.raw;
        let this_update = der::time(reader.next()?)?;
        let next_update = match reader.peek_tag() {
            Some(der::UTC_TIME | der::GENERALIZED_TIME) => Some(der::time(reader.next()?)?),
            _ => None,
        };
        let entries = reader.optional(der::SEQUENCE)?.unwrap_or_default();
        let extensions = match reader.optional(0xa0)? {
            Some(explicit) => {
                let mut explicit = Reader::new(explicit);
                let extensions = explicit.expect(der::SEQUENCE)?;
                explicit.end()?;
                extensions
            }
            None => &[],
        };
        reader.end()?;
        Some(Self {
            algorithm,
            issuer,
            this_update,
            next_update,
            entries,
            extensions,
        })
    }

    fn issuer_name(&self) -> Option<X509Name<'a>> {
        let (rest, name) = X509Name::from_der(self.issuer).ok()?;
        rest.is_empty().then_some(name)
    }
}

/// In security bits: below SHA-224, above SHA-1, whose 63 are what OpenSSL counts for it.
const WEAKEST_SIGNATURE: u32 = 64;
