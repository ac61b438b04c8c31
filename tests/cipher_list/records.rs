//! Files of cipher strings ("questions") and OpenSSL's recorded answers.
//!
//! A question is a string in quotes, with the escapes of `u8::escape_ascii`. The answer is in the next line: `= ` and
//! the suites' numbers in hexadecimal, or `! ` and OpenSSL's reason.

/// The numbers of the suites that OpenSSL selects, in order, or its reason to refuse the string.
pub(crate) type Answer = Result<Vec<u16>, String>;

/// A string, and OpenSSL's answer.
pub(crate) struct Record {
    pub(crate) text: Vec<u8>,
    pub(crate) answer: Answer,
}

/// Reads a file of records.
#[track_caller]
pub(crate) fn read(file: &str) -> Vec<Record> {
    let mut records = Vec::new();
    let mut asked = None;
    for line in file.lines() {
        if let Some(text) = question(line) {
            asked = Some(text);
        } else if let Some(answer) = answer(line) {
            let text = asked.take().expect("a question before the answer");
            records.push(Record { text, answer });
        }
    }
    assert!(
        asked.is_none() && !records.is_empty(),
        "questions, and each is answered"
    );
    records
}

/// Returns the string of a line, if the line is a question.
pub(crate) fn question(line: &str) -> Option<Vec<u8>> {
    Some(unescape(line.strip_prefix('"')?.strip_suffix('"')?))
}

/// Returns the answer of a line, if the line is an answer.
pub(crate) fn answer(line: &str) -> Option<Answer> {
    if let Some(reason) = line.strip_prefix("! ") {
        return Some(Err(reason.to_owned()));
    }
    let numbers = line.strip_prefix('=')?.split_whitespace();
    let number = |digits| u16::from_str_radix(digits, 16).expect("a number of four digits");
    Some(Ok(numbers.map(number).collect()))
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut next = move || bytes.next();
    let mut unescaped = Vec::new();
    while let Some(byte) = next() {
        unescaped.push(match byte {
            b'\\' => match next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'x') => {
                    let digits = [next(), next()].map(|digit| char::from(digit.unwrap_or(b'?')));
                    let value = digits.map(|digit| digit.to_digit(16).expect("two digits"));
                    u8::try_from(value[0] * 16 + value[1]).expect("a byte")
                }
                Some(literal) => literal,
                None => panic!("nothing after a backslash"),
            },
            plain => plain,
        });
    }
    unescaped
}
