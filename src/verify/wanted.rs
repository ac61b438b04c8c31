//! Revocation lists that a verification lacked, and where to find them.
//!
//! This is for `tls-crl` = `fetch`. A verification fetches nothing, because it runs within a handshake. It notes the
//! lists that it lacks in its status. The endpoint fetches them, has each judged by [`Verifier::judge`], and verifies
//! the peer again.
//!
//! An attacker can write any URL into a certificate. So a URL is taken from a certificate only if all signatures of
//! the path are good, and if nothing but the list is missing: only a trusted CA can then have chosen it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use super::code::VerifyCode;
use super::path::Path;
use super::revocation::Crl;
use super::status::VerifyStatus;
use super::verifier::Verifier;
use super::{constraints, resources};
use crate::pki::RevocationList;
use crate::x509::distribution_point::{DistributionPoint, PointName, Reasons};
use crate::x509::extension::KeyUsage;
use crate::x509::general_name::GeneralName;
use crate::x509::{Certificate, describe};

/// A revocation list to fetch: its issuer, and the URLs that certificates give for it
/// ([RFC 5280, section 4.2.1.13](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.13)).
///
/// [`VerifyStatus::wanted_lists`](super::VerifyStatus::wanted_lists) returns it. Two are equal if they are of one CA,
/// by name and key, and have the same URLs.
#[derive(Clone)]
pub struct WantedList(Arc<Wanted>);

/// What a fetched list is compared with. The CA's certificate is kept, because the list is judged without the path.
struct Wanted {
    issuer: String,
    urls: Vec<String>,
    ca: CertificateDer<'static>,
    /// The CA's subject, canonical.
    subject: Box<[u8]>,
    key: Box<[u8]>,
}

impl WantedList {
    /// Returns the name of the CA whose list it is, as `openssl x509 -subject` prints it.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// Returns the URLs, all of `http:`, in the order in which they are tried. There is at least one.
    pub fn urls(&self) -> &[String] {
        &self.0.urls
    }

    /// What makes two wanted lists the same.
    fn identity(&self) -> (&[String], &[u8], &[u8]) {
        (&self.0.urls, &self.0.subject, &self.0.key)
    }
}

/// Two lists are the same if the CA and the URLs are the same.
impl PartialEq for WantedList {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for WantedList {}

impl Hash for WantedList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl fmt::Debug for WantedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WantedList")
            .field("issuer", &self.0.issuer)
            .field("urls", &self.0.urls)
            .finish_non_exhaustive()
    }
}

/// Returns the lists that a verification lacked, if nothing else is wrong with the path; or, if the path is accepted,
/// the lists that expire soon. The signatures of the path have to be good.
pub(super) fn by(path: &Path<'_>, status: &VerifyStatus, running_out: &[usize]) -> Vec<WantedList> {
    let refusals = || status.findings.iter().filter(|found| !found.is_tolerated());
    let is_about_lists = refusals().all(|found| is_lack(found.code()));
    let lacks: Vec<_> = match refusals().next() {
        None => running_out.to_vec(),
        Some(_) if is_about_lists && !is_out_of_bounds(path) => {
            refusals().map(|found| found.depth()).collect()
        }
        Some(_) => Vec::new(),
    };
    let mut wanted: Vec<Wanted> = Vec::new();
    for depth in lacks {
        wanted_at(path, depth, &mut wanted);
    }
    wanted.retain(|list| !list.urls.is_empty());
    let lists = wanted.into_iter();
    lists.map(|list| WantedList(Arc::new(list))).collect()
}

/// Whether the finding is that a list is missing or has expired.
pub(crate) fn is_lack(code: VerifyCode) -> bool {
    matches!(code, VerifyCode::UnableToGetCrl | VerifyCode::CrlHasExpired)
}

/// Whether the path would be refused even with the lists.
fn is_out_of_bounds(path: &Path<'_>) -> bool {
    constraints::check(path).is_some() || resources::check(path).is_some()
}

/// Notes the list for the certificate at `depth`. Several certificates of one CA share one list.
fn wanted_at(path: &Path<'_>, depth: usize, wanted: &mut Vec<Wanted>) {
    let path = &path.certificates;
    let certificate = path[depth];
    let ca = path[(depth + 1).min(path.len() - 1)];
    // A path may end in an intermediate whose own issuer is not known.
    if ca.subject() != certificate.issuer() {
        return;
    }
    let known = wanted
        .iter()
        .position(|list| *list.subject == *ca.subject() && *list.key == *ca.spki());
    let at = known.unwrap_or_else(|| {
        wanted.push(Wanted {
            issuer: describe::one_line(ca.subject_name()),
            urls: Vec::new(),
            ca: ca.der().clone().into_owned(),
            subject: ca.subject().into(),
            key: ca.spki().into(),
        });
        wanted.len() - 1
    });
    let urls = &mut wanted[at].urls;
    for url in urls_of(certificate) {
        if urls.len() < MOST_URLS && !urls.contains(&url) {
            urls.push(url);
        }
    }
}

