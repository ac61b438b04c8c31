//! From bytes to a [`Profile`].
//!
//! The bytes are bounded, decoded and searched for a `DOCTYPE`; then two passes read the text. What each of them finds
//! has to be the same number of elements.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::connectivity::{Connectivity, UnusableConnectivity};
use super::error::ProfileError;
use super::position::Position;
use super::setting::{self, Setting};
use super::survey::{self, Survey};
use super::text;
use super::values::Values;

/// What a `SipEndpoint.config` says about the connections to make and the TLS options to use.
///
/// The profile holds every `Connectivity`, and every setting of section `security` of domain
/// `system`, in the order of the file. Whatever else the file holds is ignored; passwords that
/// stand in other sections are not kept.
///
/// ```
/// use sip_tls::profile::Profile;
///
/// let profile: Profile = r#"
///     <SipEndpoint xmlns="http://schemas.genesyslab.com/2009/sipendpoint">
///       <Container name="Basic">
///         <Connectivity user="4021" server="sip.example.com:5061" protocol="tls"/>
///       </Container>
///       <Container name="Genesys">
///         <settings version="1.0" xmlns="http://www.genesyslab.com/sip">
///           <domain name="system">
///             <section name="security">
///               <setting name="trusted-ca" value="ca.pem"/>
///             </section>
///           </domain>
///         </settings>
///       </Container>
///     </SipEndpoint>"#
///     .parse()?;
/// assert_eq!(profile.connectivities()[0].server().host(), "sip.example.com");
/// assert_eq!(profile.security()[0].value(), "ca.pem");
/// # Ok::<(), sip_tls::profile::ProfileError>(())
/// ```
///
/// # What is read
///
/// - The root is `SipEndpoint`, `Container` or `settings`. Elements are recognised by their local name,
///   with or without namespaces and prefixes.
/// - A `section` inside section `security` is not section `security`, and neither is a section of
///   that name in another domain or inside another section. Several sections `security` of domain
///   `system` are read as one.
/// - White space around the `name` of a domain, section or setting does not count; the `value` of a
///   setting is kept as it stands.
/// - A setting that is given twice with one value counts once. With two values it is an error.
/// - In a [`Connectivity`], `server` and `protocol` must be given; `user` may be absent or empty. An element that
///   cannot be used does not affect the others: see [`unusable_connectivities`](Self::unusable_connectivities).
/// - UTF-8 and UTF-16, both with or without a byte order mark, and ISO-8859-1 if the file declares
///   it. A file that declares another encoding is read as long as it is plain ASCII.
///
/// # What is refused
///
/// The file is untrusted input: more than [`MAX_SIZE`](Self::MAX_SIZE) bytes, elements nested
/// deeper than [`MAX_DEPTH`](Self::MAX_DEPTH), too many namespace declarations, and
/// any `DOCTYPE` (it can declare entities, and no real file has one) are errors.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Profile {
    connectivities: Vec<Connectivity>,
    unusable: Vec<UnusableConnectivity>,
    security: Vec<Setting>,
    base_dir: Option<PathBuf>,
    path: Option<PathBuf>,
}

/// A profile, and the problems of its file. If there is a problem, the profile is incomplete.
pub(crate) struct Reading {
    pub(crate) profile: Profile,
    pub(crate) problems: Vec<ProfileError>,
}

impl Reading {
    /// The profile, or the first problem in the order of the file.
    fn complete(self) -> Result<Profile, ProfileError> {
        match self.problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(self.profile),
        }
    }
}

impl Profile {
    /// The largest file that is read, in bytes.
    pub const MAX_SIZE: usize = 1 << 20;

    /// The deepest nesting of elements that is read.
    pub const MAX_DEPTH: usize = 64;

