//! Names that were probably mistyped.
//!
//! It is used for elements, domains and sections here, and for options in [`options`](crate::options). A near name is
//! an error: `tls_crl` for `tls-crl` would leave revocation unchecked, and nobody would notice.

/// Whether a name is not `known`, but was probably meant to be: it differs only in case and in `_` for `-`, or one
/// letter is missing, added, replaced or swapped with the next.
pub(crate) fn is_nearly(found: &str, known: &str) -> bool {
    // A long name need not be compared.
    let is_as_long = found.len().abs_diff(known.len()) <= LONGEST_LETTER;
    found != known && is_as_long && strsim::osa_distance(&folded(found), &folded(known)) <= 1
}

/// Case and underscores are the usual differences, and count nothing.
fn folded(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// The length of the longest letter, in octets of UTF-8.
const LONGEST_LETTER: usize = 4;

#[cfg(test)]
mod tests {
    use super::is_nearly;

    #[test]
    fn a_name_is_near_by_case_underscore_or_one_edit() {
        for found in [
            "TLS-CRL", "tls_crl", "tls-cr", "tls-crll", "tls-cri", "tls-clr", "Tls_Cr1", "tlscrl",
        ] {
            assert!(is_nearly(found, "tls-crl"), "{found}");
        }
        for found in ["tls-crl", "tls", "tls-cert", "crl", "tls-clrr", ""] {
            assert!(!is_nearly(found, "tls-crl"), "{found}");
        }
    }
}
