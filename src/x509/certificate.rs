//! Certificates, read into what OpenSSL keeps of them (`X509` and `ossl_x509v3_cache_extensions`).
//!
//! A certificate is read in one pass. The structure has to be right in every field; a value inside an extension need
//! not be: OpenSSL loads such a certificate, marks it as invalid, and then takes it for nobody's issuer. The names
//! are brought into the form in which they are compared, because a path is found by comparing them. Everything else
//! stays in the DER, at a place that is noted.
//!
//! [`key_and_usage`] reads only what a handshake signature needs, of a certificate that was read before.

use std::borrow::Cow;
use std::ops::Range;

use rustls::pki_types::{CertificateDer, TrustAnchor};

use super::algorithm::{Algorithm, SignatureKind};
use super::der::{self, Reader, context};
use super::distribution_point::DistributionPoint;
use super::extension::{
    self, AuthorityKeyId, BasicConstraints, Extension, KeyPurposes, KeyUsage, NameConstraints, id,
};
use super::general_name::{self, GeneralName, GeneralNames};
use super::key::{KeyStrength, PublicKey};
use super::name::{self, Name};
use super::resources::{AddressBlocks, AsIdentifiers};
use super::time::Time;

/// A certificate (RFC 5280, section 4.1), read once into the parts that OpenSSL's checks need.
#[derive(Clone, Debug)]
pub(crate) struct Certificate<'a> {
    /// For a trust anchor without a certificate: its name and key.
    der: CertificateDer<'a>,
    /// The places of these parts include their headers.
    tbs: Span,
    issuer_name: Span,
    subject_name: Span,
    key: Span,
    /// The content of the AlgorithmIdentifier beside the signature.
    signature_algorithm: Span,
    /// The content octets of the serial number.
    serial: Span,
    /// The octets of the signature.
    signature: Octets,
    /// The key, without its algorithm.
    key_bits: Octets,
    key_algorithm: Span,
    /// Version 1 has no extensions, so OpenSSL accepts a self-signed one as a CA at the top of a path.
    pub(crate) is_v1: bool,
    /// Issuer and subject, canonical; see [`Name::canonical`].
    names: Vec<u8>,
    /// Where the issuer ends in `names`, and where the subject begins: at 0 if both are the same name.
    issuer_end: usize,
    subject_start: usize,
    /// The validity. The dates are compared elsewhere.
    pub(crate) not_before: Time,
    pub(crate) not_after: Time,
    /// The signed part names another algorithm than the one beside the signature.
    pub(crate) has_contradicting_algorithms: bool,
    /// The signature is not made of whole octets.
    pub(crate) has_unused_signature_bits: bool,
    /// The kind of key of the algorithm in the signed part, and the strength of the digest beside the signature.
    /// OpenSSL takes them from these places. `None` for an algorithm that is not known here.
    pub(crate) signature_kind: Option<SignatureKind>,
    /// The key's kind and rating; those of no key if OpenSSL cannot decode it.
    pub(crate) key_strength: KeyStrength,
    pub(crate) extensions: Extensions,
    /// Subject and issuer are the same name.
    pub(crate) is_self_issued: bool,
    /// Set last, as it depends on everything else.
    is_self_signed: bool,
}

/// What the extensions of a certificate say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    /// Extensions that are absent are `None`. So are malformed ones: `is_invalid` is set then.
    pub(crate) basic_constraints: Option<BasicConstraints>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) key_purposes: Option<KeyPurposes>,
    /// The first octet, with OpenSSL's bits (`NS_SSL_CLIENT` and so on).
    pub(crate) netscape_cert_type: Option<u8>,
    /// The key identifier itself.
    subject_key_id: Option<Octets>,
    /// The values of this extension and of the next.
    authority_key_id: Option<Octets>,
    crl_distribution_points: Option<Octets>,
    /// The content of the GeneralNames.
    subject_alt_names: Option<Octets>,
    pub(crate) name_constraints: Option<NameConstraints>,
    /// Resources of RFC 3779; this and the next.
    pub(crate) address_blocks: Option<AddressBlocks>,
    pub(crate) as_identifiers: Option<AsIdentifiers>,
    /// There is a proxyCertInfo (RFC 3820).
    pub(crate) is_proxy: bool,
    /// Only a proxy certificate must not have it.
    has_issuer_alt_names: bool,
    /// An extension is marked critical that OpenSSL does not handle.
    pub(crate) has_unhandled_critical: bool,
    /// An extension that OpenSSL reads is malformed or occurs twice (`EXFLAG_INVALID`).
    pub(crate) is_invalid: bool,
}

