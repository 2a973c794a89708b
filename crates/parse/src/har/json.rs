//! A pull reader for the JSON of HAR entries that forgives what serde_json refuses.
//!
//! Why not serde: browsers write lone surrogates (`"\ud83d"`) and bodies with raw control characters, writers repeat
//! keys, numbers overflow. There each makes the whole entry an error; here it costs one value at most. Strings without
//! an escape borrow from the record, nesting is a counter (no recursion: 100,000 levels are a loop), and what nobody
//! asked for is skipped, not built. Brackets of skipped values are counted, not matched.

use std::borrow::Cow;
use std::ops::Range;

/// Room made for a string with escapes: the usual size of a JSON body.
const UNESCAPED_BYTES: usize = 4 << 10;

/// The record is not JSON from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// A scalar as it stands in the record; composite values are passed over.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Loose<'a> {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// A string, unescaped.
    Text(Cow<'a, str>),
    /// A number, as written.
    Number(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// An object, an array or an unknown word where a scalar was expected.
    Composite,
}

/// What a string in a record came to.
enum Run {
    /// No escapes: where it stands.
    Plain(Range<usize>),
    /// Its bytes, escapes undone.
    Unescaped(Vec<u8>),
}

/// A position in a record.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of a record.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What is not read yet.
    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space, not consumed.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    /// Reads an object; `field` is called with each key and must consume the value. Anything else is passed over, and
    /// the answer is whether it was an object.
    pub(crate) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, &str) -> Result<(), Broken>,
    ) -> Result<bool, Broken> {
        if self.peek() != Some(b'{') {
            self.skip()?;
            return Ok(false);
        }
        self.at += 1;
        loop {
            match self.peek().ok_or(Broken)? {
                b'}' => {
                    self.at += 1;
                    return Ok(true);
                }
                b',' => self.at += 1,
                b'"' => {
                    let key = self.string()?;
                    if self.peek() != Some(b':') {
                        return Err(Broken);
                    }
                    self.at += 1;
                    field(self, &key)?;
                }
                _ => return Err(Broken),
            }
        }
    }

    /// Reads an array; `item` must consume one value each. Anything else is passed over, and the answer is whether it
    /// was an array.
    pub(crate) fn array(&mut self, mut item: impl FnMut(&mut Self) -> Result<(), Broken>) -> Result<bool, Broken> {
        if self.peek() != Some(b'[') {
            self.skip()?;
            return Ok(false);
        }
        self.at += 1;
        loop {
            match self.peek().ok_or(Broken)? {
                b']' => {
                    self.at += 1;
                    return Ok(true);
                }
                b',' => self.at += 1,
                _ => item(self)?,
            }
        }
    }

    /// Reads a scalar.
    pub(crate) fn scalar(&mut self) -> Result<Loose<'a>, Broken> {
        match self.peek().ok_or(Broken)? {
            b'"' => Ok(Loose::Text(self.string()?)),
            b'{' | b'[' => {
                self.skip()?;
                Ok(Loose::Composite)
            }
            _ => Ok(match self.word()? {
                "null" => Loose::Absent,
                "true" => Loose::Bool(true),
                "false" => Loose::Bool(false),
                word if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => Loose::Number(word),
                _ => Loose::Composite,
            }),
        }
    }

    /// Passes over one value of any kind and depth.
    pub(crate) fn skip(&mut self) -> Result<(), Broken> {
        let mut depth = 0_usize;
        loop {
            match self.peek().ok_or(Broken)? {
                b'"' => self.skip_string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1).ok_or(Broken)?;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    self.word()?;
                }
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Reads a string (the next byte must be its quote).
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Broken> {
        let text = self.text;
        Ok(match self.run()? {
            Run::Plain(range) => Cow::Borrowed(text.get(range).ok_or(Broken)?),
            Run::Unescaped(bytes) => Cow::Owned(String::from_utf8(bytes).map_err(|_| Broken)?),
        })
    }

    /// As [`Reader::string`], without the check that the bytes are UTF-8 (they are: the record was).
    pub(crate) fn string_bytes(&mut self) -> Result<Cow<'a, [u8]>, Broken> {
        let text = self.text;
        Ok(match self.run()? {
            Run::Plain(range) => Cow::Borrowed(text.as_bytes().get(range).ok_or(Broken)?),
            Run::Unescaped(bytes) => Cow::Owned(bytes),
        })
    }

    fn run(&mut self) -> Result<Run, Broken> {
        let all = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start + quote_or_backslash(all.get(start..).ok_or(Broken)?);
        if all.get(at) == Some(&b'"') {
            self.at = at + 1;
            return Ok(Run::Plain(start..at));
        }
        // One allocation for most bodies; a short string with an escape wastes it for the time of its exchange.
        let mut out = Vec::with_capacity((all.len() - start).min(UNESCAPED_BYTES));
        out.extend_from_slice(all.get(start..at).ok_or(Broken)?);
        loop {
            match all.get(at).ok_or(Broken)? {
                b'"' => break,
                b'\\' => at = escape(all, at + 1, &mut out)?,
                _ => at = copy_plain(all, at, &mut out),
            }
        }
        self.at = at + 1;
        Ok(Run::Unescaped(out))
    }

    fn skip_string(&mut self) -> Result<(), Broken> {
        let all = self.text.as_bytes();
        let mut at = self.at + 1;
        loop {
            at += quote_or_backslash(all.get(at..).ok_or(Broken)?);
            match all.get(at).ok_or(Broken)? {
                b'"' => break,
                _ => at += 2,
            }
        }
        self.at = at + 1;
        Ok(())
    }

    /// A number, a literal, or whatever stands there up to the next delimiter; never empty.
    fn word(&mut self) -> Result<&'a str, Broken> {
        let rest = self.rest();
        let len = rest
            .bytes()
            .take_while(|b| !matches!(b, b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']' | b' ' | b'\n' | b'\r' | b'\t'))
            .count();
        self.at += len;
        rest.get(..len).filter(|word| !word.is_empty()).ok_or(Broken)
    }
}