/// The URLs of lists by the certificate's own issuer that cover all reasons.
fn urls_of(certificate: &Certificate<'_>) -> Vec<String> {
    let mut urls = Vec::new();
    for point in certificate.distribution_points().filter(is_whole) {
        if let Some(PointName::Full(names)) = &point.name {
            urls.extend(names.iter().filter_map(|name| url(&name)));
        }
    }
    urls
}

/// Whether the point is about lists of the certificate's own issuer, and for all reasons. Any other point would need
/// several lists, or a list by another issuer.
fn is_whole(point: &DistributionPoint<'_>) -> bool {
    point.crl_issuers.is_none() && Reasons::ALL.are_within(point.reasons)
}

/// A name that is a URL of `http:`, in printable characters (RFC 5280, section 4.2.1.6).
fn url(name: &GeneralName<'_>) -> Option<String> {
    let GeneralName::Uri(octets) = name else {
        return None;
    };
    let text = str::from_utf8(octets).ok()?;
    let is_http = text.get(..7)?.eq_ignore_ascii_case("http://");
    let is_printable = text.bytes().all(|octet| octet.is_ascii_graphic());
    (is_http && is_printable && text.len() <= LONGEST_URL).then(|| text.to_owned())
}

/// Why a fetched list is refused.
///
/// A list with a fault is not used, and the lists in use stay.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ListFault {
    /// The key of the CA did not sign the list.
    BadSignature,
    /// The list has an unknown critical extension, or does not cover all certificates and reasons as needed.
    NotUsable,
    /// The list is not in force now.
    NotInForce(VerifyCode),
    /// The key usage of the CA does not allow it to sign lists.
    MayNotSign,
    /// The list is no newer than the one in use.
    NotNewer,
    /// Another CA made the list.
    OtherIssuer,
}

impl fmt::Display for ListFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadSignature => f.write_str("the list is not signed with the key of the CA"),
            Self::NotUsable => f.write_str(
                "the list does not cover all certificates and reasons, or has an unknown critical extension",
            ),
            Self::NotInForce(code) => write!(f, "{code} ({})", code.number()),
            Self::MayNotSign => {
                f.write_str("the key usage of the CA does not allow it to sign lists")
            }
            Self::NotNewer => f.write_str("the list is not newer than the one in use"),
            Self::OtherIssuer => f.write_str("another CA issued the list"),
        }
    }
}

impl std::error::Error for ListFault {}

impl Verifier {
    /// Accepts a list that was fetched for `wanted`, if it is by the CA of the path, is in force, and is newer than
    /// the one in use (RFC 5280, section 6.3.3). If the same list was fetched before, such as from another URL, the
    /// earlier one is returned.
    ///
    /// Every rule that a handshake applies to a list is applied before it is taken: the issuer's name and key
    /// identifier, cRLSign, the signature, the scope and the dates. A list that is no newer than the one in use is
    /// refused, so that an attacker on the way cannot bring an old list back.
    pub(crate) fn judge(
        &self,
        wanted: &WantedList,
        list: RevocationList,
        now: i64,
    ) -> Result<Arc<Crl>, ListFault> {
        // The verification has read this certificate already.
        let ca = Certificate::parse(wanted.0.ca.clone()).map_err(|_| ListFault::OtherIssuer)?;
        let list = Crl::new(list, &self.basis());
        if !list.is_named_by(&ca) {
            return Err(ListFault::OtherIssuer);
        }
        if ca.key_usage_forbids(KeyUsage::CRL_SIGN) {
            return Err(ListFault::MayNotSign);
        }
        if !list.is_signed_with_key_of(&ca, self) {
            return Err(ListFault::BadSignature);
        }
        if !list.can_answer() {
            return Err(ListFault::NotUsable);
        }
        list.check_dates(now).map_err(ListFault::NotInForce)?;
        let rivals = |other: &Crl| other.is_alike(&list) && other.is_signed_with_key_of(&ca, self);
        if let Some(same) = self
            .fetched()
            .find(|other| other.is_same(&list) && rivals(other))
        {
            return Ok(same.clone());
        }
        let mut in_use = self.all_lists();
        match in_use.any(|other| rivals(other) && !list.is_newer_than(other)) {
            true => Err(ListFault::NotNewer),
            false => Ok(Arc::new(list)),
        }
    }
}

