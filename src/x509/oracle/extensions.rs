use std::borrow::Cow;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName as Theirs, ParsedExtension};

use super::name;
use crate::x509::Certificate;
use crate::x509::der::{self, Reader, context};
use crate::x509::extension::{Extension, KeyUsage};
use crate::x509::general_name::GeneralName;
use crate::x509::name::Name;

pub(super) fn compare(ours: &Certificate<'_>, theirs: &X509Certificate<'_>) {
    let found = extensions(ours.der()).unwrap_or_default();
    let expected = theirs.extensions();
    assert_eq!(found.len(), expected.len(), "extensions");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.oid, expected.oid.as_bytes(), "extension");
        assert_eq!(found.is_critical, expected.critical, "critical");
        assert_eq!(&*found.value, expected.value, "value of an extension");
    }
    for (i, extension) in expected.iter().enumerate() {
        let mut before = expected[..i].iter();
        // Of two, the reader takes the first one, and the certificate is invalid.
        if before.all(|before| before.oid != extension.oid) {
            compare_one(ours, extension.parsed_extension());
        }
    }
}

/// Returns the Extensions of a certificate, which does not keep them as such.
fn extensions(der: &[u8]) -> Option<Vec<Extension<'_>>> {
    let mut tbs = Reader::new(der).sequence()?.sequence()?;
    tbs.optional(context(0))?;
    // Serial number, algorithm, issuer, validity, subject and key.
    for _ in 0..6 {
        tbs.next()?;
    }
    tbs.optional(context(1))?;
    tbs.optional(context(2))?;
    let mut reader = tbs.next()?.explicit()?.list(der::SEQUENCE)?;
    let mut all = Vec::new();
    while !reader.is_empty() {
        all.push(Extension::read(&mut reader)?);
    }
    Some(all)
}

/// Compares what both could interpret; what the reader could not makes the certificate invalid.
fn compare_one(ours: &Certificate<'_>, theirs: &ParsedExtension<'_>) {
    let found = &ours.extensions;
    let is_read = match theirs {
        ParsedExtension::BasicConstraints(expected) => found.basic_constraints.map(|found| {
            assert_eq!(found.is_ca, expected.ca, "cA");
            let limit = expected.path_len_constraint.map(u64::from);
            assert_eq!(found.path_len, limit, "pathLenConstraint");
        }),
        ParsedExtension::KeyUsage(expected) => found.key_usage.map(|found| {
            // x509-parser counts the bits from the other end of each octet.
            let [low, high] = expected.flags.to_le_bytes().map(u8::reverse_bits);
            let bits = [3, 3, 0, low, high];
            assert_eq!(Some(found), KeyUsage::read(&bits), "keyUsage");
        }),
        ParsedExtension::ExtendedKeyUsage(expected) => found.key_purposes.map(|found| {
            let purposes = (found.client_auth, found.server_auth);
            let expected = (expected.client_auth, expected.server_auth);
            assert_eq!(purposes, expected, "extKeyUsage");
        }),
        ParsedExtension::SubjectKeyIdentifier(expected) => found
            .subject_key_id
            .as_ref()
            .map(|found| assert_eq!(**found, *expected.0, "subjectKeyIdentifier")),
        ParsedExtension::AuthorityKeyIdentifier(expected) => {
            found.authority_key_id.as_ref().map(|found| {
                let key_id = expected.key_identifier.as_ref().map(|id| id.0);
                assert_eq!(found.key_id.as_deref(), key_id, "keyIdentifier");
                let serial = expected.authority_cert_serial;
                assert_eq!(found.serial.as_deref(), serial, "authorityCertSerialNumber");
                let names = expected.authority_cert_issuer.as_deref();
                let issuer = first_directory(names.unwrap_or_default());
                assert_eq!(
                    found.issuer.as_deref(),
                    issuer.as_deref(),
                    "authorityCertIssuer"
                );
            })
        }
        ParsedExtension::SubjectAlternativeName(expected) => {
            let names: Vec<_> = ours.alt_names().collect();
            let is_read = !names.is_empty() || !found.is_invalid;
            is_read.then(|| compare_names(&names, &expected.general_names))
        }
        ParsedExtension::NameConstraints(expected) => {
            found.name_constraints.as_ref().map(|found| {
                let count = |subtrees: &Option<Vec<_>>| subtrees.as_ref().map_or(0, Vec::len);
                let permitted = count(&expected.permitted_subtrees);
                assert_eq!(found.permitted.len(), permitted, "permittedSubtrees");
                let excluded = count(&expected.excluded_subtrees);
                assert_eq!(found.excluded.len(), excluded, "excludedSubtrees");
            })
        }
        ParsedExtension::CRLDistributionPoints(expected) => {
            let points = found.crl_distribution_points.as_ref();
            points.map(|found| assert_eq!(found.len(), expected.points.len(), "points"))
        }
        _ => return,
    };
    assert!(is_read.is_some() || found.is_invalid, "{theirs:?}");
}

fn first_directory(names: &[Theirs<'_>]) -> Option<Vec<u8>> {
    names.iter().find_map(|name| match name {
        Theirs::DirectoryName(name) => {
            Name::read(&mut Reader::new(name.as_raw())).and_then(|name| name.canonical())
        }
        _ => None,
    })
}

fn compare_names(ours: &[GeneralName<'_>], theirs: &[Theirs<'_>]) {
    assert_eq!(ours.len(), theirs.len(), "names");
    // x509-parser does not put strings together that come in pieces.
    let is_same = |ours: &Cow<'_, [u8]>, theirs: &[u8]| match ours {
        Cow::Borrowed(found) => *found == theirs,
        Cow::Owned(_) => true,
    };
    for (found, expected) in ours.iter().zip(theirs) {
        let is_same = match (found, expected) {
            (GeneralName::Dns(found), Theirs::DNSName(name)) => is_same(found, name.as_bytes()),
            (GeneralName::Email(found), Theirs::RFC822Name(name)) => {
                is_same(found, name.as_bytes())
            }
            (GeneralName::Uri(found), Theirs::URI(name)) => is_same(found, name.as_bytes()),
            (GeneralName::Ip(found), Theirs::IPAddress(octets)) => is_same(found, octets),
            (GeneralName::Directory(canonical), Theirs::DirectoryName(name)) => {
                let ours = Name::of_checked(name.as_raw());
                name::compare(ours, name);
                ours.canonical().as_deref() == Some(&**canonical)
            }
            (GeneralName::Other { id, .. }, Theirs::OtherName(oid, _)) => **id == *oid.as_bytes(),
            (GeneralName::Unused { tag, content }, Theirs::RegisteredID(oid)) => {
                *tag == 0x88 && **content == *oid.as_bytes()
            }
            (GeneralName::Unused { tag, content }, Theirs::X400Address(any)) => {
                *tag == 0x83 && **content == *any.data
            }
            (GeneralName::Unused { tag, content }, Theirs::EDIPartyName(any)) => {
                *tag == 0x85 && **content == *any.data
            }
            // Octets that x509-parser does not take for text, or that it cannot take apart.
            (_, Theirs::Invalid(..)) => true,
            _ => false,
        };
        assert!(is_same, "{found:?}, {expected:?}");
    }
}