    /// Reads the profile from a file.
    ///
    /// The path's folder becomes the [`base_dir`](Self::base_dir).
    ///
    /// # Errors
    ///
    /// - The file cannot be opened or read.
    /// - Everything that [`from_reader`](Self::from_reader) refuses: [`ProfileError::InFile`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ProfileError> {
        let path = path.as_ref();
        let profile = Self::read_file(path).and_then(Reading::complete);
        profile.map_err(|error| error.in_file(path))
    }

    /// Reads the profile from a file, and does not stop at the first problem with a setting.
    pub(crate) fn read_file(path: &Path) -> Result<Reading, ProfileError> {
        let bytes =
            File::open(path)
                .and_then(read_bounded)
                .map_err(|source| ProfileError::File {
                    path: path.to_owned(),
                    source,
                })?;
        let mut reading = Self::from_bytes(&bytes)?;
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        reading.profile.base_dir = Some(dir.unwrap_or_else(|| Path::new(".")).to_owned());
        reading.profile.path = Some(path.to_owned());
        Ok(reading)
    }

    /// Reads the profile from a reader, which may be unbuffered.
    ///
    /// # Errors
    ///
    /// - The reader fails.
    /// - Its content is too large, too deeply nested, not well-formed XML, in an encoding that
    ///   is not supported, or has a `DOCTYPE`. It is empty, or is PEM or DER.
    /// - The root element is not one of a profile.
    /// - A `domain`, or a `section` of domain `system`, has no `name`.
    /// - A setting of section `security` has no `name` or no `value`, or is given twice with
    ///   different values.
    /// - The name of a domain is nearly `system`, that of a section of domain `system` nearly `security`, or that of
    ///   an element nearly one that has a meaning in its place. A mistyped name must not switch protection off.
    pub fn from_reader(reader: impl Read) -> Result<Self, ProfileError> {
        Self::from_bytes(&read_bounded(reader).map_err(ProfileError::Read)?)?.complete()
    }

    /// The connections that the endpoint makes, all at the same time, in the order of the file.
    pub fn connectivities(&self) -> &[Connectivity] {
        &self.connectivities
    }

    /// The `Connectivity` elements from which no connection can be made, such as placeholders. They do not affect the
    /// others.
    pub fn unusable_connectivities(&self) -> &[UnusableConnectivity] {
        &self.unusable
    }

    /// The settings of section `security` of domain `system`, in the order of the file.
    ///
    /// Settings that are no TLS option are among them.
    pub fn security(&self) -> &[Setting] {
        &self.security
    }

    /// The directory of the file, which relative paths in settings are relative to.
    ///
    /// It is absolute only if the path given to [`from_file`](Self::from_file) was. A profile that
    /// did not come from a file has none, and its paths are relative to the current directory.
    pub fn base_dir(&self) -> Option<&Path> {
        self.base_dir.as_deref()
    }

    /// The path of the file, as it was given to [`from_file`](Self::from_file). It stands before the line in warnings and
    /// in errors about the settings.
    ///
    /// A profile that did not come from a file has none.
    ///
    /// # Examples
    ///
    /// ```
    /// use sip_tls::profile::Profile;
    ///
    /// let profile = Profile::from_file("tests/testdata/profile/modern.config")?;
    /// assert!(profile.path().is_some_and(|path| path.ends_with("modern.config")));
    /// assert!("<settings/>".parse::<Profile>()?.path().is_none());
    /// # Ok::<(), sip_tls::profile::ProfileError>(())
    /// ```
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Reading, ProfileError> {
        refuse_large(bytes)?;
        text::refuse_der(bytes)?;
        Self::from_text(&text::decode(bytes)?)
    }

    fn from_text(text: &str) -> Result<Reading, ProfileError> {
        text::refuse_empty(text)?;
        text::refuse_pem(text)?;
        text::refuse_doctype(text)?;
        let Survey {
            excerpt,
            connectivities,
            settings,
            mut problems,
        } = survey::survey(text)?;
        let values = Values::read(&excerpt)?;
        // Both passes read the same bytes. If they ever disagree, no option may be lost without an error.
        if values.connectivities.len() != connectivities.len()
            || values.settings.len() != settings.len()
        {
            return Err(ProfileError::inconsistent());
        }
        let mut profile = Self::default();
        for (position, element) in connectivities.into_iter().zip(values.connectivities) {
            match element.into_connectivity(position) {
                Ok(connectivity) => profile.connectivities.push(connectivity),
                Err(unusable) => profile.unusable.push(unusable),
            }
        }
        let settings = settings.into_iter().zip(values.settings);
        profile.security = setting::unique(settings, &mut problems);
        problems.sort_by_key(ProfileError::position);
        Ok(Reading { profile, problems })
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    /// Reads the profile from text; an encoding that the text declares is ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        refuse_large(text.as_bytes())?;
        Self::from_text(text.strip_prefix('\u{feff}').unwrap_or(text))?.complete()
    }
}

/// Reads at most one byte more than is allowed, so that larger content is noticed.
fn read_bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .take(Profile::MAX_SIZE as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The error's position is where the limit is reached.
fn refuse_large(bytes: &[u8]) -> Result<(), ProfileError> {
    match bytes.get(..Profile::MAX_SIZE) {
        Some(start) if bytes.len() > start.len() => Err(ProfileError::TooLarge {
            position: Position::START.after(start),
        }),
        _ => Ok(()),
    }
}