/// A certificate that cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Unreadable;

impl<'a> Certificate<'a> {
    /// Reads a certificate, which no other bytes may follow.
    ///
    /// # Errors
    ///
    /// The structure is not that of a certificate, or other bytes follow. The error has no detail.
    pub(crate) fn parse(der: CertificateDer<'a>) -> Result<Self, Unreadable> {
        Self::parse_above(None, der)
    }

    /// Reads a certificate that comes after `below` in a chain, and most often is its issuer. If the name is the same,
    /// its canonical form is copied from `below`.
    pub(crate) fn parse_above(
        below: Option<&Certificate<'_>>,
        der: CertificateDer<'a>,
    ) -> Result<Self, Unreadable> {
        let mut names = Vec::with_capacity(USUAL_NAMES.min(der.len()));
        let parts = Parts::read(&der, below, &mut names).ok_or(Unreadable)?;
        let (issuer, subject) = (&names[..parts.issuer_end], &names[parts.subject_start..]);
        let is_self_issued = issuer == subject;
        let extensions = Extensions::read(parts.extensions, &der, issuer).ok_or(Unreadable)?;
        let this = Self {
            tbs: Span::of(parts.tbs, &der),
            issuer_name: Span::of(parts.issuer.der(), &der),
            subject_name: Span::of(parts.subject.der(), &der),
            key: Span::of(parts.key.der, &der),
            signature_algorithm: Span::of(parts.algorithm.content, &der),
            serial: Span::of(parts.serial, &der),
            key_algorithm: Span::of(parts.key.algorithm.content, &der),
            is_v1: parts.version == [0],
            is_self_issued,
            is_self_signed: false,
            names,
            issuer_end: parts.issuer_end,
            subject_start: parts.subject_start,
            not_before: parts.not_before,
            not_after: parts.not_after,
            has_contradicting_algorithms: !parts.algorithm.is_same(&parts.signed_algorithm),
            has_unused_signature_bits: parts.signature.unused != 0,
            signature_kind: signature_kind(parts.signed_algorithm, parts.algorithm),
            key_strength: parts.key.strength(),
            signature: Octets::of(&parts.signature.octets, &der),
            key_bits: Octets::of(&parts.key.bits.octets, &der),
            extensions,
            der: CertificateDer::from(&[][..]),
        };
        Ok(Self { der, ..this }.complete())
    }

    /// Makes a certificate for a trust anchor, of which only name, key and name constraints are known.
    pub(crate) fn of_anchor(anchor: &TrustAnchor<'_>) -> Result<Self, Unreadable> {
        let name = der::encode(der::CONSTRUCTED_SEQUENCE, &anchor.subject);
        let key = der::encode(der::CONSTRUCTED_SEQUENCE, &anchor.subject_public_key_info);
        let bytes = [&*name, &key].concat();
        let mut reader = Reader::new(&bytes);
        let name = Name::read(&mut reader).ok_or(Unreadable)?;
        let key = PublicKey::read(&mut reader).ok_or(Unreadable)?;
        let names = name.canonical().ok_or(Unreadable)?;
        let constraints = anchor.name_constraints.as_ref();
        let constraints = constraints.map(|value| der::encode(der::CONSTRUCTED_SEQUENCE, value));
        let name_constraints = match constraints {
            Some(value) => Some(NameConstraints::read(&value).ok_or(Unreadable)?),
            None => None,
        };
        let nothing = Span::of(&[], &[]);
        Ok(Self {
            tbs: nothing.clone(),
            issuer_name: Span::of(name.der(), &bytes),
            subject_name: Span::of(name.der(), &bytes),
            key: Span::of(key.der, &bytes),
            signature_algorithm: nothing.clone(),
            serial: nothing.clone(),
            key_algorithm: Span::of(key.algorithm.content, &bytes),
            is_v1: false,
            is_self_issued: true,
            is_self_signed: false,
            issuer_end: names.len(),
            subject_start: 0,
            names,
            not_before: Time::at(i64::MIN),
            not_after: Time::at(i64::MAX),
            has_contradicting_algorithms: false,
            has_unused_signature_bits: false,
            // The signature is never verified. It counts as made by the anchor's own key.
            signature_kind: Some(SignatureKind {
                key: key.kind(),
                bits: u32::MAX,
            }),
            key_strength: key.strength(),
            signature: Octets::At(nothing),
            key_bits: Octets::of(&key.bits.octets, &bytes),
            extensions: Extensions {
                basic_constraints: Some(BasicConstraints {
                    is_ca: true,
                    path_len: None,
                }),
                name_constraints,
                ..Extensions::default()
            },
            der: bytes.clone().into(),
        }
        .complete())
    }

