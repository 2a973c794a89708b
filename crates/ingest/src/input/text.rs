//! Byte order marks and UTF-16, which IIS and PowerShell redirections write.

use std::io::{self, Read};

use vedette_parse::capture::Container;

use super::peek;

/// Bytes that tell UTF-16 without a mark from binary.
const PROBE_BYTES: u64 = 64;

/// The stream as UTF-8 without byte order mark. Other bytes pass as they are, packet captures all of them.
pub(super) fn utf8(reader: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let (first, mut reader) = peek(reader, PROBE_BYTES)?;
    let (skip, big_endian) = match first.as_slice() {
        head if Container::of(head).is_some() => (0, None),
        [0xef, 0xbb, 0xbf, ..] => (3, None),
        [0xff, 0xfe, ..] => (2, Some(false)),
        [0xfe, 0xff, ..] => (2, Some(true)),
        other => (0, unmarked(other)),
    };
    let mut mark = [0; 3];
    reader.read_exact(mark.get_mut(..skip).unwrap_or_default())?;
    Ok(match big_endian {
        Some(big_endian) => Box::new(Utf16 { inner: reader, big_endian, raw: Vec::new(), ready: Vec::new(), at: 0 }),
        None => Box::new(reader),
    })
}

/// Bytes of the byte order mark of UTF-8 or of bytes that pass as they are; `None` for UTF-16.
pub(super) fn mark(first: &[u8]) -> Option<usize> {
    match first {
        head if Container::of(head).is_some() => Some(0),
        [0xef, 0xbb, 0xbf, ..] => Some(3),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => None,
        other => unmarked(other).is_none().then_some(0),
    }
}

/// UTF-16 of mostly ASCII has a zero in every other byte. `Some(true)` is big endian.
fn unmarked(bytes: &[u8]) -> Option<bool> {
    let zeros = |offset: usize| bytes.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let pairs = bytes.len() / 2;
    if pairs < 4 {
        None
    } else if odd * 10 >= pairs * 9 && even == 0 {
        Some(false)
    } else if even * 10 >= pairs * 9 && odd == 0 {
        Some(true)
    } else {
        None
    }
}

/// Turns UTF-16 into UTF-8; lone surrogates and a last odd byte become U+FFFD.
struct Utf16<R> {
    inner: R,
    big_endian: bool,
    /// Bytes read and not turned yet: an odd one, or a high surrogate.
    raw: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Utf16<R> {
    fn refill(&mut self) -> io::Result<()> {
        let kept = self.raw.len();
        self.raw.resize(kept + 32 * 1024, 0);
        let count = self.inner.read(self.raw.get_mut(kept..).unwrap_or_default())?;
        self.raw.truncate(kept + count);
        let is_end = count == 0;
        let (units, odd) = self.raw.as_chunks::<2>();
        let mut units: Vec<u16> = units
            .iter()
            .map(|pair| if self.big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) })
            .collect();
        let mut rest = odd.to_vec();
        if is_end && !rest.is_empty() {
            units.push(0xfffd);
            rest.clear();
        }
        if !is_end && let Some(high) = units.pop_if(|unit| (0xd800..0xdc00).contains(unit)) {
            let pair = if self.big_endian { high.to_be_bytes() } else { high.to_le_bytes() };
            rest.splice(0..0, pair);
        }
        self.raw = rest;
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.ready = text.into_bytes();
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.ready.len() {
            let before = self.raw.len();
            self.refill()?;
            if self.ready.is_empty() && self.raw.len() <= before {
                return Ok(0);
            }
        }
        let mut left = self.ready.get(self.at..).unwrap_or_default();
        let count = left.read(buffer)?;
        self.at += count;
        Ok(count)
    }
}
