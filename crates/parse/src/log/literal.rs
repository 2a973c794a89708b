//! Short literals and delimiters, found without a call.
//!
//! Fields of a log are short: a call of `memchr` or `memcmp` costs more than the comparison. Here eight bytes are
//! looked at in one register, and only long fields are left to `memchr`.

use memchr::memchr;

/// Words looked at before `memchr` takes over.
const WORDS: usize = 3;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Text between two fields.
#[derive(Clone, Debug, Default)]
pub(crate) struct Literal {
    text: Box<str>,
    /// First eight bytes, and which bits of them count.
    head: u64,
    mask: u64,
}

impl Literal {
    pub(crate) fn new(text: &str) -> Self {
        let (mut head, mut mask) = (0, 0);
        for (index, byte) in text.bytes().take(8).enumerate() {
            head |= u64::from(byte) << (8 * index);
            mask |= 0xff << (8 * index);
        }
        Self { text: text.into(), head, mask }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Length in bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// True when `b` begins with it.
    #[inline]
    pub(crate) fn begins(&self, b: &[u8]) -> bool {
        match b.first_chunk::<8>() {
            Some(word) => {
                u64::from_le_bytes(*word) & self.mask == self.head
                    && (self.text.len() <= 8 || b.starts_with(self.text.as_bytes()))
            }
            None => b.starts_with(self.text.as_bytes()),
        }
    }

    /// What follows it, when `rest` begins with it.
    #[inline]
    pub(crate) fn strip<'a>(&self, rest: &'a str) -> Option<&'a str> {
        if self.begins(rest.as_bytes()) { rest.get(self.text.len()..) } else { None }
    }

    /// Where it occurs first.
    #[inline]
    pub(crate) fn find(&self, b: &[u8]) -> Option<usize> {
        let first = *self.text.as_bytes().first()?;
        let mut at = 0;
        loop {
            at += find_byte(b.get(at..)?, first)?;
            if self.begins(b.get(at..)?) {
                return Some(at);
            }
            at += 1;
        }
    }
}

/// Where a byte occurs first.
#[inline]
pub(crate) fn find_byte(b: &[u8], byte: u8) -> Option<usize> {
    let pattern = u64::from(byte) * LOW;
    let mut rest = b;
    for word in 0..WORDS {
        let Some((chunk, tail)) = rest.split_first_chunk::<8>() else {
            return rest.iter().position(|c| *c == byte).map(|at| word * 8 + at);
        };
        // Zero bytes of the difference are matches (Mycroft); the lowest one is exact.
        let difference = u64::from_le_bytes(*chunk) ^ pattern;
        let found = difference.wrapping_sub(LOW) & !difference & HIGH;
        if found != 0 {
            return Some(word * 8 + found.trailing_zeros() as usize / 8);
        }
        rest = tail;
    }
    memchr(byte, rest).map(|at| WORDS * 8 + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(text in "[ab\u{80}-\u{ff}]{0,40}", needle in "[ab]{1,10}") {
            let literal = Literal::new(&needle);
            prop_assert_eq!(literal.find(text.as_bytes()), text.find(&needle));
            prop_assert_eq!(literal.strip(&text), text.strip_prefix(&needle));
            prop_assert_eq!(find_byte(text.as_bytes(), b'b'), text.find('b'));
        }
    }
}