    /// Sets what depends on all the other fields.
    ///
    /// A certificate is self-signed in OpenSSL's sense if it could have issued itself: the signature is not verified.
    fn complete(mut self) -> Self {
        self.is_self_signed = self.is_self_issued
            && !self.extensions.is_invalid
            && self.is_meant_by(self.authority_key_id().as_ref())
            && self.can_be_signed_by(&self);
        self
    }

    /// Whether both represent the same trust anchor.
    pub(crate) fn is_same_anchor(&self, other: &Certificate<'_>) -> bool {
        self.der == other.der
            && self.extensions.name_constraints == other.extensions.name_constraints
    }

    /// Whether subject and issuer agree in name, key identifier and kind of key (`X509_self_signed(3)`).
    pub(crate) fn is_self_signed(&self) -> bool {
        self.is_self_signed
    }

    /// Whether this may be the issuer of `subject`: by name, key identifier and kind of key, not by signature
    /// (`X509_check_issued(3)`, without key usage).
    ///
    /// The signature is verified when the path is complete. Until then, a wrong issuer with the right name can be in
    /// the path; OpenSSL does not go back either.
    pub(crate) fn may_have_issued(&self, subject: &Certificate<'_>) -> bool {
        self.subject() == subject.issuer()
            && !self.extensions.is_invalid
            && !subject.extensions.is_invalid
            && self.is_meant_by(subject.authority_key_id().as_ref())
            && subject.can_be_signed_by(self)
    }

    /// Whether an authorityKeyIdentifier may refer to this certificate: the values that both have must agree
    /// (`X509_check_akid` in OpenSSL).
    ///
    /// An authorityKeyIdentifier that is absent, or that has no value that this certificate has, excludes nothing.
    pub(crate) fn is_meant_by(&self, id: Option<&AuthorityKeyId<'_>>) -> bool {
        let Some(id) = id else {
            return true;
        };
        let same =
            |stated: Option<&[u8]>, found: &[u8]| stated.is_none_or(|stated| stated == found);
        self.subject_key_id()
            .is_none_or(|found| same(id.key_id.as_deref(), found))
            && same(id.serial.as_deref(), self.serial())
            && same(id.issuer.as_deref(), self.issuer())
    }

    /// Whether the key of `issuer` is of the kind that signed this certificate.
    ///
    /// This is `check_sig_alg_match` of OpenSSL, which goes by the algorithm in the signed part.
    pub(crate) fn can_be_signed_by(&self, issuer: &Certificate<'_>) -> bool {
        self.signature_kind
            .is_some_and(|kind| kind.fits(issuer.key_strength.kind))
    }

