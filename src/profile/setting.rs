//! Settings of the TLS options, as they stand in the file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::error::ProfileError;
use super::position::Position;
use super::values::SettingElement;

/// A setting of section `security` of domain `system`.
///
/// # Examples
///
/// ```
/// use sip_tls::profile::Profile;
///
/// let profile: Profile = "<settings><domain name='system'><section name='security'>
///   <setting name='tls-mutual' value='1'/>
///   </section></domain></settings>"
///     .parse()?;
/// let setting = &profile.security()[0];
/// assert_eq!((setting.name(), setting.value()), ("tls-mutual", "1"));
/// assert_eq!(setting.position().to_string(), "line 2, column 3");
/// # Ok::<(), sip_tls::profile::ProfileError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Setting {
    name: String,
    value: String,
    position: Position,
}

impl Setting {
    pub(super) fn new(name: &str, value: String, position: Position) -> Self {
        Self {
            name: name.to_owned(),
            value,
            position,
        }
    }

    /// The name of the setting, which is never empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of the setting as it stands in the file, which may be empty.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The place of the `setting` element in the file.
    pub fn position(&self) -> Position {
        self.position
    }
}

/// Collects settings by their names. A second setting with the same value is dropped; one with a different value is an
/// error.
///
/// An element without `name` or `value` becomes a problem, and the others are read on.
pub(super) fn unique(
    elements: impl Iterator<Item = (Position, SettingElement)>,
    problems: &mut Vec<ProfileError>,
) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut seen = HashMap::new();
    for (position, element) in elements {
        let setting = match element.into_setting(position) {
            Ok(setting) => setting,
            Err(error) => {
                problems.push(error);
                continue;
            }
        };
        match seen.entry(setting.name.clone()) {
            Entry::Vacant(vacant) => {
                vacant.insert(settings.len());
                settings.push(setting);
            }
            Entry::Occupied(index) => {
                let first = &settings[*index.get()];
                if first.value != setting.value {
                    problems.push(ProfileError::Conflict {
                        position,
                        name: setting.name,
                        first: first.position,
                    });
                }
            }
        }
    }
    settings
}
