//! Finds our elements in a document, and their positions.
//!
//! serde-xml-rs has no limits and no positions, and it logs every value at level trace, including the
//! passwords of other sections. So this pass comes first. It checks that the document is within bounds,
//! notes where our elements begin, and cuts out every other element: serde-xml-rs sees only what is
//! left.
//!
//! What is cut out is whole elements, with the text before them. So the excerpt is well-formed if the document is, and
//! has our elements in the same order.

use std::borrow::Cow;

use xml::common::Position as _;
use xml::reader::{Error, ErrorKind, EventReader, ParserConfig, XmlEvent};
use xml::{Encoding, attribute::OwnedAttribute};

use super::Profile;
use super::error::ProfileError;
use super::near::is_nearly;
use super::position::Position;

/// Our part of a document.
pub(super) struct Survey {
    /// The document without the elements that are not ours, otherwise byte for byte.
    pub(super) excerpt: Vec<u8>,
    /// Where each `Connectivity` of the excerpt began in the document.
    pub(super) connectivities: Vec<Position>,
    /// Where each `setting` of the excerpt began in the document.
    pub(super) settings: Vec<Position>,
    /// Elements that were probably meant to be ours, but are not.
    pub(super) problems: Vec<ProfileError>,
}

/// Walks through a document. A mistyped name is a problem that is noted, and its element is cut out; a document that is
/// no profile or is out of bounds is an error.
pub(super) fn survey(text: &str) -> Result<Survey, ProfileError> {
    let document = text.as_bytes();
    let mut walk = Walk::new(document);
    let mut events = events(document);
    loop {
        let event = events.next().map_err(|error| syntax(&error))?;
        // The exact end of the tag: the parser reads byte by byte, and no further than the `>`.
        let end = document.len() - events.source().len();
        match event {
            XmlEvent::StartElement {
                name,
                attributes,
                namespace,
            } => {
                walk.enter(end, &name.local_name, &attributes, namespace.0.len())?;
            }
            XmlEvent::EndElement { .. } => walk.leave(end),
            XmlEvent::EndDocument => return Ok(walk.finish()),
            _ => {}
        }
    }
}

/// A parser for text that was decoded already, whatever its declaration says.
pub(super) fn events(document: &[u8]) -> EventReader<&[u8]> {
    let config = ParserConfig::new()
        .override_encoding(Some(Encoding::Utf8))
        .ignore_invalid_encoding_declarations(true)
        .allow_multiple_root_elements(false)
        .max_name_length(1024);
    EventReader::new_with_config(document, config)
}

/// Where the walk stands.
struct Walk<'a> {
    document: &'a [u8],
    survey: Survey,
    /// The open elements.
    places: Vec<Place>,
    /// How far the document has been copied to the excerpt, or cut out.
    done: usize,
    /// Where the last tag ended.
    tag_end: usize,
    /// An offset, and the position it stands for.
    mark: (usize, Position),
    /// The sum, over all elements, of depth times namespaces in scope.
    namespace_work: usize,
}

impl<'a> Walk<'a> {
    /// The limit for work on namespaces. The parser copies all namespaces in scope for every element, which is
    /// quadratic.
    const MAX_NAMESPACE_WORK: usize = 1 << 21;

    fn new(document: &'a [u8]) -> Self {
        Self {
            document,
            survey: Survey {
                excerpt: Vec::new(),
                connectivities: Vec::new(),
                settings: Vec::new(),
                problems: Vec::new(),
            },
            places: Vec::new(),
            done: 0,
            tag_end: 0,
            mark: (0, Position::START),
            namespace_work: 0,
        }
    }

    /// Takes a start tag that ends at `end`.
    fn enter(
        &mut self,
        end: usize,
        element: &str,
        attributes: &[OwnedAttribute],
        namespaces: usize,
    ) -> Result<(), ProfileError> {
        let position = self.start_of_tag(end);
        self.stay_within_bounds(namespaces, position)?;
        let parent = self.places.last().copied();
        let place = match Place::of(element, name_of(attributes), parent, position) {
            Ok(place) => place,
            Err(error @ ProfileError::Root { .. }) => return Err(error),
            Err(error) => {
                self.survey.problems.push(error);
                Place::Foreign
            }
        };
        match place {
            Place::Connectivity => self.survey.connectivities.push(position),
            Place::Setting => self.survey.settings.push(position),
            Place::Foreign if parent != Some(Place::Foreign) => {
                let ours = &self.document[self.done..self.tag_end];
                self.survey.excerpt.extend(ours);
                self.done = self.tag_end;
            }
            _ => {}
        }
        self.places.push(place);
        self.tag_end = end;
        Ok(())
    }

    /// Refuses what would make the parser work without a limit.
    fn stay_within_bounds(
        &mut self,
        namespaces: usize,
        position: Position,
    ) -> Result<(), ProfileError> {
        let depth = self.places.len() + 1;
        if depth > Profile::MAX_DEPTH {
            return Err(ProfileError::TooDeep { position });
        }
        self.namespace_work += depth * namespaces;
        if self.namespace_work > Self::MAX_NAMESPACE_WORK {
            return Err(ProfileError::TooComplex { position });
        }
        Ok(())
    }

    /// Takes an end tag that ends at `end`.
    fn leave(&mut self, end: usize) {
        let left = self.places.pop();
        if left == Some(Place::Foreign) && self.places.last() != Some(&Place::Foreign) {
            self.done = end;
        }
        self.tag_end = end;
    }

    fn finish(mut self) -> Survey {
        self.survey.excerpt.extend(&self.document[self.done..]);
        self.survey
    }

