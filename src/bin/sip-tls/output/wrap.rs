//! Texts in lines that fit the terminal.

use super::width;

/// Appends words to a line, and goes on in lines indented by `indent` when the terminal ends.
pub(crate) fn wrapped(start: &str, words: &str, indent: usize) -> String {
    let mut text = start.to_owned();
    let mut used = length(start);
    let mut is_first = true;
    for word in words.split(' ') {
        if !is_first && used + 1 + length(word) > width() {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if !is_first {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += length(word);
        is_first = false;
    }
    text
}

/// How many columns a text takes: one for every character, none for colours.
pub(super) fn length(text: &str) -> usize {
    let mut in_colour = false;
    let visible = text.chars().filter(|c| match (*c, in_colour) {
        ('\x1b', _) => {
            in_colour = true;
            false
        }
        (c, true) => {
            in_colour = c != 'm';
            false
        }
        _ => true,
    });
    visible.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_no_room() {
        assert_eq!(length("\x1b[31mab\x1b[0mc"), 3);
    }
}
