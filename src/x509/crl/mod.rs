//! Revocation lists (RFC 5280, section 5), read into what a handshake asks them.
//!
//! A list may have millions of entries, and a handshake only asks whether one number is among them. So the list is
//! read once into a sorted set of numbers; the entries themselves are not kept. The bytes are needed until the
//! signature has been verified, and are then given up by the owner.
//!
//! OpenSSL loads nearly every list and finds out later that it cannot be used, or uses it for more than its issuer
//! meant. What OpenSSL gets wrong is refused here, with the reason: see [`CrlError`].

mod entries;
mod error;
mod extensions;

use std::fmt;
use std::ops::Range;

use rustls::pki_types::CertificateRevocationListDer;

use self::entries::Entries;
pub use self::error::CrlError;
use self::extensions::ListExtensions;
use crate::x509::algorithm::{Algorithm, Digest};
use crate::x509::der::{self, BitString, Element, Reader, context};
use crate::x509::describe;
use crate::x509::distribution_point::IssuingDistributionPoint;
use crate::x509::extension::AuthorityKeyId;
use crate::x509::name::Name;
use crate::x509::serial::SerialSet;
use crate::x509::time::Time;

/// A revocation list (RFC 5280, section 5.1), read into the parts that a handshake needs.
#[derive(Clone)]
pub(crate) struct CertificateList {
    pub(crate) facts: CrlFacts,
    /// Canonical, see [`Name::canonical`].
    ///
    /// The issuer of the list.
    pub(crate) issuer: Vec<u8>,
    /// Which key of the issuer signed the list.
    pub(crate) authority_key_id: Option<AuthorityKeyId<'static>>,
    /// Which certificates the list covers; all of its issuer if it does not say.
    pub(crate) scope: Option<IssuingDistributionPoint<'static>>,
    /// The list, or an entry of it, has a critical extension that OpenSSL does not handle.
    pub(crate) has_unhandled_critical: bool,
    /// When the list was made. Of two lists, the newer one counts.
    pub(crate) this_update: Time,
    /// `None` for a list that does not expire.
    pub(crate) next_update: Option<Time>,
    /// The serial numbers of revoked certificates of the list's issuer.
    pub(crate) revoked: SerialSet,
    pub(crate) signed: SignedList,
}

/// The parts of a list that are needed to verify its signature.
#[derive(Clone)]
pub(crate) struct SignedList {
    /// The content of the AlgorithmIdentifier beside the signature.
    pub(crate) algorithm: Vec<u8>,
    /// `None` if no key can have made it: it is not made of whole octets, or the list names two algorithms.
    pub(crate) signature: Option<Vec<u8>>,
    /// The whole list.
    pub(crate) der: CertificateRevocationListDer<'static>,
    /// The place of the signed part in `der`.
    pub(crate) tbs: Range<usize>,
}

/// What a revocation list says about itself.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki;
///
/// # const LIST: &str = "tests/testdata/crl/plain.der";
/// let lists = pki::crls::load(Source::path(LIST))?;
/// let facts = lists.lists()[0].facts();
/// assert_eq!(facts.issuer(), "C = DE, O = Example, CN = List CA");
/// assert_eq!(facts.entries(), 2);
/// assert_eq!(facts.number(), Some("0x1000"));
/// assert_eq!(facts.this_update(), Some(1_748_736_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CrlFacts {
    issuer: String,
    entries: usize,
    this_update: Option<i64>,
    next_update: Option<i64>,
    number: Option<String>,
}

