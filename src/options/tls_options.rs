//! The result of the stage: a value for each option.
//!
//! [`TlsOptions`] is immutable. An endpoint is made from it and keeps it; what happened to the values on the way stands
//! in its report.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::builder::{Setting, TlsOptionsBuilder};
use super::table::{Given, OptionInfo};
use super::{
    CipherList, Ciphersuites, NameCheck, OptionError, SecProtocol, SecurityLevel, Sources,
    ValueError,
};
use crate::profile::Position;
#[cfg(feature = "profile")]
use crate::profile::Profile;
use crate::report::{Outcome, Report, Row};

/// The TLS options of an endpoint, as typed values.
///
/// They come from a [`Profile`], from code, or from both: values set in code override the profile.
///
/// ```
/// use sip_tls::options::TlsOptions;
///
/// let options = TlsOptions::builder()
///     .set("trusted-ca", "ca.pem")
///     .set("tls-target-name-check", "host")
///     .build()?;
/// # Ok::<(), sip_tls::options::OptionError>(())
/// ```
///
/// Options that were not given have their defaults. `trusted-ca` has none: without it, and without CAs that are set in
/// code, [`EndpointBuilder::build`](crate::EndpointBuilder::build) fails.
///
/// # Examples
///
/// ```
/// use sip_tls::options::{CipherList, TlsOptions};
///
/// let options = TlsOptions::builder().build()?;
/// assert!(options.trusted_ca().is_none() && options.tls_crl().is_none());
/// assert!(!options.requires_client_certificate());
/// assert_eq!(options.cipher_list(), &CipherList::default());
/// assert_eq!(options.security_level().number(), 2);
/// # Ok::<(), sip_tls::options::OptionError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    pub(super) certificate: Option<Sources>,
    pub(super) certificate_key: Option<Sources>,
    pub(super) trusted_ca: Option<TrustedCa>,
    pub(super) sec_protocol: SecProtocol,
    pub(super) cipher_list: CipherList,
    pub(super) ciphersuites: Ciphersuites,
    pub(super) tls_crl: Option<Sources>,
    /// Whether the word `fetch` stands in `tls-crl`; it is in none of the sources.
    pub(super) fetches_lists: bool,
    pub(super) name_check: NameCheck,
    pub(super) target_name: Option<String>,
    pub(super) mutual: bool,
    /// How each option was given.
    given: BTreeMap<&'static str, GivenAs>,
    /// Settings of a profile that are not options of this crate.
    pub(super) others: Vec<GivenAs>,
    pub(super) report: Report,
}

/// The name under which a setting was given, and where.
#[derive(Clone, Debug)]
pub(crate) struct GivenAs {
    pub(crate) name: String,
    pub(super) file: Option<PathBuf>,
    pub(crate) position: Option<Position>,
}

/// Where the trusted CAs come from: the option `trusted-ca`.
///
/// # Examples
///
/// ```
/// use sip_tls::options::{Source, TlsOptions, TrustedCa};
///
/// let options = TlsOptions::builder().set("trusted-ca", "webpki-roots").build()?;
/// assert!(matches!(options.trusted_ca(), Some(TrustedCa::WebpkiRoots)));
/// // As a path, the same word is the name of a file.
/// let options = TlsOptions::builder().trusted_ca(Source::path("webpki-roots")).build()?;
/// assert!(matches!(options.trusted_ca(), Some(TrustedCa::Sources(_))));
/// # Ok::<(), sip_tls::options::OptionError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum TrustedCa {
    /// Certificates in files or in memory.
    Sources(Sources),
    /// `system`: the CAs that the system trusts, as the crate rustls-native-certs finds them (feature `native-certs`).
    /// Used only if the option asks for it by name.
    ///
    /// If the environment variable `SSL_CERT_FILE` or `SSL_CERT_DIR` is set, its file or folder is read instead of the
    /// system's, as with OpenSSL's own defaults. But every file in the folder is read, whatever its name is, and a file
    /// with a damaged block is used as far as it can be read. A reload reads all of these files again;
    /// `Endpoint::watch` does not watch them.
    System,
    /// `webpki-roots`: Mozilla's list of public CAs, as compiled into the program. Used only if the option asks for it
    /// by name.
    WebpkiRoots,
}

impl TlsOptions {
    /// Starts to collect options.
    pub fn builder() -> TlsOptionsBuilder {
        TlsOptionsBuilder::default()
    }

    /// Reads the options of a profile.
    ///
    /// # Errors
    ///
    /// As [`TlsOptionsBuilder::build`].
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::options::TlsOptions;
    /// use sip_tls::profile::Profile;
    ///
    /// let profile: Profile = r#"
    ///     <settings>
    ///       <domain name="system">
    ///         <section name="security">
    ///           <setting name="trusted-ca" value="ca.pem"/>
    ///           <setting name="tls-mutual" value="1"/>
    ///         </section>
    ///       </domain>
    ///     </settings>"#
    ///     .parse()?;
    /// let options = TlsOptions::from_profile(&profile)?;
    /// assert!(options.requires_client_certificate());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "profile")]
    pub fn from_profile(profile: &Profile) -> Result<Self, OptionError> {
        Self::builder().profile(profile).build()
    }

