//! Decoding of bytes to text without a `DOCTYPE`.
//!
//! The xml crate could decode by itself. But it expands the parameter entities of a `DOCTYPE`
//! before it reports one, and without a limit: 700 bytes of them take 300 MB. So it must not see a
//! `DOCTYPE`, and only text can be searched for one.

use std::borrow::Cow;

use super::error::ProfileError;
use super::position::Position;

/// Decodes bytes to text without a byte order mark.
///
/// The byte order mark, or else the zero bytes of UTF-16, override what the file declares: editors
/// change the encoding and leave the declaration.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ProfileError> {
    match bytes {
        [0xef, 0xbb, 0xbf, text @ ..] => utf8(text),
        [0xff, 0xfe, text @ ..] => utf16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => utf16(text, u16::from_be_bytes),
        [b'<', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'<', ..] => utf16(bytes, u16::from_be_bytes),
        _ => declared(bytes),
    }
}

/// Refuses a file of white space alone.
pub(super) fn refuse_empty(text: &str) -> Result<(), ProfileError> {
    match text.trim().is_empty() {
        true => Err(ProfileError::Empty),
        false => Ok(()),
    }
}

/// Refuses PEM, which may have other text before the first block. XML begins with `<`.
pub(super) fn refuse_pem(text: &str) -> Result<(), ProfileError> {
    let is_begin = |line: &str| line.starts_with("-----BEGIN ");
    match !text.trim_start().starts_with('<') && text.lines().any(is_begin) {
        true => Err(ProfileError::Foreign { format: "PEM" }),
        false => Ok(()),
    }
}

/// Refuses DER: a SEQUENCE of more than 127 octets. No text begins like that.
pub(super) fn refuse_der(bytes: &[u8]) -> Result<(), ProfileError> {
    match bytes {
        [0x30, 0x80..=0x84, ..] => Err(ProfileError::Foreign { format: "DER" }),
        _ => Ok(()),
    }
}

/// Refuses a `DOCTYPE`, which can only stand before the root element: anywhere else it is not
/// well-formed.
pub(super) fn refuse_doctype(text: &str) -> Result<(), ProfileError> {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let skipped = match (rest.strip_prefix("<?"), rest.strip_prefix("<!--")) {
            (Some(instruction), _) => instruction.split_once("?>"),
            (_, Some(comment)) => comment.split_once("-->"),
            _ => None,
        };
        match skipped {
            Some((_, after)) => rest = after,
            None if rest.starts_with("<!DOCTYPE") => {
                let before = &text.as_bytes()[..text.len() - rest.len()];
                return Err(ProfileError::Doctype {
                    position: Position::START.after(before),
                });
            }
            None => return Ok(()),
        }
    }
}

/// Decodes by the encoding that the XML declaration names, or as UTF-8.
fn declared(bytes: &[u8]) -> Result<Cow<'_, str>, ProfileError> {
    match declared_encoding(bytes) {
        Some(name) if ["iso-8859-1", "latin1"].contains(&name.to_ascii_lowercase().as_str()) => {
            Ok(bytes.iter().copied().map(char::from).collect())
        }
        Some(name) if !["utf-8", "utf8"].contains(&name.to_ascii_lowercase().as_str()) => {
            let ascii = bytes.iter().position(|byte| !byte.is_ascii());
            match ascii {
                None => utf8(bytes),
                Some(end) => Err(unreadable(&bytes[..end], name)),
            }
        }
        _ => utf8(bytes),
    }
}

/// The `encoding` of `<?xml version="1.0" encoding="utf-8"?>`.
fn declared_encoding(bytes: &[u8]) -> Option<&str> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let (_, rest) = str::from_utf8(&declaration[..end])
        .ok()?
        .split_once("encoding")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split(quote).next()
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, ProfileError> {
    match str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => Err(unreadable(&bytes[..error.valid_up_to()], "UTF-8")),
    }
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, ProfileError> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    for character in char::decode_utf16(pairs.iter().copied().map(unit)) {
        match character {
            Ok(character) => text.push(character),
            Err(_) => return Err(unreadable(text.as_bytes(), "UTF-16")),
        }
    }
    match odd {
        [] => Ok(Cow::Owned(text)),
        _ => Err(unreadable(text.as_bytes(), "UTF-16")),
    }
}

