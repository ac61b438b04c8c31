//! The order of our own certificates.
//!
//! OpenSSL sends what stands in the file of `SSL_CTX_use_certificate_chain_file`, in its order, and the first
//! certificate has to be that of the key. So the order of PEM files is kept. PKCS#12 and PKCS#7 are sets: there, the
//! certificate of the key is looked for, and its issuers are put behind it, as `PKCS12_parse(3)` and its callers do.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use super::certificate;
use super::error::{Damage, FileError, FileProblem};
use super::kind::ObjectKind;
use super::object::{Content, Object};
use super::origin::Origin;
use super::remark::{Remark, RemarkKind};
use super::trust::TrustSettings;
use crate::x509::Certificate;
use crate::x509::algorithm::{Algorithm, KeyKind};
use crate::x509::der::NULL;
use crate::x509::key::PublicKey;

/// What the files of `certificate` hold.
#[derive(Default)]
pub(super) struct Chain {
    /// The certificates that are in the order of the files.
    ordered: Vec<Link>,
    /// The certificates of PKCS#12 and PKCS#7, where the order has no meaning.
    unordered: Vec<Link>,
    /// The file that the first certificate stands in.
    first: Option<Origin>,
    /// The first private key.
    pub(super) key: Option<Object>,
    pub(super) remarks: Vec<Remark>,
}

/// A certificate, and where it was read.
pub(super) struct Link {
    pub(super) certificate: Certificate<'static>,
    pub(super) origin: Origin,
}

impl Chain {
    /// Adds an object, and returns whether it is a certificate.
    ///
    /// The first private key is kept, too, for the case that no other file is named for it.
    pub(super) fn add(&mut self, object: Object) -> Result<bool, FileError> {
        match object.content {
            Content::Certificate(_) | Content::TrustedCertificate(_) => {
                self.add_certificate(object)
            }
            _ if object.kind == ObjectKind::PrivateKey => {
                self.key.get_or_insert(object);
                Ok(false)
            }
            _ => {
                self.remarks.extend(object.into_unused());
                Ok(false)
            }
        }
    }

    /// Adds a certificate that is given in code under the name `name`.
    pub(super) fn add_der(
        &mut self,
        der: CertificateDer<'static>,
        name: &Arc<str>,
    ) -> Result<bool, FileError> {
        let (origin, content) = (Origin::of_memory(OPTION, name), Content::Certificate(der));
        self.add(Object::of_member(origin, ObjectKind::Certificate, content))
    }

