//! Texts in lines that fit the terminal.
//!
//! Widths are counted in characters. Codes of colours take no room, and are closed at the end of each line.

/// Continues a line with words. Words that do not fit go into further lines, indented to where the words start.
pub(crate) fn wrapped(start: &str, words: &str) -> String {
    wrapped_at(super::width(), start, words)
}

/// Continues a line with words, in lines of this width.
pub(super) fn wrapped_at(width: usize, start: &str, words: &str) -> String {
    let indent = length(start);
    let separator = format!("\n{}", " ".repeat(indent));
    let lines = lines(words, width.saturating_sub(indent));
    format!("{start}{}", lines.join(&separator))
}

/// Breaks a text between its words. A word that is wider than a line stays whole: it may be a path to copy.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    coloured(broken_between_words(text, width))
}

/// Breaks a text so that no line is wider than `width`, even within words if necessary.
pub(super) fn narrow_lines(text: &str, width: usize) -> Vec<String> {
    let lines = broken_between_words(text, width);
    let pieces = lines.iter().flat_map(|line| pieces(line, width));
    coloured(pieces.map(str::to_owned).collect())
}

/// Puts as many words into each line as fit.
fn broken_between_words(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Cuts a line into pieces of `width` characters.
fn pieces(line: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((end, _)) = visible(rest).nth(width.max(1)) {
        let (piece, others) = rest.split_at(end);
        pieces.push(piece);
        rest = others;
    }
    pieces.push(rest);
    pieces
}

/// Ends a colour at the end of each line and resumes it in the next one: other columns may stand between them.
fn coloured(mut lines: Vec<String>) -> Vec<String> {
    let mut colour = String::new();
    for line in &mut lines {
        line.insert_str(0, &colour);
        if let Some(start) = line.rfind('\x1b') {
            let end = line[start..]
                .find('m')
                .map_or(line.len(), |m| start + m + 1);
            colour = line[start..end].to_owned();
        }
        if colour == RESET {
            colour.clear();
        } else if !colour.is_empty() {
            line.push_str(RESET);
        }
    }
    lines
}

/// Cuts a text after `width` characters, and ends the colour that is active there.
pub(super) fn cut(text: &str, width: usize) -> String {
    match visible(text).nth(width) {
        Some((end, _)) if text[..end].contains('\x1b') => format!("{}{RESET}", &text[..end]),
        Some((end, _)) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}

/// How many columns a text takes: one for every character, none for colours.
pub(super) fn length(text: &str) -> usize {
    visible(text).count()
}

/// The characters, and where they start, without the codes of colours.
fn visible(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut in_code = false;
    text.char_indices().filter(move |(_, c)| {
        let was_in_code = in_code;
        in_code = match in_code {
            true => *c != 'm',
            false => *c == '\x1b',
        };
        !was_in_code && !in_code
    })
}

/// Ends a colour.
pub(super) const RESET: &str = "\x1b[0m";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words_and_a_long_word_stays_whole() {
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("a /long/path b", 4), ["a", "/long/path", "b"]);
        assert_eq!(lines("  5", 3), ["  5"]);
        assert_eq!(lines("", 5), [""]);
    }

    #[test]
    fn a_narrow_line_is_never_wider_than_it_may_be() {
        assert_eq!(narrow_lines("CN = abcdefg", 4), ["CN =", "abcd", "efg"]);
        assert_eq!(narrow_lines("äöüß", 2), ["äö", "üß"]);
        assert_eq!(narrow_lines("abcd", 4), ["abcd"]);
        assert_eq!(narrow_lines("ab", 0), ["a", "b"]);
    }

    #[test]
    fn a_colour_ends_with_its_line_and_goes_on_in_the_next() {
        let red = |text| format!("\x1b[31m{text}\x1b[0m");
        let lines = lines(&format!("{} end", red("one two")), 3);
        assert_eq!(lines, [red("one"), red("two"), "end".to_owned()]);
        assert_eq!(narrow_lines(&red("abcd"), 2), [red("ab"), red("cd")]);
    }

    #[test]
    fn words_go_on_where_they_started() {
        assert_eq!(
            wrapped_at(12, "\x1b[31mto\x1b[0m: ", "a few words"),
            "\x1b[31mto\x1b[0m: a few\n    words"
        );
        assert_eq!(
            wrapped_at(3, "far too long ", "a b"),
            "far too long a\n             b"
        );
    }

    #[test]
    fn a_text_that_is_cut_leaves_no_colour_on() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("äbc", 2), "äb");
        assert_eq!(cut("\x1b[31mabc\x1b[0md", 2), "\x1b[31mab\x1b[0m");
        assert_eq!(cut("\x1b[31mabc\x1b[0m", 3), "\x1b[31mabc\x1b[0m");
    }

    #[test]
    fn colours_take_no_room() {
        assert_eq!(length("\x1b[31mab\x1b[0mc"), 3);
    }
}
