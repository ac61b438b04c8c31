//! DER taken apart into elements, so that each can be written in another form.

/// One element.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The identifier octets.
    pub tag: Vec<u8>,
    pub length: Length,
    pub content: Content,
}

/// How a length is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// The indefinite form, with an end-of-contents element.
    Indefinite,
    /// The long form with this many leading zero octets, even for a short length.
    Long(u8),
    Minimal,
    /// A length that is wrong by this number.
    Wrong(i8),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Bytes(Vec<u8>),
    Nodes(Vec<Node>),
    /// Bytes that are written as they are, without tag and length.
    Verbatim(Vec<u8>),
    /// Elements inside a string, after some bytes.
    Within(Vec<u8>, Vec<Node>),
}

impl Node {
    pub fn new(tag: u8, content: Content) -> Self {
        Self {
            tag: vec![tag],
            length: Length::Minimal,
            content,
        }
    }

    /// Bytes that stay as they are.
    pub fn verbatim(bytes: Vec<u8>) -> Self {
        Self {
            tag: Vec::new(),
            length: Length::Minimal,
            content: Content::Verbatim(bytes),
        }
    }

    /// Takes one DER element apart; what is no DER stays verbatim.
    pub fn parse(der: &[u8]) -> Self {
        match element(der) {
            Some((node, [])) => node,
            _ => Self::verbatim(der.to_vec()),
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let body = match &self.content {
            Content::Verbatim(bytes) => return bytes.clone(),
            Content::Bytes(bytes) => bytes.clone(),
            Content::Nodes(nodes) => all(nodes),
            Content::Within(prefix, nodes) => [prefix.as_slice(), &all(nodes)].concat(),
        };
        let mut out = self.tag.clone();
        out.extend(self.length.octets(body.len()));
        out.extend(body);
        if self.length == Length::Indefinite {
            out.extend([0, 0]);
        }
        out
    }

    /// The first identifier octet; 0 for verbatim bytes.
    pub fn tag(&self) -> u8 {
        self.tag.first().copied().unwrap_or(0)
    }

    /// The elements inside.
    pub fn children(&self) -> &[Self] {
        match &self.content {
            Content::Nodes(nodes) | Content::Within(_, nodes) => nodes,
            _ => &[],
        }
    }

    pub fn children_mut(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.content {
            Content::Nodes(nodes) | Content::Within(_, nodes) => Some(nodes),
            _ => None,
        }
    }

    /// The content as bytes; `None` for verbatim bytes.
    pub fn body(&self) -> Option<Vec<u8>> {
        match &self.content {
            Content::Verbatim(_) => None,
            Content::Bytes(bytes) => Some(bytes.clone()),
            Content::Nodes(nodes) => Some(all(nodes)),
            Content::Within(prefix, nodes) => Some([prefix.as_slice(), &all(nodes)].concat()),
        }
    }

    /// The element at the end of this path of child numbers.
    pub fn at(&mut self, path: &[usize]) -> Option<&mut Self> {
        match path {
            [] => Some(self),
            [first, rest @ ..] => self.children_mut()?.get_mut(*first)?.at(rest),
        }
    }

    /// The paths of all elements that fit, this one included.
    pub fn paths(&self, fits: &dyn Fn(&Self) -> bool) -> Vec<Vec<usize>> {
        let mut found = Vec::new();
        self.walk(&mut Vec::new(), &mut |path, node| {
            if fits(node) {
                found.push(path.to_vec());
            }
        });
        found
    }

    fn walk(&self, path: &mut Vec<usize>, visit: &mut dyn FnMut(&[usize], &Self)) {
        visit(path, self);
        for (n, child) in self.children().iter().enumerate() {
            path.push(n);
            child.walk(path, visit);
            path.pop();
        }
    }
}

impl Length {
    fn octets(self, len: usize) -> Vec<u8> {
        match self {
            Self::Indefinite => vec![0x80],
            Self::Minimal if len < 0x80 => vec![len as u8],
            Self::Minimal => long(len, 0),
            Self::Long(zeros) => long(len, zeros.into()),
            Self::Wrong(by) => Self::Minimal.octets(len.saturating_add_signed(by.into())),
        }
    }
}

fn long(len: usize, zeros: usize) -> Vec<u8> {
    let bytes = len.to_be_bytes();
    let skip = bytes
        .iter()
        .take_while(|b| **b == 0)
        .count()
        .min(bytes.len() - 1);
    let mut out = vec![0x80 | (zeros + bytes.len() - skip) as u8];
    out.extend(std::iter::repeat_n(0, zeros));
    out.extend(&bytes[skip..]);
    out
}

fn all(nodes: &[Node]) -> Vec<u8> {
    nodes.iter().flat_map(Node::encode).collect()
}

/// The first element and what follows it.
fn element(der: &[u8]) -> Option<(Node, &[u8])> {
    let [tag, first, rest @ ..] = der else {
        return None;
    };
    let (len, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (len, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let len = len.iter().fold(0, |all, b| all << 8 | usize::from(*b));
            (len, rest)
        }
        _ => return None,
    };
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (body, rest) = rest.split_at_checked(len)?;
    Some((Node::new(*tag, content(*tag, body)), rest))
}

fn content(tag: u8, body: &[u8]) -> Content {
    let plain = || Content::Bytes(body.to_vec());
    match (tag, body) {
        _ if tag & 0x20 != 0 => elements(body).map_or_else(plain, Content::Nodes),
        // A key or a signature inside a BIT STRING.
        (3, [0, inner @ ..]) if inner.first() == Some(&0x30) => match elements(inner) {
            Some(nodes) => Content::Within(vec![0], nodes),
            None => plain(),
        },
        _ => plain(),
    }
}

fn elements(mut body: &[u8]) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    while !body.is_empty() {
        let (node, rest) = element(body)?;
        nodes.push(node);
        body = rest;
    }
    open_value(&mut nodes);
    Some(nodes)
}

/// The value of an extension, which stands inside an OCTET STRING behind an OBJECT IDENTIFIER.
fn open_value(nodes: &mut [Node]) {
    let Some((last, before)) = nodes.split_last_mut() else {
        return;
    };
    if last.tag != [4] || before.first().is_none_or(|first| first.tag != [6]) {
        return;
    }
    if let Content::Bytes(bytes) = &last.content
        && let Some(inner) = elements(bytes).filter(|inner| !inner.is_empty())
    {
        last.content = Content::Within(Vec::new(), inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    #[test]
    fn what_is_taken_apart_goes_together_again() {
        let cert = Plan::new().certificate(0);
        let node = Node::parse(&cert);
        assert_eq!(node.encode(), cert);
        assert!(node.paths(&|_| true).len() > 50, "{node:?}");
    }

    #[test]
    fn lengths_are_written_in_every_form() {
        let mut node = Node::new(5, Content::Bytes(Vec::new()));
        let mut written = |length| {
            node.length = length;
            node.encode()
        };
        assert_eq!(written(Length::Minimal), [5, 0]);
        assert_eq!(written(Length::Long(0)), [5, 0x81, 0]);
        assert_eq!(written(Length::Long(2)), [5, 0x83, 0, 0, 0]);
        assert_eq!(written(Length::Indefinite), [5, 0x80, 0, 0]);
        assert_eq!(written(Length::Wrong(1)), [5, 1]);
    }
}