    /// A certificate of a PEM block that cannot be read is an error of its file; one in a container is left out with a
    /// remark.
    fn add_certificate(&mut self, object: Object) -> Result<bool, FileError> {
        let origin = object.origin.clone();
        let is_member = origin.member().is_some();
        match Link::read(object, self.ordered.is_empty()) {
            Ok(link) => {
                self.first.get_or_insert_with(|| origin.clone());
                match is_member {
                    true => self.unordered.push(link),
                    false => self.ordered.push(link),
                }
                Ok(true)
            }
            // An unreadable certificate in a container does not make the others unusable.
            Err(error) if is_member => {
                self.remarks.push(Remark::unreadable(origin, error));
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns every certificate, in the order of the files, and where each was read.
    pub(super) fn certificates(&self) -> (Vec<Certificate<'static>>, Vec<Origin>) {
        let links = self.ordered.iter().chain(&self.unordered);
        links
            .map(|link| (link.certificate.clone(), link.origin.clone()))
            .unzip()
    }

    /// Returns the certificates that are in the order of the files.
    pub(super) fn into_links(self) -> Vec<Link> {
        self.ordered
    }

    /// Makes the error that the files hold no key.
    pub(super) fn without_key(&self) -> FileError {
        match &self.first {
            Some(first) => FileError::new(first.file(), FileProblem::NoKey),
            None => FileError::of_option(OPTION, FileProblem::NoFileNamed),
        }
    }

    /// Puts the certificate of this key first, followed by the intermediates above it.
    pub(super) fn into_order(
        mut self,
        key: &PublicKey<'_>,
    ) -> Result<(Vec<Link>, Vec<Remark>), Mismatch> {
        let mut links = match &self.first {
            Some(first) if first.member().is_some() => {
                let mut links = vec![self.take_end_entity(key)?];
                self.extend(&mut links);
                links.append(&mut self.ordered);
                links
            }
            _ => std::mem::take(&mut self.ordered),
        };
        if !links.first().is_some_and(|link| link.has_key(key)) {
            return Err(Mismatch::of(&links, key));
        }
        self.extend(&mut links);
        self.note_leftover(&links);
        Ok((links, self.remarks))
    }

    /// Takes the certificate of the key out of those without an order.
    fn take_end_entity(&mut self, key: &PublicKey<'_>) -> Result<Link, Mismatch> {
        match self.unordered.iter().position(|link| link.has_key(key)) {
            Some(place) => Ok(self.unordered.remove(place)),
            None => Err(Mismatch {
                certificate: self.first.as_ref().map(Origin::file),
                fits: None,
            }),
        }
    }

    /// Adds the intermediates above the last certificate. A root is not sent, because a peer that trusts it has it.
    fn extend(&mut self, links: &mut Vec<Link>) {
        while let Some(place) = links.last().and_then(|last| self.issuer_of(last)) {
            links.push(self.unordered.remove(place));
        }
    }

    /// The first intermediate whose name and key identifier fit. Signatures are not verified: peers do that.
    fn issuer_of(&self, last: &Link) -> Option<usize> {
        if last.certificate.is_self_signed() {
            return None;
        }
        self.unordered.iter().position(|link| {
            !link.certificate.is_self_signed()
                && link.certificate.may_have_issued(&last.certificate)
        })
    }

    /// Notes which files hold certificates that are not sent.
    fn note_leftover(&mut self, links: &[Link]) {
        let is_root = |link: &Link| {
            let issued = |other: &Link| link.certificate.may_have_issued(&other.certificate);
            link.certificate.is_self_signed() && links.iter().any(issued)
        };
        let mut counts: Vec<(Origin, usize)> = Vec::new();
        for link in self.unordered.iter().filter(|link| !is_root(link)) {
            let file = link.origin.file();
            match counts.iter_mut().find(|(known, _)| *known == file) {
                Some((_, count)) => *count += 1,
                None => counts.push((file, 1)),
            }
        }
        let remarks = counts.into_iter();
        self.remarks.extend(remarks.map(|(file, certificates)| {
            Remark::new(file, RemarkKind::NotInChain { certificates })
        }));
    }
}

/// The certificate that a key does not match, and another one that the key does match.
pub(super) struct Mismatch {
    certificate: Option<Origin>,
    fits: Option<Box<Origin>>,
}

impl Mismatch {
    /// Looks for a certificate that the key does match, because a wrong order is the usual mistake.
    fn of(links: &[Link], key: &PublicKey<'_>) -> Self {
        let fitting = links.iter().find(|link| link.has_key(key));
        Self {
            certificate: links.first().map(|link| link.origin.clone()),
            fits: fitting.map(|link| Box::new(link.origin.clone())),
        }
    }

    pub(super) fn problem(self, key: &Origin) -> FileProblem {
        FileProblem::KeyMismatch {
            certificate: self.certificate.unwrap_or_else(|| key.clone()),
            fits: self.fits,
        }
    }
}

impl Link {
    /// Reads a certificate. Bytes behind it are an error in DER; in a PEM block they are ignored, or have to be trust
    /// settings.
    fn read(object: Object, is_first: bool) -> Result<Self, FileError> {
        let (der, has_settings) = match object.content {
            Content::TrustedCertificate(der) => (der, true),
            Content::Certificate(der) => (der, false),
            _ => return Err(damaged(object.origin, Damage::Structure)),
        };
        let read = certificate::split(der).and_then(|(certificate, tail)| {
            match object.origin.block() {
                None if !tail.is_empty() => return Err(Damage::TrailingBytes),
                // OpenSSL requires that trust settings can be read, though they mean nothing for our own certificate.
                // After the first certificate it reads them whatever the label is; after another one it ignores what
                // follows.
                Some(_) if has_settings || is_first => drop(TrustSettings::from_der(&tail)?),
                _ => {}
            }
            Ok(certificate)
        });
        let origin = object.origin;
        match read {
            Ok(certificate) => Ok(Self {
                certificate,
                origin,
            }),
            Err(damage) => Err(damaged(origin, damage)),
        }
    }

    /// Compares the keys as OpenSSL's `X509_check_private_key` does: by the algorithm, its parameters and the bits of
    /// the key.
    fn has_key(&self, key: &PublicKey<'_>) -> bool {
        let algorithm = Algorithm::of_checked(self.certificate.key_algorithm());
        self.certificate.key_bits() == &*key.bits.octets
            && algorithm.oid == key.algorithm.oid
            && parameters(algorithm) == parameters(key.algorithm)
    }
}

/// Returns the parameters to compare, such as the curve. For RSA some write NULL and some nothing, and OpenSSL does
/// not compare the restrictions of RSA-PSS keys.
fn parameters(algorithm: Algorithm<'_>) -> Option<&[u8]> {
    let stated = algorithm
        .parameters
        .filter(|found| found.tag != NULL && algorithm.key_kind() != KeyKind::RsaPss);
    stated.map(|found| found.content)
}

/// The option that these certificates are for.
pub(super) const OPTION: &str = "certificate";

/// Makes the error that a chain which is given in code under the name `name` is empty.
pub(super) fn missing(name: &Arc<str>) -> FileError {
    let problem = FileProblem::Missing {
        wanted: ObjectKind::Certificate,
        found: None,
    };
    FileError::new(Origin::of_memory(OPTION, name), problem)
}

fn damaged(origin: Origin, damage: Damage) -> FileError {
    FileError::new(origin, FileProblem::Damaged(damage))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::TrustAnchor;

    use super::*;
    use crate::x509::der::Reader;
    use crate::x509::test_pki::{
        CertificateSpec, EC_PUBLIC_KEY as EC, P256, RSA, RSA_PSS, bit_string, cn, oid, seq, tlv,
    };

    const P384: &[u8] = &[0x2b, 0x81, 4, 0, 34];
    const NULL: &[u8] = &[5, 0];
    /// RSASSA-PSS-params with a salt of 48 octets.
    const SALT: &[u8] = &[0x30, 5, 0xa2, 3, 2, 1, 48];

    /// The fields of a SubjectPublicKeyInfo.
    fn key(algorithm: &[u8], parameters: &[u8], bits: &[u8]) -> Vec<u8> {
        let algorithm = seq(&[oid(algorithm), parameters.to_vec()]);
        [algorithm, bit_string(bits)].concat()
    }

    #[test]
    fn a_key_is_that_of_a_certificate_by_algorithm_parameters_and_bits() {
        let (name, p256, p384) = (cn("key"), oid(P256), oid(P384));
        for (certificate, other, fits) in [
            (key(EC, &p256, b"bits"), key(EC, &p256, b"bits"), true),
            (key(EC, &p256, b"bits"), key(EC, &p256, b"other"), false),
            (key(EC, &p256, b"bits"), key(EC, &p384, b"bits"), false),
            (key(EC, &p256, b"bits"), key(EC, b"", b"bits"), false),
            (key(EC, &p256, b"bits"), key(RSA, &p256, b"bits"), false),
            (key(RSA, NULL, b"bits"), key(RSA, NULL, b"bits"), true),
            // Some write NULL and some nothing.
            (key(RSA, NULL, b"bits"), key(RSA, b"", b"bits"), true),
            (key(RSA, b"", b"bits"), key(RSA, NULL, b"bits"), true),
            (key(RSA, NULL, b"bits"), key(RSA_PSS, NULL, b"bits"), false),
            // The restrictions of a key are not compared.
            (
                key(RSA_PSS, SALT, b"bits"),
                key(RSA_PSS, b"", b"bits"),
                true,
            ),
            (
                key(RSA_PSS, b"", b"bits"),
                key(RSA_PSS, SALT, b"bits"),
                true,
            ),
            (
                key(RSA_PSS, SALT, b"bits"),
                key(RSA_PSS, SALT, b"other"),
                false,
            ),
        ] {
            let anchor = TrustAnchor {
                subject: name[2..].into(),
                subject_public_key_info: certificate.as_slice().into(),
                name_constraints: None,
            };
            let link = Link {
                certificate: Certificate::of_anchor(&anchor).unwrap(),
                origin: Origin::of_code(OPTION),
            };
            let der = tlv(0x30, &other);
            let key = PublicKey::read(&mut Reader::new(&der)).unwrap();
            assert_eq!(link.has_key(&key), fits, "{certificate:02x?} {other:02x?}");
        }
    }

    /// `openssl pkcs12` and its callers do not send the root of the chain either.
    #[test]
    fn the_chain_of_a_container_is_made_of_issuers_below_the_root() {
        let intermediate = CertificateSpec::intermediate();
        let own = CertificateSpec::default().below(&intermediate);
        let root = CertificateSpec::root();
        let stranger = CertificateSpec::ca(cn("Stranger"), 3);
        let other = CertificateSpec {
            subject: cn("other.example.com"),
            key: 8,
            ..own.clone()
        };
        let own_key = own.certificate().spki().to_vec();
        let key = PublicKey::read(&mut Reader::new(&own_key)).unwrap();
        let file = |name: &str| Origin::of_memory(OPTION, &name.into());
        for (held, sent, left_over) in [
            (vec![&own], vec![&own], 0),
            (vec![&own, &root], vec![&own], 1),
            (
                vec![&root, &intermediate, &own],
                vec![&own, &intermediate],
                0,
            ),
            (
                vec![&own, &intermediate, &root],
                vec![&own, &intermediate],
                0,
            ),
            (
                vec![&stranger, &own, &intermediate],
                vec![&own, &intermediate],
                1,
            ),
            (
                vec![&other, &intermediate, &own, &stranger],
                vec![&own, &intermediate],
                2,
            ),
        ] {
            let mut chain = Chain::default();
            for (number, spec) in held.iter().enumerate() {
                let content = Content::Certificate(spec.der().into());
                let origin = file("own.p12").within(number + 1);
                let object = Object::of_member(origin, ObjectKind::Certificate, content);
                assert!(chain.add(object).unwrap());
            }
            let Ok((links, remarks)) = chain.into_order(&key) else {
                panic!("no certificate has the key");
            };
            let found: Vec<_> = links
                .iter()
                .map(|link| link.certificate.der().to_vec())
                .collect();
            assert_eq!(
                found,
                sent.iter().map(|spec| spec.der()).collect::<Vec<_>>()
            );
            let counted = remarks.iter().map(|remark| match remark.kind() {
                RemarkKind::NotInChain { certificates } => *certificates,
                other => panic!("{other:?}"),
            });
            let expected = Some(left_over).filter(|count| *count > 0);
            assert_eq!(counted.collect::<Vec<_>>(), Vec::from_iter(expected));
        }
    }
}
