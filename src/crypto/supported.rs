//! The suites that a provider supports for a cipher list, whether the list names them or not.
//!
//! An endpoint makes its provider here for each role. From the numbers of its suites, the option's own code chooses
//! those to offer, so that `options` needs to know nothing of rustls.

use rustls::crypto::CryptoProvider;
use rustls::{ProtocolVersion, SupportedCipherSuite};

use super::groups::group_security_bits;
use super::{client_provider, server_provider};
#[cfg(feature = "cbc")]
use crate::options::CipherSuite;
use crate::options::{CipherList, Role, SecurityLevel};

/// Returns the numbers of the suites that an endpoint with the base provider `base` supports in one role, whether the
/// list names them or not. The list counts only for its security level and for the suites with AES-CBC: it has to name
/// these one by one.
///
/// [`CipherList::select`] chooses the suites to offer from them, and says why the others are not offered.
///
/// The result counts for `role`: a server has no suites with DHE, see [`server_provider`].
/// Suites for which no group is left at the list's security level are not among them either.
///
/// # Examples
///
/// ```
/// use sip_tls::crypto::{default_base, supported_suites};
/// use sip_tls::options::{CipherList, Role, SecurityLevel};
///
/// let list: CipherList = "ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384:AES128-SHA".parse()?;
/// let supported = supported_suites(&list, &*default_base()?, Role::Server);
/// let level = SecurityLevel::effective(list.security_level());
/// let selection = list.select(Role::Server, level, &supported);
/// let offered: Vec<_> = selection.offered().map(|suite| suite.openssl_name()).collect();
/// assert_eq!(offered, ["ECDHE-RSA-AES256-GCM-SHA384"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn supported_suites(list: &CipherList, base: &CryptoProvider, role: Role) -> Vec<u16> {
    suite_numbers(&provider_for(list, base, role, Cbc::Named))
}

/// Which suites with AES-CBC are offered. There are none without the feature `cbc`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Cbc {
    /// All that are in the list.
    #[cfg(feature = "cbc")]
    All,
    /// Those that the list names one by one. Features add up: another crate of the program may have enabled the
    /// feature `cbc`.
    #[default]
    Named,
}

/// Returns the base with our suites, and the groups that the list's security level allows.
///
/// A group below the security level is left out. OpenSSL leaves it out too, in `tls_group_allowed`.
pub(crate) fn provider_for(
    list: &CipherList,
    base: &CryptoProvider,
    role: Role,
    cbc: Cbc,
) -> CryptoProvider {
    let mut provider = match role {
        Role::Client => client_provider(base),
        Role::Server => server_provider(base),
    };
    provider.cipher_suites.extend(cbc.suites(list, base));
    let level = SecurityLevel::effective(list.security_level());
    provider
        .kx_groups
        .retain(|group| group_security_bits(group.name()) >= level.bits());
    provider
}

impl Cbc {
    /// The suites with AES-CBC that are offered beside the others.
    #[cfg(feature = "cbc")]
    fn suites(self, list: &CipherList, base: &CryptoProvider) -> Vec<SupportedCipherSuite> {
        let mut suites = super::danger::cbc_suites(base);
        if self == Self::Named {
            suites.retain(|suite| {
                let suite = CipherSuite::by_number(suite.suite().into());
                suite.is_some_and(|suite| list.names(suite))
            });
        }
        suites
    }

    #[cfg(not(feature = "cbc"))]
    fn suites(self, _: &CipherList, _: &CryptoProvider) -> Vec<SupportedCipherSuite> {
        Vec::new()
    }
}

/// Returns the numbers of the suites for which the provider has a group.
pub(crate) fn suite_numbers(provider: &CryptoProvider) -> Vec<u16> {
    provider
        .cipher_suites
        .iter()
        .filter(|suite| has_group(suite, provider))
        .map(|suite| suite.suite().into())
        .collect()
}

/// Whether the provider has a group for the suite. rustls refuses a suite without a group for its key exchange, and a
/// security level may leave none.
fn has_group(suite: &SupportedCipherSuite, provider: &CryptoProvider) -> bool {
    let mut groups = provider.kx_groups.iter();
    match suite {
        SupportedCipherSuite::Tls12(suite) => {
            groups.any(|group| group.name().key_exchange_algorithm() == suite.kx)
        }
        SupportedCipherSuite::Tls13(_) => {
            groups.any(|group| group.usable_for_version(ProtocolVersion::TLSv1_3))
        }
    }
}