    /// Our certificate chain.
    /// The end entity's certificate comes first, then its issuers, as in the Certificate message.
    pub fn certificate(&self) -> Option<&Sources> {
        self.certificate.as_ref()
    }

    /// The private key of our certificate, if it is not in the certificate's file.
    pub fn certificate_key(&self) -> Option<&Sources> {
        self.certificate_key.as_ref()
    }

    /// The trusted CAs.
    pub fn trusted_ca(&self) -> Option<&TrustedCa> {
        self.trusted_ca.as_ref()
    }

    /// The protocol versions.
    pub fn sec_protocol(&self) -> SecProtocol {
        self.sec_protocol
    }

    /// The TLS 1.2 suites.
    pub fn cipher_list(&self) -> &CipherList {
        &self.cipher_list
    }

    /// The TLS 1.3 suites.
    pub fn ciphersuites(&self) -> &Ciphersuites {
        &self.ciphersuites
    }

    /// The revocation lists. `None` if the option names none; revocation is then not checked, unless lists are
    /// [fetched](Self::fetches_lists).
    pub fn tls_crl(&self) -> Option<&Sources> {
        self.tls_crl.as_ref()
    }

    /// Whether the word `fetch` stands in `tls-crl` (feature `crl-fetch`): lists that are missing or expire are
    /// fetched from the distribution points that certificates name
    /// ([RFC 5280, section 4.2.1.13](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.13)).
    ///
    /// The word stands alone, or among comma-separated paths. Revocation is checked in either case.
    pub fn fetches_lists(&self) -> bool {
        self.fetches_lists
    }

    /// Whether revocation is checked.
    pub(crate) fn checks_revocation(&self) -> bool {
        self.tls_crl.is_some() || self.fetches_lists
    }

    /// Whether a server's names are checked.
    /// Names are compared for outgoing connections only. `sip` also accepts id-kp-sipDomain in both directions.
    pub fn name_check(&self) -> NameCheck {
        self.name_check
    }

    /// The name to send and to check instead of the host that is connected to.
    pub fn target_name(&self) -> Option<&str> {
        self.target_name.as_deref()
    }

    /// Whether incoming connections must bring a client certificate.
    /// With 1, a client without a certificate is refused, as with OpenSSL's `SSL_VERIFY_PEER` and
    /// `SSL_VERIFY_FAIL_IF_NO_PEER_CERT`. With 0, no client is asked for one.
    pub fn requires_client_certificate(&self) -> bool {
        self.mutual
    }

    /// What became of every option, as far as its value shows.
    /// The endpoint's report adds what only the files and the crypto provider show.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The security level in force: that of the cipher list, or 2 if it asks for less or for none.
    /// `@SECLEVEL=n` in the cipher list sets it. As in OpenSSL, it applies to certificates, keys, groups and signatures
    /// of both versions of TLS, and not only to the suites of the list.
    pub fn security_level(&self) -> SecurityLevel {
        SecurityLevel::effective(self.cipher_list.security_level())
    }

    /// How an option was given, if it was.
    pub(crate) fn given_as(&self, option: &str) -> Option<&GivenAs> {
        self.given.get(option)
    }

    /// The settings of a profile that are not options of this crate.
    pub(crate) fn other_settings(&self) -> &[GivenAs] {
        &self.others
    }

    /// Takes the value of one option, and returns what became of it.
    ///
    /// The value is trimmed first. A value of white space alone is refused, and a list of paths is refused for an
    /// option that takes no files. If the value cannot be used, the field keeps its default; the caller returns the
    /// error, so that no endpoint is made from it.
    pub(super) fn read(
        &mut self,
        info: &'static OptionInfo,
        setting: Option<&Setting>,
    ) -> (Row, Option<OptionError>) {
        let Some(setting) = setting else {
            return (Row::new(info.name, None, Outcome::Default), None);
        };
        self.given.insert(info.name, setting.given_as());
        let value = setting.value.trim();
        let given = Given {
            value: value.into(),
            sources: setting.sources.as_ref(),
            paths: setting.paths.as_deref().map(Into::into),
            base_dir: setting.base_dir.as_deref(),
            name: info.name_given(&setting.name),
        };
        let read = match value.is_empty() && !setting.value.is_empty() {
            // A blank value must not turn a check off.
            true => Err(ValueError::new(BLANK)),
            false if given.paths.is_some() && !info.takes_files() => {
                Err(ValueError::new("it takes one value, not a list"))
            }
            false => (info.read)(self, &given),
        };
        match read {
            Ok(()) if given.is_empty() => (Row::new(info.name, Some(""), Outcome::Default), None),
            Ok(()) => (Row::new(info.name, Some(value), Outcome::Applied), None),
            Err(source) => (
                Row::new(info.name, Some(value), Outcome::refused(&source)),
                Some(OptionError {
                    name: setting.name.clone(),
                    file: setting.file.clone(),
                    position: setting.position,
                    source,
                }),
            ),
        }
    }
}

const BLANK: &str = "the value is blank; leave it empty for the default";