impl CertificateList {
    /// Reads a list, which no other bytes may follow.
    ///
    /// Lists of version 1, without nextUpdate and without extensions are accepted.
    ///
    /// # Errors
    ///
    /// [`CrlError`] lists them. A malformed list is reported before one with a weak signature, and that before one
    /// with an extension that is refused.
    pub(crate) fn parse(der: CertificateRevocationListDer<'static>) -> Result<Self, CrlError> {
        let malformed = |part| move || CrlError::Malformed { part };
        let outer = Outer::read(&der).ok_or_else(malformed("CertificateList"))?;
        let inner = Inner::read(outer.tbs).ok_or_else(malformed("tbsCertList"))?;
        let issuer = inner.issuer.canonical().ok_or_else(malformed("issuer"))?;
        let extensions = ListExtensions::read(inner.extensions, &issuer)
            .ok_or_else(malformed("crlExtensions"))?;
        let entries =
            Entries::read(inner.entries, &issuer).ok_or_else(malformed("revokedCertificates"))?;
        outer.refuse_weak_signature()?;
        if let Some(refusal) = extensions.refusal.or(entries.refusal) {
            return Err(refusal);
        }
        // OpenSSL 3.0.22 refuses a list that names two algorithms, and RFC 5280, section 5.1.1.2 forbids it.
        let is_consistent = inner.algorithm.is_same(&outer.algorithm);
        let is_good = is_consistent && outer.signature.unused == 0;
        let start = outer.tbs.raw.as_ptr() as usize - der.as_ptr() as usize;
        let tbs = start..start + outer.tbs.raw.len();
        Ok(Self {
            facts: CrlFacts {
                issuer: describe::one_line(inner.issuer),
                entries: entries.count,
                this_update: inner.this_update.valid,
                next_update: inner.next_update.and_then(|time| time.valid),
                number: extensions.number,
            },
            this_update: inner.this_update,
            next_update: inner.next_update,
            authority_key_id: extensions.authority_key_id,
            scope: extensions.scope,
            has_unhandled_critical: extensions.has_unhandled_critical
                || entries.has_unhandled_critical,
            revoked: entries.revoked,
            signed: SignedList {
                algorithm: outer.algorithm.content.to_vec(),
                signature: is_good.then(|| outer.signature.octets.to_vec()),
                tbs,
                der,
            },
            issuer,
        })
    }
}

impl fmt::Debug for CertificateList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateList")
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}

impl CrlFacts {
    /// The issuer, as `openssl crl -issuer` prints it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How many entries the list has.
    ///
    /// It also counts entries for certificates of other issuers, and those with the reason removeFromCRL, neither of
    /// which revokes anything here.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// When the list was issued, in seconds since the epoch. `None` if the date cannot be read; the list cannot be
    /// used then.
    pub fn this_update(&self) -> Option<i64> {
        self.this_update
    }

    /// When the list expires, in seconds since the epoch. `None` if the list states no date, and so never expires.
    /// `None` also if the date cannot be read; the list cannot be used then.
    pub fn next_update(&self) -> Option<i64> {
        self.next_update
    }

    /// The number of the list in hexadecimal, as `openssl crl -crlnumber` prints it.
    ///
    /// `None` if the list has no number. OpenSSL does not compare numbers, and neither does a verification here: the
    /// newer thisUpdate counts.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }
}

/// CertificateList.
struct Outer<'a> {
    tbs: Element<'a>,
    algorithm: Algorithm<'a>,
    signature: BitString<'a>,
}

impl<'a> Outer<'a> {
    /// Fails where OpenSSL's templates fail (`X509_CRL`), and if other bytes follow.
    fn read(der: &'a [u8]) -> Option<Self> {
        let mut whole = Reader::new(der);
        let mut fields = whole.sequence()?;
        whole.end()?;
        let this = Self {
            tbs: fields.expect(der::SEQUENCE)?,
            algorithm: Algorithm::read(&mut fields)?,
            signature: fields.bit_string()?,
        };
        fields.end()?;
        Some(this)
    }

    /// OpenSSL does not apply the security level to lists. A forged list would make every revocation void.
    fn refuse_weak_signature(&self) -> Result<(), CrlError> {
        match self.algorithm.digest().is_some_and(Digest::is_forgeable) {
            true => Err(CrlError::WeakSignature),
            false => Ok(()),
        }
    }
}

/// TBSCertList.
struct Inner<'a> {
    algorithm: Algorithm<'a>,
    issuer: Name<'a>,
    this_update: Time,
    next_update: Option<Time>,
    entries: Reader<'a>,
    extensions: Reader<'a>,
}

impl<'a> Inner<'a> {
    /// The revokedCertificates are only found here; [`Entries`] reads them.
    fn read(tbs: Element<'a>) -> Option<Self> {
        let mut fields = tbs.fields()?;
        // Nothing depends on the version, which OpenSSL does not check either.
        if let Some(version) = fields.optional(der::INTEGER)? {
            version.integer()?;
        }
        let algorithm = Algorithm::read(&mut fields)?;
        let issuer = Name::read(&mut fields)?;
        let this_update = fields.time()?;
        let next_update = fields.optional_time()?;
        let entries = fields.optional(der::SEQUENCE)?;
        let extensions = match fields.is_empty() {
            true => Reader::default(),
            false => fields.expect(context(0))?.explicit()?.list(der::SEQUENCE)?,
        };
        fields.end()?;
        Some(Self {
            algorithm,
            issuer,
            this_update,
            next_update,
            entries: entries.map_or_else(Reader::default, |entries| entries.items()),
            extensions,
        })
    }
}
