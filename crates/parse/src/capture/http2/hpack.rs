//! HPACK (RFC 7541): header compression of HTTP/2.
//!
//! Own code, because the crates that stand alone are forks without upkeep, and because a decoder of other people's
//! traffic needs its own bounds: table size, string sizes, and a table that starts where the connection does.

use std::collections::VecDeque;

use vedette_model::limits::{CAPTURE_HEAD_BYTES_MAX, HPACK_TABLE_BYTES_MAX};

use super::huffman;

/// Bytes that an entry costs beside its text (RFC 7541, 4.1).
const ENTRY_BYTES: usize = 32;

/// Size of the table before anybody says otherwise (RFC 9113, 6.5.2).
const DEFAULT_TABLE_BYTES: usize = 4_096;

/// Bytes of all fields of one block: a small block can name a large entry again and again.
const BLOCK_BYTES_MAX: usize = 4 * CAPTURE_HEAD_BYTES_MAX;

/// The state of one direction.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// The newest first.
    entries: VecDeque<(Vec<u8>, Vec<u8>)>,
    bytes: usize,
    bytes_max: usize,
}

/// The block makes no sense, and so does nothing after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

impl Default for Decoder {
    fn default() -> Self {
        Self { entries: VecDeque::new(), bytes: 0, bytes_max: DEFAULT_TABLE_BYTES }
    }
}

impl Decoder {
    /// Reads a header block and calls `field` with each name and value.
    ///
    /// # Errors
    /// When it is not HPACK, or past the bounds.
    pub(crate) fn decode(&mut self, mut block: &[u8], field: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), Broken> {
        let mut sum = 0;
        let mut bounded = |name: &[u8], value: &[u8]| {
            sum += name.len() + value.len();
            field(name, value);
            if sum > BLOCK_BYTES_MAX { Err(Broken) } else { Ok(()) }
        };
        while let Some(first) = block.first().copied() {
            if first & 0x80 != 0 {
                let (name, value) = self.entry(integer(&mut block, 7)?)?;
                bounded(name, value)?;
            } else if first & 0xe0 == 0x20 {
                let size = integer(&mut block, 5)?;
                if size > HPACK_TABLE_BYTES_MAX {
                    return Err(Broken);
                }
                self.bytes_max = size;
                self.evict();
            } else {
                let is_indexed = first & 0x40 != 0;
                let name = match integer(&mut block, if is_indexed { 6 } else { 4 })? {
                    0 => string(&mut block)?,
                    index => self.entry(index)?.0.to_vec(),
                };
                let value = string(&mut block)?;
                bounded(&name, &value)?;
                if is_indexed {
                    self.insert(name, value);
                }
            }
        }
        Ok(())
    }

    fn entry(&self, index: usize) -> Result<(&[u8], &[u8]), Broken> {
        let index = index.checked_sub(1).ok_or(Broken)?;
        if let Some((name, value)) = STATIC.get(index) {
            return Ok((name.as_bytes(), value.as_bytes()));
        }
        let (name, value) = self.entries.get(index - STATIC.len()).ok_or(Broken)?;
        Ok((name, value))
    }

    fn insert(&mut self, name: Vec<u8>, value: Vec<u8>) {
        self.bytes += name.len() + value.len() + ENTRY_BYTES;
        self.entries.push_front((name, value));
        self.evict();
    }

    fn evict(&mut self) {
        while self.bytes > self.bytes_max
            && let Some((name, value)) = self.entries.pop_back()
        {
            self.bytes -= name.len() + value.len() + ENTRY_BYTES;
        }
    }

    /// Bytes held.
    pub(crate) fn held(&self) -> usize {
        self.bytes
    }
}

/// An integer with a prefix of so many bits (RFC 7541, 5.1).
fn integer(block: &mut &[u8], prefix_bits: u32) -> Result<usize, Broken> {
    let mut next = || {
        let (first, rest) = block.split_first().ok_or(Broken)?;
        *block = rest;
        Ok(usize::from(*first))
    };
    let mask = (1 << prefix_bits) - 1;
    let mut value = next()? & mask;
    if value < mask {
        return Ok(value);
    }
    for shift in [0, 7, 14, 21] {
        let byte = next()?;
        value += (byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Broken)
}

/// A string, plain or Huffman-coded (RFC 7541, 5.2).
fn string(block: &mut &[u8]) -> Result<Vec<u8>, Broken> {
    let is_coded = block.first().is_some_and(|first| first & 0x80 != 0);
    let length = integer(block, 7)?;
    let (text, rest) = block.split_at_checked(length).ok_or(Broken)?;
    *block = rest;
    if is_coded { huffman::decode(text).ok_or(Broken) } else { Ok(text.to_vec()) }
}

/// RFC 7541, appendix A.
const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(decoder: &mut Decoder, hex: &str) -> Result<Vec<String>, Broken> {
        let digits: Vec<u8> = hex.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let block: Vec<u8> = digits.chunks(2).map(pair).collect();
        let mut fields = Vec::new();
        decoder.decode(&block, &mut |name, value| {
            fields.push(format!("{}: {}", String::from_utf8_lossy(name), String::from_utf8_lossy(value)));
        })?;
        Ok(fields)
    }

    #[test]
    fn the_examples_of_the_specification_are_read() {
        // RFC 7541, C.4: three requests of one connection, Huffman-coded.
        let mut decoder = Decoder::default();
        let first = fields(&mut decoder, "828684418cf1e3c2e5f23a6ba0ab90f4ff").unwrap();
        assert_eq!(first, [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"]);
        let second = fields(&mut decoder, "828684be5886a8eb10649cbf").unwrap();
        assert_eq!(second.get(3..).unwrap(), [":authority: www.example.com", "cache-control: no-cache"]);
        let third = fields(&mut decoder, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf").unwrap();
        assert_eq!(third.last().unwrap(), "custom-key: custom-value");
        assert_eq!(decoder.held(), 164);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for block in ["80", "c0", "ff", "3fffffff7f", "0085", "bfffffffffff"] {
            assert_eq!(fields(&mut Decoder::default(), block), Err(Broken), "{block}");
        }
    }

    #[test]
    fn the_table_shrinks_when_told() {
        let mut decoder = Decoder::default();
        fields(&mut decoder, "4001 61 01 62").unwrap();
        assert_eq!(decoder.held(), 34);
        fields(&mut decoder, "20").unwrap();
        assert_eq!(decoder.held(), 0);
        assert_eq!(fields(&mut decoder, "be"), Err(Broken));
    }
}
