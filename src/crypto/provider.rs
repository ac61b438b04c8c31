//! The provider to start from when the caller brings none.
//!
//! Cargo features decide which providers of rustls are there. Graviola is the default, because it
//! needs no C compiler. It runs on x86-64 and aarch64 only, and its code panics at the first use on
//! a CPU that lacks instructions. So the CPU is asked before a provider is handed out, and the
//! error names what is missing.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;

/// Returns the provider of the first feature that is on and works here: `graviola`, `ring`,
/// `aws-lc-rs`.
///
/// It is never installed as the default of the process.
///
/// An endpoint calls this when no provider was given to it. Extend the result with
/// [`client_provider`](super::client_provider) or [`server_provider`](super::server_provider).
///
/// # Errors
///
/// - None of the three features is on.
/// - `graviola` is the only one, and this CPU lacks instructions that it needs.
///
/// # Examples
///
/// ```
/// let base = sip_tls::crypto::default_base()?;
/// let client = sip_tls::crypto::client_provider(&base);
/// assert!(client.cipher_suites.len() > base.cipher_suites.len());
/// assert!(rustls::crypto::CryptoProvider::get_default().is_none());
/// # Ok::<(), sip_tls::crypto::ProviderError>(())
/// ```
pub fn default_base() -> Result<Arc<CryptoProvider>, ProviderError> {
    #[cfg(all(
        feature = "graviola",
        any(target_arch = "aarch64", target_arch = "x86_64")
    ))]
    if graviola::util::is_cpu_supported() {
        return Ok(Arc::new(rustls_graviola::default_provider()));
    }
    fallback()
}

/// Names the provider that [`default_base`] returns, by the feature that it comes with.
///
/// # Errors
///
/// As [`default_base`].
///
/// # Examples
///
/// ```
/// let name = sip_tls::crypto::default_base_name()?;
/// assert!(["graviola", "ring", "aws-lc-rs"].contains(&name));
/// # Ok::<(), sip_tls::crypto::ProviderError>(())
/// ```
pub fn default_base_name() -> Result<&'static str, ProviderError> {
    #[cfg(all(
        feature = "graviola",
        any(target_arch = "aarch64", target_arch = "x86_64")
    ))]
    if graviola::util::is_cpu_supported() {
        return Ok("graviola");
    }
    fallback().map(|_| match cfg!(feature = "ring") {
        true => "ring",
        false => "aws-lc-rs",
    })
}

/// The provider that counts where graviola is not built in or cannot run. Of ring and aws-lc-rs,
/// ring goes first if both features are on.
#[cfg(feature = "ring")]
fn fallback() -> Result<Arc<CryptoProvider>, ProviderError> {
    Ok(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
fn fallback() -> Result<Arc<CryptoProvider>, ProviderError> {
    Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
fn fallback() -> Result<Arc<CryptoProvider>, ProviderError> {
    Err(if cfg!(feature = "graviola") {
        ProviderError::UnsupportedCpu
    } else {
        ProviderError::NoneBuiltIn
    })
}

/// Why there is no crypto provider to start from.
///
/// The text of an error names the cargo features that would help.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProviderError {
    /// The crate was built without any provider, and the caller passed none.
    NoneBuiltIn,
    /// The only built-in provider is graviola, which cannot run on this CPU.
    UnsupportedCpu,
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoneBuiltIn => f.write_str(
                "no crypto provider is built in: enable one of the cargo features `graviola`, \
                 `ring` and `aws-lc-rs`, or pass a provider",
            ),
            Self::UnsupportedCpu => {
                f.write_str("this CPU cannot run the crypto provider graviola: ")?;
                missing_instructions(f)?;
                f.write_str("; enable the cargo feature `ring` or `aws-lc-rs`, or pass a provider")
            }
        }
    }
}

impl std::error::Error for ProviderError {}