    /// Returns the whole certificate.
    pub(crate) fn der(&self) -> &CertificateDer<'a> {
        &self.der
    }

    /// Returns the signed part.
    ///
    /// These are the octets that the signature covers, with their header.
    pub(crate) fn tbs(&self) -> &[u8] {
        self.tbs.in_(&self.der)
    }

    /// Returns the SubjectPublicKeyInfo, with its header.
    pub(crate) fn spki(&self) -> &[u8] {
        self.key.in_(&self.der)
    }

    /// Returns the content of the AlgorithmIdentifier of the key.
    pub(crate) fn key_algorithm(&self) -> &[u8] {
        self.key_algorithm.in_(&self.der)
    }

    /// Returns the octets of the key itself.
    pub(crate) fn key_bits(&self) -> &[u8] {
        self.key_bits.in_(&self.der)
    }

    /// Returns the content of the AlgorithmIdentifier beside the signature.
    pub(crate) fn signature_algorithm(&self) -> &[u8] {
        self.signature_algorithm.in_(&self.der)
    }

    /// Returns the octets of the signature, whose unused bits are cleared.
    pub(crate) fn signature(&self) -> &[u8] {
        self.signature.in_(&self.der)
    }

    /// Returns the content octets of the INTEGER.
    ///
    /// An INTEGER is never padded, so equal octets are equal numbers.
    pub(crate) fn serial(&self) -> &[u8] {
        self.serial.in_(&self.der)
    }

    /// Returns the issuer in its canonical form, see [`Name::canonical`].
    ///
    /// Equal octets are equal names, for OpenSSL as well.
    pub(crate) fn issuer(&self) -> &[u8] {
        &self.names[..self.issuer_end]
    }

    /// Returns the subject in its canonical form.
    pub(crate) fn subject(&self) -> &[u8] {
        &self.names[self.subject_start..]
    }

    /// Returns the issuer, to look at its attributes.
    pub(crate) fn issuer_name(&self) -> Name<'_> {
        Name::of_checked(self.issuer_name.in_(&self.der))
    }

    /// Returns the subject, to look at its attributes.
    pub(crate) fn subject_name(&self) -> Name<'_> {
        Name::of_checked(self.subject_name.in_(&self.der))
    }

    /// Returns the subject as it stands in the certificate, with its header.
    pub(crate) fn subject_der(&self) -> &[u8] {
        self.subject_name.in_(&self.der)
    }

    /// Returns the key identifier by which other certificates mean this one.
    pub(crate) fn subject_key_id(&self) -> Option<&[u8]> {
        self.part(&self.extensions.subject_key_id)
    }

    /// Returns what the certificate says about its issuer's key. It was checked when the certificate was read.
    pub(crate) fn authority_key_id(&self) -> Option<AuthorityKeyId<'_>> {
        let value = self.part(&self.extensions.authority_key_id)?;
        AuthorityKeyId::read(value)
    }

    /// Returns the points of the cRLDistributionPoints.
    pub(crate) fn distribution_points(&self) -> impl Iterator<Item = DistributionPoint<'_>> {
        let value = self.part(&self.extensions.crl_distribution_points);
        value
            .into_iter()
            .flat_map(|value| DistributionPoint::all(value, self.issuer()))
    }

    /// Returns the names of the subjectAltName.
    pub(crate) fn alt_names(&self) -> impl Iterator<Item = GeneralName<'_>> {
        let content = self.part(&self.extensions.subject_alt_names);
        general_name::names_in(content.unwrap_or_default())
    }

    /// Returns octets whose place was noted.
    fn part<'s>(&'s self, octets: &'s Option<Octets>) -> Option<&'s [u8]> {
        Some(octets.as_ref()?.in_(&self.der))
    }

    /// Whether there is a subjectAltName, whatever is in it.
    pub(crate) fn has_alt_names(&self) -> bool {
        self.extensions.subject_alt_names.is_some()
    }

    /// Returns the common names in the subject; `None` stands for one that cannot be converted to UTF-8.
    ///
    /// An attribute of any string type counts, in the order of the subject.
    pub(crate) fn common_names(&self) -> impl Iterator<Item = Option<Cow<'_, str>>> {
        let names = self.subject_name().attributes();
        names
            .filter(|attribute| attribute.kind == name::COMMON_NAME)
            .map(|attribute| attribute.text())
    }

    /// Whether keyUsage forbids all of `usages`; an absent keyUsage forbids nothing.
    pub(crate) fn key_usage_forbids(&self, usages: KeyUsage) -> bool {
        let stated = self.extensions.key_usage;
        stated.is_some_and(|stated| !stated.has(usages))
    }
}

