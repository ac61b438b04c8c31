//! What OpenSSL reads in a revocation list.

use std::{cmp::Ordering, os::raw::c_int, ptr, rc::Rc};

use foreign_types::ForeignType;
use openssl::{
    nid::Nid,
    x509::{X509Crl, X509RevokedRef},
};
use openssl_sys as ffi;

use crate::{der, keys::Digest, tree::Node};

/// A list as OpenSSL reads it.
#[derive(Clone)]
pub struct List(Rc<X509Crl>);

/// The extensions of a list, and of its entries, that OpenSSL looks at.
const OF_LISTS: [c_int; 3] = [
    ffi::NID_issuing_distribution_point,
    ffi::NID_authority_key_identifier,
    ffi::NID_delta_crl,
];
const OF_ENTRIES: [c_int; 2] = [ffi::NID_certificate_issuer, ffi::NID_crl_reason];

impl List {
    pub fn read(der: &[u8]) -> Option<Self> {
        let read = X509Crl::from_der(der).ok();
        openssl::error::ErrorStack::get();
        read.map(|list| Self(Rc::new(list)))
    }

    pub fn is_delta(&self) -> bool {
        // SAFETY: the list is alive.
        unsafe { X509_CRL_get_ext_by_NID(self.0.as_ptr(), ffi::NID_delta_crl, -1) >= 0 }
    }

    /// Whether the other list is of the same issuer and the same second.
    pub fn is_as_old_as(&self, other: &Self) -> bool {
        let same_issuer = self.0.issuer_name().try_cmp(other.0.issuer_name());
        let same_time = self.0.last_update().compare(other.0.last_update());
        openssl::error::ErrorStack::get();
        same_issuer.is_ok_and(Ordering::is_eq) && same_time.is_ok_and(Ordering::is_eq)
    }

    /// Whether a serial number occurs twice.
    pub fn has_repeated_entry(&self) -> bool {
        let entries = self.0.get_revoked().into_iter().flatten();
        let number = |entry: &X509RevokedRef| entry.serial_number().to_bn()?.to_hex_str();
        let mut all: Vec<_> = entries
            .filter_map(|entry| number(entry).ok())
            .map(|n| n.to_string())
            .collect();
        let count = all.len();
        all.sort();
        all.dedup();
        all.len() < count
    }

    /// Whether the list is signed with MD5 or SHA-1.
    pub fn has_weak_digest(&self) -> bool {
        // SAFETY: the list is alive.
        let algorithm = Nid::from_raw(unsafe { X509_CRL_get_signature_nid(self.0.as_ptr()) });
        if algorithm == Nid::RSASSAPSS {
            return self.has_weak_pss_digest();
        }
        let digest = algorithm.signature_algorithms().map(|a| a.digest);
        openssl::error::ErrorStack::get();
        matches!(digest, Some(Nid::MD5 | Nid::SHA1))
    }

    /// Whether a weak digest is named in the parameters of RSA-PSS. Without a name it is SHA-1.
    fn has_weak_pss_digest(&self) -> bool {
        let algorithm = Node::parse(&self.algorithm());
        let Some(parameters) = algorithm.children().get(1) else {
            return false;
        };
        let digest = parameters.children().iter().find(|n| n.tag() == 0xa0);
        digest.is_none_or(|digest| {
            let name = digest.children().first().and_then(|d| d.children().first());
            let weak = [Digest::Md5, Digest::Sha1].map(|d| der::oid(d.hash_oid()));
            name.is_some_and(|name| weak.contains(&name.encode()))
        })
    }

    /// The algorithm outside the signed part.
    fn algorithm(&self) -> Vec<u8> {
        let mut algorithm = ptr::null();
        // SAFETY: the list is alive, and owns the algorithm that is written.
        unsafe {
            X509_CRL_get0_signature(self.0.as_ptr(), ptr::null_mut(), &mut algorithm);
            written(|to| i2d_X509_ALGOR(algorithm, to))
        }
    }

    /// Whether the algorithms inside and outside the signed part differ.
    pub fn has_two_algorithms(&self) -> bool {
        let outer = self.algorithm();
        // SAFETY: the list is alive.
        let inner = written(|to| unsafe { i2d_re_X509_CRL_tbs(self.0.as_ptr(), to) });
        // Parameters are written as they were read, so that their forms count.
        !inner.windows(outer.len()).any(|window| window == outer)
    }

    pub fn has_unreadable_extension(&self) -> bool {
        let own = |nid| {
            // SAFETY: the list is alive.
            is_unreadable(|critical| unsafe {
                ffi::X509_CRL_get_ext_d2i(self.0.as_ptr(), nid, critical, ptr::null_mut())
            })
        };
        OF_LISTS.into_iter().any(own) || self.has_unreadable_entry()
    }

    fn has_unreadable_entry(&self) -> bool {
        let entries = self.0.get_revoked();
        let mut all = entries.into_iter().flatten();
        all.any(|entry| {
            let of_entry = |nid| {
                use foreign_types::ForeignTypeRef;
                // SAFETY: the entry is alive.
                is_unreadable(|critical| unsafe {
                    ffi::X509_REVOKED_get_ext_d2i(entry.as_ptr(), nid, critical, ptr::null_mut())
                })
            };
            OF_ENTRIES.into_iter().any(of_entry)
        })
    }
}

/// Returns what a function writes that moves the pointer to the end of it.
fn written(write: impl Fn(*mut *mut u8) -> c_int) -> Vec<u8> {
    let len = write(ptr::null_mut()).try_into().unwrap_or(0);
    let mut out = vec![0; len];
    let mut at = out.as_mut_ptr();
    write(&mut at);
    out
}

/// Whether an extension is present and has no value. A value is not freed: there are few, and each type has its own
/// call.
fn is_unreadable(read: impl FnOnce(*mut c_int) -> *mut std::os::raw::c_void) -> bool {
    let mut critical = 0;
    let value = read(&mut critical);
    openssl::error::ErrorStack::get();
    value.is_null() && critical != -1
}

// Calls that openssl-sys does not declare.
unsafe extern "C" {
    fn X509_CRL_get_ext_by_NID(list: *const ffi::X509_CRL, nid: c_int, last: c_int) -> c_int;
    fn X509_CRL_get_signature_nid(list: *const ffi::X509_CRL) -> c_int;
    fn X509_CRL_get0_signature(
        list: *const ffi::X509_CRL,
        signature: *mut *const ffi::ASN1_BIT_STRING,
        algorithm: *mut *const ffi::X509_ALGOR,
    );
    fn i2d_X509_ALGOR(algorithm: *const ffi::X509_ALGOR, to: *mut *mut u8) -> c_int;
    /// Writes the signed part anew, as DER.
    fn i2d_re_X509_CRL_tbs(list: *mut ffi::X509_CRL, to: *mut *mut u8) -> c_int;
}
