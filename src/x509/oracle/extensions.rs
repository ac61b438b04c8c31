use std::borrow::Cow;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{
    AuthorityKeyIdentifier, BasicConstraints as TheirBasicConstraints, GeneralName as Theirs,
    KeyUsage as TheirKeyUsage, NameConstraints as TheirConstraints, ParsedExtension, X509Extension,
};

use super::name;
use crate::x509::Certificate;
use crate::x509::der::{self, Reader, context};
use crate::x509::extension::{
    AuthorityKeyId, BasicConstraints, Extension, KeyUsage, NameConstraints,
};
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
        // If an extension occurs twice, the reader takes the first one, and the certificate is invalid.
        if before.all(|before| before.oid != extension.oid) {
            compare_one(ours, extension);
        }
    }
}

/// Reads the Extensions of a certificate again, because `Certificate` does not keep them.
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

/// Compares an extension that both could interpret. If the reader could not, the certificate has to be invalid.
fn compare_one(ours: &Certificate<'_>, theirs: &X509Extension<'_>) {
    let found = &ours.extensions;
    let is_read = match theirs.parsed_extension() {
        ParsedExtension::BasicConstraints(expected) => {
            let found = found.basic_constraints;
            found.map(|found| compare_basic_constraints(found, expected))
        }
        ParsedExtension::KeyUsage(expected) => {
            let found = found.key_usage;
            found.map(|found| compare_key_usage(found, expected))
        }
        ParsedExtension::ExtendedKeyUsage(expected) => found.key_purposes.map(|found| {
            let purposes = (found.client_auth, found.server_auth);
            assert_eq!(purposes, (expected.client_auth, expected.server_auth));
        }),
        ParsedExtension::SubjectKeyIdentifier(expected) => {
            let found = ours.subject_key_id();
            found.map(|found| assert_eq!(*found, *expected.0, "key identifier"))
        }
        ParsedExtension::AuthorityKeyIdentifier(expected) => {
            let found = ours.authority_key_id();
            found.map(|found| compare_key_ids(&found, expected, theirs.value))
        }
        ParsedExtension::SubjectAlternativeName(expected) => {
            let names: Vec<_> = ours.alt_names().collect();
            let is_read = !names.is_empty() || !found.is_invalid;
            is_read.then(|| compare_names(&names, &expected.general_names))
        }
        ParsedExtension::NameConstraints(expected) => {
            let found = found.name_constraints.as_ref();
            found.map(|found| compare_constraints(found, expected))
        }
        ParsedExtension::CRLDistributionPoints(expected) => {
            let count = ours.distribution_points().count();
            let is_read = count > 0 || !found.is_invalid;
            is_read.then(|| assert_eq!(count, expected.points.len(), "points"))
        }
        _ => return,
    };
    assert!(is_read.is_some() || found.is_invalid, "{theirs:?}");
}

fn compare_basic_constraints(ours: BasicConstraints, theirs: &TheirBasicConstraints) {
    assert_eq!(ours.is_ca, theirs.ca, "cA");
    let limit = theirs.path_len_constraint.map(u64::from);
    assert_eq!(ours.path_len, limit, "pathLenConstraint");
}

/// x509-parser counts the bits from the other end of each octet.
fn compare_key_usage(ours: KeyUsage, theirs: &TheirKeyUsage) {
    let [low, high] = theirs.flags.to_le_bytes().map(u8::reverse_bits);
    let bits = [3, 3, 0, low, high];
    assert_eq!(Some(ours), KeyUsage::read(&bits), "keyUsage");
}

/// x509-parser treats fields that it cannot read as absent, and does not join an identifier that comes in pieces.
fn compare_key_ids(ours: &AuthorityKeyId<'_>, theirs: &AuthorityKeyIdentifier<'_>, value: &[u8]) {
    let in_pieces = || {
        let mut fields = Reader::new(value).sequence()?;
        Some(fields.optional(context(0))??.is_constructed)
    };
    if let Some(key_id) = theirs.key_identifier.as_ref().map(|id| id.0)
        && in_pieces() == Some(false)
    {
        assert_eq!(ours.key_id.as_deref(), Some(key_id), "keyIdentifier");
    }
    if let Some(names) = &theirs.authority_cert_issuer {
        let issuer = first_directory(names);
        assert!(
            issuer.is_none() || ours.issuer.as_deref() == issuer.as_deref(),
            "issuer"
        );
    }
    if let Some(serial) = theirs.authority_cert_serial {
        assert_eq!(ours.serial.as_deref(), Some(serial), "serial number");
    }
}

fn compare_constraints(ours: &NameConstraints, theirs: &TheirConstraints<'_>) {
    for (found, expected) in [
        (&ours.permitted, &theirs.permitted_subtrees),
        (&ours.excluded, &theirs.excluded_subtrees),
    ] {
        if let Some(expected) = expected {
            assert_eq!(found.len(), expected.len(), "subtrees");
        }
    }
}

fn first_directory(names: &[Theirs<'_>]) -> Option<Vec<u8>> {
    names.iter().find_map(|name| match name {
        Theirs::DirectoryName(name) => Name::of_checked(name.as_raw()).canonical(),
        _ => None,
    })
}

fn compare_names(ours: &[GeneralName<'_>], theirs: &[Theirs<'_>]) {
    assert_eq!(ours.len(), theirs.len(), "names");
    for (found, expected) in ours.iter().zip(theirs) {
        assert!(is_same_name(found, expected), "{found:?}, {expected:?}");
    }
}

fn is_same_name(ours: &GeneralName<'_>, theirs: &Theirs<'_>) -> bool {
    // x509-parser does not join strings that come in pieces.
    let is_same = |ours: &Cow<'_, [u8]>, theirs: &[u8]| match ours {
        Cow::Borrowed(found) => *found == theirs,
        Cow::Owned(_) => true,
    };
    match (ours, theirs) {
        (GeneralName::Dns(found), Theirs::DNSName(name)) => is_same(found, name.as_bytes()),
        (GeneralName::Email(found), Theirs::RFC822Name(name)) => is_same(found, name.as_bytes()),
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
        // Octets that x509-parser does not accept as text, or that it cannot read.
        (_, Theirs::Invalid(..)) => true,
        _ => false,
    }
}
