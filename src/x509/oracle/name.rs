use x509_parser::x509::X509Name;

use crate::x509::name::Name;

/// Compares attribute by attribute.
pub(super) fn compare(ours: Name<'_>, theirs: &X509Name<'_>) {
    assert_eq!(ours.der(), theirs.as_raw(), "name");
    let mut attributes = ours.attributes();
    for set in theirs.iter_rdn() {
        for (i, expected) in set.iter().enumerate() {
            let Some(found) = attributes.next() else {
                panic!("an attribute is missing");
            };
            assert_eq!(found.kind, expected.attr_type().as_bytes(), "attribute");
            assert_eq!(found.joins, i > 0, "place of an attribute");
            assert_eq!(found.value.content, expected.as_slice(), "value");
            // x509-parser neither reads Latin-1 nor joins strings that come in pieces.
            if let (Some(text), Ok(expected)) = (found.text(), expected.as_str())
                && expected.is_ascii()
                && !found.value.is_constructed
            {
                assert_eq!(text, expected, "text");
            }
        }
    }
    assert!(attributes.next().is_none(), "one attribute too many");
}
