use rustls::crypto::CryptoProvider;
use rustls::{ProtocolVersion, SupportedCipherSuite, SupportedProtocolVersion};

use crate::crypto;
use crate::error::Error;
use crate::options::{
    CipherList, NothingUsable, Role, SecProtocol, SecurityLevel, Selection, TlsOptions,
};
use crate::report::{Outcome, Report};

/// What one side of an endpoint offers: the provider cut down to it, and the protocol versions.
pub(super) struct Offer {
    pub(super) provider: CryptoProvider,
    pub(super) versions: Vec<&'static SupportedProtocolVersion>,
    /// Why TLS 1.2 is not among them, where the options allow it.
    tls12_off: Option<NothingUsable>,
}

impl Offer {
    /// Chooses suites, groups and versions as the options say, in their order.
    pub(super) fn new(
        options: &TlsOptions,
        base: &CryptoProvider,
        role: Role,
    ) -> Result<Self, Error> {
        if options.cipher_list().suite_b().is_some() {
            return Err(Error::Unsupported {
                option: "cipher-list",
                reason: "Suite B also restricts certificates, which is not supported; \
                         name the suites themselves",
            });
        }
        let provider = completed(options.cipher_list(), base, role);
        let supported = suite_numbers(&provider);
        let tls13 = tls13(options, role, &supported)?;
        let (tls12, tls12_off) = tls12(options, role, &supported)?;
        let mut versions = Vec::new();
        versions.extend(tls13.as_ref().map(|_| &rustls::version::TLS13));
        versions.extend(tls12.as_ref().map(|_| &rustls::version::TLS12));
        let numbers = tls13
            .iter()
            .chain(&tls12)
            .flat_map(Selection::offered)
            .map(|suite| suite.number());
        Ok(Self {
            provider: crypto::with_suites(&provider, numbers),
            versions,
            tls12_off,
        })
    }
}

/// Returns the numbers of the suites that an endpoint with this provider can do on one side, whether the list names
/// them or not. The list counts for its security level, and AES-CBC is there only for a list that was given.
///
/// [`CipherList::select`] makes of them what is offered, and says why the rest is not.
pub fn supported_suites(list: &CipherList, base: &CryptoProvider, role: Role) -> Vec<u16> {
    suite_numbers(&completed(list, base, role))
}

/// The base with our suites, and the groups that the list's security level leaves.
fn completed(list: &CipherList, base: &CryptoProvider, role: Role) -> CryptoProvider {
    let mut provider = match role {
        Role::Client => crypto::client_provider(base),
        Role::Server => crypto::server_provider(base),
    };
    // Not by default: another crate of the program may have turned the feature on.
    #[cfg(feature = "cbc")]
    if *list != CipherList::default() {
        let suites = crypto::danger::cbc_suites(base);
        provider.cipher_suites.extend(suites);
    }
    let level = SecurityLevel::effective(list.security_level());
    provider
        .kx_groups
        .retain(|group| crypto::group_security_bits(group.name()) >= level.bits());
    provider
}

fn suite_numbers(provider: &CryptoProvider) -> Vec<u16> {
    provider
        .cipher_suites
        .iter()
        .filter(|suite| has_group(suite, provider))
        .map(|suite| suite.suite().into())
        .collect()
}

/// TLS 1.3 allowed and no suite for it is an error with OpenSSL; rustls would silently go without 1.3.
fn tls13(options: &TlsOptions, role: Role, supported: &[u16]) -> Result<Option<Selection>, Error> {
    if !options.sec_protocol().allows_tls13() {
        return Ok(None);
    }
    options
        .ciphersuites()
        .select_some(role, options.security_level(), supported)
        .map(Some)
        .map_err(|source| Error::Suites {
            option: "ciphersuites",
            source,
        })
}

/// A list without a usable suite leaves TLS 1.3, if that is allowed.
fn tls12(
    options: &TlsOptions,
    role: Role,
    supported: &[u16],
) -> Result<(Option<Selection>, Option<NothingUsable>), Error> {
    let protocol = options.sec_protocol();
    if !protocol.allows_tls12() {
        return Ok((None, None));
    }
    match options
        .cipher_list()
        .select_some(role, options.security_level(), supported)
    {
        Ok(selection) => Ok((Some(selection), None)),
        Err(nothing) if protocol.allows_tls13() => Ok((None, Some(nothing))),
        Err(source) => Err(Error::Suites {
            option: "cipher-list",
            source,
        }),
    }
}

/// rustls refuses a suite for whose key exchange there is no group, and a security level may leave none.
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

/// Notes that a side goes without TLS 1.2; incoming connections are of no interest where outgoing ones do so too.
pub(super) fn tls12_narrowings(client: &Offer, server: Option<&Offer>, report: &mut Report) {
    let off = |offer: &Offer, whose| {
        let nothing = offer.tls12_off.as_ref()?;
        Some(format!("TLS 1.2 is off{whose}: {nothing}"))
    };
    let incoming = || off(server?, " for incoming connections");
    if let Some(why) = off(client, "").or_else(incoming) {
        narrow_cipher_list(why, report);
    }
}

/// Notes that `cipher-list` means less than with OpenSSL, so that nobody can miss it.
pub(super) fn narrow_cipher_list(why: String, report: &mut Report) {
    report.warn(format!("`cipher-list`: {why}"));
    report.amend("cipher-list", Outcome::Narrowed(why));
}

/// Notes what options mean less than they do with OpenSSL.
pub(super) fn narrowings(options: &TlsOptions, report: &mut Report) {
    if options.sec_protocol() == SecProtocol::Sslv23 {
        let how = "TLS 1.2 and up: rustls has no TLS 1.1, nor does OpenSSL 3 speak it by default";
        report.amend("sec-protocol", Outcome::Narrowed(how.to_owned()));
    }
    let level = options.security_level();
    if let Some(asked) = options
        .cipher_list()
        .security_level()
        .filter(|asked| *asked < level)
    {
        let how =
            format!("`@SECLEVEL={asked}` counts as {level}, the floor of what rustls accepts");
        report.amend("cipher-list", Outcome::Narrowed(how));
    }
    for rule in options
        .cipher_list()
        .rules()
        .iter()
        .filter(|rule| rule.is_doubtful())
    {
        report.warn(format!("`cipher-list`: {rule}"));
    }
    for name in options.ciphersuites().ignored() {
        report.warn(format!("`ciphersuites`: {name}"));
    }
}