/// Puts the two halves together. `None` if the signed part names no known algorithm.
fn signature_kind(within: Algorithm<'_>, beside: Algorithm<'_>) -> Option<SignatureKind> {
    let beside = beside.signature();
    Some(SignatureKind {
        key: within.signature()?.key,
        bits: beside.map_or(0, |beside| beside.bits),
    })
}

/// The key that the signature of a handshake is verified with, and its usage.
///
/// [`key_and_usage`] finds it.
pub(crate) struct KeyAndUsage<'a> {
    /// The SubjectPublicKeyInfo, with its header.
    pub(crate) key: &'a [u8],
    pub(crate) usage: Option<KeyUsage>,
}

/// Finds key and usage in a certificate that was read before, skipping the rest.
///
/// `None` if a field before the key is malformed. The first keyUsage counts.
pub(crate) fn key_and_usage(der: &[u8]) -> Option<KeyAndUsage<'_>> {
    let mut tbs = Reader::new(der).sequence()?.sequence()?;
    tbs.optional(context(0))?;
    // Serial number, algorithm, issuer, validity and subject.
    for _ in 0..5 {
        tbs.next()?;
    }
    let key = tbs.next()?.raw;
    let mut usage = None;
    while !tbs.is_empty() {
        let field = tbs.next()?;
        if field.tag != context(3) {
            continue;
        }
        let mut extensions = field.explicit()?.list(der::SEQUENCE)?;
        while usage.is_none() && !extensions.is_empty() {
            let found = Extension::read(&mut extensions)?;
            usage = (found.oid == id::KEY_USAGE).then_some(found.value);
        }
    }
    Some(KeyAndUsage {
        key,
        usage: usage.and_then(|value| KeyUsage::read(&value)),
    })
}

/// The fields of a Certificate.
///
/// They are borrowed from the DER, and live only while a certificate is read.
struct Parts<'a> {
    tbs: &'a [u8],
    /// The content octets of the version: 0 for version 1.
    version: &'a [u8],
    serial: &'a [u8],
    /// The algorithm within the signed part; `algorithm` is the one beside the signature.
    signed_algorithm: Algorithm<'a>,
    issuer: Name<'a>,
    /// The length of the issuer's canonical form, and where that of the subject begins in `names`.
    issuer_end: usize,
    subject_start: usize,
    not_before: Time,
    not_after: Time,
    subject: Name<'a>,
    key: PublicKey<'a>,
    extensions: Reader<'a>,
    algorithm: Algorithm<'a>,
    signature: der::BitString<'a>,
}

impl<'a> Parts<'a> {
    /// Reads the fields, and writes issuer and subject to `names`, canonical. If both are the same name, it is written
    /// once.
    ///
    /// Fails where the templates of OpenSSL fail (`X509`, `X509_CINF`), also for a name or a key that cannot be read.
    /// A certificate of 4 GiB or more is refused, because places in it are noted as 32-bit numbers.
    fn read(der: &'a [u8], below: Option<&Certificate<'_>>, names: &mut Vec<u8>) -> Option<Self> {
        u32::try_from(der.len()).ok()?;
        let mut whole = Reader::new(der);
        let mut outer = whole.sequence()?;
        whole.end()?;
        let tbs = outer.expect(der::SEQUENCE)?;
        let algorithm = Algorithm::read(&mut outer)?;
        let signature = outer.bit_string()?;
        outer.end()?;
        let mut fields = tbs.fields()?;
        let version = match fields.optional(context(0))? {
            Some(version) => version.explicit()?.integer()?,
            None => &[0],
        };
        let serial = fields.integer()?;
        let signed_algorithm = Algorithm::read(&mut fields)?;
        let issuer = Name::read_canonical(&mut fields, names)?;
        let issuer_end = names.len();
        let mut validity = fields.sequence()?;
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        validity.end()?;
        let subject = Name::next(&mut fields)?;
        let mut subject_start = issuer_end;
        match below.filter(|below| below.issuer_name.in_(&below.der) == subject.der()) {
            _ if issuer.der() == subject.der() => subject_start = 0,
            Some(below) => names.extend_from_slice(below.issuer()),
            None => subject.push_canonical(names)?,
        }
        let key = PublicKey::read(&mut fields)?;
        for unique_id in [context(1), context(2)] {
            if let Some(bits) = fields.optional(unique_id)? {
                bits.bit_string()?;
            }
        }
        let extensions = match fields.optional(context(3))? {
            Some(explicit) => explicit.explicit()?.list(der::SEQUENCE)?,
            None => Reader::default(),
        };
        fields.end()?;
        Some(Self {
            tbs: tbs.raw,
            version,
            serial,
            signed_algorithm,
            issuer,
            issuer_end,
            subject_start,
            not_before,
            not_after,
            subject,
            key,
            extensions,
            algorithm,
            signature,
        })
    }
}