fn unreadable(before: &[u8], encoding: &str) -> ProfileError {
    ProfileError::Encoding {
        position: Position::START.after(before),
        encoding: encoding.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ProfileError, decode, refuse_doctype};

    /// `text` in UTF-16, each unit put into bytes by `order`.
    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[track_caller]
    fn refused(bytes: &[u8]) -> String {
        match decode(bytes) {
            Err(error @ ProfileError::Encoding { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_encoding_yields_the_same_text() {
        let text = "<a b='ü€😀'/>";
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decode(&utf16(text, order)).unwrap(), text);
            assert_eq!(
                decode(&utf16(&format!("\u{feff}{text}"), order)).unwrap(),
                text
            );
        }
    }

    #[test]
    fn byte_order_mark_outranks_the_declaration() {
        let text = "<?xml version='1.0' encoding='utf-8'?><a b='ü'/>";
        let marked = utf16(&format!("\u{feff}{text}"), u16::to_le_bytes);
        assert_eq!(decode(&marked).unwrap(), text);
        let text = "<?xml version='1.0' encoding='utf-16'?><a b='ü'/>";
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
    }

    #[test]
    fn latin_1_is_read_where_declared() {
        for name in ["iso-8859-1", "ISO-8859-1", "Latin1"] {
            let head = format!("<?xml version = \"1.0\"  encoding =\n\"{name}\" ?>");
            let bytes = [head.as_bytes(), b"<a b='\xfc'/>"].concat();
            assert_eq!(decode(&bytes).unwrap(), format!("{head}<a b='ü'/>"));
        }
        assert_eq!(
            refused(b"<a>\n b='\xfc'/>"),
            "line 2, column 5: the profile cannot be read as `UTF-8`; save it as UTF-8"
        );
    }

    #[test]
    fn other_declared_encodings_are_read_while_they_are_ascii() {
        let text = "<?xml version='1.0' encoding='windows-1252'?>\n<a/>";
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(
            refused(&[text.as_bytes(), b"<b c='\x80'/>"].concat()),
            "line 2, column 11: the profile cannot be read as `windows-1252`; save it as UTF-8"
        );
        // Only the declaration can declare.
        assert!(decode("<a encoding='x'>ü</a>".as_bytes()).is_ok());
    }

    #[test]
    fn broken_utf_16_is_refused_with_its_place() {
        let mut bytes = utf16("\u{feff}<a>\nü", u16::to_le_bytes);
        bytes.push(b'<');
        let message = "line 2, column 2: the profile cannot be read as `UTF-16`; save it as UTF-8";
        assert_eq!(refused(&bytes), message);
        bytes.extend(b"\xd8ab");
        bytes[12] = 0;
        assert_eq!(refused(&bytes), message, "half a surrogate pair");
    }

    #[test]
    fn doctype_is_found_behind_comments_and_instructions() {
        for before in [
            "",
            " \r\n",
            "<?xml version='1.0'?>",
            "<!-- <a> -->\n<?x <!-- ?>",
            "<!-->-->",
        ] {
            let text = format!("{before}<!DOCTYPE a []><a/>");
            let error = refuse_doctype(&text).unwrap_err();
            assert!(
                error.to_string().ends_with("a DOCTYPE is not allowed"),
                "{text}"
            );
        }
        let error = refuse_doctype("<!-- ü\n -->\t<!DOCTYPE a>").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2, column 6: a DOCTYPE is not allowed"
        );
    }

    #[test]
    fn doctype_in_a_comment_or_an_instruction_is_none() {
        for text in [
            "<!-- <!DOCTYPE a> --><a/>",
            "<?x <!DOCTYPE a> ?><a/>",
            "<a/>",
            "",
            "<!--",
        ] {
            assert!(refuse_doctype(text).is_ok(), "{text}");
        }
    }
}