    /// Where the start tag that ends at `end` begins. No other `<` can stand in it.
    fn start_of_tag(&mut self, end: usize) -> Position {
        let (offset, position) = self.mark;
        let tag = self.document[offset..end]
            .iter()
            .rposition(|&byte| byte == b'<');
        let start = offset + tag.unwrap_or_default();
        self.mark = (start, position.after(&self.document[offset..start]));
        self.mark.1
    }
}

/// The role of an element in a profile.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Place {
    Connectivity,
    /// An element that is ignored, with everything in it.
    Foreign,
    /// Section `security` of domain `system`.
    Security,
    /// A setting of section `security`.
    Setting,
    /// Domain `system`.
    System,
    /// An element that may hold domains and `Connectivity` elements.
    Wrapper,
}

impl Place {
    /// The role of an element, by its local name, its `name` and the role of its parent. Inside a foreign element all
    /// is foreign: section `security` of another domain is not ours.
    fn of(
        element: &str,
        name: Option<&str>,
        parent: Option<Self>,
        position: Position,
    ) -> Result<Self, ProfileError> {
        let name = |element| {
            name.ok_or(ProfileError::MissingAttribute {
                position,
                element,
                attribute: "name",
                name: None,
            })
        };
        let near = |what, found: &str, meant| {
            Err(ProfileError::NearName {
                position,
                what,
                found: found.to_owned(),
                meant,
            })
        };
        let named = |element, meant, place| match name(element)? {
            found if found == meant => Ok(place),
            found if is_nearly(found, meant) => near(element, found, meant),
            _ => Ok(Self::Foreign),
        };
        match (parent, element) {
            (None | Some(Self::Wrapper), "SipEndpoint" | "Container" | "settings") => {
                Ok(Self::Wrapper)
            }
            (None, _) => Err(ProfileError::Root {
                position,
                name: element.to_owned(),
            }),
            (Some(Self::Wrapper), "Connectivity") => Ok(Self::Connectivity),
            (Some(Self::Wrapper), "domain") => named("domain", "system", Self::System),
            (Some(Self::System), "section") => named("section", "security", Self::Security),
            (Some(Self::Security), "setting") => Ok(Self::Setting),
            (Some(parent), _) => match parent.children().iter().find(|c| is_nearly(element, c)) {
                Some(meant) if !ELEMENTS.contains(&element) => near("element", element, meant),
                _ => Ok(Self::Foreign),
            },
        }
    }

    /// The elements that have a meaning in this place.
    fn children(self) -> &'static [&'static str] {
        match self {
            Self::Wrapper => &["Connectivity", "Container", "domain", "settings"],
            Self::System => &["section"],
            Self::Security => &["setting"],
            Self::Connectivity | Self::Foreign | Self::Setting => &[],
        }
    }
}

/// The elements of a configuration file.
const ELEMENTS: [&str; 6] = [
    "Connectivity",
    "Container",
    "domain",
    "section",
    "setting",
    "settings",
];

/// The `name` of an element, trimmed; `None` if it is empty.
fn name_of(attributes: &[OwnedAttribute]) -> Option<&str> {
    let name = attributes
        .iter()
        .find(|attribute| attribute.name.prefix.is_none() && attribute.name.local_name == "name")?;
    Some(name.value.trim()).filter(|name| !name.is_empty())
}

/// The parser's error, without the piece of the document that it may quote. That piece can hold part of
/// a password, or a control character.
fn syntax(error: &Error) -> ProfileError {
    let mut reason = match error.kind() {
        ErrorKind::Syntax(Cow::Borrowed(fixed)) => (*fixed).to_owned(),
        ErrorKind::Syntax(Cow::Owned(quoting)) => {
            let end = [": ", " before "]
                .iter()
                .filter_map(|end| quoting.find(end))
                .min();
            quoting[..end.unwrap_or(quoting.len())].to_owned()
        }
        _ => "unreadable".to_owned(),
    };
    if let Some(first) = reason.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    let at = error.position();
    ProfileError::Syntax {
        position: Position::new(at.row() + 1, at.column() + 1),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, survey};

    const SECRETS: &str = r#"<?xml version="1.0"?><!-- a comment -->
<SipEndpoint> <other><setting name="password" value="open-sesame"/></other>
  <Connectivity user="ü" server="a" protocol="tls"/>&amp;<Connectivity/>
  <settings><domain name="proxies"><section name="security">
    <setting name="password" value="open-sesame"/></section></domain><domain
      name="system"><section name="x"/><section name = " security ">&lt;<setting
      name="b" value=">">open-sesame?<x/></setting><!-- > --><setting/>
  </section></domain></settings></SipEndpoint>"#;

    #[test]
    fn excerpt_holds_our_elements_only() {
        let excerpt = String::from_utf8(survey(SECRETS).unwrap().excerpt).unwrap();
        assert_eq!(
            excerpt,
            r#"<?xml version="1.0"?><!-- a comment -->
<SipEndpoint>
  <Connectivity user="ü" server="a" protocol="tls"/>&amp;<Connectivity/>
  <settings><domain
      name="system"><section name = " security ">&lt;<setting
      name="b" value=">"></setting><!-- > --><setting/>
  </section></domain></settings></SipEndpoint>"#
        );
    }

    #[test]
    fn positions_are_those_of_the_document() {
        let survey = survey(SECRETS).unwrap();
        assert_eq!(
            survey.connectivities,
            [Position::new(3, 3), Position::new(3, 58)]
        );
        assert_eq!(
            survey.settings,
            [Position::new(6, 73), Position::new(7, 62)]
        );
    }
}
