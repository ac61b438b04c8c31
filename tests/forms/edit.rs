//! Changes that happen to files on their way to us: line ends, encodings, labels, damage.

/// A change of the content of a file.
pub(super) type Edit = dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync;

pub(super) fn crlf(text: Vec<u8>) -> Vec<u8> {
    replaced(&text, "\n", "\r\n")
}

pub(super) fn byte_order_mark(text: Vec<u8>) -> Vec<u8> {
    [b"\xef\xbb\xbf", text.as_slice()].concat()
}

pub(super) fn utf_16(text: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(text).unwrap();
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

pub(super) fn indented(text: Vec<u8>) -> Vec<u8> {
    let lines = replaced(&text, "\n", "\n  ");
    [b"  ", lines.as_slice()].concat()
}

pub(super) fn with_blanks_at_line_ends(text: Vec<u8>) -> Vec<u8> {
    replaced(&text, "\n", "  \t\n")
}

pub(super) fn without_last_newline(mut text: Vec<u8>) -> Vec<u8> {
    while text.pop_if(|last| last.is_ascii_whitespace()).is_some() {}
    text
}

pub(super) fn among_text(text: Vec<u8>) -> Vec<u8> {
    let (before, after) = (
        b"The office, \xc3\xa4 room 1:\n\n".as_slice(),
        b"\n-- \nend\n".as_slice(),
    );
    [before, &text, after].concat()
}

/// Writes lines of this length, as other programs do.
pub(super) fn in_columns(columns: usize) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |text| {
        let block = pem::parse(text).unwrap();
        let config = pem::EncodeConfig::new().set_line_wrap(columns);
        let config = config.set_line_ending(pem::LineEnding::LF);
        pem::encode_config(&block, config).into_bytes()
    }
}

/// Replaces the label of the first block.
pub(super) fn labelled(label: &'static str) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |text| {
        let block = pem::parse(text).unwrap();
        encoded(label, block.contents())
    }
}

/// Puts DER into PEM.
pub(super) fn armoured(label: &'static str) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |der| encoded(label, &der)
}

fn encoded(label: &str, der: &[u8]) -> Vec<u8> {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(label, der), config).into_bytes()
}

pub(super) fn without_armour(text: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(text).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    lines
        .flat_map(|line| [line, "\n"])
        .collect::<String>()
        .into_bytes()
}

pub(super) fn replaced(text: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    text.replace(from, to).into_bytes()
}

/// Gives the outer elements an indefinite length, and cuts long octet strings among them into pieces, as streaming
/// encoders do. Certificates inside are left as they were signed.
pub(super) fn ber(der: Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    write_ber(&der, OUTER, &mut out);
    out
}

fn write_ber(der: &[u8], depth: usize, out: &mut Vec<u8>) {
    let mut rest = der;
    while !rest.is_empty() {
        let (tag, content, after) = element(rest);
        let whole = &rest[..rest.len() - after.len()];
        rest = after;
        match tag {
            _ if depth == 0 => out.extend(whole),
            _ if tag & CONSTRUCTED != 0 => {
                out.extend([tag, 0x80]);
                write_ber(content, depth - 1, out);
                out.extend([0, 0]);
            }
            OCTET_STRING if content.len() > PIECE => {
                out.extend([tag | CONSTRUCTED, 0x80]);
                for piece in content.chunks(PIECE) {
                    out.extend(encoded_element(tag, piece));
                }
                out.extend([0, 0]);
            }
            _ => out.extend(whole),
        }
    }
}

/// Makes the certificate of `odd` unreadable.
pub(super) fn with_broken_certificate(mut file: Vec<u8>) -> Vec<u8> {
    let name = [UTF8_STRING, 3, b'o', b'd', b'd'];
    let at = file.windows(name.len()).position(|octets| octets == name);
    file[at.unwrap()] = 0xff;
    file
}

/// Reverses the order in a PKCS#12 file in which nothing is encrypted: that of the parts, and that of the bags in
/// each.
pub(super) fn with_reversed_bags(pfx: Vec<u8>) -> Vec<u8> {
    within(&pfx, |fields| {
        let (version, safe) = fields.split_at(VERSION);
        let safe = in_content_info(safe, |parts| {
            within(parts, |parts| {
                reversed(parts, |part| in_content_info(part, reversed_bags))
            })
        });
        [version, &safe].concat()
    })
}

