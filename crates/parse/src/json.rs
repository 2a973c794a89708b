//! A pull reader for JSON (RFC 8259): the caller asks for one token after the other and keeps what it wants, so that
//! nothing is built and nothing recurses here. Strict in grammar, patient in depth: [`Reader::skip`] passes any nesting
//! in constant stack.

mod number;
mod text;

use std::borrow::Cow;

pub use number::Number;
pub use text::Text;

/// Why reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The text ended inside a value: cut by its recorder, or malformed at its very end.
    Truncated,
    /// Not JSON.
    Malformed,
}

/// The start of a value. Scalars are complete; containers are read with [`Reader::item`] or [`Reader::key`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as written.
    Number(Number<'a>),
    /// A string, still escaped.
    Text(Text<'a>),
    /// `[` was read; ask [`Reader::item`] until it says no.
    Array,
    /// `{` was read; ask [`Reader::key`] until there is none.
    Object,
}

/// A key of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// The one that the caller guessed.
    Guessed,
    /// Another.
    Other(Cow<'a, str>),
}

/// Reads one JSON text from front to back.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begins at the start; a byte order mark is passed over.
    pub fn new(text: &'a str) -> Self {
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), at: 0 }
    }

    /// The next value begins here.
    #[inline]
    pub fn value(&mut self) -> Result<Token<'a>, Broken> {
        match self.peek_past_space()? {
            b'"' => Ok(Token::Text(self.string()?)),
            b'{' => Ok(self.take(Token::Object)),
            b'[' => Ok(self.take(Token::Array)),
            b't' => self.word(b"true", Token::Bool(true)),
            b'f' => self.word(b"false", Token::Bool(false)),
            b'n' => self.word(b"null", Token::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(Broken::Malformed),
        }
    }

    /// In an array: is there another item? `first` starts true and is the caller's to keep per array.
    #[inline]
    pub fn item(&mut self, first: &mut bool) -> Result<bool, Broken> {
        let byte = self.peek_past_space()?;
        let was_first = std::mem::replace(first, false);
        match byte {
            b']' => {
                self.at += 1;
                Ok(false)
            }
            _ if was_first => Ok(true),
            b',' => {
                self.at += 1;
                if self.peek_past_space()? == b']' { Err(Broken::Malformed) } else { Ok(true) }
            }
            _ => Err(Broken::Malformed),
        }
    }

    /// In an object: the next key, up to and with its colon. `first` as in [`Reader::item`].
    #[inline]
    pub fn key(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>, Broken> {
        Ok(match self.key_like(first, None)? {
            Some(Key::Other(key)) => Some(key),
            Some(Key::Guessed) | None => None,
        })
    }

    /// As [`Reader::key`], for a caller that can guess: a right guess costs one comparison. The guess must need no
    /// escapes ([`Text::is_plain`]).
    #[inline]
    pub fn key_like(&mut self, first: &mut bool, guess: Option<&str>) -> Result<Option<Key<'a>>, Broken> {
        let mut byte = self.peek_past_space()?;
        let was_first = std::mem::replace(first, false);
        if byte == b'}' {
            self.at += 1;
            return Ok(None);
        }
        if !was_first {
            if byte != b',' {
                return Err(Broken::Malformed);
            }
            self.at += 1;
            byte = self.peek_past_space()?;
        }
        if byte != b'"' {
            return Err(Broken::Malformed);
        }
        let key = match guess {
            Some(guess) if self.closes_with(guess) => {
                self.at += guess.len() + 2;
                Key::Guessed
            }
            _ => Key::Other(self.string()?.unescape()),
        };
        if self.peek_past_space()? != b':' {
            return Err(Broken::Malformed);
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// After the quote that stands here comes this text and another quote.
    #[inline]
    fn closes_with(&self, text: &str) -> bool {
        let rest = self.bytes().get(self.at + 1..).and_then(|rest| rest.strip_prefix(text.as_bytes()));
        rest.is_some_and(|rest| rest.first() == Some(&b'"'))
    }

    /// Passes over the rest of the container that was just opened, whatever its depth: a count instead of a stack.
    /// Checks strings and the balance of brackets, not the grammar between them.
    pub fn skip(&mut self) -> Result<(), Broken> {
        let mut open = 1usize;
        while open > 0 {
            match self.peek_past_space()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    open += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    open -= 1;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    /// Nothing but white space follows.
    pub fn end(&mut self) -> Result<(), Broken> {
        match self.peek_past_space() {
            Err(_) => Ok(()),
            Ok(_) => Err(Broken::Malformed),
        }
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    #[inline]
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    #[inline]
    fn peek_past_space(&mut self) -> Result<u8, Broken> {
        loop {
            match self.bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Broken::Truncated),
            }
        }
    }

    #[inline]
    fn take(&mut self, token: Token<'a>) -> Token<'a> {
        self.at += 1;
        token
    }

    fn word(&mut self, word: &[u8], token: Token<'a>) -> Result<Token<'a>, Broken> {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            Ok(token)
        } else if word.starts_with(rest) {
            Err(Broken::Truncated)
        } else {
            Err(Broken::Malformed)
        }
    }

    #[inline]
    fn string(&mut self) -> Result<Text<'a>, Broken> {
        let start = self.at + 1;
        let (len, escaped) = text::scan(self.bytes().get(start..).unwrap_or_default())?;
        self.at = start + len + 1;
        let raw = self.text.get(start..start + len).ok_or(Broken::Malformed)?;
        Ok(Text { raw, escaped })
    }

    #[inline]
    fn number(&mut self) -> Result<Token<'a>, Broken> {
        let (number, len) = number::scan(self.text.get(self.at..).unwrap_or_default())?;
        self.at += len;
        Ok(Token::Number(number))
    }
}

#[cfg(test)]
mod tests;
