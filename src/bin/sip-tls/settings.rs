//! The arguments that say where the options come from, which most commands share.
//!
//! A value of the command line overrides the configuration file. Between the two, and among several
//! values, the rules are those of the library's `TlsOptionsBuilder`.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use sip_tls::check::Check;
use sip_tls::options::{OptionError, OptionInfo, TlsOptions, TlsOptionsBuilder};
use sip_tls::pki::Passphrases;
use sip_tls::profile::{Profile, ProfileError};
use sip_tls::{CrlFetch, Endpoint, EndpointBuilder, SrvResolver};

use crate::failure::{Context, Failure};
use crate::fetch::FetchArgs;
use crate::output;
use crate::passphrase;

/// Where the options come from: `[CONFIG] [-o NAME=VALUE]... [--passphrase-file FILE]`.
#[derive(clap::Args, Debug)]
pub(crate) struct Settings {
    /// A SipEndpoint.config file
    config: Option<PathBuf>,
    /// Set an option; it overrides CONFIG; see `sip-tls options`
    #[arg(short = 'o', value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pairs: Vec<String>,
    /// Decrypt keys and PKCS#12 files with the passphrase in the first line of this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    fetch: FetchArgs,
}

/// The result of loading [`Settings`].
///
/// The options may be unusable: some commands go on all the same, to say more.
pub(crate) struct Loaded {
    pub(crate) profile: Option<Profile>,
    pub(crate) options: Result<TlsOptions, Failure>,
    pub(crate) passphrases: Passphrases,
    fetch: CrlFetch,
}

impl Settings {
    /// Whether nothing at all is given.
    pub(crate) fn is_empty(&self) -> bool {
        self.config.is_none() && self.pairs.is_empty()
    }

    pub(crate) fn config(&self) -> Option<String> {
        self.config.as_ref().map(|path| path.display().to_string())
    }

    /// How revocation lists are fetched.
    pub(crate) fn fetch(&self) -> CrlFetch {
        self.fetch.fetch()
    }

    /// Returns these settings for a file that is no configuration: lists are fetched for it.
    pub(crate) fn without_config(&self) -> Self {
        let mut pairs = self.pairs.clone();
        if !pairs
            .iter()
            .any(|pair| pair.trim_start().starts_with("tls-crl"))
        {
            pairs.push("tls-crl=fetch".to_owned());
        }
        Self {
            config: None,
            pairs,
            passphrase_file: self.passphrase_file.clone(),
            fetch: self.fetch.clone(),
        }
    }

    /// Reads the configuration file and all options.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        let profile = self.profile()?;
        let mut builder = with_pairs(&self.pairs)?;
        if let Some(profile) = &profile {
            builder = builder.profile(profile);
        }
        let options = builder.build().map_err(|error| self.in_config(error));
        Ok(Loaded {
            profile,
            options,
            passphrases: passphrase::passphrases(self.passphrase_file.as_deref())?,
            fetch: self.fetch.fetch(),
        })
    }

    /// Makes the check of these settings. `resolver` finds the servers for connections.
    pub(crate) fn check(&self, resolver: Option<SrvResolver>) -> Result<Check, Failure> {
        let builder = with_pairs(&self.pairs)?;
        let passphrases = passphrase::passphrases(self.passphrase_file.as_deref())?;
        let check = Check::new().options(builder);
        let fetch = self.fetch.fetch();
        let check = check.endpoint(|builder| {
            let builder = builder.passphrases(passphrases).crl_fetch(fetch);
            match resolver {
                Some(resolver) => builder.resolver(resolver),
                None => builder,
            }
        });
        Ok(match &self.config {
            Some(config) => check.config(config),
            None => check,
        })
    }

    /// Reads the configuration file. Its path stands in front of an error that has a position.
    fn profile(&self) -> Result<Option<Profile>, Failure> {
        let Some(path) = &self.config else {
            return Ok(None);
        };
        match Profile::from_file(path) {
            Ok(profile) => Ok(Some(profile)),
            Err(error @ ProfileError::File { .. }) => Err(Failure::unusable(error)),
            Err(error) => Err(Failure::unusable(Context::new(
                path.display().to_string(),
                error,
            ))),
        }
    }

    /// Adds the path of the configuration file to an error that has a position in it.
    fn in_config(&self, error: OptionError) -> Failure {
        match (error.position(), &self.config) {
            (Some(_), Some(path)) => {
                Failure::unusable(Context::new(path.display().to_string(), error))
            }
            _ => Failure::unusable(error),
        }
    }
}

impl Loaded {
    /// The endpoint, or the reason why there is none. Prints the warnings.
    pub(crate) fn endpoint(
        self,
        configure: impl FnOnce(EndpointBuilder) -> Result<EndpointBuilder, Failure>,
    ) -> Result<(Endpoint, Option<Profile>), Failure> {
        let builder = Endpoint::builder(self.options?).passphrases(self.passphrases);
        let builder = builder.crl_fetch(self.fetch);
        let builder = configure(with_key_log(builder))?;
        let (report, endpoint) = builder.build_with_report();
        report.warnings().iter().for_each(output::note);
        Ok((endpoint?, self.profile))
    }
}

/// Writes the secrets of connections to the file that SSLKEYLOGFILE names, for Wireshark.
///
/// The library itself never looks at this variable. A note says that the secrets are written,
/// because an inherited variable is easily overlooked.
fn with_key_log(builder: EndpointBuilder) -> EndpointBuilder {
    let path = std::env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty());
    let Some(path) = path else { return builder };
    output::note(format!(
        "SSLKEYLOGFILE is set: the secrets of all connections are written to {}, and anyone who has them can read all messages",
        path.display()
    ));
    builder.key_log(Arc::new(rustls::KeyLogFile::new()))
}

/// Sets the pairs of the command line. If a name is given twice, the last value counts.
fn with_pairs(pairs: &[String]) -> Result<TlsOptionsBuilder, Failure> {
    let mut builder = TlsOptions::builder();
    let mut given: Vec<(&str, &str)> = Vec::new();
    for pair in pairs {
        let Some((name, _)) = pair.split_once('=') else {
            let text = format!("`-o {pair}` is not of the form NAME=VALUE");
            return Err(Failure::unusable(text));
        };
        let option = OptionInfo::named(name.trim()).map_or(name, |info| info.name);
        if let Some((_, earlier)) = given.iter().find(|(known, _)| *known == option) {
            output::note(format!("`-o {pair}` overrides `-o {earlier}`"));
        }
        given.retain(|(known, _)| *known != option);
        given.push((option, pair));
        builder = builder.pair(pair).map_err(Failure::unusable)?;
    }
    Ok(builder)
}

/// The JSON output if nothing else can be printed.
#[derive(Serialize)]
pub(crate) struct JsonError {
    pub(crate) error: String,
}

/// Returns the result. With `--json`, prints a failure as an object first.
pub(crate) fn tell_json<T>(is_json: bool, result: Result<T, Failure>) -> Result<T, Failure> {
    if is_json && let Err(failure) = &result {
        let error = failure.message();
        output::json(&JsonError { error })?;
    }
    result
}