impl Extensions {
    /// Reads the Extensions of a certificate; `issuer` is the certificate's issuer, canonical.
    ///
    /// `None` if an extension cannot be read as such. A malformed value only makes the certificate invalid.
    fn read(mut reader: Reader<'_>, der: &[u8], issuer: &[u8]) -> Option<Self> {
        let mut this = Self::default();
        let mut seen = 0u32;
        while !reader.is_empty() {
            let extension = Extension::read(&mut reader)?;
            let kind = Kind::of(extension.oid);
            if extension.is_critical && !kind.may_be_critical() {
                this.has_unhandled_critical = true;
            }
            this.has_issuer_alt_names |= kind == Kind::IssuerAltNames;
            let Kind::Interpreted(number) = kind else {
                continue;
            };
            let is_first = seen & 1 << number == 0;
            seen |= 1 << number;
            if !is_first || this.interpret(extension, der, issuer).is_none() {
                this.is_invalid = true;
            }
        }
        // RFC 3820, section 3: a proxy certificate is not that of a CA, and has no alternative names.
        let is_ca = this.basic_constraints.is_some_and(|found| found.is_ca);
        let has_names = this.subject_alt_names.is_some() || this.has_issuer_alt_names;
        this.is_invalid |= this.is_proxy && (is_ca || has_names);
        Some(this)
    }

    /// Reads the value of an extension. Returns `None` if it is malformed.
    ///
    /// Values that have to be read again later are kept in the DER, and only checked here.
    fn interpret(&mut self, extension: Extension<'_>, der: &[u8], issuer: &[u8]) -> Option<()> {
        let value = &*extension.value;
        match extension.oid {
            id::BASIC_CONSTRAINTS => {
                self.basic_constraints = Some(BasicConstraints::read(value)?);
            }
            id::KEY_USAGE => self.key_usage = Some(KeyUsage::read(value)?),
            id::EXTENDED_KEY_USAGE => self.key_purposes = Some(KeyPurposes::read(value)?),
            id::NETSCAPE_CERT_TYPE => {
                self.netscape_cert_type = Some(extension::netscape_cert_type(value)?);
            }
            id::SUBJECT_KEY_ID => {
                let key_id = extension::value(value, der::OCTET_STRING)?.string()?;
                self.subject_key_id = Some(Octets::of(&key_id, der));
            }
            id::AUTHORITY_KEY_ID => {
                AuthorityKeyId::read(value)?;
                self.authority_key_id = Some(Octets::of(value, der));
            }
            id::SUBJECT_ALT_NAME => {
                let names = extension::value(value, der::SEQUENCE)?;
                GeneralNames::read(names.items())?;
                self.subject_alt_names = Some(Octets::of(names.content, der));
            }
            id::NAME_CONSTRAINTS => self.name_constraints = Some(NameConstraints::read(value)?),
            id::CRL_DISTRIBUTION_POINTS => {
                DistributionPoint::check_all(value, issuer)?;
                self.crl_distribution_points = Some(Octets::of(value, der));
            }
            id::ADDRESS_BLOCKS => self.address_blocks = Some(AddressBlocks::read(value)?),
            id::AS_NUMBERS => self.as_identifiers = Some(AsIdentifiers::read(value)?),
            id::PROXY_CERT_INFO => {
                extension::proxy_cert_info(value)?;
                self.is_proxy = true;
            }
            _ => {}
        }
        Some(())
    }
}

