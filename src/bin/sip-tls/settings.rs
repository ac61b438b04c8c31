//! The arguments that say where the options come from, which most commands share.
//!
//! A value of the command line overrides the configuration file. Between the two, and among several
//! values, the rules are those of the library's `TlsOptionsBuilder`.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use sip_tls::check::Check;
use sip_tls::options::{OptionInfo, TlsOptions, TlsOptionsBuilder};
use sip_tls::pki::Passphrases;
use sip_tls::profile::{Profile, Setting};
use sip_tls::{CrlFetch, Endpoint, EndpointBuilder, Error, SrvResolver};

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
    /// The options that `-o` sets.
    set: Vec<&'static str>,
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
        Ok(Loaded {
            profile,
            options: builder.build().map_err(Failure::unusable),
            set: self
                .pairs
                .iter()
                .filter_map(|pair| option_of(pair))
                .collect(),
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

    /// Reads the configuration file.
    fn profile(&self) -> Result<Option<Profile>, Failure> {
        let profile = self.config.as_ref().map(Profile::from_file);
        profile.transpose().map_err(Failure::unusable)
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
        match endpoint {
            Ok(endpoint) => Ok((endpoint, self.profile)),
            Err(error) => Err(in_config(error, self.profile.as_ref(), &self.set)),
        }
    }

    /// The endpoint, if it can accept connections, or the reason why it cannot. Prints the warnings.
    pub(crate) fn server(
        self,
        configure: impl FnOnce(EndpointBuilder) -> Result<EndpointBuilder, Failure>,
    ) -> Result<Endpoint, Failure> {
        let set = self.set.clone();
        let (endpoint, profile) = self.endpoint(configure)?;
        match endpoint.server_config() {
            Ok(_) => Ok(endpoint),
            Err(error) => Err(in_config(error, profile.as_ref(), &set)),
        }
    }
}

/// Adds the file and the line of the option that an error is about, unless `-o` sets the option.
fn in_config(error: Error, profile: Option<&Profile>, set: &[&str]) -> Failure {
    let place = profile.and_then(|profile| {
        let file = profile.path()?.display();
        let option = OptionInfo::named(error.option()?)?;
        match setting(profile, option) {
            _ if set.contains(&option.name) => None,
            Some(setting) => Some(format!("{file}: {}", setting.position())),
            None if profile.security().is_empty() => Some(format!(
                "{file}: the file has no setting in section `security` of domain `system`"
            )),
            None => Some(file.to_string()),
        }
    });
    match place {
        Some(place) => Failure::unusable(Context::new(place, error)),
        None => Failure::unusable(error),
    }
}

/// Returns the setting that counts for an option.
fn setting<'a>(profile: &'a Profile, option: &OptionInfo) -> Option<&'a Setting> {
    let names = [Some(option.name), option.older_name];
    names.into_iter().flatten().find_map(|name| {
        let mut settings = profile.security().iter();
        settings.find(|setting| setting.name() == name && !setting.value().is_empty())
    })
}

/// The option that `NAME=VALUE` sets, if there is one of that name.
fn option_of(pair: &str) -> Option<&'static str> {
    let (name, _) = pair.split_once('=')?;
    OptionInfo::named(name.trim()).map(|info| info.name)
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

/// Names what overrides a setting. All values that the program sets in code are those of `-o`.
pub(crate) fn overrider(by: &str) -> &str {
    match by {
        "a value set in code" => "`-o`",
        name => name,
    }
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