fn reversed_bags(bags: &[u8]) -> Vec<u8> {
    within(bags, |bags| reversed(bags, <[u8]>::to_vec))
}

/// Changes the content of an element.
fn within(der: &[u8], edit: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (tag, content, _) = element(der);
    encoded_element(tag, &edit(content))
}

/// Changes the data of a ContentInfo.
fn in_content_info(info: &[u8], edit: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    within(info, |fields| {
        let (_, _, explicit) = element(fields);
        let kind = &fields[..fields.len() - explicit.len()];
        [kind, &within(explicit, |octets| within(octets, edit))].concat()
    })
}

fn reversed(mut elements: &[u8], edit: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    while !elements.is_empty() {
        let (_, _, rest) = element(elements);
        out.splice(0..0, edit(&elements[..elements.len() - rest.len()]));
        elements = rest;
    }
    out
}

/// Replaces the INTEGERs by these numbers, in order, until no numbers are left.
pub(super) fn with_numbers(numbers: &'static [u32]) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |der| renumbered(&der, &mut numbers.iter())
}

fn renumbered<'a>(der: &[u8], numbers: &mut impl Iterator<Item = &'a u32>) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), der);
    while !rest.is_empty() {
        let (tag, content, after) = element(rest);
        let whole = &rest[..rest.len() - after.len()];
        rest = after;
        match tag {
            INTEGER => match numbers.next() {
                Some(number) => out.extend(encoded_element(tag, &integer(*number))),
                None => out.extend(whole),
            },
            SEQUENCE => out.extend(encoded_element(tag, &renumbered(content, numbers))),
            _ => out.extend(whole),
        }
    }
    out
}

/// Returns the shortest encoding whose first bit is 0.
fn integer(number: u32) -> Vec<u8> {
    let bits = u32::BITS - number.leading_zeros();
    let octets = u64::from(number).to_be_bytes();
    octets[octets.len() - 1 - bits as usize / 8..].to_vec()
}

fn encoded_element(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    [&[tag, 0x82, (len >> 8) as u8, len as u8], content].concat()
}

/// Puts a zero octet in front of the private number of a SEC1 key, as for an INTEGER that has to be positive.
pub(super) fn with_zero_in_front(der: Vec<u8>) -> Vec<u8> {
    within(&der, |fields| {
        let (version, number) = fields.split_at(VERSION);
        let (tag, octets, rest) = element(number);
        let padded = encoded_element(tag, &[&[0], octets].concat());
        [version, &padded, rest].concat()
    })
}

/// Splits the first element off: its tag of one octet, its content, and the rest.
pub(super) fn element(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (header, len) = match der[1] {
        short @ 0..=0x7f => (2, usize::from(short)),
        long => {
            let octets = usize::from(long & 0x7f);
            let len = der[2..2 + octets]
                .iter()
                .fold(0, |len, octet| len << 8 | usize::from(*octet));
            (2 + octets, len)
        }
    };
    (der[0], &der[header..header + len], &der[header + len..])
}

/// Damages the ciphertext at the end of a file, so that the padding and any MAC are wrong. In CBC mode, a change in
/// one block of the ciphertext changes the next block of the plaintext at the same place.
pub(super) fn damaged(file: &[u8], block_len: usize) -> Vec<u8> {
    let flipped = |mut octets: Vec<u8>| {
        let place = octets.len() - 1 - block_len;
        octets[place] ^= 0x80;
        octets
    };
    let Some(mut blocks) = blocks(file) else {
        return flipped(file.to_vec());
    };
    let last = blocks.pop().unwrap();
    let mut damaged = pem::Pem::new(last.tag(), flipped(last.contents().to_vec()));
    for (name, value) in last.headers().iter() {
        damaged.headers_mut().add(name, value).unwrap();
    }
    blocks.push(damaged);
    pem::encode_many(&blocks).into_bytes()
}

fn blocks(file: &[u8]) -> Option<Vec<pem::Pem>> {
    let blocks = pem::parse_many(file).ok()?;
    (!blocks.is_empty()).then_some(blocks)
}

const INTEGER: u8 = 2;
/// The octets of an INTEGER below 128.
const VERSION: usize = 3;
const UTF8_STRING: u8 = 12;
const CONSTRUCTED: u8 = 0x20;
const OCTET_STRING: u8 = 4;
const SEQUENCE: u8 = 0x30;
const PIECE: usize = 1000;
/// A certificate in PKCS#7 is below this many elements.
const OUTER: usize = 4;