/// High bits where a byte of `word` equals `byte`; exact up to and including the lowest (Mycroft's test).
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let x = word ^ (LOW * u64::from(byte));
    x.wrapping_sub(LOW) & !x & (LOW << 7)
}

/// Bytes before the first quote or backslash; the length when there is none.
#[inline]
pub fn quote_or_backslash(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let hits = equal(word, b'"') | equal(word, b'\\');
        if hits != 0 {
            return index * 8 + (hits.trailing_zeros() / 8) as usize;
        }
        // A long string: memchr's vectors win from here on.
        if index == 7 {
            let rest = bytes.get(64..).unwrap_or_default();
            return 64 + memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        }
    }
    let before = bytes.len() - tail.len();
    before + tail.iter().position(|b| matches!(b, b'"' | b'\\')).unwrap_or(tail.len())
}

/// Copies up to the next quote or backslash, eight bytes at a time: JSON inside JSON has an escape every few bytes,
/// which a search and a copy per run would make slow. Returns the position reached.
#[inline]
fn copy_plain(all: &[u8], mut at: usize, out: &mut Vec<u8>) -> usize {
    while let Some(chunk) = all.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let hits = equal(word, b'"') | equal(word, b'\\');
        out.extend_from_slice(chunk);
        if hits != 0 {
            let plain = (hits.trailing_zeros() / 8) as usize;
            out.truncate(out.len() - 8 + plain);
            return at + plain;
        }
        at += 8;
    }
    while let Some(byte) = all.get(at).filter(|b| !matches!(b, b'"' | b'\\')) {
        out.push(*byte);
        at += 1;
    }
    at
}

/// Undoes the escape whose letter is at `at`; unknown letters stand for themselves. Returns the position past it.
#[inline]
fn escape(all: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, Broken> {
    let letter = *all.get(at).ok_or(Broken)?;
    match letter {
        b'n' => out.push(b'\n'),
        b't' => out.push(b'\t'),
        b'r' => out.push(b'\r'),
        b'b' => out.push(8),
        b'f' => out.push(12),
        b'u' => return Ok(unicode(all, at + 1, out)),
        other => out.push(other),
    }
    Ok(at + 1)
}

/// Undoes `\uXXXX` whose digits begin at `at`, pairs included; lone surrogates and bad digits become U+FFFD.
fn unicode(all: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let Some(first) = hex4(all, at) else {
        out.extend_from_slice("\u{fffd}".as_bytes());
        return at;
    };
    let mut end = at + 4;
    let mut code = u32::from(first);
    if (0xd800..0xdc00).contains(&code)
        && all.get(end..end + 2) == Some(b"\\u")
        && let Some(second) = hex4(all, end + 2).filter(|low| (0xdc00..0xe000).contains(low))
    {
        code = 0x1_0000 + ((code - 0xd800) << 10) + (u32::from(second) - 0xdc00);
        end += 6;
    }
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    end
}

fn hex4(all: &[u8], at: usize) -> Option<u16> {
    all.get(at..at + 4)?.iter().try_fold(0_u16, |n, b| Some(n << 4 | char::from(*b).to_digit(16)? as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strings_that_serde_refuses_are_read() {
        for (json, text) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ud83dx""#, "\u{fffd}x"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\uZZZZ""#, "\u{fffd}ZZZZ"),
            (r#""a\/b\q""#, "a/bq"),
            ("\"raw\ttab\"", "raw\ttab"),
        ] {
            assert_eq!(Reader::new(json).string().unwrap(), text, "{json}");
        }
        for bad in ["\"", "\"abc", "\"abc\\", "\"abc\\\""] {
            assert_eq!(Reader::new(bad).string(), Err(Broken), "{bad}");
        }
    }

    #[test]
    fn depth_is_a_counter() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let mut reader = Reader::new(&deep);
        assert_eq!(reader.skip(), Ok(()));
        assert_eq!(reader.rest(), "");
        assert_eq!(Reader::new(&"[{".repeat(100_000)).skip(), Err(Broken));
    }

    proptest! {
        #[test]
        fn strings_read_as_serde_reads_them(text in any::<String>(), tail in "[ ,a-z\"]{0,9}") {
            let json = serde_json::to_string(&text).unwrap();
            let whole = format!("{json}{tail}");
            let mut reader = Reader::new(&whole);
            prop_assert_eq!(reader.string().unwrap(), text);
            prop_assert_eq!(reader.rest(), tail.as_str());
        }

        #[test]
        fn any_text_ends(text in "[\\[\\]{}\",:\\\\u0a1 ]{0,40}") {
            let _ = Reader::new(&text).skip();
            let _ = Reader::new(&text).scalar();
            let _ = Reader::new(&text).object(|r, _| r.skip());
        }
    }
}
