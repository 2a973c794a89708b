//! A pull scanner over one JSON text: structure and borrowed scalars, no tree.

use std::borrow::Cow;

use memchr::memchr2;
use smallvec::SmallVec;

use crate::log::text::unescape;

/// A position in a JSON text. Every method returns `None` where the text is not JSON.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// What is next in an object.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key<'a> {
    /// A key, escapes left in place.
    Name(&'a str),
    /// The closing brace.
    End,
}

/// A value without structure.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar<'a> {
    /// The inside of a string; true when there are escapes in it.
    Text(&'a str, bool),
    /// A number, `true`, `false` or `null` as written.
    Bare(&'a str),
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is no white space.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                other => return Some(*other),
            }
        }
    }

    /// Steps over an expected byte.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Steps over a byte if it is next.
    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        self.expect(byte).is_some()
    }

    /// Inside an object: steps behind the colon of the next key or behind the end of the object.
    #[inline]
    pub(super) fn key(&mut self, first: bool) -> Option<Key<'a>> {
        if !first && !self.eat(b',') {
            return self.expect(b'}').map(|()| Key::End);
        }
        if self.eat(b'}') {
            return Some(Key::End);
        }
        let (key, _) = self.string()?;
        self.expect(b':')?;
        Some(Key::Name(key))
    }

    /// A string with its quotes stripped, and whether it has escapes.
    #[inline]
    pub(super) fn string(&mut self) -> Option<(&'a str, bool)> {
        self.expect(b'"')?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut at = start;
        let mut escaped = false;
        loop {
            at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes.get(at) == Some(&b'"') {
                self.at = at + 1;
                return Some((self.text.get(start..at)?, escaped));
            }
            escaped = true;
            at += 2;
        }
    }

    /// A scalar.
    #[inline]
    pub(super) fn scalar(&mut self) -> Option<Scalar<'a>> {
        match self.peek()? {
            b'"' => self.string().map(|(text, escaped)| Scalar::Text(text, escaped)),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                let rest = self.text.get(self.at..)?;
                let len = rest
                    .bytes()
                    .position(|c| !(c.is_ascii_alphanumeric() || matches!(c, b'-' | b'+' | b'.')))
                    .unwrap_or(rest.len());
                self.at += len;
                rest.get(..len).map(Scalar::Bare)
            }
            _ => None,
        }
    }

    /// Steps over a value of any kind. Brackets are counted, not matched by kind, so depth needs no stack.
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'{' | b'[' => {}
            b'"' => return self.string().map(drop),
            _ => return self.scalar().map(drop),
        }
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        loop {
            match bytes.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Some(());
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// The text of the value that is next, stepping over it.
    pub(super) fn raw(&mut self) -> Option<&'a str> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at)
    }

    /// True when nothing but white space is left.
    pub(super) fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }
}

impl<'a> Scalar<'a> {
    /// The value as text; `null` is nothing. Borrows unless there are escapes.
    #[inline]
    pub(super) fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Bare("null") => None,
            Self::Text(text, false) | Self::Bare(text) => Some(Cow::Borrowed(text)),
            Self::Text(text, true) => Some(Cow::Owned(decode(text))),
        }
    }
}

/// Resolves escapes. nginx without `escape=json` writes `\x22` into JSON, which no JSON parser takes; it is read as
/// meant.
#[cold]
fn decode(text: &str) -> String {
    let is_json = !text.as_bytes().windows(2).any(|pair| pair == b"\\x");
    let decoded = is_json.then(|| serde_json::from_str::<String>(&format!("\"{text}\"")).ok()).flatten();
    decoded.unwrap_or_else(|| unescape(text).into_owned())
}

/// The elements of an object's `records` array. `None` when the text is no such object.
pub(super) fn records(line: &str) -> Option<SmallVec<[&str; 1]>> {
    let mut scanner = Scanner::new(line);
    scanner.expect(b'{')?;
    let mut first = true;
    while let Key::Name(key) = scanner.key(first)? {
        first = false;
        if key != "records" || scanner.peek()? != b'[' {
            scanner.skip()?;
            continue;
        }
        scanner.expect(b'[')?;
        let mut out = SmallVec::new();
        while !scanner.eat(b']') {
            out.push(scanner.raw()?);
            scanner.eat(b',');
        }
        return Some(out);
    }
    None
}
