//! The table that is redrawn in place, at a terminal made by `script`.

use std::time::Duration;

use super::super::program::{PHONE, config, with};
use super::super::terminal;
use super::phone::Phone;
use super::registrar::{Registrar, Reply, request};
use crate::endpoint::test_pki::HOST;

/// Runs the program with a configuration at a terminal of this size, until it ends by itself. Returns its output and
/// its exit code.
fn at_terminal(
    config: &str,
    size: (u16, u16),
    words: &[&str],
    meanwhile: impl FnOnce(),
) -> (String, Option<i32>) {
    let program = Phone::with(&[&["connect", "--register", config], words].concat());
    terminal::run(&program, size, meanwhile)
}

/// The text that a terminal shows at the end. Only the codes that the program uses are known.
fn screen(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut row: usize = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\n' => {
                row += 1;
                lines.resize(lines.len().max(row + 1), String::new());
            }
            '\r' => {}
            '\x1b' => {
                let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                let (parameter, code) = (rest[1..end].to_owned(), &rest[end..=end]);
                rest = &rest[end + 1..];
                match code {
                    "A" => {
                        row -= parameter.parse::<usize>().unwrap();
                        lines[row].clear();
                    }
                    "K" | "h" | "l" | "m" => {}
                    "J" => lines.truncate(row + 1),
                    other => panic!("{other} in {text:?}"),
                }
                if code == "J" {
                    lines[row].clear();
                }
            }
            c => lines[row].push(c),
        }
        if c == '\n' {
            lines[row].clear();
        }
    }
    lines
}

fn lines(name: &str, registrar: &Registrar, count: usize) -> String {
    let lines: Vec<_> = (1..=count)
        .map(|user| {
            let server = registrar.address;
            format!("user=\"{user}\" server=\"{server}\" protocol=\"tls\"")
        })
        .collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    config(name, &lines, &with(&PHONE, &[("tls-target-name", HOST)]))
}

fn registrar() -> Registrar {
    Registrar::start(|_, _| Reply::grant(100))
}

#[test]
fn a_terminal_shows_a_table_that_is_drawn_in_place() {
    let registrar = registrar();
    let config = lines("register-table.config", &registrar, 1);
    let (text, exit) = at_terminal(&config, (160, 24), &["--for", "2"], || {
        registrar.message();
        std::thread::sleep(Duration::from_millis(300));
        registrar.say(&request("OPTIONS", 1));
    });
    assert_eq!(exit, Some(0), "{text:?}");
    assert!(text.contains("\x1b[2A\r"), "it goes back: {text:?}");
    assert!(text.contains("\x1b[32mregistered\x1b[0m"), "{text:?}");
    assert!(text.contains("expires in 99 s"), "{text:?}");
    assert!(text.contains("answered OPTIONS with 200"), "{text:?}");
    let shown = screen(&text);
    assert_eq!(shown.len(), 3, "{shown:#?}");
    let headings: Vec<_> = shown[0].split_whitespace().collect();
    assert_eq!(
        headings,
        [
            "user", "server", "state", "since", "until", "peer", "last", "event"
        ]
    );
    let start = format!("  1     {}  unregistered  ", registrar.address);
    assert!(shown[1].starts_with(&start), "{shown:#?}");
    assert_eq!(shown[2], "", "the cursor stands below");
}

#[test]
fn a_small_terminal_shows_as_much_as_fits() {
    let config = {
        let one = registrar();
        lines("register-narrow.config", &one, 1)
    };
    // No server listens any more, so the error is long.
    let (text, exit) = at_terminal(&config, (30, 24), &["--for", "1"], || {});
    assert_eq!(exit, Some(3), "{text:?}");
    let shown = screen(&text);
    assert_eq!(shown.len(), 4, "the reason is below: {shown:#?}");
    for line in &shown[..2] {
        assert!(line.chars().count() <= 30, "{line}");
    }
    assert!(
        shown[2].starts_with("sip-tls: 1 at 127.0.0.1:"),
        "{shown:#?}"
    );

    let registrar = registrar();
    let config = lines("register-many.config", &registrar, 9);
    let (text, exit) = at_terminal(&config, (100, 5), &["--for", "1"], || {});
    assert_eq!(exit, Some(0), "{text:?}");
    let shown = screen(&text);
    assert_eq!(shown.len(), 5, "{shown:#?}");
    assert_eq!(shown[3], "  and 7 more");
    assert_eq!(shown[4], "");
}

/// At a terminal that has no codes, the program prints lines.
#[test]
fn a_dumb_terminal_and_steps_on_stderr_get_lines() {
    let registrar = registrar();
    let config = lines("register-dumb.config", &registrar, 1);
    let (text, _) = at_terminal(&config, (100, 24), &["--for", "1", "-v"], || {});
    assert!(
        text.contains(": \x1b[32mregistered\x1b[0m, expires in 100 s\r\n"),
        "{text:?}"
    );
    assert!(!text.contains("\x1b[K"), "{text:?}");
}
