//! Options in the configuration files of other software, by serde.
//!
//! The map is read into a [`TlsOptionsBuilder`], entry by entry, and judged when that is built. So the rules for names
//! and values are those of a profile and of code, and stand in one place. A name that occurs twice in the map is
//! refused here, because the builder would take the later one.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{OptionInfo, TlsOptions, TlsOptionsBuilder};
use crate::report::chain;

/// A map from names or older names of options to their values: texts as they stand in `SipEndpoint.config`, for
/// options that name files also lists of paths, for `tls-mutual` also numbers and booleans. Null means an empty value.
///
/// [`build`](TlsOptionsBuilder::build) checks names and values as if they were set in code. As in a profile, the newer
/// name overrides the older one. Relative paths are relative to [`base_dir`](TlsOptionsBuilder::base_dir), or else to
/// the working directory.
///
/// ```
/// use sip_tls::options::{OptionError, TlsOptions, TlsOptionsBuilder};
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     listen: String,
///     tls: TlsOptionsBuilder,
/// }
///
/// let config: Config = toml::from_str(
///     r#"
///     listen = "[::]:5061"
///
///     [tls]
///     certificate = "sip.pem"
///     certificate-key = "sip.key"
///     trusted-ca = ["ca.pem", "other, older ca.pem"]
///     tls-mutual = true
///     "#,
/// )?;
/// assert_eq!(config.listen, "[::]:5061");
/// let options: TlsOptions = config.tls.base_dir("/etc/sip").build()?;
/// assert!(options.requires_client_certificate());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<'de> Deserialize<'de> for TlsOptionsBuilder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Options)
    }
}

/// Read as a [`TlsOptionsBuilder`] and then built: what `build` refuses is an error. Relative paths are relative to
/// the working directory.
impl<'de> Deserialize<'de> for TlsOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let options = TlsOptionsBuilder::deserialize(deserializer)?.build();
        options.map_err(|error| D::Error::custom(chain(&error)))
    }
}

/// The visitor of the map of options.
struct Options;

impl<'de> Visitor<'de> for Options {
    type Value = TlsOptionsBuilder;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from names of TLS options to their values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut builder = TlsOptionsBuilder::default();
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("option `{name}` is given twice")));
            }
            builder = match map.next_value::<Value>()? {
                Value::Text(value) => builder.add(name, value),
                Value::Paths(paths) => builder.add_paths(name, paths),
                Value::Number(value) if is_switch(&name) => builder.add(name, value),
                Value::Number(_) => {
                    let text = format!("option `{name}` is a text and must be in quotes");
                    return Err(A::Error::custom(text));
                }
            };
        }
        Ok(builder)
    }
}

/// Whether an option is on or off. An unknown name passes here, because `build` refuses it.
fn is_switch(name: &str) -> bool {
    OptionInfo::named(name).is_none_or(|info| info.name == "tls-mutual")
}

/// A value in the map, before it is known whether the option takes its kind.
enum Value {
    /// A number, or a boolean as 0 or 1.
    Number(String),
    Paths(Vec<String>),
    Text(String),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

/// The visitor of one value. The format must be self-describing, as TOML, JSON and YAML are: the kind of value decides
/// how it is read.
struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value of a TLS option: a text, for files also a list of paths")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.visit_u64(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Text(String::new()))
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut paths = Vec::new();
        while let Some(path) = list.next_element()? {
            paths.push(path);
        }
        Ok(Value::Paths(paths))
    }
}