/// How many URLs are tried for one list at most.
const MOST_URLS: usize = 4;
/// In octets. Longer ones are ignored.
const LONGEST_URL: usize = 1024;

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

    use super::*;
    use crate::verify::test_pki::{
        CRL_DISTRIBUTION_POINTS, CertificateSpec, cn, extension, root_name, seq, tlv,
    };

    fn wanted(urls: &[&str], subject: &[u8], key: &[u8]) -> Wanted {
        Wanted {
            issuer: "CN = Root".to_owned(),
            urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            ca: CertificateDer::from(Vec::new()),
            subject: subject.into(),
            key: key.into(),
        }
    }

    #[test]
    fn debug_names_the_ca_and_the_urls() {
        let wanted = WantedList(Arc::new(wanted(&["http://example.com/root.crl"], b"", b"")));
        let expected =
            r#"WantedList { issuer: "CN = Root", urls: ["http://example.com/root.crl"], .. }"#;
        assert_eq!(format!("{wanted:?}"), expected);
    }

    #[test]
    fn lists_are_equal_if_name_key_and_urls_are() {
        let list = |urls: &[&str], subject, key| WantedList(Arc::new(wanted(urls, subject, key)));
        let one = list(&["http://a/", "http://b/"], b"name", b"key");
        let hash =
            |list: &WantedList| BuildHasherDefault::<DefaultHasher>::default().hash_one(list);
        let renewed = Wanted {
            issuer: "CN=Root".to_owned(),
            ca: CertificateDer::from(vec![1]),
            ..wanted(&["http://a/", "http://b/"], b"name", b"key")
        };
        let renewed = WantedList(Arc::new(renewed));
        assert_eq!(one, renewed);
        assert_eq!(hash(&one), hash(&renewed));
        for other in [
            list(&["http://a/"], b"name", b"key"),
            list(&["http://b/", "http://a/"], b"name", b"key"),
            list(&["http://a/", "http://b/"], b"names", b"key"),
            list(&["http://a/", "http://b/"], b"name", b"keys"),
        ] {
            assert_ne!(one, other);
            assert_ne!(hash(&one), hash(&other), "{other:?}");
        }
    }

    /// The cRLDistributionPoints extension with these points, each of them made of fields.
    fn points(points: &[&[Vec<u8>]]) -> Vec<u8> {
        let points: Vec<_> = points.iter().map(|fields| seq(fields)).collect();
        extension(CRL_DISTRIBUTION_POINTS, false, &seq(&points))
    }

    fn at(url: &str) -> Vec<u8> {
        tlv(0xa0, &tlv(0xa0, &tlv(0x86, url.as_bytes())))
    }

    #[test]
    fn only_points_for_all_reasons_and_of_the_issuer_itself_count() {
        let reasons = |bits: &[u8]| tlv(0x81, &[&[7], bits].concat());
        let by = |name: &[u8]| tlv(0xa2, &tlv(0xa4, name));
        let certificate = CertificateSpec::default().with(points(&[
            &[at("http://a/")],
            &[at("http://b/"), reasons(&[0x7f, 0x80])],
            &[at("http://c/"), reasons(&[0x7e, 0x80])],
            &[at("http://d/"), reasons(&[0x7f, 0])],
            &[at("http://e/"), by(&cn("Other"))],
            &[at("http://f/"), by(&root_name())],
            &[at("http://g/"), reasons(&[0x40, 0]), by(&cn("Other"))],
            &[at("http://h/")],
        ]));
        let urls = urls_of(&certificate.certificate());
        assert_eq!(urls, ["http://a/", "http://b/", "http://h/"]);
    }

    /// The lists for all certificates of this path, each with its URLs.
    fn wanted_for(path: &[CertificateSpec]) -> Vec<Vec<String>> {
        let certificates: Vec<_> = path.iter().map(CertificateSpec::certificate).collect();
        let path = Path {
            certificates: certificates.iter().collect(),
            trusted: Vec::new(),
            changes_at: i64::MAX,
        };
        let mut wanted = Vec::new();
        for depth in 0..certificates.len() {
            wanted_at(&path, depth, &mut wanted);
        }
        wanted.into_iter().map(|list| list.urls).collect()
    }

    #[test]
    fn certificates_of_one_ca_share_a_list_and_those_of_two_do_not() {
        let listed = |spec: CertificateSpec, url: &str| spec.with(points(&[&[at(url)]]));
        let below = |issuer: &CertificateSpec| {
            listed(CertificateSpec::default().below(issuer), "http://end/")
        };
        let ca = |name, seed| listed(CertificateSpec::ca(name, seed), "http://ca/");
        let root = listed(CertificateSpec::root(), "http://root/");
        let lists = wanted_for(&[below(&root), root.clone()]);
        assert_eq!(lists, [["http://end/", "http://root/"]]);
        // A key of the same CA, and a CA with the same key.
        for ca in [ca(root_name(), 2), ca(cn("Other"), 1)] {
            let ca = ca.below(&root);
            let path = [below(&ca), ca, root.clone()];
            let expected = [vec!["http://end/"], vec!["http://ca/", "http://root/"]];
            assert_eq!(wanted_for(&path), expected);
        }
    }

    #[test]
    fn the_last_certificate_of_a_path_has_a_list_only_if_it_is_its_own_issuer() {
        let end_entity = CertificateSpec::default().with(points(&[&[at("http://end/")]]));
        assert!(wanted_for(&[end_entity]).is_empty());
    }
}
