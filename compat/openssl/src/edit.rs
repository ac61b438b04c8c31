//! Changes to the encoding of an element inside a certificate or a list.

use crate::{
    rng::Rng,
    tree::{Content, Length, Node},
};

/// One change at one place.
#[derive(Clone, Debug)]
pub struct Edit {
    pub place: Place,
    pub form: Form,
}

/// Which element is changed.
#[derive(Clone, Debug)]
pub enum Place {
    /// An element that the form fits, chosen by this random number.
    Any(u64),
    /// The OCTET STRING of an extension, so that bytes at its end follow the value.
    BehindValue(&'static str),
    /// The value inside the OCTET STRING of an extension, and from there a path of child numbers.
    Extension(&'static str, &'static [usize]),
    /// A field of the signed part, counted from the serial number, and from there a path of child numbers.
    Field(usize, &'static [usize]),
    /// An element inside the value of an extension that the form fits, chosen by this random number.
    InValue(&'static str, u64),
    /// A path of child numbers from the top.
    Path(&'static [usize]),
}

/// Fields of the signed part of a certificate.
pub const SERIAL: usize = 0;
pub const ALGORITHM: usize = 1;
pub const ISSUER: usize = 2;
pub const VALIDITY: usize = 3;
pub const SUBJECT: usize = 4;
pub const SPKI: usize = 5;

/// The signature, from the top of a certificate or list.
pub const SIGNATURE: Place = Place::Path(&[2]);

/// Another form of an element.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A BOOLEAN of this content.
    Boolean(u8),
    /// No content.
    Empty,
    /// Other bits of one octet of the content. A random number that is not 0 chooses the octet.
    Flip(u8, u16),
    /// Another element in front of the n-th child.
    Insert(usize, &'static [u8]),
    Length(Length),
    /// The tag in the form for numbers above 30.
    LongTag,
    /// Other content of an OBJECT IDENTIFIER.
    Object(&'static [u8]),
    /// Leading octets of an INTEGER that are not needed.
    PadInteger(u8),
    /// The n-th child is left out.
    Remove(usize),
    /// The n-th child is repeated.
    Repeat(usize),
    /// Other content.
    Replace(&'static [u8]),
    /// A string made of segments.
    Segments(Segments),
    /// The n-th child and the next change places.
    Swap(usize),
    /// Another first identifier octet.
    Tag(u8),
    /// Bytes at the end of the content.
    Trailing(&'static [u8]),
    /// The constructed bit is inverted.
    Constructed,
    /// The unused bits that a BIT STRING claims to have.
    UnusedBits(u8),
}

/// How a string is cut into segments.
#[derive(Clone, Copy, Debug)]
pub struct Segments {
    pub indefinite: bool,
    /// Segments that are made of segments.
    pub nested: bool,
    /// The tag of the segments, if it is not the string's own.
    pub tag: Option<u8>,
    /// Only the first segment of a BIT STRING has an octet of unused bits.
    pub bare: bool,
}

impl Edit {
    pub fn new(place: Place, form: Form) -> Self {
        Self { place, form }
    }

    /// Changes the element; a place that does not exist is left alone.
    pub fn apply(&self, top: &mut Node) {
        if let Some(path) = self.place.path(top, self.form)
            && let Some(node) = top.at(&path)
        {
            self.form.apply(node);
        }
    }
}

/// The element with these changes made.
pub fn edited(der: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    if edits.is_empty() {
        return der;
    }
    let mut top = Node::parse(&der);
    edits.iter().for_each(|edit| edit.apply(&mut top));
    top.encode()
}

impl Place {
    fn path(&self, top: &mut Node, form: Form) -> Option<Vec<usize>> {
        match self {
            Self::Any(seed) => {
                let all = top.paths(&|node| form.fits(node));
                (!all.is_empty()).then(|| Rng(*seed).pick(&all))
            }
            Self::BehindValue(oid) => {
                let mut path = value_of(top, oid)?;
                path.pop();
                Some(path)
            }
            Self::Extension(oid, rest) => {
                let mut path = value_of(top, oid)?;
                path.extend(*rest);
                Some(path)
            }
            Self::Field(number, rest) => {
                let first = top.children().first()?;
                let mut path = vec![number + usize::from(first.tag() == 0xa0)];
                path.extend(*rest);
                Some(path)
            }
            Self::InValue(oid, seed) => {
                let mut path = value_of(top, oid)?;
                let value = top.at(&path)?;
                let all = value.paths(&|node| form.fits(node));
                path.extend((!all.is_empty()).then(|| Rng(*seed).pick(&all))?);
                Some(path)
            }
            Self::Path(path) => Some(path.to_vec()),
        }
    }
}

/// The path of the value of the first extension of this type.
fn value_of(top: &Node, oid: &str) -> Option<Vec<usize>> {
    let oid = crate::der::oid(oid);
    let is_it = |node: &Node| {
        let children = node.children();
        children.len() > 1 && children[0].encode() == oid
    };
    let mut path = top.paths(&is_it).into_iter().next()?;
    let count = top.clone().at(&path)?.children().len();
    path.extend([count - 1, 0]);
    Some(path)
}

impl Form {
    /// Whether this form can be given to such an element.
    pub fn fits(self, node: &Node) -> bool {
        let (tag, children) = (node.tag(), node.children().len());
        if node.tag.is_empty() {
            return false;
        }
        match self {
            Self::Boolean(_) => tag == 1,
            Self::Object(_) => tag == 6,
            Self::PadInteger(_) => matches!(tag, 2 | 10),
            Self::UnusedBits(_) => tag == 3,
            Self::Remove(n) | Self::Repeat(n) => n < children,
            Self::Swap(n) => n + 1 < children,
            Self::Insert(n, _) => n <= children && children > 0,
            Self::Segments(_) => is_string(tag),
            Self::Flip(..) => matches!(&node.content, Content::Bytes(b) if !b.is_empty()),
            Self::Replace(_) => matches!(node.content, Content::Bytes(_)),
            Self::Length(Length::Indefinite) => tag & 0x20 != 0,
            _ => true,
        }
    }

    fn apply(self, node: &mut Node) {
        match self {
            Self::Boolean(value) => node.content = Content::Bytes(vec![value]),
            Self::Constructed => node.tag[0] ^= 0x20,
            Self::Empty => node.content = Content::Bytes(Vec::new()),
            Self::Length(length) => node.length = length,
            Self::LongTag => node.tag = vec![node.tag() | 0x1f, node.tag() & 0x1f],
            Self::Object(bytes) | Self::Replace(bytes) => {
                node.content = Content::Bytes(bytes.to_vec())
            }
            Self::Segments(segments) => segments.apply(node),
            Self::Tag(tag) => node.tag[0] = tag,
            Self::Trailing(bytes) => trail(node, bytes),
            Self::PadInteger(_) | Self::UnusedBits(_) | Self::Flip(..) => self.change_bytes(node),
            Self::Insert(..) | Self::Remove(_) | Self::Repeat(_) | Self::Swap(_) => {
                self.change_children(node)
            }
        }
    }

    fn change_bytes(self, node: &mut Node) {
        let mut bytes = node.body().unwrap_or_default();
        match self {
            Self::PadInteger(octet) => bytes.insert(0, octet),
            Self::UnusedBits(count) if bytes.is_empty() => bytes.push(count),
            Self::UnusedBits(count) => bytes[0] = count,
            Self::Flip(bits, at) if !bytes.is_empty() => {
                let at = usize::from(at) % bytes.len();
                bytes[at] ^= bits;
            }
            _ => {}
        }
        node.content = Content::Bytes(bytes);
    }

    fn change_children(self, node: &mut Node) {
        let Some(children) = node.children_mut() else {
            return;
        };
        let count = children.len();
        match self {
            Self::Insert(n, der) if n <= count => children.insert(n, Node::verbatim(der.to_vec())),
            Self::Remove(n) if n < count => _ = children.remove(n),
            Self::Repeat(n) if n < count => children.insert(n, children[n].clone()),
            Self::Swap(n) if n + 1 < count => children.swap(n, n + 1),
            _ => {}
        }
    }
}

fn trail(node: &mut Node, bytes: &[u8]) {
    match &mut node.content {
        Content::Nodes(nodes) | Content::Within(_, nodes) => {
            nodes.push(Node::verbatim(bytes.to_vec()))
        }
        Content::Bytes(content) | Content::Verbatim(content) => content.extend(bytes),
    }
}

/// OCTET STRING, BIT STRING, the strings of names, and implicit ones of a GeneralName.
fn is_string(tag: u8) -> bool {
    matches!(
        tag,
        3 | 4 | 0x0c | 0x12..=0x16 | 0x1a | 0x1c | 0x1e | 0x81 | 0x82 | 0x86 | 0x87
    )
}

impl Segments {
    fn apply(self, node: &mut Node) {
        let body = node.body().unwrap_or_default();
        let universal = match node.tag() {
            0x81 | 0x82 | 0x86 => 0x16,
            0x87 => 4,
            tag => tag,
        };
        let tag = self.tag.unwrap_or(universal);
        let parts: Vec<_> = self
            .cut(universal, &body)
            .into_iter()
            .map(|part| self.segment(tag, part))
            .collect();
        // Bytes that are no element have no tag.
        let Some(tag) = node.tag.first_mut() else {
            return;
        };
        *tag |= 0x20;
        node.content = Content::Nodes(parts);
        if self.indefinite {
            node.length = Length::Indefinite;
        }
    }

    /// Two halves; each segment of a BIT STRING has its own octet of unused bits unless they are bare.
    fn cut(self, tag: u8, body: &[u8]) -> Vec<Vec<u8>> {
        let (unused, body) = match (tag, body) {
            (3, [unused, rest @ ..]) if !self.bare => (Some(*unused), rest),
            _ => (None, body),
        };
        let (left, right) = body.split_at(body.len() / 2);
        match unused {
            Some(unused) => vec![[&[0], left].concat(), [&[unused], right].concat()],
            None => vec![left.to_vec(), right.to_vec()],
        }
    }

    fn segment(self, tag: u8, bytes: Vec<u8>) -> Node {
        let plain = Node::new(tag, Content::Bytes(bytes));
        match self.nested {
            true => Node::new(tag | 0x20, Content::Nodes(vec![plain])),
            false => plain,
        }
    }
}