/// A place in the certificate.
#[derive(Clone, Debug)]
struct Span(Range<u32>);

impl Span {
    /// Returns `None` if `part` does not lie in `whole`, which is shorter than 4 GiB.
    ///
    /// Compares addresses, so `part` must be a slice of `whole` itself.
    fn find(part: &[u8], whole: &[u8]) -> Option<Self> {
        let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
        let end = start.checked_add(part.len())?;
        (end <= whole.len()).then_some(Self(start as u32..end as u32))
    }

    /// A part that is not there has no octets.
    fn of(part: &[u8], whole: &[u8]) -> Self {
        Self::find(part, whole).unwrap_or(Self(0..0))
    }

    fn in_<'d>(&self, der: &'d [u8]) -> &'d [u8] {
        &der[self.0.start as usize..self.0.end as usize]
    }
}

/// Octets in the certificate, or a copy if the certificate has them in pieces or with bits to be cleared.
#[derive(Clone, Debug)]
enum Octets {
    At(Span),
    Copied(Box<[u8]>),
}

impl Octets {
    /// Copies only what is not in the certificate as it stands.
    fn of(octets: &[u8], whole: &[u8]) -> Self {
        match Span::find(octets, whole) {
            Some(span) => Self::At(span),
            None => Self::Copied(octets.into()),
        }
    }

    fn in_<'d>(&'d self, der: &'d [u8]) -> &'d [u8] {
        match self {
            Self::At(span) => span.in_(der),
            Self::Copied(octets) => octets,
        }
    }
}

/// The length that both names together rarely exceed.
const USUAL_NAMES: usize = 256;

/// What OpenSSL does with an extension.
///
/// It decides what a damaged, repeated or critical extension does to the certificate.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    /// OpenSSL reads the extension, once. Damage or a second copy makes the certificate invalid.
    ///
    /// The number is the extension's place in the set of those that were seen.
    Interpreted(u8),
    /// OpenSSL does not read it, but a proxy certificate must not have it.
    IssuerAltNames,
    /// The extension may be critical (`X509_supported_extension(3)`).
    Handled,
    /// Ignored, unless it is critical.
    Unknown,
}

impl Kind {
    fn of(oid: &[u8]) -> Self {
        match oid {
            id::BASIC_CONSTRAINTS => Self::Interpreted(0),
            id::KEY_USAGE => Self::Interpreted(1),
            id::EXTENDED_KEY_USAGE => Self::Interpreted(2),
            id::NETSCAPE_CERT_TYPE => Self::Interpreted(3),
            id::SUBJECT_KEY_ID => Self::Interpreted(SUBJECT_KEY_ID),
            id::AUTHORITY_KEY_ID => Self::Interpreted(AUTHORITY_KEY_ID),
            id::SUBJECT_ALT_NAME => Self::Interpreted(6),
            id::NAME_CONSTRAINTS => Self::Interpreted(7),
            id::CRL_DISTRIBUTION_POINTS => Self::Interpreted(8),
            id::ADDRESS_BLOCKS => Self::Interpreted(9),
            id::AS_NUMBERS => Self::Interpreted(10),
            id::PROXY_CERT_INFO => Self::Interpreted(11),
            id::ISSUER_ALT_NAME => Self::IssuerAltNames,
            id::CERTIFICATE_POLICIES
            | id::POLICY_MAPPINGS
            | id::POLICY_CONSTRAINTS
            | id::INHIBIT_ANY_POLICY
            | id::OCSP_NO_CHECK => Self::Handled,
            _ => Self::Unknown,
        }
    }

    /// OpenSSL's list does not have the key identifiers, which are never critical (RFC 5280, sections 4.2.1.1 and
    /// 4.2.1.2).
    fn may_be_critical(self) -> bool {
        match self {
            Self::Interpreted(number) => !matches!(number, SUBJECT_KEY_ID | AUTHORITY_KEY_ID),
            Self::Handled => true,
            Self::IssuerAltNames | Self::Unknown => false,
        }
    }
}

const SUBJECT_KEY_ID: u8 = 4;
const AUTHORITY_KEY_ID: u8 = 5;
