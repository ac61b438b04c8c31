use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::Parser;
use lexopt::prelude::*;
use serde::Serialize;
use sip_tls::Endpoint;
use sip_tls::check::Check;
use sip_tls::options::{OptionError, TlsOptions, TlsOptionsBuilder};
use sip_tls::pki::Passphrases;
use sip_tls::profile::{Profile, ProfileError};

use crate::failure::{Context, Failure};
use crate::output;
use crate::passphrase;

/// Where the options come from: `[CONFIG] [-o NAME=VALUE]... [--passphrase-file FILE]`.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    config: Option<PathBuf>,
    pairs: Vec<String>,
    passphrase_file: Option<PathBuf>,
}

/// What [`Settings`] come to.
pub(crate) struct Loaded {
    pub(crate) profile: Option<Profile>,
    pub(crate) options: Result<TlsOptions, Failure>,
    pub(crate) passphrases: Passphrases,
}

impl Settings {
    /// Takes the value of `-o`.
    pub(crate) fn add_pair(&mut self, parser: &mut Parser) -> Result<(), Failure> {
        self.pairs.push(parser.value()?.string()?);
        Ok(())
    }

    /// Takes the value of `--passphrase-file`.
    pub(crate) fn set_passphrase_file(&mut self, parser: &mut Parser) -> Result<(), Failure> {
        self.passphrase_file = Some(parser.value()?.into());
        Ok(())
    }

    /// Takes an argument for CONFIG.
    pub(crate) fn set_config(&mut self, value: OsString) -> Result<(), Failure> {
        match &self.config {
            None => self.config = Some(value.into()),
            Some(config) => {
                let (second, first) = (value.to_string_lossy(), config.display());
                return Err(Failure::unusable(format!(
                    "unexpected argument `{second}`: the configuration is `{first}`"
                )));
            }
        }
        Ok(())
    }

    /// Whether nothing at all is given.
    pub(crate) fn is_empty(&self) -> bool {
        self.config.is_none() && self.pairs.is_empty()
    }

    pub(crate) fn config(&self) -> Option<String> {
        self.config.as_ref().map(|path| path.display().to_string())
    }

    /// Reads the configuration file and all options.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        let profile = self.profile()?;
        let mut builder = TlsOptions::builder();
        if let Some(profile) = &profile {
            builder = builder.profile(profile);
        }
        for pair in &self.pairs {
            builder = add(builder, pair)?;
        }
        let options = builder.build().map_err(|error| self.in_config(error));
        Ok(Loaded {
            profile,
            options,
            passphrases: passphrase::passphrases(self.passphrase_file.as_deref())?,
        })
    }

    /// The check of it all.
    pub(crate) fn check(&self) -> Result<Check, Failure> {
        let mut builder = TlsOptions::builder();
        for pair in &self.pairs {
            builder = add(builder, pair)?;
        }
        let passphrases = passphrase::passphrases(self.passphrase_file.as_deref())?;
        let check = Check::new().options(builder);
        let check = check.endpoint(|builder| builder.passphrases(passphrases));
        Ok(match &self.config {
            Some(config) => check.config(config),
            None => check,
        })
    }

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

    /// An error that has a position has it in the configuration file.
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
        configure: impl FnOnce(sip_tls::EndpointBuilder) -> sip_tls::EndpointBuilder,
    ) -> Result<(Endpoint, Option<Profile>), Failure> {
        let builder = Endpoint::builder(self.options?).passphrases(self.passphrases);
        let builder = configure(builder);
        let (report, endpoint) = builder.build_with_report();
        report.warnings().iter().for_each(output::note);
        Ok((endpoint?, self.profile))
    }
}

fn add(builder: TlsOptionsBuilder, pair: &str) -> Result<TlsOptionsBuilder, Failure> {
    builder
        .pair(pair)
        .map_err(|error| Failure::unusable(Context::new(format!("-o {pair}"), error)))
}

/// What is printed with `--json` if nothing else can be.
#[derive(Serialize)]
pub(crate) struct JsonError {
    pub(crate) error: String,
}