/// Says what graviola needs and this CPU lacks.
#[cfg(target_arch = "x86_64")]
fn missing_instructions(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let known = [
        ("adx", std::is_x86_feature_detected!("adx")),
        ("aes", std::is_x86_feature_detected!("aes")),
        ("avx", std::is_x86_feature_detected!("avx")),
        ("avx2", std::is_x86_feature_detected!("avx2")),
        ("bmi1", std::is_x86_feature_detected!("bmi1")),
        ("pclmulqdq", std::is_x86_feature_detected!("pclmulqdq")),
    ];
    list_missing(f, &known)
}

#[cfg(target_arch = "aarch64")]
fn missing_instructions(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use std::arch::is_aarch64_feature_detected;

    let known = [
        ("aes", is_aarch64_feature_detected!("aes")),
        ("neon", is_aarch64_feature_detected!("neon")),
        ("pmull", is_aarch64_feature_detected!("pmull")),
        ("sha2", is_aarch64_feature_detected!("sha2")),
    ];
    list_missing(f, &known)
}

#[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
fn missing_instructions(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("it is made for x86-64 and aarch64")
}

/// Names the instructions of `known` that are not present, or all of them if none is missing.
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
fn list_missing(f: &mut fmt::Formatter<'_>, known: &[(&str, bool)]) -> fmt::Result {
    let missing: Vec<&str> = known
        .iter()
        .filter(|(_, present)| !present)
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        // Graviola may detect fewer instructions than there are: its tests hide some from it.
        let all: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        write!(f, "it needs {}", all.join(", "))
    } else {
        write!(f, "it lacks {}", missing.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_providers_names_the_three_features() {
        assert_eq!(
            ProviderError::NoneBuiltIn.to_string(),
            "no crypto provider is built in: enable one of the cargo features `graviola`, `ring` \
             and `aws-lc-rs`, or pass a provider"
        );
    }

    #[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
    #[test]
    fn what_is_missing_is_listed_or_else_all_that_is_needed() {
        struct Listed(&'static [(&'static str, bool)]);

        impl fmt::Display for Listed {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                list_missing(f, self.0)
            }
        }

        for (known, text) in [
            (
                &[("adx", false), ("aes", true), ("avx", false)][..],
                "it lacks adx, avx",
            ),
            (&[("adx", true), ("aes", false)], "it lacks aes"),
            (&[("adx", true), ("aes", true)], "it needs adx, aes"),
        ] {
            assert_eq!(Listed(known).to_string(), text);
        }
    }

    #[test]
    fn the_default_provider_is_named_if_there_is_one() {
        let name = default_base_name();
        assert_eq!(name.err(), default_base().err());
        let is_known = |name| ["graviola", "ring", "aws-lc-rs"].contains(&name);
        assert!(name.map_or(true, is_known), "{name:?}");
    }

    #[test]
    fn an_old_cpu_is_told_what_it_lacks_and_the_way_out() {
        let message = ProviderError::UnsupportedCpu.to_string();
        assert!(message.starts_with("this CPU cannot run the crypto provider graviola: it "));
        assert!(message.contains("enable the cargo feature `ring` or `aws-lc-rs`"));
    }

    #[cfg(all(feature = "graviola", debug_assertions, target_arch = "x86_64"))]
    #[test]
    fn a_cpu_without_adx_is_an_error_or_another_provider_but_no_panic() {
        // Graviola reads this variable in debug builds, so the check runs in a process of its own.
        const MASK: &str = "GRAVIOLA_CPU_DISABLE_adx";
        if std::env::var_os(MASK).is_none() {
            let mut command = crate::child::command(std::env::current_exe().unwrap());
            command
                .args(["--exact", "crypto::provider::tests::a_cpu_without_adx_is_an_error_or_another_provider_but_no_panic"])
                .env(MASK, "1");
            let output = crate::child::output(&mut command);
            assert!(output.status.success(), "{output:?}");
            return;
        }
        let fallback = cfg!(any(feature = "ring", feature = "aws-lc-rs"));
        match default_base() {
            Ok(base) => assert!(fallback && base.kx_groups[0].start().is_ok()),
            Err(error) => assert_eq!((error, fallback), (ProviderError::UnsupportedCpu, false)),
        }
    }
}
