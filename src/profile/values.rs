//! Reads the values of our elements: the one place that knows serde-xml-rs.
//!
//! It sees the excerpt that `survey` made, and reads attributes only.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::connectivity::{
    Connectivity, ConnectivityError, Server, Transport, UnusableConnectivity,
};
use super::error::ProfileError;
use super::position::Position;
use super::setting::Setting;
use super::survey;

/// The values of our elements, in the order of the document.
#[derive(Default)]
pub(super) struct Values {
    pub(super) connectivities: Vec<ConnectivityElement>,
    pub(super) settings: Vec<SettingElement>,
}

impl Values {
    /// The excerpt was walked through once without an error. If serde-xml-rs refuses it all the same, the two passes
    /// disagree, and no profile is made.
    pub(super) fn read(excerpt: &[u8]) -> Result<Self, ProfileError> {
        let mut values = Self::default();
        let mut document = serde_xml_rs::Deserializer::new(survey::events(excerpt));
        Wrapper(&mut values)
            .deserialize(&mut document)
            .map_err(|_| ProfileError::inconsistent())?;
        Ok(values)
    }
}

/// The attributes of a `Connectivity`; each may be missing.
#[derive(Deserialize)]
pub(super) struct ConnectivityElement {
    #[serde(rename = "@user")]
    user: Option<String>,
    #[serde(rename = "@server")]
    server: Option<String>,
    #[serde(rename = "@protocol")]
    protocol: Option<String>,
}

impl ConnectivityElement {
    pub(super) fn into_connectivity(
        self,
        position: Position,
    ) -> Result<Connectivity, UnusableConnectivity> {
        let user = self.user.as_deref().unwrap_or_default().trim();
        match self.connection() {
            Ok((server, transport)) => Ok(Connectivity::new(user, server, transport)),
            Err(reason) => Err(UnusableConnectivity::new(user, position, reason)),
        }
    }

    fn connection(&self) -> Result<(Server, Transport), ConnectivityError> {
        let server = given("server", self.server.as_deref())?.parse();
        let server = server.map_err(ConnectivityError::Server)?;
        let transport = given("protocol", self.protocol.as_deref())?.parse();
        let transport = transport.map_err(ConnectivityError::Transport)?;
        Ok((server, transport))
    }
}

/// The value of an attribute that is needed. A blank one counts as missing.
fn given<'a>(
    attribute: &'static str,
    value: Option<&'a str>,
) -> Result<&'a str, ConnectivityError> {
    let value = value.filter(|value| !value.trim().is_empty());
    value.ok_or(ConnectivityError::Missing { attribute })
}

/// The attributes of a `setting`; each may be missing.
#[derive(Deserialize)]
pub(super) struct SettingElement {
    #[serde(rename = "@name")]
    name: Option<String>,
    #[serde(rename = "@value")]
    value: Option<String>,
}

impl SettingElement {
    pub(super) fn into_setting(self, position: Position) -> Result<Setting, ProfileError> {
        let missing = |attribute, name| ProfileError::MissingAttribute {
            position,
            element: "setting",
            attribute,
            name,
        };
        let name = self.name.as_deref().unwrap_or_default().trim();
        if name.is_empty() {
            return Err(missing("name", None));
        }
        let value = self.value;
        let value = value.ok_or_else(|| missing("value", Some(name.to_owned())))?;
        Ok(Setting::new(name, value, position))
    }
}

/// Any element around ours.
///
/// A derived type cannot be used: it accepts siblings of one kind only if none of another kind stand
/// between them, and no names with a prefix.
struct Wrapper<'a>(&'a mut Values);

impl<'de> DeserializeSeed<'de> for Wrapper<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_struct("element", &[], self)
    }
}

impl<'de> Visitor<'de> for Wrapper<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an element")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.rsplit(':').next() {
                // An attribute, or text.
                _ if key.starts_with(['@', '#']) => drop(map.next_value::<IgnoredAny>()?),
                Some("Connectivity") => self.0.connectivities.push(map.next_value()?),
                Some("setting") => self.0.settings.push(map.next_value()?),
                _ => map.next_value_seed(Wrapper(self.0))?,
            }
        }
        Ok(())
    }
}
